// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tessera::vindex {

// Bytes that are equal for texts which differ only in case, accents or trailing spaces: the primary
// weights of the Unicode 6.2 root collation. Bytes that are not UTF-8 give kInvalidArgument.
Result<std::string> PrimaryWeights(std::string_view text);

}  // namespace tessera::vindex
