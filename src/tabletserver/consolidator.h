// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "runtime/sync.h"
#include "sqltypes/result_set.h"

namespace tessera::tabletserver {

// Lets identical reads that run at the same time share one run. Of one loop.
class Consolidator {
 public:
  // One run that others may join. Who made it finishes it.
  struct Flight {
    std::string sql;
    size_t waiting = 0;
    bool finished = false;
    // Empty after a failure: joiners then run for themselves, because the leader may have failed
    // for reasons of its own.
    std::shared_ptr<const sqltypes::ResultSet> result;
    runtime::WaitQueue waiters;
  };

  // The run under way with this text, or nothing.
  std::shared_ptr<Flight> Find(std::string_view sql) const {
    const auto found = flights_.find(sql);
    return found == flights_.end() ? nullptr : found->second;
  }
  std::shared_ptr<Flight> Start(std::string sql) {
    auto flight = std::make_shared<Flight>();
    flight->sql = std::move(sql);
    flights_.emplace(flight->sql, flight);
    return flight;
  }
  // Gives the leader's result to who joined; what the leader keeps is returned.
  Result<sqltypes::ResultSet> Finish(Flight& flight, Result<sqltypes::ResultSet> result);

  // A result whose rows are those of `shared`.
  static sqltypes::ResultSet Share(const std::shared_ptr<const sqltypes::ResultSet>& shared);

  size_t running() const { return flights_.size(); }
  // Notes that a read was answered by another's run.
  void NoteJoined(const std::string& sql) {
    ++joined;
    // The first so many texts: enough to see what is asked again and again.
    if (joins_.size() < kKeptTexts || joins_.contains(sql)) ++joins_[sql];
  }
  // How often which text's readers joined.
  const std::unordered_map<std::string, uint64_t>& joins() const { return joins_; }
  uint64_t joined = 0;  // reads answered by another's run

 private:
  static constexpr size_t kKeptTexts = 1'000;
  std::unordered_map<std::string, uint64_t> joins_;
  std::unordered_map<std::string_view, std::shared_ptr<Flight>> flights_;
};

}  // namespace tessera::tabletserver
