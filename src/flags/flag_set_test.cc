// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "flags/flag_set.h"

#include <gtest/gtest.h>

namespace tessera::flags {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

struct PoolFlags {
  Flag<int> size{"queryserver-config-pool-size", 16, "Connections kept for reads."};
  Flag<nanoseconds> idle{"queryserver-config-idle-timeout", std::chrono::minutes(30),
                         "Close idle connections."};
  Flag<bool> warm{"warm-up", false, "Connect at start."};
  Flag<std::vector<std::string>> cells{"cells-to-watch", {}, "Cells."};
  FlagSet set{"vttablet", "Serves queries."};
  PoolFlags() { set.Add(size, idle, warm, cells); }
};

TEST(FlagSet, TakesDashesUnderscoresEqualsAndBareBools) {
  PoolFlags flags;
  const auto rest = flags.set.Parse({"--queryserver_config_pool_size", "5",
                                     "-queryserver-config-idle-timeout=1m30s", "--warm_up", "file",
                                     "--cells-to-watch=a,b", "--cells_to_watch", "c"});
  ASSERT_TRUE(rest.ok());
  EXPECT_EQ(*rest, std::vector<std::string>{"file"});
  EXPECT_EQ(*flags.size, 5);
  EXPECT_EQ(*flags.idle, std::chrono::seconds(90));
  EXPECT_TRUE(*flags.warm);
  EXPECT_EQ(*flags.cells, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(flags.size.origin(), "command line");
}

struct LetterFlags {
  Flag<bool> force{"force", false, "Although.", 'f'};
  Flag<bool> recursive{"recursive", false, "Below it, too.", 'r'};
  Flag<int> rows{"max-rows", 10, "Rows.", 'n'};
  FlagSet set{"tool", "Does."};
  LetterFlags() { set.Add(force, recursive, rows); }
};

TEST(FlagSet, LettersStandForNames) {
  LetterFlags flags;
  const auto rest = flags.set.Parse({"-f", "-n", "5", "word", "-r=false"});
  ASSERT_TRUE(rest.ok()) << rest.error().ToString();
  EXPECT_EQ(*rest, std::vector<std::string>{"word"});
  EXPECT_TRUE(*flags.force);
  EXPECT_FALSE(*flags.recursive);
  EXPECT_EQ(*flags.rows, 5);
  EXPECT_NE(flags.set.Help().find("  -f, --force\n"), std::string::npos);
}

TEST(FlagSet, LettersOfBoolsStandTogether) {
  LetterFlags flags;
  ASSERT_TRUE(flags.set.Parse({"-rf"}).ok());
  EXPECT_TRUE(*flags.force && *flags.recursive);
  LetterFlags other;
  EXPECT_FALSE(other.set.Parse({"-rn", "5"}).ok());
  EXPECT_FALSE(other.set.Parse({"--f"}).ok());
  EXPECT_FALSE(other.set.Parse({"-x"}).ok());
  EXPECT_FALSE(other.set.Parse({"-n"}).ok());
}

TEST(FlagSet, UnknownFlagNamesTheNearest) {
  PoolFlags flags;
  const auto rest = flags.set.Parse({"--queryserver-config-pol-size=5"});
  ASSERT_FALSE(rest.ok());
  EXPECT_EQ(rest.error().hint(), "Did you mean --queryserver-config-pool-size?");
}

TEST(FlagSet, BadValueNamesFlagTextAndForm) {
  PoolFlags flags;
  const auto rest = flags.set.Parse({"--queryserver-config-idle-timeout", "soon"});
  ASSERT_FALSE(rest.ok());
  EXPECT_EQ(rest.error().message(),
            "--queryserver-config-idle-timeout (from command line): 'soon' is not a duration such "
            "as 300ms, 30s or 1h5m");
  EXPECT_FALSE(flags.set.Parse({"--queryserver-config-pool-size"}).ok());
}

TEST(FlagSet, DoubleDashEndsFlagsAndHelpIsNoted) {
  PoolFlags flags;
  const auto rest = flags.set.Parse({"--help", "--", "--warm-up"});
  ASSERT_TRUE(rest.ok());
  EXPECT_TRUE(flags.set.help_asked());
  EXPECT_EQ(*rest, std::vector<std::string>{"--warm-up"});
  EXPECT_NE(flags.set.Help().find("--queryserver-config-idle-timeout duration"), std::string::npos);
  EXPECT_NE(flags.set.Help().find("(default 30m)"), std::string::npos);
}

TEST(ParseText, DurationsAsGoWritesThem) {
  nanoseconds value{};
  const auto parse = [&value](std::string_view text) { return ParseText(text, value).ok(); };
  EXPECT_TRUE(parse("300ms") && value == milliseconds(300));
  EXPECT_TRUE(parse("1h5m") && value == std::chrono::minutes(65));
  EXPECT_TRUE(parse("1.5s") && value == milliseconds(1500));
  EXPECT_TRUE(parse("0") && value == nanoseconds(0));
  EXPECT_FALSE(parse("5 parsecs"));
  EXPECT_FALSE(parse("-1s"));
  EXPECT_EQ(FormatText(nanoseconds(std::chrono::seconds(90))), "1m30s");
}

}  // namespace
}  // namespace tessera::flags
