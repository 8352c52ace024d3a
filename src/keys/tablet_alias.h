// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tessera::keys {

// The name of a tablet, unique in the cluster. An empty cell with uid 0 names no tablet.
struct TabletAlias {
  std::string cell;
  uint32_t uid = 0;

  bool empty() const { return cell.empty() && uid == 0; }

  // "zone1-0000000100": the uid has at least ten digits.
  std::string ToString() const;

  friend auto operator<=>(const TabletAlias&, const TabletAlias&) = default;
};

// Reads "cell-uid"; the last dash splits, so that cells may hold dashes. Any number of digits will
// do.
Result<TabletAlias> ParseTabletAlias(std::string_view text);

}  // namespace tessera::keys
