// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

// Prints the completion of a shell (bash, zsh or fish) for commands and their own flags. Gives the
// exit status.
int PrintCompletion(std::string_view program, const std::vector<Command>& commands,
                    const Words& shell);

}  // namespace tessera::vtctlclient
