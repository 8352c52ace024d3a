// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Keeping the tablet's role: what MySQL, the shard's record and the query service are told.
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/waiter.h"
#include "log/log.h"
#include "tabletmanager/tablet_manager.h"
#include "topo/durability.h"
#include "topo/errors.h"
#include "topo/paths.h"

namespace tessera::tabletmanager {

using keys::TabletType;
using mysqlconn::Connection;
using mysqlctl::ReplicaStatus;
using sqltypes::ResultSet;

namespace {

constexpr Duration kRetry = std::chrono::milliseconds(300);
// What one attempt to give MySQL its role may take; actions wait that long.
constexpr Duration kSettleTime = std::chrono::seconds(30);
constexpr Duration kShardRetry = std::chrono::seconds(5);
// A watch that lost its server without a word is made anew after this.
constexpr Duration kShardWatch = std::chrono::seconds(30);

// Why the serving graph takes this tablet's queries away; empty when it does not.
std::string DisabledReason(const topo::SrvKeyspace& graph, const topo::Tablet& tablet) {
  const topo::KeyspacePartition* const partition = graph.Find(tablet.type);
  if (partition == nullptr) return {};
  for (const topo::ShardTabletControl& control : partition->shard_tablet_controls) {
    const bool ours = control.name == tablet.shard ||
                      (control.key_range.has_value() && control.key_range == tablet.key_range);
    if (ours && control.query_service_disabled) return "TabletControl.DisableQueryService set";
  }
  return {};
}

std::shared_ptr<const tabletserver::QueryRules> DeniedTables(const topo::Shard& shard,
                                                             const topo::Tablet& tablet) {
  for (const topo::TabletControl& control : shard.tablet_controls) {
    if (control.tablet_type != tablet.type) continue;
    const auto& cells = control.cells;
    if (!cells.empty() && std::find(cells.begin(), cells.end(), tablet.alias.cell) == cells.end())
      continue;
    return tabletserver::QueryRules::DenyTables(control.denied_tables, control.allow_reads);
  }
  return nullptr;
}

}  // namespace

void TabletManager::Drive(tabletserver::TabletServer& server) {
  server_ = &server;
  UpdateServing();
}

void TabletManager::UpdateServing() {
  if (server_ == nullptr) return;
  std::string reason = disabled_reason_;
  if (demoted_) reason = "demotion in progress";
  if (!mysql_ready_) reason = mysql_reason_;
  const bool serving = reason.empty();
  server_->SetServing(tablet_.type, serving, primary_term_start(), std::move(reason));
}

bool TabletManager::Outranked(const topo::Shard& shard) const {
  return tablet_.type == TabletType::kPrimary && shard.primary_alias != options_.alias &&
         shard.primary_term_start > tablet_.primary_term_start;
}

TabletType TabletManager::ReplicaType() const {
  return options_.type == TabletType::kPrimary ? TabletType::kReplica : options_.type;
}

Task<Result<TabletManager::Action>> TabletManager::Begin(const Context& ctx, std::string name) {
  Result<Action> action = co_await action_.Lock(ctx);
  if (!action.ok()) {
    co_return std::move(action).error().Wrap(
        fmt::format("{} of tablet {} waits for {}", name, options_.alias.ToString(), action_name_));
  }
  action_name_ = std::move(name);
  co_return action;
}

Task<Result<std::unique_ptr<Connection>>> TabletManager::ConnectDba(const Context& ctx) const {
  return Connection::Connect(ctx, dba_);
}

Result<> TabletManager::NeedManaged(std::string_view what) const {
  if (options_.manage_replication) return Ok{};
  return Errorf(Code::kFailedPrecondition,
                "{}: the MySQL server of tablet {} is somebody else's, and so is its replication",
                what, options_.alias.ToString())
      .WithHint("vttablet runs with --unmanaged: change it where the server is managed");
}

Task<Result<>> TabletManager::ReadControls(const Context& ctx) {
  CO_TRY(const topo::Versioned<topo::Shard> shard,
         co_await topo_.GetShard(ctx, options_.keyspace, options_.shard));
  const Result<topo::SrvKeyspace> graph =
      co_await topo_.GetSrvKeyspace(ctx, options_.alias.cell, options_.keyspace);
  if (!graph.ok() && !topo::IsNoNode(graph.error())) co_return graph.error();
  disabled_reason_ = graph.ok() ? DisabledReason(*graph, tablet_) : std::string();
  if (tablet_.type == TabletType::kPrimary && shard.record.has_source_shards)
    disabled_reason_ = "primary tablet with filtered replication on";
  if (server_ != nullptr) server_->SetDenied(DeniedTables(shard.record, tablet_));
  UpdateServing();
  co_return Ok{};
}

Task<Result<>> TabletManager::SetReadOnly(const Context& ctx, Connection& connection, bool on) {
  if (!options_.manage_replication) co_return Ok{};
  const std::vector<std::string> statements = flavor_.SetReadOnly(on);
  CO_TRY_OK(co_await mysqlctl::RunAll(ctx, connection, statements));
  read_only_held_ = on && tablet_.type == TabletType::kPrimary;
  co_return Ok{};
}

Task<Result<>> TabletManager::SetType(const Context& ctx, Connection& connection, TabletType type) {
  const bool leads = type == TabletType::kPrimary;
  const bool was_demoted = demoted_;
  if (!leads && tablet_.type == TabletType::kPrimary && server_ != nullptr) {
    demoted_ = true;
    UpdateServing();
    co_await server_->EndWork();
  }
  topo::Tablet next = tablet_;
  next.type = type;
  // The record first: who reads it must not find an older term than health tells.
  next.primary_term_start = leads ? Executor::Current().WallNanos() : 0;
  Result<> changed = co_await WriteRecord(ctx, next);
  if (changed.ok()) {
    changed = co_await SetReadOnly(ctx, connection, !leads);
    if (!changed.ok()) {
      const Result<> undone = co_await WriteRecord(ctx, tablet_);
      if (!undone.ok())
        LOG(kError, "tablet {}: its record says {} while it stays {}: {}",
            options_.alias.ToString(), keys::TabletTypeName(type),
            keys::TabletTypeName(tablet_.type), undone.error().ToString());
    }
  }
  if (!changed.ok()) {
    demoted_ = was_demoted;
    UpdateServing();
    co_return changed;
  }
  LOG(kInfo, "tablet {} becomes {}, was {}", options_.alias.ToString(), keys::TabletTypeName(type),
      keys::TabletTypeName(tablet_.type));
  tablet_ = std::move(next);
  demoted_ = false;
  read_only_held_ = false;
  if (leads) {
    replication_stopped_ = false;
    parent_.reset();
  }
  UpdateServing();
  type_changed_.WakeAll();
  // What the topology takes away depends on the type.
  const Result<> controls = co_await ReadControls(ctx);
  if (!controls.ok())
    LOG(kWarn, "tablet {}: reading its shard: {}", options_.alias.ToString(),
        controls.error().ToString());
  co_return Ok{};
}

Task<Result<>> TabletManager::ApplySemiSync(const Context& ctx, Connection& connection,
                                            TabletType type, bool on) {
  if (!options_.manage_replication) co_return Ok{};
  const bool source = on && type == TabletType::kPrimary;
  co_return co_await mysqlctl::SetSemiSync(ctx, connection, flavor_, source, on);
}

Task<Result<>> TabletManager::SetSemiSync(const Context& ctx, Connection& connection,
                                          TabletType type, bool on) {
  CO_TRY_OK(co_await ApplySemiSync(ctx, connection, type, on));
  if (options_.manage_replication) semi_sync_ = on;
  co_return Ok{};
}

Task<Result<>> TabletManager::RestartReceiving(const Context& ctx, Connection& connection) {
  CO_TRY_OK(co_await connection.Query(ctx, flavor_.StopReceiving()));
  CO_TRY_OK(co_await connection.Query(ctx, flavor_.StartReceiving()));
  co_return Ok{};
}

Task<Result<>> TabletManager::FixSemiSync(const Context& ctx, Connection& connection, bool on) {
  CO_TRY_OK(co_await SetSemiSync(ctx, connection, tablet_.type, on));
  co_return co_await AnnounceSemiSync(ctx, connection, on);
}

// The source learns only at connect time whether we acknowledge.
Task<Result<>> TabletManager::AnnounceSemiSync(const Context& ctx, Connection& connection,
                                               bool on) {
  if (!options_.manage_replication || tablet_.type == TabletType::kPrimary) co_return Ok{};
  CO_TRY(const std::optional<ReplicaStatus> status,
         co_await mysqlctl::ReadReplicaStatus(ctx, connection, flavor_));
  if (!status || status->io != mysqlctl::ThreadState::kRunning) co_return Ok{};
  CO_TRY(const mysqlctl::SemiSyncState semi_sync,
         co_await mysqlctl::ReadSemiSync(ctx, connection, flavor_));
  if (semi_sync.replica_status == on) co_return Ok{};
  co_return co_await RestartReceiving(ctx, connection);
}

Task<Result<>> TabletManager::HoldDurability(const Context& ctx, Connection& connection,
                                             const topo::Tablet* primary) {
  if (!options_.manage_replication) co_return Ok{};
  if (semi_sync_) {
    co_return co_await ApplySemiSync(ctx, connection, tablet_.type, *semi_sync_);
  }
  if (primary == nullptr) co_return Ok{};
  CO_TRY(const topo::Versioned<topo::Keyspace> keyspace,
         co_await topo_.GetKeyspace(ctx, options_.keyspace));
  const std::string& policy = keyspace.record.durability_policy;
  const bool on = tablet_.type == TabletType::kPrimary
                      ? topo::WaitsForAcks(policy)
                      : topo::AcksCommits(policy, *primary, tablet_);
  Result<> applied = co_await ApplySemiSync(ctx, connection, tablet_.type, on);
  if (!applied.ok())
    co_return std::move(applied).error().Wrap(fmt::format("durability policy {} of keyspace {}",
                                                          policy.empty() ? "none" : policy,
                                                          options_.keyspace));
  co_return co_await AnnounceSemiSync(ctx, connection, on);
}

Task<> TabletManager::KeepRole(const Context& ctx) {
  bool told = false;
  while (!ctx.cancelled()) {
    const Result<bool> settled = co_await SettleRole(ctx);
    if (ctx.cancelled()) co_return;
    if (!settled.ok() && !std::exchange(told, true))
      LOG(kWarn, "tablet {} waits: {}", options_.alias.ToString(), settled.error().ToString());
    if (!settled.ok() || !*settled) {
      const Result<> slept = co_await Sleep(ctx, kRetry);
      if (!slept.ok()) co_return;
      continue;
    }
    told = false;
    co_await WaitUntilMysqlIsLost(ctx);
    if (ctx.cancelled()) co_return;
    mysql_ready_ = false;
    mysql_reason_ = "MySQL was lost";
    UpdateServing();
  }
}

// One attempt; false when MySQL is well but there is nobody to follow yet. A replica serves (if it
// may without replication) while its primary is still unknown.
Task<Result<bool>> TabletManager::SettleRole(const Context& ctx) {
  const Context bounded = ctx.WithTimeout(kSettleTime);
  CO_TRY(const Action action, co_await Begin(bounded, "keeping the role"));
  CO_TRY(const bool prepared, co_await PrepareMysql(bounded));
  if (!published_) {
    CO_TRY_OK(co_await Publish(bounded));
    published_ = true;
    type_changed_.WakeAll();
  }
  if (!std::exchange(mysql_ready_, true)) {
    CO_TRY_OK(co_await ReadControls(bounded));
  }
  co_return prepared;
}

Task<Result<bool>> TabletManager::PrepareMysql(const Context& ctx) {
  CO_TRY(const std::unique_ptr<Connection> owned, co_await ConnectDba(ctx));
  Connection& connection = *owned;
  // A primary that was away may have been replaced.
  if (published_ && tablet_.type == TabletType::kPrimary) {
    CO_TRY(const topo::Versioned<topo::Shard> shard,
           co_await topo_.GetShard(ctx, options_.keyspace, options_.shard));
    if (Outranked(shard.record)) {
      CO_TRY_OK(co_await SetType(ctx, connection, ReplicaType()));
    }
  }
  if (tablet_.type == TabletType::kPrimary) {
    CO_TRY_OK(co_await PreparePrimary(ctx, connection));
    co_return true;
  }
  if (!options_.manage_replication) co_return true;
  co_return co_await PrepareReplica(ctx, connection);
}

Task<Result<>> TabletManager::PreparePrimary(const Context& ctx, Connection& connection) {
  if (options_.manage_replication) {
    CO_TRY(const std::optional<ReplicaStatus> status,
           co_await mysqlctl::ReadReplicaStatus(ctx, connection, flavor_));
    if (status) {
      const std::vector<std::string> forget = flavor_.ForgetReplication();
      CO_TRY_OK(co_await mysqlctl::RunAll(ctx, connection, forget));
    }
  }
  CO_TRY_OK(co_await NeedDatabase(ctx, connection));
  if (!options_.manage_replication) co_return Ok{};
  // Before the first write: none may be acknowledged without its replica.
  CO_TRY_OK(co_await HoldDurability(ctx, connection, &tablet_));
  const std::vector<std::string> access = flavor_.SetReadOnly(demoted_ || read_only_held_);
  co_return co_await mysqlctl::RunAll(ctx, connection, access);
}

// Makes the keyspace's database where it is missing. A server that has it writes nothing: with
// semi-sync on, replicas might be waiting for us while we wait for them.
Task<Result<>> TabletManager::NeedDatabase(const Context& ctx, Connection& connection) {
  const Result<> there = co_await connection.ChangeDatabase(ctx, tablet_.db_name());
  if (there.ok()) co_return Ok{};
  if (!connection.usable()) co_return there.error();
  if (options_.manage_replication) {
    const std::vector<std::string> writable = flavor_.SetReadOnly(false);
    CO_TRY_OK(co_await mysqlctl::RunAll(ctx, connection, writable));
  }
  const std::string create =
      fmt::format("create database if not exists {}", Backquoted(tablet_.db_name()));
  // Without the right to create it, it must be there: the first query tells.
  const Result<ResultSet> created = co_await connection.Query(ctx, create);
  if (!created.ok() && options_.manage_replication) co_return created.error();
  co_return Ok{};
}

Task<Result<bool>> TabletManager::PrepareReplica(const Context& ctx, Connection& connection) {
  const std::vector<std::string> read_only = flavor_.SetReadOnly(true);
  CO_TRY_OK(co_await mysqlctl::RunAll(ctx, connection, read_only));
  CO_TRY_OK(co_await HoldDurability(ctx, connection, nullptr));
  if (replication_stopped_) co_return true;
  CO_TRY(const topo::Versioned<topo::Shard> shard,
         co_await topo_.GetShard(ctx, options_.keyspace, options_.shard));
  const bool told = parent_ && parent_->shard_term >= shard.record.primary_term_start;
  const keys::TabletAlias source = told ? parent_->alias : shard.record.primary_alias;
  if (source.empty()) co_return false;
  // The shard's record still names us: there is nobody to follow before another leads.
  if (source == options_.alias) co_return true;
  const Result<topo::Versioned<topo::Tablet>> primary = co_await topo_.GetTablet(ctx, source);
  if (!primary.ok()) {
    // The primary has taken the shard but not written its record yet.
    if (topo::IsNoNode(primary.error())) co_return false;
    co_return primary.error();
  }
  if (primary->record.mysql_hostname.empty() || primary->record.mysql_port == 0) co_return false;
  const topo::Tablet& record = primary->record;
  CO_TRY_OK(co_await HoldDurability(ctx, connection, &record));
  CO_TRY_OK(co_await FollowPrimary(ctx, connection, record));
  co_return true;
}

mysqlctl::ReplicationSource TabletManager::SourceAt(const topo::Tablet& tablet) const {
  mysqlctl::ReplicationSource from;
  from.host = tablet.mysql_hostname;
  from.port = static_cast<uint16_t>(tablet.mysql_port);
  from.user = options_.replication_user;
  from.password = options_.replication_password;
  from.connect_retry_seconds = options_.replication_connect_retry_seconds;
  return from;
}

Task<Result<>> TabletManager::FollowPrimary(const Context& ctx, Connection& connection,
                                            const topo::Tablet& primary) {
  CO_TRY(const std::optional<ReplicaStatus> status,
         co_await mysqlctl::ReadReplicaStatus(ctx, connection, flavor_));
  const bool same = status && status->source_host == primary.mysql_hostname &&
                    status->source_port == primary.mysql_port;
  if (same && status->io == mysqlctl::ThreadState::kRunning &&
      status->sql == mysqlctl::ThreadState::kRunning)
    co_return Ok{};
  if (status) {
    CO_TRY_OK(co_await connection.Query(ctx, flavor_.StopReplication()));
  }
  const std::vector<std::string> source = flavor_.SetSource(SourceAt(primary));
  CO_TRY_OK(co_await mysqlctl::RunAll(ctx, connection, source));
  CO_TRY_OK(co_await connection.Query(ctx, flavor_.StartReplication()));
  LOG(kInfo, "tablet {} replicates from {} ({}:{})", options_.alias.ToString(),
      primary.alias.ToString(), primary.mysql_hostname, primary.mysql_port);
  co_return Ok{};
}

// Returns when a connection to MySQL breaks (or ctx ends): the server may come back without the
// role it was given.
Task<> TabletManager::WaitUntilMysqlIsLost(const Context& ctx) {
  const Result<std::unique_ptr<Connection>> connected = co_await ConnectDba(ctx);
  if (!connected.ok()) co_return;
  Connection& connection = **connected;
  while (true) {
    const Result<> slept = co_await Sleep(ctx, kRetry);
    if (!slept.ok()) co_return;
    const Result<> answered = co_await connection.Ping(ctx);
    if (!answered.ok()) co_return;
  }
}

Task<> TabletManager::KeepShard(const Context& ctx) {
  while (!ctx.cancelled()) {
    if (!published_ || tablet_.type != TabletType::kPrimary) {
      const Result<> changed = co_await type_changed_.Wait(ctx);
      if (!changed.ok()) co_return;
      continue;
    }
    const Result<> watched = co_await WatchShard(ctx);
    if (ctx.cancelled()) co_return;
    if (watched.ok() || watched.error().code() == Code::kDeadlineExceeded) continue;
    LOG(kWarn, "tablet {}: watching its shard: {}", options_.alias.ToString(),
        watched.error().ToString());
    const Result<> slept = co_await Sleep(ctx, kShardRetry);
    if (!slept.ok()) co_return;
  }
}

// Acts on the shard's record as it is, and whenever it changes while we are the primary.
Task<Result<>> TabletManager::WatchShard(const Context& ctx) {
  const std::string path = topo::ShardPath(options_.keyspace, options_.shard);
  CO_TRY(const std::unique_ptr<topo::Watcher> watcher, co_await topo_.global().Watch(ctx, path));
  while (tablet_.type == TabletType::kPrimary) {
    CO_TRY_OK(co_await SyncShard(ctx));
    const Context bounded = ctx.WithTimeout(kShardWatch);
    CO_TRY_OK(co_await watcher->Next(bounded));
  }
  co_return Ok{};
}

Task<Result<>> TabletManager::SyncShard(const Context& ctx) {
  CO_TRY(const topo::Versioned<topo::Shard> shard,
         co_await topo_.GetShard(ctx, options_.keyspace, options_.shard));
  if (tablet_.type != TabletType::kPrimary) co_return Ok{};
  const int64_t term = tablet_.primary_term_start;
  if (Outranked(shard.record)) {
    co_return co_await StepDown(ctx);
  }
  if (shard.record.primary_term_start >= term) co_return Ok{};
  const keys::TabletAlias me = options_.alias;
  const topo::Server::ShardChange take = [me, term](topo::Shard& record) -> Result<bool> {
    if (record.primary_term_start >= term) return false;
    record.primary_alias = me;
    record.primary_term_start = term;
    return true;
  };
  CO_TRY_OK(co_await topo_.UpdateShard(ctx, options_.keyspace, options_.shard, take));
  LOG(kInfo, "tablet {} is the primary of {}/{}", me.ToString(), options_.keyspace, options_.shard);
  co_return Ok{};
}

Task<Result<>> TabletManager::StepDown(const Context& ctx) {
  const Context bounded = ctx.WithTimeout(kSettleTime);
  CO_TRY(const Action action, co_await Begin(bounded, "stepping down"));
  CO_TRY(const topo::Versioned<topo::Shard> shard,
         co_await topo_.GetShard(bounded, options_.keyspace, options_.shard));
  // Another action may have changed the role while we waited.
  if (!Outranked(shard.record)) co_return Ok{};
  LOG(kWarn, "tablet {} steps down: the primary of {}/{} is {}", options_.alias.ToString(),
      options_.keyspace, options_.shard, shard.record.primary_alias.ToString());
  CO_TRY(const std::unique_ptr<Connection> owned, co_await ConnectDba(bounded));
  Connection& connection = *owned;
  if (options_.manage_replication) {
    CO_TRY_OK(co_await ReleaseCommits(bounded, connection, Demotion::kForced));
  }
  CO_TRY_OK(co_await SetType(bounded, connection, ReplicaType()));
  if (!options_.manage_replication) co_return Ok{};
  CO_TRY_OK(co_await PrepareReplica(bounded, connection));
  co_return Ok{};
}

}  // namespace tessera::tabletmanager
