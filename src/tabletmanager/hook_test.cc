// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/hook.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/loop_pool.h"

namespace tessera::tabletmanager {
namespace {

namespace fs = std::filesystem;

// A folder of hooks that goes with the test.
class HookFolder {
 public:
  HookFolder() : path_(fs::temp_directory_path() / fmt::format("hooks-{}", getpid())) {
    fs::create_directory(path_);
  }
  ~HookFolder() { fs::remove_all(path_); }
  void Write(const std::string& name, const std::string& text, bool executable = true) const {
    std::ofstream(path_ / name) << "#!/bin/sh\n" << text << "\n";
    if (executable) fs::permissions(path_ / name, fs::perms::owner_all);
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

Task<int> RunInto(const Context& ctx, std::string folder, Hook hook, Duration time,
                  HookOutcome& outcome) {
  const Context bounded = ctx.WithTimeout(time);
  outcome = co_await RunHook(bounded, std::move(folder), std::move(hook));
  co_return 0;
}

HookOutcome RunNow(const std::string& folder, const Hook& hook,
                   Duration time = std::chrono::seconds(20)) {
  HookOutcome outcome;
  runtime::RunLoop([&](const Context& ctx) { return RunInto(ctx, folder, hook, time, outcome); });
  return outcome;
}

Hook Named(std::string name) {
  Hook hook;
  hook.name = std::move(name);
  return hook;
}

TEST(Hook, TellsStatusAndBothOutputs) {
  const HookFolder folder;
  folder.Write("tell", "echo \"$NAME:$1\"; echo wrong >&2; exit 5");
  Hook hook = Named("tell");
  hook.parameters = {"$HOME; echo no"};
  hook.environment["NAME"] = "value";
  const HookOutcome outcome = RunNow(folder.path(), hook);
  EXPECT_EQ(outcome.exit_status, 5);
  EXPECT_EQ(outcome.output, "value:$HOME; echo no\n");
  EXPECT_EQ(outcome.error_output, "wrong\n");
}

TEST(Hook, NamesAreFilesOfTheFolder) {
  const HookFolder folder;
  for (const char* const name : {"", ".", "..", "../tell", "a/b", "/bin/true"})
    EXPECT_EQ(RunNow(folder.path(), Named(name)).exit_status, kHookInvalidName) << name;
  EXPECT_EQ(RunNow(folder.path(), Named("nosuch")).exit_status, kHookDoesNotExist);
  EXPECT_EQ(RunNow("", Named("nosuch")).exit_status, kHookNoRoot);
  folder.Write("plain", "true", false);
  EXPECT_EQ(RunNow(folder.path(), Named("plain")).exit_status, kHookFailed);
}

TEST(Hook, IsKilledWhenTheCallersTimeIsOver) {
  const HookFolder folder;
  folder.Write("slow", "echo begun; exec sleep 60");
  const HookOutcome outcome = RunNow(folder.path(), Named("slow"), std::chrono::milliseconds(500));
  EXPECT_EQ(outcome.exit_status, kHookTimeout);
  EXPECT_EQ(outcome.output, "begun\n");
}

}  // namespace
}  // namespace tessera::tabletmanager
