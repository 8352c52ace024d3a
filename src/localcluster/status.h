// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "localcluster/fleet.h"

namespace tessera::localcluster {

struct ServiceStatus {
  std::string name;
  int pid = 0;  // 0: does not run
  int restarts = 0;
  std::vector<uint16_t> ports;
  std::string log_file;
  std::string trouble;  // why it does not run, as far as known
};

// What a supervisor tells of its cluster, in DIR/status.json.
struct ClusterStatus {
  std::string phase;  // "starting", "ready", "stopping", "stopped", "failed", "unattended"
  std::string step;   // what is being done, for people
  std::string error;  // of phase "failed"
  int supervisor = 0;
  uint16_t mysql_port = 0;  // of the first gate
  std::vector<ServiceStatus> services;
};

// As last looked at.
std::vector<ServiceStatus> StatusOf(const Fleet& fleet);

std::string StatusToJson(const ClusterStatus& status);
// kDataLoss when the text is no status.
Result<ClusterStatus> StatusFromJson(std::string_view json);

// A table for people.
std::string StatusTable(const ClusterStatus& status);

}  // namespace tessera::localcluster
