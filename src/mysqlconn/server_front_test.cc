// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a client meets before its first command, by a client made of the wire's state machines.
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "mysqlconn/compressed_stream.h"
#include "mysqlconn/server.h"
#include "mysqlconn/static_auth.h"
#include "mysqlwire/client_login.h"
#include "mysqlwire/handshake.h"
#include "mysqlwire/packet.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response.h"
#include "runtime/loop_pool.h"
#include "runtime/task_group.h"
#include "runtime/testing/certificates.h"
#include "runtime/tls.h"

namespace tessera::mysqlconn {
namespace {

using runtime::TlsContext;
using runtime::testing::TestAuthority;
using runtime::testing::TestCertificate;
using TlsPointer = std::shared_ptr<const TlsContext>;

// Tells who asks: "user|caller|peer|tls version|certificate".
class WhoHandler final : public Handler {
 public:
  Task<Result<>> Query(const Context&, Session& session, std::string_view,
                       ResultWriter& writer) override {
    const std::string text =
        fmt::format("{}|{}|{}|{}|{}", session.identity.user, session.identity.caller, session.peer,
                    session.tls_version, session.certificate_name);
    co_return writer.WriteOk(OkInfo{.info = text});
  }
  Task<Result<>> InitDb(const Context&, Session&, std::string_view) override { co_return Ok{}; }
};

// A server of this loop on a free port.
class Door {
 public:
  Door(const Context& ctx, AuthServer& auth, ServerOptions options = {})
      : shared(std::move(options), auth, handler_), server_(ctx, shared), accepting_(ctx) {
    auto listening = runtime::Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", 0));
    CHECK(listening.ok());
    listener_ = std::move(listening).value();
    accepting_.Start(server_.Run(accepting_.context(), *listener_));
  }
  Task<> Close() {
    const auto joined = co_await accepting_.CancelAndJoin();
    co_await server_.Stop();
  }
  const runtime::Address& address() const { return listener_->address(); }

  ServerShared shared;

