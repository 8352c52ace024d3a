// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/tablet_health.h"
#include "keys/tablet_alias.h"
#include "keys/target.h"

namespace tessera::discovery {

// How replicas are chosen.
struct ReplicaChoice {
  std::string home_cell;             // its tablets come first
  uint32_t lag_low_seconds = 30;     // preferred
  uint32_t lag_high_seconds = 7200;  // not used above
  size_t min_serving = 2;            // so many even above lag_low_seconds
};

// The tablets of one loop by alias, keyspace and shard, and which of them is each shard's primary.
// Knows neither topology nor network. What a look-up costs does not grow with the fleet.
class TabletTable {
 public:
  using Entry = std::shared_ptr<TabletHealth>;

  explicit TabletTable(ReplicaChoice choice) : choice_(std::move(choice)) {}
  // How the next look-ups choose.
  void SetLagLimits(uint32_t low_seconds, uint32_t high_seconds, size_t min_serving) {
    choice_.lag_low_seconds = low_seconds;
    choice_.lag_high_seconds = high_seconds;
    choice_.min_serving = min_serving;
  }

  // The alias must not be there.
  void Add(Entry entry);
  // Gives what was there, or nothing.
  Entry Remove(const keys::TabletAlias& alias);

  // A message came: `entry` is up.
  void NoteHealth(TabletHealth& entry, const queryservice::Health& health);
  // Its health stream ended.
  void NoteDown(TabletHealth& entry, std::string error);

  // Tablets to try, best first: for a primary at most the one of the latest term, serving or not.
  std::vector<Entry> Find(const keys::Target& target) const;
  Entry FindByAlias(const keys::TabletAlias& alias) const;
  // Some usable primary of the keyspace: that of its first shard that has one.
  Entry UsablePrimary(std::string_view keyspace) const;
  std::vector<Entry> InKeyspace(std::string_view keyspace) const;
  const std::map<keys::TabletAlias, Entry>& tablets() const { return tablets_; }

 private:
  struct Shard {
    std::vector<Entry> tablets;
    const TabletHealth* primary = nullptr;
  };
  using Shards = std::map<std::string, Shard, std::less<>>;

  Shard& ShardOf(const TabletHealth& entry);
  const Shard* FindShard(std::string_view keyspace, std::string_view shard) const;
  static void Elect(Shard& shard, TabletHealth& news);

  ReplicaChoice choice_;
  std::map<keys::TabletAlias, Entry> tablets_;
  std::map<std::string, Shards, std::less<>> keyspaces_;
};

}  // namespace tessera::discovery
