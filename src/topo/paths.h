// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keys/tablet_alias.h"

// Where each record is.
namespace tessera::topo {

inline constexpr std::string_view kGlobalCell = "global";

// Global cell.
std::string CellInfoPath(std::string_view cell);
std::string KeyspaceDir(std::string_view keyspace);
std::string KeyspacePath(std::string_view keyspace);
std::string VSchemaPath(std::string_view keyspace);
std::string ShardDir(std::string_view keyspace, std::string_view shard);
std::string ShardPath(std::string_view keyspace, std::string_view shard);
std::string CellsAliasPath(std::string_view alias);
std::string ExternalClusterPath(std::string_view name);
std::string MetadataPath(std::string_view key);
std::string NamedLockDir(std::string_view name);
std::string ElectionDir(std::string_view name);
inline constexpr std::string_view kCellsDir = "cells";
inline constexpr std::string_view kCellsAliasesDir = "cells_aliases";
inline constexpr std::string_view kKeyspacesDir = "keyspaces";
inline constexpr std::string_view kExternalClustersDir = "ExternalClusters/vitess";
inline constexpr std::string_view kMetadataDir = "metadata";
inline constexpr std::string_view kRoutingRulesLockDir = "routing_rules";
inline constexpr std::string_view kRoutingRulesPath = "RoutingRules";
inline constexpr std::string_view kShardRoutingRulesPath = "ShardRoutingRules";
inline constexpr std::string_view kKeyspaceRoutingRulesPath = "routing_rules/keyspace/Rules";
inline constexpr std::string_view kMirrorRulesPath = "MirrorRules";

// Each cell.
std::string TabletPath(const keys::TabletAlias& alias);
std::string ShardReplicationPath(std::string_view keyspace, std::string_view shard);
std::string SrvKeyspacePath(std::string_view keyspace);
inline constexpr std::string_view kTabletsDir = "tablets";
inline constexpr std::string_view kSrvVSchemaPath = "SrvVSchema";

// The parts between slashes. kInvalidArgument for a path with an empty, "." or ".." part, one that
// begins with a dot or is longer than 255 bytes, or with bytes that no name holds (control
// characters). Empty text has no parts.
Result<std::vector<std::string_view>> SplitPath(std::string_view path);

// Checks what SplitPath checks of the beginning of a path, which may end with a slash.
Result<> CheckPrefix(std::string_view prefix);

// root and path joined with one slash; no slash at the end. Neither is checked.
std::string JoinPath(std::string_view root, std::string_view path);

}  // namespace tessera::topo
