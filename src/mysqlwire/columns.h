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

// A column definition packet (protocol 4.1).
void AppendColumn(ByteBuffer& out, const sqltypes::Field& field);
// COM_FIELD_LIST's form has a default value at the end; here always NULL.
void AppendListedColumn(ByteBuffer& out, const sqltypes::Field& field);
Result<sqltypes::Field> ParseColumn(std::string_view packet);

}  // namespace tessera::mysqlwire
