// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Keyspaces.
#include <algorithm>
#include <array>
#include <optional>

#include "keys/shard.h"
#include "proto/vtctldata.pb.h"
#include "topo/errors.h"
#include "vschema/records.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

namespace {

using vtctldata::CreateKeyspaceRequest;
using vtctldata::CreateKeyspaceResponse;

constexpr std::array<std::string_view, 4> kDurabilityPolicies = {"none", "semi_sync", "cross_cell",
                                                                 "semi_sync_with_rdonly_ack"};

Result<> CheckDurability(std::string_view policy) {
  if (policy.empty() || std::find(kDurabilityPolicies.begin(), kDurabilityPolicies.end(), policy) !=
                            kDurabilityPolicies.end())
    return Ok{};
  return Errorf(Code::kInvalidArgument, "there is no durability policy {}", policy)
      .WithHint("none, semi_sync, cross_cell or semi_sync_with_rdonly_ack");
}

void Put(const std::string& name, const topo::Keyspace& record, vtctldata::Keyspace& to) {
  to.set_name(name);
  *to.mutable_keyspace() = ToMessage<topodata::Keyspace>(record);
}

// The record a request asks for; a snapshot needs what it is a snapshot of, and of when.
Result<topo::Keyspace> RecordOf(const CreateKeyspaceRequest& request) {
  TRY_OK(keys::ValidateKeyspaceName(request.name()));
  TRY_OK(CheckDurability(request.durability_policy()));
  topodata::Keyspace message;
  message.set_keyspace_type(request.type());
  message.set_durability_policy(request.durability_policy().empty() ? "none"
                                                                    : request.durability_policy());
  message.set_sidecar_db_name(request.sidecar_db_name().empty() ? "_vt"
                                                                : request.sidecar_db_name());
  if (request.type() == topodata::SNAPSHOT) {
    if (request.base_keyspace().empty())
      return Error(Code::kInvalidArgument, "a SNAPSHOT keyspace needs its base keyspace")
          .WithHint("--base-keyspace KEYSPACE");
    if (!request.has_snapshot_time())
      return Error(Code::kInvalidArgument, "a SNAPSHOT keyspace needs a time")
          .WithHint("--snapshot-timestamp 2026-01-31T00:00:00Z");
    message.set_base_keyspace(request.base_keyspace());
    *message.mutable_snapshot_time() = request.snapshot_time();
  }
  return topo::DecodeKeyspace(message.SerializeAsString());
}

// A snapshot routes as its base does, but only where it is named.
Task<Result<>> CopyVSchema(const Context& ctx, Control& control, const std::string& base,
                           const std::string& keyspace) {
  CO_TRY(const topo::Node node, co_await control.topo.GetVSchema(ctx, base));
  CO_TRY(vschema::KeyspaceRecord record, vschema::DecodeKeyspace(node.contents));
  record.require_explicit_routing = true;
  const std::string encoded = vschema::EncodeKeyspace(record);
  co_return co_await control.topo.SaveVSchema(ctx, keyspace, encoded, std::nullopt);
}

Task<Result<>> GiveVSchema(const Context& ctx, Control& control,
                           const CreateKeyspaceRequest& request) {
  if (request.type() == topodata::SNAPSHOT) {
    CO_TRY_OK(co_await CopyVSchema(ctx, control, request.base_keyspace(), request.name()));
  } else {
    const Result<topo::Node> present = co_await control.topo.GetVSchema(ctx, request.name());
    if (!present.ok() && !topo::IsNoNode(present.error())) co_return present.error();
    if (!present.ok()) {
      CO_TRY_OK(co_await control.topo.SaveVSchema(ctx, request.name(), "", std::nullopt));
    }
  }
  std::vector<std::string> all_cells;
  co_return co_await control.topo.RebuildSrvVSchema(ctx, std::move(all_cells));
}

Task<Result<CreateKeyspaceResponse>> CreateKeyspace(const Context& ctx, Control& control,
                                                    const CreateKeyspaceRequest& request) {
  CO_TRY(const topo::Keyspace record, RecordOf(request));
  const Result<> created = co_await control.topo.CreateKeyspace(ctx, request.name(), record);
  const bool existed = !created.ok() && topo::IsNodeExists(created.error());
  if (existed && !request.force()) {
    co_return Errorf(Code::kAlreadyExists, "keyspace {} exists already", request.name())
        .WithHint("--force leaves it as it is and succeeds");
  }
  if (!created.ok() && !existed) co_return created.error();
  CO_TRY_OK(co_await GiveVSchema(ctx, control, request));
  CO_TRY(const topo::Versioned<topo::Keyspace> now,
         co_await FindKeyspace(ctx, control, request.name()));
  CreateKeyspaceResponse response;
  Put(request.name(), now.record, *response.mutable_keyspace());
  co_return response;
}

Task<Result<vtctldata::GetKeyspaceResponse>> GetKeyspace(
    const Context& ctx, Control& control, const vtctldata::GetKeyspaceRequest& request) {
  CO_TRY(const topo::Versioned<topo::Keyspace> found,
         co_await FindKeyspace(ctx, control, request.keyspace()));
  vtctldata::GetKeyspaceResponse response;
  Put(request.keyspace(), found.record, *response.mutable_keyspace());
  co_return response;
}

Task<Result<vtctldata::GetKeyspacesResponse>> GetKeyspaces(const Context& ctx, Control& control,
                                                           const vtctldata::GetKeyspacesRequest&) {
  CO_TRY(const std::vector<std::string> names, co_await control.topo.GetKeyspaces(ctx));
  vtctldata::GetKeyspacesResponse response;
  for (const std::string& name : names) {
    CO_TRY(const topo::Versioned<topo::Keyspace> found, co_await FindKeyspace(ctx, control, name));
    Put(name, found.record, *response.add_keyspaces());
  }
  co_return response;
}

Task<Result<>> SetDurabilityLocked(const Context& ctx, Control& control,
                                   const vtctldata::SetKeyspaceDurabilityPolicyRequest& request,
                                   topodata::Keyspace& changed) {
  CO_TRY(topo::Versioned<topo::Keyspace> found,
         co_await FindKeyspace(ctx, control, request.keyspace()));
  found.record.durability_policy = request.durability_policy();
  changed = ToMessage<topodata::Keyspace>(found.record);
  co_return co_await control.topo.UpdateKeyspace(ctx, request.keyspace(), std::move(found));
}

Task<Result<vtctldata::SetKeyspaceDurabilityPolicyResponse>> SetDurability(
    const Context& ctx, Control& control,
    const vtctldata::SetKeyspaceDurabilityPolicyRequest& request) {
  CO_TRY_OK(CheckDurability(request.durability_policy()));
  vtctldata::SetKeyspaceDurabilityPolicyResponse response;
  topodata::Keyspace& changed = *response.mutable_keyspace();
  LockedWork work = [&](Control& locked) {
    return SetDurabilityLocked(ctx, locked, request, changed);
  };
  CO_TRY_OK(co_await UnderKeyspaceLock(ctx, control, request.keyspace(),
                                       "SetKeyspaceDurabilityPolicy", std::move(work)));
  co_return response;
}

// One by one, so that it can be told how far it has come.
Task<Result<>> DeleteItsShards(const Context& ctx, Control& control, std::string keyspace,
                               bool force, topo::Server::WithoutLock hear) {
  CO_TRY(const std::vector<std::string> shards, co_await control.topo.GetShards(ctx, keyspace));
  topo::Server::DeleteShardOptions options;
  options.recursive = true;
  options.even_if_serving = true;
  options.force = force;
  options.hear = std::move(hear);
  for (const std::string& shard : shards) {
    CO_TRY_OK(co_await control.topo.DeleteShard(ctx, keyspace, shard, options));
    control.Tell(fmt::format("shard {}/{}: deleted", keyspace, shard));
  }
  co_return Ok{};
}

Task<Result<vtctldata::DeleteKeyspaceResponse>> DeleteKeyspace(
    const Context& ctx, Control& control, const vtctldata::DeleteKeyspaceRequest& request) {
  CO_TRY_OK(co_await FindKeyspace(ctx, control, request.keyspace()));
  topo::Server::WithoutLock hear = TellOf(control);
  if (request.recursive()) {
    CO_TRY_OK(co_await DeleteItsShards(ctx, control, request.keyspace(), request.force(), hear));
  }
  CO_TRY_OK(co_await control.topo.DeleteKeyspace(ctx, request.keyspace(), request.recursive(),
                                                 request.force(), std::move(hear)));
  co_return vtctldata::DeleteKeyspaceResponse();
}

Task<Result<vtctldata::RemoveKeyspaceCellResponse>> RemoveKeyspaceCell(
    const Context& ctx, Control& control, const vtctldata::RemoveKeyspaceCellRequest& request) {
  CO_TRY_OK(co_await FindKeyspace(ctx, control, request.keyspace()));
  CO_TRY_OK(co_await control.topo.RemoveKeyspaceCell(ctx, request.keyspace(), request.cell(),
                                                     request.force(), request.recursive()));
  co_return vtctldata::RemoveKeyspaceCellResponse();
}

}  // namespace

