// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "mysqlwire/bytes.h"

namespace tessera::mysqlwire {

// The server's first packet (handshake version 10). The texts are views of the packet when parsed.
struct Greeting {
  std::string_view version;
  uint32_t connection_id = 0;
  std::string nonce;  // 20 bytes (in the packet they stand in two pieces)
  uint64_t capabilities = 0;
  uint8_t collation = 0;
  uint16_t status_flags = 0;
  std::string_view auth_plugin;
};
void AppendGreeting(ByteBuffer& out, const Greeting& greeting);
// An ERR packet in its place (too many connections, host blocked) gives the server's error.
Result<Greeting> ParseGreeting(std::string_view packet);

// The client's answer. Views of the packet when parsed.
struct LoginRequest {
  uint64_t capabilities = 0;
  uint32_t max_packet = 0;
  uint8_t collation = 0;
  bool ssl_request = false;  // the short form: TLS begins, and the request comes again inside
  std::string_view user;
  std::string_view auth_response;
  std::string_view database;
  std::string_view auth_plugin;
  uint8_t zstd_level = 0;  // 0 when none was given
  std::vector<std::pair<std::string_view, std::string_view>> attributes;
};
// Writes the fields that the capabilities in `request` announce.
void AppendLoginRequest(ByteBuffer& out, const LoginRequest& request);
Result<LoginRequest> ParseLoginRequest(std::string_view packet);

// COM_CHANGE_USER, the command byte included. `capabilities` are those of the connection.
Result<LoginRequest> ParseChangeUser(std::string_view packet, uint64_t capabilities);

// "Use this plugin instead", with a fresh or repeated nonce, or whatever else the plugin is told. A
// zero closes it, but for client_ed25519, whose nonce may hold zeros.
struct AuthSwitch {
  std::string_view plugin;
  std::string_view nonce;
};
void AppendAuthSwitch(ByteBuffer& out, const AuthSwitch& request);
Result<AuthSwitch> ParseAuthSwitch(std::string_view packet);

}  // namespace tessera::mysqlwire
