// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/sql_mode.h"

#include "sqlparser/ast.h"

namespace tessera::sqlparser {

namespace {

void Turn(SqlMode& mode, std::string_view word) {
  const auto is = [word](std::string_view name) { return Ident::EqualNoCase(word, name); };
  // MariaDB's composite modes; each stands for at least these three.
  const bool ansi =
      is("ANSI") || is("ORACLE") || is("MSSQL") || is("DB2") || is("POSTGRESQL") || is("MAXDB");
  if (ansi || is("ANSI_QUOTES")) mode.ansi_quotes = true;
  if (ansi || is("PIPES_AS_CONCAT")) mode.pipes_as_concat = true;
  if (ansi || is("IGNORE_SPACE")) mode.ignore_space = true;
  if (is("NO_BACKSLASH_ESCAPES")) mode.no_backslash_escapes = true;
  if (is("HIGH_NOT_PRECEDENCE") || is("MYSQL323") || is("MYSQL40")) mode.high_not_precedence = true;
}

}  // namespace

TextEncoding EncodingOfCharset(std::string_view charset) {
  const auto is = [charset](std::string_view name) { return Ident::EqualNoCase(charset, name); };
  if (is("gbk") || is("gb2312")) return TextEncoding::kGbk;
  if (is("gb18030")) return TextEncoding::kGb18030;
  if (is("big5")) return TextEncoding::kBig5;
  if (is("sjis") || is("cp932")) return TextEncoding::kSjis;
  return TextEncoding::kPlain;
}

SqlMode ParseSqlMode(std::string_view text) {
  SqlMode mode;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view word = text.substr(0, comma);
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
    Turn(mode, word);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return mode;
}

}  // namespace tessera::sqlparser
