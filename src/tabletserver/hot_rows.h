// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "runtime/sync.h"
#include "sqltypes/bind_vars.h"

namespace tessera::tabletserver {

// Names of the matching flags stand beside the fields.
struct HotRowOptions {
  bool on = false;        // enable-hot-row-protection
  bool dry_run = false;   // enable-hot-row-protection-dry-run: counts, and lets everybody pass
  size_t queue = 20;      // hot-row-protection-max-queue-size
  size_t global = 1000;   // hot-row-protection-max-global-queue-size
  size_t concurrent = 5;  // hot-row-protection-concurrent-transactions
};

// What waited or was refused, by table where there is one; of a dry run, what would have.
struct HotRowStats {
  std::map<std::string, uint64_t> waits;
  std::map<std::string, uint64_t> waits_dry_run;
  std::map<std::string, uint64_t> exceeded;
  std::map<std::string, uint64_t> exceeded_dry_run;
  uint64_t global_exceeded = 0;
  uint64_t global_exceeded_dry_run = 0;

  void Add(const HotRowStats& other);
};

// The rows that an UPDATE or DELETE of one table changes, as far as its text tells: the table and
// WHERE with its values. Two statements with one key are taken to want the same row.
struct HotRowKey {
  std::string table;
  std::string text;  // "t where id = 1"
};

// Nothing for other statements, those of several tables or without WHERE, very long ones, and those
// whose variables are missing: they stand in no line.
std::optional<HotRowKey> HotRowKeyOf(std::string_view sql, const sqltypes::BindVars* vars);

// Lets only some of the transactions that begin with a change of one row go on to the server at
// once; the others wait here, in order of arrival, without a connection. Of one loop.
class HotRows {
 public:
  // A place in line that was reached; gives it up at its end.
  class Place {
   public:
    Place() = default;
    Place(HotRows* rows, std::string key, bool slot)
        : rows_(rows), key_(std::move(key)), slot_(slot) {}
    Place(Place&& other) noexcept
        : rows_(std::exchange(other.rows_, nullptr)),
          key_(std::move(other.key_)),
          slot_(other.slot_) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(rows_, other.rows_);
      std::swap(key_, other.key_);
      std::swap(slot_, other.slot_);
      return *this;
    }
    ~Place() {
      if (rows_ != nullptr) rows_->Leave(key_, slot_);
    }

   private:
    HotRows* rows_ = nullptr;
    std::string key_;
    bool slot_ = false;
  };

  explicit HotRows(HotRowOptions options) : options_(options) {}
  bool on() const { return options_.on || options_.dry_run; }

  // Waits for its turn. kResourceExhausted when too many stand in line already, for this row or for
  // all; the context's error when it ends first.
  Task<Result<Place>> Enter(const Context& ctx, const HotRowKey& key);

  const HotRowStats& stats() const { return stats_; }
  // How many transactions met another at which row: the first so many rows.
  const std::unordered_map<std::string, uint64_t>& seen() const { return seen_; }
  // Transactions that run or wait.
  size_t size() const { return size_; }

 private:
  struct Row {
    size_t size = 0;     // that run or wait
    size_t running = 0;  // that have a slot
    runtime::WaitQueue waiting;
  };

  // Whether there is room for one more behind `row`.
  Result<> CheckRoom(const Row& row, const HotRowKey& key);
  void NoteSeen(const std::string& key);
  void Leave(const std::string& key, bool slot);

  HotRowOptions options_;
  HotRowStats stats_;
  size_t size_ = 0;
  std::unordered_map<std::string, uint64_t> seen_;
  std::unordered_map<std::string, std::unique_ptr<Row>> rows_;
};

}  // namespace tessera::tabletserver
