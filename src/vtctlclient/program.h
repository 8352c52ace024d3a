// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topo/server.h"

namespace tessera::vtctlclient {

// The program vtctldclient: asks a vtctld (--server host:port), or does the same in this process on
// the topology (--server internal). Gives the exit status.
int RunVtctldclient(int argc, const char* const* argv, topo::Server::Factories topologies);

// The program vtctl: vtctldclient --server internal.
int RunVtctl(int argc, const char* const* argv, topo::Server::Factories topologies);

}  // namespace tessera::vtctlclient
