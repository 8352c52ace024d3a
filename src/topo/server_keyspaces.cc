// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// The part of topo::Server that makes and changes keyspaces and shards.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "keys/shard.h"
#include "topo/errors.h"
#include "topo/internal/record_access.h"
#include "topo/paths.h"
#include "topo/server.h"

namespace tessera::topo {

Task<Result<std::vector<std::string>>> Server::GetKeyspaces(const Context& ctx) {
  co_return co_await ListNames(ctx, *global_, kKeyspacesDir);
}

Task<Result<Versioned<Keyspace>>> Server::GetKeyspace(const Context& ctx,
                                                      std::string_view keyspace) {
  co_return co_await ReadRecord(ctx, *global_, KeyspacePath(keyspace), DecodeKeyspace);
}

Task<Result<>> Server::CreateKeyspace(const Context& ctx, std::string_view keyspace,
                                      Keyspace record) {
  CO_TRY_OK(keys::ValidateKeyspaceName(keyspace));
  if (record.is_snapshot && (record.base_keyspace.empty() || record.snapshot_time == 0)) {
    co_return Errorf(Code::kInvalidArgument,
                     "snapshot keyspace {} needs a base keyspace and the time it shows", keyspace)
        .WithHint("give --base-keyspace and --snapshot-timestamp");
  }
  if (record.is_snapshot) {
    const Result<Versioned<Keyspace>> base = co_await GetKeyspace(ctx, record.base_keyspace);
    if (!base.ok()) co_return Error(base.error()).Wrap("base keyspace " + record.base_keyspace);
  }
  CO_TRY_OK(co_await global_->Create(ctx, KeyspacePath(keyspace), Encode(record)));
  if (!record.is_snapshot) co_return Ok{};
  co_return co_await CopySnapshotVSchema(ctx, keyspace, std::move(record.base_keyspace));
}

// A snapshot's tables must never answer for those of its base: they are found by keyspace only.
Task<Result<>> Server::CopySnapshotVSchema(const Context& ctx, std::string_view keyspace,
                                           std::string base) {
  CO_TRY(const std::string vschema, co_await GetOrEmpty(ctx, VSchemaPath(base)));
  CO_TRY(const std::string copy, RequireExplicitRouting(vschema).Wrap(VSchemaPath(base)));
  co_return co_await SaveVSchema(ctx, keyspace, copy, std::nullopt);
}

Task<Result<>> Server::UpdateKeyspace(const Context& ctx, std::string_view keyspace,
                                      Versioned<Keyspace> changed) {
  CO_TRY_OK(co_await global_->Update(ctx, KeyspacePath(keyspace), Encode(changed.record),
                                     changed.version));
  co_return Ok{};
}

Task<Result<std::vector<std::string>>> Server::GetShards(const Context& ctx,
                                                         std::string_view keyspace) {
  co_return co_await ListNames(ctx, *global_, JoinPath(KeyspaceDir(keyspace), "shards"));
}

Task<Result<Versioned<Shard>>> Server::GetShard(const Context& ctx, std::string_view keyspace,
                                                std::string_view shard) {
  co_return co_await ReadRecord(ctx, *global_, ShardPath(keyspace, shard), DecodeShard);
}

Task<Result<std::map<std::string, Shard>>> Server::FindAllShardsInKeyspace(
    const Context& ctx, std::string_view keyspace) {
  const std::string prefix = KeyspaceDir(keyspace) + "/shards/";
  const Result<std::vector<KeyedNode>> nodes = co_await global_->List(ctx, prefix);
  std::map<std::string, Shard> shards;
  if (!nodes.ok() && IsNoNode(nodes.error())) co_return shards;
  if (!nodes.ok()) co_return nodes.error();
  for (const KeyedNode& node : *nodes) {
    const size_t slash = node.path.find('/', prefix.size());
    if (slash == std::string::npos || node.path.substr(slash) != "/Shard") continue;
    CO_TRY(Shard shard, DecodeShard(node.contents).Wrap(node.path));
    shards[node.path.substr(prefix.size(), slash - prefix.size())] = std::move(shard);
  }
  co_return shards;
}

Task<Result<Shard>> Server::UpdateShard(const Context& ctx, std::string_view keyspace,
                                        std::string_view shard, const ShardChange& change) {
  co_return co_await ChangeRecord(ctx, *global_, ShardPath(keyspace, shard), DecodeShard,
                                  WhenAbsent::kFail, change);
}

Task<Result<>> Server::UpdateShardLocked(const Context& ctx, std::string_view keyspace,
                                         std::string_view shard, const ShardChange& change,
                                         Shard& after) {
  CO_TRY(after, co_await UpdateShard(ctx, keyspace, shard, change));
  co_return Ok{};
}

Task<Result<Shard>> Server::UpdateShardUnderLock(const Context& ctx, std::string_view keyspace,
                                                 std::string_view shard, std::string_view action,
                                                 const ShardChange& change) {
  Shard after;
  LockedWork work = [&](Server& locked) {
    return locked.UpdateShardLocked(ctx, keyspace, shard, change, after);
  };
  CO_TRY_OK(co_await UnderKeyspaceLock(ctx, keyspace, action, std::move(work)));
  co_return after;
}

Task<Result<Shard>> Server::SetShardIsPrimaryServing(const Context& ctx, std::string_view keyspace,
                                                     std::string_view shard, bool serving) {
  const ShardChange change = [serving](Shard& record) -> Result<bool> {
    if (record.is_primary_serving == serving) return false;
    record.is_primary_serving = serving;
    return true;
  };
  co_return co_await UpdateShardUnderLock(ctx, keyspace, shard, "SetShardIsPrimaryServing", change);
}

Task<Result<Shard>> Server::SetDeniedTables(const Context& ctx, std::string_view keyspace,
                                            std::string_view shard, DeniedTables denied) {
  const ShardChange change = [&denied](Shard& record) { return DenyTables(record, denied); };
  co_return co_await UpdateShardUnderLock(ctx, keyspace, shard, "SetShardTabletControl", change);
}

Task<Result<Shard>> Server::RemoveDeniedTables(const Context& ctx, std::string_view keyspace,
                                               std::string_view shard, DeniedTables allowed) {
  const ShardChange change = [&allowed](Shard& record) { return AllowTables(record, allowed); };
  co_return co_await UpdateShardUnderLock(ctx, keyspace, shard, "SetShardTabletControl", change);
}

Task<Result<>> Server::CreateShard(const Context& ctx, std::string_view keyspace,
                                   std::string_view shard) {
  LockedWork work = [&](Server& locked) { return locked.CreateShardLocked(ctx, keyspace, shard); };
  co_return co_await UnderKeyspaceLock(ctx, keyspace, "CreateShard", std::move(work));
}

Task<Result<>> Server::CreateShardLocked(const Context& ctx, std::string_view keyspace,
                                         std::string_view shard) {
  CO_TRY(keys::ShardName name, keys::ParseShardName(shard));
  CO_TRY(const std::vector<std::string> others, co_await GetShards(ctx, keyspace));
  Shard record;
  record.key_range = name.key_range;
  record.is_primary_serving = true;
  for (const std::string& other : others) {
    CO_TRY(const keys::ShardName known, keys::ParseShardName(other));
    const bool apart =
        record.key_range && known.key_range && !record.key_range->Intersects(*known.key_range);
    if (!apart) record.is_primary_serving = false;
  }
  CO_TRY_OK(co_await global_->Create(ctx, ShardPath(keyspace, name.name), Encode(record)));
  co_return Ok{};
}

Task<Result<>> Server::EnsureShard(const Context& ctx, std::string_view keyspace,
                                   std::string_view shard) {
  Keyspace fresh;
  fresh.sidecar_db_name = "_vt";
  const Result<> created = co_await CreateKeyspace(ctx, keyspace, std::move(fresh));
  if (!created.ok() && !IsNodeExists(created.error())) co_return created.error();
  if (!created.ok()) {
    CO_TRY(Versioned<Keyspace> old, co_await GetKeyspace(ctx, keyspace));
    if (old.record.sidecar_db_name.empty()) {
      old.record.sidecar_db_name = "_vt";
      const Result<> named = co_await UpdateKeyspace(ctx, keyspace, std::move(old));
      // Lost to another tablet, which has named it.
      if (!named.ok() && !IsBadVersion(named.error())) co_return named.error();
    }
  }
  const Result<Version> vschema = co_await global_->Create(ctx, VSchemaPath(keyspace), "");
  if (!vschema.ok() && !IsNodeExists(vschema.error())) co_return vschema.error();
  const Result<Versioned<Shard>> known = co_await GetShard(ctx, keyspace, shard);
  if (known.ok()) co_return Ok{};
  if (!IsNoNode(known.error())) co_return known.error();
  const Result<> made = co_await CreateShard(ctx, keyspace, shard);
  if (!made.ok() && !IsNodeExists(made.error())) co_return made.error();
  co_return Ok{};
}

}  // namespace tessera::topo
