// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctld/program.h"

#include <chrono>
#include <cstdio>

#include "flags/flag_set.h"
#include "http/router.h"
#include "log/log.h"
#include "rpc/server.h"
#include "rpc/server_flags.h"
#include "rpc/tls_files.h"
#include "runtime/loop_pool.h"
#include "runtime/signals.h"
#include "runtime/task_group.h"
#include "topo/topo_flags.h"
#include "vtctld/service.h"

namespace tessera::vtctld {

using flags::Flag;

namespace {

struct Flags {
  topo::TopoFlags topo;
  rpc::ServerFlags grpc{15999};
  Flag<int> port{"port", 15000, "Port of the web pages; 0 opens none."};
  Flag<std::string> bind{"bind-address", "", "Address of the web pages; empty is 127.0.0.1."};
  Flag<std::string> cell{"cell", "", "The cell this vtctld is in."};
  Flag<std::vector<std::string>> service_map{
      "service-map", {}, "Services to serve, or not with '-' before: grpc-vtctld."};
  Flag<std::chrono::nanoseconds> tablet_timeout{
      "remote-operation-timeout", std::chrono::seconds(15), "Longest wait for a tablet's answer."};
  Flag<std::chrono::nanoseconds> onterm{"onterm-timeout", std::chrono::seconds(10),
                                        "Time operations get to finish when we are told to stop."};
  Flag<std::string> tablet_cert{"tablet-manager-grpc-cert", "", "Certificate to show to tablets."};
  Flag<std::string> tablet_key{"tablet-manager-grpc-key", "", "Its key."};
  Flag<std::string> tablet_ca{"tablet-manager-grpc-ca", "",
                              "Authority of tablets' certificates; turns TLS to them on."};
  Flag<std::string> tablet_crl{"tablet-manager-grpc-crl", "", "Revoked certificates of tablets."};
  Flag<std::string> tablet_name{"tablet-manager-grpc-server-name", "",
                                "Name tablets' certificates are for, if not their host."};

  void Register(flags::FlagSet& set, const topo::Server::Factories& topologies) {
    topo.Register(set, topologies);
    grpc.Register(set);
    set.Add(port, bind, cell, service_map, tablet_timeout, onterm);
    set.Add(tablet_cert, tablet_key, tablet_ca, tablet_crl, tablet_name);
  }
  Result<rpc::ChannelOptions> ToTablets() const {
    rpc::ChannelOptions options;
    TRY(options.tls,
        rpc::LoadClientTls({*tablet_cert, *tablet_key, *tablet_ca, *tablet_crl, *tablet_name}));
    return options;
  }
};

Result<> Listen(rpc::Server& server, const Flags& flags) {
  if (*flags.grpc.port != 0) {
    const auto port = static_cast<uint16_t>(*flags.grpc.port);
    const Result<runtime::Address> grpc =
        server.Listen(runtime::Address::Tcp(flags.grpc.host(), port));
    if (!grpc.ok()) return grpc.error();
  }
  if (*flags.port != 0 && *flags.port != *flags.grpc.port) {
    const auto port = static_cast<uint16_t>(*flags.port);
    const std::string host = flags.bind->empty() ? "127.0.0.1" : *flags.bind;
    const Result<runtime::Address> pages = server.Listen(runtime::Address::Tcp(host, port));
    if (!pages.ok()) return pages.error();
  }
  return Ok{};
}

// Serves until a signal comes; operations under way then have their time.
Task<Result<>> Serve(const Context& ctx, const Flags& flags, vtctl::Control& control) {
  const vtctl::Methods methods = vtctl::AllMethods(control);
  http::Router pages;
  CO_TRY(rpc::ServerOptions options, flags.grpc.ToOptions());
  options.pages = &pages;
  options.drain_timeout = *flags.onterm;
  options.on_refused = [](const Error& error) {
    LOG(kWarn, "gRPC connection refused: {}", error.ToString());
  };
  rpc::Server server(options);
  RegisterVtctld(server, methods);
  CO_TRY_OK(Listen(server, flags));
  runtime::TaskGroup serving(Context::Background());
  serving.Start(server.Serve(serving.context()));
  LOG(kInfo, "vtctld listens on {}:{} (gRPC) and {} (pages)", flags.grpc.host(), *flags.grpc.port,
      *flags.port);
  const Result<std::string> signal = co_await runtime::WaitForStopSignal(ctx);
  if (signal.ok()) LOG(kInfo, "{}: shutting down", *signal);
  const Result<> ended = co_await serving.CancelAndJoin();
  static_cast<void>(ended.ok());
  co_return Ok{};
}

Task<Result<>> Run(const Context& ctx, const Flags& flags, topo::Server::Factories topologies) {
  CO_TRY(rpc::ChannelOptions to_tablets, flags.ToTablets());
  CO_TRY(const std::unique_ptr<topo::Server> topo,
         co_await topo::Server::Open(ctx, flags.topo.ToOptions(), std::move(topologies)));
  tmclient::Client tablets(std::move(to_tablets));
  vtctl::Control control{*topo, tablets, *flags.tablet_timeout};
  control.progress = [](std::string_view line) { LOG(kInfo, "{}", line); };
  Result<> served = co_await Serve(ctx, flags, control);
  co_await tablets.Close();
  co_await topo->Close();
  co_return served;
}

Task<int> Main(const Context& ctx, const Flags& flags, topo::Server::Factories topologies) {
  const Result<> outcome = co_await Run(ctx, flags, std::move(topologies));
  if (outcome.ok()) co_return 0;
  std::fprintf(stderr, "vtctld: %s\n", outcome.error().ToString().c_str());
  co_return 1;
}

}  // namespace

int RunVtctld(int argc, const char* const* argv, topo::Server::Factories topologies) {
  runtime::BlockStopSignals();
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
  if (!rest.ok() || !rest->empty()) {
    const std::string problem =
        rest.ok() ? "unknown argument '" + rest->front() + "'" : rest.error().ToString();
    std::fprintf(stderr, "vtctld: %s\n", problem.c_str());
    return 2;
  }
  return runtime::RunLoop([&flags, &topologies](const Context& ctx) {
    return Main(ctx, flags, std::move(topologies));
  });
}

}  // namespace tessera::vtctld
