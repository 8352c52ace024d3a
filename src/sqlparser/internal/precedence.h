// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tessera::sqlparser {

// How tight operators bind, from loose to tight: what the parser climbs and the printer guards.
enum Precedence : int {
  kAny = 0,
  kOr = 1,
  kXor = 2,
  kAnd = 3,
  kNot = 4,
  kCompare = 5,
  kPredicate = 6,
  kBitOr = 7,
  kBitAnd = 8,
  kShift = 9,
  kAdd = 10,
  kMultiply = 11,
  kBitXor = 12,
  kConcat = 13,
  kUnary = 14,
  kCollate = 15,
  kPrimary = 16,
};

}  // namespace tessera::sqlparser
