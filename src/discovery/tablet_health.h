// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/context.h"
#include "base/executor.h"
#include "base/task.h"
#include "queryservice/query_service.h"
#include "rpc/channel.h"
#include "topo/records.h"

namespace tessera::discovery {

// A tablet's query service and what is under it.
class TabletConnection {
 public:
  virtual ~TabletConnection() = default;
  virtual queryservice::QueryService& service() = 0;
  // Connects now unless connected, however short ago that failed. Calls say why it cannot.
  virtual Task<> Connect(const Context&) { co_return; }
  // Ends calls under way. Awaited before destruction.
  virtual Task<> Close() = 0;
};
using TabletDialer = std::function<std::unique_ptr<TabletConnection>(const topo::Tablet&)>;

// A gRPC channel to the tablet's "grpc" port.
std::unique_ptr<TabletConnection> DialTablet(const topo::Tablet& tablet);
// The same with options of its own: TLS, keepalive, limits.
TabletDialer DialTabletWith(rpc::ChannelOptions options);

// What one loop knows of one tablet. Kept alive by whoever runs a query there. Close is awaited
// before it goes.
struct TabletHealth {
  TabletHealth(topo::Tablet record, std::shared_ptr<const TabletDialer> dialer)
      : tablet(std::move(record)), dialer_(std::move(dialer)) {}

  topo::Tablet tablet;
  queryservice::Health health;
  bool up = false;  // the health stream is alive
  std::string last_error;
  Instant last_message;
  Context stream = Context::Background();  // cancelled to end the health stream
  bool removed = false;                    // its record is gone, or it moved
  bool unrecorded = false;                 // the topology has lost its record, it answers still
  bool outdated_primary = false;           // says primary, of a term that is over
  bool pausing = false;                    // between two health streams: `stream` ends the pause
  bool hurried = false;                    // there is reason to think that it is back
  uint64_t schema_changes = 0;             // messages that told of changed tables

  bool usable() const { return up && health.serving && health.health_error.empty(); }
  bool claims_primary() const {
    return up && health.target.tablet_type == keys::TabletType::kPrimary;
  }

  // Dialed when it is first asked for: a loop has connections to those it sends queries to.
  queryservice::QueryService& service() {
    if (connection_ == nullptr) connection_ = (*dialer_)(tablet);
    return connection_->service();
  }
  Task<> Connect(const Context& ctx) {
    service();
    co_await connection_->Connect(ctx);
  }
  // Ends what runs there. Calls made afterwards fail.
  Task<> Close() {
    service();
    co_await connection_->Close();
  }

 private:
  std::shared_ptr<const TabletDialer> dialer_;
  std::unique_ptr<TabletConnection> connection_;
};

}  // namespace tessera::discovery
