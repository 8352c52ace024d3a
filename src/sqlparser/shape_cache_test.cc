// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/shape_cache.h"

#include <gtest/gtest.h>

namespace tessera::sqlparser {
namespace {

// What a scan gives, in one line.
std::string Describe(const Fingerprint& f) {
  std::string out = std::string(f.text) + " |" + std::string(f.directives);
  for (const auto& list : {f.values, f.items}) {
    for (const FingerprintValue& value : list)
      out += " " + std::string(ValueTypeName(value.type)) + ":" + std::string(value.bytes);
  }
  return out;
}

std::string Scanned(std::string_view sql, const ParseOptions& options, ShapeCache* shapes) {
  Fingerprint fingerprint;
  const Result<> done = fingerprint.Scan(sql, options, shapes);
  return done.ok() ? Describe(fingerprint) : done.error().message();
}

TEST(ShapeCacheTest, KnowsAStatementWithOtherValues) {
  ShapeCache shapes;
  Fingerprint out;
  EXPECT_FALSE(shapes.Find("select a from t where id = 1 and b = 'x'", {}, out));
  ASSERT_TRUE(out.Scan("select a from t where id = 1 and b = 'x'", {}, &shapes).ok());
  ASSERT_TRUE(shapes.Find("select a from t where id = -207 and b = 'it''s'", {}, out));
  EXPECT_EQ(Describe(out),
            "select a from t where id = :vtg1 and b = :vtg2 | INT64:-207 VARCHAR:it's");
  // Another word, another type of value, or a rest: not this shape.
  EXPECT_FALSE(shapes.Find("select a from t where ix = 1 and b = 'x'", {}, out));
  EXPECT_FALSE(shapes.Find("select a from t where id = '1' and b = 'x'", {}, out));
  EXPECT_FALSE(shapes.Find("select a from t where id = 1 and b = 'x' limit 1", {}, out));
  EXPECT_FALSE(shapes.Find("select a from t where id = 1 and b = 'x", {}, out));
}

// A cached shape must never change what a scan gives: each of these comes close to one before it.
TEST(ShapeCacheTest, ChangesNothing) {
  const char* const kStatements[] = {
      "select a from t where x = 1 and y = 2",
      "select a from t where x = 2 and y = 2",  // one value, not two
      "select a from t where x = 1 and y = 1",
      "select a from t where x = 3 and y = 4",
      "select a from t where x = -1 and y = 2",
      "select a from t where x = - 1 and y = 2",
      "select a from t where x = --1 and y = 2",
      "select a from t where x = 1.5 and y = 2",
      "select a from t where x = 1e5 and y = 2",
      "select a from t where x = 0x1f and y = 2",
      "select a from t where x = -0x1f and y = 2",
      "select a from t where x = 1a and y = 2",
      "select a from t where x = 'a' and y = 2",
      "select a from t where x = 'a' 'b' and y = 2",
      "select a from t where x = 'a''b' and y = 2",
      "select a from t where x = 'a\\'b' and y = 2",
      "select a from t where x = - 'a' and y = 2",
      "select a from t where x in (1, 2)",
      "select a from t where x in (1, 2, 'c', -4)",
      "select a from t where x in (1)",
      "select a from t where x in (1, b)",
      "select a from t where x in (-1, b)",
      "select a from t where x in ()",
      "select a from t where x in (1, 2",
      "select a - 1 from t where b - 1 = 2",
      "select a - 1 from t where b - -1 = 2",
      "select a from t limit 5",
      "select a from t limit 18446744073709551616",
      "select /*vt+ A=1 */ a from t where x = 1",
      "select /*vt+ A=2 */ a from t where x = 1",
      "select a from t order by 1",
      "select a from t order by 2",
      "/* trace 1 */ select a from t where x = 1",
      "select a from t where x = 1 /* trace 1 */",
      "select a from t where x = 1 -- trace 1",
      "select a from t where x = 1; ",
      "select a from t where x = b'1'",
      "select a from t where x = b''",
      "set a = 1",
      "set a = 2",
      "begin",
      "",
  };
  ShapeCache shapes;
  for (int round = 0; round < 2; ++round) {
    for (const char* sql : kStatements)
      EXPECT_EQ(Scanned(sql, {}, &shapes), Scanned(sql, {}, nullptr)) << sql;
  }
}

// Found by fuzzing: values in one statement whose bytes in the other belong to the text in front or
// behind. Both orders.
TEST(ShapeCacheTest, ChangesNothingWhereAValueTouchesItsNeighbours) {
  const std::pair<const char*, const char*> kPairs[] = {
      {"select a from t where b = :1.5", "select a from t where b = :15.5"},
      {"select a from t where b = :.5", "select a from t where b = :5.5"},
      {"select a from t where b = :-5", "select a from t where b = :5"},
      {"select a from t where b = ?.5", "select a from t where b = ?5.5"},
      {"select a from t where b = a->-5", "select a from t where b = a->5"},
      {"select a from t where b = a-> -5", "select a from t where b = a-> 5"},
      {"select a from t where b = a->>-5", "select a from t where b = a->>5"},
      {"select a from t where b = a. -5", "select a from t where b = a. 5"},
      {"select a from t where b and-5", "select a from t where b and5"},
      {"select a from t where b = /*!5 */", "select a from t where b = /*!99999 */"},
      {"select a from t where b = /*!-50000 */", "select a from t where b = /*!50000 */"},
      {"select a from t where b = -/*! 5*/", "select a from t where b = 5*/"},
      {"select a from t where b in (1) */", "select a from t where b in (1 /*!, 2) */"},
      {"select a from t where b = 1.5e-.5", "select a from t where b = 1.5e-5.5"},
      {"select a from t where b = 3E+0e-5", "select a from t where b = 3E+1.e-5"},
      {"select a from t where b = N'x'\"y\"", "select a from t where b = N'x''y'"},
      {"select a from t where b = -5 collate c", "select a from t where b = 5 collate c"},
      {"select a from t where b or x\"41\"", "select a from t where b or x'41'"},
      {"select a from t where b = @@c.\"d\"", "select a from t where b = @@c.'d'"},
      {"select a from t where /*! b in (1,*/ 3)",
       "select a from t where /*! b in (5 /*!, 6,*/ -7)"},
      {"select a from t where /*! b in (1, 3) */",
       "select a from t where /*! b in (5 /*!, 6 */) */"},
      {"select a from t for update wait 5.5 .5", "select a from t for update wait 5.5 5.5"},
      {"select a from t for update wait 5.5.5", "select a from t for update wait 5.51.5"},
  };
  for (const auto& [one, other] : kPairs) {
    ShapeCache forwards;
    EXPECT_EQ(Scanned(one, {}, &forwards), Scanned(one, {}, nullptr)) << one;
    EXPECT_EQ(Scanned(other, {}, &forwards), Scanned(other, {}, nullptr)) << one;
    ShapeCache backwards;
    EXPECT_EQ(Scanned(other, {}, &backwards), Scanned(other, {}, nullptr)) << other;
    EXPECT_EQ(Scanned(one, {}, &backwards), Scanned(one, {}, nullptr)) << other;
  }
}

TEST(ShapeCacheTest, KnowsValuesWithoutBlanks) {
  ShapeCache shapes;
  Fingerprint out;
  ASSERT_TRUE(out.Scan("select a from t where b like'x'", {}, &shapes).ok());
  EXPECT_TRUE(shapes.Find("select a from t where b like'y'", {}, out));
  ASSERT_TRUE(out.Scan("select a from t where b=5 and c<-3", {}, &shapes).ok());
  EXPECT_TRUE(shapes.Find("select a from t where b=-7 and c<3", {}, out));
  ASSERT_TRUE(out.Scan("select a from t where price-5 > 2+3", {}, &shapes).ok());
  EXPECT_TRUE(shapes.Find("select a from t where price-6 > 4+1", {}, out));
}

TEST(ShapeCacheTest, RulesOfReadingAreOfAShape) {
  ShapeCache shapes;
  ParseOptions ansi;
  ansi.mode = ParseSqlMode("ANSI_QUOTES");
  const char* const sql = "select a from t where x = \"y\"";
  EXPECT_EQ(Scanned(sql, {}, &shapes), "select a from t where x = :vtg1 | VARCHAR:y");
  EXPECT_EQ(Scanned(sql, ansi, &shapes), "select a from t where x = \"y\" |");
  EXPECT_EQ(Scanned(sql, {}, &shapes), "select a from t where x = :vtg1 | VARCHAR:y");
  // And which version comments count.
  ParseOptions old;
  old.version = 50700;
  ParseOptions none;
  none.version_comments = false;
  ParseOptions old_mariadb;
  old_mariadb.mariadb_version = 100500;
  const char* const commented = "select a /*!80000 , b */ /*M!100600 , c */ from t where x = 1";
  for (const ParseOptions& options : {ParseOptions{}, old, old_mariadb, none, ParseOptions{}})
    EXPECT_EQ(Scanned(commented, options, &shapes), Scanned(commented, options, nullptr));
}

TEST(ShapeCacheTest, IsBounded) {
  ShapeCache shapes(16);
  Fingerprint out;
  for (int i = 0; i < 1000; ++i) {
    const std::string sql = "select c" + std::to_string(i) + " from t where x = 1";
    ASSERT_TRUE(out.Scan(sql, {}, &shapes).ok());
  }
  EXPECT_TRUE(shapes.Find("select c999 from t where x = 2", {}, out));
  EXPECT_FALSE(shapes.Find("select c0 from t where x = 2", {}, out));
}

}  // namespace
}  // namespace tessera::sqlparser
