// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/attached.h"

#include <optional>
#include <utility>

#include "mysqlconn/row_batch.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response_reader.h"
#include "sqlparser/fingerprint.h"
#include "sqlparser/split.h"

namespace tessera::vtgate {

using mysqlwire::AnswerTracker;
using sqltypes::ResultSet;

namespace {

constexpr size_t kMaxPacket = 1 << 30;
// How long a command that was interrupted may take to say so.
constexpr Duration kInterruptGrace = std::chrono::seconds(10);
constexpr Duration kInterruptAgain = std::chrono::milliseconds(250);

}  // namespace

// The next piece of the answer. A command whose time is over, or that was killed, is interrupted;
// the server then ends its answer by an error of its own.
Task<Result<std::string>> Attached::Receive(const Context& ctx) {
  queryservice::Attachment& attachment = *tablet_.attachment;
  Result<std::string> piece = co_await attachment.Receive(ctx);
  if (piece.ok()) co_return piece;
  const bool interrupted = !ctx.Check().ok();
  const Context grace = Context::Background().WithTimeout(kInterruptGrace);
  // A kill that reaches the server before the statement has begun there is lost: so it is repeated.
  while (interrupted && grace.Check().ok()) {
    const Result<> asked = co_await attachment.Interrupt(grace);
    if (!asked.ok()) break;
    const Context soon = grace.WithTimeout(kInterruptAgain);
    piece = co_await attachment.Receive(soon);
    if (piece.ok()) co_return piece;
    if (soon.Check().ok()) break;
  }
  co_return Lost(piece.error());
}

Error Attached::Lost(const Error& why) {
  lost_ = true;
  return Error(Code::kUnavailable, "Lost connection to server during query: " + why.message())
      .WithMysql(2013, "HY000")
      .WithHint("Connect again: what the session held is rolled back");
}

Task<Result<>> Attached::Send(const Context& ctx, std::string_view packet) {
  const Result<> sent = co_await tablet_.attachment->Send(ctx, packet);
  if (!sent.ok()) co_return Lost(sent.error());
  co_return Ok{};
}

// The client's file, packet by packet, until its empty one.
Task<Result<>> Attached::SendFile(const Context& ctx, AnswerTracker& tracker,
                                  mysqlconn::ResultWriter& writer) {
  while (tracker.file_wanted()) {
    CO_TRY(const std::string_view packet, co_await writer.NextFilePacket(ctx));
    if (packet.empty()) tracker.FileSent();
    CO_TRY_OK(co_await tablet_.attachment->Send(ctx, packet));
  }
  co_return Ok{};
}

// Where it stands which columns the client knows, for commands about one statement.
std::string* Attached::KnownColumns(std::string_view packet, std::string& prepared) {
  const auto command = static_cast<mysqlwire::Command>(packet.front());
  if (command == mysqlwire::Command::kStmtPrepare) return &prepared;
  if (command != mysqlwire::Command::kStmtExecute) return nullptr;
  mysqlwire::ByteReader in(packet.substr(1));
  const uint32_t id = in.U32();
  const auto found = known_columns_.find(id == mysqlwire::kLastStatement ? last_prepared_ : id);
  return found == known_columns_.end() ? nullptr : &found->second;
}

void Attached::NoteKnown(std::string_view packet, const mysqlwire::AnswerRelay& relay,
                         std::string prepared) {
  const auto command = static_cast<mysqlwire::Command>(packet.front());
  if (command == mysqlwire::Command::kStmtPrepare && !relay.failed()) {
    // A call has none: what comes are results of a program, each with its own columns, and servers
    // send those each time.
    if (!prepared.empty()) known_columns_[relay.prepared()] = std::move(prepared);
  }
  if (command != mysqlwire::Command::kStmtClose) return;
  mysqlwire::ByteReader in(packet.substr(1));
  const uint32_t id = in.U32();
  known_columns_.erase(id == mysqlwire::kLastStatement ? last_prepared_ : id);
}

namespace {

// Whether the command's answer ends with the session's status, as those of COM_STMT_PREPARE and of
// commands without an answer do not.
bool TellsStatus(mysqlwire::Command command) {
  using mysqlwire::Command;
  return command == Command::kQuery || command == Command::kStmtExecute ||
         command == Command::kStmtBulkExecute || command == Command::kStmtFetch ||
         command == Command::kStmtReset;
}

}  // namespace

// Whether another result follows each that has rows: those of a call, and of several statements.
bool Attached::HasMoreResults(std::string_view packet) const {
  using mysqlwire::Command;
  const auto command = static_cast<Command>(packet.front());
  if (command == Command::kStmtExecute) {
    mysqlwire::ByteReader in(packet.substr(1));
    const uint32_t id = in.U32();
    return calls_.contains(id == mysqlwire::kLastStatement ? last_prepared_ : id);
  }
  if (command != Command::kQuery) return false;
  const sqlparser::StatementKind kind = sqlparser::Preview(packet.substr(1));
  if (kind == sqlparser::StatementKind::kCall) return true;
  if (kind == sqlparser::StatementKind::kInsert) return false;  // has no rows, and may be long
  const auto pieces = sqlparser::SplitFirst(packet.substr(1));
  return pieces.ok() && pieces->second.find_first_not_of(" \t\r\n;") != std::string_view::npos;
}

// What the server has prepared, and whether it is a call.
void Attached::NotePrepared(std::string_view packet, const mysqlwire::AnswerRelay& relay) {
  using mysqlwire::Command;
  const auto command = static_cast<Command>(packet.front());
  if (command == Command::kStmtPrepare && !relay.failed()) {
    last_prepared_ = relay.prepared();
    if (sqlparser::Preview(packet.substr(1)) == sqlparser::StatementKind::kCall)
      calls_.insert(last_prepared_);
  }
  if (command != Command::kStmtClose) return;
  mysqlwire::ByteReader in(packet.substr(1));
  const uint32_t id = in.U32();
  calls_.erase(id == mysqlwire::kLastStatement ? last_prepared_ : id);
}

Task<Result<RelayedEnd>> Attached::Relay(const Context& ctx, const mysqlconn::Session& client,
                                         std::string_view packet, bool more,
                                         mysqlconn::ResultWriter& writer) {
  CO_TRY(mysqlwire::PacketWriter* const out, writer.BeginRaw());
  mysqlwire::AnswerRelay::Names names;
  names.server = about().database;
  names.client = target_.keyspace;
  mysqlwire::AnswerRelay relay(about().capabilities, client.capabilities, std::move(names));
  relay.Begin(static_cast<uint8_t>(packet.front()), more);
  if (!(client.capabilities & mysqlwire::kClientDeprecateEof)) {
    constexpr uint16_t kOfSession = mysqlwire::kStatusAutocommit | mysqlwire::kStatusInTransaction;
    uint16_t status = client.status_flags & kOfSession;
    if (more || HasMoreResults(packet)) status |= mysqlwire::kStatusMoreResults;
    relay.ExpectStatus(status);
  }
  std::string prepared;
  if (client.leaves_out_columns) {
    relay.LeaveOutColumns();
  } else if (client.capabilities & mysqlwire::kMariadbCacheMetadata) {
    if (std::string* known = KnownColumns(packet, prepared)) relay.LeaveOutKnown(*known);
  }
  AnswerTracker& tracker = relay.tracker();
  RelayedEnd end;
  CO_TRY_OK(co_await Send(ctx, packet));
  while (!tracker.done()) {
    if (tracker.file_wanted()) {
      const Result<> filed = co_await SendFile(ctx, tracker, writer);
      // Half a file must not be taken for a whole one.
      lost_ = !filed.ok();
      CO_TRY_OK(filed);
    }
    CO_TRY(const std::string piece, co_await Receive(ctx));
    packets_.Append(piece);
    for (;;) {
      CO_TRY(const std::optional<std::string_view> next, packets_.Next(kMaxPacket));
      if (!next) break;
      CO_TRY_OK(relay.OnPacket(*next, *out));
      if (tracker.end().insert_id != 0) end.insert_id = tracker.end().insert_id;
    }
    // The client's own context may have ended: then the rest of the answer is for nobody.
    const Result<> drained = co_await writer.Drain(Context::Background());
    lost_ = !drained.ok();
    CO_TRY_OK(drained);
  }
  writer.FinishRaw();
  NotePrepared(packet, relay);
  if (client.capabilities & mysqlwire::kMariadbCacheMetadata)
    NoteKnown(packet, relay, std::move(prepared));
  end.known = !relay.failed() && TellsStatus(static_cast<mysqlwire::Command>(packet.front()));
  end.status_flags = tracker.end().status_flags;
  if (end.known) in_transaction_ = (end.status_flags & mysqlwire::kStatusInTransaction) != 0;
  end.warnings = tracker.end().warnings;
  end.error_number = relay.error_number();
  co_return end;
}

Task<Result<>> Attached::AllowSeveralStatements(const Context& ctx, bool allow) {
  const std::string packet = {static_cast<char>(mysqlwire::Command::kSetOption),
                              static_cast<char>(allow ? 0 : 1), 0};
  CO_TRY_OK(co_await Send(ctx, packet));
  // Its answer is one packet, an OK or EOF.
  CO_TRY(const std::string piece, co_await Receive(ctx));
  packets_.Append(piece);
  CO_TRY_OK(packets_.Next(kMaxPacket));
  allows_several_ = allow;
  co_return Ok{};
}

Task<Result<ResultSet>> Attached::Execute(const Context& ctx, std::string_view sql) {
  std::string packet(1, static_cast<char>(mysqlwire::Command::kQuery));
  packet += sql;
  CO_TRY_OK(co_await Send(ctx, packet));
  using Event = mysqlwire::ResponseReader::Event;
  mysqlwire::ResponseReader reader;
  reader.Begin(about().capabilities, true);
  mysqlconn::RowBatch rows;
  ResultSet result;
  while (reader.active()) {
    CO_TRY(const std::string piece, co_await Receive(ctx));
    packets_.Append(piece);
    while (reader.active()) {
      CO_TRY(const std::optional<std::string_view> next, packets_.Next(kMaxPacket));
      if (!next) break;
      CO_TRY(const Event event, reader.OnPacket(*next));
      if (event == Event::kRow) {
        CO_TRY_OK(rows.Add(*next, reader.column_count()));
      }
      if (event == Event::kError) co_return reader.error();
      if (event == Event::kEnd) result.fields = std::move(reader.fields());
    }
  }
  const mysqlwire::ResultEnd& end = reader.end();
  in_transaction_ = (end.status_flags & mysqlwire::kStatusInTransaction) != 0;
  result.affected_rows = end.affected_rows;
  result.insert_id = end.insert_id;
  result.insert_id_changed = end.insert_id != 0;
  result.info = end.info;
  if (rows.rows() != 0) {
    const size_t count = rows.rows();
    const std::shared_ptr<const mysqlwire::ByteBuffer> memory = rows.Take();
    result.SetEncodedRows(memory->view(), count, memory);
  }
  co_return result;
}

}  // namespace tessera::vtgate
