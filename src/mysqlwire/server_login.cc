// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/server_login.h"

#include "mysqlwire/auth.h"
#include "mysqlwire/protocol.h"

namespace tessera::mysqlwire {

namespace {

constexpr uint64_t kOffered =
    kClientLongPassword | kClientFoundRows | kClientLongFlag | kClientConnectWithDb |
    kClientLocalFiles | kClientIgnoreSpace | kClientProtocol41 | kClientInteractive |
    kClientTransactions | kClientSecureConnection | kClientMultiStatements | kClientMultiResults |
    kClientPsMultiResults | kClientPluginAuth | kClientConnectAttrs | kClientPluginAuthLenencData |
    kClientDeprecateEof | kClientSessionTrack | kClientOptionalMetadata | kClientQueryAttributes;
constexpr uint64_t kOfferedAsMariadb =
    kMariadbBulk | kMariadbExtendedMetadata | kMariadbCacheMetadata;

}  // namespace

void ServerLogin::Greet(PacketWriter& out) {
  offered_ = kOffered | (options_.offer_tls ? uint64_t{kClientSsl} : 0);
  if (options_.mariadb) offered_ = (offered_ & ~uint64_t{kClientLongPassword}) | kOfferedAsMariadb;
  if (options_.offer_compression) offered_ |= kClientCompress | kClientZstdCompression;
  Greeting greeting;
  greeting.version = options_.version;
  greeting.connection_id = options_.connection_id;
  greeting.nonce = options_.nonce;
  greeting.capabilities = offered_;
  greeting.collation = options_.collation;
  greeting.status_flags = kStatusAutocommit;
  greeting.auth_plugin = options_.default_plugin;
  out.Begin();
  AppendGreeting(out.buffer(), greeting);
  out.End();
}

Result<ServerLogin::Step> ServerLogin::OnPacket(std::string_view packet) {
  if (requested_) {
    if (is_encrypted() && !key_sent_ && packet.size() == 1 && packet[0] == kSha2KeyRequest)
      return Step::kSendKey;
    TakeResponse(packet);
    return Step::kVerify;
  }
  TRY(const LoginRequest request, ParseLoginRequest(packet));
  if (request.ssl_request) {
    if (!options_.offer_tls || tls_)
      return Error(Code::kInvalidArgument, "the client asks for TLS, which was not offered")
          .WithMysql(2026, "HY000");
    return Step::kStartTls;
  }
  Take(request);
  return Step::kVerify;
}

Result<> ServerLogin::OnChangeUser(std::string_view packet) {
  TRY(const LoginRequest request, ParseChangeUser(packet, capabilities_));
  Take(request);
  return Ok{};
}

void ServerLogin::Take(const LoginRequest& request) {
  requested_ = true;
  password_asked_ = false;
  nonce_ = options_.nonce;
  capabilities_ = request.capabilities & offered_;
  if (request.max_packet != 0) max_packet_ = request.max_packet;
  if (request.collation != 0) collation_ = request.collation;
  if (request.zstd_level != 0) zstd_level_ = request.zstd_level;
  user_ = request.user;
  database_ = request.database;
  // A client without plugins means the one they grew out of.
  plugin_ = (capabilities_ & kClientPluginAuth) && !request.auth_plugin.empty()
                ? request.auth_plugin
                : kNativePassword;
  attributes_.clear();
  for (const auto& [key, value] : request.attributes) attributes_.emplace_back(key, value);
  TakeResponse(request.auth_response);
}

void ServerLogin::TakeResponse(std::string_view response) {
  // Passwords are closed by a zero; a lone zero is how some clients say "no password" to the
  // scrambling plugins.
  if (!is_encrypted() && (is_password() || response.size() == 1) && response.ends_with('\0'))
    response.remove_suffix(1);
  response_ = response;
}

bool ServerLogin::plugin_is_clear() const {
  return plugin_ == kClearPassword || plugin_ == kDialog;
}

void ServerLogin::SwitchTo(std::string_view plugin, PacketWriter& out, std::string_view nonce) {
  plugin_ = plugin;
  nonce_ = nonce.empty() ? std::string_view(options_.nonce) : nonce;
  password_asked_ = false;
  out.Begin();
  AppendAuthSwitch(out.buffer(), {plugin_, nonce_});
  out.End();
}

void ServerLogin::SendKey(std::string_view pem, PacketWriter& out) {
  key_sent_ = true;
  out.Begin();
  out.buffer().U8(kMoreDataHeader);
  out.buffer().Append(pem);
  out.End();
}

void ServerLogin::AskForPassword(PacketWriter& out, bool encrypted) {
  password_asked_ = true;
  encrypted_ = encrypted;
  key_sent_ = false;
  out.Begin();
  out.buffer().U8(kMoreDataHeader);
  out.buffer().U8(kSha2FullNeeded);
  out.End();
}

void ServerLogin::Accept(PacketWriter& out) {
  if (plugin_ != kCachingSha2Password || password_asked_ || response_.empty()) return;
  out.Begin();
  out.buffer().U8(kMoreDataHeader);
  out.buffer().U8(kSha2FastOk);
  out.End();
}

}  // namespace tessera::mysqlwire
