// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/epoll_loop.h"

#include <gtest/gtest.h>

#include "base/waiter.h"
#include "runtime/loop_pool.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"

namespace tessera::runtime {
namespace {

using std::chrono::milliseconds;

// Sends back what it reads until the peer ends.
Task<Result<>> Echo(const Context& ctx, std::unique_ptr<Stream> stream) {
  std::string buffer(64 << 10, '\0');
  for (;;) {
    CO_TRY(const size_t count, co_await stream->Read(ctx, buffer));
    if (count == 0) co_return Ok{};
    CO_TRY_OK(co_await stream->WriteAll(ctx, std::string_view(buffer).substr(0, count)));
  }
}

Task<Result<>> AcceptOne(const Context& ctx, Listener& listener) {
  CO_TRY(std::unique_ptr<Socket> socket, co_await listener.Accept(ctx));
  co_return co_await Echo(ctx, Loop::Current().Open(std::move(socket)));
}

Task<Result<>> SendAll(const Context& ctx, Stream& stream, const std::string& text) {
  co_return co_await stream.WriteAll(ctx, text);
}

Task<Result<std::string>> RoundTrip(const Context& ctx, const Address& where,
                                    const std::string& text) {
  CO_TRY(const auto listener, Loop::Current().Listen(where));
  TaskGroup group(ctx);
  group.Start(AcceptOne(group.context(), *listener));
  auto stream = co_await Loop::Current().Connect(ctx, listener->address());
  if (!stream.ok()) co_return stream.error();
  group.Start(SendAll(group.context(), **stream, text));
  std::string answer(text.size(), '\0');
  size_t at = 0;
  while (at < answer.size()) {
    const auto count = co_await (*stream)->Read(ctx, std::span(answer).subspan(at));
    if (!count.ok()) co_return count.error();
    if (*count == 0) break;
    at += *count;
  }
  (*stream)->Shutdown();
  const Result<> joined = co_await group.Join();
  if (!joined.ok()) co_return joined.error();
  co_return answer;
}

TEST(EpollLoop, EchoesMegabytesOverTcpAndUnixSockets) {
  EXPECT_EQ(0, RunLoop([](const Context& ctx) -> Task<int> {
              std::string text(5 << 20, 'x');
              for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31);
              const auto tcp = co_await RoundTrip(ctx, Address::Tcp("127.0.0.1", 0), text);
              EXPECT_TRUE(tcp.ok() && *tcp == text);
              const std::string path = ::testing::TempDir() + "/echo.sock";
              const auto unix_socket = co_await RoundTrip(ctx, Address::Unix(path), text);
              EXPECT_TRUE(unix_socket.ok() && *unix_socket == text);
              co_return 0;
            }));
}

TEST(EpollLoop, RefusedConnectSaysWhere) {
  RunLoop([](const Context& ctx) -> Task<int> {
    const auto stream = co_await Loop::Current().Connect(ctx, Address::Tcp("127.0.0.1", 1));
    EXPECT_FALSE(stream.ok());
    EXPECT_EQ(stream.error().code(), Code::kUnavailable);
    EXPECT_NE(stream.error().message().find("127.0.0.1:1"), std::string::npos);
    co_return 0;
  });
}

TEST(EpollLoop, TakenPortNamesItsOwner) {
  RunLoop([](const Context&) -> Task<int> {
    const auto first = Loop::Current().Listen(Address::Tcp("127.0.0.1", 0));
    EXPECT_TRUE(first.ok());
    const auto second = Loop::Current().Listen((*first)->address());
    EXPECT_FALSE(second.ok());
    EXPECT_NE(second.error().message().find("pid " + std::to_string(getpid())), std::string::npos)
        << second.error().message();
    co_return 0;
  });
}

TEST(EpollLoop, DeadlineEndsARead) {
  RunLoop([](const Context& ctx) -> Task<int> {
    const auto listener = Loop::Current().Listen(Address::Tcp("127.0.0.1", 0));
    const auto stream = co_await Loop::Current().Connect(ctx, (*listener)->address());
    const Context brief = ctx.WithTimeout(milliseconds(5));
    char byte[1];
    const auto count = co_await (*stream)->Read(brief, byte);
    EXPECT_FALSE(count.ok());
    EXPECT_EQ(count.error().code(), Code::kDeadlineExceeded);
    co_return 0;
  });
}

Task<Result<>> Fails(const Context& ctx) {
  CO_TRY_OK(co_await Sleep(ctx, milliseconds(1)));
  co_return Error(Code::kAborted, "first");
}
Task<Result<>> SleepsLong(const Context& ctx) {
  co_return co_await Sleep(ctx, std::chrono::hours(1));
}

TEST(TaskGroup, FirstErrorCancelsTheRestAndWins) {
  RunLoop([](const Context& ctx) -> Task<int> {
    TaskGroup group(ctx);
    group.Start(SleepsLong(group.context()));
    group.Start(Fails(group.context()));
    const Result<> outcome = co_await group.Join();
    EXPECT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().message(), "first");
    co_return 0;
  });
}

Task<Result<>> Hold(const Context& ctx, AsyncMutex& mutex, int* inside, int* most) {
  CO_TRY(const auto guard, co_await mutex.Lock(ctx));
  *most = std::max(*most, ++*inside);
  co_await Yield();
  --*inside;
  co_return Ok{};
}

