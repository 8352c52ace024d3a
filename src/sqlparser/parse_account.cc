// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {

// A password or its hash as a literal: MySQL takes hashes in hexadecimal too.
std::string_view Parser::ParseSecret() {
  if (At(Tok::kHexNumber) || At(Tok::kHexString)) {
    const Token token = Cur();
    Advance();
    return TokenText(token);
  }
  Clause secret(*this);
  secret.String();
  return secret.Take();
}

// The words before a method; empty when none follows.
std::string_view Parser::ParseAuthLead(bool first) {
  if (first && AcceptPhrase("identified")) return "identified";
  const bool factor =
      (AtPhrase("add") || AtPhrase("modify")) && Peek().type == Tok::kInteger;  // MySQL, ALTER USER
  if (factor) {
    Clause lead(*this);
    lead.ExpectOne({"add", "modify"});
    lead.Integer();
    lead.Expect("factor identified");
    return lead.Take();
  }
  if (first) return {};
  if (AcceptPhrase("or")) return "or";
  if (AcceptPhrase("and identified")) return "and identified";
  if (AcceptPhrase("initial authentication identified")) return "initial authentication identified";
  return {};
}

void Parser::ParseAuthSecret(AuthMethod* method) {
  if (Accept(Kw::kBy)) {
    if (AcceptPhrase("random password")) {
      method->secret_type = AuthSecret::kRandom;
      return;
    }
    const bool hash = method->plugin.empty() && Accept(Kw::kPassword);
    method->secret_type = hash ? AuthSecret::kPasswordHash : AuthSecret::kPassword;
    method->secret = ParseSecret();
    return;
  }
  if (method->plugin.empty()) Fail();
  if (!Accept(Kw::kAs) && !Accept(Kw::kUsing)) return;
  if (Accept(Kw::kPassword)) {
    Expect(Tok::kLeftParen);
    method->secret_type = AuthSecret::kUsingPassword;
    method->secret = ParseSecret();
    Expect(Tok::kRightParen);
    return;
  }
  method->secret_type = AuthSecret::kAs;
  method->secret = ParseSecret();
}

const AuthMethod* Parser::ParseAuthMethod(std::string_view lead) {
  AuthMethod* method = New<AuthMethod>();
  method->lead = lead;
  if (lead == "or" || Accept(Kw::kWith) || Accept(Kw::kVia)) {
    Clause plugin(*this);
    plugin.NameOrString();
    method->plugin = plugin.Take();
  }
  ParseAuthSecret(method);
  if (Accept(Kw::kReplace)) method->replace = ParseSecret();
  method->retain_current = AcceptPhrase("retain current password");
  return method;
}

// What MySQL's ALTER USER does to a factor without naming a method.
std::string_view Parser::ParseFactorAction() {
  Clause action(*this);
  if (action.Accept("discard old password")) return action.Take();
  while (AtPhrase("drop") && Peek().type == Tok::kInteger) {
    action.Expect("drop");
    action.Integer();
    action.Expect("factor");
  }
  if (At(Tok::kInteger)) {
    action.Integer();
    action.Expect("factor");
    if (!action.AcceptOne({"initiate registration", "unregister"})) {
      action.Expect("finish registration set challenge_response as");
      action.Add(ParseSecret());
    }
  }
  return action.Take();
}

const AccountUser* Parser::ParseAccountUser() {
  AccountUser* node = New<AccountUser>();
  node->name = ParseUser();
  ListOf<AuthMethod> methods(*this);
  while (true) {
    const std::string_view lead = ParseAuthLead(methods.empty());
    if (lead.empty()) break;
    methods.Add(ParseAuthMethod(lead));
  }
  node->methods = methods.Take();
  if (node->methods.empty()) node->action = ParseFactorAction();
  return node;
}

