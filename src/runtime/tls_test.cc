// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/waiter.h"
#include "runtime/loop_pool.h"
#include "runtime/sim.h"
#include "runtime/task_group.h"
#include "runtime/testing/certificates.h"

namespace tessera::runtime {
namespace {

using testing::CertificateWishes;
using ::testing::HasSubstr;
using testing::TestAuthority;
using testing::TestCertificate;

using Tls = std::shared_ptr<const TlsContext>;

TlsConfig ServerConfig(const TestCertificate& certificate) {
  TlsConfig config;
  config.certificate_file = certificate.certificate_file;
  config.key_file = certificate.key_file;
  return config;
}

TlsConfig ClientConfig(const TestAuthority& authority) {
  TlsConfig config;
  config.ca_file = authority.ca_file();
  return config;
}

Tls Server(TlsConfig config) {
  Result<Tls> made = TlsContext::ForServer(std::move(config));
  CHECK(made.ok());
  return *made;
}

Tls Client(TlsConfig config) {
  Result<Tls> made = TlsContext::ForClient(std::move(config));
  CHECK(made.ok());
  return *made;
}

std::string Noise(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i * 2654435761u) >> 13);
  return text;
}

// One connection of loopback and what each side of it came to.
struct Pair {
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
};

Task<Result<Pair>> Connected(const Context& ctx) {
  CO_TRY(const auto listener, Loop::Current().Listen(Address::Tcp("127.0.0.1", 0)));
  CO_TRY(auto client, co_await Loop::Current().Connect(ctx, listener->address()));
  CO_TRY(std::unique_ptr<Socket> socket, co_await listener->Accept(ctx));
  Pair pair;
  pair.client = std::move(client);
  pair.server = Loop::Current().Open(std::move(socket));
  co_return pair;
}

Task<Result<>> AcceptInto(const Context& ctx, std::unique_ptr<Stream> stream, Tls tls,
                          Result<TlsConnection>* into) {
  *into = co_await TlsAccept(ctx, std::move(stream), std::move(tls));
  co_return Ok{};
}

struct Handshaken {
  Result<TlsConnection> client = Error(Code::kInternal, "not tried");
  Result<TlsConnection> server = Error(Code::kInternal, "not tried");
};

Task<Result<Handshaken>> Handshake(const Context& ctx, Tls client, Tls server,
                                   std::string name = "localhost") {
  CO_TRY(Pair pair, co_await Connected(ctx));
  Handshaken both;
  TaskGroup group(ctx);
  group.Start(AcceptInto(group.context(), std::move(pair.server), std::move(server), &both.server));
  both.client = co_await TlsConnect(ctx, std::move(pair.client), std::move(client), name);
  CO_TRY_OK(co_await group.Join());
  co_return both;
}

Task<Result<std::string>> ReadExactly(const Context& ctx, Stream& stream, size_t size) {
  std::string text(size, '\0');
  size_t at = 0;
  while (at < size) {
    CO_TRY(const size_t count, co_await stream.Read(ctx, std::span(text).subspan(at)));
    if (count == 0) co_return Errorf(Code::kUnavailable, "ended after {} bytes", at);
    at += count;
  }
  co_return text;
}

using TlsBody = Task<Result<>> (*)(const Context& ctx, TestAuthority& authority);

Task<int> RunBody(const Context& ctx, TlsBody body, TestAuthority* authority) {
  const Result<> outcome = co_await body(ctx, *authority);
  if (!outcome.ok()) ADD_FAILURE() << outcome.error().ToString();
  co_return 0;
}

// Runs a test's coroutine on a loop of its own, with an authority.
void RunTls(TlsBody body) {
  TestAuthority authority("Test Authority");
  RunLoop([&](const Context& ctx) { return RunBody(ctx, body, &authority); });
}

Task<Result<>> SendAll(const Context& ctx, Stream& stream, const std::string& text) {
  // In parts of odd sizes, some empty, as callers do.
  std::string_view rest = text;
  for (size_t size = 1; !rest.empty(); size = size * 3 % 400'009 + 1) {
    const std::string_view parts[] = {rest.substr(0, 5), std::string_view(),
                                      rest.substr(std::min<size_t>(5, rest.size()), size)};
    CO_TRY_OK(co_await stream.Write(ctx, parts));
    rest.remove_prefix(std::min(rest.size(), 5 + size));
  }
  co_return Ok{};
}

