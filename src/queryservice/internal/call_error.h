// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "rpc/status.h"

namespace tessera::queryservice::internal {

// As a Go gate prints an error of a call.
inline Error FromCall(const Error& error) {
  return Error(error.code(), "vttablet: " + rpc::GoErrorText(error));
}

}  // namespace tessera::queryservice::internal
