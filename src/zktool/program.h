// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tessera::zktool {

// The program zk, from its arguments to its exit status: 0; 1 when it failed; 2 when it was called
// wrongly.
int RunZk(int argc, const char* const* argv);

}  // namespace tessera::zktool
