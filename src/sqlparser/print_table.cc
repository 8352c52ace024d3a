// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sqlparser/internal/print_impl.h"
#include "sqlparser/keywords.h"

namespace tessera::sqlparser {
namespace {

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

}  // namespace

// What follows a name that the grammar did not know: only the server's text keeps it.
bool PrintSource(Printer& p, const DdlStatement& n) {
  if (!p.server() || n.fully_parsed || n.source.empty()) return false;
  p.Raw(n.source);
  return true;
}

void FormatDefault(Printer& p, const Expr* value, bool parens) {
  p.Text("default ");
  if (parens) p.Raw("(");
  p.Print(value);
  if (parens) p.Raw(")");
}

void Format(Printer& p, const ForeignKeyDef& n) {
  if (!n.columns.empty()) {
    p.Text("foreign key ");
    if (n.if_not_exists) p.Text("if not exists ");
    if (!n.index_name.empty()) p.Id(n.index_name);
    p.Raw("(");
    FormatList(p, n.columns);
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
  if (n.if_not_exists) {
    p.Text("constraint if not exists ").Id(n.name).Raw(" ");
  } else if (!n.name.empty()) {
    p.Text("constraint ").Id(n.name).Raw(" ");
  }
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
  if (n.row_bound == RowBound::kStart) p.Text(" generated always as row start");
  if (n.row_bound == RowBound::kEnd) p.Text(" generated always as row end");
  FormatClause(p, " ref_system_id = ", n.ref_system_id);
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
  if (n.versioned == Tristate::kYes) p.Text(" with system versioning");
  if (n.versioned == Tristate::kNo) p.Text(" without system versioning");
  for (const TableOption* attribute : n.attributes) FormatClause(p, " ", attribute);
  FormatColumnKey(p, n.key);
  if (n.also_unique) p.Text(" unique");
  FormatClause(p, " srid ", n.srid);
  if (!n.reference_name.empty()) p.Text(" constraint ").Id(n.reference_name);
  FormatClause(p, " ", n.reference);
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
  p.Print(n.attribute);
  p.Text(n.name.text);
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
  if (!n.period.empty()) p.Raw(", ").Id(n.period).Text(" without overlaps");
  p.Raw(")");
  for (const IndexOption* option : n.options) {
    p.Raw(" ");
    p.Print(option);
  }
}

void Format(Printer& p, const TableOption& n) {
  // Attributes of storage engines are only read with the sign, and MariaDB knows some of MySQL's
  // options as such.
  const bool bare = n.name == Ident("storage") || n.name == Ident("tablespace");
  const bool sign = n.is_attribute || (p.server() && !bare);
  const std::string_view between = sign ? " = " : " ";
  if (n.is_attribute) {
    p.Id(n.name);
  } else {
    p.Text(n.name.text);
  }
  if (n.name == Ident("union") && !n.is_attribute) {
    p.Raw(" (");
    FormatList(p, n.tables);
    p.Raw(")");
  } else if (n.value != nullptr) {
    p.Raw(between);
    p.Print(n.value);
  } else if (!n.word.empty()) {
    p.Raw(between).Text(n.word.text);
  } else if (!n.identifier.empty()) {
    p.Raw(between);
    // Engines are called as Vitess's keywords are: memory, csv.
    if (ReadsPlain(n.identifier)) {
      p.Raw(n.identifier);
    } else {
      p.Id(n.identifier);
    }
  }
}

void Format(Printer& p, const PeriodDef& n) {
  p.Text("period ");
  if (n.if_not_exists) p.Text("if not exists ");
  p.Text("for ").Id(n.name).Raw(" (").Id(n.start).Raw(", ").Id(n.end).Raw(")");
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
    case PartitionValues::kDefault:
      p.Text(" default");
      break;
    case PartitionValues::kHistory:
      p.Text(" history");
      break;
    case PartitionValues::kCurrent:
      p.Text(" current");
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

void Format(Printer& p, const SystemTimeRotation& n) {
  if (n.interval != nullptr) {
    p.Text(" interval ");
    p.Print(n.interval);
    p.Raw(" ").Text(n.unit);
  }
  FormatClause(p, " starts ", n.starts);
  FormatClause(p, " limit ", n.limit);
  if (n.automatic) p.Text(" auto");
}

void Format(Printer& p, const PartitionOption& n) {
  p.Text("\npartition by ");
  FormatPartitionBy(p, n.type, n.linear, n.key_algorithm);
  if (n.by_columns) p.Text(" columns");
  p.Print(n.rotation);
  if (n.type != PartitionType::kSystemTime) {
    p.Raw(" (");
    FormatNames(p, n.columns);
    p.Print(n.expr);
    p.Raw(")");
  }
  if (n.count >= 0) p.Text(fmt::format(" partitions {}", n.count));
  p.Print(n.sub_partition);
  if (!n.definitions.empty()) {
    p.Raw("\n(");
    FormatList(p, n.definitions, ",\n ");
    p.Raw(")");
  }
}

void Format(Printer& p, const TableSpec& n) {
  const bool list =
      !n.columns.empty() || !n.indexes.empty() || !n.constraints.empty() || !n.periods.empty();
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
    for (const PeriodDef* period : n.periods) line(period);
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
    if (n.with_system_versioning) p.Text(" with system versioning");
  }
}

}  // namespace tessera::sqlparser
