// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Three real servers that agree with each other, and what happens when they die, hang or lose sight
// of each other.
#include <algorithm>
#include <array>
#include <chrono>
#include <functional>

#include "topo_zk/testing/zk_servers.h"

namespace tessera::topo_zk {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FreePort;
using testing::OnLoop;
using testing::ZkProcess;

constexpr int kServers = 3;

struct Ensemble {
  std::vector<std::unique_ptr<ZkProcess>> servers;
  std::string Address() const {
    std::string out;
    for (const auto& server : servers) out += (out.empty() ? "" : ",") + server->address();
    return out;
  }
};

Result<Ensemble> StartEnsemble() {
  // Six ports between the servers, three for clients.
  std::vector<uint16_t> ports;
  while (ports.size() < size_t{3} * kServers) {
    TRY(const uint16_t port, FreePort());
    if (std::find(ports.begin(), ports.end(), port) == ports.end()) ports.push_back(port);
  }
  std::string settings = "initLimit=10\nsyncLimit=4\n";
  for (int i = 0; i < kServers; ++i)
    settings += fmt::format("server.{}=127.0.0.1:{}:{}\n", i + 1, ports[i], ports[kServers + i]);
  Ensemble out;
  for (int i = 0; i < kServers; ++i)
    out.servers.push_back(std::make_unique<ZkProcess>(ports[2 * kServers + i], settings, i + 1));
  return out;
}

// What a server says about itself: "leader", "follower", or nothing when it does not serve.
Task<Result<std::string>> ModeOf(const Context& ctx, ZkProcess& server) {
  const Context brief = ctx.WithTimeout(seconds(2));
  const auto address = runtime::Address::Tcp("127.0.0.1", server.port());
  auto stream = co_await runtime::Loop::Current().Connect(brief, address);
  if (!stream.ok()) co_return std::string();
  const Result<> asked = co_await (*stream)->WriteAll(brief, "srvr");
  if (!asked.ok()) co_return std::string();
  std::string answer;
  std::array<char, 1024> buffer{};
  for (;;) {
    const Result<size_t> count = co_await (*stream)->Read(brief, buffer);
    if (!count.ok() || *count == 0) break;
    answer.append(buffer.data(), *count);
  }
  const size_t mode = answer.find("Mode: ");
  if (mode == std::string::npos) co_return std::string();
  co_return answer.substr(mode + 6, answer.find('\n', mode) - mode - 6);
}

// The number of a server that is `mode`, once there is one.
Task<Result<size_t>> FindServer(const Context& ctx, Ensemble& ensemble, std::string mode) {
  for (;;) {
    for (size_t i = 0; i < ensemble.servers.size(); ++i) {
      const Result<std::string> said = co_await ModeOf(ctx, *ensemble.servers[i]);
      if (said.ok() && *said == mode) co_return i;
    }
    CO_TRY_OK(co_await Sleep(ctx, milliseconds(100)));
  }
}

// Writes until it is done, and reads back. Every refusal on the way must be one that says that the
// servers do not answer.
Task<Result<>> WriteAndRead(const Context& ctx, topo::Conn& conn, std::string contents) {
  for (;;) {
    const auto written = co_await conn.Update(ctx, "ks/Keyspace", contents, std::nullopt);
    if (written.ok()) break;
    const Code code = written.error().code();
    EXPECT_TRUE(code == Code::kUnavailable || code == Code::kDeadlineExceeded)
        << written.error().ToString();
    Result<> slept = co_await Sleep(ctx, milliseconds(50));
    if (!slept.ok()) co_return std::move(slept).Wrap(written.error().message());
  }
  for (;;) {
    const auto read = co_await conn.Get(ctx, "ks/Keyspace");
    // Another server, to which the client has moved meanwhile, may still be behind.
    if (read.ok() && read->contents == contents) co_return Ok{};
    CO_TRY_OK(co_await Sleep(ctx, milliseconds(50)));
  }
}

Task<Result<>> Survives(const Context& ctx) {
  CO_TRY(Ensemble ensemble, StartEnsemble());
  ZkTopo zk;
  zk.flags().base_timeout = seconds(6);
  CO_TRY(const auto conn, co_await testing::Open(ctx, zk, ensemble.Address(), "/e"));
  CO_TRY_OK(co_await conn->Create(ctx, "ks/Keyspace", "0"));
  CO_TRY(const auto watcher, co_await conn->Watch(ctx, "ks/Keyspace"));
  CO_TRY(const auto tree, co_await conn->WatchTree(ctx, "ks"));
  CO_TRY(const auto lock, co_await conn->Lock(ctx, "ks", "held through it all"));

  CO_TRY(const size_t leader, co_await FindServer(ctx, ensemble, "leader"));
  ensemble.servers[leader]->Kill();
  CO_TRY_OK(co_await WriteAndRead(ctx, *conn, "without the leader"));
  ensemble.servers[leader]->Start();
  // A server that comes back must have joined before the next goes, or two would be gone.
  for (std::string mode; mode != "follower";) {
    CO_TRY(mode, co_await ModeOf(ctx, *ensemble.servers[leader]));
    CO_TRY_OK(co_await Sleep(ctx, milliseconds(50)));
  }
  ensemble.servers[leader]->Kill();
  CO_TRY_OK(co_await WriteAndRead(ctx, *conn, "without a follower"));

  // Two of three: nobody may write, and the error says where it was tried.
  CO_TRY(const size_t second, co_await FindServer(ctx, ensemble, "leader"));
  ensemble.servers[second]->Kill();
  const Context brief = ctx.WithTimeout(seconds(3));
  const auto refused = co_await conn->Update(brief, "ks/Keyspace", "never", std::nullopt);
  EXPECT_FALSE(refused.ok());
  if (!refused.ok()) {
    EXPECT_TRUE(refused.error().code() == Code::kUnavailable ||
                refused.error().code() == Code::kDeadlineExceeded)
        << refused.error().ToString();
    EXPECT_FALSE(refused.error().message().empty());
  }
  const auto unread = co_await conn->Get(brief, "ks/Keyspace");
  EXPECT_FALSE(unread.ok());
  if (!unread.ok()) EXPECT_NE(unread.error().message().find("127.0.0.1"), std::string::npos);
  ensemble.servers[second]->Start();
  CO_TRY_OK(co_await WriteAndRead(ctx, *conn, "with two of three again"));

  // The watches tell the last value, whatever they left out.
  for (std::string last; last != "with two of three again";) {
    CO_TRY(topo::Node told, co_await watcher->Next(ctx));
    last = std::move(told.contents);
  }
  for (std::string last; last != "with two of three again";) {
    CO_TRY(const topo::TreeChange told, co_await tree->Next(ctx));
    if (told.node) last = told.node->contents;
  }
  // Sessions of clients outlive an election; the clock starts anew with the new leader.
  CO_TRY_OK(co_await lock->Check(ctx));
  CO_TRY_OK(co_await lock->Unlock(ctx));
  co_await conn->Close();
  co_return Ok{};
}

TEST(ZkEnsemble, SurvivesDeathsOfItsServers) { OnLoop(Survives); }

// Hangs one server after another: whichever the client is connected to is among them.
Task<Result<>> MovesOn(const Context& ctx) {
  CO_TRY(Ensemble ensemble, StartEnsemble());
  ZkTopo zk;
  zk.flags().base_timeout = seconds(6);
  CO_TRY(const auto conn, co_await testing::Open(ctx, zk, ensemble.Address(), "/h"));
  CO_TRY_OK(co_await conn->Create(ctx, "ks/Keyspace", "0"));
  CO_TRY(const size_t leader, co_await FindServer(ctx, ensemble, "leader"));
  for (size_t i = 0; i < kServers; ++i) {
    ZkProcess& hung = *ensemble.servers[(leader + i) % kServers];
    hung.Hang();
    const Result<> done = co_await WriteAndRead(ctx, *conn, fmt::format("without {}", i));
    hung.GoOn();
    CO_TRY_OK(done);
    // It takes part again before the next one hangs.
    for (std::string mode; mode != "follower" && mode != "leader";) {
      CO_TRY(mode, co_await ModeOf(ctx, hung));
      CO_TRY_OK(co_await Sleep(ctx, milliseconds(50)));
    }
  }
  // The leader sees nobody, its followers see each other: what was agreed on counts everywhere.
  CO_TRY(const size_t now, co_await FindServer(ctx, ensemble, "leader"));
  ensemble.servers[now]->Hang();
  CO_TRY_OK(co_await WriteAndRead(ctx, *conn, "agreed without the old leader"));
  ensemble.servers[now]->GoOn();
  CO_TRY(const auto other, co_await testing::Open(ctx, zk, ensemble.servers[now]->address(), "/h"));
  CO_TRY(const topo::Node read, co_await other->Get(ctx, "ks/Keyspace"));
  EXPECT_EQ(read.contents, "agreed without the old leader");
  co_await other->Close();
  co_await conn->Close();
  co_return Ok{};
}

TEST(ZkEnsemble, ClientsLeaveServersThatHang) { OnLoop(MovesOn); }

}  // namespace
}  // namespace tessera::topo_zk
