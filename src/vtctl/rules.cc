// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Rules that send tables, shards and keyspaces elsewhere.
#include "proto/vschema.pb.h"
#include "proto/vtctldata.pb.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

namespace {

using topo::RulesKind;
using Cells = google::protobuf::RepeatedPtrField<std::string>;

template <class Rules>
Task<Result<Rules>> Read(const Context& ctx, Control& control, RulesKind kind) {
  CO_TRY(const std::string bytes, co_await control.topo.GetRules(ctx, kind));
  Rules rules;
  if (!rules.ParseFromString(bytes)) {
    co_return Errorf(Code::kDataLoss, "the {} cannot be read: {} bytes", rules.GetTypeName(),
                     bytes.size())
        .WithHint("apply them anew");
  }
  co_return rules;
}

Task<Result<>> Rebuild(const Context& ctx, Control& control, bool skip, const Cells& cells) {
  if (skip) co_return Ok{};
  std::vector<std::string> words(cells.begin(), cells.end());
  co_return co_await control.topo.RebuildSrvVSchema(ctx, std::move(words));
}

Task<Result<vtctldata::GetRoutingRulesResponse>> GetRoutingRules(
    const Context& ctx, Control& control, const vtctldata::GetRoutingRulesRequest&) {
  vtctldata::GetRoutingRulesResponse response;
  CO_TRY(*response.mutable_routing_rules(),
         co_await Read<::vschema::RoutingRules>(ctx, control, RulesKind::kRouting));
  co_return response;
}

Task<Result<vtctldata::GetShardRoutingRulesResponse>> GetShardRoutingRules(
    const Context& ctx, Control& control, const vtctldata::GetShardRoutingRulesRequest&) {
  vtctldata::GetShardRoutingRulesResponse response;
  CO_TRY(*response.mutable_shard_routing_rules(),
         co_await Read<::vschema::ShardRoutingRules>(ctx, control, RulesKind::kShardRouting));
  co_return response;
}

Task<Result<vtctldata::GetKeyspaceRoutingRulesResponse>> GetKeyspaceRoutingRules(
    const Context& ctx, Control& control, const vtctldata::GetKeyspaceRoutingRulesRequest&) {
  vtctldata::GetKeyspaceRoutingRulesResponse response;
  CO_TRY(*response.mutable_keyspace_routing_rules(),
         co_await Read<::vschema::KeyspaceRoutingRules>(ctx, control, RulesKind::kKeyspaceRouting));
  co_return response;
}

Task<Result<vtctldata::GetMirrorRulesResponse>> GetMirrorRules(
    const Context& ctx, Control& control, const vtctldata::GetMirrorRulesRequest&) {
  vtctldata::GetMirrorRulesResponse response;
  CO_TRY(*response.mutable_mirror_rules(),
         co_await Read<::vschema::MirrorRules>(ctx, control, RulesKind::kMirror));
  co_return response;
}

Task<Result<vtctldata::ApplyRoutingRulesResponse>> ApplyRoutingRules(
    const Context& ctx, Control& control, const vtctldata::ApplyRoutingRulesRequest& request) {
  const std::string bytes = request.routing_rules().SerializeAsString();
  CO_TRY_OK(co_await control.topo.SaveRules(ctx, RulesKind::kRouting, bytes));
  CO_TRY_OK(co_await Rebuild(ctx, control, request.skip_rebuild(), request.rebuild_cells()));
  co_return vtctldata::ApplyRoutingRulesResponse();
}

Task<Result<vtctldata::ApplyShardRoutingRulesResponse>> ApplyShardRoutingRules(
    const Context& ctx, Control& control, const vtctldata::ApplyShardRoutingRulesRequest& request) {
  const std::string bytes = request.shard_routing_rules().SerializeAsString();
  CO_TRY_OK(co_await control.topo.SaveRules(ctx, RulesKind::kShardRouting, bytes));
  CO_TRY_OK(co_await Rebuild(ctx, control, request.skip_rebuild(), request.rebuild_cells()));
  co_return vtctldata::ApplyShardRoutingRulesResponse();
}

Task<Result<vtctldata::ApplyKeyspaceRoutingRulesResponse>> ApplyKeyspaceRoutingRules(
    const Context& ctx, Control& control,
    const vtctldata::ApplyKeyspaceRoutingRulesRequest& request) {
  const topo::Server::Change<std::string> replace = [&request](std::string& rules) -> Result<bool> {
    rules = request.keyspace_routing_rules().SerializeAsString();
    return true;
  };
  CO_TRY_OK(
      co_await control.topo.UpdateKeyspaceRoutingRules(ctx, "ApplyKeyspaceRoutingRules", replace));
  CO_TRY_OK(co_await Rebuild(ctx, control, request.skip_rebuild(), request.rebuild_cells()));
  vtctldata::ApplyKeyspaceRoutingRulesResponse response;
  *response.mutable_keyspace_routing_rules() = request.keyspace_routing_rules();
  co_return response;
}

}  // namespace

void AddRules(Methods& methods, Control& control) {
  Add(methods, control, &GetRoutingRules);
  Add(methods, control, &GetShardRoutingRules);
  Add(methods, control, &GetKeyspaceRoutingRules);
  Add(methods, control, &GetMirrorRules);
  Add(methods, control, &ApplyRoutingRules);
  Add(methods, control, &ApplyShardRoutingRules);
  Add(methods, control, &ApplyKeyspaceRoutingRules);
}

}  // namespace tessera::vtctl
