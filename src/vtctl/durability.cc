// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctl/durability.h"

namespace tessera::vtctl {

using keys::TabletType;

bool AcksCommits(std::string_view policy, const topo::Tablet& primary,
                 const topo::Tablet& replica) {
  const bool candidate =
      replica.type == TabletType::kPrimary || replica.type == TabletType::kReplica;
  if (policy == "semi_sync") return candidate;
  if (policy == "semi_sync_with_rdonly_ack")
    return candidate || replica.type == TabletType::kRdonly;
  if (policy == "cross_cell") return candidate && primary.alias.cell != replica.alias.cell;
  return false;
}

}  // namespace tessera::vtctl
