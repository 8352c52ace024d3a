// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/replication_status.h"

#include <utility>

namespace tessera::tabletserver {

using sqltypes::ResultSet;
using sqltypes::Value;

std::string ReplicationStatus::Problem() const {
  if (!configured) return "replication is not configured";
  if (io_running && sql_running) return "";
  std::string text = "replication is not running";
  if (!last_error.empty()) text += ": " + last_error;
  return text;
}

Task<Result<ReplicationStatus>> ReadReplicationStatus(const Context& ctx,
                                                      mysqlconn::Connection& connection) {
  CO_TRY(ResultSet rows, co_await connection.Query(ctx, "show slave status"));
  CO_TRY_OK(rows.Decode());
  ReplicationStatus status;
  if (rows.row_count() == 0) co_return status;
  status.configured = true;
  const std::span<const Value> row = std::as_const(rows).row(0);
  std::string port;
  for (size_t i = 0; i < rows.fields.size(); ++i) {
    const std::string& name = rows.fields[i].name;
    const std::string_view text = row[i].raw();
    if (name == "Slave_IO_Running") status.io_running = text == "Yes";
    if (name == "Slave_SQL_Running") status.sql_running = text == "Yes";
    if (name == "Master_Host") status.source = text;
    if (name == "Master_Port") port = text;
    if ((name == "Last_IO_Error" || name == "Last_SQL_Error") && !text.empty())
      status.last_error = text;
    if (name == "Seconds_Behind_Master" && !row[i].is_null()) {
      CO_TRY(const int64_t seconds, row[i].ToInt64());
      status.lag_seconds = static_cast<uint32_t>(seconds);
    }
  }
  status.source += ":" + port;
  co_return status;
}

}  // namespace tessera::tabletserver
