// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlconn/connection.h"
#include "mysqlctl/flavor.h"
#include "sqltypes/result_set.h"

// The state of a server's replication, and the ways to change it, over a connection of a user that
// may. Positions carry their flavor: "MariaDB/0-1-5".
namespace tessera::mysqlctl {

// Numbers as Vitess sends them.
enum class ThreadState : uint8_t { kUnknown = 0, kStopped = 1, kConnecting = 2, kRunning = 3 };

// What a server says of its replication from a source. File positions are "FilePos/name:offset".
struct ReplicaStatus {
  std::string position;            // executed
  std::string relay_log_position;  // received
  std::string file_position;       // executed, in the source's log
  std::string relay_log_source_position;
  std::string relay_log_file_position;
  std::string source_host;
  int32_t source_port = 0;
  std::string source_user;
  std::string source_uuid;
  uint32_t source_server_id = 0;
  int32_t connect_retry = 0;
  double heartbeat_seconds = 0;
  uint32_t sql_delay = 0;
  ThreadState io = ThreadState::kUnknown;
  ThreadState sql = ThreadState::kUnknown;
  std::string last_io_error;
  std::string last_sql_error;
  std::optional<uint32_t> lag_seconds;
  bool auto_position = false;
  bool using_gtid = false;
  bool has_filters = false;
  bool ssl_allowed = false;

  // Both threads are up, or the receiving one tries to be.
  bool Replicates() const {
    return sql == ThreadState::kRunning &&
           (io == ThreadState::kRunning || io == ThreadState::kConnecting);
  }
  bool AnyRunning() const { return sql == ThreadState::kRunning || io != ThreadState::kStopped; }
};

// The row of the unnamed source in an answer to the flavor's ReplicaStatusQuery; nothing when the
// server has no source. Brings `rows` to cells.
Result<std::optional<ReplicaStatus>> ParseReplicaStatus(std::string_view flavor,
                                                        sqltypes::ResultSet& rows);
Task<Result<std::optional<ReplicaStatus>>> ReadReplicaStatus(const Context& ctx,
                                                             mysqlconn::Connection& connection,
                                                             const Flavor& flavor);
// ReadReplicaStatus of a server that must have a source; else an error with errno 100, by which
// callers know a server that takes itself for a primary.
Task<Result<ReplicaStatus>> NeedReplicaStatus(const Context& ctx, mysqlconn::Connection& connection,
                                              const Flavor& flavor);

// The executed position.
Task<Result<std::string>> ReadPosition(const Context& ctx, mysqlconn::Connection& connection,
                                       const Flavor& flavor);
// "FilePos/name:offset" of the server's own binary log; empty when it writes none.
Task<Result<std::string>> ReadFilePosition(const Context& ctx, mysqlconn::Connection& connection,
                                           const Flavor& flavor);
// Until the server has executed the position, or ctx ends (kDeadlineExceeded names how far it is).
// kInvalidArgument when the position is of another flavor.
Task<Result<>> WaitForPosition(const Context& ctx, mysqlconn::Connection& connection,
                               const Flavor& flavor, std::string_view position);
// The part of a position behind its flavor; kInvalidArgument when that is not `flavor`'s.
Result<std::string> GtidsOf(const Flavor& flavor, std::string_view position);

Task<Result<>> RunAll(const Context& ctx, mysqlconn::Connection& connection,
                      std::span<const std::string> statements);

// Global variables (or status values) by name as the server writes it, those asked for; all when
// none are.
// Names that the server does not know are left out.
using Settings = std::map<std::string, std::string, std::less<>>;
Task<Result<Settings>> ReadVariables(const Context& ctx, mysqlconn::Connection& connection,
                                     std::span<const std::string> names);
Task<Result<Settings>> ReadStatusValues(const Context& ctx, mysqlconn::Connection& connection,
                                        std::span<const std::string> names);

struct SemiSyncState {
  bool available = false;
  bool source_enabled = false;
  bool replica_enabled = false;
  bool source_status = false;
  bool replica_status = false;
  uint32_t clients = 0;
  uint64_t timeout_ms = 0;
  uint32_t wait_for_replicas = 0;
  uint32_t wait_sessions = 0;  // commits that wait for a replica's word
};
Task<Result<SemiSyncState>> ReadSemiSync(const Context& ctx, mysqlconn::Connection& connection,
                                         const Flavor& flavor);
// kFailedPrecondition (VT09013) when the server has none and it is to be on.
Task<Result<>> SetSemiSync(const Context& ctx, mysqlconn::Connection& connection,
                           const Flavor& flavor, bool source, bool replica);

// Hosts of the replicas that are connected, sorted.
Task<Result<std::vector<std::string>>> FindReplicas(const Context& ctx,
                                                    mysqlconn::Connection& connection);

}  // namespace tessera::mysqlctl
