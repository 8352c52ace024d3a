// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "srvtopo/resolve.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/executor.h"

namespace tessera::srvtopo {
namespace {

using keys::Destination;
using keys::KeyRange;
using topo::ShardReference;
using Shards = std::span<const ShardReference>;
using Names = std::vector<std::string_view>;

std::string NamesOf(Shards shards) {
  constexpr size_t kMost = 16;
  std::string names;
  for (size_t i = 0; i < std::min(shards.size(), kMost); ++i)
    names += (i == 0 ? "" : ", ") + shards[i].name;
  if (shards.size() > kMost) names += fmt::format(" and {} more", shards.size() - kMost);
  return names;
}

Error NoShards() {
  return Error(Code::kUnavailable, "the keyspace has no serving shard")
      .WithHint("start tablets for it, or rebuild its serving graph with RebuildKeyspaceGraph");
}

bool Holds(const ShardReference& shard, std::string_view id) {
  return !shard.key_range || shard.key_range->Contains(id);
}

// Adds a name unless it is there; destinations name few shards.
void AddOnce(std::string_view name, Names& names) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

Result<> AddNamed(Shards shards, std::string_view name, Names& names) {
  for (const ShardReference& shard : shards) {
    if (shard.name != name) continue;
    AddOnce(shard.name, names);
    return Ok{};
  }
  return Errorf(Code::kInvalidArgument, "shard {} is not served; shards are {}", name,
                NamesOf(shards));
}

Result<> AddExactRange(Shards shards, const KeyRange& range, Names& names) {
  const auto error = [&] {
    return Errorf(Code::kInvalidArgument, "keyrange {} does not exactly match shards {}",
                  range.ToString(), NamesOf(shards));
  };
  const auto starts = [&range](const ShardReference& shard) {
    return keys::CompareKeyspaceIds(shard.key_range.value_or(KeyRange()).start, range.start) == 0;
  };
  auto shard = std::find_if(shards.begin(), shards.end(), starts);
  for (; shard != shards.end(); ++shard) {
    names.push_back(shard->name);
    if (keys::CompareKeyspaceIds(shard->key_range.value_or(KeyRange()).end, range.end) == 0)
      return Ok{};
  }
  return error();
}

}  // namespace

Result<Shards> ServingShards(const topo::SrvKeyspace& graph, std::string_view keyspace,
                             keys::TabletType type) {
  const topo::KeyspacePartition* partition = graph.Find(type);
  if (partition == nullptr) {
    return Errorf(Code::kUnavailable, "no partition found for tabletType {} in keyspace {}",
                  keys::TabletTypeName(type), keyspace)
        .WithHint(
            "rebuild its serving graph with RebuildKeyspaceGraph, or ask for primary, replica or "
            "rdonly");
  }
  return Shards(partition->shard_references);
}

Result<const ShardReference*> ShardOfId(Shards shards, std::string_view keyspace_id) {
  if (shards.empty()) return NoShards();
  // Graphs are kept in key range order; one that is not still gives the right answer, only slower.
  const auto after = std::upper_bound(
      shards.begin(), shards.end(), keyspace_id,
      [](std::string_view id, const ShardReference& shard) {
        return shard.key_range && keys::CompareKeyspaceIds(id, shard.key_range->start) < 0;
      });
  if (after != shards.begin() && Holds(*(after - 1), keyspace_id)) return &*(after - 1);
  for (const ShardReference& shard : shards) {
    if (Holds(shard, keyspace_id)) return &shard;
  }
  return Errorf(Code::kInvalidArgument, "KeyspaceId {} didn't match any shards {}",
                keys::HexEncode(keyspace_id), NamesOf(shards));
}

Result<Names> ResolveDestination(Shards shards, const Destination& destination) {
  Names names;
  switch (destination.kind()) {
    case Destination::Kind::kNone:
      return names;
    case Destination::Kind::kKeyspaceId: {
      TRY(const ShardReference* shard, ShardOfId(shards, destination.id()));
      names.push_back(shard->name);
      return names;
    }
    case Destination::Kind::kKeyspaceIds:
      for (const std::string& id : destination.ids()) {
        TRY(const ShardReference* shard, ShardOfId(shards, id));
        AddOnce(shard->name, names);
      }
      return names;
    case Destination::Kind::kKeyRange: {
      if (shards.empty()) return NoShards();
      const KeyRange range = destination.key_range();
      for (const ShardReference& shard : shards) {
        if (!shard.key_range || shard.key_range->Intersects(range)) names.push_back(shard.name);
      }
      return names;
    }
    case Destination::Kind::kExactKeyRange:
      TRY_OK(AddExactRange(shards, destination.key_range(), names));
      return names;
    case Destination::Kind::kShard:
      TRY_OK(AddNamed(shards, destination.shard(), names));
      return names;
    case Destination::Kind::kShards:
      for (const std::string& name : destination.ids()) TRY_OK(AddNamed(shards, name, names));
      return names;
    case Destination::Kind::kAllShards:
      for (const ShardReference& shard : shards) names.push_back(shard.name);
      return names;
    case Destination::Kind::kAnyShard:
      if (shards.empty()) return NoShards();
      // Any, so that no shard has all the reads of tables that every shard has.
      names.push_back(
          shards[Executor::HasCurrent() ? Executor::Current().Random() % shards.size() : 0].name);
      return names;
  }
  return names;
}

Result<std::vector<ShardGroup>> ResolveDestinations(Shards shards,
                                                    std::span<const Destination> destinations) {
  std::vector<ShardGroup> groups;
  const auto add = [&groups](std::string_view shard, uint32_t index) {
    const auto same = [shard](const ShardGroup& group) { return group.shard == shard; };
    auto group = std::find_if(groups.begin(), groups.end(), same);
    if (group == groups.end()) group = groups.insert(groups.end(), {shard, {}});
    group->indexes.push_back(index);
  };
  for (uint32_t i = 0; i < destinations.size(); ++i) {
    // The usual case goes without a list of names.
    if (destinations[i].kind() == Destination::Kind::kKeyspaceId) {
      TRY(const ShardReference* shard, ShardOfId(shards, destinations[i].id()));
      add(shard->name, i);
      continue;
    }
    TRY(const Names names, ResolveDestination(shards, destinations[i]));
    for (const std::string_view name : names) add(name, i);
  }
  return groups;
}

}  // namespace tessera::srvtopo
