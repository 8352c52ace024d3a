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
// SHA-256), Password, UserData, Groups and SourceHost
// ("localhost" or nothing). Any matching entry lets the user in, so that a password can be changed
// in two steps.
class StaticAuthServer final : public AuthServer {
 public:
  static Result<std::unique_ptr<StaticAuthServer>> FromFile(std::string path);
  static Result<std::unique_ptr<StaticAuthServer>> FromString(std::string_view json);

  // Reads the file again. Users given as text stay.
  Result<> Reload() override;

  AuthMethod DefaultMethod() const override { return AuthMethod::kNativePassword; }
  bool Supports(AuthMethod method, std::string_view user) const override;
  Task<Result<LoginVerdict>> Verify(const Context& ctx, const LoginAttempt& attempt) override;

 private:
  struct Entry {
    std::string native_hash;  // 20 bytes, or empty
    std::string sha2_hash;    // 32 bytes, or empty
    std::string password;
    std::string user_data;
    std::vector<std::string> groups;
    bool local_only = false;
  };
  using Users = std::map<std::string, std::vector<Entry>, std::less<>>;
  // `json` points to a parsed JSON value, whose type this header does not name.
  static Result<Entry> ParseEntry(std::string_view user, const void* json);
  static Result<Users> Parse(std::string_view json);
  static bool Matches(const Entry& entry, const LoginAttempt& attempt);
  std::shared_ptr<const Users> users() const;

  std::string path_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Users> users_;
};

}  // namespace tessera::mysqlconn
