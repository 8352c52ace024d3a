// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/ed25519.h"

#include <sodium.h>

#include "base/check.h"

namespace tessera::mysqlwire {

namespace {

const unsigned char* Raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

// RFC 8032, 5.1.5: the first half of the hash is the scalar, the second what nonces are made of.
struct SecretHalves {
  explicit SecretHalves(std::string_view password) {
    CHECK(sodium_init() >= 0);
    crypto_hash_sha512(bytes, Raw(password), password.size());
    bytes[0] &= 248;
    bytes[31] &= 63;
    bytes[31] |= 64;
  }
  ~SecretHalves() { sodium_memzero(bytes, sizeof bytes); }
  const unsigned char* scalar() const { return bytes; }
  const unsigned char* prefix() const { return bytes + 32; }

  unsigned char bytes[crypto_hash_sha512_BYTES];
};

std::string PublicKeyOf(const SecretHalves& secret) {
  std::string key(crypto_core_ed25519_BYTES, '\0');
  CHECK(crypto_scalarmult_ed25519_base_noclamp(Raw(key), secret.scalar()) == 0);
  return key;
}

// The hash of three parts as a scalar.
void HashToScalar(unsigned char* scalar, std::string_view a, std::string_view b,
                  std::string_view c) {
  crypto_hash_sha512_state state;
  unsigned char hash[crypto_hash_sha512_BYTES];
  crypto_hash_sha512_init(&state);
  for (const std::string_view part : {a, b, c})
    crypto_hash_sha512_update(&state, Raw(part), part.size());
  crypto_hash_sha512_final(&state, hash);
  crypto_core_ed25519_scalar_reduce(scalar, hash);
}

}  // namespace

std::string Ed25519PublicKey(std::string_view password) {
  return PublicKeyOf(SecretHalves(password));
}

// RFC 8032, 5.1.6.
std::string Ed25519Sign(std::string_view password, std::string_view nonce) {
  const SecretHalves secret(password);
  const std::string key = PublicKeyOf(secret);
  unsigned char once[crypto_core_ed25519_SCALARBYTES];
  const std::string_view prefix(reinterpret_cast<const char*>(secret.prefix()), 32);
  HashToScalar(once, prefix, nonce, {});
  std::string point(crypto_core_ed25519_BYTES, '\0');
  CHECK(crypto_scalarmult_ed25519_base_noclamp(Raw(point), once) == 0);
  unsigned char challenge[crypto_core_ed25519_SCALARBYTES];
  HashToScalar(challenge, point, key, nonce);
  // The clamped scalar is over the group's order, which multiplication does not mind.
  std::string sum(crypto_core_ed25519_SCALARBYTES, '\0');
  crypto_core_ed25519_scalar_mul(challenge, challenge, secret.scalar());
  crypto_core_ed25519_scalar_add(Raw(sum), challenge, once);
  sodium_memzero(once, sizeof once);
  return point + sum;
}

bool CheckEd25519(std::string_view signature, std::string_view nonce, std::string_view public_key) {
  if (signature.size() != crypto_sign_BYTES || public_key.size() != crypto_sign_PUBLICKEYBYTES)
    return false;
  return crypto_sign_verify_detached(Raw(signature), Raw(nonce), nonce.size(), Raw(public_key)) ==
         0;
}

std::optional<std::string> ParseEd25519Key(std::string_view text) {
  if (text.ends_with('=')) text.remove_suffix(1);
  std::string key(crypto_sign_PUBLICKEYBYTES, '\0');
  size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(Raw(key), key.size(), text.data(), text.size(), nullptr, &size, &end,
                        sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0 ||
      size != key.size() || end != text.data() + text.size())
    return std::nullopt;
  return key;
}

}  // namespace tessera::mysqlwire
