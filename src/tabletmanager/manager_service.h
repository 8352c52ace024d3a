// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlconn/connection.h"
#include "rpc/server.h"
#include "runtime/task_group.h"
#include "tabletmanager/tablet_manager.h"
#include "tabletserver/tablet_server.h"

namespace tessera::tabletmanager {

struct ServiceOptions {
  mysqlconn::ConnectOptions app;
  mysqlconn::ConnectOptions all_privs;
  std::string hook_dir;  // $VTROOT/vthook; empty: there are no hooks
  Duration lock_tables_timeout = std::chrono::minutes(1);
};

// What the control plane asks of a tablet (tabletmanagerservice.TabletManager of Vitess v24). Of
// one loop; manager and server outlive it. Await Stop, when no call is under way, before it goes.
class ManagerService {
 public:
  ManagerService(TabletManager& manager, tabletserver::TabletServer& server, ServiceOptions options)
      : manager_(manager), server_(server), options_(std::move(options)) {}

  void Register(rpc::Server& rpc);
  Task<> Stop();

  TabletManager& manager() { return manager_; }
  tabletserver::TabletServer& server() { return server_; }
  const ServiceOptions& options() const { return options_; }

  // Nobody writes to any table until UnlockTables, or the time is over. kFailedPrecondition when
  // they are (not) locked.
  Task<Result<>> LockTables(const Context& ctx);
  Task<Result<>> UnlockTables(const Context& ctx);

 private:
  Task<> UnlockAfterTime(const Context& ctx);

  TabletManager& manager_;
  tabletserver::TabletServer& server_;
  ServiceOptions options_;
  std::unique_ptr<mysqlconn::Connection> locking_;  // holds the lock while it lives
  std::unique_ptr<runtime::TaskGroup> lock_timer_;
};

}  // namespace tessera::tabletmanager
