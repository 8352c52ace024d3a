// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// What records tell the programs that watch over a cluster: sources of shards, recoveries that are
// off, throttling.
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "proto/topodata.pb.h"
#include "proto/vtctldata.pb.h"
#include "topo/errors.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

namespace {

// Edits the fields of a shard's record that only its message has.
using ShardEdit = std::function<Result<>(topodata::Shard&)>;

Task<Result<topodata::Shard>> EditShard(const Context& ctx, Control& control, std::string keyspace,
                                        std::string shard, ShardEdit edit) {
  CO_TRY_OK(co_await FindShard(ctx, control, keyspace, shard));
  const topo::Server::ShardChange change = [&edit](topo::Shard& record) -> Result<bool> {
    auto message = ToMessage<topodata::Shard>(record);
    TRY_OK(edit(message));
    TRY(record, topo::DecodeShard(message.SerializeAsString()));
    return true;
  };
  CO_TRY(const topo::Shard changed,
         co_await control.topo.UpdateShard(ctx, keyspace, shard, change));
  co_return ToMessage<topodata::Shard>(changed);
}

// The same for a keyspace, under its lock.
using KeyspaceEdit = std::function<Result<>(topodata::Keyspace&)>;

Task<Result<>> EditKeyspaceLocked(const Context& ctx, Control& control, std::string keyspace,
                                  KeyspaceEdit edit) {
  CO_TRY(topo::Versioned<topo::Keyspace> found, co_await FindKeyspace(ctx, control, keyspace));
  auto message = ToMessage<topodata::Keyspace>(found.record);
  CO_TRY_OK(edit(message));
  CO_TRY(found.record, topo::DecodeKeyspace(message.SerializeAsString()));
  co_return co_await control.topo.UpdateKeyspace(ctx, keyspace, std::move(found));
}

topodata::Shard::SourceShard* FindSource(topodata::Shard& shard, int32_t uid) {
  for (topodata::Shard::SourceShard& source : *shard.mutable_source_shards())
    if (source.uid() == uid) return &source;
  return nullptr;
}

Task<Result<vtctldata::SourceShardAddResponse>> SourceShardAdd(
    const Context& ctx, Control& control, const vtctldata::SourceShardAddRequest& request) {
  const ShardEdit edit = [&request](topodata::Shard& shard) -> Result<> {
    if (FindSource(shard, request.uid()) != nullptr) {
      return Errorf(Code::kAlreadyExists, "shard {}/{} has a source {} already", request.keyspace(),
                    request.shard(), request.uid());
    }
    topodata::Shard::SourceShard& source = *shard.add_source_shards();
    source.set_uid(request.uid());
    source.set_keyspace(request.source_keyspace());
    source.set_shard(request.source_shard());
    if (request.has_key_range()) *source.mutable_key_range() = request.key_range();
    *source.mutable_tables() = request.tables();
    return Ok{};
  };
  vtctldata::SourceShardAddResponse response;
  CO_TRY(*response.mutable_shard(),
         co_await EditShard(ctx, control, request.keyspace(), request.shard(), edit));
  co_return response;
}

Task<Result<vtctldata::SourceShardDeleteResponse>> SourceShardDelete(
    const Context& ctx, Control& control, const vtctldata::SourceShardDeleteRequest& request) {
  const ShardEdit edit = [&request](topodata::Shard& shard) -> Result<> {
    auto& sources = *shard.mutable_source_shards();
    for (int i = 0; i < sources.size(); ++i) {
      if (sources[i].uid() != request.uid()) continue;
      sources.DeleteSubrange(i, 1);
      return Ok{};
    }
    return Errorf(Code::kNotFound, "shard {}/{} has no source {}", request.keyspace(),
                  request.shard(), request.uid());
  };
  vtctldata::SourceShardDeleteResponse response;
  CO_TRY(*response.mutable_shard(),
         co_await EditShard(ctx, control, request.keyspace(), request.shard(), edit));
  co_return response;
}

// Of the keyspace when no shard is named.
Task<Result<vtctldata::SetVtorcEmergencyReparentResponse>> SetVtorcEmergencyReparent(
    const Context& ctx, Control& control,
    const vtctldata::SetVtorcEmergencyReparentRequest& request) {
  CO_TRY_OK(co_await FindKeyspace(ctx, control, request.keyspace()));
  const bool disable = request.disable();
  if (!request.shard().empty()) {
    const ShardEdit edit = [disable](topodata::Shard& shard) -> Result<> {
      shard.mutable_vtorc_state()->set_disable_emergency_reparent(disable);
      return Ok{};
    };
    CO_TRY_OK(co_await EditShard(ctx, control, request.keyspace(), request.shard(), edit));
    co_return vtctldata::SetVtorcEmergencyReparentResponse();
  }
  const KeyspaceEdit edit = [disable](topodata::Keyspace& keyspace) -> Result<> {
    keyspace.mutable_vtorc_state()->set_disable_emergency_reparent(disable);
    return Ok{};
  };
  LockedWork work = [&](Control& locked) {
    return EditKeyspaceLocked(ctx, locked, request.keyspace(), edit);
  };
  CO_TRY_OK(co_await UnderKeyspaceLock(ctx, control, request.keyspace(),
                                       "SetVtorcEmergencyReparent", std::move(work)));
  co_return vtctldata::SetVtorcEmergencyReparentResponse();
}

using vtctldata::UpdateThrottlerConfigRequest;
using vtctldata::UpdateThrottlerConfigResponse;

Result<> CheckThrottlerRequest(const UpdateThrottlerConfigRequest& request) {
  if (request.enable() && request.disable())
    return Error(Code::kInvalidArgument, "the throttler cannot be enabled and disabled at once");
  if (request.check_as_check_self() && request.check_as_check_shard())
    return Error(Code::kInvalidArgument, "a check is of the tablet itself or of the shard");
  const double ratio = request.throttled_app().ratio();
  if (ratio < 0 || ratio > 1)
    return Errorf(Code::kInvalidArgument, "a ratio is between 0 and 1, not {}", ratio);
  return Ok{};
}

// Of the metric named, or of the default one, which takes a query of its own with any threshold.
void EditThreshold(const UpdateThrottlerConfigRequest& request, topodata::ThrottlerConfig& config) {
  if (!request.metric_name().empty()) {
    if (request.threshold() > 0)
      (*config.mutable_metric_thresholds())[request.metric_name()] = request.threshold();
    else
      config.mutable_metric_thresholds()->erase(request.metric_name());
    return;
  }
  if (request.custom_query_set()) {
    config.set_custom_query(request.custom_query());
    config.set_threshold(request.threshold());
  } else if (request.threshold() > 0) {
    config.set_threshold(request.threshold());
  }
}

// A rule that has run out is one taken away.
void EditApps(const UpdateThrottlerConfigRequest& request, topodata::ThrottlerConfig& config) {
  const topodata::ThrottledAppRule& rule = request.throttled_app();
  if (!rule.name().empty()) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    if (rule.expires_at().seconds() > seconds)
      (*config.mutable_throttled_apps())[rule.name()] = rule;
    else
      config.mutable_throttled_apps()->erase(rule.name());
  }
  if (request.app_name().empty()) return;
  if (request.app_checked_metrics().empty()) {
    config.mutable_app_checked_metrics()->erase(request.app_name());
  } else {
    *(*config.mutable_app_checked_metrics())[request.app_name()].mutable_names() =
        request.app_checked_metrics();
  }
}

