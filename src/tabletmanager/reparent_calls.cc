// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Calls of those who give a shard another primary.
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/waiter.h"
#include "proto/tabletmanagerdata.pb.h"
#include "sqltypes/value.h"
#include "tabletmanager/internal/calls.h"
#include "tabletmanager/internal/replication_messages.h"

namespace tessera::tabletmanager::internal {

namespace tmd = ::tabletmanagerdata;
using keys::TabletType;
using mysqlconn::Connection;
using sqltypes::ResultSet;
using sqltypes::Value;

namespace {

constexpr uint16_t kNoSuchTable = 1146;
constexpr uint16_t kNoSuchDatabase = 1049;
constexpr size_t kMostJournalPosition = 64000;

keys::TabletAlias AliasOf(const ::topodata::TabletAlias& alias) {
  return keys::TabletAlias{alias.cell(), alias.uid()};
}

std::string JournalTable(const TabletManager& manager) {
  return Backquoted(manager.sidecar_db()) + ".reparent_journal";
}

std::string SqlText(std::string_view text) {
  std::string out;
  sqltypes::AppendSql(Value(sqltypes::Type::kVarChar, text), out);
  return out;
}

bool NoJournal(const Error& error) {
  return error.mysql_errno() == kNoSuchTable || error.mysql_errno() == kNoSuchDatabase;
}

Task<Result<int64_t>> CountJournal(const Context& ctx, Connection& connection, std::string sql) {
  Result<ResultSet> result = co_await connection.Query(ctx, sql);
  // The table comes with the first reparenting that reaches us.
  if (!result.ok() && NoJournal(result.error())) co_return int64_t{0};
  CO_TRY(ResultSet rows, std::move(result));
  CO_TRY_OK(rows.Decode());
  co_return std::as_const(rows).row(0)[0].ToInt64();
}

// Until the row that the new primary wrote has been replicated.
Task<Result<>> WaitForJournal(const Context& ctx, const TabletManager& manager, int64_t time_ns) {
  CO_TRY(const std::unique_ptr<Connection> owned, co_await manager.ConnectDba(ctx));
  Connection& connection = *owned;
  const std::string sql = fmt::format("select count(*) from {} where time_created_ns = {}",
                                      JournalTable(manager), time_ns);
  while (true) {
    CO_TRY(const int64_t rows, co_await CountJournal(ctx, connection, sql));
    if (rows > 0) co_return Ok{};
    Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(100));
    if (!slept.ok()) {
      co_return std::move(slept).error().Wrap(fmt::format("tablet {} waits for row {} of {}",
                                                          manager.options().alias.ToString(),
                                                          time_ns, JournalTable(manager)));
    }
  }
}

struct Reparenting {
  TabletManager::Action action;
  std::unique_ptr<Connection> connection;
};
Task<Result<Reparenting>> BeginReparenting(const Context& ctx, TabletManager& manager,
                                           std::string what) {
  CO_TRY_OK(manager.NeedManaged(what));
  CO_TRY(TabletManager::Action action, co_await manager.Begin(ctx, std::move(what)));
  CO_TRY(std::unique_ptr<Connection> connection, co_await manager.ConnectDba(ctx));
  co_return Reparenting{std::move(action), std::move(connection)};
}

Task<Result<tmd::InitPrimaryResponse>> InitPrimary(const Context& ctx, ManagerService& service,
                                                   const tmd::InitPrimaryRequest& request) {
  TabletManager& manager = service.manager();
  CO_TRY(const Reparenting change, co_await BeginReparenting(ctx, manager, "InitPrimary"));
  Connection& connection = *change.connection;
  CO_TRY(std::string position, co_await manager.InitPrimary(ctx, connection, request.semisync()));
  CO_TRY_OK(co_await service.server().CheckHealth(ctx));
  tmd::InitPrimaryResponse response;
  response.set_position(std::move(position));
  co_return response;
}

// The change is an action; the wait for the journal is none, so that others can go on meanwhile.
Task<Result<bool>> FollowInAction(const Context& ctx, ManagerService& service, std::string what,
                                  FollowOptions follow) {
  TabletManager& manager = service.manager();
  CO_TRY(const Reparenting change, co_await BeginReparenting(ctx, manager, std::move(what)));
  Connection& connection = *change.connection;
  CO_TRY(const bool started, co_await manager.Follow(ctx, connection, follow));
  CO_TRY_OK(co_await service.server().CheckHealth(ctx));
  co_return started;
}

Task<Result<tmd::InitReplicaResponse>> InitReplica(const Context& ctx, ManagerService& service,
                                                   const tmd::InitReplicaRequest& request) {
  FollowOptions follow;
  follow.parent = AliasOf(request.parent());
  follow.position = request.replication_position();
  follow.semi_sync = request.semisync();
  follow.start = true;
  CO_TRY_OK(co_await FollowInAction(ctx, service, "InitReplica", std::move(follow)));
  if (request.time_created_ns() != 0) {
    CO_TRY_OK(co_await WaitForJournal(ctx, service.manager(), request.time_created_ns()));
  }
  co_return tmd::InitReplicaResponse();
}

Task<Result<tmd::SetReplicationSourceResponse>> SetReplicationSource(
    const Context& ctx, ManagerService& service, const tmd::SetReplicationSourceRequest& request) {
  TabletManager& manager = service.manager();
  FollowOptions follow;
  follow.parent = AliasOf(request.parent());
  follow.start = request.force_start_replication();
  follow.semi_sync = request.semisync();
  follow.heartbeat_seconds = request.heartbeat_interval();
  CO_TRY(const bool started,
         co_await FollowInAction(ctx, service, "SetReplicationSource", std::move(follow)));
  if (!started) co_return tmd::SetReplicationSourceResponse();
  if (!request.wait_position().empty()) {
    CO_TRY(const std::unique_ptr<Connection> owned, co_await manager.ConnectDba(ctx));
    Connection& connection = *owned;
    CO_TRY_OK(co_await mysqlctl::WaitForPosition(ctx, connection, manager.flavor(),
                                                 request.wait_position()));
  }
  if (request.time_created_ns() != 0) {
    CO_TRY_OK(co_await WaitForJournal(ctx, manager, request.time_created_ns()));
  }
  co_return tmd::SetReplicationSourceResponse();
}

Task<Result<>> MakeJournal(const Context& ctx, const TabletManager& manager,
                           Connection& connection) {
  const std::vector<std::string> statements = {
      "create database if not exists " + Backquoted(manager.sidecar_db()),
      "create table if not exists " + JournalTable(manager) +
          " (time_created_ns bigint unsigned not null, action_name varbinary(255) not null, "
          "primary_alias varbinary(255) not null, replication_position varbinary(64000) default "
          "null, primary key (time_created_ns)) engine = InnoDB"};
  co_return co_await mysqlctl::RunAll(ctx, connection, statements);
}

Task<Result<tmd::PopulateReparentJournalResponse>> PopulateReparentJournal(
    const Context& ctx, ManagerService& service,
    const tmd::PopulateReparentJournalRequest& request) {
  TabletManager& manager = service.manager();
  CO_TRY(const std::unique_ptr<Connection> owned, co_await manager.ConnectDba(ctx));
  Connection& connection = *owned;
  CO_TRY_OK(co_await MakeJournal(ctx, manager, connection));
  const std::string_view position =
      std::string_view(request.replication_position()).substr(0, kMostJournalPosition);
  const std::string insert = fmt::format(
      "insert into {} (time_created_ns, action_name, primary_alias, replication_position) values "
      "({}, {}, {}, {})",
      JournalTable(manager), request.time_created_ns(), SqlText(request.action_name()),
      SqlText(AliasOf(request.primary_alias()).ToString()), SqlText(position));
  CO_TRY_OK(co_await connection.Query(ctx, insert));
  co_return tmd::PopulateReparentJournalResponse();
}

Task<Result<tmd::ReadReparentJournalInfoResponse>> ReadReparentJournalInfo(
    const Context& ctx, ManagerService& service, const tmd::ReadReparentJournalInfoRequest&) {
  TabletManager& manager = service.manager();
  CO_TRY(const std::unique_ptr<Connection> owned, co_await manager.ConnectDba(ctx));
  Connection& connection = *owned;
  const std::string sql = "select count(*) from " + JournalTable(manager);
  CO_TRY(const int64_t rows, co_await CountJournal(ctx, connection, sql));
  tmd::ReadReparentJournalInfoResponse response;
  response.set_length(static_cast<int32_t>(rows));
  co_return response;
}

Task<Result<tmd::DemotePrimaryResponse>> DemotePrimary(const Context& ctx, ManagerService& service,
                                                       const tmd::DemotePrimaryRequest& request) {
  TabletManager& manager = service.manager();
  CO_TRY(const Reparenting change, co_await BeginReparenting(ctx, manager, "DemotePrimary"));
  Connection& connection = *change.connection;
  const Demotion how = request.force() ? Demotion::kForced : Demotion::kOrderly;
  CO_TRY_OK(co_await manager.Demote(ctx, connection, how));
  tmd::DemotePrimaryResponse response;
  ::replicationdata::PrimaryStatus& status = *response.mutable_primary_status();
  CO_TRY_OK(co_await FillPrimaryStatus(ctx, manager, connection, status));
  co_return response;
}

Task<Result<tmd::UndoDemotePrimaryResponse>> UndoDemotePrimary(
    const Context& ctx, ManagerService& service, const tmd::UndoDemotePrimaryRequest& request) {
  TabletManager& manager = service.manager();
  CO_TRY(const Reparenting change, co_await BeginReparenting(ctx, manager, "UndoDemotePrimary"));
  Connection& connection = *change.connection;
  CO_TRY_OK(co_await manager.UndoDemote(ctx, connection, request.semisync()));
  CO_TRY_OK(co_await service.server().CheckHealth(ctx));
  co_return tmd::UndoDemotePrimaryResponse();
}

Task<Result<tmd::PromoteReplicaResponse>> PromoteReplica(
    const Context& ctx, ManagerService& service, const tmd::PromoteReplicaRequest& request) {
  TabletManager& manager = service.manager();
  CO_TRY(const Reparenting change, co_await BeginReparenting(ctx, manager, "PromoteReplica"));
  Connection& connection = *change.connection;
  CO_TRY(std::string position, co_await manager.Promote(ctx, connection, request.semisync()));
  CO_TRY_OK(co_await service.server().CheckHealth(ctx));
  tmd::PromoteReplicaResponse response;
  response.set_position(std::move(position));
  co_return response;
}

// MySQL was promoted by somebody else: the tablet follows suit.
Task<Result<tmd::ReplicaWasPromotedResponse>> ReplicaWasPromoted(
    const Context& ctx, ManagerService& service, const tmd::ReplicaWasPromotedRequest&) {
  TabletManager& manager = service.manager();
  CO_TRY(const Reparenting change, co_await BeginReparenting(ctx, manager, "ReplicaWasPromoted"));
  Connection& connection = *change.connection;
  CO_TRY_OK(co_await manager.SetType(ctx, connection, TabletType::kPrimary));
  CO_TRY_OK(co_await service.server().CheckHealth(ctx));
  co_return tmd::ReplicaWasPromotedResponse();
}

// A primary whose MySQL follows another server by now is none.
Task<Result<tmd::ReplicaWasRestartedResponse>> ReplicaWasRestarted(
    const Context& ctx, ManagerService& service, const tmd::ReplicaWasRestartedRequest&) {
  TabletManager& manager = service.manager();
  CO_TRY(const Reparenting change, co_await BeginReparenting(ctx, manager, "ReplicaWasRestarted"));
  Connection& connection = *change.connection;
  if (manager.type() == TabletType::kPrimary) {
    CO_TRY_OK(co_await manager.SetType(ctx, connection, TabletType::kReplica));
    CO_TRY_OK(co_await service.server().CheckHealth(ctx));
  }
  co_return tmd::ReplicaWasRestartedResponse();
}

}  // namespace

void AddReparentCalls(rpc::Server& rpc, ManagerService& service) {
  AddCall(rpc, service, &InitPrimary);
  AddCall(rpc, service, &InitReplica);
  AddCall(rpc, service, &SetReplicationSource);
  AddCall(rpc, service, &PopulateReparentJournal);
  AddCall(rpc, service, &ReadReparentJournalInfo);
  AddCall(rpc, service, &DemotePrimary);
  AddCall(rpc, service, &UndoDemotePrimary);
  AddCall(rpc, service, &PromoteReplica);
  AddCall(rpc, service, &ReplicaWasPromoted);
  AddCall(rpc, service, &ReplicaWasRestarted);
}

}  // namespace tessera::tabletmanager::internal
