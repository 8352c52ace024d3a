// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Calls over TLS, ours against ours; interop/ has them against grpc++.
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/router.h"
#include "rpc/testing/loopback.h"
#include "rpc/tls_files.h"
#include "runtime/testing/certificates.h"

namespace tessera::rpc {
namespace {

using runtime::testing::CertificateWishes;
using runtime::testing::TestAuthority;
using runtime::testing::TestCertificate;
using ::testing::HasSubstr;
using testing::Loopback;
using testing::RunLoopback;

using Tls = std::shared_ptr<const runtime::TlsContext>;

ServerTlsFiles ServerFiles(TestAuthority& authority) {
  const TestCertificate certificate = authority.Issue();
  ServerTlsFiles files;
  files.certificate = certificate.certificate_file;
  files.key = certificate.key_file;
  return files;
}

ClientTlsFiles ClientFiles(const TestAuthority& authority) {
  ClientTlsFiles files;
  files.ca = authority.ca_file();
  return files;
}

Tls Loaded(const ServerTlsFiles& files) {
  const Result<Tls> tls = LoadServerTls(files);
  CHECK(tls.ok());
  return *tls;
}
Tls Loaded(const ClientTlsFiles& files) {
  const Result<Tls> tls = LoadClientTls(files);
  CHECK(tls.ok());
  return *tls;
}

// Why the server of the test under way refused connections.
std::vector<std::string> refused;

ServerOptions ListeningServer(Tls tls) {
  refused.clear();
  ServerOptions options;
  options.tls = std::move(tls);
  options.on_refused = [](const Error& error) { refused.push_back(error.ToString()); };
  return options;
}

// The server hears of a refusal when the client has long gone on.
Task<> UntilRefused() {
  while (refused.empty()) co_await Yield();
}

Task<Result<>> CallsWork(Loopback& at) {
  for (const size_t size : {size_t{0}, size_t{300}, size_t{3'000'000}}) {
    const std::string request = testing::Payload(7, size);
    const Result<std::string> answer = co_await at.channel.Call(at.ctx, testing::kUnary, request);
    CO_ASSERT_OK(answer);
    EXPECT_EQ(*answer, request);
  }
  auto stream = co_await at.channel.ServerStream(at.ctx, testing::kCount, "1000 10000");
  CO_ASSERT_OK(stream);
  size_t bytes = 0;
  for (;;) {
    const auto message = co_await (*stream)->Next(at.ctx);
    CO_ASSERT_OK(message);
    if (!*message) break;
    bytes += (*message)->size();
  }
  EXPECT_EQ(bytes, 10'000'000u);
  co_return Ok{};
}

TEST(RpcTls, CallsWork) {
  TestAuthority authority("Test Authority");
  ServerOptions server;
  server.tls = Loaded(ServerFiles(authority));
  ChannelOptions client;
  client.tls = Loaded(ClientFiles(authority));
  RunLoopback(CallsWork, server, client);
}

Result<> OnlyAda(const ServerCall& call) {
  if (call.tls() == nullptr) return Error(Code::kUnauthenticated, "no TLS");
  if (call.tls()->peer_common_name != "ada")
    return Errorf(Code::kPermissionDenied, "not for {}", call.tls()->peer_common_name);
  return Ok{};
}

Task<Result<>> AdaOnly(Loopback& at) {
  const Result<std::string> answer = co_await at.channel.Call(at.ctx, testing::kUnary, "x");
  CO_ASSERT_OK(answer);
  co_return Ok{};
}

Task<Result<>> NotForBob(Loopback& at) {
  const Result<std::string> answer = co_await at.channel.Call(at.ctx, testing::kUnary, "x");
  EXPECT_EQ(answer.error().code(), Code::kPermissionDenied);
  EXPECT_EQ(answer.error().message(), "not for bob");
  co_return Ok{};
}

TEST(RpcTls, ServersKnowTheirClients) {
  TestAuthority authority("Test Authority");
  ServerTlsFiles files = ServerFiles(authority);
  files.ca = authority.ca_file();
  ServerOptions server;
  server.tls = Loaded(files);
  server.authorize = OnlyAda;
  for (const char* const name : {"ada", "bob"}) {
    CertificateWishes wishes;
    wishes.common_name = name;
    const TestCertificate certificate = authority.Issue(wishes);
    ClientTlsFiles with = ClientFiles(authority);
    with.certificate = certificate.certificate_file;
    with.key = certificate.key_file;
    ChannelOptions client;
    client.tls = Loaded(with);
    RunLoopback(std::string(name) == "ada" ? AdaOnly : NotForBob, server, client);
  }
}

Task<Result<>> Unavailable(Loopback& at) {
  for (int i = 0; i < 2; ++i) {
    const Result<std::string> answer = co_await at.channel.Call(at.ctx, testing::kUnary, "x");
    EXPECT_EQ(answer.error().code(), Code::kUnavailable);
    EXPECT_THAT(answer.error().message(), HasSubstr("connection error: "));
  }
  co_await UntilRefused();
  co_return Ok{};
}

TEST(RpcTls, ClientsWithoutACertificateHearWhy) {
  TestAuthority authority("Test Authority");
  ServerTlsFiles files = ServerFiles(authority);
  files.ca = authority.ca_file();
  const ServerOptions server = ListeningServer(Loaded(files));
  ChannelOptions client;
  client.tls = Loaded(ClientFiles(authority));
  RunLoopback(Unavailable, server, client);
  EXPECT_THAT(refused.front(), HasSubstr("the client showed no certificate"));
}

Task<Result<>> NotTrusted(Loopback& at) {
  const Result<std::string> answer = co_await at.channel.Call(at.ctx, testing::kUnary, "x");
  EXPECT_EQ(answer.error().code(), Code::kUnavailable);
  EXPECT_THAT(answer.error().message(), HasSubstr("its issuer is /CN=Test Authority"));
  EXPECT_THAT(answer.error().hint(), HasSubstr("It must be signed by an authority in "));
  co_await UntilRefused();
  co_return Ok{};
}

TEST(RpcTls, WrongAuthority) {
  TestAuthority authority("Test Authority");
  TestAuthority other("Other Authority");
  ServerOptions server = ListeningServer(Loaded(ServerFiles(authority)));
  ChannelOptions client;
  client.tls = Loaded(ClientFiles(other));
  RunLoopback(NotTrusted, server, client);
  EXPECT_THAT(refused.front(), HasSubstr("the peer does not accept our certificate"));
}

Task<Result<>> WrongName(Loopback& at) {
  const Result<std::string> answer = co_await at.channel.Call(at.ctx, testing::kUnary, "x");
  EXPECT_THAT(answer.error().message(),
              HasSubstr("it is for localhost, 127.0.0.1, not for tablet.example.com"));
  co_return Ok{};
}

TEST(RpcTls, ServerNameReplacesTheHost) {
  TestAuthority authority("Test Authority");
  ServerOptions server;
  server.tls = Loaded(ServerFiles(authority));
  ClientTlsFiles files = ClientFiles(authority);
  files.server_name = "tablet.example.com";
  ChannelOptions client;
  client.tls = Loaded(files);
  RunLoopback(WrongName, server, client);
}

TEST(RpcTls, ClearTextCallsAreRefusedUnlessAllowed) {
  TestAuthority authority("Test Authority");
  ServerOptions server = ListeningServer(Loaded(ServerFiles(authority)));
  RunLoopback(Unavailable, server);
  EXPECT_THAT(refused.front(), HasSubstr("made calls in clear text"));
  server.tls_optional = true;
  RunLoopback(CallsWork, server);
  ChannelOptions client;
  client.tls = Loaded(ClientFiles(authority));
  RunLoopback(CallsWork, server, client);
}

Task<Result<>> TlsToAClearTextServer(Loopback& at) {
  const Result<std::string> answer = co_await at.channel.Call(at.ctx, testing::kUnary, "x");
  EXPECT_EQ(answer.error().code(), Code::kUnavailable);
  EXPECT_THAT(answer.error().message(), HasSubstr("TLS handshake with 127.0.0.1:"));
  co_await UntilRefused();
  EXPECT_THAT(refused.front(), HasSubstr("speaks TLS: this server has no certificate"));
  co_return Ok{};
}

TEST(RpcTls, ClearTextServer) {
  TestAuthority authority("Test Authority");
  ChannelOptions client;
  client.tls = Loaded(ClientFiles(authority));
  RunLoopback(TlsToAClearTextServer, ListeningServer(nullptr), client);
}

Task<Result<std::string>> Get(const Context& ctx, runtime::Stream& stream) {
  CO_TRY_OK(
      co_await stream.WriteAll(ctx, "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  std::string answer;
  char buffer[4096];
  for (;;) {
    CO_TRY(const size_t count, co_await stream.Read(ctx, buffer));
    if (count == 0) co_return answer;
    answer.append(buffer, count);
  }
}

Task<Result<>> PagesBothWays(Loopback& at) {
  CO_TRY(auto clear, co_await runtime::Loop::Current().Connect(at.ctx, at.address));
  CO_TRY(const std::string in_clear, co_await Get(at.ctx, *clear));
  EXPECT_THAT(in_clear, HasSubstr("HTTP/1.1 404"));
  runtime::TlsConfig config;
  config.verify = runtime::TlsVerify::kNothing;
  config.alpn = {"http/1.1"};
  CO_TRY(const Tls tls, runtime::TlsContext::ForClient(config));
  CO_TRY(auto stream, co_await runtime::Loop::Current().Connect(at.ctx, at.address));
  CO_TRY(runtime::TlsConnection secret,
         co_await runtime::TlsConnect(at.ctx, std::move(stream), tls, "localhost"));
  EXPECT_EQ(secret.session.alpn, "http/1.1");
  CO_TRY(const std::string in_secret, co_await Get(at.ctx, *secret.stream));
  EXPECT_THAT(in_secret, HasSubstr("HTTP/1.1 404"));
  co_return Ok{};
}

TEST(RpcTls, PagesInClearTextAndSecret) {
  TestAuthority authority("Test Authority");
  ServerOptions server;
  server.tls = Loaded(ServerFiles(authority));
  RunLoopback(PagesBothWays, server);
}

TEST(TlsFiles, DecideWhetherTlsIsSpoken) {
  TestAuthority authority("Test Authority");
  const ServerTlsFiles files = ServerFiles(authority);
  EXPECT_EQ(Loaded(ServerTlsFiles()), nullptr);
  EXPECT_EQ(Loaded(ClientTlsFiles()), nullptr);
  EXPECT_NE(Loaded(files), nullptr);
  ServerTlsFiles half = files;
  half.key.clear();
  EXPECT_THAT(LoadServerTls(half).error().message(), HasSubstr("has no key file"));
  ServerTlsFiles only_ca;
  only_ca.ca = authority.ca_file();
  EXPECT_THAT(LoadServerTls(only_ca).error().message(), HasSubstr(authority.ca_file()));
  ClientTlsFiles name_only;
  name_only.server_name = "x";
  EXPECT_EQ(Loaded(name_only), nullptr);
  ServerTlsFiles chain = files;
  chain.server_ca = authority.ca_file();
  EXPECT_NE(Loaded(chain), nullptr);
}

}  // namespace
}  // namespace tessera::rpc
