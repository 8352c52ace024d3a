// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "log/log.h"
#include "sqltypes/row_sink.h"
#include "tabletserver/error_text.h"
#include "tabletserver/tablet_server.h"

namespace tessera::tabletserver {

using mysqlconn::Connection;
using mysqlconn::Pool;
using queryservice::ExecuteOptions;
using queryservice::IncludedFields;
using queryservice::ResultSink;
using queryservice::Workload;
using sqltypes::Field;

namespace {

std::string_view CallerName(const queryservice::Request& request) {
  return request.caller == nullptr ? std::string_view() : request.caller->username;
}

using Shape = std::function<void(std::vector<Field>&)>;

// Passes a connection's stream on to the caller's sink.
class SinkAdapter final : public mysqlconn::RowSink {
 public:
  SinkAdapter(ResultSink& sink, Shape shape) : sink_(sink), shape_(std::move(shape)) {}
  Task<Result<>> OnFields(const Context& ctx, std::span<const Field> fields) override {
    std::vector<Field> kept(fields.begin(), fields.end());
    shape_(kept);
    co_return co_await sink_.OnFields(ctx, std::move(kept));
  }
  Task<Result<>> OnRows(const Context& ctx, std::string_view rows, size_t row_count) override {
    return sink_.OnRows(ctx, rows, row_count);
  }

