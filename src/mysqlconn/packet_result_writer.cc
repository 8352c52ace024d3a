// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/packet_result_writer.h"

#include <utility>

#include "mysqlwire/answer.h"
#include "mysqlwire/binary_rows.h"
#include "mysqlwire/columns.h"
#include "mysqlwire/errno_codes.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response.h"
#include "mysqlwire/rows.h"

namespace tessera::mysqlconn {

Task<Result<>> PacketOutput::Flush(const Context& ctx) {
  mysqlwire::ByteBuffer& buffer = packets_.buffer();
  if (broken_) co_return Error(Code::kUnavailable, "the connection to the client is broken");
  if (buffer.empty()) co_return Ok{};
  std::string_view rest = buffer.view();
  const Result<size_t> sent = stream_->TryWrite(std::span<const std::string_view>(&rest, 1));
  if (!sent.ok()) {
    broken_ = true;
    co_return sent.error();
  }
  rest.remove_prefix(*sent);
  if (!rest.empty()) {
    const Context bounded = write_timeout_ > Duration(0) ? ctx.WithTimeout(write_timeout_) : ctx;
    const Result<> written = co_await stream_->WriteAll(bounded, rest);
    if (!written.ok()) {
      broken_ = true;
      co_return written.error();
    }
  }
  buffer.Clear();
  co_return Ok{};
}

void PacketResultWriter::Begin(bool binary_rows, std::string* known,
                               std::vector<BoundColumn> bound) {
  binary_rows_ = binary_rows;
  bound_ = std::move(bound);
  known_ = (session_.capabilities & mysqlwire::kMariadbCacheMetadata) ? known : nullptr;
  in_rows_ = false;
  pending_ = Pending::kNothing;
}

bool PacketResultWriter::deprecate_eof() const {
  return (session_.capabilities & mysqlwire::kClientDeprecateEof) != 0;
}

void PacketResultWriter::WritePending(bool more_results) {
  if (pending_ == Pending::kRaw) pending_ = Pending::kNothing;
  if (pending_ == Pending::kNothing) return;
  const auto flags =
      static_cast<uint16_t>(status_flags_ | (more_results ? mysqlwire::kStatusMoreResults : 0));
  mysqlwire::PacketWriter& packets = output_.packets();
  packets.Begin();
  if (pending_ == Pending::kRowsEnd && !deprecate_eof()) {
    mysqlwire::AppendEof(packets.buffer(), flags, warnings_);
  } else {
    mysqlwire::OkPacket ok;
    ok.affected_rows = ok_.affected_rows;
    ok.insert_id = ok_.insert_id;
    ok.info = info_;
    ok.status_flags = flags;
    ok.warnings = warnings_;
    if (!changes_.empty()) ok.status_flags |= mysqlwire::kStatusSessionStateChanged;
    ok.session_state = changes_;
    mysqlwire::AppendOk(packets.buffer(), ok,
                        pending_ == Pending::kOk ? mysqlwire::kOkHeader : mysqlwire::kEofHeader);
  }
  packets.End();
  pending_ = Pending::kNothing;
}

Result<> PacketResultWriter::BeginResult() {
  if (in_rows_)
    return Error(Code::kInternal, "a result began before the rows of the last had ended");
  if (pending_ != Pending::kNothing && !(session_.capabilities & mysqlwire::kClientMultiResults))
    return Error(Code::kInvalidArgument, MysqlError{1312, "0A000"},
                 "the client cannot take more than one result");
  WritePending(true);
  return Ok{};
}

Result<> PacketResultWriter::WriteOk(const OkInfo& ok) {
  TRY_OK(BeginResult());
  NoteEnd(Pending::kOk);
  ok_ = ok;
  info_ = ok.info;
  return Ok{};
}

// The state of the session as the result has left it. An EOF has no room for what has changed: that
// is told with the next OK.
void PacketResultWriter::NoteEnd(Pending pending) {
  pending_ = pending;
  status_flags_ = session_.status_flags;
  warnings_ = session_.warnings;
  changes_.clear();
  if (!(session_.capabilities & mysqlwire::kClientSessionTrack)) {
    session_.changes.clear();
  } else if (pending == Pending::kOk || deprecate_eof()) {
    changes_.swap(session_.changes);
  }
}

std::string DescribeColumns(std::span<const sqltypes::Field> fields, uint64_t capabilities) {
  std::string run;
  mysqlwire::ByteBuffer column;
  for (const sqltypes::Field& field : fields) {
    column.Clear();
    mysqlwire::AppendColumn(column, field, capabilities);
    mysqlwire::AppendToRun(column.view(), run);
  }
  return run;
}

// The columns' number, and the columns unless the client has them.
void PacketResultWriter::PutColumns(std::span<const sqltypes::Field> fields) {
  mysqlwire::PacketWriter& packets = output_.packets();
  bool follow = !session_.leaves_out_columns;
  if (follow && known_ != nullptr) {
    std::string columns = DescribeColumns(fields, session_.capabilities);
    follow = columns != *known_;
    *known_ = std::move(columns);
    known_ = nullptr;
  }
  packets.Begin();
  mysqlwire::AppendColumnCount(packets.buffer(), fields.size(), follow, session_.capabilities);
  packets.End();
  if (!follow) return;
  for (const sqltypes::Field& field : fields) {
    packets.Begin();
    mysqlwire::AppendColumn(packets.buffer(), field, session_.capabilities);
    packets.End();
  }
}

Result<> PacketResultWriter::WriteFields(std::span<const sqltypes::Field> fields) {
  TRY_OK(BeginResult());
  std::vector<sqltypes::Field> typed;
  if (!bound_.empty()) {
    typed.assign(fields.begin(), fields.end());
    for (const BoundColumn& bound : std::exchange(bound_, {}))
      if (bound.column < typed.size())
        mysqlwire::TypeAsBound(bound.type.column_type, bound.type.is_unsigned, typed[bound.column]);
    fields = typed;
  }
  if (fields.empty()) return Error(Code::kInternal, "a result set without columns");
  types_.clear();
  for (const sqltypes::Field& field : fields) types_.push_back(field.type);
  PutColumns(fields);
  if (!deprecate_eof()) {
    mysqlwire::PacketWriter& packets = output_.packets();
    packets.Begin();
    mysqlwire::AppendEof(packets.buffer(), session_.status_flags, session_.warnings);
    packets.End();
  }
  in_rows_ = true;
  return Ok{};
}

Result<> PacketResultWriter::WriteEncodedRow(std::string_view row) {
  DCHECK(in_rows_);
  mysqlwire::PacketWriter& packets = output_.packets();
  packets.Begin();
  Result<> done;
  if (binary_rows_) {
    done = mysqlwire::DecodeToBinaryRow(row, types_, packets.buffer());
  } else {
    done = mysqlwire::DecodeToTextRow(row, types_.size(), packets.buffer());
  }
  if (!done.ok()) {
    packets.Abandon();
    return done;
  }
  packets.End();
  return Ok{};
}

Result<> PacketResultWriter::WriteCells(std::span<const sqltypes::Value> cells) {
  DCHECK(in_rows_);
  if (cells.size() != types_.size())
    return Errorf(Code::kInternal, "a row of {} values in a result of {} columns", cells.size(),
                  types_.size());
  mysqlwire::PacketWriter& packets = output_.packets();
  packets.Begin();
  if (binary_rows_) {
    const Result<> done = mysqlwire::AppendBinaryRow(cells, types_, packets.buffer());
    if (!done.ok()) {
      packets.Abandon();
      return done;
    }
  } else {
    mysqlwire::AppendTextRow(cells, packets.buffer());
  }
  packets.End();
  return Ok{};
}

Result<> PacketResultWriter::WriteEof() {
  TRY_OK(BeginResult());
  in_rows_ = true;
  return EndRows();
}

Result<> PacketResultWriter::EndRows() {
  if (!in_rows_) return Error(Code::kInternal, "rows ended that had not begun");
  in_rows_ = false;
  NoteEnd(Pending::kRowsEnd);
  ok_ = OkInfo();
  info_.clear();
  return Ok{};
}

Result<mysqlwire::PacketWriter*> PacketResultWriter::BeginRaw() {
  TRY_OK(BeginResult());
  return &output_.packets();
}

Task<Result<std::string_view>> PacketResultWriter::NextFilePacket(const Context& ctx) {
  CO_TRY_OK(co_await output_.Flush(connection_ctx_));
  co_return co_await input_.NextPacket(ctx);
}

Task<Result<>> PacketResultWriter::Drain(const Context& ctx) {
  if (output_.packets().buffer().size() < kDrainBytes) co_return Ok{};
  CO_TRY_OK(co_await output_.Flush(connection_ctx_));
  co_return ctx.Check();
}

void PacketResultWriter::WriteError(const Error& error) {
  const MysqlError mysql = mysqlwire::ToMysqlError(error);
  mysqlwire::PacketWriter& packets = output_.packets();
  packets.Begin();
  mysqlwire::AppendErr(packets.buffer(), mysql.number, mysql.sqlstate, error.ToString());
  packets.End();
}

void PacketResultWriter::Finish(const Result<>& outcome) {
  if (!outcome.ok()) {
    WritePending(true);
    return WriteError(outcome.error());
  }
  if (in_rows_ || pending_ == Pending::kNothing)
    return WriteError(Error(Code::kInternal, "the command gave no complete result"));
  WritePending(false);
}

}  // namespace tessera::mysqlconn
