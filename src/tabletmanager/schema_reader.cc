// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/internal/schema_reader.h"

#include <algorithm>
#include <utility>

#include <re2/re2.h>

#include "proto/tabletmanagerdata.pb.h"
#include "queryservice/codec.h"
#include "sqltypes/result_set.h"
#include "sqltypes/value.h"
#include "tabletmanager/tablet_manager.h"

namespace tessera::tabletmanager::internal {

using mysqlconn::Connection;
using sqltypes::ResultSet;
using sqltypes::Value;

namespace {

constexpr std::string_view kDatabaseName = "`{{.DatabaseName}}`";

std::string SqlName(std::string_view text) {
  std::string out;
  sqltypes::AppendSql(Value(sqltypes::Type::kVarChar, text), out);
  return out;
}

Task<Result<ResultSet>> Ask(const Context& ctx, Connection& connection, std::string sql) {
  CO_TRY(ResultSet rows, co_await connection.Query(ctx, sql));
  CO_TRY_OK(rows.Decode());
  co_return rows;
}

uint64_t Count(const Value& value) {
  if (value.is_null()) return 0;
  const Result<int64_t> number = value.ToInt64();
  return number.ok() && *number > 0 ? static_cast<uint64_t>(*number) : 0;
}

Task<Result<>> ReadStatement(const Context& ctx, Connection& connection,
                             const std::string& database,
                             ::tabletmanagerdata::TableDefinition& table) {
  std::string sql =
      fmt::format("show create table {}.{}", Backquoted(database), Backquoted(table.name()));
  CO_TRY(const ResultSet rows, co_await Ask(ctx, connection, std::move(sql)));
  if (rows.row_count() != 1)
    co_return Errorf(Code::kNotFound, "table {} went away while it was read", table.name());
  const std::string_view create = rows.row(0)[1].raw();
  if (table.type() == "VIEW") {
    // With its dot: a definer may have the database's name.
    table.set_schema(ReplaceAll(std::string(create), Backquoted(database) + ".",
                                std::string(kDatabaseName) + "."));
  } else {
    table.set_schema(WithoutCounter(create));
  }
  co_return Ok{};
}

Task<Result<>> ReadFields(const Context& ctx, Connection& connection, const std::string& database,
                          ::tabletmanagerdata::TableDefinition& table) {
  std::string sql = fmt::format("select * from {}.{} where 1 != 1", Backquoted(database),
                                Backquoted(table.name()));
  CO_TRY(const ResultSet rows, co_await Ask(ctx, connection, std::move(sql)));
  std::string bytes;
  queryservice::AppendQueryResult(rows, bytes);
  ::query::QueryResult result;
  if (!result.ParseFromString(bytes))
    co_return Errorf(Code::kInternal, "fields of {} do not read as query.QueryResult",
                     table.name());
  for (const ::query::Field& field : result.fields()) {
    *table.add_fields() = field;
    table.add_columns(field.name());
  }
  co_return Ok{};
}

using TableDefinitions = ::google::protobuf::RepeatedPtrField<::tabletmanagerdata::TableDefinition>;

Task<Result<>> ReadPrimaryKeys(const Context& ctx, Connection& connection,
                               const std::string& database, TableDefinitions& tables) {
  std::string sql = fmt::format(
      "select table_name, column_name from information_schema.statistics where table_schema = {} "
      "and index_name = 'PRIMARY' order by table_name, seq_in_index",
      SqlName(database));
  CO_TRY(const ResultSet rows, co_await Ask(ctx, connection, std::move(sql)));
  for (size_t i = 0; i < rows.row_count(); ++i) {
    const std::string_view name = rows.row(i)[0].raw();
    const auto table = std::find_if(tables.begin(), tables.end(),
                                    [name](const auto& one) { return one.name() == name; });
    if (table != tables.end()) table->add_primary_key_columns(std::string(rows.row(i)[1].raw()));
  }
  co_return Ok{};
}

Task<Result<>> ListTables(const Context& ctx, Connection& connection,
                          const SchemaQuestion& question, const TableFilter& filter,
                          TableDefinitions& out) {
  std::string sql = fmt::format(
      "select table_name, table_type, data_length, table_rows from information_schema.tables "
      "where table_schema = {} order by table_name",
      SqlName(question.database));
  CO_TRY(const ResultSet rows, co_await Ask(ctx, connection, std::move(sql)));
  for (size_t i = 0; i < rows.row_count(); ++i) {
    const std::string_view name = rows.row(i)[0].raw();
    const std::string_view type = rows.row(i)[1].raw();
    const bool view = type == "VIEW";
    // MariaDB's own sequences are no tables to Vitess.
    if (type == "SEQUENCE" || (view && !question.include_views) || !filter.Takes(name)) continue;
    ::tabletmanagerdata::TableDefinition& table = *out.Add();
    table.set_name(std::string(name));
    table.set_type(view ? "VIEW" : "BASE TABLE");
    table.set_data_length(Count(rows.row(i)[2]));
    table.set_row_count(Count(rows.row(i)[3]));
  }
  co_return Ok{};
}

}  // namespace

std::string ReplaceAll(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string WithoutCounter(std::string_view create) {
  constexpr std::string_view kCounter = " AUTO_INCREMENT=";
  std::string out(create);
  // Options stand behind the last column or key; comments with that text may stand before.
  const size_t options = out.rfind("\n)");
  if (options == std::string::npos) return out;
  const size_t at = out.find(kCounter, options);
  if (at == std::string::npos) return out;
  const size_t end = out.find_first_not_of("0123456789", at + kCounter.size());
  out.erase(at, end == std::string::npos ? end : end - at);
  return out;
}

TableFilter::TableFilter() = default;
TableFilter::TableFilter(TableFilter&&) noexcept = default;
TableFilter::~TableFilter() = default;

Result<> TableFilter::Read(std::span<const std::string> words, Names& out) {
  for (const std::string& word : words) {
    if (!word.starts_with('/')) {
      out.exact.push_back(word);
      continue;
    }
    std::string_view expression(word);
    expression.remove_prefix(1);
    if (expression.ends_with('/')) expression.remove_suffix(1);
    auto pattern = std::make_unique<const re2::RE2>(
        re2::StringPiece(expression.data(), expression.size()), re2::RE2::Quiet);
    if (!pattern->ok())
      return Errorf(Code::kInvalidArgument, "cannot use table pattern {}: {}", word,
                    pattern->error());
    out.patterns.push_back(std::move(pattern));
  }
  return Ok{};
}

Result<TableFilter> TableFilter::Make(std::span<const std::string> included,
                                      std::span<const std::string> excluded) {
  TableFilter filter;
  TRY_OK(Read(included, filter.included_));
  TRY_OK(Read(excluded, filter.excluded_));
  return filter;
}

bool TableFilter::Names::Has(std::string_view table) const {
  if (std::find(exact.begin(), exact.end(), table) != exact.end()) return true;
  const re2::StringPiece text(table.data(), table.size());
  return std::any_of(patterns.begin(), patterns.end(), [&text](const auto& pattern) {
    return re2::RE2::PartialMatch(text, *pattern);
  });
}

bool TableFilter::Takes(std::string_view table) const {
  if (excluded_.Has(table)) return false;
  return included_.empty() || included_.Has(table);
}

Task<Result<>> ReadSchema(const Context& ctx, Connection& connection, SchemaQuestion question,
                          const TableFilter& filter, ::tabletmanagerdata::SchemaDefinition& out) {
  std::string sql = "show create database if not exists " + Backquoted(question.database);
  CO_TRY(const ResultSet database, co_await Ask(ctx, connection, std::move(sql)));
  if (database.row_count() == 1) {
    out.set_database_schema(ReplaceAll(std::string(database.row(0)[1].raw()),
                                       Backquoted(question.database), kDatabaseName));
  }
  TableDefinitions& tables = *out.mutable_table_definitions();
  CO_TRY_OK(co_await ListTables(ctx, connection, question, filter, tables));
  for (::tabletmanagerdata::TableDefinition& table : tables) {
    CO_TRY_OK(co_await ReadStatement(ctx, connection, question.database, table));
    if (question.statements_only) continue;
    CO_TRY_OK(co_await ReadFields(ctx, connection, question.database, table));
  }
  if (question.statements_only) co_return Ok{};
  co_return co_await ReadPrimaryKeys(ctx, connection, question.database, tables);
}

}  // namespace tessera::tabletmanager::internal
