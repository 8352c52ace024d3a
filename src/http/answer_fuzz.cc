// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "http/get.h"

// Answers of servers that are not ours: an error or a part of the bytes, never more.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view answer(reinterpret_cast<const char*>(data), size);
  const tessera::Result<std::string> body = tessera::http::BodyOfAnswer(answer);
  if (body.ok()) CHECK(answer.find(*body) != std::string_view::npos);
  return 0;
}
