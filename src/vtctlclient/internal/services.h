// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "rpc/channel.h"
#include "rpc/tls_files.h"
#include "tmclient/client.h"
#include "topo/server.h"
#include "vtctl/methods.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

// Operations in a vtctld. Await Close before it is destroyed.
class RemoteService final : public Service {
 public:
  RemoteService(const runtime::Address& address, const rpc::ChannelOptions& options)
      : channel_(address, options) {}
  Task<Result<std::string>> Call(const Context& ctx, std::string method,
                                 std::string request) override;
  Task<> Close() { co_await channel_.Close(); }

 private:
  rpc::Channel channel_;
};

// Operations in this process. Await Close before it is destroyed.
class LocalService final : public Service {
 public:
  static Task<Result<std::unique_ptr<LocalService>>> Open(const Context& ctx,
                                                          topo::ServerOptions topology,
                                                          topo::Server::Factories topologies,
                                                          rpc::ChannelOptions to_tablets);
  Task<Result<std::string>> Call(const Context& ctx, std::string method,
                                 std::string request) override;
  Task<> Close();
  topo::Server& topology() { return *topo_; }

 private:
  LocalService(std::unique_ptr<topo::Server> topo, rpc::ChannelOptions to_tablets);

  std::unique_ptr<topo::Server> topo_;
  tmclient::Client tablets_;
  vtctl::Control control_;
  vtctl::Methods methods_;
};

}  // namespace tessera::vtctlclient
