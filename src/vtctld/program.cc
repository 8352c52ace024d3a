// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctld/program.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <utility>

#include "discovery/health_check.h"
#include "flags/flag_set.h"
#include "http/router.h"
#include "log/log.h"
#include "pages/follow_config.h"
#include "pages/page_flags.h"
#include "pages/pages.h"
#include "rpc/server.h"
#include "rpc/server_flags.h"
#include "runtime/loop_pool.h"
#include "runtime/signals.h"
#include "runtime/task_group.h"
#include "tmclient/flags.h"
#include "topo/topo_flags.h"
#include "vtctld/service.h"
#include "vtctld/status.h"
#include "vtctlweb/web.h"

namespace tessera::vtctld {

using flags::Flag;

namespace {

struct Flags {
  vtctlweb::WebFlags web;
  topo::TopoFlags topo;
  rpc::ServerFlags grpc{15999};
  pages::PageFlags pages{15000};
  Flag<std::string> cell{"cell", "", "The cell this vtctld is in."};
  Flag<std::vector<std::string>> service_map{
      "service-map", {}, "Services to serve, or not with '-' before: grpc-vtctld."};
  Flag<std::chrono::nanoseconds> tablet_timeout{
      "remote-operation-timeout", std::chrono::seconds(15), "Longest wait for a tablet's answer."};
  Flag<std::chrono::nanoseconds> onterm{"onterm-timeout", std::chrono::seconds(10),
                                        "Time operations get to finish when we are told to stop."};
  tmclient::Flags tablets;

