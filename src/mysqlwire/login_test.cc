// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "mysqlwire/auth.h"
#include "mysqlwire/client_login.h"
#include "mysqlwire/ed25519.h"
#include "mysqlwire/handshake.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response.h"
#include "mysqlwire/rsa_key.h"
#include "mysqlwire/server_login.h"

namespace tessera::mysqlwire {
namespace {

std::string Bytes(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

std::string Nonce() {
  std::string nonce;
  for (char c = 1; c <= 20; ++c) nonce.push_back(c);
  return nonce;
}

// Scrambles and hashes below were computed apart from this code, by Python's hashlib.
TEST(Auth, NativePasswordKnownAnswer) {
  const std::string hash = Bytes("14e65567abdb5135d0cfd9a70b3032c179a49ee7");
  EXPECT_EQ(NativeHash("secret"), hash);
  const std::string scramble = NativeScramble("secret", Nonce());
  EXPECT_EQ(scramble, Bytes("b32bb3a583e1340c0a1108d58b1be49781ad8c2f"));
  EXPECT_TRUE(CheckNativeScramble(scramble, Nonce(), hash));
  EXPECT_FALSE(CheckNativeScramble(NativeScramble("Secret", Nonce()), Nonce(), hash));
  EXPECT_FALSE(CheckNativeScramble("", Nonce(), hash));
  EXPECT_EQ(NativeScramble("", Nonce()), "");
  EXPECT_EQ(ParseNativeHash("*14E65567ABDB5135D0CFD9A70B3032C179A49EE7"), hash);
  EXPECT_FALSE(ParseNativeHash("*14E65567").has_value());
  EXPECT_FALSE(ParseNativeHash("*XXE65567ABDB5135D0CFD9A70B3032C179A49EE7").has_value());
}

TEST(Auth, CachingSha2KnownAnswer) {
  const std::string hash =
      Bytes("3881219d087dd9c634373fd33dfa33a2cb6bfc6c520b64b8bb60ef2ceb534ae7");
  EXPECT_EQ(Sha2Hash("secret"), hash);
  const std::string scramble = Sha2Scramble("secret", Nonce());
  EXPECT_EQ(scramble, Bytes("746ebe205d56a0707acb3e796e834e0dd7b1d61743b26bd5202c7a623230c7c9"));
  EXPECT_TRUE(CheckSha2Scramble(scramble, Nonce(), hash));
  EXPECT_FALSE(CheckSha2Scramble(Sha2Scramble("x", Nonce()), Nonce(), hash));
}

// From MariaDB: select ed25519_password('secret').
TEST(Auth, Ed25519KnownAnswer) {
  const auto key = ParseEd25519Key("ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY");
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(Ed25519PublicKey("secret"), *key);
  std::string nonce(kEd25519NonceSize, '\0');
  const std::string signature = Ed25519Sign("secret", nonce);
  EXPECT_TRUE(CheckEd25519(signature, nonce, *key));
  EXPECT_FALSE(CheckEd25519(Ed25519Sign("Secret", nonce), nonce, *key));
  EXPECT_FALSE(CheckEd25519("", nonce, *key));
  nonce[5] = 1;
  EXPECT_FALSE(CheckEd25519(signature, nonce, *key));
  for (const char* bad : {"", "ZIgU", "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJ!",
                          "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJYAAAA"})
    EXPECT_FALSE(ParseEd25519Key(bad).has_value()) << bad;
}

TEST(Auth, PasswordsUnderTheRsaKey) {
  const auto key = RsaKey::Generate();
  const auto secret = EncryptPassword("sesame", Nonce(), key->public_pem());
  ASSERT_TRUE(secret.ok());
  const auto password = key->Decrypt(*secret, Nonce());
  ASSERT_TRUE(password.ok());
  EXPECT_EQ(*password, "sesame");
  EXPECT_FALSE(key->Decrypt(*secret, "another nonce").ok());
  EXPECT_FALSE(key->Decrypt(secret->substr(1), Nonce()).ok());
  EXPECT_FALSE(key->Decrypt(std::string(256, '\xff'), Nonce()).ok());
  EXPECT_FALSE(key->Decrypt("", Nonce()).ok());
  EXPECT_FALSE(RsaKey::FromFile("/nonexistent.pem").ok());
}

TEST(Auth, NoncesHaveNoZeroAndDiffer) {
  const std::string a = MakeNonce();
  EXPECT_EQ(a.size(), kNonceSize);
  EXPECT_EQ(a.find('\0'), std::string::npos);
  EXPECT_NE(a, MakeNonce());
}

TEST(Handshake, GreetingRoundTrip) {
  Greeting greeting;
  greeting.version = "8.4.6-Tessera";
  greeting.connection_id = 0x01020304;
  greeting.nonce = Nonce();
  greeting.capabilities =
      kClientProtocol41 | kClientSecureConnection | kClientPluginAuth | kClientDeprecateEof;
  greeting.collation = 45;
  greeting.status_flags = kStatusAutocommit;
  greeting.auth_plugin = kCachingSha2Password;
  ByteBuffer out;
  AppendGreeting(out, greeting);
  const auto parsed = ParseGreeting(out.view());
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->version, greeting.version);
  EXPECT_EQ(parsed->connection_id, greeting.connection_id);
  EXPECT_EQ(parsed->nonce, greeting.nonce);
  EXPECT_EQ(parsed->capabilities, greeting.capabilities);
  EXPECT_EQ(parsed->collation, 45);
  EXPECT_EQ(parsed->auth_plugin, kCachingSha2Password);
  // Every cut before the plugin's name is refused or understood, never read past.
  for (size_t size = 0; size < out.size(); ++size)
    (void)ParseGreeting(out.view().substr(0, size)).ok();
}

TEST(Handshake, TooManyConnectionsInPlaceOfAGreeting) {
  const auto parsed = ParseGreeting(std::string_view("\xff\x10\x04Too many connections", 23));
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().mysql_errno(), 1040);
  EXPECT_EQ(parsed.error().message(), "Too many connections");
}

TEST(Handshake, LoginRequestRoundTrip) {
  LoginRequest request;
  request.capabilities = kClientProtocol41 | kClientSecureConnection | kClientPluginAuth |
                         kClientConnectWithDb | kClientConnectAttrs | kClientPluginAuthLenencData;
  request.max_packet = 1 << 24;
  request.collation = 33;
  request.user = "app";
  request.auth_response = std::string_view("\x00\x01\x02", 3);
  request.database = "shop";
  request.auth_plugin = kNativePassword;
  request.attributes = {{"_client_name", "x"}, {"pid", "12"}};
  ByteBuffer out;
  AppendLoginRequest(out, request);
  const auto parsed = ParseLoginRequest(out.view());
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->user, "app");
  EXPECT_EQ(parsed->auth_response, request.auth_response);
  EXPECT_EQ(parsed->database, "shop");
  EXPECT_EQ(parsed->auth_plugin, kNativePassword);
  EXPECT_EQ(parsed->attributes, request.attributes);
  EXPECT_FALSE(parsed->ssl_request);
  for (size_t size = 0; size < out.size(); ++size)
    (void)ParseLoginRequest(out.view().substr(0, size)).ok();
}

