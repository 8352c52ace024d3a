// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace tessera::runtime {

// Lets this process open as many files and connections as its hard limit allows (the soft one is
// for programs that use select). Gives that number.
size_t RaiseFileLimit();

}  // namespace tessera::runtime
