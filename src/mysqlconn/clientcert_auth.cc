// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/clientcert_auth.h"

#include <string>

namespace tessera::mysqlconn {

namespace {

// A certificate's names are of hosts and addresses; no host's last letter is a digit (RFC
// 1123, 2.1).
bool IsDnsName(std::string_view name) {
  return !name.empty() && name.find(':') == std::string_view::npos &&
         (name.back() < '0' || name.back() > '9');
}

}  // namespace

Task<Result<LoginVerdict>> ClientCertAuthServer::Verify(const Context&,
                                                        const LoginAttempt& attempt) {
  LoginVerdict verdict;
  verdict.accepted = !attempt.certificate_name.empty() && attempt.certificate_name == attempt.user;
  if (!verdict.accepted) co_return verdict;
  verdict.identity.user = attempt.user;
  verdict.identity.caller = attempt.user;
  for (const std::string& name : attempt.certificate_names) {
    if (IsDnsName(name)) verdict.identity.groups.push_back(name);
  }
  co_return verdict;
}

}  // namespace tessera::mysqlconn
