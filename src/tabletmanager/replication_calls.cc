// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Calls about the server's replication: how it is, and its start and stop.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/waiter.h"
#include "proto/tabletmanagerdata.pb.h"
#include "tabletmanager/internal/calls.h"
#include "tabletmanager/internal/replication_messages.h"

namespace tessera::tabletmanager::internal {

namespace tmd = ::tabletmanagerdata;
using keys::TabletType;
using mysqlconn::Connection;
using mysqlctl::ReplicaStatus;

void FillStatus(const ReplicaStatus& status, const mysqlctl::SemiSyncState& semi_sync,
                ::replicationdata::Status& out) {
  out.set_position(status.position);
  out.set_relay_log_position(status.relay_log_position);
  out.set_file_position(status.file_position);
  out.set_relay_log_source_binlog_equivalent_position(status.relay_log_source_position);
  out.set_relay_log_file_position(status.relay_log_file_position);
  out.set_replication_lag_seconds(status.lag_seconds.value_or(0));
  out.set_replication_lag_unknown(!status.lag_seconds.has_value());
  out.set_source_host(status.source_host);
  out.set_source_port(status.source_port);
  out.set_source_user(status.source_user);
  out.set_source_uuid(status.source_uuid);
  out.set_source_server_id(status.source_server_id);
  out.set_connect_retry(status.connect_retry);
  out.set_sql_delay(status.sql_delay);
  out.set_io_state(static_cast<int>(status.io));
  out.set_sql_state(static_cast<int>(status.sql));
  out.set_last_io_error(status.last_io_error);
  out.set_last_sql_error(status.last_sql_error);
  out.set_auto_position(status.auto_position);
  out.set_using_gtid(status.using_gtid);
  out.set_has_replication_filters(status.has_filters);
  out.set_ssl_allowed(status.ssl_allowed);
  out.set_semi_sync_primary_enabled(semi_sync.source_enabled);
  out.set_semi_sync_replica_enabled(semi_sync.replica_enabled);
  out.set_semi_sync_primary_status(semi_sync.source_status);
  out.set_semi_sync_replica_status(semi_sync.replica_status);
}

Task<Result<>> FillPrimaryStatus(const Context& ctx, TabletManager& manager, Connection& connection,
                                 ::replicationdata::PrimaryStatus& out) {
  const mysqlctl::Flavor& flavor = manager.flavor();
  CO_TRY(std::string position, co_await mysqlctl::ReadPosition(ctx, connection, flavor));
  CO_TRY(std::string file, co_await mysqlctl::ReadFilePosition(ctx, connection, flavor));
  const std::vector<std::string> names = {"server_uuid"};
  CO_TRY(const mysqlctl::Settings uuid, co_await mysqlctl::ReadVariables(ctx, connection, names));
  out.set_position(std::move(position));
  out.set_file_position(std::move(file));
  // MariaDB servers have none.
  if (const auto found = uuid.find("server_uuid"); found != uuid.end())
    out.set_server_uuid(found->second);
  co_return Ok{};
}

namespace {

Context WithNanos(const Context& ctx, int64_t nanos) {
  return nanos > 0 ? ctx.WithTimeout(std::chrono::nanoseconds(nanos)) : ctx;
}

// An action with a connection for it, of calls that change replication.
struct Change {
  TabletManager::Action action;
  std::unique_ptr<Connection> connection;
};
Task<Result<Change>> BeginReplication(const Context& ctx, TabletManager& manager,
                                      std::string what) {
  CO_TRY_OK(manager.NeedManaged(what));
  CO_TRY(TabletManager::Action action, co_await manager.Begin(ctx, std::move(what)));
  CO_TRY(std::unique_ptr<Connection> connection, co_await manager.ConnectDba(ctx));
  co_return Change{std::move(action), std::move(connection)};
}

Task<Result<>> ReadInto(const Context& ctx, TabletManager& manager, Connection& connection,
                        ::replicationdata::Status& out) {
  const mysqlctl::Flavor& flavor = manager.flavor();
  CO_TRY(const ReplicaStatus status, co_await mysqlctl::NeedReplicaStatus(ctx, connection, flavor));
  CO_TRY(const mysqlctl::SemiSyncState semi_sync,
         co_await mysqlctl::ReadSemiSync(ctx, connection, flavor));
  FillStatus(status, semi_sync, out);
  co_return Ok{};
}

Task<Result<tmd::ReplicationStatusResponse>> ReplicationStatus(
    const Context& ctx, ManagerService& service, const tmd::ReplicationStatusRequest&) {
  CO_TRY(const std::unique_ptr<Connection> owned, co_await service.manager().ConnectDba(ctx));
  Connection& connection = *owned;
  tmd::ReplicationStatusResponse response;
  ::replicationdata::Status& status = *response.mutable_status();
  CO_TRY_OK(co_await ReadInto(ctx, service.manager(), connection, status));
  co_return response;
}

Task<Result<tmd::PrimaryStatusResponse>> PrimaryStatus(const Context& ctx, ManagerService& service,
                                                       const tmd::PrimaryStatusRequest&) {
  CO_TRY(const std::unique_ptr<Connection> owned, co_await service.manager().ConnectDba(ctx));
  Connection& connection = *owned;
  tmd::PrimaryStatusResponse response;
  ::replicationdata::PrimaryStatus& status = *response.mutable_status();
  CO_TRY_OK(co_await FillPrimaryStatus(ctx, service.manager(), connection, status));
  co_return response;
}

Task<Result<tmd::PrimaryPositionResponse>> PrimaryPosition(const Context& ctx,
                                                           ManagerService& service,
                                                           const tmd::PrimaryPositionRequest&) {
  TabletManager& manager = service.manager();
  CO_TRY(const std::unique_ptr<Connection> owned, co_await manager.ConnectDba(ctx));
  Connection& connection = *owned;
  CO_TRY(std::string position, co_await mysqlctl::ReadPosition(ctx, connection, manager.flavor()));
  tmd::PrimaryPositionResponse response;
  response.set_position(std::move(position));
  co_return response;
}

Task<Result<tmd::WaitForPositionResponse>> WaitForPosition(
    const Context& ctx, ManagerService& service, const tmd::WaitForPositionRequest& request) {
  TabletManager& manager = service.manager();
  CO_TRY(const std::unique_ptr<Connection> owned, co_await manager.ConnectDba(ctx));
  Connection& connection = *owned;
  CO_TRY_OK(
      co_await mysqlctl::WaitForPosition(ctx, connection, manager.flavor(), request.position()));
  co_return tmd::WaitForPositionResponse();
}

Task<Result<tmd::StopReplicationResponse>> StopReplication(const Context& ctx,
                                                           ManagerService& service,
                                                           const tmd::StopReplicationRequest&) {
  TabletManager& manager = service.manager();
  CO_TRY(const Change change, co_await BeginReplication(ctx, manager, "StopReplication"));
  CO_TRY_OK(co_await change.connection->Query(ctx, manager.flavor().StopReplication()));
  manager.NoteReplication(true);
  co_return tmd::StopReplicationResponse();
}

Task<Result<tmd::StopReplicationMinimumResponse>> StopReplicationMinimum(
    const Context& ctx, ManagerService& service,
    const tmd::StopReplicationMinimumRequest& request) {
  TabletManager& manager = service.manager();
  const mysqlctl::Flavor& flavor = manager.flavor();
  CO_TRY(const Change change, co_await BeginReplication(ctx, manager, "StopReplicationMinimum"));
  Connection& connection = *change.connection;
  const Context bounded = WithNanos(ctx, request.wait_timeout());
  CO_TRY_OK(co_await mysqlctl::WaitForPosition(bounded, connection, flavor, request.position()));
  CO_TRY_OK(co_await connection.Query(ctx, flavor.StopReplication()));
  manager.NoteReplication(true);
  CO_TRY(std::string position, co_await mysqlctl::ReadPosition(ctx, connection, flavor));
  tmd::StopReplicationMinimumResponse response;
  response.set_position(std::move(position));
  co_return response;
}

Task<Result<>> Start(const Context& ctx, TabletManager& manager, Connection& connection,
                     bool semi_sync) {
  CO_TRY_OK(co_await manager.SetSemiSync(ctx, connection, manager.type(), semi_sync));
  CO_TRY_OK(co_await connection.Query(ctx, manager.flavor().StartReplication()));
  manager.NoteReplication(false);
  co_return Ok{};
}

Task<Result<tmd::StartReplicationResponse>> StartReplication(
    const Context& ctx, ManagerService& service, const tmd::StartReplicationRequest& request) {
  TabletManager& manager = service.manager();
  CO_TRY(const Change change, co_await BeginReplication(ctx, manager, "StartReplication"));
  Connection& connection = *change.connection;
  CO_TRY_OK(co_await Start(ctx, manager, connection, request.semisync()));
  co_return tmd::StartReplicationResponse();
}

Task<Result<tmd::RestartReplicationResponse>> RestartReplication(
    const Context& ctx, ManagerService& service, const tmd::RestartReplicationRequest& request) {
  TabletManager& manager = service.manager();
  CO_TRY(const Change change, co_await BeginReplication(ctx, manager, "RestartReplication"));
  Connection& connection = *change.connection;
  CO_TRY_OK(co_await connection.Query(ctx, manager.flavor().StopReplication()));
  CO_TRY_OK(co_await Start(ctx, manager, connection, request.semisync()));
  co_return tmd::RestartReplicationResponse();
}

Task<Result<tmd::StartReplicationUntilAfterResponse>> StartReplicationUntilAfter(
    const Context& ctx, ManagerService& service,
    const tmd::StartReplicationUntilAfterRequest& request) {
  TabletManager& manager = service.manager();
  const mysqlctl::Flavor& flavor = manager.flavor();
  CO_TRY(const std::string gtids, mysqlctl::GtidsOf(flavor, request.position()));
  CO_TRY(const Change change,
         co_await BeginReplication(ctx, manager, "StartReplicationUntilAfter"));
  Connection& connection = *change.connection;
  const Context bounded = WithNanos(ctx, request.wait_timeout());
  const std::string start = flavor.StartReplicationUntil(gtids);
  CO_TRY_OK(co_await connection.Query(bounded, start));
  // It stops by itself there, and is to stay so.
  manager.NoteReplication(true);
  CO_TRY_OK(co_await mysqlctl::WaitForPosition(bounded, connection, flavor, request.position()));
  co_return tmd::StartReplicationUntilAfterResponse();
}

Task<Result<tmd::GetReplicasResponse>> GetReplicas(const Context& ctx, ManagerService& service,
                                                   const tmd::GetReplicasRequest&) {
  CO_TRY(const std::unique_ptr<Connection> owned, co_await service.manager().ConnectDba(ctx));
  Connection& connection = *owned;
  CO_TRY(const std::vector<std::string> hosts, co_await mysqlctl::FindReplicas(ctx, connection));
  tmd::GetReplicasResponse response;
  for (const std::string& host : hosts) response.add_addrs(host);
  co_return response;
}

Task<Result<tmd::StopReplicationAndGetStatusResponse>> StopReplicationAndGetStatus(
    const Context& ctx, ManagerService& service,
    const tmd::StopReplicationAndGetStatusRequest& request) {
  TabletManager& manager = service.manager();
  const mysqlctl::Flavor& flavor = manager.flavor();
  CO_TRY(const Change change,
         co_await BeginReplication(ctx, manager, "StopReplicationAndGetStatus"));
  Connection& connection = *change.connection;
  tmd::StopReplicationAndGetStatusResponse response;
  ::replicationdata::StopReplicationStatus& status = *response.mutable_status();
  ::replicationdata::Status& before = *status.mutable_before();
  CO_TRY_OK(co_await ReadInto(ctx, manager, connection, before));
  const bool receiving_only = request.stop_replication_mode() == ::replicationdata::IOTHREADONLY;
  const std::string_view stop = receiving_only ? flavor.StopReceiving() : flavor.StopReplication();
  CO_TRY_OK(co_await connection.Query(ctx, stop));
  manager.NoteReplication(true);
  ::replicationdata::Status& after = *status.mutable_after();
  CO_TRY_OK(co_await ReadInto(ctx, manager, connection, after));
  co_return response;
}

Task<Result<tmd::ResetReplicationResponse>> ResetReplication(const Context& ctx,
                                                             ManagerService& service,
                                                             const tmd::ResetReplicationRequest&) {
  TabletManager& manager = service.manager();
  CO_TRY(const Change change, co_await BeginReplication(ctx, manager, "ResetReplication"));
  Connection& connection = *change.connection;
  const std::vector<std::string> statements = manager.flavor().ResetReplication();
  CO_TRY_OK(co_await mysqlctl::RunAll(ctx, connection, statements));
  manager.ForgetParent();
  manager.NoteReplication(true);
  co_return tmd::ResetReplicationResponse();
}

Task<Result<tmd::ResetReplicationParametersResponse>> ResetReplicationParameters(
    const Context& ctx, ManagerService& service, const tmd::ResetReplicationParametersRequest&) {
  TabletManager& manager = service.manager();
  CO_TRY(const Change change,
         co_await BeginReplication(ctx, manager, "ResetReplicationParameters"));
  Connection& connection = *change.connection;
  const std::vector<std::string> statements = manager.flavor().ForgetReplication();
  CO_TRY_OK(co_await mysqlctl::RunAll(ctx, connection, statements));
  manager.ForgetParent();
  manager.NoteReplication(true);
  co_return tmd::ResetReplicationParametersResponse();
}

std::string Text(const mysqlctl::Settings& settings, std::string_view name) {
  const auto found = settings.find(name);
  return found == settings.end() ? std::string() : found->second;
}

bool IsOn(const mysqlctl::Settings& settings, std::string_view name) {
  const std::string text = Text(settings, name);
  return text == "ON" || text == "1";
}

uint32_t Whole(const mysqlctl::Settings& settings, std::string_view name) {
  return static_cast<uint32_t>(std::strtoul(Text(settings, name).c_str(), nullptr, 10));
}

void FillServer(const mysqlctl::Settings& set, const mysqlctl::SemiSyncState& semi_sync,
                ::replicationdata::FullStatus& out) {
  out.set_server_id(Whole(set, "server_id"));
  out.set_server_uuid(Text(set, "server_uuid"));
  out.set_version(Text(set, "version"));
  out.set_version_comment(Text(set, "version_comment"));
  out.set_read_only(IsOn(set, "read_only"));
  out.set_super_read_only(IsOn(set, "super_read_only"));
  out.set_gtid_mode(Text(set, "gtid_mode"));
  out.set_binlog_format(Text(set, "binlog_format"));
  out.set_binlog_row_image(Text(set, "binlog_row_image"));
  out.set_log_bin_enabled(IsOn(set, "log_bin"));
  out.set_log_replica_updates(IsOn(set, "log_slave_updates") || IsOn(set, "log_replica_updates"));
  out.set_semi_sync_primary_enabled(semi_sync.source_enabled);
  out.set_semi_sync_replica_enabled(semi_sync.replica_enabled);
  out.set_semi_sync_primary_status(semi_sync.source_status);
  out.set_semi_sync_replica_status(semi_sync.replica_status);
  out.set_semi_sync_primary_clients(semi_sync.clients);
  out.set_semi_sync_primary_timeout(semi_sync.timeout_ms);
  out.set_semi_sync_wait_for_replica_count(semi_sync.wait_for_replicas);
  // Every commit of this moment waits for a replica that is not there.
  out.set_semi_sync_blocked(semi_sync.wait_sessions > 0 && semi_sync.clients == 0);
}

Task<Result<tmd::FullStatusResponse>> FullStatus(const Context& ctx, ManagerService& service,
                                                 const tmd::FullStatusRequest&) {
  TabletManager& manager = service.manager();
  const mysqlctl::Flavor& flavor = manager.flavor();
  CO_TRY(const std::unique_ptr<Connection> owned, co_await manager.ConnectDba(ctx));
  Connection& connection = *owned;
  static const std::vector<std::string> kNames = {
      "server_id",         "server_uuid",        "version",
      "version_comment",   "read_only",          "super_read_only",
      "gtid_mode",         "binlog_format",      "binlog_row_image",
      "log_bin",           "log_slave_updates",  "log_replica_updates",
      "slave_net_timeout", "replica_net_timeout"};
  CO_TRY(const mysqlctl::Settings set, co_await mysqlctl::ReadVariables(ctx, connection, kNames));
  CO_TRY(const mysqlctl::SemiSyncState semi_sync,
         co_await mysqlctl::ReadSemiSync(ctx, connection, flavor));
  CO_TRY(const std::optional<ReplicaStatus> status,
         co_await mysqlctl::ReadReplicaStatus(ctx, connection, flavor));
  tmd::FullStatusResponse response;
  ::replicationdata::FullStatus& out = *response.mutable_status();
  FillServer(set, semi_sync, out);
  ::replicationdata::PrimaryStatus& primary = *out.mutable_primary_status();
  CO_TRY_OK(co_await FillPrimaryStatus(ctx, manager, connection, primary));
  if (status) {
    FillStatus(*status, semi_sync, *out.mutable_replication_status());
    out.mutable_replication_configuration()->set_heartbeat_interval(status->heartbeat_seconds);
    out.mutable_replication_configuration()->set_replica_net_timeout(static_cast<int32_t>(
        std::max(Whole(set, "slave_net_timeout"), Whole(set, "replica_net_timeout"))));
  }
  out.set_tablet_type(static_cast<::topodata::TabletType>(manager.type()));
  co_return response;
}

}  // namespace

void AddReplicationCalls(rpc::Server& rpc, ManagerService& service) {
  AddCall(rpc, service, &ReplicationStatus);
  AddCall(rpc, service, &PrimaryStatus);
  AddCall(rpc, service, &PrimaryPosition);
  AddCall(rpc, service, &WaitForPosition);
  AddCall(rpc, service, &StopReplication);
  AddCall(rpc, service, &StopReplicationMinimum);
  AddCall(rpc, service, &StartReplication);
  AddCall(rpc, service, &RestartReplication);
  AddCall(rpc, service, &StartReplicationUntilAfter);
  AddCall(rpc, service, &GetReplicas);
  AddCall(rpc, service, &StopReplicationAndGetStatus);
  AddCall(rpc, service, &ResetReplication);
  AddCall(rpc, service, &ResetReplicationParameters);
  AddCall(rpc, service, &FullStatus);
}

}  // namespace tessera::tabletmanager::internal
