// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sqlparser/ast_nodes.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {

// One function per node kind.
#define TESSERA_SQL_KIND(Name) void Format(Printer& p, const Name& n);
#include "sqlparser/ast_kinds.inc"
#undef TESSERA_SQL_KIND

// a, b, c
template <class T>
void FormatList(Printer& p, List<T> nodes, std::string_view separator = ", ") {
  bool first = true;
  for (const T* node : nodes) {
    if (!first) p.Raw(separator);
    first = false;
    p.Print(node);
  }
}
void FormatNames(Printer& p, std::span<const Ident> names);
// Texts in printed form.
void FormatTexts(Printer& p, std::span<const std::string_view> texts, std::string_view separator);
// " prefix node", or nothing for null.
void FormatClause(Printer& p, std::string_view prefix, const Node* node);
// The name of a character set or collation: a string where it does not read plainly.
void FormatCharset(Printer& p, std::string_view name);
// "/* a */ ", each with a blank behind it.
void FormatComments(Printer& p, Comments comments);
void FormatOrderBy(Printer& p, List<OrderItem> order_by);
void FormatWith(Printer& p, const With* with);
void FormatWhere(Printer& p, std::string_view keyword, const Expr* expr);
// Ends a statement, unless it ends so already: CREATE PROCEDURE does.
void FormatSemicolon(Printer& p);
void FormatReturning(Printer& p, List<Node> items);
void FormatAssignments(Printer& p, List<Assignment> assignments);
void FormatJsonOn(Printer& p, JsonOnAction on_empty, const Expr* empty_default,
                  JsonOnAction on_error, const Expr* error_default);
// A statement that is not fully parsed, as it was written, for the server; false for others.
bool PrintSource(Printer& p, const DdlStatement& n);
// DEFAULT 5, DEFAULT (expr)
void FormatDefault(Printer& p, const Expr* value, bool parens);
// An expression that must bind at least as tight as level, else in parentheses.
void FormatOperand(Printer& p, const Expr* expr, int level);
// [TIMESTAMP | TRANSACTION] x
void FormatHistoryPoint(Printer& p, HistoryUnit unit, const Expr* point);
std::string_view AggregateName(AggregateOp op);

}  // namespace tessera::sqlparser
