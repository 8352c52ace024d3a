// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tessera {

// Memory that is freed all at once. Nothing made here has its destructor run, so only trivially
// destructible types may be made. Not thread-safe; movable (what was made stays where it is).
class Arena {
 public:
  explicit Arena(size_t first_block = 1024) : next_block_(first_block) {}
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;

  void* Allocate(size_t size, size_t alignment = alignof(std::max_align_t)) {
    const auto address = reinterpret_cast<uintptr_t>(cursor_);
    const size_t pad = (alignment - address % alignment) % alignment;
    if (cursor_ == nullptr || pad + size > static_cast<size_t>(end_ - cursor_))
      return AllocateSlow(size, alignment);
    char* at = cursor_ + pad;
    cursor_ = at + size;
    return at;
  }

  template <class T, class... Args>
  T* New(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (Allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  template <class T>
  std::span<T> NewArray(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    return {new (Allocate(sizeof(T) * count, alignof(T))) T[count](), count};
  }

  template <class T>
  std::span<T> CopySpan(std::span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (items.empty()) return {};
    void* at = Allocate(items.size_bytes(), alignof(T));
    std::memcpy(at, static_cast<const void*>(items.data()), items.size_bytes());
    return {static_cast<T*>(at), items.size()};
  }

  std::string_view Copy(std::string_view text) {
    if (text.empty()) return {};
    char* at = static_cast<char*>(Allocate(text.size(), 1));
    std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
  }

  // Bytes held, used or not.
  size_t capacity() const { return capacity_; }

  // Bytes made since the last Reset, with what alignment and the ends of full blocks took.
  size_t used() const { return capacity_ - static_cast<size_t>(end_ - cursor_); }

  // Forgets everything made; keeps the newest block for reuse.
  void Reset();

 private:
  void* AllocateSlow(size_t size, size_t alignment);

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* cursor_ = nullptr;
  char* end_ = nullptr;
  size_t next_block_;
  size_t newest_size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace tessera
