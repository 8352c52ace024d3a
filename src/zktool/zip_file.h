// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace tessera::zktool {

struct ZipEntry {
  std::string name;
  std::string contents;
};

// Writes an archive, over one that is there. Blocks.
Result<> WriteZip(const std::string& path, const std::vector<ZipEntry>& entries);

// The entries of an archive but directories, in its order. kInvalidArgument for one that is no zip,
// whose entries are larger than a ZooKeeper node may be (1 MiB), or bear names that lead elsewhere
// ("../x", "/x"). Blocks.
Result<std::vector<ZipEntry>> ReadZip(const std::string& path);

// The same of an archive's bytes.
Result<std::vector<ZipEntry>> ReadZipBytes(std::string bytes);

}  // namespace tessera::zktool
