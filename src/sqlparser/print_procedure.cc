// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/print_impl.h"

namespace tessera::sqlparser {

void Format(Printer& p, const CreateProcedure& n) {
  p.Text("create ");
  FormatComments(p, n.comments);
  if (!n.definer.empty()) p.Text("definer = ").Raw(n.definer).Raw(" ");
  p.Text("procedure ");
  if (n.if_not_exists) p.Text("if not exists ");
  p.Print(n.name);
  p.Raw(" (");
  FormatList(p, n.params);
  p.Raw(") ");
  p.Print(n.body);
  p.Raw(";");
}

void Format(Printer& p, const ProcedureParam& n) {
  p.Text(n.mode).Raw(" ").Id(n.name).Raw(" ");
  p.Print(n.type);
}

void Format(Printer& p, const DropProcedure& n) {
  p.Text("drop ");
  FormatComments(p, n.comments);
  p.Text("procedure ");
  if (n.if_exists) p.Text("if exists ");
  p.Print(n.name);
}

void Format(Printer& p, const CompoundStatement& n) {
  if (!n.bare) p.Text("begin ");
  for (size_t i = 0; i < n.statements.size(); ++i) {
    if (i > 0) p.Raw(" ");
    p.Print(n.statements[i]);
    p.Raw(";");
  }
  if (!n.bare) p.Text(n.statements.empty() ? "end" : " end");
}

void Format(Printer& p, const CompoundBranch& n) {
  p.Text("if ");
  p.Print(n.condition);
  p.Text(" then ");
  p.Print(n.body);
  p.Raw(" ");
}

void Format(Printer& p, const CompoundIf& n) {
  bool first = true;
  for (const CompoundBranch* branch : n.branches) {
    if (!first) p.Text("else");
    first = false;
    p.Print(branch);
  }
  if (n.else_body != nullptr) {
    p.Text("else ");
    p.Print(n.else_body);
    p.Raw(" ");
  }
  p.Text("end if");
}

void Format(Printer& p, const DeclareVariable& n) {
  p.Text("declare ");
  FormatNames(p, n.names);
  p.Raw(" ");
  p.Print(n.type);
  FormatClause(p, " default ", n.default_value);
}

void Format(Printer& p, const HandlerCondition& n) {
  switch (n.type) {
    case HandlerConditionType::kErrorCode:
      p.Print(n.code);
      return;
    case HandlerConditionType::kSqlState:
      p.Text("sqlstate ");
      p.Print(n.code);
      return;
    case HandlerConditionType::kName:
      p.Id(n.name);
      return;
    case HandlerConditionType::kSqlWarning:
      p.Text("sqlwarning");
      return;
    case HandlerConditionType::kNotFound:
      p.Text("not found");
      return;
    case HandlerConditionType::kSqlException:
      p.Text("sqlexception");
      return;
  }
}

void Format(Printer& p, const DeclareCondition& n) {
  p.Text("declare ").Id(n.name).Text(" condition for ");
  p.Print(n.condition);
}

void Format(Printer& p, const DeclareHandler& n) {
  p.Text("declare ").Text(n.action).Text(" handler for ");
  FormatList(p, n.conditions);
  p.Raw(" ");
  p.Print(n.body);
}

void Format(Printer& p, const Signal& n) {
  p.Text("signal ");
  p.Print(n.condition);
  for (size_t i = 0; i < n.item_names.size(); ++i) {
    p.Text(i == 0 ? " set " : ", ").Raw(n.item_names[i].text).Raw(" = ");
    p.Print(n.item_values[i]);
  }
}

}  // namespace tessera::sqlparser
