// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "http/router.h"
#include "topo/server.h"

namespace tessera::vtctlweb {

// The response of GET /api/topology/watch?path=/global/keyspaces/ks/Keyspace: an event for the
// record as it is and for each time it is written: {"version": "7", "time": 1700000000123, "data":
// "..."} (milliseconds since 1970; the record in JSON, as text), or {"deleted": true, "time": ...},
// or {"error": ...} while the topology cannot be read. The server outlives the response's stream.
http::Response WatchRecord(topo::Server& topology, std::string path);

}  // namespace tessera::vtctlweb
