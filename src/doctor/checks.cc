// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "doctor/checks.h"

namespace tessera::doctor {

Findings CheckAll(const Facts& facts) {
  Findings out;
  for (const auto check : {&CheckTopology, &CheckPorts, &CheckTls, &CheckProcesses,
                           &CheckReplication, &CheckServing, &CheckSchema})
    check(facts, out);
  return out;
}

}  // namespace tessera::doctor
