// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tessera::topo {

// How a vttablet exits that has shut down because somebody deleted its record (DeleteTablets): who
// keeps processes up is not to start it again. sysexits.h calls it a configuration error.
inline constexpr int kRecordDeletedStatus = 78;

}  // namespace tessera::topo
