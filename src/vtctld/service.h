// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rpc/server.h"
#include "vtctl/methods.h"

namespace tessera::vtctld {

// Registers every method as one of vtctlservice.Vtctld. They outlive the server, and are called on
// the loop of their control.
void RegisterVtctld(rpc::Server& server, const vtctl::Methods& methods);

}  // namespace tessera::vtctld
