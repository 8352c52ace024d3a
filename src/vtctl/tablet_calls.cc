// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// What is asked of one tablet, or of all of a shard.
#include <algorithm>

#include "proto/tabletmanagerdata.pb.h"
#include "proto/vtctldata.pb.h"
#include "runtime/task_group.h"
#include "topo/durability.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

namespace {

namespace tm = tabletmanagerdata;

Task<Result<vtctldata::PingTabletResponse>> PingTablet(
    const Context& ctx, Control& control, const vtctldata::PingTabletRequest& request) {
  tm::PingRequest ping;
  ping.set_payload("hello");
  CO_TRY_OK(co_await AskAlias<tm::PingResponse>(ctx, control, request.tablet_alias(), ping));
  co_return vtctldata::PingTabletResponse();
}

Task<Result<vtctldata::SleepTabletResponse>> SleepTablet(
    const Context& ctx, Control& control, const vtctldata::SleepTabletRequest& request) {
  CO_TRY(const topo::Tablet tablet, co_await FindTablet(ctx, control, request.tablet_alias()));
  tm::SleepRequest sleep;
  sleep.set_duration(request.duration().seconds() * 1'000'000'000 + request.duration().nanos());
  // As long as it was told to sleep, and then the time for an answer.
  const Context bounded =
      ctx.WithTimeout(std::chrono::nanoseconds(sleep.duration()) + control.tablet_timeout);
  CO_TRY_OK(co_await control.tablets.Call<tm::SleepResponse>(bounded, tablet, sleep));
  co_return vtctldata::SleepTabletResponse();
}

Task<Result<vtctldata::RefreshStateResponse>> RefreshState(
    const Context& ctx, Control& control, const vtctldata::RefreshStateRequest& request) {
  const tm::RefreshStateRequest refresh;
  CO_TRY_OK(
      co_await AskAlias<tm::RefreshStateResponse>(ctx, control, request.tablet_alias(), refresh));
  co_return vtctldata::RefreshStateResponse();
}

Task<> RefreshOne(const Context& ctx, Control& control, const topo::Tablet& tablet,
                  std::vector<std::string>& failures) {
  const tm::RefreshStateRequest refresh;
  const Result<tm::RefreshStateResponse> done =
      co_await Ask<tm::RefreshStateResponse>(ctx, control, tablet, refresh);
  if (!done.ok()) failures.push_back(done.error().message());
}

Task<Result<vtctldata::RefreshStateByShardResponse>> RefreshStateByShard(
    const Context& ctx, Control& control, const vtctldata::RefreshStateByShardRequest& request) {
  CO_TRY_OK(co_await FindShard(ctx, control, request.keyspace(), request.shard()));
  std::vector<std::string> cells(request.cells().begin(), request.cells().end());
  CO_TRY(
      const std::vector<topo::Tablet> tablets,
      co_await TabletsOfShard(ctx, control, request.keyspace(), request.shard(), std::move(cells)));
  std::vector<std::string> failures;
  runtime::TaskGroup group(ctx);
  for (const topo::Tablet& tablet : tablets)
    group.Start(RefreshOne(group.context(), control, tablet, failures));
  CO_TRY_OK(co_await group.Join());
  vtctldata::RefreshStateByShardResponse response;
  response.set_is_partial_refresh(!failures.empty());
  for (const std::string& failure : failures) {
    if (!response.partial_refresh_details().empty())
      response.mutable_partial_refresh_details()->append("; ");
    response.mutable_partial_refresh_details()->append(failure);
  }
  co_return response;
}

Task<Result<vtctldata::RunHealthCheckResponse>> RunHealthCheck(
    const Context& ctx, Control& control, const vtctldata::RunHealthCheckRequest& request) {
  const tm::RunHealthCheckRequest check;
  CO_TRY_OK(
      co_await AskAlias<tm::RunHealthCheckResponse>(ctx, control, request.tablet_alias(), check));
  co_return vtctldata::RunHealthCheckResponse();
}

Task<Result<vtctldata::SetWritableResponse>> SetWritable(
    const Context& ctx, Control& control, const vtctldata::SetWritableRequest& request) {
  if (request.writable()) {
    const tm::SetReadWriteRequest ask;
    CO_TRY_OK(
        co_await AskAlias<tm::SetReadWriteResponse>(ctx, control, request.tablet_alias(), ask));
  } else {
    const tm::SetReadOnlyRequest ask;
    CO_TRY_OK(
        co_await AskAlias<tm::SetReadOnlyResponse>(ctx, control, request.tablet_alias(), ask));
  }
  co_return vtctldata::SetWritableResponse();
}

// Types a serving tablet may change between without its data being touched.
bool IsTrivialChange(topodata::TabletType from, topodata::TabletType to) {
  const auto plain = [](topodata::TabletType type) {
    return type == topodata::REPLICA || type == topodata::RDONLY || type == topodata::SPARE ||
           type == topodata::DRAINED || type == topodata::EXPERIMENTAL ||
           type == topodata::BACKUP || type == topodata::RESTORE;
  };
  return plain(from) && plain(to);
}

Task<Result<vtctldata::ChangeTabletTypeResponse>> ChangeTabletType(
    const Context& ctx, Control& control, const vtctldata::ChangeTabletTypeRequest& request) {
  CO_TRY(topo::Tablet tablet, co_await FindTablet(ctx, control, request.tablet_alias()));
  vtctldata::ChangeTabletTypeResponse response;
  *response.mutable_before_tablet() = ToMessage<topodata::Tablet>(tablet);
  if (!IsTrivialChange(response.before_tablet().type(), request.db_type())) {
    co_return Errorf(Code::kInvalidArgument, "tablet {} cannot go from {} to {} so",
                     tablet.alias.ToString(), keys::TabletTypeName(tablet.type),
                     topodata::TabletType_Name(request.db_type()))
        .WithHint("a primary is made by PlannedReparentShard");
  }
  CO_TRY(const ShardPrimary shard, co_await FindPrimary(ctx, control, tablet));
  if (request.dry_run()) {
    const tm::PingRequest ping;
    CO_TRY_OK(co_await Ask<tm::PingResponse>(ctx, control, tablet, ping));
    *response.mutable_after_tablet() = response.before_tablet();
    response.mutable_after_tablet()->set_type(request.db_type());
    response.set_was_dry_run(true);
    co_return response;
  }
  topo::Tablet wanted = tablet;
  wanted.type = static_cast<keys::TabletType>(request.db_type());
  tm::ChangeTypeRequest change;
  change.set_tablet_type(request.db_type());
  change.set_semisync(topo::AcksCommits(shard.durability_policy, shard.primary, wanted));
  CO_TRY_OK(co_await Ask<tm::ChangeTypeResponse>(ctx, control, tablet, change));
  CO_TRY(tablet, co_await FindTablet(ctx, control, request.tablet_alias()));
  *response.mutable_after_tablet() = ToMessage<topodata::Tablet>(tablet);
  co_return response;
}

Task<Result<vtctldata::ChangeTabletTagsResponse>> ChangeTabletTags(
    const Context& ctx, Control& control, const vtctldata::ChangeTabletTagsRequest& request) {
  CO_TRY(const topo::Tablet tablet, co_await FindTablet(ctx, control, request.tablet_alias()));
  tm::ChangeTagsRequest change;
  *change.mutable_tags() = request.tags();
  change.set_replace(request.replace());
  CO_TRY(const tm::ChangeTagsResponse changed,
         co_await Ask<tm::ChangeTagsResponse>(ctx, control, tablet, change));
  vtctldata::ChangeTabletTagsResponse response;
  for (const auto& [name, value] : tablet.tags) (*response.mutable_before_tags())[name] = value;
  *response.mutable_after_tags() = changed.tags();
  co_return response;
}

Task<Result<vtctldata::ExecuteFetchAsAppResponse>> ExecuteFetchAsApp(
    const Context& ctx, Control& control, const vtctldata::ExecuteFetchAsAppRequest& request) {
  tm::ExecuteFetchAsAppRequest fetch;
  fetch.set_query(request.query());
  fetch.set_max_rows(static_cast<uint64_t>(std::max<int64_t>(request.max_rows(), 0)));
  CO_TRY(tm::ExecuteFetchAsAppResponse fetched, co_await AskAlias<tm::ExecuteFetchAsAppResponse>(
                                                    ctx, control, request.tablet_alias(), fetch));
  vtctldata::ExecuteFetchAsAppResponse response;
  response.mutable_result()->Swap(fetched.mutable_result());
  co_return response;
}

Task<Result<vtctldata::ExecuteFetchAsDBAResponse>> ExecuteFetchAsDba(
    const Context& ctx, Control& control, const vtctldata::ExecuteFetchAsDBARequest& request) {
  CO_TRY(const topo::Tablet tablet, co_await FindTablet(ctx, control, request.tablet_alias()));
  tm::ExecuteFetchAsDbaRequest fetch;
  fetch.set_query(request.query());
  fetch.set_db_name(tablet.db_name());
  fetch.set_max_rows(static_cast<uint64_t>(std::max<int64_t>(request.max_rows(), 0)));
  fetch.set_disable_binlogs(request.disable_binlogs());
  fetch.set_reload_schema(request.reload_schema());
  CO_TRY(tm::ExecuteFetchAsDbaResponse fetched,
         co_await Ask<tm::ExecuteFetchAsDbaResponse>(ctx, control, tablet, fetch));
  vtctldata::ExecuteFetchAsDBAResponse response;
  response.mutable_result()->Swap(fetched.mutable_result());
  co_return response;
}

Task<Result<vtctldata::ExecuteMultiFetchAsDBAResponse>> ExecuteMultiFetchAsDba(
    const Context& ctx, Control& control, const vtctldata::ExecuteMultiFetchAsDBARequest& request) {
  CO_TRY(const topo::Tablet tablet, co_await FindTablet(ctx, control, request.tablet_alias()));
  tm::ExecuteMultiFetchAsDbaRequest fetch;
  fetch.set_sql(request.sql());
  fetch.set_db_name(tablet.db_name());
  fetch.set_max_rows(static_cast<uint64_t>(std::max<int64_t>(request.max_rows(), 0)));
  fetch.set_disable_binlogs(request.disable_binlogs());
  fetch.set_reload_schema(request.reload_schema());
  CO_TRY(tm::ExecuteMultiFetchAsDbaResponse fetched,
         co_await Ask<tm::ExecuteMultiFetchAsDbaResponse>(ctx, control, tablet, fetch));
  vtctldata::ExecuteMultiFetchAsDBAResponse response;
  response.mutable_results()->Swap(fetched.mutable_results());
  co_return response;
}

Task<Result<vtctldata::ExecuteHookResponse>> ExecuteHook(
    const Context& ctx, Control& control, const vtctldata::ExecuteHookRequest& request) {
  if (!request.has_tablet_hook_request()) co_return Missing("hook");
  vtctldata::ExecuteHookResponse response;
  CO_TRY(*response.mutable_hook_result(),
         co_await AskAlias<tm::ExecuteHookResponse>(ctx, control, request.tablet_alias(),
                                                    request.tablet_hook_request()));
  co_return response;
}

Task<Result<vtctldata::GetPermissionsResponse>> GetPermissions(
    const Context& ctx, Control& control, const vtctldata::GetPermissionsRequest& request) {
  const tm::GetPermissionsRequest ask;
  CO_TRY(tm::GetPermissionsResponse answer,
         co_await AskAlias<tm::GetPermissionsResponse>(ctx, control, request.tablet_alias(), ask));
  vtctldata::GetPermissionsResponse response;
  response.mutable_permissions()->Swap(answer.mutable_permissions());
  co_return response;
}

}  // namespace

void AddTabletCalls(Methods& methods, Control& control) {
  Add(methods, control, &PingTablet);
  Add(methods, control, &SleepTablet);
  Add(methods, control, &RefreshState);
  Add(methods, control, &RefreshStateByShard);
  Add(methods, control, &RunHealthCheck);
  Add(methods, control, &SetWritable);
  Add(methods, control, &ChangeTabletType);
  Add(methods, control, &ChangeTabletTags);
  Add(methods, control, &ExecuteFetchAsApp);
  Add(methods, control, &ExecuteFetchAsDba);
  Add(methods, control, &ExecuteMultiFetchAsDba);
  Add(methods, control, &ExecuteHook);
  Add(methods, control, &GetPermissions);
}

}  // namespace tessera::vtctl
