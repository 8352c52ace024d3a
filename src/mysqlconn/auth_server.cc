// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/auth_server.h"

#include "mysqlwire/protocol.h"

namespace tessera::mysqlconn {

std::string_view AuthMethodName(AuthMethod method) {
  switch (method) {
    case AuthMethod::kNativePassword:
      return mysqlwire::kNativePassword;
    case AuthMethod::kCachingSha2:
      return mysqlwire::kCachingSha2Password;
    case AuthMethod::kClearText:
      return mysqlwire::kClearPassword;
  }
  return {};
}

Task<Result<LoginVerdict>> NoAuthServer::Verify(const Context&, const LoginAttempt& attempt) {
  LoginVerdict verdict;
  verdict.outcome = LoginVerdict::kAccepted;
  verdict.identity.user = attempt.user;
  verdict.identity.caller = attempt.user;
  co_return verdict;
}

}  // namespace tessera::mysqlconn
