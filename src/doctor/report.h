// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "doctor/findings.h"

namespace tessera::doctor {

struct ReportStyle {
  bool colour = false;   // escapes for terminals
  bool verbose = false;  // a line for all that is well, too
};

// A table by areas and checks, each fault with its fix, and a line that sums up. What is well takes
// one line a check.
std::string ReportText(const Findings& findings, const ReportStyle& style);

// {"faults": 1, "warnings": 0, "unknown": 0, "ok": 30, "findings": [{"area", "check", "subject",
// "verdict", "sentence", "fix"}]}
std::string ReportJson(const Findings& findings);

// Only those of the areas; all when none are named. kInvalidArgument names an area there is not.
Result<Findings> OfAreas(Findings findings, const std::vector<std::string>& areas);

// The exit status: 1 when there is a fault.
int StatusOf(const Findings& findings);

}  // namespace tessera::doctor
