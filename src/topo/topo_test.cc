// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/loop_pool.h"
#include "topo/conformance.h"
#include "topo/file_conn.h"
#include "topo/guard_conformance.h"
#include "topo/internal/file_store.h"
#include "topo/memory_conn.h"
#include "topo/paths.h"
#include "topo/server.h"

namespace tessera::topo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Root = std::function<Task<Result<>>(const Context&)>;

Task<int> RunRoot(const Context& ctx, const Root& root) {
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(60));
  const Result<> done = co_await root(bounded);
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  co_return 0;
}

// Runs a root on a loop and expects it to succeed.
void RunOnLoop(const Root& root) {
  runtime::RunLoop([&root](const Context& ctx) { return RunRoot(ctx, root); });
}

class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "topo_test.XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Task<Result<>> Conform(const Context& ctx, Factory& factory, std::string address,
                       conformance::Thief steal) {
  CO_TRY(const auto a, co_await factory.Connect(ctx, address, "/global"));
  CO_TRY(const auto b, co_await factory.Connect(ctx, address, "/global"));
  CO_TRY_OK(co_await conformance::Everything(ctx, *a, *b));
  CO_TRY_OK(co_await conformance::GuardedWrites(ctx, *a, *b, std::move(steal)));
  CO_TRY(const auto other, co_await factory.Connect(ctx, address, "/zone1"));
  const auto apart = co_await other->Get(ctx, "listed");
  EXPECT_TRUE(!apart.ok() && IsNoNode(apart.error()));
  CO_TRY_OK(co_await conformance::HolderDies(ctx, *a, *b));
  co_await b->Close();
  co_await other->Close();
  co_return Ok{};
}

Task<Result<>> LoseAll(MemoryTopo& topo) {
  topo.LoseLocks();
  co_return Ok{};
}

Task<Result<>> RemoveLock(const TempDir& dir) {
  EXPECT_TRUE(std::filesystem::remove(dir.path() + "/.locks/global%2Fguarded"));
  co_return Ok{};
}

TEST(Memory, Conforms) {
  MemoryTopo topo;
  conformance::Thief thief = [&topo](const Context&, Conn&) { return LoseAll(topo); };
  RunOnLoop([&](const Context& ctx) { return Conform(ctx, topo, "m", thief); });
}

TEST(File, Conforms) {
  const TempDir dir;
  FileTopo topo;
  conformance::Thief thief = [&dir](const Context&, Conn&) { return RemoveLock(dir); };
  RunOnLoop([&](const Context& ctx) { return Conform(ctx, topo, dir.path(), thief); });
}

