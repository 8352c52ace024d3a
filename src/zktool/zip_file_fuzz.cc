// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>

#include "zktool/zip_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static_cast<void>(
      tessera::zktool::ReadZipBytes(std::string(reinterpret_cast<const char*>(data), size)));
  return 0;
}
