// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlctl/mysqld.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/waiter.h"
#include "log/log.h"
#include "mysqlctl/data_folder.h"
#include "runtime/loop.h"
#include "runtime/port_owner.h"
#include "runtime/process.h"

namespace tessera::mysqlctl {

namespace fs = std::filesystem;
using mysqlconn::Connection;

namespace {

constexpr std::string_view kMaking = "being made\n";
constexpr std::string_view kMade = "made\n";

std::string LastLines(const std::string& path, size_t bytes) {
  const std::string text = ReadFile(path).value_or("");
  if (text.size() <= bytes) return text;
  const size_t line = text.find('\n', text.size() - bytes);
  return line == std::string::npos ? text : text.substr(line + 1);
}

}  // namespace

Task<Result<Mysqld>> Mysqld::Open(std::string dir) {
  const std::string path = dir + "/my.cnf";
  const auto read = [&path] { return ReadFile(path); };
  const std::optional<std::string> text = co_await runtime::RunBlocking(read);
  if (!text) {
    co_return Errorf(Code::kNotFound, "no MySQL server is set up in {}: there is no my.cnf", dir)
        .WithHint("Run mysqlctl init");
  }
  CO_TRY(MyCnf cnf, ParseMyCnf(*text, dir));
  const size_t mark = dir.rfind("vt_");
  if (mark != std::string::npos) {
    const std::string digits = dir.substr(mark + 3);
    std::from_chars(digits.data(), digits.data() + digits.size(), cnf.uid);
  }
  co_return Mysqld(std::move(cnf));
}

bool Mysqld::initialised() const { return ReadFile(cnf_.marker_file()) == kMade; }

int Mysqld::pid() const {
  const std::string text = ReadFile(cnf_.pid_file()).value_or("");
  int pid = 0;
  std::from_chars(text.data(), text.data() + text.size(), pid);
  // The file may be left from an earlier life, and its number be somebody else's by now.
  if (pid <= 0 || !runtime::ProcessRuns(pid)) return 0;
  const std::string command = runtime::ProcessCommandLine(pid);
  return command.find(cnf_.config_file()) == std::string::npos ? 0 : pid;
}

mysqlconn::ConnectOptions Mysqld::DbaOptions() const {
  mysqlconn::ConnectOptions options;
  options.address = runtime::Address::Unix(cnf_.socket());
  options.user = "vt_dba";
  return options;
}

// Leaves an empty, marked folder, or says why it must not.
Result<> Mysqld::PrepareFolder() const {
  std::error_code failed;
  const std::optional<std::string> marker = ReadFile(cnf_.marker_file());
  if (marker == kMade) {
    return Errorf(Code::kAlreadyExists, "{} holds a MySQL server already", cnf_.dir)
        .WithHint("Start it, or remove it with mysqlctl teardown");
  }
  if (!marker && fs::exists(cnf_.dir, failed) && !fs::is_empty(cnf_.dir, failed)) {
    return Errorf(Code::kAlreadyExists, "{} exists and is not of our making; it stays as it is",
                  cnf_.dir)
        .WithHint("Choose another folder, or empty it yourself");
  }
  // An unfinished attempt of ours has no data anyone could miss.
  if (marker) fs::remove_all(cnf_.data_dir(), failed);
  fs::create_directories(cnf_.dir, failed);
  if (failed)
    return Errorf(Code::kFailedPrecondition, "cannot make {}: {}", cnf_.dir, failed.message());
  TRY_OK(WriteFile(cnf_.marker_file(), kMaking));
  for (const std::string& dir : {cnf_.bin_log_dir(), cnf_.relay_log_dir(), cnf_.tmp_dir()}) {
    fs::create_directories(dir, failed);
    if (failed)
      return Errorf(Code::kFailedPrecondition, "cannot make {}: {}", dir, failed.message());
  }
  return Ok{};
}

Result<> Mysqld::WriteConfig() const {
  const char* extra = std::getenv("EXTRA_MY_CNF");
  TRY(const std::string lines, ReadExtraConfig(extra == nullptr ? "" : extra));
  return WriteFile(cnf_.config_file(), flavor_.Config(cnf_) + lines);
}

Task<Result<>> Mysqld::CheckPort() const {
  Result<std::unique_ptr<runtime::Listener>> listener =
      runtime::Loop::Current().Listen(runtime::Address::Tcp(cnf_.bind_address, cnf_.port));
  if (listener.ok()) co_return Ok{};
  co_return std::move(listener)
      .error()
      .Wrap(fmt::format("port {} of the MySQL server in {}", cnf_.port, cnf_.dir))
      .WithHint("Stop what uses the port, or choose another with --mysql-port");
}

Task<Result<>> Mysqld::Init(const Context& ctx, InitOptions options) {
  CO_TRY_OK(CheckMyCnf(cnf_));
  CO_TRY_OK(co_await CheckPort());
  const auto prepare = [this]() -> Result<> {
    TRY_OK(PrepareFolder());
    return WriteConfig();
  };
  CO_TRY_OK(co_await runtime::RunBlocking(prepare));
  if (options.template_dir.empty()) {
    CO_TRY_OK(co_await MakeDataFolder(ctx, flavor_, cnf_.data_dir(), options.replication_password));
  } else {
    CO_TRY_OK(co_await CopyDataFolder(options.template_dir, cnf_.data_dir()));
  }
  const auto finish = [this] { return WriteFile(cnf_.marker_file(), kMade); };
  co_return co_await runtime::RunBlocking(finish);
}

Task<Result<>> Mysqld::WaitUntilUp(const Context& ctx, int pid) {
  const mysqlconn::ConnectOptions options = DbaOptions();
  while (true) {
    const Result<std::unique_ptr<Connection>> connected =
        co_await Connection::Connect(ctx, options);
    if (connected.ok()) co_return Ok{};
    const auto ended_yet = [pid] {
      return runtime::WaitForProcess(pid, std::chrono::milliseconds(0));
    };
    const Result<std::optional<runtime::ProcessEnd>> ended =
        co_await runtime::RunBlocking(ended_yet);
    if (ended.ok() && ended->has_value()) {
      co_return Errorf(Code::kFailedPrecondition,
                       "the MySQL server in {} ended with status {} while it started:\n{}",
                       cnf_.dir, (*ended)->status, LastLines(cnf_.error_log(), 1500));
    }
    const Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(50));
    if (!slept.ok()) {
      co_return Errorf(Code::kDeadlineExceeded, "the MySQL server in {} does not answer yet: {}",
                       cnf_.dir, connected.error().message())
          .WithHint("Its log is " + cnf_.error_log());
    }
  }
}

