// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/answer.h"

#include <optional>

#include "mysqlwire/protocol.h"

namespace tessera::mysqlwire {

namespace {

Error BrokenAnswer(std::string_view what) {
  return Errorf(Code::kInternal, "the server's answer is not as the protocol has it: {}", what)
      .WithMysql(2027, "HY000");
}

constexpr uint8_t kDatabaseEntry = 1;

bool HasNoAnswer(Command command) {
  return command == Command::kQuit || command == Command::kStmtSendLongData ||
         command == Command::kStmtClose;
}

// A cursor for the client takes the place of the rows. One that a stored program or a FOR loop has
// open sets the flag as well; there results come as ever, and a last OK behind them.
bool OpensCursor(uint16_t status) {
  return (status & kStatusCursorExists) && !(status & kStatusMoreResults);
}

}  // namespace

void AnswerTracker::Begin(uint8_t command, uint64_t capabilities) {
  const auto known = static_cast<Command>(command);
  capabilities_ = capabilities;
  prepares_ = known == Command::kStmtPrepare;
  file_wanted_ = false;
  definitions_ = 0;
  columns_ = 0;
  end_ = OkPacket();
  phase_ = Phase::kSingle;
  if (HasNoAnswer(known)) phase_ = Phase::kDone;
  if (known == Command::kStatistics) phase_ = Phase::kText;
  if (known == Command::kFieldList) phase_ = Phase::kListed;
  if (known == Command::kStmtFetch) phase_ = Phase::kRows;
  if (known == Command::kQuery || known == Command::kStmtExecute || prepares_ ||
      known == Command::kStmtBulkExecute)
    phase_ = Phase::kHeader;
}

AnswerPacket AnswerTracker::Fail() {
  phase_ = Phase::kDone;
  file_wanted_ = false;
  return AnswerPacket::kError;
}

Result<AnswerPacket> AnswerTracker::OnPacket(std::string_view packet) {
  if (packet.empty()) return BrokenAnswer("an empty packet");
  ended_definitions_ = false;
  switch (phase_) {
    case Phase::kDone:
      return BrokenAnswer("a packet behind its end");
    case Phase::kText:
      phase_ = Phase::kDone;
      return AnswerPacket::kText;
    case Phase::kHeader:
      return OnHeader(packet);
    case Phase::kSingle:
      if (IsErr(packet)) return Fail();
      return OnOk(packet);
    case Phase::kColumns:
      if (IsErr(packet)) return Fail();
      if (--definitions_ == 0) EndDefinitions();
      return AnswerPacket::kColumn;
    case Phase::kColumnsEof: {
      TRY(end_, ParseEof(packet));
      phase_ = Phase::kRows;
      if (prepares_) BeginDefinitions(std::exchange(columns_, 0));
      if (!prepares_ && OpensCursor(end_.status_flags)) phase_ = Phase::kDone;
      return AnswerPacket::kColumnsEnd;
    }
    case Phase::kRows:
      return OnRow(packet);
    case Phase::kListed:
      if (!IsErr(packet) && !EndsRows(packet, (capabilities_ & kClientDeprecateEof) != 0))
        return AnswerPacket::kColumn;
      return OnRow(packet);
  }
  return BrokenAnswer("no phase");
}

Result<AnswerPacket> AnswerTracker::OnHeader(std::string_view packet) {
  if (IsErr(packet)) return Fail();
  const auto first = static_cast<uint8_t>(packet.front());
  if (prepares_) return OnPrepared(packet);
  if (first == kOkHeader) return OnOk(packet);
  if (first == kLocalInfileHeader) {
    file_wanted_ = true;
    return AnswerPacket::kFileRequest;
  }
  ByteReader in(packet);
  const uint64_t count = in.LenencInt();
  if (in.failed() || count == 0) return BrokenAnswer("no number of columns");
  BeginDefinitions(count);
  return AnswerPacket::kColumnCount;
}

Result<AnswerPacket> AnswerTracker::OnOk(std::string_view packet) {
  // Some commands answer with an EOF of the short form whatever was agreed on.
  const bool is_eof = static_cast<uint8_t>(packet.front()) == kEofHeader && packet.size() < 7;
  if (is_eof) {
    TRY(end_, ParseEof(packet));
  } else {
    TRY(end_, ParseOk(packet, capabilities_));
  }
  file_wanted_ = false;
  phase_ = (end_.status_flags & kStatusMoreResults) ? Phase::kHeader : Phase::kDone;
  return AnswerPacket::kOk;
}

Result<AnswerPacket> AnswerTracker::OnPrepared(std::string_view packet) {
  ByteReader in(packet);
  in.U8();
  in.U32();  // the statement's id
  columns_ = in.U16();
  const uint16_t parameters = in.U16();
  if (in.failed()) return BrokenAnswer("a short answer to a prepare");
  BeginDefinitions(parameters != 0 ? parameters : std::exchange(columns_, 0));
  return AnswerPacket::kPrepared;
}

void AnswerTracker::BeginDefinitions(uint64_t count) {
  definitions_ = count;
  phase_ = count != 0 ? Phase::kColumns : Phase::kDone;
}

void AnswerTracker::EndDefinitions() {
  ended_definitions_ = true;
  if (!(capabilities_ & kClientDeprecateEof)) {
    phase_ = Phase::kColumnsEof;
  } else if (prepares_) {
    BeginDefinitions(std::exchange(columns_, 0));
  } else {
    phase_ = Phase::kRows;
  }
}

Result<AnswerPacket> AnswerTracker::OnRow(std::string_view packet) {
  if (IsErr(packet)) return Fail();
  if (!EndsRows(packet, (capabilities_ & kClientDeprecateEof) != 0)) return AnswerPacket::kRow;
  // MariaDB ends some lists with the short form also where OK was agreed on.
  if (packet.size() == 5) {
    TRY(end_, ParseEof(packet));
  } else {
    TRY(end_, ParseRowsEnd(packet, capabilities_));
  }
  phase_ = (end_.status_flags & kStatusMoreResults) ? Phase::kHeader : Phase::kDone;
  return AnswerPacket::kRowsEnd;
}

void AppendToRun(std::string_view packet, std::string& run) {
  const auto size = static_cast<uint32_t>(packet.size());
  for (int shift = 0; shift < 32; shift += 8) run.push_back(static_cast<char>(size >> shift));
  run.append(packet);
}

void RunReader::Append(std::string_view bytes) {
  bytes_.erase(0, std::exchange(taken_, 0));
  bytes_.append(bytes);
}

Result<std::optional<std::string_view>> RunReader::Next(size_t max_packet) {
  ByteReader in(std::string_view(bytes_).substr(taken_));
  const uint32_t size = in.U32();
  if (in.failed()) return std::optional<std::string_view>();
  if (size > max_packet) return BrokenAnswer("a packet longer than the limit");
  const std::string_view packet = in.Take(size);
  if (in.failed()) return std::optional<std::string_view>();
  taken_ += 4 + packet.size();
  return std::optional<std::string_view>(packet);
}

void AnswerRelay::Begin(uint8_t command, bool more) {
  tracker_.Begin(command, server_);
  more_ = more;
  expected_ = 0;
  failed_ = false;
  error_number_ = 0;
  columns_end_due_ = false;
  columns_left_out_ = false;
  executes_ = static_cast<Command>(command) == Command::kStmtExecute;
  held_row_.reset();
  known_ = nullptr;
  head_.clear();
  columns_.clear();
  parameters_ = 0;
}

void AnswerRelay::PutColumnsEnd(PacketWriter& out) {
  columns_end_due_ = false;
  if (client_ & kClientDeprecateEof) return;
  const uint16_t told = tracker_.end().status_flags;
  out.Begin();
  AppendEof(out.buffer(), told == 0 ? expected_ : told, tracker_.end().warnings);
  out.End();
}

namespace {

// A run of session tracking, the database in it as the client calls it.
std::string RenameTracked(std::string_view run, const AnswerRelay::Names& names) {
  std::string out;
  ByteReader in(run);
  while (!in.empty()) {
    const std::string_view rest = run.substr(run.size() - in.remaining());
    const uint8_t sort = in.U8();
    ByteReader entry(in.LenencString());
    if (in.failed()) return std::string(run);
    const std::string_view whole = rest.substr(0, rest.size() - in.remaining());
    const bool is_database = sort == kDatabaseEntry && entry.LenencString() == names.server;
    if (is_database) {
      AppendTrackedSchema(out, names.client);
    } else {
      out += whole;
    }
  }
  return out;
}

}  // namespace

void AnswerRelay::PutEnd(bool behind_rows, PacketWriter& out) const {
  OkPacket end = tracker_.end();
  if (more_ && tracker_.done()) end.status_flags |= kStatusMoreResults;
  std::string renamed;
  if (!(client_ & kClientSessionTrack)) {
    end.status_flags &= static_cast<uint16_t>(~kStatusSessionStateChanged);
  } else if (names_.server != names_.client && !end.session_state.empty()) {
    renamed = RenameTracked(end.session_state, names_);
    end.session_state = renamed;
  }
  out.Begin();
  if (behind_rows && !(client_ & kClientDeprecateEof)) {
    AppendEof(out.buffer(), end.status_flags, end.warnings);
  } else {
    AppendOk(out.buffer(), end, behind_rows ? kEofHeader : kOkHeader);
  }
  out.End();
}

// The database stands behind the catalog, and what MariaDB says of the type behind four names; the
// rest is nobody's business here.
void AnswerRelay::AppendColumnTo(ByteBuffer& out, std::string_view packet) const {
  ByteReader in(packet);
  const std::string_view catalog = in.LenencString();
  const std::string_view database = in.LenencString();
  const std::string_view names = in.Rest();
  ByteReader behind(names);
  for (int name = 0; name < 4; ++name) behind.LenencString();
  const size_t names_size = names.size() - behind.remaining();
  const std::string_view extended =
      (server_ & kMariadbExtendedMetadata) ? behind.LenencString() : std::string_view();
  if (in.failed() || behind.failed()) return out.Append(packet);
  out.LenencString(catalog);
  out.LenencString(database == names_.server ? std::string_view(names_.client) : database);
  out.Append(names.substr(0, names_size));
  if (client_ & kMariadbExtendedMetadata) out.LenencString(extended);
  out.Append(behind.Rest());
}

// A column of a result or of a prepared statement; those of parameters come first there.
void AnswerRelay::TakeColumn(std::string_view packet, PacketWriter& out) {
  const bool is_parameter = tracker_.prepares() && parameters_ != 0;
  if (is_parameter) --parameters_;
  const bool noted = known_ != nullptr && !is_parameter;
  if (noted) {
    ByteBuffer column;
    AppendColumnTo(column, packet);
    AppendToRun(column.view(), columns_);
  }
  if (head_.empty() && !columns_left_out_) {
    out.Begin();
    AppendColumnTo(out.buffer(), packet);
    out.End();
  }
  columns_end_due_ = tracker_.ended_definitions();
  if (!columns_end_due_ || is_parameter) return;
  if (!head_.empty()) PutColumns(out);
  if (known_ != nullptr) *known_ = std::move(columns_);
  // Of a command's results only the first is as the statement was described.
  if (!tracker_.prepares()) known_ = nullptr;
  columns_.clear();
}

// The columns that were kept back, or only their number when the client knows them.
void AnswerRelay::PutColumns(PacketWriter& out) {
  const bool known = columns_ == *known_;
  PutColumnCount(head_, !known, out);
  head_.clear();
  ByteReader run(known ? std::string_view() : std::string_view(columns_));
  while (!run.empty()) {
    const uint32_t size = run.U32();
    out.Begin();
    out.buffer().Append(run.Take(size));
    out.End();
  }
}

void AnswerRelay::PutColumnCount(std::string_view packet, bool follow, PacketWriter& out) const {
  out.Begin();
  if (client_ & kClientOptionalMetadata) out.buffer().U8(follow ? 1 : 0);
  out.buffer().Append(packet);
  if (client_ & kMariadbCacheMetadata) out.buffer().U8(follow ? 1 : 0);
  out.End();
}

// The EOF in front of a result of OUT parameters must say that it is one. Such a result has one
// row, and a server of DEPRECATE_EOF says so behind it.
bool AnswerRelay::HoldsRow(AnswerPacket kind) const {
  return kind == AnswerPacket::kRow && executes_ && columns_end_due_ && !held_row_ &&
         !(client_ & kClientDeprecateEof);
}

void AnswerRelay::NotePrepared(std::string_view packet) {
  ByteReader in(packet);
  in.U8();
  prepared_ = in.U32();
  in.U16();  // columns
  parameters_ = in.U16();
}

void AnswerRelay::PutError(std::string_view packet, PacketWriter& out) {
  const Error error = ParseErr(packet);
  failed_ = true;
  error_number_ = error.mysql_errno();
  std::string text = error.message();
  if (names_.server != names_.client) {
    // "Table 'db.t' doesn't exist"
    const std::string theirs = "'" + names_.server + ".";
    for (size_t at = text.find(theirs); at != std::string::npos; at = text.find(theirs, at + 1))
      text.replace(at + 1, names_.server.size(), names_.client);
  }
  out.Begin();
  AppendErr(out.buffer(), error.mysql_errno(), error.sqlstate(), text);
  out.End();
}

Result<> AnswerRelay::OnPacket(std::string_view packet, PacketWriter& out) {
  TRY(const AnswerPacket kind, tracker_.OnPacket(packet));
  if (kind == AnswerPacket::kColumnsEnd) {
    // Ours is put with what comes next, or is there already (a prepared statement's).
    if (tracker_.done() && std::exchange(columns_end_due_, false)) PutEnd(true, out);
    return Ok{};
  }
  if (HoldsRow(kind)) {
    held_row_ = packet;
    return Ok{};
  }
  // Clients without DEPRECATE_EOF have an EOF behind their columns. Where a cursor was opened, the
  // end of the answer is that EOF: so it waits for what comes.
  const bool cursor = OpensCursor(tracker_.end().status_flags);
  if (columns_end_due_ && !(kind == AnswerPacket::kRowsEnd && cursor)) PutColumnsEnd(out);
  columns_end_due_ = false;
  if (held_row_) {
    out.Begin();
    out.buffer().Append(*held_row_);
    out.End();
    held_row_.reset();
  }
  switch (kind) {
    case AnswerPacket::kOk:
    case AnswerPacket::kRowsEnd:
      PutEnd(kind == AnswerPacket::kRowsEnd, out);
      return Ok{};
    case AnswerPacket::kError:
      PutError(packet, out);
      return Ok{};
    case AnswerPacket::kColumnCount:
      if (known_ != nullptr) {
        head_ = packet;
      } else {
        PutColumnCount(packet, !columns_left_out_, out);
      }
      return Ok{};
    case AnswerPacket::kPrepared:
      NotePrepared(packet);
      out.Begin();
      out.buffer().Append(packet);
      if (client_ & kClientOptionalMetadata) out.buffer().U8(columns_left_out_ ? 0 : 1);
      out.End();
      return Ok{};
    case AnswerPacket::kColumn:
      TakeColumn(packet, out);
      // Nothing has to come behind the definitions of a prepared statement.
      if (columns_end_due_ && tracker_.prepares()) PutColumnsEnd(out);
      return Ok{};
    default:
      break;
  }
  out.Begin();
  out.buffer().Append(packet);
  out.End();
  return Ok{};
}

}  // namespace tessera::mysqlwire
