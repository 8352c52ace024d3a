// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <unistd.h>

#include "localcluster/folder.h"
#include "localcluster/internal/demo_shop.h"
#include "localcluster/layout.h"
#include "localcluster/spec.h"
#include "localcluster/status.h"
#include "vschema/records.h"

namespace tessera::localcluster {
namespace {

namespace fs = std::filesystem;

class TempFolder {
 public:
  TempFolder() : path_(fmt::format("/tmp/tessera-lc-{}-{}", getpid(), ++count_)) {
    fs::create_directories(path_);
  }
  ~TempFolder() { fs::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  static inline int count_ = 0;
  std::string path_;
};

constexpr std::string_view kYaml = R"(
cell: west
topology: etcd
base_port: 21000
gates: 2
durable: false
keyspaces:
  - name: shop
    shards: 4
    replicas: 2
    vschema_json: '{"sharded": true, "vindexes": {"h": {"type": "hash"}}}'
  - name: lookup
    shards: ["0"]
    replicas: 0
    database: lookup_v1
)";

TEST(Spec, ReadsWhatItWrites) {
  const Result<ClusterSpec> spec = SpecFromYaml(kYaml, "/");
  ASSERT_TRUE(spec.ok()) << spec.error().ToString();
  EXPECT_EQ(spec->cell, "west");
  EXPECT_EQ(spec->gates, 2);
  EXPECT_EQ(spec->keyspaces.back().database, "lookup_v1");
  ASSERT_EQ(spec->keyspaces.size(), 2u);
  EXPECT_EQ(spec->keyspaces[0].shards, (std::vector<std::string>{"-40", "40-80", "80-c0", "c0-"}));
  const Result<ClusterSpec> again = SpecFromYaml(SpecToYaml(*spec), "/");
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_EQ(*again, *spec);
}

TEST(Spec, ErrorsNameLineAndKey) {
  const auto message = [](std::string_view text) {
    const Result<ClusterSpec> spec = SpecFromYaml(text, "/");
    return spec.ok() ? std::string("fine") : spec.error().message();
  };
  EXPECT_NE(message("cell: a\nshard: 2\n").find("line 2: a cluster has no 'shard'"),
            std::string::npos);
  EXPECT_NE(message("keyspaces:\n  - nam: x\n").find("line 2: a keyspace has no 'nam'"),
            std::string::npos);
  EXPECT_NE(message("gates: many\n").find("line 1: gates has no usable value"), std::string::npos);
  EXPECT_NE(message("a: [").find("line"), std::string::npos);
  EXPECT_NE(message("cell: a\n").find("no keyspace"), std::string::npos);
  EXPECT_NE(message("topology: zk\nkeyspaces: [{name: a}]\n").find("file, etcd or zk2"),
            std::string::npos);
  EXPECT_NE(message("keyspaces: [{name: a, vschema_json: '{'}]\n").find("keyspace a"),
            std::string::npos);
  EXPECT_NE(message("keyspaces: [{name: a}, {name: a}]\n").find("stands twice"), std::string::npos);
}

TEST(Layout, EveryPortAndFolderIsOnce) {
  const Result<ClusterSpec> spec = SpecFromYaml(kYaml, "/");
  ASSERT_TRUE(spec.ok());
  const Layout layout = MakeLayout("/data", *spec);
  ASSERT_EQ(layout.tablets.size(), 13u);
  std::set<int> ports = {layout.etcd_port, layout.etcd_peer_port, layout.vtctld_port,
                         layout.vtctld_http_port};
  std::set<std::string> folders;
  for (const TabletPlace& tablet : layout.tablets) {
    ports.insert({tablet.grpc_port, tablet.http_port, tablet.mysql.port});
    folders.insert(tablet.mysql.dir);
  }
  for (const GatePlace& gate : layout.gates)
    ports.insert({gate.mysql_port, gate.grpc_port, gate.http_port});
  EXPECT_EQ(ports.size(), 4u + 13 * 3 + 2 * 3);
  EXPECT_EQ(folders.size(), 13u);
  EXPECT_GE(*ports.begin(), 21000);
  EXPECT_LT(*ports.rbegin(), 21000 + kPorts);
  EXPECT_EQ(layout.gates[0].mysql_port, 21306);
  EXPECT_EQ(TabletName(layout.tablets[4]), "vttablet-west-201");
}

TEST(Folder, OneSupervisorAtATime) {
  const TempFolder folder;
  const std::string path = folder.path() + "/lock";
  EXPECT_EQ(LockHolder(path), 0);
  {
    const Result<std::unique_ptr<FolderLock>> first = FolderLock::Take(path);
    ASSERT_TRUE(first.ok());
    const Result<std::unique_ptr<FolderLock>> second = FolderLock::Take(path);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code(), Code::kAlreadyExists);
    EXPECT_NE(second.error().message().find(std::to_string(getpid())), std::string::npos);
    EXPECT_EQ(LockHolder(path), static_cast<int>(getpid()));
  }
  EXPECT_EQ(LockHolder(path), 0);
}

TEST(Folder, WhatIsThereIsKept) {
  const TempFolder folder;
  const Result<std::optional<ClusterSpec>> none = ReadFolder(folder.path());
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
  const Result<ClusterSpec> spec = SpecFromYaml(kYaml, "/");
  ASSERT_TRUE(spec.ok());
  const Layout layout = MakeLayout(folder.path(), *spec);
  ASSERT_TRUE(MakeFolders(layout).ok());
  ASSERT_TRUE(FolderLock::Take(layout.lock_file()).ok());
  EXPECT_TRUE(ReadFolder(folder.path()).ok()) << "a first up that got no further";
  ASSERT_TRUE(WriteSpec(layout).ok());
  const Result<std::optional<ClusterSpec>> there = ReadFolder(folder.path());
  ASSERT_TRUE(there.ok() && there->has_value());
  EXPECT_EQ(**there, *spec);

  ClusterSpec other = *spec;
  other.gates = 1;
  other.base_port = 30000;
  const Result<ClusterSpec> changed = ChangedSpec(*spec, other);
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->base_port, 30000);
  other.keyspaces[0].replicas = 0;
  EXPECT_EQ(ChangedSpec(*spec, other).error().code(), Code::kFailedPrecondition);

