// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "topo/records.h"

namespace tessera::vtctl {

// Whether a replica acknowledges its primary's commits (semi-sync) under a keyspace's durability
// policy: none, semi_sync, cross_cell or semi_sync_with_rdonly_ack.
bool AcksCommits(std::string_view policy, const topo::Tablet& primary, const topo::Tablet& replica);

}  // namespace tessera::vtctl
