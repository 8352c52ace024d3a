// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is read and printed is the same statement when it is read again, whatever the printer's
// dialect.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/rewrite.h"

using namespace tessera::sqlparser;

namespace {

void RoundTrip(const Statement* statement, const PrintOptions& print) {
  const std::string text = ToString(statement, print);
  tessera::Arena arena;
  const auto again = Parse(arena, text);
  CHECK(again.ok());
  CHECK(Equal(statement, *again));
  CHECK(Hash(statement) == Hash(*again));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view sql(reinterpret_cast<const char*>(data), size);
  tessera::Arena arena;
  const auto parsed = Parse(arena, sql);
  if (!parsed.ok()) return 0;
  PrintOptions print;
  RoundTrip(*parsed, print);
  print.dialect = Dialect::kServer;
  RoundTrip(*parsed, print);
  print.name_columns = true;  // as a gate sends it on: other names, so not the same tree
  (void)ToString(*parsed, print);
  tessera::Arena copies;
  CHECK(Equal(*parsed, DeepCopyAs<Statement>(copies, *parsed)));
  return 0;
}