Task<Result<>> Receive(const Context& ctx, Stream& stream, size_t size, std::string* into) {
  CO_TRY(*into, co_await ReadExactly(ctx, stream, size));
  co_return Ok{};
}

Task<Result<>> MegabytesBothWays(const Context& ctx, TestAuthority& authority) {
  CO_TRY(Handshaken both, co_await Handshake(ctx, Client(ClientConfig(authority)),
                                             Server(ServerConfig(authority.Issue()))));
  CO_TRY(TlsConnection client, std::move(both.client));
  CO_TRY(TlsConnection server, std::move(both.server));
  EXPECT_EQ(client.session.version, "TLSv1.3");
  EXPECT_EQ(client.session.peer_common_name, "test");
  EXPECT_THAT(client.session.peer_names, ::testing::ElementsAre("localhost", "127.0.0.1"));
  EXPECT_EQ(client.session.peer_chain.size(), 1u);
  for (const TlsCertificate& one : client.session.peer_chain) {
    EXPECT_LT(one.not_before, one.not_after);
    EXPECT_THAT(one.subject, ::testing::HasSubstr("CN"));
  }
  EXPECT_EQ(server.session.peer_common_name, "");
  const std::string up = Noise(10 << 20);
  const std::string down = Noise((10 << 20) + 1);
  std::string up_there;
  std::string down_here;
  TaskGroup group(ctx);
  group.Start(SendAll(group.context(), *client.stream, up));
  group.Start(SendAll(group.context(), *server.stream, down));
  group.Start(Receive(group.context(), *server.stream, up.size(), &up_there));
  group.Start(Receive(group.context(), *client.stream, down.size(), &down_here));
  CO_TRY_OK(co_await group.Join());
  EXPECT_TRUE(up == up_there);
  EXPECT_TRUE(down == down_here);
  co_return Ok{};
}
TEST(Tls, MegabytesBothWays) { RunTls(MegabytesBothWays); }

// --- who is trusted ---

// What either side says of a handshake that must fail.
void ExpectRefused(const Result<TlsConnection>& side, Code code, std::string_view text) {
  ASSERT_FALSE(side.ok());
  EXPECT_EQ(side.error().code(), code) << side.error().ToString();
  EXPECT_THAT(side.error().ToString(), HasSubstr(std::string(text)));
}

Task<Result<>> WrongAuthority(const Context& ctx, TestAuthority& authority) {
  TestAuthority other("Other Authority");
  CO_TRY(const Handshaken both, co_await Handshake(ctx, Client(ClientConfig(other)),
                                                   Server(ServerConfig(authority.Issue()))));
  ExpectRefused(both.client, Code::kUnauthenticated, "its issuer is /CN=Test Authority");
  ExpectRefused(both.client, Code::kUnauthenticated, other.ca_file());
  ExpectRefused(both.client, Code::kUnauthenticated, "TLS handshake with 127.0.0.1:");
  ExpectRefused(both.server, Code::kUnauthenticated, "the peer does not accept our certificate");
  co_return Ok{};
}
TEST(Tls, WrongAuthority) { RunTls(WrongAuthority); }

Task<Result<>> Expired(const Context& ctx, TestAuthority& authority) {
  CertificateWishes wishes;
  wishes.valid_from_days = -3;
  wishes.valid_to_days = -1;
  CO_TRY(const Handshaken past, co_await Handshake(ctx, Client(ClientConfig(authority)),
                                                   Server(ServerConfig(authority.Issue(wishes)))));
  ExpectRefused(past.client, Code::kUnauthenticated, "it expired at 20");
  ExpectRefused(past.server, Code::kUnauthenticated, "certificate expired");
  wishes.valid_from_days = 1;
  wishes.valid_to_days = 2;
  CO_TRY(const Handshaken early, co_await Handshake(ctx, Client(ClientConfig(authority)),
                                                    Server(ServerConfig(authority.Issue(wishes)))));
  ExpectRefused(early.client, Code::kUnauthenticated, "it is valid only from 20");
  co_return Ok{};
}
TEST(Tls, Expired) { RunTls(Expired); }

