// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keys/destination.h"
#include "keys/key_range.h"
#include "keys/shard.h"
#include "keys/tablet_alias.h"
#include "keys/tablet_type.h"
#include "keys/target.h"

namespace tessera::keys {
namespace {

using ::testing::ElementsAre;
using namespace std::string_literals;

KeyRange Range(std::string_view text) { return ParseKeyRange(text).value(); }

TEST(KeyRange, ParsesAndPrints) {
  EXPECT_EQ(Range("80-c0").start, "\x80");
  EXPECT_EQ(Range("80-c0").end, "\xc0");
  EXPECT_EQ(Range("4000-").ToString(), "4000-");
  EXPECT_EQ(Range("-8A").ToString(), "-8a");
  EXPECT_EQ(Range("-").ToString(), "-");
  EXPECT_EQ(Range("00-").ToString(), "-");
  EXPECT_FALSE(ParseKeyRange("80").ok());
  EXPECT_FALSE(ParseKeyRange("8-90").ok());
  EXPECT_FALSE(ParseKeyRange("zz-").ok());
  EXPECT_FALSE(ParseKeyRange("80-40").ok());
  EXPECT_FALSE(ParseKeyRange("80-80").ok());
  EXPECT_FALSE(ParseKeyRange("40-80-").ok());
}

TEST(KeyRange, TrailingZerosDoNotCount) {
  EXPECT_EQ(Range("80-"), Range("8000-"));
  EXPECT_TRUE(Range("8000-").Contains("\x80"));
  EXPECT_FALSE(Range("-8000").Contains("\x80"));
  EXPECT_TRUE(Range("80-").Contains("\x80\0\0"s));
  EXPECT_TRUE(Range("-40").Contains(""));
  EXPECT_TRUE(Range("-40").Contains("\0"s));
  EXPECT_FALSE(Range("40-80").Contains("\x80"));
  EXPECT_TRUE(Range("40-80").Contains("\x7f\xff"));
}

TEST(KeyRange, RelatesToOthers) {
  EXPECT_TRUE(Range("-40").Intersects(Range("-")));
  EXPECT_FALSE(Range("-40").Intersects(Range("40-")));
  EXPECT_TRUE(Range("-80").Intersects(Range("40-c0")));
  EXPECT_TRUE(Range("-").ContainsRange(Range("40-80")));
  EXPECT_FALSE(Range("40-80").ContainsRange(Range("-")));
  EXPECT_TRUE(Range("40-").ContainsRange(Range("80-")));
  EXPECT_FALSE(Range("40-80").ContainsRange(Range("40-")));
  EXPECT_TRUE(Range("-40").IsFollowedBy(Range("4000-80")));
  EXPECT_FALSE(Range("-").IsFollowedBy(Range("-40")));
  EXPECT_LT(CompareKeyRanges(Range("-40"), Range("-")), 0);
  EXPECT_LT(CompareKeyRanges(Range("-40"), Range("40-")), 0);
}

TEST(KeyRange, EqualSplitsCoverEachIdExactlyOnce) {
  std::mt19937_64 random(7);
  for (const int count : {1, 2, 3, 5, 16, 255, 256, 257, 1000}) {
    std::vector<KeyRange> ranges;
    const std::vector<std::string> names = GenerateShardRanges(count).value();
    for (const std::string& name : names) ranges.push_back(Range(name));
    for (int i = 0; i < 50; ++i) {
      std::string id(random() % 10, '\0');
      for (char& c : id) c = static_cast<char>(random());
      int holders = 0;
      for (const KeyRange& range : ranges) holders += range.Contains(id) ? 1 : 0;
      EXPECT_EQ(holders, 1) << HexEncode(id) << " of " << count;
    }
    for (size_t i = 1; i < ranges.size(); ++i) EXPECT_TRUE(ranges[i - 1].IsFollowedBy(ranges[i]));
  }
}

TEST(KeyRange, PrefixRangeEndsBeforeTheNextPrefix) {
  EXPECT_EQ(PrefixRange("\x01").ToString(), "01-02");
  EXPECT_EQ(PrefixRange("\x01\xff").ToString(), "01ff-0200");
  EXPECT_EQ(PrefixRange("\xff\xff").ToString(), "ffff-");
  EXPECT_TRUE(PrefixRange("").IsComplete());
}

TEST(Shard, Names) {
  EXPECT_EQ(ParseShardName("-80").value().name, "-80");
  EXPECT_EQ(ParseShardName("8A-C0").value().name, "8a-c0");
  EXPECT_TRUE(ParseShardName("-").value().key_range.has_value());
  EXPECT_FALSE(ParseShardName("0").value().key_range.has_value());
  EXPECT_FALSE(ParseShardName("main").value().key_range.has_value());
  for (const char* bad : {"", "a/b", "80-40", "8-", "x-y", "a b", "-80-"})
    EXPECT_FALSE(ParseShardName(bad).ok());
  EXPECT_FALSE(ParseShardName(std::string(65, 'a')).ok());
  EXPECT_TRUE(ValidateKeyspaceName("my_ks-1").ok());
  EXPECT_FALSE(ValidateKeyspaceName("../etc").ok());
  EXPECT_EQ(ParseKeyspaceShard("ks/-80").value().shard, "-80");
  EXPECT_EQ(ParseKeyspaceShard("ks:80-").value().keyspace, "ks");
  EXPECT_FALSE(ParseKeyspaceShard("ks").ok());
}

TEST(Shard, Specs) {
  const auto ranges = ParseShardingSpec("-40-80-").value();
  ASSERT_EQ(ranges.size(), 3u);
  EXPECT_EQ(ranges[1].ToString(), "40-80");
  EXPECT_TRUE(ParseShardingSpec("0").value()[0].IsComplete());
  for (const char* bad : {"", "40", "-80-40-", "-40--", "-4z-"})
    EXPECT_FALSE(ParseShardingSpec(bad).ok()) << bad;
  EXPECT_THAT(GenerateShardRanges(1).value(), ElementsAre("-"));
  EXPECT_THAT(GenerateShardRanges(2).value(), ElementsAre("-80", "80-"));
  EXPECT_THAT(GenerateShardRanges(3).value(), ElementsAre("-55", "55-aa", "aa-"));
  EXPECT_THAT(GenerateShardRanges(2, 4).value(), ElementsAre("-8000", "8000-"));
  EXPECT_FALSE(GenerateShardRanges(0).ok());
  EXPECT_FALSE(GenerateShardRanges(65537).ok());
  EXPECT_FALSE(GenerateShardRanges(257, 2).ok());
}

TEST(TabletAlias, ReadsAndPrints) {
  EXPECT_EQ(ParseTabletAlias("zone1-100").value().ToString(), "zone1-0000000100");
  EXPECT_EQ(ParseTabletAlias("us-east-1-0000000100").value().cell, "us-east-1");
  for (const char* bad :
       {"", "zone1", "-1", "zone1-", "zone1-x", "zo ne-1", "zone1-4294967296", "a/b-1"}) {
    EXPECT_FALSE(ParseTabletAlias(bad).ok()) << bad;
  }
}

TEST(TabletType, NamesAndGroups) {
  EXPECT_EQ(ParseTabletType("PRIMARY").value(), TabletType::kPrimary);
  EXPECT_EQ(ParseTabletType("master").value(), TabletType::kPrimary);
  EXPECT_EQ(ParseTabletType("Batch").value(), TabletType::kRdonly);
  EXPECT_EQ(ParseTabletType("writer").error().code(), Code::kInvalidArgument);
  EXPECT_EQ(TabletTypeName(TabletType::kDrained), "drained");
  EXPECT_EQ(TabletTypeUpperName(TabletType::kReplica), "REPLICA");
  EXPECT_TRUE(RunsQueryService(TabletType::kDrained));
  EXPECT_FALSE(IsServedType(TabletType::kSpare));
  EXPECT_EQ(TabletTypeFromNumber(77), TabletType::kUnknown);
}

TEST(Target, Strings) {
  const auto parse = [](std::string_view text) {
    return ParseTargetSelection(text, TabletType::kPrimary);
  };
  EXPECT_EQ(parse("ks").value().keyspace, "ks");
  EXPECT_EQ(parse("ks@replica").value().tablet_type, TabletType::kReplica);
  EXPECT_EQ(parse("ks:-80@rdonly").value().destination, Destination::OfShard("-80"));
  EXPECT_EQ(parse("ks/80-").value().destination, Destination::OfShard("80-"));
  EXPECT_EQ(parse("@replica").value().keyspace, "");
  EXPECT_EQ(parse("").value().keyspace, "");
  EXPECT_EQ(parse("ks[d2]").value().destination, Destination::OfId("\xd2"));
  EXPECT_EQ(parse("ks[-80]@replica").value().destination, Destination::OfExactRange(Range("-80")));
  EXPECT_EQ(parse("ks:-80@replica|zone1-101").value().tablet->uid, 101u);
  for (const char* good : {"ks@primary", "ks:-80@replica", "ks[d2]@primary", "ks[40-80]@rdonly",
                           "ks:-80@replica|zone1-0000000101"}) {
    EXPECT_EQ(parse(good).value().ToString(), good);
  }
  for (const char* bad : {"ks@writer", "ks[", "ks[]", "ks[xx]", "ks[80-40]", "ks@replica|zone1-1",
                          "ks:-80@replica|1"}) {
    EXPECT_EQ(parse(bad).error().code(), Code::kInvalidArgument) << bad;
  }
}

TEST(Destination, PrintsAndCompares) {
  EXPECT_EQ(Destination::OfId("\xd2").ToString(), "DestinationKeyspaceID(d2)");
  EXPECT_EQ(Destination::OfIds({"\x01", "\x02"}).ToString(), "DestinationKeyspaceIDs(01,02)");
  EXPECT_EQ(Destination::OfRange(Range("40-80")).ToString(), "DestinationKeyRange(40-80)");
  EXPECT_TRUE(Destination::None().is_none());
  EXPECT_NE(Destination::OfShard("0"), Destination::OfId("0"));
  EXPECT_TRUE(Destination::AnyShard().IsUnique());
  EXPECT_FALSE(Destination::AllShards().IsUnique());
}

}  // namespace
}  // namespace tessera::keys
