// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/vttablet_flags.h"

#include <algorithm>
#include <cstdlib>

#include "keys/shard.h"

namespace tessera::tabletmanager {

namespace {

size_t Size(int value) { return value < 0 ? 0 : static_cast<size_t>(value); }

Error Missing(std::string_view flag) {
  return Errorf(Code::kInvalidArgument, "--{} is needed", flag);
}

}  // namespace

void VttabletFlags::Register(flags::FlagSet& set, const topo::Server::Factories& topologies) {
  set.Add(tablet_path, tablet_hostname);
  pages.Register(set);
  reach.Register(set);
  query_log.Register(set);
  grpc.Register(set);
  topo.Register(set, topologies);
  mysql.Register(set);
  set.Add(init_keyspace, init_shard, init_tablet_type, init_db_name, init_tags);
  set.Add(tablet_dir, unmanaged);
  db.Register(set);
  set.Add(db_repl_user, db_repl_password, connect_retry);
  set.Add(allprivs_user, allprivs_password, lock_tables_timeout);
  query.Register(set);
  protection.Register(set);
  set.Add(health_interval, health_buffer, track_lag, unhealthy, lameduck, onterm);
  set.MakeDynamic(unhealthy);
}

Result<TabletOptions> VttabletFlags::ToTabletOptions() const {
  TabletOptions options;
  if (tablet_path->empty()) return Missing("tablet-path");
  if (init_keyspace->empty()) return Missing("init-keyspace");
  if (init_shard->empty()) return Missing("init-shard");
  if (topo.global_address->empty()) return Missing("topo-global-server-address");
  TRY(options.alias, keys::ParseTabletAlias(*tablet_path));
  TRY_OK(keys::ValidateKeyspaceName(*init_keyspace));
  TRY(const keys::ShardName shard, keys::ParseShardName(*init_shard));
  TRY(options.type, keys::ParseTabletType(*init_tablet_type));
  TRY_OK(query.Check());
  if (*grpc.port <= 0 || *grpc.port > 65535)
    return Errorf(Code::kInvalidArgument, "--grpc-port {} is no port", *grpc.port);
  options.hostname = *tablet_hostname;
  options.grpc_port = *grpc.port;
  options.http_port = *pages.port;
  options.keyspace = *init_keyspace;
  options.shard = shard.name;
  options.db_name_override = *init_db_name;
  for (const std::string& tag : *init_tags) {
    const size_t colon = tag.find(':');
    if (colon == std::string::npos)
      return Errorf(Code::kInvalidArgument, "--init-tags: '{}' is no key:value", tag);
    options.tags[tag.substr(0, colon)] = tag.substr(colon + 1);
  }
  options.manage_replication = !*unmanaged;
  options.replication_user = *db_repl_user;
  options.replication_password = *db_repl_password;
  options.replication_connect_retry_seconds = static_cast<int>(std::max<int64_t>(
      1, std::chrono::duration_cast<std::chrono::seconds>(*connect_retry).count()));
  return options;
}

tabletserver::Config VttabletFlags::ToConfig() const {
  tabletserver::Config config;
  query.Fill(config);
  protection.Fill(config);
  config.health_interval = *health_interval;
  config.health_buffer = Size(*health_buffer);
  config.track_lag = *track_lag;
  config.unhealthy_lag = *unhealthy;
  return config;
}

ServiceOptions VttabletFlags::ToServiceOptions(const tabletserver::Config& config) const {
  ServiceOptions options;
  options.app = config.app;
  options.all_privs = db.Connect(config.dba.address, *allprivs_user, *allprivs_password);
  if (const char* const root = std::getenv("VTROOT"); root != nullptr && *root != '\0')
    options.hook_dir = std::string(root) + "/vthook";
  options.lock_tables_timeout = *lock_tables_timeout;
  return options;
}

}  // namespace tessera::tabletmanager
