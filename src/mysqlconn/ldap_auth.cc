// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/ldap_auth.h"

#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <ldap.h>
#include <nlohmann/json.hpp>

#include "base/completion.h"
#include "runtime/loop.h"

namespace tessera::mysqlconn {

namespace {

// Of each step: a login does not wait for a directory that is silent.
constexpr time_t kStepSeconds = 5;

Error BadLdap(std::string_view what) {
  return Errorf(Code::kInvalidArgument, "ldap auth: {}", what)
      .WithHint("See docs/clients.md, \"Users of a directory\"");
}

std::string EscapeAllBut(std::string_view name, std::string_view harmless) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       harmless.find(c) != std::string_view::npos;
    if (plain)
      out += c;
    else
      out += fmt::format("\\{:02x}", static_cast<unsigned char>(c));
  }
  return out;
}

// The pattern with the text in the place of its %s.
std::string Fill(const std::string& pattern, const std::string& text) {
  std::string out = pattern;
  return out.replace(out.find("%s"), 2, text);
}

Result<std::string> WholeFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  if (file) text << file.rdbuf();
  if (!file || !text) return BadLdap(fmt::format("cannot read the file '{}'", path));
  return text.str();
}

// One conversation with a directory. Blocks; used by one thread.
class Directory {
 public:
  explicit Directory(const LdapConfig& config) : config_(config) {}
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    if (ldap_ != nullptr) ldap_unbind_ext_s(ldap_, nullptr, nullptr);
  }

  Result<> Connect();
  // False when the directory does not take the password.
  Result<bool> Bind(const std::string& dn, std::string password);
  Result<std::vector<std::string>> Groups(const std::string& user);

 private:
  Result<> SetTls();
  Error Failed(std::string_view step, int number) const;

  const LdapConfig& config_;
  LDAP* ldap_ = nullptr;
};

Error Directory::Failed(std::string_view step, int number) const {
  char* detail = nullptr;
  if (ldap_ != nullptr) ldap_get_option(ldap_, LDAP_OPT_DIAGNOSTIC_MESSAGE, &detail);
  std::string why = ldap_err2string(number);
  if (detail != nullptr && *detail != '\0') why += fmt::format(" ({})", detail);
  ldap_memfree(detail);
  return Errorf(Code::kUnavailable, "ldap auth: {} at {} failed: {}", step, config_.uri, why)
      .WithHint("Check that the directory runs, and its certificate against LdapCA");
}

Result<> Directory::SetTls() {
  const auto set_text = [this](int option, const std::string& value) {
    return value.empty() ? LDAP_OPT_SUCCESS : ldap_set_option(ldap_, option, value.c_str());
  };
  const int demand = LDAP_OPT_X_TLS_DEMAND;
  const int oldest =
      config_.tls13 ? LDAP_OPT_X_TLS_PROTOCOL_TLS1_3 : LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
  const int fresh = 0;
  const bool set =
      set_text(LDAP_OPT_X_TLS_CACERTFILE, config_.ca_file) == LDAP_OPT_SUCCESS &&
      set_text(LDAP_OPT_X_TLS_CERTFILE, config_.cert_file) == LDAP_OPT_SUCCESS &&
      set_text(LDAP_OPT_X_TLS_KEYFILE, config_.key_file) == LDAP_OPT_SUCCESS &&
      ldap_set_option(ldap_, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) == LDAP_OPT_SUCCESS &&
      ldap_set_option(ldap_, LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest) == LDAP_OPT_SUCCESS &&
      ldap_set_option(ldap_, LDAP_OPT_X_TLS_NEWCTX, &fresh) == LDAP_OPT_SUCCESS;
  if (set) return Ok{};
  return Errorf(Code::kFailedPrecondition,
                "ldap auth: the files of TLS cannot be used: LdapCA '{}', LdapCert '{}', "
                "LdapKey '{}'",
                config_.ca_file, config_.cert_file, config_.key_file);
}

