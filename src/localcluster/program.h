// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topo/server.h"

namespace tessera::localcluster {

// The program tessera, from its arguments to its exit status. `topologies` are the kinds of
// topology it knows.
int RunTessera(int argc, const char* const* argv, topo::Server::Factories topologies);

}  // namespace tessera::localcluster
