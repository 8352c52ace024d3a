// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "http/get.h"

#include <gtest/gtest.h>

#include "http/http1.h"
#include "http/router.h"
#include "runtime/loop.h"
#include "runtime/loop_pool.h"
#include "runtime/task_group.h"

namespace tessera::http {
namespace {

TEST(BodyOfAnswer, TakesWhatTheLengthSays) {
  const Result<std::string> body =
      BodyOfAnswer("HTTP/1.1 200 OK\r\nCONTENT-length: 5\r\nX: y\r\n\r\nhello, world");
  ASSERT_TRUE(body.ok()) << body.error().ToString();
  EXPECT_EQ(*body, "hello");
}

TEST(BodyOfAnswer, WithoutLengthItIsAllUpToTheEnd) {
  const Result<std::string> body = BodyOfAnswer("HTTP/1.0 200 OK\r\n\r\nhello\r\n\r\nworld");
  ASSERT_TRUE(body.ok()) << body.error().ToString();
  EXPECT_EQ(*body, "hello\r\n\r\nworld");
}

TEST(BodyOfAnswer, RefusalsHaveTheirCodeAndWords) {
  const Result<std::string> absent = BodyOfAnswer("HTTP/1.1 404 Not Found\r\n\r\nno such page\n");
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().code(), Code::kNotFound);
  EXPECT_EQ(absent.error().message(), "HTTP status 404: no such page");
  EXPECT_EQ(BodyOfAnswer("HTTP/1.1 404 Not Found\r\n\r\n").error().message(), "HTTP status 404");
  EXPECT_EQ(BodyOfAnswer("HTTP/1.1 403 Forbidden\r\n\r\n").error().code(), Code::kPermissionDenied);
  EXPECT_EQ(BodyOfAnswer("HTTP/1.1 302 Found\r\n\r\n").error().code(), Code::kUnavailable);
}

TEST(BodyOfAnswer, WhatIsCutOrGarbledIsAnError) {
  for (const std::string_view answer :
       {"", "HTTP/1.1 200 OK\r\n", "220 mail.example.com\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello"}) {
    const Result<std::string> body = BodyOfAnswer(answer);
    ASSERT_FALSE(body.ok()) << answer;
    EXPECT_EQ(body.error().code(), Code::kUnavailable) << answer;
  }
}

Task<> ServeOne(const Context& ctx, runtime::Listener& listener, const Router& router) {
  Result<std::unique_ptr<runtime::Socket>> socket = co_await listener.Accept(ctx);
  if (!socket.ok()) co_return;
  const std::unique_ptr<runtime::Stream> stream = runtime::Loop::Current().Open(std::move(*socket));
  const Http1Limits limits;
  const Result<> served = co_await ServeHttp1(ctx, *stream, std::string(), router, limits);
  static_cast<void>(served.ok());
}

Task<Response> Echo(const Context&, const Request& request) {
  co_return Response::Text(request.path + "?" + request.query);
}

Task<int> GetsFromARealServer(const Context& ctx) {
  Router router;
  router.Handle("/debug/vars", &Echo);
  Result<std::unique_ptr<runtime::Listener>> listener =
      runtime::Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", 0));
  CHECK(listener.ok());
  const runtime::Address address = (*listener)->address();
  runtime::TaskGroup group(ctx);
  group.Start(ServeOne(group.context(), **listener, router));
  const Result<std::string> body = co_await HttpGet(ctx, address, "/debug/vars?a=1");
  EXPECT_TRUE(body.ok() && *body == "/debug/vars?a=1") << body.error().ToString();
  group.Start(ServeOne(group.context(), **listener, router));
  const Result<std::string> absent = co_await HttpGet(ctx, address, "/other");
  EXPECT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().code(), Code::kNotFound);
  EXPECT_TRUE(absent.error().message().starts_with("http://127.0.0.1:"))
      << absent.error().message();
  const Result<> joined = co_await group.Join();
  co_return joined.ok() ? 0 : 1;
}

TEST(HttpGet, GetsFromARealServer) { EXPECT_EQ(runtime::RunLoop(&GetsFromARealServer), 0); }

// The listener's backlog takes the connection; nobody reads the request.
Task<int> AServerThatIsSilentIsWaitedForUntilTheDeadline(const Context& ctx) {
  Result<std::unique_ptr<runtime::Listener>> listener =
      runtime::Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", 0));
  CHECK(listener.ok());
  const Context bounded = ctx.WithTimeout(std::chrono::milliseconds(50));
  const Result<std::string> body = co_await HttpGet(bounded, (*listener)->address(), "/");
  EXPECT_FALSE(body.ok());
  EXPECT_EQ(body.error().code(), Code::kDeadlineExceeded);
  co_return 0;
}

TEST(HttpGet, AServerThatIsSilentIsWaitedForUntilTheDeadline) {
  EXPECT_EQ(runtime::RunLoop(&AServerThatIsSilentIsWaitedForUntilTheDeadline), 0);
}

}  // namespace
}  // namespace tessera::http
