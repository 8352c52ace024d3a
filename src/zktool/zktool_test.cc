// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "proto/topodata.pb.h"
#include "zktool/record_codec.h"
#include "zktool/zip_file.h"
#include "zktool/zk_paths.h"

namespace tessera::zktool {
namespace {

TEST(Paths, LocalOrNot) {
  EXPECT_EQ(LocalFile("/zk/x"), std::nullopt);
  EXPECT_EQ(LocalFile("file:/tmp/x"), "/tmp/x");
  EXPECT_EQ(LocalFile("./x"), "./x");
  EXPECT_EQ(CleanPath("//a///b/").value(), "/a/b");
  EXPECT_EQ(CleanPath("/").value(), "/");
  EXPECT_FALSE(CleanPath("a").ok());
  EXPECT_FALSE(CleanPath("").ok());
  EXPECT_EQ(ChildPath("/", "b"), "/b");
  EXPECT_EQ(ChildPath("/a", "b"), "/a/b");
}

TEST(Paths, Wildcards) {
  EXPECT_TRUE(HasWildcards("/a/b*"));
  EXPECT_FALSE(HasWildcards("/a/b"));
  EXPECT_TRUE(Matches("zone?-*", "zone1-100"));
  EXPECT_FALSE(Matches("zone?-*", "zone12"));
}

TEST(Paths, ServersOfACell) {
  constexpr std::string_view kConfig = R"({"pa": "a:1,b:1", "pa-global": "g:1", "odd": 3})";
  EXPECT_EQ(ServersOfPath("/zk/pa/x", kConfig, "").value(), "a:1,b:1");
  EXPECT_EQ(ServersOfPath("/zk/local/x", kConfig, "pa").value(), "a:1,b:1");
  EXPECT_EQ(ServersOfPath("/zk/global", kConfig, "pa").value(), "g:1");
  for (const std::string_view bad : {"/zk/none/x", "/zk/odd", "/zk/global", "/vitess", "/zk/"})
    EXPECT_FALSE(ServersOfPath(bad, kConfig, "").ok()) << bad;
  EXPECT_FALSE(ServersOfPath("/zk/pa", "[1", "").ok());
}

TEST(Modes, ChangePermissions) {
  EXPECT_EQ(ChangedPermissions("n+w", 1).value(), 3);
  EXPECT_EQ(ChangedPermissions("n-w", 3).value(), 1);
  EXPECT_EQ(ChangedPermissions("=rwcda", 0).value(), 31);
  for (const std::string_view bad : {"", "n", "n+", "n+x", "rw", "+rxw"})
    EXPECT_FALSE(ChangedPermissions(bad, 1).ok()) << bad;
}

TEST(Records, AreDecodedByTheirName) {
  topodata::Keyspace keyspace;
  keyspace.set_durability_policy("semi_sync");
  const std::string bytes = keyspace.SerializeAsString();
  EXPECT_EQ(DecodeRecord("/vitess/global/keyspaces/ks/Keyspace", bytes).value(),
            "durability_policy: \"semi_sync\"\n");
  EXPECT_EQ(DecodeRecord("/g/keyspaces/ks/locks/0000000000", "{}").value(), "{}");
  EXPECT_EQ(DecodeRecord("/g/x/Keyspace", "\xff").error().code(), Code::kDataLoss);
  EXPECT_EQ(DecodeRecord("/g/x/Nothing", "").error().code(), Code::kInvalidArgument);
}

TEST(Zip, ThereAndBack) {
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("zktool_test." + std::to_string(getpid()) + ".zip"))
                               .string();
  std::vector<ZipEntry> entries(3);
  entries[0].name = "a";
  entries[0].contents = std::string("\0\xff", 2);
  entries[1].name = "a/b";
  entries[2].name = "a/c";
  entries[2].contents = std::string(100000, 'x');
  ASSERT_TRUE(WriteZip(path, entries).ok());
  const auto back = ReadZip(path);
  ASSERT_TRUE(back.ok()) << back.error().ToString();
  ASSERT_EQ(back->size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*back)[i].name, entries[i].name);
    EXPECT_EQ((*back)[i].contents, entries[i].contents);
  }
  entries[1].name = "../escape";
  ASSERT_TRUE(WriteZip(path, entries).ok());
  EXPECT_EQ(ReadZip(path).error().code(), Code::kInvalidArgument);
  entries[1].name = "large";
  entries[1].contents.resize((1 << 20) + 1);
  ASSERT_TRUE(WriteZip(path, entries).ok());
  EXPECT_EQ(ReadZip(path).error().code(), Code::kInvalidArgument);
  EXPECT_FALSE(ReadZipBytes("PK no archive").ok());
  EXPECT_FALSE(ReadZipBytes("").ok());
  std::filesystem::remove(path);
  EXPECT_FALSE(ReadZip(path).ok());
}

}  // namespace
}  // namespace tessera::zktool
