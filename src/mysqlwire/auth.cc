// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/auth.h"

#include <initializer_list>
#include <memory>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "mysqlwire/protocol.h"

namespace tessera::mysqlwire {

namespace {

struct FreeOpenSsl {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenSsl>;

std::string Digest(const EVP_MD* algorithm, std::initializer_list<std::string_view> parts) {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CHECK(context != nullptr && EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1);
  for (const std::string_view part : parts)
    EVP_DigestUpdate(context.get(), part.data(), part.size());
  EVP_DigestFinal_ex(context.get(), bytes, &size);
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

std::string Sha1(std::initializer_list<std::string_view> parts) {
  return Digest(EVP_sha1(), parts);
}
std::string Sha256(std::initializer_list<std::string_view> parts) {
  return Digest(EVP_sha256(), parts);
}

std::string Xor(std::string_view bytes, std::string_view mask) {
  std::string result(bytes);
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = static_cast<char>(result[i] ^ mask[i % mask.size()]);
  return result;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::string> ParseHexHash(std::string_view text, size_t size) {
  if (text.starts_with('*')) text.remove_prefix(1);
  if (text.size() != 2 * size) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

}  // namespace

std::string NativeHash(std::string_view password) { return Sha1({Sha1({password})}); }

std::string NativeScramble(std::string_view password, std::string_view nonce) {
  if (password.empty()) return {};
  const std::string once = Sha1({password});
  return Xor(once, Sha1({nonce, Sha1({once})}));
}

bool CheckNativeScramble(std::string_view scramble, std::string_view nonce, std::string_view hash) {
  if (scramble.size() != hash.size()) return false;
  // The mask is made of the stored hash; what is left is the single hash, whose hash must be the
  // stored one.
  const std::string once = Xor(scramble, Sha1({nonce, hash}));
  return SameBytes(Sha1({once}), hash);
}

std::optional<std::string> ParseNativeHash(std::string_view text) { return ParseHexHash(text, 20); }

std::string Sha2Hash(std::string_view password) { return Sha256({Sha256({password})}); }

std::string Sha2Scramble(std::string_view password, std::string_view nonce) {
  if (password.empty()) return {};
  const std::string once = Sha256({password});
  return Xor(once, Sha256({Sha256({once}), nonce}));
}

bool CheckSha2Scramble(std::string_view scramble, std::string_view nonce, std::string_view hash) {
  if (scramble.size() != hash.size()) return false;
  const std::string once = Xor(scramble, Sha256({hash, nonce}));
  return SameBytes(Sha256({once}), hash);
}

std::optional<std::string> ParseSha2Hash(std::string_view text) { return ParseHexHash(text, 32); }

Result<std::string> EncryptPassword(std::string_view password, std::string_view nonce,
                                    std::string_view pem_key) {
  const Error bad_key(Code::kUnauthenticated,
                      "the server's RSA key for the password cannot be used");
  if (nonce.empty() || pem_key.size() > 65536) return bad_key;
  const Owned<BIO> bio(BIO_new_mem_buf(pem_key.data(), static_cast<int>(pem_key.size())));
  const Owned<EVP_PKEY> key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (key == nullptr || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) return bad_key;
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key.get(), nullptr));
  if (context == nullptr || EVP_PKEY_encrypt_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1)
    return bad_key;
  std::string closed(password);
  closed.push_back('\0');
  const std::string masked = Xor(closed, nonce);
  const auto* plain = reinterpret_cast<const unsigned char*>(masked.data());
  size_t size = 0;
  if (EVP_PKEY_encrypt(context.get(), nullptr, &size, plain, masked.size()) != 1) return bad_key;
  std::string secret(size, '\0');
  if (EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(secret.data()), &size, plain,
                       masked.size()) != 1)
    return bad_key;
  secret.resize(size);
  return secret;
}

bool SameBytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string MakeNonce() {
  std::string nonce(kNonceSize, '\0');
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(nonce.data()),
                   static_cast<int>(nonce.size())) == 1);
  // Seven bits, neither zero nor '$', which some clients take for a separator.
  for (char& c : nonce) {
    c = static_cast<char>(c & 0x7f);
    if (c == '\0' || c == '$') ++c;
  }
  return nonce;
}

}  // namespace tessera::mysqlwire
