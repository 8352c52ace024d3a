// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sqlparser/ast_table.h"

// Data definition other than of a table's insides.
namespace tessera::sqlparser {

struct DropTable : DdlStatement {
  Comments comments;
  bool temporary = false;
  bool if_exists = false;
  List<TableName> tables;
  std::string_view wait;  // MariaDB: "", "nowait", "wait 5"; so below too
  TESSERA_SQL_NODE(DropTable, DdlStatement, comments, temporary, if_exists, tables, wait)
};

struct TruncateTable : DdlStatement {
  const TableName* table = nullptr;
  std::string_view wait;
  TESSERA_SQL_NODE(TruncateTable, DdlStatement, table, wait)
};

struct RenamePair : Node {
  const TableName* from = nullptr;
  std::string_view wait;
  const TableName* to = nullptr;
  TESSERA_SQL_NODE(RenamePair, Node, from, wait, to)
};

struct RenameTable : DdlStatement {
  bool if_exists = false;  // MariaDB
  List<RenamePair> pairs;
  TESSERA_SQL_NODE(RenameTable, DdlStatement, if_exists, pairs)
};

// Also carries what precedes VIEW in CREATE and ALTER.
struct CreateView : DdlStatement {
  Comments comments;
  bool or_replace = false;
  bool if_not_exists = false;
  Ident algorithm;
  std::string_view definer;  // printed form: a@`b.c`, current_user()
  Ident security;
  const TableName* view = nullptr;
  std::span<const Ident> columns;
  const QueryExpr* select = nullptr;
  std::string_view check_option;  // "", "cascaded", "local"
  TESSERA_SQL_NODE(CreateView, DdlStatement, comments, or_replace, if_not_exists, algorithm,
                   definer, security, view, columns, select, check_option)
};

struct AlterView : DdlStatement {
  Comments comments;
  Ident algorithm;
  std::string_view definer;
  Ident security;
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

enum class DatabaseOptionType : uint8_t {
  kCharset,
  kCollate,
  kEncryption,
  kComment,
  kReadOnly,
};

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

enum class SequenceOptionType : uint8_t {
  kStart,
  kIncrement,
  kMinvalue,
  kMaxvalue,
  kCache,
  kRestart,
  kNoMinvalue,
  kNoMaxvalue,
  kNocache,
  kCycle,
  kNocycle,
};

struct SequenceOption : Node {
  SequenceOptionType type = SequenceOptionType::kStart;
  bool negative = false;
  const Literal* value = nullptr;  // RESTART may have none
  TESSERA_SQL_NODE(SequenceOption, Node, type, negative, value)
};

// MariaDB's sequences.
struct CreateSequence : DdlStatement {
  Comments comments;
  bool or_replace = false;
  bool temporary = false;
  bool if_not_exists = false;
  const TableName* name = nullptr;
  List<SequenceOption> options;
  List<TableOption> table_options;
  TESSERA_SQL_NODE(CreateSequence, DdlStatement, comments, or_replace, temporary, if_not_exists,
                   name, options, table_options)
};

struct AlterSequence : DdlStatement {
  Comments comments;
  bool if_exists = false;
  const TableName* name = nullptr;
  List<SequenceOption> options;
  TESSERA_SQL_NODE(AlterSequence, DdlStatement, comments, if_exists, name, options)
};

struct DropSequence : DdlStatement {
  Comments comments;
  bool temporary = false;
  bool if_exists = false;
  List<TableName> names;
  TESSERA_SQL_NODE(DropSequence, DdlStatement, comments, temporary, if_exists, names)
};

}  // namespace tessera::sqlparser
