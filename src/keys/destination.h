// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "keys/key_range.h"

namespace tessera::keys {

// Where a query or row is to go within a keyspace, before it is known which shards that means. A
// single keyspace id, the usual case, is held without allocation.
class Destination {
 public:
  enum class Kind : uint8_t {
    kNone,           // nowhere: a read finds no rows, an insert fails
    kKeyspaceId,     // the shard that holds id()
    kKeyspaceIds,    // the shards that hold any of ids()
    kKeyRange,       // every shard that intersects key_range()
    kExactKeyRange,  // shards that make up key_range() exactly
    kShard,          // the shard named shard()
    kShards,         // the shards named by ids()
    kAllShards,
    kAnyShard,  // any one; which one does not matter
  };

  Destination() = default;  // none
  static Destination None() { return {}; }
  static Destination OfId(KeyspaceId id) {
    return Destination(Kind::kKeyspaceId, std::move(id), {});
  }
  static Destination OfIds(std::vector<KeyspaceId> ids);
  static Destination OfRange(KeyRange range) {
    return Destination(Kind::kKeyRange, std::move(range.start), std::move(range.end));
  }
  static Destination OfExactRange(KeyRange range) {
    return Destination(Kind::kExactKeyRange, std::move(range.start), std::move(range.end));
  }
  static Destination OfShard(std::string name) {
    return Destination(Kind::kShard, std::move(name), {});
  }
  static Destination OfShards(std::vector<std::string> names);
  static Destination AllShards() { return Destination(Kind::kAllShards, {}, {}); }
  static Destination AnyShard() { return Destination(Kind::kAnyShard, {}, {}); }

  Kind kind() const { return kind_; }
  bool is_none() const { return kind_ == Kind::kNone; }
  const KeyspaceId& id() const { return first_; }
  const std::string& shard() const { return first_; }
  const std::vector<std::string>& ids() const { return list_; }
  KeyRange key_range() const { return {first_, second_}; }

  // True when it can name at most one shard.
  bool IsUnique() const {
    return kind_ == Kind::kKeyspaceId || kind_ == Kind::kShard || kind_ == Kind::kAnyShard;
  }

  // "DestinationKeyspaceID(d2)": for EXPLAIN, errors and logs.
  std::string ToString() const;

  friend bool operator==(const Destination& a, const Destination& b);

 private:
  Destination(Kind kind, std::string first, std::string second)
      : kind_(kind), first_(std::move(first)), second_(std::move(second)) {}

  Kind kind_ = Kind::kNone;
  std::string first_;
  std::string second_;
  std::vector<std::string> list_;
};

}  // namespace tessera::keys