 private:
  WhoHandler handler_;
  Server server_;
  std::unique_ptr<runtime::Listener> listener_;
  runtime::TaskGroup accepting_;
};

// One client's side of a connection.
class Guest {
 public:
  // Sends `first` before it listens. `tls` makes the login ask for TLS.
  Task<Result<>> LogIn(const Context& ctx, const Door& door, mysqlwire::ClientLoginOptions options,
                       TlsPointer tls = nullptr, std::string first = "") {
    CO_TRY(stream_, co_await runtime::Loop::Current().Connect(ctx, door.address()));
    CO_TRY_OK(co_await stream_->WriteAll(ctx, first));
    options.tls = tls != nullptr;
    mysqlwire::ClientLogin login(std::move(options));
    for (;;) {
      CO_TRY(const std::string packet, co_await Read(ctx));
      mysqlwire::PacketWriter out;
      out.SetSequence(in_.sequence());
      CO_TRY(const mysqlwire::ClientLogin::Step step, login.OnPacket(packet, out));
      if (step == mysqlwire::ClientLogin::Step::kDone) co_return Ok{};
      CO_TRY_OK(co_await stream_->WriteAll(ctx, out.buffer().view()));
      if (step == mysqlwire::ClientLogin::Step::kStartTls) {
        CO_TRY(runtime::TlsConnection secret,
               co_await runtime::TlsConnect(ctx, std::move(stream_), tls, std::string("127.0.0.1"),
                                            in_.TakeBuffered()));
        stream_ = std::move(secret.stream);
        out.buffer().Clear();
        login.TlsStarted(out);
        CO_TRY_OK(co_await stream_->WriteAll(ctx, out.buffer().view()));
      }
      in_.SetSequence(out.sequence());
      ++turns;
    }
  }
  // A login without password, and compression behind it.
  Task<Result<>> LogInCompressed(const Context& ctx, const Door& door, std::string user,
                                 uint32_t method) {
    CO_TRY(stream_, co_await runtime::Loop::Current().Connect(ctx, door.address()));
    CO_TRY(const std::string packet, co_await Read(ctx));
    CO_TRY(const mysqlwire::Greeting greeting, mysqlwire::ParseGreeting(packet));
    EXPECT_TRUE(greeting.capabilities & method);
    mysqlwire::LoginRequest request;
    request.capabilities =
        mysqlwire::kClientProtocol41 | mysqlwire::kClientSecureConnection | method;
    request.user = user;
    mysqlwire::PacketWriter out;
    out.SetSequence(1);
    out.Begin();
    mysqlwire::AppendLoginRequest(out.buffer(), request);
    if (method == mysqlwire::kClientZstdCompression) out.buffer().U8(5);
    out.End();
    CO_TRY_OK(co_await stream_->WriteAll(ctx, out.buffer().view()));
    in_.SetSequence(2);
    CO_TRY(const std::string answer, co_await Read(ctx));
    if (mysqlwire::IsErr(answer)) co_return mysqlwire::ParseErr(answer);
    // The server's side of the layer does for a client, too.
    const auto kind = method == mysqlwire::kClientCompress ? mysqlwire::CompressionMethod::kZlib
                                                           : mysqlwire::CompressionMethod::kZstd;
    auto compressed =
        std::make_unique<CompressedStream>(std::move(stream_), kind, 3, std::string());
    compressed_ = compressed.get();
    stream_ = std::move(compressed);
    co_return Ok{};
  }
  Task<Result<>> SendRaw(const Context& ctx, std::string_view bytes) {
    compressed_->BeginAnswer();
    in_.SetSequence(1);
    co_return co_await compressed_->under().WriteAll(ctx, bytes);
  }
  // What the handler says of us.
  Task<Result<std::string>> Who(const Context& ctx) {
    if (compressed_ != nullptr) compressed_->BeginCommand();
    constexpr std::string_view kQuery("\x04\0\0\0\x03who", 8);
    CO_TRY_OK(co_await stream_->WriteAll(ctx, kQuery));
    in_.SetSequence(1);
    CO_TRY(const std::string packet, co_await Read(ctx));
    if (mysqlwire::IsErr(packet)) co_return mysqlwire::ParseErr(packet);
    CO_TRY(const mysqlwire::OkPacket ok, mysqlwire::ParseOk(packet, mysqlwire::kClientProtocol41));
    co_return std::string(ok.info);
  }
  Task<Result<std::string>> Read(const Context& ctx) {
    for (;;) {
      CO_TRY(const std::optional<std::string_view> packet, in_.Next());
      if (packet) co_return std::string(*packet);
      const std::span<char> room = in_.Room(4096);
      CO_TRY(const size_t count, co_await stream_->Read(ctx, room));
      if (count == 0) co_return Error(Code::kUnavailable, "closed");
      in_.Received(count);
    }
  }

  // The next packet is the first of an answer.
  void ExpectAnswer() { in_.SetSequence(1); }

  int turns = 0;  // answers the login took

