// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "discovery/serving_graph.h"
#include "topo/server.h"
#include "vschema/records.h"

namespace tessera::vtgate {

// What a statement makes of a keyspace's record; an error leaves it as it is.
using VschemaEdit =
    std::function<Result<vschema::KeyspaceRecord>(const vschema::KeyspaceRecord& record)>;

// Reads a keyspace's VSchema, edits it, saves it unless somebody else has meanwhile, has `serving`
// plan with it at once, and writes it where all gates watch. Runs on the loop of both.
Task<Result<>> ChangeVschema(const Context& ctx, topo::Server& topology,
                             discovery::ServingGraph& serving, std::string keyspace,
                             VschemaEdit edit);

}  // namespace tessera::vtgate
