// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evalengine/compare.h"
#include "evalengine/decimal.h"

namespace tessera::evalengine {
namespace {

using sqltypes::Field;
using sqltypes::Type;
using sqltypes::Value;

std::string Sum(std::initializer_list<const char*> terms) {
  Decimal sum;
  for (const char* term : terms) sum.Add(Decimal::Parse(term).value());
  return sum.ToString();
}

TEST(Decimal, AddsExactly) {
  EXPECT_EQ(Sum({"1", "2"}), "3");
  EXPECT_EQ(Sum({"0.1", "0.20", "-0.3"}), "0.00");
  EXPECT_EQ(Sum({"99999999999999999999999999999999999999", "1"}),
            "100000000000000000000000000000000000000");
  EXPECT_EQ(Sum({"-5.5", "2"}), "-3.5");
  EXPECT_EQ(Sum({"2", "-5.5"}), "-3.5");
  EXPECT_FALSE(Decimal::Parse("").ok());
  EXPECT_FALSE(Decimal::Parse("1.2.3").ok());
  EXPECT_FALSE(Decimal::Parse("12a").ok());
}

TEST(Decimal, DividesWithRounding) {
  EXPECT_EQ(Decimal::Parse("10")->DividedBy(4, 4).ToString(), "2.5000");
  EXPECT_EQ(Decimal::Parse("10")->DividedBy(3, 4).ToString(), "3.3333");
  EXPECT_EQ(Decimal::Parse("20")->DividedBy(3, 4).ToString(), "6.6667");
  EXPECT_EQ(Decimal::Parse("-20")->DividedBy(3, 4).ToString(), "-6.6667");
  EXPECT_EQ(Decimal::Parse("0")->DividedBy(7, 4).ToString(), "0.0000");
}

TEST(Compare, ByType) {
  EXPECT_LT(
      Compare(OrderKind::kSigned, Value(Type::kInt64, "-2"), Value(Type::kInt64, "10")).value(), 0);
  EXPECT_GT(Compare(OrderKind::kUnsigned, Value(Type::kUint64, "18446744073709551615"),
                    Value(Type::kUint64, "9"))
                .value(),
            0);
  EXPECT_EQ(
      Compare(OrderKind::kDecimal, Value(Type::kDecimal, "1.50"), Value(Type::kDecimal, "1.5"))
          .value(),
      0);
  EXPECT_LT(
      Compare(OrderKind::kFloat, Value(Type::kFloat64, "2"), Value(Type::kFloat64, "1e1")).value(),
      0);
  EXPECT_LT(
      Compare(OrderKind::kTime, Value(Type::kTime, "-01:00:00"), Value(Type::kTime, "00:30:00.5"))
          .value(),
      0);
  EXPECT_GT(
      Compare(OrderKind::kTime, Value(Type::kTime, "100:00:00"), Value(Type::kTime, "20:00:00"))
          .value(),
      0);
  EXPECT_LT(Compare(OrderKind::kSigned, Value(), Value(Type::kInt64, "-9")).value(), 0);
  EXPECT_GT(Compare(OrderKind::kSigned, Value(Type::kInt64, "-9"), Value()).value(), 0);
  EXPECT_EQ(Compare(OrderKind::kText, Value(), Value()).value(), 0);
  EXPECT_FALSE(
      Compare(OrderKind::kText, Value(Type::kVarChar, "a"), Value(Type::kVarChar, "b")).ok());
}

TEST(EqualityKey, MeetsWhereValuesAreEqual) {
  const auto key = [](OrderKind kind, Type type, const char* text) {
    std::string out;
    EXPECT_TRUE(AppendEqualityKey(kind, Value(type, text), out).ok());
    return out;
  };
  EXPECT_EQ(key(OrderKind::kDecimal, Type::kDecimal, "1.50"),
            key(OrderKind::kDecimal, Type::kDecimal, "1.5"));
  EXPECT_EQ(key(OrderKind::kText, Type::kVarChar, "Abc "),
            key(OrderKind::kText, Type::kVarChar, "aBC"));
  EXPECT_NE(key(OrderKind::kBytes, Type::kVarBinary, "A"),
            key(OrderKind::kBytes, Type::kVarBinary, "a"));
  std::string out;
  EXPECT_FALSE(AppendEqualityKey(OrderKind::kText, Value(Type::kVarChar, "\xc3\xa9"), out).ok());
}

TEST(FormatDouble, AsMysqlWritesIt) {
  EXPECT_EQ(FormatDouble(1.5), "1.5");
  EXPECT_EQ(FormatDouble(100000), "100000");
  EXPECT_EQ(FormatDouble(1e20), "1e20");
  EXPECT_EQ(FormatDouble(1e-20), "1e-20");
}

TEST(OrderKind, OfFields) {
  Field field;
  field.type = Type::kVarChar;
  field.charset = 45;
  EXPECT_EQ(OrderKindOf(field), OrderKind::kText);
  field.charset = 63;
  EXPECT_EQ(OrderKindOf(field), OrderKind::kBytes);
  field.type = Type::kYear;
  EXPECT_EQ(OrderKindOf(field), OrderKind::kUnsigned);
}

}  // namespace
}  // namespace tessera::evalengine
