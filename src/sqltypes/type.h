// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tessera::sqltypes {

// query.Type of Vitess: the low byte counts, the flags above it say what kind of type it is.
inline constexpr uint16_t kFlagIntegral = 256;
inline constexpr uint16_t kFlagUnsigned = 512;
inline constexpr uint16_t kFlagFloat = 1024;
inline constexpr uint16_t kFlagQuoted = 2048;
inline constexpr uint16_t kFlagText = 4096;
inline constexpr uint16_t kFlagBinary = 8192;

enum class Type : uint16_t {
  kNull = 0,
  kInt8 = 257,
  kUint8 = 770,
  kInt16 = 259,
  kUint16 = 772,
  kInt24 = 261,
  kUint24 = 774,
  kInt32 = 263,
  kUint32 = 776,
  kInt64 = 265,
  kUint64 = 778,
  kFloat32 = 1035,
  kFloat64 = 1036,
  kTimestamp = 2061,
  kDate = 2062,
  kTime = 2063,
  kDatetime = 2064,
  kYear = 785,
  kDecimal = 18,
  kText = 6163,
  kBlob = 10260,
  kVarChar = 6165,
  kVarBinary = 10262,
  kChar = 6167,
  kBinary = 10264,
  kBit = 2073,
  kEnum = 2074,
  kSet = 2075,
  kTuple = 28,
  kGeometry = 2077,
  kJson = 2078,
  kExpression = 31,
  kHexNum = 4128,
  kHexVal = 4129,
  kBitNum = 4130,
  kVector = 2083,
  kRaw = 2084,
  kRowTuple = 2085,
};

constexpr bool HasFlag(Type type, uint16_t flag) {
  return (static_cast<uint16_t>(type) & flag) != 0;
}
constexpr bool IsIntegral(Type type) { return HasFlag(type, kFlagIntegral); }
constexpr bool IsUnsigned(Type type) { return HasFlag(type, kFlagUnsigned); }
constexpr bool IsFloat(Type type) { return HasFlag(type, kFlagFloat); }
constexpr bool IsNumber(Type type) {
  return IsIntegral(type) || IsFloat(type) || type == Type::kDecimal;
}
constexpr bool IsText(Type type) { return HasFlag(type, kFlagText) && HasFlag(type, kFlagQuoted); }
constexpr bool IsBinary(Type type) { return HasFlag(type, kFlagBinary); }
// BIT, RAW and ROW_TUPLE carry the bit but are not written between quotes.
constexpr bool IsQuoted(Type type) {
  return HasFlag(type, kFlagQuoted) && type != Type::kBit && type != Type::kRaw &&
         type != Type::kRowTuple;
}

// "INT64"; "UNKNOWN" for a number that is none.
std::string_view TypeName(Type type);
// Case does not matter.
std::optional<Type> ParseTypeName(std::string_view name);

}  // namespace tessera::sqltypes
