// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "pages/policy.h"

namespace tessera::pages {

Result<Policy> ParsePolicy(std::string_view name) {
  if (name.empty()) return Policy::kAllowAll;
  if (name == "read-only") return Policy::kReadOnly;
  if (name == "deny-all") return Policy::kDenyAll;
  return Errorf(Code::kInvalidArgument, "--security-policy: '{}' is not read-only or deny-all",
                name)
      .WithHint("Leave it empty to show everybody who can connect everything");
}

Result<> Allows(Policy policy, Role role) {
  switch (policy) {
    case Policy::kAllowAll:
      return Ok{};
    case Policy::kReadOnly:
      if (role != Role::kAdmin) return Ok{};
      return Error(Code::kPermissionDenied, "not allowed: read-only security_policy enforced");
    case Policy::kDenyAll:
      break;
  }
  return Error(Code::kPermissionDenied, "not allowed: deny-all security_policy enforced");
}

}  // namespace tessera::pages
