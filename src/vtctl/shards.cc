// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Shards.
#include "keys/shard.h"
#include "proto/vtctldata.pb.h"
#include "topo/errors.h"
#include "topo/validate.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

namespace {

using vtctldata::CreateShardRequest;
using vtctldata::CreateShardResponse;

void Put(const std::string& keyspace, const std::string& shard, const topo::Shard& record,
         vtctldata::Shard& to) {
  to.set_keyspace(keyspace);
  to.set_name(shard);
  *to.mutable_shard() = ToMessage<topodata::Shard>(record);
}

Task<Result<>> CreateParent(const Context& ctx, Control& control, const std::string& keyspace) {
  topo::Keyspace record;
  record.durability_policy = "none";
  record.sidecar_db_name = "_vt";
  const Result<> created = co_await control.topo.CreateKeyspace(ctx, keyspace, record);
  if (!created.ok() && !topo::IsNodeExists(created.error())) co_return created.error();
  co_return Ok{};
}

Task<Result<CreateShardResponse>> CreateShard(const Context& ctx, Control& control,
                                              const CreateShardRequest& request) {
  CO_TRY(const keys::ShardName name, keys::ParseShardName(request.shard_name()));
  if (request.include_parent()) {
    CO_TRY_OK(co_await CreateParent(ctx, control, request.keyspace()));
  }
  CO_TRY(const topo::Versioned<topo::Keyspace> keyspace,
         co_await FindKeyspace(ctx, control, request.keyspace()));
  CreateShardResponse response;
  const Result<> created = co_await control.topo.CreateShard(ctx, request.keyspace(), name.name);
  if (!created.ok()) {
    if (!topo::IsNodeExists(created.error()) || !request.force()) co_return created.error();
    response.set_shard_already_exists(true);
  }
  CO_TRY(const topo::Versioned<topo::Shard> shard,
         co_await FindShard(ctx, control, request.keyspace(), name.name));
  response.mutable_keyspace()->set_name(request.keyspace());
  *response.mutable_keyspace()->mutable_keyspace() = ToMessage<topodata::Keyspace>(keyspace.record);
  Put(request.keyspace(), name.name, shard.record, *response.mutable_shard());
  co_return response;
}

Task<Result<vtctldata::GetShardResponse>> GetShard(const Context& ctx, Control& control,
                                                   const vtctldata::GetShardRequest& request) {
  CO_TRY(const topo::Versioned<topo::Shard> found,
         co_await FindShard(ctx, control, request.keyspace(), request.shard_name()));
  vtctldata::GetShardResponse response;
  Put(request.keyspace(), request.shard_name(), found.record, *response.mutable_shard());
  co_return response;
}

Task<Result<vtctldata::FindAllShardsInKeyspaceResponse>> FindAllShards(
    const Context& ctx, Control& control,
    const vtctldata::FindAllShardsInKeyspaceRequest& request) {
  CO_TRY_OK(co_await FindKeyspace(ctx, control, request.keyspace()));
  CO_TRY(const std::vector<std::string> names,
         co_await control.topo.GetShards(ctx, request.keyspace()));
  vtctldata::FindAllShardsInKeyspaceResponse response;
  for (const std::string& name : names) {
    CO_TRY(const topo::Versioned<topo::Shard> found,
           co_await FindShard(ctx, control, request.keyspace(), name));
    Put(request.keyspace(), name, found.record, (*response.mutable_shards())[name]);
  }
  co_return response;
}

// All are looked at before the first is touched: a mistyped name deletes nothing.
Task<Result<vtctldata::DeleteShardsResponse>> DeleteShards(
    const Context& ctx, Control& control, const vtctldata::DeleteShardsRequest& request) {
  for (const vtctldata::Shard& shard : request.shards()) {
    CO_TRY_OK(co_await FindShard(ctx, control, shard.keyspace(), shard.name()));
  }
  topo::Server::DeleteShardOptions options;
  options.recursive = request.recursive();
  options.even_if_serving = request.even_if_serving();
  options.force = request.force();
  options.hear = TellOf(control);
  for (const vtctldata::Shard& shard : request.shards()) {
    CO_TRY_OK(co_await control.topo.DeleteShard(ctx, shard.keyspace(), shard.name(), options));
  }
  co_return vtctldata::DeleteShardsResponse();
}

Task<Result<vtctldata::RemoveShardCellResponse>> RemoveShardCell(
    const Context& ctx, Control& control, const vtctldata::RemoveShardCellRequest& request) {
  CO_TRY_OK(co_await FindShard(ctx, control, request.keyspace(), request.shard_name()));
  CO_TRY_OK(co_await control.topo.RemoveShardCell(ctx, request.keyspace(), request.shard_name(),
                                                  request.cell(), request.force(),
                                                  request.recursive()));
  co_return vtctldata::RemoveShardCellResponse();
}

Task<Result<vtctldata::SetShardIsPrimaryServingResponse>> SetIsPrimaryServing(
    const Context& ctx, Control& control,
    const vtctldata::SetShardIsPrimaryServingRequest& request) {
  CO_TRY_OK(co_await FindShard(ctx, control, request.keyspace(), request.shard()));
  CO_TRY(const topo::Shard shard,
         co_await control.topo.SetShardIsPrimaryServing(ctx, request.keyspace(), request.shard(),
                                                        request.is_serving()));
  vtctldata::SetShardIsPrimaryServingResponse response;
  *response.mutable_shard() = ToMessage<topodata::Shard>(shard);
  co_return response;
}

// Denied tables are of the shard's record; a query service that is off, of the serving graph.
Task<Result<vtctldata::SetShardTabletControlResponse>> SetTabletControl(
    const Context& ctx, Control& control, const vtctldata::SetShardTabletControlRequest& request) {
  CO_TRY(topo::Versioned<topo::Shard> shard,
         co_await FindShard(ctx, control, request.keyspace(), request.shard()));
  topo::DeniedTables denied;
  denied.tablet_type = static_cast<keys::TabletType>(request.tablet_type());
  denied.cells.assign(request.cells().begin(), request.cells().end());
  denied.tables.assign(request.denied_tables().begin(), request.denied_tables().end());
  vtctldata::SetShardTabletControlResponse response;
  if (request.remove()) {
    CO_TRY(shard.record, co_await control.topo.RemoveDeniedTables(ctx, request.keyspace(),
                                                                  request.shard(), denied));
  } else if (!denied.tables.empty()) {
    CO_TRY(shard.record,
           co_await control.topo.SetDeniedTables(ctx, request.keyspace(), request.shard(), denied));
  } else {
    std::vector<std::string> shards(1, request.shard());
    CO_TRY_OK(co_await control.topo.UpdateDisableQueryService(
        ctx, request.keyspace(), std::move(shards), denied.tablet_type, denied.cells,
        request.disable_query_service()));
  }
  *response.mutable_shard() = ToMessage<topodata::Shard>(shard.record);
  co_return response;
}

Task<Result<vtctldata::GetShardReplicationResponse>> GetShardReplication(
    const Context& ctx, Control& control, const vtctldata::GetShardReplicationRequest& request) {
  CO_TRY_OK(co_await FindShard(ctx, control, request.keyspace(), request.shard()));
  std::vector<std::string> cells(request.cells().begin(), request.cells().end());
  if (cells.empty()) {
    CO_TRY(cells, co_await control.topo.GetCells(ctx));
  }
  vtctldata::GetShardReplicationResponse response;
  for (const std::string& cell : cells) {
    const Result<topo::Versioned<topo::ShardReplication>> found =
        co_await control.topo.GetShardReplication(ctx, cell, request.keyspace(), request.shard());
    if (found.ok())
      (*response.mutable_shard_replication_by_cell())[cell] =
          ToMessage<topodata::ShardReplication>(found->record);
    else if (!topo::IsNoNode(found.error()))
      co_return found.error();
  }
  co_return response;
}

Task<Result<vtctldata::ShardReplicationAddResponse>> ReplicationAdd(
    const Context& ctx, Control& control, const vtctldata::ShardReplicationAddRequest& request) {
  const keys::TabletAlias alias = AliasOf(request.tablet_alias());
  CO_TRY_OK(
      co_await control.topo.AddToShardReplication(ctx, request.keyspace(), request.shard(), alias));
  co_return vtctldata::ShardReplicationAddResponse();
}

Task<Result<vtctldata::ShardReplicationRemoveResponse>> ReplicationRemove(
    const Context& ctx, Control& control, const vtctldata::ShardReplicationRemoveRequest& request) {
  const keys::TabletAlias alias = AliasOf(request.tablet_alias());
  CO_TRY_OK(co_await control.topo.RemoveFromShardReplication(ctx, request.keyspace(),
                                                             request.shard(), alias));
  co_return vtctldata::ShardReplicationRemoveResponse();
}

// The answer has room for one problem; all of them were mended.
Task<Result<vtctldata::ShardReplicationFixResponse>> ReplicationFix(
    const Context& ctx, Control& control, const vtctldata::ShardReplicationFixRequest& request) {
  CO_TRY(const std::vector<topo::ReplicationProblem> problems,
         co_await control.topo.FixShardReplication(ctx, request.cell(), request.keyspace(),
                                                   request.shard()));
  vtctldata::ShardReplicationFixResponse response;
  if (problems.empty()) co_return response;
  const topo::ReplicationProblem& first = problems.front();
  topodata::ShardReplicationError& error = *response.mutable_error();
  error.set_type(first.kind == topo::ReplicationProblem::Kind::kNotFound
                     ? topodata::ShardReplicationError::NOT_FOUND
                     : topodata::ShardReplicationError::TOPOLOGY_MISMATCH);
  error.mutable_tablet_alias()->set_cell(first.alias.cell);
  error.mutable_tablet_alias()->set_uid(first.alias.uid);
  co_return response;
}

}  // namespace

