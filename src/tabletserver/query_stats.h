// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "keys/tablet_type.h"
#include "stats/family.h"
#include "tabletserver/plan.h"

namespace tessera::tabletserver {

// A statement that has ended.
struct QueryOutcome {
  std::chrono::nanoseconds took{0};
  Code code = Code::kOk;
  uint64_t rows_returned = 0;
  uint64_t rows_affected = 0;
};

// A statement that failed lately, and when (seconds since 1970).
struct RecentError {
  int64_t at = 0;
  Code code = Code::kOk;
  std::string sql;
  std::string message;
};

// What the tablet was from then on (seconds since 1970).
struct StateChange {
  int64_t at = 0;
  keys::TabletType type = keys::TabletType::kUnknown;
  bool serving = false;
  std::string why;
};

// What statements of a tablet server came to, under Vitess's names. Of one loop.
class QueryStats {
 public:
  // Adds to the plan's own sums as well. `sql` is the statement's text.
  void Note(const Plan& plan, std::string_view sql, const QueryOutcome& outcome);
  void NoteError(std::string_view sql, const Error& error);
  void NoteTransaction(bool commit, std::chrono::nanoseconds took) {
    transactions_[commit ? 0 : 1].Add(took);
  }
  // Keeps the change when it is one.
  void NoteState(keys::TabletType type, bool serving, const std::string& why);

  const std::deque<RecentError>& recent_errors() const { return recent_; }
  const std::deque<StateChange>& states() const { return states_; }
  stats::Families Families() const;

 private:
  using ByType = std::array<TableCounts, kPlanTypes>;
  TableCounts& CountsOf(const Plan& plan, std::string_view sql);

  std::array<stats::Timings, kPlanTypes> queries_;
  std::array<stats::Timings, 2> transactions_;  // committed, rolled back
  std::array<uint64_t, 19> errors_ = {};        // by Code
  std::map<std::string, ByType, std::less<>> tables_;
  std::deque<RecentError> recent_;  // the oldest first
  std::deque<StateChange> states_;
};

// The first table that a statement names, without its database; empty when it names none, or the
// text is beyond a glance. A guess for counting: no grammar is asked.
std::string_view FirstTable(std::string_view sql);

}  // namespace tessera::tabletserver
