// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/statement_tables.h"

#include <gtest/gtest.h>

namespace tessera::tabletserver {
namespace {

// "Plan: r table, w table, a table", with "?" when it is not complete.
std::string Uses(std::string_view sql) {
  const StatementTables found = FindStatementTables(sql, {"vt_ks", "ks"});
  std::string out(found.plan);
  out += found.complete ? ":" : "?";
  for (const TableUse& use : found.uses) {
    out += use.role == TableRole::kReader ? " r " : use.role == TableRole::kWriter ? " w " : " a ";
    out += use.table;
  }
  return out;
}

TEST(StatementTables, Queries) {
  EXPECT_EQ(Uses("select 1 from dual"), "Select:");
  EXPECT_EQ(Uses("select a.x, b.y from a join b on a.id = b.id, a as c"), "Select: r a r b");
  EXPECT_EQ(Uses("select (select max(x) from b) from a where x in (select y from c)"),
            "Select: r b r a r c");
  EXPECT_EQ(Uses("select * from (select * from a) as d union select * from b"), "Select: r a r b");
  EXPECT_EQ(Uses("select next 5 values from seq"), "Nextval: r seq");
  EXPECT_EQ(Uses("select * from a for update"), "Select: r a");
}

TEST(StatementTables, OurDatabaseIsNotNamed) {
  EXPECT_EQ(Uses("select * from vt_ks.a, ks.b, other.c"), "Select: r a r b r other.c");
  EXPECT_EQ(Uses("select * from information_schema.tables"), "Select: r information_schema.tables");
}

TEST(StatementTables, NamesOfWithAreNoTables) {
  EXPECT_EQ(Uses("with t as (select * from a) select * from t"), "Select: r a");
  EXPECT_EQ(Uses("with recursive t as (select 1 from a union all select 1 from t) select * from t"),
            "Select: r a");
}

// Each of these would open a table if its name were taken for that of WITH.
TEST(StatementTables, WhatOnlyLooksLikeANameOfWithIsATable) {
  EXPECT_EQ(Uses("with secret as (select * from secret) select * from secret"), "Select: r secret");
  EXPECT_EQ(Uses("with a as (select * from secret), secret as (select 1) select * from a"),
            "Select: r secret");
  EXPECT_EQ(Uses("with recursive a as (select * from secret), secret as (select 1) select 1"),
            "Select: r secret");
  EXPECT_EQ(Uses("with Secret as (select 1) select * from secret"), "Select: r secret");
  EXPECT_EQ(Uses("with secret as (select 1) select * from ks.secret"), "Select: r secret");
  EXPECT_EQ(Uses("select * from (with secret as (select 1) select 1 from secret) d, secret"),
            "Select: r secret");
  EXPECT_EQ(Uses("with secret as (select 1) update secret set x = 1"), "Update: w secret");
}

TEST(StatementTables, Changes) {
  EXPECT_EQ(Uses("insert into a (x) values ((select y from b))"), "Insert: w a r b");
  EXPECT_EQ(Uses("replace into a select * from b"), "Insert: w a r b");
  EXPECT_EQ(Uses("insert into a (x) values (1) on duplicate key update x = (select 1 from b)"),
            "Insert: w a r b");
  EXPECT_EQ(Uses("update a set x = (select 1 from b) where y = 1"), "Update: w a r b");
  EXPECT_EQ(Uses("update a join (select * from b) d on a.x = d.x set a.y = 1"), "Update: w a r b");
  EXPECT_EQ(Uses("delete from a where x in (select x from a)"), "Delete: w a r a");
  EXPECT_EQ(Uses("delete x from a as x join b on x.i = b.i"), "Delete: w a w b");
}

TEST(StatementTables, Definitions) {
  EXPECT_EQ(Uses("create table a (id int, foreign key (id) references b (id))"), "DDL: a a r b");
  EXPECT_EQ(Uses("create table a like b"), "DDL: a a r b");
  EXPECT_EQ(Uses("create table a as select * from b"), "DDL: a a r b");
  EXPECT_EQ(Uses("create view v as select * from b"), "DDL: a v r b");
  EXPECT_EQ(Uses("rename table a to b, c to d"), "DDL: a a a b a c a d");
  EXPECT_EQ(Uses("drop table a, b"), "DDL: a a a b");
  EXPECT_EQ(Uses("truncate table a"), "DDL: a a");
  EXPECT_EQ(Uses("alter table a add column y int"), "DDL: a a");
}

TEST(StatementTables, TheRest) {
  EXPECT_EQ(Uses("explain select * from a"), "OtherRead: r a");
  EXPECT_EQ(Uses("explain delete from a"), "OtherRead: w a");
  EXPECT_EQ(Uses("show columns from a"), "Show:");
  EXPECT_EQ(Uses("analyze table a"), "OtherAdmin: a a");
  EXPECT_EQ(Uses("lock tables a read, b write"), "LockTables: r a w b");
  EXPECT_EQ(Uses("set @a = (select 1 from b)"), "Set: r b");
  EXPECT_EQ(Uses("savepoint s"), "Savepoint:");
}

TEST(StatementTables, WhatCannotBeReadIsNotComplete) {
  EXPECT_EQ(Uses("select from where"), "OtherRead?");
  EXPECT_EQ(Uses("prepare s from 'select * from secret'"), "OtherRead?");
  EXPECT_EQ(Uses("select /*!99999 x from secret union select */ 1 from a"), "Select? r a");
  EXPECT_EQ(Uses(""), "OtherRead?");
}

}  // namespace
}  // namespace tessera::tabletserver