  void Register(flags::FlagSet& set, const topo::Server::Factories& topologies) {
    topo.Register(set, topologies);
    grpc.Register(set);
    pages.Register(set);
    set.Add(cell, service_map, tablet_timeout, onterm);
    web.Register(set);
    tablets.Register(set);
    set.MakeDynamic(tablet_timeout);  // TakeSettings
  }
  // Ours is served unless it is taken out.
  bool serves_vtctld() const {
    return std::find(service_map->begin(), service_map->end(), "-grpc-vtctld") ==
           service_map->end();
  }
};

Result<> Listen(rpc::Server& server, const Flags& flags) {
  if (*flags.grpc.port != 0) {
    const auto port = static_cast<uint16_t>(*flags.grpc.port);
    const Result<runtime::Address> grpc =
        server.Listen(runtime::Address::Tcp(flags.grpc.host(), port));
    if (!grpc.ok()) return grpc.error();
  }
  if (*flags.pages.port != 0 && *flags.pages.port != *flags.grpc.port) {
    const auto port = static_cast<uint16_t>(*flags.pages.port);
    const Result<runtime::Address> pages =
        server.Listen(runtime::Address::Tcp(flags.pages.host(), port));
    if (!pages.ok()) return pages.error();
  }
  return Ok{};
}

// Serves until a signal comes; operations under way then have their time.
Task<Result<>> ServePages(const Context& ctx, const Flags& flags, const vtctl::Control& control,
                          const vtctl::Methods& methods, const http::Router& pages,
                          OperationStats& stats) {
  CO_TRY(rpc::ServerOptions options, flags.grpc.ToOptions());
  options.pages = &pages;
  options.drain_timeout = *flags.onterm;
  options.on_refused = [](const Error& error) {
    LOG(kWarn, "gRPC connection refused: {}", error.ToString());
  };
  rpc::Server server(options);
  if (flags.serves_vtctld()) RegisterVtctld(server, control, methods, stats);
  CO_TRY_OK(Listen(server, flags));
  runtime::TaskGroup serving(Context::Background());
  serving.Start(server.Serve(serving.context()));
  LOG(kInfo, "vtctld listens on {}:{} (gRPC) and {} (pages)", flags.grpc.host(), *flags.grpc.port,
      *flags.pages.port);
  const Result<std::string> signal = co_await runtime::WaitForStopSignal(ctx);
  if (signal.ok()) LOG(kInfo, "{}: shutting down", *signal);
  const Result<> ended = co_await serving.CancelAndJoin();
  static_cast<void>(ended.ok());
  co_return Ok{};
}

// The web application, and beside it the pages every process has; its index is the application's.
void AddStatusPages(const pages::Pages& status, http::Router& router) {
  for (const auto& [path, handler] : status.router().handlers())
    if (path != "/") router.Handle(path, handler);
}

// What operations that begin from now on are bound by.
Task<> TakeSettings(const Flags& flags, vtctl::Control& control) {
  control.tablet_timeout = *flags.tablet_timeout;
  co_return;
}

Task<Result<>> Serve(const Context& ctx, const Flags& flags, flags::FlagSet& set,
                     vtctl::Control& control, discovery::TabletDialer dial) {
  CO_TRY(const pages::Policy policy, pages::ParsePolicy(*flags.pages.policy));
  OperationStats stats;
  const std::unique_ptr<pages::Pages> status = MakeStatusPages(stats, set, policy);
  const vtctl::Methods methods = vtctl::AllMethods(control);
  vtctlweb::Web::Sources sources{control.topo, methods, std::move(dial), *flags.cell};
  CO_TRY(const std::unique_ptr<vtctlweb::Web> web,
         vtctlweb::Web::Open(ctx, flags.web, std::move(sources)));
  http::Router router;
  web->AddTo(router);
  AddStatusPages(*status, router);
  web->Start();
  runtime::TaskGroup reloading(ctx);
  reloading.Start(web->ReloadOnSignal(reloading.context()));
  const std::function<Task<>()> take_settings = [&flags, &control] {
    return TakeSettings(flags, control);
  };
  reloading.Start(pages::FollowConfigFile(reloading.context(), set, take_settings));
  Result<> served = co_await ServePages(ctx, flags, control, methods, router, stats);
  const Result<> ended = co_await reloading.CancelAndJoin();
  static_cast<void>(ended.ok());
  co_await web->Stop();
  co_return served;
}

Task<Result<>> Run(const Context& ctx, const Flags& flags, flags::FlagSet& set,
                   topo::Server::Factories topologies) {
  CO_TRY(rpc::ChannelOptions to_tablets, flags.tablets.ToOptions());
  CO_TRY(const std::unique_ptr<topo::Server> topo,
         co_await topo::Server::Open(ctx, flags.topo.ToOptions(), std::move(topologies)));
  discovery::TabletDialer dial = discovery::DialTabletWith(to_tablets);
  tmclient::Client tablets(std::move(to_tablets));
  vtctl::Control control{*topo, tablets, *flags.tablet_timeout};
  control.progress = [](std::string_view line) { LOG(kInfo, "{}", line); };
  Result<> served = co_await Serve(ctx, flags, set, control, std::move(dial));
  co_await tablets.Close();
  co_await topo->Close();
  co_return served;
}

Task<int> Main(const Context& ctx, const Flags& flags, flags::FlagSet& set,
               topo::Server::Factories topologies) {
  const Result<> outcome = co_await Run(ctx, flags, set, std::move(topologies));
  if (outcome.ok()) co_return 0;
  std::fprintf(stderr, "vtctld: %s\n", outcome.error().ToString().c_str());
  co_return 1;
}

}  // namespace

int RunVtctld(int argc, const char* const* argv, topo::Server::Factories topologies) {
  runtime::BlockStopSignals();
  runtime::BlockReloadSignal();
  Flags flags;
  flags::FlagSet set("vtctld",
                     "Serves what operators ask of a cluster: gRPC for vtctldclient, web pages.");
  flags.Register(set, topologies);
  set.AddConfigFlags();
  const Result<std::vector<std::string>> rest = set.Parse(argc, argv);
  if (set.help_asked()) {
    std::fputs(set.Help().c_str(), stdout);
    return 0;
  }
  if (rest.ok() && *flags.web.hash_password) return vtctlweb::PrintPasswordHash();
  if (!rest.ok() || !rest->empty()) {
    const std::string problem =
        rest.ok() ? "unknown argument '" + rest->front() + "'" : rest.error().ToString();
    std::fprintf(stderr, "vtctld: %s\n", problem.c_str());
    return 2;
  }
  return runtime::RunLoop([&flags, &set, &topologies](const Context& ctx) {
    return Main(ctx, flags, set, std::move(topologies));
  });
}

}  // namespace tessera::vtctld
