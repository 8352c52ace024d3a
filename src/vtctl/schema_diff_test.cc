// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctl/schema_diff.h"

#include <gmock/gmock.h>

namespace tessera::vtctl {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kTable =
    "CREATE TABLE `t` (\n"
    "  `id` bigint(20) NOT NULL,\n"
    "  `odd``, name` int(11) DEFAULT NULL,\n"
    "  `v` varchar(10) DEFAULT 'a,',\n"
    "  PRIMARY KEY (`id`),\n"
    "  KEY `by_v` (`v`),\n"
    "  CONSTRAINT `ref` FOREIGN KEY (`id`) REFERENCES `u` (`id`)\n"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

std::string With(std::string_view what, std::string_view instead) {
  std::string text(kTable);
  text.replace(text.find(what), what.size(), instead);
  return text;
}

TEST(SchemaDifferences, NameColumnsAndKeys) {
  EXPECT_THAT(SchemaDifferences(kTable, With("  `v` varchar(10) DEFAULT 'a,',\n", "")),
              ElementsAre("column `v` is missing, which is varchar(10) DEFAULT 'a,'"));
  EXPECT_THAT(SchemaDifferences(With("  KEY `by_v` (`v`),\n", ""), kTable),
              ElementsAre("KEY `by_v` is too much, KEY `by_v` (`v`)"));
  EXPECT_THAT(
      SchemaDifferences(kTable, With("name` int(11)", "name` int(12)")),
      ElementsAre("column `odd``, name` is int(12) DEFAULT NULL, not int(11) DEFAULT NULL"));
  EXPECT_THAT(SchemaDifferences(kTable, With("PRIMARY KEY (`id`)", "PRIMARY KEY (`id`,`v`)")),
              ElementsAre("PRIMARY KEY is PRIMARY KEY (`id`,`v`), not PRIMARY KEY (`id`)"));
  EXPECT_THAT(SchemaDifferences(kTable, With("=utf8mb4", "=latin1")),
              ElementsAre("options is ENGINE=InnoDB DEFAULT CHARSET=latin1, not ENGINE=InnoDB "
                          "DEFAULT CHARSET=utf8mb4"));
}

TEST(SchemaDifferences, TellAllOfThem) {
  EXPECT_THAT(SchemaDifferences(kTable, "CREATE TABLE `t` (\n  `id` bigint(20) NOT NULL\n) X"),
              ::testing::SizeIs(6));
}

TEST(SchemaDifferences, AreNeverNone) {
  const std::string moved = With("  `id` bigint(20) NOT NULL,\n", "");
  const size_t at = moved.find("  PRIMARY");
  const std::string other =
      moved.substr(0, at) + "  `id` bigint(20) NOT NULL,\n" + moved.substr(at);
  EXPECT_THAT(SchemaDifferences(kTable, other),
              ElementsAre("its columns or keys have another order"));
  EXPECT_THAT(SchemaDifferences("CREATE VIEW `v` AS select 1", "CREATE VIEW `v` AS select 2"),
              ElementsAre("its definition is another"));
  EXPECT_THAT(SchemaDifferences("", "x"), ElementsAre("its definition is another"));
}

}  // namespace
}  // namespace tessera::vtctl
