// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "mysqlwire/bytes.h"
#include "mysqlwire/protocol.h"
#include "sqltypes/field.h"
#include "sqltypes/type.h"

namespace tessera::mysqlwire {

// The type of a column as the server names it: its protocol type and its flags (unsigned, binary,
// enum, set; binary is looked at first, as Vitess does).
Result<sqltypes::Type> TypeFromMysql(uint8_t column_type, uint16_t flags);

// The protocol's number and flags of a type.
struct MysqlType {
  ColumnType type = ColumnType::kNull;
  uint16_t flags = 0;
};
MysqlType MysqlFromType(sqltypes::Type type);

// A column definition packet (protocol 4.1). With kMariadbExtendedMetadata among the capabilities
// it has what MariaDB says of types that the protocol has no number for: the name of a type
// ("uuid"), or the format of a text ("json"). Field::column_type holds that as "uuid" or
// "format=json"; both, if there ever are, with ';' in between. Source: MariaDB's "Result Set
// Packets", "Column Definition Packet".
void AppendColumn(ByteBuffer& out, const sqltypes::Field& field, uint64_t capabilities);
// COM_FIELD_LIST's form has a default value at the end; here always NULL.
void AppendListedColumn(ByteBuffer& out, const sqltypes::Field& field, uint64_t capabilities);
// Makes of a column that is a bound parameter and nothing else what the server makes of it, where
// the parameter was executed as a literal, whose type is narrower. Columns of other types than a
// literal of the parameter has stay as they are. Source: answers of MariaDB 10.11.
void TypeAsBound(uint8_t column_type, bool is_unsigned, sqltypes::Field& field);

// The packet in front of a result's columns: their number, and for a client of
// kClientOptionalMetadata or kMariadbCacheMetadata whether they follow. Source of the first:
// MySQL's "Protocol::Text Resultset".
void AppendColumnCount(ByteBuffer& out, size_t count, bool follow, uint64_t capabilities);
Result<sqltypes::Field> ParseColumn(std::string_view packet, uint64_t capabilities);

}  // namespace tessera::mysqlwire
