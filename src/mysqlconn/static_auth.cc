// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/static_auth.h"

#include <fstream>
#include <sstream>
#include <utility>

#include <nlohmann/json.hpp>

#include "mysqlwire/auth.h"

namespace tessera::mysqlconn {

namespace {

using nlohmann::json;

Error Bad(std::string_view user, std::string_view what) {
  return Errorf(Code::kInvalidArgument, "static auth: user '{}': {}", user, what);
}

// The text of a member, empty when it is not there.
Result<std::string> TextOf(const json& entry, const char* name, std::string_view user) {
  const auto found = entry.find(name);
  if (found == entry.end() || found->is_null()) return std::string();
  if (!found->is_string()) return Bad(user, std::string(name) + " must be a string");
  return found->get<std::string>();
}

}  // namespace

Result<std::unique_ptr<StaticAuthServer>> StaticAuthServer::FromFile(std::string path) {
  auto server = std::make_unique<StaticAuthServer>();
  server->path_ = std::move(path);
  TRY_OK(server->Reload());
  return server;
}

Result<std::unique_ptr<StaticAuthServer>> StaticAuthServer::FromString(std::string_view json) {
  auto server = std::make_unique<StaticAuthServer>();
  TRY(Users users, Parse(json));
  server->users_ = std::make_shared<const Users>(std::move(users));
  return server;
}

Result<> StaticAuthServer::Reload() {
  if (path_.empty()) return Ok{};
  std::ifstream file(path_);
  std::stringstream text;
  if (file) text << file.rdbuf();
  if (!file || !text)
    return Errorf(Code::kNotFound, "static auth: cannot read the users' file '{}'", path_)
        .WithHint("Check the path and its permissions (--mysql-auth-server-static-file)");
  Result<Users> users = Parse(text.str());
  if (!users.ok()) return std::move(users).error().Wrap(path_);
  auto fresh = std::make_shared<const Users>(std::move(users).value());
  const std::lock_guard lock(mutex_);
  users_ = std::move(fresh);
  return Ok{};
}

Result<StaticAuthServer::Entry> StaticAuthServer::ParseEntry(std::string_view user,
                                                             const void* raw) {
  const json& source = *static_cast<const json*>(raw);
  if (!source.is_object()) return Bad(user, "an entry must be an object");
  Entry entry;
  TRY(const std::string native, TextOf(source, "MysqlNativePassword", user));
  TRY(const std::string sha2, TextOf(source, "CachingSha2Password", user));
  TRY(const std::string host, TextOf(source, "SourceHost", user));
  TRY(entry.password, TextOf(source, "Password", user));
  TRY(entry.user_data, TextOf(source, "UserData", user));
  if (!native.empty()) {
    const std::optional<std::string> hash = mysqlwire::ParseNativeHash(native);
    if (!hash)
      return Bad(user, "MysqlNativePassword must be '*' and 40 hex digits, as PASSWORD() gives it");
    entry.native_hash = *hash;
  }
  if (!sha2.empty()) {
    const std::optional<std::string> hash = mysqlwire::ParseSha2Hash(sha2);
    if (!hash) return Bad(user, "CachingSha2Password must be 64 hex digits");
    entry.sha2_hash = *hash;
  }
  if (host != "" && host != "localhost")
    return Bad(user, "SourceHost '" + host + "' is unknown: it is 'localhost' or left out");
  entry.local_only = host == "localhost";
  const auto groups = source.find("Groups");
  if (groups == source.end() || groups->is_null()) return entry;
  if (!groups->is_array()) return Bad(user, "Groups must be a list");
  for (const json& group : *groups) {
    if (!group.is_string()) return Bad(user, "Groups must be a list of strings");
    entry.groups.push_back(group.get<std::string>());
  }
  return entry;
}

Result<StaticAuthServer::Users> StaticAuthServer::Parse(std::string_view text) {
  const json root = json::parse(text, nullptr, false);
  if (!root.is_object())
    return Error(Code::kInvalidArgument,
                 "static auth: the users must be a JSON object of user names");
  Users users;
  for (const auto& [user, value] : root.items()) {
    std::vector<Entry>& entries = users[user];
    if (!value.is_array()) {
      TRY(Entry entry, ParseEntry(user, &value));
      entries.push_back(std::move(entry));
      continue;
    }
    for (const json& item : value) {
      TRY(Entry entry, ParseEntry(user, &item));
      entries.push_back(std::move(entry));
    }
  }
  return users;
}

std::shared_ptr<const StaticAuthServer::Users> StaticAuthServer::users() const {
  const std::lock_guard lock(mutex_);
  return users_;
}

// The password in clear crosses only when an operator's flag or TLS allows it, which the connection
// sees to.
bool StaticAuthServer::Supports(AuthMethod, std::string_view) const { return true; }

bool StaticAuthServer::Matches(const Entry& entry, const LoginAttempt& attempt) {
  if (entry.local_only && !attempt.local) return false;
  const bool no_password =
      entry.native_hash.empty() && entry.sha2_hash.empty() && entry.password.empty();
  const bool none_given = attempt.response.empty();
  if (no_password || none_given) return no_password && none_given;
  switch (attempt.method) {
    case AuthMethod::kNativePassword: {
      // An entry may hold a hash and a password; the hash is the one meant.
      if (!entry.native_hash.empty())
        return mysqlwire::CheckNativeScramble(attempt.response, attempt.nonce, entry.native_hash);
      return !entry.password.empty() &&
             mysqlwire::CheckNativeScramble(attempt.response, attempt.nonce,
                                            mysqlwire::NativeHash(entry.password));
    }
    case AuthMethod::kCachingSha2:
      if (!entry.sha2_hash.empty())
        return mysqlwire::CheckSha2Scramble(attempt.response, attempt.nonce, entry.sha2_hash);
      return !entry.password.empty() &&
             mysqlwire::CheckSha2Scramble(attempt.response, attempt.nonce,
                                          mysqlwire::Sha2Hash(entry.password));
    case AuthMethod::kClearText:
      if (!entry.native_hash.empty())
        return mysqlwire::SameBytes(mysqlwire::NativeHash(attempt.response), entry.native_hash);
      if (!entry.sha2_hash.empty())
        return mysqlwire::SameBytes(mysqlwire::Sha2Hash(attempt.response), entry.sha2_hash);
      return mysqlwire::SameBytes(attempt.response, entry.password);
  }
  return false;
}

Task<Result<LoginVerdict>> StaticAuthServer::Verify(const Context&, const LoginAttempt& attempt) {
  const std::shared_ptr<const Users> users = this->users();
  LoginVerdict verdict;
  const auto found = users->find(attempt.user);
  if (found == users->end()) co_return verdict;
  bool only_native_hashes = false;
  for (const Entry& entry : found->second) {
    if (Matches(entry, attempt)) {
      verdict.outcome = LoginVerdict::kAccepted;
      verdict.identity.user = attempt.user;
      verdict.identity.caller = entry.user_data.empty() ? attempt.user : entry.user_data;
      verdict.identity.groups = entry.groups;
      co_return verdict;
    }
    only_native_hashes = only_native_hashes || (!entry.native_hash.empty() &&
                                                entry.sha2_hash.empty() && entry.password.empty());
  }
  // A SHA-2 scramble says nothing about a SHA-1 hash; the password itself would.
  if (only_native_hashes && attempt.method == AuthMethod::kCachingSha2 && !attempt.response.empty())
    verdict.outcome = LoginVerdict::kNeedPassword;
  co_return verdict;
}

}  // namespace tessera::mysqlconn
