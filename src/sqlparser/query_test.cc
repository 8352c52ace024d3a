// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Queries, expressions, changes of rows, SET and EXPLAIN: what is taken reads the same again after
// printing, what neither server takes is refused.
#include <string>

#include <gtest/gtest.h>

#include "sqlparser/ast_nodes.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/split.h"
#include "sqlparser/visitor.h"

namespace tessera::sqlparser {
namespace {

// The text for the server, or the error. Fails the test when it does not read the same again.
std::string ServerText(const std::string& sql) {
  Arena arena;
  const Result<const Statement*> parsed = Parse(arena, sql);
  if (!parsed.ok()) return parsed.error().message();
  PrintOptions options;
  options.dialect = Dialect::kServer;
  std::string text = ToString(*parsed, options);
  const Result<const Statement*> again = Parse(arena, text);
  if (!again.ok()) {
    ADD_FAILURE() << text << ": " << again.error().message();
  } else if (!Equal(*parsed, *again)) {
    ADD_FAILURE() << text << "\n" << Dump(*parsed) << "\n" << Dump(*again);
  }
  return text;
}

struct Pair {
  const char* sql;
  const char* text;  // null: as sql
};

void ExpectTexts(std::initializer_list<Pair> pairs) {
  for (const Pair& pair : pairs) {
    EXPECT_EQ(ServerText(pair.sql), pair.text == nullptr ? pair.sql : pair.text);
  }
}

void ExpectRefused(std::initializer_list<const char*> texts) {
  for (const char* sql : texts) {
    Arena arena;
    EXPECT_FALSE(Parse(arena, sql).ok()) << sql;
  }
}

TEST(QueryTest, Tails) {
  ExpectTexts({
      {"select a from t order by a asc offset 2 rows fetch first 3 rows with ties", nullptr},
      {"select a from t offset 2 rows fetch next row only", "select a from t limit 2, 1"},
      {"select a from t limit 5 rows examined 10", "select a from t limit 5 rows examined 10"},
      {"select a from t procedure ANALYSE(10, 20) for update", nullptr},
      {"select a from t for update wait 5", nullptr},
      {"select a from t lock in share mode skip locked", nullptr},
      {"select a into @x from t limit 1 for update", "select a from t limit 1 for update into @x"},
      {"select a from t group by a desc, b with rollup", nullptr},
      {"select a from t into outfile 'f' character set utf8 fields terminated by ',' optionally "
       "enclosed by '\"' escaped by 0x5c lines starting by 'x' terminated by '\\n'",
       nullptr},
      {"values (1, 2), (3, 4) order by 1 asc limit 1", nullptr},
      {"table t order by a", "select * from t order by a asc"},
  });
  ExpectRefused({
      "select a from t limit @a",
      "select a from t limit 1, -1",
      "select a from t limit rows examined @a",
      "select a from t fetch first 1 rows",
      "select a from t into @a procedure analyse()",
      "select a from t procedure analyse() into @a",
      "select * from (select a from t into @a) x",
      "select * from (select a from t procedure analyse()) x",
      "select (select 1 into @a)",
      "select 1 into @a union select 2",
      "(select 1) union (select 2 into @a)",
      "select 1 for update union select 2",
      "select a from t into outfile 'f' fields",
      "select a from t into outfile 'f' lines terminated by concat('a')",
      "insert into t select 1 into @a",
      "select 1 window w as ()",
  });
}

// What MariaDB does not have is not printed for it.
TEST(QueryTest, LocksOfSeveralTables) {
  Arena arena;
  const auto parsed = Parse(arena, "select 1 from a, b for update of a for share of b skip locked");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(ToString(*parsed), "select 1 from a, b for update of a for share of b skip locked");
  PrintOptions server;
  server.dialect = Dialect::kServer;
  EXPECT_EQ(ToString(*parsed, server), "select 1 from a, b for update");
}

TEST(QueryTest, QueriesInParentheses) {
  ExpectTexts({
      {"select a from t where a in (values (1), (2))", nullptr},
      {"select a from t where a = any (values (7) union values (8))",
       "select a from t where a = any (values (7) union values (8))"},
      {"select (values (1)) + 1 from t", nullptr},
      {"values ((values (2))), ((select 4 from dual))", nullptr},
      {"((select 1 from dual) limit 2) order by 1 limit 1",
       "select * from (select 1 from dual limit 2) as dt order by 1 asc limit 1"},
      {"insert into t values (1) on duplicate key update a = (values(a) + 1)",
       "insert into t values (1) on duplicate key update a = values(a) + 1"},
      {"insert into t values (1) on duplicate key update a = value(a)", nullptr},
      {"select 1 from dual union (select 2 from dual union select 3 from dual) intersect select 4 "
       "from dual",
       "select 1 from dual union (select 2 from dual union select 3 from dual) intersect select 4 "
       "from dual"},
  });
}

TEST(QueryTest, Tables) {
  ExpectTexts({
      {"select * from t for system_time as of timestamp @a as x", nullptr},
      {"select * from t for system_time between transaction 1 and 2", nullptr},
      {"select * from (select 1 from dual) for system_time all as x", nullptr},
      {"select * from a natural straight_join b", nullptr},
      {"select * from json_table(d, '$' columns(a char(3) collate default path '$.a')) as j",
       "select * from json_table(d, '$' columns(\n\ta char(3) collate default path '$.a' \n\t)\n) "
       "as j"},
      {"select * from { oj a left outer join b on a.x = b.x }",
       "select * from a left join b on a.x = b.x"},
      {"with recursive a(x) as (select 1 from dual) cycle x restrict select * from a", nullptr},
      {"select * from t use index () use index for order by (i)", nullptr},
  });
  ExpectRefused({
      "select * from t force index ()",
      "select * from t as window",
      "select * from a natural join b on a.x = b.x",
  });
}

TEST(QueryTest, WindowFunctions) {
  ExpectTexts({
      {"select sum(a) over (w rows between 1 preceding and unbounded following exclude ties) from "
       "t "
       "window w AS (partition by b)",
       nullptr},
      {"select percentile_cont(0.5) within group (order by a asc) over (partition by b) from t",
       nullptr},
      {"select median(a) over () from t", nullptr},
      {"select lag(a, -1) over (order by b asc) from t", nullptr},
      {"select last_value(@a := 1, 2) from dual", nullptr},
      {"select group_concat(distinct a order by b desc separator 'x' limit 1, 2) from t", nullptr},
      {"select group_concat(a separator 0x4142) from t",
       "select group_concat(a separator 'AB') from t"},
      {"select json_arrayagg(distinct a order by b asc limit 2) from t", nullptr},
      {"select sum(a) over (groups current row) from t", nullptr},
      {"select st_collect(distinct a), ST_Collect(a) from t", nullptr},
  });
  ExpectRefused({
      "select rank() from t",
      "select rank(a) over () from t",
      "select count(a, b) from t",
      "select sum(a) over (rows -1 preceding) from t",
      "select bit_and(distinct a) from t",
      "select percentile_cont(0.5) over () from t",
      "select last_value(a, b) over () from t",
  });
}

TEST(QueryTest, FunctionsWithTypes) {
  ExpectTexts({
      {"select column_create('a', 1 as int, 'b', x'41') from t",
       "select column_create('a', 1 as int, 'b', X'41') from t"},
      {"select column_add(c, 'a', 1 as decimal(10,2)) from t", nullptr},
      {"select column_get(c, 'a' as char(10) character set utf8) from t", nullptr},
      {"select cast(a as interval day_second(6)) from t", nullptr},
      {"select cast(a as inet6), cast(a as char(3) binary), cast(a as decimal(5.2)) from t",
       nullptr},
      {"select cast(a at time zone '+00:00' as datetime(3)) from t", nullptr},
      {"select weight_string(a as char(3) level 1 desc, 2 reverse) from t", nullptr},
      {"select weight_string(a level 1-3), weight_string(a, 1, 2, 0xC0) from t", nullptr},
      {"select json_value(a, '$.b' returning decimal(4, 2) default -1 on empty error on error) "
       "from "
       "t",
       nullptr},
      {"select nextval(d.s), lastval(s), setval(s, -1, 1), next value for s from dual", nullptr},
      {"select d.p.f(1), default(t.a) from t", nullptr},
      {"select f(a, b as c), YEAR(a), .t.a from t = x where 1",
       "select f(a, b as c), YEAR(a), t.a from t as x where 1"},
      {"select match a, b against ('x' in boolean mode) from t",
       "select match(a, b) against ('x' in boolean mode) from t"},
  });
  ExpectRefused({
      "select column_create('a')",
      "select column_create('a', 1 as char(10))",
      "select column_get(c, 'a')",
      "select cast(a as varchar)",
      "select cast(a as timestamp)",
      "select cast(a as decimal(64, 999999999999999999999999))",
      "select weight_string(a, 1, 2)",
      "select get_format(foo, 'a')",
      "select json_value(a, '$' null on error null on empty error on error)",
      "select row(1)",
      "select .a from t",
      "select t. select from t",
      "select _utf8mb4",
      "select year()",
      "select 1 'a' 'b'",
      "select default",
      "select interval 1 day",
      "select @@default.key_buffer_size",
      "select @@global.session.a",
      "select 1 /*! + 1",
  });
}

TEST(QueryTest, ChangesOfRows) {
  ExpectTexts({
      {"insert into t(a, b) values (default, ignore)", nullptr},
      {"insert into t(a) values (1), (2) union select 3 from dual", nullptr},
      {"insert into t set a = 1, b = default", "insert into t(a, b) values (1, default)"},
      {"insert into t values (1) as new (x) on duplicate key update a = new.x", nullptr},
      {"update t for portion of p from '1' to '2' as x set x.a = default", nullptr},
      {"delete from t for portion of p from 1 to 2 where a = 1 order by b asc limit 1", nullptr},
      {"delete history from t partition (p0) before system_time timestamp now()", nullptr},
      {"delete t from a as t where t.b = 1", nullptr},
      {"delete from t as x partition (p0) where 1", "delete x from t partition (p0) as x where 1"},
      {"delete from a, b using a join b", "delete a, b from a join b"},
  });
  ExpectRefused({
      "insert ignore low_priority into t values (1)",
      "insert into t values (default + 1)",
      "replace high_priority into t values (1)",
      "replace into t values (1) on duplicate key update a = 1",
      "insert into t (a, ) values (1)",
      "update t set a = 1 limit 5, 5",
      "update t set a = 1 limit 1 rows examined 1",
      "update t x for portion of p from 1 to 2 set a = 1",
      "delete a from a, b limit 1",
      "delete from t limit 1 offset 1",
      "delete from t for portion of system_time from 1 to 2",
      "delete history from t limit 1",
  });
}

TEST(QueryTest, SetAndExplain) {
  ExpectTexts({
      {"set statement a = 1, c.b = on for select 1 from dual",
       "set statement a = 1, c.b = 'on' for select 1 from dual"},
      {"select @@global. 'hot'.key_buffer_size, @@session.`sql_mode`",
       "select @@global.hot.key_buffer_size, @@sql_mode from dual"},
      {"set @@default.key_buffer_size = 1", "set @@`default`.key_buffer_size = 1"},
      {"explain format = json into @a for schema d select 1 from dual", nullptr},
      {"explain format=json for connection 5", "explain format = json for connection 5"},
      {"explain extended (select 1 from dual) union select 2 from dual",
       "explain extended select 1 from dual union select 2 from dual"},
      {"analyze format = json update t set a = 1", nullptr},
      {"explain analyze format = tree select 1 from dual", nullptr},
      {"describe extended t 'a%'", "explain t 'a%'"},
      {"explain t `'a`", nullptr},
      {"explain t ``", nullptr},
      {"set session `a``b` = 1", "set @@`a``b` = 1"},
      {"select @@`a``b`.`c` from dual", "select @@`a``b`.c from dual"},
      {"select @a..b, @.c. from dual", "select @`a..b`, @`.c.` from dual"},
      {"explain format = '% s' select 1 from dual", nullptr},
      {"explain format = '' select 1 from dual", nullptr},
      {"analyze format = 'a b' select 1 from dual", nullptr},
      {"execute s using 1, default, ignore, concat('a')", nullptr},
      {"prepare s from concat('a', @b)", nullptr},
      {"execute immediate 'select ?' using 1 + 1", nullptr},
  });
  ExpectRefused({
      "set transaction read only, read write",
      "set names = utf8",
      "set `.` = 1",
      "select a from t limit row(1, 2)",
      "select interval row(1, 2) day + a from t",
      "set @@`a.` = 1",
      "select @@a..b",
      "select default(a.``)",
      "handler t read `` next",
      "create table t (a int) tablespace ``",
      "set `` = 1",
      "alter table t algorithm = `binary`",
      "set @a = default",
      "set statement @a = 1 for select 1",
      "set statement for select 1",
      "explain create table t (a int)",
      "analyze call p()",
      "execute s using default + 1",
      "do default",
      "prepare s from a",
  });
}

// Words that only one of MySQL and MariaDB reserves.
TEST(QueryTest, NamesToOneServer) {
  ExpectTexts({
      {"select offset, t.returning as lateral from t limit 1 offset 2",
       "select `offset`, t.`returning` as `lateral` from t limit 2, 1"},
      {"select select.a from from.t", "select `select`.a from `from`.t"},
      {"select next + 1, window, a window from t",
       "select `next` + 1, `window`, a as `window` from t"},
      {"select a from t offset 1 rows", "select a from t limit 1, 18446744073709551615"},
  });
  ExpectRefused({"select 1 as select", "select database", "select mod from t"});
}

// No server has them, but what is read is what is written.
TEST(QueryTest, TablesWithoutName) {
  ExpectTexts({
      {"select `d`.``.`c`, ``.``.`c` from t", "select d.``.c, c from t"},
      {"select default(d.``.c), d.``.f() from d.``", nullptr},
  });
  ExpectRefused({"select ``.* from t", "select d.``.* from t"});
}

// A stored function may be called like a function of the grammar's, or like a reserved word.
TEST(QueryTest, QuotedNamesOfFunctions) {
  ExpectTexts({
      {"select `column_delete`(1), `match`(1), `trim`(a, 1), `case`(2), `mine`(3) from t",
       "select `column_delete`(1), `match`(1), `trim`(a, 1), `case`(2), mine(3) from t"},
      {"select `json_set`(a, 'b', 1), `left`(a, 1) from t", nullptr},
  });
}

TEST(QueryTest, KeyCachesNamedLikeScopes) {
  ExpectTexts({
      {"select @@session.`global`.x, @@global.`session`.x, @@hot.x",
       "select @@session.`global`.x, @@global.`session`.x, @@hot.x from dual"},
      {"set @@session.`persist`.x = 1, @@global.`local`.x = 1", nullptr},
  });
}

// For a text to be prepared, question marks stay and keep their order.
TEST(QueryTest, QuestionMarks) {
  PrintOptions options;
  options.dialect = Dialect::kServer;
  options.question_marks = true;
  const auto text = [&](const char* sql) {
    Arena arena;
    const auto parsed = Parse(arena, sql);
    return parsed.ok() ? ToString(*parsed, options) : parsed.error().message();
  };
  EXPECT_EQ(text("with a as (select ?) select ? from a limit ? offset ?"),
            "with a as (select ? from dual) select ? from a limit ? offset ?");
  EXPECT_EQ(text("select a from t limit ?, ?"), "select a from t limit ?, ?");
  EXPECT_EQ(text("select :v1, :x, ::l from t"), "select ?, :x, ::l from t");
}

// INTERVAL( may begin a value with a unit or the function: told apart without reading it twice.
TEST(QueryTest, NestedIntervalsTakeLinearTime) {
  ExpectTexts({
      {"select 1 + interval(1, 2) + 1, a + interval(1) + 1 day from t",
       "select 1 + interval(1, 2) + 1, a + interval 1 + 1 day from t"},
      {"select adddate(a, interval(1, 2) + 3), interval(select 1 from dual) day + a from t",
       "select adddate(a, interval(1, 2) + 3), interval (select 1 from dual) day + a from t"},
  });
  std::string sql = "select 1";
  for (int i = 0; i < 300; ++i) sql += " + interval(1";
  for (int i = 0; i < 300; ++i) sql += ") day";
  Arena arena;
  EXPECT_TRUE(Parse(arena, sql).ok());
}

// What Vitess's ParseMultipleIgnoreEmpty is tested with: pieces of comments only are left out
// there.
TEST(QueryTest, SeveralStatements) {
  const auto count = [](const char* sql) {
    int statements = 0;
    const auto pieces = SplitStatements(sql);
    if (!pieces.ok()) return -1;
    for (const StatementPiece& piece : *pieces) {
      Arena arena;
      const auto parsed = Parse(arena, std::string_view(sql).substr(piece.offset, piece.length));
      if (!parsed.ok()) return -1;
      if ((*parsed)->kind != Kind::kCommentOnly) ++statements;
    }
    return statements;
  };
  EXPECT_EQ(
      count("select 1; ; ; select 2; /* Comment only */; /* Comment */; select 3;;;; /* c */"), 3);
  EXPECT_EQ(count("select * from /* comment ; */ t;"), 1);
  EXPECT_EQ(count(";;; select 1;;; ;select ';';   "), 2);
  EXPECT_EQ(count(";select 1 ;select (id;"), -1);
}

TEST(QueryTest, NamesOfTables) {
  Arena arena;
  const auto text = [&](const char* sql) {
    const auto name = ParseTableName(arena, sql);
    return name.ok() ? std::string((*name)->database) + "|" + std::string((*name)->name)
                     : "refused";
  };
  EXPECT_EQ(text("t"), "|t");
  EXPECT_EQ(text("k.t"), "k|t");
  EXPECT_EQ(text("`k-t`.`k-t`"), "k-t|k-t");
  for (const char* sql : {".", "t..", "k.t.", "k.t.x", "select"})
    EXPECT_EQ(text(sql), "refused") << sql;
}

TEST(QueryTest, SqlModes) {
  const auto text = [](const char* sql, std::string_view mode) {
    ParseOptions options;
    options.mode = ParseSqlMode(mode);
    Arena arena;
    const auto parsed = Parse(arena, sql, options);
    PrintOptions print;
    print.dialect = Dialect::kServer;
    return parsed.ok() ? ToString(*parsed, print) : parsed.error().message();
  };
  EXPECT_EQ(text("select \"a\", 'b' from \"t\"", "ANSI_QUOTES"), "select a, 'b' from t");
  EXPECT_EQ(text("select a || b || c from t", "PIPES_AS_CONCAT"),
            "select concat(concat(a, b), c) from t");
  EXPECT_EQ(text("select a || b = c from t", ""), "select a or b = c from t");
  EXPECT_EQ(text("select not a between b and c from t", "HIGH_NOT_PRECEDENCE"),
            "select (not a) between b and c from t");
  EXPECT_EQ(text("select not a between b and c from t", ""), "select not a between b and c from t");
  EXPECT_EQ(text("select 'a\\' from t", "NO_BACKSLASH_ESCAPES"), "select 'a\\\\' from t");
}

// \N is NULL, and no name where words of the grammar are: its text in quotes would be another one.
TEST(QueryTest, TheSignForNullIsNoName) {
  ExpectRefused({"select a.\\N from t", "select * from a.\\N", "delete a from b . \\N",
                 "select a.b.\\N from t"});
  ExpectTexts({{"select \\N, a.`\\N` from t", "select null, a.`\\N` from t"}});
}

}  // namespace
}  // namespace tessera::sqlparser
