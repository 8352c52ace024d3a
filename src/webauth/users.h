// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "runtime/sync.h"

namespace tessera::webauth {

// A password's salted hash for the users' file (Argon2id, libsodium's text form). Takes some 100 ms
// and 64 MiB.
Result<std::string> HashPassword(const std::string& password);

// A name and a password out of "Basic <base64>"; kUnauthenticated when that is not what it is.
struct Credentials {
  std::string user;
  std::string password;
};
Result<Credentials> ParseBasic(std::string_view authorization);

// Addresses that gave wrong passwords, and until when they wait: nothing for the first five, then
// 1, 2, 4 ... 60 s. Remembers at most 10,000 addresses.
class Throttle {
 public:
  // How long the address must wait; zero when it need not.
  Duration Wait(std::string_view address, Instant now) const;
  void Failed(std::string_view address, Instant now);
  void Succeeded(std::string_view address);

 private:
  struct Failures {
    uint32_t count = 0;
    Instant until;
    Instant last;
  };
  void MakeRoom();
  std::map<std::string, Failures, std::less<>> failures_;
};

// Who may use the pages, and with which passwords. Of one loop.
class Users {
 public:
  // {"ada": "$argon2id$...", ...}. kInvalidArgument says whose hash is none.
  static Result<std::map<std::string, std::string>> ParseFile(std::string_view json);

  explicit Users(std::map<std::string, std::string> hashes);

  // These are the users from now on: who is not among them, or has another hash, is not let in by
  // the password of before.
  void Replace(std::map<std::string, std::string> hashes);

  // The user's name. kUnauthenticated for anything wrong, without saying what; kResourceExhausted
  // while the address has to wait or too many others are being checked. A right password is checked
  // by Argon2 once, then by comparison; unknown users take as long as known ones.
  Task<Result<std::string>> Check(const Context& ctx, std::string_view address,
                                  std::string_view authorization);

 private:
  std::string Digest(const Credentials& credentials) const;
  bool Remembered(const Credentials& credentials) const;
  bool HasHash(const std::string& user, const std::string& hash) const;
  Task<Result<bool>> Verify(const Context& ctx, const Credentials& credentials);

  std::map<std::string, std::string> hashes_;
  const std::string key_;                          // of Digest; made at random
  std::map<std::string, std::string> remembered_;  // user to digest
  Throttle throttle_;
  runtime::Semaphore checking_{2};  // each takes 64 MiB
};

}  // namespace tessera::webauth
