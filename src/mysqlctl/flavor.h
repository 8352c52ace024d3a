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
  // Makes a stopped replica follow the source from where it is.
  virtual std::vector<std::string> ReplicateFrom(const ReplicationSource& source) const = 0;
  virtual std::string_view StopReplication() const = 0;
  virtual std::vector<std::string> ForgetReplication() const = 0;
};

// MariaDB 10.11 and later.
const Flavor& MariaDb();

// SQL that makes the users of a tablet, from a fresh server's tables.
std::string UsersSql(std::string_view replication_password);

}  // namespace tessera::mysqlctl