// NONE, DEFAULT, ALL [EXCEPT role, ...], role, ...
std::string_view Parser::ParseRoleChoice() {
  Clause roles(*this);
  if (roles.AcceptOne({"none", "default"})) return roles.Take();
  if (At(Kw::kCurrentUser)) Fail();
  if (!roles.Accept("all")) {
    roles.Users();
  } else if (roles.Accept("except")) {
    roles.Users();
  }
  return roles.Take();
}

void Parser::ParseRequire(std::vector<std::string_view>& options) {
  Clause require(*this);
  if (!require.Accept("require")) return;
  if (!require.AcceptOne({"none", "ssl", "x509"})) {
    bool more = true;
    bool first = true;
    while (more) {
      if (!require.AcceptOne({"subject", "issuer", "cipher"})) {
        if (first) Fail();
        break;
      }
      first = false;
      require.String();
      more = !AtEnd();
      if (more) require.Accept("and");
    }
  }
  options.push_back(require.Take());
}

namespace {

const std::initializer_list<std::string_view> kLimits = {
    "max_queries_per_hour", "max_updates_per_hour", "max_connections_per_hour",
    "max_user_connections", "max_statement_time"};

}  // namespace

// One of the clauses on passwords and locks, which come in any order.
bool Parser::ParsePasswordOption(std::vector<std::string_view>& options) {
  Clause option(*this);
  if (option.AcceptOne({"account lock", "account unlock"})) {
  } else if (option.Accept("password expire")) {
    if (option.Accept("interval")) {
      option.Integer();
      option.Expect("day");
    } else {
      option.AcceptOne({"default", "never"});
    }
  } else if (option.Accept("password history")) {
    if (!option.Accept("default")) option.Integer();
  } else if (option.Accept("password reuse interval")) {
    if (!option.Accept("default")) {
      option.Integer();
      option.Expect("day");
    }
  } else if (option.Accept("password require current")) {
    option.AcceptOne({"default", "optional"});
  } else if (option.Accept("failed_login_attempts")) {
    option.Integer();
  } else if (option.Accept("password_lock_time")) {
    if (!option.Accept("unbounded")) option.Integer();
  } else {
    return false;
  }
  options.push_back(option.Take());
  return true;
}

// WITH limit n ...; in GRANT, GRANT OPTION stands among them.
void Parser::ParseLimits(std::vector<std::string_view>& options, bool grant) {
  Clause with(*this);
  if (!with.Accept("with")) return;
  bool any = false;
  while (true) {
    if (with.AcceptOne(kLimits)) {
      with.Number();
    } else if (!grant || !with.Accept("grant option")) {
      break;
    }
    any = true;
  }
  if (!any) Fail();
  options.push_back(with.Take());
}

void Parser::ParseAccountOptions(std::vector<std::string_view>& options) {
  if (AcceptPhrase("default role")) {
    options.push_back(Store("default role " + std::string(ParseRoleChoice())));
  }
  ParseRequire(options);
  ParseLimits(options, false);
  while (ParsePasswordOption(options)) {
  }
  Clause note(*this);
  if (note.AcceptOne({"comment", "attribute"})) {
    note.String();
    options.push_back(note.Take());
  }
}

// At USER, after CREATE or ALTER.
const Statement* Parser::ParseCreateUser(bool alter, bool or_replace) {
  CreateUser* node = NewAt<CreateUser>(0);
  Advance();
  node->alter = alter;
  node->or_replace = or_replace;
  node->if_not_exists = alter ? ParseIfExists() : ParseIfNotExists();
  node->users = CommaList<AccountUser>(&Parser::ParseAccountUser);
  std::vector<std::string_view> options;
  ParseAccountOptions(options);
  node->options = StoreTexts(options);
  return node;
}

std::span<const std::string_view> Parser::ParseUserList() {
  std::vector<std::string_view> users;
  do {
    users.push_back(ParseUser());
  } while (Accept(Tok::kComma));
  return StoreTexts(users);
}