Task<Result<>> NamesAreChecked(const Context& ctx, TestAuthority& authority) {
  const Tls server = Server(ServerConfig(authority.Issue()));
  const Tls strict = Client(ClientConfig(authority));
  for (const char* const right : {"localhost", "127.0.0.1"}) {
    CO_TRY(const Handshaken both, co_await Handshake(ctx, strict, server, right));
    EXPECT_TRUE(both.client.ok()) << right;
  }
  for (const char* const wrong : {"example.com", "127.0.0.2", ""}) {
    CO_TRY(const Handshaken both, co_await Handshake(ctx, strict, server, wrong));
    ExpectRefused(both.client, Code::kUnauthenticated, "it is for localhost, 127.0.0.1, not for");
  }
  TlsConfig named = ClientConfig(authority);
  named.server_name = "localhost";
  CO_TRY(const Handshaken instead, co_await Handshake(ctx, Client(named), server, "example.com"));
  EXPECT_TRUE(instead.client.ok());
  TlsConfig lax = ClientConfig(authority);
  lax.verify = TlsVerify::kAuthority;
  CO_TRY(const Handshaken any, co_await Handshake(ctx, Client(lax), server, "example.com"));
  EXPECT_TRUE(any.client.ok());
  TlsConfig blind;
  blind.verify = TlsVerify::kNothing;
  CO_TRY(const Handshaken nobody, co_await Handshake(ctx, Client(blind), server, "example.com"));
  EXPECT_TRUE(nobody.client.ok());
  // Without a CA file the system's authorities count, and ours is none of them.
  CO_TRY(const Handshaken system, co_await Handshake(ctx, Client(TlsConfig()), server));
  ExpectRefused(system.client, Code::kUnauthenticated, "authority of the system");
  co_return Ok{};
}
TEST(Tls, NamesAreChecked) { RunTls(NamesAreChecked); }

Task<Result<>> RevokedCertificates(const Context& ctx, TestAuthority& authority) {
  TestAuthority other("Other Authority");
  const TestCertificate certificate = authority.Issue();
  TlsConfig client = ClientConfig(authority);
  client.crl_file = authority.Revoke(certificate);
  CO_TRY(const Handshaken both,
         co_await Handshake(ctx, Client(client), Server(ServerConfig(certificate))));
  ExpectRefused(both.client, Code::kUnauthenticated, "taken it back");
  CO_TRY(const Handshaken fresh,
         co_await Handshake(ctx, Client(client), Server(ServerConfig(authority.Issue()))));
  EXPECT_TRUE(fresh.client.ok());
  // A list of another issuer says nothing of ours.
  client.crl_file = other.Revoke(other.Issue());
  CO_TRY(const Handshaken unlisted,
         co_await Handshake(ctx, Client(client), Server(ServerConfig(certificate))));
  EXPECT_TRUE(unlisted.client.ok());
  co_return Ok{};
}
TEST(Tls, RevokedCertificates) { RunTls(RevokedCertificates); }

Task<Result<>> ClientCertificates(const Context& ctx, TestAuthority& authority) {
  TlsConfig demanding = ServerConfig(authority.Issue());
  demanding.ca_file = authority.ca_file();
  demanding.clients = TlsClients::kMustHaveCertificate;
  TlsConfig asking = demanding;
  asking.clients = TlsClients::kMayHaveCertificate;
  const Tls bare = Client(ClientConfig(authority));
  CertificateWishes wishes;
  wishes.common_name = "ada";
  wishes.names = {"team-a"};
  wishes.addresses = {};
  const TestCertificate ada = authority.Issue(wishes);
  TlsConfig with = ClientConfig(authority);
  with.certificate_file = ada.certificate_file;
  with.key_file = ada.key_file;
  for (const TlsConfig& server : {demanding, asking}) {
    CO_TRY(const Handshaken both, co_await Handshake(ctx, Client(with), Server(server)));
    CO_TRY_OK(both.server.ok() ? Result<>() : both.server.error());
    EXPECT_EQ(both.server->session.peer_common_name, "ada");
    EXPECT_THAT(both.server->session.peer_names, ::testing::ElementsAre("team-a"));
  }
  CO_TRY(const Handshaken optional, co_await Handshake(ctx, bare, Server(asking)));
  EXPECT_TRUE(optional.server.ok());
  CO_TRY(Handshaken none, co_await Handshake(ctx, bare, Server(demanding)));
  ExpectRefused(none.server, Code::kUnauthenticated, "the client showed no certificate");
  ExpectRefused(none.server, Code::kUnauthenticated, authority.ca_file());
  // In TLS 1.3 a client is done before the server has looked: it hears at its first read.
  CO_TRY(TlsConnection client, std::move(none.client));
  char byte[1];
  const Result<size_t> read = co_await client.stream->Read(ctx, byte);
  EXPECT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), Code::kUnauthenticated);
  EXPECT_THAT(read.error().message(), HasSubstr("the server wants a client certificate"));
  TestAuthority other("Other Authority");
  const TestCertificate eve = other.Issue();
  TlsConfig wrong = ClientConfig(authority);
  wrong.certificate_file = eve.certificate_file;
  wrong.key_file = eve.key_file;
  for (const TlsConfig& server : {demanding, asking}) {
    CO_TRY(const Handshaken both, co_await Handshake(ctx, Client(wrong), Server(server)));
    ExpectRefused(both.server, Code::kUnauthenticated, "its issuer is /CN=Other Authority");
  }
  co_return Ok{};
}
TEST(Tls, ClientCertificates) { RunTls(ClientCertificates); }