  const TempFolder foreign;
  std::ofstream(foreign.path() + "/thesis.tex") << "years of work";
  EXPECT_EQ(ReadFolder(foreign.path()).error().code(), Code::kFailedPrecondition);
}

TEST(Status, SurvivesJson) {
  ClusterStatus status;
  status.phase = "ready";
  status.supervisor = 7;
  status.mysql_port = 15306;
  ServiceStatus service;
  service.name = "vtgate-1";
  service.ports = {15306};
  service.trouble = "not \xff UTF-8";
  status.services.push_back(service);
  const Result<ClusterStatus> back = StatusFromJson(StatusToJson(status));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->services.front().ports, service.ports);
  EXPECT_NE(StatusTable(*back).find("down: not"), std::string::npos);
  EXPECT_FALSE(StatusFromJson("{}").ok());
  EXPECT_FALSE(StatusFromJson("[").ok());
}

TEST(DemoShop, HasTheRowsItPromises) {
  size_t rows = 0;
  for (size_t i = 0; i < PortionCount(); ++i) rows += MakePortion(i).rows;
  EXPECT_EQ(rows, kDemoRows);
  EXPECT_EQ(kDemoRows, 200'000u);
  EXPECT_EQ(MakePortion(3).sql, MakePortion(3).sql);
  EXPECT_TRUE(vschema::KeyspaceFromJson(CommerceVSchema()).ok());
  EXPECT_TRUE(vschema::KeyspaceFromJson(CatalogVSchema()).ok());
}

}  // namespace
}  // namespace tessera::localcluster
