// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/stream.h"

namespace tessera::runtime {

// Every host:port that a TCP address stands for now, with a number in place of the name, for
// libraries that would look names up on our loop. kUnavailable when the name is not known. Blocks:
// call it through RunBlocking.
Result<std::vector<std::string>> NumericAddresses(const Address& address);

// The address of an IPv4 socket that another library owns, as Stream::peer() of its other end shows
// it; empty when it has none.
std::string OwnAddress(int fd);

}  // namespace tessera::runtime
