// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlctl/replication.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "base/waiter.h"
#include "mysqlctl/position.h"
#include "sqltypes/value.h"

namespace tessera::mysqlctl {

using mysqlconn::Connection;
using sqltypes::ResultSet;
using sqltypes::Value;

namespace {

// A wait is asked for in parts of this length, so that a server whose replication was stopped and
// set up anew meanwhile is asked again.
constexpr double kWaitSeconds = 1;

// Old and new servers call the same columns differently: Master_Host, Source_Host.
std::string ModernName(std::string name) {
  const auto replace = [&name](std::string_view from, std::string_view to) {
    for (size_t at = name.find(from); at != std::string::npos; at = name.find(from, at + to.size()))
      name.replace(at, from.size(), to);
  };
  replace("Master", "Source");
  replace("Slave", "Replica");
  return name;
}

// A row by the modern names of its columns. Views into the result.
class NamedRow {
 public:
  NamedRow(const ResultSet& rows, size_t index) {
    const std::span<const Value> cells = rows.row(index);
    for (size_t i = 0; i < rows.fields.size() && i < cells.size(); ++i)
      cells_[ModernName(rows.fields[i].name)] = cells[i];
  }
  bool has(std::string_view name) const { return cells_.find(name) != cells_.end(); }
  std::string text(std::string_view name) const {
    const auto found = cells_.find(name);
    if (found == cells_.end() || found->second.is_null()) return {};
    return std::string(found->second.raw());
  }
  template <class T>
  std::optional<T> number(std::string_view name) const {
    const std::string digits = text(name);
    T value{};
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || parsed.ec != std::errc()) return std::nullopt;
    return value;
  }

 private:
  std::map<std::string, Value, std::less<>> cells_;
};

ThreadState StateOf(std::string_view text) {
  if (text == "Yes") return ThreadState::kRunning;
  if (text == "No") return ThreadState::kStopped;
  if (text == "Connecting" || text == "Preparing") return ThreadState::kConnecting;
  return ThreadState::kUnknown;
}

std::string FilePosition(const std::string& file, const std::string& offset) {
  return file.empty() ? std::string() : "FilePos/" + file + ":" + offset;
}

std::string WithFlavor(std::string_view flavor, std::string gtids) {
  std::erase_if(gtids, [](char c) { return c == '\n' || c == ' '; });
  return fmt::format("{}/{}", flavor, gtids);
}

// MariaDB tells its position, MySQL the set of what it has executed and received.
void ReadPositions(std::string_view flavor, const NamedRow& row, ReplicaStatus& status) {
  const bool mariadb = row.has("Gtid_Replica_Pos");
  const std::string executed = row.text(mariadb ? "Gtid_Replica_Pos" : "Executed_Gtid_Set");
  const std::string received = row.text(mariadb ? "Gtid_IO_Pos" : "Retrieved_Gtid_Set");
  status.position = WithFlavor(flavor, executed);
  status.relay_log_position = WithFlavor(flavor, received);
  const std::string using_gtid = row.text("Using_Gtid");
  status.auto_position = row.text("Auto_Position") == "1";
  status.using_gtid = status.auto_position || (!using_gtid.empty() && using_gtid != "No");
  status.file_position =
      FilePosition(row.text("Relay_Source_Log_File"), row.text("Exec_Source_Log_Pos"));
  status.relay_log_source_position =
      FilePosition(row.text("Source_Log_File"), row.text("Read_Source_Log_Pos"));
  status.relay_log_file_position =
      FilePosition(row.text("Relay_Log_File"), row.text("Relay_Log_Pos"));
}

bool HasFilters(const NamedRow& row) {
  static constexpr std::string_view kFilters[] = {
      "Replicate_Do_DB",        "Replicate_Ignore_DB",     "Replicate_Do_Table",
      "Replicate_Ignore_Table", "Replicate_Wild_Do_Table", "Replicate_Wild_Ignore_Table",
  };
  return std::any_of(std::begin(kFilters), std::end(kFilters),
                     [&row](std::string_view name) { return !row.text(name).empty(); });
}

Result<> Unreachable(std::string_view wanted, std::string_view reached, const Error& why) {
  return Errorf(Code::kDeadlineExceeded, "waiting for position {}: {}; the server is at {}", wanted,
                why.message(), reached);
}

Task<Result<Settings>> ReadSettings(const Context& ctx, Connection& connection,
                                    std::string_view show, std::span<const std::string> names) {
  std::string sql(show);
  for (size_t i = 0; i < names.size(); ++i) {
    sql += i == 0 ? " where Variable_name in (" : ", ";
    sqltypes::AppendSql(Value(sqltypes::Type::kVarChar, names[i]), sql);
  }
  if (!names.empty()) sql += ")";
  CO_TRY(ResultSet rows, co_await connection.Query(ctx, sql));
  CO_TRY_OK(rows.Decode());
  Settings settings;
  for (size_t i = 0; i < rows.row_count(); ++i) {
    const std::span<const Value> row = std::as_const(rows).row(i);
    settings[std::string(row[0].raw())] = row[1].raw();
  }
  co_return settings;
}

bool On(const Settings& settings, std::string_view name) {
  const auto found = settings.find(name);
  return found != settings.end() && (found->second == "ON" || found->second == "1");
}

uint64_t Number(const Settings& settings, std::string_view name) {
  uint64_t value = 0;
  const auto found = settings.find(name);
  if (found != settings.end())
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
  return value;
}

}  // namespace

