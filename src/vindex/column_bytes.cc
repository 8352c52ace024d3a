// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vindex/internal/column_bytes.h"

#include <algorithm>
#include <charconv>

#include "keys/key_range.h"

namespace tessera::vindex {
namespace {

using sqltypes::Type;
using sqltypes::Value;

template <class Number>
std::optional<Number> ParseDecimal(std::string_view text) {
  Number number = 0;
  const auto [stop, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

bool IsSigned(Type type) {
  return type == Type::kInt8 || type == Type::kInt16 || type == Type::kInt24 ||
         type == Type::kInt32 || type == Type::kInt64;
}

// The digits of x'..', X'..', 0x.. or 0b..; nullopt when it is written in another way.
std::optional<std::string_view> LiteralDigits(std::string_view text, char quoted, char plain) {
  const auto is = [](char c, char lower) { return c == lower || c == lower - 'a' + 'A'; };
  if (text.size() >= 3 && is(text[0], quoted) && text[1] == '\'' && text.back() == '\'') {
    return text.substr(2, text.size() - 3);
  }
  if (text.size() >= 2 && text[0] == '0' && is(text[1], plain)) return text.substr(2);
  return std::nullopt;
}

Result<std::string> DecodeBits(std::string_view digits) {
  std::string bytes;
  const size_t first_one = std::min(digits.find('1'), digits.size());
  if (digits.find_first_not_of("01") != std::string_view::npos) {
    return Errorf(Code::kInvalidArgument, "'{}' is not a bit literal", digits);
  }
  digits.remove_prefix(first_one);
  bytes.assign((digits.size() + 7) / 8, '\0');
  for (size_t i = 0; i < digits.size(); ++i) {
    const size_t bit = digits.size() - 1 - i;
    if (digits[i] == '1') {
      char& byte = bytes[bytes.size() - 1 - bit / 8];
      byte = static_cast<char>(static_cast<unsigned char>(byte) | 1U << bit % 8);
    }
  }
  return bytes;
}

}  // namespace

std::optional<uint64_t> ToUnsigned(const Value& value) {
  if (value.is_null()) return std::nullopt;
  return ParseDecimal<uint64_t>(value.raw());
}

std::optional<uint64_t> ToTwosComplement(const Value& value) {
  if (!IsSigned(value.type())) return ToUnsigned(value);
  const std::optional<int64_t> number = ParseDecimal<int64_t>(value.raw());
  if (!number) return std::nullopt;
  return static_cast<uint64_t>(*number);
}

bool IsLiteral(Type type) {
  return type == Type::kHexNum || type == Type::kHexVal || type == Type::kBitNum ||
         type == Type::kExpression;
}

Result<std::string> ToBytes(const Value& value) {
  if (value.is_null()) return std::string();
  const std::string_view text = value.raw();
  switch (value.type()) {
    case Type::kHexNum:
    case Type::kHexVal: {
      const std::optional<std::string_view> digits = LiteralDigits(text, 'x', 'x');
      if (!digits) return Errorf(Code::kInvalidArgument, "'{}' is not a hex literal", text);
      return keys::HexDecode(*digits);
    }
    case Type::kBitNum: {
      const std::optional<std::string_view> digits = LiteralDigits(text, 'b', 'b');
      if (!digits) return Errorf(Code::kInvalidArgument, "'{}' is not a bit literal", text);
      return DecodeBits(*digits);
    }
    case Type::kExpression:
      return Errorf(Code::kInvalidArgument, "an expression cannot be mapped by a vindex: {}", text);
    default:
      return std::string(text);
  }
}

std::string BigEndian(uint64_t number) {
  std::string bytes(8, '\0');
  for (size_t i = 8; i-- > 0; number >>= 8) bytes[i] = static_cast<char>(number);
  return bytes;
}

std::optional<uint64_t> FromBigEndian(std::string_view bytes) {
  if (bytes.size() != 8) return std::nullopt;
  uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

}  // namespace tessera::vindex
