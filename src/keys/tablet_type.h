// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace tessera::keys {

// What a tablet does now. Numbers are topodata.TabletType's.
enum class TabletType : uint8_t {
  kUnknown = 0,
  kPrimary = 1,
  kReplica = 2,
  kRdonly = 3,
  kSpare = 4,
  kExperimental = 5,
  kBackup = 6,
  kRestore = 7,
  kDrained = 8,
};

// Reads a name in any case; "master" and "batch" are old spellings of primary and rdonly.
Result<TabletType> ParseTabletType(std::string_view text);

// "primary": the form of users, flags and target strings.
std::string_view TabletTypeName(TabletType type);

// "PRIMARY": the form of error texts and records.
std::string_view TabletTypeUpperName(TabletType type);

// True for the types the serving graph lists: primary, replica, rdonly.
bool IsServedType(TabletType type);

// True when a tablet of this type answers queries addressed to it.
bool RunsQueryService(TabletType type);

// True when a tablet of this type replicates from its shard's primary while it runs.
bool IsReplicaType(TabletType type);

// The type whose wire number this is; kUnknown for numbers we do not know.
TabletType TabletTypeFromNumber(int number);

}  // namespace tessera::keys
