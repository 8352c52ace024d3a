// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {
namespace {

// Of phrases that begin alike the longer one comes first.
constexpr std::string_view kPrivileges[] = {"all privileges",
                                            "all",
                                            "alter routine",
                                            "alter",
                                            "binlog admin",
                                            "binlog monitor",
                                            "binlog replay",
                                            "connection admin",
                                            "create routine",
                                            "create role",
                                            "create tablespace",
                                            "create temporary tables",
                                            "create user",
                                            "create view",
                                            "create",
                                            "delete history",
                                            "delete",
                                            "drop role",
                                            "drop",
                                            "event",
                                            "execute",
                                            "federated admin",
                                            "file",
                                            "grant option",
                                            "index",
                                            "insert",
                                            "lock tables",
                                            "process",
                                            "read only admin",
                                            "read_only admin",
                                            "references",
                                            "reload",
                                            "replica monitor",
                                            "replication client",
                                            "replication master admin",
                                            "replication replica admin",
                                            "replication replica",
                                            "replication slave admin",
                                            "replication slave",
                                            "select",
                                            "set user",
                                            "show databases",
                                            "show view",
                                            "shutdown",
                                            "slave monitor",
                                            "super",
                                            "trigger",
                                            "update",
                                            "usage"};

}  // namespace

// Whether ON comes before TO or FROM: privileges on something, not roles.
bool Parser::GrantHasObject() const {
  for (size_t i = at_; i < tokens_.size(); ++i) {
    switch (tokens_[i].word) {
      case Kw::kOn:
        return true;
      case Kw::kTo:
      case Kw::kFrom:
        return false;
      default:
        if (tokens_[i].type == Tok::kSemicolon) return false;
    }
  }
  return false;
}

// A privilege with its columns. Any other name with an underscore may be one that a component of
// MySQL has added: all of theirs have one, and roles stand alone.
const Privilege* Parser::ParsePrivilege() {
  Privilege* node = New<Privilege>();
  for (const std::string_view phrase : kPrivileges) {
    if (!AcceptPhrase(phrase)) continue;
    node->name = phrase;
    const bool columns =
        phrase == "select" || phrase == "insert" || phrase == "update" || phrase == "references";
    if (columns && At(Tok::kLeftParen)) node->columns = ParenNameList();
    return node;
  }
  Clause name(*this);
  name.NameOrString();
  node->name = name.Take();
  if (node->name.find('_') == std::string_view::npos) Fail();
  return node;
}

const Privilege* Parser::ParseGrantedRole() {
  Privilege* node = New<Privilege>();
  if (At(Kw::kCurrentUser)) Fail();
  node->name = ParseUser();
  return node;
}

// [TABLE | FUNCTION | PROCEDURE | PACKAGE [BODY]] {* | *.* | database.* | [database.]name}
void Parser::ParseGrantObject(Grant* grant) {
  const Token& next = Peek();
  const bool after_package =
      next.type == Tok::kStar || next.type == Tok::kQuotedName ||
      (next.type == Tok::kWord && next.word != Kw::kTo && next.word != Kw::kFrom);
  if (Accept(Kw::kTable)) {
    grant->object = GrantObject::kTable;
  } else if (Accept(Kw::kFunction)) {
    grant->object = GrantObject::kFunction;
  } else if (Accept(Kw::kProcedure)) {
    grant->object = GrantObject::kProcedure;
  } else if (after_package && Accept(Kw::kPackage)) {
    const bool body = Peek().type != Tok::kDot && !PeekIs(Kw::kTo) && !PeekIs(Kw::kFrom);
    grant->object = body && Accept(Kw::kBody) ? GrantObject::kPackageBody : GrantObject::kPackage;
  }
  if (Accept(Tok::kStar)) {
    grant->level = GrantLevel::kDefault;
    if (!Accept(Tok::kDot)) return;
    Expect(Tok::kStar);
    grant->level = GrantLevel::kGlobal;
    return;
  }
  TableName* name = New<TableName>();
  name->name = Name();
  grant->name = name;
  grant->level = GrantLevel::kObject;
  if (!Accept(Tok::kDot)) return;
  name->database = name->name;
  if (Accept(Tok::kStar)) {
    name->name = {};
    grant->level = GrantLevel::kDatabase;
  } else {
    name->name = AnyName();
  }
}

void Parser::ParseGrantOptions(const Grant& grant, std::vector<std::string_view>& options) {
  const bool roles = grant.level == GrantLevel::kNone && grant.proxied.empty();
  Clause admin(*this);
  if (roles) {
    if (admin.Accept("with admin option")) options.push_back(admin.Take());
    return;
  }
  ParseRequire(options);
  ParseLimits(options, true);
  Clause as(*this);
  if (!as.Accept("as")) return;
  as.User();
  if (as.Accept("with role")) as.Add(ParseRoleChoice());
  options.push_back(as.Take());
}

const Statement* Parser::ParseGrant(bool revoke) {
  Grant* node = New<Grant>();
  Advance();
  node->revoke = revoke;
  node->if_exists = revoke && ParseIfExists();
  node->admin_option_for = revoke && AcceptPhrase("admin option for");
  const bool everything = revoke && AtPhrase("all");  // ALL [PRIVILEGES], GRANT OPTION
  if (AcceptPhrase("proxy on")) {
    node->proxied = ParseUser();
  } else if (!node->admin_option_for && GrantHasObject()) {
    node->privileges = CommaList<Privilege>(&Parser::ParsePrivilege);
    for (const Privilege* privilege : node->privileges) {
      if (privilege->name.starts_with("all") && node->privileges.size() > 1) Fail();
    }
    Expect(Kw::kOn);
    ParseGrantObject(node);
  } else if (everything) {
    node->privileges = CommaList<Privilege>(&Parser::ParsePrivilege);
    if (node->privileges.size() != 2 || node->privileges[1]->name != "grant option") Fail();
  } else {
    node->privileges = CommaList<Privilege>(&Parser::ParseGrantedRole);
  }
  Expect(revoke ? Kw::kFrom : Kw::kTo);
  if (revoke) {
    ListOf<AccountUser> users(*this);
    do {
      AccountUser* user = New<AccountUser>();
      user->name = ParseUser();
      users.Add(user);
    } while (Accept(Tok::kComma));
    node->users = users.Take();
    node->ignore_unknown_user = AcceptPhrase("ignore unknown user");
    return node;
  }
  node->users = CommaList<AccountUser>(&Parser::ParseAccountUser);
  std::vector<std::string_view> options;
  ParseGrantOptions(*node, options);
  node->options = StoreTexts(options);
  return node;
}

}  // namespace tessera::sqlparser
