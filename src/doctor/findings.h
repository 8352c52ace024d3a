// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::doctor {

enum class Verdict : uint8_t {
  kOk,
  kUnknown,  // it could not be looked at
  kWarn,     // it works, and will not for long or not well
  kFault,    // it is broken
};
std::string_view VerdictName(Verdict verdict);  // "ok", "unknown", "warn", "fault"

// What one check found at one subject.
struct Finding {
  std::string area;     // one of kAreas
  std::string check;    // "tablet port": docs/doctor.md has them all
  std::string subject;  // "tablet zone1-0000000100"
  Verdict verdict = Verdict::kOk;
  std::string sentence;  // what is
  std::string fix;       // what to do; empty when there is nothing to do
};
using Findings = std::vector<Finding>;

// In the order in which they are shown: what stands first breaks what follows.
inline constexpr std::string_view kAreas[] = {"topology",    "ports",   "tls",   "processes",
                                              "replication", "serving", "schema"};

}  // namespace tessera::doctor
