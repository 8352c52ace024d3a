// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtocc/vtocc_flags.h"

#include "keys/shard.h"

namespace tessera::vtocc {

namespace {

Result<runtime::Address> AddressOf(const tabletserver::DbFlags& db) {
  if (!db.socket->empty()) return runtime::Address::Unix(*db.socket);
  if (db.host->empty())
    return Error(Code::kInvalidArgument, "no MySQL server is named")
        .WithHint("Give --db-host and --db-port, or --db-socket");
  if (*db.port < 0 || *db.port > 65535)
    return Errorf(Code::kInvalidArgument, "--db-port {} is no port", *db.port);
  return runtime::Address::Tcp(*db.host, static_cast<uint16_t>(*db.port == 0 ? 3306 : *db.port));
}

}  // namespace

void VtoccFlags::Register(flags::FlagSet& set) {
  set.Add(db_name);
  db.Register(set);
  query.Register(set);
  protection.Register(set);
  mysql.Register(set);
  pages.Register(set);
  query_log.Register(set);
  set.Add(onterm, loops);
}

Result<tabletserver::Config> VtoccFlags::ToConfig() const {
  if (db_name->empty())
    return Error(Code::kInvalidArgument, "--db-name is missing: the database that is served");
  TRY_OK(keys::ValidateKeyspaceName(*db_name).Wrap("--db-name"));
  if (!mysql.wanted())
    return Error(Code::kInvalidArgument, "nothing to listen on")
        .WithHint("Give --mysql-server-port or --mysql-server-socket-path");
  TRY(const runtime::Address address, AddressOf(db));
  TRY_OK(query.Check());
  tabletserver::Config config;
  query.Fill(config);
  protection.Fill(config);
  config.keyspace = *db_name;
  config.shard = "0";
  config.alias.cell = "vtocc";
  config.db_name = *db_name;
  config.app = db.Connect(address, *db.app_user, *db.app_password);
  config.app.database = *db_name;
  // One account is enough here: our own questions are for what the application may see, too.
  const bool own = db.dba_user.given();
  config.dba = db.Connect(address, own ? *db.dba_user : *db.app_user,
                          own ? *db.dba_password : *db.app_password);
  return config;
}

}  // namespace tessera::vtocc
