// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "sqltypes/type.h"

namespace tessera::sqltypes {

// MySQL's column flags, as far as we name them.
inline constexpr uint16_t kColumnNotNull = 1;
inline constexpr uint16_t kColumnPrimaryKey = 2;
inline constexpr uint16_t kColumnUniqueKey = 4;
inline constexpr uint16_t kColumnUnsigned = 32;
inline constexpr uint16_t kColumnBinary = 128;
inline constexpr uint16_t kColumnEnum = 256;
inline constexpr uint16_t kColumnAutoIncrement = 512;
inline constexpr uint16_t kColumnSet = 2048;

// The description of one column of a result: query.Field.
struct Field {
  std::string name;
  Type type = Type::kNull;
  std::string table;
  std::string org_table;
  std::string database;
  std::string org_name;
  uint32_t column_length = 0;
  uint32_t charset = 0;  // collation id
  uint32_t decimals = 0;
  uint32_t flags = 0;
  std::string column_type;  // only in change streams

  friend bool operator==(const Field&, const Field&) = default;
};

}  // namespace tessera::sqltypes
