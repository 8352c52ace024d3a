// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlconn/connection.h"
#include "mysqlctl/flavor.h"
#include "mysqlctl/my_cnf.h"

namespace tessera::mysqlctl {

struct InitOptions {
  // A folder made by MakeTemplate: its copy saves making the system tables again.
  std::string template_dir;
  std::string replication_password;
};

// One MariaDB server on this machine, from its creation to its removal. Works on the folder, so any
// process may continue what another began; the server outlives us. Of one loop.
//
// Nothing here overwrites or removes a data folder that it did not make: the marker file tells.
class Mysqld {
 public:
  explicit Mysqld(MyCnf cnf, const Flavor& flavor = MariaDb())
      : cnf_(std::move(cnf)), flavor_(flavor) {}

  const MyCnf& cnf() const { return cnf_; }
  const Flavor& flavor() const { return flavor_; }

  // The instance whose my.cnf stands in this folder. kNotFound when there is none.
  static Task<Result<Mysqld>> Open(std::string dir);

  // Makes folder, my.cnf, system tables and users. kAlreadyExists when the folder holds something.
  Task<Result<>> Init(const Context& ctx, InitOptions options);
  // Starts the server and waits until it answers. Errors: kAlreadyExists when it runs already or
  // its port is taken (with the owner); otherwise with the last lines of its log.
  Task<Result<>> Start(const Context& ctx);
  // Ends the server in good order and waits for it. Ok when it does not run.
  Task<Result<>> Shutdown(const Context& ctx);
  // Removes the folder with all data. Refuses while the server runs unless forced, and always when
  // the folder is not of our making.
  Task<Result<>> Teardown(const Context& ctx, bool force);
  // Writes my.cnf anew; counts from the next start.
  Task<Result<>> ReinitConfig(const Context& ctx);
  // "MariaDB/0-1-5"
  Task<Result<std::string>> Position(const Context& ctx);

  // Zero when it does not run.
  int pid() const;
  bool initialised() const;
  // How to connect as vt_dba, by socket.
  mysqlconn::ConnectOptions DbaOptions() const;

 private:
  Result<> PrepareFolder() const;
  Result<> WriteConfig() const;
  Task<Result<>> CheckPort() const;
  Task<Result<>> WaitUntilUp(const Context& ctx, int pid);

  MyCnf cnf_;
  const Flavor& flavor_;
};

// Makes a data folder with system tables and users in `dir`, for InitOptions::template_dir. Does
// nothing when there is one already.
Task<Result<>> MakeTemplate(const Context& ctx, std::string dir, std::string replication_password,
                            const Flavor& flavor = MariaDb());

}  // namespace tessera::mysqlctl
