// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/signals.h"

#include <cerrno>
#include <iterator>

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "runtime/loop.h"

namespace tessera::runtime {

namespace {

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

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

}  // namespace

void BlockStopSignals() {
  const sigset_t set = StopSignals();
  CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
}

Task<Result<std::string>> WaitForStopSignal(const Context& ctx) {
  StopEvent stop;
  ctx.OnCancel(stop);
  // A thread of the blocking pool sits here for the life of the program.
  const auto wait = [&stop]() -> int {
    const sigset_t set = StopSignals();
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
  co_return std::string(signal == SIGINT ? "SIGINT" : "SIGTERM");
}

}  // namespace tessera::runtime
