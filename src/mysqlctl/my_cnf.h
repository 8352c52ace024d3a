// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tessera::mysqlctl {

// The places and numbers of one server instance: everything lives under one folder.
//   my.cnf data/ bin-logs/ relay-logs/ tmp/ error.log mysql.sock mysql.pid tessera-instance
struct MyCnf {
  std::string dir;  // absolute
  uint32_t uid = 0;
  uint32_t server_id = 0;
  uint16_t port = 0;
  std::string bind_address = "127.0.0.1";
  std::string socket_file;          // empty: mysql.sock in dir
  std::string buffer_pool = "64M";  // innodb_buffer_pool_size
  bool durable = true;              // every commit reaches the disk before it is answered

  std::string config_file() const { return dir + "/my.cnf"; }
  std::string data_dir() const { return dir + "/data"; }
  std::string bin_log_dir() const { return dir + "/bin-logs"; }
  std::string relay_log_dir() const { return dir + "/relay-logs"; }
  std::string tmp_dir() const { return dir + "/tmp"; }
  std::string error_log() const { return dir + "/error.log"; }
  std::string pid_file() const { return dir + "/mysql.pid"; }
  std::string marker_file() const { return dir + "/tessera-instance"; }
  std::string socket() const { return socket_file.empty() ? dir + "/mysql.sock" : socket_file; }
};

// Reads what we need of a my.cnf that we wrote: port, socket, server id.
Result<MyCnf> ParseMyCnf(std::string_view text, std::string dir);

// kInvalidArgument when a path is relative or a socket's path is too long for the system.
Result<> CheckMyCnf(const MyCnf& cnf);

// The folder of a tablet's server under a data root: "vt_0000000100".
std::string InstanceFolder(uint32_t uid);

}  // namespace tessera::mysqlctl
