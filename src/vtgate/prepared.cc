// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/prepared.h"

#include <algorithm>
#include <charconv>
#include <deque>

#include "planner/planner.h"
#include "sqlparser/ast_expr.h"
#include "sqlparser/ast_nodes.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/visitor.h"
#include "vtgate/executor.h"
#include "vtgate/internal/session_exec.h"
#include "vtgate/internal/statement_values.h"

namespace tessera::vtgate {

using mysqlconn::PreparedInfo;
using planner::Plan;
using sqlparser::Node;
using sqlparser::Statement;
using sqlparser::Visit;
using sqltypes::BindVars;
using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

namespace {

// "v1", "v2", ...: what the parser calls question marks.
std::string_view ParameterName(size_t index) {
  thread_local std::deque<std::string> names;
  while (names.size() <= index) names.push_back("v" + std::to_string(names.size() + 1));
  return names[index];
}

// The number of a question mark, from 0; -1 for other variables.
int ParameterIndex(const Node& node) {
  const auto* variable = node.As<sqlparser::BindVar>();
  if (variable == nullptr || variable->is_list || !variable->name.starts_with('v')) return -1;
  int number = 0;
  const char* const end = variable->name.data() + variable->name.size();
  const auto [at, error] = std::from_chars(variable->name.data() + 1, end, number);
  return error == std::errc() && at == end && number > 0 ? number - 1 : -1;
}

// Up to a star, behind which nobody knows what is where.
std::vector<std::pair<uint16_t, uint16_t>> ParameterColumns(const sqlparser::Select& select) {
  std::vector<std::pair<uint16_t, uint16_t>> out;
  uint16_t column = 0;
  for (const Node* node : select.items) {
    const auto* item = node->As<sqlparser::SelectItem>();
    if (item == nullptr) break;
    const int parameter = ParameterIndex(*item->expr);
    if (parameter >= 0) out.emplace_back(column, static_cast<uint16_t>(parameter));
    ++column;
  }
  return out;
}

// A LIMIT takes numbers only, and clients that bind everything as text are understood all the same.
Value AsNumber(const Value& value, Arena& arena) {
  if (value.is_null() || value.type() == Type::kInt64 || value.type() == Type::kUint64)
    return value;
  std::string_view text = value.raw();
  while (text.starts_with(' ')) text.remove_prefix(1);
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return Value(Type::kUint64, arena.Copy(std::to_string(number)));
}

// Whether a server has said it, not somebody on the way.
bool IsSaidByServer(const Error& error) {
  return error.message().find(" (errno ") != std::string::npos;
}

}  // namespace

Result<> PreparedStatement::Take(std::string_view text) {
  Arena arena;
  TRY(const Statement* statement, sqlparser::Parse(arena, text));
  sqlparser::Walk(statement, [this](const Node& node) {
    if (const auto* limit = node.As<sqlparser::Limit>()) {
      for (const Node* part :
           {static_cast<const Node*>(limit->count), static_cast<const Node*>(limit->offset)})
        if (part != nullptr && ParameterIndex(*part) >= 0)
          limits.push_back(static_cast<uint16_t>(ParameterIndex(*part)));
    }
    parameter_count = std::max(parameter_count, static_cast<uint16_t>(ParameterIndex(node) + 1));
    return Visit::kContinue;
  });
  if (const auto* select = statement->As<sqlparser::Select>())
    parameter_columns = ParameterColumns(*select);
  planned = internal::IsPlanned(sqlparser::Preview(text));
  if (sqlparser::Preview(text) == sqlparser::StatementKind::kDdl) planned = false;
  // What is not planned is run as text, its values in place.
  sql = planned ? std::string(text) : sqlparser::ToString(statement);
  return planned ? fingerprint.Scan(sql) : Ok{};
}

Result<bool> PreparedStatement::TakeBound(const Error& refusal) {
  Arena arena;
  TRY(const Statement* statement, sqlparser::Parse(arena, sql));
  const auto* query = statement->As<sqlparser::QueryExpr>();
  if (query == nullptr || planner::BoundToConnection(*statement).empty()) return refusal;
  planned = false;
  sql = sqlparser::ToString(statement);
  const auto* select = statement->As<sqlparser::Select>();
  const auto* set = statement->As<sqlparser::SetOperation>();
  return (select == nullptr || select->into == nullptr) && (set == nullptr || set->into == nullptr);
}

Task<Result<std::unique_ptr<PreparedStatement>>> Executor::Prepare(const Context& ctx,
                                                                   Session& session,
                                                                   std::string_view sql) {
  session.BeginStatement();
  auto statement = std::make_unique<PreparedStatement>();
  CO_TRY_OK(statement->Take(sql));
  if (!statement->planned) {
    // Of one shard's server in any case: it can tell what it will answer.
    if (session.may_attach && AttachSelection(session).ok() && !IsForSession(sql))
      co_return planner::Unsupported("preparation of this statement");
    co_return statement;
  }
  bool reads_variables = false;
  if (!session.user_variables.empty()) {
    reads_variables = co_await ReadsVariables(ctx, session, sql);
  }
  if (reads_variables)
    co_return planner::Unsupported("changes of a table whose triggers read user variables");
  const Result<std::shared_ptr<const Plan>> planned =
      FindPlan(session, statement->fingerprint.text);
  if (!planned.ok() && MayRunBound(session, planned.error())) {
    CO_TRY(const bool describes, statement->TakeBound(planned.error()));
    if (!describes) co_return statement;
  } else if (!planned.ok()) {
    co_return planned.error();
  }
  const bool as_written = planned.ok() && (*planned)->as_written;
  const auto described = co_await ColumnsOf(ctx, session, sql);
  if (described.ok()) {
    statement->columns = **described;
  } else if (described.error().mysql_errno() != 0 ||
             (as_written && IsSaidByServer(described.error()))) {
    co_return described.error();
  }
  co_return statement;
}

Task<Result<std::shared_ptr<const Descriptions::Columns>>> Executor::ColumnsOf(
    const Context& ctx, Session& session, std::string_view sql) {
  const std::shared_ptr<const vschema::VSchema> vschema = serving_.vschema();
  std::string key(sql);
  key.push_back('\0');
  key += session.target.ToString();
  std::shared_ptr<const Descriptions::Columns> columns =
      descriptions_.Find(key, vschema.get(), tessera::Executor::Current().Now());
  if (columns != nullptr) co_return columns;
  CO_TRY(ResultSet described, co_await Describe(ctx, session, sql));
  columns = std::make_shared<const Descriptions::Columns>(std::move(described.fields));
  descriptions_.Put(std::move(key), vschema, tessera::Executor::Current().Now(), columns);
  co_return columns;
}

// Asked of any shard: their tables are alike. Tables of other keyspaces are unknown there, and a
// tablet of another make does not know the call: the columns then come with the rows.
Task<Result<ResultSet>> Executor::Describe(const Context& ctx, Session& session,
                                           std::string_view sql) {
  CO_TRY(const std::string keyspace, KeyspaceFor(session, session.target.keyspace));
  Arena arena;
  CO_TRY(const Statement* statement, sqlparser::Parse(arena, sql));
  sqlparser::PrintOptions options;
  options.dialect = sqlparser::Dialect::kServer;
  options.qualify_tables = vschema::IsSystemDatabase(session.target.keyspace);
  options.question_marks = true;
  options.name_columns = true;
  const std::string text = sqlparser::ToString(statement, options);
  keys::TargetSelection selection = session.target;
  selection.keyspace = keyspace;
  if (!selection.destination) selection.destination = keys::Destination::AnyShard();
  CO_TRY(const keys::Target target, co_await OneShard(ctx, selection));
  queryservice::Request request;
  request.target = &target;
  request.caller = &session.caller;
  request.options = &session.options;
  request.sql = text;
  co_return co_await gateway_.DescribeStatement(ctx, request);
}

Task<Result<ResultSet>> Executor::ExecutePrepared(const Context& ctx, Session& session,
                                                  const PreparedStatement& statement,
                                                  std::span<const Value> parameters) {
  Arena arena;
  BindVars vars;
  std::vector<Value> items;
  if (statement.planned) vars = internal::VarsOf(statement.fingerprint, items);
  for (size_t i = 0; i < parameters.size(); ++i) vars.Add(ParameterName(i), parameters[i]);
  for (const uint16_t limit : statement.limits) {
    if (limit >= parameters.size()) continue;
    sqltypes::BindVar number;
    number.name = ParameterName(limit);
    number.value = AsNumber(parameters[limit], arena);
    vars.Set(number);
  }
  if (!statement.planned) {
    std::string text;
    CO_TRY_OK(sqltypes::SqlTemplate(statement.sql).Render(vars, text));
    co_return co_await Run(ctx, session, text, nullptr);
  }
  StatementRun run;
  run.began = tessera::Executor::Current().Now();
  run.sql = statement.sql;
  run.kind = sqlparser::Preview(statement.fingerprint.text);
  run.prepared = true;
  run.shards = session.shards.size();
  session.BeginStatement();
  session.leading_comments = statement.fingerprint.leading_comments;
  session.trailing_comments = statement.fingerprint.trailing_comments;
  if (session.must_rollback) co_return MustRollback();
  session.ForgetWarnings();
  Result<ResultSet> result = ResultSet();
  const Result<std::shared_ptr<const Plan>> plan = FindPlan(session, statement.fingerprint.text);
  if (plan.ok()) {
    session.plan = *plan;
    result = co_await RunPlanInTime(ctx, session, **plan, std::move(vars), std::string_view(),
                                    statement.fingerprint.directives, nullptr);
  } else {
    result = plan.error();
  }
  if (!result.ok()) NoteError(session, result.error());
  if (!session.written.empty()) co_await NotePositions(ctx, session, result);
  NoteRun(session, run, result);
  co_return result;
}

}  // namespace tessera::vtgate