Result<std::optional<ReplicaStatus>> ParseReplicaStatus(std::string_view flavor, ResultSet& rows) {
  TRY_OK(rows.Decode());
  for (size_t i = 0; i < rows.row_count(); ++i) {
    const NamedRow row(rows, i);
    if (!row.text("Connection_name").empty() || !row.text("Channel_Name").empty()) continue;
    ReplicaStatus status;
    ReadPositions(flavor, row, status);
    status.source_host = row.text("Source_Host");
    status.source_port = row.number<int32_t>("Source_Port").value_or(0);
    status.source_user = row.text("Source_User");
    status.source_uuid = row.text("Source_UUID");
    status.source_server_id = row.number<uint32_t>("Source_Server_Id").value_or(0);
    status.connect_retry = row.number<int32_t>("Connect_Retry").value_or(0);
    status.heartbeat_seconds = row.number<double>("Replica_heartbeat_period").value_or(0);
    status.sql_delay = row.number<uint32_t>("SQL_Delay").value_or(0);
    status.io = StateOf(row.text("Replica_IO_Running"));
    status.sql = StateOf(row.text("Replica_SQL_Running"));
    status.last_io_error = row.text("Last_IO_Error");
    status.last_sql_error = row.text("Last_SQL_Error");
    status.lag_seconds = row.number<uint32_t>("Seconds_Behind_Source");
    status.ssl_allowed = row.text("Source_SSL_Allowed") == "Yes";
    status.has_filters = HasFilters(row);
    return std::optional<ReplicaStatus>(std::move(status));
  }
  return std::optional<ReplicaStatus>();
}

Task<Result<std::optional<ReplicaStatus>>> ReadReplicaStatus(const Context& ctx,
                                                             Connection& connection,
                                                             const Flavor& flavor) {
  CO_TRY(ResultSet rows, co_await connection.Query(ctx, flavor.ReplicaStatusQuery()));
  co_return ParseReplicaStatus(flavor.name(), rows);
}

Task<Result<ReplicaStatus>> NeedReplicaStatus(const Context& ctx, Connection& connection,
                                              const Flavor& flavor) {
  CO_TRY(std::optional<ReplicaStatus> status, co_await ReadReplicaStatus(ctx, connection, flavor));
  if (status) co_return *std::move(status);
  co_return Error(Code::kUnknown, "no replication status (errno 100) (sqlstate HY000)")
      .WithMysql(100, "HY000");
}

Task<Result<std::string>> ReadPosition(const Context& ctx, Connection& connection,
                                       const Flavor& flavor) {
  CO_TRY(ResultSet rows, co_await connection.Query(ctx, flavor.PositionQuery()));
  CO_TRY_OK(rows.Decode());
  if (rows.row_count() != 1)
    co_return Errorf(Code::kInternal, "the server answers '{}' with {} rows",
                     flavor.PositionQuery(), rows.row_count());
  co_return WithFlavor(flavor.name(), std::string(std::as_const(rows).row(0)[0].raw()));
}

Task<Result<std::string>> ReadFilePosition(const Context& ctx, Connection& connection,
                                           const Flavor& flavor) {
  CO_TRY(ResultSet rows, co_await connection.Query(ctx, flavor.PrimaryStatusQuery()));
  CO_TRY_OK(rows.Decode());
  if (rows.row_count() == 0) co_return std::string();
  const NamedRow row(rows, 0);
  co_return FilePosition(row.text("File"), row.text("Position"));
}

Result<std::string> GtidsOf(const Flavor& flavor, std::string_view position) {
  TRY(const PositionText text, SplitPosition(position));
  if (text.flavor.empty()) return std::string();
  if (text.flavor != flavor.name()) {
    return Errorf(Code::kInvalidArgument, "position {} is not of a {} server", position,
                  flavor.name());
  }
  TRY_OK(ParseMariaDbPosition(text.gtids));
  return std::string(text.gtids);
}

