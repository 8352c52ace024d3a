// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "discovery/tablet_filter.h"

#include <algorithm>
#include <utility>

#include "keys/shard.h"

namespace tessera::discovery {

Result<TabletFilter> TabletFilter::Parse(const std::vector<std::string>& keyspaces,
                                         const std::vector<std::string>& shards) {
  if (!keyspaces.empty() && !shards.empty())
    return Error(Code::kInvalidArgument,
                 "--keyspaces-to-watch and --tablet-filters are both given: give one of them");
  TabletFilter filter;
  filter.keyspaces_.insert(keyspaces.begin(), keyspaces.end());
  for (const std::string& text : shards) {
    const size_t bar = text.find('|');
    const bool whole = bar != std::string::npos && bar > 0 && bar + 1 < text.size() &&
                       text.find('|', bar + 1) == std::string::npos;
    if (!whole)
      return Errorf(Code::kInvalidArgument,
                    "--tablet-filters: '{}' is not keyspace|shard or keyspace|key range", text);
    ShardRule rule;
    rule.keyspace = text.substr(0, bar);
    auto shard = keys::ParseShardName(text.substr(bar + 1));
    if (!shard.ok()) return std::move(shard).error().Wrap("--tablet-filters: '" + text + "'");
    rule.shard = std::move(shard->name);
    rule.range = std::move(shard->key_range);
    filter.shards_.push_back(std::move(rule));
  }
  return filter;
}

bool TabletFilter::Wants(const topo::Tablet& tablet) const {
  if (!keyspaces_.empty()) return keyspaces_.contains(tablet.keyspace);
  if (shards_.empty()) return true;
  return std::any_of(shards_.begin(), shards_.end(), [&tablet](const ShardRule& rule) {
    if (rule.keyspace != tablet.keyspace) return false;
    if (rule.shard == tablet.shard) return true;
    return rule.range && tablet.key_range && rule.range->ContainsRange(*tablet.key_range);
  });
}

}  // namespace tessera::discovery
