// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/program.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>

#include "flags/flag_set.h"
#include "log/log.h"
#include "mysqlconn/server.h"
#include "pages/follow_config.h"
#include "pages/page_flags.h"
#include "querylog/query_log.h"
#include "reach/page.h"
#include "rpc/server_flags.h"
#include "rpc/tls_files.h"
#include "runtime/file_limit.h"
#include "runtime/loop_pool.h"
#include "runtime/signals.h"
#include "topo/topo_flags.h"
#include "vschema/records.h"
#include "vtgate/learn_version.h"
#include "vtgate/login_log.h"
#include "vtgate/mysql_flags.h"
#include "vtgate/mysql_handler.h"
#include "vtgate/ports.h"
#include "vtgate/reload.h"
#include "vtgate/schema_tracker.h"

namespace tessera::vtgate {

using flags::Flag;
using mysqlconn::ServerShared;

namespace {

struct Flags {
  Flag<std::string> cell{"cell", "", "The cell this gate is in."};
  Flag<std::string> cells_to_watch{
      "cells-to-watch", "", "Cells whose tablets are used, between commas; our own if empty."};
  topo::TopoFlags topo;
  rpc::ServerFlags grpc{0};
  MysqlFlags mysql;
  Flag<std::vector<std::string>> types_to_wait{
      "tablet-types-to-wait", {}, "Tablet types to wait for at start."};
  Flag<std::chrono::nanoseconds> initial_wait{"gateway-initial-tablet-timeout",
                                              std::chrono::seconds(30),
                                              "Longest wait for tablets at start."};
  Flag<std::chrono::nanoseconds> refresh{"tablet-refresh-interval", std::chrono::minutes(1),
                                         "How often tablet records are read where the topology "
                                         "cannot watch them."};
  Flag<bool> refresh_known{"tablet-refresh-known-tablets", true,
                           "Take over a known tablet's new address from its record."};
  Flag<std::vector<std::string>> keyspaces_to_watch{
      "keyspaces-to-watch", {}, "Keyspaces this gate serves; all if empty."};
  Flag<std::vector<std::string>> tablet_filters{
      "tablet-filters", {}, "Shards whose tablets are used, as keyspace|shard or keyspace|range."};
  Flag<std::chrono::nanoseconds> srv_ttl{"srv-topo-cache-ttl", std::chrono::seconds(1),
                                         "How long a list of keyspaces is fresh."};
  Flag<std::chrono::nanoseconds> srv_refresh{
      "srv-topo-cache-refresh", std::chrono::seconds(1),
      "Pause before a record of the serving graph is asked for again that could not be had."};
  Flag<std::chrono::nanoseconds> srv_timeout{
      "srv-topo-timeout", std::chrono::seconds(5),
      "Longest wait for a record of the serving graph that was never read."};
  Flag<std::chrono::nanoseconds> lag_low{"discovery-low-replication-lag", std::chrono::seconds(30),
                                         "Replicas that lag less are preferred."};
  Flag<std::chrono::nanoseconds> lag_high{"discovery-high-replication-lag-minimum-serving",
                                          std::chrono::hours(2),
                                          "Replicas that lag more are not used."};
  Flag<int> min_serving{"min-number-serving-vttablets", 2,
                        "So many replicas are used even if they lag more than is preferred."};
  Flag<std::chrono::nanoseconds> retry_delay{
      "healthcheck-retry-delay", std::chrono::milliseconds(2),
      "First pause before a tablet that is not to be reached is tried again; it doubles, up to a "
      "tenth of the time the tablet is away."};
  Flag<std::chrono::nanoseconds> health_timeout{"healthcheck-timeout", std::chrono::minutes(1),
                                                "A tablet silent for so long is not used."};
  Flag<int> retry_count{"retry-count", 2, "Other tablets to try when one cannot serve."};
  Flag<std::chrono::nanoseconds> onterm{"onterm-timeout", std::chrono::seconds(10),
                                        "Time clients get to finish when we are told to stop."};
  Flag<std::chrono::nanoseconds> grpc_keepalive{"grpc-keepalive-time", std::chrono::seconds(10),
                                                "Ping tablets that were silent for so long."};
  Flag<std::string> tablet_cert{"tablet-grpc-cert", "", "Certificate to show to tablets."};
  Flag<std::string> tablet_key{"tablet-grpc-key", "", "Its key."};
  Flag<std::string> tablet_ca{"tablet-grpc-ca", "",
                              "Authority of tablets' certificates; turns TLS to tablets on."};
  Flag<std::string> tablet_crl{"tablet-grpc-crl", "", "Revoked certificates of tablets."};
  Flag<std::string> tablet_server_name{"tablet-grpc-server-name", "",
                                       "Name tablets' certificates are for, if not their host."};
  Flag<bool> effective_caller{"grpc-use-effective-callerid", false,
                              "Believe gRPC clients who they say they are."};
  Flag<std::vector<std::string>> service_map{
      "service-map", {}, "Services to serve, or not with '-' before: grpc-vtgateservice."};
  Flag<std::vector<std::string>> vschema_users{
      "vschema-ddl-authorized-users", {}, "Who may ALTER VSCHEMA; % is everybody."};
  pages::PageFlags pages;
  reach::ReachFlags reach;
  querylog::QueryLogFlags query_log;
  Flag<int> max_memory_rows{"max-memory-rows", 300000,
                            "Most rows of a stream that must be gathered before the first."};
  Flag<int> loops{"loops", 0, "Event loops (threads); 0 is one per core."};

