// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::mysqlwire {

// MariaDB's client_ed25519: the client signs a nonce with a key made of its password, the server
// knows the public half. It is Ed25519 (RFC 8032) but for one thing: the secret key may be of any
// length, since it is the password.
constexpr size_t kEd25519NonceSize = 32;

std::string Ed25519PublicKey(std::string_view password);                     // 32 bytes
std::string Ed25519Sign(std::string_view password, std::string_view nonce);  // 64 bytes
bool CheckEd25519(std::string_view signature, std::string_view nonce, std::string_view public_key);
// 43 letters of base64, as MariaDB's mysql.global_priv has it (a closing "=" may stand).
std::optional<std::string> ParseEd25519Key(std::string_view text);

}  // namespace tessera::mysqlwire
