// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "discovery/tablet_table.h"

#include <algorithm>
#include <utility>

#include "base/executor.h"
#include "log/log.h"

namespace tessera::discovery {

using keys::TabletType;

void TabletTable::Add(Entry entry) {
  ShardOf(*entry).tablets.push_back(entry);
  const keys::TabletAlias alias = entry->tablet.alias;
  tablets_[alias] = std::move(entry);
}

TabletTable::Entry TabletTable::Remove(const keys::TabletAlias& alias) {
  const auto at = tablets_.find(alias);
  if (at == tablets_.end()) return nullptr;
  Entry gone = std::move(at->second);
  tablets_.erase(at);
  Shard& shard = ShardOf(*gone);
  std::erase(shard.tablets, gone);
  if (shard.primary == gone.get()) {
    shard.primary = nullptr;
    if (!shard.tablets.empty()) Elect(shard, *shard.tablets.front());
  }
  if (!shard.tablets.empty()) return gone;
  const auto keyspace = keyspaces_.find(gone->tablet.keyspace);
  keyspace->second.erase(gone->tablet.shard);
  if (keyspace->second.empty()) keyspaces_.erase(keyspace);
  return gone;
}

void TabletTable::NoteHealth(TabletHealth& entry, const queryservice::Health& health) {
  entry.up = true;
  entry.health = health;
  entry.last_error.clear();
  Elect(ShardOf(entry), entry);
}

void TabletTable::NoteDown(TabletHealth& entry, std::string error) {
  entry.up = false;
  entry.last_error = std::move(error);
  if (!entry.removed) Elect(ShardOf(entry), entry);
}

// The latest term wins, and of equal ones whoever spoke last. When the primary is gone, another one
// that says it is one may have been passed over before.
void TabletTable::Elect(Shard& shard, TabletHealth& news) {
  const auto term = [](const TabletHealth& entry) { return entry.health.primary_term_start; };
  if (shard.primary != nullptr && !shard.primary->claims_primary()) shard.primary = nullptr;
  for (const Entry& entry : shard.tablets) {
    if (!entry->claims_primary()) continue;
    const bool later = shard.primary == nullptr || term(*entry) > term(*shard.primary);
    const bool equal = !later && entry.get() == &news && term(news) == term(*shard.primary);
    if (later || equal) shard.primary = entry.get();
  }
  const bool outdated = news.claims_primary() && shard.primary != &news;
  if (outdated && !news.outdated_primary) {
    LOG(kWarn,
        "tablet {} says it is the primary of {}/{} since {}, but {} is since {}: passed over",
        news.tablet.alias.ToString(), news.tablet.keyspace, news.tablet.shard, term(news),
        shard.primary->tablet.alias.ToString(), term(*shard.primary));
  }
  news.outdated_primary = outdated;
}

std::vector<TabletTable::Entry> TabletTable::Find(const keys::Target& target) const {
  std::vector<Entry> out;
  const Shard* const shard = FindShard(target.keyspace, target.shard);
  if (shard == nullptr) return out;
  for (const Entry& entry : shard->tablets) {
    const bool fits = target.tablet_type == TabletType::kPrimary
                          ? entry.get() == shard->primary
                          : entry->usable() && entry->health.target == target &&
                                entry->health.replication_lag_seconds <= choice_.lag_high_seconds;
    if (fits) out.push_back(entry);
  }
  if (target.tablet_type == TabletType::kPrimary) return out;
  // By lag; above the low mark only as many as are needed for company.
  std::stable_sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) {
    return a->health.replication_lag_seconds < b->health.replication_lag_seconds;
  });
  while (out.size() > choice_.min_serving &&
         out.back()->health.replication_lag_seconds > choice_.lag_low_seconds)
    out.pop_back();
  for (size_t i = out.size(); i > 1; --i)
    std::swap(out[i - 1], out[Executor::Current().Random() % i]);
  std::stable_partition(out.begin(), out.end(), [this](const Entry& entry) {
    return entry->tablet.alias.cell == choice_.home_cell;
  });
  return out;
}

TabletTable::Entry TabletTable::FindByAlias(const keys::TabletAlias& alias) const {
  const auto at = tablets_.find(alias);
  return at == tablets_.end() ? nullptr : at->second;
}

TabletTable::Entry TabletTable::UsablePrimary(std::string_view keyspace) const {
  const auto shards = keyspaces_.find(keyspace);
  if (shards == keyspaces_.end()) return nullptr;
  for (const auto& [name, shard] : shards->second) {
    if (shard.primary == nullptr || !shard.primary->usable()) continue;
    return FindByAlias(shard.primary->tablet.alias);
  }
  return nullptr;
}

std::vector<TabletTable::Entry> TabletTable::InKeyspace(std::string_view keyspace) const {
  std::vector<Entry> out;
  const auto shards = keyspaces_.find(keyspace);
  if (shards == keyspaces_.end()) return out;
  for (const auto& [name, shard] : shards->second)
    out.insert(out.end(), shard.tablets.begin(), shard.tablets.end());
  return out;
}

TabletTable::Shard& TabletTable::ShardOf(const TabletHealth& entry) {
  return keyspaces_[entry.tablet.keyspace][entry.tablet.shard];
}

const TabletTable::Shard* TabletTable::FindShard(std::string_view keyspace,
                                                 std::string_view shard) const {
  const auto shards = keyspaces_.find(keyspace);
  if (shards == keyspaces_.end()) return nullptr;
  const auto found = shards->second.find(shard);
  return found == shards->second.end() ? nullptr : &found->second;
}

}  // namespace tessera::discovery
