// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "mysqlwire/packet.h"

namespace tessera::mysqlwire {

struct ClientLoginOptions {
  std::string user;
  std::string password;
  std::string database;
  uint8_t collation = 45;
  uint32_t max_packet = 1 << 30;
  bool tls = false;           // encrypt, or fail if the server cannot
  bool safe_channel = false;  // a Unix socket: the password may cross it as it is
  bool found_rows = false;
  bool multi_statements = false;
  std::vector<std::pair<std::string, std::string>> attributes;
};

// The client's side of a login, from the greeting to the server's OK, without I/O: give it every
// packet, send what it appends to `out`, do what the step says.
class ClientLogin {
 public:
  explicit ClientLogin(ClientLoginOptions options) : options_(std::move(options)) {}

  enum class Step : uint8_t {
    kRead,      // send what was written, read the next packet
    kStartTls,  // send, begin TLS on the stream, then call TlsStarted and send again
    kDone,      // logged in
  };
  Result<Step> OnPacket(std::string_view packet, PacketWriter& out);
  void TlsStarted(PacketWriter& out);

  // Of the greeting, from the first packet on.
  uint32_t connection_id() const { return connection_id_; }
  const std::string& server_version() const { return version_; }
  // What both sides can, once the first packet was taken.
  uint64_t capabilities() const { return capabilities_; }
  uint16_t status_flags() const { return status_flags_; }

 private:
  Result<Step> OnGreeting(std::string_view packet, PacketWriter& out);
  Result<Step> OnAnswer(std::string_view packet, PacketWriter& out);
  Result<Step> OnMoreData(std::string_view data, PacketWriter& out);
  Result<Step> OnSwitch(std::string_view packet, PacketWriter& out);
  void WriteRequest(PacketWriter& out, bool ssl_request);
  Result<std::string> Respond() const;
  bool safe() const { return options_.safe_channel || tls_started_; }

  ClientLoginOptions options_;
  bool greeted_ = false;
  bool tls_started_ = false;
  bool key_requested_ = false;
  uint64_t capabilities_ = 0;
  uint32_t connection_id_ = 0;
  uint16_t status_flags_ = 0;
  std::string version_;
  std::string plugin_;
  std::string nonce_;
};

}  // namespace tessera::mysqlwire
