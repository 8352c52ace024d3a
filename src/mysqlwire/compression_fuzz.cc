// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Frames that a hostile client sends, in pieces of any size; and that what we compress comes back.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "mysqlwire/compression.h"

using namespace tessera::mysqlwire;

namespace {

// What was expanded before the input or its sense ended, 64 MB at most.
std::string ExpandAll(CompressionMethod method, std::string_view input, size_t piece, size_t room) {
  FrameExpander expander(method);
  std::string all;
  std::string out(room, '\0');
  while (all.size() < (64 << 20)) {
    std::string_view some = input.substr(0, piece);
    const size_t before = some.size();
    const auto count = expander.Expand(some, out);
    if (!count.ok()) break;
    CHECK(*count <= room);
    all.append(out, 0, *count);
    input.remove_prefix(before - some.size());
    if (*count == 0 && before == some.size()) break;
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const auto method = data[0] % 2 == 0 ? CompressionMethod::kZlib : CompressionMethod::kZstd;
  const size_t piece = 1 + data[1] % 64;
  const size_t room = 1 + size_t{data[0]} * 16;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  ExpandAll(method, input, piece, room);
  FrameCompressor compressor(method, 3);
  ByteBuffer frames;
  compressor.Append(input, frames);
  CHECK(ExpandAll(method, frames.view(), piece, room) == input);
  return 0;
}
