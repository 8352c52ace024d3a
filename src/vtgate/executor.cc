// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/executor.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <utility>

#include "base/ascii.h"
#include "engine/schema_route.h"
#include "mysqlconn/server.h"
#include "mysqlwire/errno_codes.h"
#include "sqlparser/directives.h"
#include "sqlparser/printer.h"
#include "vtgate/internal/session_exec.h"
#include "vtgate/internal/session_state.h"
#include "vtgate/internal/statement_values.h"

namespace tessera::vtgate {

using engine::ShardOptions;
using engine::ShardQuery;
using planner::Plan;
using planner::PlanClass;
using sqlparser::FingerprintValue;
using sqlparser::StatementKind;
using sqlparser::ValueType;
using sqltypes::BindVars;
using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

std::string_view internal::IsolationName(queryservice::Isolation isolation) {
  switch (isolation) {
    case queryservice::Isolation::kReadCommitted:
      return "READ-COMMITTED";
    case queryservice::Isolation::kReadUncommitted:
      return "READ-UNCOMMITTED";
    case queryservice::Isolation::kSerializable:
      return "SERIALIZABLE";
    case queryservice::Isolation::kRepeatableRead:
      return "REPEATABLE-READ";
    default:
      return {};
  }
}

namespace {

// "vtg1", "vtg2", ...: made once, then only looked up.
std::string_view VarName(size_t index) {
  thread_local std::deque<std::string> names;
  while (names.size() <= index) names.push_back("vtg" + std::to_string(names.size() + 1));
  return names[index];
}

Type TypeOfValue(ValueType type) {
  switch (type) {
    case ValueType::kHexNum:
      return Type::kHexNum;
    case ValueType::kHexVal:
      return Type::kHexVal;
    case ValueType::kBitNum:
      return Type::kBitNum;
    default:
      return static_cast<Type>(static_cast<uint16_t>(type));
  }
}

Value ValueOf(const FingerprintValue& value) {
  if (value.type == ValueType::kNull) return {};
  return {TypeOfValue(value.type), value.bytes};
}

}  // namespace

BindVars internal::VarsOf(const sqlparser::Fingerprint& fingerprint, std::vector<Value>& items) {
  items.clear();
  items.reserve(fingerprint.items.size());
  for (const FingerprintValue& item : fingerprint.items) items.push_back(ValueOf(item));
  BindVars vars;
  for (size_t i = 0; i < fingerprint.values.size(); ++i) {
    const FingerprintValue& value = fingerprint.values[i];
    if (value.type == ValueType::kTuple) {
      const std::span<const Value> all(items);
      vars.AddList(VarName(i), all.subspan(value.tuple_begin, value.tuple_end - value.tuple_begin));
    } else {
      vars.Add(VarName(i), ValueOf(value));
    }
  }
  return vars;
}

bool internal::IsPlanned(StatementKind kind) {
  switch (kind) {
    case StatementKind::kSelect:
    case StatementKind::kValues:
    case StatementKind::kWith:
    case StatementKind::kInsert:
    case StatementKind::kReplace:
    case StatementKind::kUpdate:
    case StatementKind::kDelete:
    case StatementKind::kDdl:
      return true;
    default:
      return false;
  }
}

namespace {

constexpr std::string_view kSessionVariables[] = {"autocommit",
                                                  "version",
                                                  "version_comment",
                                                  "transaction_mode",
                                                  "workload",
                                                  "client_found_rows",
                                                  "last_insert_id",
                                                  "identity",
                                                  "warning_count",
                                                  "error_count",
                                                  "pseudo_thread_id",
                                                  "resultset_metadata",
                                                  "session_track_gtids",
                                                  "read_after_write_gtid",
                                                  "read_after_write_timeout",
                                                  "last_gtid"};

constexpr std::string_view kWaitTimeoutName = "wait_timeout";
constexpr std::string_view kTrackedName = "session_track_system_variables";

bool IsIsolation(std::string_view name) {
  return name == "tx_isolation" || name == "transaction_isolation";
}
bool IsReadOnly(std::string_view name) {
  return name == "tx_read_only" || name == "transaction_read_only";
}

bool IsSessionVariable(std::string_view name) {
  return std::find(std::begin(kSessionVariables), std::end(kSessionVariables), name) !=
         std::end(kSessionVariables);
}

// Settings whose values the session has once they are set. Before, servers know best.
constexpr uint8_t kIsolation = 1;
constexpr uint8_t kReadOnly = 2;
constexpr uint8_t kWaitTimeout = 4;
constexpr uint8_t kTracked = 8;

uint8_t OwnSettings(const Session& session) {
  uint8_t out = 0;
  if (!internal::IsolationName(internal::LastingIsolation(session)).empty()) out |= kIsolation;
  if (internal::LastingReadOnly(session)) out |= kReadOnly;
  if (session.wait_timeout) out |= kWaitTimeout;
  if (session.tracked_settings) out |= kTracked;
  return out;
}

template <uint8_t kOwn>
bool IsOwnVariable(std::string_view name) {
  return IsSessionVariable(name) || ((kOwn & kIsolation) != 0 && IsIsolation(name)) ||
         ((kOwn & kReadOnly) != 0 && IsReadOnly(name)) ||
         ((kOwn & kWaitTimeout) != 0 && name == kWaitTimeoutName) ||
         ((kOwn & kTracked) != 0 && name == kTrackedName);
}

template <size_t... kOwn>
constexpr auto OwnVariables(std::index_sequence<kOwn...>) {
  return std::to_array({&IsOwnVariable<kOwn>...});
}
// By OwnSettings.
constexpr auto kOwnVariables = OwnVariables(std::make_index_sequence<16>());

// The attribute of the statement under way whose name `is_it`, as text. NULL when there is none.
template <typename IsIt>
Value AttributeOf(const Session& session, const IsIt& is_it) {
  for (const mysqlwire::QueryAttribute& attribute : session.query_attributes) {
    if (!is_it(attribute.name)) continue;
    return attribute.value.is_null() ? Value() : Value(Type::kVarChar, attribute.value.raw());
  }
  return Value();
}

std::string_view WorkloadName(queryservice::Workload workload) {
  switch (workload) {
    case queryservice::Workload::kOlap:
      return "OLAP";
    case queryservice::Workload::kDba:
      return "DBA";
    case queryservice::Workload::kUnspecified:
      return "UNSPECIFIED";
    case queryservice::Workload::kOltp:
      break;
  }
  return "OLTP";
}

}  // namespace

Result<std::shared_ptr<const Plan>> Executor::FindPlan(const Session& session,
                                                       std::string_view sql) {
  const std::shared_ptr<const vschema::VSchema> vschema = serving_.vschema();
  const uint8_t own_settings = OwnSettings(session);
  const std::optional<keys::Destination>& destination = session.target.destination;
  PlanKey{.sql = sql,
          .keyspace = session.target.keyspace,
          .tablet_type = session.target.tablet_type,
          .destination = destination ? destination->ToString() : std::string(),
          .own_settings = own_settings}
      .WriteTo(key_);
  std::shared_ptr<const Plan> plan = plans_.Find(key_, vschema.get());
  if (plan != nullptr) return plan;
  planner::PlanInput input;
  input.vschema = vschema;
  input.target = session.target;
  input.is_session_variable = kOwnVariables[own_settings];
  input.database_is_keyspace = HasOneServer(session) && DatabaseIsKeyspace(session);
  TRY(plan, planner::BuildPlan(input, sql));
  plan->use.shape = static_cast<uint8_t>(ShapeOf(*plan));
  plans_.Put(key_, plan);
  return plan;
}

// Whether the databases of all tablets of the session's keyspace are called what it is called.
bool Executor::DatabaseIsKeyspace(const Session& session) const {
  bool any = false;
  for (const std::shared_ptr<discovery::TabletHealth>& entry :
       gateway_.health().InKeyspace(session.target.keyspace)) {
    if (entry->tablet.db_name() != session.target.keyspace) return false;
    any = true;
  }
  return any;
}

Result<> Executor::AddSessionVars(const Session& session, const Plan& plan, Arena& arena,
                                  BindVars& vars) const {
  const auto number = [&](uint64_t value) {
    return Value(Type::kUint64, arena.Copy(std::to_string(value)));
  };
  const auto text = [&](std::string_view value) {
    return Value(Type::kVarChar, arena.Copy(value));
  };
  for (const std::string& name : plan.session_vars) {
    if (name == planner::kConnectionIdVar) {
      vars.Add(name, number(session.connection_id));
    } else if (name == planner::kDatabaseVar) {
      const std::string& keyspace = session.target.keyspace;
      vars.Add(name, keyspace.empty() ? Value() : text(keyspace));
    } else if (name == planner::kLastInsertIdVar) {
      vars.Add(name, number(session.last_insert_id));
    } else if (name == planner::kFoundRowsVar) {
      vars.Add(name, number(session.found_rows));
    } else if (name == planner::kRowCountVar) {
      vars.Add(name, Value(Type::kInt64, arena.Copy(std::to_string(session.row_count))));
    } else if (name.starts_with(planner::kAttributePrefix)) {
      const auto is_it = [&](std::string_view attribute) {
        return planner::AttributeVar(attribute) == name;
      };
      vars.Add(name, AttributeOf(session, is_it));
    } else if (name.starts_with(planner::kAttributeNamedByPrefix)) {
      const sqltypes::BindVar* by =
          vars.Find(std::string_view(name).substr(planner::kAttributeNamedByPrefix.size()));
      const auto is_it = [&](std::string_view attribute) {
        return by != nullptr && by->value.raw() == attribute;
      };
      vars.Add(name, AttributeOf(session, is_it));
    } else if (name.starts_with(planner::kUserVariablePrefix)) {
      const auto at = session.user_variables.find(name.substr(planner::kUserVariablePrefix.size()));
      vars.Add(name, at == session.user_variables.end() ? Value() : at->second.view());
    } else if (name.starts_with(planner::kQuotedUserVariablePrefix)) {
      const auto at = std::find_if(
          session.user_variables.begin(), session.user_variables.end(),
          [&](const auto& variable) { return planner::UserVariableVar(variable.first) == name; });
      vars.Add(name, at == session.user_variables.end() ? Value() : at->second.view());
    } else {
      const std::string_view variable =
          std::string_view(name).substr(planner::kSystemVariablePrefix.size());
      if (variable == "autocommit")
        vars.Add(name, number(session.autocommit ? 1 : 0));
      else if (variable == "client_found_rows")
        vars.Add(name, number(session.options.client_found_rows ? 1 : 0));
      else if (variable == "last_insert_id" || variable == "identity")
        vars.Add(name, number(session.last_insert_id));
      else if (variable == "warning_count")
        vars.Add(name, number(session.warning_count));
      else if (variable == "error_count")
        vars.Add(name, number(session.error_count));
      else if (variable == "version")
        vars.Add(name, text(Version()));
      else if (variable == "pseudo_thread_id")
        vars.Add(name, number(session.connection_id));
      else if (variable == "resultset_metadata")
        vars.Add(name, text(session.leaves_out_columns ? "NONE" : "FULL"));
      else if (variable == "version_comment")
        vars.Add(name, text(options_.version_comment));
      else if (variable == "transaction_mode")
        vars.Add(name,
                 text(session.transaction_mode == TransactionMode::kSingle ? "SINGLE" : "MULTI"));
      else if (variable == "session_track_gtids")
        vars.Add(name, text(session.read_after_write.track ? "OWN_GTID" : "OFF"));
      else if (variable == "read_after_write_gtid")
        vars.Add(name, text(session.read_after_write.gtid));
      else if (variable == "read_after_write_timeout")
        vars.Add(name,
                 text(fmt::format(
                     "{}", static_cast<double>(session.read_after_write.timeout.count()) / 1e3)));
      else if (variable == "last_gtid")
        vars.Add(name, text(session.last_gtid));
      else if (IsIsolation(variable))
        vars.Add(name, text(internal::IsolationName(internal::LastingIsolation(session))));
      else if (IsReadOnly(variable))
        vars.Add(name, number(internal::LastingReadOnly(session) ? 1 : 0));
      else if (variable == kTrackedName)
        vars.Add(name, text(session.tracked_settings->text));
      else if (variable == kWaitTimeoutName)
        vars.Add(name, number(static_cast<uint64_t>(session.wait_timeout->count())));
      else if (variable == "workload")
        vars.Add(name, text(WorkloadName(session.options.workload)));
      else
        return Errorf(Code::kInternal, "the session has no value for {}", name);
    }
  }
  return Ok{};
}

std::string Executor::Version() const {
  return options_.front == nullptr ? mysqlconn::ServerVersion::kDefault
                                   : *options_.front->version.Get();
}

Task<> Executor::TablesChanged(std::string keyspace) {
  descriptions_.Clear();
  readers_.Clear();
  if (options_.tables_changed) co_await options_.tables_changed(std::move(keyspace));
}

// Whether the statement changes rows of a table whose triggers read the session's user variables.
Task<bool> Executor::ReadsVariables(const Context& ctx, const Session& session,
                                    std::string_view sql) {
  const StatementKind kind = sqlparser::Preview(sql);
  const bool changes = kind == StatementKind::kInsert || kind == StatementKind::kReplace ||
                       kind == StatementKind::kUpdate || kind == StatementKind::kDelete;
  if (!changes || !session.may_attach) co_return false;
  const Result<keys::TargetSelection> selection = AttachSelection(session);
  if (!selection.ok()) co_return false;
  const Result<keys::Target> target = co_await OneShard(ctx, *selection);
  if (!target.ok()) co_return false;
  queryservice::Request request;
  request.target = &*target;
  request.caller = &session.caller;
  co_return co_await readers_.Has(ctx, request, sql);
}

// A tablet with query rules wants statements with variables; the next ones go so at once.
bool Executor::TakesPlansOnly(const Session& session, const Error& error) {
  if (error.code() != Code::kUnimplemented ||
      error.message().find(queryservice::kPlansOnly) == std::string::npos)
    return false;
  plans_only_.insert(session.target.keyspace);
  return true;
}

namespace {

// While it lives, tablets are asked for LAST_INSERT_ID() behind each statement of the session.
class AskingInsertId {
 public:
  AskingInsertId(Session& session, bool asks)
      : asked_(session.options.fetch_last_insert_id), option_(asked_) {
    asked_ = asked_ || asks;
  }
  ~AskingInsertId() { asked_ = option_; }
  AskingInsertId(const AskingInsertId&) = delete;
  AskingInsertId& operator=(const AskingInsertId&) = delete;

