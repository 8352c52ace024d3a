// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tessera::mysqlwire {

// The key under which clients of caching_sha2_password send their password over an open connection
// (EncryptPassword is the client's side). Never changes; thread-safe.
class RsaKey {
 public:
  // 2048 bits, which takes a tenth of a second.
  static std::shared_ptr<const RsaKey> Generate();
  // A private key without passphrase. kInvalidArgument names the file.
  static Result<std::shared_ptr<const RsaKey>> FromFile(const std::string& path);
  ~RsaKey();
  RsaKey(const RsaKey&) = delete;
  RsaKey& operator=(const RsaKey&) = delete;

  const std::string& public_pem() const { return public_pem_; }
  // The password in what a client has sent; kUnauthenticated for anything that is none.
  Result<std::string> Decrypt(std::string_view secret, std::string_view nonce) const;

 private:
  struct Handle;
  explicit RsaKey(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
  std::string public_pem_;
};

}  // namespace tessera::mysqlwire
