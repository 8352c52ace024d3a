// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "keys/target.h"
#include "queryservice/query_service.h"
#include "rpc/channel.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "topo/records.h"
#include "topo/server.h"

namespace tessera::discovery {

// A tablet's query service and what is under it.
class TabletConnection {
 public:
  virtual ~TabletConnection() = default;
  virtual queryservice::QueryService& service() = 0;
  // Ends calls under way. Awaited before destruction.
  virtual Task<> Close() = 0;
};
using TabletDialer = std::function<std::unique_ptr<TabletConnection>(const topo::Tablet&)>;

// A gRPC channel to the tablet's "grpc" port.
std::unique_ptr<TabletConnection> DialTablet(const topo::Tablet& tablet);
// The same with options of its own: TLS, keepalive, limits.
TabletDialer DialTabletWith(rpc::ChannelOptions options);

struct HealthCheckOptions {
  std::vector<std::string> cells;  // the first is our own
  Duration refresh_interval = std::chrono::minutes(1);
  Duration health_timeout = std::chrono::minutes(1);
  Duration retry_delay = std::chrono::milliseconds(2);
  Duration retry_most = std::chrono::seconds(5);
  uint32_t lag_low_seconds = 30;     // preferred
  uint32_t lag_high_seconds = 7200;  // not used above
  size_t min_serving = 2;            // so many even above lag_low_seconds
  TabletDialer dial = DialTablet;
};

// What is known of one tablet. Kept alive by whoever runs a query there.
struct TabletHealth {
  topo::Tablet tablet;
  std::unique_ptr<TabletConnection> connection;
  queryservice::Health health;
  bool up = false;  // the health stream is alive
  std::string last_error;
  Instant last_message;
  Context stream = Context::Background();  // cancelled to end the health stream
  bool removed = false;                    // its record is gone, or it moved
  uint64_t schema_changes = 0;             // messages that told of changed tables

  bool usable() const { return up && health.serving && health.health_error.empty(); }
  queryservice::QueryService& service() { return connection->service(); }
};

// Which tablets can be asked: follows the tablet records of the cells and the health stream of each
// tablet. Belongs to one loop; await Stop before it is destroyed.
class HealthCheck {
 public:
  HealthCheck(const Context& ctx, topo::Server& topology, HealthCheckOptions options);

  void Start();
  Task<> Stop();

  // Tablets to try, best first: for a primary at most the one of the latest term, serving or not.
  std::vector<std::shared_ptr<TabletHealth>> Find(const keys::Target& target);
  std::shared_ptr<TabletHealth> FindByAlias(const keys::TabletAlias& alias);
  std::vector<std::shared_ptr<TabletHealth>> All() const;

  // Looks at the tablet records again soon.
  void Kick() { kick_.WakeAll(); }
  // Waits for a usable tablet of each target, as long as ctx allows.
  Task<Result<>> WaitFor(const Context& ctx, std::vector<keys::Target> targets);

 private:
  class Sink;
  Task<> PollTopology();
  Task<Result<>> Refresh();
  Task<> FollowTablet(std::shared_ptr<TabletHealth> entry);
  Task<> WatchSilence();
  void Follow(topo::Tablet tablet);
  void NoteHealth(const std::shared_ptr<TabletHealth>& entry, const queryservice::Health& health);

  topo::Server& topology_;
  HealthCheckOptions options_;
  runtime::TaskGroup tasks_;
  runtime::WaitQueue kick_;
  runtime::WaitQueue changed_;
  std::map<keys::TabletAlias, std::shared_ptr<TabletHealth>> tablets_;
  struct Primary {
    keys::TabletAlias alias;
    int64_t term = 0;
  };
  std::map<std::pair<std::string, std::string>, Primary> primaries_;
};

}  // namespace tessera::discovery
