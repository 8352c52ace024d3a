// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sqlparser/ast_query.h"

// What a table is made of, and CREATE TABLE and ALTER TABLE, which say it.
namespace tessera::sqlparser {

// Data definition. A statement whose tail the grammar does not know keeps its head and has
// fully_parsed false and the whole text in source, so that it can still be passed on.
struct DdlStatement : Statement {
  using Statement::Statement;
  bool fully_parsed = true;
  std::string_view source;  // the statement as written; not part of equality
  static constexpr bool Matches(Kind k) {
    return k == Kind::kCreateTable || k == Kind::kAlterTable || k == Kind::kDropTable ||
           k == Kind::kTruncateTable || k == Kind::kRenameTable || k == Kind::kCreateView ||
           k == Kind::kAlterView || k == Kind::kDropView || k == Kind::kCreateDatabase ||
           k == Kind::kAlterDatabase || k == Kind::kDropDatabase || k == Kind::kCreateSequence ||
           k == Kind::kAlterSequence || k == Kind::kDropSequence ||
           (k >= Kind::kCreateProcedure && k <= Kind::kDropProgram);
  }
};

enum class ReferenceAction : uint8_t {
  kNone,
  kRestrict,
  kCascade,
  kNoAction,
  kSetNull,
  kSetDefault,
};
enum class MatchAction : uint8_t { kNone, kFull, kPartial, kSimple };

struct IndexColumn : Node {
  Ident column;  // empty for an expression
  const Literal* length = nullptr;
  const Expr* expr = nullptr;
  bool descending = false;
  TESSERA_SQL_NODE(IndexColumn, Node, column, length, expr, descending)
};

// REFERENCES table (columns) ...; with own_columns when it is a table constraint.
struct ForeignKeyDef : Node {
  bool if_not_exists = false;  // MariaDB
  Ident index_name;
  List<IndexColumn> columns;
  const TableName* table = nullptr;
  std::span<const Ident> referenced_columns;
  MatchAction match = MatchAction::kNone;
  ReferenceAction on_delete = ReferenceAction::kNone;
  ReferenceAction on_update = ReferenceAction::kNone;
  TESSERA_SQL_NODE(ForeignKeyDef, Node, if_not_exists, index_name, columns, table,
                   referenced_columns, match, on_delete, on_update)
};

struct CheckDef : Node {
  const Expr* expr = nullptr;
  bool enforced = true;
  TESSERA_SQL_NODE(CheckDef, Node, expr, enforced)
};

struct ConstraintDef : Node {
  bool if_not_exists = false;  // MariaDB's ADD CONSTRAINT IF NOT EXISTS
  Ident name;
  const Node* details = nullptr;  // ForeignKeyDef or CheckDef
  TESSERA_SQL_NODE(ConstraintDef, Node, if_not_exists, name, details)
};

// ENGINE = x, COMMENT 'x', UNION (a, b), ...; also the attributes that a storage engine gives to
// columns, indexes and partitions.
struct TableOption : Node {
  Ident name;                   // as written, "default" and "=" dropped
  Ident word;                   // a value that is a word: compact, default
  std::string_view identifier;  // a value that is a name: the engine, a character set
  const Literal* value = nullptr;
  List<TableName> tables;     // UNION (a, b)
  bool is_attribute = false;  // of a storage engine: name = value, and any name goes
  TESSERA_SQL_NODE(TableOption, Node, name, word, identifier, value, tables, is_attribute)
};

enum class ColumnKey : uint8_t {
  kNone,
  kPrimary,
  kUnique,
  kUniqueKey,
  kKey,
  kSpatialKey,
  kFulltextKey,
};
enum class Tristate : uint8_t { kUnset, kNo, kYes };
enum class GeneratedStorage : uint8_t { kNone, kVirtual, kStored, kPersistent };
enum class RowBound : uint8_t { kNone, kStart, kEnd };  // GENERATED ALWAYS AS ROW START

struct ColumnOptions : Node {
  Tristate nullable = Tristate::kUnset;
  bool auto_increment = false;
  std::string_view collate;  // printed form
  const Expr* default_value = nullptr;
  bool default_is_expression = false;  // DEFAULT (expr)
  const Expr* on_update = nullptr;
  const Expr* generated_as = nullptr;
  GeneratedStorage storage = GeneratedStorage::kNone;
  const Literal* comment = nullptr;
  Ident reference_name;  // CONSTRAINT x REFERENCES
  const ForeignKeyDef* reference = nullptr;
  ColumnKey key = ColumnKey::kNone;
  bool also_unique = false;  // besides key
  Tristate visible = Tristate::kUnset;
  std::string_view column_format;
  std::string_view column_storage;
  const Literal* engine_attribute = nullptr;
  const Literal* secondary_engine_attribute = nullptr;
  const Literal* srid = nullptr;
  // MariaDB's own.
  RowBound row_bound = RowBound::kNone;
  Tristate versioned = Tristate::kUnset;  // WITH, WITHOUT SYSTEM VERSIONING
  const Literal* ref_system_id = nullptr;
  List<TableOption> attributes;
  TESSERA_SQL_NODE(ColumnOptions, Node, nullable, auto_increment, collate, default_value,
                   default_is_expression, on_update, generated_as, storage, comment, reference_name,
                   reference, key, also_unique, visible, column_format, column_storage,
                   engine_attribute, secondary_engine_attribute, srid, row_bound, versioned,
                   ref_system_id, attributes)
};

struct ColumnDef : Node {
  Ident name;
  const DataType* type = nullptr;
  const ColumnOptions* options = nullptr;
  TESSERA_SQL_NODE(ColumnDef, Node, name, type, options)
};

// KEY_BLOCK_SIZE = 8, COMMENT 'x', USING btree, VISIBLE, WITH PARSER p, ...
struct IndexOption : Node {
  Ident name;             // one word or two, as written
  std::string_view text;  // a bare value: btree, the parser's name
  const Expr* value = nullptr;
  const TableOption* attribute = nullptr;  // instead of all this
  TESSERA_SQL_NODE(IndexOption, Node, name, text, value, attribute)
};

enum class IndexType : uint8_t { kDefault, kPrimary, kUnique, kFulltext, kSpatial };

struct IndexDef : Node {
  IndexType type = IndexType::kDefault;
  Ident constraint;  // CONSTRAINT name
  bool has_constraint = false;
  bool or_replace = false;  // CREATE OR REPLACE INDEX
  bool if_not_exists = false;
  Ident name;
  List<IndexColumn> columns;
  Ident period;  // MariaDB: (columns, period WITHOUT OVERLAPS)
  List<IndexOption> options;
  TESSERA_SQL_NODE(IndexDef, Node, type, constraint, has_constraint, or_replace, if_not_exists,
                   name, columns, period, options)
};

// MariaDB: PERIOD FOR name (start, end)
struct PeriodDef : Node {
  bool if_not_exists = false;
  Ident name;  // "system_time" is the server's own
  Ident start;
  Ident end;
  TESSERA_SQL_NODE(PeriodDef, Node, if_not_exists, name, start, end)
};

enum class PartitionType : uint8_t { kHash, kKey, kRange, kList, kSystemTime };

struct SubPartition : Node {
  PartitionType type = PartitionType::kHash;
  bool linear = false;
  int key_algorithm = 0;
  std::span<const Ident> columns;
  const Expr* expr = nullptr;
  int count = -1;
  TESSERA_SQL_NODE(SubPartition, Node, type, linear, key_algorithm, columns, expr, count)
};

struct SubPartitionDef : Node {
  Ident name;
  List<TableOption> options;
  TESSERA_SQL_NODE(SubPartitionDef, Node, name, options)
};

enum class PartitionValues : uint8_t {
  kNone,
  kLessThan,
  kLessThanMaxvalue,
  kIn,
  kDefault,  // MariaDB, like the next
  kHistory,
  kCurrent,
};

struct PartitionDef : Node {
  Ident name;
  PartitionValues values = PartitionValues::kNone;
  const Expr* range = nullptr;  // TupleExpr
  List<TableOption> options;
  List<SubPartitionDef> sub_partitions;
  TESSERA_SQL_NODE(PartitionDef, Node, name, values, range, options, sub_partitions)
};

// MariaDB: when PARTITION BY SYSTEM_TIME begins its next partition.
struct SystemTimeRotation : Node {
  const Expr* interval = nullptr;  // INTERVAL 1 day
  std::string_view unit;
  const Expr* starts = nullptr;
  const Literal* limit = nullptr;  // LIMIT 1000
  bool automatic = false;
  TESSERA_SQL_NODE(SystemTimeRotation, Node, interval, unit, starts, limit, automatic)
};

struct PartitionOption : Node {
  PartitionType type = PartitionType::kHash;
  bool linear = false;
  int key_algorithm = 0;
  bool by_columns = false;
  std::span<const Ident> columns;
  const Expr* expr = nullptr;
  int count = -1;
  const SystemTimeRotation* rotation = nullptr;
  const SubPartition* sub_partition = nullptr;
  List<PartitionDef> definitions;
  TESSERA_SQL_NODE(PartitionOption, Node, type, linear, key_algorithm, by_columns, columns, expr,
                   count, rotation, sub_partition, definitions)
};

struct TableSpec : Node {
  List<ColumnDef> columns;
  List<IndexDef> indexes;
  List<ConstraintDef> constraints;
  List<PeriodDef> periods;
  List<TableOption> options;
  const PartitionOption* partition = nullptr;
  TESSERA_SQL_NODE(TableSpec, Node, columns, indexes, constraints, periods, options, partition)
};

struct CreateTable : DdlStatement {
  Comments comments;
  bool or_replace = false;  // MariaDB
  bool temporary = false;
  bool if_not_exists = false;
  const TableName* table = nullptr;
  const TableName* like = nullptr;  // LIKE other
  const TableSpec* spec = nullptr;
  const QueryExpr* select = nullptr;  // [AS] SELECT ...
  bool select_replace = false;
  bool select_ignore = false;
  bool with_system_versioning = false;  // behind the SELECT
  TESSERA_SQL_NODE(CreateTable, DdlStatement, comments, or_replace, temporary, if_not_exists, table,
                   like, spec, select, select_replace, select_ignore, with_system_versioning,
                   fully_parsed)
};

enum class AlterKind : uint8_t {
  kAddColumns,
  kAddIndex,
  kAddConstraint,
  kDropColumn,
  kDropKey,
  kDropPrimaryKey,
  kDropForeignKey,
  kDropConstraint,
  kDropCheck,
  kModifyColumn,
  kChangeColumn,
  kAlterColumn,
  kAlterCheck,
  kAlterIndex,
  kRenameTable,
  kRenameIndex,
  kRenameColumn,
  kOrderBy,
  kCharset,
  kTableOptions,
  kAlgorithm,
  kLock,
  kForce,
  kKeysState,
  kTablespace,
  kValidation,
  kAddPeriod,
  kDropPeriod,
  kAddSystemVersioning,
  kDropSystemVersioning,
  kSecondaryLoad,
  kSecondaryUnload,
};

// One comma-separated part of ALTER TABLE.
struct AlterOption : Node {
  AlterKind action = AlterKind::kForce;
  Ident name;  // the column, index, constraint, period
  Ident new_name;
  Ident word;                // algorithm, lock
  std::string_view charset;  // printed form, like the next
  std::string_view collate;
  bool flag = false;       // enforced, visible, enable, discard, with validation, parenthesised
  bool if_exists = false;  // or IF NOT EXISTS
  List<ColumnDef> columns;
  List<ConstraintDef> constraints;  // checks of the columns, and what stands in ADD (...)
  List<IndexDef> indexes;
  List<PeriodDef> periods;
  bool first = false;
  const ColumnRef* after = nullptr;
  const Expr* default_value = nullptr;
  bool default_is_expression = false;
  bool drop_default = false;
  Tristate visible = Tristate::kUnset;
  Tristate ignored = Tristate::kUnset;
  const TableName* table = nullptr;
  List<OrderItem> order_by;
  List<TableOption> options;
  std::span<const Ident> partitions;  // SECONDARY_LOAD PARTITION (a, b)
  TESSERA_SQL_NODE(AlterOption, Node, action, name, new_name, word, charset, collate, flag,
                   if_exists, columns, constraints, indexes, periods, first, after, default_value,
                   default_is_expression, drop_default, visible, ignored, table, order_by, options,
                   partitions)
};

enum class PartitionAction : uint8_t {
  kAdd,
  kDrop,
  kReorganize,
  kDiscard,
  kImport,
  kTruncate,
  kCoalesce,
  kExchange,
  kAnalyze,
  kCheck,
  kOptimize,
  kRebuild,
  kRepair,
  kRemove,
  kUpgrade,
  kConvertToTable,    // MariaDB, like the next
  kConvertFromTable,  // definitions has the one that the table becomes
};

struct PartitionSpec : Node {
  PartitionAction action = PartitionAction::kAdd;
  bool if_exists = false;  // or IF NOT EXISTS
  bool no_write_to_binlog = false;
  bool all = false;
  std::span<const Ident> names;
  const Literal* number = nullptr;  // COALESCE PARTITION 2, ADD PARTITION PARTITIONS 2
  const TableName* table = nullptr;
  bool without_validation = false;
  List<PartitionDef> definitions;
  std::string_view checks;  // CHECK and REPAIR: "extended", "quick use_frm"
  TESSERA_SQL_NODE(PartitionSpec, Node, action, if_exists, no_write_to_binlog, all, names, number,
                   table, without_validation, definitions, checks)
};

// CREATE INDEX and DROP INDEX are parsed into ALTER TABLE too.
struct AlterTable : DdlStatement {
  Comments comments;
  bool online = false;  // MariaDB, like the next three
  bool ignore = false;
  bool if_exists = false;
  std::string_view wait;  // "", "nowait", "wait 5"
  const TableName* table = nullptr;
  List<AlterOption> options;
  const PartitionSpec* partition_spec = nullptr;
  const PartitionOption* partition_option = nullptr;
  TESSERA_SQL_NODE(AlterTable, DdlStatement, comments, online, ignore, if_exists, wait, table,
                   options, partition_spec, partition_option, fully_parsed)
};

}  // namespace tessera::sqlparser
