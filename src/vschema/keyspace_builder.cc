// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/ascii.h"
#include "vindex/registry.h"
#include "vschema/internal/rep.h"

namespace tessera::vschema {
namespace {

Error Invalid(std::string message) { return Error(Code::kInvalidArgument, std::move(message)); }

Result<TableType> ParseTableType(std::string_view table, const TableRecord& record, bool sharded) {
  if (record.type.empty()) return TableType::kNormal;
  if (record.type == "reference") return TableType::kReference;
  if (record.type == "sequence") {
    if (sharded && record.pinned.empty()) {
      return Invalid(fmt::format(
          "sequence table has to be in an unsharded keyspace or must be pinned: {}", table));
    }
    return TableType::kSequence;
  }
  return Errorf(Code::kNotFound, "unidentified table type {} of table {}", record.type, table)
      .WithHint("a table's type is empty, sequence or reference");
}

// The columns of one column_vindexes entry, checked against each other and against the vindex.
Result<std::vector<std::string>> ColumnsOf(std::string_view table, const ColumnVindexRecord& record,
                                           const vindex::Vindex& vindex) {
  if (!record.column.empty() && !record.columns.empty()) {
    return Invalid(
        fmt::format("can't use column and columns at the same time in vindex {} of table {}",
                    record.name, table));
  }
  std::vector<std::string> columns = record.columns;
  if (!record.column.empty()) columns.push_back(record.column);
  if (columns.empty())
    return Invalid(
        fmt::format("no columns are given for vindex {} of table {}", record.name, table));
  std::set<std::string> seen;
  for (const std::string& column : columns) {
    if (!seen.insert(AsciiLower(column)).second) {
      return Invalid(
          fmt::format("duplicate column {} in vindex {} of table {}", column, record.name, table));
    }
  }
  // Like Vitess: a function of one column takes the first of more.
  if (!vindex.needs_lookup() && vindex.columns().max == 1) columns.resize(1);
  if (!vindex.needs_lookup() && columns.size() != static_cast<size_t>(vindex.columns().max)) {
    return Invalid(fmt::format("vindex {} of type {} takes {} columns, table {} gives it {}",
                               record.name, vindex.type(), vindex.columns().max, table,
                               columns.size()));
  }
  return columns;
}

// Prefixes of a multi-column primary vindex map too, to key ranges: each shorter one costs one
// more.
void AddPrefixes(const ColumnVindex& primary, std::vector<ColumnVindex>& out) {
  if (!primary.vindex->columns().partial) return;
  int cost = primary.cost;
  for (size_t count = primary.columns.size() - 1; count >= 1; --count) {
    ColumnVindex prefix = primary;
    prefix.columns.resize(count);
    prefix.partial = true;
    prefix.is_unique = false;
    prefix.cost = ++cost;
    out.push_back(std::move(prefix));
  }
}

class TableBuilder {
 public:
  TableBuilder(const Keyspace& keyspace, const KeyspaceRecord& record)
      : keyspace_(keyspace), keyspace_record_(record) {}

  Result<std::unique_ptr<Table>> Build(std::string_view name, const TableRecord& record) const {
    auto table = std::make_unique<Table>();
    table->name = name;
    table->keyspace = &keyspace_;
    TRY(table->type, ParseTableType(name, record, keyspace_.sharded));
    TRY_OK(TakeColumns(record, *table));
    if (!record.pinned.empty()) {
      TRY(table->pinned,
          keys::HexDecode(record.pinned).Wrap(fmt::format("pinned of table {}", name)));
    }
    if (!record.source.empty() && table->type != TableType::kReference) {
      return Invalid(fmt::format("source can only be specified for reference tables: {}", name));
    }
    const bool needs_vindex =
        keyspace_.sharded && table->type == TableType::kNormal && !table->pinned;
    if (needs_vindex && record.column_vindexes.empty()) {
      return Invalid(fmt::format("missing primary col vindex for table: {}", name));
    }
    TRY_OK(TakeVindexes(record, *table));
    return table;
  }

 private:
  Result<> TakeColumns(const TableRecord& record, Table& table) const {
    std::set<std::string> seen;
    for (const ColumnRecord& column : record.columns) {
      if (!seen.insert(AsciiLower(column.name)).second) {
        return Invalid(
            fmt::format("duplicate column name '{}' for table: {}", column.name, table.name));
      }
    }
    table.columns = record.columns;
    table.columns_authoritative = record.column_list_authoritative;
    return Ok{};
  }

