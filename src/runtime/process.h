// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

// Child processes. Everything here may block: call it through RunBlocking.
namespace tessera::runtime {

struct ProcessOptions {
  std::vector<std::string> arguments;    // the program first; looked for in PATH without a slash
  std::string directory;                 // to start in; empty: ours
  std::vector<std::string> environment;  // NAME=value, over ours
  std::string output_file;   // where standard output and error are appended; empty: ours
  std::string error_file;    // where standard error goes instead
  std::string input_file;    // what standard input reads; empty: /dev/null
  bool own_session = false;  // does not get the terminal's signals, and outlives us
};

// Starts a program and gives its process id. kNotFound when there is no such program.
Result<int> SpawnProcess(const ProcessOptions& options);

// How a child ended: its exit status, or 128 and the signal's number.
struct ProcessEnd {
  int status = 0;
};
// Nothing when the child still runs after `wait`. The child must be ours.
Result<std::optional<ProcessEnd>> WaitForProcess(int pid, std::chrono::milliseconds wait);

// False when there is no such process (or it is a zombie).
bool ProcessRuns(int pid);
// The process's command line, words separated by blanks; empty when it cannot be seen.
std::string ProcessCommandLine(int pid);
// SIGTERM, or SIGKILL.
enum class StopSignal : uint8_t { kTerminate, kKill };
Result<> StopProcess(int pid, StopSignal signal);

}  // namespace tessera::runtime
