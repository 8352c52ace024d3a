// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctlclient/internal/services.h"

#include <cstdio>
#include <string>
#include <utility>

namespace tessera::vtctlclient {

Task<Result<std::string>> RemoteService::Call(const Context& ctx, std::string method,
                                              std::string request) {
  const std::string path = "/vtctlservice.Vtctld/" + method;
  co_return co_await channel_.Call(ctx, path, std::move(request));
}

LocalService::LocalService(std::unique_ptr<topo::Server> topo, rpc::ChannelOptions to_tablets)
    : topo_(std::move(topo)),
      tablets_(std::move(to_tablets)),
      control_{*topo_, tablets_},
      methods_(vtctl::AllMethods(control_)) {
  control_.progress = [](std::string_view line) {
    std::fprintf(stderr, "%s\n", std::string(line).c_str());
  };
}

Task<Result<std::unique_ptr<LocalService>>> LocalService::Open(const Context& ctx,
                                                               topo::ServerOptions topology,
                                                               topo::Server::Factories topologies,
                                                               rpc::ChannelOptions to_tablets) {
  CO_TRY(std::unique_ptr<topo::Server> topo,
         co_await topo::Server::Open(ctx, std::move(topology), std::move(topologies)));
  co_return std::unique_ptr<LocalService>(new LocalService(std::move(topo), std::move(to_tablets)));
}

Task<Result<std::string>> LocalService::Call(const Context& ctx, std::string method,
                                             std::string request) {
  const auto found = methods_.find(method);
  if (found == methods_.end())
    co_return Errorf(Code::kUnimplemented, "there is no operation {}", method);
  const vtctl::Method& run = found->second;
  co_return co_await run(ctx, request);
}

Task<> LocalService::Close() {
  co_await tablets_.Close();
  co_await topo_->Close();
}

}  // namespace tessera::vtctlclient