Result<> EditThrottler(const UpdateThrottlerConfigRequest& request, topodata::Keyspace& keyspace) {
  topodata::ThrottlerConfig& config = *keyspace.mutable_throttler_config();
  EditThreshold(request, config);
  EditApps(request, config);
  if (request.enable()) config.set_enabled(true);
  if (request.disable()) config.set_enabled(false);
  if (request.check_as_check_self()) config.set_check_as_check_self(true);
  if (request.check_as_check_shard()) config.set_check_as_check_self(false);
  return Ok{};
}

// Tablets hear of it by their cell's serving graph; cells that do not serve the keyspace need not.
Task<Result<>> PublishThrottler(const Context& ctx, Control& control, std::string keyspace) {
  CO_TRY(const topo::Versioned<topo::Keyspace> record,
         co_await FindKeyspace(ctx, control, keyspace));
  CO_TRY(const std::vector<std::string> cells, co_await control.topo.GetCells(ctx));
  const topo::Server::Change<topo::SrvKeyspace> change =
      [&record](topo::SrvKeyspace& graph) -> Result<bool> {
    topo::CopyThrottlerConfig(record.record, graph);
    return true;
  };
  for (const std::string& cell : cells) {
    const Result<topo::SrvKeyspace> told =
        co_await control.topo.UpdateSrvKeyspace(ctx, cell, keyspace, change);
    if (!told.ok() && !topo::IsNoNode(told.error())) {
      Error error = told.error();
      co_return std::move(error).Wrap("the keyspace has its configuration, cell " + cell + " not");
    }
  }
  co_return Ok{};
}

Task<Result<>> UpdateThrottlerLocked(const Context& ctx, Control& control,
                                     const UpdateThrottlerConfigRequest& request) {
  const KeyspaceEdit edit = [&request](topodata::Keyspace& keyspace) {
    return EditThrottler(request, keyspace);
  };
  CO_TRY_OK(co_await EditKeyspaceLocked(ctx, control, request.keyspace(), edit));
  co_return co_await PublishThrottler(ctx, control, request.keyspace());
}

Task<Result<UpdateThrottlerConfigResponse>> UpdateThrottlerConfig(
    const Context& ctx, Control& control, const UpdateThrottlerConfigRequest& request) {
  CO_TRY_OK(CheckThrottlerRequest(request));
  CO_TRY_OK(co_await FindKeyspace(ctx, control, request.keyspace()));
  LockedWork work = [&](Control& locked) { return UpdateThrottlerLocked(ctx, locked, request); };
  CO_TRY_OK(co_await UnderKeyspaceLock(ctx, control, request.keyspace(), "UpdateThrottlerConfig",
                                       std::move(work)));
  co_return UpdateThrottlerConfigResponse();
}

}  // namespace

void AddRecordEdits(Methods& methods, Control& control) {
  Add(methods, control, &SourceShardAdd);
  Add(methods, control, &SourceShardDelete);
  Add(methods, control, &SetVtorcEmergencyReparent);
  Add(methods, control, &UpdateThrottlerConfig);
}

}  // namespace tessera::vtctl
