// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rpc/server.h"
#include "vtctl/methods.h"
#include "vtctld/status.h"

namespace tessera::vtctld {

// Registers every method as one of vtctlservice.Vtctld. Methods and statistics outlive the server,
// and are used on the loop of the methods' control.
void RegisterVtctld(rpc::Server& server, const vtctl::Methods& methods, OperationStats& stats);

}  // namespace tessera::vtctld
