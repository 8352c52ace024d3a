// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "evalengine/decimal.h"

#include <algorithm>

namespace tessera::evalengine {

namespace {

void StripZeros(std::string& digits) {
  const size_t first = digits.find_first_not_of('0');
  if (first == std::string::npos)
    digits = "0";
  else
    digits.erase(0, first);
}

}  // namespace

Result<Decimal> Decimal::Parse(std::string_view text) {
  Decimal out;
  std::string_view rest = text;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
    out.negative_ = rest[0] == '-';
    rest.remove_prefix(1);
  }
  out.digits_.clear();
  bool point = false;
  for (const char c : rest) {
    if (c == '.' && !point) {
      point = true;
    } else if (c >= '0' && c <= '9') {
      out.digits_.push_back(c);
      if (point) ++out.scale_;
    } else {
      return Errorf(Code::kInvalidArgument, "'{}' is not a decimal number", text);
    }
  }
  if (out.digits_.empty())
    return Errorf(Code::kInvalidArgument, "'{}' is not a decimal number", text);
  StripZeros(out.digits_);
  return out;
}

bool Decimal::is_zero() const { return digits_ == "0"; }

void Decimal::Rescale(size_t scale) {
  if (scale <= scale_) return;
  digits_.append(scale - scale_, '0');
  scale_ = scale;
  StripZeros(digits_);
}

int Decimal::CompareDigits(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

std::string Decimal::AddDigits(std::string_view a, std::string_view b) {
  std::string out;
  int carry = 0;
  for (size_t i = 0; i < std::max(a.size(), b.size()) || carry != 0; ++i) {
    int sum = carry;
    if (i < a.size()) sum += a[a.size() - 1 - i] - '0';
    if (i < b.size()) sum += b[b.size() - 1 - i] - '0';
    out.push_back(static_cast<char>('0' + sum % 10));
    carry = sum / 10;
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::string Decimal::SubtractDigits(std::string_view larger, std::string_view smaller) {
  std::string out;
  int borrow = 0;
  for (size_t i = 0; i < larger.size(); ++i) {
    int digit = larger[larger.size() - 1 - i] - '0' - borrow;
    if (i < smaller.size()) digit -= smaller[smaller.size() - 1 - i] - '0';
    borrow = digit < 0 ? 1 : 0;
    out.push_back(static_cast<char>('0' + digit + 10 * borrow));
  }
  std::reverse(out.begin(), out.end());
  StripZeros(out);
  return out;
}

void Decimal::Add(const Decimal& other) {
  Decimal addend = other;
  Rescale(addend.scale_);
  addend.Rescale(scale_);
  if (negative_ == addend.negative_) {
    digits_ = AddDigits(digits_, addend.digits_);
    StripZeros(digits_);
  } else if (CompareDigits(digits_, addend.digits_) >= 0) {
    digits_ = SubtractDigits(digits_, addend.digits_);
  } else {
    digits_ = SubtractDigits(addend.digits_, digits_);
    negative_ = addend.negative_;
  }
  if (is_zero()) negative_ = false;
}

Decimal Decimal::DividedBy(uint64_t divisor, size_t scale) const {
  CHECK(divisor > 0);
  Decimal dividend = *this;
  dividend.Rescale(scale);
  Decimal out;
  out.negative_ = negative_;
  out.scale_ = dividend.scale_;
  out.digits_.clear();
  __extension__ unsigned __int128 rest = 0;  // below divisor * 10
  for (const char c : dividend.digits_) {
    rest = rest * 10 + static_cast<unsigned>(c - '0');
    out.digits_.push_back(static_cast<char>('0' + static_cast<int>(rest / divisor)));
    rest %= divisor;
  }
  if (rest * 2 >= divisor) out.digits_ = AddDigits(out.digits_, "1");
  StripZeros(out.digits_);
  if (out.is_zero()) out.negative_ = false;
  return out;
}

int Decimal::Compare(const Decimal& other) const {
  if (is_zero() && other.is_zero()) return 0;
  if (negative_ != other.negative_) return negative_ ? -1 : 1;
  Decimal a = *this;
  Decimal b = other;
  a.Rescale(b.scale_);
  b.Rescale(a.scale_);
  const int order = CompareDigits(a.digits_, b.digits_);
  return negative_ ? -order : order;
}

std::string Decimal::ToString() const {
  std::string text = digits_;
  if (text.size() <= scale_) text.insert(0, scale_ + 1 - text.size(), '0');
  if (scale_ > 0) text.insert(text.size() - scale_, 1, '.');
  if (negative_) text.insert(0, 1, '-');
  return text;
}

}  // namespace tessera::evalengine
