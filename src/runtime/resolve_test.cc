// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Names of hosts, as Connect looks them up.
#include <condition_variable>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/loop_pool.h"
#include "runtime/numeric.h"

namespace tessera::runtime {
namespace {

using ::testing::HasSubstr;

Task<int> ConnectByName(const Context& ctx) {
  const auto listener = Loop::Current().Listen(Address::Tcp("127.0.0.1", 0));
  const Address named = Address::Tcp("localhost", (*listener)->address().port);
  const auto stream = co_await Loop::Current().Connect(ctx, named);
  EXPECT_TRUE(stream.ok()) << stream.error().ToString();
  if (stream.ok()) {
    EXPECT_EQ((*stream)->peer(), named.ToString());
  }
  co_return 0;
}
TEST(Resolve, LocalhostIsFound) { RunLoop(ConnectByName); }

Task<int> ConnectToNobody(const Context& ctx) {
  // RFC 6761: names that end so never resolve.
  const auto stream = co_await Loop::Current().Connect(ctx, Address::Tcp("tablet.invalid", 1));
  EXPECT_FALSE(stream.ok());
  EXPECT_EQ(stream.error().code(), Code::kUnavailable);
  EXPECT_THAT(stream.error().message(), HasSubstr("cannot resolve host 'tablet.invalid': "));
  co_return 0;
}
TEST(Resolve, UnknownNameIsSaid) { RunLoop(ConnectToNobody); }

// Keeps a thread of the pool until it is opened.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  void Open() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return open; });
  }
};

Task<int> ConnectWhileLookUpsHang(const Context& ctx, Gate* gate) {
  // As many as the pool has threads: the look-up waits behind them.
  for (int i = 0; i < 8; ++i) Loop::Current().PostBlocking([gate] { gate->Wait(); });
  const Context brief = ctx.WithTimeout(std::chrono::milliseconds(10));
  const auto stream = co_await Loop::Current().Connect(brief, Address::Tcp("localhost", 1));
  EXPECT_FALSE(stream.ok());
  EXPECT_EQ(stream.error().code(), Code::kDeadlineExceeded);
  EXPECT_THAT(stream.error().message(), HasSubstr("cannot resolve host 'localhost': "));
  // The look-up runs after nobody waits for it any more, and perhaps after its loop has gone.
  gate->Open();
  co_return 0;
}

// getaddrinfo cannot be interrupted, but whoever waits for it can.
TEST(Resolve, DeadlineEndsALookUpThatHangs) {
  Gate gate;
  RunLoop([&gate](const Context& ctx) { return ConnectWhileLookUpsHang(ctx, &gate); });
}

TEST(NumericAddresses, NamesBecomeNumbers) {
  const Result<std::vector<std::string>> v4 = NumericAddresses(Address::Tcp("127.0.0.1", 7));
  ASSERT_TRUE(v4.ok());
  EXPECT_EQ(*v4, std::vector<std::string>{"127.0.0.1:7"});
  const Result<std::vector<std::string>> v6 = NumericAddresses(Address::Tcp("::1", 7));
  ASSERT_TRUE(v6.ok());
  EXPECT_EQ(*v6, std::vector<std::string>{"[::1]:7"});
  const auto none = NumericAddresses(Address::Tcp("no-such-host.invalid", 7));
  EXPECT_TRUE(!none.ok() && none.error().code() == Code::kUnavailable);
}

}  // namespace
}  // namespace tessera::runtime
