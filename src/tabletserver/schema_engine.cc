// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/schema_engine.h"

#include <algorithm>
#include <utility>

#include "sqltypes/value.h"

namespace tessera::tabletserver {

using mysqlconn::Connection;
using mysqlconn::Pool;
using sqltypes::ResultSet;
using sqltypes::Value;

namespace {

constexpr size_t kDefinitionsPerMessage = 100;

std::string Literal(std::string_view text) {
  std::string out;
  sqltypes::AppendSql(Value(sqltypes::Type::kVarChar, text), out);
  return out;
}

std::string Backquoted(std::string_view name) {
  std::string out = "`";
  for (const char c : name) {
    if (c == '`') out.push_back('`');
    out.push_back(c);
  }
  out.push_back('`');
  return out;
}

// Part of a signature: what comes after it cannot run into it.
void Sign(std::string_view part, std::string& signature) {
  signature.append(part);
  signature.push_back('\x1f');
}

SchemaTable* Find(Schema& schema, std::string_view name) {
  const auto found = schema.find(name);
  return found == schema.end() ? nullptr : found->second.get();
}

}  // namespace

Task<Result<>> SchemaEngine::ReadColumns(const Context& ctx, Connection& connection,
                                         Schema& schema) const {
  const std::string sql = fmt::format(
      "select table_name, column_name, column_type, is_nullable, extra, column_default, "
      "collation_name from information_schema.columns where table_schema = {} "
      "order by table_name, ordinal_position",
      Literal(database_));
  CO_TRY(ResultSet rows, co_await connection.Query(ctx, sql));
  CO_TRY_OK(rows.Decode());
  for (size_t i = 0; i < rows.row_count(); ++i) {
    const std::span<const Value> row = std::as_const(rows).row(i);
    SchemaTable* const table = Find(schema, row[0].raw());
    if (table == nullptr) continue;
    SchemaColumn column;
    column.name = row[1].raw();
    column.type = row[2].raw();
    column.nullable = row[3].raw() == "YES";
    column.auto_increment = row[4].raw().find("auto_increment") != std::string_view::npos;
    table->columns.push_back(std::move(column));
    for (const Value& cell : row.subspan(1)) Sign(cell.raw(), table->signature);
  }
  co_return Ok{};
}

Task<Result<>> SchemaEngine::ReadKeys(const Context& ctx, Connection& connection,
                                      Schema& schema) const {
  const std::string sql = fmt::format(
      "select table_name, index_name, column_name, non_unique, sub_part from "
      "information_schema.statistics where table_schema = {} "
      "order by table_name, index_name, seq_in_index",
      Literal(database_));
  CO_TRY(ResultSet rows, co_await connection.Query(ctx, sql));
  CO_TRY_OK(rows.Decode());
  for (size_t i = 0; i < rows.row_count(); ++i) {
    const std::span<const Value> row = std::as_const(rows).row(i);
    SchemaTable* const table = Find(schema, row[0].raw());
    if (table == nullptr) continue;
    const std::string_view key = row[1].raw();
    if (key == "PRIMARY") table->primary_key.emplace_back(row[2].raw());
    if (table->keys.empty() || table->keys.back() != key) table->keys.emplace_back(key);
    for (const Value& cell : row.subspan(1)) Sign(cell.raw(), table->signature);
  }
  co_return Ok{};
}

// A view may change what it selects and keep its columns.
Task<Result<>> SchemaEngine::ReadViews(const Context& ctx, Connection& connection,
                                       Schema& schema) const {
  const std::string sql = fmt::format(
      "select table_name, view_definition from information_schema.views where table_schema = {}",
      Literal(database_));
  CO_TRY(ResultSet rows, co_await connection.Query(ctx, sql));
  CO_TRY_OK(rows.Decode());
  for (size_t i = 0; i < rows.row_count(); ++i) {
    const std::span<const Value> row = std::as_const(rows).row(i);
    SchemaTable* const view = Find(schema, row[0].raw());
    if (view != nullptr) Sign(row[1].raw(), view->signature);
  }
  co_return Ok{};
}

Task<Result<Schema>> SchemaEngine::Read(const Context& ctx, Connection& connection) const {
  const std::string sql = fmt::format(
      "select table_name, table_type, create_time, table_comment from information_schema.tables "
      "where table_schema = {}",
      Literal(database_));
  CO_TRY(ResultSet rows, co_await connection.Query(ctx, sql));
  CO_TRY_OK(rows.Decode());
  Schema schema;
  for (size_t i = 0; i < rows.row_count(); ++i) {
    const std::span<const Value> row = std::as_const(rows).row(i);
    auto table = std::make_shared<SchemaTable>();
    table->name = row[0].raw();
    table->is_view = row[1].raw().find("VIEW") != std::string_view::npos;
    for (const Value& cell : row.subspan(1)) Sign(cell.raw(), table->signature);
    schema.emplace(table->name, std::move(table));
  }
  CO_TRY_OK(co_await ReadColumns(ctx, connection, schema));
  CO_TRY_OK(co_await ReadKeys(ctx, connection, schema));
  const bool has_views = std::any_of(schema.begin(), schema.end(),
                                     [](const auto& entry) { return entry.second->is_view; });
  if (has_views) {
    CO_TRY_OK(co_await ReadViews(ctx, connection, schema));
  }
  co_return schema;
}

// Tables that stayed the same keep their create statement.
SchemaChanges SchemaEngine::Compare(Schema& fresh) const {
  SchemaChanges changes;
  const auto note = [&changes](const SchemaTable& table) {
    (table.is_view ? changes.views : changes.tables).push_back(table.name);
  };
  for (auto& [name, table] : fresh) {
    const auto known = schema_.find(name);
    if (known == schema_.end() || known->second->signature != table->signature) {
      note(*table);
    } else {
      table = known->second;
    }
  }
  for (const auto& [name, table] : schema_) {
    if (!fresh.contains(name)) note(*table);
  }
  return changes;
}

Task<Result<SchemaChanges>> SchemaEngine::Reload(const Context& ctx) {
  CO_TRY(const runtime::AsyncMutex::Guard guard, co_await reloading_.Lock(ctx));
  CO_TRY(Pool::Lease lease, co_await pool_.Get(ctx));
  CO_TRY(Schema fresh, co_await Read(ctx, *lease));
  SchemaChanges changes = Compare(fresh);
  schema_ = std::move(fresh);
  if (!std::exchange(loaded_, true)) changes = SchemaChanges();
  co_return changes;
}

Task<Result<>> SchemaEngine::ReadCreateStatement(const Context& ctx, Connection& connection,
                                                 SchemaTable& table) const {
  const std::string sql = fmt::format("show create {} {}.{}", table.is_view ? "view" : "table",
                                      Backquoted(database_), Backquoted(table.name));
  CO_TRY(ResultSet rows, co_await connection.Query(ctx, sql));
  CO_TRY_OK(rows.Decode());
  if (rows.row_count() == 1 && rows.fields.size() > 1)
    table.create_statement = std::as_const(rows).row(0)[1].raw();
  co_return Ok{};
}

Task<Result<>> SchemaEngine::GetSchema(const Context& ctx, queryservice::SchemaTables kind,
                                       std::span<const std::string> names,
                                       queryservice::SchemaSink& sink) {
  using queryservice::SchemaTables;
  if (kind == SchemaTables::kUdfs) co_return Ok{};
  // The tables stay alive in this list, whatever a reload does meanwhile.
  std::vector<std::shared_ptr<SchemaTable>> wanted;
  for (const auto& [name, table] : schema_) {
    if (kind == SchemaTables::kTables && table->is_view) continue;
    if (kind == SchemaTables::kViews && !table->is_view) continue;
    if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) continue;
    wanted.push_back(table);
  }
  CO_TRY(Pool::Lease lease, co_await pool_.Get(ctx));
  std::vector<queryservice::TableDefinition> batch;
  for (const std::shared_ptr<SchemaTable>& table : wanted) {
    if (table->create_statement.empty()) {
      const Result<> read = co_await ReadCreateStatement(ctx, *lease, *table);
      // Dropped meanwhile: the next reload tells.
      if (!read.ok() && read.error().mysql_errno() == 1146) continue;
      if (!read.ok()) co_return read;
    }
    batch.push_back({table->name, table->create_statement});
    if (batch.size() >= kDefinitionsPerMessage) {
      CO_TRY_OK(co_await sink.OnTables(ctx, std::move(batch)));
      batch.clear();
    }
  }
  if (batch.empty()) co_return Ok{};
  co_return co_await sink.OnTables(ctx, std::move(batch));
}

}  // namespace tessera::tabletserver
