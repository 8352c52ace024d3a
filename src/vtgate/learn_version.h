// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/context.h"
#include "base/task.h"
#include "mysqlconn/server_version.h"
#include "vtgate/executor.h"

namespace tessera::vtgate {

// Learns once which version clients are to be shown, when a tablet serves that can tell; in two
// seconds at most. On the executor's loop, as the next.
Task<> LearnVersionNow(const Context& ctx, Executor& executor, mysqlconn::ServerVersion& version);

// Learns it as soon as a tablet serves, and again every minute, since servers get upgraded; until
// ctx ends. Both do nothing when the operator has said the version.
Task<> LearnVersion(Context ctx, Executor& executor, mysqlconn::ServerVersion& version);

}  // namespace tessera::vtgate
