// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Users, roles, privileges; and that no secret of theirs gets into a log.
#include <gtest/gtest.h>

#include "sqlparser/ast_account.h"
#include "sqlparser/fingerprint.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/split.h"
#include "sqlparser/visitor.h"

namespace tessera::sqlparser {
namespace {

ParseOptions StrictOptions() {
  ParseOptions options;
  options.allow_other = false;
  options.allow_partial_ddl = false;
  return options;
}

// Prints for the server, reads that again, and wants the same tree.
void ExpectAccountRoundTrip(std::string_view sql) {
  Arena arena;
  const Result<const Statement*> first = Parse(arena, sql, StrictOptions());
  ASSERT_TRUE(first.ok()) << sql << ": " << first.error().message();
  PrintOptions print;
  print.dialect = Dialect::kServer;
  const std::string text = ToString(*first, print);
  const Result<const Statement*> second = Parse(arena, text, StrictOptions());
  ASSERT_TRUE(second.ok()) << sql << " -> " << text << ": " << second.error().message();
  EXPECT_TRUE(Equal(*first, *second)) << sql << " -> " << text << "\n"
                                      << Dump(*first) << "\n"
                                      << Dump(*second);
}

TEST(AccountTest, UsersAreReadAgain) {
  for (const std::string_view sql : {
           "create user bob",
           "create or replace user if not exists 'bob'@'%' identified by 'x', eve@localhost",
           "create user a@b identified by password '*0123'",
           "create user a identified via ed25519 using password('x') or unix_socket or pam as 'y'",
           "create user a identified with sha256_password by 'x' and identified with fido",
           "create user a identified with x as 0xabcd",
           "create user a identified by random password require ssl password expire never",
           "create user a identified with x initial authentication identified by random password",
           "create user a require subject 's' and issuer 'i' cipher 'c' with max_queries_per_hour "
           "5 "
           "max_statement_time 0.5 account lock password expire interval 90 day",
           "create user a default role r, s@h password history 3 password reuse interval 5 day "
           "password require current optional failed_login_attempts 3 password_lock_time unbounded "
           "comment 'x'",
           "create user a attribute '{\"a\": 1}'",
           "create user mysqltest@",
           "alter user if exists current_user() identified by 'new' replace 'old' retain current "
           "password",
           "alter user user() identified by 'x'",
           "alter user a discard old password",
           "alter user a add 2 factor identified with x by 'y' add 3 factor identified with z",
           "alter user a drop 2 factor drop 3 factor",
           "alter user a 2 factor finish registration set challenge_response as 'x'",
           "alter user a default role all",
           "alter user a account unlock password expire",
           "drop user if exists a, 'b'@'c'",
           "rename user a to b, 'c'@'d' to 'e'@'f'",
           "create role r",
           "create or replace role r with admin current_role",
           "create role if not exists r, s",
           "drop role if exists r, s",
           "set password = 'x'",
           "set password for 'a'@'b' = password('x')",
           "set password for a to random replace 'y' retain current password",
           "set role none",
           "set role all except a, b",
           "set default role r for u",
           "set @a = 1, password for a = 'x', autocommit = 0, default role none, role all",
           "set default role r, s to u@h, v",
       }) {
    ExpectAccountRoundTrip(sql);
  }
}

TEST(AccountTest, GrantsAreReadAgain) {
  for (const std::string_view sql : {
           "grant all privileges on *.* to a with grant option",
           "grant select (a, b), insert, references (c) on db.t to a@b, c identified by 'x'",
           "grant usage on * to a require x509 with max_user_connections 2 grant option",
           "grant execute on function f to a",
           "grant execute on procedure db.p to a",
           "grant execute on package db.p to a",
           "grant execute on package body db.p to a",
           "grant select on table t to a",
           "grant lock tables, create temporary tables on `db%`.* to a",
           "grant backup_admin, replication slave admin, 'custom_admin' on *.* to a",
           "grant proxy on ''@'' to a with grant option",
           "grant Editor, 'reader'@'%' to a, current_role() with admin option",
           "grant select on *.* to a as b with role all except c",
           "revoke all privileges, grant option from a, b",
           "revoke if exists select on db.t from a ignore unknown user",
           "revoke update (x) on t from current_user()",
           "revoke admin option for r from a",
           "revoke r, s from a",
           "revoke proxy on a from b",
           "show grants for current_role",
           "show grants for a@b using r, s",
           "show create user a@b",
       }) {
    ExpectAccountRoundTrip(sql);
  }
}

TEST(AccountTest, WhatNoServerTakesIsRefused) {
  for (const std::string_view sql : {
           "create user",
           "create user a identified",
           "create user a identified by",
           "create user a require",
           "create user a with",
           "create user a or unix_socket",
           "drop user current_role",
           "grant select to a",
           "grant role_less on *.* to",
           "grant somerole on *.* to a",
           "create role current_user",
           "set default role default",
           "grant select on t",
           "grant select on *.t to a",
           "grant select on t to a with admin option",
           "grant select (a on t to a",
           "revoke select on t from a identified by 'x'",
           "revoke all from a",
           "set password",
           "set role",
           "rename user a",
       }) {
    Arena arena;
    EXPECT_FALSE(Parse(arena, sql).ok()) << sql;
  }
}

TEST(AccountTest, TheTreeKnowsWhatIsGranted) {
  Arena arena;
  const Result<const Statement*> parsed =
      Parse(arena, "GRANT SELECT (Id), Lock Tables ON shop.Orders TO bob WITH GRANT OPTION");
  ASSERT_TRUE(parsed.ok());
  const Grant& grant = (*parsed)->Get<Grant>();
  EXPECT_EQ(grant.level, GrantLevel::kObject);
  EXPECT_EQ(grant.name->name, "Orders");
  ASSERT_EQ(grant.privileges.size(), 2u);
  EXPECT_EQ(grant.privileges[0]->columns[0].text, "Id");
  EXPECT_EQ(grant.privileges[1]->name, "lock tables");
  EXPECT_EQ(grant.users[0]->name, "bob");
}

// Neither the redacted text nor what the plan cache keeps may hold a secret.
TEST(AccountTest, SecretsAreRedacted) {
  for (const std::string_view sql : {
           "create user a identified by 'hunter2'",
           "create user a identified by password \"hunter2\"",
           "create user a identified via x using password('hunter2') or y as 'hunter2'",
           "create user a identified with x as 0x68756e7465723248756e74657232",
           "alter user a identified by 'x' replace 'hunter2'",
           "grant all on *.* to a identified by 'hunter2'",
           "set password = 'hunter2'",
           "set password for a@'h' = password('hunter2')",
           "set password for a to random replace 'hunter2'",
           "change master to master_user='u', master_password='hunter2'",
           "change replication source to source_password = 'hunter2'",
           "start slave user = 'u' password = 'hunter2'",
           "start group_replication user='u', password='hunter2'",
           "create server s foreign data wrapper mysql options (user 'u', password 'hunter2')",
           "alter server s options (password 'hunter2')",
           "clone instance from u@h:3306 identified by 'hunter2'",
           "create user a identified by '' /* hunter2 */",
           "create user a identified by 'hun' 'ter2hunter2'",
       }) {
    const std::string redacted = Redact(sql);
    EXPECT_EQ(redacted.find("hunter2"), std::string::npos) << redacted;
    EXPECT_EQ(redacted.find("hun"), std::string::npos) << redacted;
    EXPECT_EQ(redacted.find("6875"), std::string::npos) << redacted;
  }
}

}  // namespace
}  // namespace tessera::sqlparser
