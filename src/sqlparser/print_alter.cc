// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/print_impl.h"

namespace tessera::sqlparser {
namespace {

// The columns' checks follow them; in ADD (...) all stands between commas.
void FormatAlterColumns(Printer& p, const AlterOption& n) {
  p.Text("add column ");
  if (n.if_exists) p.Text("if not exists ");
  if (!n.flag) {
    FormatList(p, n.columns);
    for (const ConstraintDef* check : n.constraints) FormatClause(p, " ", check);
    return;
  }
  bool first = true;
  const auto item = [&](const Node* node) {
    p.Raw(first ? "(" : ", ");
    first = false;
    p.Print(node);
  };
  for (const ColumnDef* column : n.columns) item(column);
  for (const IndexDef* index : n.indexes) item(index);
  for (const ConstraintDef* constraint : n.constraints) item(constraint);
  for (const PeriodDef* period : n.periods) item(period);
  p.Raw(")");
}

void FormatAlterPlace(Printer& p, const AlterOption& n) {
  if (n.first) p.Text(" first");
  FormatClause(p, " after ", n.after);
}

void FormatNamed(Printer& p, std::string_view verb, const AlterOption& n) {
  p.Text(verb);
  if (n.if_exists) p.Text("if exists ");
  p.Id(n.name);
}

}  // namespace

void Format(Printer& p, const AlterOption& n) {
  switch (n.action) {
    case AlterKind::kAddColumns:
      FormatAlterColumns(p, n);
      FormatAlterPlace(p, n);
      return;
    case AlterKind::kAddIndex:
      FormatClause(p, "add ", n.indexes[0]);
      return;
    case AlterKind::kAddConstraint:
      FormatClause(p, "add ", n.constraints[0]);
      return;
    case AlterKind::kDropColumn:
      FormatNamed(p, "drop column ", n);
      return;
    case AlterKind::kDropKey:
      FormatNamed(p, "drop key ", n);
      return;
    case AlterKind::kDropPrimaryKey:
      p.Text("drop primary key");
      return;
    case AlterKind::kDropForeignKey:
      FormatNamed(p, "drop foreign key ", n);
      return;
    case AlterKind::kDropConstraint:
      FormatNamed(p, "drop constraint ", n);
      return;
    case AlterKind::kDropCheck:
      FormatNamed(p, "drop check ", n);
      return;
    case AlterKind::kModifyColumn:
    case AlterKind::kChangeColumn:
      p.Text(n.action == AlterKind::kModifyColumn ? "modify column " : "change column ");
      if (n.if_exists) p.Text("if exists ");
      if (n.action == AlterKind::kChangeColumn) p.Id(n.name).Raw(" ");
      FormatList(p, n.columns);
      for (const ConstraintDef* check : n.constraints) FormatClause(p, " ", check);
      FormatAlterPlace(p, n);
      return;
    case AlterKind::kAlterColumn:
      FormatNamed(p, "alter column ", n);
      if (n.drop_default) p.Text(" drop default");
      if (n.visible == Tristate::kYes) p.Text(" set visible");
      if (n.visible == Tristate::kNo) p.Text(" set invisible");
      if (n.default_value != nullptr) {
        p.Text(" set ");
        FormatDefault(p, n.default_value, n.default_is_expression);
      }
      return;
    case AlterKind::kAlterCheck:
      p.Text("alter check ").Id(n.name).Text(n.flag ? " enforced" : " not enforced");
      return;
    case AlterKind::kAlterIndex:
      FormatNamed(p, "alter index ", n);
      if (n.ignored != Tristate::kUnset) {
        p.Text(n.ignored == Tristate::kYes ? " ignored" : " not ignored");
      } else {
        p.Text(n.flag ? " visible" : " invisible");
      }
      return;
    case AlterKind::kRenameTable:
      FormatClause(p, "rename ", n.table);
      return;
    case AlterKind::kRenameIndex:
    case AlterKind::kRenameColumn:
      p.Text(n.action == AlterKind::kRenameIndex ? "rename index " : "rename column ");
      if (n.if_exists) p.Text("if exists ");
      p.Id(n.name).Text(" to ").Id(n.new_name);
      return;
    case AlterKind::kOrderBy:
      p.Text("order by ");
      FormatList(p, n.order_by);
      return;
    case AlterKind::kCharset:
      FormatCharset(p.Text("convert to character set "), n.charset);
      if (!n.collate.empty()) FormatCharset(p.Text(" collate "), n.collate);
      return;
    case AlterKind::kTableOptions:
      FormatList(p, n.options, " ");
      return;
    case AlterKind::kAlgorithm:
      p.Text("algorithm = ").Raw(n.word.text);
      return;
    case AlterKind::kLock:
      p.Text("lock ").Text(n.word.text);
      return;
    case AlterKind::kForce:
      p.Text("force");
      return;
    case AlterKind::kKeysState:
      p.Text(n.flag ? "enable keys" : "disable keys");
      return;
    case AlterKind::kTablespace:
      p.Text(n.flag ? "discard tablespace" : "import tablespace");
      return;
    case AlterKind::kValidation:
      p.Text(n.flag ? "with validation" : "without validation");
      return;
    case AlterKind::kAddPeriod:
      FormatClause(p, "add ", n.periods[0]);
      return;
    case AlterKind::kDropPeriod:
      p.Text("drop period ");
      if (n.if_exists) p.Text("if exists ");
      p.Text("for ").Id(n.name);
      return;
    case AlterKind::kAddSystemVersioning:
      p.Text("add system versioning");
      return;
    case AlterKind::kDropSystemVersioning:
      p.Text("drop system versioning");
      return;
    case AlterKind::kSecondaryLoad:
    case AlterKind::kSecondaryUnload:
      p.Text(n.action == AlterKind::kSecondaryLoad ? "secondary_load" : "secondary_unload");
      if (n.partitions.empty()) return;
      p.Text(" partition (");
      FormatNames(p, n.partitions);
      p.Raw(")");
      return;
  }
}

namespace {

void FormatDefinitions(Printer& p, List<PartitionDef> definitions) {
  p.Raw("(");
  FormatList(p, definitions);
  p.Raw(")");
}

std::string_view PartitionVerbText(PartitionAction action) {
  static constexpr std::string_view kTexts[] = {
      "add",      "drop",     "reorganize", "discard", "import",   "truncate",
      "coalesce", "exchange", "analyze",    "check",   "optimize", "rebuild",
      "repair",   "remove",   "upgrade",    "convert", "convert"};
  return kTexts[static_cast<size_t>(action)];
}

// ALL, or the names, and what follows them.
void FormatPartitionNames(Printer& p, const PartitionSpec& n) {
  if (n.all) {
    p.Text("all");
  } else {
    FormatNames(p, n.names);
  }
  switch (n.action) {
    case PartitionAction::kReorganize:
      if (n.names.empty()) return;
      p.Text(" into ");
      FormatDefinitions(p, n.definitions);
      return;
    case PartitionAction::kDiscard:
    case PartitionAction::kImport:
      p.Text(" tablespace");
      return;
    case PartitionAction::kExchange:
      FormatClause(p, " with table ", n.table);
      if (n.without_validation) p.Text(" without validation");
      return;
    case PartitionAction::kConvertToTable:
      FormatClause(p, " to table ", n.table);
      return;
    default:
      if (!n.checks.empty()) p.Raw(" ").Text(n.checks);
      return;
  }
}

}  // namespace

void Format(Printer& p, const PartitionSpec& n) {
  p.Text(PartitionVerbText(n.action));
  if (n.action == PartitionAction::kRemove || n.action == PartitionAction::kUpgrade) {
    p.Text(" partitioning");
    return;
  }
  if (n.action == PartitionAction::kConvertFromTable) {
    FormatClause(p, " table ", n.table);
    FormatClause(p, " to ", n.definitions[0]);
    return;
  }
  p.Text(" partition");
  const bool add = n.action == PartitionAction::kAdd;
  if (n.if_exists) p.Text(add ? " if not exists" : " if exists");
  if (n.no_write_to_binlog) p.Text(" no_write_to_binlog");
  if (add || n.action == PartitionAction::kCoalesce) {
    if (add && n.number != nullptr) p.Text(" partitions");
    FormatClause(p, " ", n.number);
    if (!n.definitions.empty()) {
      p.Raw(" ");
      FormatDefinitions(p, n.definitions);
    }
    return;
  }
  if (!n.all && n.names.empty()) return;
  p.Raw(" ");
  FormatPartitionNames(p, n);
}

namespace {

// CREATE OR REPLACE INDEX has no form within ALTER TABLE.
bool FormatReplacedIndex(Printer& p, const AlterTable& n) {
  if (n.options.empty() || n.options[0]->indexes.empty()) return false;
  const IndexDef& index = *n.options[0]->indexes[0];
  if (!index.or_replace) return false;
  static constexpr std::string_view kTypes[] = {"", "", "unique ", "fulltext ", "spatial "};
  p.Text("create ");
  FormatComments(p, n.comments);
  p.Text("or replace ").Text(kTypes[static_cast<size_t>(index.type)]).Text("index ");
  if (index.if_not_exists) p.Text("if not exists ");
  p.Id(index.name).Text(" on ");
  p.Print(n.table);
  p.Raw(" (");
  FormatList(p, index.columns);
  p.Raw(")");
  if (!n.wait.empty()) p.Raw(" ").Text(n.wait);
  for (const IndexOption* option : index.options) FormatClause(p, " ", option);
  for (const AlterOption* option : n.options.subspan(1)) FormatClause(p, " ", option);
  return true;
}

}  // namespace

void Format(Printer& p, const AlterTable& n) {
  if (PrintSource(p, n) || FormatReplacedIndex(p, n)) return;
  p.Text("alter ");
  FormatComments(p, n.comments);
  if (n.online) p.Text("online ");
  if (n.ignore) p.Text("ignore ");
  p.Text("table ");
  if (n.if_exists) p.Text("if exists ");
  p.Print(n.table);
  if (!n.wait.empty()) p.Raw(" ").Text(n.wait);
  if (!n.options.empty()) {
    p.Raw(" ");
    FormatList(p, n.options);
  }
  if (n.partition_spec != nullptr) {
    const bool tight = n.partition_spec->action == PartitionAction::kRemove;
    p.Raw(n.options.empty() || tight ? " " : ", ");
    p.Print(n.partition_spec);
  }
  if (n.partition_option != nullptr) {
    p.Raw(" ");
    p.Print(n.partition_option);
  }
}

}  // namespace tessera::sqlparser
