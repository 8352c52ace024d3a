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
  set.Add(hot_rows, hot_rows_dry_run, hot_rows_queue, hot_rows_global, hot_rows_concurrent);
  // What TabletServer::TakeSettings takes over.
  set.MakeDynamic(query_timeout, transaction_timeout, olap_timeout, max_result_size, stream_buffer,
                  terse_errors, truncate_error_len, consolidator, consolidator_cap);
}

Result<> QueryServerFlags::Check() const {
  if (*hot_rows && *hot_rows_dry_run)
    return Error(Code::kInvalidArgument,
                 "--enable-hot-row-protection and --enable-hot-row-protection-dry-run: only one of "
                 "them can hold");
  if (!*hot_rows && !*hot_rows_dry_run) return Ok{};
  if (*hot_rows_concurrent < 1 || *hot_rows_queue < 1)
    return Error(Code::kInvalidArgument,
                 "--hot-row-protection-concurrent-transactions and "
                 "--hot-row-protection-max-queue-size are at least 1");
  if (*hot_rows_global < *hot_rows_queue)
    return Errorf(Code::kInvalidArgument,
                  "--hot-row-protection-max-global-queue-size {} is less than "
                  "--hot-row-protection-max-queue-size {}",
                  *hot_rows_global, *hot_rows_queue);
  return Ok{};
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
  config.hot_rows.on = *hot_rows;
  config.hot_rows.dry_run = *hot_rows_dry_run;
  config.hot_rows.queue = Size(*hot_rows_queue);
  config.hot_rows.global = Size(*hot_rows_global);
  config.hot_rows.concurrent = Size(*hot_rows_concurrent);
  config.shutdown_grace = *shutdown_grace;
}

}  // namespace tessera::tabletserver
