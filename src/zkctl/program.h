// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tessera::zkctl {

// The programs zkctl and zkctld, from their arguments to their exit status.
int RunZkctl(int argc, const char* const* argv);
int RunZkctld(int argc, const char* const* argv);

}  // namespace tessera::zkctl