const Statement* Parser::ParseCreateRole(bool or_replace) {
  CreateRole* node = NewAt<CreateRole>(0);
  Advance();
  node->or_replace = or_replace;
  node->if_not_exists = ParseIfNotExists();
  if (At(Kw::kCurrentUser)) Fail();
  node->roles = ParseUserList();
  if (AcceptPhrase("with admin")) node->admin = ParseUser();
  return node;
}

const Statement* Parser::ParseDropUser(bool roles) {
  DropUser* node = NewAt<DropUser>(0);
  Advance();
  node->roles = roles;
  node->if_exists = ParseIfExists();
  if (At(roles ? Kw::kCurrentUser : Kw::kCurrentRole)) Fail();
  node->names = ParseUserList();
  return node;
}

const Statement* Parser::ParseRenameUser() {
  RenameUser* node = New<RenameUser>();
  ExpectPhrase("rename user");
  std::vector<std::string_view> names;
  do {
    names.push_back(ParseUser());
    Expect(Kw::kTo);
    names.push_back(ParseUser());
  } while (Accept(Tok::kComma));
  node->names = StoreTexts(names);
  return node;
}

// PASSWORD ..., ROLE ... and DEFAULT ROLE ... in SET.
bool Parser::AtSetAccount() const {
  if (At(Kw::kPassword)) return true;
  if (At(Kw::kDefault)) return PeekIs(Kw::kRole);
  return At(Kw::kRole) && Peek().type != Tok::kEqual && Peek().type != Tok::kAssign;
}

// The rest of a SET from the first of these on; mostly it is alone.
const Statement* Parser::ParseSetAccounts(uint32_t position, List<SetItem> before) {
  std::vector<const Node*> parts(before.begin(), before.end());
  const Statement* last = nullptr;
  do {
    if (AtSetAccount()) {
      last = At(Kw::kPassword) ? ParseSetPassword(position) : ParseSetRole(position);
      parts.push_back(last);
      continue;
    }
    ListOf<SetItem> items(*this);
    ParseSetItem(items);
    for (const SetItem* item : items.Take()) parts.push_back(item);
  } while (Accept(Tok::kComma));
  if (parts.size() == 1) return last;
  SetSeveral* node = NewAt<SetSeveral>(position);
  node->parts = arena_.CopySpan<const Node*>(std::span<const Node* const>(parts));
  return node;
}

// PASSWORD [FOR user] {= 'x' | = PASSWORD('x') | TO RANDOM} [REPLACE 'x'] [RETAIN ...]
const Statement* Parser::ParseSetPassword(uint32_t position) {
  SetPassword* node = NewAt<SetPassword>(position);
  Advance();
  if (Accept(Kw::kFor)) node->user = ParseUser();
  if (!AcceptPhrase("to random")) {
    if (!Accept(Tok::kAssign)) Expect(Tok::kEqual);
    if (AtPhrase("password") || AtPhrase("old_password")) {
      node->function = Lower(AnyName());
      Expect(Tok::kLeftParen);
      node->secret = ParseSecret();
      Expect(Tok::kRightParen);
    } else {
      node->secret = ParseSecret();
    }
  }
  if (Accept(Kw::kReplace)) node->replace = ParseSecret();
  node->retain_current = AcceptPhrase("retain current password");
  return node;
}

const Statement* Parser::ParseSetRole(uint32_t position) {
  SetRole* node = NewAt<SetRole>(position);
  node->is_default = Accept(Kw::kDefault);
  Expect(Kw::kRole);
  if (At(node->is_default ? Kw::kDefault : Kw::kCurrentRole)) Fail();
  const bool named = !AtPhrase("none") && !At(Kw::kAll);
  const bool to_users = named && (Peek().type == Tok::kUserVariable || Peek().type == Tok::kComma);
  node->roles = ParseRoleChoice();
  if (!node->is_default) return node;
  if (Accept(Kw::kFor)) {
    node->for_user = ParseUser();
  } else if (Accept(Kw::kTo)) {
    node->to = ParseUserList();
  } else if (to_users) {
    Fail();  // MariaDB knows one role, without a host
  }
  return node;
}

}  // namespace tessera::sqlparser
