// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pages/pages.h"
#include "querylog/query_log.h"

namespace tessera::pages {

// Adds the live log of statements (at --query-log-stream-handler; ?format=text or json) and
// /debug/querylogz, a table of those that come in the next seconds (?timeout=SECONDS, 60 at most,
// ?limit=LINES). The log outlives the pages.
void AddQueryLogPages(Pages& pages, querylog::QueryLog& log);

}  // namespace tessera::pages
