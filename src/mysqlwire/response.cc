// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/response.h"

#include <string>

#include "mysqlwire/errno_codes.h"
#include "mysqlwire/protocol.h"

namespace tessera::mysqlwire {

namespace {

constexpr uint8_t kTrackVariable = 0;
constexpr uint8_t kTrackSchema = 1;
constexpr uint8_t kTrackGtids = 3;

Error MalformedAnswer(std::string_view what) {
  return Errorf(Code::kInternal, "malformed {} packet from the server", what)
      .WithMysql(2027, "HY000");
}

std::optional<std::string_view> Tracked(std::string_view session_state, uint8_t kind) {
  ByteReader in(session_state);
  while (!in.empty()) {
    const uint8_t type = in.U8();
    ByteReader entry(in.LenencString());
    if (in.failed()) return std::nullopt;
    if (type != kind) continue;
    if (kind == kTrackGtids) entry.U8();  // the encoding, always 0: text
    const std::string_view value = entry.LenencString();
    if (!entry.failed()) return value;
  }
  return std::nullopt;
}

void AppendEntry(std::string& run, uint8_t type, const ByteBuffer& entry) {
  ByteBuffer out;
  out.U8(type);
  out.LenencString(entry.view());
  run += out.view();
}

}  // namespace

void AppendTrackedSchema(std::string& run, std::string_view schema) {
  ByteBuffer entry;
  entry.LenencString(schema);
  AppendEntry(run, kTrackSchema, entry);
}

void AppendTrackedVariable(std::string& run, std::string_view name, std::string_view value) {
  ByteBuffer entry;
  entry.LenencString(name);
  entry.LenencString(value);
  AppendEntry(run, kTrackVariable, entry);
}

void AppendTrackedGtids(std::string& run, std::string_view gtids) {
  ByteBuffer entry;
  entry.U8(0);  // the encoding
  entry.LenencString(gtids);
  AppendEntry(run, kTrackGtids, entry);
}

void AppendOk(ByteBuffer& out, const OkPacket& ok, uint8_t header) {
  out.U8(header);
  out.LenencInt(ok.affected_rows);
  out.LenencInt(ok.insert_id);
  out.U16(ok.status_flags);
  out.U16(ok.warnings);
  // Servers put the length before the text even where the manual draws it open-ended, and clients
  // count on it.
  const bool changed = (ok.status_flags & kStatusSessionStateChanged) != 0;
  if (changed || !ok.info.empty()) out.LenencString(ok.info);
  if (changed) out.LenencString(ok.session_state);
}

void AppendEof(ByteBuffer& out, uint16_t status_flags, uint16_t warnings) {
  out.U8(kEofHeader);
  out.U16(warnings);
  out.U16(status_flags);
}

void AppendErr(ByteBuffer& out, uint16_t number, std::string_view sqlstate,
               std::string_view message) {
  out.U8(kErrHeader);
  out.U16(number);
  out.U8('#');
  out.Append(sqlstate.size() == 5 ? sqlstate : "HY000");
  out.Append(message);
}

Result<OkPacket> ParseOk(std::string_view packet, uint64_t capabilities) {
  ByteReader in(packet);
  const uint8_t header = in.U8();
  if (header != kOkHeader && header != kEofHeader) return MalformedAnswer("OK");
  OkPacket ok;
  ok.affected_rows = in.LenencInt();
  ok.insert_id = in.LenencInt();
  ok.status_flags = in.U16();
  ok.warnings = in.U16();
  if (capabilities & kClientSessionTrack) {
    if (!in.empty()) ok.info = in.LenencString();
    if ((ok.status_flags & kStatusSessionStateChanged) && !in.empty())
      ok.session_state = in.LenencString();
  } else {
    ok.info = in.Rest();
    // MariaDB writes the length in front of the text all the same.
    ByteReader info(ok.info);
    const std::string_view text = info.LenencString();
    if (!info.failed() && info.empty()) ok.info = text;
  }
  if (in.failed()) return MalformedAnswer("OK");
  return ok;
}

Result<OkPacket> ParseEof(std::string_view packet) {
  ByteReader in(packet);
  OkPacket eof;
  if (in.U8() != kEofHeader) in.Fail();
  eof.warnings = in.U16();
  eof.status_flags = in.U16();
  if (in.failed()) return MalformedAnswer("EOF");
  return eof;
}

Result<OkPacket> ParseRowsEnd(std::string_view packet, uint64_t capabilities) {
  return (capabilities & kClientDeprecateEof) ? ParseOk(packet, capabilities) : ParseEof(packet);
}

Error ParseErr(std::string_view packet) {
  ByteReader in(packet);
  if (in.U8() != kErrHeader) in.Fail();
  const uint16_t number = in.U16();
  if (in.failed()) return MalformedAnswer("ERR");
  // Before the capabilities are known (too many connections) the SQLSTATE is left out.
  std::string_view sqlstate = "HY000";
  if (in.Peek() == '#' && in.remaining() >= 6) {
    in.Take(1);
    sqlstate = in.Take(5);
  }
  const std::string_view message = in.Rest();
  return Error(CodeOfErrno(number, message), std::string(message)).WithMysql(number, sqlstate);
}

std::optional<std::string_view> TrackedSchema(std::string_view session_state) {
  return Tracked(session_state, kTrackSchema);
}

std::optional<std::string_view> TrackedGtids(std::string_view session_state) {
  return Tracked(session_state, kTrackGtids);
}

}  // namespace tessera::mysqlwire