TEST(File, LocksDieWithTheirHolder) {
  const TempDir dir;
  const FileStore store(dir.path(), "global");
  ASSERT_TRUE(store.Prepare().ok());
  ASSERT_TRUE(store.Put(FileStore::Mode::kCreate, "ks/Keyspace", "k", std::nullopt).ok());
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    auto lock = store.TryLock("ks", "child");
    const char held = lock.ok() && lock->has_value() ? 'y' : 'n';
    if (write(pipe_ends[1], &held, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char held = 0;
  ASSERT_EQ(read(pipe_ends[0], &held, 1), 1);
  EXPECT_EQ(held, 'y');
  EXPECT_FALSE(store.TryLock("ks", "parent").value().has_value());
  EXPECT_EQ(store.LockHolder("ks"), "child");
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(store.TryLock("ks", "parent").value().has_value());
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST(File, SaysWhatIsWrongWithItsDirectory) {
  const TempDir dir;
  std::ofstream(dir.path() + "/plain") << "x";
  const FileStore blocked(dir.path() + "/plain", "global");
  EXPECT_THAT(blocked.Prepare().error().message(), HasSubstr(dir.path() + "/plain"));
  const FileStore store(dir.path(), "");
  ASSERT_TRUE(store.Prepare().ok());
  std::ofstream(dir.path() + "/record") << "not ours";
  EXPECT_EQ(store.Get("record").error().code(), Code::kDataLoss);
  // A directory where the record should be.
  std::filesystem::create_directories(dir.path() + "/d/Record");
  EXPECT_FALSE(store.Put(FileStore::Mode::kUpdate, "d/Record", "x", std::nullopt).ok());
  EXPECT_TRUE(IsNoNode(store.Get("d/Record").error()));
}

TEST(FileStore, CountsWritesOfEverybody) {
  const TempDir dir;
  const FileStore store(dir.path(), "");
  const FileStore other(dir.path(), "elsewhere");
  EXPECT_EQ(store.Writes().value(), 0u);
  ASSERT_TRUE(store.Put(FileStore::Mode::kCreate, "r", "1", std::nullopt).ok());
  ASSERT_TRUE(other.Put(FileStore::Mode::kCreate, "r", "1", std::nullopt).ok());
  EXPECT_EQ(store.Writes().value(), 2u);
  EXPECT_FALSE(store.Put(FileStore::Mode::kCreate, "r", "2", std::nullopt).ok());
  EXPECT_TRUE(store.Get("r").ok());
  EXPECT_EQ(store.Writes().value(), 2u);
  ASSERT_TRUE(store.Delete("r", std::nullopt).ok());
  EXPECT_EQ(other.Writes().value(), 3u);
}

std::optional<std::vector<std::string>> Changed(const FileStore& store, uint64_t seen) {
  return store.ChangedSince(seen, store.Writes().value()).value();
}

void PutAt(const FileStore& store, const std::string& path) {
  ASSERT_TRUE(store.Put(FileStore::Mode::kUpdate, path, "x", std::nullopt).ok());
}

TEST(FileStore, TellsWhatWasWritten) {
  const TempDir dir;
  const FileStore store(dir.path(), "zone1");
  const FileStore other(dir.path(), "zone2");
  PutAt(store, "a");
  PutAt(other, "b");
  PutAt(store, "c");
  PutAt(store, "d e");
  PutAt(store, "a");
  ASSERT_TRUE(store.Delete("c", std::nullopt).ok());
  const std::vector<std::string> all = {"d e", "a", "c"};
  const std::vector<std::string> last = {"c"};
  EXPECT_EQ(Changed(store, 0), all);
  EXPECT_EQ(Changed(store, 5), last);
  EXPECT_EQ(store.ChangedSince(0, 3).value(), (std::vector<std::string>{"a", "c"}));
  // A count that went back is not ours.
  EXPECT_EQ(Changed(store, 7), std::nullopt);
}

// Where a write is not noted there is no telling.
TEST(FileStore, KnowsWhatItDoesNotKnow) {
  const TempDir dir;
  const FileStore store(dir.path(), "");
  PutAt(store, "a");
  const std::string changes = dir.path() + "/.changes";
  std::ofstream(changes, std::ios::app) << "2 cut o";  // on a full disk, before it was counted
  PutAt(store, "b");
  EXPECT_EQ(Changed(store, 1), (std::vector<std::string>{"cut o", "b"}));
  std::ofstream(changes, std::ios::app) << "3";
  PutAt(store, "c");
  EXPECT_EQ(Changed(store, 2), (std::vector<std::string>{"c"}));
  EXPECT_EQ(Changed(store, 1), std::nullopt);
  for (int i = 0; i < 20; ++i) PutAt(store, std::string(120, 'a') + std::to_string(i));
  std::filesystem::resize_file(changes, std::filesystem::file_size(changes) - 5);
  EXPECT_EQ(Changed(store, 22), std::nullopt);
  std::filesystem::remove(changes);
  EXPECT_EQ(Changed(store, 22), std::nullopt);
}

TEST(FileStore, ForgetsTheOldestChanges) {
  const TempDir dir;
  const FileStore store(dir.path(), "");
  const std::string changes = dir.path() + "/.changes";
  const std::string folder(200, 'd');
  for (int i = 0; i < 400; ++i) {
    PutAt(store, folder + "/r");
    EXPECT_LT(std::filesystem::file_size(changes), 70'000u);
  }
  PutAt(store, "last");
  EXPECT_EQ(Changed(store, 399), (std::vector<std::string>{folder + "/r", "last"}));
  EXPECT_EQ(Changed(store, 0), std::nullopt);
}

// What cannot be read is met by a full look only: this one is not asked for by a change beside it.
Task<Result<>> FollowsChanges(const Context& ctx, const std::string& dir) {
  FileTopo factory;
  CO_TRY(const auto conn, co_await factory.Connect(ctx, dir, "/"));
  CO_TRY_OK(co_await conn->Create(ctx, "tree/old", "1"));
  CO_TRY(const auto watcher, co_await conn->WatchTree(ctx, "tree"));
  std::ofstream(dir + "/tree/broken") << "not ours";
  CO_TRY_OK(co_await conn->Create(ctx, "beside", "1"));
  CO_TRY_OK(co_await conn->Create(ctx, "tree/new", "2"));
  CO_TRY_OK(co_await conn->Delete(ctx, "tree/old", std::nullopt));
  CO_TRY(const TreeChange made, co_await watcher->Next(ctx));
  EXPECT_EQ(made.path, "tree/new");
  EXPECT_EQ(made.node->contents, "2");
  CO_TRY(const TreeChange gone, co_await watcher->Next(ctx));
  EXPECT_EQ(gone.path, "tree/old");
  EXPECT_FALSE(gone.node.has_value());
  std::filesystem::remove(dir + "/.changes");
  std::filesystem::remove(dir + "/tree/broken");
  CO_TRY_OK(co_await conn->Update(ctx, "tree/new", "3", std::nullopt));
  std::filesystem::remove(dir + "/.changes");
  CO_TRY(const TreeChange again, co_await watcher->Next(ctx));
  EXPECT_EQ(again.node->contents, "3");
  co_await conn->Close();
  co_return Ok{};
}

TEST(File, AWatchReadsWhatHasChanged) {
  const TempDir dir;
  RunOnLoop([&dir](const Context& ctx) { return FollowsChanges(ctx, dir.path()); });
}

TEST(File, AFullDiskKeepsTheOldRecord) {
  const TempDir dir;
  const FileStore store(dir.path(), "");
  ASSERT_TRUE(store.Prepare().ok());
  ASSERT_TRUE(store.Put(FileStore::Mode::kCreate, "r", "old", std::nullopt).ok());
  // Writing through this name fails as on a full disk.
  std::filesystem::create_symlink("/dev/full", dir.path() + "/.tmp");
  const auto failed = store.Put(FileStore::Mode::kUpdate, "r", "new", std::nullopt);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), Code::kResourceExhausted);
  EXPECT_THAT(failed.error().ToString(), HasSubstr("the old record is kept"));
  EXPECT_EQ(store.Get("r")->contents, "old");
  EXPECT_TRUE(store.Put(FileStore::Mode::kUpdate, "r", "new", std::nullopt).ok());
}

TEST(Paths, RefuseWhatIsNoName) {
  EXPECT_TRUE(SplitPath("").value().empty());
  EXPECT_THAT(SplitPath("a/b").value(), ElementsAre("a", "b"));
  for (const std::string& bad : {std::string("/a"), std::string("a/"), std::string("a/.."),
                                 std::string(1, '\0'), std::string(256, 'a')}) {
    EXPECT_FALSE(SplitPath(bad).ok());
  }
  EXPECT_EQ(JoinPath("/vitess/", "/a/b/"), "/vitess/a/b");
  EXPECT_EQ(TabletPath({"zone1", 100}), "tablets/zone1-0000000100/Tablet");
}

TEST(Records, KeepWhatTheyDoNotModel) {
  const std::string unknown =
      "\xa2\x06\x03"
      "new";  // field 100
  Tablet tablet;
  tablet.alias = {"zone1", 7};
  tablet.port_map = {{"vt", 1}, {"grpc", 2}};
  tablet.key_range = keys::KeyRange{};
  tablet.type = keys::TabletType::kReplica;
  tablet.primary_term_start = 1'500'000'000'000'000'001;
  Tablet read = DecodeTablet(Encode(tablet) + unknown).value();
  EXPECT_EQ(read.alias.ToString(), "zone1-0000000007");
  EXPECT_EQ(read.port("grpc"), 2);
  EXPECT_EQ(read.port("none"), 0);
  EXPECT_TRUE(read.key_range.has_value());
  EXPECT_EQ(read.primary_term_start, tablet.primary_term_start);
  read.primary_term_start = 0;
  read.port_map.erase("vt");
  const std::string written = Encode(read);
  EXPECT_THAT(written, HasSubstr(unknown));
  const Tablet again = DecodeTablet(written).value();
  EXPECT_EQ(again.primary_term_start, 0);
  EXPECT_EQ(again.port_map.size(), 1u);
  EXPECT_EQ(DecodeShard("\xff").error().code(), Code::kDataLoss);
  EXPECT_FALSE(DecodeShard("").value().key_range.has_value());
}

Task<Result<>> ServeACluster(const Context& ctx, Factory& factory, std::string address) {
  const std::vector<std::string> all_cells;
  ServerOptions options;
  options.implementation = "test";
  options.global_address = address;
  Server::Factories factories;
  factories["test"] = &factory;
  CO_TRY(const auto server, co_await Server::Open(ctx, options, factories));
  CellInfo zone1;
  zone1.server_address = address;
  zone1.root = "/zone1";
  CO_TRY_OK(co_await server->CreateCell(ctx, "zone1", zone1));
  const auto no_cell = co_await server->Cell(ctx, "zone2");
  EXPECT_TRUE(!no_cell.ok() && no_cell.error().message() == "cell zone2 is not in the topology");

  CO_TRY_OK(co_await server->EnsureShard(ctx, "ks", "-80"));
  const Result<> gap = co_await server->RebuildKeyspace(ctx, "ks", all_cells);
  EXPECT_TRUE(!gap.ok() && gap.error().code() == Code::kFailedPrecondition);
  CO_TRY_OK(co_await server->EnsureShard(ctx, "ks", "80-"));
  CO_TRY_OK(co_await server->EnsureShard(ctx, "ks", "80-"));
  CO_TRY_OK(co_await server->EnsureShard(ctx, "ks", "80-c0"));
  CO_TRY(const auto split, co_await server->GetShard(ctx, "ks", "80-c0"));
  EXPECT_FALSE(split.record.is_primary_serving);
  CO_TRY(const auto keyspace, co_await server->GetKeyspace(ctx, "ks"));
  EXPECT_EQ(keyspace.record.sidecar_db_name, "_vt");
  CO_TRY_OK(co_await server->RebuildKeyspace(ctx, "ks", all_cells));
  CO_TRY(const SrvKeyspace graph, co_await server->GetSrvKeyspace(ctx, "zone1", "ks"));
  EXPECT_EQ(graph.partitions.size(), 3u);
  const KeyspacePartition* primary = graph.Find(keys::TabletType::kPrimary);
  EXPECT_TRUE(primary != nullptr && primary->shard_references.size() == 2 &&
              primary->shard_references[0].name == "-80");

  Tablet tablet;
  tablet.alias = {"zone1", 100};
  tablet.keyspace = "ks";
  tablet.shard = "-80";
  tablet.hostname = "one";
  CO_TRY_OK(co_await server->PublishTablet(ctx, tablet));
  tablet.hostname = "two";
  CO_TRY_OK(co_await server->PublishTablet(ctx, tablet));
  CO_TRY(const std::vector<Tablet> tablets, co_await server->GetTablets(ctx, "zone1"));
  EXPECT_TRUE(tablets.size() == 1 && tablets[0].hostname == "two");
  tablet.shard = "80-";
  const Result<> stolen = co_await server->PublishTablet(ctx, tablet);
  EXPECT_TRUE(!stolen.ok() && stolen.error().code() == Code::kFailedPrecondition);
  const Server::ShardChange set_primary = [&tablet](Shard& shard) -> Result<bool> {
    shard.primary_alias = tablet.alias;
    return true;
  };
  CO_TRY_OK(co_await server->UpdateShard(ctx, "ks", "-80", set_primary));
  CO_TRY(const auto shard, co_await server->GetShard(ctx, "ks", "-80"));
  EXPECT_EQ(shard.record.primary_alias, tablet.alias);
  CO_TRY_OK(co_await server->DeleteTablet(ctx, tablet.alias));
  CO_TRY(const std::vector<Tablet> left, co_await server->GetTablets(ctx, "zone1"));
  EXPECT_TRUE(left.empty());

  CO_TRY_OK(co_await server->RebuildSrvVSchema(ctx, all_cells));
  CO_TRY(Conn* const cell, co_await server->Cell(ctx, "zone1"));
  CO_TRY(const Node vschemas, co_await cell->Get(ctx, kSrvVSchemaPath));
  EXPECT_THAT(vschemas.contents, HasSubstr("ks"));
  co_await server->Close();
  co_return Ok{};
}

TEST(Server, ServesAClusterFromMemory) {
  MemoryTopo topo;
  RunOnLoop([&topo](const Context& ctx) { return ServeACluster(ctx, topo, "m"); });
}

TEST(Server, ServesAClusterFromFiles) {
  const TempDir dir;
  FileTopo topo;
  RunOnLoop([&](const Context& ctx) { return ServeACluster(ctx, topo, dir.path()); });
}

TEST(Server, RefusesUnknownImplementations) {
  RunOnLoop([](const Context& ctx) -> Task<Result<>> {
    ServerOptions options;
    options.implementation = "paper";
    const auto server = co_await Server::Open(ctx, options, Server::Factories());
    EXPECT_FALSE(server.ok());
    co_return Ok{};
  });
}

}  // namespace
}  // namespace tessera::topo
