// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sqlparser/ast_query.h"

// Data definition. A statement whose tail the grammar does not know keeps its head and has
// fully_parsed false and the whole text in source, so that it can still be passed on.
namespace tessera::sqlparser {

struct DdlStatement : Statement {
  using Statement::Statement;
  bool fully_parsed = true;
  std::string_view source;  // the statement as written; not part of equality
  static constexpr bool Matches(Kind k) {
    return k == Kind::kCreateTable || k == Kind::kAlterTable || k == Kind::kDropTable ||
           k == Kind::kTruncateTable || k == Kind::kRenameTable || k == Kind::kCreateView ||
           k == Kind::kAlterView || k == Kind::kDropView || k == Kind::kCreateDatabase ||
           k == Kind::kAlterDatabase || k == Kind::kDropDatabase ||
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

// REFERENCES table (columns) ...; with own_columns when it is a table constraint.
struct ForeignKeyDef : Node {
  Ident index_name;
  std::span<const Ident> columns;
  const TableName* table = nullptr;
  std::span<const Ident> referenced_columns;
  MatchAction match = MatchAction::kNone;
  ReferenceAction on_delete = ReferenceAction::kNone;
  ReferenceAction on_update = ReferenceAction::kNone;
  TESSERA_SQL_NODE(ForeignKeyDef, Node, index_name, columns, table, referenced_columns, match,
                   on_delete, on_update)
};

struct CheckDef : Node {
  const Expr* expr = nullptr;
  bool enforced = true;
  TESSERA_SQL_NODE(CheckDef, Node, expr, enforced)
};

struct ConstraintDef : Node {
  Ident name;
  const Node* details = nullptr;  // ForeignKeyDef or CheckDef
  TESSERA_SQL_NODE(ConstraintDef, Node, name, details)
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
  const ForeignKeyDef* reference = nullptr;
  ColumnKey key = ColumnKey::kNone;
  Tristate visible = Tristate::kUnset;
  std::string_view column_format;
  std::string_view column_storage;
  const Literal* engine_attribute = nullptr;
  const Literal* secondary_engine_attribute = nullptr;
  const Literal* srid = nullptr;
  std::string_view
      more;  // MariaDB's own, canonical text: "compressed", "without system versioning"
  TESSERA_SQL_NODE(ColumnOptions, Node, nullable, auto_increment, collate, default_value,
                   default_is_expression, on_update, generated_as, storage, comment, reference, key,
                   visible, column_format, column_storage, engine_attribute,
                   secondary_engine_attribute, srid, more)
};

struct ColumnDef : Node {
  Ident name;
  const DataType* type = nullptr;
  const ColumnOptions* options = nullptr;
  TESSERA_SQL_NODE(ColumnDef, Node, name, type, options)
};

struct IndexColumn : Node {
  Ident column;  // empty for an expression
  const Literal* length = nullptr;
  const Expr* expr = nullptr;
  bool descending = false;
  TESSERA_SQL_NODE(IndexColumn, Node, column, length, expr, descending)
};

// KEY_BLOCK_SIZE = 8, COMMENT 'x', USING btree, VISIBLE, WITH PARSER p, ...
struct IndexOption : Node {
  std::string_view name;  // lower case
  std::string_view text;  // a bare value: btree, the parser's name
  const Expr* value = nullptr;
  TESSERA_SQL_NODE(IndexOption, Node, name, text, value)
};

enum class IndexType : uint8_t { kDefault, kPrimary, kUnique, kFulltext, kSpatial };

struct IndexDef : Node {
  IndexType type = IndexType::kDefault;
  Ident constraint;  // CONSTRAINT name
  bool has_constraint = false;
  bool if_not_exists = false;
  Ident name;
  List<IndexColumn> columns;
  List<IndexOption> options;
  TESSERA_SQL_NODE(IndexDef, Node, type, constraint, has_constraint, if_not_exists, name, columns,
                   options)
};

struct TableOption : Node {
  std::string_view name;  // lower case, "default" and "=" dropped
  std::string_view text;  // a bare value
  const Literal* value = nullptr;
  List<TableName> tables;       // UNION (a, b)
  bool case_sensitive = false;  // text is an identifier rather than a word
  TESSERA_SQL_NODE(TableOption, Node, name, text, value, tables, case_sensitive)
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

enum class PartitionValues : uint8_t { kNone, kLessThan, kLessThanMaxvalue, kIn };

struct PartitionDef : Node {
  Ident name;
  PartitionValues values = PartitionValues::kNone;
  const Expr* range = nullptr;  // TupleExpr
  List<TableOption> options;
  List<SubPartitionDef> sub_partitions;
  TESSERA_SQL_NODE(PartitionDef, Node, name, values, range, options, sub_partitions)
};

struct PartitionOption : Node {
  PartitionType type = PartitionType::kHash;
  bool linear = false;
  int key_algorithm = 0;
  bool by_columns = false;
  std::span<const Ident> columns;
  const Expr* expr = nullptr;
  int count = -1;
  const SubPartition* sub_partition = nullptr;
  List<PartitionDef> definitions;
  TESSERA_SQL_NODE(PartitionOption, Node, type, linear, key_algorithm, by_columns, columns, expr,
                   count, sub_partition, definitions)
};

struct TableSpec : Node {
  List<ColumnDef> columns;
  List<IndexDef> indexes;
  List<ConstraintDef> constraints;
  List<TableOption> options;
  const PartitionOption* partition = nullptr;
  TESSERA_SQL_NODE(TableSpec, Node, columns, indexes, constraints, options, partition)
};

struct CreateTable : DdlStatement {
  Comments comments;
  bool or_replace = false;  // MariaDB
  bool temporary = false;
  bool if_not_exists = false;
  const TableName* table = nullptr;
  const TableName* like = nullptr;  // LIKE other
  bool like_in_parens = false;
  const TableSpec* spec = nullptr;
  const QueryExpr* select = nullptr;  // [AS] SELECT ...
  bool select_replace = false;
  bool select_ignore = false;
  TESSERA_SQL_NODE(CreateTable, DdlStatement, comments, or_replace, temporary, if_not_exists, table,
                   like, like_in_parens, spec, select, select_replace, select_ignore, fully_parsed)
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
  kOther,
};

// One comma-separated part of ALTER TABLE.
struct AlterOption : Node {
  AlterKind action = AlterKind::kOther;
  Ident name;  // the column, index, constraint
  Ident new_name;
  std::string_view text;  // algorithm, lock, charset, enable/disable, kOther's canonical text
  std::string_view collate;
  bool flag = false;       // enforced, visible, enable, discard, with validation, parenthesised
  bool if_exists = false;  // or IF NOT EXISTS
  List<ColumnDef> columns;
  const IndexDef* index = nullptr;
  const ConstraintDef* constraint = nullptr;
  bool first = false;
  const ColumnRef* after = nullptr;
  const Expr* default_value = nullptr;
  bool default_is_expression = false;
  bool drop_default = false;
  Tristate visible = Tristate::kUnset;
  const TableName* table = nullptr;
  List<OrderItem> order_by;
  List<TableOption> options;
  TESSERA_SQL_NODE(AlterOption, Node, action, name, new_name, text, collate, flag, if_exists,
                   columns, index, constraint, first, after, default_value, default_is_expression,
                   drop_default, visible, table, order_by, options)
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
};

struct PartitionSpec : Node {
  PartitionAction action = PartitionAction::kAdd;
  bool all = false;
  std::span<const Ident> names;
  const Literal* number = nullptr;
  const TableName* table = nullptr;
  bool without_validation = false;
  List<PartitionDef> definitions;
  TESSERA_SQL_NODE(PartitionSpec, Node, action, all, names, number, table, without_validation,
                   definitions)
};

// CREATE INDEX and DROP INDEX are parsed into ALTER TABLE too.
struct AlterTable : DdlStatement {
  Comments comments;
  bool ignore = false;  // MariaDB, like the next
  bool if_exists = false;
  const TableName* table = nullptr;
  List<AlterOption> options;
  const PartitionSpec* partition_spec = nullptr;
  const PartitionOption* partition_option = nullptr;
  TESSERA_SQL_NODE(AlterTable, DdlStatement, comments, ignore, if_exists, table, options,
                   partition_spec, partition_option, fully_parsed)
};

struct DropTable : DdlStatement {
  Comments comments;
  bool temporary = false;
  bool if_exists = false;
  List<TableName> tables;
  TESSERA_SQL_NODE(DropTable, DdlStatement, comments, temporary, if_exists, tables)
};

struct TruncateTable : DdlStatement {
  const TableName* table = nullptr;
  TESSERA_SQL_NODE(TruncateTable, DdlStatement, table)
};

struct RenamePair : Node {
  const TableName* from = nullptr;
  const TableName* to = nullptr;
  TESSERA_SQL_NODE(RenamePair, Node, from, to)
};

struct RenameTable : DdlStatement {
  List<RenamePair> pairs;
  TESSERA_SQL_NODE(RenameTable, DdlStatement, pairs)
};

// Also carries what precedes VIEW in CREATE and ALTER.
struct CreateView : DdlStatement {
  Comments comments;
  bool or_replace = false;
  bool if_not_exists = false;
  std::string_view algorithm;
  std::string_view definer;  // printed form: a@`b.c`, current_user()
  std::string_view security;
  const TableName* view = nullptr;
  std::span<const Ident> columns;
  const QueryExpr* select = nullptr;
  std::string_view check_option;  // "", "cascaded", "local"
  TESSERA_SQL_NODE(CreateView, DdlStatement, comments, or_replace, if_not_exists, algorithm,
                   definer, security, view, columns, select, check_option)
};

struct AlterView : DdlStatement {
  Comments comments;
  std::string_view algorithm;
  std::string_view definer;
  std::string_view security;
  const TableName* view = nullptr;
  std::span<const Ident> columns;
  const QueryExpr* select = nullptr;
  std::string_view check_option;
  TESSERA_SQL_NODE(AlterView, DdlStatement, comments, algorithm, definer, security, view, columns,
                   select, check_option)
};

struct DropView : DdlStatement {
  Comments comments;
  bool if_exists = false;
  List<TableName> views;
  TESSERA_SQL_NODE(DropView, DdlStatement, comments, if_exists, views)
};

enum class DatabaseOptionType : uint8_t { kCharset, kCollate, kEncryption, kComment };

struct DatabaseOption : Node {
  DatabaseOptionType type = DatabaseOptionType::kCharset;
  bool is_default = false;
  std::string_view value;  // printed form
  TESSERA_SQL_NODE(DatabaseOption, Node, type, is_default, value)
};

struct CreateDatabase : DdlStatement {
  Comments comments;
  bool or_replace = false;  // MariaDB
  bool if_not_exists = false;
  std::string_view name;
  List<DatabaseOption> options;
  TESSERA_SQL_NODE(CreateDatabase, DdlStatement, comments, or_replace, if_not_exists, name, options,
                   fully_parsed)
};

struct AlterDatabase : DdlStatement {
  std::string_view name;  // empty: the current one
  bool upgrade_data_directory = false;
  List<DatabaseOption> options;
  TESSERA_SQL_NODE(AlterDatabase, DdlStatement, name, upgrade_data_directory, options, fully_parsed)
};

struct DropDatabase : DdlStatement {
  Comments comments;
  bool if_exists = false;
  std::string_view name;
  TESSERA_SQL_NODE(DropDatabase, DdlStatement, comments, if_exists, name)
};

struct VindexParam : Node {
  std::string_view name;
  std::string_view value;
  TESSERA_SQL_NODE(VindexParam, Node, name, value)
};

struct VindexSpec : Node {
  Ident name;
  Ident type;
  List<VindexParam> params;
  TESSERA_SQL_NODE(VindexSpec, Node, name, type, params)
};

enum class VschemaAction : uint8_t {
  kCreateVindex,
  kDropVindex,
  kAddTable,
  kDropTable,
  kAddVindex,
  kDropTableVindex,
  kAddSequence,
  kDropSequence,
  kAddAutoIncrement,
  kDropAutoIncrement,
};

// ALTER VSCHEMA ...
struct AlterVschema : Statement {
  VschemaAction action = VschemaAction::kAddTable;
  const TableName* table = nullptr;  // for vindexes: keyspace.vindex
  const VindexSpec* vindex = nullptr;
  std::span<const Ident> columns;
  Ident auto_increment_column;
  const TableName* sequence = nullptr;
  TESSERA_SQL_NODE(AlterVschema, Statement, action, table, vindex, columns, auto_increment_column,
                   sequence)
};

// ALTER VITESS_MIGRATION ['uuid'] action [ALL] ...
struct AlterMigration : Statement {
  std::string_view uuid;    // empty: all of them
  std::string_view action;  // retry, cleanup, launch, complete, cancel, postpone complete, ...
  std::string_view shards;
  std::string_view expire;
  const Literal* ratio = nullptr;
  std::string_view threshold;
  TESSERA_SQL_NODE(AlterMigration, Statement, uuid, action, shards, expire, ratio, threshold)
};

struct RevertMigration : Statement {
  Comments comments;
  std::string_view uuid;
  TESSERA_SQL_NODE(RevertMigration, Statement, comments, uuid)
};

struct ShowMigrationLogs : Statement {
  Comments comments;
  std::string_view uuid;
  TESSERA_SQL_NODE(ShowMigrationLogs, Statement, comments, uuid)
};

struct ShowThrottledApps : Statement {
  Comments comments;
  TESSERA_SQL_NODE(ShowThrottledApps, Statement, comments)
};

struct ShowThrottlerStatus : Statement {
  Comments comments;
  TESSERA_SQL_NODE(ShowThrottlerStatus, Statement, comments)
};

struct AlterSequence : Statement {  // MariaDB; canonical text after the name
  const TableName* name = nullptr;
  std::string_view options;
  TESSERA_SQL_NODE(AlterSequence, Statement, name, options)
};

}  // namespace tessera::sqlparser
