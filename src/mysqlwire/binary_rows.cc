// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/binary_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "mysqlwire/columns.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/rows.h"

namespace tessera::mysqlwire {

namespace {

using sqltypes::Type;
using sqltypes::Value;

Error MalformedParameters() {
  return Error(Code::kInvalidArgument, MysqlError{1835, "HY000"}, "malformed packet of parameters");
}

Error MalformedBulk() {
  return Error(Code::kInvalidArgument, MysqlError{1210, "HY000"},
               "Incorrect arguments to mysqld_stmt_bulk_execute");
}

Error BadValue(std::string_view text, Type type) {
  return Errorf(Code::kInternal, "value '{}' does not fit column type {}", text.substr(0, 64),
                static_cast<int>(type));
}

template <class T>
bool ParseNumber(std::string_view text, T& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

// An integer of `size` bytes, signed or not, in two's complement.
bool PutInteger(std::string_view text, size_t size, ByteBuffer& out) {
  uint64_t bits = 0;
  if (text.starts_with('-')) {
    int64_t value = 0;
    if (!ParseNumber(text, value)) return false;
    bits = static_cast<uint64_t>(value);
  } else if (!ParseNumber(text, bits)) {
    return false;
  }
  char* at = out.Extend(size);
  for (size_t i = 0; i < size; ++i) at[i] = static_cast<char>(bits >> (8 * i));
  return true;
}

// Takes digits off the front; false when there are none or too many.
bool TakeDigits(std::string_view& text, size_t most, uint32_t& value) {
  size_t count = 0;
  value = 0;
  while (count < text.size() && count < most && text[count] >= '0' && text[count] <= '9')
    value = value * 10 + static_cast<uint32_t>(text[count++] - '0');
  text.remove_prefix(count);
  return count > 0;
}

bool TakeChar(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// ".ffffff" to microseconds; nothing is zero.
bool TakeMicros(std::string_view& text, uint32_t& micros) {
  micros = 0;
  if (text.empty()) return true;
  if (!TakeChar(text, '.')) return false;
  const size_t before = text.size();
  if (!TakeDigits(text, 6, micros)) return false;
  for (size_t digits = before - text.size(); digits < 6; ++digits) micros *= 10;
  return text.empty();
}

// "YYYY-MM-DD[ HH:MM:SS[.f]]"; the form is as short as the value allows.
bool PutDateTime(std::string_view text, ByteBuffer& out) {
  std::array<uint32_t, 6> part{};
  uint32_t micros = 0;
  bool good = TakeDigits(text, 4, part[0]) && TakeChar(text, '-') && TakeDigits(text, 2, part[1]) &&
              TakeChar(text, '-') && TakeDigits(text, 2, part[2]);
  if (good && !text.empty())
    good = TakeChar(text, ' ') && TakeDigits(text, 2, part[3]) && TakeChar(text, ':') &&
           TakeDigits(text, 2, part[4]) && TakeChar(text, ':') && TakeDigits(text, 2, part[5]) &&
           TakeMicros(text, micros);
  if (!good) return false;
  const bool has_time = part[3] != 0 || part[4] != 0 || part[5] != 0 || micros != 0;
  const bool has_date = part[0] != 0 || part[1] != 0 || part[2] != 0;
  out.U8(micros != 0 ? 11 : has_time ? 7 : has_date ? 4 : 0);
  if (!has_time && !has_date) return true;
  out.U16(static_cast<uint16_t>(part[0]));
  out.U8(static_cast<uint8_t>(part[1]));
  out.U8(static_cast<uint8_t>(part[2]));
  if (!has_time) return true;
  for (size_t i = 3; i < 6; ++i) out.U8(static_cast<uint8_t>(part[i]));
  if (micros != 0) out.U32(micros);
  return true;
}

// "[-]HHH:MM:SS[.f]".
bool PutTime(std::string_view text, ByteBuffer& out) {
  const bool negative = TakeChar(text, '-');
  uint32_t hours = 0, minutes = 0, seconds = 0, micros = 0;
  const bool good = TakeDigits(text, 4, hours) && TakeChar(text, ':') &&
                    TakeDigits(text, 2, minutes) && TakeChar(text, ':') &&
                    TakeDigits(text, 2, seconds) && TakeMicros(text, micros);
  if (!good) return false;
  if (hours == 0 && minutes == 0 && seconds == 0 && micros == 0) return out.U8(0), true;
  out.U8(micros != 0 ? 12 : 8);
  out.U8(negative ? 1 : 0);
  out.U32(hours / 24);
  out.U8(static_cast<uint8_t>(hours % 24));
  out.U8(static_cast<uint8_t>(minutes));
  out.U8(static_cast<uint8_t>(seconds));
  if (micros != 0) out.U32(micros);
  return true;
}

bool PutCell(std::string_view text, Type type, ByteBuffer& out) {
  switch (MysqlFromType(type).type) {
    case ColumnType::kTiny:
      return PutInteger(text, 1, out);
    case ColumnType::kShort:
    case ColumnType::kYear:
      return PutInteger(text, 2, out);
    case ColumnType::kInt24:
    case ColumnType::kLong:
      return PutInteger(text, 4, out);
    case ColumnType::kLongLong:
      return PutInteger(text, 8, out);
    case ColumnType::kFloat: {
      float value = 0;
      if (!ParseNumber(text, value)) return false;
      out.U32(std::bit_cast<uint32_t>(value));
      return true;
    }
    case ColumnType::kDouble: {
      double value = 0;
      if (!ParseNumber(text, value)) return false;
      out.U64(std::bit_cast<uint64_t>(value));
      return true;
    }
    case ColumnType::kDate:
    case ColumnType::kDateTime:
    case ColumnType::kTimestamp:
      return PutDateTime(text, out);
    case ColumnType::kTime:
      return PutTime(text, out);
    default:
      out.LenencString(text);
      return true;
  }
}

// The start of a binary row: its header and a bitmap of NULLs, whose first two bits are reserved.
size_t BeginRow(size_t columns, ByteBuffer& out) {
  out.U8(0);
  const size_t bitmap = out.size();
  out.Zeros((columns + 9) / 8);
  return bitmap;
}

void MarkNull(ByteBuffer& out, size_t bitmap, size_t column) {
  char& byte = out.data()[bitmap + (column + 2) / 8];
  byte = static_cast<char>(byte | 1 << ((column + 2) % 8));
}

// Text of a date parameter: 4, 7 or 11 bytes, or none for the zero date.
std::optional<Value> ReadDateTime(ByteReader& in, bool date_only, Arena& arena) {
  const size_t size = in.U8();
  if (size != 0 && size != 4 && size != 7 && size != 11) return std::nullopt;
  ByteReader parts(in.Take(size));
  const uint16_t year = size >= 4 ? parts.U16() : uint16_t{0};
  const uint8_t month = size >= 4 ? parts.U8() : uint8_t{0};
  const uint8_t day = size >= 4 ? parts.U8() : uint8_t{0};
  const uint8_t hour = size >= 7 ? parts.U8() : uint8_t{0};
  const uint8_t minute = size >= 7 ? parts.U8() : uint8_t{0};
  const uint8_t second = size >= 7 ? parts.U8() : uint8_t{0};
  const uint32_t micros = size == 11 ? parts.U32() : 0;
  std::string text = fmt::format("{:04}-{:02}-{:02}", year, month, day);
  if (date_only && size <= 4) return Value(Type::kDate, arena.Copy(text));
  text += fmt::format(" {:02}:{:02}:{:02}", hour, minute, second);
  if (size == 11) text += fmt::format(".{:06}", micros);
  return Value(Type::kDatetime, arena.Copy(text));
}

std::optional<Value> ReadTime(ByteReader& in, Arena& arena) {
  const size_t size = in.U8();
  if (size != 0 && size != 8 && size != 12) return std::nullopt;
  ByteReader parts(in.Take(size));
  const bool negative = size != 0 && parts.U8() != 0;
  const uint64_t days = size != 0 ? parts.U32() : 0;
  const uint64_t hours = days * 24 + (size != 0 ? parts.U8() : 0);
  const uint8_t minutes = size != 0 ? parts.U8() : uint8_t{0};
  const uint8_t seconds = size != 0 ? parts.U8() : uint8_t{0};
  const uint32_t micros = size == 12 ? parts.U32() : 0;
  std::string text =
      fmt::format("{}{:02}:{:02}:{:02}", negative ? "-" : "", hours, minutes, seconds);
  if (size == 12) text += fmt::format(".{:06}", micros);
  return Value(Type::kTime, arena.Copy(text));
}

Value IntegerValue(uint64_t bits, size_t size, bool is_unsigned, Arena& arena) {
  if (is_unsigned) return Value(Type::kUint64, arena.Copy(fmt::format("{}", bits)));
  const int shift = static_cast<int>(64 - 8 * size);
  const int64_t value = static_cast<int64_t>(bits << shift) >> shift;
  return Value(Type::kInt64, arena.Copy(fmt::format("{}", value)));
}

Type TextType(ColumnType type) {
  switch (type) {
    case ColumnType::kDecimal:
    case ColumnType::kNewDecimal:
      return Type::kDecimal;
    case ColumnType::kTinyBlob:
    case ColumnType::kMediumBlob:
    case ColumnType::kLongBlob:
    case ColumnType::kBlob:
    case ColumnType::kGeometry:
    case ColumnType::kBit:
      return Type::kVarBinary;
    default:
      return Type::kVarChar;
  }
}

bool IsNull(std::string_view nulls, size_t at) {
  return (static_cast<uint8_t>(nulls[at / 8]) & (1u << (at % 8))) != 0;
}

void ReadType(ByteReader& in, std::vector<BoundType>& types) {
  const uint8_t type = in.U8();
  const bool is_unsigned = (in.U8() & 0x80) != 0;
  types.push_back({type, is_unsigned});
}

void ReadTypes(ByteReader& in, uint16_t count, std::vector<BoundType>& types) {
  types.clear();
  for (size_t i = 0; i < count && !in.failed(); ++i) ReadType(in, types);
}

std::optional<Value> ReadParameter(ByteReader& in, const BoundType& bound, Arena& arena) {
  const auto type = static_cast<ColumnType>(bound.column_type);
  switch (type) {
    case ColumnType::kNull:
      return Value();
    case ColumnType::kTiny:
      return IntegerValue(in.U8(), 1, bound.is_unsigned, arena);
    case ColumnType::kShort:
    case ColumnType::kYear:
      return IntegerValue(in.U16(), 2, bound.is_unsigned, arena);
    case ColumnType::kLong:
    case ColumnType::kInt24:
      return IntegerValue(in.U32(), 4, bound.is_unsigned, arena);
    case ColumnType::kLongLong:
      return IntegerValue(in.U64(), 8, bound.is_unsigned, arena);
    case ColumnType::kFloat:
      return Value(Type::kFloat64, arena.Copy(fmt::format("{}", std::bit_cast<float>(in.U32()))));
    case ColumnType::kDouble:
      return Value(Type::kFloat64, arena.Copy(fmt::format("{}", std::bit_cast<double>(in.U64()))));
    case ColumnType::kDate:
      return ReadDateTime(in, true, arena);
    case ColumnType::kDateTime:
    case ColumnType::kTimestamp:
      return ReadDateTime(in, false, arena);
    case ColumnType::kTime:
      return ReadTime(in, arena);
    default:
      return Value(TextType(type), in.LenencString());
  }
}

// More in one packet than anybody has; a server takes as many parameters.
constexpr size_t kMostNamed = 65535;

// How parameters with names are described. Points into the packet.
struct NamedTypes {
  std::string_view nulls;  // a bit each
  bool are_new = false;    // types and names are there
  std::vector<BoundType> types;
  std::vector<std::string_view> names;
};

NamedTypes ReadNamedTypes(ByteReader& in, size_t count) {
  NamedTypes out;
  out.nulls = in.Take((count + 7) / 8);
  out.are_new = in.U8() == 1;
  for (size_t i = 0; out.are_new && i < count && !in.failed(); ++i) {
    ReadType(in, out.types);
    out.names.push_back(in.LenencString());
  }
  return out;
}

Result<Value> ReadNamed(ByteReader& in, const NamedTypes& named, size_t at, Arena& arena) {
  if (IsNull(named.nulls, at)) return Value();
  const std::optional<Value> value = ReadParameter(in, named.types[at], arena);
  if (!value || in.failed()) return MalformedParameters();
  return *value;
}

}  // namespace

void AppendPrepared(ByteBuffer& out, uint32_t statement, uint16_t columns, uint16_t parameters,
                    uint16_t warnings) {
  out.U8(kOkHeader);
  out.U32(statement);
  out.U16(columns);
  out.U16(parameters);
  out.U8(0);
  out.U16(warnings);
}

Result<std::string_view> TakeQueryAttributes(std::string_view payload,
                                             std::vector<QueryAttribute>& attributes,
                                             Arena& arena) {
  attributes.clear();
  ByteReader in(payload);
  const uint64_t count = in.LenencInt();
  const uint64_t sets = in.LenencInt();
  if (in.failed() || sets != 1 || count > kMostNamed) return MalformedParameters();
  if (count == 0) return in.Rest();
  const NamedTypes named = ReadNamedTypes(in, count);
  if (in.failed() || !named.are_new) return MalformedParameters();
  for (size_t i = 0; i < count; ++i) {
    TRY(const Value value, ReadNamed(in, named, i, arena));
    attributes.push_back({arena.Copy(named.names[i]), value.CopyTo(arena)});
  }
  return in.Rest();
}

Result<std::vector<Value>> ParseParameters(std::string_view payload, uint16_t count,
                                           std::vector<BoundType>& types,
                                           const std::map<uint16_t, std::string>& long_data,
                                           Arena& arena, std::vector<QueryAttribute>* attributes) {
  ByteReader in(payload);
  const uint8_t flags = in.U8();
  in.U32();  // iterations, always one
  std::vector<Value> values;
  uint64_t all = count;
  const bool counted = attributes != nullptr && (count != 0 || flags & kParameterCountAvailable);
  if (counted) all = in.LenencInt();
  if (in.failed() || all < count || all > kMostNamed) return MalformedParameters();
  if (attributes != nullptr) attributes->clear();
  if (all == 0) return values;
  NamedTypes named;
  if (counted) {
    named = ReadNamedTypes(in, all);
    if (in.failed()) return MalformedParameters();
    if (named.are_new) types.assign(named.types.begin(), named.types.begin() + count);
  } else {
    named.nulls = in.Take((size_t{count} + 7) / 8);
    if (in.U8() == 1) ReadTypes(in, count, types);
  }
  // Only what comes with names can be more than the statement asks for.
  if (in.failed() || types.size() != count || (all > count && !named.are_new))
    return MalformedParameters();
  for (uint16_t i = 0; i < count; ++i) {
    const auto piece = long_data.find(i);
    if (piece != long_data.end()) {
      values.push_back(
          Value(TextType(static_cast<ColumnType>(types[i].column_type)), piece->second));
      continue;
    }
    if (IsNull(named.nulls, i)) {
      values.push_back(Value());
      continue;
    }
    const std::optional<Value> value = ReadParameter(in, types[i], arena);
    if (!value || in.failed()) return MalformedParameters();
    values.push_back(*value);
  }
  for (size_t i = count; i < all; ++i) {
    TRY(const Value value, ReadNamed(in, named, i, arena));
    attributes->push_back({arena.Copy(named.names[i]), value.CopyTo(arena)});
  }
  return values;
}

Result<std::string> WithoutQueryAttributes(std::string_view packet) {
  ByteReader in(packet);
  constexpr size_t kCommandAndId = 5;
  constexpr size_t kIterations = 4;
  std::string out(in.Take(kCommandAndId));
  out.push_back(static_cast<char>(in.U8() & kCursorMask));
  out.append(in.Take(kIterations));
  if (in.failed()) return MalformedParameters();
  // Without parameters, and without the flag that says so, there is no number.
  const uint64_t all = in.empty() ? 0 : in.LenencInt();
  if (in.failed() || all > kMostNamed) return MalformedParameters();
  if (all == 0) return out;
  const NamedTypes named = ReadNamedTypes(in, all);
  if (in.failed()) return MalformedParameters();
  // The statement's own parameters have no names, and come first.
  const auto is_own = [](std::string_view name) { return name.empty(); };
  const auto first = std::find_if_not(named.names.begin(), named.names.end(), is_own);
  const auto own = named.are_new ? static_cast<size_t>(first - named.names.begin()) : all;
  if (own == 0) return out;
  out.append(named.nulls.substr(0, (own + 7) / 8));
  out.push_back(named.are_new ? 1 : 0);
  for (size_t i = 0; named.are_new && i < own; ++i) {
    out.push_back(static_cast<char>(named.types[i].column_type));
    out.push_back(static_cast<char>(named.types[i].is_unsigned ? 0x80 : 0));
  }
  // Values of attributes are at the end, where the server does not look.
  out.append(in.Rest());
  return out;
}

Error NoBulk() {
  return Error(Code::kUnimplemented, MysqlError{1295, "HY000"},
               "This command is not supported in the prepared statement protocol yet");
}

Result<BulkReader> BulkReader::Begin(std::string_view payload, uint16_t count,
                                     std::vector<BoundType>& types) {
  constexpr uint16_t kUnitResults = 64;
  constexpr uint16_t kSendsTypes = 128;
  ByteReader in(payload);
  const uint16_t flags = in.U16();
  if (flags & kUnitResults) return NoBulk();
  if (flags & ~kSendsTypes) return MalformedBulk();
  if (flags & kSendsTypes) ReadTypes(in, count, types);
  if (in.failed() || types.size() != count) return MalformedBulk();
  return BulkReader(in, count, types);
}

Result<> BulkReader::Next(std::vector<Value>& row, Arena& arena) {
  enum Indicator : uint8_t { kValue, kNull, kDefault, kIgnore };
  row.clear();
  for (uint16_t i = 0; i < count_; ++i) {
    std::optional<Value> value;
    switch (in_.U8()) {
      case kValue:
        value = ReadParameter(in_, (*types_)[i], arena);
        break;
      case kNull:
        value = Value();
        break;
      case kDefault:
        value = Value(Type::kExpression, "default");
        break;
      case kIgnore:
        value = Value(Type::kExpression, "ignore");
        break;
      default:
        break;
    }
    if (!value || in_.failed()) {
      in_.Fail();
      return MalformedBulk();
    }
    row.push_back(*value);
  }
  return Ok{};
}

Result<> AppendBinaryRow(std::span<const Value> cells, std::span<const Type> types,
                         ByteBuffer& out) {
  const size_t bitmap = BeginRow(types.size(), out);
  for (size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].is_null()) {
      MarkNull(out, bitmap, i);
    } else if (!PutCell(cells[i].raw(), types[i], out)) {
      return BadValue(cells[i].raw(), types[i]);
    }
  }
  return Ok{};
}

Result<> DecodeToBinaryRow(std::string_view body, std::span<const Type> types, ByteBuffer& out) {
  TRY(const EncodedRow row, ParseEncodedRow(body));
  const Error malformed(Code::kInternal, MysqlError{1835, "HY000"}, "malformed row message");
  const size_t bitmap = BeginRow(types.size(), out);
  LengthReader lengths(row.lengths);
  std::string_view values = row.values;
  for (size_t i = 0; i < types.size(); ++i) {
    int64_t length = 0;
    if (!lengths.Next(length)) return malformed;
    if (length < 0) {
      MarkNull(out, bitmap, i);
      continue;
    }
    if (static_cast<uint64_t>(length) > values.size()) return malformed;
    const std::string_view text = values.substr(0, static_cast<size_t>(length));
    values.remove_prefix(text.size());
    if (!PutCell(text, types[i], out)) return BadValue(text, types[i]);
  }
  if (!lengths.empty()) return malformed;
  return Ok{};
}

}  // namespace tessera::mysqlwire
