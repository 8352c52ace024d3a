// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/executor.h"
#include "keys/tablet_alias.h"
#include "mysqlconn/connection.h"
#include "querylog/query_log.h"
#include "tabletserver/guard.h"
#include "tabletserver/hot_rows.h"

namespace tessera::tabletserver {

// How a tablet server works. Names and defaults of the matching vttablet flags stand beside the
// fields; 0 means "no limit" for times and sizes.
struct Config {
  querylog::QueryLog* query_log = nullptr;  // hears of every statement; outlives the server
  std::string keyspace;
  std::string shard;
  keys::TabletAlias alias;
  std::string db_name;
  mysqlconn::ConnectOptions app;  // for clients' statements: user vt_app, database db_name
  mysqlconn::ConnectOptions dba;  // for our own questions: user vt_dba

  size_t oltp_pool_size = 16;                     // queryserver-config-pool-size
  size_t olap_pool_size = 200;                    // queryserver-config-stream-pool-size
  size_t transaction_pool_size = 20;              // queryserver-config-transaction-cap
  Duration oltp_pool_timeout = Duration::zero();  // queryserver-config-query-pool-timeout
  Duration olap_pool_timeout = Duration::zero();  // queryserver-config-stream-pool-timeout
  Duration transaction_pool_timeout = std::chrono::seconds(1);  // queryserver-config-txpool-timeout
  Duration idle_timeout = std::chrono::minutes(30);             // queryserver-config-idle-timeout
  Duration connection_lifetime = Duration::zero();              // ...-pool-conn-max-lifetime
  Duration query_timeout = std::chrono::seconds(30);            // queryserver-config-query-timeout
  Duration transaction_timeout = std::chrono::seconds(30);      // ...-transaction-timeout
  Duration olap_transaction_timeout = std::chrono::seconds(30);
  size_t max_result_rows = 10'000;  // queryserver-config-max-result-size
  // The limit holds for every way to read. Else it bounds what one call gathers, and gates are told
  // that the rows can be had in a stream.
  bool row_limit_is_rule = true;
  size_t stream_buffer_bytes = 32768;  // queryserver-config-stream-buffer-size
  size_t plan_cache_entries = 5'000;
  bool terse_errors = false;      // queryserver-config-terse-errors
  size_t truncate_error_len = 0;  // queryserver-config-truncate-error-len

  AclMode acl;
  HotRowOptions hot_rows;

  bool consolidate = true;                              // enable-consolidator
  size_t consolidator_waiters = 0;                      // consolidator-query-waiter-cap
  size_t health_buffer = 20;                            // stream-health-buffer-size
  Duration health_interval = std::chrono::seconds(20);  // health-check-interval
  Duration schema_interval = std::chrono::minutes(30);  // queryserver-config-schema-reload-time
  Duration probe_interval = std::chrono::seconds(1);    // how often MySQL is asked how it is
  bool track_lag = false;                               // enable-replication-reporter
  Duration unhealthy_lag = std::chrono::hours(2);       // unhealthy-threshold
  Duration shutdown_grace = std::chrono::seconds(3);    // shutdown-grace-period
};

}  // namespace tessera::tabletserver
