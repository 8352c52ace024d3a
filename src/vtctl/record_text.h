// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

// Records of the topology in words.
namespace tessera::vtctl {

// Where a path of GetTopologyPath leads: "/zone1/tablets" is "tablets" of the cell zone1, "/" (no
// cell) is the list of cells.
struct RecordPlace {
  std::string cell;
  std::string path;
};

// kInvalidArgument when the text does not begin with a slash.
Result<RecordPlace> ParseRecordPlace(std::string_view text);

// The record a path holds as protobuf text, or as JSON; what is no record of ours stands as it is.
// kDataLoss when it is one of ours and cannot be read.
Result<std::string> RecordText(std::string_view path, const std::string& contents, bool as_json);

}  // namespace tessera::vtctl
