// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// The part of topo::Server that knows tablets, and the lists of them that shards keep in each cell.
#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/task_group.h"
#include "topo/errors.h"
#include "topo/internal/record_access.h"
#include "topo/paths.h"
#include "topo/server.h"

namespace tessera::topo {
namespace {

// How long one cell may keep a listing of all of them waiting.
constexpr Duration kCellTimeout = std::chrono::seconds(15);

}  // namespace

Task<Result<Versioned<Tablet>>> Server::GetTablet(const Context& ctx,
                                                  const keys::TabletAlias& alias) {
  CO_TRY(Conn* const cell, co_await Cell(ctx, alias.cell));
  co_return co_await ReadRecord(ctx, *cell, TabletPath(alias), DecodeTablet);
}

Task<Result<>> Server::ReadTablets(const Context& ctx, std::string_view cell,
                                   Partial<Tablet>& into) {
  CO_TRY(Conn* const conn, co_await Cell(ctx, cell));
  const Result<std::vector<KeyedNode>> nodes = co_await conn->List(ctx, kTabletsDir);
  if (!nodes.ok() && IsNoNode(nodes.error())) co_return Ok{};
  if (!nodes.ok()) co_return nodes.error();
  for (const KeyedNode& node : *nodes) {
    // The prefix may catch neighbours of the directory.
    if (!node.path.starts_with("tablets/") || !node.path.ends_with("/Tablet")) continue;
    Result<Tablet> tablet = DecodeTablet(node.contents);
    if (tablet.ok()) {
      into.found.push_back(std::move(*tablet));
    } else {
      into.errors.push_back(std::move(tablet).error().Wrap(node.path));
    }
  }
  co_return Ok{};
}

Task<Result<std::vector<Tablet>>> Server::GetTablets(const Context& ctx, std::string_view cell) {
  Partial<Tablet> tablets;
  CO_TRY_OK(co_await ReadTablets(ctx, cell, tablets));
  co_return std::move(tablets.found);
}

Task<Result<>> Server::AddTablets(const Context& ctx, std::string cell, Partial<Tablet>& into) {
  const Context bounded = ctx.WithTimeout(kCellTimeout);
  Partial<Tablet> tablets;
  const Result<> read = co_await ReadTablets(bounded, cell, tablets);
  if (!read.ok()) tablets.errors.push_back(read.error());
  std::move(tablets.found.begin(), tablets.found.end(), std::back_inserter(into.found));
  for (Error& error : tablets.errors) into.errors.push_back(std::move(error).Wrap("cell " + cell));
  co_return Ok{};
}

namespace {

void SortByAlias(std::vector<Tablet>& tablets) {
  std::sort(tablets.begin(), tablets.end(),
            [](const Tablet& a, const Tablet& b) { return a.alias < b.alias; });
}

}  // namespace

Task<Result<Partial<Tablet>>> Server::GetTabletsOfCells(const Context& ctx,
                                                        std::vector<std::string> cells) {
  CO_TRY(const std::vector<std::string> names, co_await CellsOrAll(ctx, std::move(cells)));
  Partial<Tablet> tablets;
  runtime::TaskGroup group(ctx);
  for (const std::string& cell : names) group.Start(AddTablets(group.context(), cell, tablets));
  CO_TRY_OK(co_await group.Join());
  SortByAlias(tablets.found);
  co_return tablets;
}

Task<Result<>> Server::ReadShardTablets(const Context& ctx, std::string_view cell,
                                        std::string keyspace, std::string shard,
                                        std::vector<Tablet>& into) {
  const auto listed = co_await GetShardReplication(ctx, cell, keyspace, shard);
  if (!listed.ok() && IsNoNode(listed.error())) co_return Ok{};
  if (!listed.ok()) co_return listed.error();
  for (const keys::TabletAlias& alias : listed->record.nodes) {
    Result<Versioned<Tablet>> tablet = co_await GetTablet(ctx, alias);
    if (!tablet.ok() && IsNoNode(tablet.error())) continue;  // FixShardReplication finds it
    if (!tablet.ok()) co_return std::move(tablet).error();
    if (tablet->record.keyspace != keyspace || tablet->record.shard != shard) continue;
    into.push_back(std::move(tablet->record));
  }
  co_return Ok{};
}

Task<Result<>> Server::AddShardTablets(const Context& ctx, std::string cell, std::string keyspace,
                                       std::string shard, Partial<Tablet>& into) {
  const Context bounded = ctx.WithTimeout(kCellTimeout);
  std::vector<Tablet> tablets;
  const Result<> read =
      co_await ReadShardTablets(bounded, cell, std::move(keyspace), std::move(shard), tablets);
  std::move(tablets.begin(), tablets.end(), std::back_inserter(into.found));
  if (!read.ok()) into.errors.push_back(Error(read.error()).Wrap("cell " + cell));
  co_return Ok{};
}

Task<Result<Partial<Tablet>>> Server::GetShardTablets(const Context& ctx, std::string_view keyspace,
                                                      std::string_view shard,
                                                      std::vector<std::string> cells) {
  CO_TRY(const std::vector<std::string> names, co_await CellsOrAll(ctx, std::move(cells)));
  Partial<Tablet> tablets;
  runtime::TaskGroup group(ctx);
  for (const std::string& cell : names) {
    group.Start(
        AddShardTablets(group.context(), cell, std::string(keyspace), std::string(shard), tablets));
  }
  CO_TRY_OK(co_await group.Join());
  SortByAlias(tablets.found);
  co_return tablets;
}

Task<Result<Tablet>> Server::UpdateTablet(const Context& ctx, const keys::TabletAlias& alias,
                                          const TabletChange& change) {
  CO_TRY(Conn* const cell, co_await Cell(ctx, alias.cell));
  co_return co_await ChangeRecord(ctx, *cell, TabletPath(alias), DecodeTablet, WhenAbsent::kFail,
                                  change);
}

Task<Result<>> Server::PublishTablet(const Context& ctx, Tablet tablet) {
  CO_TRY(Conn* const cell, co_await Cell(ctx, tablet.alias.cell));
  const Result<Version> created =
      co_await cell->Create(ctx, TabletPath(tablet.alias), Encode(tablet));
  if (!created.ok() && !IsNodeExists(created.error())) co_return created.error();
  if (!created.ok()) {
    CO_TRY(const Versioned<Tablet> old, co_await GetTablet(ctx, tablet.alias));
    if (old.record.keyspace != tablet.keyspace || old.record.shard != tablet.shard) {
      co_return Errorf(Code::kFailedPrecondition,
                       "tablet {} belongs to {}/{} in the topology, not to {}/{}",
                       tablet.alias.ToString(), old.record.keyspace, old.record.shard,
                       tablet.keyspace, tablet.shard)
          .WithHint("give this tablet another uid, or delete the old record with DeleteTablets");
    }
    CO_TRY_OK(co_await cell->Update(ctx, TabletPath(tablet.alias), Encode(tablet), std::nullopt));
  }
  co_return co_await AddToShardReplication(ctx, tablet.keyspace, tablet.shard, tablet.alias);
}

Task<Result<>> Server::DeleteTablet(const Context& ctx, const keys::TabletAlias& alias) {
  CO_TRY(Conn* const cell, co_await Cell(ctx, alias.cell));
  CO_TRY(const Versioned<Tablet> old, co_await GetTablet(ctx, alias));
  CO_TRY_OK(co_await cell->Delete(ctx, TabletPath(alias), std::nullopt));
  co_return co_await RemoveFromShardReplication(ctx, old.record.keyspace, old.record.shard, alias);
}

Task<Result<Versioned<ShardReplication>>> Server::GetShardReplication(const Context& ctx,
                                                                      std::string_view cell,
                                                                      std::string_view keyspace,
                                                                      std::string_view shard) {
  CO_TRY(Conn* const conn, co_await Cell(ctx, cell));
  co_return co_await ReadRecord(ctx, *conn, ShardReplicationPath(keyspace, shard),
                                DecodeShardReplication);
}

Task<Result<>> Server::DeleteShardReplication(const Context& ctx, std::string_view cell,
                                              std::string_view keyspace, std::string_view shard) {
  CO_TRY(Conn* const conn, co_await Cell(ctx, cell));
  co_return co_await conn->Delete(ctx, ShardReplicationPath(keyspace, shard), std::nullopt);
}

Task<Result<>> Server::AddToShardReplication(const Context& ctx, std::string_view keyspace,
                                             std::string_view shard,
                                             const keys::TabletAlias& alias) {
  CO_TRY(Conn* const cell, co_await Cell(ctx, alias.cell));
  const Change<ShardReplication> change = [&alias](ShardReplication& record) -> Result<bool> {
    const auto listed = std::find(record.nodes.begin(), record.nodes.end(), alias);
    if (listed != record.nodes.end()) return false;
    record.nodes.push_back(alias);
    return true;
  };
  CO_TRY_OK(co_await ChangeRecord(ctx, *cell, ShardReplicationPath(keyspace, shard),
                                  DecodeShardReplication, WhenAbsent::kMake, change));
  co_return Ok{};
}

Task<Result<>> Server::RemoveFromShardReplication(const Context& ctx, std::string_view keyspace,
                                                  std::string_view shard,
                                                  const keys::TabletAlias& alias) {
  CO_TRY(Conn* const cell, co_await Cell(ctx, alias.cell));
  const Change<ShardReplication> change = [&alias](ShardReplication& record) -> Result<bool> {
    return std::erase(record.nodes, alias) > 0;
  };
  const Result<ShardReplication> changed =
      co_await ChangeRecord(ctx, *cell, ShardReplicationPath(keyspace, shard),
                            DecodeShardReplication, WhenAbsent::kFail, change);
  if (!changed.ok() && !IsNoNode(changed.error())) co_return changed.error();
  co_return Ok{};
}

Task<Result<std::vector<ReplicationProblem>>> Server::FixShardReplication(const Context& ctx,
                                                                          std::string_view cell,
                                                                          std::string_view keyspace,
                                                                          std::string_view shard) {
  CO_TRY(const auto listed, co_await GetShardReplication(ctx, cell, keyspace, shard));
  std::vector<ReplicationProblem> problems;
  for (const keys::TabletAlias& alias : listed.record.nodes) {
    const Result<Versioned<Tablet>> tablet = co_await GetTablet(ctx, alias);
    if (!tablet.ok() && IsNoNode(tablet.error())) {
      problems.push_back({ReplicationProblem::Kind::kNotFound, alias});
    } else if (!tablet.ok()) {
      co_return tablet.error();
    } else if (tablet->record.keyspace != keyspace || tablet->record.shard != shard) {
      problems.push_back({ReplicationProblem::Kind::kTopologyMismatch, alias});
    }
  }
  for (const ReplicationProblem& problem : problems) {
    CO_TRY_OK(co_await RemoveFromShardReplication(ctx, keyspace, shard, problem.alias));
  }
  co_return problems;
}

}  // namespace tessera::topo
