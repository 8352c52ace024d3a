// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "topo/server.h"

// Records as they are stored, by the paths of GetTopologyPath.
namespace tessera::vtctl {

// Writes a record as it is, over the one that is there if there is one. Bytes that the kind of
// record which the path tells cannot have are kInvalidArgument. No lock is taken and nothing is
// made of it: gates and tablets see it when they look, or watch.
Task<Result<>> WriteTopologyPath(const Context& ctx, topo::Server& topology, std::string path,
                                 std::string contents);

}  // namespace tessera::vtctl
