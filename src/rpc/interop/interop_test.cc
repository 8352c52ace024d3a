// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Both sides of rpc/ against the real grpc++.
#include <chrono>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rpc/channel.h"
#include "rpc/interop/grpc_peer.h"
#include "rpc/testing/loopback.h"
#include "rpc/testing/server_thread.h"
#include "rpc/tls_files.h"
#include "runtime/task_group.h"
#include "runtime/testing/certificates.h"

namespace tessera::rpc {
namespace {

using interop::GrpcCall;
using interop::GrpcClient;
using interop::GrpcClientOptions;
using interop::GrpcServer;
using interop::GrpcStatus;
using testing::ServerThread;

std::string Path(std::string_view path) { return std::string(path); }

ServerOptions SmallServerWindows() {
  ServerOptions options;
  options.stream_window = 65'535;
  options.connection_window = 65'535;
  return options;
}

// Waits for what another thread brings about; a minute is a failure.
template <class Condition>
bool Eventually(const Condition& condition) {
  for (int i = 0; i < 6000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

// --- grpc++ calls us ---

TEST(GrpcClientOnOurServer, Unary) {
  ServerThread server;
  GrpcClient client(server.target(), false);
  for (const size_t size : {size_t{0}, size_t{120}, size_t{70'000}, size_t{4'000'000}}) {
    std::string answer;
    const GrpcStatus status =
        client.Unary(Path(testing::kUnary), testing::Payload(3, size), &answer);
    EXPECT_EQ(status.code, 0) << status.message;
    EXPECT_EQ(answer, testing::Payload(3, size));
  }
}

TEST(GrpcClientOnOurServer, Statuses) {
  ServerThread server;
  GrpcClient client(server.target(), false);
  for (const int code : {3, 5, 14, 17, 18}) {
    const GrpcStatus status =
        client.Unary(Path(testing::kFail), std::to_string(code) + " 100% \xc3\xa9\n.", nullptr);
    EXPECT_EQ(status.code, code);
    EXPECT_EQ(status.message, "100% \xc3\xa9\n.");
  }
  const GrpcStatus unknown = client.Unary("/test.Echo/Nope", "x", nullptr);
  EXPECT_EQ(unknown.code, 12);
  const GrpcStatus health = client.Unary("/grpc.health.v1.Health/Check", "", nullptr);
  EXPECT_EQ(health.code, 0);
}

TEST(GrpcClientOnOurServer, ServerStream) {
  ServerThread server;
  GrpcClient client(server.target(), false);
  const auto call = client.Open(Path(testing::kCount));
  ASSERT_TRUE(call->Write("1000 500"));
  call->CloseWrites();
  size_t count = 0;
  while (const std::optional<std::string> message = call->Read()) {
    ASSERT_EQ(*message, testing::Payload(count, 500));
    ++count;
  }
  EXPECT_EQ(count, 1000u);
  EXPECT_EQ(call->Finish().code, 0);
}

TEST(GrpcClientOnOurServer, ClientStreamAndBidi) {
  ServerThread server;
  GrpcClient client(server.target(), false);
  const auto sum = client.Open(Path(testing::kSum));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(sum->Write(std::string(1000, 's')));
  sum->CloseWrites();
  EXPECT_EQ(sum->Read(), "100 100000");
  EXPECT_EQ(sum->Read(), std::nullopt);
  EXPECT_EQ(sum->Finish().code, 0);
  const auto chat = client.Open(Path(testing::kChat));
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(chat->Write(testing::Payload(i, 10)));
    EXPECT_EQ(chat->Read(), testing::Payload(i, 10));
  }
  chat->CloseWrites();
  EXPECT_EQ(chat->Read(), std::nullopt);
  EXPECT_EQ(chat->Finish().code, 0);
}

TEST(GrpcClientOnOurServer, HundredMegabytesThroughSmallWindows) {
  ServerThread server(SmallServerWindows());
  GrpcClient client(server.target(), true);
  const auto up = client.Open(Path(testing::kSum));
  const std::string megabyte(1 << 20, 'm');
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(up->Write(megabyte));
  up->CloseWrites();
  EXPECT_EQ(up->Read(), "100 104857600");
  const auto down = client.Open(Path(testing::kCount));
  ASSERT_TRUE(down->Write("100 1048576"));
  down->CloseWrites();
  size_t bytes = 0;
  while (const std::optional<std::string> message = down->Read()) bytes += message->size();
  EXPECT_EQ(bytes, 104'857'600u);
  EXPECT_EQ(down->Finish().code, 0);
}

TEST(GrpcClientOnOurServer, ThousandInFlight) {
  ServerThread server;
  GrpcClient client(server.target(), false);
  EXPECT_EQ(client.ManyUnary(Path(testing::kUnary), 5000, 1000, 120), 5000u);
}

TEST(GrpcClientOnOurServer, DeadlineAndCancelMidStream) {
  ServerThread server;
  GrpcClient client(server.target(), false);
  GrpcClientOptions soon;
  soon.deadline_millis = 50;
  EXPECT_EQ(client.Unary(Path(testing::kHang), "x", nullptr, soon).code, 4);
  EXPECT_TRUE(Eventually([&] { return server.Probe().hung_up == 1; }));
  const auto call = client.Open(Path(testing::kCount));
  ASSERT_TRUE(call->Write("1000000 1000"));
  call->CloseWrites();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(call->Read().has_value());
  call->Cancel();
  while (call->Read()) {
  }
  EXPECT_EQ(call->Finish().code, 1);
  EXPECT_EQ(client.Unary(Path(testing::kUnary), "after", nullptr).code, 0);
}

TEST(GrpcClientOnOurServer, BigMetadata) {
  ServerThread server;
  GrpcClient client(server.target(), false);
  GrpcClientOptions options;
  options.metadata = {{"long", std::string(50'000, 'm')}, {"raw-bin", std::string("\0\1\xff", 3)}};
  const auto call = client.Open(Path(testing::kMeta), options);
  ASSERT_TRUE(call->Write(""));
  call->CloseWrites();
  EXPECT_EQ(call->Read(), testing::kMeta);
  EXPECT_EQ(call->Read(), std::nullopt);
  EXPECT_EQ(call->Finish().code, 0);
  for (const auto& [name, value] : options.metadata) {
    EXPECT_THAT(call->headers(), ::testing::Contains(::testing::Pair("head-" + name, value)));
    EXPECT_THAT(call->trailers(), ::testing::Contains(::testing::Pair("tail-" + name, value)));
  }
}

TEST(GrpcClientOnOurServer, TooLargeMessage) {
  ServerOptions options;
  options.max_receive_bytes = 1000;
  ServerThread server(options);
  GrpcClient client(server.target(), false);
  const GrpcStatus status = client.Unary(Path(testing::kUnary), std::string(5000, 'x'), nullptr);
  EXPECT_EQ(status.code, 8);
  EXPECT_EQ(status.message, "grpc: received message larger than max (5000 vs. 1000)");
}

TEST(GrpcClientOnOurServer, DrainFinishesCalls) {
  ServerThread server;
  GrpcClient client(server.target(), false);
  const auto chat = client.Open(Path(testing::kChat));
  ASSERT_TRUE(chat->Write("before"));
  EXPECT_EQ(chat->Read(), "before");
  std::thread stop([&] { server.Stop(); });
  ASSERT_TRUE(chat->Write("after"));
  EXPECT_EQ(chat->Read(), "after");
  chat->CloseWrites();
  EXPECT_EQ(chat->Read(), std::nullopt);
  EXPECT_EQ(chat->Finish().code, 0);
  stop.join();
}

// --- over TLS, each side with a certificate ---

using runtime::testing::TestAuthority;
using runtime::testing::TestCertificate;

ServerOptions SecretServer(const TestAuthority& authority, const TestCertificate& certificate) {
  ServerTlsFiles files;
  files.certificate = certificate.certificate_file;
  files.key = certificate.key_file;
  files.ca = authority.ca_file();
  const Result<std::shared_ptr<const runtime::TlsContext>> tls = LoadServerTls(files);
  CHECK(tls.ok());
  ServerOptions options;
  options.tls = *tls;
  return options;
}

interop::GrpcTls PeerTls(const TestAuthority& authority, const TestCertificate& certificate) {
  return {authority.ca_file(), certificate.certificate_file, certificate.key_file};
}

TEST(GrpcClientOnOurTlsServer, CallsAndStreams) {
  TestAuthority authority("Test Authority");
  ServerThread server(SecretServer(authority, authority.Issue()));
  GrpcClient client(server.target(), false, PeerTls(authority, authority.Issue()));
  for (const size_t size : {size_t{0}, size_t{120}, size_t{70'000}, size_t{4'000'000}}) {
    std::string answer;
    const GrpcStatus status =
        client.Unary(Path(testing::kUnary), testing::Payload(3, size), &answer);
    EXPECT_EQ(status.code, 0) << status.message;
    EXPECT_EQ(answer, testing::Payload(3, size));
  }
  EXPECT_EQ(client.Unary(Path(testing::kFail), "17 text", nullptr).code, 17);
  const auto down = client.Open(Path(testing::kCount));
  ASSERT_TRUE(down->Write("20 1048576"));
  down->CloseWrites();
  size_t bytes = 0;
  while (const std::optional<std::string> message = down->Read()) bytes += message->size();
  EXPECT_EQ(bytes, size_t{20} << 20);
  EXPECT_EQ(down->Finish().code, 0);
  const auto up = client.Open(Path(testing::kSum));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(up->Write(std::string(1 << 20, 'm')));
  up->CloseWrites();
  EXPECT_EQ(up->Read(), "20 20971520");
  EXPECT_EQ(client.ManyUnary(Path(testing::kUnary), 2000, 500, 120), 2000u);
}

TEST(GrpcClientOnOurTlsServer, StrangersAreRefused) {
  TestAuthority authority("Test Authority");
  TestAuthority other("Other Authority");
  ServerThread server(SecretServer(authority, authority.Issue()));
  const TestCertificate eve = other.Issue();
  const interop::GrpcTls strangers[] = {{},
                                        {authority.ca_file(), "", ""},
                                        PeerTls(other, authority.Issue()),
                                        {authority.ca_file(), eve.certificate_file, eve.key_file}};
  for (const interop::GrpcTls& stranger : strangers) {
    GrpcClient client(server.target(), false, stranger);
    EXPECT_EQ(client.Unary(Path(testing::kUnary), "x", nullptr).code, 14);
  }
  GrpcClient friendly(server.target(), false, PeerTls(authority, authority.Issue()));
  EXPECT_EQ(friendly.Unary(Path(testing::kUnary), "x", nullptr).code, 0);
}

// --- we call grpc++ ---

using ChannelTest = Task<Result<>> (*)(const Context& ctx, Channel& channel, GrpcServer& server);

Task<int> RunChannelTask(const Context& ctx, ChannelTest test, GrpcServer* server,
                         const ChannelOptions* options) {
  Channel channel(runtime::Address::Tcp("127.0.0.1", static_cast<uint16_t>(server->port())),
                  *options);
  const Result<> outcome = co_await test(ctx, channel, *server);
  if (!outcome.ok()) ADD_FAILURE() << outcome.error().ToString();
  co_await channel.Close();
  co_return 0;
}

void RunChannel(ChannelTest test, bool small_windows = false) {
  GrpcServer server(small_windows);
  ChannelOptions options;
  options.max_metadata_bytes = 256 << 10;
  if (small_windows) {
    options.stream_window = 65'535;
    options.connection_window = 65'535;
  }
  runtime::RunLoop(
      [&](const Context& ctx) { return RunChannelTask(ctx, test, &server, &options); });
}

Task<Result<>> OurUnary(const Context& ctx, Channel& channel, GrpcServer&) {
  for (const size_t size : {size_t{0}, size_t{120}, size_t{70'000}, size_t{4'000'000}}) {
    const std::string request = testing::Payload(3, size);
    CO_TRY(const std::string answer, co_await channel.Call(ctx, testing::kUnary, request));
    EXPECT_EQ(answer, request);
  }
  co_return Ok{};
}
TEST(OurClientOnGrpcServer, Unary) { RunChannel(OurUnary); }

Task<Result<>> OurStatuses(const Context& ctx, Channel& channel, GrpcServer&) {
  for (const int code : {3, 5, 14, 17, 18}) {
    const std::string request = std::to_string(code) + " 100% \xc3\xa9\n.";
    const Result<std::string> answer = co_await channel.Call(ctx, testing::kFail, request);
    EXPECT_FALSE(answer.ok());
    if (answer.ok()) continue;
    EXPECT_EQ(static_cast<int>(answer.error().code()), code);
    EXPECT_EQ(answer.error().message(), "100% \xc3\xa9\n.");
  }
  const Result<std::string> unknown = co_await channel.Call(ctx, "/test.Echo/Nope", "x");
  EXPECT_EQ(unknown.error().code(), Code::kUnimplemented);
  co_return Ok{};
}
TEST(OurClientOnGrpcServer, Statuses) { RunChannel(OurStatuses); }

Task<Result<>> OurStreams(const Context& ctx, Channel& channel, GrpcServer&) {
  CO_TRY(const auto count, co_await channel.ServerStream(ctx, testing::kCount, "1000 500"));
  size_t messages = 0;
  for (;;) {
    CO_TRY(const std::optional<std::string> message, co_await count->Next(ctx));
    if (!message) break;
    EXPECT_EQ(*message, testing::Payload(messages, 500));
    ++messages;
  }
  EXPECT_EQ(messages, 1000u);
  CO_TRY(const auto sum, co_await channel.Open(ctx, testing::kSum));
  for (int i = 0; i < 100; ++i) {
    CO_TRY_OK(co_await sum->Write(ctx, std::string(1000, 's')));
  }
  sum->CloseWrites();
  CO_TRY(const std::optional<std::string> total, co_await sum->Next(ctx));
  EXPECT_EQ(total, "100 100000");
  CO_TRY(const auto chat, co_await channel.Open(ctx, testing::kChat));
  for (size_t i = 0; i < 100; ++i) {
    CO_TRY_OK(co_await chat->Write(ctx, testing::Payload(i, 10)));
    CO_TRY(const std::optional<std::string> message, co_await chat->Next(ctx));
    EXPECT_EQ(message, testing::Payload(i, 10));
  }
  chat->CloseWrites();
  CO_TRY(const std::optional<std::string> end, co_await chat->Next(ctx));
  EXPECT_EQ(end, std::nullopt);
  co_return Ok{};
}
TEST(OurClientOnGrpcServer, Streams) { RunChannel(OurStreams); }

Task<Result<>> OurHundredMegabytes(const Context& ctx, Channel& channel, GrpcServer&) {
  CO_TRY(const auto up, co_await channel.Open(ctx, testing::kSum));
  for (int i = 0; i < 100; ++i) {
    CO_TRY_OK(co_await up->Write(ctx, std::string(1 << 20, 'm')));
  }
  up->CloseWrites();
  CO_TRY(const std::optional<std::string> total, co_await up->Next(ctx));
  EXPECT_EQ(total, "100 104857600");
  CO_TRY(const auto down, co_await channel.ServerStream(ctx, testing::kCount, "100 1048576"));
  size_t bytes = 0;
  for (;;) {
    CO_TRY(const std::optional<std::string> message, co_await down->Next(ctx));
    if (!message) break;
    bytes += message->size();
  }
  EXPECT_EQ(bytes, 104'857'600u);
  co_return Ok{};
}
TEST(OurClientOnGrpcServer, HundredMegabytesThroughSmallWindows) {
  RunChannel(OurHundredMegabytes, true);
}

Task<Result<>> OneCall(const Context& ctx, Channel& channel, size_t index) {
  const std::string request = testing::Payload(index, 120);
  CO_TRY(const std::string answer, co_await channel.Call(ctx, testing::kUnary, request));
  EXPECT_EQ(answer, request);
  co_return Ok{};
}

Task<Result<>> OurThousand(const Context& ctx, Channel& channel, GrpcServer&) {
  runtime::TaskGroup group(ctx);
  for (size_t i = 0; i < 1000; ++i) group.Start(OneCall(group.context(), channel, i));
  co_return co_await group.Join();
}
TEST(OurClientOnGrpcServer, ThousandInFlight) { RunChannel(OurThousand); }

Task<Result<>> OurDeadlines(const Context& ctx, Channel& channel, GrpcServer&) {
  const Context soon = ctx.WithTimeout(std::chrono::milliseconds(50));
  const Result<std::string> late = co_await channel.Call(soon, testing::kHang, "x");
  EXPECT_EQ(late.error().code(), Code::kDeadlineExceeded);
  const Context cancelled = ctx.WithCancel();
  CO_TRY(const auto stream,
         co_await channel.ServerStream(cancelled, testing::kCount, "1000000 1000"));
  for (int i = 0; i < 10; ++i) {
    CO_TRY(const std::optional<std::string> message, co_await stream->Next(ctx));
    EXPECT_TRUE(message.has_value());
  }
  cancelled.Cancel();
  for (;;) {
    const Result<std::optional<std::string>> rest = co_await stream->Next(ctx);
    if (rest.ok() && *rest) continue;
    EXPECT_FALSE(rest.ok());
    if (!rest.ok()) {
      EXPECT_EQ(rest.error().code(), Code::kCancelled);
    }
    break;
  }
  CO_TRY(const std::string answer, co_await channel.Call(ctx, testing::kUnary, "after"));
  EXPECT_EQ(answer, "after");
  co_return Ok{};
}
TEST(OurClientOnGrpcServer, DeadlineAndCancelMidStream) { RunChannel(OurDeadlines); }

Task<Result<>> OurMetadata(const Context& ctx, Channel& channel, GrpcServer&) {
  CallOptions options;
  options.metadata.Add("long", std::string(50'000, 'm'));
  options.metadata.Add("raw-bin", std::string("\0\1\xff", 3));
  Metadata headers;
  Metadata trailers;
  options.received_headers = &headers;
  options.received_trailers = &trailers;
  CO_TRY_OK(co_await channel.Call(ctx, testing::kMeta, "", &options));
  for (const auto& [name, value] : options.metadata) {
    const std::string* head = headers.Find("head-" + name);
    const std::string* tail = trailers.Find("tail-" + name);
    EXPECT_TRUE(head != nullptr && *head == value) << name;
    EXPECT_TRUE(tail != nullptr && *tail == value) << name;
  }
  co_return Ok{};
}
TEST(OurClientOnGrpcServer, BigMetadata) { RunChannel(OurMetadata); }

Task<Result<>> OurGoaway(const Context& ctx, Channel& channel, GrpcServer& server) {
  CO_TRY_OK(co_await channel.Call(ctx, testing::kUnary, "x"));
  server.Shutdown(1000);
  while (channel.connected()) co_await Yield();
  const Result<std::string> down = co_await channel.Call(ctx, testing::kUnary, "x");
  EXPECT_EQ(down.error().code(), Code::kUnavailable);
  EXPECT_THAT(down.error().message(), ::testing::HasSubstr("connection refused"));
  co_return Ok{};
}
TEST(OurClientOnGrpcServer, Goaway) { RunChannel(OurGoaway); }

// --- over TLS, each side with a certificate ---

ChannelOptions SecretChannel(const TestAuthority& authority, const TestCertificate* certificate) {
  ClientTlsFiles files;
  files.ca = authority.ca_file();
  if (certificate != nullptr) {
    files.certificate = certificate->certificate_file;
    files.key = certificate->key_file;
  }
  const Result<std::shared_ptr<const runtime::TlsContext>> tls = LoadClientTls(files);
  CHECK(tls.ok());
  ChannelOptions options;
  options.tls = *tls;
  return options;
}

void RunSecret(ChannelTest test, const TestAuthority& authority, GrpcServer& server,
               const TestCertificate* certificate) {
  const ChannelOptions options = SecretChannel(authority, certificate);
  runtime::RunLoop(
      [&](const Context& ctx) { return RunChannelTask(ctx, test, &server, &options); });
}

TEST(OurClientOnGrpcTlsServer, CallsAndStreams) {
  TestAuthority authority("Test Authority");
  const TestCertificate certificate = authority.Issue();
  GrpcServer server(false, 0, PeerTls(authority, authority.Issue()));
  for (const ChannelTest test : {OurUnary, OurStatuses, OurStreams, OurHundredMegabytes,
                                 OurThousand, OurDeadlines, OurMetadata})
    RunSecret(test, authority, server, &certificate);
  RunSecret(OurGoaway, authority, server, &certificate);
}

Task<Result<>> IsUnavailable(const Context& ctx, Channel& channel, GrpcServer&) {
  const Result<std::string> answer = co_await channel.Call(ctx, testing::kUnary, "x");
  EXPECT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code(), Code::kUnavailable);
  EXPECT_THAT(answer.error().message(), ::testing::HasSubstr("connection error: "));
  co_return Ok{};
}

TEST(OurClientOnGrpcTlsServer, StrangersAreRefused) {
  TestAuthority authority("Test Authority");
  TestAuthority other("Other Authority");
  const TestCertificate certificate = authority.Issue();
  GrpcServer server(false, 0, PeerTls(authority, certificate));
  RunSecret(IsUnavailable, authority, server, nullptr);
  RunSecret(IsUnavailable, other, server, &certificate);
  const TestCertificate eve = other.Issue();
  RunSecret(IsUnavailable, authority, server, &eve);
}

}  // namespace
}  // namespace tessera::rpc