  Result<> TakeVindexes(const TableRecord& record, Table& table) const {
    for (const ColumnVindexRecord& each : record.column_vindexes) {
      const auto found = keyspace_.vindexes.find(each.name);
      if (found == keyspace_.vindexes.end()) {
        return Invalid(fmt::format("vindex {} not found for table {}", each.name, table.name));
      }
      ColumnVindex added;
      added.name = each.name;
      added.vindex = found->second.get();
      added.cost = added.vindex->cost();
      added.is_unique = added.vindex->is_unique();
      TRY(added.columns, ColumnsOf(table.name, each, *added.vindex));
      const auto definition = keyspace_record_.vindexes.find(each.name);
      added.owned = added.vindex->needs_lookup() && definition->second.owner == table.name;
      const bool primary = table.column_vindexes.empty();
      if (primary && !added.is_unique) {
        return Invalid(
            fmt::format("primary vindex {} is not Unique for table {}", each.name, table.name));
      }
      if (primary && added.owned) {
        return Invalid(
            fmt::format("primary vindex {} cannot be owned for table {}", each.name, table.name));
      }
      if (!primary && !added.vindex->needs_lookup() && added.vindex->is_multi_column()) {
        return Invalid(fmt::format("multi-column vindex {} must be the first of table {}",
                                   each.name, table.name));
      }
      table.column_vindexes.push_back(std::move(added));
    }
    table.ordered_vindexes = table.column_vindexes;
    if (!table.column_vindexes.empty())
      AddPrefixes(table.column_vindexes.front(), table.ordered_vindexes);
    // A stable sort of a few: equal costs keep the order of the VSchema.
    auto& ordered = table.ordered_vindexes;
    for (auto it = ordered.begin(); it != ordered.end(); ++it) {
      const auto dearer = [it](const ColumnVindex& other) { return other.cost > it->cost; };
      std::rotate(std::find_if(ordered.begin(), it, dearer), it, it + 1);
    }
    return Ok{};
  }

  const Keyspace& keyspace_;
  const KeyspaceRecord& keyspace_record_;
};

}  // namespace

Result<std::pair<std::string, std::string>> SplitTableName(std::string_view text) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == '`') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  if (quoted || parts.size() > 2 || parts.back().empty()) {
    return Errorf(Code::kInvalidArgument,
                  "'{}' is not a table name, plain or qualified by its keyspace", text);
  }
  if (parts.size() == 1) return std::pair<std::string, std::string>("", std::move(parts[0]));
  return std::pair<std::string, std::string>(std::move(parts[0]), std::move(parts[1]));
}

std::unique_ptr<Keyspace> BuildKeyspace(std::string_view name, const KeyspaceRecord& record) {
  auto keyspace = std::make_unique<Keyspace>();
  keyspace->name = name;
  keyspace->sharded = record.sharded;
  keyspace->require_explicit_routing = record.require_explicit_routing;
  if (record.foreign_key_mode != ForeignKeyMode::kUnspecified)
    keyspace->foreign_key_mode = record.foreign_key_mode;
  keyspace->tenant_id_column = record.tenant_id_column;
  // Goes on after an error, so that what is right can be shown; the first error is what users get.
  const auto note = [&keyspace](Error error) {
    if (!keyspace->error)
      keyspace->error = std::move(error).Wrap(fmt::format("keyspace {}", keyspace->name));
  };
  for (const auto& [vindex_name, definition] : record.vindexes) {
    auto made = vindex::MakeVindex(definition.type, vindex_name, definition.params);
    if (made.ok()) {
      keyspace->vindexes[vindex_name] = std::move(*made);
    } else {
      note(std::move(made).error().Wrap(fmt::format("vindex {}", vindex_name)));
    }
  }
  const TableBuilder builder(*keyspace, record);
  for (const auto& [table_name, definition] : record.tables) {
    auto made = builder.Build(table_name, definition);
    if (made.ok()) {
      keyspace->tables[table_name] = std::move(*made);
    } else {
      note(std::move(made).error());
    }
  }
  return keyspace;
}

Result<std::map<std::string, std::vector<std::string>>> ValidateKeyspace(
    std::string_view name, const KeyspaceRecord& record) {
  const std::unique_ptr<Keyspace> keyspace = BuildKeyspace(name, record);
  if (keyspace->error) return *keyspace->error;
  std::map<std::string, std::vector<std::string>> unknown;
  for (const auto& [vindex_name, vindex] : keyspace->vindexes) {
    if (!vindex->unknown_params().empty()) unknown[vindex_name] = vindex->unknown_params();
  }
  return unknown;
}

}  // namespace tessera::vschema
