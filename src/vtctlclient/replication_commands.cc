// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Commands on replication.
#include <algorithm>

#include <fmt/format.h>

#include "proto/vtctldata.pb.h"
#include "vtctlclient/internal/arguments.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

namespace {

// Commands that take an alias and show what comes back.
template <class Request, class Response>
Task<Result<>> ShowOfTablet(const Context& ctx, Call& call) {
  Request request;
  CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet()));
  CO_TRY(const Response response, co_await call.Ask<Response>(ctx, request));
  PrintJson(call, response);
  co_return Ok{};
}

Task<Result<>> GetFullStatus(const Context& ctx, Call& call) {
  vtctldata::GetFullStatusRequest request;
  CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
  CO_TRY(const vtctldata::GetFullStatusResponse response,
         co_await call.Ask<vtctldata::GetFullStatusResponse>(ctx, request));
  PrintJson(call, response.status());
  co_return Ok{};
}

std::string Line(const std::string& alias, const topodata::Tablet& tablet,
                 const replicationdata::Status& status) {
  if (status.position().empty() && !status.last_io_error().empty())
    return fmt::format("{} <err> {}", alias, status.last_io_error());
  const std::string lag = tablet.type() == topodata::PRIMARY ? "0"
                          : status.replication_lag_unknown()
                              ? "unknown"
                              : std::to_string(status.replication_lag_seconds());
  return fmt::format("{} {} {}", alias, status.position(), lag);
}

// The primary first, then the others by alias: alias, position, lag in seconds.
Task<Result<>> ShardPositions(const Context& ctx, Call& call) {
  CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
  vtctldata::ShardReplicationPositionsRequest request;
  request.set_keyspace(shard.keyspace);
  request.set_shard(shard.shard);
  CO_TRY(const vtctldata::ShardReplicationPositionsResponse response,
         co_await call.Ask<vtctldata::ShardReplicationPositionsResponse>(ctx, request));
  std::vector<std::pair<bool, std::string>> order;
  for (const auto& [alias, tablet] : response.tablet_map())
    order.emplace_back(tablet.type() != topodata::PRIMARY, alias);
  std::sort(order.begin(), order.end());
  for (const auto& [replica, alias] : order) {
    const auto status = response.replication_statuses().find(alias);
    if (status != response.replication_statuses().end())
      Print(Line(alias, response.tablet_map().at(alias), status->second));
  }
  co_return Ok{};
}

}  // namespace

std::vector<Command> ReplicationCommands() {
  using namespace vtctldata;
  return {
      {"StartReplication", "<alias>", "Starts replication on a tablet.",
       "StartReplication zone1-0000000101", 1, 1,
       Plain(&AskTablet<StartReplicationRequest, StartReplicationResponse>)},
      {"StopReplication", "<alias>", "Stops replication on a tablet.",
       "StopReplication zone1-0000000101", 1, 1,
       Plain(&AskTablet<StopReplicationRequest, StopReplicationResponse>)},
      {"ReparentTablet", "<alias>", "Has a replica follow its shard's primary again.",
       "ReparentTablet zone1-0000000101", 1, 1,
       Plain(&ShowOfTablet<ReparentTabletRequest, ReparentTabletResponse>)},
      {"TabletExternallyReparented", "<alias>",
       "Tells that another tool has made this tablet's MySQL the primary.",
       "TabletExternallyReparented zone1-0000000101", 1, 1,
       Plain(&ShowOfTablet<TabletExternallyReparentedRequest, TabletExternallyReparentedResponse>)},
      {"ShardReplicationPositions", "<keyspace/shard>",
       "Shows how far each tablet of a shard is: alias, position, lag in seconds.",
       "ShardReplicationPositions customer/-80", 1, 1, Plain(&ShardPositions)},
      {"GetFullStatus", "<alias>", "Shows all a tablet knows of its MySQL's replication.",
       "GetFullStatus zone1-0000000101", 1, 1, Plain(&GetFullStatus)},
  };
}

}  // namespace tessera::vtctlclient
