// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlconn/session.h"

namespace tessera::mysqlconn {

enum class AuthMethod : uint8_t { kNativePassword, kCachingSha2, kEd25519, kClearText, kDialog };

// The name of a method on the wire ("mysql_native_password").
std::string_view AuthMethodName(AuthMethod method);
std::optional<AuthMethod> FindAuthMethod(std::string_view name);

// One answer of a client that wants in.
struct LoginAttempt {
  std::string_view user;
  std::string_view peer;
  bool local = false;  // over a Unix socket
  AuthMethod method = AuthMethod::kNativePassword;
  std::string_view nonce;     // what the client had to answer to
  std::string_view response;  // scramble or signature; with kClearText the password itself
  // Common name, DNS names and addresses of a certificate that was verified; empty without one.
  std::string_view certificate_name;
  std::span<const std::string> certificate_names;
};

struct LoginVerdict {
  bool accepted = false;
  Identity identity;
};

// Decides who may log in. Shared by all loops; thread-safe.
class AuthServer {
 public:
  virtual ~AuthServer() = default;

  // What the greeting offers. Neither kEd25519, whose nonce does not fit there, nor kDialog.
  virtual AuthMethod DefaultMethod() const = 0;
  // What a user is asked for who came with something that Supports does not take. Like Supports, it
  // must not tell users that there are from others.
  virtual AuthMethod MethodFor(std::string_view) const { return DefaultMethod(); }
  virtual bool Supports(AuthMethod method, std::string_view user) const = 0;

  // An error is a failure of ours (a directory that cannot be reached); a wrong password is a
  // verdict. kDialog comes as kClearText. After a refused kCachingSha2 the client is asked for its
  // password, which comes as kClearText, whoever it is.
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
