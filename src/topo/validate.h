// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "topo/records.h"

// What must hold among records, without reading any.
namespace tessera::topo {

// One to 64 characters of [A-Za-z0-9_.-], not beginning with a dot, and not "global".
Result<> ValidateCellName(std::string_view cell);

// Orders by key range, then by name.
void SortShardReferences(std::vector<ShardReference>& shards);

// kFailedPrecondition unless the sorted shards cover every keyspace id once; shards without ranges
// cannot be mixed with others. No shards at all are fine.
Result<> CheckShardsCover(std::string_view keyspace, const std::vector<ShardReference>& shards);

// What is wrong with a cell's serving graph, one sentence each: partitions with gaps, shards that
// are not in the keyspace or have another range, and serving shards the graph does not list.
std::vector<std::string> SrvKeyspaceProblems(std::string_view keyspace, const SrvKeyspace& graph,
                                             const std::map<std::string, Shard>& shards);

// Adds tables to those that tablets of one type refuse (makes the control when there is none), or
// takes them away (all of them when none are named). No cells means all; primaries cannot be told
// apart by cells. kFailedPrecondition when the control is frozen, or is for other tables and the
// cells do not fit. False when nothing changes.
struct DeniedTables {
  keys::TabletType tablet_type = keys::TabletType::kPrimary;
  std::vector<std::string> cells;
  std::vector<std::string> tables;
};
Result<bool> DenyTables(Shard& shard, const DeniedTables& denied);
Result<bool> AllowTables(Shard& shard, const DeniedTables& allowed);

// Switches the query service of a shard's tablets of one type off or on in a cell's graph. False
// when nothing changes, as when the graph does not serve that type.
bool SetQueryServiceDisabled(SrvKeyspace& graph, keys::TabletType type, const ShardReference& shard,
                             bool disabled);

}  // namespace tessera::topo
