// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Any text cut into statements: pieces lie in order and apart; what is one statement stays one,
// also with another behind it. A comment behind a semicolon is a piece that is no statement.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "sqlparser/ast_session.h"
#include "sqlparser/internal/fuzz_mutator.h"
#include "sqlparser/split.h"

using namespace tessera::sqlparser;

namespace {

bool IsComment(std::string_view sql) {
  tessera::Arena arena;
  const auto parsed = Parse(arena, sql);
  return parsed.ok() && (*parsed)->Is<CommentOnly>();
}

// How many pieces hold statements.
size_t CountStatements(std::string_view sql) {
  const auto pieces = SplitStatements(sql);
  if (!pieces.ok()) return 0;
  size_t end = 0;
  size_t statements = 0;
  for (const StatementPiece& piece : *pieces) {
    CHECK(piece.offset >= end && piece.length > 0);
    CHECK(piece.offset + piece.length <= sql.size());
    end = piece.offset + piece.length;
    statements += IsComment(sql.substr(piece.offset, piece.length)) ? 0 : 1;
  }
  return statements;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view sql(reinterpret_cast<const char*>(data), size);
  (void)CountStatements(sql);
  const auto first = SplitFirst(sql);
  if (first.ok()) CHECK(first->first.size() + first->second.size() <= sql.size());
  ParseOptions strict;
  strict.allow_other = strict.allow_partial_ddl = false;
  tessera::Arena arena;
  const auto parsed = Parse(arena, sql, strict);
  if (!parsed.ok() || (*parsed)->Is<CommentOnly>()) return 0;
  CHECK(CountStatements(sql) == 1);
  CHECK(CountStatements(std::string(sql) + "\n; select 1") == 2);
  return 0;
}
