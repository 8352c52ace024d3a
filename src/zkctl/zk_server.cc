// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "zkctl/zk_server.h"

#include <chrono>
#include <filesystem>
#include <fstream>

#include "base/waiter.h"
#include "runtime/loop.h"
#include "runtime/process.h"

namespace tessera::zkctl {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kLook(50);
// A connection made while the server starts may never be answered: then the next is tried.
constexpr milliseconds kLongestAnswer(1000);

// What the server says of itself; it listens before it serves.
Task<Result<std::string>> AskState(const Context& ctx, const runtime::Address& address) {
  CO_TRY(const auto stream, co_await runtime::Loop::Current().Connect(ctx, address));
  CO_TRY_OK(co_await stream->WriteAll(ctx, "srvr"));
  std::string out;
  char buffer[4096];
  for (;;) {
    CO_TRY(const size_t count, co_await stream->Read(ctx, buffer));
    if (count == 0) co_return out;
    out.append(buffer, count);
  }
}

}  // namespace

int ZkServer::FindPid() const {
  std::ifstream file(config_.pid_file());
  int pid = 0;
  if (!(file >> pid) || pid <= 0) return 0;
  // A child of ours that has ended stays until somebody asks for its status.
  const auto ended = runtime::WaitForProcess(pid, milliseconds(0));
  if (ended.ok() && ended->has_value()) return 0;
  if (!runtime::ProcessRuns(pid)) return 0;
  // The file may be left from an earlier life, and its number be somebody else's by now.
  const std::string command = runtime::ProcessCommandLine(pid) + " ";
  return command.find(" -Dzookeeper.dir=" + config_.dir + " ") == std::string::npos ? 0 : pid;
}

Task<int> ZkServer::Pid() const {
  const auto look = [this] { return FindPid(); };
  co_return co_await runtime::RunBlocking(look);
}

Task<bool> ZkServer::Initialised() const {
  const auto look = [this] { return std::filesystem::exists(config_.config_file()); };
  co_return co_await runtime::RunBlocking(look);
}

Task<Result<>> ZkServer::Init(const Context& ctx) {
  const bool made = co_await Initialised();
  if (made) {
    co_return Errorf(Code::kAlreadyExists, "{} has a ZooKeeper server already", config_.dir)
        .WithHint("start it, or remove it with teardown");
  }
  const auto write = [this] { return WriteConfig(config_); };
  CO_TRY_OK(co_await runtime::RunBlocking(write));
  co_return co_await Start(ctx);
}

Task<Result<>> ZkServer::Start(const Context& ctx) {
  const bool made = co_await Initialised();
  if (!made) {
    co_return Errorf(Code::kFailedPrecondition, "there is no ZooKeeper server in {}", config_.dir)
        .WithHint("make it with init");
  }
  const int running = co_await Pid();
  if (running == 0) {
    const auto spawn = [this]() -> Result<> {
      runtime::ProcessOptions options;
      TRY(options.arguments, ServerCommand(config_));
      options.output_file = config_.log_file();
      options.own_session = true;
      TRY(const int pid, runtime::SpawnProcess(options));
      std::ofstream(config_.pid_file(), std::ios::trunc) << pid << "\n";
      return Ok{};
    };
    CO_TRY_OK(co_await runtime::RunBlocking(spawn));
  }
  co_return co_await WaitUntilAnswering(ctx);
}

// Of an ensemble, a server that answers is enough: it serves once there are others.
Task<Result<>> ZkServer::WaitUntilAnswering(const Context& ctx) const {
  const runtime::Address address =
      runtime::Address::Tcp(config_.self().host, config_.self().client_port);
  for (;;) {
    const Context brief = ctx.WithTimeout(kLongestAnswer);
    const Result<std::string> state = co_await AskState(brief, address);
    const bool serves = state.ok() && state->find("Mode:") != std::string::npos;
    if (serves || (state.ok() && config_.peers.size() > 1)) co_return Ok{};
    const int pid = co_await Pid();
    if (pid == 0) {
      co_return Errorf(Code::kFailedPrecondition, "ZooKeeper in {} ended while it started",
                       config_.dir)
          .WithHint("see " + config_.log_file());
    }
    const Result<> slept = co_await Sleep(ctx, kLook);
    if (!slept.ok()) {
      co_return Errorf(Code::kDeadlineExceeded, "ZooKeeper in {} does not serve on {}", config_.dir,
                       address.ToString())
          .WithHint("see " + config_.log_file());
    }
  }
}

Task<Result<>> ZkServer::Shutdown(const Context& ctx) {
  const int pid = co_await Pid();
  if (pid == 0) co_return Ok{};
  CO_TRY_OK(runtime::StopProcess(pid, runtime::StopSignal::kTerminate));
  bool killed = false;
  for (;;) {
    const int now = co_await Pid();
    if (now != pid) co_return Ok{};
    const Context& wait = killed ? Context::Background() : ctx;
    const Result<> slept = co_await Sleep(wait, kLook);
    if (slept.ok() || killed) continue;
    killed = true;
    CO_TRY_OK(runtime::StopProcess(pid, runtime::StopSignal::kKill));
  }
}

Task<Result<>> ZkServer::Teardown(const Context& ctx) {
  const bool made = co_await Initialised();
  if (!made) {
    co_return Errorf(Code::kFailedPrecondition, "there is no ZooKeeper server in {}", config_.dir);
  }
  CO_TRY_OK(co_await Shutdown(ctx));
  const auto remove = [this]() -> Result<> {
    std::error_code error;
    std::filesystem::remove_all(config_.dir, error);
    if (error)
      return Errorf(Code::kUnavailable, "{} cannot be removed: {}", config_.dir, error.message());
    return Ok{};
  };
  co_return co_await runtime::RunBlocking(remove);
}

}  // namespace tessera::zkctl
