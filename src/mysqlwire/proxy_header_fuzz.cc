// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// PROXY headers as a reader takes them: byte for byte what is said to be missing.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "mysqlwire/proxy_header.h"

using namespace tessera::mysqlwire;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  size_t at = 0;
  for (;;) {
    const auto missing = ProxyBytesMissing(input.substr(0, at));
    if (!missing.ok()) return 0;
    CHECK(*missing <= 4096);
    if (*missing == 0) break;
    if (*missing > size - at) return 0;
    at += *missing;
  }
  const auto header = ParseProxyHeader(input.substr(0, at));
  if (header.ok()) CHECK(header->source.size() < 256);
  return 0;
}
