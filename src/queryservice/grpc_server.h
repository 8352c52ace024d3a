// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "queryservice/query_service.h"
#include "rpc/server.h"

namespace tessera::queryservice {

// Gives the service that answers a call, on the loop (and thread) the call runs on.
using ServicePicker = std::function<QueryService&()>;

// Makes /queryservice.Query/* of `server` answer with what `pick` gives. Failures before anything
// was opened are the call's status; later ones travel in the response beside the ids.
void RegisterQueryService(rpc::Server& server, ServicePicker pick);

}  // namespace tessera::queryservice
