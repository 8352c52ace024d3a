// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/context.h"
#include "base/task.h"
#include "doctor/facts.h"
#include "doctor/gather.h"

namespace tessera::doctor {

// Fills cells, keyspaces, tablets (records only) and what the topology is like.
Task<> ReadTopology(const Context& ctx, const Fleet& fleet, Facts& facts);

// Keyspaces whose part of the SrvVSchema differs from what it is to be, and "rules" when any rule
// does. kDataLoss when one of them is no SrvVSchema.
Result<std::vector<std::string>> StaleParts(std::string_view wanted, std::string_view found);

}  // namespace tessera::doctor
