// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tessera::vtocc {

// The program vtocc, from its arguments to its exit status.
int RunVtocc(int argc, const char* const* argv);

}  // namespace tessera::vtocc
