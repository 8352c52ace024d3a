// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "discovery/tablet_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "discovery/tablet_filter.h"
#include "keys/shard.h"
#include "runtime/loop_pool.h"

namespace tessera::discovery {
namespace {

using keys::TabletType;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TabletTable::Entry Add(TabletTable& table, uint32_t uid, std::string cell = "zone1") {
  topo::Tablet tablet;
  tablet.alias = keys::TabletAlias{std::move(cell), uid};
  tablet.keyspace = "ks";
  tablet.shard = "-80";
  auto entry = std::make_shared<TabletHealth>(tablet, nullptr);
  table.Add(entry);
  return entry;
}

queryservice::Health Serving(TabletType type, int64_t term = 0, uint32_t lag = 0) {
  queryservice::Health health;
  health.target = keys::Target{"ks", "-80", type};
  health.serving = true;
  health.primary_term_start = term;
  health.replication_lag_seconds = lag;
  return health;
}

// The uids found, best first.
std::vector<uint32_t> Found(const TabletTable& table, TabletType type) {
  std::vector<uint32_t> uids;
  const auto look = [&](const Context&) -> Task<int> {
    for (const TabletTable::Entry& entry : table.Find(keys::Target{"ks", "-80", type}))
      uids.push_back(entry->tablet.alias.uid);
    co_return 0;
  };
  runtime::RunLoop(look);
  return uids;
}

TEST(TabletTable, ThePrimaryIsThatOfTheLatestTerm) {
  TabletTable table{ReplicaChoice()};
  const auto old = Add(table, 1);
  const auto now = Add(table, 2);
  EXPECT_THAT(Found(table, TabletType::kPrimary), IsEmpty());
  table.NoteHealth(*old, Serving(TabletType::kPrimary, 5));
  EXPECT_THAT(Found(table, TabletType::kPrimary), ElementsAre(1));
  table.NoteHealth(*now, Serving(TabletType::kPrimary, 7));
  EXPECT_THAT(Found(table, TabletType::kPrimary), ElementsAre(2));
  // One that has not heard of the reparent goes on saying so.
  table.NoteHealth(*old, Serving(TabletType::kPrimary, 5));
  EXPECT_THAT(Found(table, TabletType::kPrimary), ElementsAre(2));
  EXPECT_TRUE(old->outdated_primary);
  table.NoteHealth(*old, Serving(TabletType::kReplica));
  EXPECT_FALSE(old->outdated_primary);
  EXPECT_THAT(Found(table, TabletType::kReplica), ElementsAre(1));
}

TEST(TabletTable, OfEqualTermsTheLastToSpeakIsPrimary) {
  TabletTable table{ReplicaChoice()};
  const auto first = Add(table, 1);
  const auto second = Add(table, 2);
  table.NoteHealth(*first, Serving(TabletType::kPrimary, 5));
  table.NoteHealth(*second, Serving(TabletType::kPrimary, 5));
  EXPECT_THAT(Found(table, TabletType::kPrimary), ElementsAre(2));
  table.NoteHealth(*first, Serving(TabletType::kPrimary, 5));
  EXPECT_THAT(Found(table, TabletType::kPrimary), ElementsAre(1));
}

TEST(TabletTable, WhoWasPassedOverIsPrimaryWhenTheOtherIsGone) {
  TabletTable table{ReplicaChoice()};
  const auto early = Add(table, 1);
  const auto late = Add(table, 2);
  table.NoteHealth(*late, Serving(TabletType::kPrimary, 9));
  table.NoteHealth(*early, Serving(TabletType::kPrimary, 4));  // its clock is behind
  EXPECT_THAT(Found(table, TabletType::kPrimary), ElementsAre(2));
  table.NoteDown(*late, "gone");
  EXPECT_THAT(Found(table, TabletType::kPrimary), ElementsAre(1));
  table.NoteHealth(*late, Serving(TabletType::kPrimary, 9));
  EXPECT_THAT(Found(table, TabletType::kPrimary), ElementsAre(2));
  late->removed = true;
  EXPECT_EQ(table.Remove(late->tablet.alias), late);
  EXPECT_THAT(Found(table, TabletType::kPrimary), ElementsAre(1));
  table.NoteDown(*late, "what it says now counts no more");
  EXPECT_THAT(Found(table, TabletType::kPrimary), ElementsAre(1));
}

TEST(TabletTable, APrimaryThatDoesNotServeIsKnownAllTheSame) {
  TabletTable table{ReplicaChoice()};
  const auto primary = Add(table, 1);
  queryservice::Health health = Serving(TabletType::kPrimary, 5);
  health.serving = false;
  table.NoteHealth(*primary, health);
  EXPECT_THAT(Found(table, TabletType::kPrimary), ElementsAre(1));
  EXPECT_FALSE(primary->usable());
  EXPECT_EQ(table.UsablePrimary("ks"), nullptr);
  table.NoteHealth(*primary, Serving(TabletType::kPrimary, 5));
  EXPECT_EQ(table.UsablePrimary("ks"), primary);
  EXPECT_EQ(table.UsablePrimary("other"), nullptr);
}

TEST(TabletTable, ReplicasThatServeWithLittleLagAreChosen) {
  ReplicaChoice choice;
  choice.min_serving = 1;
  TabletTable table(choice);
  table.NoteHealth(*Add(table, 1), Serving(TabletType::kReplica, 0, 5));
  table.NoteHealth(*Add(table, 2), Serving(TabletType::kReplica, 0, 6));
  table.NoteHealth(*Add(table, 3), Serving(TabletType::kReplica, 0, 31));
  table.NoteHealth(*Add(table, 4), Serving(TabletType::kReplica, 0, 7201));
  table.NoteHealth(*Add(table, 5), Serving(TabletType::kRdonly));
  queryservice::Health ill = Serving(TabletType::kReplica);
  ill.health_error = "replication is broken";
  table.NoteHealth(*Add(table, 6), ill);
  queryservice::Health idle = Serving(TabletType::kReplica);
  idle.serving = false;
  table.NoteHealth(*Add(table, 7), idle);
  Add(table, 8);  // never heard of
  EXPECT_THAT(Found(table, TabletType::kReplica), UnorderedElementsAre(1, 2));
  EXPECT_THAT(Found(table, TabletType::kRdonly), ElementsAre(5));
}

TEST(TabletTable, LaggingReplicasFillUpTheLeastNumber) {
  TabletTable table{ReplicaChoice()};  // at least 2
  table.NoteHealth(*Add(table, 1), Serving(TabletType::kReplica, 0, 100));
  table.NoteHealth(*Add(table, 2), Serving(TabletType::kReplica, 0, 50));
  table.NoteHealth(*Add(table, 3), Serving(TabletType::kReplica, 0, 1));
  EXPECT_THAT(Found(table, TabletType::kReplica), UnorderedElementsAre(2, 3));
}

TEST(TabletTable, OurOwnCellComesFirst) {
  ReplicaChoice choice;
  choice.home_cell = "zone2";
  TabletTable table(choice);
  for (uint32_t uid = 1; uid <= 8; ++uid)
    table.NoteHealth(*Add(table, uid, uid == 5 ? "zone2" : "zone1"), Serving(TabletType::kReplica));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Found(table, TabletType::kReplica).front(), 5u);
}

TEST(TabletTable, TabletsAreFoundByAliasAndKeyspaceUntilRemoved) {
  TabletTable table{ReplicaChoice()};
  const auto entry = Add(table, 1);
  EXPECT_EQ(table.FindByAlias(entry->tablet.alias), entry);
  EXPECT_THAT(table.InKeyspace("ks"), ElementsAre(entry));
  EXPECT_EQ(table.Remove(entry->tablet.alias), entry);
  EXPECT_EQ(table.Remove(entry->tablet.alias), nullptr);
  EXPECT_EQ(table.FindByAlias(entry->tablet.alias), nullptr);
  EXPECT_THAT(table.InKeyspace("ks"), IsEmpty());
}

topo::Tablet TabletOf(std::string keyspace, const std::string& shard) {
  topo::Tablet tablet;
  tablet.keyspace = std::move(keyspace);
  tablet.shard = shard;
  tablet.key_range = keys::ParseShardName(shard).value().key_range;
  return tablet;
}

TEST(TabletFilter, WantsWhatItWasGiven) {
  const std::vector<std::string> none;
  const TabletFilter all = TabletFilter::Parse(none, none).value();
  EXPECT_TRUE(all.Wants(TabletOf("any", "0")));
  const TabletFilter keyspaces = TabletFilter::Parse({"a", "b"}, none).value();
  EXPECT_TRUE(keyspaces.Wants(TabletOf("b", "-80")));
  EXPECT_FALSE(keyspaces.Wants(TabletOf("c", "-80")));
  const TabletFilter shards = TabletFilter::Parse(none, {"a|-80", "b|0"}).value();
  EXPECT_TRUE(shards.Wants(TabletOf("a", "-80")));
  EXPECT_TRUE(shards.Wants(TabletOf("a", "40-80")));
  EXPECT_FALSE(shards.Wants(TabletOf("a", "40-c0")));
  EXPECT_FALSE(shards.Wants(TabletOf("b", "-80")));
  EXPECT_TRUE(shards.Wants(TabletOf("b", "0")));
  EXPECT_FALSE(shards.Wants(TabletOf("b", "1")));
}

TEST(TabletFilter, RefusesWhatItCannotRead) {
  const std::vector<std::string> none;
  for (const char* text : {"", "a", "|0", "a|", "a|0|1", "a|80-40"})
    EXPECT_EQ(TabletFilter::Parse(none, {text}).error().code(), Code::kInvalidArgument) << text;
  EXPECT_EQ(TabletFilter::Parse({"a"}, {"a|0"}).error().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace tessera::discovery
