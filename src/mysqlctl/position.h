// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tessera::mysqlctl {

// A replication position as it travels, "MariaDB/0-1-5": the flavor's name, and what the server
// itself writes. Views into the text it was read from.
struct PositionText {
  std::string_view flavor;
  std::string_view gtids;
};
// kInvalidArgument when there is no flavor in front. Nothing at all is a position: empty.
Result<PositionText> SplitPosition(std::string_view text);

// The last transaction of a replication domain: the server that wrote it, and its number.
struct MariaDbGtid {
  uint32_t server = 0;
  uint64_t sequence = 0;
};
using MariaDbPosition = std::map<uint32_t, MariaDbGtid>;  // by domain

// Reads "0-1-5,1-2-7", blanks and line ends between; kInvalidArgument tells what is no GTID.
Result<MariaDbPosition> ParseMariaDbPosition(std::string_view gtids);

// Whether everything of `wanted` is in `reached`.
bool AtLeast(const MariaDbPosition& reached, const MariaDbPosition& wanted);

}  // namespace tessera::mysqlctl
