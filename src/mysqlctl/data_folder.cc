// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlctl/data_folder.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <unistd.h>

#include "mysqlctl/mysqld.h"
#include "runtime/loop.h"
#include "runtime/process.h"

namespace tessera::mysqlctl {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::minutes kBootstrapTimeout(10);

// A running server keeps its tables locked, and writes into them: no moment to copy.
Result<> CheckTemplate(const std::string& dir) {
  std::error_code failed;
  if (fs::exists(dir + "/ibdata1", failed) && fs::exists(dir + "/mysql", failed)) return Ok{};
  return Errorf(Code::kFailedPrecondition, "{} is no finished data folder to copy from", dir);
}

Result<> RunBootstrap(const BootstrapStep& step, const std::string& data_dir) {
  std::error_code failed;
  if (fs::exists(data_dir, failed))
    return Errorf(Code::kAlreadyExists, "{} exists; it is not overwritten", data_dir);
  fs::create_directories(data_dir, failed);
  if (failed)
    return Errorf(Code::kFailedPrecondition, "cannot make {}: {}", data_dir, failed.message());
  runtime::ProcessOptions options;
  options.arguments = step.arguments;
  options.input_file = data_dir + ".bootstrap.sql";
  options.output_file = data_dir + ".bootstrap.log";
  fs::remove(options.output_file, failed);
  TRY_OK(WriteFile(options.input_file, step.input));
  TRY(const int pid, runtime::SpawnProcess(options));
  TRY(const std::optional<runtime::ProcessEnd> end,
      runtime::WaitForProcess(pid, kBootstrapTimeout));
  if (end && end->status == 0) {
    fs::remove(options.input_file, failed);
    fs::remove(options.output_file, failed);
    return Ok{};
  }
  if (!end) {
    TRY_OK(runtime::StopProcess(pid, runtime::StopSignal::kKill));
    TRY_OK(runtime::WaitForProcess(pid, std::chrono::seconds(10)));
  }
  std::string log = ReadFile(options.output_file).value_or("");
  if (log.size() > 1500) log.erase(0, log.size() - 1500);
  return Errorf(Code::kFailedPrecondition, "making the system tables in {} {}:\n{}", data_dir,
                end ? fmt::format("ended with status {}", end->status) : "took too long", log);
}

}  // namespace

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

Result<> WriteFile(const std::string& path, std::string_view text) {
  const std::string fresh = path + ".new";
  {
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    file << text;
    file.flush();
    if (!file)
      return Errorf(Code::kFailedPrecondition, "cannot write {}: {}", fresh, std::strerror(errno));
  }
  std::error_code failed;
  fs::rename(fresh, path, failed);
  if (failed)
    return Errorf(Code::kFailedPrecondition, "cannot write {}: {}", path, failed.message());
  return Ok{};
}

Result<std::string> ReadExtraConfig(std::string_view paths) {
  std::string out;
  while (!paths.empty()) {
    const size_t end = paths.find(':');
    const std::string path(paths.substr(0, end));
    paths.remove_prefix(end == std::string_view::npos ? paths.size() : end + 1);
    if (path.empty()) continue;
    const std::optional<std::string> text = ReadFile(path);
    if (!text) {
      return Errorf(Code::kNotFound, "cannot read {}, which EXTRA_MY_CNF names", path)
          .WithHint("Mend the path, or unset EXTRA_MY_CNF");
    }
    out += fmt::format("\n# From {}\n{}\n", path, *text);
  }
  return out;
}

Task<Result<>> MakeDataFolder(const Context& ctx, const Flavor& flavor, std::string data_dir,
                              std::string replication_password) {
  CO_TRY_OK(ctx.Check());
  const auto work = [&flavor, &data_dir, &replication_password]() -> Result<> {
    TRY(BootstrapStep step, flavor.Bootstrap(data_dir));
    step.input += UsersSql(replication_password);
    return RunBootstrap(step, data_dir);
  };
  co_return co_await runtime::RunBlocking(work);
}

Task<Result<>> CopyDataFolder(std::string from, std::string to) {
  const auto work = [&from, &to]() -> Result<> {
    TRY_OK(CheckTemplate(from));
    std::error_code failed;
    if (fs::exists(to, failed))
      return Errorf(Code::kAlreadyExists, "{} exists; it is not overwritten", to);
    fs::copy(from, to, fs::copy_options::recursive, failed);
    if (failed)
      return Errorf(Code::kFailedPrecondition, "cannot copy {} to {}: {}", from, to,
                    failed.message());
    return Ok{};
  };
  co_return co_await runtime::RunBlocking(work);
}

Task<Result<>> MakeTemplate(const Context& ctx, std::string dir, std::string replication_password,
                            const Flavor& flavor) {
  const auto present = [&dir]() -> bool { return CheckTemplate(dir).ok(); };
  const bool made = co_await runtime::RunBlocking(present);
  if (made) co_return Ok{};
  // Only a finished folder gets the name that others look for.
  const std::string unfinished = fmt::format("{}.making-{}", dir, getpid());
  const auto clear = [&unfinished]() -> bool {
    std::error_code failed;
    fs::remove_all(unfinished, failed);
    return true;
  };
  const bool cleared = co_await runtime::RunBlocking(clear);
  CHECK(cleared);
  CO_TRY_OK(co_await MakeDataFolder(ctx, flavor, unfinished, std::move(replication_password)));
  const auto rename = [&unfinished, &dir]() -> Result<> {
    std::error_code failed;
    fs::rename(unfinished, dir, failed);
    if (!failed) return Ok{};
    // Another process may have been quicker.
    const bool there = CheckTemplate(dir).ok();
    std::error_code ignored;
    fs::remove_all(unfinished, ignored);
    if (!there)
      return Errorf(Code::kFailedPrecondition, "cannot make {}: {}", dir, failed.message());
    return Ok{};
  };
  co_return co_await runtime::RunBlocking(rename);
}

}  // namespace tessera::mysqlctl
