// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctl/effects.h"

namespace tessera::vtctl {

bool ChangesNothing(std::string_view method) {
  return method.starts_with("Get") || method.starts_with("Find") ||
         method.starts_with("Validate") || method == "PingTablet" ||
         method == "ShardReplicationPositions";
}

}  // namespace tessera::vtctl
