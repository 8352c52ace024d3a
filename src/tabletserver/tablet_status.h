// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/executor.h"
#include "queryservice/query_service.h"
#include "tabletserver/tablet_server.h"

namespace tessera::tabletserver {

struct PoolStatus {
  std::string name;
  size_t size = 0;
  size_t in_use = 0;
  size_t idle = 0;
  size_t waiting = 0;
  uint64_t gets = 0;
  uint64_t waits = 0;
  uint64_t timeouts = 0;
  uint64_t closed_idle = 0;
  Duration wait_time = Duration::zero();
};

// What a tablet server does at one moment: a copy that may cross threads.
struct TabletStatus {
  queryservice::Health health;
  TabletServerStats stats;
  uint64_t consolidated = 0;
  HotRowStats hot_rows;
  size_t transactions_open = 0;
  size_t held = 0;  // connections of transactions, and reserved ones
  size_t plans = 0;
  uint64_t plan_hits = 0;
  uint64_t plan_misses = 0;
  size_t tables = 0;
  std::vector<PoolStatus> pools;  // in TabletServer::pools' order

  // Adds what another loop's server of the same database does. What is not a number stays; it
  // serves when both do.
  void Add(const TabletStatus& other);
};

TabletStatus StatusOf(const TabletServer& server);

}  // namespace tessera::tabletserver
