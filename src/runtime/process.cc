// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tessera::runtime {

namespace {

// What the child tells us before exec replaces it: errno of the step that failed.
struct ChildFailure {
  int error = 0;
  char step = 0;
};

// Runs between fork and exec: only calls that are safe there.
[[noreturn]] void RunChild(const ProcessOptions& options, char* const* argv,
                           char* const* environment, int report) {
  ChildFailure failure;
  const auto fail = [&](char step) {
    failure.error = errno;
    failure.step = step;
    const ssize_t written = write(report, &failure, sizeof failure);
    _exit(written == static_cast<ssize_t>(sizeof failure) ? 127 : 126);
  };
  if (options.own_session) setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const char* const input = options.input_file.empty() ? "/dev/null" : options.input_file.c_str();
  const int in = open(input, O_RDONLY | O_CLOEXEC);
  if (in < 0 || dup2(in, 0) < 0) fail('i');
  if (!options.output_file.empty()) {
    const int out =
        open(options.output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) fail('o');
  }
  if (!options.error_file.empty()) {
    const int out =
        open(options.error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (out < 0 || dup2(out, 2) < 0) fail('o');
  }
  if (!options.directory.empty() && chdir(options.directory.c_str()) != 0) fail('d');
  execvpe(argv[0], argv, environment);
  fail('x');
  _exit(126);
}

// Ours, but for the names that the options set. Pointers into both.
std::vector<char*> EnvironmentOf(const ProcessOptions& options) {
  std::vector<char*> out;
  const auto is_set = [&options](std::string_view ours) {
    const std::string_view name = ours.substr(0, ours.find('=') + 1);
    return std::any_of(options.environment.begin(), options.environment.end(),
                       [name](const std::string& entry) { return entry.starts_with(name); });
  };
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    if (!is_set(*entry)) out.push_back(*entry);
  for (const std::string& entry : options.environment)
    out.push_back(const_cast<char*>(entry.c_str()));
  out.push_back(nullptr);
  return out;
}

Error StartError(const ProcessOptions& options, const ChildFailure& failure) {
  const std::string why = std::strerror(failure.error);
  const std::string& program = options.arguments.front();
  switch (failure.step) {
    case 'i':
      return Errorf(Code::kFailedPrecondition, "cannot start {}: reading {}: {}", program,
                    options.input_file, why);
    case 'o':
      return Errorf(Code::kFailedPrecondition, "cannot start {}: writing {}: {}", program,
                    options.output_file, why);
    case 'd':
      return Errorf(Code::kFailedPrecondition, "cannot start {} in {}: {}", program,
                    options.directory, why);
    default:
      return Errorf(failure.error == ENOENT ? Code::kNotFound : Code::kFailedPrecondition,
                    "cannot start {}: {}", program, why);
  }
}

// kill and waitpid take zero and below for groups of processes, the greatest of them everything.
Result<> CheckPid(int pid) {
  if (pid > 0) return Ok{};
  return Errorf(Code::kInvalidArgument, "{} is no process id", pid)
      .WithHint("look where it was read from, such as a pid file");
}

}  // namespace

Result<int> SpawnProcess(const ProcessOptions& options) {
  CHECK(!options.arguments.empty());
  std::vector<char*> argv;
  for (const std::string& argument : options.arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> environment = EnvironmentOf(options);
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0)
    return Errorf(Code::kResourceExhausted, "cannot start {}: {}", options.arguments.front(),
                  std::strerror(errno));
  const pid_t pid = fork();
  if (pid == 0) RunChild(options, argv.data(), environment.data(), report[1]);
  const int fork_error = errno;
  close(report[1]);
  ChildFailure failure;
  ssize_t got = 0;
  // The pipe closes by itself when exec succeeds.
  if (pid > 0) {
    do {
      got = read(report[0], &failure, sizeof failure);
    } while (got < 0 && errno == EINTR);
  }
  close(report[0]);
  if (pid < 0)
    return Errorf(Code::kResourceExhausted, "cannot start {}: {}", options.arguments.front(),
                  std::strerror(fork_error));
  if (got == static_cast<ssize_t>(sizeof failure)) {
    waitpid(pid, nullptr, 0);
    return StartError(options, failure);
  }
  return static_cast<int>(pid);
}

Result<std::optional<ProcessEnd>> WaitForProcess(int pid, std::chrono::milliseconds wait) {
  TRY_OK(CheckPid(pid));
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (true) {
    int status = 0;
    const pid_t got = waitpid(pid, &status, WNOHANG);
    if (got < 0 && errno != EINTR)
      return Errorf(Code::kNotFound, "process {} is no child of ours: {}", pid,
                    std::strerror(errno));
    if (got == pid) {
      ProcessEnd end;
      end.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      return std::optional<ProcessEnd>(end);
    }
    if (std::chrono::steady_clock::now() >= deadline) return std::optional<ProcessEnd>();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

bool ProcessRuns(int pid) {
  if (pid <= 0 || (kill(pid, 0) != 0 && errno != EPERM)) return false;
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
  // The state follows the program's name, which is in parentheses and may hold anything.
  const size_t name_end = text.rfind(')');
  return name_end == std::string::npos || name_end + 2 >= text.size() || text[name_end + 2] != 'Z';
}

std::string ProcessCommandLine(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::replace(text.begin(), text.end(), '\0', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

Result<> StopProcess(int pid, StopSignal signal) {
  TRY_OK(CheckPid(pid));
  if (kill(pid, signal == StopSignal::kKill ? SIGKILL : SIGTERM) != 0)
    return Errorf(Code::kFailedPrecondition, "cannot stop process {}: {}", pid,
                  std::strerror(errno));
  return Ok{};
}

}  // namespace tessera::runtime
