// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "http/client.h"

#include <gtest/gtest.h>

#include "http/acceptor.h"
#include "http/http1.h"
#include "runtime/loop_pool.h"
#include "runtime/task_group.h"

namespace tessera::http {
namespace {

Result<Answer> Parse(std::string_view wire, size_t cut, size_t most = 1000) {
  AnswerParser parser(most);
  for (size_t at = 0; at < wire.size(); at += cut) {
    TRY(const bool complete, parser.Feed(wire.substr(at, cut)));
    if (complete) break;
  }
  return std::move(parser).Finish();
}

TEST(AnswerParser, AnyCut) {
  const std::string_view wire =
      "HTTP/1.1 404 Not Found\r\nCONTENT-length: 5 \r\nX: y\r\n\r\nhelloXX";
  for (size_t cut = 1; cut <= wire.size(); ++cut) {
    const Result<Answer> answer = Parse(wire, cut);
    ASSERT_TRUE(answer.ok()) << cut;
    EXPECT_EQ(answer->status, 404);
    EXPECT_EQ(answer->body, "hello");
  }
}

TEST(AnswerParser, WithoutLengthTheEndOfTheConnectionIsTheEnd) {
  const Result<Answer> answer = Parse("HTTP/1.0 200 OK\r\n\r\nall of it", 4);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->body, "all of it");
}

TEST(AnswerParser, RefusesWhatIsNoAnswer) {
  EXPECT_EQ(Parse("SSH-2.0-x\r\n\r\n", 100).error().code(), Code::kDataLoss);
  EXPECT_EQ(Parse("HTTP/1.1 abc\r\n\r\n", 100).error().code(), Code::kDataLoss);
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", 100).error().code(),
            Code::kDataLoss);
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 100).error().code(),
            Code::kDataLoss);
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", 100).error().code(),
            Code::kDataLoss);
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", 100).error().code(),
            Code::kResourceExhausted);
  EXPECT_EQ(Parse(std::string(70'000, 'x'), 70'000).error().code(), Code::kDataLoss);
}

TEST(UrlEncode, ComesBack) {
  const std::string text = "a b&c=%/:ü+";
  EXPECT_EQ(UrlDecode(UrlEncode(text), true), text);
}

// Our own server, spoken to over real sockets.
class OnePage final : public ConnectionHandler {
 public:
  Task<> Serve(const Context& ctx, const Context&,
               std::unique_ptr<runtime::Stream> stream) override {
    Router router;
    router.Handle("/page", [](const Context&, const Request& request) -> Task<Response> {
      co_return Response::Text("x=" + request.Parameter("x").value_or("none"));
    });
    runtime::Stream& open = *stream;
    const Http1Limits limits;
    const Result<> served = co_await ServeHttp1(ctx, open, "", router, limits);
    static_cast<void>(served.ok());
  }
};

Task<int> AskOurServer(const Context& ctx) {
  Acceptor acceptor;
  OnePage page;
  const Result<runtime::Address> at = acceptor.Listen(runtime::Address::Tcp("127.0.0.1", 0));
  EXPECT_TRUE(at.ok());
  runtime::TaskGroup group(ctx);
  group.Start(acceptor.Serve(group.context(), page, Duration::zero()));
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(10));
  const Result<Answer> found = co_await Get(bounded, *at, "/page?x=" + UrlEncode("a b"));
  EXPECT_TRUE(found.ok() && found->status == 200 && found->body == "x=a b");
  const Result<Answer> missing = co_await Get(bounded, *at, "/other");
  EXPECT_TRUE(missing.ok() && missing->status == 404);
  const Result<> ended = co_await group.CancelAndJoin();
  static_cast<void>(ended.ok());
  const Result<Answer> gone = co_await Get(bounded, *at, "/page");
  EXPECT_TRUE(!gone.ok() && gone.error().code() == Code::kUnavailable);
  co_return 0;
}

TEST(Get, AsksOurServer) { runtime::RunLoop(AskOurServer); }

}  // namespace
}  // namespace tessera::http
