// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/packet.h"

#include "mysqlwire/protocol.h"

namespace tessera::mysqlwire {

namespace {

size_t FrameSize(const char* header) {
  return static_cast<uint8_t>(header[0]) | size_t{static_cast<uint8_t>(header[1])} << 8 |
         size_t{static_cast<uint8_t>(header[2])} << 16;
}

}  // namespace

std::span<char> PacketReader::Room(size_t hint) {
  const size_t have = end_ - begin_;
  if (have == 0) begin_ = end_ = 0;
  // A little more than the packet, so that its connection can still be read while it is in use:
  // that is how a client that goes away is noticed.
  constexpr size_t kSlack = 16;
  const size_t missing = wanted_ > have ? wanted_ - have + kSlack : 0;
  const size_t want = std::max({missing, hint, size_t{1}});
  if (capacity_ - end_ < want) {
    if (capacity_ - have < want) {
      // Long packets grow by half at least, so that bytes are moved a few times at most; and a
      // header alone, which may lie about what follows, commits little memory.
      constexpr size_t kTrusted = 1 << 20;
      const size_t grown = have + std::min(want, std::max(hint, kTrusted));
      const size_t capacity = std::max(grown, missing > 0 ? capacity_ + capacity_ / 2 : size_t{0});
      if (capacity > capacity_) {
        std::unique_ptr<char[]> larger(new char[capacity]);
        if (have != 0) std::memcpy(larger.get(), buffer_.get() + begin_, have);
        buffer_ = std::move(larger);
        capacity_ = capacity;
        begin_ = 0;
        end_ = have;
      }
    }
    if (begin_ != 0) {
      std::memmove(buffer_.get(), buffer_.get() + begin_, have);
      begin_ = 0;
      end_ = have;
    }
  }
  return Tail();
}

Result<std::optional<std::string_view>> PacketReader::Next() {
  const size_t have = end_ - begin_;
  char* const start = buffer_.get() + begin_;
  size_t at = 0;       // of the frame looked at
  size_t payload = 0;  // of all frames so far
  uint8_t sequence = sequence_;
  for (;;) {
    if (have - at < kHeaderSize) {
      wanted_ = at + kHeaderSize;
      return std::optional<std::string_view>();
    }
    const size_t size = FrameSize(start + at);
    const auto number = static_cast<uint8_t>(start[at + 3]);
    if (number != sequence)
      return Errorf(Code::kInvalidArgument,
                    "packet number {} came where {} was due: the connection is out of step", number,
                    sequence)
          .WithMysql(1156, "08S01");
    if (payload + size > max_packet_) {
      sequence_ = static_cast<uint8_t>(number + 1);  // of the answer that says so
      return Errorf(Code::kResourceExhausted,
                    "got a packet bigger than 'max_allowed_packet' bytes ({})", max_packet_)
          .WithMysql(1153, "08S01");
    }
    ++sequence;
    payload += size;
    at += kHeaderSize;
    if (have - at < size) {
      // A full frame is followed by another header.
      wanted_ = at + size + (size == kMaxFrame ? kHeaderSize : 0);
      return std::optional<std::string_view>();
    }
    at += size;
    if (size < kMaxFrame) break;
  }
  char* const body = start + kHeaderSize;
  if (payload >= kMaxFrame) {
    char* to = body + kMaxFrame;
    const char* from = to;
    while (from < start + at) {
      const size_t size = FrameSize(from);
      std::memmove(to, from + kHeaderSize, size);
      to += size;
      from += kHeaderSize + size;
    }
  }
  begin_ += at;
  sequence_ = sequence;
  wanted_ = 0;
  return std::optional<std::string_view>(std::in_place, body, payload);
}

std::string PacketReader::TakeBuffered() {
  std::string bytes(buffer_.get() + begin_, end_ - begin_);
  begin_ = end_ = 0;
  wanted_ = 0;
  return bytes;
}

void PacketReader::Shrink(size_t keep) {
  if (begin_ != end_ || capacity_ <= keep) return;
  buffer_.reset();
  capacity_ = begin_ = end_ = 0;
}

void PacketWriter::EndLong(size_t size) {
  const size_t extra = size / kFrame;  // headers after the first; the last frame may be empty
  buffer_.Extend(extra * kHeader);
  char* const body = buffer_.data() + start_ + kHeader;
  for (size_t i = extra; i > 0; --i) {
    const size_t length = i == extra ? size - extra * kFrame : kFrame;
    std::memmove(body + i * (kFrame + kHeader), body + i * kFrame, length);
  }
  for (size_t i = 0; i <= extra; ++i)
    PutHeader(body + i * (kFrame + kHeader) - kHeader, i == extra ? size - extra * kFrame : kFrame);
}

}  // namespace tessera::mysqlwire
