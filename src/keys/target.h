// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "keys/destination.h"
#include "keys/tablet_alias.h"
#include "keys/tablet_type.h"

namespace tessera::keys {

// The tablets a request is for: those of one type in one shard.
struct Target {
  std::string keyspace;
  std::string shard;
  TabletType tablet_type = TabletType::kUnknown;

  // "keyspace/shard@type"
  std::string ToString() const;

  friend auto operator<=>(const Target&, const Target&) = default;
};

// What a client selects with USE or in its connection string: a keyspace, and maybe a shard, range
// or keyspace id, a tablet type, and one tablet. An empty keyspace means none is selected.
struct TargetSelection {
  std::string keyspace;
  TabletType tablet_type = TabletType::kPrimary;
  std::optional<Destination> destination;
  std::optional<TabletAlias> tablet;

  // The text that ParseTargetSelection reads back.
  std::string ToString() const;
};

// Reads keyspace[:shard | /shard | [hex] | [start-end]][@type[|alias]]. Without @type default_type
// holds.
Result<TargetSelection> ParseTargetSelection(std::string_view text, TabletType default_type);

}  // namespace tessera::keys
