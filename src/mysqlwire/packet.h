// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "mysqlwire/bytes.h"

namespace tessera::mysqlwire {

// Cuts received bytes into packets, without copying: bytes are read straight into its buffer.
// Checks sequence numbers, joins the frames of packets over 16 MB in place, and refuses what is
// longer than the limit as soon as the header tells.
//
// A reading coroutine may wait with Tail() while another takes packets with Next(): taking never
// moves the buffer.
class PacketReader {
 public:
  explicit PacketReader(size_t max_packet) : max_packet_(max_packet) {}

  // Room to read into, at least one byte; moves and grows as needed, so no view of a packet may be
  // in use. `hint` is the size wanted when nothing is known of what comes.
  std::span<char> Room(size_t hint);
  // Room behind the bytes there are, moving nothing. May be empty.
  std::span<char> Tail() const { return {buffer_.get() + end_, capacity_ - end_}; }
  void Received(size_t size) { end_ += size; }

  // The next whole packet, or nothing yet. The view holds until Room is called. Errors (errno 1153,
  // 1156 with a code) are for good: the stream has lost its rhythm.
  Result<std::optional<std::string_view>> Next();

  // For packets that have not begun.
  void SetMaxPacket(size_t size) { max_packet_ = size; }
  // The number that the next frame must have; a new command begins at 0.
  uint8_t sequence() const { return sequence_; }
  void SetSequence(uint8_t sequence) { sequence_ = sequence; }
  // Like SetSequence(0), for peers whose commands begin at any number.
  size_t buffered() const { return end_ - begin_; }
  size_t capacity() const { return capacity_; }
  // The bytes not yet taken as packets, which are another layer's (TLS that begins behind this
  // packet). The reader is empty then.
  std::string TakeBuffered();
  // Gives memory over `keep` back when nothing is buffered. As with Room, no view may be in use.
  void Shrink(size_t keep);

 private:
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;  // of what was not taken
  size_t end_ = 0;
  size_t wanted_ = 0;  // bytes from begin_ until the packet can be whole, as far as known
  size_t max_packet_;
  uint8_t sequence_ = 0;
};

// Appends packets to a buffer: Begin, write the payload into buffer(), End. Payloads of 16 MB and
// more are cut into frames at End.
class PacketWriter {
 public:
  ByteBuffer& buffer() { return buffer_; }
  const ByteBuffer& buffer() const { return buffer_; }

  void Begin() {
    start_ = buffer_.size();
    buffer_.Extend(kHeader);
  }
  void End() {
    const size_t size = buffer_.size() - start_ - kHeader;
    if (size >= kFrame) [[unlikely]]
      return EndLong(size);
    PutHeader(buffer_.data() + start_, size);
  }
  // Forgets the packet begun.
  void Abandon() { buffer_.Truncate(start_); }

  uint8_t sequence() const { return sequence_; }
  void SetSequence(uint8_t sequence) { sequence_ = sequence; }

 private:
  static constexpr size_t kHeader = 4;
  static constexpr size_t kFrame = 0xffffff;
  void PutHeader(char* at, size_t size) {
    at[0] = static_cast<char>(size);
    at[1] = static_cast<char>(size >> 8);
    at[2] = static_cast<char>(size >> 16);
    at[3] = static_cast<char>(sequence_++);
  }
  void EndLong(size_t size);

  ByteBuffer buffer_;
  size_t start_ = 0;
  uint8_t sequence_ = 0;
};

}  // namespace tessera::mysqlwire
