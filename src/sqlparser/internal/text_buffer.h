// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "sqlparser/internal/scan.h"

namespace tessera::sqlparser {

// A text that grows at its end and whose memory is kept for the next one. Cheaper a token than a
// std::string: no terminator, and short pieces are copied sixteen bytes at a time.
class TextBuffer {
 public:
  void clear() { size_ = 0; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {data_.get(), size_}; }
  std::string_view From(size_t begin) const { return {data_.get() + begin, size_ - begin}; }
  void Shrink(size_t size) { size_ = size; }

  // Room for size bytes in all, so that views stay good until there are more.
  void Reserve(size_t size) {
    if (size + kSlack > capacity_) Grow(size);
  }
  void push_back(char c) {
    Reserve(size_ + 1);
    data_[size_++] = c;
  }
  void append(const char* text, size_t size) {
    Reserve(size_ + size);
    std::memcpy(data_.get() + size_, text, size);
    size_ += size;
  }
  void Append(std::string_view text) { append(text.data(), text.size()); }
  // A piece of a text that ends at source_end.
  void AppendPiece(std::string_view piece, const char* source_end) {
    if (!IsLoose(piece, source_end)) return Append(piece);
    Reserve(size_ + piece.size());
    CopySixteen(data_.get() + size_, piece.data());
    size_ += piece.size();
  }
  // The same with A to Z as a to z.
  void AppendLower(std::string_view piece, const char* source_end) {
    if (IsLoose(piece, source_end)) {
      Reserve(size_ + piece.size());
      LowerSixteen(data_.get() + size_, piece.data());
      size_ += piece.size();
      return;
    }
    for (const char c : piece) push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c));
  }

 private:
  static constexpr size_t kSlack = 16;

  // Whether sixteen bytes may be read where the piece begins, and hold all of it.
  static bool IsLoose(std::string_view piece, const char* source_end) {
    return piece.size() <= kSlack && source_end - piece.data() >= static_cast<ptrdiff_t>(kSlack);
  }

  void Grow(size_t size) {
    const size_t capacity = std::max(2 * capacity_, size + kSlack);
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace tessera::sqlparser
