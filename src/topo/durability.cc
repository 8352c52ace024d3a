// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/durability.h"

namespace tessera::topo {

using keys::TabletType;

bool WaitsForAcks(std::string_view policy) {
  return policy == "semi_sync" || policy == "semi_sync_with_rdonly_ack" || policy == "cross_cell";
}

bool AcksCommits(std::string_view policy, const Tablet& primary, const Tablet& replica) {
  const bool candidate =
      replica.type == TabletType::kPrimary || replica.type == TabletType::kReplica;
  if (policy == "semi_sync") return candidate;
  if (policy == "semi_sync_with_rdonly_ack")
    return candidate || replica.type == TabletType::kRdonly;
  if (policy == "cross_cell") return candidate && primary.alias.cell != replica.alias.cell;
  return false;
}

}  // namespace tessera::topo
