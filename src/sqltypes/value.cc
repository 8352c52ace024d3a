// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqltypes/value.h"

#include <charconv>

namespace tessera::sqltypes {

namespace {

template <class T>
Result<T> ParseNumber(const Value& value, const char* what) {
  const std::string_view text = value.raw();
  T number{};
  const char* begin = text.data();
  if (text.starts_with('+')) ++begin;
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range)
    return Errorf(Code::kOutOfRange, "value {} does not fit {}", value.ToString(), what);
  if (value.is_null() || error != std::errc() || end != text.data() + text.size())
    return Errorf(Code::kInvalidArgument, "value {} is not a number of type {}", value.ToString(),
                  what);
  return number;
}

// What stands after the backslash for a byte that is escaped; 0 for the others.
constexpr char EscapeOf(char byte) {
  switch (byte) {
    case '\0':
      return '0';
    case '\'':
      return '\'';
    case '\b':
      return 'b';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case 26:
      return 'Z';
    case '\\':
      return '\\';
    default:
      return 0;
  }
}

void AppendQuoted(std::string_view bytes, std::string& out) {
  out.push_back('\'');
  size_t plain = 0;  // start of the run not yet copied
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char escape = EscapeOf(bytes[i]);
    if (escape == 0) continue;
    out.append(bytes, plain, i - plain);
    out.push_back('\\');
    out.push_back(escape);
    plain = i + 1;
  }
  out.append(bytes, plain, bytes.size() - plain);
  out.push_back('\'');
}

void AppendBits(std::string_view bytes, std::string& out) {
  out.append("b'");
  for (const char byte : bytes) {
    for (int bit = 7; bit >= 0; --bit) out.push_back((byte >> bit & 1) != 0 ? '1' : '0');
  }
  out.push_back('\'');
}

}  // namespace

Result<int64_t> Value::ToInt64() const { return ParseNumber<int64_t>(*this, "INT64"); }
Result<uint64_t> Value::ToUint64() const { return ParseNumber<uint64_t>(*this, "UINT64"); }
Result<double> Value::ToFloat64() const { return ParseNumber<double>(*this, "FLOAT64"); }

std::string Value::ToString() const {
  if (is_null()) return "NULL";
  if (IsQuoted(type_)) return fmt::format("{}(\"{}\")", TypeName(type_), raw());
  return fmt::format("{}({})", TypeName(type_), raw());
}

void AppendSql(const Value& value, std::string& out) {
  switch (value.type()) {
    case Type::kNull:
      out.append("null");
      return;
    case Type::kBit:
      AppendBits(value.raw(), out);
      return;
    case Type::kBlob:
    case Type::kVarBinary:
    case Type::kBinary:
      out.append("_binary");
      AppendQuoted(value.raw(), out);
      return;
    default:
      break;
  }
  if (IsQuoted(value.type()))
    AppendQuoted(value.raw(), out);
  else
    out.append(value.raw());
}

}  // namespace tessera::sqltypes
