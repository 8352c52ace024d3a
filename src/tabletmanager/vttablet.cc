// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/vttablet.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include <unistd.h>

#include "log/log.h"
#include "mysqlctl/mysqld.h"
#include "pages/follow_config.h"
#include "queryservice/grpc_server.h"
#include "reach/page.h"
#include "rpc/server.h"
#include "runtime/loop_pool.h"
#include "runtime/signals.h"
#include "runtime/task_group.h"
#include "tabletmanager/manager_service.h"
#include "tabletmanager/mysql_front.h"
#include "tabletmanager/tablet_manager.h"
#include "tabletmanager/vttablet_flags.h"
#include "tabletserver/status_pages.h"
#include "tabletserver/tablet_server.h"
#include "topo/exit_status.h"

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

Task<> Protect(TabletServer& server, tabletserver::Protection protection) {
  server.SetProtection(std::move(protection));
  co_return;
}

Task<> TakeSettings(TabletServer& server, const VttabletFlags& flags) {
  server.TakeSettings(flags.ToConfig());
  co_return;
}

// What the program was told, and the log of statements.
struct Process {
  VttabletFlags flags;
  flags::FlagSet set{"vttablet", "Serves one tablet: a MySQL or MariaDB server in a keyspace."};
  querylog::QueryLog query_log{flags.query_log, &tabletserver::RedactSql};
  topo::Server* topo = nullptr;  // while it serves
  bool deleted = false;          // its record was: it ends for good
};

// What can be wrong with pages and logs is told before anything starts.
Result<> PrepareLogs(Process& process) {
  TRY_OK(pages::ParsePolicy(*process.flags.pages.policy));
  TRY_OK(process.flags.query_log.Check());
  return process.query_log.OpenFile();
}

Result<tabletserver::TabletSources> SourcesOf(Process& process, const TabletServer& server) {
  tabletserver::TabletSources sources;
  sources.program = "vttablet";
  sources.version = *process.flags.mysql.version;
  sources.started = Executor::Current().Now();
  sources.flags = &process.set;
  TRY(sources.policy, pages::ParsePolicy(*process.flags.pages.policy));
  sources.query_log = &process.query_log;
  tabletserver::TabletPlace place;
  place.loop = &runtime::Loop::Current();
  place.server = &server;
  sources.places.push_back(place);
  return sources;
}

// Tablets speak to each other's MySQL servers, not to each other's gRPC ports: no certificates.
reach::PageOptions EyesOf(const Process& process, const TabletManager& manager) {
  reach::PageOptions eyes;
  eyes.process = "vttablet " + manager.options().alias.ToString();
  eyes.topo = process.topo;
  eyes.also.push_back(*process.flags.topo.global_address);
  eyes.from = *process.flags.reach.from;
  return eyes;
}

// Opens the port of the status pages, when there is one.
Result<> ListenForPages(const VttabletFlags& flags, rpc::Server& web) {
  if (*flags.pages.port <= 0) return Ok{};
  const Result<runtime::Address> address = web.Listen(
      runtime::Address::Tcp(flags.pages.host(), static_cast<uint16_t>(*flags.pages.port)));
  if (!address.ok()) return Error(address.error()).Wrap("status pages");
  LOG(kInfo, "vttablet: status pages on {}", address->ToString());
  return Ok{};
}

// Has the process end as by a signal once its record is deleted.
Task<> EndWhenDeleted(const Context& ctx, TabletManager& manager, Process& process) {
  process.deleted = co_await manager.WaitUntilDeleted(ctx);
  if (!process.deleted) co_return;
  LOG(kWarn, "the record of tablet {} was deleted: shutting down",
      manager.options().alias.ToString());
  kill(getpid(), SIGTERM);
}

