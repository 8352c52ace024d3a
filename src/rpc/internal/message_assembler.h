// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace tessera::rpc {

inline constexpr size_t kMessagePrefix = 5;  // a flag byte and the length, big endian

// The five bytes before a message of `size` bytes.
struct MessagePrefix {
  explicit MessagePrefix(size_t size)
      : bytes{0, static_cast<char>(size >> 24), static_cast<char>(size >> 16),
              static_cast<char>(size >> 8), static_cast<char>(size)} {}
  std::string_view view() const { return std::string_view(bytes, sizeof bytes); }
  char bytes[kMessagePrefix];
};

// Complete messages that wait for their reader. The first costs no allocation.
class MessageQueue {
 public:
  bool empty() const { return !front_; }
  size_t bytes() const { return bytes_; }
  size_t count() const { return (front_ ? 1 : 0) + (rest_ != nullptr ? rest_->size() : 0); }
  void Push(std::string message) {
    bytes_ += message.size() + kMessagePrefix;
    if (!front_) {
      front_ = std::move(message);
      return;
    }
    if (rest_ == nullptr) rest_ = std::make_unique<std::deque<std::string>>();
    rest_->push_back(std::move(message));
  }
  std::string Pop() {
    std::string message = std::move(*front_);
    front_.reset();
    if (rest_ != nullptr && !rest_->empty()) {
      front_ = std::move(rest_->front());
      rest_->pop_front();
    }
    bytes_ -= message.size() + kMessagePrefix;
    return message;
  }
  const std::string& front() const { return *front_; }

 private:
  std::optional<std::string> front_;
  std::unique_ptr<std::deque<std::string>> rest_;
  size_t bytes_ = 0;
};

// Cuts the bytes of a stream into gRPC messages.
class MessageAssembler {
 public:
  explicit MessageAssembler(size_t max_bytes) : max_bytes_(max_bytes) {}

  // Takes the bytes; complete messages go to `queue`. After an error the stream is useless.
  Result<> Feed(std::string_view bytes, MessageQueue& queue);
  // No message is half received.
  bool at_boundary() const { return prefix_size_ == 0; }

 private:
  Result<> StartMessage();

  size_t max_bytes_;
  size_t prefix_size_ = 0;  // bytes of the prefix received; a full prefix means a body is coming
  unsigned char prefix_[kMessagePrefix] = {};
  size_t body_size_ = 0;
  std::string body_;
};

}  // namespace tessera::rpc
