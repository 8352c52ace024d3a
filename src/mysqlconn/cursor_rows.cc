// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/cursor_rows.h"

#include <algorithm>

#include "mysqlwire/binary_rows.h"
#include "mysqlwire/columns.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response.h"

namespace tessera::mysqlconn {

Result<> CursorRows::WriteOk(const OkInfo& ok) { return writer_.WriteOk(ok); }

Result<> CursorRows::WriteFields(std::span<const sqltypes::Field> fields) {
  if (open_)
    return Error(Code::kUnimplemented, MysqlError{1235, "42000"},
                 "a cursor over more than one result is not supported")
        .WithHint("Execute without a cursor");
  TRY(mysqlwire::PacketWriter* const out, writer_.BeginRaw());
  out->Begin();
  const bool follow = !session_.leaves_out_columns;
  mysqlwire::AppendColumnCount(out->buffer(), fields.size(), follow, session_.capabilities);
  out->End();
  for (const sqltypes::Field& field : fields) {
    types_.push_back(field.type);
    if (!follow) continue;
    out->Begin();
    mysqlwire::AppendColumn(out->buffer(), field, session_.capabilities);
    out->End();
  }
  open_ = true;
  return Ok{};
}

// A row was appended to rows_, where it begins at `begin`.
Result<> CursorRows::Keep(size_t begin) {
  if (rows_.size() > kMostBytes) {
    rows_.Truncate(begin);
    return Errorf(Code::kResourceExhausted, "the rows of a cursor take more than {} MiB",
                  kMostBytes >> 20)
        .WithMysql(1041, "HY000")
        .WithHint("Execute without a cursor, or narrow the query");
  }
  ends_.push_back(rows_.size());
  return Ok{};
}

Result<> CursorRows::WriteEncodedRow(std::string_view row) {
  const size_t begin = rows_.size();
  TRY_OK(mysqlwire::DecodeToBinaryRow(row, types_, rows_));
  return Keep(begin);
}

Result<> CursorRows::WriteCells(std::span<const sqltypes::Value> cells) {
  const size_t begin = rows_.size();
  TRY_OK(mysqlwire::AppendBinaryRow(cells, types_, rows_));
  return Keep(begin);
}

// The end of the columns tells that a cursor is open: nothing else follows.
Result<> CursorRows::EndRows() {
  PutEnd(mysqlwire::kStatusCursorExists);
  writer_.FinishRaw();
  return Ok{};
}

void CursorRows::PutEnd(uint16_t flags) {
  const auto status = static_cast<uint16_t>(session_.status_flags | flags);
  packets_.Begin();
  if (session_.capabilities & mysqlwire::kClientDeprecateEof) {
    mysqlwire::OkPacket end;
    end.status_flags = status;
    end.warnings = session_.warnings;
    mysqlwire::AppendOk(packets_.buffer(), end, mysqlwire::kEofHeader);
  } else {
    mysqlwire::AppendEof(packets_.buffer(), status, session_.warnings);
  }
  packets_.End();
}

void CursorRows::Fetch(uint32_t count) {
  const size_t last = std::min(ends_.size(), next_ + count);
  for (; next_ < last; ++next_) {
    const size_t begin = next_ == 0 ? 0 : ends_[next_ - 1];
    packets_.Begin();
    packets_.buffer().Append(rows_.view().substr(begin, ends_[next_] - begin));
    packets_.End();
  }
  const uint16_t sent = next_ == ends_.size() ? mysqlwire::kStatusLastRowSent : uint16_t{0};
  PutEnd(static_cast<uint16_t>(mysqlwire::kStatusCursorExists | sent));
}

Result<mysqlwire::PacketWriter*> CursorRows::BeginRaw() { return writer_.BeginRaw(); }
void CursorRows::FinishRaw() { writer_.FinishRaw(); }

Task<Result<std::string_view>> CursorRows::NextFilePacket(const Context& ctx) {
  return writer_.NextFilePacket(ctx);
}

// Rows wait for their fetch: there is nothing to write yet.
Task<Result<>> CursorRows::Drain(const Context& ctx) { co_return ctx.Check(); }

}  // namespace tessera::mysqlconn
