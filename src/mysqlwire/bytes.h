// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace tessera::mysqlwire {

// Reads a packet from front to back. Reading past the end gives zeros and makes failed() true for
// good, so a parser checks once, at its end (and before it trusts a length). What it gives points
// into the packet.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool failed() const { return failed_; }
  size_t remaining() const { return static_cast<size_t>(end_ - at_); }
  bool empty() const { return at_ == end_; }
  uint8_t Peek() const { return empty() ? 0 : static_cast<uint8_t>(*at_); }

  uint8_t U8() { return static_cast<uint8_t>(Int(1)); }
  uint16_t U16() { return static_cast<uint16_t>(Int(2)); }
  uint32_t U24() { return static_cast<uint32_t>(Int(3)); }
  uint32_t U32() { return static_cast<uint32_t>(Int(4)); }
  uint64_t U64() { return Int(8); }

  // A length-encoded integer. 0xfb (NULL in rows) and 0xff are no integers.
  uint64_t LenencInt() {
    const uint8_t first = U8();
    if (first < 0xfb) return first;
    if (first == 0xfc) return Int(2);
    if (first == 0xfd) return Int(3);
    if (first == 0xfe) return Int(8);
    return Fail(), 0;
  }
  std::string_view LenencString() {
    const uint64_t size = LenencInt();
    return Take(size);
  }
  // Up to a zero byte, which must be there and is skipped.
  std::string_view NulString() {
    const void* zero = empty() ? nullptr : std::memchr(at_, 0, remaining());
    if (zero == nullptr) return Fail(), std::string_view();
    const std::string_view text(at_, static_cast<size_t>(static_cast<const char*>(zero) - at_));
    at_ += text.size() + 1;
    return text;
  }
  std::string_view Take(uint64_t size) {
    if (size > remaining()) return Fail(), std::string_view();
    const std::string_view bytes(at_, static_cast<size_t>(size));
    at_ += size;
    return bytes;
  }
  std::string_view Rest() { return Take(remaining()); }
  void Fail() {
    failed_ = true;
    at_ = end_;
  }

 private:
  uint64_t Int(size_t size) {
    if (size > remaining()) return Fail(), 0;
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i) value |= uint64_t{static_cast<uint8_t>(at_[i])} << (8 * i);
    at_ += size;
    return value;
  }

  const char* at_;
  const char* end_;
  bool failed_ = false;
};

// Bytes that grow at the end. Unlike a string it does not clear what it grows by. Move-only.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(ByteBuffer&& other) noexcept
      : data_(std::move(other.data_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    data_.swap(other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }

  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  char* data() { return data_.get(); }
  std::string_view view() const { return {data_.get(), size_}; }

  void Reserve(size_t more) {
    if (more > capacity_ - size_) Grow(more);
  }
  // Room for `size` more bytes, to be written at the pointer. Valid until the next growth.
  char* Extend(size_t size) {
    Reserve(size);
    char* at = data_.get() + size_;
    size_ += size;
    return at;
  }
  void Append(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(Extend(bytes.size()), bytes.data(), bytes.size());
  }
  void U8(uint8_t value) { *Extend(1) = static_cast<char>(value); }
  void U16(uint16_t value) { Int(value, 2); }
  void U24(uint32_t value) { Int(value, 3); }
  void U32(uint32_t value) { Int(value, 4); }
  void U64(uint64_t value) { Int(value, 8); }
  void LenencInt(uint64_t value);
  void LenencString(std::string_view text) {
    LenencInt(text.size());
    Append(text);
  }
  void NulString(std::string_view text) {
    Append(text.substr(0, text.find('\0')));
    U8(0);
  }
  void Zeros(size_t count) { std::memset(Extend(count), 0, count); }

  void Truncate(size_t size) { size_ = std::min(size, size_); }
  void Clear() { size_ = 0; }
  // Clear, and give the memory back when there is more than `keep`.
  void Release(size_t keep) {
    size_ = 0;
    if (capacity_ > keep) {
      data_.reset();
      capacity_ = 0;
    }
  }

 private:
  void Int(uint64_t value, size_t size) {
    char* at = Extend(size);
    for (size_t i = 0; i < size; ++i) at[i] = static_cast<char>(value >> (8 * i));
  }
  void Grow(size_t more);

  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// Bytes that LenencInt(value) takes.
constexpr size_t LenencSize(uint64_t value) {
  if (value < 0xfb) return 1;
  if (value <= 0xffff) return 3;
  return value <= 0xffffff ? 4 : 9;
}

// Writes a length-encoded integer at `to`; gives the place after it.
inline char* PutLenencInt(char* to, uint64_t value) {
  if (value < 0xfb) {
    *to = static_cast<char>(value);
    return to + 1;
  }
  const size_t size = LenencSize(value) - 1;
  *to++ = static_cast<char>(size == 2 ? 0xfc : size == 3 ? 0xfd : 0xfe);
  for (size_t i = 0; i < size; ++i) *to++ = static_cast<char>(value >> (8 * i));
  return to;
}

}  // namespace tessera::mysqlwire
