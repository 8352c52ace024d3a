// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
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
  if (p.server()) FormatPriority(p, n.priority);
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

void Format(Printer& p, const Update& n) {
  FormatWith(p, n.with);
  p.Text("update ");
  FormatComments(p, n.comments);
  if (p.server()) FormatPriority(p, n.priority);
  if (n.ignore) p.Text("ignore ");
  FormatList(p, n.tables);
  if (!n.portion.empty()) p.Raw(" ").Raw(n.portion);
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
  if (p.server()) FormatPriority(p, n.priority);
  if (n.quick && p.server()) p.Text("quick ");
  if (n.ignore) p.Text("ignore ");
  const AliasedTable* only = n.tables.size() == 1 ? n.tables[0]->As<AliasedTable>() : nullptr;
  if (!n.targets.empty()) {
    FormatList(p, n.targets);
    p.Raw(" ");
  } else if (p.server() && only != nullptr && !only->alias.empty()) {
    // MariaDB has no alias in the one-table form.
    p.Id(only->alias).Raw(" ");
  }
  p.Text("from ");
  FormatList(p, n.tables);
  if (!n.partitions.empty()) {
    p.Text(" partition (");
    FormatNames(p, n.partitions);
    p.Raw(")");
  }
  if (!n.portion.empty()) p.Raw(" ").Raw(n.portion);
  FormatWhere(p, " where ", n.where);
  FormatOrderBy(p, n.order_by);
  p.Print(n.limit);
  FormatReturning(p, n.returning);
}

}  // namespace tessera::sqlparser