 private:
  std::unique_ptr<runtime::Stream> stream_;
  CompressedStream* compressed_ = nullptr;
  mysqlwire::PacketReader in_{1 << 24};
};

mysqlwire::ClientLoginOptions As(std::string user, std::string password = "") {
  mysqlwire::ClientLoginOptions options;
  options.user = std::move(user);
  options.password = std::move(password);
  return options;
}

using Body = Task<> (*)(const Context&);

Task<int> Root(const Context& ctx, Body body) {
  const Context bounded = ctx.WithTimeout(std::chrono::minutes(1));
  co_await body(bounded);
  co_return 0;
}

void RunBody(Body body) {
  runtime::RunLoop([body](const Context& ctx) { return Root(ctx, body); });
}

TlsPointer ServerTlsOf(const TestCertificate& certificate, const std::string& client_ca = "") {
  runtime::TlsConfig config;
  config.certificate_file = certificate.certificate_file;
  config.key_file = certificate.key_file;
  config.ca_file = client_ca;
  if (!client_ca.empty()) config.clients = runtime::TlsClients::kMustHaveCertificate;
  auto made = TlsContext::ForServer(std::move(config));
  CHECK(made.ok());
  return std::move(made).value();
}

TlsPointer ClientTlsOf(const std::string& ca, const TestCertificate& certificate = {}) {
  runtime::TlsConfig config;
  config.ca_file = ca;
  config.certificate_file = certificate.certificate_file;
  config.key_file = certificate.key_file;
  auto made = TlsContext::ForClient(std::move(config));
  CHECK(made.ok());
  return std::move(made).value();
}

Task<> TlsBody(const Context& ctx) {
  TestAuthority authority("authority");
  NoAuthServer anybody;
  Door door(ctx, anybody);
  const TestCertificate first = authority.Issue();
  door.shared.tls.Set(ServerTlsOf(first));
  const TlsPointer trusting = ClientTlsOf(authority.ca_file());
  Guest secret;
  const Result<> in = co_await secret.LogIn(ctx, door, As("ada"), trusting);
  EXPECT_TRUE(in.ok()) << in.error().ToString();
  const Result<std::string> who = co_await secret.Who(ctx);
  EXPECT_TRUE(who.ok() && who->starts_with("ada|ada|127.0.0.1:") && who->ends_with("|TLSv1.3|"));
  // TLS that is replaced is for those who come later.
  TestAuthority other("other");
  door.shared.tls.Set(ServerTlsOf(other.Issue()));
  Guest stranger;
  const Result<> refused = co_await stranger.LogIn(ctx, door, As("ada"), trusting);
  EXPECT_EQ(refused.ok() ? Code::kOk : refused.error().code(), Code::kUnauthenticated);
  const Result<std::string> still = co_await secret.Who(ctx);
  EXPECT_TRUE(still.ok());
  co_await door.Close();
}
TEST(ServerTls, BeginsInMidLoginAndIsReplaced) { RunBody(TlsBody); }

Task<> ClientCertificateBody(const Context& ctx) {
  TestAuthority authority("authority");
  NoAuthServer anybody;
  Door door(ctx, anybody);
  door.shared.tls.Set(ServerTlsOf(authority.Issue(), authority.ca_file()));
  runtime::testing::CertificateWishes wishes;
  wishes.common_name = "robot";
  Guest robot;
  const TlsPointer shown = ClientTlsOf(authority.ca_file(), authority.Issue(wishes));
  const Result<> in = co_await robot.LogIn(ctx, door, As("ada"), shown);
  EXPECT_TRUE(in.ok()) << in.error().ToString();
  const Result<std::string> who = co_await robot.Who(ctx);
  EXPECT_TRUE(who.ok() && who->ends_with("|TLSv1.3|robot"));
  Guest bare;
  const Result<> refused =
      co_await bare.LogIn(ctx, door, As("ada"), ClientTlsOf(authority.ca_file()));
  EXPECT_FALSE(refused.ok());
  co_await door.Close();
}
TEST(ServerTls, VerifiesClientCertificates) { RunBody(ClientCertificateBody); }

Task<> SecureOnlyBody(const Context& ctx) {
  TestAuthority authority("authority");
  NoAuthServer anybody;
  ServerOptions options;
  options.require_secure_transport = true;
  Door door(ctx, anybody, options);
  door.shared.tls.Set(ServerTlsOf(authority.Issue()));
  Guest plain;
  const Result<> refused = co_await plain.LogIn(ctx, door, As("ada"));
  EXPECT_EQ(refused.ok() ? 0 : refused.error().mysql_errno(), 3159);
  Guest secret;
  const Result<> in = co_await secret.LogIn(ctx, door, As("ada"), ClientTlsOf(authority.ca_file()));
  EXPECT_TRUE(in.ok());
  co_await door.Close();
}
TEST(ServerTls, MayBeRequired) { RunBody(SecureOnlyBody); }

constexpr const char* kUsers = R"({
    "clear": {"Password": "secret", "UserData": "caller-1"},
    "native": {"MysqlNativePassword": "*14E65567ABDB5135D0CFD9A70B3032C179A49EE7"},
    "sha2": {"CachingSha2Password":
             "3881219d087dd9c634373fd33dfa33a2cb6bfc6c520b64b8bb60ef2ceb534ae7"},
    "ed25519": {"Ed25519Password": "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY"},
    "local": {"Password": "secret", "SourceHost": "localhost"}})";

