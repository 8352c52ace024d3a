// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "queryservice/grpc_server.h"

namespace tessera::queryservice::internal {

// The methods of attached sessions, beside those of queryservice.Query.
void RegisterAttach(rpc::Server& server, ServicePicker pick);

}  // namespace tessera::queryservice::internal
