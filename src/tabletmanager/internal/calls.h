// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <utility>

#include "rpc/protobuf.h"
#include "rpc/server.h"
#include "tabletmanager/manager_service.h"

// The calls of the service, by subject.
namespace tessera::tabletmanager::internal {

void AddStateCalls(rpc::Server& rpc, ManagerService& service);
void AddQueryCalls(rpc::Server& rpc, ManagerService& service);
void AddSchemaCalls(rpc::Server& rpc, ManagerService& service);
void AddReplicationCalls(rpc::Server& rpc, ManagerService& service);
void AddReparentCalls(rpc::Server& rpc, ManagerService& service);

// The error as a caller gets it: gRPC knows only code and text, so MySQL's number and the hint go
// into the text.
Error DescribeForCaller(Error error);

template <class Request, class Response>
using CallHandler = Task<Result<Response>> (*)(const Context&, ManagerService&, const Request&);

template <class Request, class Response>
Task<Result<Response>> RunCall(CallHandler<Request, Response> handler, const Context& ctx,
                               ManagerService& service, const Request& request) {
  Result<Response> response = co_await handler(ctx, service, request);
  if (!response.ok()) co_return DescribeForCaller(std::move(response).error());
  co_return response;
}

// Registers the handler of PingRequest as Ping.
template <class Request, class Response>
void AddCall(rpc::Server& rpc, ManagerService& service, CallHandler<Request, Response> handler) {
  rpc.Unary(rpc::ProtoPath<Request>("/tabletmanagerservice.TabletManager/"),
            rpc::ProtoUnary<Request>(
                [&service, handler](const Context& ctx, rpc::ServerCall&, const Request& request) {
                  return RunCall<Request, Response>(handler, ctx, service, request);
                }));
}

}  // namespace tessera::tabletmanager::internal
