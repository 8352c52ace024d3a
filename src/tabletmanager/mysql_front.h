// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "keys/tablet_type.h"
#include "mysqlconn/server.h"
#include "runtime/loop.h"
#include "runtime/task_group.h"
#include "tabletgate/tablet_gate.h"
#include "vtgate/login_log.h"
#include "vtgate/mysql_flags.h"
#include "vtgate/mysql_handler.h"

namespace tessera::tabletmanager {

// What MySQL clients of a tablet meet, made of flags before anything is started.
struct MysqlFrontOptions {
  mysqlconn::ServerOptions server;
  std::unique_ptr<mysqlconn::AuthServer> auth;
  std::shared_ptr<const runtime::TlsContext> tls;
  std::shared_ptr<const mysqlwire::RsaKey> password_key;
};
Result<MysqlFrontOptions> MakeMysqlFront(const vtgate::MysqlFlags& flags);

// A tablet's own door for MySQL clients, beside the gates': on the tablet's loop. Open, Close;
// flags and options outlive it.
class MysqlFront {
 public:
  MysqlFront(const vtgate::MysqlFlags& flags, const MysqlFrontOptions& options);

  // Listens and serves, when the flags name a place; else nothing. `tablet` has been started.
  Task<Result<>> Open(tabletserver::TabletServer& tablet, keys::TabletType type);
  // Reads users and certificates again.
  Task<> Reload();
  // Clients get `grace` to finish; then their connections end. Before the tablet stops.
  Task<> Close(Duration grace);

 private:
  const vtgate::MysqlFlags& flags_;
  vtgate::MysqlHandler handler_;
  mysqlconn::ServerShared shared_;
  vtgate::LoginLog login_log_;
  std::unique_ptr<tabletgate::TabletGate> gate_;
  std::vector<std::unique_ptr<runtime::Listener>> listeners_;
  std::vector<mysqlconn::ServerPlace> places_;
  runtime::TaskGroup accepting_;
};

}  // namespace tessera::tabletmanager
