// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/rsa_key.h"

#include <cstdio>
#include <utility>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace tessera::mysqlwire {

namespace {

struct FreeRsa {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <class T>
using OwnRsa = std::unique_ptr<T, FreeRsa>;

// Without it OpenSSL would ask on the terminal.
int NoKeyPassphrase(char*, int, int, void*) { return -1; }

std::string PublicPem(EVP_PKEY* key) {
  const OwnRsa<BIO> bio(BIO_new(BIO_s_mem()));
  CHECK(bio != nullptr && PEM_write_bio_PUBKEY(bio.get(), key) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

}  // namespace

struct RsaKey::Handle {
  OwnRsa<EVP_PKEY> key;
};

RsaKey::RsaKey(std::unique_ptr<Handle> handle)
    : handle_(std::move(handle)), public_pem_(PublicPem(handle_->key.get())) {}
RsaKey::~RsaKey() = default;

std::shared_ptr<const RsaKey> RsaKey::Generate() {
  auto handle = std::make_unique<Handle>();
  handle->key.reset(EVP_RSA_gen(2048));
  CHECK(handle->key != nullptr);
  return std::shared_ptr<const RsaKey>(new RsaKey(std::move(handle)));
}

Result<std::shared_ptr<const RsaKey>> RsaKey::FromFile(const std::string& path) {
  const OwnRsa<BIO> bio(BIO_new_file(path.c_str(), "r"));
  auto handle = std::make_unique<Handle>();
  if (bio != nullptr)
    handle->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoKeyPassphrase, nullptr));
  if (handle->key == nullptr || EVP_PKEY_base_id(handle->key.get()) != EVP_PKEY_RSA)
    return Errorf(Code::kInvalidArgument, "'{}' holds no RSA private key that can be read", path)
        .WithHint("It must be PEM text without a passphrase, as `openssl genrsa 2048` writes it");
  return std::shared_ptr<const RsaKey>(new RsaKey(std::move(handle)));
}

Result<std::string> RsaKey::Decrypt(std::string_view secret, std::string_view nonce) const {
  const Error refused(Code::kUnauthenticated, "no password under the server's RSA key");
  const OwnRsa<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(handle_->key.get(), nullptr));
  CHECK(context != nullptr && EVP_PKEY_decrypt_init(context.get()) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1);
  std::string plain(static_cast<size_t>(EVP_PKEY_get_size(handle_->key.get())), '\0');
  if (nonce.empty() || secret.size() != plain.size()) return refused;
  size_t size = plain.size();
  if (EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(plain.data()), &size,
                       reinterpret_cast<const unsigned char*>(secret.data()), secret.size()) != 1)
    return refused;
  plain.resize(size);
  for (size_t i = 0; i < size; ++i)
    plain[i] = static_cast<char>(plain[i] ^ nonce[i % nonce.size()]);
  if (!plain.ends_with('\0')) return refused;
  plain.pop_back();
  return plain;
}

}  // namespace tessera::mysqlwire
