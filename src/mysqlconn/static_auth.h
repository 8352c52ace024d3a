// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "mysqlconn/auth_server.h"

namespace tessera::mysqlconn {

// Users from a JSON text: {"user": entry or [entry, ...]}, an entry being any of
// MysqlNativePassword ("*" and 40 hex digits), CachingSha2Password (64 hex digits of a double
// SHA-256), Ed25519Password (43 letters of base64, MariaDB's form of the public key), Password,
// UserData, Groups and SourceHost ("localhost" or nothing). Any matching entry lets the user in, so
// that a password can be changed in two steps.
//
// A user who is not in the list is treated as some other one is, always the same, and refused at
// the end: neither words nor turns nor time tell them apart.
class StaticAuthServer final : public AuthServer {
 public:
  // `method`: kNativePassword or kCachingSha2, for clients and users who can do either.
  static Result<std::unique_ptr<StaticAuthServer>> FromFile(
      std::string path, AuthMethod method = AuthMethod::kNativePassword);
  static Result<std::unique_ptr<StaticAuthServer>> FromString(
      std::string_view json, AuthMethod method = AuthMethod::kNativePassword);

  // Reads the file again. Users given as text stay.
  Result<> Reload() override;

  AuthMethod DefaultMethod() const override { return method_; }
  AuthMethod MethodFor(std::string_view user) const override;
  bool Supports(AuthMethod method, std::string_view user) const override;
  Task<Result<LoginVerdict>> Verify(const Context& ctx, const LoginAttempt& attempt) override;

 private:
  struct Entry {
    std::string native_hash;  // 20 bytes, or empty
    std::string sha2_hash;    // 32 bytes, or empty
    std::string ed25519_key;  // 32 bytes, or empty
    std::string password;
    std::string user_data;
    std::vector<std::string> groups;
    bool local_only = false;
  };
  using Users = std::map<std::string, std::vector<Entry>, std::less<>>;
  // A user's entries, or those of whoever stands in for one who is not there.
  struct Found {
    std::shared_ptr<const Users> owner;
    const std::vector<Entry>* entries = nullptr;  // nothing when there are no users at all
    bool known = false;
  };
  static std::string MakeSalt();
  // `json` points to a parsed JSON value, whose type this header does not name.
  static Result<Entry> ParseEntry(std::string_view user, const void* json);
  static Result<Users> Parse(std::string_view json);
  static bool CanUse(const Entry& entry, AuthMethod method);
  static bool MatchesPassword(const Entry& entry, std::string_view password);
  static bool Matches(const Entry& entry, const LoginAttempt& attempt);
  Found Find(std::string_view user) const;

  std::string path_;
  AuthMethod method_ = AuthMethod::kNativePassword;
  const std::string salt_ = MakeSalt();  // of the choice of stand-ins
  mutable std::mutex mutex_;
  std::shared_ptr<const Users> users_;
};

}  // namespace tessera::mysqlconn
