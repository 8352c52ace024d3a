// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sqlparser/ast_expr.h"

// SELECT, set operations, VALUES and what stands in FROM.
namespace tessera::sqlparser {

struct TableName : Node {
  std::string_view database;  // often empty
  std::string_view name;
  TESSERA_SQL_NODE(TableName, Node, database, name)
};

// One expression of a select list. Its result column is called alias, or, without one, what
// MySQL takes from the source: see text.
struct SelectItem : Node {
  const Expr* expr = nullptr;
  Ident alias;
  // The expression as it was written (not part of equality): MySQL's name for an unnamed column.
  // Empty for nodes made by rewriters.
  std::string_view text;
  TESSERA_SQL_NODE(SelectItem, Node, expr, alias)
};

// *, table.* or database.table.*
struct StarExpr : Node {
  std::string_view database;
  std::string_view table;
  TESSERA_SQL_NODE(StarExpr, Node, database, table)
};

// SELECT NEXT count VALUES FROM sequence_table (Vitess).
struct NextValue : Node {
  const Expr* count = nullptr;
  TESSERA_SQL_NODE(NextValue, Node, count)
};

enum class IndexHintType : uint8_t { kUse, kIgnore, kForce, kUseVindex, kIgnoreVindex };
enum class IndexHintFor : uint8_t { kNone, kJoin, kGroupBy, kOrderBy };

struct IndexHint : Node {
  IndexHintType type = IndexHintType::kUse;
  IndexHintFor scope = IndexHintFor::kNone;
  std::span<const Ident> indexes;
  TESSERA_SQL_NODE(IndexHint, Node, type, scope, indexes)
};

enum class SystemTimeType : uint8_t { kAll, kAsOf, kBetween, kFromTo };
enum class HistoryUnit : uint8_t { kNone, kTimestamp, kTransaction };

// FOR SYSTEM_TIME AS OF TIMESTAMP x, BETWEEN a AND b, FROM a TO b, ALL (MariaDB). The unit is what
// was written in front of a point.
struct SystemTime : Node {
  SystemTimeType type = SystemTimeType::kAll;
  HistoryUnit from_unit = HistoryUnit::kNone;
  const Expr* from = nullptr;
  HistoryUnit to_unit = HistoryUnit::kNone;
  const Expr* to = nullptr;
  TESSERA_SQL_NODE(SystemTime, Node, type, from_unit, from, to_unit, to)
};

// name PARTITION (p) FOR SYSTEM_TIME ... AS alias USE INDEX (i)
struct AliasedTable : TableExpr {
  const TableName* table = nullptr;
  std::span<const Ident> partitions;
  const SystemTime* system_time = nullptr;
  std::string_view alias;
  List<IndexHint> hints;
  TESSERA_SQL_NODE(AliasedTable, TableExpr, table, partitions, system_time, alias, hints)
};

struct DerivedTable : TableExpr {
  bool lateral = false;
  const QueryExpr* query = nullptr;
  const SystemTime* system_time = nullptr;
  std::string_view alias;
  std::span<const Ident> columns;  // AS alias (a, b)
  TESSERA_SQL_NODE(DerivedTable, TableExpr, lateral, query, system_time, alias, columns)
};

enum class JoinType : uint8_t {
  kInner,  // JOIN, INNER JOIN, CROSS JOIN
  kStraight,
  kLeft,
  kRight,
  kNatural,
  kNaturalLeft,
  kNaturalRight,
  kNaturalStraight,
};

struct JoinTable : TableExpr {
  const TableExpr* left = nullptr;
  JoinType type = JoinType::kInner;
  const TableExpr* right = nullptr;
  const Expr* on = nullptr;  // ON or USING or neither
  std::span<const Ident> using_columns;
  TESSERA_SQL_NODE(JoinTable, TableExpr, left, type, right, on, using_columns)
};

// FROM (a, b JOIN c)
struct ParenTables : TableExpr {
  List<TableExpr> tables;
  TESSERA_SQL_NODE(ParenTables, TableExpr, tables)
};

enum class JsonColumnType : uint8_t { kOrdinality, kPath, kExists, kNested };

struct JsonTableColumn : Node {
  JsonColumnType type = JsonColumnType::kPath;
  Ident name;
  const DataType* data_type = nullptr;
  const Expr* path = nullptr;
  JsonOnAction on_empty = JsonOnAction::kNone;
  const Expr* empty_default = nullptr;
  JsonOnAction on_error = JsonOnAction::kNone;
  const Expr* error_default = nullptr;
  List<JsonTableColumn> nested;
  TESSERA_SQL_NODE(JsonTableColumn, Node, type, name, data_type, path, on_empty, empty_default,
                   on_error, error_default, nested)
};

struct JsonTable : TableExpr {
  const Expr* document = nullptr;
  const Expr* path = nullptr;
  List<JsonTableColumn> columns;
  std::string_view alias;
  TESSERA_SQL_NODE(JsonTable, TableExpr, document, path, columns, alias)
};

struct CommonTableExpr : Node {
  std::string_view name;
  std::span<const Ident> columns;
  const QueryExpr* query = nullptr;
  std::span<const Ident> cycle;  // MariaDB: CYCLE a, b RESTRICT
  TESSERA_SQL_NODE(CommonTableExpr, Node, name, columns, query, cycle)
};

struct With : Node {
  bool recursive = false;
  List<CommonTableExpr> tables;
  TESSERA_SQL_NODE(With, Node, recursive, tables)
};

struct GroupBy : Node {
  List<Expr> items;
  // " asc", " desc" or nothing for each item; empty when none is written. MariaDB's.
  std::span<const std::string_view> directions;
  bool with_rollup = false;
  TESSERA_SQL_NODE(GroupBy, Node, items, directions, with_rollup)
};

struct OrderItem : Node {
  const Expr* expr = nullptr;
  bool descending = false;
  TESSERA_SQL_NODE(OrderItem, Node, expr, descending)
};

struct Limit : Node {
  const Expr* offset = nullptr;         // may be absent
  const Expr* count = nullptr;          // absent only with rows_examined
  const Expr* rows_examined = nullptr;  // MariaDB
  bool with_ties = false;               // FETCH FIRST count ROWS WITH TIES (MariaDB)
  TESSERA_SQL_NODE(Limit, Node, offset, count, rows_examined, with_ties)
};

struct NamedWindow : Node {
  // WINDOW a AS (...), b AS (...): one of these. Starts a WINDOW keyword of its own when
  // the text repeated it, which Vitess's grammar allows.
  Ident name;
  const WindowSpec* spec = nullptr;
  bool repeats_keyword = false;  // ", WINDOW" (Vitess): how it is written, so no field of the node
  TESSERA_SQL_NODE(NamedWindow, Node, name, spec)
};

enum class IntoType : uint8_t { kOutfile, kDumpfile, kVariables, kOutfileS3 };

struct SelectInto : Node {
  IntoType type = IntoType::kVariables;
  std::string_view file;  // printed form, quoted
  std::string_view charset;
  std::string_view export_options;  // FIELDS ... LINES ..., canonical text with a leading blank
  std::string_view manifest;
  std::string_view overwrite;
  List<Expr> variables;  // Variable or ColumnRef (a local variable of a procedure)
  TESSERA_SQL_NODE(SelectInto, Node, type, file, charset, export_options, manifest, overwrite,
                   variables)
};

enum class LockMode : uint8_t {
  kNone,
  kForUpdate,
  kForUpdateNowait,
  kForUpdateSkipLocked,
  kForShare,
  kForShareNowait,
  kForShareSkipLocked,
  kLockInShareMode,
  kForUpdateWait,
  kLockInShareModeNowait,
  kLockInShareModeSkipLocked,
  kLockInShareModeWait,
};

// FOR UPDATE OF a SKIP LOCKED and its like.
struct LockClause : Node {
  LockMode mode = LockMode::kNone;
  uint32_t wait_seconds = 0;             // kForUpdateWait, kLockInShareModeWait
  std::span<const std::string_view> of;  // MySQL: tables
  TESSERA_SQL_NODE(LockClause, Node, mode, wait_seconds, of)
};

// What follows SELECT before the list; several may be set.
struct SelectOptions {
  bool distinct : 1 = false;
  bool high_priority : 1 = false;
  bool straight_join : 1 = false;
  bool sql_small_result : 1 = false;
  bool sql_big_result : 1 = false;
  bool sql_buffer_result : 1 = false;
  bool sql_calc_found_rows : 1 = false;
  bool sql_cache : 1 = false;
  bool sql_no_cache : 1 = false;
  friend bool operator==(const SelectOptions&, const SelectOptions&) = default;
};

struct Select : QueryExpr {
  const With* with = nullptr;
  Comments comments;
  SelectOptions options;
  List<Node> items;      // SelectItem, StarExpr, NextValue
  List<TableExpr> from;  // empty: no FROM clause, or FROM DUAL (has_dual)
  const Expr* where = nullptr;
  const GroupBy* group_by = nullptr;
  const Expr* having = nullptr;
  List<NamedWindow> windows;
  List<OrderItem> order_by;
  const Limit* limit = nullptr;
  const FuncCall* procedure = nullptr;  // PROCEDURE ANALYSE(...)
  LockMode lock = LockMode::kNone;      // the first lock clause
  uint32_t lock_wait_seconds = 0;
  std::span<const std::string_view> lock_of;
  List<LockClause> more_locks;  // MySQL: one for each group of tables
  const SelectInto* into = nullptr;
  TESSERA_SQL_NODE(Select, QueryExpr, with, comments, options, items, from, where, group_by, having,
                   windows, order_by, limit, procedure, lock, lock_wait_seconds, lock_of,
                   more_locks, into)
};

enum class SetOp : uint8_t { kUnion, kIntersect, kExcept };

struct SetOperation : QueryExpr {
  const With* with = nullptr;
  SetOp op = SetOp::kUnion;
  bool all = false;
  const QueryExpr* left = nullptr;
  const QueryExpr* right = nullptr;
  List<OrderItem> order_by;
  const Limit* limit = nullptr;
  const FuncCall* procedure = nullptr;
  LockMode lock = LockMode::kNone;
  uint32_t lock_wait_seconds = 0;
  std::span<const std::string_view> lock_of;
  List<LockClause> more_locks;
  const SelectInto* into = nullptr;
  TESSERA_SQL_NODE(SetOperation, QueryExpr, with, op, all, left, right, order_by, limit, procedure,
                   lock, lock_wait_seconds, lock_of, more_locks, into)
};

// (1, 2) of VALUES or INSERT; items may hold DefaultExpr.
struct RowValues : Node {
  List<Expr> items;
  TESSERA_SQL_NODE(RowValues, Node, items)
};

// VALUES ROW(1), ROW(2) as a query; also the source of INSERT ... VALUES (1), (2).
struct ValuesStatement : QueryExpr {
  const With* with = nullptr;
  Comments comments;
  bool row_keyword = true;  // ROW(1) rather than (1): how it is written, so no field of the node
  List<RowValues> rows;
  const Expr* list_bind = nullptr;  // VALUES ::list
  List<OrderItem> order_by;
  const Limit* limit = nullptr;
  const FuncCall* procedure = nullptr;
  LockMode lock = LockMode::kNone;  // MariaDB takes it, to no effect
  uint32_t lock_wait_seconds = 0;
  std::span<const std::string_view> lock_of;
  List<LockClause> more_locks;
  const SelectInto* into = nullptr;
  TESSERA_SQL_NODE(ValuesStatement, QueryExpr, with, comments, rows, list_bind, order_by, limit,
                   procedure, lock, lock_wait_seconds, lock_of, more_locks, into)
};

}  // namespace tessera::sqlparser
