// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/validate.h"

#include <algorithm>
#include <cctype>

#include <fmt/core.h>

#include "topo/paths.h"

namespace tessera::topo {
namespace {

Error Gap(std::string_view keyspace, const std::vector<ShardReference>& shards,
          std::string_view what) {
  std::string names;
  for (const ShardReference& shard : shards) names += (names.empty() ? "" : ", ") + shard.name;
  return Errorf(Code::kFailedPrecondition, "keyspace {}: serving shards {} {}", keyspace, names,
                what)
      .WithHint("create the missing shards, or set which ones serve, then rebuild the keyspace");
}

bool Before(const ShardReference& a, const ShardReference& b) {
  const int order = keys::CompareKeyRanges(a.key_range.value_or(keys::KeyRange()),
                                           b.key_range.value_or(keys::KeyRange()));
  return order != 0 ? order < 0 : a.name < b.name;
}

bool Has(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// Adds what is not there yet; true when something was.
bool Merge(std::vector<std::string>& into, const std::vector<std::string>& from) {
  const size_t before = into.size();
  for (const std::string& item : from) {
    if (!Has(into, item)) into.push_back(item);
  }
  return into.size() != before;
}

bool Remove(std::vector<std::string>& from, const std::vector<std::string>& what) {
  return std::erase_if(from, [&what](const std::string& item) { return Has(what, item); }) > 0;
}

bool SameItems(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

Result<std::vector<TabletControl>::iterator> FindControl(Shard& shard, const DeniedTables& wanted) {
  if (wanted.tablet_type == keys::TabletType::kPrimary && !wanted.cells.empty()) {
    return Error(Code::kInvalidArgument,
                 "a shard's primary refuses tables in all cells or in none: name no cells");
  }
  const auto found = std::find_if(shard.tablet_controls.begin(), shard.tablet_controls.end(),
                                  [&wanted](const TabletControl& control) {
                                    return control.tablet_type == wanted.tablet_type;
                                  });
  if (found != shard.tablet_controls.end() && found->frozen) {
    return Errorf(Code::kFailedPrecondition,
                  "the denied tables of {} are frozen: primary traffic has been switched",
                  keys::TabletTypeName(wanted.tablet_type))
        .WithHint("complete or reverse the workflow that moves the tables first");
  }
  return found;
}

// The partition's shards that are not as the keyspace's are.
void CompareShards(std::string_view type, const KeyspacePartition& partition,
                   const std::map<std::string, Shard>& shards, std::vector<std::string>& problems) {
  for (const ShardReference& reference : partition.shard_references) {
    const auto shard = shards.find(reference.name);
    if (shard == shards.end()) {
      problems.push_back(fmt::format("{}: shard {} is not in the keyspace", type, reference.name));
    } else if (shard->second.key_range != reference.key_range) {
      problems.push_back(
          fmt::format("{}: shard {} has another key range in its record", type, reference.name));
    }
  }
  for (const auto& [name, shard] : shards) {
    const bool listed = std::any_of(
        partition.shard_references.begin(), partition.shard_references.end(),
        [&name = name](const ShardReference& reference) { return reference.name == name; });
    if (shard.is_primary_serving && !listed)
      problems.push_back(fmt::format("{}: serving shard {} is missing", type, name));
  }
}

bool SameShard(const ShardTabletControl& control, const ShardReference& shard) {
  if (shard.key_range) return control.key_range == shard.key_range;
  return control.name == shard.name;
}

}  // namespace

Result<> ValidateCellName(std::string_view cell) {
  constexpr size_t kMost = 64;
  const auto allowed = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
  };
  const bool good = !cell.empty() && cell.size() <= kMost && cell.front() != '.' &&
                    std::all_of(cell.begin(), cell.end(), allowed);
  if (good && cell != kGlobalCell) return Ok{};
  return Errorf(Code::kInvalidArgument, "'{}' is no name for a cell or alias",
                cell.substr(0, kMost))
      .WithHint("use 1 to 64 of A-Z a-z 0-9 _ - and dots inside; 'global' is taken");
}

void SortShardReferences(std::vector<ShardReference>& shards) {
  std::sort(shards.begin(), shards.end(), Before);
}

Result<> CheckShardsCover(std::string_view keyspace, const std::vector<ShardReference>& shards) {
  const auto has_range = [](const ShardReference& shard) { return shard.key_range.has_value(); };
  if (std::none_of(shards.begin(), shards.end(), has_range)) return Ok{};
  if (!std::all_of(shards.begin(), shards.end(), has_range))
    return Gap(keyspace, shards, "mix ranges and names");
  if (shards.size() == 1 && shards[0].key_range->IsComplete()) return Ok{};
  if (!shards.front().key_range->start.empty())
    return Gap(keyspace, shards, "do not begin with the first id");
  if (!shards.back().key_range->end.empty())
    return Gap(keyspace, shards, "do not reach the last id");
  for (size_t i = 1; i < shards.size(); ++i) {
    if (!shards[i - 1].key_range->IsFollowedBy(*shards[i].key_range)) {
      return Gap(keyspace, shards, fmt::format("leave a gap or overlap at {}", shards[i].name));
    }
  }
  return Ok{};
}

std::vector<std::string> SrvKeyspaceProblems(std::string_view keyspace, const SrvKeyspace& graph,
                                             const std::map<std::string, Shard>& shards) {
  std::vector<std::string> problems;
  for (const KeyspacePartition& partition : graph.partitions) {
    const std::string_view type = keys::TabletTypeName(partition.served_type);
    const Result<> covered = CheckShardsCover(keyspace, partition.shard_references);
    if (!covered.ok()) problems.push_back(fmt::format("{}: {}", type, covered.error().message()));
    CompareShards(type, partition, shards, problems);
  }
  const bool serving = std::any_of(shards.begin(), shards.end(), [](const auto& shard) {
    return shard.second.is_primary_serving;
  });
  if (serving && graph.partitions.empty()) problems.emplace_back("it lists no shards at all");
  return problems;
}

Result<bool> DenyTables(Shard& shard, const DeniedTables& denied) {
  TRY(const auto found, FindControl(shard, denied));
  if (found == shard.tablet_controls.end()) {
    shard.tablet_controls.push_back(
        {denied.tablet_type, denied.cells, denied.tables, false, false});
    return true;
  }
  // One list of tables serves all cells of a control.
  const bool same_cells = SameItems(found->cells, denied.cells);
  const bool same_tables = SameItems(found->denied_tables, denied.tables);
  if (!same_cells && !same_tables) {
    return Errorf(Code::kFailedPrecondition,
                  "the tables that {} tablets refuse differ between cells, which one record cannot "
                  "hold",
                  keys::TabletTypeName(denied.tablet_type))
        .WithHint("name the same cells as before, or the same tables");
  }
  if (same_cells) return Merge(found->denied_tables, denied.tables);
  if (found->cells.empty()) return false;  // all cells refuse them already
  if (denied.cells.empty()) {
    found->cells.clear();
    return true;
  }
  return Merge(found->cells, denied.cells);
}

Result<bool> AllowTables(Shard& shard, const DeniedTables& allowed) {
  TRY(const auto found, FindControl(shard, allowed));
  if (found == shard.tablet_controls.end()) return false;
  const bool everywhere = allowed.cells.empty() || SameItems(found->cells, allowed.cells);
  if (!everywhere) {
    if (found->cells.empty() ||
        (!allowed.tables.empty() && !SameItems(found->denied_tables, allowed.tables))) {
      return Errorf(Code::kFailedPrecondition,
                    "{} tablets refuse the same tables in several cells: they cannot be allowed in "
                    "some of them only",
                    keys::TabletTypeName(allowed.tablet_type))
          .WithHint("name no cells, or all tables of the record");
    }
    return Remove(found->cells, allowed.cells);
  }
  if (allowed.tables.empty()) {
    shard.tablet_controls.erase(found);
    return true;
  }
  const bool changed = Remove(found->denied_tables, allowed.tables);
  if (found->denied_tables.empty()) shard.tablet_controls.erase(found);
  return changed;
}

bool SetQueryServiceDisabled(SrvKeyspace& graph, keys::TabletType type, const ShardReference& shard,
                             bool disabled) {
  bool changed = false;
  for (KeyspacePartition& partition : graph.partitions) {
    if (partition.served_type != type) continue;
    auto& controls = partition.shard_tablet_controls;
    const auto found = std::find_if(
        controls.begin(), controls.end(),
        [&shard](const ShardTabletControl& control) { return SameShard(control, shard); });
    if (found == controls.end()) {
      controls.push_back({shard.name, shard.key_range, disabled});
      changed = true;
    } else if (found->query_service_disabled != disabled) {
      found->query_service_disabled = disabled;
      changed = true;
    }
  }
  return changed;
}

}  // namespace tessera::topo
