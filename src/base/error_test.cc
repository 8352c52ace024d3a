// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/result.h"

namespace tessera {
namespace {

TEST(Error, WrapAddsToTheTrailAndKeepsTheRest) {
  Error error = Error(Code::kNotFound, MysqlError{1146, "42S02"}, "table t").WithHint("create it");
  error = std::move(error).Wrap("keyspace shop").Wrap("execute");
  EXPECT_EQ(error.message(), "execute: keyspace shop: table t");
  EXPECT_EQ(error.code(), Code::kNotFound);
  EXPECT_EQ(error.mysql_errno(), 1146);
  EXPECT_EQ(error.sqlstate(), "42S02");
  EXPECT_EQ(error.ToString(), "execute: keyspace shop: table t. create it");
}

TEST(Error, WithoutMysqlNumberItIsAGeneralError) {
  const Error error(Code::kInternal, "x");
  EXPECT_EQ(error.mysql_errno(), 0);
  EXPECT_EQ(error.sqlstate(), "HY000");
  EXPECT_EQ(error.ToString(), "x");
}

TEST(Error, WithMysqlTakesFiveCharactersAndNoMore) {
  const Error error = Error(Code::kAborted, "deadlock").WithMysql(1213, "40001 and more");
  EXPECT_EQ(error.mysql_errno(), 1213);
  EXPECT_EQ(error.sqlstate(), "40001");
}

TEST(Error, CopiesAreTheirOwn) {
  const Error first(Code::kUnavailable, "tablet lost");
  Error second = first;
  second = std::move(second).Wrap("shard 0").WithCode(Code::kAborted);
  EXPECT_EQ(first.message(), "tablet lost");
  EXPECT_EQ(first.code(), Code::kUnavailable);
  EXPECT_EQ(second.message(), "shard 0: tablet lost");
  Error& same = second;
  second = same;
  EXPECT_EQ(second.message(), "shard 0: tablet lost");
}

TEST(Error, CodesHaveVitessNamesAndNumbers) {
  EXPECT_EQ(CodeName(Code::kOk), "OK");
  EXPECT_EQ(CodeName(Code::kCancelled), "CANCELED");
  EXPECT_EQ(CodeName(static_cast<Code>(16)), "UNAUTHENTICATED");
  EXPECT_EQ(CodeName(static_cast<Code>(17)), "CLUSTER_EVENT");
  EXPECT_EQ(CodeName(static_cast<Code>(18)), "READ_ONLY");
  EXPECT_EQ(CodeName(static_cast<Code>(200)), "UNKNOWN");
}

Result<int> Half(int number) {
  if (number % 2 != 0) return Errorf(Code::kInvalidArgument, "{} is odd", number);
  return number / 2;
}

Result<int> Quarter(int number) {
  TRY(const int half, Half(number));
  TRY_OK(Half(half));
  return half / 2;
}

TEST(Result, TryGivesTheValueOrReturnsTheError) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(7).error().message(), "7 is odd");
  EXPECT_EQ(Quarter(6).error().message(), "3 is odd");
}

TEST(Result, WrapLeavesValuesAlone) {
  EXPECT_EQ(Half(4).Wrap("halving").value(), 2);
  const Result<int> bad = Half(3).Wrap("halving");
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().message(), "halving: 3 is odd");
  EXPECT_EQ(bad.error().code(), Code::kInvalidArgument);
}

TEST(Result, HoldsWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 5);
}

TEST(ResultDeathTest, TheWrongHalfIsABug) {
  const Result<int> bad = Half(3);
  EXPECT_DEATH((void)bad.value(), "ok");
  const Result<int> good = Half(4);
  EXPECT_DEATH((void)good.error(), "ok");
}

}  // namespace
}  // namespace tessera
