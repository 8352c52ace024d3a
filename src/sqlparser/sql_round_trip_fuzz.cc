// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is read and printed for a server is the same statement when it is read again. Vitess's
// canonical text leaves some things out (the collation of SET NAMES, DELAYED, all of DO): there the
// text printed again must be the same text.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "sqlparser/internal/fuzz_mutator.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/rewrite.h"
#include "sqlparser/visitor.h"

using namespace tessera::sqlparser;

namespace {

// Aborts with both texts.
void Fail(const char* what, const std::string& text, const std::string& other) {
  std::fprintf(stderr, "%s\n  %s\n  %s\n", what, text.c_str(), other.c_str());
  CHECK(false);
}

// What servers do not have of a query: other clauses of locks than MariaDB's, hints on vindexes.
template <class Query>
const Node* WithServersLocks(tessera::Arena& arena, const Query& query) {
  Query* copy = CopyNode(arena, &query);
  switch (query.lock) {
    case LockMode::kForShare:
      copy->lock = LockMode::kLockInShareMode;
      break;
    case LockMode::kForShareNowait:
      copy->lock = LockMode::kLockInShareModeNowait;
      break;
    case LockMode::kForShareSkipLocked:
      copy->lock = LockMode::kLockInShareModeSkipLocked;
      break;
    default:
      break;
  }
  copy->lock_of = {};
  copy->more_locks = {};
  return copy;
}

const Node* WithoutVindexHints(tessera::Arena& arena, const AliasedTable& table) {
  AliasedTable* copy = CopyNode(arena, &table);
  std::vector<const IndexHint*> hints;
  for (const IndexHint* hint : table.hints) {
    if (hint->type < IndexHintType::kUseVindex) hints.push_back(hint);
  }
  copy->hints = MakeList(arena, hints);
  return copy;
}

const Node* AsServersHaveIt(tessera::Arena& arena, const Node* statement) {
  return Rewrite(arena, statement, [&](const Node* node) -> const Node* {
    if (const auto* query = node->As<Select>()) return WithServersLocks(arena, *query);
    if (const auto* query = node->As<SetOperation>()) return WithServersLocks(arena, *query);
    if (const auto* query = node->As<ValuesStatement>()) return WithServersLocks(arena, *query);
    if (const auto* table = node->As<AliasedTable>()) return WithoutVindexHints(arena, *table);
    return node;
  });
}

void ServerText(const Statement* statement) {
  PrintOptions print;
  print.dialect = Dialect::kServer;
  const std::string text = ToString(statement, print);
  tessera::Arena arena;
  const auto again = Parse(arena, text);
  if (!again.ok()) Fail("the server's text does not parse", text, again.error().message());
  const Node* meant = AsServersHaveIt(arena, statement);
  if (!Equal(meant, *again)) Fail("another tree", Dump(meant), Dump(*again));
  CHECK(Hash(meant) == Hash(*again));
  print.name_columns = true;  // as a gate sends it on: other names, so not the same tree
  (void)ToString(statement, print);
}

void CanonicalText(const Statement* statement) {
  const std::string text = ToString(statement);
  // What Vitess writes for statements it only passes on.
  if (text.find("otheradmin") != std::string::npos) return;
  tessera::Arena arena;
  const auto again = Parse(arena, text);
  if (!again.ok()) Fail("the canonical text does not parse", text, again.error().message());
  const std::string second = ToString(*again);
  if (second != text) Fail("another canonical text", text, second);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view sql(reinterpret_cast<const char*>(data), size);
  tessera::Arena arena;
  ParseOptions strict;
  strict.allow_other = strict.allow_partial_ddl = false;
  const auto parsed = Parse(arena, sql, strict);
  if (!parsed.ok()) return 0;
  ServerText(*parsed);
  CanonicalText(*parsed);
  tessera::Arena copies;
  CHECK(Equal(*parsed, DeepCopyAs<Statement>(copies, *parsed)));
  return 0;
}
