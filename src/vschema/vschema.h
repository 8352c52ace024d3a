// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keys/destination.h"
#include "keys/tablet_type.h"
#include "vindex/vindex.h"
#include "vschema/records.h"

namespace tessera::vschema {

using Column = ColumnRecord;
struct Keyspace;
struct Table;

enum class TableType : uint8_t { kNormal, kSequence, kReference };

// Columns of a table and the vindex that maps them.
struct ColumnVindex {
  std::vector<std::string> columns;
  std::string name;  // of the vindex
  const vindex::Vindex* vindex = nullptr;
  int cost = 0;
  bool is_unique = false;
  bool owned = false;    // the vindex is a lookup that this table maintains
  bool partial = false;  // fewer columns than the vindex takes: maps to a key range

  // The vindex when it is a function, else null.
  const vindex::FunctionalVindex* functional() const;
};

// Fills `column` from a sequence when an INSERT leaves it out or gives NULL.
struct AutoIncrement {
  std::string column;
  const Table* sequence = nullptr;
};

// What stands behind a view's name.
struct View {
  std::string select;                // SQL; names without a database are of the view's keyspace
  std::vector<std::string> columns;  // its own names of the columns; empty: those of the SELECT

  friend bool operator==(const View&, const View&) = default;
};

// A table as the planner sees it. Table names are case-sensitive, column names are not.
struct Table {
  std::string name;
  const Keyspace* keyspace = nullptr;
  TableType type = TableType::kNormal;
  // The first is the primary vindex: unique, and it decides where rows live. Empty for unsharded
  // keyspaces.
  std::vector<ColumnVindex> column_vindexes;
  // The same and, for prefixes of a multi-column primary vindex, partial ones; cheapest first.
  std::vector<ColumnVindex> ordered_vindexes;
  std::optional<AutoIncrement> auto_increment;
  // Known columns, in table order; may lack some unless authoritative.
  std::vector<Column> columns;
  bool columns_authoritative = false;
  // Set when all rows live at one keyspace id.
  std::optional<keys::KeyspaceId> pinned;
  // For a reference table: where writes go. Null when this table is the source itself or has none.
  const Table* source = nullptr;
  // Copies of this table in other keyspaces, by keyspace name.
  std::map<std::string, const Table*, std::less<>> referenced_by;
  // From the tracked schema; empty when not known.
  std::vector<std::string> primary_key;
  // The planner made it up: an unsharded keyspace need not list its tables.
  bool undeclared = false;
  // A view of a sharded keyspace, where nothing else is said about that name.
  std::optional<View> view;

  const ColumnVindex* primary_vindex() const {
    return column_vindexes.empty() ? nullptr : &column_vindexes.front();
  }
  const Column* FindColumn(std::string_view column) const;
  bool is_sharded() const;
  // "keyspace.table"
  std::string QualifiedName() const;
};

// A keyspace and its tables. `error` tells why it cannot be planned for, if so. Snapshots in which
// nothing of it has changed share it.
struct Keyspace {
  std::string name;
  bool sharded = false;
  bool require_explicit_routing = false;
  ForeignKeyMode foreign_key_mode = ForeignKeyMode::kUnmanaged;
  std::string tenant_id_column;
  std::map<std::string, std::unique_ptr<vindex::Vindex>, std::less<>> vindexes;
  std::map<std::string, std::unique_ptr<Table>, std::less<>> tables;
  std::optional<Error> error;

  // A table that nobody declared, for an unsharded keyspace: made when first asked for, by any
  // thread. It lives as long as the keyspace.
  const Table* Undeclared(std::string_view table) const;

 private:
  mutable std::mutex undeclared_mutex_;
  mutable std::map<std::string, std::unique_ptr<Table>, std::less<>> undeclared_;
};

// What the schema tracker learned of one table.
struct TrackedTable {
  std::string name;
  std::vector<Column> columns;
  std::vector<std::string> primary_key;
  std::optional<View> view;  // then neither columns nor a key are known
};

// Keyspace name to the tables its tablets reported.
using TrackedTables = std::shared_ptr<const std::vector<TrackedTable>>;
using TrackedSchema = std::map<std::string, TrackedTables, std::less<>>;

// What a table expression names: a table, or the vindex of that name.
struct TableOrVindex {
  const Table* table = nullptr;
  const vindex::Vindex* vindex = nullptr;
  const Keyspace* vindex_keyspace = nullptr;
};

// Databases that every server has and no keyspace is called: information_schema and the like. Names
// compare without case.
bool IsSystemDatabase(std::string_view name);

// All keyspaces, names and rules as of one moment. Immutable: hold a shared_ptr for as long as
// pointers into it live.
class VSchema {
 public:
  // Never fails as a whole: what is wrong with a keyspace or rule is stored there and given to
  // whoever uses it. Shares with `before`, which may be null, the keyspaces whose records and
  // tracked tables are shared as well, and that lead to no other that was built anew.
  static std::shared_ptr<const VSchema> Build(const SrvVSchemaRecord& record,
                                              const TrackedSchema& tracked = {},
                                              const VSchema* before = nullptr);
  ~VSchema();

  struct Rep;  // internal/rep.h

  // The table named, after keyspace and table routing rules. An empty keyspace looks among the
  // global names. Errors: kNotFound (MySQL 1146, 1049), kFailedPrecondition for ambiguous and
  // disabled names, or the keyspace's own error.
  Result<const Table*> FindTable(std::string_view keyspace, std::string_view name,
                                 keys::TabletType tablet_type = keys::TabletType::kPrimary) const;
  // The same, and failing that a vindex.
  Result<TableOrVindex> FindTableOrVindex(
      std::string_view keyspace, std::string_view name,
      keys::TabletType tablet_type = keys::TabletType::kPrimary) const;

  // The keyspace after keyspace routing; kNotFound (MySQL 1049) or the keyspace's own error.
  Result<const Keyspace*> FindKeyspace(
      std::string_view name, keys::TabletType tablet_type = keys::TabletType::kPrimary) const;
  // The only keyspace, or null when there are none or several.
  const Keyspace* SingleKeyspace() const;

  // Where shard routing rules send a shard: its keyspace, or that named by a rule.
  std::string_view RouteShard(std::string_view keyspace, std::string_view shard) const;

  using Keyspaces = std::map<std::string, std::shared_ptr<const Keyspace>, std::less<>>;
  const Keyspaces& keyspaces() const;
  const SrvVSchemaRecord& record() const;
  const TrackedSchema& tracked() const;

  // A new snapshot of the same records with the tracked schema of one keyspace replaced.
  std::shared_ptr<const VSchema> WithTrackedColumns(std::string_view keyspace,
                                                    std::vector<TrackedTable> tables) const;

 private:
  VSchema();
  std::unique_ptr<Rep> rep_;
};

// Checks a keyspace's record as ApplyVSchema does before it is saved: every error, and unknown
// parameters of vindexes as (vindex, parameters).
Result<std::map<std::string, std::vector<std::string>>> ValidateKeyspace(
    std::string_view name, const KeyspaceRecord& record);

}  // namespace tessera::vschema