 private:
  bool& asked_;
  bool option_;
};

}  // namespace

Task<Result<ResultSet>> Executor::RunPlan(const Context& ctx, Session& session, const Plan& plan,
                                          BindVars vars, std::string_view written,
                                          sqltypes::RowSink* sink) {
  Arena arena;
  if (!plan.as_written || plans_only_.contains(session.target.keyspace)) written = {};
  CO_TRY_OK(AddSessionVars(session, plan, arena, vars));
  const auto* by_schema = dynamic_cast<const engine::SchemaRoute*>(plan.root.get());
  if (by_schema != nullptr && !by_schema->StaysIn(session.target.keyspace, vars)) written = {};
  const bool writes = plan.plan_class == PlanClass::kInsert ||
                      plan.plan_class == PlanClass::kUpdate ||
                      plan.plan_class == PlanClass::kDelete;
  if (writes && session.target.tablet_type != keys::TabletType::kPrimary) {
    co_return Errorf(Code::kFailedPrecondition,
                     "supported only for primary tablet type, current type: {}",
                     keys::TabletTypeName(session.target.tablet_type));
  }
  CO_TRY_OK(CheckReadAfterWrite(session));
  const bool changes = writes || plan.plan_class == PlanClass::kDdl;
  if (changes && session.read_only && !session.in_transaction)
    co_return Error(Code::kFailedPrecondition, MysqlError{1792, "25006"},
                    "Cannot execute statement in a READ ONLY transaction");
  if (plan.plan_class == PlanClass::kDdl) {
    // DDL ends the transaction, as everywhere in MySQL.
    CO_TRY_OK(co_await scatter_.Commit(ctx, session));
  } else if (!session.autocommit) {
    session.in_transaction = true;
  }
  if (sink != nullptr && plan.plan_class == PlanClass::kSelect) {
    session.row_count = -1;
    co_return co_await StreamPlan(ctx, session, plan, vars, written, *sink);
  }
  const AskingInsertId asking(session, plan.sets_insert_id);
  SessionExec exec(*this, session);
  exec.SendAsWritten(written);
  Result<ResultSet> result = co_await plan.root->Execute(ctx, exec, vars);
  if (!written.empty() && !result.ok() && TakesPlansOnly(session, result.error())) {
    exec.SendAsWritten(std::string_view());
    result = co_await plan.root->Execute(ctx, exec, vars);
  }
  if (!result.ok()) {
    session.row_count = -1;
    co_return result;
  }
  if (plan.plan_class == PlanClass::kDdl) {
    co_await TablesChanged(plan.ddl_keyspace);
  }
  session.TakeWarnings(*result);
  if (result->insert_id_changed) session.last_insert_id = result->insert_id;
  // A DELETE's answer has no id, also where it has set one.
  if (plan.plan_class == PlanClass::kDelete) result->insert_id = 0;
  const bool has_rows = !result->fields.empty();
  session.row_count = has_rows ? -1 : static_cast<int64_t>(result->affected_rows);
  if (has_rows) session.found_rows = result->row_count();
  co_return result;
}

namespace {

// Clients may give any number; a clock of nanoseconds ends after 292 years.
constexpr std::chrono::milliseconds kLongestTimeout = std::chrono::hours(24 * 365);

// The directive QUERY_TIMEOUT_MS, or else the session's setting; 0 has no limit.
std::chrono::milliseconds GivenTimeout(const Session& session, std::string_view in_text) {
  if (in_text.empty()) return session.query_timeout;
  const sqlparser::Directives directives(in_text);
  const std::string_view text = directives.Find("query_timeout_ms").value_or("");
  int64_t milliseconds = -1;
  std::from_chars(text.data(), text.data() + text.size(), milliseconds);
  return milliseconds < 0 ? session.query_timeout : std::chrono::milliseconds(milliseconds);
}

}  // namespace

Task<Result<ResultSet>> Executor::ExecutePlanned(const Context& ctx, Session& session,
                                                 std::string_view sql, sqltypes::RowSink* sink) {
  bool reads_variables = false;
  if (!session.user_variables.empty()) {
    reads_variables = co_await ReadsVariables(ctx, session, sql);
  }
  if (reads_variables)
    co_return planner::Unsupported("changes of a table whose triggers read user variables");
  const bool is_ddl = sqlparser::Preview(sql) == StatementKind::kDdl;
  if (is_ddl) {
    CO_TRY(const std::shared_ptr<const Plan> plan, FindPlan(session, sql));
    session.plan = plan;
    co_return co_await RunPlan(ctx, session, *plan, BindVars(), sql, sink);
  }
  const ScanLoan loan(scans_);
  sqlparser::Fingerprint& fingerprint = loan->fingerprint;
  CO_TRY_OK(fingerprint.Scan(sql, {}, &shapes_));
  CO_TRY(const std::shared_ptr<const Plan> plan, FindPlan(session, fingerprint.text));
  session.plan = plan;
  BindVars vars = internal::VarsOf(fingerprint, loan->list_items);
  session.leading_comments = fingerprint.leading_comments;
  session.trailing_comments = fingerprint.trailing_comments;
  co_return co_await RunPlanInTime(ctx, session, *plan, std::move(vars), sql,
                                   fingerprint.directives, sink);
}

Task<Result<ResultSet>> Executor::RunPlanInTime(const Context& ctx, Session& session,
                                                const Plan& plan, BindVars vars,
                                                std::string_view written,
                                                std::string_view directives,
                                                sqltypes::RowSink* sink) {
  const std::chrono::milliseconds timeout =
      std::min(GivenTimeout(session, directives), kLongestTimeout);
  if (timeout.count() == 0) {
    co_return co_await RunPlan(ctx, session, plan, std::move(vars), written, sink);
  }
  const Context bounded = ctx.WithTimeout(timeout);
  co_return co_await RunPlan(bounded, session, plan, std::move(vars), written, sink);
}

Task<Result<ResultSet>> Executor::Execute(const Context& ctx, Session& session,
                                          std::string_view sql) {
  return Run(ctx, session, sql, nullptr);
}

namespace {

// Behind a query of no table SHOW WARNINGS tells what it told before, unless the query itself
// warns.
bool IsOfNoTable(StatementKind kind, std::string_view sql) {
  if (kind != StatementKind::kSelect) return false;
  const std::string lower = AsciiLower(sql);
  const size_t from = lower.find("from");
  if (from == std::string::npos) return true;
  const size_t table = lower.find_first_not_of(" \t\r\n", from + 4);
  return table != std::string::npos && lower.compare(table, 4, "dual") == 0 &&
         lower.find("from", table) == std::string::npos;
}

// With autocommit, a statement about tables is what SET TRANSACTION was meant for.
bool WasNextTransaction(const Session& session, StatementKind kind, std::string_view sql) {
  if (!session.isolation_after && !session.read_only_after) return false;
  if (!internal::IsPlanned(kind)) return false;
  return kind != StatementKind::kSelect || AsciiLower(sql).find("from") != std::string::npos;
}

}  // namespace

Task<Result<ResultSet>> Executor::Run(const Context& ctx, Session& session, std::string_view sql,
                                      sqltypes::RowSink* sink) {
  StatementRun run;
  run.began = tessera::Executor::Current().Now();
  run.sql = sql;
  run.streamed = sink != nullptr;
  run.shards = session.shards.size();
  session.BeginStatement();
  const StatementKind kind = sqlparser::Preview(sql);
  run.kind = kind;
  // BEGIN ends whatever was before it, as in MySQL (docs/decisions/0005).
  if (session.must_rollback && kind == StatementKind::kBegin) {
    co_await scatter_.Rollback(ctx, session);
  }
  const bool ends = kind == StatementKind::kRollback;
  if (ends) session.written.clear();
  Result<ResultSet> result = ResultSet();
  if (session.must_rollback && !ends) {
    result = MustRollback();
  } else {
    std::vector<sqltypes::Warning> before;
    if (!session.warnings.empty() && IsOfNoTable(kind, sql)) before = session.warnings;
    if (kind != StatementKind::kShow) session.ForgetWarnings();
    if (kind == StatementKind::kDdl && internal::AltersVschema(sql)) {
      result = co_await AlterVschema(ctx, session, sql);
    } else if (auto told =
                   kind == StatementKind::kDdl ? AnswerDatabaseDdl(session, sql) : std::nullopt) {
      result = *std::move(told);
    } else if (internal::IsPlanned(kind)) {
      result = co_await ExecutePlanned(ctx, session, sql, sink);
      if (!result.ok() && MayRunBound(session, result.error())) {
        result = co_await RunBound(ctx, session, sql, std::move(result).error());
      }
    } else {
      result = co_await ExecuteOther(ctx, session, sql);
    }
    if (result.ok() && session.warnings.empty() && !before.empty()) {
      session.warnings = std::move(before);
      session.tells_warnings = true;
    }
  }
  if (!result.ok()) NoteError(session, result.error());
  if (result.ok() && !session.in_transaction && WasNextTransaction(session, kind, sql))
    session.LeaveNextTransaction();
  if (!session.written.empty()) co_await NotePositions(ctx, session, result);
  NoteRun(session, run, result);
  co_return result;
}

void Executor::NoteError(Session& session, const Error& error) {
  const MysqlError mysql = mysqlwire::ToMysqlError(error);
  sqltypes::Warning& warning = session.warnings.emplace_back();
  warning.level = "Error";
  warning.code = mysql.number;
  warning.message = ServerMessage(error.message());
}

std::string ServerMessage(const std::string& text) {
  // Of a failed call, or told within an answer that succeeded otherwise.
  std::string_view prefix = " desc = ";
  const size_t end = text.find(" (errno ");
  size_t begin = text.find(prefix);
  if (begin > end) {
    prefix = "vttablet: ";
    begin = text.find(prefix);
  }
  if (end == std::string::npos || begin == std::string::npos || begin > end) return text;
  // Several shards have each their own.
  if (text.find(" (errno ", end + 1) != std::string::npos && text.find('\n') != std::string::npos)
    return text;
  return text.substr(begin + prefix.size(), end - begin - prefix.size());
}

Error Executor::MustRollback() {
  return Error(Code::kFailedPrecondition,
               "VT09032: previous transaction failed, issue a ROLLBACK to start over");
}

Result<std::string> Executor::KeyspaceFor(const Session& session, std::string keyspace) const {
  if (keyspace.empty()) keyspace = session.target.keyspace;
  if (!keyspace.empty() && !vschema::IsSystemDatabase(keyspace)) return keyspace;
  const auto& all = serving_.vschema()->keyspaces();
  if (all.empty())
    return Error(Code::kNotFound, "no keyspace exists yet that could answer")
        .WithMysql(1046, "3D000");
  return all.begin()->first;
}

Task<Result<ResultSet>> Executor::PassOn(const Context& ctx, Session& session, std::string keyspace,
                                         std::string sql) {
  CO_TRY(keyspace, KeyspaceFor(session, std::move(keyspace)));
  keys::Destination destination = keys::Destination::AnyShard();
  if (session.target.destination && session.target.keyspace == keyspace)
    destination = *session.target.destination;
  SessionExec exec(*this, session);
  CO_TRY(const std::vector<std::string> shards, co_await exec.Resolve(ctx, keyspace, destination));
  if (shards.empty())
    co_return Errorf(Code::kUnavailable, "keyspace {} has no serving shard", keyspace);
  const BindVars none;
  std::vector<ShardQuery> query(1, ShardQuery{shards.front(), sql, &none});
  // Queries among them have no colons: they are the gate's own.
  query.front().complete = sqlparser::Preview(sql) != StatementKind::kSelect;
  CO_TRY(std::vector<ResultSet> results,
         co_await exec.ExecuteShards(ctx, keyspace, query, ShardOptions()));
  session.TakeWarnings(results.front());
  co_return std::move(results.front());
}

Task<std::string> Executor::AskVersion(const Context& ctx) {
  std::string out;
  const std::vector<std::shared_ptr<discovery::TabletHealth>> tablets = gateway_.health().All();
  for (const std::shared_ptr<discovery::TabletHealth>& tablet : tablets) {
    if (!tablet->usable()) continue;
    const keys::Target target = tablet->health.target;
    const queryservice::ExecuteOptions options;
    queryservice::Request request;
    request.target = &target;
    request.options = &options;
    request.sql = "select version() from dual";
    Result<ResultSet> rows = co_await tablet->service().Execute(ctx, request);
    if (!rows.ok() || !rows->Decode().ok()) continue;
    const ResultSet& answer = *rows;
    if (answer.row_count() != 1 || answer.fields.size() != 1) continue;
    out = answer.row(0)[0].raw();
    break;
  }
  co_return out;
}

Result<> Executor::UseTarget(Session& session, std::string_view text) {
  if (text.empty())
    return Error(Code::kInvalidArgument, MysqlError{1046, "3D000"}, "No database selected");
  TRY(keys::TargetSelection target,
      keys::ParseTargetSelection(text, options_.first_target.tablet_type));
  if (target.keyspace.empty() && target.destination)
    return Error(Code::kInvalidArgument, "USE of a shard names its keyspace: `keyspace:shard`");
  if (!target.keyspace.empty() && !vschema::IsSystemDatabase(target.keyspace)) {
    TRY_OK(serving_.vschema()->FindKeyspace(target.keyspace, target.tablet_type));
  }
  if (session.in_transaction && target.tablet_type != session.target.tablet_type)
    return Error(Code::kFailedPrecondition, "the tablet type cannot change within a transaction")
        .WithMysql(1192, "HY000");
  session.target = std::move(target);
  session.type_chosen = text.find('@') != std::string_view::npos;
  return Ok{};
}

Task<> Executor::CloseSession(const Context& ctx, Session& session) {
  co_await scatter_.Release(ctx, session);
}

ResultSet TextRows(const std::vector<std::string>& columns,
                   const std::vector<std::vector<std::string>>& rows) {
  ResultSet out;
  for (const std::string& name : columns) {
    sqltypes::Field field;
    field.name = name;
    field.type = Type::kVarChar;
    field.charset = 45;
    field.column_length = 1024;
    out.fields.push_back(std::move(field));
  }
  std::vector<Value> cells(columns.size());
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < cells.size(); ++i)
      cells[i] = i < row.size() ? Value(Type::kVarChar, out.arena().Copy(row[i])) : Value();
    out.AppendRow(cells);
  }
  return out;
}

bool MatchesLike(std::string_view text, std::string_view pattern) {
  size_t at = 0;
  size_t next = 0;
  // The last % and what it stands for so far: only that one has to give way.
  size_t star = std::string_view::npos;
  size_t star_at = 0;
  while (at < text.size()) {
    if (next < pattern.size() && pattern[next] == '%') {
      star = next++;
      star_at = at;
      continue;
    }
    const bool escaped = next + 1 < pattern.size() && pattern[next] == '\\';
    const size_t literal = escaped ? next + 1 : next;
    const bool any = next < pattern.size() && !escaped && pattern[next] == '_';
    const bool same =
        any || (literal < pattern.size() &&
                sqlparser::Ident::EqualNoCase(text.substr(at, 1), pattern.substr(literal, 1)));
    if (same) {
      ++at;
      next = literal + 1;
    } else if (star != std::string_view::npos) {
      at = ++star_at;
      next = star + 1;
    } else {
      return false;
    }
  }
  while (next < pattern.size() && pattern[next] == '%') ++next;
  return next == pattern.size();
}

}  // namespace tessera::vtgate
