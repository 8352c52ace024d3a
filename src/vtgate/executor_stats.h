// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/executor.h"
#include "keys/tablet_type.h"
#include "keys/target.h"
#include "planner/planner.h"
#include "sqlparser/fingerprint.h"
#include "stats/family.h"

namespace tessera::vtgate {

// How a plan meets shards, by Vitess's names.
enum class PlanShape : uint8_t {
  kUnknown,      // not planned
  kLocal,        // no shard is asked
  kPassthrough,  // one shard
  kMultiShard,   // some
  kScatter,      // all
  kComplex,      // several statements brought together
  kDdl,
};
constexpr size_t kPlanShapes = 7;
std::string_view PlanShapeName(PlanShape shape);
PlanShape ShapeOf(const planner::Plan& plan);

// A statement, from its begin to its end.
struct StatementRun {
  Instant began;
  std::string_view sql;
  sqlparser::StatementKind kind = sqlparser::StatementKind::kOther;
  bool streamed = false;
  bool prepared = false;
  bool relayed = false;
  size_t shards = 0;  // that were in the transaction before

  // What Vitess calls the call that ran it.
  std::string_view Operation() const;
};

// Statements of one keyspace and tablet type that came by one call.
struct ApiStats {
  stats::Timings times;
  std::array<uint64_t, 19> errors = {};  // by Code
  uint64_t rows_returned = 0;
  uint64_t rows_affected = 0;
};

// What an executor has done. Of its loop.
class ExecutorStats {
 public:
  // References stay valid. A look at the one asked for last costs a comparison.
  ApiStats& Api(const StatementRun& run, const keys::TargetSelection& target);
  void CountExecution(sqlparser::StatementKind kind, PlanShape shape, keys::TabletType type) {
    ++executions_[static_cast<size_t>(kind)][static_cast<size_t>(shape)][static_cast<size_t>(type)];
  }
  void CountTransaction(size_t shards, bool commit) {
    ++transactions_[shards > 1 ? 1 : 0][commit ? 0 : 1];
  }
  uint64_t queries() const;
  uint64_t errors() const;
  stats::Families Families() const;

 private:
  static constexpr size_t kKinds = static_cast<size_t>(sqlparser::StatementKind::kOther) + 1;
  static constexpr size_t kTypes = static_cast<size_t>(keys::TabletType::kDrained) + 1;
  struct ApiKey {
    std::string_view operation;  // a literal
    std::string keyspace;
    keys::TabletType type = keys::TabletType::kUnknown;
    auto operator<=>(const ApiKey&) const = default;
  };

  std::map<ApiKey, ApiStats> api_;
  std::pair<const ApiKey, ApiStats>* last_ = nullptr;
  std::array<std::array<std::array<uint64_t, kTypes>, kPlanShapes>, kKinds> executions_ = {};
  std::array<std::array<uint64_t, 2>, 2> transactions_ = {};  // by one or several shards; the end
};

}  // namespace tessera::vtgate
