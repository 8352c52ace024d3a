// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Calls about what a tablet is and how it is.
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/waiter.h"
#include "log/log.h"
#include "proto/tabletmanagerdata.pb.h"
#include "tabletmanager/hook.h"
#include "tabletmanager/internal/calls.h"

namespace tessera::tabletmanager::internal {

namespace tmd = ::tabletmanagerdata;
using keys::TabletType;
using mysqlconn::Connection;

Error DescribeForCaller(Error error) {
  std::string text = error.ToString();
  if (error.mysql_errno() != 0 && text.find("(errno ") == std::string::npos)
    text += fmt::format(" (errno {}) (sqlstate {})", error.mysql_errno(), error.sqlstate());
  return Error(error.code(), std::move(text));
}

namespace {

Task<Result<tmd::PingResponse>> Ping(const Context&, ManagerService&,
                                     const tmd::PingRequest& request) {
  tmd::PingResponse response;
  response.set_payload(request.payload());
  co_return response;
}

// Holds up all actions, for tests.
Task<Result<tmd::SleepResponse>> SleepFor(const Context& ctx, ManagerService& service,
                                          const tmd::SleepRequest& request) {
  if (request.duration() < 0)
    co_return Errorf(Code::kInvalidArgument, "Sleep: {} ns is no time", request.duration());
  CO_TRY(const TabletManager::Action action, co_await service.manager().Begin(ctx, "Sleep"));
  CO_TRY_OK(co_await Sleep(ctx, std::chrono::nanoseconds(request.duration())));
  co_return tmd::SleepResponse();
}

Task<Result<tmd::RefreshStateResponse>> RefreshState(const Context& ctx, ManagerService& service,
                                                     const tmd::RefreshStateRequest&) {
  TabletManager& manager = service.manager();
  CO_TRY(const TabletManager::Action action, co_await manager.Begin(ctx, "RefreshState"));
  CO_TRY_OK(co_await manager.ReadControls(ctx));
  co_return tmd::RefreshStateResponse();
}

Task<Result<tmd::RunHealthCheckResponse>> RunHealthCheck(const Context& ctx,
                                                         ManagerService& service,
                                                         const tmd::RunHealthCheckRequest&) {
  CO_TRY_OK(co_await service.server().CheckHealth(ctx));
  co_return tmd::RunHealthCheckResponse();
}

Task<Result<tmd::ReloadSchemaResponse>> ReloadSchema(const Context& ctx, ManagerService& service,
                                                     const tmd::ReloadSchemaRequest& request) {
  TabletManager& manager = service.manager();
  if (!request.wait_position().empty()) {
    CO_TRY(const std::unique_ptr<Connection> owned, co_await manager.ConnectDba(ctx));
    Connection& connection = *owned;
    CO_TRY_OK(co_await mysqlctl::WaitForPosition(ctx, connection, manager.flavor(),
                                                 request.wait_position()));
  }
  CO_TRY_OK(co_await service.server().ReloadSchema(ctx));
  co_return tmd::ReloadSchemaResponse();
}

Result<> CheckTypeChange(const TabletManager& manager, TabletType type) {
  const keys::TabletAlias& alias = manager.options().alias;
  if (type == TabletType::kUnknown || type == TabletType::kRestore) {
    return Errorf(Code::kInvalidArgument, "tablet {} cannot be made {}", alias.ToString(),
                  keys::TabletTypeName(type))
        .WithHint("primary, replica, rdonly, spare, drained, experimental and backup can be asked");
  }
  // One who drains a tablet for himself must not meet another who did so before.
  if (type == TabletType::kDrained && manager.type() == TabletType::kDrained)
    return Errorf(Code::kFailedPrecondition, "Tablet: {}, is already drained", alias.ToString());
  return Ok{};
}

Task<Result<tmd::ChangeTypeResponse>> ChangeType(const Context& ctx, ManagerService& service,
                                                 const tmd::ChangeTypeRequest& request) {
  TabletManager& manager = service.manager();
  CO_TRY(const TabletManager::Action action, co_await manager.Begin(ctx, "ChangeType"));
  const TabletType type = keys::TabletTypeFromNumber(request.tablet_type());
  CO_TRY_OK(CheckTypeChange(manager, type));
  CO_TRY(const std::unique_ptr<Connection> owned, co_await manager.ConnectDba(ctx));
  Connection& connection = *owned;
  // A primary's before it serves.
  if (type == TabletType::kPrimary) {
    CO_TRY_OK(co_await manager.SetSemiSync(ctx, connection, type, request.semisync()));
  }
  CO_TRY_OK(co_await manager.SetType(ctx, connection, type));
  CO_TRY_OK(co_await manager.FixSemiSync(ctx, connection, request.semisync()));
  CO_TRY_OK(co_await service.server().CheckHealth(ctx));
  co_return tmd::ChangeTypeResponse();
}

Task<Result<tmd::ChangeTagsResponse>> ChangeTags(const Context& ctx, ManagerService& service,
                                                 const tmd::ChangeTagsRequest& request) {
  TabletManager& manager = service.manager();
  CO_TRY(const TabletManager::Action action, co_await manager.Begin(ctx, "ChangeTags"));
  const std::map<std::string, std::string> tags(request.tags().begin(), request.tags().end());
  CO_TRY_OK(co_await manager.ChangeTags(ctx, tags, request.replace()));
  tmd::ChangeTagsResponse response;
  for (const auto& [key, value] : manager.tablet().tags) (*response.mutable_tags())[key] = value;
  co_return response;
}

Task<Result<>> MakeReadOnly(const Context& ctx, TabletManager& manager, std::string what, bool on) {
  CO_TRY_OK(manager.NeedManaged(what));
  CO_TRY(const TabletManager::Action action, co_await manager.Begin(ctx, std::move(what)));
  CO_TRY(const std::unique_ptr<Connection> owned, co_await manager.ConnectDba(ctx));
  Connection& connection = *owned;
  // Whoever writes from now on is to have the keyspace's durability.
  if (!on && manager.type() == TabletType::kPrimary) {
    const topo::Tablet& self = manager.tablet();
    CO_TRY_OK(co_await manager.HoldDurability(ctx, connection, &self));
  }
  co_return co_await manager.SetReadOnly(ctx, connection, on);
}

Task<Result<tmd::SetReadOnlyResponse>> SetReadOnly(const Context& ctx, ManagerService& service,
                                                   const tmd::SetReadOnlyRequest&) {
  CO_TRY_OK(co_await MakeReadOnly(ctx, service.manager(), "SetReadOnly", true));
  co_return tmd::SetReadOnlyResponse();
}

Task<Result<tmd::SetReadWriteResponse>> SetReadWrite(const Context& ctx, ManagerService& service,
                                                     const tmd::SetReadWriteRequest&) {
  CO_TRY_OK(co_await MakeReadOnly(ctx, service.manager(), "SetReadWrite", false));
  co_return tmd::SetReadWriteResponse();
}

Task<Result<tmd::ExecuteHookResponse>> ExecuteHook(const Context& ctx, ManagerService& service,
                                                   const tmd::ExecuteHookRequest& request) {
  TabletManager& manager = service.manager();
  CO_TRY(const TabletManager::Action action, co_await manager.Begin(ctx, "ExecuteHook"));
  Hook hook;
  hook.name = request.name();
  hook.parameters.assign(request.parameters().begin(), request.parameters().end());
  for (const auto& [key, value] : request.extra_env()) hook.environment[key] = value;
  hook.environment["TABLET_ALIAS"] = manager.options().alias.ToString();
  const HookOutcome outcome = co_await RunHook(ctx, service.options().hook_dir, std::move(hook));
  tmd::ExecuteHookResponse response;
  response.set_exit_status(outcome.exit_status);
  response.set_stdout(outcome.output);
  response.set_stderr(outcome.error_output);
  co_return response;
}

Task<Result<tmd::ResetSequencesResponse>> ResetSequences(
    const Context&, ManagerService& service, const tmd::ResetSequencesRequest& request) {
  const std::vector<std::string> tables(request.tables().begin(), request.tables().end());
  service.server().ResetSequences(tables);
  co_return tmd::ResetSequencesResponse();
}

Task<Result<tmd::LockTablesResponse>> LockTables(const Context& ctx, ManagerService& service,
                                                 const tmd::LockTablesRequest&) {
  CO_TRY(const TabletManager::Action action, co_await service.manager().Begin(ctx, "LockTables"));
  CO_TRY_OK(co_await service.LockTables(ctx));
  co_return tmd::LockTablesResponse();
}

Task<Result<tmd::UnlockTablesResponse>> UnlockTables(const Context& ctx, ManagerService& service,
                                                     const tmd::UnlockTablesRequest&) {
  CO_TRY(const TabletManager::Action action, co_await service.manager().Begin(ctx, "UnlockTables"));
  CO_TRY_OK(co_await service.UnlockTables(ctx));
  co_return tmd::UnlockTablesResponse();
}

}  // namespace

void AddStateCalls(rpc::Server& rpc, ManagerService& service) {
  AddCall(rpc, service, &Ping);
  AddCall(rpc, service, &SleepFor);
  AddCall(rpc, service, &RefreshState);
  AddCall(rpc, service, &RunHealthCheck);
  AddCall(rpc, service, &ReloadSchema);
  AddCall(rpc, service, &ChangeType);
  AddCall(rpc, service, &ChangeTags);
  AddCall(rpc, service, &SetReadOnly);
  AddCall(rpc, service, &SetReadWrite);
  AddCall(rpc, service, &ExecuteHook);
  AddCall(rpc, service, &ResetSequences);
  AddCall(rpc, service, &LockTables);
  AddCall(rpc, service, &UnlockTables);
}

}  // namespace tessera::tabletmanager::internal
