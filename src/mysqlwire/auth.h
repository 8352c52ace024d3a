// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tessera::mysqlwire {

// Passwords as the plugins of MySQL prove them: a scramble of password and nonce goes over the
// wire, the server keeps a hash of a hash. An empty password is an empty scramble.

// mysql_native_password: SHA-1 twice.
std::string NativeHash(std::string_view password);                              // 20 bytes
std::string NativeScramble(std::string_view password, std::string_view nonce);  // 20 bytes, or none
bool CheckNativeScramble(std::string_view scramble, std::string_view nonce, std::string_view hash);
// "*" and 40 hex digits, as the mysql.user table has it (the star may be missing).
std::optional<std::string> ParseNativeHash(std::string_view text);

// caching_sha2_password: SHA-256. The server can check a scramble when it holds the double hash;
// else it asks for the password over a safe channel.
std::string Sha2Hash(std::string_view password);                              // 32 bytes
std::string Sha2Scramble(std::string_view password, std::string_view nonce);  // 32 bytes, or none
bool CheckSha2Scramble(std::string_view scramble, std::string_view nonce, std::string_view hash);
// 64 hex digits (a star in front is skipped).
std::optional<std::string> ParseSha2Hash(std::string_view text);

// Steps of caching_sha2_password after the scramble, one byte each.
constexpr char kSha2FastOk = 3;
constexpr char kSha2FullNeeded = 4;
constexpr char kSha2KeyRequest = 2;

// The password, closed by a zero and masked by the nonce, under the server's RSA key (PEM): how it
// crosses an open channel.
Result<std::string> EncryptPassword(std::string_view password, std::string_view nonce,
                                    std::string_view pem_key);

// Equal, in a time that does not tell where the difference is.
bool SameBytes(std::string_view a, std::string_view b);

// 20 bytes for a greeting, none of them zero (clients read the nonce as text). From the system's
// random source.
std::string MakeNonce();

}  // namespace tessera::mysqlwire