Task<> MethodsBody(const Context& ctx, AuthMethod offered, TlsPointer server, TlsPointer client) {
  auto users = StaticAuthServer::FromString(kUsers, offered);
  CHECK(users.ok());
  Door door(ctx, **users);
  door.shared.tls.Set(std::move(server));
  door.shared.password_key = mysqlwire::RsaKey::Generate();
  for (const char* user : {"clear", "native", "sha2", "ed25519"}) {
    Guest guest;
    const Result<> in = co_await guest.LogIn(ctx, door, As(user, "secret"), client);
    EXPECT_TRUE(in.ok()) << user << ": " << in.error().ToString();
    for (const char* wrong : {"Secret", ""}) {
      Guest stranger;
      const Result<> refused = co_await stranger.LogIn(ctx, door, As(user, wrong), client);
      EXPECT_FALSE(refused.ok()) << user;
      if (refused.ok()) continue;
      EXPECT_EQ(refused.error().mysql_errno(), 1045);
      // There is a signature even of no password.
      const bool given = wrong[0] != '\0' || (std::string_view(user) == "ed25519" &&
                                              offered == AuthMethod::kNativePassword);
      EXPECT_EQ(refused.error().message(),
                fmt::format("Access denied for user '{}'@'127.0.0.1' (using password: {})", user,
                            given ? "YES" : "NO"));
    }
  }
  Guest far;
  const Result<> refused = co_await far.LogIn(ctx, door, As("local", "secret"), client);
  EXPECT_FALSE(refused.ok());
  co_await door.Close();
}

Task<int> MethodsRoot(const Context& ctx, AuthMethod offered, bool tls) {
  TestAuthority authority("authority");
  const Context bounded = ctx.WithTimeout(std::chrono::minutes(1));
  if (tls) {
    const TestCertificate certificate = authority.Issue();
    co_await MethodsBody(bounded, offered, ServerTlsOf(certificate),
                         ClientTlsOf(authority.ca_file()));
  } else {
    co_await MethodsBody(bounded, offered, nullptr, nullptr);
  }
  co_return 0;
}

// caching_sha2_password takes its fast way, the password over TLS and the password under the RSA
// key here; every user comes in by what the list has of it.
TEST(ServerAuth, EveryMethodWithAndWithoutTls) {
  for (const AuthMethod offered : {AuthMethod::kNativePassword, AuthMethod::kCachingSha2}) {
    for (const bool tls : {false, true})
      runtime::RunLoop(
          [offered, tls](const Context& ctx) { return MethodsRoot(ctx, offered, tls); });
  }
}

// The turns and words of a refusal.
Task<std::string> RefusalOf(const Context& ctx, const Door& door, std::string user) {
  Guest guest;
  const Result<> refused = co_await guest.LogIn(ctx, door, As(user, "wrong"));
  if (refused.ok()) co_return "let in";
  std::string words = refused.error().message();
  words.replace(words.find(user), user.size(), "U");
  co_return fmt::format("{} turns: {}", guest.turns, words);
}

