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
#include "runtime/stream.h"

namespace tessera::http {

// What a server answered to a GET.
struct Answer {
  int status = 0;
  std::string body;
};

// Collects the answer to a request of HTTP/1.0, which has a length or ends with its connection.
class AnswerParser {
 public:
  // Answers with a longer body, or a head of more than 64 KiB, are errors.
  explicit AnswerParser(size_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

  // Takes bytes. True when the answer is complete; kDataLoss when they are no HTTP answer.
  Result<bool> Feed(std::string_view bytes);
  // The answer, once Feed gave true or the connection ended. kDataLoss when bytes are missing.
  Result<Answer> Finish() &&;

 private:
  Result<> ReadHead(std::string_view head);

  const size_t max_body_bytes_;
  std::string buffer_;
  bool have_head_ = false;
  std::optional<size_t> length_;
  Answer answer_;
};

// Asks `address` for a page (path and query, as they go over the wire) on a connection of its own.
// Any status is an answer. kUnavailable when nobody listens, kDataLoss when it is no HTTP server.
Task<Result<Answer>> Get(const Context& ctx, runtime::Address address, std::string page,
                         size_t max_body_bytes = size_t{16} << 20);

// Text as it may stand in a query: all but letters, digits and -._~ escaped.
std::string UrlEncode(std::string_view text);

}  // namespace tessera::http
