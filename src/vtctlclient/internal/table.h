// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "proto/query.pb.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

// The rows as a table drawn with + - |, as MySQL's own client draws it; empty for a result without
// columns. Control characters in cells show as their escapes.
std::string DrawTable(const query::QueryResult& result);

// Prints a result as a table, or as {"fields": ..., "rows": ...} with named cells.
void ShowResult(const Call& call, const query::QueryResult& result, bool json);

}  // namespace tessera::vtctlclient
