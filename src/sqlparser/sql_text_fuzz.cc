// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Any text as SQL: read and printed, fingerprinted, split, redacted. The whole input is the text,
// so that corpora can be read and written by hand.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "sqlparser/fingerprint.h"
#include "sqlparser/printer.h"
#include "sqlparser/split.h"

using namespace tessera::sqlparser;

namespace {

// All that a gate takes, as it sends it on.
void PrintForServer(std::string_view sql) {
  PrintOptions print;
  print.dialect = Dialect::kServer;
  print.name_columns = true;
  tessera::Arena arena;
  const auto parsed = Parse(arena, sql);
  if (parsed.ok()) (void)ToString(*parsed, print);
}

void Split(std::string_view sql) {
  const auto pieces = SplitStatements(sql);
  if (!pieces.ok()) return;
  size_t end = 0;
  for (const StatementPiece& piece : *pieces) {
    CHECK(piece.offset >= end && piece.length > 0);
    CHECK(piece.offset + piece.length <= sql.size());
    end = piece.offset + piece.length;
  }
}

void Scan(std::string_view sql) {
  static Fingerprint& kept = *new Fingerprint;  // reused, as a connection does
  if (!kept.Scan(sql).ok()) return;
  Fingerprint fresh;
  CHECK(fresh.Scan(sql).ok());
  CHECK(fresh.hash == kept.hash && fresh.text == kept.text);
  CHECK(fresh.values.size() == kept.values.size());
  for (const FingerprintValue& value : fresh.values) {
    CHECK(value.tuple_begin <= value.tuple_end && value.tuple_end <= fresh.items.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view sql(reinterpret_cast<const char*>(data), size);
  PrintForServer(sql);
  Scan(sql);
  Split(sql);
  (void)SplitFirst(sql).ok();
  (void)Redact(sql);
  return 0;
}
