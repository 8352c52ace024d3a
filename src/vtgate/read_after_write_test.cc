// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/internal/read_after_write.h"

#include <gtest/gtest.h>

namespace tessera::vtgate::internal {
namespace {

keys::Target Replica(std::string keyspace, std::string shard) {
  keys::Target out;
  out.keyspace = std::move(keyspace);
  out.shard = std::move(shard);
  out.tablet_type = keys::TabletType::kReplica;
  return out;
}

TEST(ReadAfterWrite, EachShardWaitsForItsOwnPosition) {
  Session session;
  session.target.keyspace = "app";
  EXPECT_EQ(PositionFor(session, Replica("app", "-80")), "");
  session.read_after_write.gtid = "app/-80@0-100-7,1-5-6;app/80-@0-200-5";
  EXPECT_EQ(PositionFor(session, Replica("app", "-80")), "0-100-7,1-5-6");
  EXPECT_EQ(PositionFor(session, Replica("app", "80-")), "0-200-5");
  EXPECT_EQ(PositionFor(session, Replica("app", "0")), "");
  EXPECT_EQ(PositionFor(session, Replica("other", "-80")), "");
  keys::Target primary = Replica("app", "-80");
  primary.tablet_type = keys::TabletType::kPrimary;
  EXPECT_EQ(PositionFor(session, primary), "");
}

TEST(ReadAfterWrite, APlainPositionIsOfTheKeyspaceInUse) {
  Session session;
  session.target.keyspace = "one";
  session.read_after_write.gtid = "0-100-7";
  EXPECT_EQ(PositionFor(session, Replica("one", "0")), "0-100-7");
  EXPECT_EQ(PositionFor(session, Replica("other", "0")), "");
  session.target.keyspace.clear();
  EXPECT_EQ(PositionFor(session, Replica("one", "0")), "0-100-7");
}

TEST(ReadAfterWrite, ServersOfBothMakesAreAskedInTheirWords) {
  Session session;
  session.read_after_write.timeout = std::chrono::milliseconds(1500);
  EXPECT_EQ(AwaitSql(session, "0-1-2"), "select master_gtid_wait('0-1-2', 1.500) from dual");
  EXPECT_EQ(AwaitSql(session, "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5"),
            "select wait_for_executed_gtid_set('3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5', 1.500) "
            "from dual");
}

}  // namespace
}  // namespace tessera::vtgate::internal
