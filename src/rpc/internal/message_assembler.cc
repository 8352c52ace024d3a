// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/internal/message_assembler.h"

#include <algorithm>
#include <cstring>

namespace tessera::rpc {

namespace {

// A length is only a claim until its bytes arrive.
constexpr size_t kReserveAtMost = size_t{1} << 20;

}  // namespace

Result<> MessageAssembler::StartMessage() {
  if (prefix_[0] > 1)
    return Errorf(Code::kInternal, "grpc: received unexpected payload format {}", prefix_[0]);
  if (prefix_[0] == 1)
    return Error(Code::kInternal, "grpc: compressed flag set with identity or empty encoding");
  body_size_ =
      size_t{prefix_[1]} << 24 | size_t{prefix_[2]} << 16 | size_t{prefix_[3]} << 8 | prefix_[4];
  if (body_size_ > max_bytes_)
    return Errorf(Code::kResourceExhausted, "grpc: received message larger than max ({} vs. {})",
                  body_size_, max_bytes_);
  return Ok{};
}

Result<> MessageAssembler::Feed(std::string_view bytes, MessageQueue& queue) {
  while (!bytes.empty()) {
    if (prefix_size_ < kMessagePrefix) {
      const size_t count = std::min(bytes.size(), kMessagePrefix - prefix_size_);
      std::memcpy(prefix_ + prefix_size_, bytes.data(), count);
      prefix_size_ += count;
      bytes.remove_prefix(count);
      if (prefix_size_ < kMessagePrefix) return Ok{};
      TRY_OK(StartMessage());
      if (bytes.size() < body_size_) body_.reserve(std::min(body_size_, kReserveAtMost));
    }
    const size_t count = std::min(bytes.size(), body_size_ - body_.size());
    body_.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    if (body_.size() == body_size_) {
      queue.Push(std::exchange(body_, std::string()));
      prefix_size_ = 0;
    }
  }
  return Ok{};
}

}  // namespace tessera::rpc
