// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/signals.h"

#include <cerrno>
#include <initializer_list>
#include <iterator>

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "runtime/loop.h"

namespace tessera::runtime {

namespace {

sigset_t Signals(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}
sigset_t StopSignals() { return Signals({SIGTERM, SIGINT}); }
sigset_t ReloadSignal() { return Signals({SIGHUP}); }

void Block(const sigset_t& set) { CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0); }

// A descriptor that is closed with us.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) { CHECK(fd >= 0); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(fd_); }
  int get() const { return fd_; }

 private:
  int fd_;
};

// Wakes the waiting thread when the context ends.
class StopEvent final : public CancelHook {
 public:
  ~StopEvent() override { Remove(); }
  int fd() const { return event_.get(); }

 private:
  void OnCancel(const Error&) override { CHECK(eventfd_write(event_.get(), 1) == 0); }
  const Descriptor event_{eventfd(0, EFD_CLOEXEC)};
};

// The signal of the set that comes first.
Task<Result<int>> WaitForSignal(const Context& ctx, sigset_t set) {
  StopEvent stop;
  ctx.OnCancel(stop);
  // A thread of the blocking pool sits here for the life of the program.
  const auto wait = [&stop, set]() -> int {
    const Descriptor signals(signalfd(-1, &set, SFD_CLOEXEC));
    pollfd ready[] = {{signals.get(), POLLIN, 0}, {stop.fd(), POLLIN, 0}};
    while (poll(ready, std::size(ready), -1) < 0) CHECK(errno == EINTR);
    signalfd_siginfo info;
    if (ready[0].revents == 0 || read(signals.get(), &info, sizeof(info)) != sizeof(info)) return 0;
    return static_cast<int>(info.ssi_signo);
  };
  const int signal = co_await RunBlocking(wait);
  if (signal == 0) {
    CO_TRY_OK(ctx.Check());
  }
  co_return signal;
}

}  // namespace

void BlockStopSignals() { Block(StopSignals()); }
void BlockReloadSignal() { Block(ReloadSignal()); }

Task<Result<std::string>> WaitForStopSignal(const Context& ctx) {
  CO_TRY(const int signal, co_await WaitForSignal(ctx, StopSignals()));
  co_return std::string(signal == SIGINT ? "SIGINT" : "SIGTERM");
}

Task<Result<>> WaitForReloadSignal(const Context& ctx) {
  CO_TRY_OK(co_await WaitForSignal(ctx, ReloadSignal()));
  co_return Ok{};
}

}  // namespace tessera::runtime
