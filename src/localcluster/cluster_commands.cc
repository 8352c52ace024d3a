// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// tessera status, down and connect.
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

#include <unistd.h>

#include "localcluster/folder.h"
#include "localcluster/internal/commands.h"
#include "localcluster/status.h"
#include "mysqlctl/data_folder.h"
#include "runtime/loop_pool.h"
#include "runtime/process.h"

namespace tessera::localcluster {

namespace {

// The status a supervisor left, set against what runs now.
Result<ClusterStatus> LookAt(const Layout& layout) {
  const std::string text = mysqlctl::ReadFile(layout.status_file()).value_or("");
  ClusterStatus status;
  if (!text.empty()) {
    TRY(status, StatusFromJson(text));
  }
  if (LockHolder(layout.lock_file()) != 0) return status;
  Fleet fleet(layout, ProgramFolder());
  size_t running = 0;
  runtime::RunLoop([&](const Context&) -> Task<int> {
    running = co_await fleet.Look();
    co_return 0;
  });
  status.supervisor = 0;
  status.services = StatusOf(fleet);
  if (status.phase != "failed") status.phase = "stopped";
  if (running != 0) status.phase = "unattended";
  for (ServiceStatus& service : status.services) {
    if (service.pid == 0) service.trouble = "it does not run";
  }
  return status;
}

// Tells the supervisor to end the cluster, and waits until it has.
Result<> EndSupervisor(const Layout& layout, int supervisor) {
  TRY_OK(runtime::StopProcess(supervisor, runtime::StopSignal::kTerminate));
  // It ends everything within four times ten seconds, by force if it must.
  for (int i = 0; i < 2500 && LockHolder(layout.lock_file()) == supervisor; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  if (LockHolder(layout.lock_file()) != supervisor) return Ok{};
  return Errorf(Code::kDeadlineExceeded, "the supervisor (pid {}) still stops the cluster",
                supervisor)
      .WithHint("Its log is " + layout.log_file("tessera"));
}

// Ends what runs without a supervisor, and tells how many processes that were.
Task<Result<size_t>> EndOrphans(Fleet& fleet) {
  const size_t found = co_await fleet.Look();
  if (found == 0) co_return found;
  for (const Fleet::Kind kind : Fleet::kKinds) co_await fleet.Stop(kind);
  const size_t left = co_await fleet.Look();
  if (left == 0) co_return found;
  for (const Member* member : fleet.all()) {
    if (member->pid != 0)
      co_return Errorf(Code::kDeadlineExceeded, "{} (pid {}) still stops", member->service->name(),
                       member->pid)
          .WithHint("Its log is " + member->service->log_file());
  }
  co_return found;
}

Result<size_t> EndCluster(const Layout& layout) {
  const int supervisor = LockHolder(layout.lock_file());
  if (supervisor != 0) {
    TRY_OK(EndSupervisor(layout, supervisor));
  }
  // Nobody starts it again meanwhile.
  TRY_OK(MakeFolders(layout));
  TRY(const std::unique_ptr<FolderLock> lock, FolderLock::Take(layout.lock_file()));
  Fleet fleet(layout, ProgramFolder());
  Result<size_t> ended = size_t{0};
  runtime::RunLoop([&](const Context&) -> Task<int> {
    ended = co_await EndOrphans(fleet);
    co_return 0;
  });
  TRY(const size_t orphans, std::move(ended));
  return orphans + (supervisor != 0 ? 1 : 0);
}

}  // namespace

int RunStatus(const Arguments& arguments) {
  DataFlag data;
  flags::Flag<bool> json{"json", false, "Print JSON for programs."};
  flags::FlagSet set("tessera status", "Shows the processes of a cluster. Status 0: it serves.");
  set.Add(data.data, json);
  const Parsed parsed = ParseWords(set, arguments, 0);
  if (!parsed.go_on) return parsed.status;
  const Result<Layout> layout = FindCluster(data.Folder());
  if (!layout.ok()) return Fail("status", layout.error());
  const Result<ClusterStatus> status = LookAt(*layout);
  if (!status.ok()) return Fail("status", status.error());
  if (*json) {
    std::fputs(StatusToJson(*status).c_str(), stdout);
  } else {
    std::printf("cluster in %s: %s\n", layout->dir.c_str(), status->phase.c_str());
    if (!status->error.empty()) std::printf("%s\n", status->error.c_str());
    if (status->phase == "unattended")
      std::printf(
          "Its supervisor is gone; the processes below serve on. tessera up takes them "
          "over, tessera down ends them.\n");
    std::printf("\n%s", StatusTable(*status).c_str());
    if (status->phase == "ready") std::printf("\nConnect with %s\n", ConnectLine(*layout).c_str());
  }
  return status->phase == "ready" ? 0 : 1;
}

int RunDown(const Arguments& arguments) {
  DataFlag data;
  flags::FlagSet set("tessera down", "Stops a cluster and all its processes. Its data stays.");
  set.Add(data.data);
  const Parsed parsed = ParseWords(set, arguments, 0);
  if (!parsed.go_on) return parsed.status;
  const Result<Layout> layout = FindCluster(data.Folder());
  if (!layout.ok()) return Fail("down", layout.error());
  const Result<size_t> ended = EndCluster(*layout);
  if (!ended.ok()) return Fail("down", ended.error());
  std::printf("%s\n", *ended != 0 ? "The cluster is down; tessera up starts it again with its data."
                                  : "The cluster was not running.");
  return 0;
}

int RunConnect(const Arguments& arguments) {
  DataFlag data;
  flags::Flag<std::string> user{"user", "root", "User to log in as."};
  flags::FlagSet set("tessera connect", "Opens a MySQL client on the cluster.",
                     "[flags] [KEYSPACE] [-- flags of the client]");
  set.Add(data.data, user);
  const Parsed parsed = ParseWords(set, arguments, 64);
  if (!parsed.go_on) return parsed.status;
  const Result<Layout> layout = FindCluster(data.Folder());
  if (!layout.ok()) return Fail("connect", layout.error());
  const std::string port = std::to_string(layout->gates.front().mysql_port);
  std::vector<std::string> words = {"mariadb", "-h", "127.0.0.1", "-P", port, "-u", *user};
  words.insert(words.end(), parsed.rest.begin(), parsed.rest.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execvp("mariadb", argv.data());
  argv[0] = const_cast<char*>("mysql");
  execvp("mysql", argv.data());
  return Fail("connect",
              Errorf(Code::kNotFound, "cannot start the program mariadb: {}", std::strerror(errno))
                  .WithHint("Install mariadb-client, or use any client on port " + port));
}

}  // namespace tessera::localcluster
