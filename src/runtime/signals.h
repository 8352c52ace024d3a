// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"

namespace tessera::runtime {

// Keeps SIGTERM and SIGINT from ending the process. The first thing in main: threads made earlier
// would still die of them.
void BlockStopSignals();

// Waits for SIGTERM or SIGINT (BlockStopSignals was called) and gives its name; the context's error
// when that ends first. One waiter at a time.
Task<Result<std::string>> WaitForStopSignal(const Context& ctx);

// The same for SIGHUP, by which operators have a program read its files again.
void BlockReloadSignal();
Task<Result<>> WaitForReloadSignal(const Context& ctx);

}  // namespace tessera::runtime
