// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/waiter.h"
#include "runtime/loop_pool.h"
#include "topo/errors.h"
#include "topo_zk/zk_topo.h"

// Real ZooKeeper servers for tests, on free ports of this machine.
namespace tessera::topo_zk::testing {

inline constexpr const char* kJava = "/usr/bin/java";
inline constexpr const char* kServer = "/usr/share/java/zookeeper.jar";

// Debian's jar does not name all that TLS needs.
inline constexpr const char* kClassPath =
    "/usr/share/java/zookeeper.jar:/usr/share/java/netty-codec.jar:"
    "/usr/share/java/netty-resolver.jar";

inline bool Installed() { return access(kJava, X_OK) == 0 && access(kServer, R_OK) == 0; }

// A port nobody listens on now.
inline Result<uint16_t> FreePort() {
  TRY(const auto listener, runtime::Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", 0)));
  return listener->address().port;
}

// One server, from its start to its end, with its data in a folder of its own. `settings` are lines
// of zoo.cfg besides those that every server needs; `id` is its number in an ensemble.
class ZkProcess {
 public:
  explicit ZkProcess(uint16_t port, const std::string& settings = {}, int id = 0) : port_(port) {
    std::string folder = (std::filesystem::temp_directory_path() / "topo_zk_test.XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    std::filesystem::create_directory(folder_ + "/data");
    if (id > 0) std::ofstream(folder_ + "/data/myid") << id;
    std::ofstream(folder_ + "/zoo.cfg")
        << "tickTime=500\ndataDir=" << folder_
        << "/data\nclientPortAddress=127.0.0.1\nclientPort=" << port
        << "\nadmin.enableServer=false\n4lw.commands.whitelist=srvr\n"
        << settings;
    Start();
  }
  ~ZkProcess() {
    Kill();
    std::filesystem::remove_all(folder_);
  }
  ZkProcess(const ZkProcess&) = delete;
  ZkProcess& operator=(const ZkProcess&) = delete;

  void Start() {
    const std::string config = folder_ + "/zoo.cfg";
    const std::string log = folder_ + "/log";
    pid_ = fork();
    if (pid_ != 0) return;
    if (freopen(log.c_str(), "a", stderr) == nullptr ||
        freopen(log.c_str(), "a", stdout) == nullptr)
      _exit(1);
    execl(kJava, "java", "-Xmx64m", "-XX:TieredStopAtLevel=1",
          "-Dzookeeper.serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory", "-cp",
          kClassPath, "org.apache.zookeeper.server.quorum.QuorumPeerMain", config.c_str(), nullptr);
    _exit(1);
  }
  void Kill() {
    if (pid_ == 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  // It keeps its connections and answers nothing.
  void Hang() const { kill(pid_, SIGSTOP); }
  void GoOn() const { kill(pid_, SIGCONT); }
  uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  uint16_t port_;
  pid_t pid_ = 0;
  std::string folder_;
};

inline Task<Result<>> WaitUntilUp(const Context& ctx, topo::Conn& conn) {
  for (;;) {
    const Result<topo::Node> probe = co_await conn.Get(ctx, "probe");
    if (!probe.ok() && topo::IsNoNode(probe.error())) co_return Ok{};
    Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(50));
    if (!slept.ok()) co_return std::move(slept).Wrap(probe.ok() ? "" : probe.error().message());
  }
}

inline Task<Result<std::unique_ptr<topo::Conn>>> Open(const Context& ctx, ZkTopo& zk,
                                                      const std::string& address,
                                                      std::string root) {
  CO_TRY(auto conn, co_await zk.Connect(ctx, address, std::move(root)));
  Result<> up = co_await WaitUntilUp(ctx, *conn);
  if (up.ok()) co_return conn;
  co_await conn->Close();
  co_return std::move(up).error();
}

// Runs a test on a loop; it fails with the error that the test gives.
using FreeBody = Task<Result<>> (*)(const Context&);

inline Task<int> RunFree(const Context& ctx, FreeBody body) {
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(120));
  const Result<> done = co_await body(bounded);
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  co_return 0;
}

inline void OnLoop(FreeBody body) {
  if (!Installed()) GTEST_SKIP() << "no ZooKeeper is installed (libzookeeper-java, a JRE)";
  runtime::RunLoop([body](const Context& ctx) { return RunFree(ctx, body); });
}

}  // namespace tessera::topo_zk::testing
