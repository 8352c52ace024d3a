// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace tessera::pages {

// What a page lets its reader do. Names are Vitess's.
enum class Role : uint8_t {
  kMonitoring,  // see whether it works: health and numbers
  kDebugging,   // see what it does: statements, plans, settings
  kAdmin,       // change something
};

// Who may see the pages of which role, as --security-policy names it.
enum class Policy : uint8_t {
  kAllowAll,  // "": everybody who can connect, everything
  kReadOnly,  // "read-only": everybody, what changes nothing
  kDenyAll,   // "deny-all": nobody anything
};

// An unknown name is an error: a typing mistake must not open what was to be closed.
Result<Policy> ParsePolicy(std::string_view name);

// The error's message is what Vitess tells who is refused.
Result<> Allows(Policy policy, Role role);

}  // namespace tessera::pages
