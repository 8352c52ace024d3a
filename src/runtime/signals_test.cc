// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/signals.h"

#include <csignal>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/loop_pool.h"

namespace tessera::runtime {
namespace {

// Blocks the signals for one test, as main does for a program.
class Blocked {
 public:
  Blocked() {
    pthread_sigmask(SIG_SETMASK, nullptr, &before_);
    BlockStopSignals();
  }
  ~Blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

Task<int> WaitFor(const Context& ctx, int signal, std::string_view name) {
  kill(getpid(), signal);
  const Result<std::string> got = co_await WaitForStopSignal(ctx);
  EXPECT_TRUE(got.ok());
  if (got.ok()) {
    EXPECT_EQ(*got, name);
  }
  co_return 0;
}

TEST(Signals, StopSignalsAreNamed) {
  const Blocked blocked;
  RunLoop([](const Context& ctx) { return WaitFor(ctx, SIGTERM, "SIGTERM"); });
  RunLoop([](const Context& ctx) { return WaitFor(ctx, SIGINT, "SIGINT"); });
}

Task<int> HearReload(const Context& ctx) {
  kill(getpid(), SIGHUP);
  const Result<> got = co_await WaitForReloadSignal(ctx);
  EXPECT_TRUE(got.ok());
  co_return 0;
}

TEST(Signals, ReloadIsHeardApartFromStop) {
  const Blocked blocked;
  BlockReloadSignal();
  RunLoop(HearReload);
}

Task<int> WaitInVain(const Context& ctx) {
  const Context brief = ctx.WithTimeout(std::chrono::milliseconds(10));
  const Result<std::string> got = co_await WaitForStopSignal(brief);
  EXPECT_FALSE(got.ok());
  if (!got.ok()) {
    EXPECT_EQ(got.error().code(), Code::kDeadlineExceeded);
  }
  co_return 0;
}

TEST(Signals, ContextEndsTheWait) {
  const Blocked blocked;
  RunLoop(WaitInVain);
}

}  // namespace
}  // namespace tessera::runtime
