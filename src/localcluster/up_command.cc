// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// tessera up, and the supervisor it leaves behind.
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/waiter.h"
#include "localcluster/folder.h"
#include "localcluster/internal/commands.h"
#include "localcluster/supervisor.h"
#include "log/log.h"
#include "mysqlctl/data_folder.h"
#include "runtime/loop_pool.h"
#include "runtime/process.h"
#include "runtime/signals.h"
#include "runtime/task_group.h"

namespace tessera::localcluster {

namespace {

struct UpFlags : DataFlag {
  template <class T>
  using Flag = flags::Flag<T>;

  Flag<std::string> keyspace{"keyspace", "app", "Keyspace of a new cluster."};
  Flag<std::string> shards{"shards", "1", "Its shards: a number, or names such as -80,80-."};
  Flag<int> replicas{"replicas", 0, "Replicas of each shard, beside its primary."};
  Flag<std::string> vschema{"vschema", "", "JSON file that says how its tables are sharded."};
  Flag<std::string> topology{"topology", "file", "Where the topology is kept: file, etcd or zk2."};
  Flag<int> base_port{"base-port", 15000,
                      "All ports are counted from here; MySQL clients connect to +306."};
  Flag<int> gates{"gates", 1, "How many vtgates."};
  Flag<bool> durable{"durable", true, "MariaDB reaches the disk at every commit."};
  Flag<std::string> buffer_pool{"buffer-pool", "64M", "InnoDB's cache of each MariaDB."};
  Flag<std::string> auth_file{"auth-file", "", "Users of the gates (JSON); empty lets anyone in."};
  Flag<bool> foreground{"foreground", false, "Stay until interrupted, then stop the cluster."};
  Flag<std::chrono::nanoseconds> wait{"wait", std::chrono::minutes(2),
                                      "Longest wait until the cluster serves."};

  void Register(flags::FlagSet& set) {
    set.Add(data, keyspace, shards, replicas, vschema, topology, base_port, gates, durable);
    set.Add(buffer_pool, auth_file, foreground, wait);
  }
  bool shape_given() const {
    return keyspace.given() || shards.given() || replicas.given() || vschema.given() ||
           topology.given();
  }
  bool given() const {
    return shape_given() || base_port.given() || gates.given() || durable.given() ||
           buffer_pool.given() || auth_file.given();
  }

