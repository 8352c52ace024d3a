// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/internal/trace_parent.h"

#include <charconv>

namespace tessera::rpc {

TraceId ParseTraceParent(std::string_view text) {
  TraceId trace;
  if (text.size() < 55 || text[2] != '-' || text[35] != '-') return trace;
  const auto high = std::from_chars(text.data() + 3, text.data() + 19, trace.high, 16);
  const auto low = std::from_chars(text.data() + 19, text.data() + 35, trace.low, 16);
  if (high.ptr != text.data() + 19 || low.ptr != text.data() + 35) return TraceId();
  return trace;
}

std::string FormatTraceParent(TraceId trace, uint64_t span) {
  return fmt::format("00-{:016x}{:016x}-{:016x}-01", trace.high, trace.low, span);
}

}  // namespace tessera::rpc
