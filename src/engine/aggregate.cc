// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/aggregate.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "evalengine/compare.h"
#include "evalengine/decimal.h"

namespace tessera::engine {

using evalengine::Decimal;
using evalengine::OrderKind;
using sqltypes::BindVars;
using sqltypes::Field;
using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

namespace {

constexpr uint32_t kMaxScale = 30;
// MySQL's div_precision_increment.
constexpr uint32_t kDivisionDigits = 4;

struct Bound {
  MergeOp op = MergeOp::kAny;
  size_t column = 0;
  size_t compared = 0;  // the column, or its weight string
  OrderKind kind = OrderKind::kBytes;
  size_t divisor = 0;
  bool is_float = false;
};

// What one group knows of one column so far.
struct Cell {
  Value value;     // kAny, kMin, kMax
  Value compared;  // of value
  bool seen = false;
  Decimal sum;
  double float_sum = 0;
  uint64_t count = 0;
  std::unique_ptr<std::unordered_set<std::string>> distinct;
};

Result<Bound> BindMerged(const MergedColumn& column, const ResultSet& rows) {
  const size_t width = rows.fields.size();
  Bound out;
  out.op = column.op;
  TRY(out.column, Position(column.from.index, width));
  out.compared = out.column;
  const Field& field = rows.fields[out.column];
  out.kind = evalengine::OrderKindOf(field);
  out.is_float = sqltypes::IsFloat(field.type) ||
                 !(sqltypes::IsNumber(field.type) || field.type == Type::kNull);
  if (out.kind == OrderKind::kText && column.from.weight != ColumnAt::kNone) {
    TRY(out.compared, Position(column.from.weight, width));
    out.kind = OrderKind::kBytes;
  }
  if (column.op == MergeOp::kAvg) {
    TRY(out.divisor, Position(column.divisor, width));
  }
  return out;
}

Result<> AddNumber(const Bound& bound, const Value& value, Cell& cell) {
  cell.seen = true;
  if (bound.is_float) {
    TRY(const double number, value.ToFloat64());
    cell.float_sum += number;
    return Ok{};
  }
  TRY(const Decimal number, Decimal::Parse(value.raw()));
  cell.sum.Add(number);
  return Ok{};
}

Result<> Absorb(const Bound& bound, std::span<const Value> row, Cell& cell) {
  const Value& value = row[bound.column];
  switch (bound.op) {
    case MergeOp::kAny:
      if (!cell.seen) cell.value = value;
      cell.seen = true;
      return Ok{};
    case MergeOp::kCount:
    case MergeOp::kSum:
      if (value.is_null()) return Ok{};
      return AddNumber(bound, value, cell);
    case MergeOp::kAvg: {
      if (value.is_null()) return Ok{};
      TRY(const uint64_t count, row[bound.divisor].ToUint64());
      cell.count += count;
      return AddNumber(bound, value, cell);
    }
    case MergeOp::kMin:
    case MergeOp::kMax: {
      if (value.is_null()) return Ok{};
      const Value& compared = row[bound.compared];
      if (cell.seen) {
        TRY(const int order, evalengine::Compare(bound.kind, compared, cell.compared));
        if (bound.op == MergeOp::kMin ? order >= 0 : order <= 0) return Ok{};
      }
      cell.seen = true;
      cell.value = value;
      cell.compared = compared;
      return Ok{};
    }
    case MergeOp::kCountDistinct:
    case MergeOp::kSumDistinct: {
      if (value.is_null()) return Ok{};
      std::string key;
      TRY_OK(evalengine::AppendEqualityKey(bound.kind, row[bound.compared], key));
      if (cell.distinct == nullptr)
        cell.distinct = std::make_unique<std::unordered_set<std::string>>();
      if (!cell.distinct->insert(std::move(key)).second) return Ok{};
      return bound.op == MergeOp::kSumDistinct ? AddNumber(bound, value, cell) : Result<>();
    }
  }
  return Ok{};
}

Value Text(Type type, const std::string& text, Arena& arena) {
  return Value(type, arena.Copy(text));
}

Value Finish(const Bound& bound, const Field& field, const Cell& cell, Arena& arena) {
  switch (bound.op) {
    case MergeOp::kCount:
      return Text(Type::kInt64, cell.sum.ToString(), arena);
    case MergeOp::kCountDistinct:
      return Text(Type::kInt64, std::to_string(cell.distinct ? cell.distinct->size() : 0), arena);
    case MergeOp::kSum:
    case MergeOp::kSumDistinct:
      if (!cell.seen) return {};
      if (bound.is_float)
        return Text(Type::kFloat64, evalengine::FormatDouble(cell.float_sum), arena);
      return Text(Type::kDecimal, cell.sum.ToString(), arena);
    case MergeOp::kAvg: {
      if (!cell.seen || cell.count == 0) return {};
      if (bound.is_float) {
        const double average = cell.float_sum / static_cast<double>(cell.count);
        return Text(Type::kFloat64, evalengine::FormatDouble(average), arena);
      }
      const size_t scale = std::min(field.decimals + kDivisionDigits, kMaxScale);
      return Text(Type::kDecimal, cell.sum.DividedBy(cell.count, scale).ToString(), arena);
    }
    default:
      return cell.value.CopyTo(arena);
  }
}

Field OutputField(const Bound& bound, const MergedColumn& column, const Field& from) {
  Field out = from;
  if (!column.name.empty()) out.name = column.name;
  const bool counts = bound.op == MergeOp::kCount || bound.op == MergeOp::kCountDistinct;
  if (counts) {
    out.type = Type::kInt64;
    out.decimals = 0;
    out.charset = 63;
    out.column_length = 21;
    out.flags = sqltypes::kColumnNotNull | sqltypes::kColumnBinary;
  }
  if (bound.op == MergeOp::kAvg || bound.op == MergeOp::kSum || bound.op == MergeOp::kSumDistinct) {
    out.type = bound.is_float ? Type::kFloat64 : Type::kDecimal;
    out.charset = 63;
    out.flags = sqltypes::kColumnBinary;
    if (bound.op == MergeOp::kAvg && !bound.is_float)
      out.decimals = std::min(from.decimals + kDivisionDigits, kMaxScale);
  }
  const bool computed = bound.op != MergeOp::kAny;
  if (computed) {
    out.table.clear();
    out.org_table.clear();
    out.org_name.clear();
    out.database.clear();
  }
  return out;
}

struct BoundKey {
  size_t column = 0;
  OrderKind kind = OrderKind::kBytes;
};

Result<std::vector<BoundKey>> BindKeys(const std::vector<ColumnAt>& keys, const ResultSet& rows) {
  std::vector<BoundKey> out;
  for (const ColumnAt& key : keys) {
    BoundKey bound;
    TRY(bound.column, Position(key.index, rows.fields.size()));
    bound.kind = evalengine::OrderKindOf(rows.fields[bound.column]);
    if (bound.kind == OrderKind::kText && key.weight != ColumnAt::kNone) {
      TRY(bound.column, Position(key.weight, rows.fields.size()));
      bound.kind = OrderKind::kBytes;
    }
    out.push_back(bound);
  }
  return out;
}

}  // namespace

Task<Result<ResultSet>> Aggregate::Execute(const Context& ctx, Exec& exec,
                                           const BindVars& vars) const {
  CO_TRY(ResultSet rows, co_await input_->Execute(ctx, exec, vars));
  CO_TRY_OK(rows.Decode());
  std::vector<Bound> bounds;
  for (const MergedColumn& column : columns_) {
    CO_TRY(const Bound bound, BindMerged(column, rows));
    bounds.push_back(bound);
  }
  CO_TRY(const std::vector<BoundKey> keys, BindKeys(keys_, rows));

  std::unordered_map<std::string, size_t> places;
  std::vector<std::vector<Cell>> groups;
  std::string key;
  const ResultSet& read = rows;
  for (size_t i = 0; i < rows.row_count(); ++i) {
    const std::span<const Value> row = read.row(i);
    key.clear();
    for (const BoundKey& part : keys) {
      CO_TRY_OK(evalengine::AppendEqualityKey(part.kind, row[part.column], key));
    }
    const auto [at, fresh] = places.try_emplace(key, groups.size());
    if (fresh) groups.emplace_back(bounds.size());
    std::vector<Cell>& cells = groups[at->second];
    for (size_t c = 0; c < bounds.size(); ++c) {
      CO_TRY_OK(Absorb(bounds[c], row, cells[c]));
    }
  }

  // Without GROUP BY there is one row even for no rows at all.
  if (keys.empty() && groups.empty()) groups.emplace_back(bounds.size());

  ResultSet out;
  for (size_t c = 0; c < bounds.size(); ++c)
    out.fields.push_back(OutputField(bounds[c], columns_[c], rows.fields[bounds[c].column]));
  std::vector<Value> cells(bounds.size());
  for (const std::vector<Cell>& group : groups) {
    for (size_t c = 0; c < bounds.size(); ++c)
      cells[c] = Finish(bounds[c], rows.fields[bounds[c].column], group[c], out.arena());
    out.AppendRow(cells);
  }
  co_return out;
}

PlanDescription Aggregate::Describe() const {
  static constexpr std::string_view kNames[] = {
      "any_value", "sum_count", "sum", "min", "max", "avg", "count_distinct", "sum_distinct"};
  PlanDescription out("Aggregate", keys_.empty() ? "Scalar" : "Hash");
  std::string columns;
  for (const MergedColumn& column : columns_) {
    if (!columns.empty()) columns += ", ";
    columns += std::string(kNames[static_cast<size_t>(column.op)]) + "(" +
               std::to_string(column.from.index) + ")";
    if (!column.name.empty()) columns += " AS " + column.name;
  }
  out.Add("Aggregates", columns);
  std::string keys;
  for (const ColumnAt& key : keys_) {
    if (!keys.empty()) keys += ", ";
    keys += std::to_string(key.index);
    if (key.weight != ColumnAt::kNone) keys += "|" + std::to_string(key.weight);
  }
  out.Add("GroupBy", keys);
  out.AddInput(input_->Describe());
  return out;
}

}  // namespace tessera::engine
