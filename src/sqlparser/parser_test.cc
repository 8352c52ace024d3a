// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/parser.h"

#include <gtest/gtest.h>

#include "sqlparser/ast_dml.h"
#include "sqlparser/ast_session.h"
#include "sqlparser/printer.h"
#include "sqlparser/rewrite.h"
#include "sqlparser/split.h"

namespace tessera::sqlparser {
namespace {

std::string Canonical(std::string_view sql) {
  Arena arena;
  const Result<const Statement*> parsed = Parse(arena, sql);
  return parsed.ok() ? ToString(*parsed) : "error: " + parsed.error().message();
}

std::string Server(std::string_view sql) {
  Arena arena;
  const Result<const Statement*> parsed = Parse(arena, sql);
  if (!parsed.ok()) return "error: " + parsed.error().message();
  PrintOptions options;
  options.dialect = Dialect::kServer;
  options.name_columns = true;
  return ToString(*parsed, options);
}

TEST(ParserTest, PrintsCanonicalText) {
  const std::pair<const char*, const char*> kCases[] = {
      {"SELECT  id,Price p FROM shop.orders o WHERE (id=1) AND price>2.5 ORDER BY 1 LIMIT 3 "
       "OFFSET 4",
       "select id, Price as p from shop.orders as o where id = 1 and price > 2.5 order by 1 asc "
       "limit 4, 3"},
      {"select a from t where (a or b) and not (c and d)",
       "select a from t where (a or b) and not (c and d)"},
      {"select (1 + 2) * 3, 1 - (2 - 3), - -1 from dual",
       "select (1 + 2) * 3, 1 - (2 - 3), - -1 from dual"},
      {"select count(*), sum(distinct x) from t group by a having count(*) > 1",
       "select count(*), sum(distinct x) from t group by a having count(*) > 1"},
      {"insert into t set a=1, b='x''y'", "insert into t(a, b) values (1, 'x\\'y')"},
      {"update t set a = a + 1 where id in (1, 2)", "update t set a = a + 1 where id in (1, 2)"},
      {"delete from t where name like 'a%' limit 1",
       "delete from t where `name` like 'a%' "
       "limit 1"},
      {"select * from a left join b on a.x = b.x join c using (y)",
       "select * from a left join b on a.x = b.x join c using (y)"},
      {"(select 1) union all (select 2 limit 1)",
       "select 1 from dual union all (select 2 from dual limit 1)"},
      {"set autocommit = ON, @x := 5", "set autocommit = 'on', @x = 5"},
      {"begin", "begin"},
      {"use shop@replica", "use `shop@replica`"},
      {"use shop:-80@replica", "use `shop:-80@replica`"},
      {"use shop:80-c0", "use `shop:80-c0`"},
  };
  for (const auto& [sql, want] : kCases) {
    EXPECT_EQ(Canonical(sql), want) << sql;
    EXPECT_EQ(Canonical(want), want) << sql;
  }
}

// Found by fuzzing: a target that ended in dashes was read again with fewer of them.
TEST(ParserTest, ABareTargetHoldsNoTwoDashes) {
  EXPECT_EQ(Canonical("use shop:80-c0-- a comment"), "use `shop:80-c0`");
  EXPECT_EQ(Canonical("use shop:80-"), "use `shop:80-`");
  EXPECT_EQ(Canonical("use `shop:80--`"), "use `shop:80--`");
  for (const char* sql : {"use shop:80-----", "use shop:80--c0", "use shop:--#a comment"})
    EXPECT_TRUE(Canonical(sql).starts_with("error: syntax error")) << sql;
}

TEST(ParserTest, AVindexParameterHoldsNoTwoDashes) {
  const std::string add = "alter vschema on t add vindex v(id) using hash with a=";
  for (const char* value : {"ks.t-", "b--a-", "b------", "5----\0, c=d"}) {
    const std::string text = Canonical(add + value);
    EXPECT_EQ(text.starts_with("error: syntax error"), std::string_view(value) != "ks.t-") << value;
  }
  EXPECT_EQ(Canonical(add + "ks.t-- a comment"), Canonical(add + "ks.t"));
}

TEST(ParserTest, NamesOfVindexParametersNeedNoQuotes) {
  const std::string add = "alter vschema on t add vindex v (id) using `hash` with ";
  EXPECT_EQ(Canonical(add + "`a`=`b`, `from`=`to`"), add + "a=b, from=to");
  for (const char* parameter : {"`a b`=c", "a=`b c`"})
    EXPECT_TRUE(Canonical(add + parameter).starts_with("error: syntax error")) << parameter;
}

TEST(ParserTest, OrderByNullKeepsItsDirectionForTheServer) {
  const std::string text = "select a from t order by null desc";
  EXPECT_EQ(Canonical(text), "select a from t order by null");
  EXPECT_EQ(Server(text), text);
}

TEST(ParserTest, NamesOfFunctionsThatReadAsNumbersKeepQuotes) {
  EXPECT_EQ(Canonical("select `5`(1) from t"), "select `5`(1) from t");
}

// Their names may be any string, which the servers look up and refuse; an empty one is no name.
TEST(ParserTest, NamesOfCharacterSetsAndEnginesThatReadOtherwiseKeepQuotes) {
  for (const char* sql :
       {"select cast(a as char character set 'a b') from t",
        "select convert(a using 'select') from t", "select char(1 using binary) from t",
        "alter table t convert to character set 'a b' collate 'c d'"})
    EXPECT_EQ(Canonical(sql), sql);
  for (const char* sql : {"select convert(a using '') from t", "create table t (a int) engine ''",
                          "create table t (a int) collate ''", "alter table t engine ''"})
    EXPECT_TRUE(Canonical(sql).starts_with("error: syntax error")) << sql;
}

// -5 -> a was -(5 -> a), but (-5) -> a by its fingerprint. In MySQL only a column stands there.
TEST(ParserTest, AnArrowStandsBehindAColumn) {
  EXPECT_EQ(Canonical("select -t.a->'$.b' from t"), "select -json_extract(t.a, '$.b') from t");
  for (const char* sql : {"select -5->'$.b'", "select (a)->>'$.b'->'$.c'", "select f(a)->'$.b'"})
    EXPECT_TRUE(Canonical(sql).starts_with("error: syntax error")) << sql;
}

TEST(ParserTest, PrintsForTheServer) {
  EXPECT_EQ(Server("select a+b, Count( * ) from t for share"),
            "select a + b as `a+b`, count(*) as `Count( * )` from t lock in share mode");
  EXPECT_EQ(Server("delete from t as x where x.id = 1"), "delete x from t as x where x.id = 1");
  EXPECT_EQ(Server("do sleep(1)"), "do sleep(1)");
}

TEST(ParserTest, ErrorsSayWhere) {
  EXPECT_EQ(Canonical("select a from"), "error: syntax error at position 14");
  EXPECT_EQ(Canonical("select a b c from t"), "error: syntax error at position 13 near 'c'");
  EXPECT_EQ(Canonical("select 'abc"), "error: syntax error at position 12 near 'abc'");
  EXPECT_EQ(Canonical(""), "error: Query was empty");
  Arena arena;
  const Result<const Statement*> parsed = Parse(arena, "selec 1");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().mysql_errno(), 1064);
}

TEST(ParserTest, DeepNestingIsAnErrorNotACrash) {
  for (const char* open : {"(", "not ", "-", "(select ", "case when "}) {
    std::string sql = "select ";
    for (int i = 0; i < 10000; ++i) sql += open;
    const std::string text = Canonical(sql + "1");
    EXPECT_TRUE(text.starts_with("error: ")) << open;
  }
}

TEST(ParserTest, WordsItOnlyPlacesBecomeOtherStatements) {
  Arena arena;
  const Result<const Statement*> parsed = Parse(arena, "create package p as end");
  ASSERT_TRUE(parsed.ok());
  ASSERT_TRUE((*parsed)->Is<OtherStatement>());
  EXPECT_EQ((*parsed)->Get<OtherStatement>().verb, "create package");
}

TEST(ParserTest, AVariableWithoutANameIsNone) {
  for (const std::string_view sql : {"select @@session.", "select @@keycache.", "select @@.x"}) {
    Arena arena;
    EXPECT_FALSE(Parse(arena, sql).ok()) << sql;
  }
  Arena arena;
  EXPECT_TRUE(Parse(arena, "select @@hot.key_buffer_size, @@session.sql_mode").ok());
}

TEST(ParserTest, AttributesOfEnginesAreReadAgain) {
  Arena arena;
  const Result<const Statement*> parsed =
      Parse(arena, "create table t (a int) odd_name=5 engine=x");
  ASSERT_TRUE(parsed.ok());
  Arena second;
  EXPECT_TRUE(Parse(second, ToString(*parsed)).ok()) << ToString(*parsed);
}

TEST(RewriteTest, SharesWhatDoesNotChange) {
  Arena arena;
  const Result<const Statement*> parsed = Parse(arena, "select a, b from t where a = 1 and b = 2");
  ASSERT_TRUE(parsed.ok());
  const Node* made = Rewrite(arena, *parsed, [&](const Node* node) -> const Node* {
    if (!node->Is<Literal>() || node->Get<Literal>().text != "2") return node;
    return MakeBindVar(arena, "x");
  });
  EXPECT_EQ(ToString(made), "select a, b from t where a = 1 and b = :x");
  EXPECT_EQ(ToString(*parsed), "select a, b from t where a = 1 and b = 2");
  EXPECT_FALSE(Equal(made, *parsed));
  EXPECT_TRUE(Equal(DeepCopy(arena, made), made));
  EXPECT_EQ(Hash(DeepCopy(arena, made)), Hash(made));
}

TEST(RedactTest, TakesValuesOut) {
  EXPECT_EQ(Redact("select * from t where a = 'secret' and b = 5"),
            "select * from t where a = :redacted1 and b = :redacted2");
}

}  // namespace
}  // namespace tessera::sqlparser
