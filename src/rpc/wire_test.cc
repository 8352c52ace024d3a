// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Peers that do what a well-behaved client does not, against a whole server.
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/completion.h"
#include "http/http2_session.h"
#include "http/router.h"
#include "rpc/testing/loopback.h"

namespace tessera::rpc {
namespace {

using http::HeaderField;
using testing::Loopback;
using testing::RunLoopback;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Sends the bytes and gives what comes back until the server closes.
Task<Result<std::string>> Converse(const Context& ctx, const runtime::Address& address,
                                   std::string bytes) {
  CO_TRY(const auto stream, co_await runtime::Loop::Current().Connect(ctx, address));
  CO_TRY_OK(co_await stream->WriteAll(ctx, bytes));
  std::string answer;
  char buffer[4096];
  for (;;) {
    const Result<size_t> count = co_await stream->Read(ctx, std::span<char>(buffer));
    if (!count.ok() || *count == 0) co_return answer;
    answer.append(buffer, *count);
  }
}

Task<http::Response> HelloPage(const http::Request& request) {
  co_return http::Response::Html("<p>hello " + request.Parameter("name").value_or("nobody") +
                                 "</p>");
}

const http::Router& Pages() {
  static const http::Router* const pages = [] {
    auto* router = new http::Router;
    router->Handle("/hello",
                   [](const Context&, const http::Request& request) { return HelloPage(request); });
    return router;
  }();
  return *pages;
}

Task<Result<>> PagesShareThePort(Loopback& at) {
  CO_TRY(const std::string hello,
         co_await Converse(at.ctx, at.address,
                           "GET /hello?name=Ada HTTP/1.1\r\nHost: x\r\n\r\nGET /none "
                           "HTTP/1.1\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(hello.starts_with("HTTP/1.1 200 OK\r\n")) << hello;
  EXPECT_NE(hello.find("<p>hello Ada</p>HTTP/1.1 404 Not Found\r\n"), std::string::npos) << hello;
  CO_TRY(const std::string refused, co_await Converse(at.ctx, at.address, "nonsense\r\n\r\n"));
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 400 Bad Request\r\n")) << refused;
  co_return Ok{};
}
TEST(Wire, PagesShareThePort) {
  ServerOptions options;
  options.pages = &Pages();
  RunLoopback(PagesShareThePort, options);
}

Task<Result<>> GarbageEndsOnlyItsConnection(Loopback& at) {
  uint64_t state = 42;
  for (int round = 0; round < 50; ++round) {
    std::string bytes(kPreface);
    for (int i = 0; i < 300; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      bytes.push_back(static_cast<char>(state >> 56));
    }
    // A frame of no known kind is skipped (RFC 9113, 5.5): one with a length past its limit ends
    // the connection.
    bytes.append("\xff\xff\xff\x00\x00\x00\x00\x00\x00", 9);
    CO_TRY_OK(co_await Converse(at.ctx.WithTimeout(std::chrono::seconds(10)), at.address, bytes));
  }
  CO_TRY(const std::string answer, co_await at.channel.Call(at.ctx, testing::kUnary, "still here"));
  EXPECT_EQ(answer, "still here");
  co_return Ok{};
}
TEST(Wire, GarbageEndsOnlyItsConnection) { RunLoopback(GarbageEndsOnlyItsConnection); }

// Remembers all that came, and tells when the stream has closed.
class Recorder final : public http::StreamEvents {
 public:
  std::map<std::string, std::string> headers;
  Completion<http::Http2Code> closed;

 private:
  void OnHeader(std::string_view name, std::string_view value) override {
    headers[std::string(name)] = std::string(value);
  }
  void OnHeadersEnd() override {}
  void OnData(std::string_view) override {}
  void OnEnd() override {}
  void OnClose(http::Http2Code code, const Error*) override { closed.Set(code); }
};

// The headers that answer a request of these headers and this body.
Task<Result<std::map<std::string, std::string>>> RawCall(const Context& ctx,
                                                         const runtime::Address& address,
                                                         std::vector<HeaderField> fields,
                                                         std::string body) {
  CO_TRY(auto stream, co_await runtime::Loop::Current().Connect(ctx, address));
  http::Http2Session session(std::move(stream), http::Http2Options(), nullptr);
  runtime::TaskGroup group(ctx);
  group.Start(session.Run(group.context(), std::string_view()));
  Recorder recorder;
  http::Http2Stream& call = session.Request(fields, recorder);
  call.Send("", std::move(body));
  call.SendEnd();
  co_await recorder.closed;
  session.Drain();
  CO_TRY_OK(co_await group.Join());
  co_return recorder.headers;
}

std::vector<HeaderField> Head(std::string_view method, std::string_view path, std::string_view type,
                              std::string_view extra_name, std::string_view extra_value) {
  return {HeaderField(":method", method),      HeaderField(":scheme", "http"),
          HeaderField(":path", path),          HeaderField(":authority", "test"),
          HeaderField("te", "trailers"),       HeaderField("content-type", type),
          HeaderField(extra_name, extra_value)};
}

Task<Result<>> RefusesBadCalls(Loopback& at) {
  const std::string message("\0\0\0\0\1x", 6);
  const std::string grpc = "application/grpc";
  CO_TRY(const auto snappy,
         co_await RawCall(at.ctx, at.address,
                          Head("POST", testing::kUnary, grpc, "grpc-encoding", "snappy"), message));
  EXPECT_EQ(snappy.at("grpc-status"), "12");
  CO_TRY(const auto timeout,
         co_await RawCall(at.ctx, at.address,
                          Head("POST", testing::kUnary, grpc, "grpc-timeout", "soon"), message));
  EXPECT_EQ(timeout.at("grpc-status"), "13");
  CO_TRY(const auto html,
         co_await RawCall(at.ctx, at.address, Head("POST", testing::kUnary, "text/html", "x", "y"),
                          message));
  EXPECT_EQ(html.at(":status"), "415");
  CO_TRY(const auto half,
         co_await RawCall(at.ctx, at.address, Head("POST", testing::kUnary, grpc, "x", "y"),
                          message.substr(0, 3)));
  EXPECT_EQ(half.at("grpc-status"), "13");
  CO_TRY(const auto none,
         co_await RawCall(at.ctx, at.address, Head("POST", testing::kUnary, grpc, "x", "y"), ""));
  EXPECT_EQ(none.at("grpc-status"), "13");
  CO_TRY(const auto two,
         co_await RawCall(at.ctx, at.address, Head("POST", testing::kUnary, grpc, "x", "y"),
                          message + message));
  EXPECT_EQ(two.at("grpc-status"), "13");
  CO_TRY(const auto good, co_await RawCall(at.ctx, at.address,
                                           Head("POST", testing::kUnary, grpc, "x", "y"), message));
  EXPECT_EQ(good.at("grpc-status"), "0");
  co_return Ok{};
}
TEST(Wire, RefusesBadCalls) { RunLoopback(RefusesBadCalls); }

// A listener that takes connections and never says a word.
Task<Result<>> Mute(const Context& ctx, runtime::Listener& listener) {
  CO_TRY(std::unique_ptr<runtime::Socket> socket, co_await listener.Accept(ctx));
  const auto stream = runtime::Loop::Current().Open(std::move(socket));
  char buffer[1024];
  for (;;) {
    const Result<size_t> count = co_await stream->Read(ctx, std::span<char>(buffer));
    if (!count.ok() || *count == 0) co_return Ok{};
  }
}

Task<Result<>> KeepaliveFindsTheDead(Loopback& at) {
  CO_TRY(const auto listener,
         runtime::Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", 0)));
  runtime::TaskGroup group(at.ctx);
  group.Start(Mute(group.context(), *listener));
  CO_TRY(auto stream, co_await runtime::Loop::Current().Connect(at.ctx, listener->address()));
  http::Http2Options options;
  options.keepalive_time = std::chrono::milliseconds(20);
  options.keepalive_timeout = std::chrono::milliseconds(20);
  http::Http2Session session(std::move(stream), options, nullptr);
  const Result<> ended = co_await session.Run(at.ctx, std::string_view());
  EXPECT_FALSE(ended.ok());
  if (!ended.ok()) {
    EXPECT_NE(ended.error().message().find("keepalive ping"), std::string::npos);
  }
  co_return co_await group.Join();
}
TEST(Wire, KeepaliveFindsTheDead) { RunLoopback(KeepaliveFindsTheDead); }

}  // namespace
}  // namespace tessera::rpc
