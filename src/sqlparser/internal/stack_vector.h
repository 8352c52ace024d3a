// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>

namespace tessera::sqlparser {

// A vector whose first kInline items need no allocation: a parser lives for one statement, and most
// statements are short. For plain data only; neither copied nor moved.
template <class T, size_t kInline>
class StackVector {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  StackVector() = default;
  StackVector(const StackVector&) = delete;
  StackVector& operator=(const StackVector&) = delete;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t i) { return items_[i]; }
  const T& operator[](size_t i) const { return items_[i]; }
  const T* data() const { return items_; }
  void push_back(const T& item) { Add() = item; }
  // One more item, of any value.
  T& Add() {
    if (size_ == capacity_) [[unlikely]]
      Grow();
    return items_[size_++];
  }
  // Drops all but the first `size` items.
  void Shrink(size_t size) { size_ = size; }
  void clear() { size_ = 0; }

 private:
  void Grow() {
    auto larger = std::make_unique_for_overwrite<std::byte[]>(2 * capacity_ * sizeof(T));
    std::memcpy(larger.get(), static_cast<const void*>(items_), size_ * sizeof(T));
    heap_ = std::move(larger);
    items_ = reinterpret_cast<T*>(heap_.get());
    capacity_ *= 2;
  }

  alignas(T) std::byte inline_[kInline * sizeof(T)];
  T* items_ = reinterpret_cast<T*>(inline_);
  size_t size_ = 0;
  size_t capacity_ = kInline;
  std::unique_ptr<std::byte[]> heap_;
};

}  // namespace tessera::sqlparser
