// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "sqltypes/bind_vars.h"
#include "tabletserver/guard.h"

namespace tessera::tabletserver {

// How a tablet treats a statement.
enum class PlanKind : uint8_t {
  kSelect,       // reads rows: row limit, consolidation
  kNextValue,    // select next n values from a sequence: answered here
  kDml,          // changes rows
  kDdl,          // changes the schema, which is read again afterwards
  kSet,          // changes the session: needs a connection of its own
  kTransaction,  // begin, commit, rollback: there are calls for these
  kSavepoint,
  kOther,  // show, explain and the rest: passed on
};

// What Vitess calls it in counters and logs.
enum class PlanType : uint8_t {
  kSelect,
  kNextval,
  kInsert,
  kUpdate,
  kDelete,
  kLoad,
  kDdl,
  kSet,
  kSavepoint,
  kOtherAdmin,
  kOtherRead,
};
constexpr size_t kPlanTypes = 11;
std::string_view PlanTypeName(PlanType type);

// Statements of one kind on one table, or of one plan.
struct TableCounts {
  uint64_t queries = 0;
  uint64_t errors = 0;
  uint64_t rows_returned = 0;
  uint64_t rows_affected = 0;
  std::chrono::nanoseconds time{0};
};

// What is known of a statement before its values are: made once, shared by all runs.
struct Plan {
  // Of a text with places for variables.
  explicit Plan(std::string_view sql);
  // Of a text without, which is not kept: `text` stays empty.
  struct Complete {};
  Plan(std::string_view sql, Complete);

  sqltypes::SqlTemplate text;
  PlanKind kind = PlanKind::kOther;
  PlanType type = PlanType::kOtherRead;
  // Locks, temporary tables and the like live in the session: without a reserved connection they
  // would be lost.
  bool needs_reserved = false;
  // kNextValue: the table, and how many (or the variable that tells).
  std::string sequence;
  std::string count_var;
  int64_t count = 1;
  // What rules and table ACL ask of those who run it; null when they ask nothing.
  std::unique_ptr<const StatementGuard> guard;

  // What its runs came to, and where they are counted by table. Of the loop that has the plan.
  mutable TableCounts use;
  mutable TableCounts* counts = nullptr;

 private:
  void Classify(std::string_view sql);
};

// By its first words, and of WITH by the statement behind its table expressions.
PlanKind KindOf(std::string_view sql);

// The latest plans, by text. Of one loop.
class PlanCache {
 public:
  // Bytes of all texts together: statements of many rows come with a new number of them each time.
  static constexpr size_t kMostText = 32 << 20;
  // A longer one is not kept.
  static constexpr size_t kLongestText = 256 << 10;

  using MakeGuard = std::function<std::unique_ptr<const StatementGuard>(std::string_view sql)>;

  PlanCache(size_t capacity, MakeGuard make_guard)
      : capacity_(capacity), make_guard_(std::move(make_guard)) {}
  // Plans it when it is new; `keep` false leaves the cache alone.
  std::shared_ptr<const Plan> Get(std::string_view sql, bool keep);
  // Of a complete text: new each time, and not kept.
  std::shared_ptr<const Plan> Fresh(std::string_view sql) const;
  size_t size() const { return order_.size(); }
  uint64_t hits() const { return hits_; }
  uint64_t misses() const { return misses_; }
  void Clear();
  size_t capacity() const { return capacity_; }
  // The last used first.
  const std::list<std::shared_ptr<const Plan>>& plans() const { return order_; }

 private:
  void DropLast();

  size_t capacity_;
  size_t text_ = 0;  // bytes of the texts
  MakeGuard make_guard_;
  uint64_t hits_ = 0;
  uint64_t misses_ = 0;
  std::list<std::shared_ptr<const Plan>> order_;  // last used first
  std::unordered_map<std::string_view, std::list<std::shared_ptr<const Plan>>::iterator> index_;
};

}  // namespace tessera::tabletserver
