// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What lasts longer than a call: limits by default, idle connections, servers that go and come.
// Minutes pass in the simulator's time.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/waiter.h"
#include "http/http2_session.h"
#include "rpc/testing/loopback.h"
#include "runtime/sim.h"

namespace tessera::rpc {
namespace {

using runtime::SimMachine;
using runtime::SimWorld;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::Loopback;
using testing::RunLoopback;

// --- 16 MiB ---

constexpr size_t kLimit = size_t{16} << 20;

Task<Result<>> LimitIsSixteenMegabytes(Loopback& at) {
  const std::string most(kLimit, 'x');
  const Result<std::string> echoed = co_await at.channel.Call(at.ctx, testing::kUnary, most);
  CO_ASSERT_OK(echoed);
  EXPECT_TRUE(*echoed == most);
  const Result<std::string> more = co_await at.channel.Call(at.ctx, testing::kUnary, most + "x");
  EXPECT_EQ(more.error().code(), Code::kResourceExhausted);
  EXPECT_EQ(more.error().message(),
            "grpc: trying to send message larger than max (16777217 vs. 16777216)");
  // What a server may send: it fails its call, the client does not have to.
  const auto stream = co_await at.channel.ServerStream(at.ctx, testing::kCount, "1 16777217");
  CO_ASSERT_OK(stream);
  const auto message = co_await (*stream)->Next(at.ctx);
  EXPECT_EQ(message.error().code(), Code::kResourceExhausted);
  co_return Ok{};
}
TEST(Limits, MessagesHaveSixteenMegabytesByDefault) { RunLoopback(LimitIsSixteenMegabytes); }

Task<Result<>> ServerTakesNoMore(Loopback& at) {
  const Result<std::string> more =
      co_await at.channel.Call(at.ctx, testing::kUnary, std::string(kLimit + 1, 'x'));
  EXPECT_EQ(more.error().message(),
            "grpc: received message larger than max (16777217 vs. 16777216)");
  co_return Ok{};
}
TEST(Limits, ServersHoldToThemByThemselves) {
  ChannelOptions client;
  client.max_send_bytes = 2 * kLimit;
  RunLoopback(ServerTakesNoMore, {}, client);
}

// --- in the simulator ---

const runtime::Address kAddress = runtime::Address::Tcp("server", 15999);

// Serves until ctx ends.
Task<> Serve(const Context& ctx, ServerOptions options) {
  testing::EchoProbe probe;
  Server server(std::move(options));
  testing::RegisterEcho(server, probe);
  const Result<runtime::Address> listening = server.Listen(kAddress);
  EXPECT_TRUE(listening.ok());
  const Result<> served = co_await server.Serve(ctx);
  EXPECT_TRUE(served.ok());
}

Task<> StayIdle(const Context& ctx, Result<>* outcome) {
  auto stream = co_await runtime::Loop::Current().Connect(ctx, kAddress);
  http::Http2Options options;
  options.keepalive_time = seconds(10);
  options.keepalive_timeout = seconds(5);
  http::Http2Session session(std::move(*stream), options, nullptr);
  const Context end = ctx.WithTimeout(minutes(10));
  *outcome = co_await session.Run(end, std::string_view());
  EXPECT_TRUE(session.established());
}

// Sixty pings without a call: each is answered, and none is called too many.
TEST(Idle, ServerAnswersAPingEveryTenSeconds) {
  for (const Duration servers_own : {Duration::zero(), Duration(seconds(10))}) {
    SimWorld world(3);
    SimMachine& there = world.AddMachine("server");
    SimMachine& here = world.AddMachine("client");
    ServerOptions options;
    options.keepalive_time = servers_own;
    there.Start([options](const Context& ctx) { return Serve(ctx, options); });
    world.Run(seconds(1));
    Result<> outcome;
    here.Start([&outcome](const Context& ctx) { return StayIdle(ctx, &outcome); });
    world.Run(minutes(9));
    EXPECT_EQ(there.loop().stream_count(), 1u);
    world.Run(minutes(2));
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code(), Code::kDeadlineExceeded) << outcome.error().ToString();
    there.Crash();
  }
}

// Takes connections and drops them, so that they never become HTTP/2; then serves.
Task<> RefuseThenServe(const Context& ctx, Duration refusing, int* attempts) {
  {
    const auto listener = runtime::Loop::Current().Listen(kAddress);
    const Context until = ctx.WithTimeout(refusing);
    for (;;) {
      const Result<std::unique_ptr<runtime::Socket>> socket = co_await (*listener)->Accept(until);
      if (!socket.ok()) break;
      ++*attempts;
    }
  }
  co_await Serve(ctx, ServerOptions());
}

struct Waited {
  Result<std::string> answer = Error(Code::kInternal, "not ended");
  Duration took{};
};

Task<> CallUntilItIsThere(const Context& ctx, Waited* waited) {
  Executor& executor = Executor::Current();
  Channel channel(kAddress);
  // Without the wish to wait: the first tries, those after it hear at once that we back off.
  for (int i = 0; i < 5; ++i) {
    const Result<std::string> refused = co_await channel.Call(ctx, testing::kUnary, "x");
    EXPECT_EQ(refused.error().code(), Code::kUnavailable);
    EXPECT_THAT(refused.error().message(), HasSubstr("connection error: "));
  }
  EXPECT_LT(executor.Now().time_since_epoch(), seconds(2));
  const Instant begin = executor.Now();
  CallOptions options;
  options.wait_for_ready = true;
  waited->answer = co_await channel.Call(ctx, testing::kUnary, "hello", &options);
  waited->took = executor.Now() - begin;
  co_await channel.Close();
}

TEST(Reconnect, BacksOffAndComesBack) {
  SimWorld world(5);
  SimMachine& there = world.AddMachine("server");
  SimMachine& here = world.AddMachine("client");
  int attempts = 0;
  there.Start(
      [&attempts](const Context& ctx) { return RefuseThenServe(ctx, minutes(1), &attempts); });
  world.Run(seconds(1));
  Waited waited;
  here.Start([&waited](const Context& ctx) { return CallUntilItIsThere(ctx, &waited); });
  world.Run(minutes(2));
  ASSERT_TRUE(waited.answer.ok()) << waited.answer.error().ToString();
  EXPECT_EQ(*waited.answer, "hello");
  // 100 ms, 160 ms, ... up to 10 s: fourteen or so in a minute, and the next within 12 s.
  EXPECT_GE(attempts, 10);
  EXPECT_LE(attempts, 19);
  EXPECT_GE(waited.took, seconds(58));
  EXPECT_LE(waited.took, seconds(72));
  there.Crash();
}

// Serves, is told to go, and is there again at the same address.
Task<> ServeTwice(const Context& ctx, Duration first) {
  const Context until = ctx.WithTimeout(first);
  co_await Serve(until, ServerOptions());
  co_await Serve(ctx, ServerOptions());
}

Task<> CallNowAndThen(const Context& ctx, int* answered, int* failed) {
  Channel channel(kAddress);
  for (int i = 0; i < 100; ++i) {
    const Result<std::string> answer = co_await channel.Call(ctx, testing::kUnary, "x");
    ++*(answer.ok() ? answered : failed);
    const Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(100));
    EXPECT_TRUE(slept.ok());
  }
  co_await channel.Close();
}

TEST(Reconnect, GoawaySendsCallsToTheNextConnection) {
  SimWorld world(9);
  SimMachine& there = world.AddMachine("server");
  SimMachine& here = world.AddMachine("client");
  there.Start([](const Context& ctx) { return ServeTwice(ctx, seconds(5)); });
  world.Run(seconds(1));
  int answered = 0;
  int failed = 0;
  here.Start([&](const Context& ctx) { return CallNowAndThen(ctx, &answered, &failed); });
  world.Run(minutes(1));
  EXPECT_EQ(answered + failed, 100);
  EXPECT_EQ(failed, 0);
  there.Crash();
}

}  // namespace
}  // namespace tessera::rpc
