// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tessera::queryservice::internal {

// Keys of fields as they stand on the wire: the number and the wire type. A field that comes with
// another wire type than its own thus looks like an unknown one, as protobuf wants it.
constexpr uint64_t VarintKey(uint32_t field) { return uint64_t{field} << 3; }
constexpr uint64_t FixedKey(uint32_t field) { return uint64_t{field} << 3 | 1; }
constexpr uint64_t BytesKey(uint32_t field) { return uint64_t{field} << 3 | 2; }

// Walks the fields of one protobuf message. What it gives points into the message. Bytes that are
// no message end the walk and make failed() true for good.
class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  // Moves to the next field; false at the end.
  bool Next() {
    entry_ = rest_.data();
    if (rest_.empty()) return false;
    if (!TakeVarint(key_) || key_ >> 3 == 0) return Fail();
    switch (key_ & 7) {
      case 0:
        return TakeVarint(number_) || Fail();
      case 1:
        return TakeFixed(8) || Fail();
      case 2:
        return TakeVarint(number_) && TakeBytes(number_) ? true : Fail();
      case 5:
        return TakeFixed(4) || Fail();
      default:
        return Fail();  // groups do not occur in proto3
    }
  }

  uint64_t key() const { return key_; }
  // Of a varint or fixed field.
  uint64_t number() const { return number_; }
  int64_t signed_number() const { return static_cast<int64_t>(number_); }
  // Of a field of bytes.
  std::string_view bytes() const { return bytes_; }
  // The whole field: key, length and value.
  std::string_view entry() const { return {entry_, static_cast<size_t>(rest_.data() - entry_)}; }
  bool failed() const { return failed_; }

 private:
  bool Fail() {
    failed_ = true;
    rest_ = {};
    return false;
  }
  bool TakeVarint(uint64_t& value) {
    value = 0;
    for (size_t i = 0; i < rest_.size() && i < 10; ++i) {
      const auto byte = static_cast<uint8_t>(rest_[i]);
      value |= uint64_t{byte & 0x7fu} << (7 * i);
      if (byte < 0x80) {
        rest_.remove_prefix(i + 1);
        return true;
      }
    }
    return false;
  }
  bool TakeBytes(uint64_t size) {
    if (size > rest_.size()) return false;
    bytes_ = rest_.substr(0, static_cast<size_t>(size));
    rest_.remove_prefix(static_cast<size_t>(size));
    return true;
  }
  bool TakeFixed(size_t size) {
    if (!TakeBytes(size)) return false;
    number_ = 0;
    for (size_t i = 0; i < size; ++i)
      number_ |= uint64_t{static_cast<uint8_t>(bytes_[i])} << (8 * i);
    return true;
  }

  std::string_view rest_;
  const char* entry_ = nullptr;
  uint64_t key_ = 0;
  uint64_t number_ = 0;
  std::string_view bytes_;
  bool failed_ = false;
};

}  // namespace tessera::queryservice::internal
