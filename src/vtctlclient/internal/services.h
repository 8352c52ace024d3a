// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rpc/channel.h"
#include "rpc/tls_files.h"
#include "tmclient/client.h"
#include "topo/server.h"
#include "vtctl/dry_run.h"
#include "vtctl/methods.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

// What runs of operations tell beside their answers.
struct Hearing {
  std::function<void(std::string_view line)> progress;
  // With it, nothing is changed: it hears of every step that would be done (vtctl::DryRun).
  std::function<void(std::string step)> step;
};

// Operations in a vtctld. Vitess's knows its own methods only: it tells no progress, and dry runs
// are refused. Await Close before it is destroyed.
class RemoteService final : public Service {
 public:
  RemoteService(const runtime::Address& address, const rpc::ChannelOptions& options,
                Hearing hearing)
      : channel_(address, options), hearing_(std::move(hearing)) {}
  Task<Result<std::string>> Call(const Context& ctx, std::string method,
                                 std::string request) override;
  Task<> Close() { co_await channel_.Close(); }

 private:
  Task<Result<std::string>> CallTold(const Context& ctx, const std::string& method,
                                     const std::string& request, bool& begun);

  rpc::Channel channel_;
  Hearing hearing_;
};

// Operations in this process. Await Close before it is destroyed.
class LocalService final : public Service {
 public:
  static Task<Result<std::unique_ptr<LocalService>>> Open(const Context& ctx,
                                                          topo::ServerOptions topology,
                                                          topo::Server::Factories topologies,
                                                          rpc::ChannelOptions to_tablets,
                                                          Hearing hearing);
  Task<Result<std::string>> Call(const Context& ctx, std::string method,
                                 std::string request) override;
  Task<> Close();
  // As operations see it.
  topo::Server& topology() { return dry_ ? dry_->control().topo : *topo_; }

 private:
  LocalService(std::unique_ptr<topo::Server> topo, rpc::ChannelOptions to_tablets, Hearing hearing);

  std::unique_ptr<topo::Server> topo_;
  tmclient::Client tablets_;
  vtctl::Control control_;
  std::optional<vtctl::DryRun> dry_;
  vtctl::Methods methods_;
};

}  // namespace tessera::vtctlclient
