// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "keys/tablet_type.h"
#include "mysqlconn/server.h"
#include "runtime/loop.h"
#include "runtime/task_group.h"
#include "tabletserver/tablet_server.h"
#include "topo/memory_conn.h"
#include "topo/server.h"
#include "vtgate/executor.h"

namespace tessera::tabletgate {

// MySQL clients of one tablet server: a gate whose only tablet is that server, on the same loop and
// without a wire between them. To clients the tablet's keyspace is an unsharded database, whatever
// part of it the tablet has. Made, Start, Stop; the server and `shared`, whose handler is a
// vtgate::MysqlHandler, outlive it. One a loop.
class TabletGate {
 public:
  // `type` is what the tablet is: the target of statements that name none. When health tells of
  // another, it is that, of open sessions too.
  TabletGate(tabletserver::TabletServer& tablet, keys::TabletType type,
             mysqlconn::ServerShared& shared);
  ~TabletGate();

  Task<Result<>> Start();
  // Behind Start: until the tablet serves, or ctx ends.
  Task<> WaitUntilServing(const Context& ctx);
  // Tells idle clients to go, and waits for the busy ones as long as ctx allows.
  Task<> Drain(const Context& ctx);
  // Ends all connections. The tablet server must still be there; also after a failed Start.
  Task<> Stop();

  mysqlconn::Server& mysql() { return *mysql_; }

 private:
  class TypeSink;
  Task<Result<>> WriteTopology(const Context& ctx);
  Task<Result<>> WriteGraph(const Context& ctx);
  Task<> FollowType(const Context& ctx);
  Task<Result<>> TakeType(const Context& ctx, keys::TabletType type);

  tabletserver::TabletServer& tablet_;
  keys::TabletType type_;
  mysqlconn::ServerShared& shared_;
  topo::MemoryTopo records_;
  std::unique_ptr<topo::Server> topology_;
  std::unique_ptr<discovery::ServingGraph> serving_;
  std::unique_ptr<discovery::HealthCheck> health_;
  std::unique_ptr<discovery::TabletGateway> gateway_;
  std::unique_ptr<vtgate::Executor> executor_;
  std::unique_ptr<mysqlconn::Server> mysql_;
  std::unique_ptr<runtime::TaskGroup> learning_;  // the server's version, the tablet's type
};

// Hands the clients of all listeners to `places` until ctx ends; a listener that fails is logged
// under `program`.
Task<> AcceptClients(const Context& ctx, std::string program,
                     const std::vector<std::unique_ptr<runtime::Listener>>& listeners,
                     const std::vector<mysqlconn::ServerPlace>& places);

}  // namespace tessera::tabletgate
