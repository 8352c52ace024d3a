// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// A prepared statement with many rows of parameters at once.
#include <algorithm>
#include <chrono>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "engine/route.h"
#include "sqlparser/ast_dml.h"
#include "sqlparser/ast_expr.h"
#include "sqlparser/ast_query.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/rewrite.h"
#include "sqlparser/visitor.h"
#include "sqltypes/bind_vars.h"
#include "vtgate/executor.h"

namespace tessera::vtgate {

using sqlparser::BindVar;
using sqlparser::Node;
using sqlparser::Statement;
using sqlparser::Visit;
using sqltypes::BindVars;
using sqltypes::ResultSet;
using sqltypes::SqlTemplate;
using sqltypes::Type;
using sqltypes::Value;

namespace {

// Texts longer than this are cut: servers and messages between processes have limits.
constexpr size_t kMostText = 4 << 20;
constexpr Duration kCleanupTimeout = std::chrono::seconds(30);
constexpr std::string_view kRowsVar = "bulk_rows";
constexpr std::string_view kSavepoint = "tessera_bulk";

// How a statement takes its rows.
struct BulkShape {
  bool is_insert = false;
  bool tells_matched = false;  // its answer has a text for people: an UPDATE's
  // An INSERT whose parameters all stand in its VALUES: what is in front of the rows, one row with
  // its parameters as variables, and what is behind.
  std::optional<SqlTemplate> row;
  std::string head;
  std::string tail;
  // The whole statement, for those that are no such INSERT.
  SqlTemplate whole{std::string()};
  std::vector<std::string> names;     // of the parameters
  std::set<std::string_view> stored;  // of those that are the whole value of a column
};

// Notes a parameter that is the whole of a column's value.
void NoteStored(const sqlparser::Expr* value, const std::vector<std::string>& names,
                std::set<std::string_view>& stored) {
  const auto* variable = value == nullptr ? nullptr : value->As<BindVar>();
  if (variable == nullptr) return;
  const auto at = std::find(names.begin(), names.end(), variable->name);
  if (at != names.end()) stored.insert(*at);
}

size_t CountParameters(const Node* node) {
  size_t count = 0;
  sqlparser::Walk(node, [&](const Node& below) {
    count += below.Is<BindVar>() ? 1 : 0;
    return Visit::kContinue;
  });
  return count;
}

// Fills head, row and tail when all parameters stand in the rows.
void SplitAtRows(Arena& arena, const sqlparser::Insert& insert,
                 const sqlparser::ValuesStatement& values, BulkShape& shape) {
  size_t in_rows = 0;
  std::string rows;
  for (const sqlparser::RowValues* row : values.rows) {
    in_rows += CountParameters(row);
    rows += (rows.empty() ? "" : ", ") + sqlparser::ToString(row);
  }
  if (in_rows != shape.names.size()) return;
  auto* marker = sqlparser::NewNode<BindVar>(arena);
  marker->name = kRowsVar;
  auto* only = sqlparser::NewNode<sqlparser::RowValues>(arena);
  only->items = sqlparser::MakeList<sqlparser::Expr>(arena, {marker});
  auto* source = sqlparser::CopyNode(arena, &values);
  source->rows = sqlparser::MakeList<sqlparser::RowValues>(arena, {only});
  auto* copy = sqlparser::CopyNode(arena, &insert);
  copy->source = source;
  const std::string text = sqlparser::ToString(copy);
  const std::string mark = fmt::format("(:{})", kRowsVar);
  const size_t at = text.find(mark);
  // A statement that says the same elsewhere is run row by row.
  if (at == std::string::npos || text.find(mark, at + 1) != std::string::npos) return;
  shape.head = text.substr(0, at);
  shape.tail = text.substr(at + mark.size());
  shape.row.emplace(std::move(rows));
}

Result<BulkShape> ShapeOfBulk(const PreparedStatement& prepared) {
  Arena arena;
  TRY(const Statement* statement, sqlparser::Parse(arena, prepared.sql));
  BulkShape shape;
  for (uint16_t i = 1; i <= prepared.parameter_count; ++i)
    shape.names.push_back(fmt::format("v{}", i));
  const auto* insert = statement->As<sqlparser::Insert>();
  shape.is_insert = insert != nullptr;
  shape.tells_matched = statement->Is<sqlparser::Update>();
  if (insert == nullptr && !shape.tells_matched && !statement->Is<sqlparser::Delete>())
    return mysqlwire::NoBulk();
  sqlparser::Walk(statement, [&](const Node& node) {
    if (const auto* set = node.As<sqlparser::Assignment>())
      NoteStored(set->value, shape.names, shape.stored);
    if (const auto* row = node.As<sqlparser::RowValues>())
      for (const sqlparser::Expr* item : row->items) NoteStored(item, shape.names, shape.stored);
    return Visit::kContinue;
  });
  if (insert != nullptr) {
    const auto* values =
        insert->source == nullptr ? nullptr : insert->source->As<sqlparser::ValuesStatement>();
    if (values == nullptr) return mysqlwire::NoBulk();
    SplitAtRows(arena, *insert, *values, shape);
  }
  if (!shape.row) shape.whole = SqlTemplate(sqlparser::ToString(statement));
  return shape;
}

bool IsExpression(const Value& value) { return value.type() == Type::kExpression; }

// The parameters of a row under their names.
Result<BindVars> VarsOfRow(const BulkShape& shape, std::span<const Value> row) {
  BindVars vars;
  for (size_t i = 0; i < row.size(); ++i) {
    if (IsExpression(row[i]) && !shape.stored.contains(shape.names[i]))
      return Error(Code::kInvalidArgument, MysqlError{4032, "HY000"},
                   "Default/ignore value is not supported for such parameter usage");
    vars.Add(shape.names[i], row[i]);
  }
  return vars;
}

// The statements that store all rows: one, unless it would be too long.
Result<std::vector<std::string>> InsertTexts(const BulkShape& shape, mysqlwire::BulkReader& rows) {
  std::vector<std::string> texts;
  std::vector<Value> row;
  Arena arena;
  while (!rows.empty()) {
    arena.Reset();
    TRY_OK(rows.Next(row, arena));
    TRY(const BindVars vars, VarsOfRow(shape, row));
    std::string rendered;
    if (shape.row) {
      TRY_OK(shape.row->Render(vars, rendered));
      const bool fits =
          !texts.empty() && texts.back().size() + rendered.size() + shape.tail.size() < kMostText;
      if (!fits && !texts.empty()) texts.back() += shape.tail;
      if (fits) {
        texts.back() += ", ";
      } else {
        texts.push_back(shape.head);
      }
      texts.back() += rendered;
    } else {
      TRY_OK(shape.whole.Render(vars, rendered));
      texts.push_back(std::move(rendered));
    }
  }
  if (shape.row) texts.back() += shape.tail;
  return texts;
}

// Adds a statement's answer to those of the statements before it.
class BulkAnswer {
 public:
  Result<> Add(Session& session, ResultSet result) {
    std::move(session.warnings.begin(), session.warnings.end(), std::back_inserter(warnings_));
    if (!first_) {
      first_ = std::move(result);
      return Ok{};
    }
    first_->affected_rows += result.affected_rows;
    // Generated ids: the first one is told, as of one INSERT.
    if (!first_->insert_id_changed) engine::AddInsertId(*first_, result);
    first_->info.clear();
    if (first_->fields.empty()) return Ok{};
    return first_->AppendRows(std::move(result));
  }
  // What the statements have warned of becomes what one of them would have.
  ResultSet Finish(Session& session) {
    session.warnings = std::move(warnings_);
    session.row_count =
        first_->fields.empty() ? static_cast<int64_t>(first_->affected_rows) : int64_t{-1};
    return *std::move(first_);
  }

