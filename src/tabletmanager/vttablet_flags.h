// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "flags/flag_set.h"
#include "pages/page_flags.h"
#include "querylog/query_log.h"
#include "reach/page.h"
#include "rpc/server_flags.h"
#include "tabletmanager/manager_service.h"
#include "tabletmanager/tablet_manager.h"
#include "tabletserver/config.h"
#include "tabletserver/protection_files.h"
#include "tabletserver/server_flags.h"
#include "topo/topo_flags.h"
#include "vtgate/mysql_flags.h"

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
  pages::PageFlags pages;
  reach::ReachFlags reach;
  querylog::QueryLogFlags query_log;
  rpc::ServerFlags grpc{15999};
  topo::TopoFlags topo;
  vtgate::MysqlFlags mysql;  // off by default: clients come through gates

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
  tabletserver::DbFlags db;
  Flag<std::string> db_repl_user{"db-repl-user", "vt_repl", "User replicas log in with."};
  Flag<std::string> db_repl_password{"db-repl-password", "", "Its password.",
                                     flags::Secrecy::kSecret};
  Flag<Nanos> connect_retry{"replication-connect-retry", std::chrono::seconds(10),
                            "Between a replica's attempts to reach its primary."};

  Flag<std::string> allprivs_user{"db-allprivs-user", "vt_allprivs",
                                  "User for operators' statements that need every right."};
  Flag<std::string> allprivs_password{"db-allprivs-password", "", "Its password."};
  Flag<Nanos> lock_tables_timeout{"lock-tables-timeout", std::chrono::minutes(1),
                                  "Locked tables (LockTables) are unlocked after this."};

  tabletserver::QueryServerFlags query;
  tabletserver::ProtectionFlags protection;
  Flag<Nanos> health_interval{"health-check-interval", std::chrono::seconds(20),
                              "How often health is told when nothing changes."};
  Flag<int> health_buffer{"stream-health-buffer-size", 20, "Health messages kept for a slow gate."};
  Flag<bool> track_lag{"enable-replication-reporter", false,
                       "Replicas ask MySQL for their lag, and serve only while they replicate."};
  Flag<Nanos> unhealthy{"unhealthy-threshold", std::chrono::hours(2),
                        "A replica that lags more does not serve."};
  Flag<Nanos> lameduck{"lameduck-period", std::chrono::milliseconds(50),
                       "Between telling gates to go and stopping."};
  Flag<Nanos> onterm{"onterm-timeout", std::chrono::seconds(10), "Longest orderly shutdown."};

  void Register(flags::FlagSet& set, const topo::Server::Factories& topologies);
  // kInvalidArgument names the flag that is missing or wrong.
  Result<TabletOptions> ToTabletOptions() const;
  tabletserver::Config ToConfig() const;
  // Of the tablet whose server `config` names.
  ServiceOptions ToServiceOptions(const tabletserver::Config& config) const;
};

}  // namespace tessera::tabletmanager
