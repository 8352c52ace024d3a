// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "evalengine/compare.h"

#include <charconv>
#include <cstring>

#include "evalengine/decimal.h"

namespace tessera::evalengine {

using sqltypes::Field;
using sqltypes::Type;
using sqltypes::Value;

namespace {

constexpr uint32_t kBinaryCollation = 63;

template <class T>
int Order(T a, T b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

// Microseconds of "-838:59:59.000000".
Result<int64_t> ParseTime(std::string_view text) {
  const std::string_view all = text;
  bool negative = false;
  if (!text.empty() && text[0] == '-') {
    negative = true;
    text.remove_prefix(1);
  }
  int64_t parts[4] = {0, 0, 0, 0};  // hours, minutes, seconds, microseconds
  int part = 0;
  int fraction_digits = 0;
  for (const char c : text) {
    if ((c == ':' && part < 2) || (c == '.' && part == 2)) {
      ++part;
    } else if (c >= '0' && c <= '9' && parts[part] < 100000000) {
      parts[part] = parts[part] * 10 + (c - '0');
      if (part == 3) ++fraction_digits;
    } else {
      return Errorf(Code::kInvalidArgument, "'{}' is not a time", all);
    }
  }
  for (; fraction_digits < 6; ++fraction_digits) parts[3] *= 10;
  const int64_t micros = ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000000 + parts[3];
  return negative ? -micros : micros;
}

Error NoCollation() {
  return Error(Code::kUnimplemented,
               "VT12001: unsupported: comparing text of several shards without its weight strings")
      .WithHint("declare the column's type in the VSchema, or compare binary(column)");
}

void AppendSized(std::string_view bytes, std::string& key) {
  const auto size = static_cast<uint32_t>(bytes.size());
  char prefix[sizeof(size)];
  std::memcpy(prefix, &size, sizeof(size));
  key.append(prefix, sizeof(prefix)).append(bytes);
}

Result<> AppendTextKey(std::string_view text, std::string& key) {
  // All collations with PAD SPACE take no notice of trailing blanks.
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  std::string folded(text);
  for (char& c : folded) {
    if (static_cast<unsigned char>(c) >= 0x80) return NoCollation();
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  AppendSized(folded, key);
  return Ok{};
}

}  // namespace

OrderKind OrderKindOf(const Field& field) {
  switch (field.type) {
    case Type::kDecimal:
      return OrderKind::kDecimal;
    case Type::kTime:
      return OrderKind::kTime;
    case Type::kEnum:
    case Type::kSet:
      return OrderKind::kEnum;
    case Type::kJson:
      return OrderKind::kText;
    case Type::kText:
    case Type::kVarChar:
    case Type::kChar:
      return field.charset == kBinaryCollation ? OrderKind::kBytes : OrderKind::kText;
    default:
      break;
  }
  if (sqltypes::IsFloat(field.type)) return OrderKind::kFloat;
  if (sqltypes::IsIntegral(field.type)) {
    return sqltypes::IsUnsigned(field.type) ? OrderKind::kUnsigned : OrderKind::kSigned;
  }
  return OrderKind::kBytes;
}

Result<int> Compare(OrderKind kind, const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return Order(!a.is_null(), !b.is_null());
  switch (kind) {
    case OrderKind::kSigned: {
      TRY(const int64_t left, a.ToInt64());
      TRY(const int64_t right, b.ToInt64());
      return Order(left, right);
    }
    case OrderKind::kUnsigned: {
      TRY(const uint64_t left, a.ToUint64());
      TRY(const uint64_t right, b.ToUint64());
      return Order(left, right);
    }
    case OrderKind::kDecimal: {
      TRY(const Decimal left, Decimal::Parse(a.raw()));
      TRY(const Decimal right, Decimal::Parse(b.raw()));
      return left.Compare(right);
    }
    case OrderKind::kFloat: {
      TRY(const double left, a.ToFloat64());
      TRY(const double right, b.ToFloat64());
      return Order(left, right);
    }
    case OrderKind::kTime: {
      TRY(const int64_t left, ParseTime(a.raw()));
      TRY(const int64_t right, ParseTime(b.raw()));
      return Order(left, right);
    }
    case OrderKind::kBytes:
      return Order(a.raw().compare(b.raw()), 0);
    case OrderKind::kText:
      return NoCollation();
    case OrderKind::kEnum:
      return Error(Code::kUnimplemented,
                   "VT12001: unsupported: ordering an ENUM or SET column over several shards")
          .WithHint("order by column + 0 for its position, or cast(column as char) for its text");
  }
  return 0;
}

Result<> AppendEqualityKey(OrderKind kind, const Value& value, std::string& key) {
  key.push_back(value.is_null() ? '\0' : '\1');
  if (value.is_null()) return Ok{};
  switch (kind) {
    case OrderKind::kDecimal: {
      TRY(const Decimal number, Decimal::Parse(value.raw()));
      std::string text = number.ToString();
      if (number.scale() > 0) {
        while (text.back() == '0') text.pop_back();
        if (text.back() == '.') text.pop_back();
      }
      AppendSized(number.is_zero() ? "0" : text, key);
      return Ok{};
    }
    case OrderKind::kFloat: {
      TRY(const double number, value.ToFloat64());
      AppendSized(number == 0 ? "0" : FormatDouble(number), key);
      return Ok{};
    }
    case OrderKind::kText:
    case OrderKind::kEnum:
      return AppendTextKey(value.raw(), key);
    default:
      AppendSized(value.raw(), key);
      return Ok{};
  }
}

std::string FormatDouble(double value) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value);
  std::string text(buffer, end.ptr);
  const size_t e = text.find('e');
  if (e == std::string::npos) return text;
  // MySQL keeps whole numbers below 1e15 as digits and writes exponents without plus and zeros.
  if (value > -1e15 && value < 1e15 && (value >= 1e-15 || value <= -1e-15)) {
    const auto fixed =
        std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed);
    if (fixed.ec == std::errc()) return std::string(buffer, fixed.ptr);
  }
  std::string exponent = text.substr(e + 1);
  const bool negative = exponent[0] == '-';
  exponent.erase(0, exponent.find_first_not_of("+-0"));
  return text.substr(0, e + 1) + (negative ? "-" : "") + exponent;
}

}  // namespace tessera::evalengine
