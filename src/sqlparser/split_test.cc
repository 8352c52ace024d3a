// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/split.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tessera::sqlparser {
namespace {

std::vector<std::string> Pieces(std::string_view sql) {
  std::vector<std::string> out;
  const auto pieces = SplitStatements(sql);
  EXPECT_TRUE(pieces.ok()) << sql;
  if (!pieces.ok()) return out;
  for (const StatementPiece& piece : *pieces) {
    out.emplace_back(sql.substr(piece.offset, piece.length));
  }
  return out;
}

using Strings = std::vector<std::string>;

TEST(SplitTest, PlainStatements) {
  EXPECT_EQ(Pieces("select ';'; ; select `;` -- ;\n; # ;\n select 3 ;"),
            (Strings{"select ';'", "select `;`", "select 3"}));
  EXPECT_EQ(Pieces("begin; select 1; commit; begin work; end"),
            (Strings{"begin", "select 1", "commit", "begin work", "end"}));
  EXPECT_EQ(
      Pieces("create table if (a int); drop table if exists t; alter table t add a int"),
      (Strings{"create table if (a int)", "drop table if exists t", "alter table t add a int"}));
  EXPECT_EQ(Pieces("select case a when 1 then 2 end; select if(a, b, c), repeat('a', 3); select 1"),
            (Strings{"select case a when 1 then 2 end", "select if(a, b, c), repeat('a', 3)",
                     "select 1"}));
  EXPECT_EQ(Pieces("  "), Strings());
  EXPECT_FALSE(SplitStatements("select 'a; select 1").ok());
}

TEST(SplitTest, VersionCommentsStayWhole) {
  EXPECT_EQ(Pieces("select 1; /*!50003 create trigger t before insert on t for each row begin set "
                   "@a = 1; end */ ; /*!40101 SET NAMES utf8 */;"),
            (Strings{"select 1",
                     "/*!50003 create trigger t before insert on t for each row begin set @a = 1; "
                     "end */",
                     "/*!40101 SET NAMES utf8 */"}));
}

TEST(SplitTest, ABindVariableMayBeNamedAsABlock) {
  EXPECT_EQ(Pieces("select:if; select 1"), (Strings{"select:if", "select 1"}));
}

// Servers answer such a comment with an OK of its own.
TEST(SplitTest, ACommentBehindASemicolonIsAPiece) {
  EXPECT_EQ(Pieces("select 1; /* a */"), (Strings{"select 1", "/* a */"}));
  EXPECT_EQ(Pieces("/* a */ select 1 /* b */;"), (Strings{"/* a */ select 1 /* b */"}));
}

TEST(SplitTest, FirstAndRest) {
  const auto first = SplitFirst("begin not atomic do 1; end; select 2; select 3");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->first, "begin not atomic do 1; end");
  EXPECT_EQ(first->second, " select 2; select 3");
}

TEST(SplitTest, KeepsProgramBodiesTogether) {
  for (const std::string_view sql : {
           "create procedure p() begin if a then select 1; end if; select 2; end",
           "create procedure p() select 1",
           "create procedure p() begin end",
           "create procedure begin() comment 'begin' deterministic select if(a, 1, 2)",
           "create procedure p(a enum(';')) begin begin end; begin do 1; end; end",
           "create or replace definer = 'begin'@'loop' procedure p() sql security invoker "
           "l:loop leave l; end loop l",
           "create definer = current_user() procedure p() `x`: repeat do 1; until a end repeat x",
           "create procedure p() begin while a do for i in 1..3 do do 1; end for; end while; end",
           "create procedure p() begin for r in (select case when a then b end do) do do 1; end "
           "for; end",
           "create procedure p() begin if case a when 1 then 2 else 3 end then do 1; elseif "
           "case when b then 1 end then do 2; else do 3; end if; end",
           "create procedure p() begin case case when b then 1 end when 1 then do 1; when 2 then "
           "case when c then do 2; end case; else do 3; end case; end",
           "create procedure p() begin declare a int default case when b then 1 end; declare "
           "continue handler for not found, sqlstate value '42000', 1051 begin do 1; do 2; end; "
           "declare exit handler for c if a then do 3; end if; declare k cursor for select 1; end",
           "create procedure p() begin repeat do 1; until case a when 1 then 2 end end repeat; end",
           "create procedure p() begin set statement a = 1 for do 1; start transaction; end",
           "create function f(a int) returns int return case a when 1 then 2 end",
           "create function f(loop_count int) returns set('a') begin return 1; end",
           "create aggregate function f(x int) returns int a: begin loop fetch group next row; end "
           "loop; end a",
           "create function f returns string soname 'x'",
           "create trigger t before insert on t1 for each row follows x begin set new.a = 1; end",
           "create trigger t before insert on t1 for each row if new.a then set @a = 1; end if",
           "create event e on schedule every case when a then 1 else 2 end day do begin do 1; end",
           "alter definer = a event e on completion preserve do begin do 1; end",
           "alter event e rename to f",
           "alter event e do begin do 1; end",
           "create procedure p() data: begin do 1; end data",
           "create procedure p() data:begin do 1; end data",
           "create function f() returns int l:begin return 1; end",
           "create procedure p() begin until: loop leave until; end loop; l:for do in c do do 1; "
           "end for; end",
           "begin not atomic begin not atomic do 1; end; end",
           "if a then do 1; else do 2; end if",
           "case when a then do 1; end case",
           "while a do do 1; end while",
           "loop do 1; end loop",
           "for r in c(1) do do 1; end for",
           "set statement a = substr('x' from 1 for 2) for begin not atomic do 1; end",
           "set statement a = 1 for create procedure p() begin do 1; end",
           "create /* procedure ; */ procedure p() begin /* ; end */ do 1; -- end;\n end",
       }) {
    EXPECT_EQ(Pieces("select ';'; " + std::string(sql) + "; select 3;"),
              (Strings{"select ';'", std::string(sql), "select 3"}));
  }
}

}  // namespace
}  // namespace tessera::sqlparser
