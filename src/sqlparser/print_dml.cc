// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "sqlparser/internal/precedence.h"
#include "sqlparser/internal/print_impl.h"

namespace tessera::sqlparser {
namespace {

void FormatPriority(Printer& p, WritePriority priority) {
  switch (priority) {
    case WritePriority::kNone:
      return;
    case WritePriority::kLow:
      p.Text("low_priority ");
      return;
    case WritePriority::kHigh:
      p.Text("high_priority ");
      return;
    case WritePriority::kDelayed:
      p.Text("delayed ");
      return;
  }
}

void FormatPartitions(Printer& p, std::span<const Ident> partitions) {
  if (partitions.empty()) return;
  p.Text(" partition (");
  FormatNames(p, partitions);
  p.Raw(")");
}

// The portion stands between the one table and its alias.
void FormatUpdateTables(Printer& p, const Update& n) {
  if (n.portion == nullptr) return FormatList(p, n.tables);
  AliasedTable table = n.tables[0]->Get<AliasedTable>();
  const std::string_view alias = std::exchange(table.alias, {});
  p.Print(&table);
  FormatClause(p, " ", n.portion);
  if (!alias.empty()) p.Text(" as ").Id(alias);
}

}  // namespace

void FormatAssignments(Printer& p, List<Assignment> assignments) { FormatList(p, assignments); }

void Format(Printer& p, const Assignment& n) {
  p.Print(n.column);
  p.Raw(" = ");
  p.Print(n.value);
}

void Format(Printer& p, const Insert& n) {
  p.Text(n.is_replace ? "replace " : "insert ");
  FormatComments(p, n.comments);
  FormatPriority(p, n.priority);
  if (n.ignore) p.Text("ignore ");
  p.Text("into ");
  p.Print(n.table);
  if (n.has_columns) {
    p.Raw("(");
    FormatNames(p, n.columns);
    p.Raw(")");
  }
  p.Raw(" ");
  p.Print(n.source);
  if (!n.row_alias.empty()) {
    p.Text(" as ").Id(n.row_alias);
    if (!n.row_columns.empty()) {
      p.Raw(" (");
      FormatNames(p, n.row_columns);
      p.Raw(")");
    }
  }
  if (!n.on_duplicate.empty()) {
    p.Text(" on duplicate key update ");
    FormatAssignments(p, n.on_duplicate);
  }
  FormatReturning(p, n.returning);
}

void Format(Printer& p, const Portion& n) {
  p.Text("for portion of ").Id(n.period).Text(" from ");
  FormatOperand(p, n.from, kBitOr);
  p.Text(" to ");
  FormatOperand(p, n.to, kBitOr);
}

void Format(Printer& p, const Update& n) {
  FormatWith(p, n.with);
  p.Text("update ");
  FormatComments(p, n.comments);
  FormatPriority(p, n.priority);
  if (n.ignore) p.Text("ignore ");
  FormatUpdateTables(p, n);
  p.Text(" set ");
  FormatAssignments(p, n.assignments);
  FormatWhere(p, " where ", n.where);
  FormatOrderBy(p, n.order_by);
  p.Print(n.limit);
}

void Format(Printer& p, const Delete& n) {
  FormatWith(p, n.with);
  p.Text("delete ");
  FormatComments(p, n.comments);
  FormatPriority(p, n.priority);
  if (n.quick) p.Text("quick ");
  if (n.ignore) p.Text("ignore ");
  const AliasedTable* only = n.tables.size() == 1 ? n.tables[0]->As<AliasedTable>() : nullptr;
  if (!n.targets.empty()) {
    FormatList(p, n.targets);
    p.Raw(" ");
  }
  // MariaDB has no alias in the one-table form, and the other has none of these clauses.
  const bool needs_one_table =
      !n.order_by.empty() || n.limit != nullptr || !n.returning.empty() || n.portion != nullptr;
  if (p.server() && n.targets.empty() && !needs_one_table && only != nullptr &&
      !only->alias.empty()) {
    AliasedTable table = *only;
    table.partitions = n.partitions;
    p.Id(only->alias).Text(" from ");
    p.Print(&table);
  } else {
    p.Text("from ");
    FormatList(p, n.tables);
    FormatPartitions(p, n.partitions);
  }
  FormatClause(p, " ", n.portion);
  FormatWhere(p, " where ", n.where);
  FormatOrderBy(p, n.order_by);
  p.Print(n.limit);
  FormatReturning(p, n.returning);
}

void Format(Printer& p, const DeleteHistory& n) {
  p.Text("delete ");
  FormatComments(p, n.comments);
  p.Text("history from ");
  p.Print(n.table);
  FormatPartitions(p, n.partitions);
  if (n.before == nullptr) return;
  p.Text(" before system_time ");
  FormatHistoryPoint(p, n.unit, n.before);
}

}  // namespace tessera::sqlparser
