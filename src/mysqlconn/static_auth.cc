// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/static_auth.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include <nlohmann/json.hpp>

#include "mysqlwire/auth.h"
#include "mysqlwire/ed25519.h"

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

Result<std::unique_ptr<StaticAuthServer>> StaticAuthServer::FromFile(std::string path,
                                                                     AuthMethod method) {
  auto server = std::make_unique<StaticAuthServer>();
  server->method_ = method;
  server->path_ = std::move(path);
  TRY_OK(server->Reload());
  return server;
}

Result<std::unique_ptr<StaticAuthServer>> StaticAuthServer::FromString(std::string_view json,
                                                                       AuthMethod method) {
  auto server = std::make_unique<StaticAuthServer>();
  server->method_ = method;
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
  TRY(const std::string ed25519, TextOf(source, "Ed25519Password", user));
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
  if (!ed25519.empty()) {
    const std::optional<std::string> key = mysqlwire::ParseEd25519Key(ed25519);
    if (!key)
      return Bad(user,
                 "Ed25519Password must be 43 letters of base64, as ed25519_password() gives them");
    entry.ed25519_key = *key;
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

std::string StaticAuthServer::MakeSalt() { return mysqlwire::MakeNonce(); }

StaticAuthServer::Found StaticAuthServer::Find(std::string_view user) const {
  Found found;
  {
    const std::lock_guard lock(mutex_);
    found.owner = users_;
  }
  const Users& users = *found.owner;
  // Done for everybody, so that it takes everybody the same time.
  const std::string hash = mysqlwire::Sha2Hash(salt_ + std::string(user));
  uint64_t number = 0;
  for (size_t i = 0; i < sizeof number; ++i) number = number << 8 | static_cast<uint8_t>(hash[i]);
  const auto place = users.find(user);
  found.known = place != users.end();
  if (found.known) {
    found.entries = &place->second;
  } else if (!users.empty()) {
    found.entries =
        &std::next(users.begin(), static_cast<ptrdiff_t>(number % users.size()))->second;
  }
  return found;
}

bool StaticAuthServer::CanUse(const Entry& entry, AuthMethod method) {
  const bool hashed =
      !entry.native_hash.empty() || !entry.sha2_hash.empty() || !entry.ed25519_key.empty();
  const bool plain = !entry.password.empty() || !hashed;  // without a password, too
  switch (method) {
    case AuthMethod::kNativePassword:
      return plain || !entry.native_hash.empty();
    case AuthMethod::kEd25519:
      return plain || !entry.ed25519_key.empty();
    default:
      return true;  // the password itself comes in the end
  }
}

// The password in clear crosses only when an operator's flag or TLS allows it, which the connection
// sees to.
bool StaticAuthServer::Supports(AuthMethod method, std::string_view user) const {
  const Found found = Find(user);
  if (found.entries == nullptr) return true;
  return std::any_of(found.entries->begin(), found.entries->end(),
                     [method](const Entry& entry) { return CanUse(entry, method); });
}

AuthMethod StaticAuthServer::MethodFor(std::string_view user) const {
  if (Supports(method_, user)) return method_;
  return Supports(AuthMethod::kEd25519, user) ? AuthMethod::kEd25519 : AuthMethod::kCachingSha2;
}

// An entry may hold hashes and a password; a hash is the one meant.
bool StaticAuthServer::MatchesPassword(const Entry& entry, std::string_view password) {
  if (!entry.native_hash.empty())
    return mysqlwire::SameBytes(mysqlwire::NativeHash(password), entry.native_hash);
  if (!entry.sha2_hash.empty())
    return mysqlwire::SameBytes(mysqlwire::Sha2Hash(password), entry.sha2_hash);
  if (!entry.ed25519_key.empty())
    return mysqlwire::SameBytes(mysqlwire::Ed25519PublicKey(password), entry.ed25519_key);
  return mysqlwire::SameBytes(password, entry.password);
}

bool StaticAuthServer::Matches(const Entry& entry, const LoginAttempt& attempt) {
  if (entry.local_only && !attempt.local) return false;
  const std::string_view response = attempt.response;
  if (attempt.method == AuthMethod::kEd25519) {
    // There is a signature even of no password.
    if (!CanUse(entry, attempt.method)) return false;
    const std::string key =
        entry.ed25519_key.empty() ? mysqlwire::Ed25519PublicKey(entry.password) : entry.ed25519_key;
    return mysqlwire::CheckEd25519(response, attempt.nonce, key);
  }
  const bool no_password = entry.native_hash.empty() && entry.sha2_hash.empty() &&
                           entry.ed25519_key.empty() && entry.password.empty();
  if (no_password || response.empty()) return no_password && response.empty();
  if (attempt.method == AuthMethod::kNativePassword) {
    if (!CanUse(entry, attempt.method)) return false;
    const std::string hash =
        entry.native_hash.empty() ? mysqlwire::NativeHash(entry.password) : entry.native_hash;
    return mysqlwire::CheckNativeScramble(response, attempt.nonce, hash);
  }
  if (attempt.method == AuthMethod::kCachingSha2) {
    if (entry.sha2_hash.empty() && entry.password.empty()) return false;
    const std::string hash =
        entry.sha2_hash.empty() ? mysqlwire::Sha2Hash(entry.password) : entry.sha2_hash;
    return mysqlwire::CheckSha2Scramble(response, attempt.nonce, hash);
  }
  return MatchesPassword(entry, response);
}

Task<Result<LoginVerdict>> StaticAuthServer::Verify(const Context&, const LoginAttempt& attempt) {
  const Found found = Find(attempt.user);
  LoginVerdict verdict;
  if (found.entries == nullptr) co_return verdict;
  for (const Entry& entry : *found.entries) {
    if (!Matches(entry, attempt) || !found.known) continue;
    verdict.accepted = true;
    verdict.identity.user = attempt.user;
    verdict.identity.caller = entry.user_data.empty() ? attempt.user : entry.user_data;
    verdict.identity.groups = entry.groups;
    break;
  }
  co_return verdict;
}

}  // namespace tessera::mysqlconn
