// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/plan_value.h"
#include "engine/primitive.h"

namespace tessera::engine {

// A column of a primitive's input. Negative numbers count from the last column (-1) back: helper
// columns stand behind a `*` whose width the planner does not know.
struct ColumnAt {
  static constexpr int kNone = 1 << 30;
  int index = kNone;
  int weight = kNone;  // the column's weight_string(), where one was asked for

  friend bool operator==(const ColumnAt&, const ColumnAt&) = default;
};

struct SortKey {
  ColumnAt column;
  bool descending = false;
};

// Puts all rows in order, by value where the type tells it, else by weight string. Keeps the order
// of equal rows.
class Sort final : public Primitive {
 public:
  Sort(PrimitivePtr input, std::vector<SortKey> keys)
      : input_(std::move(input)), keys_(std::move(keys)) {}
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                            const sqltypes::BindVars& vars) const override;
  PlanDescription Describe() const override;

 private:
  PrimitivePtr input_;
  std::vector<SortKey> keys_;
};

// The name under which a Limit's input finds how many rows it needs at most.
inline constexpr std::string_view kUpperLimit = "__upper_limit";

// LIMIT count OFFSET offset over all shards; each is asked for offset + count rows.
class Limit final : public Primitive {
 public:
  Limit(PrimitivePtr input, PlanValue count, PlanValue offset)
      : input_(std::move(input)), count_(std::move(count)), offset_(std::move(offset)) {}
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                            const sqltypes::BindVars& vars) const override;
  Task<Result<>> Stream(const Context& ctx, Exec& exec, const sqltypes::BindVars& vars,
                        sqltypes::RowSink& sink) const override;
  PlanDescription Describe() const override;

 private:
  // How many rows to give and to leave out before.
  struct Window {
    uint64_t count = 0;
    uint64_t offset = 0;
    std::string most;  // what the input is asked for
  };
  Result<Window> Evaluate(const sqltypes::BindVars& vars) const;

  PrimitivePtr input_;
  PlanValue count_;
  PlanValue offset_;
};

// Keeps the first of rows that are equal in the columns named, or in all when none is.
class Distinct final : public Primitive {
 public:
  Distinct(PrimitivePtr input, std::vector<ColumnAt> columns)
      : input_(std::move(input)), columns_(std::move(columns)) {}
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                            const sqltypes::BindVars& vars) const override;
  PlanDescription Describe() const override;

 private:
  PrimitivePtr input_;
  std::vector<ColumnAt> columns_;
};

// Drops the last columns: helpers that the client did not ask for.
class DropColumns final : public Primitive {
 public:
  DropColumns(PrimitivePtr input, size_t count) : input_(std::move(input)), count_(count) {}
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                            const sqltypes::BindVars& vars) const override;
  PlanDescription Describe() const override;

 private:
  PrimitivePtr input_;
  size_t count_;
};

// UNION ALL: the rows of each input behind those of the one before, under the first's names.
class Concatenate final : public Primitive {
 public:
  explicit Concatenate(std::vector<PrimitivePtr> inputs) : inputs_(std::move(inputs)) {}
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                            const sqltypes::BindVars& vars) const override;
  Task<Result<>> Stream(const Context& ctx, Exec& exec, const sqltypes::BindVars& vars,
                        sqltypes::RowSink& sink) const override;
  PlanDescription Describe() const override;

 private:
  std::vector<PrimitivePtr> inputs_;
};

// The number the column has in rows of `width` columns. kInternal when there is none.
Result<size_t> Position(int index, size_t width);

}  // namespace tessera::engine
