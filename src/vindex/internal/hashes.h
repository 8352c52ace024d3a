// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::vindex {

// The keyspace id of a number: its big-endian bytes, encrypted as one DES block with a key of zero
// bytes. With that key encryption is its own inverse.
uint64_t HashNumber(uint64_t number);

// Sixteen bytes of MD5.
std::string Md5(std::string_view bytes);

// XXH64 with seed 0, as eight little-endian bytes.
std::string Xxh64(std::string_view bytes);

}  // namespace tessera::vindex
