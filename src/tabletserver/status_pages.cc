// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/status_pages.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/core.h>

#include "pages/query_log_pages.h"
#include "runtime/loop_pool.h"
#include "sqlparser/split.h"
#include "tabletserver/tablet_status.h"

namespace tessera::tabletserver {

using http::Request;
using http::Response;
using pages::Html;
using pages::Role;
using stats::Families;

namespace {

constexpr size_t kMostPlans = 500;

struct PlanRow {
  std::string sql;
  PlanType type = PlanType::kOtherRead;
  TableCounts use;
};

// What one loop's server tells: a copy that may cross threads.
struct Report {
  TabletStatus status;
  Families families;
  std::vector<RecentError> errors;
  std::vector<StateChange> states;
};

Task<Report> ReportHere(const TabletServer* server) {
  Report out;
  out.status = StatusOf(*server);
  out.families = server->query_stats().Families();
  const auto& errors = server->query_stats().recent_errors();
  out.errors.assign(errors.begin(), errors.end());
  const auto& states = server->query_stats().states();
  out.states.assign(states.begin(), states.end());
  co_return out;
}

Task<Report> ReadAll(const TabletSources& sources) {
  Report all;
  bool first = true;
  for (const TabletPlace& place : sources.places) {
    const auto read = [server = place.server] { return ReportHere(server); };
    Report one = co_await runtime::RunOn(*place.loop, read);
    if (std::exchange(first, false)) {
      all = std::move(one);
      continue;
    }
    all.status.Add(one.status);
    stats::Merge(all.families, one.families);
    all.errors.insert(all.errors.end(), one.errors.begin(), one.errors.end());
  }
  std::stable_sort(all.errors.begin(), all.errors.end(),
                   [](const RecentError& a, const RecentError& b) { return a.at > b.at; });
  co_return all;
}

Task<std::vector<PlanRow>> PlansHere(const TabletServer* server) {
  std::vector<PlanRow> out;
  for (const std::shared_ptr<const Plan>& plan : server->plans().plans()) {
    if (out.size() >= kMostPlans) break;
    out.push_back({plan->text.sql(), plan->type, plan->use});
  }
  co_return out;
}

Task<std::vector<PlanRow>> AllPlans(const TabletSources& sources) {
  std::map<std::string, PlanRow> merged;
  for (const TabletPlace& place : sources.places) {
    const auto read = [server = place.server] { return PlansHere(server); };
    const std::vector<PlanRow> rows = co_await runtime::RunOn(*place.loop, read);
    for (const PlanRow& row : rows) {
      const auto [at, fresh] = merged.try_emplace(row.sql, row);
      if (fresh) continue;
      TableCounts& use = at->second.use;
      use.queries += row.use.queries;
      use.errors += row.use.errors;
      use.rows_returned += row.use.rows_returned;
      use.rows_affected += row.use.rows_affected;
      use.time += row.use.time;
    }
  }
  std::vector<PlanRow> out;
  for (auto& [sql, row] : merged) out.push_back(std::move(row));
  std::stable_sort(out.begin(), out.end(),
                   [](const PlanRow& a, const PlanRow& b) { return a.use.time > b.use.time; });
  co_return out;
}

std::string Trouble(const Report& report) {
  const queryservice::Health& health = report.status.health;
  if (health.serving) return {};
  return health.health_error.empty() ? "it was told not to" : health.health_error;
}

// What Vitess calls the pool in its variables.
std::string VariableName(const PoolStatus& pool) {
  const std::string& name = pool.name;
  if (name == "oltp") return "ConnPool";
  if (name == "olap") return "StreamConnPool";
  if (name == "transaction") return "TransactionPool";
  if (name == "found rows") return "FoundRowsPool";
  if (name == "settings") return "SettingsPool";
  if (name == "dba") return "DbaPool";
  return "SettingsFoundRowsPool";
}

double Number(uint64_t value) { return static_cast<double>(value); }

void AddPools(const std::vector<PoolStatus>& pools, Families& out) {
  for (const PoolStatus& pool : pools) {
    const std::string name = VariableName(pool);
    out.push_back(stats::Gauge(name + "Capacity", "Most connections.", Number(pool.size)));
    out.push_back(stats::Gauge(name + "InUse", "Connections in use.", Number(pool.in_use)));
    out.push_back(stats::Gauge(name + "Active", "Connections that are open.",
                               Number(pool.in_use + pool.idle)));
    out.push_back(stats::Gauge(name + "Available", "Connections that could be had.",
                               Number(pool.size - std::min(pool.size, pool.in_use))));
    out.push_back(stats::Gauge(name + "Waiting", "Requests that wait.", Number(pool.waiting)));
    out.push_back(stats::Counter(name + "Gets", "Connections handed out.", Number(pool.gets)));
    out.push_back(stats::Counter(name + "WaitCount", "Waits.", Number(pool.waits)));
    out.push_back(stats::Counter(name + "WaitTime", "Nanoseconds of waiting.",
                                 Number(static_cast<uint64_t>(pool.wait_time.count()))));
    out.push_back(stats::Counter(name + "WaitTimeouts", "Waits in vain.", Number(pool.timeouts)));
    out.push_back(
        stats::Counter(name + "IdleClosed", "Closed for being idle.", Number(pool.closed_idle)));
  }
}

void AddState(const TabletStatus& server, Families& out) {
  const queryservice::Health& health = server.health;
  const std::string type(keys::TabletTypeName(health.target.tablet_type));
  const std::string name = health.serving ? "SERVING" : "NOT_SERVING";
  out.push_back(stats::Text("TabletAlias", health.alias.ToString()));
  out.push_back(stats::Text("TabletKeyspace", health.target.keyspace));
  out.push_back(stats::Text("TabletShard", health.target.shard));
  out.push_back(stats::Text("TabletType", type));
  out.push_back(stats::Text("TabletStateName", name));
  out.push_back(stats::Gauge("TabletState", "2 while it serves, 1 while it does not.",
                             health.serving ? 2 : 1));
  stats::Family state = stats::Labelled("TabletServerState", stats::Kind::kGauge,
                                        "1 for the state the tablet is in.", {"name"});
  stats::AddSample(state, {name}, 1);
  out.push_back(std::move(state));
  stats::Family types = stats::Labelled("TabletTypeCount", stats::Kind::kGauge,
                                        "1 for the type the tablet is.", {"type"});
  stats::AddSample(types, {type}, 1);
  out.push_back(std::move(types));
  out.push_back(stats::Gauge("ReplicationLagSeconds", "Lag behind the primary.",
                             Number(health.replication_lag_seconds)));
}

void AddHotRows(const HotRowStats& rows, Families& out) {
  const auto by_table = [&out](std::string name, std::string help,
                               const std::map<std::string, uint64_t>& counts) {
    stats::Family family =
        stats::Labelled(std::move(name), stats::Kind::kCounter, std::move(help), {"table_name"});
    for (const auto& [table, count] : counts) stats::AddSample(family, {table}, Number(count));
    out.push_back(std::move(family));
  };
  by_table("TxSerializerWaits", "Transactions that waited for a hot row.", rows.waits);
  by_table("TxSerializerWaitsDryRun", "Transactions that would have waited.", rows.waits_dry_run);
  by_table("TxSerializerQueueExceeded", "Transactions refused: a row's line was too long.",
           rows.exceeded);
  by_table("TxSerializerQueueExceededDryRun", "Transactions that would have been refused.",
           rows.exceeded_dry_run);
  out.push_back(stats::Counter("TxSerializerGlobalQueueExceeded",
                               "Transactions refused: all lines together were too long.",
                               Number(rows.global_exceeded)));
  out.push_back(stats::Counter("TxSerializerGlobalQueueExceededDryRun",
                               "Transactions that would have been refused.",
                               Number(rows.global_exceeded_dry_run)));
}

void AddCounters(const TabletStatus& server, Families& out) {
  stats::Family kills =
      stats::Labelled("Kills", stats::Kind::kCounter, "What ran out of time.", {"query_type"});
  stats::AddSample(kills, {"Transactions"}, Number(server.stats.killed_transactions));
  out.push_back(std::move(kills));
  stats::Family rules = stats::Labelled("QueryRules", stats::Kind::kCounter,
                                        "Statements that rules stopped.", {"action"});
  stats::AddSample(rules, {"Refused"}, Number(server.stats.guard.refused_by_rules));
  stats::AddSample(rules, {"Buffered"}, Number(server.stats.guard.buffered_by_rules));
  out.push_back(std::move(rules));
  const auto counter = [&out](std::string name, std::string help, uint64_t value) {
    out.push_back(stats::Counter(std::move(name), std::move(help), Number(value)));
  };
  counter("TableACLDenied", "Refused by the table ACL.", server.stats.guard.acl_denied);
  counter("TableACLPseudoDenied", "Would be, but for the dry run.",
          server.stats.guard.acl_pseudo_denied);
  counter("TableACLExemptCount", "Not asked by the table ACL.", server.stats.guard.acl_exempt);
  counter("Consolidations", "Reads answered by another's run.", server.consolidated);
  counter("TransactionsBegun", "Transactions begun.", server.stats.transactions);
  counter("QueryEnginePlanCacheHits", "Plans found.", server.plan_hits);
  counter("QueryEnginePlanCacheMisses", "Plans made.", server.plan_misses);
  const auto gauge = [&out](std::string name, std::string help, size_t value) {
    out.push_back(stats::Gauge(std::move(name), std::move(help), Number(value)));
  };
  gauge("QueryEnginePlanCacheLength", "Plans kept.", server.plans);
  gauge("TransactionsOpen", "Transactions open.", server.transactions_open);
  gauge("StatefulConnections", "Connections held by clients.", server.held);
  gauge("SchemaTables", "Tables and views.", server.tables);
}

Task<Families> AllFamilies(const TabletSources& sources) {
  Report report = co_await ReadAll(sources);
  Families out;
  AddState(report.status, out);
  out.insert(out.end(), report.families.begin(), report.families.end());
  AddCounters(report.status, out);
  AddHotRows(report.status.hot_rows, out);
  AddPools(report.status.pools, out);
  co_return out;
}

std::string TimeText(int64_t unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc);
  return text;
}

void AppendPools(const std::vector<PoolStatus>& pools, Html& body) {
  std::vector<Html::Row> rows;
  for (const PoolStatus& pool : pools) {
    rows.push_back({pool.name, std::to_string(pool.size), std::to_string(pool.in_use),
                    std::to_string(pool.idle), std::to_string(pool.waiting),
                    std::to_string(pool.gets), std::to_string(pool.waits),
                    std::to_string(pool.timeouts)});
  }
  body.Heading("Pools");
  body.Table({"Pool", "Size", "In use", "Idle", "Waiting", "Gets", "Waits", "Timeouts"}, rows);
}

// Errors and their statements tell values of rows, and so do as the log's pages do.
void AppendErrors(const TabletSources& sources, const std::vector<RecentError>& errors,
                  Html& body) {
  const bool redact = sources.query_log != nullptr && *sources.query_log->flags().redact_pages;
  std::vector<Html::Row> rows;
  for (const RecentError& error : errors) {
    rows.push_back({TimeText(error.at), std::string(CodeName(error.code)), RedactSql(error.sql),
                    redact ? std::string() : error.message});
  }
  body.Heading("Recent errors");
  body.Table({"When", "Code", "Statement", "Error"}, rows, "None.");
}

Task<Html> Status(const TabletSources& sources) {
  const Report report = co_await ReadAll(sources);
  const TabletStatus& server = report.status;
  const queryservice::Health& health = server.health;
  Html body;
  body.Facts(
      {{"Tablet", health.alias.ToString()},
       {"Keyspace and shard", health.target.keyspace + "/" + health.target.shard},
       {"Type", std::string(keys::TabletTypeName(health.target.tablet_type))},
       {"Replication lag", fmt::format("{} s", health.replication_lag_seconds)},
       {"Statements",
        fmt::format("{} since start, {} failed, {} answered by another's run, {:.1f} a second",
                    server.stats.queries, server.stats.errors, server.consolidated, health.qps)},
       {"Transactions",
        fmt::format("{} open, {} since start, {} killed over their time", server.transactions_open,
                    server.stats.transactions, server.stats.killed_transactions)},
       {"Held connections", std::to_string(server.held)},
       {"Plan cache", fmt::format("{} plans, {} hits, {} misses", server.plans, server.plan_hits,
                                  server.plan_misses)},
       {"Schema", fmt::format("{} tables and views", server.tables)}});
  AppendPools(server.pools, body);
  std::vector<Html::Row> states;
  for (auto at = report.states.rbegin(); at != report.states.rend(); ++at) {
    states.push_back({TimeText(at->at), std::string(keys::TabletTypeName(at->type)),
                      at->serving ? "serving" : "not serving", at->why});
  }
  body.Heading("State");
  body.Table({"Since", "Type", "State", "Why"}, states, "Nothing has changed yet.");
  AppendErrors(sources, report.errors, body);
  co_return body;
}

Task<std::string> TroubleOf(const TabletSources& sources) {
  const Report report = co_await ReadAll(sources);
  co_return Trouble(report);
}

std::string Milliseconds(std::chrono::nanoseconds time) {
  return fmt::format("{:.3f}", std::chrono::duration<double, std::milli>(time).count());
}

std::string Shown(const TabletSources& sources, const std::string& sql) {
  return sources.query_log == nullptr ? sql : sources.query_log->ForPages(sql);
}

Task<Response> Queryz(const TabletSources& sources) {
  const std::vector<PlanRow> plans = co_await AllPlans(sources);
  std::vector<Html::Row> rows;
  for (const PlanRow& plan : plans) {
    const TableCounts& use = plan.use;
    const auto runs = static_cast<int64_t>(use.queries);
    rows.push_back({Shown(sources, plan.sql), std::string(FirstTable(plan.sql)),
                    std::string(PlanTypeName(plan.type)), std::to_string(use.queries),
                    Milliseconds(use.time), runs == 0 ? "" : Milliseconds(use.time / runs),
                    std::to_string(use.rows_returned), std::to_string(use.rows_affected),
                    std::to_string(use.errors)});
  }
  Html body;
  body.Table({"Query", "Table", "Plan", "Runs", "Time ms", "Per run ms", "Rows given",
              "Rows changed", "Errors"},
             rows, "No plan is kept yet: statements as clients write them are not kept.");
  co_return Response::Html(pages::Document("Statements by plan, the costliest first", body));
}

Task<Response> QueryPlans(const TabletSources& sources) {
  const std::vector<PlanRow> plans = co_await AllPlans(sources);
  std::string out = fmt::format("{} plans\n", plans.size());
  for (const PlanRow& plan : plans) {
    out += fmt::format("\n{} {}\n{}\n", PlanTypeName(plan.type), FirstTable(plan.sql),
                       Shown(sources, plan.sql));
  }
  co_return Response::Text(std::move(out));
}

using Counted = std::vector<std::pair<std::string, uint64_t>>;

Task<Counted> JoinsHere(const TabletServer* server) {
  const auto& joins = server->consolidator().joins();
  co_return Counted(joins.begin(), joins.end());
}

Task<Counted> HotRowsHere(const TabletServer* server) {
  const auto& seen = server->hot_rows().seen();
  co_return Counted(seen.begin(), seen.end());
}

// How often what was counted, over all loops, the most first. Vitess's form.
Response CountedPage(const std::map<std::string, uint64_t>& merged) {
  Counted rows(merged.begin(), merged.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out = fmt::format("Length: {}\n", rows.size());
  for (const auto& [text, count] : rows) out += fmt::format("{}: {}\n", count, text);
  return Response::Text(std::move(out));
}

Task<Response> Consolidations(const TabletSources& sources) {
  std::map<std::string, uint64_t> merged;
  for (const TabletPlace& place : sources.places) {
    const auto read = [server = place.server] { return JoinsHere(server); };
    const Counted joins = co_await runtime::RunOn(*place.loop, read);
    for (const auto& [sql, count] : joins) merged[Shown(sources, sql)] += count;
  }
  co_return CountedPage(merged);
}

// Keys begin with a table, which no statement does: as one that selects from it they are read.
std::string ShownKey(const TabletSources& sources, const std::string& key) {
  constexpr std::string_view kBefore = "select * from ";
  const std::string shown = Shown(sources, std::string(kBefore) + key);
  const size_t from = shown.find(" from ");
  return from == std::string::npos ? shown : shown.substr(from + 6);
}

Task<Response> HotRowsPage(const TabletSources& sources) {
  std::map<std::string, uint64_t> merged;
  for (const TabletPlace& place : sources.places) {
    const auto read = [server = place.server] { return HotRowsHere(server); };
    const Counted seen = co_await runtime::RunOn(*place.loop, read);
    for (const auto& [key, count] : seen) merged[ShownKey(sources, key)] += count;
  }
  co_return CountedPage(merged);
}

Task<std::vector<Html::Row>> SchemaHere(const TabletServer* server) {
  std::vector<Html::Row> rows;
  for (const auto& [name, table] : server->schema().schema()) {
    std::string columns;
    for (const SchemaColumn& column : table->columns)
      columns += (columns.empty() ? "" : ", ") + column.name + " " + column.type;
    std::string key;
    for (const std::string& column : table->primary_key) key += (key.empty() ? "" : ", ") + column;
    rows.push_back({name, table->is_view ? "view" : "table", columns, key});
  }
  co_return rows;
}

Task<Response> Schemaz(const TabletSources& sources) {
  const TabletPlace& place = sources.places.front();
  const auto read = [server = place.server] { return SchemaHere(server); };
  const std::vector<Html::Row> rows = co_await runtime::RunOn(*place.loop, read);
  Html body;
  body.Table({"Name", "Kind", "Columns", "Primary key"}, rows, "There are no tables.");
  co_return Response::Html(pages::Document("Tables as the tablet knows them", body));
}

}  // namespace

std::string RedactSql(std::string_view sql) { return sqlparser::Redact(sql); }

std::unique_ptr<pages::Pages> MakeStatusPages(const TabletSources& sources) {
  const TabletSources* const from = &sources;
  pages::Subject subject;
  subject.program = sources.program;
  const Config& config = sources.places.front().server->config();
  subject.title = sources.program == "vttablet"
                      ? fmt::format("vttablet {}", config.alias.ToString())
                      : fmt::format("{} of database {}", sources.program, config.db_name);
  subject.version = sources.version;
  subject.started = sources.started;
  subject.flags = sources.flags;
  subject.policy = sources.policy;
  subject.trouble = [from] { return TroubleOf(*from); };
  subject.families = [from] { return AllFamilies(*from); };
  subject.status = [from] { return Status(*from); };
  // As Vitess's tablets sample it: for a quarter of an hour.
  subject.counters = subject.families;
  subject.rates = {{"QPS", "Statements a second.", "Queries", ""}};
  subject.rate_interval = std::chrono::seconds(5);
  subject.rate_samples = 180;
  auto made = std::make_unique<pages::Pages>(std::move(subject));
  using Page = Task<Response> (*)(const TabletSources&);
  for (const auto& [path, summary, page] :
       {std::tuple<std::string, std::string, Page>(
            "/debug/queryz", "statements by plan: runs, time, rows, errors", &Queryz),
        {"/debug/query_plans", "the plans that are kept", &QueryPlans},
        {"/debug/consolidations", "reads that shared a run, and how often", &Consolidations},
        {"/debug/hotrows", "rows that several transactions wanted at once, and how often",
         &HotRowsPage},
        {"/debug/schemaz", "the tables of the database", &Schemaz}}) {
    made->Add(path, Role::kDebugging, summary,
              [from, page = page](const Context&, const Request&) { return page(*from); });
  }
  if (sources.query_log != nullptr) pages::AddQueryLogPages(*made, *sources.query_log);
  return made;
}

}  // namespace tessera::tabletserver
