// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/server_connection.h"

#include "base/waiter.h"
#include "mysqlwire/auth.h"
#include "mysqlwire/columns.h"
#include "mysqlwire/errno_codes.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response.h"
#include "runtime/task_group.h"

namespace tessera::mysqlconn {

namespace {

constexpr size_t kReadAhead = 1024;  // what an idle connection holds
constexpr size_t kLeastTail = 1;     // room under which reading ahead waits for the command to end
constexpr size_t kKeptInput = 64 << 10;
constexpr size_t kKeptOutput = 16 << 10;
constexpr Duration kCleanupTimeout = std::chrono::seconds(30);

// What a list of processes calls commands that take time.
std::string_view CommandName(uint8_t command) {
  using mysqlwire::Command;
  switch (static_cast<Command>(command)) {
    case Command::kQuery:
      return "Query";
    case Command::kStmtPrepare:
      return "Prepare";
    case Command::kStmtExecute:
    case Command::kStmtBulkExecute:
      return "Execute";
    case Command::kStmtFetch:
      return "Fetch";
    case Command::kInitDb:
      return "Init DB";
    case Command::kFieldList:
      return "Field List";
    case Command::kChangeUser:
      return "Change user";
    case Command::kResetConnection:
      return "Reset connection";
    default:
      return "Other";
  }
}

// What COM_REFRESH asks for, a bit each, as FLUSH of SQL; tables are flushed by a statement of
// their own.
constexpr auto kRefresh = static_cast<mysqlwire::Command>(0x07);
std::string FlushText(uint8_t bits) {
  constexpr uint8_t kTables = 4;
  constexpr std::pair<uint8_t, std::string_view> kParts[] = {
      {1, "privileges"}, {2, "logs"}, {8, "hosts"}, {16, "status"}};
  std::string out;
  for (const auto& [bit, name] : kParts)
    if ((bits & bit) != 0) out += fmt::format("{}{}", out.empty() ? "flush " : ", ", name);
  if ((bits & kTables) == 0) return out;
  return out.empty() ? "flush tables" : fmt::format("begin not atomic flush tables; {}; end", out);
}

Error UnknownCommand() {
  return Error(Code::kUnimplemented, MysqlError{1047, "08S01"}, "Unknown command");
}

}  // namespace

ServerConnection::ServerConnection(const Context& ctx, Server& server,
                                   std::unique_ptr<runtime::Stream> stream, bool local, uint32_t id)
    : ctx_(ctx.WithCancel()),
      query_ctx_(ctx_.WithCancel()),
      shared_(server.shared_),
      stream_(std::move(stream)),
      local_(local),
      in_(kMaxLoginPacket),
      output_(*stream_, shared_.options.write_timeout),
      writer_(ctx_, session_, output_, *this) {
  session_.id = id;
  session_.peer = stream_->peer();
  session_.secure = local;
}

Task<> ServerConnection::Run() {
  Result<> logged_in;
  {
    const Instant began = Executor::Current().Now();
    const Context login_ctx = ctx_.WithTimeout(shared_.options.login_timeout);
    logged_in = co_await Login(login_ctx);
    Report(began, logged_in);
  }
  if (!logged_in.ok()) {
    shared_.stats.refused.fetch_add(1, std::memory_order_relaxed);
    co_await SendFinalError(logged_in.error());
    co_return;
  }
  since_ = Executor::Current().Now();
  runtime::TaskGroup reader(ctx_);
  reader.Start(ReadAhead());
  co_await ServeCommands();
  // Where the client has gone, or was made to, nobody reads any more.
  if (!gone_) stream_->Shutdown();
  gone_ = true;
  idle_.WakeAll();
  const auto joined = co_await reader.CancelAndJoin();
  CloseAllStatements();
  // Rolling back must happen although the connection's own context may have ended.
  const Context cleanup = Context::Background().WithTimeout(kCleanupTimeout);
  co_await shared_.handler.Closed(cleanup, session_);
}

// The last words to a client that is let go; that it hears them is not our condition.
Task<> ServerConnection::SendFinalError(const Error& error) {
  if (stream_ == nullptr) co_return;
  const MysqlError mysql = mysqlwire::ToMysqlError(error);
  mysqlwire::PacketWriter& packets = output_.packets();
  packets.SetSequence(in_.sequence());
  packets.Begin();
  mysqlwire::AppendErr(packets.buffer(), mysql.number, mysql.sqlstate, error.ToString());
  packets.End();
  std::string_view bytes = packets.buffer().view();
  (void)stream_->TryWrite(std::span<const std::string_view>(&bytes, 1));
  stream_->Shutdown();
  co_return;
}

void ServerConnection::KillQuery() {
  if (busy_)
    query_ctx_.Cancel(
        Error(Code::kCancelled, MysqlError{1317, "70100"}, "Query execution was interrupted"));
}

void ServerConnection::KillConnection() {
  gone_ = true;
  query_ctx_.Cancel(
      Error(Code::kCancelled, MysqlError{1317, "70100"}, "Query execution was interrupted"));
  if (stream_ == nullptr) return ctx_.Cancel();  // TLS begins; nobody else waits
  stream_->Shutdown();
  arrived_.WakeAll();
}

void ServerConnection::Drain() {
  draining_ = true;
  arrived_.WakeAll();
}

// Reads whatever comes into the packet buffer. While a command runs its packet must not move, so
// only the room behind it is used.
Task<> ServerConnection::ReadAhead() {
  while (!gone_) {
    std::span<char> room;
    if (in_use_) {
      room = in_.Tail();
      if (room.size() < kLeastTail) {
        const Result<> idle = co_await idle_.Wait(ctx_);
        if (!idle.ok()) break;
        continue;
      }
    } else {
      in_.Shrink(kKeptInput);
      room = in_.Room(kReadAhead);
    }
    const Result<size_t> count = co_await stream_->Read(ctx_, room);
    if (!count.ok() || *count == 0) break;
    in_.Received(*count);
    arrived_.WakeOne();
    // A client that sends without end must not keep its own packets from being looked at: they may
    // be too long, or want room that grows in larger steps.
    if (!in_use_ && in_.buffered() > kReadAhead) co_await Yield();
  }
  gone_ = true;
  if (busy_)
    query_ctx_.Cancel(
        Error(Code::kCancelled, MysqlError{1317, "70100"}, "the client has gone away"));
  arrived_.WakeAll();
}

Task<Result<std::string_view>> ServerConnection::NextCommand() {
  in_.SetSequence(0);
  for (;;) {
    CO_TRY(const std::optional<std::string_view> packet, in_.Next());
    if (packet) co_return *packet;
    if (gone_) co_return Error(Code::kCancelled, "the client has gone away");
    if (draining_ && !(session_.status_flags & mysqlwire::kStatusInTransaction)) {
      in_.SetSequence(1);  // the answer to the command that is perhaps on its way
      co_return Error(Code::kUnavailable, MysqlError{1053, "08S01"}, "Server shutdown in progress");
    }
    idle_.WakeAll();
    if (const Duration limit = LongestSilence(); limit > Duration(0)) {
      CO_TRY_OK(co_await WaitForInput(limit));
    } else {
      CO_TRY_OK(co_await arrived_.Wait(ctx_));
    }
  }
}

void ServerConnection::ReleaseInput() {
  in_use_ = false;
  text_ = {};
  idle_.WakeAll();
}

// Within a command the client goes on counting where we stopped, and we where it did.
Task<Result<std::string_view>> ServerConnection::NextPacket(const Context& ctx) {
  ReleaseInput();
  in_.SetSequence(output_.packets().sequence());
  for (;;) {
    CO_TRY(const std::optional<std::string_view> packet, in_.Next());
    if (packet) {
      in_use_ = true;
      output_.packets().SetSequence(in_.sequence());
      co_return *packet;
    }
    if (gone_) co_return Error(Code::kCancelled, "the client has gone away");
    CO_TRY_OK(co_await arrived_.Wait(ctx));
  }
}

// 0: none.
Duration ServerConnection::LongestSilence() const {
  const Duration ours = shared_.options.read_timeout;
  const Duration theirs = session_.wait_timeout;
  if (ours == Duration(0) || theirs == Duration(0)) return std::max(ours, theirs);
  return std::min(ours, theirs);
}

Task<Result<>> ServerConnection::WaitForInput(Duration limit) {
  const Context bounded = ctx_.WithTimeout(limit);
  const Result<> arrived = co_await arrived_.Wait(bounded);
  if (arrived.ok() || arrived.error().code() != Code::kDeadlineExceeded) co_return arrived;
  // MySQL says why, since 8.0.24; clients of MariaDB hear nothing before they ask something.
  if (login_->mariadb()) KillConnection();
  in_.SetSequence(1);
  co_return Error(Code::kDeadlineExceeded, MysqlError{4031, "HY000"},
                  "The client was disconnected by the server because of inactivity");
}

Task<> ServerConnection::ServeCommands() {
  for (;;) {
    Result<std::string_view> packet = co_await NextCommand();
    if (compressed_ != nullptr) compressed_->BeginAnswer();
    if (!packet.ok()) {
      // A stream out of step, an oversized packet, or the server going down: said once, then the
      // end.
      if (!gone_) co_await SendFinalError(packet.error());
      co_return;
    }
    shared_.stats.commands.fetch_add(1, std::memory_order_relaxed);
    busy_ = in_use_ = true;
    NoteCommand(*packet);
    output_.packets().SetSequence(in_.sequence());
    const Result<bool> go_on = co_await Dispatch(*packet);
    busy_ = in_use_ = false;
    text_ = {};
    since_ = Executor::Current().Now();
    if (!go_on.ok() || !*go_on) co_return;
    const Result<> flushed = co_await output_.Flush(ctx_);
    if (!flushed.ok() || gone_ || session_.ends) co_return;
    output_.packets().buffer().Release(kKeptOutput);
    if (query_ctx_.cancelled()) query_ctx_ = ctx_.WithCancel();
  }
}

void ServerConnection::NoteCommand(std::string_view packet) {
  using mysqlwire::Command;
  since_ = Executor::Current().Now();
  session_.query_attributes.clear();
  command_ = packet.empty() ? uint8_t{0} : static_cast<uint8_t>(packet.front());
  const auto command = static_cast<Command>(command_);
  if (command == Command::kQuery || command == Command::kStmtPrepare) text_ = packet.substr(1);
}

ClientInfo ServerConnection::Info() const {
  ClientInfo out;
  out.id = session_.id;
  out.user = session_.identity.user;
  out.host = local_ ? "localhost" : session_.peer;
  out.database = session_.database;
  out.command = busy_ ? CommandName(command_) : "Sleep";
  out.time = std::chrono::duration_cast<std::chrono::seconds>(Executor::Current().Now() - since_);
  if (!text_.empty()) out.text = text_;
  return out;
}

// False ends the connection.
Task<Result<bool>> ServerConnection::Dispatch(std::string_view packet) {
  using mysqlwire::Command;
  if (packet.empty()) {
    writer_.Begin(false);
    writer_.Finish(UnknownCommand());
    co_return true;
  }
  const std::string_view payload = packet.substr(1);
  Result<> outcome;
  writer_.Begin(false);
  const bool is_bulk = static_cast<Command>(packet[0]) == Command::kStmtBulkExecute;
  if (is_bulk && !(session_.capabilities & mysqlwire::kMariadbBulk)) {
    writer_.Finish(mysqlwire::NoBulk());
    co_return true;
  }
  if (session_.relays) {
    const Result<bool> relayed = co_await Relay(packet);
    if (!relayed.ok()) writer_.Finish(relayed.error());
    if (!relayed.ok() || *relayed) {
      const bool prepared = static_cast<Command>(packet[0]) == Command::kStmtPrepare;
      session_.prepared_elsewhere = prepared || session_.prepared_elsewhere;
      co_return true;
    }
    writer_.Begin(false);
  }
  switch (static_cast<Command>(packet[0])) {
    case Command::kQuit:
      co_return false;
    case Command::kQuery: {
      const Result<std::string_view> text = QueryText(payload);
      if (text.ok()) {
        outcome = co_await Query(*text);
      } else {
        outcome = text.error();
      }
      break;
    }
    case Command::kPing:
      outcome = writer_.WriteOk(OkInfo());
      break;
    case Command::kInitDb:
      outcome = co_await InitDatabase(payload);
      break;
    case Command::kProcessInfo:
      outcome = co_await Query("show processlist");
      break;
    case Command::kProcessKill:
      outcome = co_await ProcessKill(payload);
      break;
    case kRefresh:
      outcome = co_await Refresh(payload);
      break;
    case Command::kSetOption:
      outcome = SetOption(payload);
      break;
    case Command::kResetConnection:
      outcome = co_await ResetConnection();
      break;
    case Command::kChangeUser: {
      const Result<> changed = co_await ChangeUser(packet);
      if (changed.ok()) co_return true;
      co_await SendFinalError(changed.error());
      co_return false;
    }
    case Command::kStatistics:
      WriteStatistics();
      co_return true;
    case Command::kFieldList:
      outcome = co_await ListFields(payload);
      if (outcome.ok()) co_return true;
      break;
    case Command::kStmtPrepare:
      outcome = co_await Prepare(payload);
      if (outcome.ok()) co_return true;
      break;
    case Command::kStmtExecute:
      outcome = co_await Execute(payload);
      break;
    case Command::kStmtBulkExecute:
      outcome = co_await ExecuteBulk(payload);
      break;
    case Command::kStmtFetch:
      outcome = Fetch(payload);
      if (outcome.ok()) co_return true;
      break;
    case Command::kStmtReset:
      outcome = ResetStatement(payload);
      if (outcome.ok()) outcome = writer_.WriteOk(OkInfo());
      break;
    case Command::kStmtSendLongData:
      SendLongData(payload);
      co_return true;
    case Command::kStmtClose:
      CloseStatement(payload);
      co_return true;
    default:
      outcome = UnknownCommand();
      break;
  }
  // A client whose command was killed hears that, not how it looked from below.
  if (!outcome.ok() && query_ctx_.cancelled()) outcome = query_ctx_.Check();
  writer_.Finish(outcome);
  co_return true;
}

bool ServerConnection::TakesAttributes() const {
  return (session_.capabilities & mysqlwire::kClientQueryAttributes) != 0;
}

// The statement of COM_QUERY, behind its attributes.
Result<std::string_view> ServerConnection::QueryText(std::string_view payload) {
  if (!TakesAttributes()) return payload;
  arena_.Reset();
  TRY(text_, mysqlwire::TakeQueryAttributes(payload, session_.query_attributes, arena_));
  return text_;
}

// Servers are not told attributes.
Task<Result<bool>> ServerConnection::Relay(std::string_view packet) {
  std::string plain;
  if (TakesAttributes() && packet.front() == static_cast<char>(mysqlwire::Command::kStmtExecute)) {
    CO_TRY(plain, mysqlwire::WithoutQueryAttributes(packet));
    packet = plain;
  }
  co_return co_await shared_.handler.Relay(query_ctx_, session_, packet, writer_);
}

Task<Result<>> ServerConnection::Query(std::string_view sql) {
  session_.warnings = 0;
  co_return co_await shared_.handler.Query(query_ctx_, session_, sql, writer_);
}

Task<Result<>> ServerConnection::ProcessKill(std::string_view payload) {
  mysqlwire::ByteReader in(payload);
  const uint32_t id = in.U32();
  if (in.failed())
    co_return Error(Code::kInvalidArgument, MysqlError{1835, "HY000"}, "malformed kill command");
  const std::string sql = "kill " + std::to_string(id);
  co_return co_await Query(sql);
}

Task<Result<>> ServerConnection::Refresh(std::string_view payload) {
  const std::string sql = FlushText(payload.empty() ? 0 : static_cast<uint8_t>(payload[0]));
  if (sql.empty()) co_return UnknownCommand();
  co_return co_await Query(sql);
}

Task<Result<>> ServerConnection::InitDatabase(std::string_view database) {
  CO_TRY_OK(co_await shared_.handler.InitDb(query_ctx_, session_, database));
  co_return writer_.WriteOk(OkInfo());
}

Task<Result<>> ServerConnection::ListFields(std::string_view payload) {
  mysqlwire::ByteReader in(payload);
  const std::string_view table = in.NulString();
  const std::string_view wildcard = in.Rest();
  if (in.failed())
    co_return Error(Code::kInvalidArgument, MysqlError{1835, "HY000"},
                    "malformed field list command");
  CO_TRY(const std::vector<sqltypes::Field> fields,
         co_await shared_.handler.ListFields(query_ctx_, session_, table, wildcard));
  mysqlwire::PacketWriter& packets = output_.packets();
  for (const sqltypes::Field& field : fields) {
    packets.Begin();
    mysqlwire::AppendListedColumn(packets.buffer(), field, session_.capabilities);
    packets.End();
  }
  packets.Begin();
  mysqlwire::AppendEof(packets.buffer(), session_.status_flags, session_.warnings);
  packets.End();
  co_return Ok{};
}

Result<> ServerConnection::SetOption(std::string_view payload) {
  mysqlwire::ByteReader in(payload);
  const uint16_t option = in.U16();
  if (in.failed() || option > 1) return UnknownCommand();
  session_.multi_statements = option == 0;
  return writer_.WriteEof();
}

Task<Result<>> ServerConnection::ResetConnection() {
  CloseAllStatements();
  CO_TRY_OK(co_await shared_.handler.Reset(query_ctx_, session_));
  co_return writer_.WriteOk(OkInfo());
}

void ServerConnection::WriteStatistics() {
  mysqlwire::PacketWriter& packets = output_.packets();
  packets.Begin();
  packets.buffer().Append(shared_.handler.Statistics(session_));
  packets.End();
}

// Logs in again on the same stream. The reader keeps reading ahead; the packets of the login are
// taken from it.
Task<Result<>> ServerConnection::ChangeUser(std::string_view packet) {
  CO_TRY_OK(login_->OnChangeUser(packet));
  CloseAllStatements();
  CO_TRY_OK(co_await shared_.handler.Reset(query_ctx_, session_));
  ReleaseInput();
  const Context ctx = ctx_.WithTimeout(shared_.options.login_timeout);
  CO_TRY_OK(co_await Authenticate(ctx, *login_));
  FillSession(*login_);
  CO_TRY_OK(co_await shared_.handler.Connected(query_ctx_, session_));
  login_->Accept(output_.packets());
  writer_.Begin(false);
  writer_.Finish(writer_.WriteOk(OkInfo()));
  co_return Ok{};
}

}  // namespace tessera::mysqlconn
