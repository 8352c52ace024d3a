// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/testing/loopback.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "rpc/internal/health.h"

namespace tessera::rpc {
namespace {

using testing::EchoProbe;
using testing::Loopback;
using testing::RunLoopback;

// Lets the loop turn until the condition holds.
template <class Condition>
Task<> Until(const Condition& condition) {
  while (!condition()) co_await Yield();
}

Task<Result<>> UnaryEchoes(Loopback& at) {
  for (const size_t size :
       {size_t{0}, size_t{1}, size_t{300}, size_t{100'000}, size_t{3'000'000}}) {
    const std::string request = testing::Payload(7, size);
    const Result<std::string> answer = co_await at.channel.Call(at.ctx, testing::kUnary, request);
    CO_ASSERT_OK(answer);
    EXPECT_EQ(*answer, request);
  }
  co_return Ok{};
}
TEST(Loopback, UnaryEchoes) { RunLoopback(UnaryEchoes); }

Task<Result<>> EmptyMessage(Loopback& at) {
  const Result<std::string> answer = co_await at.channel.Call(at.ctx, testing::kUnary, "");
  CO_ASSERT_OK(answer);
  EXPECT_EQ(*answer, "");
  co_return Ok{};
}
TEST(Loopback, EmptyMessage) { RunLoopback(EmptyMessage); }

Task<Result<>> ErrorsArriveWhole(Loopback& at) {
  for (const int code : {1, 2, 5, 10, 16, 17, 18}) {
    const Result<std::string> answer = co_await at.channel.Call(
        at.ctx, testing::kFail, fmt::format("{} 100% of \xc3\xa9t\xc3\xa9\nnext line", code));
    EXPECT_FALSE(answer.ok());
    if (answer.ok()) co_return Ok{};
    EXPECT_EQ(static_cast<int>(answer.error().code()), code);
    EXPECT_EQ(answer.error().message(), "100% of \xc3\xa9t\xc3\xa9\nnext line");
  }
  const Result<std::string> spaced = co_await at.channel.Call(at.ctx, testing::kFail, "3 why: ");
  EXPECT_EQ(spaced.error().message(), "why: ");
  const Result<std::string> longest =
      co_await at.channel.Call(at.ctx, testing::kFail, "3 " + std::string(20'000, 'x'));
  EXPECT_EQ(longest.error().message().find(" [...]"), 7680u);
  co_return Ok{};
}
TEST(Loopback, ErrorsArriveWhole) { RunLoopback(ErrorsArriveWhole); }

Task<Result<>> UnknownMethods(Loopback& at) {
  const Result<std::string> method = co_await at.channel.Call(at.ctx, "/test.Echo/Nope", "x");
  EXPECT_EQ(method.error().code(), Code::kUnimplemented);
  EXPECT_EQ(method.error().message(), "unknown method Nope for service test.Echo");
  const Result<std::string> service = co_await at.channel.Call(at.ctx, "/test.None/Nope", "x");
  EXPECT_EQ(service.error().message(), "unknown service test.None");
  const Result<std::string> path = co_await at.channel.Call(at.ctx, "nonsense", "x");
  EXPECT_EQ(path.error().code(), Code::kInternal);  // HTTP/2 itself refuses a path without '/'
  co_return Ok{};
}
TEST(Loopback, UnknownMethods) { RunLoopback(UnknownMethods); }

Task<Result<>> ServerStreams(Loopback& at) {
  auto stream = co_await at.channel.ServerStream(at.ctx, testing::kCount, "500 1000");
  CO_ASSERT_OK(stream);
  size_t count = 0;
  for (;;) {
    const auto message = co_await (*stream)->Next(at.ctx);
    CO_ASSERT_OK(message);
    if (!*message) break;
    EXPECT_EQ(**message, testing::Payload(count, 1000));
    ++count;
  }
  EXPECT_EQ(count, 500u);
  co_return Ok{};
}
TEST(Loopback, ServerStreams) { RunLoopback(ServerStreams); }

// Frames are cut anywhere in a run of messages, the five bytes before a message included: sizes
// that move the cut by one byte each time find all places.
Task<Result<>> FramesEndAnywhere(Loopback& at) {
  for (size_t size = 40; size < 60; ++size) {
    const std::string asked = "4000 " + std::to_string(size);
    auto stream = co_await at.channel.ServerStream(at.ctx, testing::kCount, asked);
    CO_ASSERT_OK(stream);
    size_t count = 0;
    for (;;) {
      const auto message = co_await (*stream)->Next(at.ctx);
      CO_ASSERT_OK(message);
      if (!*message) break;
      EXPECT_EQ(**message, testing::Payload(count, size));
      ++count;
    }
    EXPECT_EQ(count, 4000u);
  }
  co_return Ok{};
}
TEST(Loopback, FramesEndAnywhere) { RunLoopback(FramesEndAnywhere); }

Task<Result<>> ErrorAfterMessages(Loopback& at) {
  auto stream = co_await at.channel.ServerStream(at.ctx, testing::kFailLate, "");
  CO_ASSERT_OK(stream);
  const auto one = co_await (*stream)->Next(at.ctx);
  CO_ASSERT_OK(one);
  EXPECT_EQ(one->value(), "one");
  const auto two = co_await (*stream)->Next(at.ctx);
  CO_ASSERT_OK(two);
  const auto end = co_await (*stream)->Next(at.ctx);
  EXPECT_FALSE(end.ok());
  EXPECT_EQ(end.error().code(), Code::kClusterEvent);
  co_return Ok{};
}
TEST(Loopback, ErrorAfterMessages) { RunLoopback(ErrorAfterMessages); }

Task<Result<>> ClientStreams(Loopback& at) {
  auto stream = co_await at.channel.Open(at.ctx, testing::kSum);
  CO_ASSERT_OK(stream);
  for (size_t i = 0; i < 300; ++i) {
    const Result<> written = co_await (*stream)->Write(at.ctx, testing::Payload(i, 1000));
    CO_ASSERT_OK(written);
  }
  (*stream)->CloseWrites();
  const auto sum = co_await (*stream)->Next(at.ctx);
  CO_ASSERT_OK(sum);
  EXPECT_EQ(sum->value(), "300 300000");
  const auto end = co_await (*stream)->Next(at.ctx);
  CO_ASSERT_OK(end);
  EXPECT_FALSE(end->has_value());
  co_return Ok{};
}
TEST(Loopback, ClientStreams) { RunLoopback(ClientStreams); }

Task<Result<>> BidiTakesTurns(Loopback& at) {
  auto stream = co_await at.channel.Open(at.ctx, testing::kChat);
  CO_ASSERT_OK(stream);
  for (size_t i = 0; i < 50; ++i) {
    const Result<> written = co_await (*stream)->Write(at.ctx, testing::Payload(i, i));
    CO_ASSERT_OK(written);
    const auto message = co_await (*stream)->Next(at.ctx);
    CO_ASSERT_OK(message);
    EXPECT_EQ(message->value(), testing::Payload(i, i));
  }
  (*stream)->CloseWrites();
  const auto end = co_await (*stream)->Next(at.ctx);
  CO_ASSERT_OK(end);
  EXPECT_FALSE(end->has_value());
  co_return Ok{};
}
TEST(Loopback, BidiTakesTurns) { RunLoopback(BidiTakesTurns); }

Task<Result<>> SlowReaderStopsTheWriter(Loopback& at) {
  auto stream = co_await at.channel.ServerStream(at.ctx, testing::kCount, "1000 10000");
  CO_ASSERT_OK(stream);
  // Other calls of the connection go on while nobody reads the stream.
  for (int i = 0; i < 20; ++i) {
    const Result<std::string> answer = co_await at.channel.Call(at.ctx, testing::kUnary, "go on");
    CO_ASSERT_OK(answer);
  }
  size_t bytes = 0;
  for (;;) {
    const auto message = co_await (*stream)->Next(at.ctx);
    CO_ASSERT_OK(message);
    if (!*message) break;
    bytes += (*message)->size();
  }
  EXPECT_EQ(bytes, 10'000'000u);
  co_return Ok{};
}
TEST(Loopback, SlowReaderStopsTheWriter) {
  ChannelOptions small;
  small.stream_window = 65'535;
  small.connection_window = 65'535;
  RunLoopback(SlowReaderStopsTheWriter, {}, small);
}

Task<Result<>> OneOfMany(Channel& channel, const Context& ctx, size_t index) {
  const std::string request = testing::Payload(index, 120);
  CO_TRY(const std::string answer, co_await channel.Call(ctx, testing::kUnary, request));
  if (answer != request) co_return Errorf(Code::kInternal, "call {} got another's answer", index);
  co_return Ok{};
}

Task<Result<>> ThousandInFlight(Loopback& at) {
  runtime::TaskGroup group(at.ctx);
  for (size_t i = 0; i < 1000; ++i) group.Start(OneOfMany(at.channel, group.context(), i));
  const Result<> all = co_await group.Join();
  CO_ASSERT_OK(all);
  co_return Ok{};
}
TEST(Loopback, ThousandInFlight) { RunLoopback(ThousandInFlight); }

Task<Result<>> DeadlineEndsBothSides(Loopback& at) {
  const Context soon = at.ctx.WithTimeout(std::chrono::milliseconds(30));
  const Result<std::string> answer = co_await at.channel.Call(soon, testing::kHang, "");
  EXPECT_EQ(answer.error().code(), Code::kDeadlineExceeded);
  const EchoProbe& probe = at.probe;
  const auto ended = [&probe] { return probe.hung_up == 1; };
  co_await Until(ended);
  co_return Ok{};
}
TEST(Loopback, DeadlineEndsBothSides) { RunLoopback(DeadlineEndsBothSides); }

Task<Result<>> CallHang(Channel& channel, const Context& ctx, Code* code) {
  const Result<std::string> answer = co_await channel.Call(ctx, testing::kHang, "");
  if (!answer.ok()) *code = answer.error().code();
  co_return Ok{};
}

Task<Result<>> CancelReachesTheHandler(Loopback& at) {
  const Context call = at.ctx.WithCancel();
  Code code = Code::kOk;
  runtime::TaskGroup group(at.ctx);
  group.Start(CallHang(at.channel, call, &code));
  const EchoProbe& probe = at.probe;
  const auto hanging = [&probe] { return probe.hanging == 1; };
  co_await Until(hanging);
  call.Cancel();
  const Result<> joined = co_await group.Join();
  CO_ASSERT_OK(joined);
  EXPECT_EQ(code, Code::kCancelled);
  const auto ended = [&probe] { return probe.hung_up == 1; };
  co_await Until(ended);
  EXPECT_EQ(probe.hung_up_code, Code::kCancelled);
  // The connection is as good as before.
  const Result<std::string> answer =
      co_await at.channel.Call(at.ctx, testing::kUnary, "still here");
  CO_ASSERT_OK(answer);
  EXPECT_EQ(at.server.connections(), 1u);
  co_return Ok{};
}
TEST(Loopback, CancelReachesTheHandler) { RunLoopback(CancelReachesTheHandler); }

Task<Result<>> DroppedStreamIsCancelled(Loopback& at) {
  {
    auto stream = co_await at.channel.ServerStream(at.ctx, testing::kCount, "100000 1000");
    CO_ASSERT_OK(stream);
    const auto first = co_await (*stream)->Next(at.ctx);
    CO_ASSERT_OK(first);
  }
  const Result<std::string> answer = co_await at.channel.Call(at.ctx, testing::kUnary, "x");
  CO_ASSERT_OK(answer);
  co_return Ok{};
}
TEST(Loopback, DroppedStreamIsCancelled) { RunLoopback(DroppedStreamIsCancelled); }

Task<Result<>> MetadataBothWays(Loopback& at) {
  CallOptions options;
  options.metadata.Add("username", "ada");
  options.metadata.Add("blob-bin", std::string("\0\xff\x10 any", 8));
  options.metadata.Add("long", std::string(20'000, 'm'));
  Metadata headers;
  Metadata trailers;
  options.received_headers = &headers;
  options.received_trailers = &trailers;
  const Result<std::string> answer = co_await at.channel.Call(at.ctx, testing::kMeta, "", &options);
  CO_ASSERT_OK(answer);
  EXPECT_EQ(*answer, testing::kMeta);
  for (const auto& [name, value] : options.metadata) {
    const std::string* head = headers.Find("head-" + name);
    const std::string* tail = trailers.Find("tail-" + name);
    EXPECT_TRUE(head != nullptr && *head == value) << name;
    EXPECT_TRUE(tail != nullptr && *tail == value) << name;
  }
  CallOptions wrong;
  wrong.metadata.Add("Upper Case", "x");
  const Result<std::string> refused = co_await at.channel.Call(at.ctx, testing::kMeta, "", &wrong);
  EXPECT_EQ(refused.error().code(), Code::kInvalidArgument);
  co_return Ok{};
}
TEST(Loopback, MetadataBothWays) { RunLoopback(MetadataBothWays); }

Task<Result<>> TooMuchMetadata(Loopback& at) {
  CallOptions options;
  for (int i = 0; i < 20; ++i)
    options.metadata.Add(fmt::format("name-{}", i), std::string(5'000, 'm'));
  const Result<std::string> answer = co_await at.channel.Call(at.ctx, testing::kMeta, "", &options);
  EXPECT_EQ(answer.error().code(), Code::kResourceExhausted);
  const Result<std::string> next = co_await at.channel.Call(at.ctx, testing::kUnary, "x");
  CO_ASSERT_OK(next);
  co_return Ok{};
}
TEST(Loopback, TooMuchMetadata) { RunLoopback(TooMuchMetadata); }

Task<Result<>> MessageLimits(Loopback& at) {
  const Result<std::string> received =
      co_await at.channel.Call(at.ctx, testing::kUnary, std::string(1001, 'x'));
  EXPECT_EQ(received.error().code(), Code::kResourceExhausted);
  EXPECT_EQ(received.error().message(), "grpc: received message larger than max (1001 vs. 1000)");
  const Result<std::string> sent =
      co_await at.channel.Call(at.ctx, testing::kUnary, std::string(2001, 'x'));
  EXPECT_EQ(sent.error().message(), "grpc: trying to send message larger than max (2001 vs. 2000)");
  auto stream = co_await at.channel.ServerStream(at.ctx, testing::kCount, "1 3000");
  CO_ASSERT_OK(stream);
  const auto message = co_await (*stream)->Next(at.ctx);
  EXPECT_EQ(message.error().message(), "grpc: received message larger than max (3000 vs. 2500)");
  co_return Ok{};
}
TEST(Loopback, MessageLimits) {
  ServerOptions server;
  server.max_receive_bytes = 1000;
  ChannelOptions client;
  client.max_send_bytes = 2000;
  client.max_receive_bytes = 2500;
  RunLoopback(MessageLimits, server, client);
}

Task<Result<>> FailsFastWhileDown(Loopback& at) {
  auto free_port = runtime::Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", 0));
  CO_ASSERT_OK(free_port);
  const runtime::Address nobody = (*free_port)->address();
  // The port is refused once its listener is gone.
  free_port->reset();
  ChannelOptions options;
  options.backoff_first = std::chrono::seconds(30);
  Channel channel(nobody, options);
  for (int i = 0; i < 3; ++i) {
    const Result<std::string> answer = co_await channel.Call(at.ctx, testing::kUnary, "x");
    EXPECT_EQ(answer.error().code(), Code::kUnavailable);
    EXPECT_TRUE(answer.error().message().starts_with("connection error: "));
    EXPECT_TRUE(answer.error().message().ends_with("connection refused"))
        << answer.error().message();
  }
  co_await channel.Close();
  const Result<std::string> closed = co_await channel.Call(at.ctx, testing::kUnary, "x");
  EXPECT_EQ(closed.error().code(), Code::kCancelled);
  co_return Ok{};
}
TEST(Loopback, FailsFastWhileDown) { RunLoopback(FailsFastWhileDown); }

Task<Result<>> DrainLetsCallsEnd(Loopback& at) {
  auto stream = co_await at.channel.Open(at.ctx, testing::kChat);
  CO_ASSERT_OK(stream);
  const Result<> before = co_await (*stream)->Write(at.ctx, "before");
  CO_ASSERT_OK(before);
  const auto echoed = co_await (*stream)->Next(at.ctx);
  CO_ASSERT_OK(echoed);
  at.serving.Cancel();
  const Channel& channel = at.channel;
  const auto told = [&channel] { return !channel.connected(); };
  co_await Until(told);
  // The old call goes on; a new one finds nobody listening.
  const Result<> after = co_await (*stream)->Write(at.ctx, "after");
  CO_ASSERT_OK(after);
  const auto again = co_await (*stream)->Next(at.ctx);
  CO_ASSERT_OK(again);
  EXPECT_EQ(again->value(), "after");
  const Result<std::string> refused = co_await at.channel.Call(at.ctx, testing::kUnary, "x");
  EXPECT_EQ(refused.error().code(), Code::kUnavailable);
  (*stream)->CloseWrites();
  const auto end = co_await (*stream)->Next(at.ctx);
  CO_ASSERT_OK(end);
  EXPECT_FALSE(end->has_value());
  co_return Ok{};
}
TEST(Loopback, DrainLetsCallsEnd) { RunLoopback(DrainLetsCallsEnd); }

Task<Result<>> HealthIsBuiltIn(Loopback& at) {
  const std::string_view check = "/grpc.health.v1.Health/Check";
  const Result<std::string> all = co_await at.channel.Call(at.ctx, check, "");
  CO_ASSERT_OK(all);
  EXPECT_EQ(*all, "\x08\x01");
  const Result<std::string> one = co_await at.channel.Call(at.ctx, check, "\x0a\x09test.Echo");
  CO_ASSERT_OK(one);
  EXPECT_EQ(*one, "\x08\x01");
  const Result<std::string> none = co_await at.channel.Call(at.ctx, check, "\x0a\x04none");
  EXPECT_EQ(none.error().code(), Code::kNotFound);
  const Result<std::string> broken = co_await at.channel.Call(at.ctx, check, "\x0a\xff");
  EXPECT_EQ(broken.error().code(), Code::kInvalidArgument);
  auto watch =
      co_await at.channel.ServerStream(at.ctx, "/grpc.health.v1.Health/Watch", "\x0a\x09test.Echo");
  CO_ASSERT_OK(watch);
  const auto first = co_await (*watch)->Next(at.ctx);
  CO_ASSERT_OK(first);
  EXPECT_EQ(first->value(), "\x08\x01");
  at.server.SetServing("test.Echo", false);
  const auto second = co_await (*watch)->Next(at.ctx);
  CO_ASSERT_OK(second);
  EXPECT_EQ(second->value(), "\x08\x02");
  co_return Ok{};
}
TEST(Loopback, HealthIsBuiltIn) { RunLoopback(HealthIsBuiltIn); }

Result<> OnlyAda(const ServerCall& call) {
  const std::string* user = call.metadata().Find("username");
  if (user == nullptr) return Error(Code::kUnauthenticated, "metadata has no username");
  if (*user != "ada") return Error(Code::kPermissionDenied, "unknown user");
  return Ok{};
}

Task<Result<>> AuthorizeDecides(Loopback& at) {
  const Result<std::string> nobody = co_await at.channel.Call(at.ctx, testing::kUnary, "x");
  EXPECT_EQ(nobody.error().code(), Code::kUnauthenticated);
  CallOptions options;
  options.metadata.Add("username", "ada");
  const Result<std::string> ada = co_await at.channel.Call(at.ctx, testing::kUnary, "x", &options);
  CO_ASSERT_OK(ada);
  const Result<std::string> health =
      co_await at.channel.Call(at.ctx, "/grpc.health.v1.Health/Check", "");
  CO_ASSERT_OK(health);
  co_return Ok{};
}
TEST(Loopback, AuthorizeDecides) {
  ServerOptions server;
  server.authorize = OnlyAda;
  RunLoopback(AuthorizeDecides, server);
}

Task<int> TwoLoops(const Context& ctx, runtime::LoopPool* pool) {
  EchoProbe probe;
  Server server;
  testing::RegisterEcho(server, probe);
  const Result<runtime::Address> address = server.Listen(runtime::Address::Tcp("127.0.0.1", 0));
  if (!address.ok()) co_return 1;
  server.UseLoops({&pool->loop(0), &pool->loop(1)});
  const Context serving = ctx.WithCancel();
  runtime::TaskGroup group(ctx);
  group.Start(server.Serve(serving));
  std::vector<std::unique_ptr<Channel>> channels;
  for (int i = 0; i < 8; ++i) {
    channels.push_back(std::make_unique<Channel>(*address));
    const Result<std::string> answer =
        co_await channels.back()->Call(ctx, testing::kUnary, "hello");
    EXPECT_TRUE(answer.ok() && *answer == "hello");
  }
  EXPECT_GT(pool->loop(1).stream_count(), 0u);
  EXPECT_EQ(server.connections(), 8u);
  for (const auto& channel : channels) co_await channel->Close();
  serving.Cancel();
  const Result<> served = co_await group.Join();
  EXPECT_TRUE(served.ok());
  EXPECT_EQ(server.connections(), 0u);
  co_return 0;
}
TEST(Server, SpreadsConnectionsOverLoops) {
  runtime::LoopPool pool(2);
  const int status =
      pool.Run([](const Context& ctx, runtime::LoopPool& loops) { return TwoLoops(ctx, &loops); });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace tessera::rpc
