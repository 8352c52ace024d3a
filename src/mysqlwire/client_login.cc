// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/client_login.h"

#include "mysqlwire/auth.h"
#include "mysqlwire/ed25519.h"
#include "mysqlwire/handshake.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response.h"

namespace tessera::mysqlwire {

namespace {

constexpr uint64_t kWanted =
    kClientLongPassword | kClientLongFlag | kClientProtocol41 | kClientTransactions |
    kClientSecureConnection | kClientMultiResults | kClientPsMultiResults | kClientPluginAuth |
    kClientLocalFiles | kClientConnectAttrs | kClientPluginAuthLenencData | kClientDeprecateEof |
    kClientSessionTrack | kMariadbBulk | kMariadbExtendedMetadata;

Error BadSequence(std::string_view what) {
  return Errorf(Code::kInternal, "login: the server sent {}", what).WithMysql(2027, "HY000");
}

}  // namespace

Result<ClientLogin::Step> ClientLogin::OnPacket(std::string_view packet, PacketWriter& out) {
  if (!greeted_) return OnGreeting(packet, out);
  return OnAnswer(packet, out);
}

Result<ClientLogin::Step> ClientLogin::OnGreeting(std::string_view packet, PacketWriter& out) {
  TRY(const Greeting greeting, ParseGreeting(packet));
  greeted_ = true;
  version_ = greeting.version;
  connection_id_ = greeting.connection_id;
  status_flags_ = greeting.status_flags;
  nonce_ = greeting.nonce;
  plugin_ = greeting.auth_plugin.empty() ? kNativePassword : greeting.auth_plugin;
  if (!(greeting.capabilities & kClientProtocol41) || nonce_.size() != kNonceSize)
    return Error(Code::kFailedPrecondition, "the server is older than MySQL 4.1");
  capabilities_ = kWanted & greeting.capabilities;
  if (!options_.database.empty()) capabilities_ |= kClientConnectWithDb;
  if (options_.found_rows) capabilities_ |= kClientFoundRows;
  if (options_.multi_statements) capabilities_ |= kClientMultiStatements;
  if (!options_.tls) return WriteRequest(out, false), Step::kRead;
  if (!(greeting.capabilities & kClientSsl))
    return Error(Code::kFailedPrecondition,
                 "the server does not offer TLS, which this connection requires")
        .WithMysql(2026, "HY000");
  capabilities_ |= kClientSsl;
  WriteRequest(out, true);
  return Step::kStartTls;
}

void ClientLogin::TlsStarted(PacketWriter& out) {
  tls_started_ = true;
  WriteRequest(out, false);
}

// What proves the password to the plugin in question. A plugin that is not ours gets nothing now:
// the server will switch to another, or say what it wants.
Result<std::string> ClientLogin::Respond() const {
  if (plugin_ == kNativePassword) return NativeScramble(options_.password, nonce_);
  if (plugin_ == kCachingSha2Password) return Sha2Scramble(options_.password, nonce_);
  if (plugin_ == kEd25519) return Ed25519Sign(options_.password, nonce_);
  if (plugin_ != kClearPassword)
    return Errorf(Code::kUnimplemented,
                  "the server asks for authentication plugin '{}', which is not supported", plugin_)
        .WithHint("Let the user log in by mysql_native_password or caching_sha2_password")
        .WithMysql(2059, "HY000");
  if (!safe())
    return Error(Code::kUnauthenticated,
                 "the server asks for the password in clear over a connection without TLS")
        .WithMysql(2061, "HY000");
  return options_.password + '\0';
}

void ClientLogin::WriteRequest(PacketWriter& out, bool ssl_request) {
  LoginRequest request;
  request.capabilities = capabilities_;
  request.max_packet = options_.max_packet;
  request.collation = options_.collation;
  request.ssl_request = ssl_request;
  request.user = options_.user;
  request.database = options_.database;
  Result<std::string> response = Respond();
  if (!response.ok()) {
    plugin_ = kNativePassword;
    response = Respond();
  }
  request.auth_response = *response;
  request.auth_plugin = plugin_;
  for (const auto& [key, value] : options_.attributes) request.attributes.emplace_back(key, value);
  out.Begin();
  AppendLoginRequest(out.buffer(), request);
  out.End();
}

Result<ClientLogin::Step> ClientLogin::OnAnswer(std::string_view packet, PacketWriter& out) {
  if (IsErr(packet)) return ParseErr(packet);
  const uint8_t header = packet.empty() ? kErrHeader : static_cast<uint8_t>(packet[0]);
  switch (header) {
    case kOkHeader: {
      TRY(const OkPacket ok, ParseOk(packet, capabilities_));
      status_flags_ = ok.status_flags;
      return Step::kDone;
    }
    case kEofHeader:
      return OnSwitch(packet, out);
    case kMoreDataHeader:
      return OnMoreData(packet.substr(1), out);
    default:
      return BadSequence("a packet that belongs to no step of a login");
  }
}

Result<ClientLogin::Step> ClientLogin::OnSwitch(std::string_view packet, PacketWriter& out) {
  TRY(const AuthSwitch request, ParseAuthSwitch(packet));
  plugin_ = request.plugin;
  if (!request.nonce.empty()) nonce_ = request.nonce;
  TRY(const std::string response, Respond());
  out.Begin();
  out.buffer().Append(response);
  out.End();
  return Step::kRead;
}

Result<ClientLogin::Step> ClientLogin::OnMoreData(std::string_view data, PacketWriter& out) {
  if (plugin_ != kCachingSha2Password)
    return BadSequence("data that its authentication plugin does not know");
  if (key_requested_) {
    key_requested_ = false;
    TRY(const std::string secret, EncryptPassword(options_.password, nonce_, data));
    out.Begin();
    out.buffer().Append(secret);
    out.End();
    return Step::kRead;
  }
  if (data.size() != 1) return BadSequence("a step of caching_sha2_password of wrong length");
  if (data[0] == kSha2FastOk) return Step::kRead;
  if (data[0] != kSha2FullNeeded) return BadSequence("an unknown step of caching_sha2_password");
  out.Begin();
  if (safe()) {
    out.buffer().NulString(options_.password);
  } else {
    out.buffer().U8(kSha2KeyRequest);
    key_requested_ = true;
  }
  out.End();
  return Step::kRead;
}

}  // namespace tessera::mysqlwire
