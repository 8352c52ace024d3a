// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// VSchemas against the tables that are there, and shards against each other.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "doctor/checks.h"
#include "doctor/internal/note.h"
#include "keys/tablet_type.h"

namespace tessera::doctor {

namespace {

using Columns = std::set<std::string>;  // in lower case: MySQL does not tell case apart
using Tables = std::map<std::string, Columns>;
using Shards = std::map<std::string, Tables>;

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Tables of Vitess's own, and what online DDL leaves behind.
bool IsInternal(const std::string& table) { return table.starts_with("_vt"); }

Tables TablesOf(const std::vector<TableFacts>& told) {
  Tables out;
  for (const TableFacts& table : told) {
    if (IsInternal(table.name)) continue;
    Columns& columns = out[table.name];
    for (const std::string& column : table.columns) columns.insert(Lower(column));
  }
  return out;
}

// The tables of each shard that a tablet told of, its primary if possible.
Shards ShardsOf(const Facts& facts, const std::string& keyspace) {
  Shards out;
  for (const TabletFacts& tablet : facts.tablets) {
    if (tablet.record.keyspace != keyspace || !IsTold(tablet.tables)) continue;
    const bool primary = tablet.record.type == keys::TabletType::kPrimary;
    if (!primary && out.contains(tablet.record.shard)) continue;
    out[tablet.record.shard] = TablesOf(**tablet.tables);
  }
  return out;
}

std::vector<std::string> ColumnsOf(const vschema::ColumnVindexRecord& vindex) {
  return vindex.columns.empty() ? std::vector<std::string>(1, vindex.column) : vindex.columns;
}

// The columns that the VSchema's table needs and MySQL's lacks.
std::string MissingColumns(const vschema::TableRecord& table, const Columns& there) {
  std::set<std::string> missing;
  const auto need = [&](const std::string& column) {
    if (!column.empty() && !there.contains(Lower(column))) missing.insert(column);
  };
  for (const vschema::ColumnVindexRecord& vindex : table.column_vindexes)
    for (const std::string& column : ColumnsOf(vindex)) need(column);
  need(table.auto_increment_column);
  std::string out;
  for (const std::string& column : missing) out += (out.empty() ? "" : ", ") + column;
  return out;
}

// A table that only some shards have is a change cut short; one that none has is not made yet.
void NoteMissing(const std::string& subject, const std::string& table, const Shards& shards,
                 Notes& notes) {
  const bool elsewhere = std::any_of(shards.begin(), shards.end(), [&table](const auto& shard) {
    return shard.second.contains(table);
  });
  if (elsewhere) {
    notes.Fault(subject,
                fmt::format("the VSchema has table {}, and MySQL has it on other shards but not "
                            "here: statements that come here fail",
                            table),
                "CREATE TABLE it here as it is there (ExecuteFetchAsDBA on the primary), and find "
                "out who dropped it");
  } else {
    notes.Warn(subject, fmt::format("the VSchema has table {}, and MySQL has not", table),
               "CREATE TABLE it through a gate or ApplySchema, or take it out of the VSchema "
               "(ApplyVSchema)");
  }
}

// One shard against its keyspace's VSchema.
void CheckShard(const std::string& subject, const vschema::KeyspaceRecord& vschema,
                const Tables& tables, const Shards& shards, Notes& notes) {
  bool well = true;
  for (const auto& [name, table] : vschema.tables) {
    const auto there = tables.find(name);
    if (there == tables.end()) {
      well = false;
      NoteMissing(subject, name, shards, notes);
      continue;
    }
    const std::string missing = MissingColumns(table, there->second);
    if (missing.empty()) continue;
    well = false;
    notes.Fault(subject,
                fmt::format("table {} has no column {}, which its vindexes or its sequence need",
                            name, missing),
                "correct the column's name in the VSchema, or ALTER TABLE");
  }
  for (const auto& [name, columns] : tables) {
    // Without sharding gates find tables that nobody declared.
    if (!vschema.sharded || vschema.tables.contains(name)) continue;
    well = false;
    notes.Warn(subject,
               fmt::format("MySQL has table {}, and the VSchema has not: gates do not know where "
                           "its rows are",
                           name),
               "add it to the VSchema (ApplyVSchema), or drop it");
  }
  if (well) notes.Ok(subject, fmt::format("{} tables as the VSchema says", tables.size()));
}

// Tables whose columns are not the same on all shards that have them.
void CompareShards(const std::string& keyspace, const Shards& shards, Findings& out) {
  Notes notes("schema", "same on all shards", out);
  if (shards.size() < 2) return;
  const auto& [first_name, first] = *shards.begin();
  bool well = true;
  for (const auto& [name, tables] : shards) {
    for (const auto& [table, columns] : tables) {
      const auto other = first.find(table);
      if (other == first.end() || other->second == columns) continue;
      well = false;
      notes.Fault(
          "keyspace " + keyspace,
          fmt::format("table {} has other columns on shard {} than on {}", table, name, first_name),
          "ALTER TABLE where it lags behind: a schema change was cut short");
    }
  }
  if (well) notes.Ok("keyspace " + keyspace, fmt::format("{} shards", shards.size()));
}

void CheckKeyspace(const Facts& facts, const KeyspaceFacts& keyspace, Findings& out) {
  Notes notes("schema", "VSchema", out);
  const Shards shards = ShardsOf(facts, keyspace.name);
  CompareShards(keyspace.name, shards, out);
  if (!keyspace.vschema) return;
  for (const auto& [shard, tables] : shards)
    CheckShard(fmt::format("shard {}/{}", keyspace.name, shard), *keyspace.vschema, tables, shards,
               notes);
  for (const auto& [shard, record] : keyspace.shards) {
    if (shards.contains(shard)) continue;
    for (const TabletFacts& tablet : facts.tablets) {
      const bool here = tablet.record.keyspace == keyspace.name && tablet.record.shard == shard;
      if (!here || !tablet.tables || tablet.tables->ok()) continue;
      notes.Unknown(fmt::format("shard {}/{}", keyspace.name, shard), "its tables",
                    tablet.tables->error());
      break;
    }
  }
}

}  // namespace

void CheckSchema(const Facts& facts, Findings& out) {
  for (const KeyspaceFacts& keyspace : facts.keyspaces) CheckKeyspace(facts, keyspace, out);
}

}  // namespace tessera::doctor
