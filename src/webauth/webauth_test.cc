// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "webauth/access.h"
#include "webauth/users.h"

namespace tessera::webauth {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Throttle, WaitsDoubleAndEnd) {
  Throttle throttle;
  const Instant start{};
  for (int i = 0; i < 5; ++i) throttle.Failed("a", start);
  EXPECT_EQ(throttle.Wait("a", start), Duration::zero());
  throttle.Failed("a", start);
  EXPECT_EQ(throttle.Wait("a", start), std::chrono::seconds(1));
  throttle.Failed("a", start);
  EXPECT_EQ(throttle.Wait("a", start), std::chrono::seconds(2));
  for (int i = 0; i < 50; ++i) throttle.Failed("a", start);
  EXPECT_EQ(throttle.Wait("a", start), std::chrono::seconds(60));
  EXPECT_EQ(throttle.Wait("b", start), Duration::zero());
  EXPECT_EQ(throttle.Wait("a", start + std::chrono::seconds(61)), Duration::zero());
  throttle.Succeeded("a");
  EXPECT_EQ(throttle.Wait("a", start), Duration::zero());
}

TEST(Users, FilesSayWhatIsWrong) {
  EXPECT_FALSE(Users::ParseFile("").ok());
  EXPECT_FALSE(Users::ParseFile("[]").ok());
  EXPECT_FALSE(Users::ParseFile("{}").ok());
  const auto clear = Users::ParseFile(R"({"ada": "secret"})");
  ASSERT_FALSE(clear.ok());
  EXPECT_THAT(clear.error().message(), HasSubstr("ada"));
  EXPECT_THAT(clear.error().message(), Not(HasSubstr("secret")));
}

TEST(Access, HostsAreToldApart) {
  EXPECT_EQ(HostOf("Host.Example:80"), "host.example");
  EXPECT_EQ(HostOf("[::1]:80"), "::1");
  EXPECT_EQ(HostOf("::1"), "::1");
  EXPECT_EQ(HostOf("[::1"), "::1");
  EXPECT_TRUE(IsLoopback("127.8.0.1"));
  EXPECT_FALSE(IsLoopback("127.0.0.1.evil.example"));
  EXPECT_FALSE(IsLoopback("127.evil"));
  EXPECT_FALSE(IsLoopback(""));
}

TEST(ParseBasic, TakesNamesAndPasswords) {
  const auto plain = ParseBasic("Basic YWRhOnNlOmNyZXQ=");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->user, "ada");
  EXPECT_EQ(plain->password, "se:cret");
  EXPECT_TRUE(ParseBasic("bAsIc YWRhOg==").ok());
  for (const char* bad : {"", "Basic", "Basic ", "Basic YWRh", "Basic OnNlY3JldA==",
                          "Bearer YWRhOg==", "Basic YWRhOg", "Basic YWRhOg==x"})
    EXPECT_FALSE(ParseBasic(bad).ok()) << bad;
}

}  // namespace
}  // namespace tessera::webauth
