// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "base/context.h"
#include "base/task.h"
#include "http/router.h"
#include "vtctl/methods.h"

namespace tessera::vtctlweb {

struct BridgeOptions {
  size_t max_request_bytes = size_t{4} << 20;
  Duration timeout = std::chrono::minutes(10);  // of one call
  bool read_only = false;                       // only what changes nothing
};

// Answers a call of the method by its JSON, for any method: types are found by name. Fields the
// request's type does not have are refused, so that a slip of the pen is no silent default. What
// changes something is logged with `who` asked. The methods outlive the task.
Task<http::Response> CallMethod(const Context& ctx, const vtctl::Methods& methods,
                                const BridgeOptions& options, std::string_view name,
                                std::string_view who, std::string_view json);

}  // namespace tessera::vtctlweb
