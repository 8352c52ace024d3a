// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "runtime/stream.h"
#include "sqltypes/field.h"
#include "sqltypes/result_set.h"

namespace tessera::mysqlconn {

struct ConnectOptions {
  runtime::Address address;
  std::string user;
  std::string password;
  std::string database;
  uint16_t collation = 45;  // utf8mb4_general_ci
  bool found_rows = false;  // CLIENT_FOUND_ROWS
  bool multi_statements = false;
  Duration connect_timeout = std::chrono::seconds(10);
  // How long a killed query may take to come back before its connection is given up.
  Duration kill_grace = std::chrono::seconds(2);
  size_t max_packet = 1 << 30;
};

struct QueryOptions {
  // More rows than this is an error (kAborted, "row count exceeded N"); 0 is no limit.
  size_t max_rows = 0;
  bool want_fields = true;  // keep Field of the answer (row reading needs only their number)
};

// Receives one streamed result. An error returned stops the stream (and the query at the server).
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual Task<Result<>> OnFields(const Context& ctx, std::span<const sqltypes::Field> fields) = 0;
  // Rows as query.Row bodies, each in front its length as varint and before it the tag of a
  // repeated field 4: the form in which they stand in a QueryResult. `row_count` of them.
  virtual Task<Result<>> OnRows(const Context& ctx, std::string_view rows, size_t row_count) = 0;
};

// What the last answer said of the session.
struct ServerStatus {
  uint16_t flags = 0;
  uint16_t warnings = 0;
  bool in_transaction() const { return (flags & 0x0001) != 0; }
  bool autocommit() const { return (flags & 0x0002) != 0; }
};

// A client's connection to a MySQL or MariaDB server. Belongs to one loop; one call at a time.
//
// When ctx ends during a query, the query is killed through a second connection; if the answer then
// comes within kill_grace the connection lives on, else it is closed. An error of the server has
// its errno and SQLSTATE, its text unchanged and the code of CodeOfErrno; a lost connection is
// errno 2013 (2006 when it was lost before).
class Connection {
 public:
  static Task<Result<std::unique_ptr<Connection>>> Connect(const Context& ctx,
                                                           const ConnectOptions& options);
  ~Connection();

  Task<Result<sqltypes::ResultSet>> Query(const Context& ctx, std::string_view sql);
  Task<Result<sqltypes::ResultSet>> Query(const Context& ctx, std::string_view sql,
                                          const QueryOptions& options);

  // Results of a multi-statement text: Query gives the first; while more_results(), NextResult the
  // others. They must all be taken (or discarded by the next Query) before the connection is used
  // again.
  bool more_results() const;
  Task<Result<sqltypes::ResultSet>> NextResult(const Context& ctx);

  // Rows as they arrive. `batch_bytes` is the least size of the runs given to the sink but the
  // last.
  Task<Result<>> StreamQuery(const Context& ctx, std::string_view sql, RowSink& sink,
                             size_t batch_bytes);

  // Commands as they are, for a relay. SendPacket sends a command's packet (first byte: which), or
  // one of the file that its answer has asked for. ReceivePackets appends what has come of the
  // answer, at least one packet, in the form of mysqlwire::AppendToRun; to be called until
  // relaying() is false or file_wanted(). When their ctx ends the answer is still under way: go on
  // receiving, or Close.
  Task<Result<>> SendPacket(const Context& ctx, std::string_view packet);
  Task<Result<>> ReceivePackets(const Context& ctx, std::string& run);
  bool relaying() const;
  bool file_wanted() const;

  Task<Result<>> Ping(const Context& ctx);
  // COM_RESET_CONNECTION: as new, but logged in.
  Task<Result<>> Reset(const Context& ctx);
  Task<Result<>> ChangeDatabase(const Context& ctx, std::string_view database);

  // False once the connection was lost or given up: throw it away.
  bool usable() const;
  void Close();

  uint32_t thread_id() const;
  uint64_t capabilities() const;  // what the login agreed on
  const std::string& server_version() const;
  bool is_mariadb() const;
  const ServerStatus& status() const;
  const ConnectOptions& options() const;

 private:
  class Impl;
  explicit Connection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Kills what a server runs for another connection, through a connection of its own.
Task<Result<>> KillQuery(const Context& ctx, const ConnectOptions& options, uint32_t thread_id);
Task<Result<>> KillConnection(const Context& ctx, const ConnectOptions& options,
                              uint32_t thread_id);

}  // namespace tessera::mysqlconn
