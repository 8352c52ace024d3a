// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlconn/result_writer.h"
#include "mysqlconn/session.h"
#include "mysqlwire/binary_rows.h"
#include "sqltypes/field.h"
#include "sqltypes/value.h"

namespace tessera::mysqlconn {

// What the answer to COM_STMT_PREPARE says of a statement.
struct PreparedInfo {
  uint16_t parameter_count = 0;
  std::vector<sqltypes::Field>
      columns;  // empty when the statement returns no rows, or they are not known yet
  // Columns that are a parameter and nothing else: column and parameter, from 0.
  std::vector<std::pair<uint16_t, uint16_t>> parameter_columns;
  bool answered = false;  // the handler has written the answer itself, and keeps the statement
};

// Ids of statements that the connection numbers itself have this bit. Those of a server, which a
// handler passes on, do not.
inline constexpr uint32_t kOwnStatement = 0x8000'0000;

// What a server does with its clients' commands. One handler serves all connections, on every loop;
// one connection gives it one command at a time. The context of a command ends when the client goes
// away or is killed. An error returned is sent to the client as its MySQL form (ToMysqlError); the
// connection stays.
class Handler {
 public:
  virtual ~Handler() = default;

  // After login, before the client hears of it; an error refuses the connection. Session::database
  // is set when the client asked for one: the handler checks it here.
  virtual Task<Result<>> Connected(const Context& ctx, Session& session);

  // COM_QUERY. Holds several statements only when session.multi_statements; write a result for
  // each. COM_PROCESS_KILL and COM_PROCESS_INFO come here too, as KILL n and SHOW PROCESSLIST.
  virtual Task<Result<>> Query(const Context& ctx, Session& session, std::string_view sql,
                               ResultWriter& writer) = 0;

  // COM_INIT_DB. On success the handler has set session.database.
  virtual Task<Result<>> InitDb(const Context& ctx, Session& session,
                                std::string_view database) = 0;

  // COM_RESET_CONNECTION and COM_CHANGE_USER: roll back and forget what the session holds.
  virtual Task<Result<>> Reset(const Context& ctx, Session& session);

  // COM_FIELD_LIST: the columns of a table whose name matches a LIKE pattern. Unimplemented unless
  // overridden.
  virtual Task<Result<std::vector<sqltypes::Field>>> ListFields(const Context& ctx,
                                                                Session& session,
                                                                std::string_view table,
                                                                std::string_view wildcard);

  // COM_STATISTICS: one line for people.
  virtual std::string Statistics(const Session& session);

  // COM_STMT_PREPARE. `id` names the statement from here to CloseStatement. Unimplemented unless
  // overridden.
  virtual Task<Result<PreparedInfo>> Prepare(const Context& ctx, Session& session, uint32_t id,
                                             std::string_view sql, ResultWriter& writer);
  // COM_STMT_EXECUTE. The cells point into the packet and live until the task ends.
  virtual Task<Result<>> Execute(const Context& ctx, Session& session, uint32_t id,
                                 std::string_view sql, std::span<const sqltypes::Value> parameters,
                                 ResultWriter& writer);
  // MariaDB's COM_STMT_BULK_EXECUTE: the statement once for every row of parameters, with one
  // answer for all. There is at least one row. Unimplemented unless overridden.
  virtual Task<Result<>> ExecuteBulk(const Context& ctx, Session& session, uint32_t id,
                                     mysqlwire::BulkReader& rows, ResultWriter& writer);
  virtual void CloseStatement(Session& session, uint32_t id);

  // With Session::relays: a command as it came. True when the handler has answered it through the
  // writer (BeginRaw); false leaves it to the connection.
  virtual Task<Result<bool>> Relay(const Context& ctx, Session& session, std::string_view packet,
                                   ResultWriter& writer);

  // The client has gone (or was drained); roll back what is open. Runs once for every Connected
  // that succeeded.
  virtual Task<> Closed(const Context& ctx, Session& session);
};

}  // namespace tessera::mysqlconn
