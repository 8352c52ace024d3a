// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// TLS to real ZooKeeper servers, and the relay that carries it.
#include <array>
#include <chrono>
#include <fstream>
#include <iterator>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "runtime/testing/certificates.h"
#include "topo/conformance.h"
#include "topo_zk/internal/zk_relay.h"
#include "topo_zk/testing/zk_servers.h"

namespace tessera::topo_zk {
namespace {

using runtime::Address;
using runtime::Loop;
using runtime::Stream;
using runtime::testing::CertificateWishes;
using runtime::testing::TestAuthority;
using runtime::testing::TestCertificate;
using testing::FreePort;
using testing::OnLoop;
using testing::ZkProcess;

std::string FileText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// What makes a server speak TLS on `port`, with a certificate of `authority`.
std::string SecureSettings(TestAuthority& authority, const TestCertificate& own, uint16_t port,
                           std::string_view clients) {
  // One file for both; ZooKeeper knows by its name that it is PEM.
  const std::string store =
      authority.WriteFile(FileText(own.key_file) + FileText(own.certificate_file));
  std::filesystem::copy_file(store, store + ".pem");
  return fmt::format(
      "secureClientPortAddress=127.0.0.1\nsecureClientPort={}\nssl.keyStore.location={}.pem\n"
      "ssl.keyStore.password=\nssl.trustStore.location={}\nssl.clientAuth={}\n"
      "ssl.hostnameVerification=false\n",
      port, store, authority.ca_file(), clients);
}

Result<std::unique_ptr<ZkProcess>> Secure(TestAuthority& authority, const TestCertificate& own,
                                          uint16_t port, std::string_view clients) {
  TRY(const uint16_t clear, FreePort());
  return std::make_unique<ZkProcess>(clear, SecureSettings(authority, own, port, clients));
}

std::string Local(uint16_t port) { return fmt::format("127.0.0.1:{}", port); }

Task<Result<>> ConformsOverTls(const Context& ctx) {
  TestAuthority authority("zookeeper");
  const TestCertificate server = authority.Issue();
  const TestCertificate client = authority.Issue();
  CO_TRY(const uint16_t port, FreePort());
  CO_TRY(const auto process, Secure(authority, server, port, "need"));
  ZkTopo zk;
  zk.flags().tls.ca = authority.ca_file();
  zk.flags().tls.cert = client.certificate_file;
  zk.flags().tls.key = client.key_file;
  // One by number, one by name, one behind a server that is down.
  CO_TRY(const auto a, co_await testing::Open(ctx, zk, "127.0.0.1:1," + Local(port), "/global"));
  CO_TRY(const auto b,
         co_await testing::Open(ctx, zk, fmt::format("localhost:{}", port), "/global"));
  CO_TRY_OK(co_await topo::conformance::Everything(ctx, *a, *b));
  // More than one buffer of the relay, both ways.
  const std::string large(300'000, 'x');
  CO_TRY_OK(co_await a->Create(ctx, "large", large));
  CO_TRY(const topo::Node read, co_await b->Get(ctx, "large"));
  EXPECT_TRUE(read.contents == large);
  // A session that is closed frees its locks at once.
  CO_TRY_OK(co_await a->Create(ctx, "ks/Keyspace", "k"));
  CO_TRY(auto held, co_await a->Lock(ctx, "ks", "a"));
  co_await a->Close();
  held.reset();
  const Context soon = ctx.WithTimeout(std::chrono::seconds(10));  // base timeout: 30 s
  CO_TRY(const auto next, co_await b->Lock(soon, "ks", "b"));
  CO_TRY_OK(co_await next->Unlock(ctx));
  co_await b->Close();
  co_return Ok{};
}

TEST(ZkTls, Conforms) { OnLoop(ConformsOverTls); }

Task<Result<>> OutlivesRestart(const Context& ctx) {
  TestAuthority authority("zookeeper");
  const TestCertificate server = authority.Issue();
  CO_TRY(const uint16_t port, FreePort());
  CO_TRY(const auto process, Secure(authority, server, port, "none"));
  ZkTopo zk;
  zk.flags().tls.ca = authority.ca_file();
  CO_TRY(const auto a, co_await testing::Open(ctx, zk, Local(port), "/r"));
  CO_TRY_OK(co_await a->Create(ctx, "ks/Keyspace", "1"));
  CO_TRY(const auto watcher, co_await a->Watch(ctx, "ks/Keyspace"));
  CO_TRY(const auto lock, co_await a->Lock(ctx, "ks", "a"));
  process->Kill();
  const auto down = co_await a->Get(ctx, "ks/Keyspace");
  EXPECT_TRUE(!down.ok() && down.error().code() == Code::kUnavailable);
  process->Start();
  CO_TRY_OK(co_await testing::WaitUntilUp(ctx, *a));
  CO_TRY_OK(co_await a->Update(ctx, "ks/Keyspace", "2", std::nullopt));
  CO_TRY(const topo::Node changed, co_await watcher->Next(ctx));
  EXPECT_EQ(changed.contents, "2");
  CO_TRY_OK(co_await lock->Check(ctx));
  CO_TRY_OK(co_await lock->Unlock(ctx));
  co_await a->Close();
  co_return Ok{};
}

TEST(ZkTls, SessionsOutliveARestartOfTheServer) { OnLoop(OutlivesRestart); }

// Asks until the answer is a refusal that says `what` and advises `hint`.
Task<Result<>> Refused(const Context& ctx, ZkTopo& zk, std::string address, std::string what,
                       std::string hint) {
  CO_TRY(const auto conn, co_await zk.Connect(ctx, address, "/global"));
  Result<> outcome = Ok{};
  for (;;) {
    const auto answer = co_await conn->Get(ctx, "probe");
    const bool refused = !answer.ok() && answer.error().code() == Code::kUnavailable;
    if (refused && answer.error().message().find(what) != std::string::npos) {
      EXPECT_NE(answer.error().hint().find(hint), std::string::npos) << answer.error().ToString();
      break;
    }
    if (answer.ok() || topo::IsNoNode(answer.error())) outcome = Error(Code::kInternal, "let in");
    const Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(100));
    if (!slept.ok()) outcome = Error(answer.ok() ? slept.error() : answer.error());
    if (!outcome.ok()) break;
  }
  co_await conn->Close();
  co_return std::move(outcome).Wrap("wanted: " + what);
}

Task<Result<>> RefusesStrangers(const Context& ctx) {
  TestAuthority authority("zookeeper");
  TestAuthority stranger("stranger");
  const TestCertificate server = authority.Issue();
  const TestCertificate client = authority.Issue();
  const TestCertificate foreign = stranger.Issue();
  CO_TRY(const uint16_t port, FreePort());
  CO_TRY(const auto process, Secure(authority, server, port, "need"));
  ZkTopo zk;
  ZkTlsFlags& tls = zk.flags().tls;
  tls.ca = authority.ca_file();
  tls.cert = client.certificate_file;
  tls.key = client.key_file;
  CO_TRY(const auto good, co_await testing::Open(ctx, zk, Local(port), "/global"));
  co_await good->Close();

  tls.ca = stranger.ca_file();
  CO_TRY_OK(co_await Refused(ctx, zk, Local(port), "certificate", "--topo-zk-tls-ca"));
  tls.ca = authority.ca_file();
  tls.server_name = "zk.example";
  CO_TRY_OK(
      co_await Refused(ctx, zk, Local(port), "not for zk.example", "--topo-zk-tls-server-name"));
  tls.server_name = "localhost";
  CO_TRY(const auto named, co_await testing::Open(ctx, zk, Local(port), "/global"));
  co_await named->Close();
  tls.server_name = "";
  tls.cert = "";
  tls.key = "";
  CO_TRY_OK(co_await Refused(ctx, zk, Local(port), Local(port), "--topo-zk-tls-cert"));
  tls.cert = foreign.certificate_file;
  tls.key = foreign.key_file;
  CO_TRY_OK(co_await Refused(ctx, zk, Local(port), Local(port), "--topo-zk-tls-cert"));
  // A port that speaks in clear.
  CO_TRY_OK(co_await Refused(ctx, zk, process->address(), "TLS", "secureClientPort"));
  co_return Ok{};
}

TEST(ZkTls, RefusesWhoeverItCannotVerify) { OnLoop(RefusesStrangers); }

Task<Result<>> RefusesExpired(const Context& ctx) {
  TestAuthority authority("zookeeper");
  CertificateWishes wishes;
  wishes.valid_from_days = -3;
  wishes.valid_to_days = -1;
  const TestCertificate server = authority.Issue(wishes);
  CO_TRY(const uint16_t port, FreePort());
  CO_TRY(const auto process, Secure(authority, server, port, "none"));
  ZkTopo zk;
  zk.flags().tls.ca = authority.ca_file();
  co_return co_await Refused(ctx, zk, Local(port), "expired", "in date");
}

TEST(ZkTls, RefusesACertificateThatExpired) { OnLoop(RefusesExpired); }

// A descriptor that connects to the relay, as the library's would.
int ConnectTo(const std::string& address) {
  const Result<Address> parsed = Address::Parse(address);
  EXPECT_TRUE(parsed.ok());
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(parsed->port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  return fd;
}

// What comes over a descriptor, which is closed at the end.
Task<Result<std::string>> ReadOnce(const Context& ctx, int fd) {
  runtime::FdEvents wanted;
  wanted.readable = true;
  CO_TRY_OK(co_await Loop::Current().WaitForFd(ctx, fd, wanted));
  std::array<char, 100> text{};
  const ssize_t count = recv(fd, text.data(), text.size(), 0);
  co_return std::string(text.data(), count > 0 ? static_cast<size_t>(count) : 0);
}

// Sends back what it gets, in TLS, until it is cancelled.
Task<Result<>> EchoOnce(const Context& ctx, runtime::Listener& listener,
                        std::shared_ptr<const runtime::TlsContext> tls) {
  CO_TRY(auto socket, co_await listener.Accept(ctx));
  std::unique_ptr<Stream> clear = Loop::Current().Open(std::move(socket));
  CO_TRY(auto secret, co_await runtime::TlsAccept(ctx, std::move(clear), std::move(tls)));
  std::string buffer(100, '\0');
  for (;;) {
    CO_TRY(const size_t count, co_await secret.stream->Read(ctx, buffer));
    if (count == 0) co_return Ok{};
    const std::string_view got = std::string_view(buffer).substr(0, count);
    CO_TRY_OK(co_await secret.stream->WriteAll(ctx, got));
  }
}

Task<Result<>> LetsOneIn(const Context& ctx) {
  TestAuthority authority("zookeeper");
  const TestCertificate own = authority.Issue();
  runtime::TlsConfig server_side;
  server_side.certificate_file = own.certificate_file;
  server_side.key_file = own.key_file;
  CO_TRY(auto tls, runtime::TlsContext::ForServer(server_side));
  CO_TRY(const auto listener, Loop::Current().Listen(Address::Tcp("127.0.0.1", 0)));
  runtime::TaskGroup group(ctx);
  group.Start(EchoOnce(group.context(), *listener, std::move(tls)));
  runtime::TlsConfig client_side;
  client_side.ca_file = authority.ca_file();
  CO_TRY(const auto relay, ZkRelay::Make(client_side, std::chrono::seconds(10)));
  relay->Aim({listener->address(), "localhost"});

  // Nobody is announced, then somebody else is.
  const int early = ConnectTo(relay->address());
  const Result<std::string> nothing = co_await ReadOnce(ctx, early);
  EXPECT_TRUE(nothing.ok() && nothing->empty());
  EXPECT_EQ(relay->turned_away(), 1u);
  const int ours = ConnectTo(relay->address());
  relay->Expect(ours);
  const int foreign = ConnectTo(relay->address());
  const Result<std::string> neither = co_await ReadOnce(ctx, foreign);
  EXPECT_TRUE(neither.ok() && neither->empty());
  EXPECT_EQ(relay->turned_away(), 2u);
  EXPECT_EQ(send(ours, "secret", 6, 0), 6);
  const Result<std::string> echo = co_await ReadOnce(ctx, ours);
  EXPECT_TRUE(echo.ok() && *echo == "secret");
  // The announcement was for one connection.
  relay->Expect(ours);
  const int late = ConnectTo(relay->address());
  const Result<std::string> closed = co_await ReadOnce(ctx, late);
  EXPECT_TRUE(closed.ok() && closed->empty());
  EXPECT_EQ(relay->turned_away(), 3u);
  for (const int fd : {early, ours, foreign, late}) close(fd);
  co_await relay->Close();
  co_return co_await group.Join();
}

TEST(ZkTls, TheRelayLetsInOnlyWhoWasAnnounced) { OnLoop(LetsOneIn); }

}  // namespace
}  // namespace tessera::topo_zk
