// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// The part of topo::Server that makes what gates watch: SrvKeyspace and SrvVSchema.
#include <algorithm>

#include <fmt/core.h>

#include "topo/errors.h"
#include "topo/paths.h"
#include "topo/server.h"

namespace tessera::topo {
namespace {

constexpr keys::TabletType kServedTypes[] = {keys::TabletType::kPrimary, keys::TabletType::kReplica,
                                             keys::TabletType::kRdonly};

bool Before(const ShardReference& a, const ShardReference& b) {
  const int order = keys::CompareKeyRanges(a.key_range.value_or(keys::KeyRange()),
                                           b.key_range.value_or(keys::KeyRange()));
  return order != 0 ? order < 0 : a.name < b.name;
}

Error Gap(std::string_view keyspace, const std::vector<ShardReference>& shards,
          std::string_view what) {
  std::string names;
  for (const ShardReference& shard : shards) names += (names.empty() ? "" : ", ") + shard.name;
  return Errorf(Code::kFailedPrecondition, "keyspace {}: serving shards {} {}", keyspace, names,
                what)
      .WithHint("create the missing shards, or set which ones serve, then rebuild the keyspace");
}

// Sorted shards must cover every keyspace id once; shards without ranges cannot be mixed with
// others.
Result<> CheckPartition(std::string_view keyspace, const std::vector<ShardReference>& shards) {
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

}  // namespace

Task<Result<Node>> Server::GetVSchema(const Context& ctx, std::string_view keyspace) {
  co_return co_await global_->Get(ctx, VSchemaPath(keyspace));
}

Task<Result<>> Server::SaveVSchema(const Context& ctx, std::string_view keyspace,
                                   std::string_view record, std::optional<Version> version) {
  CO_TRY_OK(co_await global_->Update(ctx, VSchemaPath(keyspace), record, version));
  co_return Ok{};
}

Task<Result<std::string>> Server::GetOrEmpty(const Context& ctx, std::string_view path) {
  Result<Node> node = co_await global_->Get(ctx, path);
  if (node.ok()) co_return std::move(node->contents);
  if (IsNoNode(node.error())) co_return std::string();
  co_return std::move(node).error();
}

Task<Result<>> Server::RebuildSrvVSchema(const Context& ctx, std::vector<std::string> cells) {
  CO_TRY(const std::vector<std::string> targets, co_await CellsOrAll(ctx, std::move(cells)));
  CO_TRY(const std::vector<std::string> keyspaces, co_await GetKeyspaces(ctx));
  VSchemaParts parts;
  for (const std::string& keyspace : keyspaces) {
    CO_TRY(std::string record, co_await GetOrEmpty(ctx, VSchemaPath(keyspace)));
    parts.keyspaces[keyspace] = std::move(record);
  }
  CO_TRY(parts.routing_rules, co_await GetOrEmpty(ctx, kRoutingRulesPath));
  CO_TRY(parts.shard_routing_rules, co_await GetOrEmpty(ctx, kShardRoutingRulesPath));
  CO_TRY(parts.keyspace_routing_rules, co_await GetOrEmpty(ctx, kKeyspaceRoutingRulesPath));
  CO_TRY(parts.mirror_rules, co_await GetOrEmpty(ctx, kMirrorRulesPath));
  CO_TRY(const std::string record, JoinSrvVSchema(parts));
  for (const std::string& name : targets) {
    CO_TRY(Conn* const cell, co_await Cell(ctx, name));
    CO_TRY_OK(co_await cell->Update(ctx, kSrvVSchemaPath, record, std::nullopt));
  }
  co_return Ok{};
}

Task<Result<SrvKeyspace>> Server::GetSrvKeyspace(const Context& ctx, std::string_view cell,
                                                 std::string_view keyspace) {
  CO_TRY(Conn* const conn, co_await Cell(ctx, cell));
  CO_TRY(const Node node, co_await conn->Get(ctx, SrvKeyspacePath(keyspace)));
  co_return DecodeSrvKeyspace(node.contents);
}

Task<Result<>> Server::RebuildKeyspace(const Context& ctx, std::string_view keyspace,
                                       std::vector<std::string> cells) {
  CO_TRY(const auto lock, co_await LockKeyspace(ctx, keyspace, "RebuildKeyspace"));
  Result<> rebuilt = co_await RebuildKeyspaceLocked(ctx, keyspace, std::move(cells));
  const Result<> unlocked = co_await lock->Unlock(ctx);
  if (rebuilt.ok() && !unlocked.ok()) co_return unlocked;
  co_return rebuilt;
}

// A migration that has switched a shard off must end (or be undone) before the graph is made anew.
Task<Result<>> Server::RefuseDisabled(const Context& ctx, std::string_view cell,
                                      std::string_view keyspace) {
  const Result<SrvKeyspace> old = co_await GetSrvKeyspace(ctx, cell, keyspace);
  if (!old.ok() && IsNoNode(old.error())) co_return Ok{};
  if (!old.ok()) co_return old.error();
  for (const KeyspacePartition& partition : old->partitions) {
    for (const ShardTabletControl& control : partition.shard_tablet_controls) {
      if (!control.query_service_disabled) continue;
      co_return Errorf(Code::kFailedPrecondition,
                       "keyspace {}: shard {} is switched off for {} in cell {}, the serving graph "
                       "cannot be rebuilt",
                       keyspace, control.name, keys::TabletTypeName(partition.served_type), cell)
          .WithHint("finish or cancel the migration of that keyspace first");
    }
  }
  co_return Ok{};
}

Task<Result<>> Server::RebuildKeyspaceLocked(const Context& ctx, std::string_view keyspace,
                                             std::vector<std::string> cells) {
  CO_TRY(const std::vector<std::string> targets, co_await CellsOrAll(ctx, std::move(cells)));
  for (const std::string& cell : targets) {
    CO_TRY_OK(co_await RefuseDisabled(ctx, cell, keyspace));
  }
  CO_TRY(const Versioned<Keyspace> record, co_await GetKeyspace(ctx, keyspace));
  CO_TRY(const std::vector<std::string> shards, co_await GetShards(ctx, keyspace));
  std::vector<ShardReference> serving;
  for (const std::string& name : shards) {
    CO_TRY(const Versioned<Shard> shard, co_await GetShard(ctx, keyspace, name));
    if (shard.record.is_primary_serving) serving.push_back({name, shard.record.key_range});
  }
  std::sort(serving.begin(), serving.end(), Before);
  if (!serving.empty() && !record.record.is_snapshot) {
    CO_TRY_OK(CheckPartition(keyspace, serving));
  }
  SrvKeyspace graph;
  CopyThrottlerConfig(record.record, graph);
  for (const keys::TabletType type : kServedTypes) {
    if (!serving.empty()) graph.partitions.push_back({type, serving, {}});
  }
  for (const std::string& name : targets) {
    CO_TRY(Conn* const cell, co_await Cell(ctx, name));
    CO_TRY_OK(co_await cell->Update(ctx, SrvKeyspacePath(keyspace), Encode(graph), std::nullopt));
  }
  co_return Ok{};
}

}  // namespace tessera::topo
