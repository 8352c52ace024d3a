// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/permissions.h"

#include <array>

namespace tessera::tabletmanager {

namespace {

constexpr std::array<uint64_t, 256> MakeCrcTable() {
  constexpr uint64_t kPolynomial = 0xD800000000000000;
  std::array<uint64_t, 256> table{};
  for (uint64_t i = 0; i < 256; ++i) {
    uint64_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ kPolynomial : crc >> 1;
    table[i] = crc;
  }
  return table;
}

}  // namespace

uint64_t Crc64Iso(std::string_view bytes) {
  static constexpr std::array<uint64_t, 256> kTable = MakeCrcTable();
  uint64_t crc = ~uint64_t{0};
  for (const char c : bytes)
    crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ (crc >> 8);
  return ~crc;
}

}  // namespace tessera::tabletmanager
