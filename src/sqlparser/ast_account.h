// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sqlparser/ast_query.h"

// Users, roles and their privileges. User and role names are strings in printed form
// ('bob'@'%', current_user()), as are the options nobody looks into.
namespace tessera::sqlparser {

// What follows the plugin's name (or stands without one) in IDENTIFIED ...
enum class AuthSecret : uint8_t {
  kNone,
  kPassword,       // BY 'x'
  kPasswordHash,   // BY PASSWORD 'x'
  kRandom,         // BY RANDOM PASSWORD
  kAs,             // AS 'x', USING 'x'
  kUsingPassword,  // USING PASSWORD('x')
};

// One way of proving who one is.
struct AuthMethod : Node {
  // The words in front: "identified", "or", "and identified", "add 2 factor identified", ...
  std::string_view lead;
  std::string_view plugin;  // printed form
  AuthSecret secret_type = AuthSecret::kNone;
  std::string_view secret;   // a literal, printed form
  std::string_view replace;  // REPLACE 'current password', printed form
  bool retain_current = false;
  TESSERA_SQL_NODE(AuthMethod, Node, lead, plugin, secret_type, secret, replace, retain_current)
};

struct AccountUser : Node {
  std::string_view name;
  List<AuthMethod> methods;
  // MySQL's ALTER USER clauses without a method: "discard old password", "drop 2 factor", ...
  std::string_view action;
  TESSERA_SQL_NODE(AccountUser, Node, name, methods, action)
};

// CREATE USER and ALTER USER.
struct CreateUser : Statement {
  bool alter = false;
  bool or_replace = false;
  bool if_not_exists = false;  // IF EXISTS when alter
  List<AccountUser> users;
  // "default role ...", "require ...", "with ...", "account lock", ...: each a clause as printed.
  std::span<const std::string_view> options;
  TESSERA_SQL_NODE(CreateUser, Statement, alter, or_replace, if_not_exists, users, options)
};

struct CreateRole : Statement {
  bool or_replace = false;
  bool if_not_exists = false;
  std::span<const std::string_view> roles;
  std::string_view admin;  // MariaDB: WITH ADMIN user
  TESSERA_SQL_NODE(CreateRole, Statement, or_replace, if_not_exists, roles, admin)
};

// DROP USER and DROP ROLE.
struct DropUser : Statement {
  bool roles = false;
  bool if_exists = false;
  std::span<const std::string_view> names;
  TESSERA_SQL_NODE(DropUser, Statement, roles, if_exists, names)
};

// RENAME USER a TO b, c TO d: names holds a, b, c, d.
struct RenameUser : Statement {
  std::span<const std::string_view> names;
  TESSERA_SQL_NODE(RenameUser, Statement, names)
};

// "select (a, b)", "create view", or a role's name.
struct Privilege : Node {
  std::string_view name;
  std::span<const Ident> columns;
  TESSERA_SQL_NODE(Privilege, Node, name, columns)
};

enum class GrantObject : uint8_t { kNone, kTable, kFunction, kProcedure, kPackage, kPackageBody };

enum class GrantLevel : uint8_t {
  kNone,      // roles and PROXY have no object
  kGlobal,    // *.*
  kDefault,   // *
  kDatabase,  // database.*
  kObject,
};

// GRANT and REVOKE of privileges, roles and PROXY.
struct Grant : Statement {
  bool revoke = false;
  bool if_exists = false;         // REVOKE IF EXISTS
  bool admin_option_for = false;  // REVOKE ADMIN OPTION FOR role
  List<Privilege> privileges;
  std::string_view proxied;  // PROXY ON user; then there are no privileges
  GrantObject object = GrantObject::kNone;
  GrantLevel level = GrantLevel::kNone;
  const TableName* name = nullptr;  // kDatabase has an empty table name
  List<AccountUser> users;
  // "require ...", "with grant option", "with admin option", "as user with role ..."
  std::span<const std::string_view> options;
  bool ignore_unknown_user = false;
  TESSERA_SQL_NODE(Grant, Statement, revoke, if_exists, admin_option_for, privileges, proxied,
                   object, level, name, users, options, ignore_unknown_user)
};

// SET PASSWORD [FOR user] = ... | TO RANDOM
struct SetPassword : Statement {
  std::string_view user;      // empty: one's own
  std::string_view function;  // "password" or "old_password": = PASSWORD('x')
  std::string_view secret;    // a literal, printed form; empty: TO RANDOM
  std::string_view replace;
  bool retain_current = false;
  TESSERA_SQL_NODE(SetPassword, Statement, user, function, secret, replace, retain_current)
};

// SET ROLE and SET DEFAULT ROLE.
struct SetRole : Statement {
  bool is_default = false;
  std::string_view roles;                // "none", "all except a, b", "a, b"
  std::string_view for_user;             // MariaDB: SET DEFAULT ROLE r FOR user
  std::span<const std::string_view> to;  // MySQL: SET DEFAULT ROLE r TO user, user
  TESSERA_SQL_NODE(SetRole, Statement, is_default, roles, for_user, to)
};

// A SET that sets variables and accounts: SET a = 1, ROLE r
struct SetSeveral : Statement {
  List<Node> parts;  // SetItem, SetPassword, SetRole
  TESSERA_SQL_NODE(SetSeveral, Statement, parts)
};

}  // namespace tessera::sqlparser
