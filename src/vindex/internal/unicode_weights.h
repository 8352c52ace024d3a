// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

// Primary weights of the Unicode 6.2 root collation, as tables. An entry is a weight (0:
// ignorable), or with kExpansion set the place of several in the pool (offset << 5 | count).
namespace tessera::vindex {

inline constexpr uint32_t kExpansion = uint32_t{1} << 31;
inline constexpr uint32_t kHasClass = uint32_t{1} << 30;
inline constexpr uint32_t kStartsContraction = uint32_t{1} << 29;
inline constexpr uint32_t kEntryMask = kStartsContraction - 1;

// Pairs (first code point, index of its entry), ascending; a run lasts until the entries of the
// next begin.
extern const uint32_t kWeightRuns[];
extern const size_t kWeightRunsSize;
extern const uint32_t kWeightEntries[];
extern const size_t kWeightEntriesSize;
extern const uint32_t kWeightPool[];
extern const size_t kWeightPoolSize;
// Pairs (code point, canonical combining class), ascending.
extern const uint32_t kCombiningClasses[];
extern const size_t kCombiningClassesSize;
// Fours: two or three code points (the third may be 0) and the place of their weights in the pool,
// ascending.
extern const uint32_t kContractions[];
extern const size_t kContractionsSize;

}  // namespace tessera::vindex
