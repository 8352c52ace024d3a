// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topo/server.h"

namespace tessera::topocopy {

// The program topo2topo. Gives its exit status.
int RunTopo2topo(int argc, const char* const* argv, topo::Server::Factories topologies);

}  // namespace tessera::topocopy
