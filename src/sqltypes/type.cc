// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqltypes/type.h"

#include <algorithm>
#include <cctype>

namespace tessera::sqltypes {

namespace {

struct Name {
  Type type;
  std::string_view name;
};

constexpr Name kNames[] = {{Type::kNull, "NULL_TYPE"},
                           {Type::kInt8, "INT8"},
                           {Type::kUint8, "UINT8"},
                           {Type::kInt16, "INT16"},
                           {Type::kUint16, "UINT16"},
                           {Type::kInt24, "INT24"},
                           {Type::kUint24, "UINT24"},
                           {Type::kInt32, "INT32"},
                           {Type::kUint32, "UINT32"},
                           {Type::kInt64, "INT64"},
                           {Type::kUint64, "UINT64"},
                           {Type::kFloat32, "FLOAT32"},
                           {Type::kFloat64, "FLOAT64"},
                           {Type::kTimestamp, "TIMESTAMP"},
                           {Type::kDate, "DATE"},
                           {Type::kTime, "TIME"},
                           {Type::kDatetime, "DATETIME"},
                           {Type::kYear, "YEAR"},
                           {Type::kDecimal, "DECIMAL"},
                           {Type::kText, "TEXT"},
                           {Type::kBlob, "BLOB"},
                           {Type::kVarChar, "VARCHAR"},
                           {Type::kVarBinary, "VARBINARY"},
                           {Type::kChar, "CHAR"},
                           {Type::kBinary, "BINARY"},
                           {Type::kBit, "BIT"},
                           {Type::kEnum, "ENUM"},
                           {Type::kSet, "SET"},
                           {Type::kTuple, "TUPLE"},
                           {Type::kGeometry, "GEOMETRY"},
                           {Type::kJson, "JSON"},
                           {Type::kExpression, "EXPRESSION"},
                           {Type::kHexNum, "HEXNUM"},
                           {Type::kHexVal, "HEXVAL"},
                           {Type::kBitNum, "BITNUM"},
                           {Type::kVector, "VECTOR"},
                           {Type::kRaw, "RAW"},
                           {Type::kRowTuple, "ROW_TUPLE"}};

}  // namespace

std::string_view TypeName(Type type) {
  for (const Name& entry : kNames) {
    if (entry.type == type) return entry.name;
  }
  return "UNKNOWN";
}

std::optional<Type> ParseTypeName(std::string_view name) {
  const auto equal = [](char a, char b) {
    return std::toupper(static_cast<unsigned char>(a)) == b;
  };
  for (const Name& entry : kNames) {
    if (std::equal(name.begin(), name.end(), entry.name.begin(), entry.name.end(), equal))
      return entry.type;
  }
  return std::nullopt;
}

}  // namespace tessera::sqltypes
