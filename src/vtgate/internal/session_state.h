// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "vtgate/session.h"

namespace tessera::vtgate::internal {

// Statements that bring a fresh connection of a server to where the session is.
std::vector<std::string> StateStatements(const Session& session);

}  // namespace tessera::vtgate::internal
