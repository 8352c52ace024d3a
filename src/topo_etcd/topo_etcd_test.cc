// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Runs against a real etcd, started here on free ports with its data in a temporary folder.
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <sys/wait.h>
#include <unistd.h>

#include "base/waiter.h"
#include "runtime/loop_pool.h"
#include "topo/conformance.h"
#include "topo_etcd/etcd_topo.h"

namespace tessera::topo_etcd {
namespace {

// A port nobody listens on now.
Result<uint16_t> FreePort() {
  TRY(const auto listener, runtime::Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", 0)));
  return listener->address().port;
}

class EtcdProcess {
 public:
  EtcdProcess(uint16_t client_port, uint16_t peer_port) {
    std::string folder =
        (std::filesystem::temp_directory_path() / "topo_etcd_test.XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    const std::string client = "http://127.0.0.1:" + std::to_string(client_port);
    const std::string peer = "http://127.0.0.1:" + std::to_string(peer_port);
    const std::string cluster = "default=" + peer;
    pid_ = fork();
    if (pid_ != 0) return;
    if (freopen("/dev/null", "w", stderr) == nullptr ||
        freopen("/dev/null", "w", stdout) == nullptr)
      _exit(1);
    execl("/usr/bin/etcd", "etcd", "--data-dir", folder_.c_str(), "--listen-client-urls",
          client.c_str(), "--advertise-client-urls", client.c_str(), "--listen-peer-urls",
          peer.c_str(), "--initial-advertise-peer-urls", peer.c_str(), "--initial-cluster",
          cluster.c_str(), nullptr);
    _exit(1);
  }
  ~EtcdProcess() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }

 private:
  pid_t pid_ = 0;
  std::string folder_;
};

Task<Result<>> WaitUntilUp(const Context& ctx, topo::Conn& conn) {
  for (;;) {
    const Result<topo::Node> probe = co_await conn.Get(ctx, "probe");
    if (!probe.ok() && topo::IsNoNode(probe.error())) co_return Ok{};
    CO_TRY_OK(co_await Sleep(ctx, std::chrono::milliseconds(100)));
  }
}

// A holder that stops keeping its lease alive loses the lock when the lease runs out.
Task<Result<>> LeasesRunOut(const Context& ctx, const std::string& address) {
  EtcdOptions options;
  options.lease_ttl = std::chrono::seconds(1);
  EtcdTopo etcd(options);
  CO_TRY(const auto dying, co_await etcd.Connect(ctx, address, "/leases"));
  CO_TRY(const auto living, co_await etcd.Connect(ctx, address, "/leases"));
  CO_TRY_OK(co_await living->Create(ctx, "ks/Keyspace", "k"));
  auto held = co_await dying->Lock(ctx, "ks", "dying");
  EXPECT_TRUE(held.ok());
  if (held.ok()) held->reset();  // never unlocked
  const auto taken = co_await living->Lock(ctx, "ks", "living");
  EXPECT_TRUE(taken.ok());
  if (taken.ok()) {
    const Result<> kept = co_await (*taken)->Check(ctx);
    EXPECT_TRUE(kept.ok());
    const Result<> freed = co_await (*taken)->Unlock(ctx);
    EXPECT_TRUE(freed.ok());
    const Result<> lost = co_await (*taken)->Check(ctx);
    EXPECT_FALSE(lost.ok());
  }
  co_await dying->Close();
  co_await living->Close();
  co_return Ok{};
}

Task<Result<>> Conform(const Context& ctx) {
  CO_TRY(const uint16_t client_port, FreePort());
  CO_TRY(const uint16_t peer_port, FreePort());
  const EtcdProcess process(client_port, peer_port);
  const std::string address = "127.0.0.1:" + std::to_string(client_port);
  EtcdTopo etcd;
  // The first server of the list is down: the next must be found.
  CO_TRY(const auto a, co_await etcd.Connect(ctx, "127.0.0.1:1," + address, "/global"));
  CO_TRY(const auto b, co_await etcd.Connect(ctx, address, "/global"));
  const Result<> up = co_await WaitUntilUp(ctx, *b);
  EXPECT_TRUE(up.ok());
  if (up.ok()) {
    const Result<> conforms = co_await topo::conformance::Everything(ctx, *a, *b);
    EXPECT_TRUE(conforms.ok()) << conforms.error().ToString();
    const Result<> leases = co_await LeasesRunOut(ctx, address);
    EXPECT_TRUE(leases.ok()) << leases.error().ToString();
  }
  co_await a->Close();
  co_await b->Close();
  co_return Ok{};
}

Task<int> RunConform(const Context& ctx) {
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(60));
  const Result<> done = co_await Conform(bounded);
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  co_return 0;
}

TEST(Etcd, Conforms) {
  if (access("/usr/bin/etcd", X_OK) != 0) GTEST_SKIP() << "no etcd is installed";
  runtime::RunLoop([](const Context& ctx) { return RunConform(ctx); });
}

Task<int> RunRefusals(const Context& ctx) {
  EtcdTopo etcd;
  const auto nothing = co_await etcd.Connect(ctx, "", "/global");
  EXPECT_FALSE(nothing.ok());
  const auto tls = co_await etcd.Connect(ctx, "https://127.0.0.1:2379", "/global");
  EXPECT_TRUE(!tls.ok() && tls.error().code() == Code::kUnimplemented);
  const auto down = co_await etcd.Connect(ctx, "127.0.0.1:1", "/global");
  EXPECT_TRUE(down.ok());
  if (down.ok()) {
    const auto answer = co_await (*down)->Get(ctx, "x");
    EXPECT_TRUE(!answer.ok() && answer.error().code() == Code::kUnavailable);
    EXPECT_NE(answer.error().message().find("127.0.0.1:1"), std::string::npos);
    co_await (*down)->Close();
  }
  co_return 0;
}

TEST(Etcd, SaysWhatIsWrongWithItsAddress) {
  runtime::RunLoop([](const Context& ctx) { return RunRefusals(ctx); });
}

}  // namespace
}  // namespace tessera::topo_etcd
