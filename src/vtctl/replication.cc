// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Replication within a shard.
#include "keys/tablet_type.h"
#include "proto/tabletmanagerdata.pb.h"
#include "proto/vtctldata.pb.h"
#include "runtime/task_group.h"
#include "topo/durability.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

namespace {

namespace tm = tabletmanagerdata;

Task<Result<vtctldata::StartReplicationResponse>> StartReplication(
    const Context& ctx, Control& control, const vtctldata::StartReplicationRequest& request) {
  CO_TRY(const topo::Tablet tablet, co_await FindTablet(ctx, control, request.tablet_alias()));
  CO_TRY(const ShardPrimary shard, co_await FindPrimary(ctx, control, tablet));
  tm::StartReplicationRequest start;
  start.set_semisync(topo::AcksCommits(shard.durability_policy, shard.primary, tablet));
  CO_TRY_OK(co_await Ask<tm::StartReplicationResponse>(ctx, control, tablet, start));
  co_return vtctldata::StartReplicationResponse();
}

Task<Result<vtctldata::StopReplicationResponse>> StopReplication(
    const Context& ctx, Control& control, const vtctldata::StopReplicationRequest& request) {
  const tm::StopReplicationRequest stop;
  CO_TRY_OK(
      co_await AskAlias<tm::StopReplicationResponse>(ctx, control, request.tablet_alias(), stop));
  co_return vtctldata::StopReplicationResponse();
}

Task<Result<vtctldata::ReparentTabletResponse>> ReparentTablet(
    const Context& ctx, Control& control, const vtctldata::ReparentTabletRequest& request) {
  CO_TRY(const topo::Tablet tablet, co_await FindTablet(ctx, control, request.tablet()));
  CO_TRY(const ShardPrimary shard, co_await FindPrimary(ctx, control, tablet));
  if (shard.primary.alias == tablet.alias) {
    co_return Errorf(Code::kFailedPrecondition, "tablet {} is the primary of {}/{} itself",
                     tablet.alias.ToString(), tablet.keyspace, tablet.shard);
  }
  tm::SetReplicationSourceRequest follow;
  follow.mutable_parent()->set_cell(shard.primary.alias.cell);
  follow.mutable_parent()->set_uid(shard.primary.alias.uid);
  follow.set_semisync(topo::AcksCommits(shard.durability_policy, shard.primary, tablet));
  CO_TRY_OK(co_await Ask<tm::SetReplicationSourceResponse>(ctx, control, tablet, follow));
  vtctldata::ReparentTabletResponse response;
  response.set_keyspace(tablet.keyspace);
  response.set_shard(tablet.shard);
  *response.mutable_primary() = follow.parent();
  co_return response;
}

Task<Result<vtctldata::TabletExternallyReparentedResponse>> ExternallyReparented(
    const Context& ctx, Control& control,
    const vtctldata::TabletExternallyReparentedRequest& request) {
  CO_TRY(const topo::Tablet tablet, co_await FindTablet(ctx, control, request.tablet()));
  CO_TRY(const topo::Versioned<topo::Shard> shard,
         co_await FindShard(ctx, control, tablet.keyspace, tablet.shard));
  vtctldata::TabletExternallyReparentedResponse response;
  response.set_keyspace(tablet.keyspace);
  response.set_shard(tablet.shard);
  *response.mutable_new_primary() = request.tablet();
  const keys::TabletAlias& old = shard.record.primary_alias;
  if (!old.empty()) {
    response.mutable_old_primary()->set_cell(old.cell);
    response.mutable_old_primary()->set_uid(old.uid);
  }
  if (old == tablet.alias && tablet.type == keys::TabletType::kPrimary) co_return response;
  CO_TRY(const topo::Versioned<topo::Keyspace> keyspace,
         co_await FindKeyspace(ctx, control, tablet.keyspace));
  tm::ChangeTypeRequest promote;
  promote.set_tablet_type(topodata::PRIMARY);
  promote.set_semisync(topo::WaitsForAcks(keyspace.record.durability_policy));
  CO_TRY_OK(co_await Ask<tm::ChangeTypeResponse>(ctx, control, tablet, promote));
  co_return response;
}

// What a tablet knows of its place in replication; a primary has a position only.
Task<> ReadPosition(const Context& ctx, Control& control, const topo::Tablet& tablet,
                    replicationdata::Status& status) {
  if (tablet.type == keys::TabletType::kPrimary) {
    const tm::PrimaryPositionRequest ask;
    const Result<tm::PrimaryPositionResponse> answer =
        co_await Ask<tm::PrimaryPositionResponse>(ctx, control, tablet, ask);
    if (answer.ok())
      status.set_position(answer->position());
    else
      status.set_last_io_error(answer.error().message());
    co_return;
  }
  const tm::ReplicationStatusRequest ask;
  Result<tm::ReplicationStatusResponse> answer =
      co_await Ask<tm::ReplicationStatusResponse>(ctx, control, tablet, ask);
  if (answer.ok())
    status.Swap(answer->mutable_status());
  else
    status.set_last_io_error(answer.error().message());
}

Task<Result<vtctldata::ShardReplicationPositionsResponse>> ShardPositions(
    const Context& ctx, Control& control,
    const vtctldata::ShardReplicationPositionsRequest& request) {
  CO_TRY_OK(co_await FindShard(ctx, control, request.keyspace(), request.shard()));
  CO_TRY(const std::vector<topo::Tablet> tablets,
         co_await TabletsOfShard(ctx, control, request.keyspace(), request.shard()));
  std::vector<replicationdata::Status> statuses(tablets.size());
  runtime::TaskGroup group(ctx);
  for (size_t i = 0; i < tablets.size(); ++i)
    group.Start(ReadPosition(group.context(), control, tablets[i], statuses[i]));
  CO_TRY_OK(co_await group.Join());
  vtctldata::ShardReplicationPositionsResponse response;
  for (size_t i = 0; i < tablets.size(); ++i) {
    const std::string alias = tablets[i].alias.ToString();
    (*response.mutable_replication_statuses())[alias].Swap(&statuses[i]);
    (*response.mutable_tablet_map())[alias] = ToMessage<topodata::Tablet>(tablets[i]);
  }
  co_return response;
}

Task<Result<vtctldata::GetFullStatusResponse>> GetFullStatus(
    const Context& ctx, Control& control, const vtctldata::GetFullStatusRequest& request) {
  const tm::FullStatusRequest ask;
  CO_TRY(tm::FullStatusResponse answer,
         co_await AskAlias<tm::FullStatusResponse>(ctx, control, request.tablet_alias(), ask));
  vtctldata::GetFullStatusResponse response;
  response.mutable_status()->Swap(answer.mutable_status());
  co_return response;
}

}  // namespace

