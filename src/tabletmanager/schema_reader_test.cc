// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/internal/schema_reader.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tabletmanager/permissions.h"

namespace tessera::tabletmanager::internal {
namespace {

bool Takes(std::vector<std::string> included, std::vector<std::string> excluded,
           std::string_view table) {
  const Result<TableFilter> filter = TableFilter::Make(included, excluded);
  return filter.ok() && filter->Takes(table);
}

TEST(TableFilter, ByNameAndByExpression) {
  EXPECT_TRUE(Takes({}, {}, "users"));
  EXPECT_TRUE(Takes({"users"}, {}, "users"));
  EXPECT_FALSE(Takes({"users"}, {}, "users2"));
  EXPECT_TRUE(Takes({"/user/"}, {}, "all_users"));
  EXPECT_TRUE(Takes({"a", "/^u"}, {}, "users"));
  EXPECT_FALSE(Takes({"/^u/"}, {"users"}, "users"));
  EXPECT_FALSE(Takes({}, {"/s$/"}, "users"));
  const std::vector<std::string> wrong = {"/(/"};
  const Result<TableFilter> refused = TableFilter::Make(wrong, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message().find("/(/"), std::string::npos);
}

TEST(WithoutCounter, LeavesWhatIsNoOption) {
  EXPECT_EQ(WithoutCounter("CREATE TABLE `t` (\n  `id` int\n) ENGINE=InnoDB AUTO_INCREMENT=17 "
                           "DEFAULT CHARSET=utf8"),
            "CREATE TABLE `t` (\n  `id` int\n) ENGINE=InnoDB DEFAULT CHARSET=utf8");
  EXPECT_EQ(WithoutCounter("CREATE TABLE `t` (\n  `id` int\n) ENGINE=InnoDB AUTO_INCREMENT=17"),
            "CREATE TABLE `t` (\n  `id` int\n) ENGINE=InnoDB");
  const std::string comment =
      "CREATE TABLE `t` (\n  `id` int COMMENT 'x AUTO_INCREMENT=5'\n) ENGINE=InnoDB";
  EXPECT_EQ(WithoutCounter(comment), comment);
}

TEST(Crc64Iso, OfTheStandardsCheckText) {
  EXPECT_EQ(Crc64Iso("123456789"), 0xB90956C775A41001u);
  EXPECT_EQ(Crc64Iso(""), 0u);
}

}  // namespace
}  // namespace tessera::tabletmanager::internal