Task<> StrangersBody(const Context& ctx) {
  for (const AuthMethod offered : {AuthMethod::kNativePassword, AuthMethod::kCachingSha2}) {
    for (const char* only :
         {R"({"Password": "secret"})",
          R"({"CachingSha2Password":
             "3881219d087dd9c634373fd33dfa33a2cb6bfc6c520b64b8bb60ef2ceb534ae7"})",
          R"({"Ed25519Password": "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY"})",
          R"({"MysqlNativePassword": "*14E65567ABDB5135D0CFD9A70B3032C179A49EE7"})"}) {
      auto users = StaticAuthServer::FromString(fmt::format(R"({{"real": {}}})", only), offered);
      CHECK(users.ok());
      Door door(ctx, **users);
      door.shared.password_key = mysqlwire::RsaKey::Generate();
      const std::string real = co_await RefusalOf(ctx, door, "real");
      for (const char* name : {"nobody", "root", ""}) {
        const std::string stranger = co_await RefusalOf(ctx, door, name);
        EXPECT_EQ(stranger.substr(0, 8), real.substr(0, 8)) << only;
        if (name[0] != '\0') {
          EXPECT_EQ(stranger, real) << only;
        }
      }
      co_await door.Close();
    }
  }
}
TEST(ServerAuth, UnknownUsersAreRefusedAsKnownOnesAre) { RunBody(StrangersBody); }

// Logs in with compression and asks twice; the answer is longer than a packet is worth compressing.
Task<> CompressedBody(const Context& ctx) {
  NoAuthServer anybody;
  Door door(ctx, anybody);
  const std::string name(3000, 'a');
  for (const uint32_t method :
       {uint32_t{mysqlwire::kClientCompress}, uint32_t{mysqlwire::kClientZstdCompression}}) {
    Guest guest;
    const Result<> in = co_await guest.LogInCompressed(ctx, door, name, method);
    EXPECT_TRUE(in.ok()) << in.error().ToString();
    for (int i = 0; i < 2; ++i) {
      const Result<std::string> who = co_await guest.Who(ctx);
      EXPECT_TRUE(who.ok() && who->starts_with(name + "|" + name)) << who.error().ToString();
    }
  }
  co_await door.Close();
}
TEST(ServerCompression, BeginsAfterTheLogin) { RunBody(CompressedBody); }

Task<> BadFrameBody(const Context& ctx) {
  NoAuthServer anybody;
  Door door(ctx, anybody);
  for (const std::string_view frame :
       {std::string_view("\x03\0\0\0\xff\xff\xff"
                         "abc",
                         10),                                      // expands to nothing
        std::string_view("\x05\0\0\x07\0\0\0\x01\0\0\0\x0e", 12),  // out of order
        std::string_view("\xff\xff\xff\0\xff\xff\xff"
                         "abc",
                         10)}) {
    Guest guest;
    const Result<> in =
        co_await guest.LogInCompressed(ctx, door, "ada", mysqlwire::kClientCompress);
    EXPECT_TRUE(in.ok());
    const Result<> sent = co_await guest.SendRaw(ctx, frame);
    EXPECT_TRUE(sent.ok());
    const Result<std::string> answer = co_await guest.Read(ctx);
    EXPECT_FALSE(answer.ok());
  }
  co_await door.Close();
}
TEST(ServerCompression, BadFramesEndTheConnection) { RunBody(BadFrameBody); }

Task<> ProxyBody(const Context& ctx) {
  NoAuthServer anybody;
  ServerOptions options;
  options.proxy_protocol = true;
  std::string refused_why;
  options.on_login = [&refused_why](const LoginReport& report) {
    if (report.refused != nullptr) refused_why = report.refused->message();
  };
  Door door(ctx, anybody, options);
  Guest behind;
  const Result<> in = co_await behind.LogIn(ctx, door, As("ada"), nullptr,
                                            "PROXY TCP4 203.0.113.9 127.0.0.1 4711 3306\r\n");
  EXPECT_TRUE(in.ok());
  const Result<std::string> who = co_await behind.Who(ctx);
  EXPECT_TRUE(who.ok() && *who == "ada|ada|203.0.113.9:4711||") << *who;
  Guest itself;
  const Result<> unknown =
      co_await itself.LogIn(ctx, door, As("ada"), nullptr, "PROXY UNKNOWN\r\n");
  EXPECT_TRUE(unknown.ok());
  const Result<std::string> real = co_await itself.Who(ctx);
  EXPECT_TRUE(real.ok() && real->starts_with("ada|ada|127.0.0.1:"));
  Guest bare;
  const Result<> refused = co_await bare.LogIn(ctx, door, As("ada"), nullptr, "GET / HTTP/1.1\r\n");
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(refused_why, "PROXY protocol: no header");
  EXPECT_EQ(door.shared.stats.refused.load(), 1u);
  co_await door.Close();
  EXPECT_EQ(door.shared.stats.open.load(), 0);
}
TEST(ServerLimits, ProxyHeadersTellThePeer) { RunBody(ProxyBody); }

