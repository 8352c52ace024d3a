// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/mysql_handler.h"

#include <algorithm>

#include "sqlparser/split.h"
#include "sqltypes/row_codec.h"

namespace tessera::vtgate {

namespace {

constexpr uint16_t kStatusInTransaction = 0x0001;
constexpr uint16_t kStatusAutocommit = 0x0002;

thread_local Executor* loop_executor = nullptr;

class State final : public mysqlconn::HandlerState {
 public:
  Session session;
};

Session& SessionOf(mysqlconn::Session& client) {
  return static_cast<State&>(*client.state).session;
}

void ShowStatus(const Session& session, mysqlconn::Session& client) {
  client.status_flags = static_cast<uint16_t>((session.autocommit ? kStatusAutocommit : 0) |
                                              (session.in_transaction ? kStatusInTransaction : 0));
  client.warnings = static_cast<uint16_t>(std::min<size_t>(session.warnings.size(), 65535));
  client.database = session.target.keyspace;
}

std::unique_ptr<State> NewState(const mysqlconn::Session& client) {
  auto state = std::make_unique<State>();
  Session& session = state->session;
  session.target = loop_executor->first_target();
  session.options.included_fields = queryservice::IncludedFields::kAll;
  session.options.workload = queryservice::Workload::kOltp;
  session.options.client_found_rows = client.found_rows;
  session.caller.username = client.identity.caller;
  session.caller.groups = client.identity.groups;
  session.caller.principal = client.identity.user;
  session.caller.component = client.peer;
  return state;
}

// Writes rows to a MySQL client as they come.
class PacketSink final : public sqltypes::RowSink {
 public:
  explicit PacketSink(mysqlconn::ResultWriter& writer) : writer_(writer) {}
  bool started() const { return started_; }

  Task<Result<>> OnFields(const Context&, std::vector<sqltypes::Field> fields) override {
    started_ = true;
    co_return writer_.WriteFields(fields);
  }
  Task<Result<>> OnRows(const Context& ctx, std::string_view run, size_t) override {
    sqltypes::RowRunReader rows(run);
    while (!rows.empty()) {
      CO_TRY(const std::string_view row, rows.Next());
      CO_TRY_OK(writer_.WriteEncodedRow(row));
    }
    co_return co_await writer_.Drain(ctx);
  }

 private:
  mysqlconn::ResultWriter& writer_;
  bool started_ = false;
};

}  // namespace

void MysqlHandler::SetExecutor(Executor* executor) { loop_executor = executor; }
Executor* MysqlHandler::executor() { return loop_executor; }

Task<Result<>> MysqlHandler::Connected(const Context&, mysqlconn::Session& client) {
  CHECK(loop_executor != nullptr);
  client.state = NewState(client);
  if (!client.database.empty()) {
    CO_TRY_OK(loop_executor->UseTarget(SessionOf(client), client.database));
  }
  ShowStatus(SessionOf(client), client);
  co_return Ok{};
}

// One statement; the session of the OLAP workload sees its rows as they come.
Task<Result<>> MysqlHandler::RunOne(const Context& ctx, mysqlconn::Session& client,
                                    std::string_view sql, mysqlconn::ResultWriter& writer) {
  Session& session = SessionOf(client);
  PacketSink sink(writer);
  Result<sqltypes::ResultSet> result = sqltypes::ResultSet();
  if (session.options.workload == queryservice::Workload::kOlap) {
    result = co_await loop_executor->Stream(ctx, session, sql, sink);
  } else {
    result = co_await loop_executor->Execute(ctx, session, sql);
  }
  ShowStatus(session, client);
  if (!result.ok()) co_return std::move(result).error();
  if (sink.started()) co_return writer.EndRows();
  const sqltypes::ResultSet answer = *std::move(result);
  co_return co_await writer.WriteResult(ctx, answer);
}

Task<Result<>> MysqlHandler::Query(const Context& ctx, mysqlconn::Session& client,
                                   std::string_view sql, mysqlconn::ResultWriter& writer) {
  std::string_view rest = sql;
  do {
    std::string_view statement = rest;
    rest = {};
    if (client.multi_statements) {
      CO_TRY(const auto pieces, sqlparser::SplitFirst(statement));
      statement = pieces.first;
      rest = pieces.second;
    }
    CO_TRY_OK(co_await RunOne(ctx, client, statement, writer));
  } while (rest.find_first_not_of(" \t\r\n;") != std::string_view::npos);
  co_return Ok{};
}

Task<Result<>> MysqlHandler::InitDb(const Context&, mysqlconn::Session& client,
                                    std::string_view database) {
  Session& session = SessionOf(client);
  CO_TRY_OK(loop_executor->UseTarget(session, database));
  ShowStatus(session, client);
  co_return Ok{};
}

Task<Result<>> MysqlHandler::Reset(const Context& ctx, mysqlconn::Session& client) {
  co_await loop_executor->CloseSession(ctx, SessionOf(client));
  client.state = NewState(client);
  ShowStatus(SessionOf(client), client);
  co_return Ok{};
}

Task<> MysqlHandler::Closed(const Context& ctx, mysqlconn::Session& client) {
  co_await loop_executor->CloseSession(ctx, SessionOf(client));
}

}  // namespace tessera::vtgate