// --- protocols ---

Task<Result<>> Protocols(const Context& ctx, TestAuthority& authority) {
  TlsConfig server = ServerConfig(authority.Issue());
  server.alpn = {"h2", "http/1.1"};
  TlsConfig client = ClientConfig(authority);
  client.alpn = {"http/1.1", "h2"};
  CO_TRY(const Handshaken best, co_await Handshake(ctx, Client(client), Server(server)));
  CO_TRY_OK(best.client.ok() ? Result<>() : best.client.error());
  EXPECT_EQ(best.client->session.alpn, "h2");
  EXPECT_EQ(best.server->session.alpn, "h2");
  client.alpn = {"spdy/3", "spdy/4"};
  CO_TRY(const Handshaken none, co_await Handshake(ctx, Client(client), Server(server)));
  ExpectRefused(none.server, Code::kUnavailable,
                "the client speaks spdy/3, spdy/4; we speak h2, http/1.1");
  ExpectRefused(none.client, Code::kUnavailable, "none of our protocols (spdy/3, spdy/4)");
  client.alpn = {};
  CO_TRY(const Handshaken silent, co_await Handshake(ctx, Client(client), Server(server)));
  EXPECT_TRUE(silent.client.ok() && silent.server.ok());
  client.alpn = {"h2"};
  server.alpn = {};
  CO_TRY(const Handshaken deaf, co_await Handshake(ctx, Client(client), Server(server)));
  ExpectRefused(deaf.client, Code::kUnavailable, "the server chose no protocol; we speak h2");
  co_return Ok{};
}
TEST(Tls, Protocols) { RunTls(Protocols); }

Task<Result<>> PeersThatDoNotSpeakTls(const Context& ctx, TestAuthority& authority) {
  CO_TRY(Pair web, co_await Connected(ctx));
  CO_TRY_OK(co_await web.client->WriteAll(ctx, "GET / HTTP/1.1\r\n\r\n"));
  const Tls server = Server(ServerConfig(authority.Issue()));
  const Result<TlsConnection> accepted = co_await TlsAccept(ctx, std::move(web.server), server);
  ExpectRefused(accepted, Code::kUnavailable, "the peer does not speak TLS");
  CO_TRY(Pair mail, co_await Connected(ctx));
  CO_TRY_OK(co_await mail.server->WriteAll(ctx, "220 mail.example.com ESMTP ready\r\n"));
  const Tls client = Client(ClientConfig(authority));
  const Result<TlsConnection> connected =
      co_await TlsConnect(ctx, std::move(mail.client), client, "localhost");
  ExpectRefused(connected, Code::kUnavailable, "the peer does not speak TLS");
  CO_TRY(Pair gone, co_await Connected(ctx));
  gone.server.reset();
  const Result<TlsConnection> closed =
      co_await TlsConnect(ctx, std::move(gone.client), client, "localhost");
  ExpectRefused(closed, Code::kUnavailable, "TLS handshake with 127.0.0.1:");
  co_return Ok{};
}
TEST(Tls, PeersThatDoNotSpeakTls) { RunTls(PeersThatDoNotSpeakTls); }

