// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/mysql_handler.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "mysqlwire/bytes.h"
#include "mysqlwire/errno_codes.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response.h"
#include "sqlparser/lexer.h"
#include "sqlparser/printer.h"
#include "sqlparser/split.h"
#include "sqltypes/row_codec.h"
#include "vtgate/collations.h"
#include "vtgate/file_source.h"

namespace tessera::vtgate {

namespace {

constexpr uint16_t kSyntaxError = 1064;
constexpr uint16_t kStatusInTransaction = 0x0001;
constexpr uint16_t kStatusAutocommit = 0x0002;
// Flags that say something of one answer, not of the session.
constexpr uint16_t kStatusOfOneAnswer =
    mysqlwire::kStatusMoreResults | mysqlwire::kStatusCursorExists | mysqlwire::kStatusLastRowSent |
    mysqlwire::kStatusSessionStateChanged;

thread_local Executor* loop_executor = nullptr;

class State final : public mysqlconn::HandlerState {
 public:
  Session session;
  std::map<uint32_t, std::unique_ptr<PreparedStatement>> prepared;
  std::string told_gtid;                         // positions of a write
  std::map<std::string_view, std::string> told;  // settings, as the client was told them
};

State& ClientStateOf(mysqlconn::Session& client) { return static_cast<State&>(*client.state); }
Session& SessionOf(mysqlconn::Session& client) { return ClientStateOf(client).session; }

std::string QueryPacket(std::string_view sql) {
  std::string packet(1, static_cast<char>(mysqlwire::Command::kQuery));
  packet += sql;
  return packet;
}

// Settings that clients follow, as servers tell them of by default, and what they are before.
struct FollowedSetting {
  std::string_view name;
  std::string_view initially;  // empty: whatever the servers' is
};
constexpr FollowedSetting kFollowed[] = {{"character_set_client", "utf8mb4"},
                                         {"character_set_connection", "utf8mb4"},
                                         {"character_set_results", "utf8mb4"},
                                         {"time_zone", ""}};

// A setting's value, when its SQL is a word or a string. Empty otherwise.
std::string_view PlainValue(std::string_view sql) {
  if (sql.size() >= 2 && sql.front() == '\'' && sql.back() == '\'')
    return sql.substr(1, sql.size() - 2);
  return sql.find_first_of("@(") == std::string_view::npos ? sql : std::string_view();
}

void NoteSettings(Session& session, mysqlconn::Session& client) {
  for (const auto& [name, value] : session.told_settings)
    mysqlwire::AppendTrackedVariable(client.changes, name, value);
  session.told_settings.clear();
  std::map<std::string_view, std::string>& told = ClientStateOf(client).told;
  for (const FollowedSetting& setting : kFollowed) {
    const auto at = session.system_variables.find(std::string(setting.name));
    std::string_view now = setting.initially;
    if (at != session.system_variables.end()) now = PlainValue(at->second);
    const auto before = told.find(setting.name);
    if (now.empty() || now == (before == told.end() ? setting.initially : before->second)) continue;
    if (!session.tracked_settings)
      mysqlwire::AppendTrackedVariable(client.changes, setting.name, now);
    told[setting.name] = now;
  }
}

// What a client that tracks its session is to hear with the answer.
void NoteChanges(Session& session, mysqlconn::Session& client) {
  if (!(client.capabilities & mysqlwire::kClientSessionTrack)) return;
  if (client.database != session.target.keyspace)
    mysqlwire::AppendTrackedSchema(client.changes, session.target.keyspace);
  const bool was_autocommit = (client.status_flags & kStatusAutocommit) != 0;
  if (!session.tracked_settings && was_autocommit != session.autocommit)
    mysqlwire::AppendTrackedVariable(client.changes, "autocommit",
                                     session.autocommit ? "ON" : "OFF");
  NoteSettings(session, client);
  std::string& told = ClientStateOf(client).told_gtid;
  if (session.last_gtid.empty() || session.last_gtid == told) return;
  mysqlwire::AppendTrackedGtids(client.changes, session.last_gtid);
  told = session.last_gtid;
}

void ShowStatus(Session& session, mysqlconn::Session& client) {
  NoteChanges(session, client);
  client.status_flags = static_cast<uint16_t>((session.autocommit ? kStatusAutocommit : 0) |
                                              (session.in_transaction ? kStatusInTransaction : 0));
  const size_t warnings = session.tells_warnings ? 0 : session.warnings.size();
  client.warnings = static_cast<uint16_t>(std::min<size_t>(warnings, 65535));
  client.database = session.target.keyspace;
  client.leaves_out_columns = session.leaves_out_columns;
  client.wait_timeout = session.wait_timeout.value_or(std::chrono::seconds(0));
  client.ends = client.ends || session.ends;
}

// What the client said at its login holds until it says otherwise. Of other servers' collations we
// know nothing: such a client gets the default, as from a server that does not know it either.
void TakeCharset(uint16_t collation, Session& session) {
  constexpr uint16_t kOfTablets = 45;  // utf8mb4_general_ci
  const std::string_view charset = CharsetOfCollation(collation);
  if (charset.empty() || collation == kOfTablets) return;
  if (charset != "utf8mb4") {
    session.system_variables["character_set_client"] = charset;
    session.system_variables["character_set_results"] = charset;
  }
  session.system_variables["collation_connection"] = std::to_string(collation);
}

std::unique_ptr<State> NewState(const mysqlconn::Session& client) {
  auto state = std::make_unique<State>();
  Session& session = state->session;
  session.target = loop_executor->first_target();
  session.options.included_fields = queryservice::IncludedFields::kAll;
  session.options.workload = queryservice::Workload::kOltp;
  session.options.client_found_rows = client.found_rows;
  session.may_attach = true;
  session.tracks = (client.capabilities & mysqlwire::kClientSessionTrack) != 0;
  session.may_leave_out_columns = (client.capabilities & mysqlwire::kClientOptionalMetadata) != 0;
  session.connection_id = client.id;
  TakeCharset(client.collation, session);
  session.caller.username = client.identity.caller;
  session.caller.groups = client.identity.groups;
  session.caller.principal = client.identity.user;
  session.caller.component = client.peer;
  return state;
}

// Where one server answers, its errors read as they would without us: applications look into them.
// Where several do, where an error comes from is worth more.
Error ForClient(const Session& session, Error error) {
  if (error.mysql_errno() == 0 && error.message().find(" (errno ") == std::string::npos)
    return error;
  if (!loop_executor->HasOneServer(session)) return error;
  const MysqlError mysql = mysqlwire::ToMysqlError(error);
  // Those of a client's library are between tablet and server: where that is matters.
  if (mysql.number >= 2000 && mysql.number < 3000) return error;
  return Error(error.code(), ServerMessage(error.message()))
      .WithMysql(mysql.number, mysql.sqlstate);
}

// The session, at the begin of a statement: a tablet may be something else by now, and the client
// has sent other attributes.
Session& AtStatement(mysqlconn::Session& client) {
  Session& session = SessionOf(client);
  loop_executor->FollowType(session);
  session.query_attributes = client.query_attributes;
  return session;
}

void Detach(mysqlconn::Session& client) {
  SessionOf(client).attached.reset();
  client.relays = false;
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

class ClientFile final : public FileSource {
 public:
  explicit ClientFile(mysqlconn::ResultWriter& writer) : writer_(writer) {}
  Task<Result<std::string_view>> Next(const Context& ctx) override {
    return writer_.NextFilePacket(ctx);
  }

 private:
  mysqlconn::ResultWriter& writer_;
};

}  // namespace

void MysqlHandler::SetExecutor(Executor* executor) { loop_executor = executor; }
Executor* MysqlHandler::executor() { return loop_executor; }

Task<Result<>> MysqlHandler::Connected(const Context& ctx, mysqlconn::Session& client) {
  CHECK(loop_executor != nullptr);
  client.state = NewState(client);
  const std::string_view charset = CharsetOfCollation(client.collation);
  if (!IsForClients(charset)) co_return NotForClients(charset);
  if (!client.database.empty()) {
    const std::string database = client.database;
    CO_TRY_OK(co_await InitDb(ctx, client, database));
  }
  ShowStatus(SessionOf(client), client);
  co_return Ok{};
}

// One statement; the session of the OLAP workload sees its rows as they come.
Task<Result<bool>> MysqlHandler::RunOne(const Context& ctx, mysqlconn::Session& client, Piece piece,
                                        mysqlconn::ResultWriter& writer) {
  Session& session = AtStatement(client);
  const std::string_view sql = piece.statement;
  if (loop_executor->PassesOn(session, sql)) {
    const std::string packet = QueryPacket(sql);
    CO_TRY_OK(co_await loop_executor->BeforeRelay(ctx, session, sql));
    CO_TRY(const uint16_t failed, co_await PassOn(ctx, client, packet, piece.more, writer));
    co_return failed == 0;
  }
  if (loop_executor->Loads(session, sql)) {
    co_return co_await Load(ctx, client, sql, writer);
  }
  PacketSink sink(writer);
  if (loop_executor->NamesElsewhere(session, sql)) {
    CO_TRY_OK(co_await Executor::FollowAttached(ctx, session, sql));
  }
  Result<sqltypes::ResultSet> result = sqltypes::ResultSet();
  if (session.options.workload == queryservice::Workload::kOlap) {
    result = co_await loop_executor->Stream(ctx, session, sql, sink);
  } else {
    result = co_await loop_executor->Execute(ctx, session, sql);
  }
  Executor::NoteByGate(session, result);
  ShowStatus(session, client);
  if (!result.ok() && !sink.started()) {
    Error error = std::move(result).error();
    // What we cannot read we may have cut at a wrong place as well.
    const bool unread = error.mysql_errno() == kSyntaxError;
    const std::string packet = QueryPacket(unread ? piece.whole : sql);
    const bool had = session.attached != nullptr;
    CO_TRY_OK(co_await Attach(ctx, client, std::move(error), sql));
    CO_TRY_OK(co_await loop_executor->BeforeRelay(ctx, session, sql));
    CO_TRY(const uint16_t failed,
           co_await PassOn(ctx, client, packet, piece.more && !unread, writer));
    // A text that the server cannot read either has changed nothing: no connection is kept for it.
    const bool nothing_ran = failed == kSyntaxError && piece.whole == piece.statement;
    if (nothing_ran && !had && !session.in_transaction) Detach(client);
    co_return failed == 0 && !unread;
  }
  if (sink.started()) {
    if (!result.ok()) co_return std::move(result).error();
    CO_TRY_OK(writer.EndRows());
    co_return true;
  }
  if (sqlparser::Preview(sql) == sqlparser::StatementKind::kUse) {
    CO_TRY_OK(co_await FollowUse(ctx, client));
  }
  CO_TRY_OK(co_await Answer(ctx, client, std::move(result), writer));
  co_return true;
}

// LOAD DATA LOCAL of a table of several shards: the client is asked for the file.
Task<Result<bool>> MysqlHandler::Load(const Context& ctx, mysqlconn::Session& client,
                                      std::string_view in_packet, mysqlconn::ResultWriter& writer) {
  const std::string sql(in_packet);  // the file comes over the packet
  Session& session = SessionOf(client);
  if (!(client.capabilities & mysqlwire::kClientLocalFiles))
    co_return Error(Code::kInvalidArgument,
                    "The used command is not allowed with this MySQL version: the client has not "
                    "enabled local files")
        .WithMysql(1148, "42000");
  CO_TRY(const std::string name, loop_executor->FileToLoad(session, sql));
  CO_TRY(mysqlwire::PacketWriter* const out, writer.BeginRaw());
  constexpr uint8_t kFileWanted = 0xfb;
  out->Begin();
  out->buffer().U8(kFileWanted);
  out->buffer().Append(name);
  out->End();
  ClientFile file(writer);
  Result<sqltypes::ResultSet> result = co_await loop_executor->LoadLocal(ctx, session, sql, file);
  CO_TRY_OK(co_await Answer(ctx, client, std::move(result), writer));
  co_return true;
}

Task<Result<>> MysqlHandler::Answer(const Context& ctx, mysqlconn::Session& client,
                                    Result<sqltypes::ResultSet> result,
                                    mysqlconn::ResultWriter& writer) {
  ShowStatus(SessionOf(client), client);
  if (!result.ok()) co_return ForClient(SessionOf(client), std::move(result).error());
  const sqltypes::ResultSet answer = *std::move(result);
  co_return co_await writer.WriteResult(ctx, answer);
}

Task<Result<uint16_t>> MysqlHandler::PassOn(const Context& ctx, mysqlconn::Session& client,
                                            std::string_view packet, bool more,
                                            mysqlconn::ResultWriter& writer) {
  Session& session = SessionOf(client);
  // COM_SET_OPTION has changed what the server was told when the session got its connection.
  const bool several = client.multi_statements;
  if (session.attached != nullptr && session.attached->allows_several() != several) {
    const Result<> told = co_await session.attached->AllowSeveralStatements(ctx, several);
    client.ends = !told.ok();
    CO_TRY_OK(told);
  }
  const Result<RelayedEnd> end =
      co_await loop_executor->Relay(ctx, session, client, packet, more, writer);
  if (!end.ok()) {
    // What the session held is lost: the client must not go on as if it were there.
    client.ends = true;
    co_return end.error();
  }
  if (end->known) {
    client.status_flags = static_cast<uint16_t>(end->status_flags & ~kStatusOfOneAnswer);
    client.warnings = end->warnings;
    client.wait_timeout = session.wait_timeout.value_or(std::chrono::seconds(0));
  }
  co_return end->error_number;
}

// Gives the session a connection of its own, for a statement that failed with `error` here.
Task<Result<>> MysqlHandler::Attach(const Context& ctx, mysqlconn::Session& client, Error error,
                                    std::string_view sql) {
  Session& session = SessionOf(client);
  if (!loop_executor->CanAttach(session, error, sql)) co_return ForClient(session, error);
  if (session.attached != nullptr) co_return Ok{};
  const Result<> attached = co_await loop_executor->Attach(ctx, session, client);
  if (!attached.ok()) {
    // Tablets of another make have no such sessions: then the gate's own word stands.
    if (attached.error().code() == Code::kUnimplemented) co_return ForClient(session, error);
    co_return attached.error();
  }
  client.relays = true;
  co_return Ok{};
}

namespace {

// Comments alone, whatever is in them, are a statement that does nothing, also where their bytes
// are no statement's: `# a`, or `/*!99 b */` on a server before version 99.
std::string_view WithoutBareComments(std::string_view text) {
  constexpr std::string_view kBareComment = "/* */";
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return text;
  if (text[begin] != '#' && text[begin] != '/' && text[begin] != '-') return text;
  const sqlparser::ParseOptions options;
  sqlparser::Lexer lexer(text.substr(begin), options);
  sqlparser::Token token = lexer.Next();
  while (token.type == sqlparser::Tok::kComment || token.type == sqlparser::Tok::kSemicolon)
    token = lexer.Next();
  return token.type == sqlparser::Tok::kEnd ? kBareComment : text;
}

// The first statement of a text, and what is behind it. What cannot be split is one statement,
// whose error is told where it is read.
std::pair<std::string_view, std::string_view> Split(std::string_view text) {
  const auto pieces = sqlparser::SplitFirst(text);
  if (!pieces.ok()) return {text, {}};
  const bool more = pieces->second.find_first_not_of(" \t\r\n;") != std::string_view::npos;
  return {pieces->first, more ? pieces->second : std::string_view()};
}

// Whether the session's own connection can have the text as it is, with all its statements.
bool PassesOnWhole(const Session& session, std::string_view text) {
  if (session.attached == nullptr) return false;
  while (!text.empty()) {
    const auto [statement, rest] = Split(text);
    if (!loop_executor->PassesOn(session, statement)) return false;
    text = rest;
  }
  return true;
}

}  // namespace

Task<Result<>> MysqlHandler::Query(const Context& ctx, mysqlconn::Session& client,
                                   std::string_view sql, mysqlconn::ResultWriter& writer) {
  std::string_view rest = sql;
  std::string kept;
  do {
    Piece piece;
    rest = WithoutBareComments(rest);
    piece.whole = rest;
    piece.statement = rest;
    rest = {};
    if (client.multi_statements && !PassesOnWhole(SessionOf(client), piece.whole)) {
      std::tie(piece.statement, rest) = Split(piece.whole);
      // A file that one of them asks for comes into the buffer that the text lies in.
      if (!rest.empty() && kept.empty()) {
        kept = piece.whole;
        piece.whole = kept;
        std::tie(piece.statement, rest) = Split(piece.whole);
      }
    }
    piece.more = !rest.empty();
    // A text of one statement stays whole: a comment behind it may be part of a program's body.
    if (!piece.more && piece.whole.find(';', piece.statement.size()) == std::string_view::npos &&
        piece.whole.starts_with(piece.statement))
      piece.statement = piece.whole;
    // Behind an error, which the client has by now, the others are not run.
    CO_TRY(const bool go_on, co_await RunOne(ctx, client, piece, writer));
    if (!go_on) break;
  } while (!rest.empty());
  co_return Ok{};
}

// The connection of the session's own follows, so that names there mean what they mean here.
Task<Result<>> MysqlHandler::FollowUse(const Context& ctx, mysqlconn::Session& client) {
  Session& session = SessionOf(client);
  if (!loop_executor->PassesOn(session, "select 1")) co_return Ok{};
  const bool system = vschema::IsSystemDatabase(session.target.keyspace);
  const std::string name = system ? session.target.keyspace : session.attached->about().database;
  std::string use = "use ";
  sqlparser::AppendIdentifier(use, name);
  const Result<sqltypes::ResultSet> done = co_await session.attached->Execute(ctx, use);
  if (!done.ok()) co_return done.error();
  co_return Ok{};
}

Task<Result<>> MysqlHandler::InitDb(const Context& ctx, mysqlconn::Session& client,
                                    std::string_view database) {
  Session& session = SessionOf(client);
  Result<> used = loop_executor->UseTarget(session, database);
  if (used.ok()) {
    ShowStatus(session, client);
    co_return co_await FollowUse(ctx, client);
  }
  session.reached_shards = false;
  std::string use = "use ";
  sqlparser::AppendIdentifier(use, database);
  Error error = std::move(used).error();
  CO_TRY_OK(co_await Attach(ctx, client, std::move(error), use));
  CO_TRY_OK(co_await session.attached->Execute(ctx, use));
  co_return Ok{};
}

Task<Result<>> MysqlHandler::Reset(const Context& ctx, mysqlconn::Session& client) {
  co_await loop_executor->CloseSession(ctx, SessionOf(client));
  keys::TargetSelection target = std::move(SessionOf(client).target);
  const bool type_chosen = SessionOf(client).type_chosen;
  client.state = NewState(client);
  client.relays = false;
  SessionOf(client).target = std::move(target);
  SessionOf(client).type_chosen = type_chosen;
  ShowStatus(SessionOf(client), client);
  co_return Ok{};
}

Task<Result<std::vector<sqltypes::Field>>> MysqlHandler::ListFields(const Context& ctx,
                                                                    mysqlconn::Session& client,
                                                                    std::string_view table,
                                                                    std::string_view wildcard) {
  std::string sql = "select * from ";
  sqlparser::AppendIdentifier(sql, table);
  CO_TRY(const std::unique_ptr<PreparedStatement> statement,
         co_await loop_executor->Prepare(ctx, SessionOf(client), sql));
  std::vector<sqltypes::Field> fields;
  for (const sqltypes::Field& field : statement->columns)
    if (wildcard.empty() || MatchesLike(field.name, wildcard)) fields.push_back(field);
  co_return fields;
}

Task<Result<mysqlconn::PreparedInfo>> MysqlHandler::Prepare(const Context& ctx,
                                                            mysqlconn::Session& client, uint32_t id,
                                                            std::string_view sql,
                                                            mysqlconn::ResultWriter& writer) {
  mysqlconn::PreparedInfo info;
  Result<std::unique_ptr<PreparedStatement>> statement =
      co_await loop_executor->Prepare(ctx, AtStatement(client), sql);
  if (!statement.ok()) {
    std::string packet(1, static_cast<char>(mysqlwire::Command::kStmtPrepare));
    packet += sql;
    Error error = std::move(statement).error();
    const bool had = SessionOf(client).attached != nullptr;
    CO_TRY_OK(co_await Attach(ctx, client, std::move(error), sql));
    CO_TRY(const uint16_t failed, co_await PassOn(ctx, client, packet, false, writer));
    // Nothing was prepared there, so nothing is kept.
    if (failed != 0 && !had && !SessionOf(client).in_transaction) Detach(client);
    info.answered = true;
    co_return info;
  }
  info.parameter_count = (*statement)->parameter_count;
  info.columns = (*statement)->columns;
  info.parameter_columns = (*statement)->parameter_columns;
  ClientStateOf(client).prepared[id] = *std::move(statement);
  co_return info;
}

Task<Result<>> MysqlHandler::Execute(const Context& ctx, mysqlconn::Session& client, uint32_t id,
                                     std::string_view, std::span<const sqltypes::Value> parameters,
                                     mysqlconn::ResultWriter& writer) {
  const PreparedStatement& statement = *ClientStateOf(client).prepared.at(id);
  Session& session = AtStatement(client);
  if (session.attached != nullptr) {
    CO_TRY_OK(co_await Executor::FollowAttached(ctx, session, statement.sql));
  }
  Result<sqltypes::ResultSet> result =
      co_await loop_executor->ExecutePrepared(ctx, session, statement, parameters);
  Executor::NoteByGate(session, result);
  co_return co_await Answer(ctx, client, std::move(result), writer);
}

Task<Result<>> MysqlHandler::ExecuteBulk(const Context& ctx, mysqlconn::Session& client,
                                         uint32_t id, mysqlwire::BulkReader& rows,
                                         mysqlconn::ResultWriter& writer) {
  const PreparedStatement& statement = *ClientStateOf(client).prepared.at(id);
  Session& session = AtStatement(client);
  if (session.attached != nullptr) {
    CO_TRY_OK(co_await Executor::FollowAttached(ctx, session, statement.sql));
  }
  Result<sqltypes::ResultSet> result =
      co_await loop_executor->ExecuteBulk(ctx, session, statement, rows);
  Executor::NoteByGate(session, result);
  co_return co_await Answer(ctx, client, std::move(result), writer);
}

void MysqlHandler::CloseStatement(mysqlconn::Session& client, uint32_t id) {
  ClientStateOf(client).prepared.erase(id);
}

// Commands about statements that the server has prepared, and those whose answer is its own.
Task<Result<bool>> MysqlHandler::Relay(const Context& ctx, mysqlconn::Session& client,
                                       std::string_view packet, mysqlconn::ResultWriter& writer) {
  using mysqlwire::Command;
  if (SessionOf(client).attached == nullptr) co_return false;
  switch (static_cast<Command>(packet.front())) {
    case Command::kStmtPrepare:
      if (!loop_executor->PassesOn(SessionOf(client), packet.substr(1))) co_return false;
      break;
    case Command::kStmtExecute:
    case Command::kStmtBulkExecute:
    case Command::kStmtSendLongData:
    case Command::kStmtClose:
    case Command::kStmtReset:
    case Command::kStmtFetch: {
      mysqlwire::ByteReader in(packet.substr(1));
      const uint32_t id = in.U32();
      const bool elsewhere = id == mysqlwire::kLastStatement && client.prepared_elsewhere;
      if ((id & mysqlconn::kOwnStatement) != 0 && !elsewhere) co_return false;
      if (packet.front() == static_cast<char>(Command::kStmtExecute)) {
        CO_TRY_OK(co_await loop_executor->BeforeRelay(ctx, SessionOf(client), std::string_view()));
      }
      break;
    }
    case Command::kFieldList:
    case Command::kStatistics:
    case Command::kDebug:
      if (!loop_executor->PassesOn(SessionOf(client), "select 1")) co_return false;
      break;
    default:
      co_return false;
  }
  CO_TRY_OK(co_await PassOn(ctx, client, packet, false, writer));
  co_return true;
}

Task<> MysqlHandler::Closed(const Context& ctx, mysqlconn::Session& client) {
  co_await loop_executor->CloseSession(ctx, SessionOf(client));
}

}  // namespace tessera::vtgate
