// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// TLS streams against OpenSSL's own client, which knows nothing of this library.
#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/loop_pool.h"
#include "runtime/testing/certificates.h"
#include "runtime/tls.h"

namespace tessera::runtime {
namespace {

using ::testing::HasSubstr;
using testing::TestAuthority;
using testing::TestCertificate;

using Tls = std::shared_ptr<const TlsContext>;

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

// A client that knows nothing of this library, on a thread of its own.
class OpensslClient {
 public:
  OpensslClient(uint16_t port, std::function<void(SSL*, int)> script, int max_version = 0) {
    thread_ = std::thread([port, script, max_version] {
      const int fd = socket(AF_INET, SOCK_STREAM, 0);
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_port = htons(port);
      to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      CHECK(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
      SSL_CTX* ctx = SSL_CTX_new(TLS_client_method());
      SSL_CTX_set_security_level(ctx, 0);
      if (max_version != 0) SSL_CTX_set_max_proto_version(ctx, max_version);
      SSL* ssl = SSL_new(ctx);
      SSL_set_fd(ssl, fd);
      script(ssl, fd);
      SSL_free(ssl);
      SSL_CTX_free(ctx);
      close(fd);
    });
  }
  ~OpensslClient() { thread_.join(); }

 private:
  std::thread thread_;
};

using Script = std::function<void(SSL*, int)>;
using ServeSecret = Task<Result<>> (*)(const Context& ctx, Result<TlsConnection> accepted);

Task<int> AcceptOpenssl(const Context& ctx, Tls tls, const Script* script, int max_version,
                        ServeSecret serve) {
  const auto listener = Loop::Current().Listen(Address::Tcp("127.0.0.1", 0));
  const OpensslClient client((*listener)->address().port, *script, max_version);
  Result<std::unique_ptr<Socket>> socket = co_await (*listener)->Accept(ctx);
  std::unique_ptr<Stream> stream = Loop::Current().Open(std::move(*socket));
  Result<TlsConnection> accepted = co_await TlsAccept(ctx, std::move(stream), std::move(tls));
  const Result<> outcome = co_await serve(ctx, std::move(accepted));
  if (!outcome.ok()) ADD_FAILURE() << outcome.error().ToString();
  co_return 0;
}

// Accepts one such client, which runs `script`, and serves it.
void ServeOpenssl(const Script& script, int max_version, ServeSecret serve) {
  TestAuthority authority("Test Authority");
  const TestCertificate certificate = authority.Issue();
  TlsConfig config;
  config.certificate_file = certificate.certificate_file;
  config.key_file = certificate.key_file;
  const Result<Tls> tls = TlsContext::ForServer(config);
  ASSERT_TRUE(tls.ok());
  RunLoop(
      [&](const Context& ctx) { return AcceptOpenssl(ctx, *tls, &script, max_version, serve); });
}

std::string ReadText(SSL* ssl) {
  std::string text;
  char bytes[1000];
  for (;;) {
    const int count = SSL_read(ssl, bytes, sizeof bytes);
    if (count <= 0) return text;
    text.append(bytes, static_cast<size_t>(count));
  }
}

Task<Result<>> EchoToTheEnd(const Context& ctx, Result<TlsConnection> accepted) {
  CO_TRY(TlsConnection secret, std::move(accepted));
  std::string text(1 << 20, '\0');
  size_t size = 0;
  for (;;) {
    CO_TRY(const size_t count, co_await secret.stream->Read(ctx, std::span(text).subspan(size)));
    if (count == 0) break;
    size += count;
  }
  // The client has ended its half; ours is still open.
  const std::string answer = secret.session.version + " " + text.substr(0, size);
  co_return co_await secret.stream->WriteAll(ctx, answer);
}

TEST(TlsWithOpenssl, HalfCloseLeavesTheOtherHalfOpen) {
  std::string answer;
  const auto script = [&answer](SSL* ssl, int) {
    CHECK(SSL_connect(ssl) == 1);
    CHECK(SSL_write(ssl, "hello", 5) == 5);
    CHECK(SSL_shutdown(ssl) == 0);  // our half alone
    answer = ReadText(ssl);
  };
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    ServeOpenssl(script, version, EchoToTheEnd);
    EXPECT_EQ(answer, version == TLS1_3_VERSION ? "TLSv1.3 hello" : "TLSv1.2 hello");
  }
}

TEST(TlsWithOpenssl, NewKeysInTheMiddle) {
  std::string answer;
  const auto script = [&answer](SSL* ssl, int) {
    CHECK(SSL_connect(ssl) == 1);
    CHECK(SSL_write(ssl, "one", 3) == 3);
    CHECK(SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1);
    CHECK(SSL_write(ssl, "two", 3) == 3);
    CHECK(SSL_shutdown(ssl) == 0);
    answer = ReadText(ssl);
  };
  ServeOpenssl(script, TLS1_3_VERSION, EchoToTheEnd);
  EXPECT_EQ(answer, "TLSv1.3 onetwo");
}

TEST(TlsWithOpenssl, EndWithoutGoodbyeIsAnError) {
  const auto script = [](SSL* ssl, int fd) {
    CHECK(SSL_connect(ssl) == 1);
    CHECK(SSL_write(ssl, "half a mess", 11) == 11);
    shutdown(fd, SHUT_WR);
    SSL_set_quiet_shutdown(ssl, 1);
    ReadText(ssl);
  };
  const auto serve = [](const Context& ctx, Result<TlsConnection> accepted) -> Task<Result<>> {
    CO_TRY(TlsConnection secret, std::move(accepted));
    CO_TRY(const std::string text, co_await ReadExactly(ctx, *secret.stream, 11));
    EXPECT_EQ(text, "half a mess");
    char byte[1];
    for (int i = 0; i < 2; ++i) {
      const Result<size_t> end = co_await secret.stream->Read(ctx, byte);
      EXPECT_FALSE(end.ok());
      EXPECT_EQ(end.error().code(), Code::kUnavailable);
      EXPECT_THAT(end.error().message(), HasSubstr("was cut off"));
    }
    co_return Ok{};
  };
  ServeOpenssl(script, 0, serve);
}

TEST(TlsWithOpenssl, OldVersionsAreRefused) {
  const auto script = [](SSL* ssl, int) { EXPECT_NE(SSL_connect(ssl), 1); };
  const auto serve = [](const Context&, Result<TlsConnection> accepted) -> Task<Result<>> {
    EXPECT_FALSE(accepted.ok());
    EXPECT_THAT(accepted.error().message(), HasSubstr("protocol"));
    co_return Ok{};
  };
  ServeOpenssl(script, TLS1_1_VERSION, serve);
}

TEST(TlsWithOpenssl, GarbageAfterTheHandshakeIsAnError) {
  const auto script = [](SSL* ssl, int fd) {
    CHECK(SSL_connect(ssl) == 1);
    CHECK(write(fd, "\x17\x03\x03\x00\x20 not what the keys make of it ...", 37) == 37);
    EXPECT_EQ(ReadText(ssl), "");
  };
  const auto serve = [](const Context& ctx, Result<TlsConnection> accepted) -> Task<Result<>> {
    CO_TRY(TlsConnection secret, std::move(accepted));
    char byte[1];
    const Result<size_t> read = co_await secret.stream->Read(ctx, byte);
    EXPECT_FALSE(read.ok());
    EXPECT_THAT(read.error().message(), HasSubstr("read from 127.0.0.1:"));
    const Result<> written = co_await secret.stream->WriteAll(ctx, "x");
    EXPECT_FALSE(written.ok());
    co_return Ok{};
  };
  ServeOpenssl(script, 0, serve);
}

}  // namespace
}  // namespace tessera::runtime
