// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "reach/look.h"

namespace tessera::reach {

// What /debug/reach tells.
struct PageAnswer {
  std::string process;        // "vtgate of cell zone1"
  int64_t unix_us = 0;        // its clock
  std::optional<Sight> seen;  // when an address was asked about
};

std::string ToJson(const PageAnswer& answer);
// kDataLoss when the text is none.
Result<PageAnswer> PageAnswerFromJson(std::string_view json);

}  // namespace tessera::reach
