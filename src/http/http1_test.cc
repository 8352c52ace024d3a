// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "http/http1.h"

#include <string>

#include <gtest/gtest.h>

namespace tessera::http {
namespace {

// The status an input is refused with; 0 when it is accepted, -1 when bytes are missing.
int Outcome(std::string_view bytes, Http1Limits limits = {}) {
  Http1Parser parser(limits);
  parser.Feed(bytes);
  const Result<std::optional<Request>> request = parser.Next();
  if (!request.ok()) return std::stoi(request.error().message());
  return *request ? 0 : -1;
}

TEST(Http1Parser, ReadsARequest) {
  Http1Parser parser{Http1Limits()};
  parser.Feed(
      "POST /debug/a%20b?x=1&name=Ada+L%26 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-Y:  "
      "spaced \r\n\r\nhello");
  const Result<std::optional<Request>> request = parser.Next();
  ASSERT_TRUE(request.ok() && request->has_value());
  EXPECT_EQ((*request)->method, "POST");
  EXPECT_EQ((*request)->path, "/debug/a b");
  EXPECT_EQ((*request)->Parameter("name"), "Ada L&");
  EXPECT_EQ((*request)->Parameter("none"), std::nullopt);
  EXPECT_EQ((*request)->Header("x-y"), "spaced");
  EXPECT_EQ((*request)->body, "hello");
  EXPECT_FALSE(parser.close());
}

TEST(Http1Parser, AnyCutAndPipelining) {
  const std::string wire =
      "GET /one HTTP/1.1\r\n\r\n"
      "PUT /two HTTP/1.1\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3;x=y\r\nabc\r\n4\r\ndefg\r\n0\r\nTrailer: t\r\n\r\n"
      "GET /three HTTP/1.0\r\n\r\n";
  for (size_t step = 1; step <= wire.size(); ++step) {
    Http1Parser parser{Http1Limits()};
    std::string seen;
    for (size_t at = 0; at < wire.size(); at += step) {
      parser.Feed(std::string_view(wire).substr(at, step));
      for (;;) {
        const Result<std::optional<Request>> request = parser.Next();
        ASSERT_TRUE(request.ok()) << request.error().message() << " step " << step;
        if (!*request) break;
        seen += (*request)->path + "=" + (*request)->body + " ";
      }
    }
    EXPECT_EQ(seen, "/one= /two=abcdefg /three= ") << "step " << step;
    EXPECT_TRUE(parser.close());
  }
}

TEST(Http1Parser, RefusesWhatItMust) {
  EXPECT_EQ(Outcome("nonsense\r\n\r\n"), 400);
  EXPECT_EQ(Outcome("GET / HTTP/3.0\r\n\r\n"), 505);
  EXPECT_EQ(Outcome("GET nopath HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(Outcome("GET / HTTP/1.1\r\nno colon\r\n\r\n"), 400);
  EXPECT_EQ(Outcome("GET / HTTP/1.1\r\nName : x\r\n\r\n"), 400);
  EXPECT_EQ(Outcome("POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"), 400);
  EXPECT_EQ(Outcome("POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
            400);
  EXPECT_EQ(Outcome("POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n"), 400);
  EXPECT_EQ(Outcome("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"), 413);
  EXPECT_EQ(Outcome("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"), 501);
  EXPECT_EQ(Outcome("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 400);
  EXPECT_EQ(Outcome("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
            413);
  Http1Limits limits;
  limits.max_head_bytes = 100;
  EXPECT_EQ(Outcome("GET / HTTP/1.1\r\nX: " + std::string(200, 'x'), limits), 431);
  EXPECT_EQ(Outcome("GET / HT"), -1);
}

TEST(Http1, FormatsResponses) {
  Response response = Response::Text("body");
  response.headers = {{"Location", "/x"}, {"Bad", "a\r\nInjected: 1"}};
  EXPECT_EQ(FormatHttp1(response, false, false),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
            "4\r\nLocation: /x\r\n\r\nbody");
  EXPECT_TRUE(
      FormatHttp1(Response::Status(404, "x"), true, true).ends_with("Connection: close\r\n\r\n"));
}

Task<Response> NoPage() { co_return Response::Text(""); }

TEST(Router, LongestPathWins) {
  Router router;
  const auto page = [](const Context&, const Request&) { return NoPage(); };
  router.Handle("/", page);
  router.Handle("/debug/", page);
  router.Handle("/debug/vars", page);
  EXPECT_EQ(router.Find("/debug/vars"), &router.handlers().at("/debug/vars"));
  EXPECT_EQ(router.Find("/debug/x/y"), &router.handlers().at("/debug/"));
  EXPECT_EQ(router.Find("/other"), &router.handlers().at("/"));
  EXPECT_EQ(Router().Find("/x"), nullptr);
}

}  // namespace
}  // namespace tessera::http
