// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/status_pages.h"

#include <algorithm>
#include <cctype>
#include <chrono>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace tessera::tabletserver {

using http::Request;
using http::Response;

namespace {

// What a page shows: what the tablet does, and since when.
struct Subject {
  TabletStatus status;
  Instant started;

  int64_t UptimeSeconds() const {
    const Duration up = Executor::Current().Now() - started;
    return std::chrono::duration_cast<std::chrono::seconds>(up).count();
  }
};

Response Healthz(const Subject&) { return Response::Text("ok"); }

Response HealthPage(const Subject& subject) {
  const queryservice::Health& health = subject.status.health;
  if (health.serving) return Response::Text("ok");
  return Response::Status(500, "not serving: " + health.health_error + "\n");
}

Response Status(const Subject& subject) {
  const TabletStatus& server = subject.status;
  const queryservice::Health& health = server.health;
  std::string out = fmt::format(
      "tablet {}, {}/{} {}, up {} s\n"
      "{}{}{}, replication lag {} s, {:.1f} queries/s\n\n"
      "Statements     {} since start, {} failed, {} answered by another's run\n"
      "Transactions   {} open, {} since start, {} killed over their time\n"
      "Connections    {} held by clients (transactions and reserved)\n"
      "Plan cache     {} plans, {} hits, {} misses\n"
      "Schema         {} tables and views\n\n",
      health.alias.ToString(), health.target.keyspace, health.target.shard,
      keys::TabletTypeName(health.target.tablet_type), subject.UptimeSeconds(),
      health.serving ? "serving" : "not serving", health.health_error.empty() ? "" : ": ",
      health.health_error, health.replication_lag_seconds, health.qps, server.stats.queries,
      server.stats.errors, server.consolidated, server.transactions_open, server.stats.transactions,
      server.stats.killed_transactions, server.held, server.plans, server.plan_hits,
      server.plan_misses, server.tables);
  out += fmt::format("{:<14} {:>6} {:>6} {:>6} {:>8} {:>10} {:>8} {:>9}\n", "POOL", "SIZE",
                     "IN USE", "IDLE", "WAITING", "GETS", "WAITS", "TIMEOUTS");
  for (const PoolStatus& pool : server.pools) {
    out += fmt::format("{:<14} {:>6} {:>6} {:>6} {:>8} {:>10} {:>8} {:>9}\n", pool.name, pool.size,
                       pool.in_use, pool.idle, pool.waiting, pool.gets, pool.waits, pool.timeouts);
  }
  return Response::Text(std::move(out));
}

// What Vitess calls the pool in its variables.
std::string VariableName(const PoolStatus& pool) {
  const std::string& name = pool.name;
  if (name == "oltp") return "ConnPool";
  if (name == "olap") return "StreamConnPool";
  if (name == "transaction") return "TransactionPool";
  if (name == "found rows") return "FoundRowsPool";
  if (name == "settings") return "SettingsPool";
  return "DbaPool";
}

Response Vars(const Subject& subject) {
  const TabletStatus& server = subject.status;
  const queryservice::Health& health = server.health;
  nlohmann::ordered_json out;
  out["TabletAlias"] = health.alias.ToString();
  out["TabletKeyspace"] = health.target.keyspace;
  out["TabletShard"] = health.target.shard;
  out["TabletType"] = keys::TabletTypeName(health.target.tablet_type);
  out["TabletStateName"] = health.serving ? "SERVING" : "NOT_SERVING";
  out["Uptime"] = subject.UptimeSeconds();
  out["QPS"] = health.qps;
  out["Queries"] = server.stats.queries;
  out["Errors"] = server.stats.errors;
  out["Transactions"] = server.stats.transactions;
  out["TransactionsOpen"] = server.transactions_open;
  out["Kills"] = {{"Transactions", server.stats.killed_transactions}};
  out["QueryRules"] = {{"Refused", server.stats.guard.refused_by_rules},
                       {"Buffered", server.stats.guard.buffered_by_rules}};
  out["TableACLDenied"] = server.stats.guard.acl_denied;
  out["TableACLPseudoDenied"] = server.stats.guard.acl_pseudo_denied;
  out["TableACLExemptCount"] = server.stats.guard.acl_exempt;
  out["Consolidations"] = server.consolidated;
  out["QueryCacheLength"] = server.plans;
  out["QueryCacheHits"] = server.plan_hits;
  out["QueryCacheMisses"] = server.plan_misses;
  out["ReplicationLagSeconds"] = health.replication_lag_seconds;
  for (const PoolStatus& pool : server.pools) {
    const std::string name = VariableName(pool);
    out[name + "Capacity"] = pool.size;
    out[name + "InUse"] = pool.in_use;
    out[name + "Available"] = pool.size - std::min(pool.size, pool.in_use);
    out[name + "WaitCount"] = pool.waits;
    out[name + "WaitTimeouts"] = pool.timeouts;
  }
  return Response::Json(out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

// A metric and one value of it.
void Append(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            uint64_t value) {
  out += fmt::format("# HELP vttablet_{0} {1}\n# TYPE vttablet_{0} {2}\nvttablet_{0} {3}\n", name,
                     help, type, value);
}

std::string Label(const PoolStatus& pool) {
  std::string label = pool.name;
  std::replace(label.begin(), label.end(), ' ', '_');
  return label;
}

Response Metrics(const Subject& subject) {
  const TabletStatus& server = subject.status;
  std::string out;
  Append(out, "serving", "gauge", "1 while queries are answered.", server.health.serving ? 1 : 0);
  Append(out, "queries", "counter", "Statements.", server.stats.queries);
  Append(out, "errors", "counter", "Statements that failed.", server.stats.errors);
  Append(out, "transactions", "counter", "Transactions begun.", server.stats.transactions);
  Append(out, "transactions_open", "gauge", "Transactions open.", server.transactions_open);
  Append(out, "transactions_killed", "counter", "Transactions over their time.",
         server.stats.killed_transactions);
  Append(out, "consolidations", "counter", "Reads answered by another's run.", server.consolidated);
  Append(out, "replication_lag_seconds", "gauge", "Lag behind the primary.",
         server.health.replication_lag_seconds);
  out += "# HELP vttablet_pool_in_use Connections in use.\n# TYPE vttablet_pool_in_use gauge\n";
  for (const PoolStatus& pool : server.pools)
    out += fmt::format("vttablet_pool_in_use{{pool=\"{}\"}} {}\n", Label(pool), pool.in_use);
  out += "# HELP vttablet_pool_waits Waits for one.\n# TYPE vttablet_pool_waits counter\n";
  for (const PoolStatus& pool : server.pools)
    out += fmt::format("vttablet_pool_waits{{pool=\"{}\"}} {}\n", Label(pool), pool.waits);
  Response response = Response::Text(std::move(out));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

using Page = Response (*)(const Subject&);
using Read = std::function<Task<TabletStatus>()>;

Task<Response> Show(Page page, const Read& read, Instant started) {
  const TabletStatus status = co_await read();
  const Subject subject{status, started};
  co_return page(subject);
}

}  // namespace

void AddStatusPages(http::Router& pages, Read read, Instant started) {
  const auto add = [&pages, &read, started](std::string path, Page page) {
    pages.Handle(std::move(path), [page, read, started](const Context&, const Request&) {
      return Show(page, read, started);
    });
  };
  add("/healthz", &Healthz);
  add("/debug/health", &HealthPage);
  add("/debug/status", &Status);
  add("/debug/vars", &Vars);
  add("/metrics", &Metrics);
}

}  // namespace tessera::tabletserver
