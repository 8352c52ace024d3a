// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/arena.h"
#include "base/result.h"
#include "sqlparser/ast_program.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/visitor.h"

namespace tessera::sqlparser {
namespace {

// The statement printed for a server, after a check that this text reads as the same statement.
std::string Printed(std::string_view sql) {
  Arena arena;
  const Result<const Statement*> parsed = Parse(arena, sql);
  if (!parsed.ok()) return "error: " + parsed.error().message();
  PrintOptions options;
  options.dialect = Dialect::kServer;
  const std::string text = ToString(*parsed, options);
  const Result<const Statement*> again = Parse(arena, text);
  EXPECT_TRUE(again.ok()) << text;
  if (again.ok()) {
    EXPECT_TRUE(Equal(*parsed, *again)) << text;
  }
  return text;
}

struct Case {
  std::string_view sql;
  std::string_view want;
};

void ExpectPrinted(std::span<const Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(Printed(c.sql), c.want) << c.sql;
}

bool IsSyntaxError(std::string_view sql) {
  Arena arena;
  const Result<const Statement*> parsed = Parse(arena, sql);
  return !parsed.ok() && parsed.error().mysql_errno() == 1064;
}

TEST(ProgramTest, Routines) {
  static constexpr Case kCases[] = {
      {"CREATE OR REPLACE DEFINER=CURRENT_USER PROCEDURE db.p(a INT, INOUT b TEXT) LANGUAGE SQL "
       "NOT "
       "DETERMINISTIC READS SQL DATA SQL SECURITY INVOKER COMMENT 'x' SELECT 1",
       "create or replace definer = current_user() procedure db.p (in a INT, inout b TEXT) "
       "language sql not deterministic reads sql data sql security invoker comment 'x' select 1 "
       "from dual;"},
      {"create procedure p(out a type of t.c, b row type of t, c row(x int, y char(3))) begin end",
       "create procedure p (out a type of t.c, in b row type of t, in c row (x int, y char(3))) "
       "begin end;"},
      {"create definer=`a`@`%` function if not exists f(a int) returns varchar(10) charset utf8 "
       "collate utf8_bin deterministic return a + 1",
       "create definer = `a`@`%` function if not exists f (a int) returns varchar(10) character "
       "set utf8 collate utf8_bin deterministic return a + 1"},
      {"create function f(a varchar(9) compressed) returns text compressed return 'a'",
       "create function f (a varchar(9) compressed) returns text compressed return 'a'"},
      {"create aggregate function f(x int) returns int begin declare continue handler for not "
       "found return 1; loop fetch group next row; end loop; end",
       "create aggregate function f (x int) returns int begin declare continue handler for not "
       "found return 1; loop fetch group next row; end loop; end"},
      {"create or replace aggregate function f returns Integer soname 'x.so'",
       "create or replace aggregate function f returns integer soname 'x.so'"},
      {"alter function db.f no sql comment 'a' comment 'b'",
       "alter function db.f no sql comment 'b'"},
      {"alter procedure p", "alter procedure p"},
      {"drop function if exists db.f", "drop function if exists db.f"},
      {"call db.package.p(1, @a)", "call db.package.p(1, @a)"},
      {"call p", "call p()"},
  };
  ExpectPrinted(kCases);
}

TEST(ProgramTest, TriggersAndEvents) {
  static constexpr Case kCases[] = {
      {"CREATE TRIGGER IF NOT EXISTS db.t BEFORE UPDATE ON t1 FOR EACH ROW PRECEDES other SET "
       "NEW.a = OLD.a + 1, @x = 2",
       "create trigger if not exists db.t before update on t1 for each row precedes other set "
       "NEW.a = OLD.a + 1, @x = 2"},
      {"create trigger t after delete on t1 for each row if old.a then insert into archive values "
       "(old.a); end if",
       "create trigger t after delete on t1 for each row if old.a then insert into archive values "
       "(old.a); end if"},
      {"create event e on schedule every '1:30' hour_minute starts now() + interval 1 day ends "
       "'2030-01-01' on completion not preserve disable on slave comment 'c' do begin end",
       "create event e on schedule every '1:30' hour_minute starts now() + interval 1 day ends "
       "'2030-01-01' on completion not preserve disable on slave comment 'c' do begin end"},
      {"create definer=a event if not exists e on schedule at now() do call p()",
       "create definer = a event if not exists e on schedule at now() do call p()"},
      {"alter definer=a event e on schedule every 1 day on completion preserve rename to db.f "
       "enable do select 1",
       "alter definer = a event e on schedule every 1 day on completion preserve rename to db.f "
       "enable do select 1 from dual"},
      {"drop trigger if exists db.t", "drop trigger if exists db.t"},
      {"drop event e", "drop event e"},
  };
  ExpectPrinted(kCases);
}

TEST(ProgramTest, CompoundStatements) {
  static constexpr Case kCases[] = {
      {"begin not atomic declare a, b int default 1; declare c cursor (x int) for select x for "
       "update; declare exit handler for 1051, sqlstate '42S02', dup, sqlwarning, not found begin "
       "end; open c(a + 1); fetch next from c into a, b; close c; end",
       "begin not atomic declare a, b int default 1; declare c cursor(x int) for select x from "
       "dual "
       "for update; declare exit handler for 1051, sqlstate '42S02', dup, sqlwarning, not found "
       "begin end; open c(a + 1); fetch c into a, b; close c; end"},
      {"begin not atomic l1:begin leave l1; end l1; `l 2`: while a do iterate `l 2`; end while; "
       "end",
       "begin not atomic l1: begin leave l1; end l1; `l 2`: while a do iterate `l 2`; end while; "
       "end"},
      {"repeat set @a = @a + 1; until @a > 5 end repeat",
       "repeat set @a = @a + 1; until @a > 5 end repeat"},
      {"for i in reverse 1..f(3) do select i; end for",
       "for i in reverse 1 .. f(3) do select i from dual; end for"},
      {"for r in (select 1 union select 2) do select r.a; end for",
       "for r in (select 1 from dual union select 2 from dual) do select r.a from dual; end for"},
      {"for r in c(1, 2) do for s in c do do 1; end for; end for",
       "for r in c(1, 2) do for s in c do do 1; end for; end for"},
      {"case a when 1 then select 1; when case b when 2 then 3 end then select 2; else select 3; "
       "end "
       "case",
       "case a when 1 then select 1 from dual; when case b when 2 then 3 end then select 2 from "
       "dual; else select 3 from dual; end case"},
      {"if a then case when b then do 1; end case; elseif c then do 2; else do 3; end if",
       "if a then case when b then do 1; end case; elseif c then do 2; else do 3; end if"},
      {"signal sqlstate value '45000' set MESSAGE_TEXT = 'a', mysql_errno = @x",
       "signal sqlstate '45000' set message_text = 'a', mysql_errno = @x"},
      {"resignal", "resignal"},
      {"resignal c set row_number = 1", "resignal c set row_number = 1"},
      {"get current diagnostics @a = NUMBER, b = row_count",
       "get current diagnostics @a = number, b = row_count"},
      {"get stacked diagnostics condition 1 a = returned_sqlstate",
       "get stacked diagnostics condition 1 a = returned_sqlstate"},
  };
  ExpectPrinted(kCases);
}

TEST(ProgramTest, Names) {
  // Words that only MariaDB reserves, those that Vitess alone reserves, and words that are no
  // labels.
  EXPECT_TRUE(IsSyntaxError("create procedure p() begin declare accessible int; end"));
  EXPECT_FALSE(IsSyntaxError("create procedure p() begin declare `accessible` int; end"));
  EXPECT_EQ(Printed("create procedure p() begin declare `Portion` int; end"),
            "create procedure p () begin declare `Portion` int; end;");
  EXPECT_FALSE(IsSyntaxError("create procedure p() begin declare database int; end"));
  EXPECT_FALSE(IsSyntaxError("create procedure p() begin declare begin int; end"));
  EXPECT_TRUE(IsSyntaxError("create procedure p() begin: loop leave begin; end loop"));
  EXPECT_EQ(Printed("create procedure p() `cache`: loop leave `cache`; end loop"),
            "create procedure p () `cache`: loop leave `cache`; end loop;");
  // A built-in function's name is one only right before its parenthesis.
  EXPECT_TRUE(IsSyntaxError("create procedure count() do 1"));
  EXPECT_FALSE(IsSyntaxError("create procedure count () do 1"));
  EXPECT_FALSE(IsSyntaxError("create procedure db.count() do 1"));
}

TEST(ProgramTest, WhatMariadbRefuses) {
  for (const std::string_view sql : {
           "create procedure p() begin select 1 end",
           "create procedure p() begin begin; end",
           "create procedure p() begin select 1; declare a int; end",
           "create procedure p() declare a int",
           "create procedure p() begin if a then end if; end",
           "create procedure p() begin loop select 1; end loop l; end",
           "create procedure p() begin l: if a then do 1; end if; end",
           "create procedure p() begin case else do 1; end case; end",
           "create procedure p() begin return; end",
           "create procedure p() language java do 1",
           "create procedure p(a int out) do 1",
           "create procedure p do 1",
           "create function f() returns int do 1",
           "create function f() return 1",
           "create function f() returns serial return 1",
           "create definer = a function f returns string soname 'x'",
           "create trigger t before insert or update on t1 for each row do 1",
           "create trigger t before insert on t1 do 1",
           "create event e on schedule every 1 day comment 'a' enable do do 1",
           "create event e on schedule every 1 day",
           "alter event e",
           "alter event e comment 'a' 'b'",
           "alter procedure p deterministic",
           "drop trigger a.b.c",
           "begin not atomic l: begin not atomic end; end",
           "begin not atomic fetch c into @a; end",
           "for i in 1. .2 do do 1; end for",
           "l: loop leave l; end loop",
           "return 1",
           "signal 1051",
           "signal sqlstate '01000' set mysql_errno = (1)",
           "signal sqlstate '01000' set foo = 1",
           "get diagnostics @a = message_text",
           "get diagnostics condition 1 @a = number",
           "get diagnostics condition 1 + 1 @a = message_text",
       }) {
    EXPECT_TRUE(IsSyntaxError(sql)) << sql;
  }
}

TEST(ProgramTest, DefinitionsAreDdl) {
  Arena arena;
  for (const std::string_view sql :
       {"create function f() returns int return 1", "create event e on schedule at now() do do 1",
        "create trigger t before insert on t1 for each row set @a = 1", "drop event e",
        "alter procedure p"}) {
    const Result<const Statement*> parsed = Parse(arena, sql);
    ASSERT_TRUE(parsed.ok()) << sql;
    EXPECT_TRUE((*parsed)->Is<DdlStatement>()) << sql;
    EXPECT_FALSE((*parsed)->Is<ProgramStatement>()) << sql;
  }
}

TEST(ProgramTest, DeepBlocksAreAnErrorNotACrash) {
  std::string sql = "create procedure p() ";
  for (int i = 0; i < 100000; ++i) sql += "if a then ";
  Arena arena;
  EXPECT_FALSE(Parse(arena, sql).ok());
}

}  // namespace
}  // namespace tessera::sqlparser
