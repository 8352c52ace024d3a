// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "mysqlwire/bytes.h"

namespace tessera::mysqlwire {

// What OK and EOF packets say.
struct OkPacket {
  uint64_t affected_rows = 0;
  uint64_t insert_id = 0;
  uint16_t status_flags = 0;
  uint16_t warnings = 0;
  std::string_view info;
  std::string_view
      session_state;  // the raw run of session tracking; see TrackedSchema and TrackedGtid
};

// `header` is kOkHeader, or kEofHeader where an OK ends rows (DEPRECATE_EOF).
void AppendOk(ByteBuffer& out, const OkPacket& ok, uint8_t header);
void AppendEof(ByteBuffer& out, uint16_t status_flags, uint16_t warnings);
// The error's errno and SQLSTATE; those must be set (ToMysqlError).
void AppendErr(ByteBuffer& out, uint16_t number, std::string_view sqlstate,
               std::string_view message);

inline bool IsErr(std::string_view packet) { return !packet.empty() && packet[0] == '\xff'; }
// Whether a packet where a row is due ends the rows: an EOF, or with DEPRECATE_EOF an OK. A row
// that begins with 0xfe has a cell of 16 MB or more, so its length tells them apart.
inline bool EndsRows(std::string_view packet, bool deprecate_eof) {
  return !packet.empty() && packet[0] == '\xfe' && packet.size() < (deprecate_eof ? 0xffffffu : 9u);
}

// An OK packet, of either header.
Result<OkPacket> ParseOk(std::string_view packet, uint64_t capabilities);
Result<OkPacket> ParseEof(std::string_view packet);
// The packet that ends rows, of either kind.
Result<OkPacket> ParseRowsEnd(std::string_view packet, uint64_t capabilities);

// The server's error: its errno, SQLSTATE and text, with CodeOfErrno's code. A packet that is no
// proper ERR gives an error that says so.
Error ParseErr(std::string_view packet);

// Entries of a run of session tracking: the schema in use, or a system variable, is another one.
void AppendTrackedSchema(std::string& run, std::string_view schema);
void AppendTrackedVariable(std::string& run, std::string_view name, std::string_view value);
// GTIDs of the session's own changes, as text.
void AppendTrackedGtids(std::string& run, std::string_view gtids);

// The new default schema, or the GTIDs, that an OK reports, if it does.
std::optional<std::string_view> TrackedSchema(std::string_view session_state);
std::optional<std::string_view> TrackedGtids(std::string_view session_state);

}  // namespace tessera::mysqlwire