Result<> Directory::Connect() {
  int number = ldap_initialize(&ldap_, config_.uri.c_str());
  if (number != LDAP_SUCCESS) return Failed("the connection", number);
  const int version = LDAP_VERSION3;
  const timeval patience{kStepSeconds, 0};
  ldap_set_option(ldap_, LDAP_OPT_PROTOCOL_VERSION, &version);
  ldap_set_option(ldap_, LDAP_OPT_NETWORK_TIMEOUT, &patience);
  ldap_set_option(ldap_, LDAP_OPT_TIMEOUT, &patience);
  // A password is for this directory, not for whomever it names.
  ldap_set_option(ldap_, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
  TRY_OK(SetTls());
  if (config_.uri.starts_with("ldaps://")) return Ok{};
  number = ldap_start_tls_s(ldap_, nullptr, nullptr);
  if (number != LDAP_SUCCESS) return Failed("StartTLS", number);
  return Ok{};
}

Result<bool> Directory::Bind(const std::string& dn, std::string password) {
  berval secret{static_cast<ber_len_t>(password.size()), password.data()};
  const int number =
      ldap_sasl_bind_s(ldap_, dn.c_str(), LDAP_SASL_SIMPLE, &secret, nullptr, nullptr, nullptr);
  switch (number) {
    case LDAP_SUCCESS:
      return true;
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_UNWILLING_TO_PERFORM:
      return false;
    default:
      return Failed("the login", number);
  }
}

Result<std::vector<std::string>> Directory::Groups(const std::string& user) {
  const std::string filter = fmt::format("(memberUid={})", EscapeFilterValue(user));
  char name[] = "cn";
  char* wanted[] = {name, nullptr};
  timeval patience{kStepSeconds, 0};
  LDAPMessage* found = nullptr;
  const int number =
      ldap_search_ext_s(ldap_, config_.group_base.c_str(), LDAP_SCOPE_SUBTREE, filter.c_str(),
                        wanted, 0, nullptr, nullptr, &patience, LDAP_NO_LIMIT, &found);
  std::vector<std::string> groups;
  for (LDAPMessage* entry = ldap_first_entry(ldap_, found); entry != nullptr;
       entry = ldap_next_entry(ldap_, entry)) {
    berval** values = ldap_get_values_len(ldap_, entry, name);
    for (berval** value = values; value != nullptr && *value != nullptr; ++value)
      groups.emplace_back((*value)->bv_val, (*value)->bv_len);
    ldap_value_free_len(values);
  }
  ldap_msgfree(found);
  if (number != LDAP_SUCCESS) return Failed("the search for groups", number);
  return groups;
}

// A login, from connection to groups.
Result<LoginVerdict> AskDirectory(const LdapConfig& config, const std::string& user,
                                  std::string password) {
  LoginVerdict verdict;
  // A bind without a password succeeds as nobody (RFC 4513, 5.1.2).
  if (user.empty() || password.empty()) return verdict;
  Directory directory(config);
  TRY_OK(directory.Connect());
  TRY(verdict.accepted,
      directory.Bind(Fill(config.user_dn, EscapeDnValue(user)), std::move(password)));
  if (!verdict.accepted) return verdict;
  verdict.identity.user = user;
  verdict.identity.caller = user;
  if (config.group_base.empty()) return verdict;
  if (!config.search_user.empty()) {
    TRY(const bool may_search, directory.Bind(config.search_user, config.search_password));
    if (!may_search)
      return Errorf(Code::kFailedPrecondition,
                    "ldap auth: {} does not take the password of '{}', who searches for groups",
                    config.uri, config.search_user)
          .WithHint("Check User and Password of the configuration");
  }
  TRY(verdict.identity.groups, directory.Groups(user));
  return verdict;
}

}  // namespace

std::string EscapeDnValue(std::string_view name) { return EscapeAllBut(name, "-_."); }
std::string EscapeFilterValue(std::string_view name) { return EscapeAllBut(name, "-_.@"); }

Result<LdapConfig> LdapConfig::Parse(std::string_view text) {
  const nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) return BadLdap("the configuration is no JSON object");
  LdapConfig config;
  std::string oldest;
  const std::pair<const char*, std::string*> members[] = {
      {"LdapServer", &config.uri},          {"LdapCA", &config.ca_file},
      {"LdapCert", &config.cert_file},      {"LdapKey", &config.key_file},
      {"LdapTLSMinVersion", &oldest},       {"UserDnPattern", &config.user_dn},
      {"GroupQuery", &config.group_base},   {"User", &config.search_user},
      {"Password", &config.search_password}};
  for (const auto& [name, place] : members) {
    const auto member = object.find(name);
    if (member == object.end()) continue;
    if (!member->is_string()) return BadLdap(fmt::format("{} must be a string", name));
    *place = member->get<std::string>();
  }
  if (config.uri.empty()) return BadLdap("LdapServer is missing");
  if (config.uri.find("://") == std::string::npos) config.uri = "ldap://" + config.uri;
  if (!config.uri.starts_with("ldap://") && !config.uri.starts_with("ldaps://"))
    return BadLdap(
        fmt::format("LdapServer '{}' is neither host:port nor ldap:// nor ldaps://", config.uri));
  const size_t place = config.user_dn.find("%s");
  if (place == std::string::npos || config.user_dn.find('%', place + 1) != std::string::npos)
    return BadLdap("UserDnPattern must have one %s, for the user's name");
  if (!oldest.empty() && oldest != "TLSv1.2" && oldest != "TLSv1.3")
    return BadLdap(fmt::format("LdapTLSMinVersion '{}' is neither TLSv1.2 nor TLSv1.3", oldest));
  config.tls13 = oldest == "TLSv1.3";
  return config;
}

Result<std::unique_ptr<LdapAuthServer>> LdapAuthServer::Make(std::string config_file,
                                                             std::string config_json,
                                                             AuthMethod method) {
  auto server = std::make_unique<LdapAuthServer>();
  server->method_ = method;
  server->path_ = std::move(config_file);
  if (!server->path_.empty()) {
    TRY_OK(server->Reload());
    return server;
  }
  TRY(LdapConfig config, LdapConfig::Parse(config_json));
  server->config_ = std::make_shared<const LdapConfig>(std::move(config));
  return server;
}

Result<> LdapAuthServer::Reload() {
  if (path_.empty()) return Ok{};
  TRY(const std::string text, WholeFile(path_));
  TRY(LdapConfig config, LdapConfig::Parse(text));
  auto fresh = std::make_shared<const LdapConfig>(std::move(config));
  const std::lock_guard lock(mutex_);
  config_ = std::move(fresh);
  return Ok{};
}

Task<Result<LoginVerdict>> LdapAuthServer::Verify(const Context&, const LoginAttempt& attempt) {
  std::shared_ptr<const LdapConfig> config;
  {
    const std::lock_guard lock(mutex_);
    config = config_;
  }
  Completion<Result<LoginVerdict>> done;
  runtime::Loop& loop = runtime::Loop::Current();
  const std::function<void()> job = [&loop, &done, config, user = std::string(attempt.user),
                                     password = std::string(attempt.response)] {
    auto verdict = std::make_shared<Result<LoginVerdict>>(AskDirectory(*config, user, password));
    loop.Post([&done, verdict] { done.Set(std::move(*verdict)); });
  };
  threads_.Post(job);
  // Not interrupted: its steps end in time.
  Result<LoginVerdict> verdict = co_await done;
  co_return verdict;
}

}  // namespace tessera::mysqlconn
