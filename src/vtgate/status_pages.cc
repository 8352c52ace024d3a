// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/status_pages.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "pages/query_log_pages.h"
#include "runtime/loop_pool.h"
#include "sqlparser/split.h"

namespace tessera::vtgate {

using discovery::TabletHealth;
using http::Request;
using http::Response;
using pages::Html;
using pages::Role;
using stats::Families;

namespace {

constexpr size_t kMostPlans = 500;

// A plan of one loop, or of all.
struct PlanRow {
  std::string sql;
  std::string target;
  PlanShape shape = PlanShape::kUnknown;
  planner::PlanUse use;
  std::string description;
};

// On the loop whose numbers they are.
Task<Families> FamiliesHere(Executor* (*pick)()) {
  Families out;
  const Executor* const executor = pick();
  if (executor == nullptr) co_return out;
  out = executor->stats().Families();
  const PlanCache& plans = executor->plans();
  out.push_back(
      stats::Counter("QueryPlanCacheHits", "Plans found.", static_cast<double>(plans.hits())));
  out.push_back(
      stats::Counter("QueryPlanCacheMisses", "Plans made.", static_cast<double>(plans.misses())));
  out.push_back(
      stats::Gauge("QueryPlanCacheLength", "Plans kept.", static_cast<double>(plans.size())));
  out.push_back(stats::Gauge("QueryPlanCacheCapacity", "Most plans that are kept.",
                             static_cast<double>(plans.capacity())));
  out.push_back(stats::Counter("QueriesProcessed", "Statements.",
                               static_cast<double>(executor->stats().queries())));
  co_return out;
}

Task<std::vector<PlanRow>> PlansHere(Executor* (*pick)(), bool describe) {
  std::vector<PlanRow> out;
  const Executor* const executor = pick();
  if (executor == nullptr) co_return out;
  for (const PlanCache::Entry& entry : executor->plans().entries()) {
    if (out.size() >= kMostPlans) break;
    PlanRow& row = out.emplace_back();
    const PlanKey key = PlanKey::Read(entry.key);
    row.sql = key.sql;
    row.target = fmt::format("{}@{}{}", key.keyspace, keys::TabletTypeName(key.tablet_type),
                             key.destination);
    row.use = entry.plan->use;
    row.shape = static_cast<PlanShape>(row.use.shape);
    if (describe) row.description = entry.plan->root->Describe().ToJson();
  }
  co_return out;
}

Task<size_t> ExecutorsUp(const StatusSources& sources) {
  size_t up = 0;
  for (runtime::Loop* const loop : sources.loops) {
    const auto read = [pick = sources.executor]() -> Task<bool> { co_return pick() != nullptr; };
    const bool here = co_await runtime::RunOn(*loop, read);
    up += here ? 1 : 0;
  }
  co_return up;
}

Task<std::string> Trouble(const StatusSources& sources) {
  const size_t up = co_await ExecutorsUp(sources);
  if (up == sources.loops.size()) co_return std::string();
  co_return fmt::format("{} of {} loops are up", up, sources.loops.size());
}

std::string TargetName(const TabletHealth& tablet) {
  return fmt::format("{}.{}.{}", tablet.tablet.keyspace, tablet.tablet.shard,
                     keys::TabletTypeName(tablet.tablet.type));
}

// Usable tablets by keyspace, shard and type, as this loop sees them.
stats::Family UsableTablets(const StatusSources& sources) {
  stats::Family out =
      stats::Labelled("HealthcheckConnections", stats::Kind::kGauge, "Tablets that can be asked.",
                      {"Keyspace", "ShardName", "TabletType"});
  const Executor* const executor = sources.executor();
  if (executor == nullptr) return out;
  std::map<std::vector<std::string>, double> usable;
  for (const std::shared_ptr<TabletHealth>& tablet : executor->health().All())
    usable[{tablet->tablet.keyspace, tablet->tablet.shard,
            std::string(keys::TabletTypeName(tablet->tablet.type))}] += tablet->usable() ? 1 : 0;
  for (const auto& [labels, count] : usable) stats::AddSample(out, labels, count);
  return out;
}

void AddConnections(const StatusSources& sources, Families& out) {
  const mysqlconn::ServerStats& mysql = *sources.mysql;
  const auto number = [](const auto& value) { return static_cast<double>(value.load()); };
  out.push_back(stats::Gauge("MysqlServerConnCount", "Open MySQL connections.",
                             std::max(0.0, number(mysql.open))));
  out.push_back(stats::Counter("MysqlServerConnAccepted", "MySQL connections since the start.",
                               number(mysql.accepted)));
  out.push_back(
      stats::Counter("MysqlServerConnRefused", "Logins that failed.", number(mysql.refused)));
  out.push_back(
      stats::Counter("MysqlServerConnSlow", "Logins that took too long.", number(mysql.slow)));
  out.push_back(
      stats::Counter("MysqlServerCommands", "Commands of MySQL clients.", number(mysql.commands)));
  out.push_back(stats::Gauge("GrpcServerConnCount", "Open gRPC connections.",
                             static_cast<double>(sources.grpc_connections())));
}

Task<Families> LoopFamilies(const StatusSources& sources) {
  Families out;
  for (runtime::Loop* const loop : sources.loops) {
    const auto read = [pick = sources.executor] { return FamiliesHere(pick); };
    const Families one = co_await runtime::RunOn(*loop, read);
    stats::Merge(out, one);
  }
  co_return out;
}

Task<Families> AllFamilies(const StatusSources& sources) {
  Families out = co_await LoopFamilies(sources);
  AddConnections(sources, out);
  out.push_back(UsableTablets(sources));
  co_return out;
}

// By Vitess's names, and as it samples them: a minute each, for a quarter of an hour.
std::vector<stats::RateOf> RatesOfGate() {
  std::vector<stats::RateOf> out;
  for (const char* const label : {"Operation", "Keyspace", "DbType"}) {
    out.push_back({fmt::format("QPSBy{}", label), "Statements a second.", "VtgateApi", label});
    out.push_back(
        {fmt::format("ErrorsBy{}", label), "Errors a second.", "VtgateApiErrorCounts", label});
  }
  out.push_back({"ErrorsByCode", "Errors a second.", "VtgateApiErrorCounts", "Code"});
  return out;
}

Task<std::vector<PlanRow>> AllPlans(const StatusSources& sources, bool describe) {
  std::map<std::pair<std::string, std::string>, PlanRow> merged;
  for (runtime::Loop* const loop : sources.loops) {
    const auto read = [pick = sources.executor, describe] { return PlansHere(pick, describe); };
    const std::vector<PlanRow> rows = co_await runtime::RunOn(*loop, read);
    for (const PlanRow& row : rows) {
      const auto [at, fresh] = merged.try_emplace({row.target, row.sql}, row);
      if (fresh) continue;
      planner::PlanUse& use = at->second.use;
      use.runs += row.use.runs;
      use.errors += row.use.errors;
      use.rows += row.use.rows;
      use.time += row.use.time;
    }
  }
  std::vector<PlanRow> out;
  for (auto& [key, row] : merged) out.push_back(std::move(row));
  std::stable_sort(out.begin(), out.end(),
                   [](const PlanRow& a, const PlanRow& b) { return a.use.time > b.use.time; });
  co_return out;
}

std::string Milliseconds(std::chrono::nanoseconds time) {
  return fmt::format("{:.3f}", std::chrono::duration<double, std::milli>(time).count());
}

std::string PerRun(std::chrono::nanoseconds time, uint64_t runs) {
  return runs == 0 ? std::string() : Milliseconds(time / static_cast<int64_t>(runs));
}

// Texts of DDL statements are kept as they came, so that all go through the log's redaction.
std::string Shown(const StatusSources& sources, const std::string& sql) {
  return sources.query_log == nullptr ? sql : sources.query_log->ForPages(sql);
}

Task<Response> Queryz(const StatusSources& sources) {
  const std::vector<PlanRow> plans = co_await AllPlans(sources, false);
  std::vector<Html::Row> rows;
  for (const PlanRow& plan : plans) {
    const planner::PlanUse& use = plan.use;
    rows.push_back({Shown(sources, plan.sql), plan.target, std::string(PlanShapeName(plan.shape)),
                    std::to_string(use.runs), Milliseconds(use.time), PerRun(use.time, use.runs),
                    std::to_string(use.rows), std::to_string(use.errors)});
  }
  Html body;
  body.Table({"Query", "Target", "Plan", "Runs", "Time ms", "Per run ms", "Rows", "Errors"}, rows,
             "No plan is kept yet.");
  co_return Response::Html(pages::Document("Statements by plan, the costliest first", body));
}

Task<Response> QueryPlans(const StatusSources& sources) {
  const std::vector<PlanRow> plans = co_await AllPlans(sources, true);
  std::string out = fmt::format("{} plans\n", plans.size());
  for (const PlanRow& plan : plans)
    out += fmt::format("\n{}\n{}\n{}\n", plan.target, Shown(sources, plan.sql), plan.description);
  co_return Response::Text(std::move(out));
}

std::string StateOf(const TabletHealth& tablet) {
  if (!tablet.up) return "no health stream";
  if (!tablet.health.health_error.empty()) return "unhealthy";
  return tablet.health.serving ? "serving" : "not serving";
}

const std::string& WhyNot(const TabletHealth& tablet) {
  static const std::string kNothing;
  if (tablet.usable()) return kNothing;
  return tablet.health.health_error.empty() ? tablet.last_error : tablet.health.health_error;
}

void AppendTablets(Html& body, const Executor& executor) {
  std::vector<Html::Row> rows;
  for (const std::shared_ptr<TabletHealth>& tablet : executor.health().All()) {
    rows.push_back({tablet->tablet.alias.ToString(), TargetName(*tablet), StateOf(*tablet),
                    std::to_string(tablet->health.replication_lag_seconds),
                    fmt::format("{:.1f}", tablet->health.qps), WhyNot(*tablet)});
  }
  body.Heading("Tablets");
  body.Table({"Tablet", "Keyspace.shard.type", "State", "Lag s", "QPS", "Why"}, rows,
             "No tablet is known.");
}

std::string ShardNames(const discovery::ServingShards& serving) {
  std::string out;
  for (const topo::ShardReference& shard : serving.shards)
    out += (out.empty() ? "" : ", ") + shard.name;
  return out;
}

Task<Html> ServingGraph(Executor& executor) {
  const Context ctx = Context::Background().WithTimeout(std::chrono::seconds(1));
  const std::shared_ptr<const vschema::VSchema> vschema = executor.serving().vschema();
  std::vector<Html::Row> rows;
  for (const auto& [name, keyspace] : vschema->keyspaces()) {
    Html::Row row = {std::string(name)};
    for (const keys::TabletType type :
         {keys::TabletType::kPrimary, keys::TabletType::kReplica, keys::TabletType::kRdonly}) {
      const Result<discovery::ServingShards> serving =
          co_await executor.serving().Shards(ctx, name, type);
      row.push_back(serving.ok() ? ShardNames(*serving) : serving.error().message());
    }
    rows.push_back(std::move(row));
  }
  Html out;
  out.Heading("Serving graph");
  out.Table({"Keyspace", "primary", "replica", "rdonly"}, rows, "No keyspace is known.");
  co_return out;
}

struct Numbers {
  uint64_t queries = 0;
  uint64_t errors = 0;
  uint64_t plans = 0;
  uint64_t hits = 0;
  uint64_t misses = 0;
};

Task<Numbers> NumbersHere(Executor* (*pick)()) {
  Numbers out;
  const Executor* const executor = pick();
  if (executor == nullptr) co_return out;
  out.queries = executor->stats().queries();
  out.errors = executor->stats().errors();
  out.plans = executor->plans().size();
  out.hits = executor->plans().hits();
  out.misses = executor->plans().misses();
  co_return out;
}

Task<Numbers> AllNumbers(const StatusSources& sources) {
  Numbers all;
  for (runtime::Loop* const loop : sources.loops) {
    const auto read = [pick = sources.executor] { return NumbersHere(pick); };
    const Numbers one = co_await runtime::RunOn(*loop, read);
    all.queries += one.queries;
    all.errors += one.errors;
    all.plans += one.plans;
    all.hits += one.hits;
    all.misses += one.misses;
  }
  co_return all;
}

Task<Html> Status(const StatusSources& sources) {
  const Numbers numbers = co_await AllNumbers(sources);
  Html body;
  body.Facts(
      {{"Loops", std::to_string(sources.loops.size())},
       {"MySQL connections",
        fmt::format("{} open, {} since start, {} logins refused", sources.mysql->open.load(),
                    sources.mysql->accepted.load(), sources.mysql->refused.load())},
       {"gRPC connections", fmt::format("{} open", sources.grpc_connections())},
       {"Statements", fmt::format("{} since start, {} failed", numbers.queries, numbers.errors)},
       {"Plan cache",
        fmt::format("{} plans, {} hits, {} misses", numbers.plans, numbers.hits, numbers.misses)}});
  Executor* const executor = sources.executor();
  if (executor == nullptr) co_return body;
  const Html graph = co_await ServingGraph(*executor);
  body.Append(graph);
  AppendTablets(body, *executor);
  co_return body;
}

// The same for programs: what `tessera doctor` holds against the topology.
std::string GatewayJson(const std::string& cell, const Executor* executor) {
  nlohmann::json out = {
      {"cell", cell}, {"tablets", nlohmann::json::array()}, {"keyspaces", nlohmann::json::array()}};
  if (executor != nullptr) {
    for (const std::shared_ptr<TabletHealth>& tablet : executor->health().All())
      out["tablets"].push_back({{"alias", tablet->tablet.alias.ToString()},
                                {"target", TargetName(*tablet)},
                                {"state", StateOf(*tablet)},
                                {"usable", tablet->usable()},
                                {"why", WhyNot(*tablet)}});
    for (const auto& [name, keyspace] : executor->serving().vschema()->keyspaces())
      out["keyspaces"].push_back(std::string(name));
  }
  return out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Task<Response> Gateway(const StatusSources& sources, bool json) {
  if (json) co_return Response::Json(GatewayJson(sources.cell, sources.executor()));
  Html body;
  if (const Executor* const executor = sources.executor()) AppendTablets(body, *executor);
  co_return Response::Html(pages::Document("Tablets as the gate knows them", body));
}

}  // namespace

std::string RedactSql(std::string_view sql) { return sqlparser::Redact(sql); }

std::unique_ptr<pages::Pages> MakeStatusPages(const StatusSources& sources) {
  const StatusSources* const from = &sources;
  pages::Subject subject;
  subject.program = "vtgate";
  subject.title = "vtgate of cell " + sources.cell;
  subject.version = sources.version;
  subject.started = sources.started;
  subject.flags = sources.flags;
  subject.policy = sources.policy;
  subject.trouble = [from] { return Trouble(*from); };
  subject.families = [from] { return AllFamilies(*from); };
  subject.status = [from] { return Status(*from); };
  subject.counters = [from] { return LoopFamilies(*from); };
  subject.rates = RatesOfGate();
  auto made = std::make_unique<pages::Pages>(std::move(subject));
  using Page = Task<Response> (*)(const StatusSources&);
  for (const auto& [path, summary, page] :
       {std::tuple<std::string, std::string, Page>(
            "/debug/queryz", "statements by plan: runs, time, rows, errors", &Queryz),
        {"/debug/query_plans", "the plans that are kept", &QueryPlans}}) {
    made->Add(path, Role::kDebugging, summary,
              [from, page = page](const Context&, const Request&) { return page(*from); });
  }
  made->Add("/debug/gateway", Role::kDebugging, "the tablets and their health; ?format=json",
            [from](const Context&, const Request& request) {
              return Gateway(*from, request.Parameter("format") == "json");
            });
  if (sources.query_log != nullptr) pages::AddQueryLogPages(*made, *sources.query_log);
  if (sources.reach.topo != nullptr) reach::AddPage(*made, sources.reach);
  return made;
}

}  // namespace tessera::vtgate