TEST(Handshake, SslRequestIsTheShortForm) {
  LoginRequest request;
  request.capabilities = kClientProtocol41 | kClientSsl;
  request.ssl_request = true;
  ByteBuffer out;
  AppendLoginRequest(out, request);
  EXPECT_EQ(out.size(), 32u);
  const auto parsed = ParseLoginRequest(out.view());
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->ssl_request);
}

TEST(Handshake, ClientsBefore41AreRefused) {
  const auto parsed = ParseLoginRequest(std::string_view("\x05\x00\x00\x00\x00user\x00", 10));
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().mysql_errno(), 1251);
}

// A client and a server in one room: packets of one are given to the other until the client is done
// or an error ends it. The server lets in by the double hash of "secret".
struct Room {
  explicit Room(std::string_view offered, std::string_view password, bool unix_socket = false)
      : client(Options(password, unix_socket)), server(ServerOptions(offered)) {}

  static ClientLoginOptions Options(std::string_view password, bool unix_socket) {
    ClientLoginOptions options;
    options.user = "app";
    options.password = password;
    options.safe_channel = unix_socket;
    return options;
  }
  static ServerLoginOptions ServerOptions(std::string_view offered) {
    ServerLoginOptions options;
    options.version = "8.0.0";
    options.nonce = Nonce();
    options.default_plugin = offered;
    return options;
  }

