// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/waiter.h"
#include "http/http1.h"
#include "runtime/loop_pool.h"
#include "runtime/task_group.h"

namespace tessera::http {
namespace {

// What a page's body saw of its end.
struct Seen {
  bool cancelled = false;
};

Task<Result<>> ThreePieces(const Context& ctx, BodyWriter& out) {
  CO_TRY_OK(co_await out.Write(ctx, "one "));
  CO_TRY_OK(co_await out.Write(ctx, ""));
  CO_TRY_OK(co_await out.Write(ctx, "two "));
  co_return co_await out.Write(ctx, "three");
}

Task<Result<>> BreaksOff(const Context& ctx, BodyWriter& out) {
  CO_TRY_OK(co_await out.Write(ctx, "half"));
  co_return Error(Code::kInternal, "no more");
}

Task<Result<>> UntilHangUp(const Context& ctx, BodyWriter& out, Seen& seen) {
  CO_TRY_OK(co_await out.Write(ctx, "begun"));
  const Result<> slept = co_await Sleep(ctx, std::chrono::minutes(5));
  seen.cancelled = !slept.ok() && ctx.cancelled();
  co_return slept.ok() ? Result<>(Ok{}) : Result<>(slept.error());
}

Task<Response> Streamed(BodyStream stream) {
  Response response;
  response.stream = std::move(stream);
  co_return response;
}

Router Pages(Seen& seen) {
  Router pages;
  pages.Handle("/three", [](const Context&, const Request&) { return Streamed(ThreePieces); });
  pages.Handle("/half", [](const Context&, const Request&) { return Streamed(BreaksOff); });
  pages.Handle("/wait", [&seen](const Context&, const Request&) {
    return Streamed(
        [&seen](const Context& ctx, BodyWriter& out) { return UntilHangUp(ctx, out, seen); });
  });
  return pages;
}

Task<Result<std::string>> ReadUntil(const Context& ctx, runtime::Stream& stream,
                                    std::string_view end) {
  std::string answer;
  char buffer[1024];
  while (end.empty() || !answer.ends_with(end)) {
    CO_TRY(const size_t count, co_await stream.Read(ctx, std::span<char>(buffer)));
    if (count == 0) break;
    answer.append(buffer, count);
  }
  co_return answer;
}

Task<Result<>> ServeOne(const Context& ctx, runtime::Listener& listener, const Router& pages) {
  CO_TRY(std::unique_ptr<runtime::Socket> socket, co_await listener.Accept(ctx));
  const std::unique_ptr<runtime::Stream> stream = runtime::Loop::Current().Open(std::move(socket));
  const Http1Limits limits;
  std::string received;
  [[maybe_unused]] const Result<> served =
      co_await ServeHttp1(ctx, *stream, received, pages, limits);
  co_return Ok{};
}

// Sends one request to pages of a server of its own. Reads until `end`, or to the end of the
// connection, and hangs up.
Task<Result<std::string>> Ask(const Context& ctx, const Router& pages, std::string_view request,
                              std::string_view end) {
  runtime::Loop& loop = runtime::Loop::Current();
  CO_TRY(const std::unique_ptr<runtime::Listener> listener,
         loop.Listen(runtime::Address::Tcp("127.0.0.1", 0)));
  runtime::TaskGroup serving(ctx);
  serving.Start(ServeOne(serving.context(), *listener, pages));
  Result<std::unique_ptr<runtime::Stream>> stream = co_await loop.Connect(ctx, listener->address());
  Result<std::string> answer = Error(Code::kUnavailable, "no connection");
  if (stream.ok()) {
    const Result<> sent = co_await (*stream)->WriteAll(ctx, request);
    EXPECT_TRUE(sent.ok());
    answer = co_await ReadUntil(ctx, **stream, end);
    (*stream)->Shutdown();
  }
  CO_TRY_OK(co_await serving.Join());
  co_return answer;
}

Task<Result<>> Checks(const Context& ctx) {
  Seen seen;
  const Router pages = Pages(seen);
  CO_TRY(const std::string whole,
         co_await Ask(ctx, pages, "GET /three HTTP/1.1\r\nHost: x\r\n\r\n", ""));
  EXPECT_NE(whole.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos) << whole;
  EXPECT_EQ(whole.find("Content-Length"), std::string::npos) << whole;
  EXPECT_TRUE(whole.ends_with("\r\n\r\n4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n"))
      << whole;
  CO_TRY(const std::string old, co_await Ask(ctx, pages, "GET /three HTTP/1.0\r\n\r\n", ""));
  EXPECT_TRUE(old.ends_with("\r\n\r\none two three")) << old;
  EXPECT_EQ(old.find("chunked"), std::string::npos) << old;
  CO_TRY(const std::string half, co_await Ask(ctx, pages, "GET /half HTTP/1.1\r\n\r\n", ""));
  EXPECT_TRUE(half.ends_with("4\r\nhalf\r\n")) << half;
  CO_TRY(const std::string begun,
         co_await Ask(ctx, pages, "GET /wait HTTP/1.1\r\n\r\n", "begun\r\n"));
  EXPECT_TRUE(seen.cancelled);
  CO_TRY(const std::string head, co_await Ask(ctx, pages, "HEAD /wait HTTP/1.0\r\n\r\n", ""));
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
  co_return Ok{};
}

Task<int> Main(const Context& ctx) {
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(30));
  const Result<> done = co_await Checks(bounded);
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  co_return 0;
}

TEST(Http1, StreamsBodiesUntilTheyEndOrTheClientHangsUp) { runtime::RunLoop(Main); }

}  // namespace
}  // namespace tessera::http
