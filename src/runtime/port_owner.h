// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace tessera::runtime {

// "mariadbd (pid 4711)" for the process that listens on the TCP port, as far as /proc lets us see;
// empty otherwise. Reads files: for start-up errors only.
std::string PortOwner(uint16_t port);

}  // namespace tessera::runtime
