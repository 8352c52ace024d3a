// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtocc/vtocc.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <utility>

#include "log/log.h"
#include "pages/follow_config.h"
#include "rpc/server.h"
#include "runtime/loop_pool.h"
#include "runtime/signals.h"
#include "runtime/task_group.h"
#include "tabletgate/tablet_gate.h"
#include "tabletserver/status_pages.h"
#include "tabletserver/tablet_server.h"
#include "vtgate/login_log.h"
#include "vtgate/mysql_handler.h"
#include "vtgate/reload.h"
#include "vtocc/share.h"
#include "vtocc/vtocc_flags.h"

namespace tessera::vtocc {

using mysqlconn::ServerShared;
using tabletgate::TabletGate;
using tabletserver::Config;
using tabletserver::Protection;
using tabletserver::ProtectionFiles;
using tabletserver::TabletServer;

namespace {

// What one loop has: a query service and the door to it.
struct Place {
  std::unique_ptr<TabletServer> tablet;
  std::unique_ptr<TabletGate> gate;
};

// A server that is up needs less to say so; one that is not is not waited for.
constexpr Duration kPatience = std::chrono::seconds(2);

Task<Result<>> StartPlace(Place& place, Config config, Protection protection, ServerShared& shared,
                          Instant until) {
  place.tablet = std::make_unique<TabletServer>(std::move(config));
  place.tablet->SetProtection(std::move(protection));
  place.tablet->Start();
  const int64_t now = Executor::Current().WallNanos() / 1'000'000'000;
  place.tablet->SetServing(keys::TabletType::kPrimary, true, now);
  place.gate = std::make_unique<TabletGate>(*place.tablet, keys::TabletType::kPrimary, shared);
  CO_TRY_OK(co_await place.gate->Start());
  const Context ctx = Context::Background().WithDeadline(until);
  co_await place.gate->WaitUntilServing(ctx);
  co_return Ok{};
}

Task<Result<>> DrainPlace(Place& place, Duration time) {
  if (place.gate == nullptr) co_return Ok{};
  const Context ctx = Context::Background().WithTimeout(time);
  co_await place.gate->Drain(ctx);
  co_return Ok{};
}

// Takes down what StartPlace has put up, as far as it came.
Task<Result<>> StopPlace(Place& place) {
  if (place.gate != nullptr) co_await place.gate->Stop();
  if (place.tablet != nullptr) co_await place.tablet->Stop();
  place.gate.reset();
  place.tablet.reset();
  co_return Ok{};
}

Task<Result<>> ProtectHere(Place& place, Protection protection) {
  place.tablet->SetProtection(std::move(protection));
  co_return Ok{};
}

// Gives the tablet servers of all loops new rules and a new table ACL.
Task<> ProtectAll(runtime::LoopPool& loops, std::vector<Place>& places, Protection protection) {
  for (size_t i = 0; i < places.size(); ++i) {
    Place* const place = &places[i];
    const auto protect = [place, protection] { return ProtectHere(*place, protection); };
    const Result<> done = co_await runtime::RunOn(loops.loop(i), protect);
    static_cast<void>(done.ok());
  }
}

Task<Result<>> TakeSettingsHere(TabletServer& server, Config now) {
  server.TakeSettings(now);
  co_return Ok{};
}

// Status pages, as far as they are asked for.
Task<> ServePages(const Context& ctx, rpc::Server& web) {
  const Result<> served = co_await web.Serve(ctx);
  if (!served.ok() && !ctx.cancelled())
    LOG(kError, "vtocc: status pages end: {}", served.error().ToString());
}

Result<> ListenForPages(const VtoccFlags& flags, rpc::Server& web) {
  if (*flags.pages.port <= 0) return Ok{};
  const Result<runtime::Address> address = web.Listen(
      runtime::Address::Tcp(flags.pages.host(), static_cast<uint16_t>(*flags.pages.port)));
  if (!address.ok()) return Error(address.error()).Wrap("status pages");
  LOG(kInfo, "vtocc: status pages on {}", address->ToString());
  return Ok{};
}

Task<Result<>> StartPlaces(runtime::LoopPool& loops, const Config& config,
                           const Protection& protection, ServerShared& shared,
                           std::vector<Place>& places) {
  const Instant until = Executor::Current().Now() + kPatience;
  for (size_t i = 0; i < places.size(); ++i) {
    Place* const place = &places[i];
    const Config share = ShareOf(config, i, places.size());
    const auto start = [place, share, protection, &shared, until] {
      return StartPlace(*place, share, protection, shared, until);
    };
    CO_TRY_OK(co_await runtime::RunOn(loops.loop(i), start));
  }
  co_return Ok{};
}

std::vector<mysqlconn::ServerPlace> ClientPlaces(runtime::LoopPool& loops,
                                                 std::vector<Place>& places) {
  std::vector<mysqlconn::ServerPlace> out;
  for (size_t i = 0; i < places.size(); ++i) {
    mysqlconn::ServerPlace place;
    place.loop = &loops.loop(i);
    place.server = &places[i].gate->mysql();
    out.push_back(place);
  }
  return out;
}

// What the program is made of, checked before anything starts. Of main.
struct Parts {
  VtoccFlags flags;
  Config config;
  std::unique_ptr<mysqlconn::AuthServer> auth;
  mysqlconn::ServerOptions mysql;
  std::shared_ptr<const runtime::TlsContext> tls;
  std::shared_ptr<const mysqlwire::RsaKey> password_key;
  Protection protection;
  pages::Policy policy = pages::Policy::kAllowAll;
  ProtectionFiles files{flags.protection};
  flags::FlagSet set{
      "vtocc", "Pools and protects one MySQL or MariaDB server: its clients change the port."};
  querylog::QueryLog query_log{flags.query_log, &tabletserver::RedactSql};
};

tabletserver::TabletSources SourcesOf(Parts& parts, runtime::LoopPool& loops,
                                      const std::vector<Place>& places) {
  tabletserver::TabletSources sources;
  sources.program = "vtocc";
  sources.version = *parts.flags.mysql.version;
  sources.started = Executor::Current().Now();
  sources.flags = &parts.set;
  sources.policy = parts.policy;
  sources.query_log = &parts.query_log;
  for (size_t i = 0; i < places.size(); ++i) {
    tabletserver::TabletPlace place;
    place.loop = &loops.loop(i);
    place.server = places[i].tablet.get();
    sources.places.push_back(place);
  }
  return sources;
}

Result<> MakeParts(Parts& parts) {
  TRY(parts.config, parts.flags.ToConfig());
  TRY(parts.policy, pages::ParsePolicy(*parts.flags.pages.policy));
  TRY_OK(parts.flags.query_log.Check());
  TRY_OK(parts.query_log.OpenFile());
  parts.config.query_log = &parts.query_log;
  TRY(parts.auth, parts.flags.mysql.MakeAuth());
  TRY(parts.mysql, parts.flags.mysql.ToOptions());
  TRY(parts.tls, parts.flags.mysql.LoadTls());
  if (*parts.flags.mysql.auth_impl != "none") {
    TRY(parts.password_key, parts.flags.mysql.MakePasswordKey());
  }
  TRY(parts.protection, parts.files.Load());
  return Ok{};
}

// Gives the tablet servers of all loops the settings that hold by now.
Task<> TakeSettings(runtime::LoopPool& loops, const Parts& parts, std::vector<Place>& places) {
  Config now = parts.config;
  parts.flags.query.Fill(now);
  for (size_t i = 0; i < places.size(); ++i) {
    TabletServer* const server = places[i].tablet.get();
    const auto take = [server, now] { return TakeSettingsHere(*server, now); };
    const Result<> quiet = co_await runtime::RunOn(loops.loop(i), take);
    static_cast<void>(quiet.ok());
  }
}

// Lets clients of all loops finish, each loop in its turn.
Task<> DrainPlaces(runtime::LoopPool& loops, Duration time, std::vector<Place>& places) {
  const Instant deadline = Executor::Current().Now() + time;
  for (size_t i = 0; i < places.size(); ++i) {
    Place* const place = &places[i];
    const Duration left = std::max(Duration::zero(), deadline - Executor::Current().Now());
    const auto drain = [place, left] { return DrainPlace(*place, left); };
    const Result<> drained = co_await runtime::RunOn(loops.loop(i), drain);
    static_cast<void>(drained.ok());
  }
}

// Serves until a signal comes; then clients get their time to finish.
Task<Result<>> Serve(const Context& ctx, runtime::LoopPool& loops, Parts& parts,
                     ServerShared& shared, std::vector<Place>& places) {
  const VtoccFlags& flags = parts.flags;
  const Config& config = parts.config;
  CO_TRY_OK(co_await StartPlaces(loops, config, parts.protection, shared, places));
  const std::vector<mysqlconn::ServerPlace> for_clients = ClientPlaces(loops, places);
  CO_TRY(const std::vector<std::unique_ptr<runtime::Listener>> listeners, flags.mysql.Listen());
  const tabletserver::TabletSources sources = SourcesOf(parts, loops, places);
  const std::unique_ptr<pages::Pages> pages = tabletserver::MakeStatusPages(sources);
  rpc::ServerOptions web_options;
  web_options.pages = &pages->router();
  web_options.drain_timeout = std::chrono::seconds(1);
  rpc::Server web(web_options);
  CO_TRY_OK(ListenForPages(flags, web));
  LOG(kInfo, "vtocc serves database {} of the MySQL server at {}", config.db_name,
      config.app.address.ToString());
  runtime::TaskGroup group(ctx);
  const ProtectionFiles::Apply apply = [&loops, &places](const Protection& protection) {
    return ProtectAll(loops, places, protection);
  };
  group.Start(parts.files.Watch(group.context(), apply));
  const std::function<Task<>()> reload_front = [&flags, &shared] {
    return vtgate::ReloadFront(flags.mysql, shared);
  };
  group.Start(parts.files.WatchSignal(group.context(), apply, reload_front));
  group.Start(vtgate::ReloadAtIntervals(group.context(), flags.mysql, shared));
  const std::function<Task<>()> take_settings = [&loops, &parts, &places] {
    return TakeSettings(loops, parts, places);
  };
  group.Start(pages::FollowConfigFile(group.context(), parts.set, take_settings));
  group.Start(ServePages(group.context(), web));
  group.Start(pages->FollowRates(group.context()));
  group.Start(tabletgate::AcceptClients(group.context(), "vtocc", listeners, for_clients));
  const Result<std::string> signal = co_await runtime::WaitForStopSignal(ctx);
  if (signal.ok()) LOG(kInfo, "{}: shutting down", *signal);
  const Result<> ended = co_await group.CancelAndJoin();
  static_cast<void>(ended.ok());
  co_await DrainPlaces(loops, *flags.onterm, places);
  co_return Ok{};
}

Task<int> Main(const Context& ctx, runtime::LoopPool& loops, Parts& parts) {
  vtgate::MysqlHandler handler;
  ServerShared shared(parts.mysql, *parts.auth, handler);
  vtgate::LoginLog login_log(*parts.flags.mysql.slow_connect, shared.stats);
  shared.options.on_login = [&login_log](const mysqlconn::LoginReport& report) {
    login_log.Note(report);
  };
  shared.tls.Set(parts.tls);
  shared.password_key = parts.password_key;
  std::vector<Place> places(loops.size());
  const Result<> served = co_await Serve(ctx, loops, parts, shared, places);
  for (size_t i = 0; i < places.size(); ++i) {
    Place* const place = &places[i];
    const auto stop = [place] { return StopPlace(*place); };
    const Result<> stopped = co_await runtime::RunOn(loops.loop(i), stop);
    static_cast<void>(stopped.ok());
  }
  if (served.ok()) co_return 0;
  std::fprintf(stderr, "vtocc: %s\n", served.error().ToString().c_str());
  co_return 1;
}

int Refuse(const std::string& problem) {
  std::fprintf(stderr, "vtocc: %s\n", problem.c_str());
  return 2;
}

}  // namespace

int RunVtocc(int argc, const char* const* argv) {
  runtime::BlockStopSignals();
  runtime::BlockReloadSignal();
  Parts parts;
  flags::FlagSet& set = parts.set;
  parts.flags.Register(set);
  set.AddConfigFlags();
  const Result<std::vector<std::string>> rest = set.Parse(argc, argv);
  if (set.help_asked()) {
    std::fputs(set.Help().c_str(), stdout);
    return 0;
  }
  if (!rest.ok()) return Refuse(rest.error().ToString());
  if (!rest->empty()) return Refuse("unknown argument '" + rest->front() + "'");
  for (const std::string& warning : set.warnings()) LOG(kWarn, "vtocc: {}", warning);
  const Result<> made = MakeParts(parts);
  if (!made.ok()) return Refuse(made.error().ToString());
  runtime::LoopPool loops(static_cast<size_t>(std::max(0, *parts.flags.loops)));
  return loops.Run(
      [&](const Context& ctx, runtime::LoopPool& pool) { return Main(ctx, pool, parts); });
}

}  // namespace tessera::vtocc
