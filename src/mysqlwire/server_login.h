// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "mysqlwire/handshake.h"
#include "mysqlwire/packet.h"

namespace tessera::mysqlwire {

struct ServerLoginOptions {
  std::string version;
  uint32_t connection_id = 0;
  std::string nonce;
  std::string default_plugin;
  uint8_t collation = 45;
  bool offer_tls = false;
  bool offer_compression = false;
  bool mariadb = false;  // be one: offer what only MariaDB does
};

// The server's side of a login, from the greeting to the verdict, without I/O and without knowing
// who may log in: after kVerify the caller looks at user(), plugin() and response() and calls
// SwitchTo, AskForPassword, Accept or refuses; after kSendKey it calls SendKey. Send what was
// written to `out` after every call.
class ServerLogin {
 public:
  explicit ServerLogin(ServerLoginOptions options) : options_(std::move(options)) {}

  void Greet(PacketWriter& out);

  enum class Step : uint8_t { kStartTls, kVerify, kSendKey };
  Result<Step> OnPacket(std::string_view packet);
  void TlsStarted() { tls_ = true; }

  // COM_CHANGE_USER: begins again at the client's answer.
  Result<> OnChangeUser(std::string_view packet);

  // Each is followed by one more packet of the client, and kVerify. `nonce` is the plugin's own; by
  // default the greeting's.
  void SwitchTo(std::string_view plugin, PacketWriter& out, std::string_view nonce = {});
  // For caching_sha2_password: the password as it is, or under a public key that the client may ask
  // for first (kSendKey, once).
  void AskForPassword(PacketWriter& out, bool encrypted = false);
  void SendKey(std::string_view pem, PacketWriter& out);

  // Writes what must come before the OK; the OK itself is the caller's.
  void Accept(PacketWriter& out);

  const std::string& user() const { return user_; }
  const std::string& database() const { return database_; }
  const std::string& plugin() const { return plugin_; }
  // What the client was given to answer to.
  const std::string& nonce() const { return nonce_; }
  // The scramble; or the password itself when is_password(), or that under our key when
  // is_encrypted().
  const std::string& response() const { return response_; }
  bool is_password() const { return password_asked_ || plugin_is_clear(); }
  bool is_encrypted() const { return password_asked_ && encrypted_; }
  uint64_t capabilities() const { return capabilities_; }
  uint32_t max_packet() const { return max_packet_; }
  uint8_t zstd_level() const { return zstd_level_; }
  uint8_t collation() const { return collation_; }
  bool tls() const { return tls_; }
  bool mariadb() const { return options_.mariadb; }
  const std::vector<std::pair<std::string, std::string>>& attributes() const { return attributes_; }

 private:
  bool plugin_is_clear() const;
  void Take(const LoginRequest& request);
  void TakeResponse(std::string_view response);

  ServerLoginOptions options_;
  bool requested_ = false;  // the login request has come
  bool tls_ = false;
  bool password_asked_ = false;
  bool encrypted_ = false;
  bool key_sent_ = false;
  uint64_t offered_ = 0;
  uint64_t capabilities_ = 0;
  uint32_t max_packet_ = 0;
  uint8_t collation_ = 0;
  uint8_t zstd_level_ = 0;
  std::string user_;
  std::string database_;
  std::string plugin_;
  std::string nonce_;
  std::string response_;
  std::vector<std::pair<std::string, std::string>> attributes_;
};

}  // namespace tessera::mysqlwire
