// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlconn/connection.h"

namespace tessera::tabletserver {

// What SHOW SLAVE STATUS says, as far as health needs it.
struct ReplicationStatus {
  bool configured = false;
  bool io_running = false;
  bool sql_running = false;
  std::optional<uint32_t> lag_seconds;  // unknown while replication does not run
  std::string source;                   // host:port
  std::string last_error;

  // Why a replica with this status must not serve; empty when it may.
  std::string Problem() const;
};

Task<Result<ReplicationStatus>> ReadReplicationStatus(const Context& ctx,
                                                      mysqlconn::Connection& connection);

}  // namespace tessera::tabletserver
