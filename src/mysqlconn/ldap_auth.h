// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "mysqlconn/auth_server.h"
#include "runtime/blocking_pool.h"

namespace tessera::mysqlconn {

// How users are looked up in a directory.
struct LdapConfig {
  std::string uri;  // "ldap://host:389": TLS begins by StartTLS; "ldaps://host:636": at once
  std::string ca_file;
  std::string cert_file;  // ours, if the directory wants one
  std::string key_file;
  std::string user_dn;      // "uid=%s,ou=people,dc=example,dc=com"
  std::string group_base;   // groups are searched below it; empty: nobody has groups
  std::string search_user;  // who searches; empty: the user who logs in
  std::string search_password;
  bool tls13 = false;  // nothing older

  // A JSON object with Vitess's names: LdapServer, LdapCA, LdapCert, LdapKey, LdapTLSMinVersion
  // (TLSv1.2 or TLSv1.3), UserDnPattern, GroupQuery, User, Password. Other members are skipped
  // (RefreshSeconds among them: a user's groups are those of the login).
  static Result<LdapConfig> Parse(std::string_view json);
};

// A name within a DN, and within a search filter: no character of it means anything there (RFC
// 4514, 2.4; RFC 4515, 3).
std::string EscapeDnValue(std::string_view name);
std::string EscapeFilterValue(std::string_view name);

// Users of an LDAP directory: it is asked whether it takes the user's password (a simple bind, over
// TLS only), and which groups have the user as memberUid. The clients' passwords come in clear, so
// their connections must be secret, too. Directories are asked on threads of its own: neither loops
// nor other work wait for one that is slow.
class LdapAuthServer final : public AuthServer {
 public:
  // `method`: kClearText or kDialog, whichever clients have. Exactly one of the two texts is given.
  static Result<std::unique_ptr<LdapAuthServer>> Make(std::string config_file,
                                                      std::string config_json, AuthMethod method);

  // A client must not send its password before it knows that the connection is secret.
  AuthMethod DefaultMethod() const override { return AuthMethod::kNativePassword; }
  AuthMethod MethodFor(std::string_view) const override { return method_; }
  bool Supports(AuthMethod method, std::string_view) const override {
    return method == AuthMethod::kClearText || method == AuthMethod::kDialog;
  }
  // kUnavailable when the directory cannot be asked.
  Task<Result<LoginVerdict>> Verify(const Context& ctx, const LoginAttempt& attempt) override;
  Result<> Reload() override;

 private:
  std::string path_;
  AuthMethod method_ = AuthMethod::kClearText;
  mutable std::mutex mutex_;
  std::shared_ptr<const LdapConfig> config_;
  runtime::BlockingPool threads_;
};

}  // namespace tessera::mysqlconn
