// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/status_pages.h"

#include <chrono>
#include <map>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "runtime/loop_pool.h"

namespace tessera::vtgate {

using discovery::TabletHealth;
using http::Response;

namespace {

// The counters of one loop, or of all.
struct Counters {
  size_t executors = 0;
  ExecutorStats executor;
  uint64_t plan_hits = 0;
  uint64_t plan_misses = 0;
  uint64_t plans = 0;

  void Add(const Counters& other) {
    executors += other.executors;
    executor.queries += other.executor.queries;
    for (size_t i = 0; i < executor.errors.size(); ++i)
      executor.errors[i] += other.executor.errors[i];
    plan_hits += other.plan_hits;
    plan_misses += other.plan_misses;
    plans += other.plans;
  }
};

// On the loop whose numbers they are.
Task<Counters> ReadLoop(Executor* (*pick)()) {
  Counters out;
  const Executor* const executor = pick();
  if (executor == nullptr) co_return out;
  out.executors = 1;
  out.executor = executor->stats();
  out.plan_hits = executor->plans().hits();
  out.plan_misses = executor->plans().misses();
  out.plans = executor->plans().size();
  co_return out;
}

Task<Counters> ReadAll(const StatusSources& sources) {
  Counters out;
  for (runtime::Loop* const loop : sources.loops) {
    const auto read = [pick = sources.executor] { return ReadLoop(pick); };
    const Counters one = co_await runtime::RunOn(*loop, read);
    out.Add(one);
  }
  co_return out;
}

std::string TargetName(const TabletHealth& tablet) {
  return fmt::format("{}.{}.{}", tablet.tablet.keyspace, tablet.tablet.shard,
                     keys::TabletTypeName(tablet.tablet.type));
}

// Usable tablets by "keyspace.shard.type", as this loop sees them.
std::map<std::string, size_t> UsableTablets(const StatusSources& sources) {
  std::map<std::string, size_t> out;
  const Executor* const executor = sources.executor();
  if (executor == nullptr) return out;
  for (const std::shared_ptr<TabletHealth>& tablet : executor->health().All())
    out[TargetName(*tablet)] += tablet->usable() ? 1 : 0;
  return out;
}

int64_t UptimeSeconds(const StatusSources& sources) {
  const Duration up = tessera::Executor::Current().Now() - sources.started;
  return std::chrono::duration_cast<std::chrono::seconds>(up).count();
}

Task<Response> Healthz(const Context&, const StatusSources&) { co_return Response::Text("ok"); }

Task<Response> Health(const Context&, const StatusSources& sources) {
  const Counters counters = co_await ReadAll(sources);
  if (counters.executors == sources.loops.size()) co_return Response::Text("ok");
  co_return Response::Status(500, fmt::format("not serving: {} of {} loops are up\n",
                                              counters.executors, sources.loops.size()));
}

std::string StateOf(const TabletHealth& tablet) {
  if (!tablet.up) return "no health stream";
  if (!tablet.health.health_error.empty()) return "unhealthy";
  return tablet.health.serving ? "serving" : "not serving";
}

void AppendTablets(std::string& out, const Executor& executor) {
  constexpr std::string_view kRow = "{:<20} {:<28} {:<18} {:>7} {:>9}  {}\n";
  out += fmt::format(fmt::runtime(kRow), "TABLET", "KEYSPACE.SHARD.TYPE", "STATE", "LAG s", "QPS",
                     "WHY");
  for (const std::shared_ptr<TabletHealth>& tablet : executor.health().All()) {
    const std::string& why =
        tablet->health.health_error.empty() ? tablet->last_error : tablet->health.health_error;
    out += fmt::format(fmt::runtime(kRow), tablet->tablet.alias.ToString(), TargetName(*tablet),
                       StateOf(*tablet), tablet->health.replication_lag_seconds,
                       fmt::format("{:.1f}", tablet->health.qps), tablet->usable() ? "" : why);
  }
}

Task<Response> Status(const Context&, const StatusSources& sources) {
  const Counters counters = co_await ReadAll(sources);
  uint64_t failed = 0;
  for (const uint64_t count : counters.executor.errors) failed += count;
  std::string out = fmt::format(
      "vtgate of cell {}, version {}, up {} s, {} loops\n\n"
      "MySQL connections   {} open, {} since start, {} logins refused\n"
      "gRPC connections    {} open\n"
      "Statements          {} since start, {} failed\n"
      "Plan cache          {} plans, {} hits, {} misses\n\n",
      sources.cell, sources.version, UptimeSeconds(sources), sources.loops.size(),
      sources.mysql->open.load(), sources.mysql->accepted.load(), sources.mysql->refused.load(),
      sources.grpc_connections(), counters.executor.queries, failed, counters.plans,
      counters.plan_hits, counters.plan_misses);
  const Executor* const executor = sources.executor();
  if (executor != nullptr) AppendTablets(out, *executor);
  co_return Response::Text(std::move(out));
}

Task<Response> Vars(const Context&, const StatusSources& sources) {
  const Counters counters = co_await ReadAll(sources);
  nlohmann::ordered_json out;
  out["BuildVersion"] = sources.version;
  out["Uptime"] = UptimeSeconds(sources);
  out["QueriesProcessed"] = counters.executor.queries;
  nlohmann::ordered_json errors = nlohmann::ordered_json::object();
  for (size_t code = 0; code < counters.executor.errors.size(); ++code) {
    if (counters.executor.errors[code] != 0)
      errors[std::string(CodeName(static_cast<Code>(code)))] = counters.executor.errors[code];
  }
  out["VtgateApiErrorCounts"] = errors;
  out["QueryPlanCacheHits"] = counters.plan_hits;
  out["QueryPlanCacheMisses"] = counters.plan_misses;
  out["QueryPlanCacheLength"] = counters.plans;
  out["MysqlServerConnCount"] = sources.mysql->open.load();
  out["MysqlServerConnAccepted"] = sources.mysql->accepted.load();
  out["MysqlServerConnRefused"] = sources.mysql->refused.load();
  out["MysqlServerConnSlow"] = sources.mysql->slow.load();
  out["MysqlServerCommands"] = sources.mysql->commands.load();
  out["GrpcServerConnCount"] = sources.grpc_connections();
  out["HealthcheckConnections"] = UsableTablets(sources);
  co_return Response::Json(out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) +
                           "\n");
}

void AppendMetric(std::string& out, std::string_view name, std::string_view type,
                  std::string_view help, uint64_t value) {
  out += fmt::format("# HELP vtgate_{0} {1}\n# TYPE vtgate_{0} {2}\nvtgate_{0} {3}\n", name, help,
                     type, value);
}

Task<Response> Metrics(const Context&, const StatusSources& sources) {
  const Counters counters = co_await ReadAll(sources);
  std::string out;
  AppendMetric(out, "queries_processed", "counter", "Statements.", counters.executor.queries);
  out += "# HELP vtgate_vtgate_api_error_counts Statements that failed.\n";
  out += "# TYPE vtgate_vtgate_api_error_counts counter\n";
  for (size_t code = 0; code < counters.executor.errors.size(); ++code) {
    if (counters.executor.errors[code] == 0) continue;
    out += fmt::format("vtgate_vtgate_api_error_counts{{code=\"{}\"}} {}\n",
                       CodeName(static_cast<Code>(code)), counters.executor.errors[code]);
  }
  AppendMetric(out, "query_plan_cache_hits", "counter", "Plans found.", counters.plan_hits);
  AppendMetric(out, "query_plan_cache_misses", "counter", "Plans made.", counters.plan_misses);
  AppendMetric(out, "query_plan_cache_length", "gauge", "Plans kept.", counters.plans);
  AppendMetric(out, "mysql_server_conn_count", "gauge", "Open MySQL connections.",
               static_cast<uint64_t>(std::max<int64_t>(0, sources.mysql->open.load())));
  AppendMetric(out, "mysql_server_conn_accepted", "counter", "MySQL connections since start.",
               sources.mysql->accepted.load());
  AppendMetric(out, "grpc_server_conn_count", "gauge", "Open gRPC connections.",
               sources.grpc_connections());
  out += "# HELP vtgate_healthcheck_connections Tablets that can be asked.\n";
  out += "# TYPE vtgate_healthcheck_connections gauge\n";
  for (const auto& [target, usable] : UsableTablets(sources))
    out += fmt::format("vtgate_healthcheck_connections{{target=\"{}\"}} {}\n", target, usable);
  Response response = Response::Text(std::move(out));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  co_return response;
}

using Page = Task<Response> (*)(const Context&, const StatusSources&);

}  // namespace

void AddStatusPages(http::Router& pages, const StatusSources& sources) {
  const StatusSources* const from = &sources;
  const auto add = [&pages, from](std::string path, Page page) {
    pages.Handle(std::move(path), [page, from](const Context& ctx, const http::Request&) {
      return page(ctx, *from);
    });
  };
  add("/healthz", &Healthz);
  add("/debug/health", &Health);
  add("/debug/status", &Status);
  add("/debug/vars", &Vars);
  add("/metrics", &Metrics);
}

}  // namespace tessera::vtgate
