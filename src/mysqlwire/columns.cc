// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/columns.h"

#include <algorithm>
#include <array>
#include <string>

namespace tessera::mysqlwire {

namespace {

using sqltypes::Type;

struct Mapping {
  Type type;
  MysqlType mysql;
};

// What a client is told of each type. The numbers of the first column are query.Type's.
constexpr auto kMappings = std::to_array<Mapping>({
    {Type::kNull, {ColumnType::kNull, kColumnBinary}},
    {Type::kInt8, {ColumnType::kTiny, 0}},
    {Type::kUint8, {ColumnType::kTiny, kColumnUnsigned}},
    {Type::kInt16, {ColumnType::kShort, 0}},
    {Type::kUint16, {ColumnType::kShort, kColumnUnsigned}},
    {Type::kInt24, {ColumnType::kInt24, 0}},
    {Type::kUint24, {ColumnType::kInt24, kColumnUnsigned}},
    {Type::kInt32, {ColumnType::kLong, 0}},
    {Type::kUint32, {ColumnType::kLong, kColumnUnsigned}},
    {Type::kInt64, {ColumnType::kLongLong, 0}},
    {Type::kUint64, {ColumnType::kLongLong, kColumnUnsigned}},
    {Type::kFloat32, {ColumnType::kFloat, 0}},
    {Type::kFloat64, {ColumnType::kDouble, 0}},
    {Type::kTimestamp, {ColumnType::kTimestamp, 0}},
    {Type::kDate, {ColumnType::kDate, kColumnBinary}},
    {Type::kTime, {ColumnType::kTime, kColumnBinary}},
    {Type::kDatetime, {ColumnType::kDateTime, kColumnBinary}},
    {Type::kYear, {ColumnType::kYear, kColumnUnsigned}},
    {Type::kDecimal, {ColumnType::kNewDecimal, 0}},
    {Type::kText, {ColumnType::kBlob, 0}},
    {Type::kBlob, {ColumnType::kBlob, kColumnBinary}},
    {Type::kVarChar, {ColumnType::kVarString, 0}},
    {Type::kVarBinary, {ColumnType::kVarString, kColumnBinary}},
    {Type::kChar, {ColumnType::kString, 0}},
    {Type::kBinary, {ColumnType::kString, kColumnBinary}},
    {Type::kBit, {ColumnType::kBit, kColumnUnsigned}},
    {Type::kEnum, {ColumnType::kString, kColumnEnum}},
    {Type::kSet, {ColumnType::kString, kColumnSet}},
    {Type::kGeometry, {ColumnType::kGeometry, 0}},
    {Type::kJson, {ColumnType::kJson, 0}},
    {Type::kHexNum, {ColumnType::kVarString, kColumnBinary}},
    {Type::kHexVal, {ColumnType::kVarString, kColumnBinary}},
    {Type::kBitNum, {ColumnType::kVarString, kColumnBinary}},
    {Type::kVector, {ColumnType::kVector, 0}},
});

Type Pick(bool second, Type first_type, Type second_type) {
  return second ? second_type : first_type;
}

// Of a column that no server described: text is utf8mb4, all else binary.
uint16_t DefaultCollation(Type type) {
  constexpr uint16_t kUtf8mb4GeneralCi = 45;
  switch (type) {
    case Type::kText:
    case Type::kVarChar:
    case Type::kChar:
    case Type::kEnum:
    case Type::kSet:
      return kUtf8mb4GeneralCi;
    default:
      return kCollationBinary;
  }
}

// Entries of what MariaDB adds to a column: what it is, and its text.
constexpr uint8_t kTypeName = 0;
constexpr uint8_t kFormatName = 1;
constexpr std::string_view kFormatMark = "format=";

void PutExtended(ByteBuffer& out, std::string_view told) {
  ByteBuffer run;
  while (!told.empty()) {
    std::string_view entry = told.substr(0, told.find(';'));
    told.remove_prefix(std::min(entry.size() + 1, told.size()));
    const bool is_format = entry.starts_with(kFormatMark);
    if (is_format) entry.remove_prefix(kFormatMark.size());
    if (entry.empty()) continue;
    run.U8(is_format ? kFormatName : kTypeName);
    run.LenencString(entry);
  }
  out.LenencString(run.view());
}

// Entries of other sorts are skipped: a later server may have some.
std::string ReadExtended(ByteReader& in) {
  std::string out;
  ByteReader run(in.LenencString());
  while (!run.empty()) {
    const uint8_t sort = run.U8();
    const std::string_view text = run.LenencString();
    if (run.failed()) in.Fail();
    if (sort > kFormatName || text.empty()) continue;
    if (!out.empty()) out += ';';
    if (sort == kFormatName) out += kFormatMark;
    out += text;
  }
  return out;
}

void PutColumn(ByteBuffer& out, const sqltypes::Field& field, uint64_t capabilities) {
  MysqlType mysql = MysqlFromType(field.type);
  // Flags that came from a server say more than the type does.
  if (field.flags != 0) mysql.flags = static_cast<uint16_t>(field.flags);
  out.LenencString("def");
  out.LenencString(field.database);
  out.LenencString(field.table);
  out.LenencString(field.org_table);
  out.LenencString(field.name);
  out.LenencString(field.org_name);
  if (capabilities & kMariadbExtendedMetadata) PutExtended(out, field.column_type);
  out.LenencInt(0x0c);  // length of what follows
  out.U16(field.charset != 0 ? static_cast<uint16_t>(field.charset) : DefaultCollation(field.type));
  out.U32(field.column_length);
  out.U8(static_cast<uint8_t>(mysql.type));
  out.U16(mysql.flags);
  out.U8(static_cast<uint8_t>(field.decimals));
  out.Zeros(2);
}

}  // namespace

Result<Type> TypeFromMysql(uint8_t column_type, uint16_t flags) {
  const bool is_unsigned = (flags & kColumnUnsigned) != 0;
  const bool is_binary = (flags & kColumnBinary) != 0;
  switch (static_cast<ColumnType>(column_type)) {
    case ColumnType::kTiny:
      return Pick(is_unsigned, Type::kInt8, Type::kUint8);
    case ColumnType::kShort:
      return Pick(is_unsigned, Type::kInt16, Type::kUint16);
    case ColumnType::kInt24:
      return Pick(is_unsigned, Type::kInt24, Type::kUint24);
    case ColumnType::kLong:
      return Pick(is_unsigned, Type::kInt32, Type::kUint32);
    case ColumnType::kLongLong:
      return Pick(is_unsigned, Type::kInt64, Type::kUint64);
    case ColumnType::kFloat:
      return Type::kFloat32;
    case ColumnType::kDouble:
      return Type::kFloat64;
    case ColumnType::kNull:
      return Type::kNull;
    case ColumnType::kTimestamp:
    case ColumnType::kTimestamp2:
      return Type::kTimestamp;
    case ColumnType::kDate:
    case ColumnType::kNewDate:
      return Type::kDate;
    case ColumnType::kTime:
    case ColumnType::kTime2:
      return Type::kTime;
    case ColumnType::kDateTime:
    case ColumnType::kDateTime2:
      return Type::kDatetime;
    case ColumnType::kYear:
      return Type::kYear;
    case ColumnType::kBit:
      return Type::kBit;
    case ColumnType::kDecimal:
    case ColumnType::kNewDecimal:
      return Type::kDecimal;
    case ColumnType::kJson:
      return Type::kJson;
    case ColumnType::kVector:
      return Type::kVector;
    case ColumnType::kGeometry:
      return Type::kGeometry;
    case ColumnType::kEnum:
      return Type::kEnum;
    case ColumnType::kSet:
      return Type::kSet;
    case ColumnType::kTinyBlob:
    case ColumnType::kMediumBlob:
    case ColumnType::kLongBlob:
    case ColumnType::kBlob:
      return Pick(is_binary, Type::kText, Type::kBlob);
    case ColumnType::kVarChar:
    case ColumnType::kVarString:
      return Pick(is_binary, Type::kVarChar, Type::kVarBinary);
    case ColumnType::kString:
      if (is_binary) return Type::kBinary;
      if (flags & kColumnEnum) return Type::kEnum;
      return Pick((flags & kColumnSet) != 0, Type::kChar, Type::kSet);
  }
  return Errorf(Code::kUnimplemented, "the server sent a column of unknown type {}", column_type);
}

MysqlType MysqlFromType(Type type) {
  for (const Mapping& mapping : kMappings)
    if (mapping.type == type) return mapping.mysql;
  // Types of bind variables only: their text is what there is to send.
  return {ColumnType::kVarString, kColumnBinary};
}

void AppendColumn(ByteBuffer& out, const sqltypes::Field& field, uint64_t capabilities) {
  PutColumn(out, field, capabilities);
}

void AppendListedColumn(ByteBuffer& out, const sqltypes::Field& field, uint64_t capabilities) {
  PutColumn(out, field, capabilities);
  out.U8(kNullCell);
}

void TypeAsBound(uint8_t column_type, bool is_unsigned, sqltypes::Field& field) {
  struct Bound {
    ColumnType type;
    bool is_number;  // the literal is one; otherwise it is a string
    uint32_t length;
    uint32_t decimals;
  };
  constexpr uint32_t kNoFixedDecimals = 31;
  constexpr Bound kBound[] = {{ColumnType::kTiny, true, 4, 0},
                              {ColumnType::kShort, true, 6, 0},
                              {ColumnType::kLong, true, 11, 0},
                              {ColumnType::kLongLong, true, 21, 0},
                              {ColumnType::kFloat, true, 23, kNoFixedDecimals},
                              {ColumnType::kDouble, true, 23, kNoFixedDecimals},
                              {ColumnType::kDate, false, 10, 0},
                              {ColumnType::kTime, false, 23, 0},
                              {ColumnType::kDateTime, false, 19, 0}};
  const auto* const bound = std::find_if(std::begin(kBound), std::end(kBound), [&](const Bound& b) {
    return static_cast<uint8_t>(b.type) == column_type;
  });
  const bool fits =
      bound != std::end(kBound) && field.table.empty() &&
      (bound->is_number ? sqltypes::IsNumber(field.type) : sqltypes::IsText(field.type));
  if (!fits) return;
  const uint16_t flags = is_unsigned ? kColumnUnsigned : uint16_t{0};
  const Result<Type> type = TypeFromMysql(column_type, flags);
  if (!type.ok()) return;
  field.type = *type;
  field.charset = kCollationBinary;
  field.column_length = bound->length;
  field.decimals = bound->decimals;
  field.flags = uint32_t{kColumnNotNull} | kColumnBinary | flags;
}

void AppendColumnCount(ByteBuffer& out, size_t count, bool follow, uint64_t capabilities) {
  if (capabilities & kClientOptionalMetadata) out.U8(follow ? 1 : 0);
  out.LenencInt(count);
  if (capabilities & kMariadbCacheMetadata) out.U8(follow ? 1 : 0);
}

Result<sqltypes::Field> ParseColumn(std::string_view packet, uint64_t capabilities) {
  ByteReader in(packet);
  sqltypes::Field field;
  in.LenencString();  // catalog, always "def"
  field.database = in.LenencString();
  field.table = in.LenencString();
  field.org_table = in.LenencString();
  field.name = in.LenencString();
  field.org_name = in.LenencString();
  if (capabilities & kMariadbExtendedMetadata) field.column_type = ReadExtended(in);
  in.LenencInt();
  field.charset = in.U16();
  field.column_length = in.U32();
  const uint8_t column_type = in.U8();
  const uint16_t flags = in.U16();
  field.decimals = in.U8();
  if (in.failed())
    return Error(Code::kInternal, MysqlError{2027, "HY000"},
                 "malformed column definition from the server");
  field.flags = flags;
  TRY(field.type, TypeFromMysql(column_type, flags));
  return field;
}

}  // namespace tessera::mysqlwire
