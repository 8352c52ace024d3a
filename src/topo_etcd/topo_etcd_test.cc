// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Runs against a real etcd, started here on free ports with its data in a temporary folder.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/waiter.h"
#include "rpc/channel.h"
#include "runtime/loop_pool.h"
#include "runtime/task_group.h"
#include "runtime/testing/certificates.h"
#include "topo/conformance.h"
#include "topo/errors.h"
#include "topo/guard_conformance.h"
#include "topo/server.h"
#include "topo_etcd/etcd_topo.h"

namespace tessera::topo_etcd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A port nobody listens on now.
uint16_t FreePort() {
  const auto listener = runtime::Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", 0));
  CHECK(listener.ok());
  return (*listener)->address().port;
}

class EtcdProcess {
 public:
  // More arguments turn TLS on.
  explicit EtcdProcess(std::vector<std::string> more = {})
      : more_(std::move(more)), client_port_(FreePort()), peer_port_(FreePort()) {
    std::string folder =
        (std::filesystem::temp_directory_path() / "topo_etcd_test.XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    Start();
  }
  ~EtcdProcess() {
    Kill();
    std::filesystem::remove_all(folder_);
  }
  EtcdProcess(const EtcdProcess&) = delete;
  EtcdProcess& operator=(const EtcdProcess&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(client_port_); }

  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  void Start() {
    const std::string client = (more_.empty() ? "http://" : "https://") + address();
    const std::string peer = "http://127.0.0.1:" + std::to_string(peer_port_);
    std::vector<std::string> words = {"etcd",
                                      "--data-dir",
                                      folder_ + "/data",
                                      "--unsafe-no-fsync",
                                      "--listen-client-urls",
                                      client,
                                      "--advertise-client-urls",
                                      client,
                                      "--listen-peer-urls",
                                      peer,
                                      "--initial-advertise-peer-urls",
                                      peer,
                                      "--initial-cluster",
                                      "default=" + peer};
    words.insert(words.end(), more_.begin(), more_.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    if (freopen("/dev/null", "w", stderr) == nullptr ||
        freopen("/dev/null", "w", stdout) == nullptr)
      _exit(1);
    execv("/usr/bin/etcd", arguments.data());
    _exit(1);
  }
  void LoseData() { std::filesystem::remove_all(folder_ + "/data"); }

 private:
  std::vector<std::string> more_;
  uint16_t client_port_;
  uint16_t peer_port_;
  pid_t pid_ = 0;
  std::string folder_;
};

using Body = Task<Result<>> (*)(const Context&);

Task<int> RunBody(const Context& ctx, Body body) {
  const Context bounded = ctx.WithTimeout(seconds(100));
  const Result<> done = co_await body(bounded);
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  co_return 0;
}

void RunWithEtcd(Body body) {
  if (access("/usr/bin/etcd", X_OK) != 0) GTEST_SKIP() << "no etcd is installed";
  runtime::RunLoop([body](const Context& ctx) { return RunBody(ctx, body); });
}

Task<Result<>> WaitUntilUp(const Context& ctx, topo::Conn& conn) {
  for (;;) {
    const Result<topo::Node> probe = co_await conn.Get(ctx, "probe");
    if (!probe.ok() && topo::IsNoNode(probe.error())) co_return Ok{};
    CO_TRY_OK(co_await Sleep(ctx, milliseconds(100)));
  }
}

EtcdOptions BriefLeases() {
  EtcdOptions options;
  options.lease_ttl = seconds(1);
  return options;
}

Task<Result<>> Conform(const Context& ctx) {
  const EtcdProcess process;
  EtcdTopo etcd(BriefLeases());
  // The first server of the list is down: the next must be found.
  CO_TRY(const auto a, co_await etcd.Connect(ctx, "127.0.0.1:1," + process.address(), "/global"));
  CO_TRY(const auto b, co_await etcd.Connect(ctx, "http://" + process.address(), "/global"));
  CO_TRY_OK(co_await WaitUntilUp(ctx, *b));
  const Result<> conforms = co_await topo::conformance::Everything(ctx, *a, *b);
  EXPECT_TRUE(conforms.ok()) << conforms.error().ToString();
  topo::conformance::Thief thief = [](const Context& theirs, topo::Conn& conn) {
    return topo::conformance::DeletePlaces(theirs, conn, "guarded/locks");
  };
  const Result<> guards = co_await topo::conformance::GuardedWrites(ctx, *a, *b, thief);
  EXPECT_TRUE(guards.ok()) << guards.error().ToString();
  const Result<> dies = co_await topo::conformance::HolderDies(ctx, *a, *b);
  EXPECT_TRUE(dies.ok()) << dies.error().ToString();
  co_await b->Close();
  co_return Ok{};
}

TEST(Etcd, Conforms) { RunWithEtcd(Conform); }

Task<Result<>> Fill(const Context& ctx, topo::Conn& conn, int from, int to, std::string contents) {
  for (int i = from; i < to; ++i) {
    CO_TRY_OK(co_await conn.Create(ctx, fmt::format("tablets/zone1-{:010}/Tablet", i), contents));
  }
  co_return Ok{};
}

// 800 records of 40 kB: more than two answers may hold.
Task<Result<>> LongLists(const Context& ctx) {
  constexpr int kRecords = 800;
  const EtcdProcess process;
  EtcdTopo etcd(BriefLeases());
  CO_TRY(const auto conn, co_await etcd.Connect(ctx, process.address(), "/zone1"));
  CO_TRY_OK(co_await WaitUntilUp(ctx, *conn));
  runtime::TaskGroup group(ctx);
  for (int from = 0; from < kRecords; from += 50) {
    // The first hundred make a page that is too large as it is.
    const size_t size = from < 100 ? 150'000 : 40'000;
    group.Start(Fill(group.context(), *conn, from, from + 50, std::string(size, 'x')));
  }
  const Result<> filled = co_await group.Join();
  EXPECT_TRUE(filled.ok()) << filled.error().ToString();
  CO_TRY(const auto all, co_await conn->List(ctx, "tablets"));
  EXPECT_EQ(all.size(), size_t{kRecords});
  for (size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].path, all[i].path);
  CO_TRY(const auto names, co_await conn->ListDir(ctx, "tablets"));
  EXPECT_EQ(names.size(), size_t{kRecords});
  CO_TRY(const auto tree, co_await conn->WatchTree(ctx, "tablets"));
  EXPECT_EQ(tree->first().size(), size_t{kRecords});
  co_await conn->Close();
  // A watch that outlives its connection ends.
  const Result<topo::TreeChange> closed = co_await tree->Next(ctx);
  EXPECT_FALSE(closed.ok());
  co_return Ok{};
}

TEST(Etcd, ListsMoreThanOneAnswerHolds) { RunWithEtcd(LongLists); }

Task<Result<>> WriteOnceUp(const Context& ctx, topo::Conn& conn, std::string path) {
  for (;;) {
    const auto written = co_await conn.Update(ctx, path, "after", std::nullopt);
    if (written.ok()) co_return Ok{};
    CO_TRY_OK(co_await Sleep(ctx, milliseconds(100)));
  }
}

Task<Result<>> Restarts(const Context& ctx) {
  EtcdProcess process;
  EtcdTopo etcd(BriefLeases());
  CO_TRY(const auto watching, co_await etcd.Connect(ctx, process.address(), "/global"));
  CO_TRY(const auto writing, co_await etcd.Connect(ctx, process.address(), "/global"));
  CO_TRY_OK(co_await WaitUntilUp(ctx, *writing));
  CO_TRY_OK(co_await writing->Create(ctx, "dir/a", "before"));
  CO_TRY_OK(co_await writing->Create(ctx, "dir/b", "before"));
  CO_TRY(const auto watcher, co_await watching->Watch(ctx, "dir/a"));
  CO_TRY(const auto tree, co_await watching->WatchTree(ctx, "dir"));
  process.Kill();
  const Context brief = ctx.WithTimeout(milliseconds(300));
  const auto waits = co_await watcher->Next(brief);
  EXPECT_EQ(waits.error().code(), Code::kDeadlineExceeded) << waits.error().ToString();
  const auto refused = co_await writing->Get(ctx, "dir/a");
  EXPECT_EQ(refused.error().code(), Code::kUnavailable);
  process.Start();
  CO_TRY_OK(co_await WriteOnceUp(ctx, *writing, "dir/a"));
  CO_TRY(const topo::Node after, co_await watcher->Next(ctx));
  EXPECT_EQ(after.contents, "after");
  CO_TRY(const topo::TreeChange change, co_await tree->Next(ctx));
  EXPECT_EQ(change.path, "dir/a");
  // It comes back with nothing: what was watched is gone, and that is told.
  for (int i = 0; i < 20; ++i) {
    CO_TRY_OK(co_await writing->Update(ctx, "dir/b", "more", std::nullopt));
  }
  process.Kill();
  process.LoseData();
  process.Start();
  const auto lost = co_await watcher->Next(ctx);
  EXPECT_TRUE(!lost.ok() && topo::IsNoNode(lost.error()));
  std::vector<std::string> deleted;
  while (deleted.size() < 2) {
    CO_TRY(const topo::TreeChange gone, co_await tree->Next(ctx));
    if (!gone.node) deleted.push_back(gone.path);
  }
  CO_TRY_OK(co_await WriteOnceUp(ctx, *writing, "dir/c"));
  CO_TRY(const topo::TreeChange anew, co_await tree->Next(ctx));
  EXPECT_EQ(anew.path, "dir/c");
  co_await watching->Close();
  co_await writing->Close();
  co_return Ok{};
}

TEST(Etcd, WatchesOutliveRestartsAndTellOfLostData) { RunWithEtcd(Restarts); }

Task<Result<>> WaitInQueue(const Context& ctx, topo::Conn& conn, Result<>& outcome) {
  const auto lock = co_await conn.Lock(ctx, "dir", "second");
  outcome = lock.ok() ? Result<>(Ok{}) : Result<>(lock.error());
  co_return Ok{};
}

// Who holds a lock, or waits for it, learns that etcd has forgotten it.
Task<Result<>> LosesLocks(const Context& ctx) {
  EtcdProcess process;
  EtcdTopo etcd;
  CO_TRY(const auto first, co_await etcd.Connect(ctx, process.address(), "/global"));
  CO_TRY(const auto second, co_await etcd.Connect(ctx, process.address(), "/global"));
  CO_TRY_OK(co_await WaitUntilUp(ctx, *first));
  CO_TRY_OK(co_await first->Create(ctx, "dir/a", "x"));
  CO_TRY(const auto lock, co_await first->Lock(ctx, "dir", "first"));
  Result<> outcome = Ok{};
  runtime::TaskGroup group(ctx);
  group.Start(WaitInQueue(group.context(), *second, outcome));
  for (size_t queued = 1; queued < 2;) {
    CO_TRY(const auto places, co_await first->ListDir(ctx, "dir/locks"));
    queued = places.size();
    CO_TRY_OK(co_await Sleep(ctx, milliseconds(10)));
  }
  process.Kill();
  process.LoseData();
  process.Start();
  const Result<> joined = co_await group.Join();
  EXPECT_TRUE(joined.ok());
  EXPECT_FALSE(outcome.ok());
  CO_TRY_OK(co_await WaitUntilUp(ctx, *first));
  const Result<> held = co_await lock->Check(ctx);
  EXPECT_FALSE(held.ok());
  co_await first->Close();
  co_await second->Close();
  co_return Ok{};
}

TEST(Etcd, LockQueuesAreLostWithTheData) { RunWithEtcd(LosesLocks); }

// Writes two records under a lock; between them `thief` takes it away.
Task<Result<>> WriteTwice(const Context& ctx, topo::Server& locked, topo::Conn& thief) {
  CO_TRY_OK(co_await locked.SetMetadata(ctx, "first", "1"));
  CO_TRY(const auto places, co_await thief.ListDir(ctx, "keyspaces/ks/locks"));
  for (const topo::DirEntry& place : places) {
    const std::string path = "keyspaces/ks/locks/" + place.name;
    CO_TRY_OK(co_await thief.Delete(ctx, path, std::nullopt));
  }
  co_return co_await locked.SetMetadata(ctx, "second", "2");
}

Task<Result<>> FencesWrites(const Context& ctx) {
  EtcdProcess process;
  EtcdTopo etcd;
  topo::ServerOptions options;
  options.implementation = "etcd2";
  options.global_address = process.address();
  topo::Server::Factories factories;
  factories["etcd2"] = &etcd;
  CO_TRY(const auto server, co_await topo::Server::Open(ctx, options, factories));
  CO_TRY_OK(co_await WaitUntilUp(ctx, server->global()));
  CO_TRY(const auto thief, co_await etcd.Connect(ctx, process.address(), "/global"));
  CO_TRY_OK(co_await server->EnsureShard(ctx, "ks", "0"));
  topo::Server::LockedWork work = [&](topo::Server& locked) {
    return WriteTwice(ctx, locked, *thief);
  };
  const Result<> done = co_await server->UnderKeyspaceLock(ctx, "ks", "Work", std::move(work));
  EXPECT_EQ(done.error().code(), Code::kAborted);
  EXPECT_NE(done.error().message().find("written were global:metadata/first"), std::string::npos)
      << done.error().message();
  CO_TRY(const auto values, co_await server->GetAllMetadata(ctx));
  EXPECT_EQ(values.size(), 1u);
  co_await thief->Close();
  co_await server->Close();
  co_return Ok{};
}

TEST(Etcd, NothingIsWrittenOnceTheLockIsGone) { RunWithEtcd(FencesWrites); }

Task<Result<>> SpeakTls(const Context& ctx) {
  runtime::testing::TestAuthority authority("etcd");
  const auto server = authority.Issue();
  const auto client = authority.Issue();
  std::vector<std::string> more = {"--cert-file", server.certificate_file, "--key-file",
                                   server.key_file};
  more.push_back("--client-cert-auth");
  more.push_back("--trusted-ca-file");
  more.push_back(authority.ca_file());
  const EtcdProcess process(more);
  EtcdOptions options = BriefLeases();
  options.tls_ca = authority.ca_file();
  options.tls_cert = client.certificate_file;
  options.tls_key = client.key_file;
  EtcdTopo etcd(options);
  CO_TRY(const auto a, co_await etcd.Connect(ctx, process.address(), "/global"));
  CO_TRY(const auto b, co_await etcd.Connect(ctx, "https://" + process.address(), "/global"));
  CO_TRY_OK(co_await WaitUntilUp(ctx, *a));
  CO_TRY_OK(co_await topo::conformance::Everything(ctx, *a, *b));
  // The authority of somebody else is not believed.
  runtime::testing::TestAuthority stranger("stranger");
  options.tls_ca = stranger.ca_file();
  EtcdTopo wary(options);
  CO_TRY(const auto c, co_await wary.Connect(ctx, process.address(), "/global"));
  const auto refused = co_await c->Get(ctx, "probe");
  EXPECT_EQ(refused.error().code(), Code::kUnavailable);
  options.tls_ca = "/nowhere/ca.pem";
  EtcdTopo lost(options);
  const auto nothing = co_await lost.Connect(ctx, process.address(), "/global");
  EXPECT_NE(nothing.error().message().find("/nowhere/ca.pem"), std::string::npos);
  co_await a->Close();
  co_await b->Close();
  co_await c->Close();
  co_return Ok{};
}

TEST(Etcd, SpeaksTls) { RunWithEtcd(SpeakTls); }

// A message of two short strings, fields 1 and 2.
std::string Pair(const std::string& one, const std::string& two) {
  return fmt::format("\x0a{}{}\x12{}{}", static_cast<char>(one.size()), one,
                     static_cast<char>(two.size()), two);
}

Task<Result<>> RequireLogins(const Context& ctx, const std::string& address) {
  CO_TRY(runtime::Address target, runtime::Address::Parse(address));
  rpc::Channel admin(std::move(target));
  Result<std::string> done =
      co_await admin.Call(ctx, "/etcdserverpb.Auth/UserAdd", Pair("root", "secret"));
  if (done.ok()) {
    done = co_await admin.Call(ctx, "/etcdserverpb.Auth/UserGrantRole", Pair("root", "root"));
  }
  if (done.ok()) {
    done = co_await admin.Call(ctx, "/etcdserverpb.Auth/AuthEnable", std::string());
  }
  co_await admin.Close();
  if (!done.ok()) co_return done.error();
  co_return Ok{};
}

Task<Result<>> LogInToEtcd(const Context& ctx) {
  EtcdProcess process;
  runtime::testing::TestAuthority files("files");
  EtcdOptions options = BriefLeases();
  options.auth_file = files.WriteFile("root:secret\n");
  EtcdTopo etcd(options);
  CO_TRY(const auto a, co_await etcd.Connect(ctx, process.address(), "/global"));
  // Before etcd asks for logins, giving one does no harm.
  CO_TRY_OK(co_await WaitUntilUp(ctx, *a));
  CO_TRY_OK(co_await RequireLogins(ctx, process.address()));
  CO_TRY(const auto b, co_await etcd.Connect(ctx, process.address(), "/global"));
  CO_TRY_OK(co_await topo::conformance::Everything(ctx, *a, *b));
  // Tokens do not outlive the server.
  CO_TRY(const auto watcher, co_await a->Watch(ctx, "quick/Record"));
  process.Kill();
  process.Start();
  CO_TRY_OK(co_await WriteOnceUp(ctx, *b, "quick/Record"));
  CO_TRY(const topo::Node after, co_await watcher->Next(ctx));
  EXPECT_EQ(after.contents, "after");

  EtcdTopo anonymous;
  CO_TRY(const auto c, co_await anonymous.Connect(ctx, process.address(), "/global"));
  const auto refused = co_await c->Get(ctx, "quick/Record");
  EXPECT_FALSE(refused.ok());
  options.auth_file = files.WriteFile("root:guess");
  EtcdTopo wrong(options);
  CO_TRY(const auto d, co_await wrong.Connect(ctx, process.address(), "/global"));
  const auto failed = co_await d->Get(ctx, "quick/Record");
  EXPECT_NE(failed.error().message().find("login of user root"), std::string::npos)
      << failed.error().ToString();
  options.auth_file = files.WriteFile("no colon");
  EtcdTopo broken(options);
  const auto unread = co_await broken.Connect(ctx, process.address(), "/global");
  EXPECT_EQ(unread.error().code(), Code::kInvalidArgument);
  co_await a->Close();
  co_await b->Close();
  co_await c->Close();
  co_await d->Close();
  co_return Ok{};
}

TEST(Etcd, LogsIn) { RunWithEtcd(LogInToEtcd); }

Task<Result<>> Refusals(const Context& ctx) {
  EtcdTopo etcd;
  const auto nothing = co_await etcd.Connect(ctx, "", "/global");
  EXPECT_FALSE(nothing.ok());
  CO_TRY(const auto down, co_await etcd.Connect(ctx, "127.0.0.1:1", "/global"));
  const auto answer = co_await down->Get(ctx, "x");
  EXPECT_TRUE(!answer.ok() && answer.error().code() == Code::kUnavailable);
  EXPECT_NE(answer.error().message().find("127.0.0.1:1"), std::string::npos);
  co_await down->Close();
  co_return Ok{};
}

TEST(Etcd, SaysWhatIsWrongWithItsAddress) {
  runtime::RunLoop([](const Context& ctx) { return RunBody(ctx, Refusals); });
}

TEST(Etcd, TakesItsSettingsFromFlags) {
  EtcdTopo etcd;
  flags::FlagSet set("test", "A test.");
  etcd.RegisterFlags(set);
  ASSERT_TRUE(set.Parse({"--topo-etcd-tls-ca=/nowhere/flag.pem"}).ok());
  const auto connect = [&etcd](const Context& ctx) -> Task<int> {
    const auto conn = co_await etcd.Connect(ctx, "127.0.0.1:1", "/global");
    EXPECT_NE(conn.error().message().find("/nowhere/flag.pem"), std::string::npos);
    co_return 0;
  };
  runtime::RunLoop(connect);
}

}  // namespace
}  // namespace tessera::topo_etcd
