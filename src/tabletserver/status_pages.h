// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "base/executor.h"
#include "http/router.h"
#include "tabletserver/tablet_status.h"

namespace tessera::tabletserver {

// The pages of a tablet, for people and monitors: /healthz ("ok" while the process answers),
// /debug/health ("ok", or 500 and why it does not serve), /debug/status (text), /debug/vars (JSON,
// Vitess's names) and /metrics (Prometheus). `read` is called for each page, on the loop that shows
// it, and `started` is the time it runs since.
void AddStatusPages(http::Router& pages, std::function<Task<TabletStatus>()> read, Instant started);

}  // namespace tessera::tabletserver
