// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "localcluster/service.h"

#include <charconv>
#include <chrono>

#include "base/waiter.h"
#include "mysqlctl/data_folder.h"
#include "mysqlctl/mysqld.h"
#include "runtime/loop.h"
#include "runtime/process.h"
#include "zkctl/zk_server.h"

namespace tessera::localcluster {

using std::chrono::milliseconds;

namespace {

class Program final : public Service {
 public:
  Program(const Layout& layout, std::string name, std::string program,
          std::vector<std::string> arguments, std::vector<uint16_t> ports)
      : Service(name, std::move(ports)),
        pid_file_(layout.pid_file(name)),
        log_file_(layout.log_file(name)),
        mark_(" " + arguments[0] + " " + arguments[1] + " ") {
    command_.push_back(std::move(program));
    for (std::string& argument : arguments) command_.push_back(std::move(argument));
  }

  std::string log_file() const override { return log_file_; }

  Task<int> Pid() override {
    const auto look = [this] { return FindPid(); };
    co_return co_await runtime::RunBlocking(look);
  }
  std::optional<int> exit_status() const override { return exit_status_; }

  Task<Result<>> Start(const Context& ctx) override {
    CO_TRY_OK(ctx.Check());
    const auto spawn = [this]() -> Result<> {
      runtime::ProcessOptions options;
      options.arguments = command_;
      options.output_file = log_file_;
      options.own_session = true;
      exit_status_.reset();
      TRY(const int pid, runtime::SpawnProcess(options));
      return mysqlctl::WriteFile(pid_file_, std::to_string(pid) + "\n");
    };
    co_return co_await runtime::RunBlocking(spawn);
  }

  Task<Result<>> Stop(const Context& ctx) override {
    const int pid = co_await Pid();
    if (pid == 0) co_return Ok{};
    CO_TRY_OK(runtime::StopProcess(pid, runtime::StopSignal::kTerminate));
    bool killed = false;
    while (true) {
      const int now = co_await Pid();
      if (now != pid) co_return Ok{};
      const Context& wait = killed ? Context::Background() : ctx;
      const Result<> slept = co_await Sleep(wait, milliseconds(20));
      if (slept.ok() || std::exchange(killed, true)) continue;
      CO_TRY_OK(runtime::StopProcess(pid, runtime::StopSignal::kKill));
    }
  }

 private:
  int FindPid() {
    const std::string text = mysqlctl::ReadFile(pid_file_).value_or("");
    int pid = 0;
    std::from_chars(text.data(), text.data() + text.size(), pid);
    if (pid <= 0) return 0;
    // A child of ours that has ended stays until somebody asks for its status.
    const auto ended = runtime::WaitForProcess(pid, milliseconds(0));
    if (ended.ok() && ended->has_value()) {
      exit_status_ = (*ended)->status;
      return 0;
    }
    if (!runtime::ProcessRuns(pid)) return 0;
    // The file may be left from an earlier life, and its number be somebody else's by now.
    const std::string command = runtime::ProcessCommandLine(pid) + " ";
    return command.find(mark_) == std::string::npos ? 0 : pid;
  }

  std::string pid_file_;
  std::string log_file_;
  std::string mark_;
  std::optional<int> exit_status_;
  std::vector<std::string> command_;
};

class Mysql final : public Service {
 public:
  Mysql(const Layout& layout, const TabletPlace& tablet)
      : Service(MysqlName(tablet), std::vector<uint16_t>(1, tablet.mysql.port)),
        template_dir_(layout.template_dir()),
        mysqld_(tablet.mysql) {}

  std::string log_file() const override { return mysqld_.cnf().error_log(); }

  Task<int> Pid() override {
    const auto look = [this]() -> int {
      const int pid = mysqld_.pid();
      if (pid == 0) return 0;
      const auto ended = runtime::WaitForProcess(pid, milliseconds(0));
      return ended.ok() && ended->has_value() ? 0 : pid;
    };
    co_return co_await runtime::RunBlocking(look);
  }

  Task<Result<>> Start(const Context& ctx) override {
    const auto look = [this] { return mysqld_.initialised(); };
    const bool made = co_await runtime::RunBlocking(look);
    if (made) {
      CO_TRY_OK(co_await mysqld_.ReinitConfig(ctx));
    } else {
      mysqlctl::InitOptions options;
      options.template_dir = template_dir_;
      CO_TRY_OK(co_await mysqld_.Init(ctx, std::move(options)));
    }
    co_return co_await mysqld_.Start(ctx);
  }

  Task<Result<>> Stop(const Context& ctx) override { co_return co_await mysqld_.Shutdown(ctx); }

 private:
  std::string template_dir_;
  mysqlctl::Mysqld mysqld_;
};

class Zookeeper final : public Service {
 public:
  explicit Zookeeper(const Layout& layout)
      : Service("zookeeper", std::vector<uint16_t>(1, layout.zookeeper.self().client_port)),
        server_(layout.zookeeper) {}

  std::string log_file() const override { return server_.config().log_file(); }
  Task<int> Pid() override { co_return co_await server_.Pid(); }
  Task<Result<>> Start(const Context& ctx) override {
    const bool made = co_await server_.Initialised();
    if (!made) {
      co_return co_await server_.Init(ctx);
    }
    co_return co_await server_.Start(ctx);
  }
  Task<Result<>> Stop(const Context& ctx) override { co_return co_await server_.Shutdown(ctx); }

 private:
  zkctl::ZkServer server_;
};

}  // namespace

std::unique_ptr<Service> MakeZookeeper(const Layout& layout) {
  return std::make_unique<Zookeeper>(layout);
}

std::unique_ptr<Service> MakeProgram(const Layout& layout, std::string name, std::string program,
                                     std::vector<std::string> arguments,
                                     std::vector<uint16_t> ports) {
  CHECK(arguments.size() >= 2);
  return std::make_unique<Program>(layout, std::move(name), std::move(program),
                                   std::move(arguments), std::move(ports));
}

std::unique_ptr<Service> MakeMysql(const Layout& layout, const TabletPlace& tablet) {
  return std::make_unique<Mysql>(layout, tablet);
}

std::string LastLines(const std::string& path, size_t bytes) {
  const std::string text = mysqlctl::ReadFile(path).value_or("");
  if (text.size() <= bytes) return text;
  const size_t line = text.find('\n', text.size() - bytes);
  return line == std::string::npos ? text : text.substr(line + 1);
}

}  // namespace tessera::localcluster
