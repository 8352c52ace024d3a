// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "doctor/facts.h"
#include "tmclient/client.h"

namespace tessera::doctor {

// Questions to tablet managers, their answers as facts. Errors are the tablet's.
Task<Result<ServerFacts>> AskServer(const Context& ctx, tmclient::Client& client,
                                    const topo::Tablet& tablet);
// The tables of the tablet's database, without views.
Task<Result<std::vector<TableFacts>>> AskTables(const Context& ctx, tmclient::Client& client,
                                                const topo::Tablet& tablet);

}  // namespace tessera::doctor