Task<Result<>> DeadlineEndsAHandshake(const Context& ctx, TestAuthority& authority) {
  CO_TRY(Pair pair, co_await Connected(ctx));
  const Context brief = ctx.WithTimeout(std::chrono::milliseconds(20));
  const Result<TlsConnection> connected = co_await TlsConnect(
      brief, std::move(pair.client), Client(ClientConfig(authority)), "localhost");
  ExpectRefused(connected, Code::kDeadlineExceeded, "TLS handshake with 127.0.0.1:");
  co_return Ok{};
}
TEST(Tls, DeadlineEndsAHandshake) { RunTls(DeadlineEndsAHandshake); }

// --- ends ---

Task<Result<>> OrderlyEnd(const Context& ctx, TestAuthority& authority) {
  const Tls client = Client(ClientConfig(authority));
  const Tls server = Server(ServerConfig(authority.Issue()));
  CO_TRY(Handshaken orderly, co_await Handshake(ctx, client, server));
  CO_TRY_OK(co_await orderly.client->stream->WriteAll(ctx, "bye"));
  orderly.client->stream->Shutdown();
  const Result<> after = co_await orderly.client->stream->WriteAll(ctx, "more");
  EXPECT_FALSE(after.ok());
  CO_TRY(const std::string last, co_await ReadExactly(ctx, *orderly.server->stream, 3));
  EXPECT_EQ(last, "bye");
  char byte[1];
  for (int i = 0; i < 3; ++i) {
    CO_TRY(const size_t end, co_await orderly.server->stream->Read(ctx, byte));
    EXPECT_EQ(end, 0u);
  }
  co_return Ok{};
}
TEST(Tls, OrderlyEnd) { RunTls(OrderlyEnd); }

Task<Result<>> ReadOnce(const Context& ctx, Stream& stream, Result<size_t>* into) {
  char bytes[100];
  *into = co_await stream.Read(ctx, bytes);
  co_return Ok{};
}

Task<Result<>> ShutdownWakesTheReader(const Context& ctx, TestAuthority& authority) {
  CO_TRY(Handshaken both, co_await Handshake(ctx, Client(ClientConfig(authority)),
                                             Server(ServerConfig(authority.Issue()))));
  Result<size_t> read = size_t{7};
  TaskGroup group(ctx);
  group.Start(ReadOnce(group.context(), *both.client->stream, &read));
  both.client->stream->Shutdown();
  CO_TRY_OK(co_await group.Join());
  EXPECT_FALSE(read.ok());
  co_return Ok{};
}
TEST(Tls, ShutdownWakesTheReader) { RunTls(ShutdownWakesTheReader); }

Task<Result<>> CancelledReadLosesNothing(const Context& ctx, TestAuthority& authority) {
  CO_TRY(Handshaken both, co_await Handshake(ctx, Client(ClientConfig(authority)),
                                             Server(ServerConfig(authority.Issue()))));
  char bytes[100];
  for (int i = 0; i < 3; ++i) {
    const Context brief = ctx.WithTimeout(std::chrono::milliseconds(2));
    const Result<size_t> none = co_await both.server->stream->Read(brief, bytes);
    EXPECT_EQ(none.error().code(), Code::kDeadlineExceeded);
  }
  CO_TRY_OK(co_await both.client->stream->WriteAll(ctx, "late"));
  CO_TRY(const std::string text, co_await ReadExactly(ctx, *both.server->stream, 4));
  EXPECT_EQ(text, "late");
  co_return Ok{};
}
TEST(Tls, CancelledReadLosesNothing) { RunTls(CancelledReadLosesNothing); }

