// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

namespace tessera::rpc {

// With more complete messages than this waiting for a reader, its peer gets no window for more.
inline constexpr size_t kInboxLowWater = size_t{64} << 10;

// Window is given back in pieces of this size: a small call never does.
inline size_t WindowBatch(size_t stream_window) {
  return std::min<size_t>(size_t{16} << 10, stream_window / 4);
}

}  // namespace tessera::rpc
