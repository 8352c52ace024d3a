// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tessera::evalengine {

// An exact decimal number of any length, as its digits.
class Decimal {
 public:
  Decimal() = default;
  // "-12.50", "+3", ".5", "1e3" is not one. kInvalidArgument otherwise.
  static Result<Decimal> Parse(std::string_view text);

  // The scale of the sum is the larger one of both.
  void Add(const Decimal& other);
  // Divided by a number above zero, rounded half away from zero to `scale` digits behind the point.
  Decimal DividedBy(uint64_t divisor, size_t scale) const;
  // Negative, zero or positive.
  int Compare(const Decimal& other) const;

  size_t scale() const { return scale_; }
  bool is_zero() const;
  // With exactly scale() digits behind the point.
  std::string ToString() const;

 private:
  void Rescale(size_t scale);
  static int CompareDigits(std::string_view a, std::string_view b);
  static std::string AddDigits(std::string_view a, std::string_view b);
  static std::string SubtractDigits(std::string_view larger, std::string_view smaller);

  std::string digits_ = "0";  // no leading zeros but the one of 0
  size_t scale_ = 0;          // how many of them stand behind the point
  bool negative_ = false;
};

}  // namespace tessera::evalengine