Task<> LimitsBody(const Context& ctx) {
  NoAuthServer anybody;
  ServerOptions options;
  options.max_connections = 3;
  options.max_user_connections = 1;
  Door door(ctx, anybody, options);
  const auto first = std::make_unique<Guest>();
  const Result<> in = co_await first->LogIn(ctx, door, As("ada"));
  EXPECT_TRUE(in.ok());
  Guest second;
  const Result<> too_many = co_await second.LogIn(ctx, door, As("ada"));
  EXPECT_EQ(too_many.ok() ? 0 : too_many.error().mysql_errno(), 1226);
  EXPECT_EQ(too_many.error().message(),
            "User 'ada' has exceeded the 'max_user_connections' resource (current value: 1)");
  Guest other;
  const Result<> bob = co_await other.LogIn(ctx, door, As("bob"));
  EXPECT_TRUE(bob.ok());
  Guest third;
  const Result<> carol = co_await third.LogIn(ctx, door, As("carol"));
  EXPECT_TRUE(carol.ok());
  Guest fourth;
  const Result<> full = co_await fourth.LogIn(ctx, door, As("dave"));
  EXPECT_EQ(full.ok() ? 0 : full.error().mysql_errno(), 1040);
  co_await door.Close();
  EXPECT_EQ(door.shared.stats.open.load(), 0);
}
TEST(ServerLimits, ConnectionsInTotalAndOfAUser) { RunBody(LimitsBody); }

Task<> SilenceBody(const Context& ctx) {
  NoAuthServer anybody;
  ServerOptions options;
  options.read_timeout = std::chrono::milliseconds(50);
  Door door(ctx, anybody, options);
  Guest guest;
  const Result<> in = co_await guest.LogIn(ctx, door, As("ada"));
  EXPECT_TRUE(in.ok());
  const Result<std::string> who = co_await guest.Who(ctx);
  EXPECT_TRUE(who.ok());
  guest.ExpectAnswer();
  const Result<std::string> said = co_await guest.Read(ctx);
  EXPECT_TRUE(said.ok());
  EXPECT_EQ(mysqlwire::ParseErr(*said).mysql_errno(), 4031);
  co_await door.Close();
}
TEST(ServerLimits, ASilentClientIsLetGo) { RunBody(SilenceBody); }

Task<> LateBody(const Context& ctx) {
  NoAuthServer anybody;
  ServerOptions options;
  options.login_timeout = std::chrono::milliseconds(50);
  Door door(ctx, anybody, options);
  auto stream = co_await runtime::Loop::Current().Connect(ctx, door.address());
  char bytes[512];
  size_t total = 0;
  for (;;) {
    const Result<size_t> count = co_await (*stream)->Read(ctx, bytes);
    if (!count.ok() || *count == 0) break;
    total += *count;
  }
  EXPECT_GT(total, 0u);  // the greeting
  EXPECT_TRUE(ctx.Check().ok());
  co_await door.Close();
}
TEST(ServerLimits, ALoginThatTakesTooLongIsCutOff) { RunBody(LateBody); }

}  // namespace
}  // namespace tessera::mysqlconn
