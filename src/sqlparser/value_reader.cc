// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/value_reader.h"

#include "sqlparser/internal/scan.h"

namespace tessera::sqlparser {

namespace {

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

void ValueReader::Clear() {
  f_.values_.clear();
  f_.items_.clear();
  // Values point into it, so it must not move. A joined string is written twice.
  f_.unescaped_.clear();
  f_.unescaped_.Reserve(sql_.size() * 2);
}

void ValueReader::Read(const Token& token, bool negative, FingerprintValue& value) {
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
      return;
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
      return;
    case Tok::kHexString:
      value.type = ValueType::kHexVal;
      return;
    case Tok::kBitNumber:
      value.type = ValueType::kBitNum;
      return;
    default: {  // B'01' as 0b01
      value.type = ValueType::kBitNum;
      const size_t begin = f_.unescaped_.size();
      f_.unescaped_.Append("0b");
      f_.unescaped_.Append(text.substr(2, text.size() - 3));
      value.bytes = f_.unescaped_.From(begin);
      return;
    }
  }
  if (negative) {
    const size_t begin = f_.unescaped_.size();
    f_.unescaped_.push_back('-');
    f_.unescaped_.Append(text);
    value.bytes = f_.unescaped_.From(begin);
  }
}

void ValueReader::Join(const Token& string) {
  FingerprintValue& value = f_.values_.back();
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

size_t ValueReader::End() {
  const size_t last = f_.values_.size() - 1;
  const FingerprintValue& value = f_.values_[last];
  const uint64_t mark = MarkOf(value);
  for (size_t i = last; i-- > (last > kRecent ? last - kRecent : 0);) {
    if (marks_[i % kRecent] != mark) continue;
    const FingerprintValue& other = f_.values_[i];
    if (other.type != value.type || other.bytes != value.bytes) continue;
    f_.values_.pop_back();
    return i + 1;
  }
  marks_[last % kRecent] = mark;
  return last + 1;
}

size_t ValueReader::EndList() {
  FingerprintValue& value = f_.values_.emplace_back();
  value.type = ValueType::kTuple;
  value.tuple_begin = static_cast<uint32_t>(list_begin_);
  value.tuple_end = static_cast<uint32_t>(f_.items_.size());
  // A list is never shared; what looks at its mark looks at its type next.
  marks_[(f_.values_.size() - 1) % kRecent] = 0;
  return f_.values_.size();
}

}  // namespace tessera::sqlparser
