// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "vindex/vindex.h"

namespace tessera::vindex {

// Makes the vindex `name` of the given type. Unknown types give kNotFound, bad parameters
// kInvalidArgument; unknown parameters are only remembered.
Result<std::unique_ptr<Vindex>> MakeVindex(std::string_view type, std::string_view name,
                                           const Params& params);

// Every type MakeVindex knows, sorted.
std::span<const std::string_view> VindexTypes();

// The type to use for a column when nobody chose one: xxhash for numbers and binary,
// unicode_loose_xxhash for text. Other types have none to recommend.
Result<std::string_view> RecommendedVindexType(sqltypes::Type column_type);

}  // namespace tessera::vindex
