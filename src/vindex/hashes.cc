// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Single DES and MD5 are placement functions here, not security, and stored rows depend on them.
// OpenSSL 3 deprecates these entry points; their replacements need the legacy provider or allocate
// on every call.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "vindex/internal/hashes.h"

#include <openssl/des.h>
#include <openssl/md5.h>
#include <xxhash.h>

namespace tessera::vindex {
namespace {

DES_key_schedule NullKeySchedule() {
  DES_cblock key{};
  DES_key_schedule schedule;
  DES_set_key_unchecked(&key, &schedule);
  return schedule;
}

}  // namespace

uint64_t HashNumber(uint64_t number) {
  static const DES_key_schedule schedule = NullKeySchedule();
  DES_cblock block;
  for (int i = 0; i < 8; ++i) block[i] = static_cast<unsigned char>(number >> (56 - 8 * i));
  DES_key_schedule key = schedule;
  DES_ecb_encrypt(&block, &block, &key, DES_ENCRYPT);
  uint64_t hash = 0;
  for (const unsigned char byte : block) hash = hash << 8 | byte;
  return hash;
}

std::string Md5(std::string_view bytes) {
  std::string digest(MD5_DIGEST_LENGTH, '\0');
  MD5(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
      reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string Xxh64(std::string_view bytes) {
  uint64_t hash = XXH64(bytes.data(), bytes.size(), 0);
  std::string id(8, '\0');
  for (char& c : id) {
    c = static_cast<char>(hash);
    hash >>= 8;
  }
  return id;
}

}  // namespace tessera::vindex
