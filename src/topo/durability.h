// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "topo/records.h"

namespace tessera::topo {

// What a keyspace's durability policy asks of semi-sync: none, semi_sync, cross_cell or
// semi_sync_with_rdonly_ack; any other is as none.

// Whether a primary's commits wait for a replica's acknowledgement.
bool WaitsForAcks(std::string_view policy);
// Whether `replica` acknowledges the commits of `primary`.
bool AcksCommits(std::string_view policy, const Tablet& primary, const Tablet& replica);

}  // namespace tessera::topo
