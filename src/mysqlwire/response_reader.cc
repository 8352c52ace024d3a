// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/response_reader.h"

#include "mysqlwire/bytes.h"
#include "mysqlwire/columns.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response.h"

namespace tessera::mysqlwire {

namespace {

constexpr size_t kMaxColumns = 65535;  // as many parameters as a statement can have

Error OutOfStep(std::string_view what) {
  return Errorf(Code::kInternal, "the server sent {}", what).WithMysql(2027, "HY000");
}

}  // namespace

void ResponseReader::Begin(uint64_t capabilities, bool keep_fields) {
  capabilities_ = capabilities;
  keep_fields_ = keep_fields;
  phase_ = Phase::kHeader;
  more_results_ = false;
}

Result<ResponseReader::Event> ResponseReader::OnPacket(std::string_view packet) {
  switch (phase_) {
    case Phase::kIdle:
      return OutOfStep("a packet that nothing asked for");
    case Phase::kHeader:
      return OnHeader(packet);
    case Phase::kColumns:
      return OnColumn(packet);
    case Phase::kColumnsEof:
      if (IsErr(packet)) return Fail(packet);
      TRY_OK(ParseEof(packet));
      phase_ = Phase::kRows;
      return Event::kFields;
    case Phase::kRows:
      return OnRow(packet);
  }
  return OutOfStep("a packet in no phase");
}

Result<ResponseReader::Event> ResponseReader::OnHeader(std::string_view packet) {
  more_results_ = false;
  columns_ = columns_seen_ = 0;
  fields_.clear();
  if (packet.empty()) return OutOfStep("an empty answer");
  if (IsErr(packet)) return Fail(packet);
  const auto first = static_cast<uint8_t>(packet[0]);
  if (first == kOkHeader) {
    TRY(const OkPacket ok, ParseOk(packet, capabilities_));
    return Finish(ok);
  }
  if (first == kLocalInfileHeader)
    return OutOfStep("a request for a local file, which only an attached session can answer");
  ByteReader in(packet);
  const uint64_t columns = in.LenencInt();
  if (in.failed() || !in.empty() || columns == 0 || columns > kMaxColumns)
    return OutOfStep("a malformed column count");
  columns_ = static_cast<size_t>(columns);
  phase_ = Phase::kColumns;
  return Event::kMore;
}

Result<ResponseReader::Event> ResponseReader::OnColumn(std::string_view packet) {
  if (IsErr(packet)) return Fail(packet);
  if (keep_fields_) {
    TRY(sqltypes::Field field, ParseColumn(packet, capabilities_));
    fields_.push_back(std::move(field));
  }
  if (++columns_seen_ < columns_) return Event::kMore;
  if (!(capabilities_ & kClientDeprecateEof)) {
    phase_ = Phase::kColumnsEof;
    return Event::kMore;
  }
  phase_ = Phase::kRows;
  return Event::kFields;
}

Result<ResponseReader::Event> ResponseReader::OnRow(std::string_view packet) {
  if (!packet.empty() && static_cast<uint8_t>(packet[0]) < kEofHeader) [[likely]]
    return Event::kRow;
  if (IsErr(packet)) return Fail(packet);
  if (!EndsRows(packet, (capabilities_ & kClientDeprecateEof) != 0)) return Event::kRow;
  TRY(const OkPacket ok, ParseRowsEnd(packet, capabilities_));
  return Finish(ok);
}

ResponseReader::Event ResponseReader::Finish(const OkPacket& ok) {
  end_.affected_rows = ok.affected_rows;
  end_.insert_id = ok.insert_id;
  end_.status_flags = ok.status_flags;
  end_.warnings = ok.warnings;
  end_.info = ok.info;
  end_.gtids = TrackedGtids(ok.session_state).value_or(std::string_view());
  more_results_ = (ok.status_flags & kStatusMoreResults) != 0;
  phase_ = more_results_ ? Phase::kHeader : Phase::kIdle;
  return Event::kEnd;
}

ResponseReader::Event ResponseReader::Fail(std::string_view packet) {
  error_ = ParseErr(packet);
  phase_ = Phase::kIdle;
  more_results_ = false;
  return Event::kError;
}

}  // namespace tessera::mysqlwire
