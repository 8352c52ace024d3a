// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlconn/session.h"

namespace tessera::mysqlconn {

enum class AuthMethod : uint8_t { kNativePassword, kCachingSha2, kClearText };

// The name of a method on the wire ("mysql_native_password").
std::string_view AuthMethodName(AuthMethod method);

// One answer of a client that wants in.
struct LoginAttempt {
  std::string_view user;
  std::string_view peer;
  bool local = false;  // over a Unix socket
  AuthMethod method = AuthMethod::kNativePassword;
  std::string_view nonce;     // 20 bytes, of our greeting
  std::string_view response;  // scramble, or with kClearText the password itself
};

struct LoginVerdict {
  enum Outcome : uint8_t { kAccepted, kRefused, kNeedPassword };
  Outcome outcome = kRefused;  // kNeedPassword: the scramble cannot tell, ask for the password
  Identity identity;
};

// Decides who may log in. Shared by all loops; thread-safe.
class AuthServer {
 public:
  virtual ~AuthServer() = default;

  // What the greeting offers, and what a user is asked for who came with something else.
  virtual AuthMethod DefaultMethod() const = 0;
  virtual bool Supports(AuthMethod method, std::string_view user) const = 0;

  // An error is a failure of ours (a directory that cannot be reached); a wrong password is
  // kRefused.
  virtual Task<Result<LoginVerdict>> Verify(const Context& ctx, const LoginAttempt& attempt) = 0;

  // Reads what it was made from again; on an error everything stays as it was. May block.
  virtual Result<> Reload() { return Ok{}; }
};

// Everybody is who they say.
class NoAuthServer final : public AuthServer {
 public:
  AuthMethod DefaultMethod() const override { return AuthMethod::kNativePassword; }
  bool Supports(AuthMethod, std::string_view) const override { return true; }
  Task<Result<LoginVerdict>> Verify(const Context& ctx, const LoginAttempt& attempt) override;
};

}  // namespace tessera::mysqlconn
