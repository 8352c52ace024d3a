// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/handshake.h"

#include "mysqlwire/protocol.h"
#include "mysqlwire/response.h"

namespace tessera::mysqlwire {

namespace {

constexpr uint8_t kProtocolVersion = 10;
constexpr size_t kNonceHead = 8;
constexpr size_t kMaxAttributes = 256;

Error MalformedLogin(std::string_view what) {
  return Errorf(Code::kInvalidArgument, "malformed {} packet", what).WithMysql(1835, "HY000");
}

// MariaDB's half of the capabilities stands in bytes that are zero with MySQL.
uint32_t ExtendedHalf(uint64_t capabilities) {
  if (capabilities & kClientLongPassword) return 0;
  return static_cast<uint32_t>(capabilities >> 32);
}

uint64_t WithExtended(uint64_t capabilities, uint32_t extended) {
  if (capabilities & kClientLongPassword) return capabilities;
  return capabilities | uint64_t{extended} << 32;
}

// Attributes come as one run with its length in front, keys and values in turn.
void ParseAttributes(ByteReader& in, LoginRequest& request) {
  ByteReader run(in.LenencString());
  while (!run.empty() && request.attributes.size() < kMaxAttributes) {
    const std::string_view key = run.LenencString();
    const std::string_view value = run.LenencString();
    if (run.failed()) return in.Fail();
    request.attributes.emplace_back(key, value);
  }
}

void AppendAttributes(ByteBuffer& out, const LoginRequest& request) {
  size_t size = 0;
  for (const auto& [key, value] : request.attributes)
    size += LenencSize(key.size()) + key.size() + LenencSize(value.size()) + value.size();
  out.LenencInt(size);
  for (const auto& [key, value] : request.attributes) {
    out.LenencString(key);
    out.LenencString(value);
  }
}

}  // namespace

void AppendGreeting(ByteBuffer& out, const Greeting& greeting) {
  out.U8(kProtocolVersion);
  out.NulString(greeting.version);
  out.U32(greeting.connection_id);
  const std::string_view nonce = greeting.nonce;
  out.Append(nonce.substr(0, kNonceHead));
  out.U8(0);
  out.U16(static_cast<uint16_t>(greeting.capabilities));
  out.U8(greeting.collation);
  out.U16(greeting.status_flags);
  out.U16(static_cast<uint16_t>(greeting.capabilities >> 16));
  out.U8(static_cast<uint8_t>(greeting.nonce.size() + 1));
  out.Zeros(6);
  out.U32(ExtendedHalf(greeting.capabilities));
  out.NulString(nonce.substr(std::min(kNonceHead, nonce.size())));
  out.NulString(greeting.auth_plugin);
}

Result<Greeting> ParseGreeting(std::string_view packet) {
  if (IsErr(packet)) return ParseErr(packet);
  ByteReader in(packet);
  Greeting greeting;
  const uint8_t protocol = in.U8();
  if (protocol != kProtocolVersion)
    return Errorf(Code::kFailedPrecondition,
                  "the server speaks protocol version {}, this client only {}", protocol,
                  kProtocolVersion)
        .WithHint("Check that the address is a MySQL or MariaDB server's");
  greeting.version = in.NulString();
  greeting.connection_id = in.U32();
  const std::string_view head = in.Take(kNonceHead);
  in.Take(1);
  greeting.capabilities = in.U16();
  if (in.failed()) return MalformedLogin("greeting");
  greeting.nonce = head;
  if (in.empty()) return greeting;
  greeting.collation = in.U8();
  greeting.status_flags = in.U16();
  greeting.capabilities |= uint32_t{in.U16()} << 16;
  const size_t nonce_size = in.U8();
  in.Take(6);
  greeting.capabilities = WithExtended(greeting.capabilities, in.U32());
  if (greeting.capabilities & kClientSecureConnection) {
    const size_t tail_size =
        std::max<size_t>(13, nonce_size > kNonceHead ? nonce_size - kNonceHead : 0);
    const std::string_view tail = in.Take(std::min(tail_size, in.remaining()));
    if (tail.size() < kNonceSize - kNonceHead) return MalformedLogin("greeting");
    greeting.nonce += tail.substr(0, kNonceSize - kNonceHead);
  }
  if (greeting.capabilities & kClientPluginAuth) {
    // Some old servers leave the closing zero out.
    greeting.auth_plugin = in.Rest();
    greeting.auth_plugin = greeting.auth_plugin.substr(0, greeting.auth_plugin.find('\0'));
  }
  if (in.failed()) return MalformedLogin("greeting");
  return greeting;
}

void AppendLoginRequest(ByteBuffer& out, const LoginRequest& request) {
  out.U32(static_cast<uint32_t>(request.capabilities));
  out.U32(request.max_packet);
  out.U8(request.collation);
  out.Zeros(19);
  out.U32(ExtendedHalf(request.capabilities));
  if (request.ssl_request) return;
  out.NulString(request.user);
  if (request.capabilities & kClientPluginAuthLenencData) {
    out.LenencString(request.auth_response);
  } else {
    out.U8(static_cast<uint8_t>(request.auth_response.size()));
    out.Append(request.auth_response);
  }
  if (request.capabilities & kClientConnectWithDb) out.NulString(request.database);
  if (request.capabilities & kClientPluginAuth) out.NulString(request.auth_plugin);
  if (request.capabilities & kClientConnectAttrs) AppendAttributes(out, request);
}

Result<LoginRequest> ParseLoginRequest(std::string_view packet) {
  ByteReader in(packet);
  LoginRequest request;
  request.capabilities = in.U32();
  if (!in.failed() && !(request.capabilities & kClientProtocol41))
    return Error(
        Code::kUnimplemented, MysqlError{1251, "08004"},
        "client does not support the authentication protocol of version 4.1; use a newer client");
  request.max_packet = in.U32();
  request.collation = in.U8();
  in.Take(19);
  request.capabilities = WithExtended(request.capabilities, in.U32());
  if (in.failed()) return MalformedLogin("login");
  if (in.empty() && (request.capabilities & kClientSsl)) {
    request.ssl_request = true;
    return request;
  }
  request.user = in.NulString();
  if (request.capabilities & kClientPluginAuthLenencData) {
    request.auth_response = in.LenencString();
  } else if (request.capabilities & kClientSecureConnection) {
    const size_t size = in.U8();
    request.auth_response = in.Take(size);
  } else {
    request.auth_response = in.NulString();
  }
  // Clients announce a database and then send nothing, hence the checks for an early end.
  if ((request.capabilities & kClientConnectWithDb) && !in.empty())
    request.database = in.NulString();
  if ((request.capabilities & kClientPluginAuth) && !in.empty())
    request.auth_plugin = in.NulString();
  if ((request.capabilities & kClientConnectAttrs) && !in.empty()) ParseAttributes(in, request);
  if ((request.capabilities & kClientZstdCompression) && !in.empty()) request.zstd_level = in.U8();
  if (in.failed()) return MalformedLogin("login");
  return request;
}

Result<LoginRequest> ParseChangeUser(std::string_view packet, uint64_t capabilities) {
  ByteReader in(packet);
  LoginRequest request;
  request.capabilities = capabilities;
  in.U8();
  request.user = in.NulString();
  const size_t size = in.U8();
  request.auth_response = in.Take(size);
  request.database = in.NulString();
  if (!in.empty()) request.collation = static_cast<uint8_t>(in.U16());
  if ((capabilities & kClientPluginAuth) && !in.empty()) request.auth_plugin = in.NulString();
  if ((capabilities & kClientConnectAttrs) && !in.empty()) ParseAttributes(in, request);
  if (in.failed()) return MalformedLogin("change user");
  return request;
}

void AppendAuthSwitch(ByteBuffer& out, const AuthSwitch& request) {
  out.U8(kEofHeader);
  out.NulString(request.plugin);
  if (request.plugin == kEd25519) return out.Append(request.nonce);
  out.NulString(request.nonce);
}

Result<AuthSwitch> ParseAuthSwitch(std::string_view packet) {
  ByteReader in(packet);
  AuthSwitch request;
  if (in.U8() != kEofHeader) in.Fail();
  if (in.empty() && !in.failed())
    return Error(Code::kUnimplemented,
                 "the server asks for the password form of MySQL before 4.1, which is not safe")
        .WithHint("Give the user a password of mysql_native_password or caching_sha2_password");
  request.plugin = in.NulString();
  request.nonce = in.Rest();
  if (in.failed()) return MalformedLogin("auth switch");
  if (request.plugin != kEd25519 && request.nonce.ends_with('\0')) request.nonce.remove_suffix(1);
  return request;
}

}  // namespace tessera::mysqlwire
