// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mysqlctl/position.h"

// Any text is a position or an error, and a position has reached itself.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tessera::mysqlctl;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto split = SplitPosition(text);
  if (!split.ok()) return 0;
  const auto position = ParseMariaDbPosition(split->gtids);
  if (position.ok() && !AtLeast(*position, *position)) __builtin_trap();
  return 0;
}