Task<Result<topo::Versioned<topo::Keyspace>>> FindKeyspace(const Context& ctx, Control& control,
                                                           std::string_view keyspace) {
  if (keyspace.empty()) co_return Missing("keyspace");
  Result<topo::Versioned<topo::Keyspace>> found = co_await control.topo.GetKeyspace(ctx, keyspace);
  if (found.ok() || !topo::IsNoNode(found.error())) co_return found;
  co_return Errorf(Code::kNotFound, "there is no keyspace {}", keyspace)
      .WithHint("GetKeyspaces lists those there are");
}

Task<Result<>> UnderKeyspaceLock(const Context& ctx, Control& control, std::string keyspace,
                                 std::string_view action, LockedWork work) {
  std::optional<Control> locked;
  topo::Server::LockedWork fenced = [&](topo::Server& topology) {
    locked.emplace(control.On(topology));
    return work(*locked);
  };
  co_return co_await control.topo.UnderKeyspaceLock(ctx, keyspace, action, std::move(fenced));
}

void AddKeyspaces(Methods& methods, Control& control) {
  Add(methods, control, &CreateKeyspace);
  Add(methods, control, &GetKeyspace);
  Add(methods, control, &GetKeyspaces);
  Add(methods, control, &DeleteKeyspace);
  Add(methods, control, &RemoveKeyspaceCell);
  Add(methods, control, &SetDurability);
}

}  // namespace tessera::vtctl
