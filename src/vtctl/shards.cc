// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Shards.
#include "keys/shard.h"
#include "proto/vtctldata.pb.h"
#include "topo/errors.h"
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
}

}  // namespace tessera::vtctl
