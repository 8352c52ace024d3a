// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/task.h"

namespace tessera::tabletmanager {

// A program of the operator's, run on the tablet's machine.
struct Hook {
  std::string name;  // of a file in the hooks' folder
  std::vector<std::string> parameters;
  std::map<std::string, std::string> environment;  // over ours
};

// Statuses below zero are not the program's; numbers are Vitess's.
enum HookStatus : int64_t {
  kHookDoesNotExist = -1,
  kHookCannotGetStatus = -3,
  kHookInvalidName = -4,
  kHookNoRoot = -5,
  kHookFailed = -6,
  kHookTimeout = -7,
};
struct HookOutcome {
  int64_t exit_status = 0;  // or 128 and the signal's number
  std::string output;
  std::string error_output;
};

// Runs it without a shell and waits for its end; when ctx ends first, the program is killed.
// `folder` is empty when there is none.
Task<HookOutcome> RunHook(const Context& ctx, std::string folder, Hook hook);

}  // namespace tessera::tabletmanager
