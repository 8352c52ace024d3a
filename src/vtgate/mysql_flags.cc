// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/mysql_flags.h"

#include <utility>

#include "mysqlconn/static_auth.h"

namespace tessera::vtgate {

void MysqlFlags::Register(flags::FlagSet& set) {
  set.Add(port, bind, socket, version, auth_impl, auth_file, auth_string);
}

Result<std::unique_ptr<mysqlconn::AuthServer>> MysqlFlags::MakeAuth() const {
  // Without MySQL clients there is nobody to log in.
  if (!wanted() || *auth_impl == "none") return std::make_unique<mysqlconn::NoAuthServer>();
  if (*auth_impl != "static")
    return Errorf(Code::kInvalidArgument,
                  "--mysql-auth-server-impl={} is not known: static or none", *auth_impl);
  if (!auth_file->empty()) {
    TRY(auto users, mysqlconn::StaticAuthServer::FromFile(*auth_file));
    return std::unique_ptr<mysqlconn::AuthServer>(std::move(users));
  }
  if (auth_string->empty())
    return Error(Code::kInvalidArgument, "no users are named")
        .WithHint("Give --mysql-auth-server-static-file, or --mysql-auth-server-impl=none");
  TRY(auto users, mysqlconn::StaticAuthServer::FromString(*auth_string));
  return std::unique_ptr<mysqlconn::AuthServer>(std::move(users));
}

Result<mysqlconn::ServerOptions> MysqlFlags::ToOptions() const {
  if (*port > 65535)
    return Errorf(Code::kInvalidArgument, "--mysql-server-port {} is no port", *port);
  mysqlconn::ServerOptions options;
  options.version = *version;
  return options;
}

Result<std::vector<std::unique_ptr<runtime::Listener>>> MysqlFlags::Listen() const {
  std::vector<std::unique_ptr<runtime::Listener>> out;
  if (*port >= 0) {
    const auto number = static_cast<uint16_t>(*port);
    TRY(auto listener, runtime::Loop::Current().Listen(runtime::Address::Tcp(*bind, number)));
    out.push_back(std::move(listener));
  }
  if (!socket->empty()) {
    TRY(auto listener, runtime::Loop::Current().Listen(runtime::Address::Unix(*socket)));
    out.push_back(std::move(listener));
  }
  return out;
}

}  // namespace tessera::vtgate
