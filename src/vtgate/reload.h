// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/context.h"
#include "base/task.h"
#include "mysqlconn/server.h"
#include "vtgate/mysql_flags.h"

namespace tessera::vtgate {

// Reads the certificates and users of MySQL clients again, for clients who log in from then on;
// those who are in stay. What cannot be read stays as it was, and the log says why.
Task<> ReloadFront(const MysqlFlags& flags, mysqlconn::ServerShared& shared);

// Does so at every SIGHUP (runtime::BlockReloadSignal was called), and with the users at
// --mysql-auth-static-reload-interval, until ctx ends.
Task<> ReloadOnSignal(const Context& ctx, const MysqlFlags& flags, mysqlconn::ServerShared& shared);
Task<> ReloadAtIntervals(const Context& ctx, const MysqlFlags& flags,
                         mysqlconn::ServerShared& shared);

}  // namespace tessera::vtgate
