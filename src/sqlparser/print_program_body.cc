// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/print_impl.h"
#include "sqlparser/internal/program_words.h"

namespace tessera::sqlparser {
namespace {

// Some words are names but no labels: quoted they are both.
void FormatLabel(Printer& p, const Ident& label) {
  const bool plain = !NeedsQuotes(label.text) && !p.options().quote_all;
  if (plain && IsNoLabel(label.text)) {
    p.Raw("`").Raw(label.text).Raw("`");
  } else {
    p.Id(label);
  }
}

void FormatBeginLabel(Printer& p, const Ident& label) {
  if (label.empty()) return;
  FormatLabel(p, label);
  p.Raw(": ");
}

void FormatEndLabel(Printer& p, const Ident& label) {
  if (label.empty()) return;
  p.Raw(" ");
  FormatLabel(p, label);
}

void FormatElse(Printer& p, const CompoundStatement* body) {
  if (body == nullptr) return;
  p.Text("else ");
  p.Print(body);
  p.Raw(" ");
}

// (a, b), or nothing for an empty list.
template <class T>
void FormatArguments(Printer& p, List<T> list) {
  if (list.empty()) return;
  p.Raw("(");
  FormatList(p, list);
  p.Raw(")");
}

}  // namespace

void FormatSemicolon(Printer& p) {
  if (!p.out().ends_with(';')) p.Raw(";");
}

void Format(Printer& p, const CompoundStatement& n) {
  FormatBeginLabel(p, n.label);
  if (!n.bare) p.Text(n.not_atomic ? "begin not atomic " : "begin ");
  for (size_t i = 0; i < n.statements.size(); ++i) {
    if (i > 0) p.Raw(" ");
    p.Print(n.statements[i]);
    FormatSemicolon(p);
  }
  if (!n.bare) p.Text(n.statements.empty() ? "end" : " end");
  FormatEndLabel(p, n.end_label);
}

void Format(Printer& p, const CompoundBranch& n) {
  p.Print(n.condition);
  p.Text(" then ");
  p.Print(n.body);
  p.Raw(" ");
}

void Format(Printer& p, const CompoundIf& n) {
  bool first = true;
  for (const CompoundBranch* branch : n.branches) {
    p.Text(first ? "if " : "elseif ");
    first = false;
    p.Print(branch);
  }
  FormatElse(p, n.else_body);
  p.Text("end if");
}

void Format(Printer& p, const CompoundCase& n) {
  p.Text("case ");
  if (n.operand != nullptr) {
    p.Print(n.operand);
    p.Raw(" ");
  }
  for (const CompoundBranch* branch : n.branches) {
    p.Text("when ");
    p.Print(branch);
  }
  FormatElse(p, n.else_body);
  p.Text("end case");
}

void Format(Printer& p, const CompoundLoop& n) {
  FormatBeginLabel(p, n.label);
  switch (n.type) {
    case LoopType::kLoop:
      p.Text("loop ");
      p.Print(n.body);
      p.Text(" end loop");
      break;
    case LoopType::kWhile:
      p.Text("while ");
      p.Print(n.condition);
      p.Text(" do ");
      p.Print(n.body);
      p.Text(" end while");
      break;
    case LoopType::kRepeat:
      p.Text("repeat ");
      p.Print(n.body);
      p.Text(" until ");
      p.Print(n.condition);
      p.Text(" end repeat");
      break;
  }
  FormatEndLabel(p, n.end_label);
}

void Format(Printer& p, const CompoundFor& n) {
  FormatBeginLabel(p, n.label);
  p.Text("for ").Id(n.variable).Text(n.reverse ? " in reverse " : " in ");
  if (n.query != nullptr) {
    p.Raw("(");
    p.Print(n.query);
    p.Raw(")");
  } else if (n.from != nullptr) {
    p.Print(n.from);
    p.Raw(" .. ");
    p.Print(n.to);
  } else {
    p.Id(n.cursor);
    FormatArguments(p, n.args);
  }
  p.Text(" do ");
  p.Print(n.body);
  p.Text(" end for");
  FormatEndLabel(p, n.end_label);
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

void Format(Printer& p, const DeclareCursor& n) {
  p.Text("declare ").Id(n.name).Text(" cursor");
  FormatArguments(p, n.params);
  p.Text(" for ");
  p.Print(n.query);
}

void Format(Printer& p, const LoopJump& n) {
  p.Text(n.iterate ? "iterate " : "leave ");
  FormatLabel(p, n.label);
}

void Format(Printer& p, const Return& n) {
  p.Text("return ");
  p.Print(n.value);
}

void Format(Printer& p, const OpenCursor& n) {
  p.Text("open ").Id(n.name);
  FormatArguments(p, n.args);
}

void Format(Printer& p, const FetchCursor& n) {
  if (n.name.empty()) {
    p.Text("fetch group next row");
    return;
  }
  p.Text("fetch ").Id(n.name).Text(" into ");
  FormatNames(p, n.into);
}

void Format(Printer& p, const CloseCursor& n) { p.Text("close ").Id(n.name); }

void Format(Printer& p, const Signal& n) {
  p.Text(n.resignal ? "resignal" : "signal");
  FormatClause(p, " ", n.condition);
  for (size_t i = 0; i < n.item_names.size(); ++i) {
    p.Text(i == 0 ? " set " : ", ").Raw(n.item_names[i].text).Raw(" = ");
    p.Print(n.item_values[i]);
  }
}

void Format(Printer& p, const GetDiagnostics& n) {
  p.Text("get ");
  if (n.area == DiagnosticsArea::kCurrent) p.Text("current ");
  if (n.area == DiagnosticsArea::kStacked) p.Text("stacked ");
  p.Text("diagnostics ");
  if (n.condition != nullptr) {
    p.Text("condition ");
    p.Print(n.condition);
    p.Raw(" ");
  }
  FormatList(p, n.items);
}

void Format(Printer& p, const DiagnosticsItem& n) {
  p.Print(n.target);
  p.Raw(" = ").Text(n.name);
}

}  // namespace tessera::sqlparser
