// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "zkctl/program.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <unistd.h>

#include "base/waiter.h"
#include "flags/flag_set.h"
#include "runtime/loop_pool.h"
#include "runtime/signals.h"
#include "runtime/task_group.h"
#include "zkctl/zk_server.h"

namespace tessera::zkctl {

namespace {

constexpr std::string_view kCommands =
    "Commands:\n"
    "  init      make a server in its folder and start it\n"
    "  start     start a server that was made\n"
    "  shutdown  end the server in good order\n"
    "  teardown  end the server and remove its folder\n"
    "\n"
    "The folder is zk_<id> under VTDATAROOT, or here. Needs Java (JAVA_HOME, or in PATH) and\n"
    "ZooKeeper's jars (Debian: libzookeeper-java; else ZK_CLASSPATH).\n"
    "\n"
    "  zkctl --zk.cfg 1@localhost:28881:38881:21811 init\n"
    "  zkctl --zk.cfg 1@localhost:28881:38881:21811 shutdown\n";
constexpr std::string_view kDaemonNotes =
    "Makes the server where there is none, runs it until SIGTERM or SIGINT, and ends it then.\n";

std::string HostName() {
  char name[256] = "";
  return gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

struct ZkctlFlags {
  flags::Flag<std::string> cfg{"zk.cfg", "6@" + HostName() + ":3801:3802:3803",
                               "The servers: id@host:leaderPort:electionPort:clientPort,..."};
  flags::Flag<uint32_t> myid{"zk.myid", 0,
                             "Which of them is meant; 0 is the one with this host's name."};
  flags::Flag<std::vector<std::string>> extra{
      "zk.extra", {}, "Further lines of zoo.cfg, between commas or given several times."};
  flags::Flag<std::chrono::nanoseconds> wait_time{"wait-time", std::chrono::minutes(1),
                                                  "Longest wait for the server."};

  void Register(flags::FlagSet& set) { set.Add(cfg, myid, extra, wait_time); }
  Result<ZkConfig> Config() const {
    ZkConfig config;
    TRY(config.peers, ParsePeers(*cfg));
    TRY(config.id, ChooseId(config.peers, *myid, HostName()));
    const char* const root = std::getenv("VTDATAROOT");
    const std::filesystem::path base(root != nullptr ? root : ".");
    config.dir =
        std::filesystem::absolute(base / ServerFolder(config.id)).lexically_normal().string();
    config.extra = *extra;
    return config;
  }
};

Task<Result<>> RunCommand(const Context& ctx, const ZkctlFlags& flags, std::string command) {
  CO_TRY(ZkConfig config, flags.Config());
  ZkServer server(std::move(config));
  const Context bounded = ctx.WithTimeout(*flags.wait_time);
  if (command == "init") {
    co_return co_await server.Init(bounded);
  }
  if (command == "start") {
    co_return co_await server.Start(bounded);
  }
  if (command == "shutdown") {
    co_return co_await server.Shutdown(bounded);
  }
  if (command == "teardown") {
    co_return co_await server.Teardown(bounded);
  }
  co_return Errorf(Code::kInvalidArgument, "there is no command '{}'", command)
      .WithHint("zkctl --help lists them");
}

// Ends with an error when the server ends by itself.
Task<Result<>> WatchServer(const Context& ctx, const ZkServer& server) {
  for (;;) {
    CO_TRY_OK(co_await Sleep(ctx, std::chrono::milliseconds(200)));
    const int pid = co_await server.Pid();
    if (pid == 0) {
      co_return Errorf(Code::kUnavailable, "ZooKeeper in {} ended by itself", server.config().dir)
          .WithHint("see " + server.config().log_file());
    }
  }
}

// An error, so that the group it runs in ends.
Task<Result<>> WaitToBeStopped(const Context& ctx) {
  CO_TRY(const std::string name, co_await runtime::WaitForStopSignal(ctx));
  co_return Error(Code::kCancelled, name);
}

Task<Result<>> RunDaemon(const Context& ctx, const ZkctlFlags& flags) {
  CO_TRY(ZkConfig config, flags.Config());
  ZkServer server(std::move(config));
  const Context bounded = ctx.WithTimeout(*flags.wait_time);
  const bool made = co_await server.Initialised();
  if (!made) {
    CO_TRY_OK(co_await server.Init(bounded));
  } else {
    CO_TRY_OK(co_await server.Start(bounded));
  }
  runtime::TaskGroup group(ctx);
  group.Start(WatchServer(group.context(), server));
  group.Start(WaitToBeStopped(group.context()));
  Result<> ended = co_await group.Join();
  if (!ended.ok() && ended.error().code() != Code::kCancelled) co_return ended;
  const Context parting = Context::Background().WithTimeout(*flags.wait_time);
  co_return co_await server.Shutdown(parting);
}

Task<int> Report(const char* program, Task<Result<>> work) {
  const Result<> outcome = co_await work;
  if (outcome.ok()) co_return 0;
  std::fprintf(stderr, "%s: %s\n", program, outcome.error().ToString().c_str());
  co_return 1;
}

// Nothing to go on with: the status to end with.
struct Words {
  std::vector<std::string> rest;
  int status = -1;
};

Words Parse(flags::FlagSet& set, int argc, const char* const* argv, std::string_view notes) {
  Words out;
  Result<std::vector<std::string>> rest = set.Parse(argc, argv);
  if (set.help_asked()) {
    std::printf("%s\n%s", set.Help().c_str(), std::string(notes).c_str());
    out.status = 0;
  } else if (!rest.ok()) {
    std::fprintf(stderr, "%s\n", rest.error().ToString().c_str());
    out.status = 2;
  } else {
    out.rest = std::move(*rest);
  }
  return out;
}

}  // namespace

int RunZkctl(int argc, const char* const* argv) {
  ZkctlFlags flags;
  flags::FlagSet set("zkctl", "Makes, starts, stops and removes a ZooKeeper server.",
                     "[flags] COMMAND");
  flags.Register(set);
  const Words words = Parse(set, argc, argv, kCommands);
  if (words.status >= 0) return words.status;
  if (words.rest.size() != 1) {
    std::fprintf(stderr, "zkctl: exactly one command is needed; zkctl --help lists them\n");
    return 2;
  }
  const std::string command = words.rest.front();
  return runtime::RunLoop([&flags, &command](const Context& ctx) {
    return Report("zkctl", RunCommand(ctx, flags, command));
  });
}

int RunZkctld(int argc, const char* const* argv) {
  runtime::BlockStopSignals();
  ZkctlFlags flags;
  flags::FlagSet set("zkctld", "Runs a ZooKeeper server in the foreground.");
  flags.Register(set);
  const Words words = Parse(set, argc, argv, kDaemonNotes);
  if (words.status >= 0) return words.status;
  if (!words.rest.empty()) {
    std::fprintf(stderr, "zkctld: '%s' is not expected; zkctld takes flags only\n",
                 words.rest[0].c_str());
    return 2;
  }
  return runtime::RunLoop(
      [&flags](const Context& ctx) { return Report("zkctld", RunDaemon(ctx, flags)); });
}

}  // namespace tessera::zkctl