// Serves until a signal comes, then leaves in good order.
Task<Result<>> ServeTablet(const Context& ctx, Process& process,
                           const MysqlFrontOptions& front_options,
                           tabletserver::ProtectionFiles& files, TabletManager& manager,
                           TabletServer& server) {
  const VttabletFlags& flags = process.flags;
  CO_TRY(const tabletserver::TabletSources sources, SourcesOf(process, server));
  const std::unique_ptr<pages::Pages> pages = tabletserver::MakeStatusPages(sources);
  reach::AddPage(*pages, EyesOf(process, manager));
  rpc::ServerOptions web_options;
  web_options.pages = &pages->router();
  web_options.drain_timeout = std::chrono::seconds(1);
  rpc::Server web(web_options);
  CO_TRY_OK(ListenForPages(flags, web));
  CO_TRY(rpc::ServerOptions options, flags.grpc.ToOptions());
  options.drain_timeout = *flags.query.shutdown_grace;
  options.on_refused = [](const Error& error) {
    LOG(kWarn, "gRPC connection refused: {}", error.ToString());
  };
  rpc::Server rpc(options);
  queryservice::RegisterQueryService(rpc,
                                     [&server]() -> queryservice::QueryService& { return server; });
  ManagerService service(manager, server, flags.ToServiceOptions(server.config()));
  service.Register(rpc);
  const std::string host = flags.grpc.host();
  const Result<runtime::Address> listening =
      rpc.Listen(runtime::Address::Tcp(host, static_cast<uint16_t>(*flags.grpc.port)));
  if (!listening.ok()) co_return listening.error();
  CO_TRY_OK(co_await manager.Join(ctx));
  server.Start();
  manager.Drive(server);
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
  serving.Start(web.Serve(serving.context()));
  serving.Start(pages->FollowRates(serving.context()));
  const tabletserver::ProtectionFiles::Apply apply =
      [&server](const tabletserver::Protection& protection) { return Protect(server, protection); };
  group.Start(files.Watch(group.context(), apply));
  const std::function<Task<>()> reload_front = [&front] { return front.Reload(); };
  group.Start(files.WatchSignal(group.context(), apply, reload_front));
  const std::function<Task<>()> take_settings = [&server, &flags] {
    return TakeSettings(server, flags);
  };
  group.Start(pages::FollowConfigFile(group.context(), process.set, take_settings));
  group.Start(manager.KeepRole(group.context()));
  group.Start(manager.KeepShard(group.context()));
  group.Start(EndWhenDeleted(group.context(), manager, process));
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
  co_await service.Stop();
  co_return Ok{};
}

Task<Result<>> RunTablet(const Context& ctx, Process& process, topo::Server::Factories topologies) {
  const VttabletFlags& flags = process.flags;
  CO_TRY(const MysqlFrontOptions front_options, MakeMysqlFront(flags.mysql));
  tabletserver::ProtectionFiles files(flags.protection);
  CO_TRY(tabletserver::Protection protection, files.Load());
  CO_TRY(TabletOptions options, flags.ToTabletOptions());
  CO_TRY(const MysqlPlace place, co_await FindMysql(flags));
  options.mysql_hostname = place.hostname;
  options.mysql_port = place.port;
  CO_TRY(const std::unique_ptr<topo::Server> topo,
         co_await topo::Server::Open(ctx, flags.topo.ToOptions(), std::move(topologies)));
  process.topo = topo.get();
  ConnectOptions dba = flags.db.Connect(place.address, *flags.db.dba_user, *flags.db.dba_password);
  TabletManager manager(*topo, options, dba);
  Result<> outcome = co_await manager.RefuseTwin(ctx);
  if (outcome.ok()) {
    tabletserver::Config config = flags.ToConfig();
    config.query_log = &process.query_log;
    config.keyspace = options.keyspace;
    config.shard = options.shard;
    config.alias = options.alias;
    config.db_name = manager.tablet().db_name();
    config.dba = dba;
    config.app = flags.db.Connect(place.address, *flags.db.app_user, *flags.db.app_password);
    config.app.database = config.db_name;
    TabletServer server(config);
    server.SetProtection(std::move(protection));
    outcome = co_await ServeTablet(ctx, process, front_options, files, manager, server);
  }
  co_await topo->Close();
  co_return outcome;
}

Task<int> Main(const Context& ctx, Process& process, topo::Server::Factories topologies) {
  const Result<> outcome = co_await RunTablet(ctx, process, std::move(topologies));
  if (outcome.ok()) co_return process.deleted ? topo::kRecordDeletedStatus : 0;
  std::fprintf(stderr, "vttablet: %s\n", outcome.error().ToString().c_str());
  co_return 1;
}

}  // namespace

int RunVttablet(int argc, const char* const* argv, topo::Server::Factories topologies) {
  runtime::BlockStopSignals();
  runtime::BlockReloadSignal();
  Process process;
  flags::FlagSet& set = process.set;
  process.flags.Register(set, topologies);
  set.AddConfigFlags();
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
  for (const std::string& warning : set.warnings()) LOG(kWarn, "vttablet: {}", warning);
  if (const Result<> logs = PrepareLogs(process); !logs.ok()) {
    std::fprintf(stderr, "vttablet: %s\n", logs.error().ToString().c_str());
    return 2;
  }
  return runtime::RunLoop([&process, &topologies](const Context& ctx) {
    return Main(ctx, process, std::move(topologies));
  });
}

}  // namespace tessera::tabletmanager
