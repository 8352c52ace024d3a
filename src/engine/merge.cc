// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/merge.h"

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "evalengine/compare.h"

namespace tessera::engine {

using evalengine::OrderKind;
using sqltypes::BindVars;
using sqltypes::ResultSet;
using sqltypes::Value;

Result<size_t> Position(int index, size_t width) {
  const int64_t at = index >= 0 ? index : static_cast<int64_t>(width) + index;
  if (at < 0 || at >= static_cast<int64_t>(width))
    return Errorf(Code::kInternal, "a plan wants column {} of {}", index, width);
  return static_cast<size_t>(at);
}

namespace {

// A column's place in the rows at hand and the kind of its values.
struct BoundColumn {
  size_t index = 0;
  OrderKind kind = OrderKind::kBytes;
};

// The weight string stands in for values that have no order of their own here.
Result<BoundColumn> Bind(const ColumnAt& column, const ResultSet& rows) {
  BoundColumn out;
  TRY(out.index, Position(column.index, rows.fields.size()));
  out.kind = evalengine::OrderKindOf(rows.fields[out.index]);
  const bool text = out.kind == OrderKind::kText;
  if (text && column.weight != ColumnAt::kNone) {
    TRY(out.index, Position(column.weight, rows.fields.size()));
    out.kind = OrderKind::kBytes;
  }
  return out;
}

std::string DescribeColumn(const ColumnAt& column) {
  std::string out = std::to_string(column.index);
  if (column.weight != ColumnAt::kNone) out = "(" + out + "|" + std::to_string(column.weight) + ")";
  return out;
}

}  // namespace

Task<Result<ResultSet>> Sort::Execute(const Context& ctx, Exec& exec, const BindVars& vars) const {
  CO_TRY(ResultSet rows, co_await input_->Execute(ctx, exec, vars));
  CO_TRY_OK(rows.Decode());
  struct Key {
    BoundColumn column;
    bool descending;
  };
  std::vector<Key> keys;
  for (const SortKey& key : keys_) {
    CO_TRY(const BoundColumn column, Bind(key.column, rows));
    keys.push_back(Key{column, key.descending});
  }
  std::vector<size_t> order(rows.row_count());
  std::iota(order.begin(), order.end(), size_t{0});
  std::optional<Error> failed;
  const ResultSet& read = rows;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (failed) return false;
    for (const Key& key : keys) {
      Result<int> compared = evalengine::Compare(key.column.kind, read.row(a)[key.column.index],
                                                 read.row(b)[key.column.index]);
      if (!compared.ok()) {
        failed = std::move(compared).error();
        return false;
      }
      if (*compared != 0) return key.descending ? *compared > 0 : *compared < 0;
    }
    return false;
  });
  if (failed) co_return *std::move(failed);
  rows.Reorder(order);
  co_return rows;
}

PlanDescription Sort::Describe() const {
  PlanDescription out("Sort", "Memory");
  std::string order;
  for (const SortKey& key : keys_) {
    if (!order.empty()) order += ", ";
    order += DescribeColumn(key.column) + (key.descending ? " DESC" : " ASC");
  }
  out.Add("OrderBy", order);
  out.AddInput(input_->Describe());
  return out;
}

namespace {

Result<uint64_t> RowCount(const PlanValue& limit, const BindVars& vars) {
  TRY(const Value value, limit.Get(vars));
  if (value.is_null()) return uint64_t{0};
  Result<uint64_t> count = value.ToUint64();
  if (!count.ok())
    return Error(Code::kInvalidArgument, "LIMIT takes whole numbers from 0: " + value.ToString())
        .WithMysql(1327, "42000");
  return count;
}

}  // namespace

Result<Limit::Window> Limit::Evaluate(const BindVars& vars) const {
  Window window;
  TRY(window.count, RowCount(count_, vars));
  TRY(window.offset, RowCount(offset_, vars));
  window.most =
      std::to_string(std::min<uint64_t>(window.count, UINT64_MAX - window.offset) + window.offset);
  return window;
}

