// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Configuration files of all three formats: the first byte says which.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "flags/config_file.h"

using namespace tessera::flags;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 4096) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto entries = ReadConfig(text, static_cast<ConfigType>(data[0] % 3));
  if (!entries.ok()) return 0;
  for (const ConfigEntry& entry : *entries) {
    CHECK(entry.list || entry.values.size() == 1);
    CHECK(entry.line <= size + 1);
  }
  return 0;
}
