// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/hook.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

#include "runtime/loop.h"
#include "runtime/process.h"

namespace tessera::tabletmanager {

namespace fs = std::filesystem;

namespace {

// Most of what a hook prints that is told.
constexpr size_t kMostHookOutput = size_t{4} << 20;

HookOutcome NotRun(HookStatus status, std::string why) {
  HookOutcome outcome;
  outcome.exit_status = status;
  outcome.error_output = std::move(why) + "\n";
  return outcome;
}

// A folder of our own for what the program prints; goes with it.
class OutputFolder {
 public:
  OutputFolder() {
    std::error_code failed;
    std::string pattern = (fs::temp_directory_path(failed) / "tessera-hook-XXXXXX").string();
    if (!failed && mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  ~OutputFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  bool ok() const { return !path_.empty(); }
  std::string File(std::string_view name) const { return fmt::format("{}/{}", path_, name); }
  std::string Read(std::string_view name) const {
    std::ifstream file(File(name), std::ios::binary);
    std::string text(kMostHookOutput, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(file.gcount()));
    return text;
  }

 private:
  std::string path_;
};

runtime::ProcessOptions HookProcess(const std::string& program, const Hook& hook,
                                    const OutputFolder& folder) {
  runtime::ProcessOptions options;
  options.arguments.push_back(program);
  options.arguments.insert(options.arguments.end(), hook.parameters.begin(), hook.parameters.end());
  for (const auto& [key, value] : hook.environment)
    options.environment.push_back(fmt::format("{}={}", key, value));
  options.output_file = folder.File("out");
  options.error_file = folder.File("err");
  return options;
}

}  // namespace

Task<HookOutcome> RunHook(const Context& ctx, std::string folder, Hook hook) {
  if (hook.name.empty() || hook.name == "." || hook.name == ".." ||
      hook.name.find('/') != std::string::npos)
    co_return NotRun(kHookInvalidName,
                     fmt::format("hook name '{}' is no plain file name", hook.name));
  if (folder.empty())
    co_return NotRun(kHookNoRoot, "there is no folder of hooks: VTROOT is not set");
  const std::string program = folder + "/" + hook.name;
  const OutputFolder output;
  if (!output.ok()) co_return NotRun(kHookFailed, "cannot make a folder for the hook's output");
  const runtime::ProcessOptions options = HookProcess(program, hook, output);
  const auto spawn = [&options] { return runtime::SpawnProcess(options); };
  const Result<int> pid = co_await runtime::RunBlocking(spawn);
  if (!pid.ok()) {
    const bool missing = pid.error().code() == Code::kNotFound;
    co_return NotRun(missing ? kHookDoesNotExist : kHookFailed,
                     missing ? "missing hook " + program : pid.error().ToString());
  }
  HookOutcome outcome;
  bool killed = false;
  while (true) {
    const auto wait = [&pid] {
      return runtime::WaitForProcess(*pid, std::chrono::milliseconds(50));
    };
    const Result<std::optional<runtime::ProcessEnd>> ended = co_await runtime::RunBlocking(wait);
    if (!ended.ok()) co_return NotRun(kHookCannotGetStatus, ended.error().ToString());
    if (ended->has_value()) {
      outcome.exit_status = killed ? kHookTimeout : (*ended)->status;
      break;
    }
    if (!killed && ctx.cancelled()) {
      killed = true;
      const Result<> sent = runtime::StopProcess(*pid, runtime::StopSignal::kKill);
      static_cast<void>(sent.ok());
    }
  }
  outcome.output = output.Read("out");
  outcome.error_output = output.Read("err");
  co_return outcome;
}

}  // namespace tessera::tabletmanager
