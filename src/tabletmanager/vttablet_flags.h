// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "flags/flag_set.h"
#include "rpc/server_flags.h"
#include "tabletmanager/tablet_manager.h"
#include "tabletserver/config.h"
#include "topo/topo_flags.h"

namespace tessera::tabletmanager {

// The flags of vttablet. Names and defaults are Vitess's; where a default had to differ, the help
// says so.
struct VttabletFlags {
  template <class T>
  using Flag = flags::Flag<T>;
  using Nanos = std::chrono::nanoseconds;

  Flag<std::string> tablet_path{"tablet-path", "", "This tablet's alias: cell-uid."};
  Flag<std::string> tablet_hostname{"tablet-hostname", "127.0.0.1",
                                    "Where gates and other tablets find this one."};
  Flag<int> port{"port", 0, "Port of the status pages; 0 opens none."};
  rpc::ServerFlags grpc{15999};
  topo::TopoFlags topo;

  Flag<std::string> init_keyspace{"init-keyspace", "", "Keyspace of this tablet."};
  Flag<std::string> init_shard{"init-shard", "", "Shard of this tablet."};
  Flag<std::string> init_tablet_type{
      "init-tablet-type", "replica",
      "replica, rdonly or spare; primary takes the lead of a shard that has no primary."};
  Flag<std::string> init_db_name{"init-db-name-override", "",
                                 "Database of the keyspace; empty is vt_ and the keyspace."};
  Flag<std::vector<std::string>> init_tags{"init-tags", {}, "key:value pairs of the record."};

  Flag<std::string> tablet_dir{"tablet-dir", "",
                               "Folder of the MySQL server that mysqlctl made for this tablet."};
  Flag<bool> unmanaged{"unmanaged", false,
                       "The MySQL server is somebody else's: give --db-host or --db-socket."};
  Flag<std::string> db_host{"db-host", "", "Host of the MySQL server."};
  Flag<int> db_port{"db-port", 0, "Port of the MySQL server."};
  Flag<std::string> db_socket{"db-socket", "", "Unix socket of the MySQL server."};
  Flag<std::string> db_app_user{"db-app-user", "vt_app", "User for clients' statements."};
  Flag<std::string> db_app_password{"db-app-password", "", "Its password."};
  Flag<std::string> db_dba_user{"db-dba-user", "vt_dba", "User for the tablet's own statements."};
  Flag<std::string> db_dba_password{"db-dba-password", "", "Its password."};
  Flag<std::string> db_repl_user{"db-repl-user", "vt_repl", "User replicas log in with."};
  Flag<std::string> db_repl_password{"db-repl-password", "", "Its password."};
  Flag<int> db_connect_timeout_ms{"db-connect-timeout-ms", 10000, "Milliseconds to connect in."};
  Flag<Nanos> connect_retry{"replication-connect-retry", std::chrono::seconds(10),
                            "Between a replica's attempts to reach its primary."};

  Flag<int> pool_size{"queryserver-config-pool-size", 16, "Connections for reads."};
  Flag<int> stream_pool_size{"queryserver-config-stream-pool-size", 200,
                             "Connections for streaming reads."};
  Flag<int> transaction_cap{"queryserver-config-transaction-cap", 20,
                            "Connections for transactions and writes."};
  Flag<Nanos> pool_timeout{"queryserver-config-query-pool-timeout", Nanos::zero(),
                           "Wait for a read's connection; 0 is the query's own time."};
  Flag<Nanos> stream_pool_timeout{"queryserver-config-stream-pool-timeout", Nanos::zero(),
                                  "Wait for a stream's connection; 0 has no limit."};
  Flag<Nanos> txpool_timeout{"queryserver-config-txpool-timeout", std::chrono::seconds(1),
                             "Wait for a transaction's connection."};
  Flag<Nanos> idle_timeout{"queryserver-config-idle-timeout", std::chrono::minutes(30),
                           "Connections idle for this long are closed."};
  Flag<Nanos> lifetime{"queryserver-config-pool-conn-max-lifetime", Nanos::zero(),
                       "Connections older than this are closed; 0 never."};
  Flag<Nanos> query_timeout{"queryserver-config-query-timeout", std::chrono::seconds(30),
                            "A statement that takes longer is killed."};
  Flag<Nanos> transaction_timeout{"queryserver-config-transaction-timeout",
                                  std::chrono::seconds(30),
                                  "A transaction that takes longer is rolled back."};
  Flag<Nanos> olap_timeout{"queryserver-config-olap-transaction-timeout", std::chrono::seconds(30),
                           "The same for the OLAP workload."};
  Flag<int> max_result_size{"queryserver-config-max-result-size", 10000,
                            "Most rows of an answer that is not streamed."};
  Flag<int> stream_buffer{"queryserver-config-stream-buffer-size", 32768,
                          "Bytes of one part of a streamed answer."};
  Flag<Nanos> schema_reload{"queryserver-config-schema-reload-time", std::chrono::minutes(30),
                            "How often the schema is read anew."};
  Flag<bool> terse_errors{"queryserver-config-terse-errors", false,
                          "Keep values and MySQL's words out of errors."};
  Flag<int> truncate_error_len{"queryserver-config-truncate-error-len", 0,
                               "Longest error text; 0 does not cut."};
  Flag<bool> consolidator{"enable-consolidator", true, "Identical reads at one time share a run."};
  Flag<int> consolidator_cap{"consolidator-query-waiter-cap", 0,
                             "Most reads that join one run; 0 has no limit."};
  Flag<Nanos> health_interval{"health-check-interval", std::chrono::seconds(20),
                              "How often health is told when nothing changes."};
  Flag<int> health_buffer{"stream-health-buffer-size", 20, "Health messages kept for a slow gate."};
  Flag<bool> track_lag{"enable-replication-reporter", false,
                       "Replicas ask MySQL for their lag, and serve only while they replicate."};
  Flag<Nanos> unhealthy{"unhealthy-threshold", std::chrono::hours(2),
                        "A replica that lags more does not serve."};
  Flag<Nanos> shutdown_grace{"shutdown-grace-period", std::chrono::seconds(3),
                             "What running queries and transactions get at the end."};
  Flag<Nanos> lameduck{"lameduck-period", std::chrono::milliseconds(50),
                       "Between telling gates to go and stopping."};
  Flag<Nanos> onterm{"onterm-timeout", std::chrono::seconds(10), "Longest orderly shutdown."};

  void Register(flags::FlagSet& set);
  // kInvalidArgument names the flag that is missing or wrong.
  Result<TabletOptions> ToTabletOptions() const;
  tabletserver::Config ToConfig() const;
};

}  // namespace tessera::tabletmanager
