// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/fingerprint.h"

#include <gtest/gtest.h>

#include "sqlparser/directives.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {
namespace {

TEST(FingerprintTest, TakesValuesOut) {
  const std::pair<const char*, const char*> kCases[] = {
      {"select a from t where id = 5", "select a from t where id = :vtg1"},
      {"select a from t where id = -5 and n = 'x'",
       "select a from t where id = :vtg1 and n "
       "= :vtg2"},
      {"select a from t where id in (1, 2, 3) limit 10",
       "select a from t where id in ::vtg1 limit :vtg2"},
      {"select a from t order by 1", "select a from t order by 1"},
      {"select 1, 'x' y from t where b = 1", "select 1, 'x' y from t where b = :vtg1"},
      {"insert into t(a, b) values (1, 'it''s'), (2, null)",
       "insert into t(a, b) values (:vtg1, :vtg2), (:vtg3, null)"},
      {"update t set a = 7 where id = 7", "update t set a = :vtg1 where id = :vtg1"},
      {"select a from t where b = cast(c as char(10))",
       "select a from t where b = cast(c as char(10))"},
      {"select a from t where a in (1, b)", "select a from t where a in (:vtg1, b)"},
      {"create table t (a int default 5)", "create table t (a int default 5)"},
      {"select 1 /*!50000 + 1 */, /* b */ a from t", "select 1 + 1 , /* b */ a from t"},
      {"set autocommit = 1", "set autocommit = 1"},
      {"select a from t where b = N'x'-5", "select a from t where b = N'x' - :vtg1"},
      {"select a from t where b = N'x' 'y'", "select a from t where b = N'x' 'y'"},
      {"insert into t values (\\N, NULL)", "insert into t values (null, null)"},
      {"select \\N, \\N from t", "select \\N, \\N from t"},
      {"update t set a = . 3t.b", "update t set a =. 3t.b"},
      {"select a from t where convert(b using 'utf8') = 'c'",
       "select a from t where convert(b using 'utf8') = :vtg1"},
      {"select a from t where cast(b as char character set 'utf8') = 'c'",
       "select a from t where cast(b as char character set 'utf8') = :vtg1"},
      {"select a from t where b = -5 /* c */ collate x",
       "select a from t where b = - :vtg1 collate x"},
      {"set @a = 1 --#c\n2", "set @a = 1 --/**/2"},
      {"set @a = 1 --/* c */2", "set @a = 1 --/* c */ 2"},
      {"select a --/*! 5 */-b from t", "select a --/**/5 -b from t"},
  };
  Fingerprint fingerprint;
  for (const auto& [sql, want] : kCases) {
    ASSERT_TRUE(fingerprint.Scan(sql).ok()) << sql;
    EXPECT_EQ(fingerprint.text, want);
    Arena arena;
    EXPECT_TRUE(Parse(arena, fingerprint.text).ok()) << fingerprint.text;
  }
}

// The parser refuses it, and must have the chance: as "b.null" it would be a table.
TEST(FingerprintTest, TheSignForNullBehindADotBecomesNoName) {
  Fingerprint fingerprint;
  ASSERT_TRUE(fingerprint.Scan("delete a from b . \\N").ok());
  EXPECT_EQ(fingerprint.text, "delete a from b.\\N");
}

TEST(FingerprintTest, TellsTypesAndLists) {
  Fingerprint fingerprint;
  ASSERT_TRUE(
      fingerprint.Scan("select a from t where b in (1, -2, 'x') and c = 1.5 and d = x'4142'").ok());
  ASSERT_EQ(fingerprint.values.size(), 3u);
  EXPECT_EQ(fingerprint.values[0].type, ValueType::kTuple);
  ASSERT_EQ(fingerprint.items.size(), 3u);
  EXPECT_EQ(fingerprint.items[1].bytes, "-2");
  EXPECT_EQ(fingerprint.items[1].type, ValueType::kInt64);
  EXPECT_EQ(fingerprint.items[2].type, ValueType::kVarChar);
  EXPECT_EQ(fingerprint.values[1].type, ValueType::kDecimal);
  EXPECT_EQ(fingerprint.values[2].type, ValueType::kHexVal);
}

TEST(FingerprintTest, SameShapeSameHash) {
  Fingerprint a;
  Fingerprint b;
  ASSERT_TRUE(a.Scan("select x from t where id = 1").ok());
  ASSERT_TRUE(b.Scan("select  x\nfrom t where id =  22;").ok());
  EXPECT_EQ(a.hash, b.hash);
  ASSERT_TRUE(b.Scan("select y from t where id = 1").ok());
  EXPECT_NE(a.hash, b.hash);
  EXPECT_FALSE(b.Scan("select 'x").ok());
  EXPECT_FALSE(b.Scan("  ").ok());
}

TEST(FingerprintTest, KeepsDirectives) {
  Fingerprint fingerprint;
  ASSERT_TRUE(fingerprint
                  .Scan("/* a */ select /*vt+ SCATTER_ERRORS_AS_WARNINGS N=5 */ a "
                        "from t")
                  .ok());
  EXPECT_EQ(fingerprint.kind, StatementKind::kSelect);
  EXPECT_EQ(fingerprint.leading_comments, "/* a */");
  const Directives directives(fingerprint.directives);
  EXPECT_TRUE(directives.IsSet("scatter_errors_as_warnings"));
  EXPECT_EQ(directives.Find("n").value_or(""), "5");
}

TEST(Fingerprint, TheFirstWordOfASelectListKeepsItsCase) {
  Fingerprint fingerprint;
  ASSERT_TRUE(fingerprint.Scan("SELECT NULL AND a, NULL AND b FROM t WHERE NULL").ok());
  EXPECT_EQ(fingerprint.text, "select NULL AND a, NULL AND b from t where null");
}

}  // namespace
}  // namespace tessera::sqlparser