Task<Result<ShardPrimary>> FindPrimary(const Context& ctx, Control& control,
                                       const topo::Tablet& of_shard) {
  CO_TRY(const topo::Versioned<topo::Shard> shard,
         co_await FindShard(ctx, control, of_shard.keyspace, of_shard.shard));
  const keys::TabletAlias& alias = shard.record.primary_alias;
  if (alias.empty()) {
    co_return Errorf(Code::kFailedPrecondition, "shard {}/{} has no primary", of_shard.keyspace,
                     of_shard.shard)
        .WithHint("a tablet started with --init-tablet-type primary, or a reparent, makes one");
  }
  CO_TRY(const topo::Versioned<topo::Keyspace> keyspace,
         co_await FindKeyspace(ctx, control, of_shard.keyspace));
  CO_TRY(topo::Versioned<topo::Tablet> primary, co_await control.topo.GetTablet(ctx, alias));
  if (primary.record.type != keys::TabletType::kPrimary) {
    co_return Errorf(Code::kFailedPrecondition,
                     "shard {}/{} has {} for its primary, whose record says {}", of_shard.keyspace,
                     of_shard.shard, alias.ToString(), keys::TabletTypeName(primary.record.type))
        .WithHint("RefreshState on it, or ValidateShard to see what else does not agree");
  }
  co_return ShardPrimary{std::move(primary.record), keyspace.record.durability_policy};
}

void AddReplication(Methods& methods, Control& control) {
  Add(methods, control, &StartReplication);
  Add(methods, control, &StopReplication);
  Add(methods, control, &ReparentTablet);
  Add(methods, control, &ExternallyReparented);
  Add(methods, control, &ShardPositions);
  Add(methods, control, &GetFullStatus);
}

}  // namespace tessera::vtctl
