// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// The part of topo::Server that makes what gates watch: SrvKeyspace and SrvVSchema.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "topo/errors.h"
#include "topo/internal/record_access.h"
#include "topo/paths.h"
#include "topo/server.h"

namespace tessera::topo {
namespace {

constexpr keys::TabletType kServedTypes[] = {keys::TabletType::kPrimary, keys::TabletType::kReplica,
                                             keys::TabletType::kRdonly};

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

Task<Result<Node>> Server::GetSrvVSchema(const Context& ctx, std::string_view cell) {
  CO_TRY(Conn* const conn, co_await Cell(ctx, cell));
  co_return co_await conn->Get(ctx, kSrvVSchemaPath);
}

Task<Result<>> Server::DeleteSrvVSchema(const Context& ctx, std::string_view cell) {
  CO_TRY(Conn* const conn, co_await Cell(ctx, cell));
  co_return co_await conn->Delete(ctx, kSrvVSchemaPath, std::nullopt);
}

// A cell keeps more than graphs below keyspaces/: a name counts when its graph is there.
Task<Result<std::vector<std::string>>> Server::GetSrvKeyspaceNames(const Context& ctx,
                                                                   std::string_view cell) {
  CO_TRY(Conn* const conn, co_await Cell(ctx, cell));
  CO_TRY(const std::vector<std::string> names, co_await ListNames(ctx, *conn, kKeyspacesDir));
  std::vector<std::string> served;
  for (const std::string& name : names) {
    const Result<Node> graph = co_await conn->Get(ctx, SrvKeyspacePath(name));
    if (!graph.ok() && !IsNoNode(graph.error())) co_return graph.error();
    if (graph.ok()) served.push_back(name);
  }
  co_return served;
}

Task<Result<SrvKeyspace>> Server::GetSrvKeyspace(const Context& ctx, std::string_view cell,
                                                 std::string_view keyspace) {
  CO_TRY(Conn* const conn, co_await Cell(ctx, cell));
  CO_TRY(Versioned<SrvKeyspace> graph,
         co_await ReadRecord(ctx, *conn, SrvKeyspacePath(keyspace), DecodeSrvKeyspace));
  co_return std::move(graph.record);
}

Task<Result<SrvKeyspace>> Server::UpdateSrvKeyspace(const Context& ctx, std::string_view cell,
                                                    std::string_view keyspace,
                                                    const Change<SrvKeyspace>& change) {
  CO_TRY(Conn* const conn, co_await Cell(ctx, cell));
  co_return co_await ChangeRecord(ctx, *conn, SrvKeyspacePath(keyspace), DecodeSrvKeyspace,
                                  WhenAbsent::kFail, change);
}

Task<Result<>> Server::DeleteSrvKeyspace(const Context& ctx, std::string_view cell,
                                         std::string_view keyspace) {
  CO_TRY(Conn* const conn, co_await Cell(ctx, cell));
  co_return co_await conn->Delete(ctx, SrvKeyspacePath(keyspace), std::nullopt);
}

Task<Result<>> Server::UpdateDisableQueryService(const Context& ctx, std::string_view keyspace,
                                                 std::vector<std::string> shards,
                                                 keys::TabletType type,
                                                 std::vector<std::string> cells, bool disabled) {
  LockedWork work = [&](Server& locked) {
    return locked.DisableLocked(ctx, keyspace, shards, type, cells, disabled);
  };
  co_return co_await UnderKeyspaceLock(ctx, keyspace, "UpdateDisableQueryService", std::move(work));
}

Task<Result<>> Server::DisableLocked(const Context& ctx, std::string_view keyspace,
                                     std::vector<std::string> shards, keys::TabletType type,
                                     std::vector<std::string> cells, bool disabled) {
  std::vector<ShardReference> references;
  for (const std::string& name : shards) {
    CO_TRY(const Versioned<Shard> shard, co_await GetShard(ctx, keyspace, name));
    references.push_back({name, shard.record.key_range});
  }
  const Change<SrvKeyspace> change = [&](SrvKeyspace& graph) -> Result<bool> {
    bool changed = false;
    for (const ShardReference& shard : references)
      changed = SetQueryServiceDisabled(graph, type, shard, disabled) || changed;
    return changed;
  };
  CO_TRY(const std::vector<std::string> targets, co_await CellsOrAll(ctx, std::move(cells)));
  for (const std::string& cell : targets) {
    const Result<SrvKeyspace> done = co_await UpdateSrvKeyspace(ctx, cell, keyspace, change);
    if (!done.ok() && !IsNoNode(done.error())) co_return Error(done.error()).Wrap("cell " + cell);
  }
  co_return Ok{};
}

Task<Result<std::vector<std::string>>> Server::ValidateSrvKeyspace(const Context& ctx,
                                                                   std::string_view keyspace,
                                                                   std::vector<std::string> cells) {
  CO_TRY(const auto shards, co_await FindAllShardsInKeyspace(ctx, keyspace));
  CO_TRY(const std::vector<std::string> targets, co_await CellsOrAll(ctx, std::move(cells)));
  std::vector<std::string> problems;
  for (const std::string& cell : targets) {
    const Result<SrvKeyspace> graph = co_await GetSrvKeyspace(ctx, cell, keyspace);
    if (!graph.ok()) {
      problems.push_back(fmt::format("cell {}: {}", cell, graph.error().message()));
      continue;
    }
    for (const std::string& problem : SrvKeyspaceProblems(keyspace, *graph, shards))
      problems.push_back(fmt::format("cell {}: {}", cell, problem));
  }
  co_return problems;
}

Task<Result<>> Server::RebuildKeyspace(const Context& ctx, std::string_view keyspace,
                                       std::vector<std::string> cells, bool allow_partial) {
  LockedWork work = [&](Server& locked) {
    return locked.RebuildKeyspaceLocked(ctx, keyspace, cells, allow_partial);
  };
  co_return co_await UnderKeyspaceLock(ctx, keyspace, "RebuildKeyspace", std::move(work));
}

// A migration that has switched a shard off must end (or be undone) before the graph is made anew,
// and so must one that died half-way and left no shard serving: the old graph is better than none.
Task<Result<>> Server::RefuseRebuild(const Context& ctx, std::string_view cell,
                                     std::string_view keyspace, bool none_serves) {
  const Result<SrvKeyspace> old = co_await GetSrvKeyspace(ctx, cell, keyspace);
  if (!old.ok() && IsNoNode(old.error())) co_return Ok{};
  if (!old.ok()) co_return old.error();
  if (none_serves && !old->partitions.empty()) {
    co_return Errorf(Code::kFailedPrecondition,
                     "keyspace {}: none of its shards serves, but gates of cell {} route to some",
                     keyspace, cell)
        .WithHint("set which shards serve, then rebuild the keyspace");
  }
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
                                             std::vector<std::string> cells, bool allow_partial) {
  CO_TRY(const std::vector<std::string> targets, co_await CellsOrAll(ctx, std::move(cells)));
  CO_TRY(const Versioned<Keyspace> record, co_await GetKeyspace(ctx, keyspace));
  CO_TRY(const auto shards, co_await FindAllShardsInKeyspace(ctx, keyspace));
  std::vector<ShardReference> serving;
  for (const auto& [name, shard] : shards) {
    if (shard.is_primary_serving) serving.push_back({name, shard.key_range});
  }
  const bool none_serves = serving.empty() && !shards.empty();
  for (const std::string& cell : targets) {
    CO_TRY_OK(co_await RefuseRebuild(ctx, cell, keyspace, none_serves));
  }
  SortShardReferences(serving);
  if (!record.record.is_snapshot || !allow_partial) {
    CO_TRY_OK(CheckShardsCover(keyspace, serving));
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
