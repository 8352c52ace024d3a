// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "sqlparser/fingerprint.h"
#include "sqltypes/bind_vars.h"

namespace tessera::vtgate::internal {

// The values that a scan took out of a statement, under the names that its text has for them; those
// of lists are put into `items`. Both point into what the scan points into.
sqltypes::BindVars VarsOf(const sqlparser::Fingerprint& fingerprint,
                          std::vector<sqltypes::Value>& items);

// Whether statements of this kind are planned by their fingerprint; others are about the session.
bool IsPlanned(sqlparser::StatementKind kind);

// Whether the text is ALTER VSCHEMA.
bool AltersVschema(std::string_view sql);

}  // namespace tessera::vtgate::internal
