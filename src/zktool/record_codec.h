// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tessera::zktool {

// A record of the topology as protobuf text; its kind is told by the last part of its path. Locks
// and other nodes that hold text come back as they are. kInvalidArgument when the path is no
// record's, kDataLoss when the bytes are not of its kind.
Result<std::string> DecodeRecord(std::string_view path, std::string_view bytes);

}  // namespace tessera::zktool
