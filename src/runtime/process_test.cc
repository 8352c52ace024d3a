// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace tessera::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A path in the tests' folder that nothing is at.
std::string Fresh(const std::string& name) {
  std::string path =
      ::testing::TempDir() + "/tessera-process-" + std::to_string(getpid()) + "-" + name;
  std::filesystem::remove_all(path);
  return path;
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

ProcessOptions Shell(const std::string& script) {
  ProcessOptions options;
  options.arguments = {"sh", "-c", script};
  return options;
}

// Runs a script to its end and gives its status; -1 with a failure noted when it does not end.
int RunScript(const ProcessOptions& options) {
  const Result<int> pid = SpawnProcess(options);
  if (!pid.ok()) {
    ADD_FAILURE() << pid.error().ToString();
    return -1;
  }
  const auto end = WaitForProcess(*pid, seconds(20));
  if (end.ok() && *end) return (*end)->status;
  ADD_FAILURE() << "process " << *pid << " has not ended";
  return -1;
}

TEST(Process, HasItsOwnEnvironmentAndErrorFile) {
  ProcessOptions options = Shell("echo \"$TESSERA_ONE $HOME\"; echo odd >&2");
  options.environment = {"TESSERA_ONE=1", "HOME=/nowhere"};
  options.output_file = Fresh("env-out");
  options.error_file = Fresh("env-err");
  EXPECT_EQ(RunScript(options), 0);
  EXPECT_EQ(Contents(options.output_file), "1 /nowhere\n");
  EXPECT_EQ(Contents(options.error_file), "odd\n");
}

TEST(Process, GivesItsStatus) {
  EXPECT_EQ(RunScript(Shell("exit 0")), 0);
  EXPECT_EQ(RunScript(Shell("exit 42")), 42);
  EXPECT_EQ(RunScript(Shell("kill -9 $$")), 128 + SIGKILL);
}

TEST(Process, ReadsAndWritesFilesAndStartsInItsFolder) {
  const std::string folder = Fresh("folder");
  std::filesystem::create_directory(folder);
  ProcessOptions options = Shell("pwd; cat; echo problem >&2");
  options.directory = folder;
  options.output_file = folder + "/out";
  options.input_file = folder + "/in";
  std::ofstream(options.input_file) << "from the file\n";
  std::ofstream(options.output_file) << "kept\n";
  EXPECT_EQ(RunScript(options), 0);
  const std::string here = std::filesystem::canonical(folder).string();
  EXPECT_EQ(Contents(options.output_file), "kept\n" + here + "\nfrom the file\nproblem\n");
  std::filesystem::remove_all(folder);
}

TEST(Process, ReadsNothingWhenNoFileIsNamed) {
  ProcessOptions options = Shell("cat");
  options.output_file = Fresh("nothing");
  EXPECT_EQ(RunScript(options), 0);
  EXPECT_EQ(Contents(options.output_file), "");
  std::filesystem::remove(options.output_file);
}

TEST(Process, AFailedStartNamesProgramAndStep) {
  ProcessOptions missing;
  missing.arguments = {"/no/such/program"};
  const Result<int> none = SpawnProcess(missing);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code(), Code::kNotFound);
  EXPECT_NE(none.error().message().find("/no/such/program"), std::string::npos);

  ProcessOptions folder = Shell("exit 0");
  folder.directory = "/no/such/folder";
  const Result<int> nowhere = SpawnProcess(folder);
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().code(), Code::kFailedPrecondition);
  EXPECT_NE(nowhere.error().message().find("/no/such/folder"), std::string::npos);

  ProcessOptions input = Shell("exit 0");
  input.input_file = "/no/such/input";
  const Result<int> unread = SpawnProcess(input);
  ASSERT_FALSE(unread.ok());
  EXPECT_NE(unread.error().message().find("reading /no/such/input"), std::string::npos);

  ProcessOptions output = Shell("exit 0");
  output.output_file = "/no/such/output";
  const Result<int> unwritten = SpawnProcess(output);
  ASSERT_FALSE(unwritten.ok());
  EXPECT_NE(unwritten.error().message().find("writing /no/such/output"), std::string::npos);
}

TEST(Process, IsSeenWhileItRunsAndStopsWhenAsked) {
  ProcessOptions options;
  options.arguments = {"sleep", "1000"};
  const Result<int> pid = SpawnProcess(options);
  ASSERT_TRUE(pid.ok());
  EXPECT_TRUE(ProcessRuns(*pid));
  EXPECT_EQ(ProcessCommandLine(*pid), "sleep 1000");
  const auto still = WaitForProcess(*pid, milliseconds(0));
  EXPECT_TRUE(still.ok() && !still->has_value());
  EXPECT_TRUE(StopProcess(*pid, StopSignal::kTerminate).ok());
  const auto end = WaitForProcess(*pid, seconds(20));
  ASSERT_TRUE(end.ok() && end->has_value());
  EXPECT_EQ((*end)->status, 128 + SIGTERM);
  EXPECT_FALSE(ProcessRuns(*pid));
  EXPECT_EQ(ProcessCommandLine(*pid), "");
}

TEST(Process, KillNeedsNoConsent) {
  ProcessOptions options = Shell("trap '' TERM; exec sleep 1000");
  const Result<int> pid = SpawnProcess(options);
  ASSERT_TRUE(pid.ok());
  EXPECT_TRUE(StopProcess(*pid, StopSignal::kKill).ok());
  const auto end = WaitForProcess(*pid, seconds(20));
  ASSERT_TRUE(end.ok() && end->has_value());
  EXPECT_EQ((*end)->status, 128 + SIGKILL);
}

TEST(Process, AChildTakesSignalsThatWeBlock) {
  sigset_t set;
  sigset_t before;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &set, &before), 0);
  const int status = RunScript(Shell("kill -TERM $$; exit 3"));
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
  EXPECT_EQ(status, 128 + SIGTERM);
}

TEST(Process, ItsOwnSessionWhenAsked) {
  ProcessOptions options;
  options.arguments = {"sleep", "1000"};
  options.own_session = true;
  const Result<int> own = SpawnProcess(options);
  options.own_session = false;
  const Result<int> ours = SpawnProcess(options);
  ASSERT_TRUE(own.ok() && ours.ok());
  EXPECT_EQ(getsid(*own), *own);
  EXPECT_EQ(getsid(*ours), getsid(0));
  for (const int pid : {*own, *ours}) {
    EXPECT_TRUE(StopProcess(pid, StopSignal::kKill).ok());
    EXPECT_TRUE(WaitForProcess(pid, seconds(20)).ok());
  }
}

TEST(Process, WhatIsNoProcessOfOursIsRefused) {
  EXPECT_EQ(WaitForProcess(1, milliseconds(0)).error().code(), Code::kNotFound);
  // Zero and below are groups of processes to kill(2): ours, and all there are.
  for (const int pid : {0, -1, -getpgrp()}) {
    EXPECT_FALSE(ProcessRuns(pid));
    EXPECT_EQ(StopProcess(pid, StopSignal::kTerminate).error().code(), Code::kInvalidArgument);
    EXPECT_EQ(WaitForProcess(pid, milliseconds(0)).error().code(), Code::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tessera::runtime