Task<Result<>> CutWriteEndsTheStream(const Context& ctx, TestAuthority& authority) {
  CO_TRY(Handshaken both, co_await Handshake(ctx, Client(ClientConfig(authority)),
                                             Server(ServerConfig(authority.Issue()))));
  const Context brief = ctx.WithTimeout(std::chrono::milliseconds(20));
  const Result<> cut = co_await both.client->stream->WriteAll(brief, Noise(64 << 20));
  EXPECT_EQ(cut.error().code(), Code::kDeadlineExceeded);
  const Result<> next = co_await both.client->stream->WriteAll(ctx, "x");
  EXPECT_THAT(next.error().message(), HasSubstr("an earlier failure has ended the connection"));
  both.client->stream->Shutdown();
  std::string bytes(1 << 20, '\0');
  for (;;) {
    const Result<size_t> read = co_await both.server->stream->Read(ctx, bytes);
    if (read.ok() && *read > 0) continue;
    EXPECT_FALSE(read.ok());
    EXPECT_THAT(read.error().message(), HasSubstr("was cut off"));
    break;
  }
  co_return Ok{};
}
TEST(Tls, CutWriteEndsTheStream) { RunTls(CutWriteEndsTheStream); }

// --- writing without waiting ---

Task<Result<>> TryWriteUntilFull(const Context& ctx, TestAuthority& authority) {
  CO_TRY(Handshaken both, co_await Handshake(ctx, Client(ClientConfig(authority)),
                                             Server(ServerConfig(authority.Issue()))));
  Stream& writer = *both.client->stream;
  const std::string text = Noise(32 << 20);
  std::string_view rest = text;
  size_t calls = 0;
  size_t short_calls = 0;
  std::string got;
  TaskGroup group(ctx);
  group.Start(Receive(group.context(), *both.server->stream, text.size(), &got));
  while (!rest.empty()) {
    const std::string_view parts[] = {rest.substr(0, 100), rest.substr(100, 1'000'003)};
    size_t asked = 0;
    for (const std::string_view part : parts) asked += part.size();
    if (rest.size() <= 100) asked = rest.size();
    CO_TRY(const size_t sent,
           writer.TryWrite(std::span<const std::string_view>(parts, rest.size() <= 100 ? 1 : 2)));
    rest.remove_prefix(sent);
    ++calls;
    if (sent == asked) continue;
    ++short_calls;
    // The rest of what was asked for, the way sessions do it: a write that waits.
    if (short_calls % 2 == 0) {
      const std::string_view more = rest.substr(0, asked - sent);
      CO_TRY_OK(co_await writer.WriteAll(ctx, more));
      rest.remove_prefix(more.size());
    } else {
      co_await Yield();
    }
  }
  CO_TRY_OK(co_await group.Join());
  EXPECT_TRUE(got == text);
  EXPECT_GT(short_calls, 2u) << calls;
  co_return Ok{};
}
TEST(Tls, TryWriteUntilFull) { RunTls(TryWriteUntilFull); }

// A stream whose kernel has room for so many bytes.
class Narrow final : public Stream {
 public:
  explicit Narrow(std::unique_ptr<Stream> under) : under_(std::move(under)) {}
  Task<Result<size_t>> Read(const Context& ctx, std::span<char> into) override {
    return under_->Read(ctx, into);
  }
  Task<Result<>> Write(const Context& ctx, std::span<const std::string_view> parts) override {
    return under_->Write(ctx, parts);
  }
  Result<size_t> TryWrite(std::span<const std::string_view> parts) override {
    const std::string_view part = parts.front().substr(0, room);
    room -= part.size();
    return under_->TryWrite(std::span<const std::string_view>(&part, 1));
  }
  void Shutdown() override { under_->Shutdown(); }
  std::string peer() const override { return under_->peer(); }

  size_t room = 0;

 private:
  std::unique_ptr<Stream> under_;
};

