// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "doctor/tablet_codec.h"

#include <utility>

#include "proto/replicationdata.pb.h"
#include "proto/tabletmanagerdata.pb.h"

namespace tessera::doctor {

namespace tmd = ::tabletmanagerdata;

namespace {

ThreadState StateOf(int number) {
  return number >= 1 && number <= 3 ? static_cast<ThreadState>(number) : ThreadState::kUnknown;
}

ReplicationFacts ReplicationOf(const ::replicationdata::Status& status) {
  ReplicationFacts out;
  out.source_host = status.source_host();
  out.source_port = status.source_port();
  out.source_user = status.source_user();
  out.io = StateOf(status.io_state());
  out.sql = StateOf(status.sql_state());
  out.io_error = status.last_io_error();
  out.sql_error = status.last_sql_error();
  if (!status.replication_lag_unknown()) out.lag_seconds = status.replication_lag_seconds();
  return out;
}

ServerFacts ServerOf(const ::replicationdata::FullStatus& status) {
  ServerFacts out;
  out.version = status.version();
  out.read_only = status.read_only();
  out.semi_sync_primary = status.semi_sync_primary_enabled();
  out.semi_sync_replica = status.semi_sync_replica_enabled();
  out.semi_sync_blocked = status.semi_sync_blocked();
  out.disk_stalled = status.disk_stalled();
  // A server that never replicated, or was promoted, has no source.
  const bool replicates =
      status.has_replication_status() && !status.replication_status().source_host().empty();
  if (replicates) out.replication = ReplicationOf(status.replication_status());
  return out;
}

}  // namespace

Task<Result<ServerFacts>> AskServer(const Context& ctx, tmclient::Client& client,
                                    const topo::Tablet& tablet) {
  const tmd::FullStatusRequest request;
  CO_TRY(const tmd::FullStatusResponse answer,
         co_await client.Call<tmd::FullStatusResponse>(ctx, tablet, request));
  co_return ServerOf(answer.status());
}

Task<Result<std::vector<TableFacts>>> AskTables(const Context& ctx, tmclient::Client& client,
                                                const topo::Tablet& tablet) {
  const tmd::GetSchemaRequest request;
  CO_TRY(const tmd::GetSchemaResponse answer,
         co_await client.Call<tmd::GetSchemaResponse>(ctx, tablet, request));
  std::vector<TableFacts> out;
  for (const tmd::TableDefinition& table : answer.schema_definition().table_definitions())
    out.push_back({table.name(), {table.columns().begin(), table.columns().end()}});
  co_return out;
}

}  // namespace tessera::doctor
