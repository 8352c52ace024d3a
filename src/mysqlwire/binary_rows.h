// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "mysqlwire/bytes.h"
#include "sqltypes/type.h"
#include "sqltypes/value.h"

namespace tessera::mysqlwire {

// The binary form in which prepared statements take parameters and give rows. Our values are
// MySQL's text, so both ways go through that.

// The answer to COM_STMT_PREPARE, without the definitions that follow it.
void AppendPrepared(ByteBuffer& out, uint32_t statement, uint16_t columns, uint16_t parameters,
                    uint16_t warnings);

// In the first byte of the parameters of COM_STMT_EXECUTE: what cursor is wanted, if any; and that
// their number comes although the statement has none.
inline constexpr uint8_t kCursorMask = 0x07;
inline constexpr uint8_t kParameterCountAvailable = 0x08;

// The protocol type of a parameter, as the client bound it.
struct BoundType {
  uint8_t column_type = 0;
  bool is_unsigned = false;
};

// A named value that a client of kClientQueryAttributes sends with a statement. Points into an
// arena alone: a statement that asks for a file outlives its packet.
struct QueryAttribute {
  std::string_view name;
  sqltypes::Value value;
};

// What such a client puts before the text of COM_QUERY: `payload` begins behind the command. Fills
// `attributes` and returns the text. Errno 1835 when it is malformed. Source: MySQL's "COM_QUERY".
Result<std::string_view> TakeQueryAttributes(std::string_view payload,
                                             std::vector<QueryAttribute>& attributes, Arena& arena);

// The parameters of COM_STMT_EXECUTE: `payload` begins behind the statement's id. `types` are those
// of the last execute, and are replaced when this one brings new ones. Parameters sent ahead in
// pieces are in `long_data`. The values point into the packet, into long_data and into `arena`.
// `attributes` is there for clients of kClientQueryAttributes, and filled.
Result<std::vector<sqltypes::Value>> ParseParameters(
    std::string_view payload, uint16_t count, std::vector<BoundType>& types,
    const std::map<uint16_t, std::string>& long_data, Arena& arena,
    std::vector<QueryAttribute>* attributes = nullptr);

// A COM_STMT_EXECUTE of such a client, command and all, as one that knows no attributes sends it.
Result<std::string> WithoutQueryAttributes(std::string_view packet);

// The rows of parameters of COM_STMT_BULK_EXECUTE, one after the other: nothing of them is kept, so
// that their number costs no memory. Source: MariaDB's "COM_STMT_BULK_EXECUTE".
class BulkReader {
 public:
  // `payload` begins behind the statement's id; it and `types` outlive the reader. `types` are
  // those of the last execution, and are replaced when this one brings new ones. `count` is not 0.
  // Errors as MariaDB has them: 1295 for answers of a form that was not offered, 1210 for all that
  // is malformed.
  static Result<BulkReader> Begin(std::string_view payload, uint16_t count,
                                  std::vector<BoundType>& types);

  bool empty() const { return in_.empty(); }
  // The next row. DEFAULT and IGNORE are expressions (sqltypes::Type::kExpression) that SQL writes
  // so. Values point into the packet and into `arena`. Behind an error nothing more can be read.
  Result<> Next(std::vector<sqltypes::Value>& row, Arena& arena);

 private:
  BulkReader(ByteReader in, uint16_t count, const std::vector<BoundType>& types)
      : in_(in), count_(count), types_(&types) {}

  ByteReader in_;
  uint16_t count_;
  const std::vector<BoundType>* types_;
};

// What MariaDB says to bulks that it does not take, and to clients that have not agreed on bulks.
Error NoBulk();

// One row. Fails on a value that is not of its column's type.
Result<> AppendBinaryRow(std::span<const sqltypes::Value> cells,
                         std::span<const sqltypes::Type> types, ByteBuffer& out);
// The same from a query.Row body.
Result<> DecodeToBinaryRow(std::string_view body, std::span<const sqltypes::Type> types,
                           ByteBuffer& out);

}  // namespace tessera::mysqlwire
