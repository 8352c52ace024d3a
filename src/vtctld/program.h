// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topo/server.h"

namespace tessera::vtctld {

// The program vtctld: serves the operations of vtctl over gRPC. Gives the exit status.
int RunVtctld(int argc, const char* const* argv, topo::Server::Factories topologies);

}  // namespace tessera::vtctld
