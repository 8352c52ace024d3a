// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/print_impl.h"

namespace tessera::sqlparser {
namespace {

void FormatViewHead(Printer& p, Ident algorithm, std::string_view definer, Ident security) {
  // Vitess keeps the algorithm's letters, also among capital keywords.
  if (!algorithm.empty()) p.Text("algorithm = ").Raw(algorithm.text).Raw(" ");
  if (!definer.empty()) p.Text("definer = ").Raw(definer).Raw(" ");
  if (!security.empty()) p.Text("sql security ").Text(security.text).Raw(" ");
}

void FormatWait(Printer& p, std::string_view wait) {
  if (!wait.empty()) p.Raw(" ").Text(wait);
}

void FormatViewBody(Printer& p, const TableName* view, std::span<const Ident> columns,
                    const QueryExpr* select, std::string_view check_option) {
  p.Print(view);
  if (!columns.empty()) {
    p.Raw("(");
    FormatNames(p, columns);
    p.Raw(")");
  }
  p.Text(" as ");
  p.Print(select);
  if (!check_option.empty()) p.Text(" with ").Text(check_option).Text(" check option");
}

}  // namespace

void Format(Printer& p, const DropTable& n) {
  p.Text("drop ");
  FormatComments(p, n.comments);
  if (n.temporary) p.Text("temporary ");
  p.Text("table ");
  if (n.if_exists) p.Text("if exists ");
  FormatList(p, n.tables);
  FormatWait(p, n.wait);
}

void Format(Printer& p, const TruncateTable& n) {
  FormatClause(p, "truncate table ", n.table);
  FormatWait(p, n.wait);
}

void Format(Printer& p, const RenamePair& n) {
  p.Print(n.from);
  FormatWait(p, n.wait);
  FormatClause(p, " to ", n.to);
}

void Format(Printer& p, const RenameTable& n) {
  p.Text("rename table ");
  if (n.if_exists) p.Text("if exists ");
  FormatList(p, n.pairs);
}

void Format(Printer& p, const CreateView& n) {
  p.Text("create ");
  FormatComments(p, n.comments);
  if (n.or_replace) p.Text("or replace ");
  FormatViewHead(p, n.algorithm, n.definer, n.security);
  p.Text("view ");
  if (n.if_not_exists) p.Text("if not exists ");
  FormatViewBody(p, n.view, n.columns, n.select, n.check_option);
}

void Format(Printer& p, const AlterView& n) {
  p.Text("alter ");
  FormatComments(p, n.comments);
  FormatViewHead(p, n.algorithm, n.definer, n.security);
  p.Text("view ");
  FormatViewBody(p, n.view, n.columns, n.select, n.check_option);
}

void Format(Printer& p, const DropView& n) {
  p.Text("drop ");
  FormatComments(p, n.comments);
  p.Text("view ");
  if (n.if_exists) p.Text("if exists ");
  FormatList(p, n.views);
}

void Format(Printer& p, const DatabaseOption& n) {
  static constexpr std::string_view kTexts[] = {" character set ", " collate ", " encryption ",
                                                " comment ", " read only "};
  if (n.is_default) p.Text(" default");
  p.Text(kTexts[static_cast<size_t>(n.type)]).Raw(n.value);
}

void Format(Printer& p, const CreateDatabase& n) {
  if (PrintSource(p, n)) return;
  p.Text("create ");
  FormatComments(p, n.comments);
  if (n.or_replace) p.Text("or replace ");
  p.Text("database ");
  if (n.if_not_exists) p.Text("if not exists ");
  p.Id(n.name);
  for (const DatabaseOption* option : n.options) p.Print(option);
}

void Format(Printer& p, const AlterDatabase& n) {
  p.Text("alter database");
  if (!n.name.empty()) p.Raw(" ").Id(n.name);
  if (n.upgrade_data_directory) p.Text(" upgrade data directory name");
  for (const DatabaseOption* option : n.options) p.Print(option);
}

void Format(Printer& p, const DropDatabase& n) {
  p.Text("drop ");
  FormatComments(p, n.comments);
  p.Text("database ");
  if (n.if_exists) p.Text("if exists ");
  p.Id(n.name);
}

void Format(Printer& p, const SequenceOption& n) {
  static constexpr std::string_view kTexts[] = {
      "start with",  "increment by", "minvalue", "maxvalue", "cache",  "restart",
      "no minvalue", "no maxvalue",  "nocache",  "cycle",    "nocycle"};
  p.Text(kTexts[static_cast<size_t>(n.type)]);
  if (n.value == nullptr) return;
  p.Raw(n.negative ? " -" : " ");
  p.Print(n.value);
}

void Format(Printer& p, const CreateSequence& n) {
  p.Text("create ");
  FormatComments(p, n.comments);
  if (n.or_replace) p.Text("or replace ");
  if (n.temporary) p.Text("temporary ");
  p.Text("sequence ");
  if (n.if_not_exists) p.Text("if not exists ");
  p.Print(n.name);
  for (const SequenceOption* option : n.options) FormatClause(p, " ", option);
  for (const TableOption* option : n.table_options) FormatClause(p, " ", option);
}

void Format(Printer& p, const AlterSequence& n) {
  p.Text("alter ");
  FormatComments(p, n.comments);
  p.Text("sequence ");
  if (n.if_exists) p.Text("if exists ");
  p.Print(n.name);
  for (const SequenceOption* option : n.options) FormatClause(p, " ", option);
}

void Format(Printer& p, const DropSequence& n) {
  p.Text("drop ");
  FormatComments(p, n.comments);
  if (n.temporary) p.Text("temporary ");
  p.Text("sequence ");
  if (n.if_exists) p.Text("if exists ");
  FormatList(p, n.names);
}

}  // namespace tessera::sqlparser
