// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "keys/tablet_type.h"
#include "planner/planner.h"

namespace tessera::vtgate {

// What a plan is found by. Views of the statement and the session, or of a key in the cache.
struct PlanKey {
  std::string_view sql;
  std::string_view keyspace;
  keys::TabletType tablet_type = keys::TabletType::kUnknown;
  std::string_view destination;  // as the target is written; empty for the whole keyspace
  uint8_t own_settings = 0;      // bits: those that the session itself has the values of

  // Replaces `out` with one text for each key; equal keys alone have equal texts.
  void WriteTo(std::string& out) const;
  // Of a text that WriteTo made.
  static PlanKey Read(std::string_view text);
};

// Plans by the texts of their keys, the least used dropped first. Belongs to one loop.
class PlanCache {
 public:
  // Bytes of all keys together. A plan takes some ten times the bytes of its text, and statements
  // of many rows come with a new number of them each time.
  static constexpr size_t kMostText = 8 << 20;
  // A longer one is not kept.
  static constexpr size_t kLongestText = 256 << 10;

  explicit PlanCache(size_t capacity = 4096) : capacity_(capacity) {}

  // Null when there is none, or it was made for another VSchema.
  std::shared_ptr<const planner::Plan> Find(std::string_view key, const vschema::VSchema* vschema);
  void Put(std::string key, std::shared_ptr<const planner::Plan> plan);

  uint64_t hits() const { return hits_; }
  uint64_t misses() const { return misses_; }
  size_t size() const { return entries_.size(); }
  size_t capacity() const { return capacity_; }

  struct Entry {
    std::string key;
    std::shared_ptr<const planner::Plan> plan;
  };
  // The last used first.
  const std::list<Entry>& entries() const { return entries_; }

 private:
  void DropLast();

  size_t capacity_;
  size_t text_ = 0;  // bytes of the keys
  uint64_t hits_ = 0;
  uint64_t misses_ = 0;
  std::list<Entry> entries_;                                                // the last used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;  // keys are the entries'
};

}  // namespace tessera::vtgate
