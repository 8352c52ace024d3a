// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "http/router.h"
#include "runtime/stream.h"

namespace tessera::http {

struct Http1Limits {
  size_t max_head_bytes = size_t{64} << 10;
  size_t max_body_bytes = size_t{16} << 20;
  Duration idle_timeout = std::chrono::seconds(60);  // between requests, and for reading one
};

// Collects one request from bytes as they come.
class Http1Parser {
 public:
  explicit Http1Parser(const Http1Limits& limits) : limits_(limits) {}

  // Takes bytes; what follows a complete request is kept for the next. An error is the answer to
  // give (400, 413, 431, 501, 505) before closing.
  void Feed(std::string_view bytes) { buffer_.append(bytes); }
  // The next complete request; nothing when bytes are missing. The error's message begins with the
  // HTTP status.
  Result<std::optional<Request>> Next();
  // Whether the client asked to close after the request that Next gave last.
  bool close() const { return close_; }
  // That request was HTTP/1.0.
  bool http10() const { return http10_; }
  // The client waits for "100 Continue" before it sends the body; true once per request.
  bool TakeExpectContinue() { return std::exchange(expect_continue_, false); }

 private:
  enum class Body : uint8_t { kNone, kLength, kChunked };
  Result<> ParseHead(std::string_view head);
  Result<> ParseRequestLine(std::string_view line);
  Result<> ParseHeaderLine(std::string_view line);
  Result<> PrepareBody();
  Result<bool> TakeChunks();

  Http1Limits limits_;
  std::string buffer_;
  Request request_;
  bool have_head_ = false;
  bool http10_ = false;
  bool close_ = false;
  bool expect_continue_ = false;
  Body body_ = Body::kNone;
  size_t length_ = 0;
  bool chunk_trailers_ = false;
};

// A response's bytes on the wire; of one with a stream, its head alone.
std::string FormatHttp1(const Response& response, bool close, bool head_only);

// Serves requests of one connection until the client or ctx ends it. `received` are bytes read
// before; `encrypted` is for handlers to know. A handler's context is ctx. A streamed body is the
// last answer of its connection.
Task<Result<>> ServeHttp1(const Context& ctx, runtime::Stream& stream, std::string received,
                          const Router& router, const Http1Limits& limits, bool encrypted = false);

// What a new connection speaks, by its first bytes (which are kept for whoever serves it).
struct Sniffed {
  bool http2 = false;
  bool tls = false;  // a TLS handshake begins
  std::string received;
};
// `received` are bytes read before.
Task<Result<Sniffed>> SniffProtocol(const Context& ctx, runtime::Stream& stream,
                                    std::string received = {});

}  // namespace tessera::http