  // What may be given for a new cluster and for one that is there, over `spec`.
  void Change(ClusterSpec& spec) const {
    if (base_port.given()) spec.base_port = *base_port;
    if (gates.given()) spec.gates = *gates;
    if (durable.given()) spec.durable = *durable;
    if (buffer_pool.given()) spec.buffer_pool = *buffer_pool;
    if (auth_file.given()) spec.auth_file = *auth_file;
  }
  Result<ClusterSpec> NewSpec() const {
    ClusterSpec spec;
    spec.topology = *topology;
    KeyspaceSpec first;
    first.name = *keyspace;
    TRY(first.shards, ShardsOf(*shards));
    first.replicas = *replicas;
    if (!vschema->empty()) {
      const std::optional<std::string> text = mysqlctl::ReadFile(*vschema);
      if (!text) return Errorf(Code::kNotFound, "cannot read the VSchema {}", *vschema);
      first.vschema = *text;
    }
    spec.keyspaces.push_back(std::move(first));
    return spec;
  }
};

// The cluster to start: what the folder holds, what the file or the flags ask for, or both.
Result<Layout> Decide(const UpFlags& flags, const std::vector<std::string>& files) {
  const std::string dir = flags.Folder();
  TRY(const std::optional<ClusterSpec> there, ReadFolder(dir));
  if (!files.empty() && flags.shape_given())
    return Error(Code::kInvalidArgument, "both a cluster file and flags say what to start")
        .WithHint("put --keyspace, --shards, --replicas, --vschema and --topology into the file");
  ClusterSpec spec;
  if (there && files.empty() && !flags.shape_given()) {
    spec = *there;
  } else if (!files.empty()) {
    TRY(spec, SpecFromFile(files.front()));
  } else {
    TRY(spec, flags.NewSpec());
  }
  flags.Change(spec);
  TRY_OK(CheckSpec(spec));
  if (there) {
    TRY(spec, ChangedSpec(*there, spec));
  }
  return MakeLayout(dir, std::move(spec));
}

Task<Result<>> UntilStopped(const Context& ctx) {
  CO_TRY(const std::string signal, co_await runtime::WaitForStopSignal(ctx));
  LOG(kInfo, "{}: stopping the cluster", signal);
  co_return Ok{};
}

void PrintConnect(const Layout& layout) {
  std::printf("\nThe cluster serves. Connect with any MySQL client:\n\n    %s\n\n",
              ConnectLine(layout).c_str());
  std::printf(
      "Look at it and change it:\n\n    http://127.0.0.1:%d\n    vtctldclient --server "
      "127.0.0.1:%d "
      "GetTablets\n\n",
      layout.vtctld_http_port, layout.vtctld_port);
  std::fflush(stdout);
}

Task<int> Foreground(const Context& ctx, Layout layout, const topo::Server::Factories& topologies,
                     std::chrono::nanoseconds wait) {
  const Then then = [](const Context& up, const Layout& there) -> Task<Result<>> {
    PrintConnect(there);
    return UntilStopped(up);
  };
  const Result<> done = co_await RunInForeground(ctx, std::move(layout), topologies, wait, then);
  if (done.ok()) co_return 0;
  co_return Fail("up", done.error());
}

// Lifts the cluster, runs `then` while it is up, and takes it down again.
Task<Result<>> Serve(const Context& ctx, Supervisor& supervisor, std::chrono::nanoseconds wait,
                     const Then& then) {
  const Context bounded = ctx.WithTimeout(wait);
  CO_TRY_OK(co_await supervisor.Up(bounded));
  runtime::TaskGroup group(ctx);
  group.Start(supervisor.Watch(group.context()));
  const Result<> done = co_await then(ctx, supervisor.layout());
  const Result<> ended = co_await group.CancelAndJoin();
  static_cast<void>(ended.ok());
  co_await supervisor.Down();
  co_return done;
}

Task<int> Supervise(const Context& ctx, Layout layout, const topo::Server::Factories& topologies,
                    std::chrono::nanoseconds wait) {
  Supervisor supervisor(std::move(layout), ProgramFolder(), topologies, nullptr);
  const Then then = [](const Context& up, const Layout&) { return UntilStopped(up); };
  const Result<> done = co_await Serve(ctx, supervisor, wait, then);
  if (done.ok()) co_return 0;
  LOG(kError, "{}", done.error().ToString());
  co_return 1;
}

// Writes the spec for the supervisor that is to be started next.
Task<Result<>> ClaimOnce(const Context& ctx, const Layout& layout,
                         const topo::Server::Factories& topologies) {
  Supervisor supervisor(layout, ProgramFolder(), topologies, nullptr);
  co_return co_await supervisor.Claim(ctx);
}

// Follows the supervisor's status until it is ready or has failed.
int FollowUntilReady(const Layout& layout, int supervisor) {
  std::string step;
  while (true) {
    const auto ended = runtime::WaitForProcess(supervisor, std::chrono::milliseconds(50));
    const std::string text = mysqlctl::ReadFile(layout.status_file()).value_or("");
    const Result<ClusterStatus> status = StatusFromJson(text);
    const bool ours = status.ok() && status->supervisor == supervisor;
    if (ours && !status->step.empty() && status->step != step) {
      step = status->step;
      std::printf("  %s\n", step.c_str());
      std::fflush(stdout);
    }
    if (ours && status->phase == "ready") {
      PrintConnect(layout);
      return 0;
    }
    if (ended.ok() && !ended->has_value()) continue;
    const std::string reason = ours && !status->error.empty()
                                   ? status->error
                                   : LastLines(layout.log_file("tessera"), 1500);
    std::fprintf(stderr, "tessera up: %s\n", reason.c_str());
    return 1;
  }
}

}  // namespace

Task<Result<>> RunInForeground(const Context& ctx, Layout layout,
                               const topo::Server::Factories& topologies,
                               std::chrono::nanoseconds wait, const Then& then) {
  const Supervisor::OnStep print = [](std::string_view step) {
    std::printf("  %.*s\n", static_cast<int>(step.size()), step.data());
    std::fflush(stdout);
  };
  Supervisor supervisor(std::move(layout), ProgramFolder(), topologies, print);
  CO_TRY_OK(co_await supervisor.Claim(ctx));
  const std::string log_file = supervisor.layout().log_file("tessera");
  if (!log::OpenFile(log_file))
    co_return Errorf(Code::kFailedPrecondition, "cannot write {}: {}", log_file,
                     std::strerror(errno));
  co_return co_await Serve(ctx, supervisor, wait, then);
}

int RunUp(const Arguments& arguments, const topo::Server::Factories& topologies) {
  UpFlags flags;
  flags::FlagSet set("tessera up", "Starts a cluster on this machine, new or from its folder.",
                     "[cluster.yaml] [flags]");
  flags.Register(set);
  const Parsed parsed = ParseWords(set, arguments, 1);
  if (!parsed.go_on) return parsed.status;
  Result<Layout> layout = Decide(flags, parsed.rest);
  if (!layout.ok()) return Fail("up", layout.error());
  if (*flags.foreground) {
    runtime::BlockStopSignals();
    return runtime::RunLoop([&](const Context& ctx) {
      return Foreground(ctx, std::move(*layout), topologies, *flags.wait);
    });
  }
  Result<> claimed = Ok{};
  runtime::RunLoop([&](const Context& ctx) -> Task<int> {
    claimed = co_await ClaimOnce(ctx, *layout, topologies);
    co_return 0;
  });
  if (!claimed.ok()) return Fail("up", claimed.error());
  runtime::ProcessOptions options;
  options.arguments = {ProgramFolder() + "/tessera",
                       "supervise",
                       "--data",
                       layout->dir,
                       "--wait",
                       flags.wait.Text()};
  options.output_file = layout->log_file("tessera");
  options.own_session = true;
  const Result<int> supervisor = runtime::SpawnProcess(options);
  if (!supervisor.ok()) return Fail("up", supervisor.error());
  return FollowUntilReady(*layout, *supervisor);
}

int RunSupervise(const Arguments& arguments, const topo::Server::Factories& topologies) {
  runtime::BlockStopSignals();
  DataFlag data;
  flags::Flag<std::chrono::nanoseconds> wait{"wait", std::chrono::minutes(2),
                                             "Longest wait until the cluster serves."};
  flags::FlagSet set("tessera supervise", "Runs a folder's cluster until it is told to stop.");
  set.Add(data.data, wait);
  const Parsed parsed = ParseWords(set, arguments, 0);
  if (!parsed.go_on) return parsed.status;
  Result<Layout> layout = FindCluster(data.Folder());
  if (!layout.ok()) return Fail("supervise", layout.error());
  return runtime::RunLoop(
      [&](const Context& ctx) { return Supervise(ctx, std::move(*layout), topologies, *wait); });
}

}  // namespace tessera::localcluster