Task<Result<>> Mysqld::Start(const Context& ctx) {
  if (!initialised()) {
    co_return Errorf(Code::kFailedPrecondition, "{} holds no finished MySQL server", cnf_.dir)
        .WithHint("Run mysqlctl init");
  }
  if (const int running = pid(); running != 0)
    co_return Errorf(Code::kAlreadyExists, "the MySQL server in {} runs already (pid {})", cnf_.dir,
                     running);
  CO_TRY_OK(co_await CheckPort());
  const auto spawn = [this]() -> Result<int> {
    runtime::ProcessOptions options;
    options.arguments = {std::string(flavor_.server_program()),
                         "--defaults-file=" + cnf_.config_file()};
    options.output_file = cnf_.error_log();
    options.own_session = true;
    return runtime::SpawnProcess(options);
  };
  CO_TRY(const int child, co_await runtime::RunBlocking(spawn));
  co_return co_await WaitUntilUp(ctx, child);
}

Task<Result<>> Mysqld::Shutdown(const Context& ctx) {
  const int running = pid();
  if (running == 0) co_return Ok{};
  CO_TRY_OK(runtime::StopProcess(running, runtime::StopSignal::kTerminate));
  while (runtime::ProcessRuns(running)) {
    const Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(50));
    if (!slept.ok()) {
      co_return Errorf(Code::kDeadlineExceeded, "the MySQL server in {} (pid {}) still shuts down",
                       cnf_.dir, running)
          .WithHint("Its log is " + cnf_.error_log());
    }
  }
  // When it was our own child, its end is still to be taken note of.
  const auto reap = [running] {
    return runtime::WaitForProcess(running, std::chrono::milliseconds(0));
  };
  const auto reaped = co_await runtime::RunBlocking(reap);
  static_cast<void>(reaped.ok());
  co_return Ok{};
}

Task<Result<>> Mysqld::Teardown(const Context& ctx, bool force) {
  if (!ReadFile(cnf_.marker_file())) {
    co_return Errorf(Code::kFailedPrecondition,
                     "{} is not a MySQL server of our making; nothing is removed", cnf_.dir);
  }
  if (const int running = pid(); running != 0) {
    if (!force) {
      co_return Errorf(Code::kFailedPrecondition, "the MySQL server in {} runs (pid {})", cnf_.dir,
                       running)
          .WithHint("Shut it down first, or use --force");
    }
    CO_TRY_OK(co_await Shutdown(ctx));
  }
  const auto remove = [this]() -> Result<> {
    std::error_code failed;
    fs::remove_all(cnf_.dir, failed);
    if (failed)
      return Errorf(Code::kFailedPrecondition, "cannot remove {}: {}", cnf_.dir, failed.message());
    return Ok{};
  };
  co_return co_await runtime::RunBlocking(remove);
}

Task<Result<>> Mysqld::ReinitConfig(const Context& ctx) {
  CO_TRY_OK(ctx.Check());
  CO_TRY_OK(CheckMyCnf(cnf_));
  if (!initialised()) {
    co_return Errorf(Code::kFailedPrecondition, "{} holds no finished MySQL server", cnf_.dir)
        .WithHint("Run mysqlctl init");
  }
  const auto write = [this] { return WriteConfig(); };
  co_return co_await runtime::RunBlocking(write);
}

Task<Result<std::string>> Mysqld::Position(const Context& ctx) {
  const mysqlconn::ConnectOptions options = DbaOptions();
  CO_TRY(const std::unique_ptr<Connection> connection, co_await Connection::Connect(ctx, options));
  CO_TRY(sqltypes::ResultSet rows, co_await connection->Query(ctx, flavor_.PositionQuery()));
  CO_TRY_OK(rows.Decode());
  if (rows.row_count() != 1)
    co_return Errorf(Code::kInternal, "the MySQL server in {} told no position", cnf_.dir);
  co_return fmt::format("{}/{}", flavor_.name(), std::as_const(rows).row(0)[0].raw());
}

}  // namespace tessera::mysqlctl
