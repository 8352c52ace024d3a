// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "sqltypes/field.h"

namespace tessera::mysqlwire {

// What a server said at the end of a result.
struct ResultEnd {
  uint64_t affected_rows = 0;
  uint64_t insert_id = 0;
  uint16_t status_flags = 0;
  uint16_t warnings = 0;
  std::string info;
  std::string gtids;  // session tracking's, when the statement committed something
};

// Follows the answer to COM_QUERY packet by packet, without I/O: an OK, an error, or column
// definitions, rows and their end; and once more for each further result.
class ResponseReader {
 public:
  // Before a command's answer. `keep_fields`: column definitions become Fields; otherwise they are
  // counted.
  void Begin(uint64_t capabilities, bool keep_fields);

  enum class Event : uint8_t {
    kMore,    // nothing to do: next packet
    kFields,  // the fields are complete; rows follow
    kRow,     // the packet is a text row
    kEnd,     // a result has ended; more_results() tells whether another one follows
    kError,   // the server's error(): the answer has ended
  };
  // An error means that the server does not keep to the protocol: drop the connection.
  Result<Event> OnPacket(std::string_view packet);

  // An answer is under way: packets are still to come.
  bool active() const { return phase_ != Phase::kIdle; }
  bool more_results() const { return more_results_; }
  size_t column_count() const { return columns_; }
  std::vector<sqltypes::Field>& fields() { return fields_; }
  ResultEnd& end() { return end_; }
  const Error& error() const { return *error_; }

 private:
  enum class Phase : uint8_t { kIdle, kHeader, kColumns, kColumnsEof, kRows };
  Result<Event> OnHeader(std::string_view packet);
  Result<Event> OnColumn(std::string_view packet);
  Result<Event> OnRow(std::string_view packet);
  Event Finish(const struct OkPacket& ok);
  Event Fail(std::string_view packet);

  Phase phase_ = Phase::kIdle;
  uint64_t capabilities_ = 0;
  bool keep_fields_ = true;
  bool more_results_ = false;
  size_t columns_ = 0;
  size_t columns_seen_ = 0;
  std::vector<sqltypes::Field> fields_;
  ResultEnd end_;
  std::optional<Error> error_;
};

}  // namespace tessera::mysqlwire