Task<Result<>> WaitForPosition(const Context& ctx, Connection& connection, const Flavor& flavor,
                               std::string_view position) {
  CO_TRY(const std::string gtids, GtidsOf(flavor, position));
  CO_TRY(const MariaDbPosition wanted, ParseMariaDbPosition(gtids));
  const std::string wait = flavor.WaitForPosition(gtids, kWaitSeconds);
  std::string reached = "an unknown position";
  while (true) {
    // A server that wrote the transactions itself has not replicated them.
    Result<std::string> here = co_await ReadPosition(ctx, connection, flavor);
    if (here.ok()) reached = *here;
    if (const Result<> time = ctx.Check(); !time.ok())
      co_return Unreachable(position, reached, time.error());
    if (!here.ok()) co_return std::move(here).error();
    CO_TRY(const PositionText text, SplitPosition(reached));
    CO_TRY(const MariaDbPosition now, ParseMariaDbPosition(text.gtids));
    if (AtLeast(now, wanted)) co_return Ok{};
    Result<ResultSet> waited = co_await connection.Query(ctx, wait);
    if (!waited.ok() && ctx.cancelled()) co_return Unreachable(position, reached, waited.error());
    CO_TRY(ResultSet rows, std::move(waited));
    CO_TRY_OK(rows.Decode());
    if (rows.row_count() == 1 && std::as_const(rows).row(0)[0].raw() == "0") co_return Ok{};
  }
}

Task<Result<>> RunAll(const Context& ctx, Connection& connection,
                      std::span<const std::string> statements) {
  for (const std::string& sql : statements) {
    CO_TRY_OK(co_await connection.Query(ctx, sql));
  }
  co_return Ok{};
}

Task<Result<Settings>> ReadVariables(const Context& ctx, Connection& connection,
                                     std::span<const std::string> names) {
  return ReadSettings(ctx, connection, "show global variables", names);
}

Task<Result<Settings>> ReadStatusValues(const Context& ctx, Connection& connection,
                                        std::span<const std::string> names) {
  return ReadSettings(ctx, connection, "show global status", names);
}

Task<Result<SemiSyncState>> ReadSemiSync(const Context& ctx, Connection& connection,
                                         const Flavor& flavor) {
  const SemiSyncNames& names = flavor.semi_sync();
  const std::vector<std::string> variables = {
      std::string(names.source_enabled), std::string(names.replica_enabled),
      std::string(names.source_timeout), std::string(names.wait_for_replicas)};
  const std::vector<std::string> values = {
      std::string(names.source_status), std::string(names.replica_status),
      std::string(names.source_clients), std::string(names.wait_sessions)};
  CO_TRY(const Settings set, co_await ReadVariables(ctx, connection, variables));
  CO_TRY(const Settings status, co_await ReadStatusValues(ctx, connection, values));
  SemiSyncState state;
  state.available = set.contains(names.source_enabled);
  state.source_enabled = On(set, names.source_enabled);
  state.replica_enabled = On(set, names.replica_enabled);
  state.timeout_ms = Number(set, names.source_timeout);
  state.wait_for_replicas = names.wait_for_replicas.empty() && state.available
                                ? 1
                                : static_cast<uint32_t>(Number(set, names.wait_for_replicas));
  state.source_status = On(status, names.source_status);
  state.replica_status = On(status, names.replica_status);
  state.clients = static_cast<uint32_t>(Number(status, names.source_clients));
  state.wait_sessions = static_cast<uint32_t>(Number(status, names.wait_sessions));
  co_return state;
}

Task<Result<>> SetSemiSync(const Context& ctx, Connection& connection, const Flavor& flavor,
                           bool source, bool replica) {
  CO_TRY(const SemiSyncState now, co_await ReadSemiSync(ctx, connection, flavor));
  if (!now.available) {
    if (!source && !replica) co_return Ok{};
    co_return Error(Code::kFailedPrecondition, "VT09013: semi-sync plugins are not loaded");
  }
  if (now.source_enabled == source && now.replica_enabled == replica) co_return Ok{};
  const SemiSyncNames& names = flavor.semi_sync();
  const std::vector<std::string> statements = {
      fmt::format("set global {} = {}", names.source_enabled, source ? 1 : 0),
      fmt::format("set global {} = {}", names.replica_enabled, replica ? 1 : 0)};
  co_return co_await RunAll(ctx, connection, statements);
}

Task<Result<std::vector<std::string>>> FindReplicas(const Context& ctx, Connection& connection) {
  CO_TRY(ResultSet rows, co_await connection.Query(ctx, "show processlist"));
  CO_TRY_OK(rows.Decode());
  std::vector<std::string> hosts;
  for (size_t i = 0; i < rows.row_count(); ++i) {
    const NamedRow row(rows, i);
    if (!row.text("Command").starts_with("Binlog Dump")) continue;
    const std::string host = row.text("Host");
    hosts.push_back(host.substr(0, host.rfind(':')));
  }
  std::sort(hosts.begin(), hosts.end());
  co_return hosts;
}

}  // namespace tessera::mysqlctl
