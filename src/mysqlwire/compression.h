// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "mysqlwire/bytes.h"

namespace tessera::mysqlwire {

// The compressed form of the protocol: after the login packets travel inside frames, which pay no
// heed to where packets begin. A frame's seven bytes of header are the length of its body, a
// number of its own count, and the length of what the body holds once expanded; that is 0 when the
// body is not compressed. (Manual of MySQL, "Compression".)

enum class CompressionMethod : uint8_t { kZlib, kZstd };

// zstd's levels up to here are a client's to choose; higher ones would let it use up the server.
constexpr int kMostZstdLevel = 9;

// Makes frames. Its working memory is the thread's, so that a connection at rest has none.
class FrameCompressor {
 public:
  // `level` is zstd's, and put into its range.
  FrameCompressor(CompressionMethod method, int level);

  // Appends frames that hold `bytes`.
  void Append(std::string_view bytes, ByteBuffer& out);
  // The number of the next frame.
  uint8_t sequence() const { return sequence_; }
  void SetSequence(uint8_t sequence) { sequence_ = sequence; }

 private:
  void AppendFrame(std::string_view bytes, ByteBuffer& out);

  CompressionMethod method_;
  int level_;
  uint8_t sequence_ = 0;
};

// Takes frames apart as their bytes come. Whatever length a frame claims, it takes no memory for
// it: bytes are expanded into the caller's room, and a frame that holds more or less than it says
// is an error. Working memory (some 40 KB for zlib, at most 16 MB for zstd) is there while a
// compressed frame is under way.
class FrameExpander {
 public:
  explicit FrameExpander(CompressionMethod method);
  ~FrameExpander();

  // Takes bytes off the front of `in` and writes what they hold to `out`; gives how many bytes were
  // written. 0 with room left: more input is needed. Errors (errno 1156, 1157) are for good.
  Result<size_t> Expand(std::string_view& in, std::span<char> out);

  // The number behind the last frame's. A frame must have this one, or 0, which begins a command.
  uint8_t sequence() const { return sequence_; }
  // The other side has counted on, over our frames.
  void SetSequence(uint8_t sequence) { sequence_ = sequence; }
  // Nothing is under way: the stream may end here.
  bool at_rest() const { return !in_frame_ && header_size_ == 0; }

 private:
  class Decoder;
  static constexpr size_t kFrameHeader = 7;
  Result<> BeginFrame();
  Result<size_t> ExpandBody(std::string_view& in, std::span<char> out);

  CompressionMethod method_;
  std::array<char, kFrameHeader> header_;
  size_t header_size_ = 0;  // bytes of the header that have come
  bool in_frame_ = false;
  size_t body_left_ = 0;              // bytes of the frame to come
  size_t plain_left_ = 0;             // bytes it still has to give
  std::unique_ptr<Decoder> decoder_;  // nothing for a body that is not compressed
  uint8_t sequence_ = 0;
};

}  // namespace tessera::mysqlwire