  // The payloads of what was written.
  static std::vector<std::string> Payloads(PacketWriter& writer) {
    PacketReader reader(1 << 20);
    std::vector<std::string> payloads;
    const std::string_view bytes = writer.buffer().view();
    std::span<char> room = reader.Room(bytes.size() + 1);
    std::copy(bytes.begin(), bytes.end(), room.begin());
    reader.Received(bytes.size());
    if (!bytes.empty()) reader.SetSequence(static_cast<uint8_t>(bytes[3]));
    for (auto packet = reader.Next(); packet.ok() && *packet; packet = reader.Next())
      payloads.emplace_back(**packet);
    writer.buffer().Clear();
    return payloads;
  }

  // Nothing when logged in, else why not. `force_full`: the server says that the scramble is not
  // enough.
  std::optional<Error> Run(std::string_view accepted_plugin, bool force_full = false) {
    PacketWriter to_client;
    PacketWriter to_server;
    server.Greet(to_client);
    for (int turn = 0; turn < 8; ++turn) {
      for (const std::string& packet : Payloads(to_client)) {
        const auto step = client.OnPacket(packet, to_server);
        if (!step.ok()) return step.error();
        if (*step == ClientLogin::Step::kDone) return std::nullopt;
      }
      for (const std::string& packet : Payloads(to_server)) {
        const auto step = server.OnPacket(packet);
        if (!step.ok()) return step.error();
        Judge(accepted_plugin, force_full, to_client);
      }
    }
    return Error(Code::kInternal, "the login does not end");
  }

  void Judge(std::string_view accepted_plugin, bool force_full, PacketWriter& out) {
    if (!server.is_password() && server.plugin() != accepted_plugin)
      return server.SwitchTo(accepted_plugin, out);
    if (force_full && !server.is_password()) return server.AskForPassword(out);
    const std::string& response = server.response();
    bool good = response == "secret";
    if (!server.is_password())
      good = server.plugin() == kNativePassword
                 ? CheckNativeScramble(response, Nonce(), NativeHash("secret"))
                 : CheckSha2Scramble(response, Nonce(), Sha2Hash("secret"));
    if (good) server.Accept(out);
    out.Begin();
    if (good) {
      AppendOk(out.buffer(), OkPacket(), kOkHeader);
    } else {
      AppendErr(out.buffer(), 1045, "28000", "Access denied");
    }
    out.End();
  }

  ClientLogin client;
  ServerLogin server;
};

TEST(Login, NativePassword) {
  EXPECT_FALSE(Room(kNativePassword, "secret").Run(kNativePassword).has_value());
  const auto refused = Room(kNativePassword, "wrong").Run(kNativePassword);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->mysql_errno(), 1045);
  EXPECT_EQ(refused->sqlstate(), "28000");
}

TEST(Login, CachingSha2FastPath) {
  EXPECT_FALSE(Room(kCachingSha2Password, "secret").Run(kCachingSha2Password).has_value());
  EXPECT_TRUE(Room(kCachingSha2Password, "wrong").Run(kCachingSha2Password).has_value());
}

