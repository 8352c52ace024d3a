// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/lexer.h"

#include <string>

#include <gtest/gtest.h>

#include "sqlparser/printer.h"

namespace tessera::sqlparser {
namespace {

// The tokens' texts, each between < and >, an error as !.
std::string Tokens(std::string_view sql, const ParseOptions& options = {}) {
  std::string out;
  Lexer lexer(sql, options);
  while (true) {
    const Token token = lexer.Next();
    if (token.type == Tok::kEnd) return out;
    if (token.type == Tok::kError) return out + "!";
    out += "<" + std::string(sql.substr(token.begin, token.end - token.begin)) + ">";
  }
}

TEST(LexerTest, CutsWords) {
  EXPECT_EQ(Tokens("select a1,`b c`.d  from\tt"), "<select><a1><,><`b c`><.><d><from><t>");
  // Names of every length around the sixteen bytes that are read at a time.
  for (size_t size = 1; size < 70; ++size) {
    const std::string name(size, 'x');
    EXPECT_EQ(Tokens(name + "+" + name), "<" + name + "><+><" + name + ">");
    EXPECT_EQ(Tokens("'" + name + "''" + name + "'"), "<'" + name + "''" + name + "'>");
  }
  EXPECT_EQ(Tokens("größe = 1"), "<größe><=><1>");
}

TEST(LexerTest, CutsNumbers) {
  EXPECT_EQ(Tokens("1 1.5 .5 1e3 1.e-3 0x1F 0b01 1a 0xg"),
            "<1><1.5><.5><1e3><1.e-3><0x1F><0b01><1a><0xg>");
  EXPECT_EQ(Tokens("a.1b - 5"), "<a><.><1b><-><5>");
}

TEST(LexerTest, SkipsCommentsAndEntersThoseOfVersions) {
  EXPECT_EQ(Tokens("a -- b\nc # d\ne --f"), "<a><c><e><-><-><f>");
  EXPECT_EQ(Tokens("a /*! b */ c /*!99999 d */ /* e */"), "<a><b><c></* e */>");
  EXPECT_EQ(Tokens("a /*M!100100 b */ /*M!999999 c */"), "<a><b>");
  EXPECT_EQ(Tokens("a /* b"), "<a>!");
}

TEST(LexerTest, KeywordsHaveNoCase) {
  for (const std::string_view word : {"select", "sElEcT", "SELECT"})
    EXPECT_EQ(LookupKeyword(word), Kw::kSelect) << word;
  EXPECT_EQ(LookupKeyword("selec"), Kw::kNone);
  EXPECT_EQ(LookupKeyword("selects"), Kw::kNone);
  EXPECT_EQ(LookupKeyword("CURRENT_TIMESTAMP"), Kw::kCurrentTimestamp);
  EXPECT_EQ(LookupKeyword("CURRENT_LIMESTAMP"), Kw::kNone);  // alike at both ends
  EXPECT_EQ(LookupKeyword(""), Kw::kNone);
  for (uint16_t i = 1; i <= static_cast<uint16_t>(Kw::kZerofill); ++i) {
    const Kw word = static_cast<Kw>(i);
    EXPECT_EQ(LookupKeyword(KeywordText(word)), word) << KeywordText(word);
  }
}

TEST(LexerTest, StringsFollowTheMode) {
  EXPECT_EQ(Tokens("'a\\'b' c"), "<'a\\'b'><c>");
  ParseOptions options;
  options.mode = ParseSqlMode("NO_BACKSLASH_ESCAPES");
  EXPECT_EQ(Tokens("'a\\' b", options), "<'a\\'><b>");
  options.mode = ParseSqlMode("ANSI");
  EXPECT_TRUE(options.mode.ansi_quotes && options.mode.pipes_as_concat &&
              options.mode.ignore_space);
  EXPECT_EQ(Tokens("\"a\"\"b\" c", options), "<\"a\"\"b\"><c>");
}

// 0xbf5c is one character of GBK whose second byte looks like a backslash; so does 0x835c of SJIS.
TEST(LexerTest, ATrailByteIsNoBackslash) {
  const std::string gbk = "'\xbf\x5c' or 1";
  EXPECT_EQ(Tokens(gbk), "!");  // as UTF-8 the quote is escaped and the string never ends
  ParseOptions options;
  options.encoding = EncodingOfCharset("gbk");
  EXPECT_EQ(Tokens(gbk, options), "<'\xbf\x5c'><or><1>");
  Arena arena;
  const auto parsed = Parse(arena, "select " + gbk, options);
  ASSERT_TRUE(parsed.ok());
  options.encoding = EncodingOfCharset("CP932");
  EXPECT_EQ(Tokens("'\x83\x5c' a", options), "<'\x83\x5c'><a>");
  options.encoding = EncodingOfCharset("gb18030");
  EXPECT_EQ(Tokens("'\x81\x30\x81\x30\xa1\x5c' a", options), "<'\x81\x30\x81\x30\xa1\x5c'><a>");
  EXPECT_EQ(EncodingOfCharset("utf8mb4"), TextEncoding::kPlain);
}

}  // namespace
}  // namespace tessera::sqlparser
