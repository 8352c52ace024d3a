// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "zkctl/zk_config.h"

namespace tessera::zkctl {
namespace {

TEST(ZkConfig, ReadsServers) {
  const auto peers = ParsePeers("1@localhost:1:2:3,20@db.example:4:5:6");
  ASSERT_TRUE(peers.ok());
  ASSERT_EQ(peers->size(), 2u);
  EXPECT_EQ((*peers)[1].id, 20u);
  EXPECT_EQ((*peers)[1].host, "db.example");
  EXPECT_EQ((*peers)[1].leader_port, 4);
  EXPECT_EQ((*peers)[1].election_port, 5);
  EXPECT_EQ((*peers)[1].client_port, 6);
}

TEST(ZkConfig, SaysWhichServerIsWrong) {
  for (const std::string_view bad :
       {"", "localhost:1:2:3", "0@h:1:2:3", "1@:1:2:3", "1@h:1:2", "1@h:1:2:70000", "1@h:1:2:3x",
        "1@h:1:2:3,x", "1@h:1:2:3,1@i:1:2:3"}) {
    const auto peers = ParsePeers(bad);
    EXPECT_TRUE(!peers.ok() && peers.error().code() == Code::kInvalidArgument) << bad;
  }
  const auto peers = ParsePeers("1@h:1:2:3,nonsense");
  EXPECT_NE(peers.error().message().find("'nonsense'"), std::string::npos);
}

TEST(ZkConfig, ChoosesItself) {
  const auto peers = ParsePeers("1@a:1:2:3,2@b:1:2:3");
  ASSERT_TRUE(peers.ok());
  EXPECT_EQ(ChooseId(*peers, 0, "b").value(), 2u);
  EXPECT_EQ(ChooseId(*peers, 1, "b").value(), 1u);
  EXPECT_FALSE(ChooseId(*peers, 3, "b").ok());
  EXPECT_FALSE(ChooseId(*peers, 0, "c").ok());
  const auto alone = ParsePeers("7@a:1:2:3");
  EXPECT_EQ(ChooseId(*alone, 0, "c").value(), 7u);
}

TEST(ZkConfig, WritesZooCfg) {
  ZkConfig config;
  config.peers = ParsePeers("1@localhost:11:12:13").value();
  config.id = 1;
  config.dir = "/data/zk_001";
  config.extra.push_back("snapCount=7");
  EXPECT_EQ(config.ConfigText(),
            "tickTime=2000\ninitLimit=5\nsyncLimit=2\nmaxClientCnxns=0\n"
            "admin.enableServer=false\ndataDir=/data/zk_001\nclientPort=13\n"
            "clientPortAddress=localhost\nsnapCount=7\n");
  config.peers = ParsePeers("1@a:11:12:13,2@b:21:22:23").value();
  config.extra.clear();
  EXPECT_NE(config.ConfigText().find("clientPort=13\nserver.1=a:11:12\nserver.2=b:21:22\n"),
            std::string::npos);
  EXPECT_EQ(ServerFolder(1), "zk_001");
}

}  // namespace
}  // namespace tessera::zkctl
