// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/ports.h"

#include <algorithm>
#include <utility>

#include "log/log.h"
#include "runtime/task_group.h"

namespace tessera::vtgate {

namespace {

rpc::ServerOptions GrpcOptions(const PortsOptions& options) {
  rpc::ServerOptions out = options.grpc;
  out.on_refused = [](const Error& error) {
    LOG(kWarn, "gRPC connection refused: {}", error.ToString());
  };
  return out;
}

rpc::ServerOptions WebOptions(const http::Router& pages) {
  rpc::ServerOptions out;
  out.pages = &pages;
  out.drain_timeout = std::chrono::seconds(1);
  return out;
}

Result<> Open(rpc::Server& server, std::string_view what, const runtime::Address& where,
              bool reuse_port) {
  if (where.port == 0) return Ok{};
  runtime::ListenOptions options;
  options.reuse_port = reuse_port;
  const Result<runtime::Address> address = server.Listen(where, options);
  if (!address.ok()) return Error(address.error()).Wrap(what);
  LOG(kInfo, "vtgate: {} on {}", what, address->ToString());
  return Ok{};
}

}  // namespace

Ports::Ports(PortsOptions options, StatusSources& sources)
    : options_(std::move(options)),
      pages_(MakeStatusPages(sources)),
      grpc_(GrpcOptions(options_)),
      web_(WebOptions(pages_->router())) {
  sources.grpc_connections = [this] { return grpc_.connections(); };
  grpc_.UseLoops(sources.loops);
  if (options_.serve_gate) RegisterGateService(grpc_, sources.executor, options_.service);
}

Result<> Ports::Listen() {
  const auto at = [](const std::string& host, int port) {
    return runtime::Address::Tcp(host, static_cast<uint16_t>(std::max(0, port)));
  };
  TRY_OK(Open(grpc_, "gRPC", at(options_.grpc_host, options_.grpc_port), options_.reuse_port));
  return Open(web_, "status pages", at(options_.page_host, options_.page_port),
              options_.reuse_port);
}

Task<Result<>> Ports::Serve(const Context& ctx) {
  runtime::TaskGroup group(Context::Background());
  group.Start(grpc_.Serve(ctx));
  group.Start(web_.Serve(ctx));
  group.Start(pages_->FollowRates(ctx));
  co_return co_await group.Join();
}

}  // namespace tessera::vtgate