TEST(Login, SwitchesBetweenPlugins) {
  EXPECT_FALSE(Room(kNativePassword, "secret").Run(kCachingSha2Password).has_value());
  EXPECT_FALSE(Room(kCachingSha2Password, "secret").Run(kNativePassword).has_value());
  EXPECT_FALSE(Room("some_other_plugin", "secret").Run(kNativePassword).has_value());
}

TEST(Login, CachingSha2FullOverASafeChannel) {
  EXPECT_FALSE(
      Room(kCachingSha2Password, "secret", true).Run(kCachingSha2Password, true).has_value());
  EXPECT_TRUE(
      Room(kCachingSha2Password, "wrong", true).Run(kCachingSha2Password, true).has_value());
}

TEST(Login, ClearTextOnlyOverASafeChannel) {
  EXPECT_FALSE(Room(kNativePassword, "secret", true).Run(kClearPassword).has_value());
  const auto refused = Room(kNativePassword, "secret").Run(kClearPassword);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->mysql_errno(), 2061);
}

TEST(Login, ServerWithoutTlsIsRefusedWhenTlsIsRequired) {
  ClientLoginOptions options = Room::Options("secret", false);
  options.tls = true;
  ClientLogin client(options);
  ServerLogin server(Room::ServerOptions(kNativePassword));
  PacketWriter greeting;
  PacketWriter out;
  server.Greet(greeting);
  const auto step = client.OnPacket(Room::Payloads(greeting)[0], out);
  ASSERT_FALSE(step.ok());
  EXPECT_EQ(step.error().mysql_errno(), 2026);
}

TEST(Login, TlsIsAskedForBeforeTheUserIsNamed) {
  ClientLoginOptions options = Room::Options("secret", false);
  options.tls = true;
  ClientLogin client(options);
  ServerLoginOptions server_options = Room::ServerOptions(kNativePassword);
  server_options.offer_tls = true;
  ServerLogin server(server_options);
  PacketWriter to_client;
  PacketWriter to_server;
  server.Greet(to_client);
  const auto step = client.OnPacket(Room::Payloads(to_client)[0], to_server);
  ASSERT_TRUE(step.ok());
  EXPECT_EQ(*step, ClientLogin::Step::kStartTls);
  const std::string request = Room::Payloads(to_server)[0];
  EXPECT_EQ(request.find("app"), std::string::npos);
  EXPECT_EQ(*server.OnPacket(request), ServerLogin::Step::kStartTls);
  server.TlsStarted();
  client.TlsStarted(to_server);
  EXPECT_EQ(*server.OnPacket(Room::Payloads(to_server)[0]), ServerLogin::Step::kVerify);
  EXPECT_EQ(server.user(), "app");
}

// MariaDB's half of the capabilities passes between those who are MariaDB's, and only there.
TEST(Login, MariadbsCapabilities) {
  for (const bool mariadb : {true, false}) {
    ServerLoginOptions options;
    options.nonce = Nonce();
    options.default_plugin = "mysql_native_password";
    options.mariadb = mariadb;
    ServerLogin server(options);
    PacketWriter greeting;
    server.Greet(greeting);
    const auto seen = ParseGreeting(greeting.buffer().view().substr(4));
    ASSERT_TRUE(seen.ok());
    EXPECT_EQ((seen->capabilities & kClientLongPassword) == 0, mariadb);
    ClientLogin client{ClientLoginOptions()};
    PacketWriter request;
    ASSERT_TRUE(client.OnPacket(greeting.buffer().view().substr(4), request).ok());
    EXPECT_EQ((client.capabilities() & kMariadbBulk) != 0, mariadb);
    ASSERT_TRUE(server.OnPacket(request.buffer().view().substr(4)).ok());
    EXPECT_EQ(server.capabilities(), client.capabilities());
    // A client that says it is MySQL's has other bytes there.
    std::string lies(request.buffer().view().substr(4));
    lies[0] = static_cast<char>(lies[0] | 1);
    EXPECT_EQ(ParseLoginRequest(lies)->capabilities >> 32, 0u);
  }
}

}  // namespace
}  // namespace tessera::mysqlwire
