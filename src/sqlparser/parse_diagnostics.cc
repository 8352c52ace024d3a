// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {
namespace {

constexpr std::string_view kConditionItems[] = {
    "catalog_name",      "class_origin",    "column_name",  "constraint_catalog", "constraint_name",
    "constraint_schema", "cursor_name",     "message_text", "mysql_errno",        "row_number",
    "schema_name",       "subclass_origin", "table_name"};

bool IsConditionItem(std::string_view word) {
  return std::find(std::begin(kConditionItems), std::end(kConditionItems), word) !=
         std::end(kConditionItems);
}

}  // namespace

// SIGNAL condition [SET item = value, ...]; RESIGNAL [condition] [SET ...]
const Statement* Parser::ParseSignal() {
  Signal* node = New<Signal>();
  node->resignal = At(Kw::kResignal);
  Advance();
  const bool absent = node->resignal && (AtEnd() || At(Kw::kSet));
  if (!absent) {
    if (!At(Kw::kSqlstate) && !AtName()) Fail();
    node->condition = ParseHandlerCondition();
  }
  if (!Accept(Kw::kSet)) return node;
  std::vector<Ident> names;
  ListOf<Expr> values(*this);
  do {
    const std::string_view name = At(Tok::kWord) ? Lower(TokenText(Cur())) : std::string_view();
    if (!IsConditionItem(name)) Fail();
    Advance();
    names.emplace_back(name);
    Expect(Tok::kEqual);
    values.Add(ParseDiagnosticsValue());
  } while (Accept(Tok::kComma));
  node->item_names = arena_.CopySpan<Ident>(std::span<const Ident>(names));
  node->item_values = values.Take();
  return node;
}

// A literal, a variable or a name; no other expression.
const Expr* Parser::ParseDiagnosticsValue() {
  const Token first = Cur();
  const Expr* value = ParsePrimary();
  switch (value->kind) {
    case Kind::kLiteral:
    case Kind::kNullLiteral:
    case Kind::kBoolLiteral:
    case Kind::kIntroducerExpr:
    case Kind::kBindVar:
    case Kind::kVariable:
    case Kind::kColumnRef:
      if (first.type == Tok::kLeftParen) FailAt(first);
      return value;
    default:
      FailAt(first);
      return value;
  }
}

// GET [CURRENT | STACKED] DIAGNOSTICS [CONDITION number] target = item, ...
const Statement* Parser::ParseGetDiagnostics() {
  GetDiagnostics* node = New<GetDiagnostics>();
  Advance();
  if (Accept(Kw::kCurrent)) {
    node->area = DiagnosticsArea::kCurrent;
  } else if (Accept(Kw::kStacked)) {
    node->area = DiagnosticsArea::kStacked;
  }
  Expect(Kw::kDiagnostics);
  if (Accept(Kw::kCondition)) node->condition = ParseDiagnosticsValue();
  ListOf<DiagnosticsItem> items(*this);
  do {
    DiagnosticsItem* item = New<DiagnosticsItem>();
    if (At(Tok::kUserVariable)) {
      item->target = ParseVariable();
    } else {
      ColumnRef* variable = New<ColumnRef>();
      variable->name = ProgramWord();
      item->target = variable;
    }
    Expect(Tok::kEqual);
    const std::string_view name = At(Tok::kWord) ? Lower(TokenText(Cur())) : std::string_view();
    const bool known = node->condition == nullptr
                           ? name == "number" || name == "row_count"
                           : name == "returned_sqlstate" || IsConditionItem(name);
    if (!known) Fail();
    Advance();
    item->name = name;
    items.Add(item);
  } while (Accept(Tok::kComma));
  node->items = items.Take();
  return node;
}

}  // namespace tessera::sqlparser
