// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Changes of a tablet's role in replication, on the word of whoever reparents the shard.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/waiter.h"
#include "log/log.h"
#include "tabletmanager/tablet_manager.h"
#include "topo/errors.h"

namespace tessera::tabletmanager {

using keys::TabletType;
using mysqlconn::Connection;
using mysqlctl::ReplicaStatus;

Task<Result<std::string>> TabletManager::Promote(const Context& ctx, Connection& connection,
                                                 bool semi_sync) {
  CO_TRY_OK(NeedManaged("promotion"));
  const std::vector<std::string> forget = flavor_.ForgetReplication();
  CO_TRY_OK(co_await mysqlctl::RunAll(ctx, connection, forget));
  CO_TRY(std::string position, co_await mysqlctl::ReadPosition(ctx, connection, flavor_));
  // Before the first write: none may be acknowledged without its replica.
  CO_TRY_OK(co_await SetSemiSync(ctx, connection, TabletType::kPrimary, semi_sync));
  CO_TRY_OK(co_await SetType(ctx, connection, TabletType::kPrimary));
  co_return position;
}

Task<Result<std::string>> TabletManager::InitPrimary(const Context& ctx, Connection& connection,
                                                     bool semi_sync) {
  CO_TRY_OK(NeedManaged("InitPrimary"));
  const std::vector<std::string> writable = flavor_.SetReadOnly(false);
  CO_TRY_OK(co_await mysqlctl::RunAll(ctx, connection, writable));
  const std::string create =
      fmt::format("create database if not exists {}", Backquoted(sidecar_db_));
  CO_TRY_OK(co_await connection.Query(ctx, create));
  CO_TRY(std::string position, co_await mysqlctl::ReadPosition(ctx, connection, flavor_));
  const std::string database =
      fmt::format("create database if not exists {}", Backquoted(tablet_.db_name()));
  CO_TRY_OK(co_await connection.Query(ctx, database));
  // Before it serves: no client's write may be acknowledged without its replica.
  CO_TRY_OK(co_await SetSemiSync(ctx, connection, TabletType::kPrimary, semi_sync));
  CO_TRY_OK(co_await SetType(ctx, connection, TabletType::kPrimary));
  co_return position;
}

// Commits that wait for a replica's word hold up read_only, for ever if no replica comes.
Task<Result<>> TabletManager::ReleaseCommits(const Context& ctx, Connection& connection,
                                             Demotion how) {
  while (true) {
    CO_TRY(const mysqlctl::SemiSyncState state,
           co_await mysqlctl::ReadSemiSync(ctx, connection, flavor_));
    if (!state.source_enabled || state.wait_sessions == 0) co_return Ok{};
    if (how == Demotion::kForced) {
      co_return co_await mysqlctl::SetSemiSync(ctx, connection, flavor_, false,
                                               state.replica_enabled);
    }
    CO_TRY_OK(co_await Sleep(ctx, std::chrono::milliseconds(100)));
  }
}

Task<Result<>> TabletManager::WriteDemotion(const Context& ctx, Connection& connection,
                                            Demotion how) {
  CO_TRY_OK(co_await ReleaseCommits(ctx, connection, how));
  CO_TRY_OK(co_await SetReadOnly(ctx, connection, true));
  CO_TRY(const mysqlctl::SemiSyncState state,
         co_await mysqlctl::ReadSemiSync(ctx, connection, flavor_));
  if (!state.source_enabled) co_return Ok{};
  co_return co_await mysqlctl::SetSemiSync(ctx, connection, flavor_, false, true);
}

Task<Result<>> TabletManager::Demote(const Context& ctx, Connection& connection, Demotion how) {
  CO_TRY_OK(NeedManaged("DemotePrimary"));
  const bool was_demoted = demoted_;
  if (tablet_.type == TabletType::kPrimary) {
    demoted_ = true;
    UpdateServing();
    if (!was_demoted && server_ != nullptr) co_await server_->EndWork();
  }
  Result<> done = co_await WriteDemotion(ctx, connection, how);
  if (done.ok() || was_demoted || tablet_.type != TabletType::kPrimary) co_return done;
  // The caller's time may be over, but the primary must lead on.
  const Context undoing = Context::Background().WithTimeout(std::chrono::seconds(10));
  const Result<std::unique_ptr<Connection>> fresh = co_await ConnectDba(undoing);
  Result<> undone = fresh.ok() ? Result<>(Ok{}) : Result<>(fresh.error());
  if (fresh.ok()) {
    Connection& usable = **fresh;
    undone = co_await UndoDemote(undoing, usable, semi_sync_.value_or(false));
  }
  if (!undone.ok())
    LOG(kError, "tablet {} stays demoted: {}", options_.alias.ToString(),
        undone.error().ToString());
  co_return done;
}

Task<Result<>> TabletManager::UndoDemote(const Context& ctx, Connection& connection,
                                         bool semi_sync) {
  CO_TRY_OK(NeedManaged("UndoDemotePrimary"));
  if (tablet_.type != TabletType::kPrimary) {
    CO_TRY(const topo::Versioned<topo::Tablet> known,
           co_await topo_.GetTablet(ctx, options_.alias));
    if (known.record.type != TabletType::kPrimary) {
      co_return Errorf(Code::kFailedPrecondition, "tablet {} is no primary but {}",
                       options_.alias.ToString(), keys::TabletTypeName(tablet_.type));
    }
    tablet_.type = TabletType::kPrimary;
    tablet_.primary_term_start = known.record.primary_term_start;
    type_changed_.WakeAll();
  }
  CO_TRY_OK(co_await SetSemiSync(ctx, connection, TabletType::kPrimary, semi_sync));
  CO_TRY_OK(co_await SetReadOnly(ctx, connection, false));
  demoted_ = false;
  UpdateServing();
  co_return Ok{};
}

Task<Result<bool>> TabletManager::Repoint(const Context& ctx, Connection& connection,
                                          const FollowOptions& follow, const topo::Tablet& parent,
                                          bool was_primary) {
  CO_TRY(const std::optional<ReplicaStatus> status,
         co_await mysqlctl::ReadReplicaStatus(ctx, connection, flavor_));
  const bool start =
      follow.start || was_primary || !follow.position.empty() || (status && status->Replicates());
  const bool same =
      status && status->source_host == parent.mysql_hostname &&
      status->source_port == parent.mysql_port && follow.position.empty() &&
      (follow.heartbeat_seconds == 0 || status->heartbeat_seconds == follow.heartbeat_seconds);
  if (status && (!same || start)) {
    CO_TRY_OK(co_await connection.Query(ctx, flavor_.StopReplication()));
  }
  if (!follow.position.empty()) {
    CO_TRY(const std::string gtids, mysqlctl::GtidsOf(flavor_, follow.position));
    const std::vector<std::string> set = flavor_.SetPosition(gtids);
    CO_TRY_OK(co_await mysqlctl::RunAll(ctx, connection, set));
  }
  if (!same) {
    mysqlctl::ReplicationSource from = SourceAt(parent);
    from.heartbeat_seconds = follow.heartbeat_seconds;
    const std::vector<std::string> source = flavor_.SetSource(from);
    CO_TRY_OK(co_await mysqlctl::RunAll(ctx, connection, source));
  }
  if (start) {
    CO_TRY_OK(co_await connection.Query(ctx, flavor_.StartReplication()));
  }
  replication_stopped_ = !start;
  co_return start;
}

Task<Result<bool>> TabletManager::Follow(const Context& ctx, Connection& connection,
                                         const FollowOptions& follow) {
  CO_TRY_OK(NeedManaged("SetReplicationSource"));
  if (follow.parent == options_.alias) {
    co_return Errorf(Code::kInvalidArgument, "tablet {} cannot replicate from itself",
                     options_.alias.ToString());
  }
  CO_TRY(const topo::Versioned<topo::Tablet> parent, co_await topo_.GetTablet(ctx, follow.parent));
  if (parent.record.mysql_hostname.empty() || parent.record.mysql_port == 0) {
    co_return Errorf(Code::kFailedPrecondition,
                     "the record of tablet {} does not tell where its MySQL server is",
                     follow.parent.ToString())
        .WithHint("Is its vttablet running?");
  }
  CO_TRY(const topo::Versioned<topo::Shard> shard,
         co_await topo_.GetShard(ctx, options_.keyspace, options_.shard));
  const bool was_primary = tablet_.type == TabletType::kPrimary;
  if (was_primary) {
    CO_TRY_OK(co_await ReleaseCommits(ctx, connection, Demotion::kForced));
    CO_TRY_OK(co_await SetType(ctx, connection, ReplicaType()));
  }
  if (follow.semi_sync) {
    CO_TRY_OK(co_await SetSemiSync(ctx, connection, tablet_.type, *follow.semi_sync));
  }
  CO_TRY(const bool started, co_await Repoint(ctx, connection, follow, parent.record, was_primary));
  Parent now;
  now.alias = follow.parent;
  now.shard_term = shard.record.primary_term_start;
  parent_ = std::move(now);
  LOG(kInfo, "tablet {} follows {} ({}:{}){}", options_.alias.ToString(), follow.parent.ToString(),
      parent.record.mysql_hostname, parent.record.mysql_port,
      started ? "" : "; its replication stays stopped");
  co_return started;
}

}  // namespace tessera::tabletmanager
