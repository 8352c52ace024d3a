// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/merge.h"
#include "engine/primitive.h"

namespace tessera::engine {

enum class MergeOp : uint8_t {
  kAny,    // the group's first value: keys, and what depends on them
  kCount,  // adds counts
  kSum,    // adds exact numbers or floats
  kMin,
  kMax,
  kAvg,            // a sum divided by the count in `divisor`
  kCountDistinct,  // counts the values themselves
  kSumDistinct,
};

// One column of the outcome.
struct MergedColumn {
  MergeOp op = MergeOp::kAny;
  ColumnAt from;
  int divisor = ColumnAt::kNone;  // kAvg
  std::string name;               // empty: as the input has it
};

// Puts the groups together that shards have made of their own rows. Without keys everything is one
// group. Groups come in the order in which they were first seen.
class Aggregate final : public Primitive {
 public:
  Aggregate(PrimitivePtr input, std::vector<ColumnAt> keys, std::vector<MergedColumn> columns)
      : input_(std::move(input)), keys_(std::move(keys)), columns_(std::move(columns)) {}
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                            const sqltypes::BindVars& vars) const override;
  PlanDescription Describe() const override;

 private:
  PrimitivePtr input_;
  std::vector<ColumnAt> keys_;
  std::vector<MergedColumn> columns_;
};

}  // namespace tessera::engine
