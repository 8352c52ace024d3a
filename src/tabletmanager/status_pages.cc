// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/status_pages.h"

#include <algorithm>
#include <cctype>
#include <chrono>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace tessera::tabletmanager {

using http::Request;
using http::Response;
using mysqlconn::Pool;
using tabletserver::TabletServer;

namespace {

// What a page shows: the tablet, and since when it runs.
struct Subject {
  const TabletServer& server;
  Instant started;

  int64_t UptimeSeconds() const {
    const Duration up = Executor::Current().Now() - started;
    return std::chrono::duration_cast<std::chrono::seconds>(up).count();
  }
};

Task<Response> Healthz(const Subject&) { co_return Response::Text("ok"); }

Task<Response> Health(const Subject& subject) {
  const queryservice::Health& health = subject.server.health();
  if (health.serving) co_return Response::Text("ok");
  co_return Response::Status(500, "not serving: " + health.health_error + "\n");
}

Task<Response> Status(const Subject& subject) {
  const TabletServer& server = subject.server;
  const queryservice::Health& health = server.health();
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
      health.health_error, health.replication_lag_seconds, health.qps, server.stats().queries,
      server.stats().errors, server.consolidated(), server.stateful().transactions(),
      server.stats().transactions, server.stats().killed_transactions, server.stateful().size(),
      server.plans().size(), server.plans().hits(), server.plans().misses(),
      server.schema().schema().size());
  out += fmt::format("{:<14} {:>6} {:>6} {:>6} {:>8} {:>10} {:>8} {:>9}\n", "POOL", "SIZE",
                     "IN USE", "IDLE", "WAITING", "GETS", "WAITS", "TIMEOUTS");
  for (const Pool* const pool : server.pools()) {
    out += fmt::format("{:<14} {:>6} {:>6} {:>6} {:>8} {:>10} {:>8} {:>9}\n", pool->options().name,
                       pool->size(), pool->in_use(), pool->idle(), pool->waiting(),
                       pool->stats().gets, pool->stats().waits, pool->stats().timeouts);
  }
  co_return Response::Text(std::move(out));
}

// What Vitess calls the pool in its variables.
std::string VariableName(const Pool& pool) {
  const std::string& name = pool.options().name;
  if (name == "oltp") return "ConnPool";
  if (name == "olap") return "StreamConnPool";
  if (name == "transaction") return "TransactionPool";
  if (name == "found rows") return "FoundRowsPool";
  if (name == "settings") return "SettingsPool";
  return "DbaPool";
}

Task<Response> Vars(const Subject& subject) {
  const TabletServer& server = subject.server;
  const queryservice::Health& health = server.health();
  nlohmann::ordered_json out;
  out["TabletAlias"] = health.alias.ToString();
  out["TabletKeyspace"] = health.target.keyspace;
  out["TabletShard"] = health.target.shard;
  out["TabletType"] = keys::TabletTypeName(health.target.tablet_type);
  out["TabletStateName"] = health.serving ? "SERVING" : "NOT_SERVING";
  out["Uptime"] = subject.UptimeSeconds();
  out["QPS"] = health.qps;
  out["Queries"] = server.stats().queries;
  out["Errors"] = server.stats().errors;
  out["Transactions"] = server.stats().transactions;
  out["TransactionsOpen"] = server.stateful().transactions();
  out["Kills"] = {{"Transactions", server.stats().killed_transactions}};
  out["Consolidations"] = server.consolidated();
  out["QueryCacheLength"] = server.plans().size();
  out["QueryCacheHits"] = server.plans().hits();
  out["QueryCacheMisses"] = server.plans().misses();
  out["ReplicationLagSeconds"] = health.replication_lag_seconds;
  for (const Pool* const pool : server.pools()) {
    const std::string name = VariableName(*pool);
    out[name + "Capacity"] = pool->size();
    out[name + "InUse"] = pool->in_use();
    out[name + "Available"] = pool->size() - std::min(pool->size(), pool->in_use());
    out[name + "WaitCount"] = pool->stats().waits;
    out[name + "WaitTimeouts"] = pool->stats().timeouts;
  }
  co_return Response::Json(out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) +
                           "\n");
}

// A metric and one value of it.
void Append(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            uint64_t value) {
  out += fmt::format("# HELP vttablet_{0} {1}\n# TYPE vttablet_{0} {2}\nvttablet_{0} {3}\n", name,
                     help, type, value);
}

std::string Label(const Pool& pool) {
  std::string label = pool.options().name;
  std::replace(label.begin(), label.end(), ' ', '_');
  return label;
}

Task<Response> Metrics(const Subject& subject) {
  const TabletServer& server = subject.server;
  std::string out;
  Append(out, "serving", "gauge", "1 while queries are answered.", server.health().serving ? 1 : 0);
  Append(out, "queries", "counter", "Statements.", server.stats().queries);
  Append(out, "errors", "counter", "Statements that failed.", server.stats().errors);
  Append(out, "transactions", "counter", "Transactions begun.", server.stats().transactions);
  Append(out, "transactions_open", "gauge", "Transactions open.", server.stateful().transactions());
  Append(out, "transactions_killed", "counter", "Transactions over their time.",
         server.stats().killed_transactions);
  Append(out, "consolidations", "counter", "Reads answered by another's run.",
         server.consolidated());
  Append(out, "replication_lag_seconds", "gauge", "Lag behind the primary.",
         server.health().replication_lag_seconds);
  out += "# HELP vttablet_pool_in_use Connections in use.\n# TYPE vttablet_pool_in_use gauge\n";
  for (const Pool* const pool : server.pools())
    out += fmt::format("vttablet_pool_in_use{{pool=\"{}\"}} {}\n", Label(*pool), pool->in_use());
  out += "# HELP vttablet_pool_waits Waits for one.\n# TYPE vttablet_pool_waits counter\n";
  for (const Pool* const pool : server.pools())
    out +=
        fmt::format("vttablet_pool_waits{{pool=\"{}\"}} {}\n", Label(*pool), pool->stats().waits);
  Response response = Response::Text(std::move(out));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  co_return response;
}

using Page = Task<Response> (*)(const Subject&);

Task<Response> Show(Page page, const TabletServer* server, Instant started) {
  const Subject subject{*server, started};
  co_return co_await page(subject);
}

}  // namespace

void AddStatusPages(http::Router& pages, const TabletServer& server, Instant started) {
  const TabletServer* const tablet = &server;
  const auto add = [&pages, tablet, started](std::string path, Page page) {
    pages.Handle(std::move(path), [page, tablet, started](const Context&, const Request&) {
      return Show(page, tablet, started);
    });
  };
  add("/healthz", &Healthz);
  add("/debug/health", &Health);
  add("/debug/status", &Status);
  add("/debug/vars", &Vars);
  add("/metrics", &Metrics);
}

}  // namespace tessera::tabletmanager
