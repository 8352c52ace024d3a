// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sqlparser/ast_query.h"

// INSERT, REPLACE, UPDATE, DELETE.
namespace tessera::sqlparser {

// column = value
struct Assignment : Node {
  const ColumnRef* column = nullptr;
  const Expr* value = nullptr;
  TESSERA_SQL_NODE(Assignment, Node, column, value)
};

// FOR PORTION OF period FROM a TO b (MariaDB)
struct Portion : Node {
  Ident period;
  const Expr* from = nullptr;
  const Expr* to = nullptr;
  TESSERA_SQL_NODE(Portion, Node, period, from, to)
};

enum class WritePriority : uint8_t { kNone, kLow, kHigh, kDelayed };

// INSERT ... SET a = 1 is parsed into columns and one row of values.
struct Insert : Statement {
  Comments comments;
  bool is_replace = false;
  bool ignore = false;
  WritePriority priority = WritePriority::kNone;
  const AliasedTable* table = nullptr;  // with partitions; no alias, no hints
  bool has_columns = false;             // t() has none but shows the parentheses
  std::span<const Ident> columns;
  // A ValuesStatement (row_keyword tells how rows are written), Select or SetOperation.
  const QueryExpr* source = nullptr;
  std::string_view row_alias;  // MySQL 8: VALUES (...) AS row_alias (a, b)
  std::span<const Ident> row_columns;
  List<Assignment> on_duplicate;
  List<Node> returning;  // MariaDB: SelectItem, StarExpr
  TESSERA_SQL_NODE(Insert, Statement, comments, is_replace, ignore, priority, table, has_columns,
                   columns, source, row_alias, row_columns, on_duplicate, returning)
};

struct Update : Statement {
  const With* with = nullptr;
  Comments comments;
  bool ignore = false;
  WritePriority priority = WritePriority::kNone;
  List<TableExpr> tables;
  const Portion* portion = nullptr;  // of the one table
  List<Assignment> assignments;
  const Expr* where = nullptr;
  List<OrderItem> order_by;
  const Limit* limit = nullptr;
  TESSERA_SQL_NODE(Update, Statement, with, comments, ignore, priority, tables, portion,
                   assignments, where, order_by, limit)
};

struct Delete : Statement {
  const With* with = nullptr;
  Comments comments;
  bool ignore = false;
  bool quick = false;
  WritePriority priority = WritePriority::kNone;
  // What is deleted from, when the statement names it apart: DELETE a, b FROM a JOIN b.
  List<TableName> targets;
  List<TableExpr> tables;
  const Portion* portion = nullptr;
  std::span<const Ident> partitions;
  const Expr* where = nullptr;
  List<OrderItem> order_by;
  const Limit* limit = nullptr;
  List<Node> returning;  // MariaDB
  TESSERA_SQL_NODE(Delete, Statement, with, comments, ignore, quick, priority, targets, tables,
                   portion, partitions, where, order_by, limit, returning)
};

// DELETE HISTORY FROM t [PARTITION (p)] [BEFORE SYSTEM_TIME [TIMESTAMP | TRANSACTION] x] (MariaDB)
struct DeleteHistory : Statement {
  Comments comments;
  const TableName* table = nullptr;
  std::span<const Ident> partitions;
  HistoryUnit unit = HistoryUnit::kNone;
  const Expr* before = nullptr;  // may be absent
  TESSERA_SQL_NODE(DeleteHistory, Statement, comments, table, partitions, unit, before)
};

}  // namespace tessera::sqlparser
