// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Answers of HTTP servers: an answer is the same however its bytes are cut.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "http/client.h"

namespace tessera::http {
namespace {

Result<Answer> Parse(std::string_view wire, size_t cut) {
  AnswerParser parser(1000);
  for (size_t at = 0; at < wire.size(); at += cut) {
    TRY(const bool complete, parser.Feed(wire.substr(at, cut)));
    if (complete) break;
  }
  return std::move(parser).Finish();
}

}  // namespace
}  // namespace tessera::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tessera::http;
  if (size == 0) return 0;
  const std::string_view wire(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto whole = Parse(wire, wire.size() + 1);
  const auto parts = Parse(wire, size_t{1} + data[0] % 16);
  // A body that is too long may be noticed earlier in parts, but no answer differs.
  if (whole.ok()) CHECK(parts.ok() && parts->status == whole->status && parts->body == whole->body);
  return 0;
}