 private:
  ResultSink& sink_;
  Shape shape_;
};

// LAST_INSERT_ID() before a statement that may set it: what no statement sets it to.
constexpr uint64_t kUnlikelyInsertId = 18446744073709547416u;

bool NamesNumber(std::string_view sql, const std::string& text) {
  const auto is_digit = [&](size_t at) {
    return at < sql.size() && sql[at] >= '0' && sql[at] <= '9';
  };
  for (size_t at = sql.find(text); at != sql.npos; at = sql.find(text, at + 1))
    if ((at == 0 || !is_digit(at - 1)) && !is_digit(at + text.size())) return true;
  return false;
}

// Without a copy: statements of many rows are long.
bool NamesSelect(std::string_view sql) {
  constexpr std::string_view kSelect = "select";
  const auto same = [](char a, char b) { return (a | 0x20) == b; };
  return std::search(sql.begin(), sql.end(), kSelect.begin(), kSelect.end(), same) != sql.end();
}

// Whether the statement may have given the row its id: then the server tells that one though
// LAST_INSERT_ID() stays. The number stands in the text, or the rows come from a query.
bool MayGive(std::string_view sql, uint64_t id) {
  const bool may_be_negative = id > INT64_MAX;
  return NamesNumber(sql, std::to_string(id)) ||
         (may_be_negative && NamesNumber(sql, std::to_string(0 - id))) || NamesSelect(sql);
}

Error NeedsReserved(const queryservice::Request& request) {
  return Errorf(Code::kInvalidArgument, "{} not allowed without reserved connection", request.sql);
}

}  // namespace

const ExecuteOptions& TabletServer::OptionsOf(const Request& request) {
  static const ExecuteOptions kDefaults;
  return request.options == nullptr ? kDefaults : *request.options;
}

void TabletServer::ShapeFields(std::vector<Field>& fields, const Request& request) const {
  const IncludedFields included = OptionsOf(request).included_fields;
  for (Field& field : fields) {
    if (included == IncludedFields::kAll) {
      if (field.database == config_.db_name) field.database = config_.keyspace;
      continue;
    }
    Field bare;
    bare.type = field.type;
    if (included == IncludedFields::kTypeAndName) bare.name = std::move(field.name);
    field = std::move(bare);
  }
}

// The context of one statement: the tablet's or the caller's own limit, and in a transaction what
// is left of its time.
Context TabletServer::BoundQuery(const Context& ctx, const Request& request,
                                 const StatefulConnection* stateful) const {
  const ExecuteOptions& options = OptionsOf(request);
  Context bounded = ctx;
  if (options.workload != Workload::kDba) {
    Duration limit = config_.query_timeout;
    if (options.authoritative_timeout_ms > 0)
      limit = std::chrono::milliseconds(options.authoritative_timeout_ms);
    if (limit != Duration::zero()) bounded = bounded.WithTimeout(limit);
  }
  if (stateful != nullptr && stateful->expires != Instant::max())
    bounded = bounded.WithDeadline(stateful->expires);
  return bounded;
}

// A client's own text is new each time: it is looked at, and not kept.
std::shared_ptr<const Plan> TabletServer::PlanFor(const Request& request, bool keep) {
  if (request.complete) return plans_.Fresh(request.sql);
  return plans_.Get(request.sql, keep);
}

// Query rules are written for statements as gates plan them, with variables.
Result<> TabletServer::TakesText(const Request& request, const Plan& plan) const {
  const bool planned = plan.kind == PlanKind::kSelect || plan.kind == PlanKind::kDml;
  if (!request.complete || !planned || protection_.rules == nullptr) return Ok{};
  return Error(Code::kUnimplemented, std::string(queryservice::kPlansOnly));
}

Result<std::string> TabletServer::Render(const Plan& plan, const Request& request) const {
  if (request.complete) return std::string(request.sql);
  static const sqltypes::BindVars kNone;
  std::string sql;
  const sqltypes::BindVars& vars = request.vars == nullptr ? kNone : *request.vars;
  // Metadata queries of gates leave a place for the database's real name.
  if (vars.Find("__replacevtschemaname") != nullptr) {
    sqltypes::BindVars with_name = vars;
    with_name.Set({"__vtschemaname", {sqltypes::Type::kVarChar, config_.db_name}, {}});
    TRY_OK(plan.text.Render(with_name, sql));
    return sql;
  }
  TRY_OK(plan.text.Render(vars, sql));
  return sql;
}

Task<Result<TabletServer::ResultSet>> TabletServer::Execute(const Context& ctx,
                                                            const Request& request) {
  ++stats_.queries;
  const bool stateful = request.transaction_id != 0 || request.reserved_id != 0;
  CO_TRY_OK(Admit(request.target,
                  request.transaction_id != 0 ? OnShutdown::kAllow : OnShutdown::kRefuse));
  CO_TRY_OK(CheckIds(request));
  const Running running(*this);
  const ExecuteOptions& options = OptionsOf(request);
  std::shared_ptr<const Plan> plan =
      PlanFor(request, !options.skip_query_plan_cache && !options.has_created_temp_tables);
  CO_TRY_OK(TakesText(request, *plan));
  if (plan->guard != nullptr) {
    CO_TRY(plan, co_await PassGuard(ctx, request, std::move(plan)));
  }
  Result<ResultSet> result = ResultSet();
  const Instant began = Executor::Current().Now();
  if (stateful) {
    const int64_t id = std::max(request.transaction_id, request.reserved_id);
    result = co_await ExecuteStateful(ctx, request, *plan, id);
  } else {
    result = co_await ExecutePlan(ctx, request, *plan);
  }
  NoteResult("Execute", request, *plan, began, result);
  if (!result.ok()) {
    ++stats_.errors;
    co_return Describe(result.error(), request);
  }
  ShapeFields(result->fields, request);
  co_return result;
}

Task<Result<std::shared_ptr<const Plan>>> TabletServer::PassGuard(
    const Context& ctx, const Request& request, std::shared_ptr<const Plan> plan) {
  const Context bounded = BoundQuery(ctx, request, nullptr);
  while (plan->guard != nullptr) {
    const QueryRule* const rule = plan->guard->FindRule(request);
    if (rule == nullptr) {
      const Result<> allowed = plan->guard->CheckTables(request, config_.acl, stats_.guard);
      if (allowed.ok()) co_return plan;
      ++stats_.errors;
      co_return Describe(allowed.error(), request);
    }
    bool refused = rule->action != RuleAction::kBuffer;
    if (!refused) {
      ++stats_.guard.buffered_by_rules;
      const Result<> changed = co_await protection_changed_.Wait(bounded);
      refused = !changed.ok();
    }
    if (refused) {
      ++stats_.errors;
      ++stats_.guard.refused_by_rules;
      co_return Describe(RuleError(*rule), request);
    }
    CO_TRY_OK(Admit(request.target,
                    request.transaction_id != 0 ? OnShutdown::kAllow : OnShutdown::kRefuse));
    plan = plans_.Get(request.sql, true);
  }
  co_return plan;
}

Task<Result<TabletServer::ResultSet>> TabletServer::ExecutePlan(const Context& ctx,
                                                                const Request& request,
                                                                const Plan& plan) {
  if (plan.needs_reserved) co_return NeedsReserved(request);
  const Context bounded = BoundQuery(ctx, request, nullptr);
  switch (plan.kind) {
    case PlanKind::kSelect: {
      co_return co_await ExecuteSelect(bounded, request, plan);
    }
    case PlanKind::kNextValue: {
      co_return co_await ExecuteNextValue(bounded, request, plan);
    }
    case PlanKind::kDml: {
      // Every pooled connection is in autocommit mode, so one statement is one transaction.
      CO_TRY(const std::string sql, Render(plan, request));
      co_return co_await ExecutePooled(bounded, request, plan, sql, TransactionPool(request));
    }
    case PlanKind::kDdl: {
      // A long ALTER must not be cut by the limit for queries.
      CO_TRY(const Lease lease, co_await GetFrom(bounded, transactions_));
      co_return co_await ExecuteDdl(ctx, request, plan, *lease);
    }
    case PlanKind::kSet:
      co_return NeedsReserved(request);
    case PlanKind::kTransaction:
      co_return Errorf(Code::kInvalidArgument,
                       "{}: transactions are begun and ended by calls of the query service",
                       request.sql);
    case PlanKind::kSavepoint:
      co_return Errorf(Code::kInvalidArgument, "{}: no transaction is open", request.sql);
    case PlanKind::kOther: {
      CO_TRY(const std::string sql, Render(plan, request));
      co_return co_await ExecutePooled(bounded, request, plan, sql, oltp_);
    }
  }
  co_return Error(Code::kInternal, "statement of no known kind");
}

// One statement on a connection that is ours for the moment.
Task<Result<TabletServer::ResultSet>> TabletServer::ExecuteOn(const Context& ctx,
                                                              const Request& request,
                                                              const Plan& plan,
                                                              Connection& connection) {
  CO_TRY(const std::string sql, Render(plan, request));
  co_return co_await ExecuteText(ctx, request, plan, sql, connection);
}

Task<Result<TabletServer::ResultSet>> TabletServer::ExecuteText(const Context& ctx,
                                                                const Request& request,
                                                                const Plan& plan,
                                                                std::string_view sql,
                                                                Connection& connection) {
  mysqlconn::QueryOptions options;
  if (plan.kind == PlanKind::kSelect && OptionsOf(request).workload != Workload::kDba)
    options.max_rows = config_.max_result_rows;
  std::optional<uint64_t> before;
  if (OptionsOf(request).fetch_last_insert_id) {
    before = kUnlikelyInsertId;
    CO_TRY_OK(co_await connection.Query(ctx, fmt::format("select last_insert_id({})", *before)));
  }
  Result<ResultSet> result = co_await connection.Query(ctx, sql, options);
  if (result.ok()) {
    if (connection.status().warnings != 0) {
      auto warnings = co_await Warnings(ctx, connection);
      result->warnings = std::move(warnings);
    }
    const bool given = plan.kind == PlanKind::kDml && result->insert_id != 0;
    if (before || (given && MayGive(sql, result->insert_id))) {
      co_await FetchInsertId(ctx, connection, before, *result);
    }
    co_return result;
  }
  const Error& error = result.error();
  if (error.mysql_errno() == 0 && error.code() == Code::kAborted && options.max_rows != 0) {
    // Gates read this text, and roll back for its code.
    const std::string_view way = config_.row_limit_is_rule ? "" : " (more come in a stream)";
    co_return Errorf(Code::kAborted, "caller id: {}: row count exceeded {}{}", CallerName(request),
                     options.max_rows, way);
  }
  co_return result;
}

Task<> TabletServer::FetchInsertId(const Context& ctx, Connection& connection,
                                   std::optional<uint64_t> before, ResultSet& result) {
  Result<ResultSet> rows = co_await connection.Query(ctx, "select last_insert_id()");
  // The statement has succeeded: then what its own answer said must do.
  if (!rows.ok() || !rows->Decode().ok() || rows->row_count() != 1) co_return;
  const Result<uint64_t> now = std::as_const(*rows).row(0)[0].ToUint64();
  if (!now.ok()) co_return;
  result.insert_id_changed = before ? *now != *before : *now == result.insert_id;
  if (result.insert_id_changed) result.insert_id = *now;
}

// What the last statement on the connection warned of. Nothing when that cannot be read: the
// statement has succeeded.
Task<std::vector<sqltypes::Warning>> TabletServer::Warnings(const Context& ctx,
                                                            Connection& connection) {
  std::vector<sqltypes::Warning> out;
  Result<ResultSet> rows = co_await connection.Query(ctx, "show warnings");
  if (!rows.ok() || !rows->Decode().ok()) co_return out;
  const ResultSet& lines = *rows;
  for (size_t i = 0; i < lines.row_count() && lines.row(i).size() == 3; ++i) {
    sqltypes::Warning& warning = out.emplace_back();
    const Result<int64_t> code = lines.row(i)[1].ToInt64();
    warning.level = lines.row(i)[0].raw();
    warning.code = static_cast<uint16_t>(code.ok() ? *code : 0);
    warning.message = lines.row(i)[2].raw();
  }
  co_return out;
}

// The server closed the connection while it was idle (it was restarted, say): 2006 means the
// statement never left. After 2013 it may have run, so only reads are repeated.
bool TabletServer::MayRepeat(const Error& error, const Plan& plan) {
  const uint16_t number = error.mysql_errno();
  return number == 2006 || (number == 2013 && plan.kind == PlanKind::kSelect);
}

Task<Result<TabletServer::ResultSet>> TabletServer::ExecutePooled(const Context& ctx,
                                                                  const Request& request,
                                                                  const Plan& plan,
                                                                  std::string_view sql,
                                                                  Pool& pool) {
  for (int attempt = 0;; ++attempt) {
    CO_TRY(const Lease lease, co_await GetFrom(ctx, pool));
    Result<ResultSet> result = co_await ExecuteText(ctx, request, plan, sql, *lease);
    if (result.ok() || attempt >= 3 || ctx.cancelled()) co_return result;
    if (!MayRepeat(result.error(), plan)) co_return result;
  }
}

Task<Result<TabletServer::ResultSet>> TabletServer::ExecuteSelect(const Context& ctx,
                                                                  const Request& request,
                                                                  const Plan& plan) {
  CO_TRY(std::string sql, Render(plan, request));
  if (!config_.consolidate || OptionsOf(request).fetch_last_insert_id) {
    co_return co_await ExecutePooled(ctx, request, plan, sql, oltp_);
  }
  if (const std::shared_ptr<Consolidator::Flight> flight = consolidator_.Find(sql)) {
    const size_t limit = config_.consolidator_waiters;
    if (limit == 0 || flight->waiting < limit) {
      ++flight->waiting;
      CO_TRY_OK(co_await flight->waiters.Wait(ctx));
      if (flight->result != nullptr) {
        consolidator_.NoteJoined(sql);
        co_return Consolidator::Share(flight->result);
      }
    }
    co_return co_await ExecutePooled(ctx, request, plan, sql, oltp_);
  }
  const std::shared_ptr<Consolidator::Flight> mine = consolidator_.Start(std::move(sql));
  Result<ResultSet> result = co_await ExecutePooled(ctx, request, plan, mine->sql, oltp_);
  co_return consolidator_.Finish(*mine, std::move(result));
}

Task<Result<TabletServer::ResultSet>> TabletServer::ExecuteNextValue(const Context& ctx,
                                                                     const Request& request,
                                                                     const Plan& plan) {
  int64_t count = plan.count;
  if (!plan.count_var.empty()) {
    const sqltypes::BindVar* const var =
        request.vars == nullptr ? nullptr : request.vars->Find(plan.count_var);
    if (var == nullptr)
      co_return Errorf(Code::kInvalidArgument, "missing bind var {}", plan.count_var);
    CO_TRY(count, var->value.ToInt64());
  }
  CO_TRY(const int64_t first, co_await sequences_.Next(ctx, transactions_, plan.sequence, count));
  ResultSet result;
  Field field;
  field.name = "nextval";
  field.type = sqltypes::Type::kInt64;
  result.fields.push_back(std::move(field));
  const sqltypes::Value cell(sqltypes::Type::kInt64, result.arena().Copy(std::to_string(first)));
  result.AppendRow(std::span(&cell, 1));
  co_return result;
}

Task<Result<TabletServer::ResultSet>> TabletServer::ExecuteDdl(const Context& ctx,
                                                               const Request& request,
                                                               const Plan& plan,
                                                               Connection& connection) {
  Result<ResultSet> result = co_await ExecuteOn(ctx, request, plan, connection);
  // Some of it may have happened even when it failed.
  co_await SchemaChanged();
  co_return result;
}

Task<> TabletServer::SchemaChanged() {
  const Context reload = Context::Background().WithTimeout(std::chrono::seconds(30));
  const Result<> read = co_await ReloadSchema(reload);
  if (!read.ok())
    LOG(kWarn, "reading the schema after a DDL statement: {}", read.error().ToString());
  plans_.Clear();
}

Task<Result<TabletServer::ResultSet>> TabletServer::ExecuteStateful(const Context& ctx,
                                                                    const Request& request,
                                                                    const Plan& plan, int64_t id) {
  CO_TRY(Use use, co_await stateful_.LockSoon(ctx, id));
  const Context bounded = BoundQuery(ctx, request, &*use);
  if (plan.kind == PlanKind::kTransaction) {
    co_return Errorf(Code::kInvalidArgument,
                     "{}: transactions are begun and ended by calls of the query service",
                     request.sql);
  }
  if (plan.kind == PlanKind::kNextValue) {
    co_return co_await ExecuteNextValue(bounded, request, plan);
  }
  if (!use->reserved && (plan.needs_reserved || plan.kind == PlanKind::kSet))
    co_return NeedsReserved(request);
  if (plan.kind == PlanKind::kDdl) {
    co_return co_await ExecuteDdl(bounded, request, plan, use.connection());
  }
  Result<ResultSet> result = co_await ExecuteOn(bounded, request, plan, use.connection());
  if (!result.ok() && !ctx.cancelled() && Executor::Current().Now() >= use->expires) {
    // The transaction's time ran out under the query: it must not go on.
    use.End(fmt::format("exceeded timeout: {}", GoDuration(use->timeout)), true);
    ++stats_.killed_transactions;
  }
  co_return result;
}

Task<Result<>> TabletServer::StreamExecute(const Context& ctx, const Request& request,
                                           ResultSink& sink) {
  ++stats_.queries;
  CO_TRY_OK(Admit(request.target,
                  request.transaction_id != 0 ? OnShutdown::kAllow : OnShutdown::kRefuse));
  CO_TRY_OK(CheckIds(request));
  const Running running(*this);
  std::shared_ptr<const Plan> plan = PlanFor(request, true);
  CO_TRY_OK(TakesText(request, *plan));
  if (plan->guard != nullptr) {
    CO_TRY(plan, co_await PassGuard(ctx, request, std::move(plan)));
  }
  const Instant began = Executor::Current().Now();
  CountingSink counted(sink);
  const Result<> outcome = co_await StreamPlan(ctx, request, *plan, counted);
  NoteStream(request, *plan, began, counted.rows, outcome);
  if (outcome.ok()) co_return Ok{};
  ++stats_.errors;
  co_return Describe(outcome.error(), request);
}

Task<Result<>> TabletServer::StreamPlan(const Context& ctx, const Request& request,
                                        const Plan& plan, ResultSink& sink) {
  const int64_t id = std::max(request.transaction_id, request.reserved_id);
  const bool rows_stream = plan.kind == PlanKind::kSelect || plan.kind == PlanKind::kOther;
  if (rows_stream && id != 0) {
    CO_TRY(Use use, co_await stateful_.LockSoon(ctx, id));
    if (!use->reserved && plan.needs_reserved) co_return NeedsReserved(request);
    const Context bounded = BoundQuery(ctx, request, &*use);
    co_return co_await StreamOn(bounded, request, plan, use.connection(), sink);
  }
  if (rows_stream) {
    if (plan.needs_reserved) co_return NeedsReserved(request);
    CO_TRY(const Lease lease, co_await olap_.Get(ctx));
    // Outside a transaction a stream may take as long as its reader does.
    co_return co_await StreamOn(ctx, request, plan, *lease, sink);
  }
  Result<ResultSet> result = ResultSet();
  if (id != 0) {
    result = co_await ExecuteStateful(ctx, request, plan, id);
  } else {
    result = co_await ExecutePlan(ctx, request, plan);
  }
  if (!result.ok()) co_return std::move(result).error();
  ShapeFields(result->fields, request);
  co_return co_await sqltypes::DeliverResult(ctx, *std::move(result), sink);
}

Task<Result<>> TabletServer::StreamOn(const Context& ctx, const Request& request, const Plan& plan,
                                      Connection& connection, ResultSink& sink) {
  CO_TRY(const std::string sql, Render(plan, request));
  const auto shape = [this, &request](std::vector<Field>& fields) { ShapeFields(fields, request); };
  SinkAdapter adapter(sink, shape);
  co_return co_await connection.StreamQuery(ctx, sql, adapter, config_.stream_buffer_bytes);
}

}  // namespace tessera::tabletserver
