// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "keys/key_range.h"
#include "topo/records.h"

namespace tessera::discovery {

// Which tablets a gate follows: those of some keyspaces (--keyspaces-to-watch), or of some shards
// (--tablet-filters); all by default.
class TabletFilter {
 public:
  // `shards` are "keyspace|shard", or "keyspace|range" for all shards within a key range.
  // kInvalidArgument for one that is not, and when both lists are given.
  static Result<TabletFilter> Parse(const std::vector<std::string>& keyspaces,
                                    const std::vector<std::string>& shards);

  bool Wants(const topo::Tablet& tablet) const;

 private:
  struct ShardRule {
    std::string keyspace;
    std::string shard;
    std::optional<keys::KeyRange> range;
  };
  std::set<std::string, std::less<>> keyspaces_;
  std::vector<ShardRule> shards_;
};

}  // namespace tessera::discovery
