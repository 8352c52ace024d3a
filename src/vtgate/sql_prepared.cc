// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/ascii.h"
#include "sqlparser/ast_expr.h"
#include "sqlparser/ast_session.h"
#include "vtgate/executor.h"

// PREPARE, EXECUTE and DEALLOCATE PREPARE as SQL text, where no server of the session's own has
// them.
namespace tessera::vtgate {

using sqlparser::Expr;
using sqltypes::ResultSet;
using sqltypes::Value;

namespace {

Error NoSuch(std::string_view name, std::string_view by) {
  return Errorf(Code::kInvalidArgument, "Unknown prepared statement handler ({}) given to {}", name,
                by)
      .WithMysql(1243, "HY000");
}

}  // namespace

Task<Result<std::string>> Executor::PreparedText(const Context& ctx, Session& session,
                                                 const Expr& source) {
  const auto* literal = source.As<sqlparser::Literal>();
  if (literal != nullptr && literal->type == sqlparser::LiteralType::kString)
    co_return std::string(literal->text);
  CO_TRY(const StoredValue text, co_await Evaluate(ctx, session, source));
  // A server reads this word, and finds that it begins no statement.
  co_return text.is_null() ? std::string("NULL") : text.bytes;
}

Task<Result<>> Executor::PrepareNamed(const Context& ctx, Session& session,
                                      const sqlparser::Prepare& prepare) {
  const std::string name = AsciiLower(prepare.name.text);
  // The one before is gone also when this one fails.
  session.prepared.erase(name);
  CO_TRY(const std::string text, co_await PreparedText(ctx, session, *prepare.source));
  CO_TRY(std::unique_ptr<PreparedStatement> statement, co_await Prepare(ctx, session, text));
  session.prepared[name] = std::move(statement);
  co_return Ok{};
}

Task<Result<ResultSet>> Executor::ExecuteNamed(const Context& ctx, Session& session,
                                               const sqlparser::Execute& execute) {
  std::shared_ptr<const PreparedStatement> statement;
  if (execute.immediate != nullptr) {
    CO_TRY(const std::string text, co_await PreparedText(ctx, session, *execute.immediate));
    CO_TRY(statement, co_await Prepare(ctx, session, text));
  } else {
    const auto at = session.prepared.find(AsciiLower(execute.name.text));
    if (at == session.prepared.end()) co_return NoSuch(execute.name.text, "EXECUTE");
    statement = at->second;
  }
  if (execute.args.size() != statement->parameter_count)
    co_return Error(Code::kInvalidArgument, "Incorrect arguments to EXECUTE")
        .WithMysql(1210, "HY000");
  std::vector<StoredValue> values;
  for (const Expr* argument : execute.args) {
    CO_TRY(StoredValue value, co_await Evaluate(ctx, session, *argument));
    values.push_back(std::move(value));
  }
  std::vector<Value> parameters;
  for (const StoredValue& value : values) parameters.push_back(value.view());
  co_return co_await ExecutePrepared(ctx, session, *statement, parameters);
}

Result<> Executor::DeallocateNamed(Session& session, const sqlparser::Deallocate& deallocate) {
  const bool known = session.prepared.erase(AsciiLower(deallocate.name.text)) != 0;
  if (!known) return NoSuch(deallocate.name.text, "DEALLOCATE PREPARE");
  return Ok{};
}

}  // namespace tessera::vtgate
