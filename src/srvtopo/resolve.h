// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keys/destination.h"
#include "keys/tablet_type.h"
#include "topo/records.h"

// From destinations to shards: plain functions over a serving graph. References and views point
// into the graph.
namespace tessera::srvtopo {

// The shards that serve a tablet type, in key range order. kUnavailable when the type is not served
// at all.
Result<std::span<const topo::ShardReference>> ServingShards(const topo::SrvKeyspace& graph,
                                                            std::string_view keyspace,
                                                            keys::TabletType type);

// The shard that holds the id. kInvalidArgument when none does, kUnavailable when there are no
// shards.
Result<const topo::ShardReference*> ShardOfId(std::span<const topo::ShardReference> shards,
                                              std::string_view keyspace_id);

// The names of the shards a destination means, each once, in key range order. Destination::None
// gives none.
Result<std::vector<std::string_view>> ResolveDestination(
    std::span<const topo::ShardReference> shards, const keys::Destination& destination);

// A shard and which of the destinations asked for lead to it, in their order.
struct ShardGroup {
  std::string_view shard;
  std::vector<uint32_t> indexes;
};

// Groups destinations by shard, for IN lists and multi-row inserts: each shard gets its own part.
Result<std::vector<ShardGroup>> ResolveDestinations(
    std::span<const topo::ShardReference> shards, std::span<const keys::Destination> destinations);

}  // namespace tessera::srvtopo