Task<Result<topo::Versioned<topo::Shard>>> FindShard(const Context& ctx, Control& control,
                                                     std::string_view keyspace,
                                                     std::string_view shard) {
  if (shard.empty()) co_return Missing("shard");
  CO_TRY_OK(co_await FindKeyspace(ctx, control, keyspace));
  Result<topo::Versioned<topo::Shard>> found = co_await control.topo.GetShard(ctx, keyspace, shard);
  if (found.ok() || !topo::IsNoNode(found.error())) co_return found;
  co_return Errorf(Code::kNotFound, "there is no shard {}/{}", keyspace, shard)
      .WithHint("FindAllShardsInKeyspace lists those there are");
}

void AddShards(Methods& methods, Control& control) {
  Add(methods, control, &CreateShard);
  Add(methods, control, &GetShard);
  Add(methods, control, &FindAllShards);
  Add(methods, control, &DeleteShards);
  Add(methods, control, &RemoveShardCell);
  Add(methods, control, &SetIsPrimaryServing);
  Add(methods, control, &SetTabletControl);
  Add(methods, control, &GetShardReplication);
  Add(methods, control, &ReplicationAdd);
  Add(methods, control, &ReplicationRemove);
  Add(methods, control, &ReplicationFix);
}

}  // namespace tessera::vtctl
