// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "sqlparser/ast.h"
#include "sqlparser/sql_mode.h"

namespace tessera::sqlparser {

struct TableName;

struct ParseOptions {
  SqlMode mode;
  TextEncoding encoding = TextEncoding::kPlain;
  // Version for /*!NNNNN ... */: what is in them counts when NNNNN is not above it.
  uint32_t version = 80400;
  // /*M! ... */ counts too, by this version (10.11 is 101100).
  uint32_t mariadb_version = 101100;
  // False: comments of the form /*! ... */ are comments like others, whatever is in them.
  bool version_comments = true;
  // Statements the grammar knows only by their first words become OtherStatement; else an error.
  bool allow_other = true;
  // CREATE TABLE and ALTER TABLE whose tail begins with an unknown word, and CREATE DATABASE with
  // any tail, are kept with fully_parsed false; else they are errors.
  bool allow_partial_ddl = true;
  // `@x := 1` and such deep trees: how deep a tree may get before it is refused.
  uint32_t max_depth = 2000;
};

// Where a text stopped being SQL: the offending token's bytes, and its line and column (in
// characters of UTF-8), both from one.
struct ErrorPlace {
  bool known = false;
  uint32_t begin = 0;
  uint32_t end = 0;
  uint32_t line = 0;
  uint32_t column = 0;
};

// One statement, with or without a semicolon behind it. The tree is in arena and does not point
// into sql. Errors: kInvalidArgument, errno 1064 (syntax), 1065 (nothing to parse), 1436 (too
// deep); a syntax error's message is Vitess's: "syntax error at position 12 near 'x'". `place`,
// when given, learns where it is.
Result<const Statement*> Parse(Arena& arena, std::string_view sql, const ParseOptions& options = {},
                               ErrorPlace* place = nullptr);

// One expression ("a = 1 and b > 2"), as in ParseOptions.
Result<const Expr*> ParseExpr(Arena& arena, std::string_view sql, const ParseOptions& options = {});

// "table" or "database.table", as written in SQL.
Result<const TableName*> ParseTableName(Arena& arena, std::string_view sql);

// MySQL's text for a syntax error at byte `offset` of sql ("You have an error in your SQL
// syntax; ... near '...' at line 1").
std::string MysqlSyntaxMessage(std::string_view sql, size_t offset);

// For people: the line of sql that place is in, and below it a caret under the place.
//   select 1 form t
//                 ^
std::string CaretForm(std::string_view sql, const ErrorPlace& place);

}  // namespace tessera::sqlparser
