// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "flags/command_set.h"
#include "topo/server.h"

namespace tessera::localcluster {

// What the program tessera does with a whole cluster on one machine. `topologies`, the kinds of
// topology it knows, must outlive the commands.
std::vector<flags::Command> Commands(const topo::Server::Factories& topologies);

}  // namespace tessera::localcluster
