// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/print_impl.h"

namespace tessera::sqlparser {
namespace {

std::string_view ProgramTypeText(ProgramType type) {
  switch (type) {
    case ProgramType::kProcedure:
      return "procedure ";
    case ProgramType::kFunction:
      return "function ";
    case ProgramType::kTrigger:
      return "trigger ";
    case ProgramType::kEvent:
      return "event ";
  }
  return {};
}

std::string_view AccessText(RoutineAccess access) {
  switch (access) {
    case RoutineAccess::kNone:
      return {};
    case RoutineAccess::kContainsSql:
      return " contains sql";
    case RoutineAccess::kNoSql:
      return " no sql";
    case RoutineAccess::kReadsSqlData:
      return " reads sql data";
    case RoutineAccess::kModifiesSqlData:
      return " modifies sql data";
  }
  return {};
}

// "create or replace definer = a ", whatever of it there is.
template <class T>
void FormatCreate(Printer& p, const T& n) {
  p.Text("create ");
  FormatComments(p, n.comments);
  if (n.or_replace) p.Text("or replace ");
  if constexpr (!std::is_same_v<T, CreateLoadableFunction>) {
    if (!n.definer.empty()) p.Text("definer = ").Raw(n.definer).Raw(" ");
  }
}

// name (parameters)
template <class T>
void FormatSignature(Printer& p, const T& n) {
  if (n.if_not_exists) p.Text("if not exists ");
  p.Print(n.name);
  p.Raw(" (");
  FormatList(p, n.params);
  p.Raw(")");
}

void FormatEventTail(Printer& p, std::string_view status, const Literal* comment,
                     const Statement* body) {
  if (!status.empty()) p.Raw(" ").Text(status);
  FormatClause(p, " comment ", comment);
  FormatClause(p, " do ", body);
}

void FormatPreserve(Printer& p, Tristate preserve) {
  if (preserve == Tristate::kUnset) return;
  p.Text(preserve == Tristate::kYes ? " on completion preserve" : " on completion not preserve");
}

}  // namespace

void Format(Printer& p, const CreateProcedure& n) {
  FormatCreate(p, n);
  p.Text("procedure ");
  FormatSignature(p, n);
  p.Print(n.options);
  p.Raw(" ");
  p.Print(n.body);
  FormatSemicolon(p);
}

void Format(Printer& p, const CreateFunction& n) {
  FormatCreate(p, n);
  p.Text(n.aggregate ? "aggregate function " : "function ");
  FormatSignature(p, n);
  p.Text(" returns ");
  p.Print(n.returns);
  p.Print(n.options);
  p.Raw(" ");
  p.Print(n.body);
}

void Format(Printer& p, const CreateLoadableFunction& n) {
  FormatCreate(p, n);
  p.Text(n.aggregate ? "aggregate function " : "function ");
  if (n.if_not_exists) p.Text("if not exists ");
  p.Print(n.name);
  p.Text(" returns ").Text(n.returns).Text(" soname ");
  p.Print(n.soname);
}

void Format(Printer& p, const AlterRoutine& n) {
  p.Text("alter ");
  FormatComments(p, n.comments);
  p.Text(ProgramTypeText(n.type));
  p.Print(n.name);
  p.Print(n.options);
}

void Format(Printer& p, const CreateTrigger& n) {
  FormatCreate(p, n);
  p.Text("trigger ");
  if (n.if_not_exists) p.Text("if not exists ");
  p.Print(n.name);
  p.Text(n.after ? " after " : " before ");
  p.Text(n.event == TriggerEvent::kInsert   ? "insert"
         : n.event == TriggerEvent::kUpdate ? "update"
                                            : "delete");
  p.Text(" on ");
  p.Print(n.table);
  p.Text(" for each row ");
  if (n.order != TriggerOrder::kNone) {
    p.Text(n.order == TriggerOrder::kFollows ? "follows " : "precedes ").Id(n.other).Raw(" ");
  }
  p.Print(n.body);
}

void Format(Printer& p, const CreateEvent& n) {
  FormatCreate(p, n);
  p.Text("event ");
  if (n.if_not_exists) p.Text("if not exists ");
  p.Print(n.name);
  FormatClause(p, " on schedule ", n.schedule);
  FormatPreserve(p, n.preserve);
  FormatEventTail(p, n.status, n.comment, n.body);
}

void Format(Printer& p, const AlterEvent& n) {
  p.Text("alter ");
  FormatComments(p, n.comments);
  if (!n.definer.empty()) p.Text("definer = ").Raw(n.definer).Raw(" ");
  p.Text("event ");
  p.Print(n.name);
  FormatClause(p, " on schedule ", n.schedule);
  FormatPreserve(p, n.preserve);
  FormatClause(p, " rename to ", n.rename_to);
  FormatEventTail(p, n.status, n.comment, n.body);
}

void Format(Printer& p, const DropProgram& n) {
  p.Text("drop ");
  FormatComments(p, n.comments);
  p.Text(ProgramTypeText(n.type));
  if (n.if_exists) p.Text("if exists ");
  p.Print(n.name);
}

void Format(Printer& p, const ProcedureParam& n) {
  if (!n.mode.empty()) p.Text(n.mode).Raw(" ");
  p.Id(n.name).Raw(" ");
  p.Print(n.type);
}

// Each characteristic with a blank before it.
void Format(Printer& p, const RoutineOptions& n) {
  if (n.language_sql) p.Text(" language sql");
  if (n.deterministic == Tristate::kYes) p.Text(" deterministic");
  if (n.deterministic == Tristate::kNo) p.Text(" not deterministic");
  p.Text(AccessText(n.access));
  if (n.security == SqlSecurity::kDefiner) p.Text(" sql security definer");
  if (n.security == SqlSecurity::kInvoker) p.Text(" sql security invoker");
  FormatClause(p, " comment ", n.comment);
}

void Format(Printer& p, const EventSchedule& n) {
  if (n.at != nullptr) {
    p.Text("at ");
    p.Print(n.at);
    return;
  }
  p.Text("every ");
  p.Print(n.every);
  p.Raw(" ").Text(n.unit);
  FormatClause(p, " starts ", n.starts);
  FormatClause(p, " ends ", n.ends);
}

void Format(Printer& p, const AnchoredType& n) {
  if (n.row_of != nullptr) {
    p.Text("row type of ");
    p.Print(n.row_of);
  } else {
    p.Text("type of ");
    p.Print(n.column);
  }
}

void Format(Printer& p, const RowType& n) {
  p.Text("row (");
  FormatList(p, n.fields);
  p.Raw(")");
}

}  // namespace tessera::sqlparser
