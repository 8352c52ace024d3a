// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// The part of topo::Server that deletes keyspaces and shards with all that hangs on them.
#include <utility>

#include <fmt/core.h>

#include "topo/errors.h"
#include "topo/paths.h"
#include "topo/server.h"

namespace tessera::topo {
namespace {

std::string Names(const std::vector<Tablet>& tablets) {
  constexpr size_t kMost = 5;
  std::string names;
  for (size_t i = 0; i < tablets.size() && i < kMost; ++i)
    names += (i == 0 ? "" : ", ") + tablets[i].alias.ToString();
  if (tablets.size() > kMost) names += fmt::format(" and {} more", tablets.size() - kMost);
  return names;
}

// A lost lock, or a caller who has gone, ends even what is forced.
bool EndsAll(const Context& ctx, const Error& error) {
  return error.code() == Code::kAborted || ctx.cancelled();
}

}  // namespace

// Whoever cleans up after a lock's owner that is never to return need not wait for it.
Task<Result<>> Server::ForceUnderLock(const Context& ctx, Result<std::unique_ptr<LockHandle>> lock,
                                      std::string name, const WithoutLock& hear, LockedWork work) {
  if (lock.ok()) {
    std::unique_ptr<LockHandle> held = std::move(*lock);
    co_return co_await UnderLock(std::move(held), std::move(name), std::move(work));
  }
  CO_TRY_OK(ctx.Check());
  if (hear) hear(Error(lock.error()).Wrap(name + " goes on without the lock"));
  co_return co_await work(*this);
}

Task<Result<>> Server::DeleteKeyspace(const Context& ctx, std::string_view keyspace, bool recursive,
                                      bool force, WithoutLock hear) {
  // For the error of a keyspace that is not there: a lock would only say that of its directory.
  CO_TRY_OK(co_await GetKeyspace(ctx, keyspace));
  LockedWork work = [&](Server& locked) {
    return locked.DeleteKeyspaceLocked(ctx, keyspace, recursive, force, hear);
  };
  if (!force) {
    co_return co_await UnderKeyspaceLock(ctx, keyspace, "DeleteKeyspace", std::move(work));
  }
  Result<std::unique_ptr<LockHandle>> lock = co_await LockKeyspace(ctx, keyspace, "DeleteKeyspace");
  std::string name = fmt::format("DeleteKeyspace of keyspace {}", keyspace);
  co_return co_await ForceUnderLock(ctx, std::move(lock), std::move(name), hear, std::move(work));
}

Task<Result<>> Server::DeleteKeyspaceLocked(const Context& ctx, std::string_view keyspace,
                                            bool recursive, bool force, const WithoutLock& hear) {
  CO_TRY(const std::vector<std::string> shards, co_await GetShards(ctx, keyspace));
  if (!recursive && !shards.empty()) {
    co_return Errorf(Code::kFailedPrecondition, "keyspace {} has {} shards, {} first", keyspace,
                     shards.size(), shards.front())
        .WithHint("delete them with DeleteShards first, or the keyspace with --recursive");
  }
  DeleteShardOptions options;
  options.recursive = true;
  options.even_if_serving = true;
  options.force = force;
  options.hear = hear;
  for (const std::string& shard : shards) {
    CO_TRY_OK(co_await DeleteShard(ctx, keyspace, shard, options));
  }
  CO_TRY(const std::vector<std::string> cells, co_await GetCells(ctx));
  for (const std::string& cell : cells) {
    const Result<> deleted = co_await DeleteIfThere(ctx, cell, SrvKeyspacePath(keyspace));
    if (deleted.ok()) continue;
    if (EndsAll(ctx, deleted.error())) co_return deleted;
    if (force) continue;
    co_return Error(deleted.error())
        .Wrap("cell " + cell)
        .WithHint(
            "delete the keyspace with --force if that cell's topology server will not come "
            "back");
  }
  CO_TRY_OK(co_await DeleteIfThere(ctx, kGlobalCell, VSchemaPath(keyspace)));
  co_return co_await DeleteIfThere(ctx, kGlobalCell, KeyspacePath(keyspace));
}

Task<Result<>> Server::DeleteShard(const Context& ctx, std::string_view keyspace,
                                   std::string_view shard, DeleteShardOptions options) {
  CO_TRY_OK(co_await GetShard(ctx, keyspace, shard));
  Result<std::unique_ptr<LockHandle>> lock =
      co_await LockShard(ctx, keyspace, shard, "DeleteShard");
  if (!lock.ok() && !options.force) co_return std::move(lock).error();
  std::string name = fmt::format("DeleteShard of {}/{}", keyspace, shard);
  LockedWork work = [&](Server& locked) {
    return locked.DeleteShardLocked(ctx, keyspace, shard, options);
  };
  co_return co_await ForceUnderLock(ctx, std::move(lock), std::move(name), options.hear,
                                    std::move(work));
}

Task<Result<>> Server::DeleteShardLocked(const Context& ctx, std::string_view keyspace,
                                         std::string_view shard, DeleteShardOptions options) {
  CO_TRY(const Versioned<Shard> record, co_await GetShard(ctx, keyspace, shard));
  if (record.record.is_primary_serving && !options.even_if_serving) {
    co_return Errorf(Code::kFailedPrecondition, "shard {}/{} is serving", keyspace, shard)
        .WithHint("move its traffic elsewhere first, or delete it with --even-if-serving");
  }
  CO_TRY_OK(co_await DeleteShardTablets(ctx, keyspace, shard, options));
  CO_TRY(const std::vector<std::string> cells, co_await GetCells(ctx));
  for (const std::string& cell : cells) {
    const Result<> deleted = co_await DeleteShardReplication(ctx, cell, keyspace, shard);
    if (deleted.ok() || IsNoNode(deleted.error())) continue;
    if (EndsAll(ctx, deleted.error())) co_return deleted;
    if (options.force) continue;
    co_return Error(deleted.error())
        .Wrap("cell " + cell)
        .WithHint(
            "delete the shard with --force if that cell's topology server will not come back");
  }
  co_return co_await global_->Delete(ctx, ShardPath(keyspace, shard), std::nullopt);
}

Task<Result<>> Server::DeleteShardTablets(const Context& ctx, std::string_view keyspace,
                                          std::string_view shard, DeleteShardOptions options) {
  const std::vector<std::string> all_cells;
  CO_TRY(const Partial<Tablet> tablets, co_await GetShardTablets(ctx, keyspace, shard, all_cells));
  if (!tablets.errors.empty() && !options.force) {
    co_return Error(tablets.errors.front())
        .WithHint("delete the shard with --force if that topology server will not come back");
  }
  if (!tablets.found.empty() && !options.recursive) {
    co_return Errorf(Code::kFailedPrecondition, "shard {}/{} has {} tablets: {}", keyspace, shard,
                     tablets.found.size(), Names(tablets.found))
        .WithHint("delete them with DeleteTablets first, or the shard with --recursive");
  }
  for (const Tablet& tablet : tablets.found) {
    const Result<> deleted = co_await DeleteTablet(ctx, tablet.alias);
    if (!deleted.ok() && !IsNoNode(deleted.error())) co_return deleted;
  }
  co_return Ok{};
}

Task<Result<>> Server::RemoveShardCell(const Context& ctx, std::string_view keyspace,
                                       std::string_view shard, std::string_view cell, bool force,
                                       bool recursive) {
  CO_TRY(const Versioned<Shard> record, co_await GetShard(ctx, keyspace, shard));
  if (record.record.primary_alias.cell == cell) {
    co_return Errorf(Code::kFailedPrecondition, "the primary of {}/{}, {}, is in cell {}", keyspace,
                     shard, record.record.primary_alias.ToString(), cell)
        .WithHint("make a tablet of another cell the primary first");
  }
  std::vector<Tablet> tablets;
  Result<> read =
      co_await ReadShardTablets(ctx, cell, std::string(keyspace), std::string(shard), tablets);
  if (!read.ok() && !force) co_return std::move(read).Wrap("cell " + std::string(cell));
  if (!tablets.empty() && !recursive) {
    co_return Errorf(Code::kFailedPrecondition, "shard {}/{} has tablets in cell {}: {}", keyspace,
                     shard, cell, Names(tablets))
        .WithHint("delete them with DeleteTablets first, or give --recursive");
  }
  for (const Tablet& tablet : tablets) {
    CO_TRY_OK(co_await DeleteTablet(ctx, tablet.alias));
  }
  const Result<> deleted = co_await DeleteShardReplication(ctx, cell, keyspace, shard);
  if (deleted.ok() || IsNoNode(deleted.error()) || force) co_return Ok{};
  co_return deleted;
}

Task<Result<>> Server::RemoveKeyspaceCell(const Context& ctx, std::string_view keyspace,
                                          std::string_view cell, bool force, bool recursive) {
  CO_TRY(const std::vector<std::string> shards, co_await GetShards(ctx, keyspace));
  for (const std::string& shard : shards) {
    CO_TRY_OK(co_await RemoveShardCell(ctx, keyspace, shard, cell, force, recursive));
  }
  const Result<> deleted = co_await DeleteIfThere(ctx, cell, SrvKeyspacePath(keyspace));
  if (force) co_return Ok{};
  co_return deleted;
}

}  // namespace tessera::topo
