// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Any text as SQL, under any rules of reading: a tree or an error that says where. The whole input
// is the text, so that corpora can be read and written by hand.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "sqlparser/internal/fuzz_mutator.h"
#include "sqlparser/parser.h"
#include "sqlparser/split.h"

using namespace tessera::sqlparser;

namespace {

void ParseUnder(std::string_view sql, const ParseOptions& options) {
  tessera::Arena arena;
  ErrorPlace place;
  const auto parsed = Parse(arena, sql, options, &place);
  if (parsed.ok() || !place.known) return;
  CHECK(place.begin <= place.end && place.end <= sql.size());
  CHECK(place.line >= 1 && place.column >= 1);
  CHECK(!CaretForm(sql, place).empty());
  CHECK(!MysqlSyntaxMessage(sql, place.begin).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view sql(reinterpret_cast<const char*>(data), size);
  ParseUnder(sql, {});
  ParseOptions strict;
  strict.allow_other = strict.allow_partial_ddl = false;
  ParseUnder(sql, strict);
  ParseOptions ansi;
  ansi.mode = ParseSqlMode("ANSI,NO_BACKSLASH_ESCAPES,HIGH_NOT_PRECEDENCE");
  ansi.encoding = TextEncoding::kGbk;
  ParseUnder(sql, ansi);
  (void)Redact(sql);
  return 0;
}