TEST(AsyncMutex, OneAtATime) {
  RunLoop([](const Context& ctx) -> Task<int> {
    AsyncMutex mutex;
    int inside = 0;
    int most = 0;
    TaskGroup group(ctx);
    for (int i = 0; i < 10; ++i) group.Start(Hold(group.context(), mutex, &inside, &most));
    const Result<> outcome = co_await group.Join();
    EXPECT_TRUE(outcome.ok());
    EXPECT_EQ(most, 1);
    co_return 0;
  });
}

Task<Result<>> Produce(const Context& ctx, Channel<int>& channel) {
  for (int i = 0; i < 100; ++i) {
    CO_TRY_OK(co_await channel.Push(ctx, i));
  }
  channel.Close();
  co_return Ok{};
}

TEST(Channel, DeliversAllInOrderThroughASmallBuffer) {
  RunLoop([](const Context& ctx) -> Task<int> {
    Channel<int> channel(3);
    TaskGroup group(ctx);
    group.Start(Produce(group.context(), channel));
    int next = 0;
    for (;;) {
      const auto item = co_await channel.Pop(ctx);
      EXPECT_TRUE(item.ok());
      if (!item->has_value()) break;
      EXPECT_EQ(**item, next++);
    }
    EXPECT_EQ(next, 100);
    const Result<> outcome = co_await group.Join();
    EXPECT_TRUE(outcome.ok());
    co_return 0;
  });
}

TEST(Context, ParentCancelReachesGrandchildren) {
  RunLoop([](const Context& ctx) -> Task<int> {
    const Context parent = ctx.WithCancel();
    const Context child = parent.WithTimeout(std::chrono::hours(1)).WithCancel();
    parent.Cancel();
    EXPECT_TRUE(child.cancelled());
    EXPECT_FALSE(ctx.cancelled());
    const Result<> slept = co_await Sleep(child, std::chrono::hours(1));
    EXPECT_FALSE(slept.ok());
    co_return 0;
  });
}

Task<int> WaitForPipe(const Context& ctx) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  FdEvents reading;
  reading.readable = true;
  const Context brief = ctx.WithTimeout(std::chrono::milliseconds(5));
  const Result<FdEvents> empty = co_await Loop::Current().WaitForFd(brief, ends[0], reading);
  EXPECT_TRUE(!empty.ok() && empty.error().code() == Code::kDeadlineExceeded);
  FdEvents writing;
  writing.writable = true;
  const Result<FdEvents> room = co_await Loop::Current().WaitForFd(ctx, ends[1], writing);
  EXPECT_TRUE(room.ok() && room->writable && !room->readable);
  EXPECT_EQ(write(ends[1], "x", 1), 1);
  // Level-triggered: what is not read is reported again.
  for (int i = 0; i < 2; ++i) {
    const Result<FdEvents> filled = co_await Loop::Current().WaitForFd(ctx, ends[0], reading);
    EXPECT_TRUE(filled.ok() && filled->readable && !filled->writable);
  }
  close(ends[0]);
  close(ends[1]);
  const Result<FdEvents> closed = co_await Loop::Current().WaitForFd(ctx, ends[0], reading);
  EXPECT_TRUE(!closed.ok() && closed.error().code() == Code::kInvalidArgument);
  co_return 0;
}

TEST(EpollLoop, WaitsForForeignDescriptors) {
  RunLoop([](const Context& ctx) { return WaitForPipe(ctx); });
}

Task<int> WhichThread() {
  co_return static_cast<int>(std::hash<std::thread::id>()(std::this_thread::get_id()));
}

TEST(LoopPool, RunOnCrossesThreadsAndComesBack) {
  LoopPool pool(2);
  pool.Run([](const Context&, LoopPool& loops) -> Task<int> {
    const int here = co_await WhichThread();
    auto make = [] { return WhichThread(); };
    const int there = co_await RunOn(loops.loop(1), make);
    EXPECT_NE(here, there);
    const int back = co_await WhichThread();
    EXPECT_EQ(here, back);
    auto blocking = [] { return 42; };
    const int answer = co_await RunBlocking(blocking);
    EXPECT_EQ(answer, 42);
    co_return 0;
  });
}

Task<int> One() { co_return 1; }

// Each crossing needs its own wake-up: a loop that has nothing else to do waits for ever without.
TEST(LoopPool, EveryCrossingWakesTheOtherLoop) {
  LoopPool pool(2);
  pool.Run([](const Context&, LoopPool& loops) -> Task<int> {
    auto make = [] { return One(); };
    int crossed = 0;
    for (int i = 0; i < 1000; ++i) {
      const int one = co_await RunOn(loops.loop(1), make);
      crossed += one;
    }
    EXPECT_EQ(crossed, 1000);
    co_return 0;
  });
}

TEST(EpollLoop, WhatItPostsToItselfRunsBeforeItWaits) {
  RunLoop([](const Context& ctx) -> Task<int> {
    WaitQueue posted;
    Loop::Current().Post([&] { posted.WakeOne(); });
    const Result<> woken = co_await posted.Wait(ctx);
    EXPECT_TRUE(woken.ok());
    co_return 0;
  });
}

}  // namespace
}  // namespace tessera::runtime
