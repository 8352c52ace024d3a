// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "queryservice/internal/wire_reader.h"

namespace tessera::queryservice::internal {

// Fields of protobuf messages at the end of a string. Values equal to proto3's default are left out
// by the Put functions and kept by the Always ones.
inline void PutRawVarint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

inline size_t VarintSize(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

inline void PutNumber(std::string& out, uint32_t field, uint64_t value) {
  if (value == 0) return;
  PutRawVarint(out, VarintKey(field));
  PutRawVarint(out, value);
}
inline void PutSigned(std::string& out, uint32_t field, int64_t value) {
  PutNumber(out, field, static_cast<uint64_t>(value));
}
inline void PutDouble(std::string& out, uint32_t field, double value) {
  if (value == 0) return;
  PutRawVarint(out, FixedKey(field));
  const auto bits = std::bit_cast<uint64_t>(value);
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(bits >> shift));
}
// Key and length of a field of `size` bytes that the caller appends.
inline void PutHeader(std::string& out, uint32_t field, size_t size) {
  PutRawVarint(out, BytesKey(field));
  PutRawVarint(out, size);
}
inline void PutBytesAlways(std::string& out, uint32_t field, std::string_view bytes) {
  PutHeader(out, field, bytes.size());
  out.append(bytes);
}
inline void PutBytes(std::string& out, uint32_t field, std::string_view bytes) {
  if (!bytes.empty()) PutBytesAlways(out, field, bytes);
}

}  // namespace tessera::queryservice::internal
