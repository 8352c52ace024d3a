// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "flags/flag_set.h"
#include "pages/page_flags.h"
#include "querylog/query_log.h"
#include "tabletserver/protection_files.h"
#include "tabletserver/server_flags.h"
#include "vtgate/mysql_flags.h"

namespace tessera::vtocc {

// The flags of vtocc: vttablet's for the database and the query service, vtgate's for MySQL
// clients.
struct VtoccFlags {
  template <class T>
  using Flag = flags::Flag<T>;

  Flag<std::string> db_name{"db-name", "",
                            "The database that is served; clients know it by this name."};
  tabletserver::DbFlags db;
  tabletserver::QueryServerFlags query;
  tabletserver::ProtectionFlags protection;
  vtgate::MysqlFlags mysql;
  pages::PageFlags pages;
  querylog::QueryLogFlags query_log;
  Flag<std::chrono::nanoseconds> onterm{"onterm-timeout", std::chrono::seconds(10),
                                        "Time clients get to finish when we are told to stop."};
  Flag<int> loops{"loops", 0, "Event loops (threads); 0 is one per core."};

  void Register(flags::FlagSet& set);
  // kInvalidArgument names the flag that is missing or wrong.
  Result<tabletserver::Config> ToConfig() const;
};

}  // namespace tessera::vtocc
