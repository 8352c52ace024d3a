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
  status.supervisor = 0;
  if (status.phase != "failed") status.phase = "stopped";
  for (ServiceStatus& service : status.services) {
    if (service.pid != 0 && !runtime::ProcessRuns(service.pid)) {
      service.pid = 0;
      service.trouble = "it does not run";
    }
    if (service.pid != 0) status.phase = "unattended";
  }
  return status;
}

// Ends what a dead supervisor left behind, gates first.
void EndOrphans(const ClusterStatus& status) {
  for (auto service = status.services.rbegin(); service != status.services.rend(); ++service) {
    if (service->pid == 0) continue;
    const Result<> told = runtime::StopProcess(service->pid, runtime::StopSignal::kTerminate);
    static_cast<void>(told.ok());
    for (int i = 0; i < 500 && runtime::ProcessRuns(service->pid); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
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
  const int supervisor = LockHolder(layout->lock_file());
  if (supervisor != 0) {
    const Result<> told = runtime::StopProcess(supervisor, runtime::StopSignal::kTerminate);
    if (!told.ok()) return Fail("down", told.error());
    // It ends everything within four times ten seconds, by force if it must.
    for (int i = 0; i < 2500 && LockHolder(layout->lock_file()) == supervisor; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (LockHolder(layout->lock_file()) == supervisor)
      return Fail("down", Errorf(Code::kDeadlineExceeded,
                                 "the supervisor (pid {}) still stops the cluster", supervisor)
                              .WithHint("Its log is " + layout->log_file("tessera")));
  }
  Result<ClusterStatus> status = LookAt(*layout);
  if (!status.ok()) return Fail("down", status.error());
  EndOrphans(*status);
  std::printf("%s\n", supervisor != 0 || status->phase == "unattended"
                          ? "The cluster is down; tessera up starts it again with its data."
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
