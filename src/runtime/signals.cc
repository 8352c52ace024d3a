// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/signals.h"

#include <atomic>

#include <signal.h>
#include <time.h>

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

// Raised by the context, read by the waiting thread.
class StopFlag final : public CancelHook {
 public:
  ~StopFlag() override { Remove(); }
  bool raised() const { return raised_.load(std::memory_order_relaxed); }

 private:
  void OnCancel(const Error&) override { raised_.store(true, std::memory_order_relaxed); }
  std::atomic<bool> raised_ = false;
};

}  // namespace

void BlockStopSignals() {
  const sigset_t set = StopSignals();
  CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
}

Task<Result<std::string>> WaitForStopSignal(const Context& ctx) {
  StopFlag flag;
  ctx.OnCancel(flag);
  // A thread of the blocking pool sits here for the life of the program; it looks up ten times a
  // second so that the program can also end for other reasons.
  const auto wait = [&flag]() -> int {
    const sigset_t set = StopSignals();
    const timespec tick = {0, 100'000'000};
    while (!flag.raised()) {
      const int signal = sigtimedwait(&set, nullptr, &tick);
      if (signal > 0) return signal;
    }
    return 0;
  };
  const int signal = co_await RunBlocking(wait);
  if (signal == 0) {
    CO_TRY_OK(ctx.Check());
  }
  co_return std::string(signal == SIGINT ? "SIGINT" : "SIGTERM");
}

}  // namespace tessera::runtime
