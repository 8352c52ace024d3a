// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tessera::zkctl {

// One ZooKeeper server of an ensemble.
struct ZkPeer {
  uint32_t id = 0;
  std::string host;
  uint16_t leader_port = 0;
  uint16_t election_port = 0;
  uint16_t client_port = 0;
};

// "id@host:leaderPort:electionPort:clientPort,...", as --zk.cfg takes it. kInvalidArgument names
// the part that is wrong.
Result<std::vector<ZkPeer>> ParsePeers(std::string_view text);

// One server: which it is, who the others are, and where its files are.
struct ZkConfig {
  std::vector<ZkPeer> peers;
  uint32_t id = 0;                 // of this server, among the peers
  std::string dir;                 // zk_001; absolute
  std::vector<std::string> extra;  // lines that zoo.cfg gets as they are

  const ZkPeer& self() const;
  std::string config_file() const { return dir + "/zoo.cfg"; }
  std::string id_file() const { return dir + "/myid"; }
  std::string pid_file() const { return dir + "/zk.pid"; }
  std::string log_file() const { return dir + "/zk.log"; }
  std::string log_config_file() const { return dir + "/log4j.properties"; }

  // The text of zoo.cfg. A server that goes by a loopback name listens for clients there alone,
  // any other everywhere.
  std::string ConfigText() const;
};

// Which peer this server is: `id`, or, when that is 0, the one with this host's name.
Result<uint32_t> ChooseId(const std::vector<ZkPeer>& peers, uint32_t id, std::string_view host);

// "zk_001"
std::string ServerFolder(uint32_t id);

// Writes zoo.cfg, myid and the settings of the server's log into its folder, which is made. Blocks.
Result<> WriteConfig(const ZkConfig& config);

// The command that runs the server in the foreground. The first two words after the program tell it
// apart from other servers. kFailedPrecondition when Java or ZooKeeper is not installed. Blocks.
Result<std::vector<std::string>> ServerCommand(const ZkConfig& config);

}  // namespace tessera::zkctl
