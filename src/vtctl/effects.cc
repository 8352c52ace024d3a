// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctl/effects.h"

#include <algorithm>
#include <array>

namespace tessera::vtctl {

bool ChangesNothing(std::string_view method) {
  return method.starts_with("Get") || method.starts_with("Find") ||
         method.starts_with("Validate") || method == "PingTablet" ||
         method == "ShardReplicationPositions";
}

bool TabletChangesNothing(std::string_view method) {
  static constexpr std::array<std::string_view, 8> kQuestions = {"Ping",
                                                                 "FullStatus",
                                                                 "PrimaryPosition",
                                                                 "PrimaryStatus",
                                                                 "ReplicationStatus",
                                                                 "CheckThrottler",
                                                                 "WaitForPosition",
                                                                 "ReadVReplicationWorkflow"};
  return method.starts_with("Get") ||
         std::find(kQuestions.begin(), kQuestions.end(), method) != kQuestions.end();
}

}  // namespace tessera::vtctl
