// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/vttablet.h"

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "http/router.h"
#include "log/log.h"
#include "mysqlctl/mysqld.h"
#include "queryservice/grpc_server.h"
#include "rpc/server.h"
#include "runtime/loop_pool.h"
#include "runtime/signals.h"
#include "runtime/task_group.h"
#include "tabletmanager/mysql_front.h"
#include "tabletmanager/tablet_manager.h"
#include "tabletmanager/vttablet_flags.h"
#include "tabletserver/status_pages.h"
#include "tabletserver/tablet_server.h"

namespace tessera::tabletmanager {

using mysqlconn::ConnectOptions;
using tabletserver::TabletServer;

namespace {

// Where the MySQL server is, and how others reach it.
struct MysqlPlace {
  runtime::Address address;
  std::string hostname;
  int32_t port = 0;
};

Task<Result<MysqlPlace>> FindMysql(const VttabletFlags& flags) {
  MysqlPlace place;
  place.hostname = flags.db.host->empty() ? *flags.tablet_hostname : *flags.db.host;
  place.port = *flags.db.port;
  if (!flags.db.socket->empty()) {
    place.address = runtime::Address::Unix(*flags.db.socket);
    if (place.port != 0 || flags.tablet_dir->empty()) co_return place;
  } else if (!flags.db.host->empty()) {
    if (place.port == 0) place.port = 3306;
    place.address = runtime::Address::Tcp(*flags.db.host, static_cast<uint16_t>(place.port));
    co_return place;
  }
  if (flags.tablet_dir->empty()) {
    co_return Error(Code::kInvalidArgument, "no MySQL server is named")
        .WithHint("Give --tablet-dir, or --db-socket, or --db-host and --db-port");
  }
  CO_TRY(const mysqlctl::Mysqld mysqld, co_await mysqlctl::Mysqld::Open(*flags.tablet_dir));
  if (!place.address.is_unix()) place.address = runtime::Address::Unix(mysqld.cnf().socket());
  place.port = mysqld.cnf().port;
  co_return place;
}

// Gives MySQL the tablet's role, at the start and whenever the server was lost: one that was
// restarted comes back read-only and without replication. A replica serves (if it may without
// replication) while its primary is still unknown.
Task<> KeepMysqlInRole(const Context& ctx, TabletManager& manager, TabletServer& server) {
  bool told = false;
  bool published = false;
  bool serving = false;
  while (!ctx.cancelled()) {
    const Result<bool> prepared = co_await manager.PrepareMysql(ctx);
    if (ctx.cancelled()) co_return;
    if (!prepared.ok() && !std::exchange(told, true))
      LOG(kWarn, "tablet {} waits: {}", manager.options().alias.ToString(),
          prepared.error().ToString());
    if (prepared.ok() && !published) {
      const Result<> out = co_await manager.Publish(ctx);
      published = out.ok();
      if (!out.ok())
        LOG(kWarn, "tablet {} cannot write its record: {}", manager.options().alias.ToString(),
            out.error().ToString());
    }
    if (prepared.ok() && published && !std::exchange(serving, true))
      server.SetServing(manager.type(), true, manager.primary_term_start());
    if (prepared.ok() && *prepared && published) {
      co_await manager.WaitUntilMysqlIsLost(ctx);
      if (ctx.cancelled()) co_return;
      server.SetServing(manager.type(), false, manager.primary_term_start(), "MySQL was lost");
      serving = false;
      told = false;
      continue;
    }
    const Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(300));
    if (!slept.ok()) co_return;
  }
}

Task<> Protect(TabletServer& server, tabletserver::Protection protection) {
  server.SetProtection(std::move(protection));
  co_return;
}

Task<tabletserver::TabletStatus> ReadStatus(const TabletServer& server) {
  co_return tabletserver::StatusOf(server);
}

// Serves until a signal comes, then leaves in good order.
Task<Result<>> ServeTablet(const Context& ctx, const VttabletFlags& flags,
                           const MysqlFrontOptions& front_options,
                           tabletserver::ProtectionFiles& files, TabletManager& manager,
                           TabletServer& server) {
  http::Router pages;
  const auto status = [&server] { return ReadStatus(server); };
  tabletserver::AddStatusPages(pages, status, Executor::Current().Now());
  CO_TRY(rpc::ServerOptions options, flags.grpc.ToOptions());
  options.drain_timeout = *flags.query.shutdown_grace;
  options.pages = &pages;
  options.on_refused = [](const Error& error) {
    LOG(kWarn, "gRPC connection refused: {}", error.ToString());
  };
  rpc::Server rpc(options);
  queryservice::RegisterQueryService(rpc,
                                     [&server]() -> queryservice::QueryService& { return server; });
  const std::string host = flags.grpc.host();
  for (const int port : {*flags.grpc.port, *flags.port}) {
    if (port == 0) continue;
    const Result<runtime::Address> listening =
        rpc.Listen(runtime::Address::Tcp(host, static_cast<uint16_t>(port)));
    if (!listening.ok()) co_return listening.error();
  }
  CO_TRY_OK(co_await manager.Join(ctx));
  server.Start();
  server.SetServing(manager.type(), false, manager.primary_term_start(), "tablet is starting");
  MysqlFront front(flags.mysql, front_options);
  const Result<> opened = co_await front.Open(server, manager.type());
  if (!opened.ok()) {
    co_await front.Close(Duration::zero());
    co_await server.Stop();
    co_return opened.error();
  }
  runtime::TaskGroup group(ctx);
  runtime::TaskGroup serving(Context::Background());
  serving.Start(rpc.Serve(serving.context()));
  const tabletserver::ProtectionFiles::Apply apply =
      [&server](const tabletserver::Protection& protection) { return Protect(server, protection); };
  group.Start(files.Watch(group.context(), apply));
  const std::function<Task<>()> reload_front = [&front] { return front.Reload(); };
  group.Start(files.WatchSignal(group.context(), apply, reload_front));
  group.Start(KeepMysqlInRole(group.context(), manager, server));
  LOG(kInfo, "tablet {} ({}/{}) listens on {}:{}", manager.options().alias.ToString(),
      manager.options().keyspace, manager.options().shard, host, *flags.grpc.port);
  const Result<std::string> signal = co_await runtime::WaitForStopSignal(ctx);
  if (signal.ok()) LOG(kInfo, "{}: shutting down", *signal);
  const Result<> prepared = co_await group.CancelAndJoin();
  static_cast<void>(prepared.ok());
  // Gates are told first, and get a moment to go elsewhere.
  server.StartShutdown();
  const Result<> paused = co_await Sleep(Context::Background(), *flags.lameduck);
  static_cast<void>(paused.ok());
  const Context leaving = Context::Background().WithTimeout(*flags.onterm);
  const Result<> left = co_await manager.Leave(leaving);
  if (!left.ok()) LOG(kWarn, "the tablet's record stays as it is: {}", left.error().ToString());
  // From here on calls under way have the drain time, and are cancelled after it.
  serving.context().Cancel();
  co_await front.Close(*flags.query.shutdown_grace);
  co_await server.Stop();
  const Result<> served = co_await serving.CancelAndJoin();
  static_cast<void>(served.ok());
  co_return Ok{};
}

Task<Result<>> RunTablet(const Context& ctx, const VttabletFlags& flags,
                         topo::Server::Factories topologies) {
  CO_TRY(const MysqlFrontOptions front_options, MakeMysqlFront(flags.mysql));
  tabletserver::ProtectionFiles files(flags.protection);
  CO_TRY(tabletserver::Protection protection, files.Load());
  CO_TRY(TabletOptions options, flags.ToTabletOptions());
  CO_TRY(const MysqlPlace place, co_await FindMysql(flags));
  options.mysql_hostname = place.hostname;
  options.mysql_port = place.port;
  CO_TRY(const std::unique_ptr<topo::Server> topo,
         co_await topo::Server::Open(ctx, flags.topo.ToOptions(), std::move(topologies)));
  ConnectOptions dba = flags.db.Connect(place.address, *flags.db.dba_user, *flags.db.dba_password);
  TabletManager manager(*topo, options, dba);
  Result<> outcome = co_await manager.RefuseTwin(ctx);
  if (outcome.ok()) {
    tabletserver::Config config = flags.ToConfig();
    config.keyspace = options.keyspace;
    config.shard = options.shard;
    config.alias = options.alias;
    config.db_name = manager.tablet().db_name();
    config.dba = dba;
    config.app = flags.db.Connect(place.address, *flags.db.app_user, *flags.db.app_password);
    config.app.database = config.db_name;
    TabletServer server(config);
    server.SetProtection(std::move(protection));
    outcome = co_await ServeTablet(ctx, flags, front_options, files, manager, server);
  }
  co_await topo->Close();
  co_return outcome;
}

Task<int> Main(const Context& ctx, const VttabletFlags& flags, topo::Server::Factories topologies) {
  const Result<> outcome = co_await RunTablet(ctx, flags, std::move(topologies));
  if (outcome.ok()) co_return 0;
  std::fprintf(stderr, "vttablet: %s\n", outcome.error().ToString().c_str());
  co_return 1;
}

}  // namespace

int RunVttablet(int argc, const char* const* argv, topo::Server::Factories topologies) {
  runtime::BlockStopSignals();
  runtime::BlockReloadSignal();
  VttabletFlags flags;
  flags::FlagSet set("vttablet", "Serves one tablet: a MySQL or MariaDB server in a keyspace.");
  flags.Register(set, topologies);
  const Result<std::vector<std::string>> rest = set.Parse(argc, argv);
  if (set.help_asked()) {
    std::fputs(set.Help().c_str(), stdout);
    return 0;
  }
  if (!rest.ok() || !rest->empty()) {
    const std::string problem =
        rest.ok() ? "unknown argument '" + rest->front() + "'" : rest.error().ToString();
    std::fprintf(stderr, "vttablet: %s\n", problem.c_str());
    return 2;
  }
  return runtime::RunLoop([&flags, &topologies](const Context& ctx) {
    return Main(ctx, flags, std::move(topologies));
  });
}

}  // namespace tessera::tabletmanager
