// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "mysqlconn/auth_server.h"

namespace tessera::mysqlconn {

// Users are who their certificate says: the name given at login must be its common name. The
// password is not looked at. The certificate's DNS names are the user's groups. The server must
// verify certificates (TlsClients::kMustHaveCertificate).
class ClientCertAuthServer final : public AuthServer {
 public:
  // `method`: kClearText or kDialog, whichever clients have.
  explicit ClientCertAuthServer(AuthMethod method) : method_(method) {}

  // The greeting has no place for what the dialog asks.
  AuthMethod DefaultMethod() const override {
    return method_ == AuthMethod::kDialog ? AuthMethod::kNativePassword : method_;
  }
  AuthMethod MethodFor(std::string_view) const override { return method_; }
  bool Supports(AuthMethod method, std::string_view) const override {
    return method == AuthMethod::kClearText || method == AuthMethod::kDialog;
  }
  Task<Result<LoginVerdict>> Verify(const Context& ctx, const LoginAttempt& attempt) override;

 private:
  const AuthMethod method_;
};

}  // namespace tessera::mysqlconn
