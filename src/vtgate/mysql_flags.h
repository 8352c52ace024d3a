// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "flags/flag_set.h"
#include "mysqlconn/auth_server.h"
#include "mysqlconn/server.h"
#include "runtime/loop.h"

namespace tessera::vtgate {

// The flags of the door for MySQL clients: where it is, who may pass. Names that Vitess has are
// Vitess's.
struct MysqlFlags {
  template <class T>
  using Flag = flags::Flag<T>;

  Flag<int> port{"mysql-server-port", -1, "Port for MySQL clients; below 0 none."};
  Flag<std::string> bind{"mysql-server-bind-address", "127.0.0.1",
                         "Address MySQL clients connect to."};
  Flag<std::string> socket{"mysql-server-socket-path", "", "Unix socket for MySQL clients."};
  Flag<std::string> version{"mysql-server-version", "8.4.6-Tessera",
                            "Version that MySQL clients are shown."};
  Flag<std::string> auth_impl{"mysql-auth-server-impl", "static",
                              "Who decides about logins: static or none."};
  Flag<std::string> auth_file{"mysql-auth-server-static-file", "", "JSON file of users."};
  Flag<std::string> auth_string{"mysql-auth-server-static-string", "", "The same as text."};

  void Register(flags::FlagSet& set);
  // Whether there is a place for MySQL clients at all.
  bool wanted() const { return *port >= 0 || !socket->empty(); }
  // kInvalidArgument names the flag that cannot be.
  Result<mysqlconn::ServerOptions> ToOptions() const;
  // Who decides about logins. Reads the file of users; errors name it, or the flag that is missing.
  Result<std::unique_ptr<mysqlconn::AuthServer>> MakeAuth() const;
  // Listens on the port and the socket, as far as they are given, on the calling loop.
  Result<std::vector<std::unique_ptr<runtime::Listener>>> Listen() const;
};

}  // namespace tessera::vtgate
