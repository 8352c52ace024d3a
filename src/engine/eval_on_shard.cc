// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/eval_on_shard.h"

#include <algorithm>

namespace tessera::engine {

using sqltypes::BindVars;
using sqltypes::Field;
using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

namespace {

constexpr size_t kBatchRows = 200;

// A literal that MySQL gives the type the value came with.
void AppendTyped(const Value& value, std::string& out) {
  sqltypes::AppendSql(value, out);
  const bool is_float = !value.is_null() && sqltypes::IsFloat(value.type());
  if (is_float && value.raw().find('e') == std::string_view::npos) out += "e0";
}

void AppendIdentifier(std::string_view name, std::string& out) {
  out.push_back('`');
  for (const char c : name) {
    if (c == '`') out.push_back('`');
    out.push_back(c);
  }
  out.push_back('`');
}

// The one answer, as cells, with a column for each that was asked for.
Result<ResultSet> JoinAnswer(std::vector<ResultSet> answers, size_t width) {
  if (answers.size() != 1 || answers.front().fields.size() != width)
    return Error(Code::kInternal, "a shard did not answer what it was asked to compute");
  TRY_OK(answers.front().Decode());
  return std::move(answers.front());
}

}  // namespace

std::string EvalOnShard::BatchSql(const ResultSet& rows, size_t begin, size_t end) const {
  std::string sql = "select i";
  for (const EvalColumn& column : columns_) {
    if (column.input >= 0) continue;
    sql += ", " + column.sql + " as ";
    AppendIdentifier(column.name, sql);
  }
  sql += " from (";
  for (size_t i = begin; i < end; ++i) {
    sql += i == begin ? "select " : " union all select ";
    sql += std::to_string(i);
    if (i == begin) sql += " as i";
    const std::span<const Value> row = rows.row(i);
    for (size_t c = 0; c < row.size(); ++c) {
      sql += ", ";
      AppendTyped(row[c], sql);
      if (i == begin) sql += " as c" + std::to_string(c);
    }
  }
  sql += ") as merged";
  if (!filter_.empty()) sql += " where " + filter_;
  return sql;
}

Task<Result<ResultSet>> EvalOnShard::Execute(const Context& ctx, Exec& exec,
                                             const BindVars& vars) const {
  CO_TRY(ResultSet rows, co_await input_->Execute(ctx, exec, vars));
  CO_TRY_OK(rows.Decode());
  const keys::Destination any = keys::Destination::AnyShard();
  CO_TRY(const std::vector<std::string> shards, co_await exec.Resolve(ctx, keyspace_, any));
  if (shards.empty())
    co_return Errorf(Code::kUnavailable, "keyspace {} has no serving shard", keyspace_);

  ResultSet out;
  std::vector<Value> cells(columns_.size());
  const auto computed_columns = std::count_if(columns_.begin(), columns_.end(),
                                              [](const EvalColumn& c) { return c.input < 0; });
  const size_t width = 1 + static_cast<size_t>(computed_columns);
  // One batch is sent even for no rows at all: it tells the computed columns' types.
  for (size_t begin = 0; begin == 0 || begin < rows.row_count(); begin += kBatchRows) {
    const size_t end = std::min(begin + kBatchRows, rows.row_count());
    std::string sql;
    if (end > begin) {
      sql = BatchSql(rows, begin, end);
    } else {
      ResultSet nulls;
      nulls.fields = rows.fields;
      const std::vector<Value> row(rows.fields.size());
      nulls.AppendRow(row);
      sql = BatchSql(nulls, 0, 1) + " limit 0";
    }
    const std::vector<ShardQuery> query(1, ShardQuery{shards.front(), sql, &vars});
    CO_TRY(std::vector<ResultSet> answers,
           co_await exec.ExecuteShards(ctx, keyspace_, query, ShardOptions()));
    CO_TRY(ResultSet answer, JoinAnswer(std::move(answers), width));
    if (begin == 0) {
      size_t computed = 1;
      for (const EvalColumn& column : columns_) {
        out.fields.push_back(column.input >= 0 ? rows.fields[static_cast<size_t>(column.input)]
                                               : answer.fields[computed++]);
      }
    }
    // The order of the answer is not the back end's to choose: rows stay as they were.
    std::vector<std::pair<uint64_t, size_t>> order;
    for (size_t i = 0; i < answer.row_count(); ++i) {
      CO_TRY(const uint64_t index, std::as_const(answer).row(i)[0].ToUint64());
      if (index >= rows.row_count()) co_return Error(Code::kInternal, "a shard made up a row");
      order.emplace_back(index, i);
    }
    std::sort(order.begin(), order.end());
    for (const auto& [index, at] : order) {
      size_t computed = 1;
      for (size_t c = 0; c < columns_.size(); ++c) {
        const int input = columns_[c].input;
        const Value value = input >= 0 ? std::as_const(rows).row(index)[static_cast<size_t>(input)]
                                       : std::as_const(answer).row(at)[computed++];
        cells[c] = value.CopyTo(out.arena());
      }
      out.AppendRow(cells);
    }
  }
  co_return out;
}

PlanDescription EvalOnShard::Describe() const {
  PlanDescription out("EvalOnShard");
  out.SetKeyspace(keyspace_, sharded_);
  std::vector<std::string> columns;
  for (const EvalColumn& column : columns_)
    columns.push_back(column.input >= 0 ? ":" + std::to_string(column.input) : column.sql);
  out.Add("Columns", columns);
  out.Add("Filter", filter_);
  out.AddInput(input_->Describe());
  return out;
}

}  // namespace tessera::engine
