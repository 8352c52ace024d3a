// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/vttablet_flags.h"

#include <algorithm>

#include "keys/shard.h"

namespace tessera::tabletmanager {

namespace {

size_t Size(int value) { return value < 0 ? 0 : static_cast<size_t>(value); }

Error Missing(std::string_view flag) {
  return Errorf(Code::kInvalidArgument, "--{} is needed", flag);
}

}  // namespace

void VttabletFlags::Register(flags::FlagSet& set) {
  set.Add(tablet_path, tablet_hostname, port);
  grpc.Register(set);
  topo.Register(set);
  set.Add(init_keyspace, init_shard, init_tablet_type, init_db_name, init_tags);
  set.Add(tablet_dir, unmanaged, db_host, db_port, db_socket, db_app_user, db_app_password);
  set.Add(db_dba_user, db_dba_password, db_repl_user, db_repl_password, db_connect_timeout_ms);
  set.Add(connect_retry, pool_size, stream_pool_size, transaction_cap, pool_timeout);
  set.Add(stream_pool_timeout, txpool_timeout, idle_timeout, lifetime, query_timeout);
  set.Add(transaction_timeout, olap_timeout, max_result_size, stream_buffer, schema_reload);
  set.Add(terse_errors, truncate_error_len, consolidator, consolidator_cap, health_interval);
  set.Add(health_buffer, track_lag, unhealthy, shutdown_grace, lameduck, onterm);
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
  if (*grpc.port <= 0 || *grpc.port > 65535)
    return Errorf(Code::kInvalidArgument, "--grpc-port {} is no port", *grpc.port);
  options.hostname = *tablet_hostname;
  options.grpc_port = *grpc.port;
  options.http_port = *port;
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
  config.oltp_pool_size = Size(*pool_size);
  config.olap_pool_size = Size(*stream_pool_size);
  config.transaction_pool_size = Size(*transaction_cap);
  config.oltp_pool_timeout = *pool_timeout;
  config.olap_pool_timeout = *stream_pool_timeout;
  config.transaction_pool_timeout = *txpool_timeout;
  config.idle_timeout = *idle_timeout;
  config.connection_lifetime = *lifetime;
  config.query_timeout = *query_timeout;
  config.transaction_timeout = *transaction_timeout;
  config.olap_transaction_timeout = *olap_timeout;
  config.max_result_rows = Size(*max_result_size);
  config.stream_buffer_bytes = Size(*stream_buffer);
  config.schema_interval = *schema_reload;
  config.terse_errors = *terse_errors;
  config.truncate_error_len = Size(*truncate_error_len);
  config.consolidate = *consolidator;
  config.consolidator_waiters = Size(*consolidator_cap);
  config.health_interval = *health_interval;
  config.health_buffer = Size(*health_buffer);
  config.track_lag = *track_lag;
  config.unhealthy_lag = *unhealthy;
  config.shutdown_grace = *shutdown_grace;
  return config;
}

}  // namespace tessera::tabletmanager
