// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sqlparser/internal/print_impl.h"
#include "sqlparser/keywords.h"

namespace tessera::sqlparser {
namespace {

// What follows a name that the grammar did not know: only the server's text keeps it.
bool PrintSource(Printer& p, const DdlStatement& n) {
  if (!p.server() || n.fully_parsed || n.source.empty()) return false;
  p.Raw(n.source);
  return true;
}

std::string_view ReferenceText(ReferenceAction action) {
  static constexpr std::string_view kTexts[] = {"",          "restrict", "cascade",
                                                "no action", "set null", "set default"};
  return kTexts[static_cast<size_t>(action)];
}

void FormatPartitionBy(Printer& p, PartitionType type, bool linear, int algorithm) {
  if (linear) p.Text("linear ");
  switch (type) {
    case PartitionType::kHash:
      p.Text("hash");
      break;
    case PartitionType::kKey:
      p.Text("key");
      break;
    case PartitionType::kRange:
      p.Text("range");
      break;
    case PartitionType::kList:
      p.Text("list");
      break;
    case PartitionType::kSystemTime:
      p.Text("system_time");
      break;
  }
  if (algorithm != 0) p.Text(fmt::format(" algorithm = {}", algorithm));
}

void FormatColumnKey(Printer& p, ColumnKey key) {
  static constexpr std::string_view kTexts[] = {
      "", " primary key", " unique", " unique key", " key", " spatial key", " fulltext key"};
  p.Text(kTexts[static_cast<size_t>(key)]);
}

void FormatDefault(Printer& p, const Expr* value, bool parens) {
  p.Text("default ");
  if (parens) p.Raw("(");
  p.Print(value);
  if (parens) p.Raw(")");
}

void FormatViewHead(Printer& p, std::string_view algorithm, std::string_view definer,
                    std::string_view security) {
  if (!algorithm.empty()) p.Text("algorithm = ").Text(algorithm).Raw(" ");
  if (!definer.empty()) p.Text("definer = ").Raw(definer).Raw(" ");
  if (!security.empty()) p.Text("sql security ").Text(security).Raw(" ");
}

void FormatViewBody(Printer& p, const TableName* view, std::span<const Ident> columns,
                    const QueryExpr* select, std::string_view check_option) {
  p.Text("view ");
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

void Format(Printer& p, const ForeignKeyDef& n) {
  if (!n.columns.empty()) {
    p.Text("foreign key ");
    if (!n.index_name.empty()) p.Id(n.index_name);
    p.Raw("(");
    FormatNames(p, n.columns);
    p.Raw(") ");
  }
  p.Text("references ");
  p.Print(n.table);
  if (!n.referenced_columns.empty()) {
    p.Raw(" (");
    FormatNames(p, n.referenced_columns);
    p.Raw(")");
  }
  static constexpr std::string_view kMatches[] = {"", " match full", " match partial",
                                                  " match simple"};
  p.Text(kMatches[static_cast<size_t>(n.match)]);
  if (n.on_delete != ReferenceAction::kNone) p.Text(" on delete ").Text(ReferenceText(n.on_delete));
  if (n.on_update != ReferenceAction::kNone) p.Text(" on update ").Text(ReferenceText(n.on_update));
}

void Format(Printer& p, const CheckDef& n) {
  p.Text("check (");
  p.Print(n.expr);
  p.Raw(")");
  if (!n.enforced) p.Text(" not enforced");
}

void Format(Printer& p, const ConstraintDef& n) {
  if (!n.name.empty()) p.Text("constraint ").Id(n.name).Raw(" ");
  p.Print(n.details);
}

void Format(Printer& p, const ColumnOptions& n) {
  if (!n.collate.empty()) p.Text(" collate ").Raw(n.collate);
  if (n.generated_as != nullptr) {
    p.Text(" as (");
    p.Print(n.generated_as);
    p.Raw(")");
    static constexpr std::string_view kStorage[] = {"", " virtual", " stored", " persistent"};
    p.Text(kStorage[static_cast<size_t>(n.storage)]);
  }
  if (n.nullable == Tristate::kYes) p.Text(" null");
  if (n.nullable == Tristate::kNo) p.Text(" not null");
  if (n.default_value != nullptr) {
    p.Raw(" ");
    FormatDefault(p, n.default_value, n.default_is_expression);
  }
  FormatClause(p, " on update ", n.on_update);
  if (n.auto_increment) p.Text(" auto_increment");
  FormatClause(p, " comment ", n.comment);
  if (n.visible == Tristate::kYes) p.Text(" visible");
  if (n.visible == Tristate::kNo) p.Text(" invisible");
  if (!n.column_format.empty()) p.Text(" column_format ").Text(n.column_format);
  if (!n.column_storage.empty()) p.Text(" storage ").Text(n.column_storage);
  FormatClause(p, " engine_attribute ", n.engine_attribute);
  FormatClause(p, " secondary_engine_attribute ", n.secondary_engine_attribute);
  p.Raw(n.more);
  FormatColumnKey(p, n.key);
  FormatClause(p, " ", n.reference);
  FormatClause(p, " srid ", n.srid);
}

void Format(Printer& p, const ColumnDef& n) {
  p.Id(n.name).Raw(" ");
  p.Print(n.type);
  p.Print(n.options);
}

void Format(Printer& p, const IndexColumn& n) {
  if (n.expr != nullptr) {
    p.Raw("(");
    p.Print(n.expr);
    p.Raw(")");
  } else {
    p.Id(n.column);
    if (n.length != nullptr) {
      p.Raw("(");
      p.Print(n.length);
      p.Raw(")");
    }
  }
  if (n.descending) p.Text(" desc");
}

void Format(Printer& p, const IndexOption& n) {
  p.Text(n.name);
  if (!n.text.empty()) p.Raw(" ").Raw(n.text);
  FormatClause(p, " ", n.value);
}

void Format(Printer& p, const IndexDef& n) {
  if (n.has_constraint && !n.constraint.empty()) {
    p.Text("constraint ").Id(n.constraint).Raw(" ");
  }
  static constexpr std::string_view kTypes[] = {"key", "primary key", "unique key", "fulltext key",
                                                "spatial key"};
  p.Text(kTypes[static_cast<size_t>(n.type)]).Raw(" ");
  if (n.if_not_exists) p.Text("if not exists ");
  if (!n.name.empty() && n.type != IndexType::kPrimary) p.Id(n.name).Raw(" ");
  p.Raw("(");
  FormatList(p, n.columns);
  p.Raw(")");
  for (const IndexOption* option : n.options) {
    p.Raw(" ");
    p.Print(option);
  }
}

void Format(Printer& p, const TableOption& n) {
  p.Text(n.name);
  // Attributes of storage engines are only read with the sign.
  const bool of_engine = LookupKeyword(n.name) == Kw::kNone;
  const std::string_view between = of_engine ? " = " : " ";
  if (!n.tables.empty()) {
    p.Raw(" (");
    FormatList(p, n.tables);
    p.Raw(")");
  } else if (n.value != nullptr) {
    p.Raw(between);
    p.Print(n.value);
  } else if (!n.text.empty()) {
    p.Raw(between);
    if (n.case_sensitive && NeedsQuotes(n.text) && LookupKeyword(n.text) == Kw::kNone) {
      p.Id(n.text);
    } else {
      p.Raw(n.text);
    }
  }
}

void Format(Printer& p, const SubPartition& n) {
  p.Text(" subpartition by ");
  FormatPartitionBy(p, n.type, n.linear, n.key_algorithm);
  p.Raw(" (");
  FormatNames(p, n.columns);
  p.Print(n.expr);
  p.Raw(")");
  if (n.count >= 0) p.Text(fmt::format(" subpartitions {}", n.count));
}

void Format(Printer& p, const SubPartitionDef& n) {
  p.Text("subpartition ").Id(n.name);
  for (const TableOption* option : n.options) {
    p.Raw(" ");
    p.Print(option);
  }
}

void Format(Printer& p, const PartitionDef& n) {
  p.Text("partition ").Id(n.name);
  switch (n.values) {
    case PartitionValues::kNone:
      break;
    case PartitionValues::kLessThan:
      p.Text(" values less than ");
      break;
    case PartitionValues::kLessThanMaxvalue:
      p.Text(" values less than maxvalue");
      break;
    case PartitionValues::kIn:
      p.Text(" values in ");
      break;
  }
  if (n.range != nullptr) {
    p.Raw("(");
    bool first = true;
    for (const Expr* item : n.range->Get<TupleExpr>().items) {
      if (!first) p.Raw(", ");
      first = false;
      const auto* column = item->As<ColumnRef>();
      if (column != nullptr && column->table.empty() && column->name == "maxvalue") {
        p.Text("maxvalue");
      } else {
        p.Print(item);
      }
    }
    p.Raw(")");
  }
  for (const TableOption* option : n.options) {
    p.Raw(" ");
    p.Print(option);
  }
  if (!n.sub_partitions.empty()) {
    p.Raw(" (");
    FormatList(p, n.sub_partitions);
    p.Raw(")");
  }
}

void Format(Printer& p, const PartitionOption& n) {
  p.Text("\npartition by ");
  FormatPartitionBy(p, n.type, n.linear, n.key_algorithm);
  if (n.by_columns) p.Text(" columns");
  p.Raw(" (");
  FormatNames(p, n.columns);
  p.Print(n.expr);
  p.Raw(")");
  if (n.count >= 0) p.Text(fmt::format(" partitions {}", n.count));
  p.Print(n.sub_partition);
  if (!n.definitions.empty()) {
    p.Raw("\n(");
    FormatList(p, n.definitions, ",\n ");
    p.Raw(")");
  }
}

void Format(Printer& p, const TableSpec& n) {
  const bool list = !n.columns.empty() || !n.indexes.empty() || !n.constraints.empty();
  if (list) {
    p.Raw(" (\n");
    bool first = true;
    const auto line = [&](const Node* node) {
      p.Raw(first ? "\t" : ",\n\t");
      first = false;
      p.Print(node);
    };
    for (const ColumnDef* column : n.columns) line(column);
    for (const IndexDef* index : n.indexes) line(index);
    for (const ConstraintDef* constraint : n.constraints) line(constraint);
    p.Raw("\n)");
  }
  for (size_t i = 0; i < n.options.size(); ++i) {
    p.Raw(i == 0 ? " " : ",\n  ");
    p.Print(n.options[i]);
  }
  p.Print(n.partition);
}

void Format(Printer& p, const CreateTable& n) {
  if (PrintSource(p, n)) return;
  p.Text("create ");
  FormatComments(p, n.comments);
  if (n.or_replace) p.Text("or replace ");
  if (n.temporary) p.Text("temporary ");
  p.Text("table ");
  if (n.if_not_exists) p.Text("if not exists ");
  p.Print(n.table);
  if (n.like != nullptr) {
    p.Text(" like ");
    p.Print(n.like);
  }
  p.Print(n.spec);
  if (n.select != nullptr) {
    if (n.select_replace) p.Text(" replace");
    if (n.select_ignore) p.Text(" ignore");
    p.Text(" as ");
    p.Print(n.select);
  }
}

namespace {

void FormatAlterColumns(Printer& p, const AlterOption& n) {
  p.Text("add column ");
  if (n.if_exists) p.Text("if not exists ");
  if (n.flag) p.Raw("(");
  FormatList(p, n.columns);
  FormatClause(p, " ", n.constraint);
  if (n.flag) p.Raw(")");
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
      FormatClause(p, "add ", n.index);
      return;
    case AlterKind::kAddConstraint:
      FormatClause(p, "add ", n.constraint);
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
      FormatClause(p, " ", n.constraint);
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
      p.Text("alter index ").Id(n.name).Text(n.flag ? " visible" : " invisible");
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
      p.Text("convert to character set ").Raw(n.text);
      if (!n.collate.empty()) p.Text(" collate ").Raw(n.collate);
      return;
    case AlterKind::kTableOptions:
      FormatList(p, n.options, " ");
      return;
    case AlterKind::kAlgorithm:
      p.Text("algorithm = ").Text(n.text);
      return;
    case AlterKind::kLock:
      p.Text("lock ").Text(n.text);
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
    case AlterKind::kOther:
      p.Raw(n.text);
      return;
  }
}

void Format(Printer& p, const PartitionSpec& n) {
  const auto names = [&] {
    if (n.all) {
      p.Text("all");
    } else {
      FormatNames(p, n.names);
    }
  };
  const auto definitions = [&] {
    p.Raw("(");
    FormatList(p, n.definitions);
    p.Raw(")");
  };
  switch (n.action) {
    case PartitionAction::kAdd:
      p.Text("add partition ");
      definitions();
      return;
    case PartitionAction::kDrop:
      p.Text("drop partition ");
      names();
      return;
    case PartitionAction::kReorganize:
      p.Text("reorganize partition ");
      names();
      p.Text(" into ");
      definitions();
      return;
    case PartitionAction::kDiscard:
      p.Text("discard partition ");
      names();
      p.Text(" tablespace");
      return;
    case PartitionAction::kImport:
      p.Text("import partition ");
      names();
      p.Text(" tablespace");
      return;
    case PartitionAction::kTruncate:
      p.Text("truncate partition ");
      names();
      return;
    case PartitionAction::kCoalesce:
      FormatClause(p, "coalesce partition ", n.number);
      return;
    case PartitionAction::kExchange:
      p.Text("exchange partition ");
      names();
      FormatClause(p, " with table ", n.table);
      if (n.without_validation) p.Text(" without validation");
      return;
    case PartitionAction::kAnalyze:
      p.Text("analyze partition ");
      names();
      return;
    case PartitionAction::kCheck:
      p.Text("check partition ");
      names();
      return;
    case PartitionAction::kOptimize:
      p.Text("optimize partition ");
      names();
      return;
    case PartitionAction::kRebuild:
      p.Text("rebuild partition ");
      names();
      return;
    case PartitionAction::kRepair:
      p.Text("repair partition ");
      names();
      return;
    case PartitionAction::kRemove:
      p.Text("remove partitioning");
      return;
    case PartitionAction::kUpgrade:
      p.Text("upgrade partitioning");
      return;
  }
}

void Format(Printer& p, const AlterTable& n) {
  if (PrintSource(p, n)) return;
  p.Text("alter ");
  FormatComments(p, n.comments);
  if (n.ignore) p.Text("ignore ");
  p.Text("table ");
  if (n.if_exists) p.Text("if exists ");
  p.Print(n.table);
  if (!n.options.empty()) {
    p.Raw(" ");
    FormatList(p, n.options);
  }
  if (n.partition_spec != nullptr) {
    const bool tight = n.partition_spec->action == PartitionAction::kRemove;
    p.Raw(n.options.empty() ? " " : tight ? " " : ", ");
    p.Print(n.partition_spec);
  }
  if (n.partition_option != nullptr) {
    p.Raw(" ");
    p.Print(n.partition_option);
  }
}

void Format(Printer& p, const DropTable& n) {
  p.Text("drop ");
  FormatComments(p, n.comments);
  if (n.temporary) p.Text("temporary ");
  p.Text("table ");
  if (n.if_exists) p.Text("if exists ");
  FormatList(p, n.tables);
}

void Format(Printer& p, const TruncateTable& n) { FormatClause(p, "truncate table ", n.table); }

void Format(Printer& p, const RenamePair& n) {
  p.Print(n.from);
  FormatClause(p, " to ", n.to);
}

void Format(Printer& p, const RenameTable& n) {
  p.Text("rename table ");
  FormatList(p, n.pairs);
}

void Format(Printer& p, const CreateView& n) {
  p.Text("create ");
  FormatComments(p, n.comments);
  if (n.or_replace) p.Text("or replace ");
  FormatViewHead(p, n.algorithm, n.definer, n.security);
  FormatViewBody(p, n.view, n.columns, n.select, n.check_option);
}

void Format(Printer& p, const AlterView& n) {
  p.Text("alter ");
  FormatComments(p, n.comments);
  FormatViewHead(p, n.algorithm, n.definer, n.security);
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
                                                " comment "};
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

void Format(Printer& p, const AlterSequence& n) {
  FormatClause(p, "alter sequence ", n.name);
  p.Raw(" ").Raw(n.options);
}

}  // namespace tessera::sqlparser