Task<Result<ResultSet>> Limit::Execute(const Context& ctx, Exec& exec, const BindVars& vars) const {
  CO_TRY(const Window window, Evaluate(vars));
  BindVars capped = vars;
  capped.Add(kUpperLimit, Value(sqltypes::Type::kUint64, window.most));
  CO_TRY(ResultSet rows, co_await input_->Execute(ctx, exec, capped));
  CO_TRY_OK(rows.Decode());
  rows.KeepRows(std::min<uint64_t>(window.offset, rows.row_count()),
                std::min<uint64_t>(window.count, rows.row_count()));
  co_return rows;
}

PlanDescription Limit::Describe() const {
  PlanDescription out("Limit");
  out.Add("Count", count_.ToString());
  const std::string offset = offset_.ToString();
  if (!(offset_ == PlanValue())) out.Add("Offset", offset);
  out.AddInput(input_->Describe());
  return out;
}

Task<Result<ResultSet>> Distinct::Execute(const Context& ctx, Exec& exec,
                                          const BindVars& vars) const {
  CO_TRY(ResultSet rows, co_await input_->Execute(ctx, exec, vars));
  CO_TRY_OK(rows.Decode());
  std::vector<BoundColumn> columns;
  for (const ColumnAt& column : columns_) {
    CO_TRY(const BoundColumn bound, Bind(column, rows));
    columns.push_back(bound);
  }
  if (columns_.empty()) {
    for (size_t i = 0; i < rows.fields.size(); ++i)
      columns.push_back(BoundColumn{i, evalengine::OrderKindOf(rows.fields[i])});
  }
  std::unordered_set<std::string> seen;
  std::vector<size_t> kept;
  std::string key;
  for (size_t i = 0; i < rows.row_count(); ++i) {
    key.clear();
    const std::span<const Value> row = std::as_const(rows).row(i);
    for (const BoundColumn& column : columns) {
      CO_TRY_OK(evalengine::AppendEqualityKey(column.kind, row[column.index], key));
    }
    const bool first = seen.insert(key).second;
    if (first) kept.push_back(i);
  }
  rows.Reorder(kept);
  co_return rows;
}

PlanDescription Distinct::Describe() const {
  PlanDescription out("Distinct");
  std::vector<std::string> columns;
  for (const ColumnAt& column : columns_) columns.push_back(DescribeColumn(column));
  out.Add("Columns", columns);
  out.AddInput(input_->Describe());
  return out;
}

Task<Result<ResultSet>> DropColumns::Execute(const Context& ctx, Exec& exec,
                                             const BindVars& vars) const {
  CO_TRY(ResultSet rows, co_await input_->Execute(ctx, exec, vars));
  CO_TRY_OK(rows.Decode());
  if (rows.fields.size() < count_)
    co_return Errorf(Code::kInternal, "a plan drops {} of {} columns", count_, rows.fields.size());
  rows.KeepColumns(rows.fields.size() - count_);
  co_return rows;
}

PlanDescription DropColumns::Describe() const {
  PlanDescription out("SimpleProjection");
  out.Add("DroppedColumns", std::to_string(count_));
  out.AddInput(input_->Describe());
  return out;
}

Task<Result<ResultSet>> Concatenate::Execute(const Context& ctx, Exec& exec,
                                             const BindVars& vars) const {
  ResultSet out;
  bool first = true;
  for (const PrimitivePtr& input : inputs_) {
    CO_TRY(ResultSet rows, co_await input->Execute(ctx, exec, vars));
    if (first) {
      out = std::move(rows);
      first = false;
      continue;
    }
    if (rows.fields.size() != out.fields.size()) {
      co_return Error(Code::kInvalidArgument,
                      "The used SELECT statements have a different number of columns")
          .WithMysql(1222, "21000");
    }
    for (size_t i = 0; i < out.fields.size(); ++i) {
      if (out.fields[i].type == sqltypes::Type::kNull) out.fields[i].type = rows.fields[i].type;
    }
    AddInsertId(out, rows);
    CO_TRY_OK(out.AppendRows(std::move(rows)));
  }
  co_return out;
}

PlanDescription Concatenate::Describe() const {
  PlanDescription out("Concatenate");
  for (const PrimitivePtr& input : inputs_) out.AddInput(input->Describe());
  return out;
}

}  // namespace tessera::engine