Task<Result<>> NothingIsLeftBehind(const Context& ctx, TestAuthority& authority) {
  CO_TRY(Pair pair, co_await Connected(ctx));
  auto narrow = std::make_unique<Narrow>(std::move(pair.client));
  Narrow& kernel = *narrow;
  Handshaken both;
  TaskGroup group(ctx);
  const Tls server = Server(ServerConfig(authority.Issue()));
  group.Start(AcceptInto(group.context(), std::move(pair.server), server, &both.server));
  both.client =
      co_await TlsConnect(ctx, std::move(narrow), Client(ClientConfig(authority)), "localhost");
  CO_TRY_OK(co_await group.Join());
  CO_TRY(TlsConnection client, std::move(both.client));
  const std::string text = Noise(10'000);
  for (int round = 0; round < 2; ++round) {
    // All of it is encrypted, some of it written: not taken, or nobody would come for the rest.
    kernel.room = 1000;
    const std::string_view all = text;
    CO_TRY(const size_t sent, client.stream->TryWrite(std::span(&all, 1)));
    EXPECT_EQ(sent, all.size() - 1);
    kernel.room = 500;
    const std::string_view last = all.substr(sent);
    CO_TRY(const size_t none, client.stream->TryWrite(std::span(&last, 1)));
    EXPECT_EQ(none, 0u);
    if (round == 0) {
      CO_TRY_OK(co_await client.stream->WriteAll(ctx, last));
    } else {
      kernel.room = 20'000;
      CO_TRY(const size_t one, client.stream->TryWrite(std::span(&last, 1)));
      EXPECT_EQ(one, 1u);
    }
    CO_TRY(const std::string got, co_await ReadExactly(ctx, *both.server->stream, text.size()));
    EXPECT_TRUE(got == text);
  }
  co_return Ok{};
}
TEST(Tls, NothingIsLeftBehindByAShortTryWrite) { RunTls(NothingIsLeftBehind); }

// --- in the middle of a connection ---

Task<Result<>> UpgradeServer(const Context& ctx, std::unique_ptr<Stream> stream, Tls tls) {
  CO_TRY_OK(co_await stream->WriteAll(ctx, "greeting"));
  // Reads further than the request to upgrade, as a reader with a buffer does.
  std::string buffer(100'000, '\0');
  size_t size = 0;
  while (size < 100) {
    CO_TRY(const size_t count, co_await stream->Read(ctx, std::span(buffer).subspan(size)));
    size += count;
  }
  EXPECT_TRUE(std::string_view(buffer).starts_with("upgrade"));
  CO_TRY(TlsConnection secret,
         co_await TlsAccept(ctx, std::move(stream), tls, buffer.substr(7, size - 7)));
  CO_TRY(const std::string login, co_await ReadExactly(ctx, *secret.stream, 5));
  EXPECT_EQ(login, "login");
  co_return co_await secret.stream->WriteAll(ctx, "welcome");
}

Task<Result<>> UpgradeMidStream(const Context& ctx, TestAuthority& authority) {
  CO_TRY(Pair pair, co_await Connected(ctx));
  const Tls server = Server(ServerConfig(authority.Issue()));
  TaskGroup group(ctx);
  group.Start(UpgradeServer(group.context(), std::move(pair.server), server));
  CO_TRY(const std::string greeting, co_await ReadExactly(ctx, *pair.client, 8));
  EXPECT_EQ(greeting, "greeting");
  CO_TRY_OK(co_await pair.client->WriteAll(ctx, "upgrade"));
  CO_TRY(TlsConnection secret, co_await TlsConnect(ctx, std::move(pair.client),
                                                   Client(ClientConfig(authority)), "localhost"));
  CO_TRY_OK(co_await secret.stream->WriteAll(ctx, "login"));
  CO_TRY(const std::string welcome, co_await ReadExactly(ctx, *secret.stream, 7));
  EXPECT_EQ(welcome, "welcome");
  co_return co_await group.Join();
}
TEST(Tls, UpgradeMidStream) { RunTls(UpgradeMidStream); }

// --- files ---

void ExpectBad(const Result<Tls>& made, std::string_view file, std::string_view text) {
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code(), Code::kInvalidArgument);
  EXPECT_THAT(made.error().ToString(), HasSubstr(std::string(file)));
  EXPECT_THAT(made.error().ToString(), HasSubstr(std::string(text)));
}

TEST(TlsContext, BadFilesAreNamed) {
  TestAuthority authority("Test Authority");
  const TlsConfig good = ServerConfig(authority.Issue());
  const std::string junk = authority.WriteFile("junk");
  TlsConfig bad = good;
  bad.certificate_file = "/nowhere/cert.pem";
  ExpectBad(TlsContext::ForServer(bad), "certificate file '/nowhere/cert.pem'", "No such file");
  bad.certificate_file = junk;
  ExpectBad(TlsContext::ForServer(bad), junk, "It must be PEM text");
  bad = good;
  bad.key_file = authority.Issue().key_file;
  ExpectBad(TlsContext::ForServer(bad), bad.key_file, "the key is not the certificate's");
  bad.key_file = "";
  ExpectBad(TlsContext::ForServer(bad), bad.certificate_file, "has no key file");
  bad = good;
  bad.ca_file = junk;
  ExpectBad(TlsContext::ForClient(bad), junk, "CA file");
  bad.ca_file = "";
  bad.crl_file = junk;
  ExpectBad(TlsContext::ForServer(bad), junk, "revocation list file");
  bad = good;
  bad.chain_file = junk;
  ExpectBad(TlsContext::ForServer(bad), junk, "chain file");
  bad = good;
  bad.clients = TlsClients::kMustHaveCertificate;
  ExpectBad(TlsContext::ForServer(bad), "", "needs a CA file");
  ExpectBad(TlsContext::ForServer(TlsConfig()), "", "a server needs a certificate");
  // A key behind a passphrase is refused, not asked for on the terminal.
  bad = good;
  bad.key_file = authority.WriteFile(
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
      "MIGjMF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBDKn3UxZ0jEtmGbd3lo\n"
      "-----END ENCRYPTED PRIVATE KEY-----\n");
  ExpectBad(TlsContext::ForServer(bad), bad.key_file, "keys without a passphrase");
}

// --- over any stream: here the simulator's, where a loop that spins would never be idle ---

Task<Result<>> ServeInSim(const Context& ctx, Tls tls) {
  CO_TRY(const auto listener, Loop::Current().Listen(Address::Tcp("server", 443)));
  CO_TRY(std::unique_ptr<Socket> socket, co_await listener->Accept(ctx));
  CO_TRY(TlsConnection secret,
         co_await TlsAccept(ctx, Loop::Current().Open(std::move(socket)), std::move(tls)));
  CO_TRY(const std::string text, co_await ReadExactly(ctx, *secret.stream, 300'000));
  CO_TRY_OK(co_await secret.stream->WriteAll(ctx, text));
  // Waits for a client that has nothing to say.
  char byte[1];
  const Result<size_t> end = co_await secret.stream->Read(ctx, byte);
  co_return end.ok() ? Result<>() : end.error();
}

Task<Result<>> CallInSim(const Context& ctx, Tls tls) {
  CO_TRY(auto stream, co_await Loop::Current().Connect(ctx, Address::Tcp("server", 443)));
  CO_TRY(TlsConnection secret, co_await TlsConnect(ctx, std::move(stream), tls, "localhost"));
  const std::string text = Noise(300'000);
  CO_TRY_OK(co_await secret.stream->WriteAll(ctx, text));
  CO_TRY(const std::string back, co_await ReadExactly(ctx, *secret.stream, text.size()));
  EXPECT_TRUE(back == text);
  CO_TRY_OK(co_await Sleep(ctx, std::chrono::hours(1)));
  co_return Ok{};
}

Task<> SimServer(const Context& ctx, Tls tls, Result<>* outcome) {
  *outcome = co_await ServeInSim(ctx, std::move(tls));
}
Task<> SimClient(const Context& ctx, Tls tls, Result<>* outcome) {
  *outcome = co_await CallInSim(ctx, std::move(tls));
}

TEST(TlsInTheSimulator, IsIdleWhileNobodySpeaks) {
  TestAuthority authority("Test Authority");
  const Tls server = Server(ServerConfig(authority.Issue()));
  const Tls client = Client(ClientConfig(authority));
  SimWorld world(7);
  SimMachine& there = world.AddMachine("server");
  SimMachine& here = world.AddMachine("client");
  Result<> served = Error(Code::kInternal, "not ended");
  Result<> called = Error(Code::kInternal, "not ended");
  there.Start([&](const Context& ctx) { return SimServer(ctx, server, &served); });
  world.Run(std::chrono::milliseconds(1));
  here.Start([&](const Context& ctx) { return SimClient(ctx, client, &called); });
  EXPECT_FALSE(world.Run(std::chrono::minutes(30)));
  const size_t events = world.trace().size();
  EXPECT_FALSE(world.Run(std::chrono::minutes(10)));
  EXPECT_EQ(world.trace().size(), events) << "something happens though nobody speaks";
  EXPECT_TRUE(world.Run(std::chrono::hours(1)));
  EXPECT_TRUE(called.ok()) << called.error().ToString();
  EXPECT_TRUE(served.ok()) << served.error().ToString();
}

}  // namespace
}  // namespace tessera::runtime
