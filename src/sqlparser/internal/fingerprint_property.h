// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include "sqlparser/ast_nodes.h"
#include "sqlparser/fingerprint.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/rewrite.h"

// For tests and fuzzing: what a fingerprint owes to the tree of its statement.
namespace tessera::sqlparser {

// A value as SQL that reads as its literal.
inline std::string LiteralText(const FingerprintValue& value) {
  std::string out;
  if (value.type == ValueType::kVarChar) {
    AppendQuoted(out, value.bytes);
  } else {
    out = value.bytes;
  }
  return out;
}

inline const Expr* LiteralOf(Arena& arena, const FingerprintValue& value) {
  const Result<const Expr*> literal = ParseExpr(arena, LiteralText(value));
  return literal.ok() ? *literal : nullptr;
}

// The fingerprint's tree with its variables replaced by their values again; nullptr when a value
// does not read as one.
inline const Node* PutValuesBack(Arena& arena, const Node* tree, const Fingerprint& fingerprint) {
  bool readable = true;
  const auto put = [&](const Node* node) -> const Node* {
    const BindVar* variable = node->As<BindVar>();
    if (variable == nullptr || !variable->name.starts_with("vtg")) return node;
    const size_t number = std::strtoul(std::string(variable->name.substr(3)).c_str(), nullptr, 10);
    if (number == 0 || number > fingerprint.values.size()) return node;
    const FingerprintValue& value = fingerprint.values[number - 1];
    if (value.type != ValueType::kTuple) {
      const Expr* literal = LiteralOf(arena, value);
      readable &= literal != nullptr;
      return readable ? literal : node;
    }
    std::vector<const Expr*> items;
    for (uint32_t i = value.tuple_begin; i < value.tuple_end; ++i)
      items.push_back(LiteralOf(arena, fingerprint.items[i]));
    TupleExpr* tuple = NewNode<TupleExpr>(arena);
    tuple->items = MakeList(arena, items);
    return tuple;
  };
  const Node* out = Rewrite(arena, tree, put);
  return readable ? out : nullptr;
}

// What is wrong with the fingerprint of a statement that parses; empty when nothing is. Its text
// must parse, and with the values put back it must be the same statement.
inline std::string FingerprintFault(std::string_view sql, const Fingerprint& fingerprint) {
  Arena arena;
  const Result<const Statement*> whole = Parse(arena, sql);
  if (!whole.ok() || fingerprint.kind == StatementKind::kComment) return "";
  const Result<const Statement*> text = Parse(arena, fingerprint.text);
  if (!text.ok()) return "its text does not parse: " + text.error().message();
  // What is not read keeps its source, of which blanks and comments are not in the text.
  if ((*whole)->Is<OtherStatement>() && (*text)->Is<OtherStatement>()) return "";
  const Node* again = PutValuesBack(arena, *text, fingerprint);
  if (again == nullptr) return "a value does not read as a literal";
  if (!Equal(*whole, again)) return "with its values it is " + ToString(again);
  return "";
}

}  // namespace tessera::sqlparser
