// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/executor.h"
#include "http/router.h"
#include "tabletserver/tablet_server.h"

namespace tessera::tabletmanager {

// The pages of a tablet, for people and monitors: /healthz ("ok" while the process answers),
// /debug/health ("ok", or 500 and why it does not serve), /debug/status (text), /debug/vars (JSON,
// Vitess's names) and /metrics (Prometheus). The server outlives the pages, which belong to its
// loop.
void AddStatusPages(http::Router& pages, const tabletserver::TabletServer& server, Instant started);

}  // namespace tessera::tabletmanager
