// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "discovery/health_check.h"
#include "http/router.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "topo/server.h"

namespace tessera::vtctlweb {

struct LiveHealthOptions {
  Duration look_interval = std::chrono::milliseconds(500);  // how often changes are told
  Duration cells_interval = std::chrono::seconds(10);       // how often the list of cells is read
  Duration linger = std::chrono::minutes(1);  // how long tablets are followed for nobody
  Duration heartbeat = std::chrono::seconds(15);
  discovery::TabletDialer dial = discovery::DialTablet;
};

// The health of all tablets of all cells, for any number of listeners. Follows tablets only while
// somebody listens. Of one loop; await Stop before destruction.
class LiveHealth {
 public:
  LiveHealth(const Context& ctx, topo::Server& topology, LiveHealthOptions options);

  void Start();
  Task<> Stop();

  // The response of GET /api/health/stream. Its first event is {"all": true, "tablets": [...]};
  // later ones tell the tablets that changed, or all again after some have gone.
  http::Response Listen();

 private:
  // What was last told of a tablet.
  struct Told {
    std::string json;   // without "since"
    int64_t since = 0;  // of its state, seconds since 1970
    bool usable = false;
    uint64_t revision = 0;
  };
  class Listener;

  Task<> Run();
  Task<Result<>> FollowCells(const Context& ctx, std::vector<std::string> cells);
  Task<> LookUntilDone(const Context& ctx, discovery::HealthCheck& check,
                       const std::vector<std::string>& cells);
  Task<bool> CellsChanged(const Context& ctx, const std::vector<std::string>& cells);
  void Look(const discovery::HealthCheck& check);
  bool Note(const discovery::TabletHealth& health);
  std::string EventSince(uint64_t epoch, uint64_t revision) const;
  Task<Result<>> Tell(const Context& ctx, http::BodyWriter& out);

  topo::Server& topology_;
  const LiveHealthOptions options_;
  runtime::TaskGroup tasks_;
  runtime::WaitQueue wanted_;   // a listener has come
  runtime::WaitQueue changed_;  // there is something to tell
  size_t listeners_ = 0;
  bool known_ = false;     // tablets were looked at since following began
  uint64_t epoch_ = 1;     // rises when tablets go: listeners then start over
  uint64_t revision_ = 0;  // rises with each look that found a change
  std::map<keys::TabletAlias, Told> tablets_;
};

}  // namespace tessera::vtctlweb
