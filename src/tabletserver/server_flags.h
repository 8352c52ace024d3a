// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "flags/flag_set.h"
#include "mysqlconn/connection.h"
#include "tabletserver/config.h"

namespace tessera::tabletserver {

// Where the MySQL server of a tablet is, and who we are there. Names are Vitess's.
struct DbFlags {
  template <class T>
  using Flag = flags::Flag<T>;

  Flag<std::string> host{"db-host", "", "Host of the MySQL server."};
  Flag<int> port{"db-port", 0, "Port of the MySQL server."};
  Flag<std::string> socket{"db-socket", "", "Unix socket of the MySQL server."};
  Flag<std::string> app_user{"db-app-user", "vt_app", "User for clients' statements."};
  Flag<std::string> app_password{"db-app-password", "", "Its password.", flags::Secrecy::kSecret};
  Flag<std::string> dba_user{"db-dba-user", "vt_dba", "User for the tablet's own statements."};
  Flag<std::string> dba_password{"db-dba-password", "", "Its password.", flags::Secrecy::kSecret};
  Flag<int> connect_timeout_ms{"db-connect-timeout-ms", 10000, "Milliseconds to connect in."};

  void Register(flags::FlagSet& set);
  // A connection of that user to that place.
  mysqlconn::ConnectOptions Connect(const runtime::Address& address, const std::string& user,
                                    const std::string& password) const;
};

// How a tablet serves statements. Names and defaults are Vitess's.
struct QueryServerFlags {
  template <class T>
  using Flag = flags::Flag<T>;
  using Nanos = std::chrono::nanoseconds;

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
  Flag<bool> hot_rows{"enable-hot-row-protection", false,
                      "Transactions that begin with a change of one row wait in line for it."};
  Flag<bool> hot_rows_dry_run{"enable-hot-row-protection-dry-run", false,
                              "Count what would wait or be refused, and let it pass."};
  Flag<int> hot_rows_queue{"hot-row-protection-max-queue-size", 20,
                           "Most transactions in line for one row."};
  Flag<int> hot_rows_global{"hot-row-protection-max-global-queue-size", 1000,
                            "Most transactions in line for all rows together."};
  Flag<int> hot_rows_concurrent{"hot-row-protection-concurrent-transactions", 5,
                                "Transactions for one row that go on to MySQL at once."};
  Flag<Nanos> shutdown_grace{"shutdown-grace-period", std::chrono::seconds(3),
                             "What running queries and transactions get at the end."};

  void Register(flags::FlagSet& set);
  // kInvalidArgument names flags that cannot be together.
  Result<> Check() const;
  // Writes what the flags say into `config`.
  void Fill(Config& config) const;
};

}  // namespace tessera::tabletserver
