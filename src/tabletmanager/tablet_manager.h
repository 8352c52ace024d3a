// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "keys/tablet_alias.h"
#include "keys/tablet_type.h"
#include "mysqlconn/connection.h"
#include "mysqlctl/flavor.h"
#include "topo/server.h"

namespace tessera::tabletmanager {

// What a tablet is told when it starts.
struct TabletOptions {
  keys::TabletAlias alias;
  std::string hostname;
  int32_t grpc_port = 0;
  int32_t http_port = 0;  // 0: none
  std::string keyspace;
  std::string shard;
  keys::TabletType type = keys::TabletType::kReplica;  // as wanted; see Join
  std::string db_name_override;
  std::map<std::string, std::string> tags;
  std::string mysql_hostname;
  int32_t mysql_port = 0;
  // Whether the server's replication and read-only state are ours to set.
  bool manage_replication = true;
  std::string replication_user = "vt_repl";
  std::string replication_password;
  int replication_connect_retry_seconds = 10;
};

// A tablet's place in the topology and in its shard's replication. Of one loop; the topology
// outlives it.
class TabletManager {
 public:
  TabletManager(topo::Server& topo, TabletOptions options, mysqlconn::ConnectOptions dba,
                const mysqlctl::Flavor& flavor = mysqlctl::MariaDb());

  // kAlreadyExists when a tablet of this alias answers at the address of its record.
  Task<Result<>> RefuseTwin(const Context& ctx);

  // Makes keyspace and shard where they are missing and decides what this tablet is: the shard's
  // primary when the shard says so, or when the wanted type is primary and the shard has none;
  // otherwise a replica of the wanted type.
  Task<Result<>> Join(const Context& ctx);

  // Brings MySQL to the tablet's role: a primary is writable, replicates from nobody and has the
  // database; a replica is read-only and follows the shard's primary (false while none is known).
  Task<Result<bool>> PrepareMysql(const Context& ctx);

  // Returns when a connection to MySQL breaks (or ctx ends): the server may come back without the
  // role it was given.
  Task<> WaitUntilMysqlIsLost(const Context& ctx);

  // Writes the tablet's record and what gates route on. Serving graphs of keyspaces whose shards
  // are not all there yet are left as they are.
  Task<Result<>> Publish(const Context& ctx);

  // Marks the record as shut down, if it is still ours.
  Task<Result<>> Leave(const Context& ctx);

  keys::TabletType type() const { return tablet_.type; }
  // Seconds since 1970; 0 for replicas.
  int64_t primary_term_start() const { return tablet_.primary_term_start / 1'000'000'000; }
  const topo::Tablet& tablet() const { return tablet_; }
  const TabletOptions& options() const { return options_; }

 private:
  Task<Result<>> PreparePrimary(const Context& ctx, mysqlconn::Connection& connection);
  Task<Result<bool>> PrepareReplica(const Context& ctx, mysqlconn::Connection& connection);
  Task<Result<>> FollowPrimary(const Context& ctx, mysqlconn::Connection& connection,
                               const topo::Tablet& primary);
  Task<Result<>> PublishServing(const Context& ctx);
  bool Owns(const topo::Tablet& record) const;

  topo::Server& topo_;
  TabletOptions options_;
  mysqlconn::ConnectOptions dba_;
  const mysqlctl::Flavor& flavor_;
  topo::Tablet tablet_;
};

}  // namespace tessera::tabletmanager
