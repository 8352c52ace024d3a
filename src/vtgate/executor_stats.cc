// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/executor_stats.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <utility>

#include "vtgate/executor.h"

namespace tessera::vtgate {

using querylog::FieldKind;
using sqlparser::StatementKind;
using stats::AddSample;
using stats::Kind;
using stats::Labelled;

namespace {

std::string UpperKind(StatementKind kind) {
  std::string name(sqlparser::StatementKindName(kind));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

PlanShape ShapeOfNode(const engine::PlanDescription& node) {
  if (!node.inputs().empty()) return PlanShape::kComplex;
  const std::string& variant = node.variant();
  if (variant == "Scatter") return PlanShape::kScatter;
  if (variant == "IN" || variant == "Equal" || variant == "ByDestination" || variant == "Sharded")
    return PlanShape::kMultiShard;
  return variant.empty() ? PlanShape::kLocal : PlanShape::kPassthrough;
}

}  // namespace

std::string_view PlanShapeName(PlanShape shape) {
  static constexpr std::array<std::string_view, kPlanShapes> kNames = {
      "Unknown", "Local", "Passthrough", "MultiShard", "Scatter", "Complex", "DirectDDL"};
  return kNames[static_cast<size_t>(shape)];
}

PlanShape ShapeOf(const planner::Plan& plan) {
  if (plan.plan_class == planner::PlanClass::kDdl) return PlanShape::kDdl;
  return plan.root == nullptr ? PlanShape::kUnknown : ShapeOfNode(plan.root->Describe());
}

std::string_view StatementRun::Operation() const {
  if (relayed) return "Relay";
  if (prepared) return "ExecutePrepared";
  return streamed ? "StreamExecute" : "Execute";
}

ApiStats& ExecutorStats::Api(const StatementRun& run, const keys::TargetSelection& target) {
  const std::string_view operation = run.Operation();
  if (last_ != nullptr && last_->first.operation.data() == operation.data() &&
      last_->first.type == target.tablet_type && last_->first.keyspace == target.keyspace)
    return last_->second;
  last_ = &*api_.try_emplace({operation, target.keyspace, target.tablet_type}).first;
  return last_->second;
}

uint64_t ExecutorStats::queries() const {
  uint64_t sum = 0;
  for (const auto& [key, api] : api_) sum += api.times.count();
  return sum;
}

uint64_t ExecutorStats::errors() const {
  uint64_t sum = 0;
  for (const auto& [key, api] : api_)
    for (const uint64_t count : api.errors) sum += count;
  return sum;
}

stats::Families ExecutorStats::Families() const {
  const std::vector<std::string> labels = {"Operation", "Keyspace", "DbType"};
  stats::Family times =
      Labelled("VtgateApi", Kind::kTimings, "Statements, and their time.", labels);
  stats::Family errors = Labelled("VtgateApiErrorCounts", Kind::kCounter, "Statements that failed.",
                                  {"Operation", "Keyspace", "DbType", "Code"});
  stats::Family returned =
      Labelled("VtgateApiRowsReturned", Kind::kCounter, "Rows given to clients.", labels);
  stats::Family affected =
      Labelled("VtgateApiRowsAffected", Kind::kCounter, "Rows that statements changed.", labels);
  for (const auto& [key, api] : api_) {
    const std::vector<std::string> values = {std::string(key.operation), key.keyspace,
                                             std::string(keys::TabletTypeName(key.type))};
    AddSample(times, values, api.times);
    AddSample(returned, values, static_cast<double>(api.rows_returned));
    AddSample(affected, values, static_cast<double>(api.rows_affected));
    for (size_t code = 0; code < api.errors.size(); ++code) {
      if (api.errors[code] == 0) continue;
      std::vector<std::string> with_code = values;
      with_code.emplace_back(CodeName(static_cast<Code>(code)));
      AddSample(errors, std::move(with_code), static_cast<double>(api.errors[code]));
    }
  }
  stats::Family executions = Labelled("QueryExecutions", Kind::kCounter,
                                      "Statements by what they are and how they meet shards.",
                                      {"query", "plan", "tablet"});
  for (size_t kind = 0; kind < kKinds; ++kind)
    for (size_t shape = 0; shape < kPlanShapes; ++shape)
      for (size_t type = 0; type < kTypes; ++type) {
        if (executions_[kind][shape][type] == 0) continue;
        AddSample(executions,
                  {UpperKind(static_cast<StatementKind>(kind)),
                   std::string(PlanShapeName(static_cast<PlanShape>(shape))),
                   std::string(keys::TabletTypeName(static_cast<keys::TabletType>(type)))},
                  static_cast<double>(executions_[kind][shape][type]));
      }
  stats::Family transactions =
      Labelled("TransactionsProcessed", Kind::kCounter,
               "Transactions that ended, on one shard or several.", {"Shard", "Type"});
  for (size_t cross = 0; cross < 2; ++cross)
    for (size_t end = 0; end < 2; ++end)
      AddSample(transactions, {cross == 0 ? "Single" : "Cross", end == 0 ? "Commit" : "Rollback"},
                static_cast<double>(transactions_[cross][end]));
  return {std::move(times),    std::move(errors),     std::move(returned),
          std::move(affected), std::move(executions), std::move(transactions)};
}

namespace {

struct Rows {
  uint64_t returned = 0;
  uint64_t affected = 0;
};

Rows RowsOf(const StatementRun& run, const Session& session,
            const Result<sqltypes::ResultSet>& result) {
  Rows rows;
  if (!result.ok()) return rows;
  rows.affected = result->affected_rows;
  // What a sink got is known to the session alone.
  const bool went_by = run.streamed && result->fields.empty() && session.row_count < 0;
  rows.returned = went_by ? session.found_rows : result->row_count();
  if (rows.returned > 0) rows.affected = 0;
  return rows;
}

int64_t UnixNanos() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

// The fields of Vitess's log, as far as there is something to tell.
void EmitRun(querylog::QueryLog& log, const StatementRun& run, const Session& session,
             const Result<sqltypes::ResultSet>& result, Duration took, const Rows& rows) {
  querylog::Record record;
  record.sql = run.sql;
  record.rows = rows.returned + rows.affected;
  record.took = took;
  record.code = result.ok() ? Code::kOk : result.error().code();
  const double end = static_cast<double>(UnixNanos()) / 1e9;
  const double span = std::chrono::duration<double>(took).count();
  record.Add("Method", std::string(run.Operation()));
  record.Add("RemoteAddr", session.caller.component);
  record.Add("Username", session.caller.username);
  record.Add("EffectiveCaller", session.caller.principal);
  record.Add("Start", fmt::format("{:.6f}", end - span), FieldKind::kNumber);
  record.Add("End", fmt::format("{:.6f}", end), FieldKind::kNumber);
  record.AddSeconds("TotalTime", took);
  record.Add("StmtType", UpperKind(run.kind));
  record.Add("Keyspace", session.target.keyspace);
  record.Add("TabletType", std::string(keys::TabletTypeName(session.target.tablet_type)));
  const PlanShape shape = session.plan == nullptr ? PlanShape::kUnknown
                                                  : static_cast<PlanShape>(session.plan->use.shape);
  record.Add("Plan", std::string(PlanShapeName(shape)));
  record.Add("SQL", std::string(run.sql), FieldKind::kSql);
  record.AddNumber("RowsReturned", rows.returned);
  record.AddNumber("RowsAffected", rows.affected);
  record.AddNumber("InTransaction", session.in_transaction ? 1 : 0);
  record.Add("Error", result.ok() ? std::string() : result.error().message(), FieldKind::kError);
  log.Emit(record);
}

}  // namespace

void Executor::NoteRun(Session& session, const StatementRun& run,
                       const Result<sqltypes::ResultSet>& result) {
  const Duration took = tessera::Executor::Current().Now() - run.began;
  const Rows rows = RowsOf(run, session, result);
  ApiStats& api = stats_.Api(run, session.target);
  api.times.Add(took);
  api.rows_returned += rows.returned;
  api.rows_affected += rows.affected;
  if (!result.ok()) ++api.errors[static_cast<size_t>(result.error().code())];
  PlanShape shape = PlanShape::kUnknown;
  if (session.plan != nullptr) {
    planner::PlanUse& use = session.plan->use;
    ++use.runs;
    use.errors += result.ok() ? 0 : 1;
    use.rows += rows.returned + rows.affected;
    use.time += took;
    shape = static_cast<PlanShape>(use.shape);
  }
  stats_.CountExecution(run.kind, shape, session.target.tablet_type);
  const bool commits = run.kind == StatementKind::kCommit;
  if ((commits || run.kind == StatementKind::kRollback) && run.shards > 0)
    stats_.CountTransaction(run.shards, commits && result.ok());
  if (options_.query_log != nullptr && options_.query_log->active()) [[unlikely]]
    EmitRun(*options_.query_log, run, session, result, took, rows);
}

}  // namespace tessera::vtgate
