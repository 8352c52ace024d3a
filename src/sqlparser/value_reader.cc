// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/value_reader.h"

#include "sqlparser/internal/scan.h"

namespace tessera::sqlparser {

namespace {

bool IsNumberToken(Tok type) {
  return type == Tok::kInteger || type == Tok::kDecimal || type == Tok::kFloat;
}

ValueType IntegerType(std::string_view digits, bool negative) {
  if (digits.size() < 19) return ValueType::kInt64;
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  const std::string_view limit = negative ? "9223372036854775808" : "9223372036854775807";
  if (digits.size() < 19 || (digits.size() == 19 && digits <= limit)) return ValueType::kInt64;
  const std::string_view top = "18446744073709551615";
  if (!negative && (digits.size() < 20 || (digits.size() == 20 && digits <= top)))
    return ValueType::kUint64;
  return ValueType::kDecimal;
}

// Equal values have equal marks.
uint64_t MarkOf(const FingerprintValue& value) {
  const uint64_t prefix = LoadPrefix(value.bytes.data(), value.bytes.size());
  return (prefix ^ value.bytes.size() << 56) * 0x9e3779b97f4a7c15u +
         static_cast<uint64_t>(value.type);
}

}  // namespace

bool IsLiteralToken(Tok type) {
  switch (type) {
    case Tok::kString:
    case Tok::kInteger:
    case Tok::kDecimal:
    case Tok::kFloat:
    case Tok::kHexNumber:
    case Tok::kHexString:
    case Tok::kBitNumber:
    case Tok::kBitString:
      return true;
    default:
      return false;
  }
}

void ValueReader::Clear() {
  f_.values_.clear();
  f_.items_.clear();
  // Values point into it, so it must not move. A joined string is written twice.
  f_.unescaped_.clear();
  f_.unescaped_.Reserve(sql_.size() * 2);
}

FingerprintValue ValueReader::ValueOf(const Token& token, bool negative) {
  FingerprintValue value;
  const std::string_view text = Text(token);
  value.bytes = text;
  switch (token.type) {
    case Tok::kString:
      value.type = ValueType::kVarChar;
      if (token.match == 0) {
        value.bytes = text.substr(1, text.size() - 2);
      } else {
        const size_t begin = f_.unescaped_.size();
        UnescapeString(text, options_, f_.unescaped_);
        value.bytes = f_.unescaped_.From(begin);
      }
      return value;
    case Tok::kInteger:
      value.type = IntegerType(text, negative);
      break;
    case Tok::kDecimal:
      value.type = ValueType::kDecimal;
      break;
    case Tok::kFloat:
      value.type = ValueType::kFloat64;
      break;
    case Tok::kHexNumber:
      value.type = ValueType::kHexNum;
      return value;
    case Tok::kHexString:
      value.type = ValueType::kHexVal;
      return value;
    case Tok::kBitNumber:
      value.type = ValueType::kBitNum;
      return value;
    default: {  // B'01' as 0b01
      value.type = ValueType::kBitNum;
      const size_t begin = f_.unescaped_.size();
      f_.unescaped_.Append("0b");
      f_.unescaped_.Append(text.substr(2, text.size() - 3));
      value.bytes = f_.unescaped_.From(begin);
      return value;
    }
  }
  if (negative) {
    const size_t begin = f_.unescaped_.size();
    f_.unescaped_.push_back('-');
    f_.unescaped_.Append(text);
    value.bytes = f_.unescaped_.From(begin);
  }
  return value;
}

void ValueReader::Join(FingerprintValue& value, const Token& string) {
  // Already at the buffer's end when it was joined before.
  size_t begin = f_.unescaped_.size() - value.bytes.size();
  if (f_.unescaped_.size() < value.bytes.size() ||
      f_.unescaped_.From(begin).data() != value.bytes.data()) {
    begin = f_.unescaped_.size();
    f_.unescaped_.Append(value.bytes);
  }
  UnescapeString(Text(string), options_, f_.unescaped_);
  value.bytes = f_.unescaped_.From(begin);
}

size_t ValueReader::Add(const FingerprintValue& value) {
  const size_t count = f_.values_.size();
  const uint64_t mark = MarkOf(value);
  for (size_t i = count; i-- > (count > kRecent ? count - kRecent : 0);) {
    if (marks_[i % kRecent] != mark) continue;
    const FingerprintValue& other = f_.values_[i];
    if (other.type == value.type && other.bytes == value.bytes) return i + 1;
  }
  marks_[count % kRecent] = mark;
  f_.values_.push_back(value);
  return count + 1;
}

size_t ValueReader::AddList(Lexer& lexer, Token* close) {
  const size_t items = f_.items_.size();
  const size_t unescaped = f_.unescaped_.size();
  while (true) {
    Token token = lexer.Next();
    const bool negative = token.type == Tok::kMinus;
    if (negative) token = lexer.Next();
    if (!(negative ? IsNumberToken(token.type) : IsLiteralToken(token.type))) break;
    f_.items_.push_back(ValueOf(token, negative));
    token = lexer.Next();
    if (token.type == Tok::kComma) continue;
    if (token.type != Tok::kRightParen) break;
    *close = token;
    FingerprintValue value;
    value.type = ValueType::kTuple;
    value.tuple_begin = static_cast<uint32_t>(items);
    value.tuple_end = static_cast<uint32_t>(f_.items_.size());
    // A list is never shared; what looks at its mark looks at its type next.
    marks_[f_.values_.size() % kRecent] = 0;
    f_.values_.push_back(value);
    return f_.values_.size();
  }
  f_.items_.resize(items);
  f_.unescaped_.Shrink(unescaped);
  return 0;
}

}  // namespace tessera::sqlparser
