// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/auth_server.h"

#include "mysqlwire/protocol.h"

namespace tessera::mysqlconn {

std::optional<AuthMethod> FindAuthMethod(std::string_view name) {
  for (const AuthMethod method :
       {AuthMethod::kNativePassword, AuthMethod::kCachingSha2, AuthMethod::kEd25519,
        AuthMethod::kClearText, AuthMethod::kDialog}) {
    if (AuthMethodName(method) == name) return method;
  }
  return std::nullopt;
}

std::string_view AuthMethodName(AuthMethod method) {
  switch (method) {
    case AuthMethod::kNativePassword:
      return mysqlwire::kNativePassword;
    case AuthMethod::kCachingSha2:
      return mysqlwire::kCachingSha2Password;
    case AuthMethod::kEd25519:
      return mysqlwire::kEd25519;
    case AuthMethod::kClearText:
      return mysqlwire::kClearPassword;
    case AuthMethod::kDialog:
      return mysqlwire::kDialog;
  }
  return {};
}

Task<Result<LoginVerdict>> NoAuthServer::Verify(const Context&, const LoginAttempt& attempt) {
  LoginVerdict verdict;
  verdict.accepted = true;
  verdict.identity.user = attempt.user;
  verdict.identity.caller = attempt.user;
  co_return verdict;
}

}  // namespace tessera::mysqlconn
