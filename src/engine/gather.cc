// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/gather.h"

#include <algorithm>
#include <unordered_set>

namespace tessera::engine {

using sqltypes::BindVars;
using sqltypes::Field;
using sqltypes::ResultSet;
using sqltypes::Value;

namespace {

// Bytes of one INSERT: well below the smallest max_allowed_packet in use.
constexpr size_t kInsertBytes = 256 << 10;

void AppendName(std::string_view name, std::string& out) {
  out.push_back('`');
  for (const char c : name) {
    if (c == '`') out.push_back('`');
    out.push_back(c);
  }
  out.push_back('`');
}

void AddInserts(const std::string& table, const ResultSet& rows, std::vector<std::string>& out) {
  std::string head = "insert into ";
  AppendName(table, head);
  head += " values ";
  std::string sql;
  for (size_t i = 0; i < rows.row_count(); ++i) {
    sql += sql.empty() ? head + "(" : ", (";
    const std::span<const Value> row = rows.row(i);
    for (size_t c = 0; c < row.size(); ++c) {
      if (c > 0) sql += ", ";
      sqltypes::AppendSql(row[c], sql);
    }
    sql += ")";
    if (sql.size() >= kInsertBytes) out.push_back(std::exchange(sql, std::string()));
  }
  if (!sql.empty()) out.push_back(std::move(sql));
}

// CREATE from rows of name, type and collation, with the columns that `fields` name.
Result<std::string> CreateFrom(const GatherTable& table, const std::vector<Field>& fields,
                               const ResultSet& definition) {
  std::string sql = "create temporary table ";
  AppendName(table.name, sql);
  for (size_t f = 0; f < fields.size(); ++f) {
    size_t at = 0;
    while (at < definition.row_count() && definition.row(at)[0].raw() != fields[f].name) ++at;
    if (at == definition.row_count()) {
      return Errorf(Code::kFailedPrecondition, "table {} has no column {} any more", table.original,
                    fields[f].name);
    }
    sql += f == 0 ? " (" : ", ";
    AppendName(fields[f].name, sql);
    sql += " " + std::string(definition.row(at)[1].raw());
    const Value& collation = definition.row(at)[2];
    if (!collation.is_null()) sql += " collate " + std::string(collation.raw());
  }
  return sql + ")";
}

// The different values, NULL left out; nothing when there are too many.
std::optional<std::vector<Value>> DistinctValues(const ResultSet& rows, std::string_view column) {
  size_t at = 0;
  while (at < rows.fields.size() && rows.fields[at].name != column) ++at;
  if (at == rows.fields.size()) return std::nullopt;
  std::unordered_set<std::string_view> seen;
  std::vector<Value> out;
  for (size_t i = 0; i < rows.row_count(); ++i) {
    const Value& value = rows.row(i)[at];
    if (value.is_null() || !seen.insert(value.raw()).second) continue;
    out.push_back(value);
    if (out.size() > Gather::kMostKeys) return std::nullopt;
  }
  return out;
}

}  // namespace

Task<Result<ResultSet>> Gather::Read(const Context& ctx, Exec& exec, const GatherTable& table,
                                     const std::vector<ResultSet>& earlier,
                                     const BindVars& vars) const {
  if (table.keyed != nullptr) {
    BindVars with_keys = vars;
    std::vector<std::vector<Value>> lists;
    lists.reserve(table.keys.size());
    bool complete = true;
    for (const GatherKey& key : table.keys) {
      std::optional<std::vector<Value>> values = DistinctValues(earlier[key.table], key.column);
      if (!values) {
        complete = false;
        break;
      }
      // A list must not be empty; NULL equals nothing.
      if (values->empty()) values->emplace_back();
      lists.push_back(*std::move(values));
      with_keys.AddList(key.var, lists.back());
    }
    if (complete) {
      co_return co_await table.keyed->Execute(ctx, exec, with_keys);
    }
  }
  co_return co_await table.input->Execute(ctx, exec, vars);
}

Task<Result<>> Gather::Copy(const Context& ctx, Exec& exec, const GatherTable& table,
                            const ResultSet& rows, const BindVars& vars,
                            std::vector<std::string>& prepare) const {
  if (table.definition == nullptr) {
    prepare.push_back(table.create);
  } else {
    CO_TRY(ResultSet definition, co_await table.definition->Execute(ctx, exec, vars));
    CO_TRY_OK(definition.Decode());
    CO_TRY(std::string create, CreateFrom(table, rows.fields, definition));
    prepare.push_back(std::move(create));
  }
  AddInserts(table.name, rows, prepare);
  co_return Ok{};
}

Task<Result<ResultSet>> Gather::Execute(const Context& ctx, Exec& exec,
                                        const BindVars& vars) const {
  std::vector<ResultSet> gathered;
  std::vector<std::string> prepare;
  size_t count = 0;
  for (const GatherTable& table : tables_) {
    CO_TRY(ResultSet rows, co_await Read(ctx, exec, table, gathered, vars));
    CO_TRY_OK(rows.Decode());
    count += rows.row_count();
    if (count > kMostRows) {
      co_return Errorf(Code::kResourceExhausted, "in-memory row count exceeded allowed limit of {}",
                       kMostRows)
          .WithHint("narrow the query, or join by the columns that decide rows' shards");
    }
    CO_TRY_OK(co_await Copy(ctx, exec, table, rows, vars, prepare));
    gathered.push_back(std::move(rows));
  }
  const keys::Destination any = keys::Destination::AnyShard();
  CO_TRY(const std::vector<std::string> shards, co_await exec.Resolve(ctx, keyspace_, any));
  if (shards.empty())
    co_return Errorf(Code::kUnavailable, "keyspace {} has no serving shard", keyspace_);
  const ShardQuery query(shards.front(), sql_, &vars);
  CO_TRY(ResultSet result, co_await exec.ExecutePrepared(ctx, keyspace_, query, prepare));
  for (Field& field : result.fields) {
    for (const GatherTable& table : tables_)
      if (field.org_table == table.name) field.org_table = table.original;
  }
  co_return result;
}

PlanDescription Gather::Describe() const {
  PlanDescription out("Gather");
  out.SetKeyspace(keyspace_, sharded_);
  out.Add("Query", sql_);
  for (const GatherTable& table : tables_)
    out.AddInput((table.keyed != nullptr ? table.keyed : table.input)->Describe());
  return out;
}

}  // namespace tessera::engine
