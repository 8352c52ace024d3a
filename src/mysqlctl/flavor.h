// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mysqlctl/my_cnf.h"

namespace tessera::mysqlctl {

// Where a replica gets its changes from.
struct ReplicationSource {
  std::string host;
  uint16_t port = 0;
  std::string user;
  std::string password;
  int connect_retry_seconds = 10;
  double heartbeat_seconds = 0;  // between signs of life of an idle source; 0: the server's own
};

// What a kind of server calls the parts of semi-synchronous replication; empty where it has none.
struct SemiSyncNames {
  std::string_view source_enabled;  // variables
  std::string_view replica_enabled;
  std::string_view source_timeout;
  std::string_view wait_for_replicas;
  std::string_view source_status;  // status values
  std::string_view replica_status;
  std::string_view source_clients;
  std::string_view wait_sessions;
};

// A program to run and what it reads: makes the system tables of a new data folder.
struct BootstrapStep {
  std::vector<std::string> arguments;
  std::string input;  // SQL
};

// What differs between kinds of servers: files, options, statements. Stateless.
class Flavor {
 public:
  virtual ~Flavor() = default;

  virtual std::string_view name() const = 0;  // as in positions: "MariaDB"
  virtual std::string_view server_program() const = 0;
  // The whole text of my.cnf.
  virtual std::string Config(const MyCnf& cnf) const = 0;
  // How the data folder is made. Reads files of the installation; kNotFound names what is missing.
  virtual Result<BootstrapStep> Bootstrap(const std::string& data_dir) const = 0;

  // The executed position, as one value.
  virtual std::string_view PositionQuery() const = 0;
  // What was ever executed and is gone from the binary log; empty when that cannot be asked.
  virtual std::string_view PurgedQuery() const = 0;
  virtual std::string_view ReplicaStatusQuery() const = 0;
  virtual std::string_view PrimaryStatusQuery() const = 0;

  // Statements of replication. Positions are without the flavor's name.
  // Makes a stopped server follow the source from where it is, once it is started.
  virtual std::vector<std::string> SetSource(const ReplicationSource& source) const = 0;
  virtual std::string_view StartReplication() const = 0;
  virtual std::string StartReplicationUntil(std::string_view position) const = 0;
  virtual std::string_view StopReplication() const = 0;
  virtual std::string_view StopReceiving() const = 0;  // what was received is still applied
  virtual std::string_view StartReceiving() const = 0;
  virtual std::vector<std::string> ForgetReplication() const = 0;
  // Like new: no source, no binary logs, no position.
  virtual std::vector<std::string> ResetReplication() const = 0;
  // Makes a server without a source believe that it has executed up to here.
  virtual std::vector<std::string> SetPosition(std::string_view position) const = 0;
  // One row, one value: 0 when what was replicated reaches the position within the time.
  virtual std::string WaitForPosition(std::string_view position, double seconds) const = 0;
  virtual std::vector<std::string> SetReadOnly(bool on) const = 0;
  virtual const SemiSyncNames& semi_sync() const = 0;
};

// MariaDB 10.11 and later.
const Flavor& MariaDb();

// SQL that makes the users of a tablet, from a fresh server's tables.
std::string UsersSql(std::string_view replication_password);

}  // namespace tessera::mysqlctl