  void Register(flags::FlagSet& set, const topo::Server::Factories& topologies) {
    set.Add(cell, cells_to_watch);
    topo.Register(set, topologies);
    grpc.Register(set);
    mysql.Register(set);
    set.Add(types_to_wait, initial_wait, refresh, health_timeout, retry_count, onterm,
            effective_caller, service_map, max_memory_rows, loops, vschema_users);
    set.Add(refresh_known, keyspaces_to_watch, tablet_filters, srv_ttl, srv_refresh, srv_timeout,
            lag_low, lag_high, min_serving, retry_delay);
    pages.Register(set);
    reach.Register(set);
    query_log.Register(set);
    set.Add(grpc_keepalive, tablet_cert, tablet_key, tablet_ca, tablet_crl, tablet_server_name);
    set.MakeDynamic(lag_low, lag_high, min_serving, vschema_users);  // FollowConfig
  }
};

// What all loops share: settings as they were read, and the log of statements.
struct Process {
  explicit Process(const Flags& flags) : query_log(flags.query_log, &RedactSql) {}
  flags::FlagSet set{"vtgate", "The door to a cluster: one MySQL server over many shards."};
  querylog::QueryLog query_log;
};

// Everything of one loop. The first one's follows the tablets and learns their tables; the others
// are told by it.
struct Gate {
  std::unique_ptr<topo::Server> topology;
  std::unique_ptr<discovery::ServingGraph> serving;
  std::unique_ptr<discovery::HealthCheck> health;
  std::unique_ptr<discovery::TabletGateway> gateway;
  std::unique_ptr<SchemaTracker> tracker;
  std::unique_ptr<Executor> executor;
  std::unique_ptr<mysqlconn::Server> mysql;
};

Result<rpc::ChannelOptions> ToTablets(const Flags& flags) {
  rpc::ChannelOptions options;
  options.keepalive_time = *flags.grpc_keepalive;
  options.max_receive_bytes = flags.grpc.max_message_bytes();
  options.max_send_bytes = options.max_receive_bytes;
  rpc::ClientTlsFiles files;
  files.certificate = *flags.tablet_cert;
  files.key = *flags.tablet_key;
  files.ca = *flags.tablet_ca;
  files.crl = *flags.tablet_crl;
  files.server_name = *flags.tablet_server_name;
  TRY(options.tls, rpc::LoadClientTls(files));
  return options;
}

std::vector<std::string> CellsOf(const Flags& flags) {
  std::vector<std::string> cells(1, *flags.cell);
  std::string_view rest = *flags.cells_to_watch;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::string cell(rest.substr(0, comma));
    if (!cell.empty() && cell != cells.front()) cells.push_back(cell);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return cells;
}

Task<Result<>> WaitForTablets(const Flags& flags, Gate& gate) {
  const Context ctx = Context::Background().WithTimeout(*flags.initial_wait);
  std::vector<keys::Target> targets;
  for (const std::string& text : *flags.types_to_wait) {
    CO_TRY(const keys::TabletType type, keys::ParseTabletType(text));
    const std::shared_ptr<const vschema::VSchema> vschema = gate.serving->vschema();
    for (const auto& [name, keyspace] : vschema->keyspaces()) {
      const Result<discovery::ServingShards> serving =
          co_await gate.serving->Shards(ctx, name, type);
      if (!serving.ok()) continue;
      for (const topo::ShardReference& shard : serving->shards)
        targets.push_back(keys::Target{name, shard.name, type});
    }
  }
  Result<> waited = co_await gate.health->WaitFor(ctx, targets);
  if (!waited.ok()) LOG(kWarn, "serving without all tablets: {}", waited.error().message());
  co_return Ok{};
}

Task<Result<>> RefreshTables(Gate& first, std::string keyspace) {
  // The client's context belongs to its own loop.
  const Context ctx = Context::Background().WithTimeout(std::chrono::seconds(10));
  if (first.tracker != nullptr) co_await first.tracker->Refresh(ctx, std::move(keyspace));
  co_return Ok{};
}

// Has the gates of all loops know tables of a keyspace that have changed.
Task<> RefreshAll(runtime::LoopPool& loops, std::vector<Gate>& gates, std::string keyspace) {
  Gate* const first = &gates.front();
  const auto refresh = [first, keyspace] { return RefreshTables(*first, keyspace); };
  const auto quiet = co_await runtime::RunOn(loops.loop(0), refresh);
  static_cast<void>(quiet.ok());
}

Task<Result<>> Nothing() { co_return Ok{}; }

// Waits until the other loops have what the first loop's serving graph has posted to them.
Task<> WaitForNews(runtime::LoopPool& loops) {
  for (size_t i = 1; i < loops.size(); ++i) {
    const auto quiet = co_await runtime::RunOn(loops.loop(i), &Nothing);
    static_cast<void>(quiet.ok());
  }
}

// Gives the gates of all loops the tables that the tracker learned. Runs on the first loop.
Task<> SpreadTables(runtime::LoopPool& loops, Gate& first, SchemaTracker::Tables tables) {
  first.serving->SetTracked(*tables);
  co_await WaitForNews(loops);
}

Task<Result<>> ChangeHere(Gate& first, std::string keyspace, VschemaEdit edit) {
  // The client's context belongs to its own loop.
  const Context ctx = Context::Background().WithTimeout(std::chrono::seconds(15));
  topo::Server& topology = *first.topology;
  discovery::ServingGraph& serving = *first.serving;
  co_return co_await ChangeVschema(ctx, topology, serving, std::move(keyspace), std::move(edit));
}

// The first loop has the topology; the others plan with what it reads.
Task<Result<>> ChangeOnFirst(runtime::LoopPool& loops, Gate& first, std::string keyspace,
                             VschemaEdit edit) {
  const auto change = [&first, keyspace, edit] { return ChangeHere(first, keyspace, edit); };
  Result<> changed = co_await runtime::RunOn(loops.loop(0), change);
  co_await WaitForNews(loops);
  co_return changed;
}

Task<std::set<keys::TabletAlias>> UsableHere() {
  // The client's context belongs to its own loop.
  const Context ctx = Context::Background().WithTimeout(std::chrono::seconds(10));
  Executor* const executor = MysqlHandler::executor();
  if (executor == nullptr) co_return std::set<keys::TabletAlias>();
  co_return co_await executor->UsableTablets(ctx);
}

// The tablets that the gates of all loops can use.
Task<std::set<keys::TabletAlias>> UsableEverywhere(runtime::LoopPool& loops) {
  std::set<keys::TabletAlias> out;
  for (size_t i = 0; i < loops.size(); ++i) {
    const std::set<keys::TabletAlias> here = co_await runtime::RunOn(loops.loop(i), &UsableHere);
    if (i == 0) {
      out = here;
    } else {
      std::erase_if(out, [&here](const keys::TabletAlias& alias) { return !here.contains(alias); });
    }
  }
  co_return out;
}

discovery::ServingGraphOptions ServingOptionsOf(const Flags& flags) {
  discovery::ServingGraphOptions options;
  options.keyspaces.insert(flags.keyspaces_to_watch->begin(), flags.keyspaces_to_watch->end());
  options.watch.cache_ttl = *flags.srv_ttl;
  options.watch.cache_refresh = *flags.srv_refresh;
  options.watch.timeout = *flags.srv_timeout;
  return options;
}

uint32_t SecondsOf(std::chrono::nanoseconds time) {
  return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

Result<discovery::HealthCheckOptions> HealthOptionsOf(const Flags& flags) {
  discovery::HealthCheckOptions options;
  options.cells = CellsOf(flags);
  TRY(options.filter,
      discovery::TabletFilter::Parse(*flags.keyspaces_to_watch, *flags.tablet_filters));
  TRY(rpc::ChannelOptions to_tablets, ToTablets(flags));
  options.dial = discovery::DialTabletWith(std::move(to_tablets));
  options.refresh_known = *flags.refresh_known;
  options.refresh_interval = *flags.refresh;
  options.health_timeout = *flags.health_timeout;
  options.retry_delay = *flags.retry_delay;
  options.lag_low_seconds = SecondsOf(*flags.lag_low);
  options.lag_high_seconds = SecondsOf(*flags.lag_high);
  options.min_serving = static_cast<size_t>(std::max(0, *flags.min_serving));
  return options;
}

// What holds from now on of the settings that may change, on the loop of the gate. By value: the
// flags belong to the first loop.
struct LiveSettings {
  uint32_t lag_low_seconds = 0;
  uint32_t lag_high_seconds = 0;
  size_t min_serving = 0;
  std::vector<std::string> vschema_users;
};

Task<Result<>> TakeSettings(Gate& gate, LiveSettings now) {
  gate.health->SetLagLimits(now.lag_low_seconds, now.lag_high_seconds, now.min_serving);
  gate.executor->SetVschemaUsers(std::move(now.vschema_users));
  co_return Ok{};
}

Task<> TakeSettingsEverywhere(const Flags& flags, runtime::LoopPool& loops,
                              std::vector<Gate>& gates) {
  const LiveSettings now{SecondsOf(*flags.lag_low), SecondsOf(*flags.lag_high),
                         static_cast<size_t>(std::max(0, *flags.min_serving)),
                         *flags.vschema_users};
  for (size_t i = 0; i < gates.size(); ++i) {
    Gate* const gate = &gates[i];
    const auto take = [gate, now] { return TakeSettings(*gate, now); };
    const Result<> quiet = co_await runtime::RunOn(loops.loop(i), take);
    static_cast<void>(quiet.ok());
  }
}

// Follows the configuration file. The lambda lives as long as the task that calls it.
Task<> FollowConfig(const Context& ctx, const Flags& flags, Process& process,
                    runtime::LoopPool& loops, std::vector<Gate>& gates) {
  const std::function<Task<>()> apply = [&flags, &loops, &gates] {
    return TakeSettingsEverywhere(flags, loops, gates);
  };
  co_await pages::FollowConfigFile(ctx, process.set, apply);
}

// One loop follows topology, tablets and their tables for all.
Task<Result<>> StartFirst(const Flags& flags, topo::Server::Factories topologies,
                          runtime::LoopPool& loops, Gate& gate) {
  const Context& ctx = Context::Background();
  CO_TRY(gate.topology,
         co_await topo::Server::Open(ctx, flags.topo.ToOptions(), std::move(topologies)));
  gate.serving = std::make_unique<discovery::ServingGraph>(ctx, *gate.topology, *flags.cell,
                                                           ServingOptionsOf(flags));
  CO_TRY(discovery::HealthCheckOptions options, HealthOptionsOf(flags));
  gate.health = std::make_unique<discovery::HealthCheck>(ctx, *gate.topology, std::move(options));
  // Tablets are read and connected to while the serving graph comes.
  gate.health->Start();
  CO_TRY_OK(co_await gate.serving->Start(ctx));
  SchemaTracker::Tell tell = [&loops, &gate](SchemaTracker::Tables tables) {
    return SpreadTables(loops, gate, std::move(tables));
  };
  gate.tracker = std::make_unique<SchemaTracker>(ctx, *gate.serving, *gate.health, std::move(tell));
  gate.tracker->Start();
  co_return co_await WaitForTablets(flags, gate);
}

// The others know what it knows, what it has waited for included.
Task<Result<>> StartMirror(const Flags& flags, runtime::LoopPool& loops, Gate& first, Gate& gate) {
  const Context& ctx = Context::Background();
  gate.serving = std::make_unique<discovery::ServingGraph>(ctx, *flags.cell);
  co_await gate.serving->MirrorOf(loops.loop(0), *first.serving);
  CO_TRY(discovery::HealthCheckOptions options, HealthOptionsOf(flags));
  gate.health = std::make_unique<discovery::HealthCheck>(ctx, std::move(options));
  co_await gate.health->MirrorOf(loops.loop(0), *first.health);
  co_return Ok{};
}

Task<Result<>> StartGate(const Flags& flags, topo::Server::Factories topologies,
                         ServerShared& shared, runtime::LoopPool& loops, std::vector<Gate>& gates,
                         querylog::QueryLog* log, Gate& gate) {
  Gate& first = gates.front();
  if (&gate == &first) {
    CO_TRY_OK(co_await StartFirst(flags, std::move(topologies), loops, gate));
  } else {
    CO_TRY_OK(co_await StartMirror(flags, loops, first, gate));
  }
  gate.gateway = std::make_unique<discovery::TabletGateway>(*gate.health, *flags.retry_count);
  ExecutorOptions options;
  options.front = &shared;
  options.max_memory_rows = static_cast<size_t>(std::max(1, *flags.max_memory_rows));
  options.tables_changed = [&loops, &gates](std::string keyspace) {
    return RefreshAll(loops, gates, std::move(keyspace));
  };
  options.vschema_ddl_users = *flags.vschema_users;
  options.change_vschema = [&loops, &gates](std::string keyspace, VschemaEdit edit) {
    return ChangeOnFirst(loops, gates.front(), std::move(keyspace), std::move(edit));
  };
  options.usable_everywhere = [&loops] { return UsableEverywhere(loops); };
  options.query_log = log;
  gate.executor = std::make_unique<Executor>(std::move(options), *gate.serving, *gate.gateway);
  MysqlHandler::SetExecutor(gate.executor.get());
  gate.mysql = std::make_unique<mysqlconn::Server>(Context::Background(), shared);
  co_return Ok{};
}

Task<Result<>> DrainGate(const Flags& flags, Gate& gate) {
  if (gate.mysql == nullptr) co_return Ok{};
  gate.mysql->Drain();
  const Context ctx = Context::Background().WithTimeout(*flags.onterm);
  while (gate.mysql->connection_count() > 0) {
    Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(20));
    if (!slept.ok()) break;
  }
  co_return Ok{};
}

// Takes down what StartGate has put up, as far as it came.
Task<Result<>> StopGate(Gate& gate) {
  if (gate.mysql != nullptr) co_await gate.mysql->Stop();
  MysqlHandler::SetExecutor(nullptr);
  if (gate.tracker != nullptr) co_await gate.tracker->Stop();
  if (gate.health != nullptr) co_await gate.health->Stop();
  if (gate.serving != nullptr) co_await gate.serving->Stop();
  if (gate.topology != nullptr) co_await gate.topology->Close();
  gate.mysql.reset();
  gate.executor.reset();
  gate.tracker.reset();
  gate.gateway.reset();
  gate.health.reset();
  gate.serving.reset();
  gate.topology.reset();
  co_return Ok{};
}

Task<> Accept(const Context& ctx, runtime::Listener& listener,
              const std::vector<mysqlconn::ServerPlace>& places) {
  Result<> ended = co_await mysqlconn::AcceptFor(ctx, listener, places);
  if (!ended.ok() && !ctx.cancelled())
    LOG(kError, "{} accepts no clients any more: {}", listener.address().ToString(),
        ended.error().ToString());
}

// The service is on by itself; the map can only turn it off.
bool ServesGate(const Flags& flags) {
  const std::vector<std::string>& map = *flags.service_map;
  return std::find(map.begin(), map.end(), "-grpc-vtgateservice") == map.end();
}

Result<PortsOptions> ToPortsOptions(const Flags& flags) {
  PortsOptions options;
  TRY(options.grpc, flags.grpc.ToOptions());
  options.grpc.drain_timeout = *flags.onterm;
  options.grpc_port = *flags.grpc.port;
  options.grpc_host = flags.grpc.host();
  options.page_port = *flags.pages.port;
  options.reuse_port = *flags.mysql.reuse_port;
  options.page_host = flags.pages.host();
  options.serve_gate = ServesGate(flags);
  options.service.use_effective_caller = *flags.effective_caller;
  return options;
}

Result<StatusSources> SourcesOf(const Flags& flags, runtime::LoopPool& loops,
                                const ServerShared& shared, Process& process,
                                topo::Server& topology) {
  StatusSources sources;
  sources.flags = &process.set;
  sources.query_log = &process.query_log;
  TRY(sources.policy, pages::ParsePolicy(*flags.pages.policy));
  sources.cell = *flags.cell;
  sources.version = *shared.version.Get();
  for (size_t i = 0; i < loops.size(); ++i) sources.loops.push_back(&loops.loop(i));
  sources.executor = &MysqlHandler::executor;
  sources.mysql = &shared.stats;
  sources.started = tessera::Executor::Current().Now();
  sources.reach.process = "vtgate of cell " + *flags.cell;
  sources.reach.topo = &topology;
  sources.reach.also.push_back(*flags.topo.global_address);
  TRY(const rpc::ChannelOptions to_tablets, ToTablets(flags));
  sources.reach.tls = to_tablets.tls;
  sources.reach.from = *flags.reach.from;
  return sources;
}

Task<Result<>> Serve(const Context& ctx, runtime::LoopPool& loops, const Flags& flags,
                     const topo::Server::Factories& topologies, ServerShared& shared,
                     Process& process, std::vector<Gate>& gates) {
  querylog::QueryLog* const log = &process.query_log;
  for (size_t i = 0; i < gates.size(); ++i) {
    Gate* gate = &gates[i];
    const auto start = [&flags, &topologies, &shared, &loops, &gates, gate, log] {
      return StartGate(flags, topologies, shared, loops, gates, log, *gate);
    };
    CO_TRY_OK(co_await runtime::RunOn(loops.loop(i), start));
  }
  std::vector<mysqlconn::ServerPlace> places;
  for (size_t i = 0; i < gates.size(); ++i) {
    mysqlconn::ServerPlace place;
    place.loop = &loops.loop(i);
    place.server = gates[i].mysql.get();
    places.push_back(place);
  }
  Executor& first = *gates.front().executor;
  co_await LearnVersionNow(ctx, first, shared.version);
  CO_TRY(const std::vector<std::unique_ptr<runtime::Listener>> listeners, flags.mysql.Listen());
  CO_TRY(StatusSources sources, SourcesOf(flags, loops, shared, process, *gates.front().topology));
  CO_TRY(PortsOptions ports_options, ToPortsOptions(flags));
  Ports ports(std::move(ports_options), sources);
  CO_TRY_OK(ports.Listen());
  runtime::TaskGroup serving(Context::Background());
  serving.Start(ports.Serve(serving.context()));
  runtime::TaskGroup accepting(ctx);
  accepting.Start(ReloadOnSignal(accepting.context(), flags.mysql, shared));
  accepting.Start(ReloadAtIntervals(accepting.context(), flags.mysql, shared));
  accepting.Start(FollowConfig(accepting.context(), flags, process, loops, gates));
  accepting.Start(LearnVersion(accepting.context(), first, shared.version));
  for (const std::unique_ptr<runtime::Listener>& listener : listeners) {
    LOG(kInfo, "vtgate of cell {} listens on {}", *flags.cell, listener->address().ToString());
    accepting.Start(Accept(accepting.context(), *listener, places));
  }
  const Result<std::string> signal = co_await runtime::WaitForStopSignal(ctx);
  if (signal.ok()) LOG(kInfo, "{}: shutting down", *signal);
  const auto quiet1 = co_await accepting.CancelAndJoin();
  static_cast<void>(quiet1.ok());
  const Result<> served = co_await serving.CancelAndJoin();
  static_cast<void>(served.ok());
  for (size_t i = 0; i < gates.size(); ++i) {
    Gate* gate = &gates[i];
    const auto drain = [&flags, gate] { return DrainGate(flags, *gate); };
    const auto quiet2 = co_await runtime::RunOn(loops.loop(i), drain);
    static_cast<void>(quiet2.ok());
  }
  co_return Ok{};
}

// What MySQL clients meet, made before the loops are: flags and files that are wrong end the
// program at once.
struct MysqlFront {
  mysqlconn::ServerOptions options;
  std::unique_ptr<mysqlconn::AuthServer> auth;
  std::shared_ptr<const runtime::TlsContext> tls;
  std::shared_ptr<const mysqlwire::RsaKey> password_key;
};

Result<MysqlFront> MakeFront(const MysqlFlags& flags) {
  MysqlFront front;
  TRY(front.options, flags.ToOptions());
  TRY(front.auth, flags.MakeAuth());
  TRY(front.tls, flags.LoadTls());
  if (*flags.auth_impl != "none") {
    TRY(front.password_key, flags.MakePasswordKey());
  }
  return front;
}

Task<int> Main(const Context& ctx, runtime::LoopPool& loops, const Flags& flags,
               const topo::Server::Factories& topologies, Process& process, MysqlFront& front) {
  MysqlHandler handler;
  ServerShared shared(std::move(front.options), *front.auth, handler);
  LoginLog login_log(*flags.mysql.slow_connect, shared.stats);
  shared.options.on_login = [&login_log](const mysqlconn::LoginReport& report) {
    login_log.Note(report);
  };
  shared.tls.Set(std::move(front.tls));
  shared.password_key = std::move(front.password_key);
  std::vector<Gate> gates(loops.size());
  const Result<> served = co_await Serve(ctx, loops, flags, topologies, shared, process, gates);
  for (size_t i = 0; i < gates.size(); ++i) {
    Gate* gate = &gates[i];
    const auto stop = [gate] { return StopGate(*gate); };
    const auto quiet3 = co_await runtime::RunOn(loops.loop(i), stop);
    static_cast<void>(quiet3.ok());
  }
  if (served.ok()) co_return 0;
  std::fprintf(stderr, "vtgate: %s\n", served.error().ToString().c_str());
  co_return 1;
}

// What can be wrong with pages and logs is told before anything starts.
Result<> PrepareLogs(const Flags& flags, Process& process) {
  TRY_OK(pages::ParsePolicy(*flags.pages.policy));
  TRY_OK(flags.query_log.Check());
  return process.query_log.OpenFile();
}

int Refuse(const std::string& problem) {
  std::fprintf(stderr, "vtgate: %s\n", problem.c_str());
  return 2;
}

}  // namespace

int RunVtgate(int argc, const char* const* argv, topo::Server::Factories topologies) {
  runtime::BlockStopSignals();
  runtime::BlockReloadSignal();
  runtime::RaiseFileLimit();
  Flags flags;
  Process process(flags);
  flags::FlagSet& set = process.set;
  flags.Register(set, topologies);
  set.AddConfigFlags();
  const Result<std::vector<std::string>> rest = set.Parse(argc, argv);
  if (set.help_asked()) {
    std::fputs(set.Help().c_str(), stdout);
    return 0;
  }
  if (!rest.ok()) return Refuse(rest.error().ToString());
  if (!rest->empty()) return Refuse("unknown argument '" + rest->front() + "'");
  for (const std::string& warning : set.warnings()) LOG(kWarn, "vtgate: {}", warning);
  const auto watched =
      discovery::TabletFilter::Parse(*flags.keyspaces_to_watch, *flags.tablet_filters);
  if (!watched.ok()) return Refuse(watched.error().ToString());
  const Result<> logs = PrepareLogs(flags, process);
  if (!logs.ok()) return Refuse(logs.error().ToString());
  if (flags.cell->empty()) return Refuse("--cell is missing: the cell this gate is in");
  if (!flags.mysql.wanted() && *flags.grpc.port <= 0)
    return Refuse(
        "nothing to listen on. Give --mysql-server-port, --mysql-server-socket-path or "
        "--grpc-port");
  Result<MysqlFront> front = MakeFront(flags.mysql);
  if (!front.ok()) return Refuse(front.error().ToString());
  runtime::LoopPool loops(static_cast<size_t>(std::max(0, *flags.loops)));
  return loops.Run([&](const Context& ctx, runtime::LoopPool& pool) {
    return Main(ctx, pool, flags, topologies, process, *front);
  });
}

}  // namespace tessera::vtgate
