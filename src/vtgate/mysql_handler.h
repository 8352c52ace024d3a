// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "mysqlconn/handler.h"
#include "vtgate/executor.h"

namespace tessera::vtgate {

// The gate's side of MySQL clients: sessions and results. One for the process; each loop tells its
// own executor before it serves.
class MysqlHandler final : public mysqlconn::Handler {
 public:
  // The executor of the calling thread's loop. Outlives the loop's connections; null when they have
  // ended.
  static void SetExecutor(Executor* executor);
  static Executor* executor();

  Task<Result<>> Connected(const Context& ctx, mysqlconn::Session& session) override;
  Task<Result<>> Query(const Context& ctx, mysqlconn::Session& session, std::string_view sql,
                       mysqlconn::ResultWriter& writer) override;
  Task<Result<>> InitDb(const Context& ctx, mysqlconn::Session& session,
                        std::string_view database) override;
  Task<Result<>> Reset(const Context& ctx, mysqlconn::Session& session) override;
  Task<Result<std::vector<sqltypes::Field>>> ListFields(const Context& ctx,
                                                        mysqlconn::Session& session,
                                                        std::string_view table,
                                                        std::string_view wildcard) override;
  Task<Result<mysqlconn::PreparedInfo>> Prepare(const Context& ctx, mysqlconn::Session& session,
                                                uint32_t id, std::string_view sql,
                                                mysqlconn::ResultWriter& writer) override;
  Task<Result<>> Execute(const Context& ctx, mysqlconn::Session& session, uint32_t id,
                         std::string_view sql, std::span<const sqltypes::Value> parameters,
                         mysqlconn::ResultWriter& writer) override;
  Task<Result<>> ExecuteBulk(const Context& ctx, mysqlconn::Session& session, uint32_t id,
                             mysqlwire::BulkReader& rows,
                             mysqlconn::ResultWriter& writer) override;
  void CloseStatement(mysqlconn::Session& session, uint32_t id) override;
  Task<Result<bool>> Relay(const Context& ctx, mysqlconn::Session& session, std::string_view packet,
                           mysqlconn::ResultWriter& writer) override;
  Task<> Closed(const Context& ctx, mysqlconn::Session& session) override;

 private:
  // A statement of a text that may hold several.
  struct Piece {
    std::string_view statement;
    std::string_view whole;  // the statement and all behind it
    bool more = false;       // others follow
  };
  // False behind an error that the client has heard already.
  Task<Result<bool>> RunOne(const Context& ctx, mysqlconn::Session& session, Piece piece,
                            mysqlconn::ResultWriter& writer);
  Task<Result<bool>> Load(const Context& ctx, mysqlconn::Session& session, std::string_view sql,
                          mysqlconn::ResultWriter& writer);
  Task<Result<>> Answer(const Context& ctx, mysqlconn::Session& session,
                        Result<sqltypes::ResultSet> result, mysqlconn::ResultWriter& writer);
  // Sends a command to the session's own connection, and its answer to the client. Gives the number
  // of the server's error, 0 when there was none.
  Task<Result<uint16_t>> PassOn(const Context& ctx, mysqlconn::Session& session,
                                std::string_view packet, bool more,
                                mysqlconn::ResultWriter& writer);
  // Sees that the session has a connection of its own, since the statement failed with `error`
  // here. Gives the error back when that cannot be.
  Task<Result<>> Attach(const Context& ctx, mysqlconn::Session& session, Error error,
                        std::string_view sql);
  Task<Result<>> FollowUse(const Context& ctx, mysqlconn::Session& session);
};

}  // namespace tessera::vtgate
