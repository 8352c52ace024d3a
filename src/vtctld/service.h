// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rpc/server.h"
#include "vtctl/methods.h"
#include "vtctld/status.h"

namespace tessera::vtctld {

// Registers every method as one of vtctlservice.Vtctld, and operations.Operations beside it, which
// runs any of them so that its caller hears how far it is, or what it would do. All arguments
// outlive the server, and are used on the loop of the control, which is the methods' own.
void RegisterVtctld(rpc::Server& server, const vtctl::Control& control,
                    const vtctl::Methods& methods, OperationStats& stats);

}  // namespace tessera::vtctld
