// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/server_flags.h"

namespace tessera::tabletserver {

namespace {

size_t Size(int value) { return value < 0 ? 0 : static_cast<size_t>(value); }

}  // namespace

void DbFlags::Register(flags::FlagSet& set) {
  set.Add(host, port, socket, app_user, app_password);
  set.Add(dba_user, dba_password, connect_timeout_ms);
}

mysqlconn::ConnectOptions DbFlags::Connect(const runtime::Address& address, const std::string& user,
                                           const std::string& password) const {
  mysqlconn::ConnectOptions options;
  options.address = address;
  options.user = user;
  options.password = password;
  if (*connect_timeout_ms > 0)
    options.connect_timeout = std::chrono::milliseconds(*connect_timeout_ms);
  return options;
}

void QueryServerFlags::Register(flags::FlagSet& set) {
  set.Add(pool_size, stream_pool_size, transaction_cap, pool_timeout, stream_pool_timeout);
  set.Add(txpool_timeout, idle_timeout, lifetime, query_timeout, transaction_timeout);
  set.Add(olap_timeout, max_result_size, stream_buffer, schema_reload, terse_errors);
  set.Add(truncate_error_len, consolidator, consolidator_cap, shutdown_grace);
  // What TabletServer::TakeSettings takes over.
  set.MakeDynamic(query_timeout, transaction_timeout, olap_timeout, max_result_size, stream_buffer,
                  terse_errors, truncate_error_len, consolidator, consolidator_cap);
}

void QueryServerFlags::Fill(Config& config) const {
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
  config.row_limit_is_rule = max_result_size.given();
  config.stream_buffer_bytes = Size(*stream_buffer);
  config.schema_interval = *schema_reload;
  config.terse_errors = *terse_errors;
  config.truncate_error_len = Size(*truncate_error_len);
  config.consolidate = *consolidator;
  config.consolidator_waiters = Size(*consolidator_cap);
  config.shutdown_grace = *shutdown_grace;
}

}  // namespace tessera::tabletserver