 private:
  std::optional<ResultSet> first_;
  std::vector<sqltypes::Warning> warnings_;
};

}  // namespace

// A statement of the gate's own about the transaction.
Task<Result<>> Executor::EndOrBegin(const Context& ctx, Session& session, std::string sql) {
  Result<ResultSet> done = ResultSet();
  if (IsAttachedHere(session)) {
    done = co_await session.attached->Execute(ctx, sql);
  } else {
    done = co_await Run(ctx, session, sql, nullptr);
  }
  if (!done.ok()) co_return std::move(done).error();
  co_return Ok{};
}

// Several statements that do all or nothing, in a transaction of their own or within the session's.
Task<Result<ResultSet>> Executor::RunAllOrNone(const Context& ctx, Session& session,
                                               std::span<const std::string> texts) {
  if (texts.size() == 1) {
    co_return co_await Run(ctx, session, texts.front(), nullptr);
  }
  const bool own = session.autocommit && !session.in_transaction;
  const size_t savepoints = session.savepoints.size();
  const std::string name(kSavepoint);
  CO_TRY_OK(co_await EndOrBegin(ctx, session, own ? "begin" : "savepoint " + name));
  BulkAnswer answer;
  Result<> outcome;
  for (const std::string& text : texts) {
    Result<ResultSet> result = co_await Run(ctx, session, text, nullptr);
    if (!result.ok()) outcome = std::move(result).error();
    if (outcome.ok()) outcome = answer.Add(session, std::move(result).value());
    if (!outcome.ok()) break;
  }
  if (!outcome.ok()) {
    std::vector<sqltypes::Warning> warnings = std::move(session.warnings);
    // Also when the client has gone, or its time is over.
    const Context cleanup = Context::Background().WithTimeout(kCleanupTimeout);
    const Result<> undone =
        co_await EndOrBegin(cleanup, session, own ? "rollback" : "rollback to " + name);
    // A transaction that is lost with its shard has ended as well.
    if (undone.ok()) session.savepoints.resize(std::min(savepoints, session.savepoints.size()));
    session.warnings = std::move(warnings);
    co_return std::move(outcome).error();
  }
  CO_TRY_OK(co_await EndOrBegin(ctx, session, own ? "commit" : "release savepoint " + name));
  session.savepoints.resize(std::min(savepoints, session.savepoints.size()));
  co_return answer.Finish(session);
}

Task<Result<ResultSet>> Executor::ExecuteBulk(const Context& ctx, Session& session,
                                              const PreparedStatement& statement,
                                              mysqlwire::BulkReader& rows) {
  CO_TRY(const BulkShape shape, ShapeOfBulk(statement));
  if (shape.is_insert) {
    CO_TRY(const std::vector<std::string> texts, InsertTexts(shape, rows));
    co_return co_await RunAllOrNone(ctx, session, texts);
  }
  BulkAnswer answer;
  std::vector<Value> row;
  Arena arena;
  while (!rows.empty()) {
    arena.Reset();
    CO_TRY_OK(rows.Next(row, arena));
    CO_TRY(const BindVars vars, VarsOfRow(shape, row));
    Result<ResultSet> result = ResultSet();
    if (std::any_of(row.begin(), row.end(), IsExpression)) {
      std::string text;
      CO_TRY_OK(shape.whole.Render(vars, text));
      result = co_await Run(ctx, session, text, nullptr);
    } else {
      result = co_await ExecutePrepared(ctx, session, statement, row);
    }
    if (!result.ok()) co_return result;
    CO_TRY_OK(answer.Add(session, *std::move(result)));
  }
  ResultSet all = answer.Finish(session);
  // MariaDB tells rows that were changed for rows that were found, too.
  if (shape.tells_matched)
    all.info = fmt::format("Rows matched: {0}  Changed: {0}  Warnings: {1}", all.affected_rows,
                           session.warnings.size());
  co_return all;
}

}  // namespace tessera::vtgate
