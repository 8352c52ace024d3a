// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// The prepared statements of ServerConnection.
#include "mysqlconn/server_connection.h"
#include "mysqlwire/columns.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response.h"

namespace tessera::mysqlconn {

namespace {

constexpr size_t kMaxStatements = 16382;  // of one connection
constexpr size_t kMaxLongData = 64 << 20;

Error UnknownStatement(uint32_t id) {
  return Errorf(Code::kInvalidArgument,
                "Unknown prepared statement handler ({}) given to the server", id)
      .WithMysql(1243, "HY000");
}

}  // namespace

Task<Result<>> ServerConnection::Prepare(std::string_view sql) {
  if (statements_.size() >= kMaxStatements)
    co_return Errorf(Code::kResourceExhausted, "more than {} prepared statements on one connection",
                     kMaxStatements)
        .WithMysql(1461, "42000")
        .WithHint("Close statements that are no longer used");
  const uint32_t id = next_statement_++;
  last_statement_ = 0;
  session_.prepared_elsewhere = false;
  CO_TRY(const PreparedInfo info,
         co_await shared_.handler.Prepare(query_ctx_, session_, id, sql, writer_));
  session_.prepared_elsewhere = info.answered;
  if (info.answered) co_return Ok{};
  last_statement_ = id;
  Statement& statement = statements_[id];
  statement.sql = sql;
  statement.parameter_count = info.parameter_count;
  statement.parameter_columns = info.parameter_columns;
  if (session_.capabilities & mysqlwire::kMariadbCacheMetadata)
    statement.columns = DescribeColumns(info.columns, session_.capabilities);
  WritePrepared(id, info);
  co_return Ok{};
}

uint32_t ServerConnection::StatementId(mysqlwire::ByteReader& in) const {
  const uint32_t id = in.U32();
  return id == mysqlwire::kLastStatement ? last_statement_ : id;
}

void ServerConnection::WritePrepared(uint32_t id, const PreparedInfo& info) {
  mysqlwire::PacketWriter& packets = output_.packets();
  const bool with_eof = !(session_.capabilities & mysqlwire::kClientDeprecateEof);
  const auto end_definitions = [&] {
    if (!with_eof) return;
    packets.Begin();
    mysqlwire::AppendEof(packets.buffer(), session_.status_flags, 0);
    packets.End();
  };
  packets.Begin();
  mysqlwire::AppendPrepared(packets.buffer(), id, static_cast<uint16_t>(info.columns.size()),
                            info.parameter_count, 0);
  // Source: MySQL's "COM_STMT_PREPARE_OK".
  const bool follow = !session_.leaves_out_columns;
  if (session_.capabilities & mysqlwire::kClientOptionalMetadata)
    packets.buffer().U8(follow ? 1 : 0);
  packets.End();
  sqltypes::Field parameter;
  parameter.name = "?";
  parameter.type = sqltypes::Type::kVarBinary;
  for (uint16_t i = 0; follow && i < info.parameter_count; ++i) {
    packets.Begin();
    mysqlwire::AppendColumn(packets.buffer(), parameter, session_.capabilities);
    packets.End();
  }
  if (info.parameter_count != 0) end_definitions();
  for (const sqltypes::Field& column : info.columns) {
    if (!follow) break;
    packets.Begin();
    mysqlwire::AppendColumn(packets.buffer(), column, session_.capabilities);
    packets.End();
  }
  if (!info.columns.empty()) end_definitions();
}

Result<ServerConnection::Statement*> ServerConnection::TakeStatement(mysqlwire::ByteReader& in,
                                                                     uint32_t& id) {
  id = StatementId(in);
  const auto found = statements_.find(id);
  if (in.failed() || found == statements_.end()) return UnknownStatement(id);
  return &found->second;
}

Task<Result<>> ServerConnection::Execute(std::string_view payload) {
  mysqlwire::ByteReader in(payload);
  uint32_t id = 0;
  CO_TRY(Statement* const named, TakeStatement(in, id));
  Statement& statement = *named;
  text_ = statement.sql;
  arena_.Reset();
  statement.cursor.reset();
  const bool with_cursor = (in.Peek() & mysqlwire::kCursorMask) != 0;
  CO_TRY(const std::vector<sqltypes::Value> parameters,
         mysqlwire::ParseParameters(in.Rest(), statement.parameter_count, statement.types,
                                    statement.long_data, arena_,
                                    TakesAttributes() ? &session_.query_attributes : nullptr));
  if (with_cursor) {
    co_return co_await ExecuteWithCursor(id, statement, parameters);
  }
  writer_.Begin(true, &statement.columns, BoundColumns(statement, parameters));
  const Result<> outcome = co_await shared_.handler.Execute(query_ctx_, session_, id, statement.sql,
                                                            parameters, writer_);
  statement.long_data.clear();
  co_return outcome;
}

Task<Result<>> ServerConnection::ExecuteBulk(std::string_view payload) {
  mysqlwire::ByteReader in(payload);
  uint32_t id = 0;
  CO_TRY(Statement* const named, TakeStatement(in, id));
  Statement& statement = *named;
  text_ = statement.sql;
  statement.cursor.reset();
  if (statement.parameter_count == 0) co_return mysqlwire::NoBulk();
  CO_TRY(mysqlwire::BulkReader rows,
         mysqlwire::BulkReader::Begin(in.Rest(), statement.parameter_count, statement.types));
  if (rows.empty())
    co_return Error(Code::kInvalidArgument, MysqlError{1210, "HY000"},
                    "Incorrect arguments to mysqld_stmt_bulk_execute");
  writer_.Begin(true, &statement.columns);
  co_return co_await shared_.handler.ExecuteBulk(query_ctx_, session_, id, rows, writer_);
}

// A NULL has no type but its own.
std::vector<BoundColumn> ServerConnection::BoundColumns(
    const Statement& statement, std::span<const sqltypes::Value> parameters) {
  std::vector<BoundColumn> out;
  for (const auto& [column, parameter] : statement.parameter_columns) {
    if (parameter >= parameters.size() || parameters[parameter].is_null()) continue;
    out.push_back({column, statement.types[parameter]});
  }
  return out;
}

// Scrollable cursors and those for updates are read-only ones here, as with MySQL and MariaDB.
Task<Result<>> ServerConnection::ExecuteWithCursor(uint32_t id, Statement& statement,
                                                   std::span<const sqltypes::Value> parameters) {
  auto cursor = std::make_unique<CursorRows>(session_, writer_, output_.packets());
  writer_.Begin(true);
  const Result<> outcome = co_await shared_.handler.Execute(query_ctx_, session_, id, statement.sql,
                                                            parameters, *cursor);
  statement.long_data.clear();
  if (outcome.ok() && cursor->open()) statement.cursor = std::move(cursor);
  co_return outcome;
}

Result<> ServerConnection::Fetch(std::string_view payload) {
  mysqlwire::ByteReader in(payload);
  uint32_t id = 0;
  TRY(Statement* const statement, TakeStatement(in, id));
  const uint32_t count = in.U32();
  if (in.failed()) return UnknownStatement(id);
  if (statement->cursor == nullptr)
    return Errorf(Code::kFailedPrecondition, "The statement ({}) has no open cursor", id)
        .WithMysql(1421, "HY000")
        .WithHint("Execute it with a cursor first");
  statement->cursor->Fetch(count);
  return Ok{};
}

// Has no answer, so what is wrong with it shows at the execute.
void ServerConnection::SendLongData(std::string_view payload) {
  mysqlwire::ByteReader in(payload);
  const uint32_t id = StatementId(in);
  const uint16_t parameter = in.U16();
  const auto found = statements_.find(id);
  if (in.failed() || found == statements_.end() || parameter >= found->second.parameter_count)
    return;
  std::string& data = found->second.long_data[parameter];
  if (data.size() + in.remaining() <= kMaxLongData) data += in.Rest();
}

void ServerConnection::CloseStatement(std::string_view payload) {
  mysqlwire::ByteReader in(payload);
  const uint32_t id = StatementId(in);
  if (statements_.erase(id) != 0) shared_.handler.CloseStatement(session_, id);
}

Result<> ServerConnection::ResetStatement(std::string_view payload) {
  mysqlwire::ByteReader in(payload);
  uint32_t id = 0;
  TRY(Statement* const statement, TakeStatement(in, id));
  statement->long_data.clear();
  statement->cursor.reset();
  return Ok{};
}

void ServerConnection::CloseAllStatements() {
  for (const auto& [id, statement] : statements_) shared_.handler.CloseStatement(session_, id);
  statements_.clear();
}

}  // namespace tessera::mysqlconn
