// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Runs against real ZooKeeper servers, started here on free ports with their data in a temporary
// folder.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "base/waiter.h"
#include "runtime/loop_pool.h"
#include "topo/conformance.h"
#include "topo/errors.h"
#include "topo/guard_conformance.h"
#include "topo_zk/testing/zk_servers.h"
#include "topo_zk/zk_topo.h"

namespace tessera::topo_zk {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FreePort;
using testing::Installed;
using testing::Open;
using testing::WaitUntilUp;
using testing::ZkProcess;

using TestBody = Task<Result<>> (*)(const Context&, ZkProcess&);

Task<int> RunBody(const Context& ctx, TestBody body) {
  const Result<uint16_t> port = FreePort();
  EXPECT_TRUE(port.ok());
  if (!port.ok()) co_return 1;
  ZkProcess process(*port);
  const Context bounded = ctx.WithTimeout(seconds(90));
  const Result<> done = co_await body(bounded, process);
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  co_return 0;
}

void WithServer(TestBody body) {
  if (!Installed()) GTEST_SKIP() << "no ZooKeeper is installed (libzookeeper-java, a JRE)";
  runtime::RunLoop([body](const Context& ctx) { return RunBody(ctx, body); });
}

Task<Result<>> Conform(const Context& ctx, ZkProcess& server) {
  ZkTopo zk;
  // The first server of the list is down: the next must be found.
  CO_TRY(const auto a, co_await Open(ctx, zk, "127.0.0.1:1," + server.address(), "/global"));
  CO_TRY(const auto b, co_await Open(ctx, zk, server.address() + "|127.0.0.1:1", "/global/"));
  CO_TRY_OK(co_await topo::conformance::Everything(ctx, *a, *b));
  topo::conformance::Thief thief = [](const Context& theirs, topo::Conn& conn) {
    return topo::conformance::DeletePlaces(theirs, conn, "guarded/locks");
  };
  CO_TRY_OK(co_await topo::conformance::GuardedWrites(ctx, *a, *b, std::move(thief)));
  const Result<> conforms = co_await topo::conformance::HolderDies(ctx, *a, *b);
  co_await b->Close();
  co_return conforms;
}

TEST(Zk, Conforms) { WithServer(Conform); }

Task<Result<>> HoldersThatGo(const Context& ctx, ZkProcess& server) {
  ZkTopo zk;
  CO_TRY(const auto dropper, co_await Open(ctx, zk, server.address(), "/l"));
  CO_TRY(const auto dying, co_await Open(ctx, zk, server.address(), "/l"));
  CO_TRY(const auto heir, co_await Open(ctx, zk, server.address(), "/l"));
  CO_TRY_OK(co_await heir->Create(ctx, "ks/Keyspace", "k"));
  CO_TRY(auto dropped, co_await dropper->Lock(ctx, "ks", "dropper"));
  dropped.reset();
  CO_TRY(auto second, co_await dying->Lock(ctx, "ks", "dying"));
  CO_TRY_OK(co_await second->Check(ctx));
  co_await dying->Close();
  CO_TRY(auto third, co_await heir->Lock(ctx, "ks", "heir"));
  const auto busy = co_await dropper->TryLock(ctx, "ks", "busy");
  EXPECT_TRUE(!busy.ok() && topo::IsNodeExists(busy.error()));
  CO_TRY_OK(co_await third->Unlock(ctx));
  const Result<> lost = co_await third->Check(ctx);
  EXPECT_FALSE(lost.ok());
  // Nothing of the locks is left.
  CO_TRY(const auto entries, co_await heir->ListDir(ctx, "ks"));
  EXPECT_EQ(entries.size(), 1u);
  second.reset();
  co_await dropper->Close();
  co_await heir->Close();
  co_return Ok{};
}

TEST(Zk, LocksEndWithTheirHolders) { WithServer(HoldersThatGo); }

Task<Result<>> Lead(const Context& ctx, topo::Conn& conn, bool& leads,
                    std::unique_ptr<topo::LockHandle>& handle) {
  CO_TRY(handle, co_await conn.Lead(ctx, "boss", "second"));
  leads = true;
  co_return Ok{};
}

Task<Result<>> Elections(const Context& ctx, ZkProcess& server) {
  ZkTopo zk;
  CO_TRY(const auto a, co_await Open(ctx, zk, server.address(), ""));
  CO_TRY(const auto b, co_await Open(ctx, zk, server.address(), "/"));
  CO_TRY(const std::string nobody, co_await a->Leader(ctx, "boss"));
  EXPECT_EQ(nobody, "");
  CO_TRY(auto first, co_await a->Lead(ctx, "boss", "first"));
  bool leads = false;
  std::unique_ptr<topo::LockHandle> second;
  runtime::TaskGroup group(ctx);
  group.Start(Lead(group.context(), *b, leads, second));
  CO_TRY(const std::string one, co_await b->Leader(ctx, "boss"));
  EXPECT_EQ(one, "first");
  EXPECT_FALSE(leads);
  const Result<> unlocked = co_await first->Unlock(ctx);
  EXPECT_TRUE(unlocked.ok());
  CO_TRY_OK(co_await group.Join());
  CO_TRY(const std::string two, co_await a->Leader(ctx, "boss"));
  EXPECT_EQ(two, "second");

  CO_TRY(auto named, co_await a->LockName(ctx, "move", "a"));
  const Context brief = ctx.WithTimeout(milliseconds(100));
  const auto late = co_await b->LockName(brief, "move", "b");
  EXPECT_TRUE(!late.ok() && topo::IsTimeout(late.error()));
  CO_TRY_OK(co_await named->Unlock(ctx));
  CO_TRY(auto again, co_await b->LockName(ctx, "move", "b"));
  CO_TRY_OK(co_await again->Unlock(ctx));
  co_await a->Close();
  co_await b->Close();
  co_return Ok{};
}

TEST(Zk, ElectsAndLocksNames) { WithServer(Elections); }

Task<Result<>> Restarts(const Context& ctx, ZkProcess& server) {
  ZkTopo zk;
  CO_TRY(const auto a, co_await Open(ctx, zk, server.address(), "/r"));
  CO_TRY(const auto b, co_await Open(ctx, zk, server.address(), "/r"));
  CO_TRY_OK(co_await a->Create(ctx, "ks/Keyspace", "1"));
  CO_TRY(const auto watcher, co_await a->Watch(ctx, "ks/Keyspace"));
  CO_TRY(const auto lock, co_await a->Lock(ctx, "ks", "a"));
  server.Kill();
  const auto down = co_await b->Get(ctx, "ks/Keyspace");
  EXPECT_TRUE(!down.ok() && down.error().code() == Code::kUnavailable);
  server.Start();
  CO_TRY_OK(co_await WaitUntilUp(ctx, *b));
  CO_TRY_OK(co_await b->Update(ctx, "ks/Keyspace", "2", std::nullopt));
  CO_TRY(const topo::Node changed, co_await watcher->Next(ctx));
  EXPECT_EQ(changed.contents, "2");
  // The session lasted, and the lock with it.
  CO_TRY_OK(co_await lock->Check(ctx));
  CO_TRY_OK(co_await lock->Unlock(ctx));
  co_await a->Close();
  co_await b->Close();
  co_return Ok{};
}

TEST(Zk, SessionsOutliveARestartOfTheServer) { WithServer(Restarts); }

Task<Result<>> BareDirectories(const Context& ctx, ZkProcess& server) {
  ZkTopo zk;
  CO_TRY(const auto conn, co_await Open(ctx, zk, server.address(), "/d"));
  CO_TRY(const auto client, ZkClient::Make(server.address(), ZkOptions()));
  CO_TRY_OK(co_await client->MakeParents(ctx, "/d/ks/locks/0001"));
  CO_TRY_OK(co_await conn->Create(ctx, "ks/Empty", ""));
  CO_TRY(const auto records, co_await conn->List(ctx, "ks"));
  EXPECT_EQ(records.size(), 1u);
  if (!records.empty()) EXPECT_EQ(records.back().path, "ks/Empty");
  CO_TRY(const auto tree, co_await conn->WatchTree(ctx, "ks"));
  EXPECT_EQ(tree->first().size(), 1u);
  co_await client->Close();
  co_await conn->Close();
  co_return Ok{};
}

TEST(Zk, TellsDirectoriesInTheMakingFromEmptyRecords) { WithServer(BareDirectories); }

Task<Result<>> TreeOutlivesRestart(const Context& ctx, ZkProcess& server) {
  ZkTopo zk;
  CO_TRY(const auto a, co_await Open(ctx, zk, server.address(), "/t"));
  CO_TRY(const auto b, co_await Open(ctx, zk, server.address(), "/t"));
  for (int i = 0; i < 50; ++i) {
    CO_TRY_OK(co_await a->Create(ctx, fmt::format("tree/{}/Record", i), "1"));
  }
  CO_TRY(const auto tree, co_await a->WatchTree(ctx, "tree"));
  std::map<std::string, std::string> seen;
  for (const topo::KeyedNode& node : tree->first()) seen[node.path] = node.contents;
  EXPECT_EQ(seen.size(), 50u);
  std::map<std::string, std::string> wanted = seen;
  server.Kill();
  server.Start();
  CO_TRY_OK(co_await WaitUntilUp(ctx, *b));
  CO_TRY_OK(co_await b->Update(ctx, "tree/7/Record", "2", std::nullopt));
  CO_TRY_OK(co_await b->Delete(ctx, "tree/8/Record", std::nullopt));
  CO_TRY_OK(co_await b->Create(ctx, "tree/new/er/Record", "3"));
  // Made anew while nobody looked: the same name, another record.
  CO_TRY_OK(co_await b->Delete(ctx, "tree/9/Record", std::nullopt));
  CO_TRY_OK(co_await b->Create(ctx, "tree/9/Record", "4"));
  wanted["tree/7/Record"] = "2";
  wanted.erase("tree/8/Record");
  wanted["tree/new/er/Record"] = "3";
  wanted["tree/9/Record"] = "4";
  CO_TRY_OK(co_await WaitUntilUp(ctx, *a));
  CO_TRY_OK(co_await topo::conformance::FollowTree(ctx, *tree, seen, wanted));
  // The whole tree goes and comes back.
  for (const auto& [path, contents] : wanted) {
    CO_TRY_OK(co_await b->Delete(ctx, path, std::nullopt));
  }
  wanted.clear();
  CO_TRY_OK(co_await topo::conformance::FollowTree(ctx, *tree, seen, wanted));
  CO_TRY_OK(co_await b->Create(ctx, "tree/again/Record", "5"));
  wanted["tree/again/Record"] = "5";
  CO_TRY_OK(co_await topo::conformance::FollowTree(ctx, *tree, seen, wanted));
  co_await a->Close();
  co_await b->Close();
  co_return Ok{};
}

TEST(Zk, TreesOutliveARestartOfTheServer) { WithServer(TreeOutlivesRestart); }

// Nobody pings while the loop's thread is held, so that the server gives the sessions up.
Task<Result<>> LoseSession(const Context& ctx, topo::LockHandle& lock) {
  for (;;) {
    CO_TRY_OK(ctx.Check());
    std::this_thread::sleep_for(milliseconds(1500));
    const Result<> held = co_await lock.Check(ctx);
    if (held.ok()) continue;
    EXPECT_EQ(held.error().code(), Code::kUnavailable);
    if (held.error().message().find("is lost") != std::string::npos) co_return Ok{};
  }
}

Task<Result<>> Expires(const Context& ctx, ZkProcess& server) {
  ZkTopo zk;
  zk.flags().base_timeout = seconds(1);
  CO_TRY(const auto a, co_await Open(ctx, zk, server.address(), "/f"));
  CO_TRY(const auto b, co_await Open(ctx, zk, server.address(), "/f"));
  CO_TRY_OK(co_await a->Create(ctx, "ks/Keyspace", "1"));
  CO_TRY(const auto watcher, co_await a->Watch(ctx, "ks/Keyspace"));
  CO_TRY(const auto tree, co_await a->WatchTree(ctx, "ks"));
  CO_TRY(auto lock, co_await a->Lock(ctx, "ks", "a"));
  CO_TRY_OK(co_await LoseSession(ctx, *lock));
  CO_TRY_OK(co_await WaitUntilUp(ctx, *b));
  CO_TRY(const auto next, co_await b->Lock(ctx, "ks", "b"));
  lock.reset();
  CO_TRY_OK(co_await next->Check(ctx));
  // The watch was made again in the new session.
  CO_TRY_OK(co_await b->Update(ctx, "ks/Keyspace", "2", std::nullopt));
  CO_TRY(const topo::Node changed, co_await watcher->Next(ctx));
  EXPECT_EQ(changed.contents, "2");
  CO_TRY(const topo::TreeChange told, co_await tree->Next(ctx));
  EXPECT_TRUE(told.path == "ks/Keyspace" && told.node && told.node->contents == "2");
  CO_TRY_OK(co_await next->Unlock(ctx));
  co_await a->Close();
  co_await b->Close();
  co_return Ok{};
}

TEST(Zk, LostSessionsLoseTheirLocks) { WithServer(Expires); }

Task<Result<>> Authenticates(const Context& ctx, ZkProcess& server) {
  const auto file =
      std::filesystem::temp_directory_path() / ("topo_zk_test_auth." + std::to_string(getpid()));
  std::ofstream(file) << "digest:ada:secret\n";
  ZkTopo with_auth;
  with_auth.flags().auth_file = file.string();
  ZkTopo without;
  CO_TRY(const auto ada, co_await Open(ctx, with_auth, server.address(), "/a"));
  CO_TRY(const auto nobody, co_await Open(ctx, without, server.address(), "/a"));
  CO_TRY_OK(co_await ada->Create(ctx, "secret", "1"));
  ZkOptions options;
  options.auth_scheme = "digest";
  options.auth = "ada:secret";
  CO_TRY(const auto client, ZkClient::Make(server.address(), options));
  std::vector<ZkAcl> acl(1);
  acl[0].permissions = kFilePermissions;
  acl[0].scheme = "auth";
  CO_TRY_OK(co_await client->SetAcl(ctx, "/a/secret", acl));
  CO_TRY(const auto now, co_await client->GetAcl(ctx, "/a/secret"));
  EXPECT_EQ(now.size(), 1u);
  EXPECT_EQ(now[0].scheme, "digest");
  const auto refused = co_await nobody->Get(ctx, "secret");
  EXPECT_TRUE(!refused.ok() && refused.error().code() == Code::kPermissionDenied);
  CO_TRY(const topo::Node node, co_await ada->Get(ctx, "secret"));
  EXPECT_EQ(node.contents, "1");
  co_await client->Close();
  co_await ada->Close();
  co_await nobody->Close();
  std::filesystem::remove(file);
  co_return Ok{};
}

TEST(Zk, ShowsWhoItIs) { WithServer(Authenticates); }

Task<int> RunRefusals(const Context& ctx) {
  ZkTopo zk;
  const auto nothing = co_await zk.Connect(ctx, "", "/global");
  EXPECT_TRUE(!nothing.ok() && nothing.error().code() == Code::kInvalidArgument);
  const auto no_port = co_await zk.Connect(ctx, "127.0.0.1", "/global");
  EXPECT_FALSE(no_port.ok());
  for (const std::string_view address : {"127.0.0.1:1", "no-such-host.invalid:2181"}) {
    const auto down = co_await zk.Connect(ctx, std::string(address), "/global");
    EXPECT_TRUE(down.ok());
    if (!down.ok()) continue;
    const auto answer = co_await (*down)->Get(ctx, "x");
    EXPECT_TRUE(!answer.ok() && answer.error().code() == Code::kUnavailable);
    EXPECT_NE(answer.error().message().find(address), std::string::npos);
    co_await (*down)->Close();
  }
  zk.flags().tls.ca = "/no/such/ca.pem";
  const auto tls = co_await zk.Connect(ctx, "127.0.0.1:1", "/global");
  EXPECT_TRUE(!tls.ok() && tls.error().code() == Code::kInvalidArgument);
  EXPECT_NE(tls.error().message().find("/no/such/ca.pem"), std::string::npos);
  EXPECT_NE(tls.error().hint().find("--topo-zk-tls-ca"), std::string::npos);
  zk.flags().tls.ca = "";
  zk.flags().tls.cert = "/no/such/cert.pem";
  const auto half = co_await zk.Connect(ctx, "127.0.0.1:1", "/global");
  EXPECT_TRUE(!half.ok() && half.error().code() == Code::kInvalidArgument);
  zk.flags().tls.cert = "";
  zk.flags().tls.server_name = "zk.example";
  const auto name_alone = co_await zk.Connect(ctx, "127.0.0.1:1", "/global");
  EXPECT_TRUE(!name_alone.ok() && name_alone.error().code() == Code::kInvalidArgument);
  zk.flags().tls.server_name = "";
  zk.flags().auth_file = "/no/such/file";
  const auto no_file = co_await zk.Connect(ctx, "127.0.0.1:1", "/global");
  EXPECT_TRUE(!no_file.ok() && no_file.error().code() == Code::kInvalidArgument);
  co_return 0;
}

TEST(Zk, SaysWhatIsWrongWithItsAddress) {
  runtime::RunLoop([](const Context& ctx) { return RunRefusals(ctx); });
}

}  // namespace
}  // namespace tessera::topo_zk
