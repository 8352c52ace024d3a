// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sqlparser/ast_ddl.h"

// Stored procedures, functions, triggers and events, and the statements of their bodies. MariaDB
// takes most of the latter outside of programs too.
namespace tessera::sqlparser {

// What a body is made of, besides ordinary statements.
struct ProgramStatement : Statement {
  using Statement::Statement;
  static constexpr bool Matches(Kind k) {
    return k >= Kind::kCompoundStatement && k <= Kind::kGetDiagnostics;
  }
};

// TYPE OF variable, TYPE OF table.column; ROW TYPE OF table or cursor (MariaDB).
struct AnchoredType : Node {
  const ColumnRef* column = nullptr;
  const TableName* row_of = nullptr;
  TESSERA_SQL_NODE(AnchoredType, Node, column, row_of)
};

// mode name type: a parameter. With mode empty also a field of a ROW or a cursor's parameter.
struct ProcedureParam : Node {
  std::string_view mode;  // in, out, inout
  Ident name;
  const Node* type = nullptr;  // DataType, AnchoredType or RowType
  TESSERA_SQL_NODE(ProcedureParam, Node, mode, name, type)
};

// ROW (name type, ...) (MariaDB)
struct RowType : Node {
  List<ProcedureParam> fields;
  TESSERA_SQL_NODE(RowType, Node, fields)
};

enum class RoutineAccess : uint8_t { kNone, kContainsSql, kNoSql, kReadsSqlData, kModifiesSqlData };
enum class SqlSecurity : uint8_t { kNone, kDefiner, kInvoker };

// The characteristics of a routine, in any order; the last of a kind counts.
struct RoutineOptions : Node {
  bool language_sql = false;
  Tristate deterministic = Tristate::kUnset;
  RoutineAccess access = RoutineAccess::kNone;
  SqlSecurity security = SqlSecurity::kNone;
  const Literal* comment = nullptr;
  TESSERA_SQL_NODE(RoutineOptions, Node, language_sql, deterministic, access, security, comment)
};

struct CreateProcedure : DdlStatement {
  Comments comments;
  bool or_replace = false;  // MariaDB
  bool if_not_exists = false;
  std::string_view definer;  // printed form
  const TableName* name = nullptr;
  List<ProcedureParam> params;
  const RoutineOptions* options = nullptr;  // absent when none is given
  const Statement* body = nullptr;
  TESSERA_SQL_NODE(CreateProcedure, DdlStatement, comments, or_replace, if_not_exists, definer,
                   name, params, options, body)
};

struct CreateFunction : DdlStatement {
  Comments comments;
  bool or_replace = false;
  bool aggregate = false;  // MariaDB
  bool if_not_exists = false;
  std::string_view definer;
  const TableName* name = nullptr;
  List<ProcedureParam> params;
  const DataType* returns = nullptr;
  const RoutineOptions* options = nullptr;
  const Statement* body = nullptr;
  TESSERA_SQL_NODE(CreateFunction, DdlStatement, comments, or_replace, aggregate, if_not_exists,
                   definer, name, params, returns, options, body)
};

// CREATE FUNCTION name RETURNS type SONAME 'library'
struct CreateLoadableFunction : DdlStatement {
  Comments comments;
  bool or_replace = false;
  bool aggregate = false;
  bool if_not_exists = false;
  const TableName* name = nullptr;
  std::string_view returns;         // lower case: string, integer, int, real, decimal, dec
  const Literal* soname = nullptr;  // the file of its code
  TESSERA_SQL_NODE(CreateLoadableFunction, DdlStatement, comments, or_replace, aggregate,
                   if_not_exists, name, returns, soname)
};

enum class ProgramType : uint8_t { kProcedure, kFunction, kTrigger, kEvent };

// ALTER PROCEDURE, ALTER FUNCTION
struct AlterRoutine : DdlStatement {
  Comments comments;
  ProgramType type = ProgramType::kProcedure;
  const TableName* name = nullptr;
  const RoutineOptions* options = nullptr;
  TESSERA_SQL_NODE(AlterRoutine, DdlStatement, comments, type, name, options)
};

enum class TriggerEvent : uint8_t { kInsert, kUpdate, kDelete };
enum class TriggerOrder : uint8_t { kNone, kFollows, kPrecedes };

struct CreateTrigger : DdlStatement {
  Comments comments;
  bool or_replace = false;
  bool if_not_exists = false;
  std::string_view definer;
  const TableName* name = nullptr;
  bool after = false;
  TriggerEvent event = TriggerEvent::kInsert;
  const TableName* table = nullptr;
  TriggerOrder order = TriggerOrder::kNone;
  Ident other;  // the trigger it follows or precedes
  const Statement* body = nullptr;
  TESSERA_SQL_NODE(CreateTrigger, DdlStatement, comments, or_replace, if_not_exists, definer, name,
                   after, event, table, order, other, body)
};

// AT time, or EVERY value unit [STARTS time] [ENDS time].
struct EventSchedule : Node {
  const Expr* at = nullptr;
  const Expr* every = nullptr;
  std::string_view unit;
  const Expr* starts = nullptr;
  const Expr* ends = nullptr;
  TESSERA_SQL_NODE(EventSchedule, Node, at, every, unit, starts, ends)
};

struct CreateEvent : DdlStatement {
  Comments comments;
  bool or_replace = false;
  bool if_not_exists = false;
  std::string_view definer;
  const TableName* name = nullptr;
  const EventSchedule* schedule = nullptr;
  Tristate preserve = Tristate::kUnset;  // ON COMPLETION [NOT] PRESERVE
  std::string_view status;               // "", "enable", "disable", "disable on slave"
  const Literal* comment = nullptr;
  const Statement* body = nullptr;
  TESSERA_SQL_NODE(CreateEvent, DdlStatement, comments, or_replace, if_not_exists, definer, name,
                   schedule, preserve, status, comment, body)
};

struct AlterEvent : DdlStatement {
  Comments comments;
  std::string_view definer;
  const TableName* name = nullptr;
  const EventSchedule* schedule = nullptr;
  Tristate preserve = Tristate::kUnset;
  const TableName* rename_to = nullptr;
  std::string_view status;
  const Literal* comment = nullptr;
  const Statement* body = nullptr;
  TESSERA_SQL_NODE(AlterEvent, DdlStatement, comments, definer, name, schedule, preserve, rename_to,
                   status, comment, body)
};

struct DropProgram : DdlStatement {
  Comments comments;
  ProgramType type = ProgramType::kProcedure;
  bool if_exists = false;
  const TableName* name = nullptr;
  TESSERA_SQL_NODE(DropProgram, DdlStatement, comments, type, if_exists, name)
};

// BEGIN ... END, and each run of statements inside IF and the like (bare then).
struct CompoundStatement : ProgramStatement {
  bool bare = false;
  bool not_atomic = false;  // MariaDB's BEGIN NOT ATOMIC
  Ident label;
  Ident end_label;
  List<Statement> statements;
  TESSERA_SQL_NODE(CompoundStatement, ProgramStatement, bare, not_atomic, label, end_label,
                   statements)
};

// What a condition, or a value of CASE, leads to.
struct CompoundBranch : Node {
  const Expr* condition = nullptr;
  const CompoundStatement* body = nullptr;
  TESSERA_SQL_NODE(CompoundBranch, Node, condition, body)
};

// IF c THEN ... ELSEIF c THEN ... ELSE ... END IF
struct CompoundIf : ProgramStatement {
  List<CompoundBranch> branches;
  const CompoundStatement* else_body = nullptr;
  TESSERA_SQL_NODE(CompoundIf, ProgramStatement, branches, else_body)
};

// CASE [operand] WHEN x THEN ... ELSE ... END CASE
struct CompoundCase : ProgramStatement {
  const Expr* operand = nullptr;
  List<CompoundBranch> branches;
  const CompoundStatement* else_body = nullptr;
  TESSERA_SQL_NODE(CompoundCase, ProgramStatement, operand, branches, else_body)
};

enum class LoopType : uint8_t { kLoop, kWhile, kRepeat };

struct CompoundLoop : ProgramStatement {
  LoopType type = LoopType::kLoop;
  Ident label;
  Ident end_label;
  const Expr* condition = nullptr;  // of WHILE and UNTIL
  const CompoundStatement* body = nullptr;
  TESSERA_SQL_NODE(CompoundLoop, ProgramStatement, type, label, end_label, condition, body)
};

// MariaDB's FOR variable IN [REVERSE] from .. to, IN cursor(arguments), IN (query).
struct CompoundFor : ProgramStatement {
  Ident label;
  Ident end_label;
  Ident variable;
  bool reverse = false;
  const Expr* from = nullptr;
  const Expr* to = nullptr;
  Ident cursor;
  List<Expr> args;
  const QueryExpr* query = nullptr;
  const CompoundStatement* body = nullptr;
  TESSERA_SQL_NODE(CompoundFor, ProgramStatement, label, end_label, variable, reverse, from, to,
                   cursor, args, query, body)
};

struct DeclareVariable : ProgramStatement {
  std::span<const Ident> names;
  const Node* type = nullptr;  // DataType, AnchoredType or RowType
  const Expr* default_value = nullptr;
  TESSERA_SQL_NODE(DeclareVariable, ProgramStatement, names, type, default_value)
};

enum class HandlerConditionType : uint8_t {
  kErrorCode,
  kSqlState,
  kName,
  kSqlWarning,
  kNotFound,
  kSqlException,
};

struct HandlerCondition : Node {
  HandlerConditionType type = HandlerConditionType::kName;
  const Literal* code = nullptr;
  Ident name;
  TESSERA_SQL_NODE(HandlerCondition, Node, type, code, name)
};

struct DeclareCondition : ProgramStatement {
  Ident name;
  const HandlerCondition* condition = nullptr;
  TESSERA_SQL_NODE(DeclareCondition, ProgramStatement, name, condition)
};

struct DeclareHandler : ProgramStatement {
  std::string_view action;  // continue, exit, undo
  List<HandlerCondition> conditions;
  const Statement* body = nullptr;
  TESSERA_SQL_NODE(DeclareHandler, ProgramStatement, action, conditions, body)
};

struct DeclareCursor : ProgramStatement {
  Ident name;
  List<ProcedureParam> params;  // MariaDB
  const QueryExpr* query = nullptr;
  TESSERA_SQL_NODE(DeclareCursor, ProgramStatement, name, params, query)
};

// LEAVE label, ITERATE label
struct LoopJump : ProgramStatement {
  bool iterate = false;
  Ident label;
  TESSERA_SQL_NODE(LoopJump, ProgramStatement, iterate, label)
};

struct Return : ProgramStatement {
  const Expr* value = nullptr;
  TESSERA_SQL_NODE(Return, ProgramStatement, value)
};

struct OpenCursor : ProgramStatement {
  Ident name;
  List<Expr> args;  // MariaDB
  TESSERA_SQL_NODE(OpenCursor, ProgramStatement, name, args)
};

// FETCH cursor INTO a, b. Without a cursor MariaDB's FETCH GROUP NEXT ROW.
struct FetchCursor : ProgramStatement {
  Ident name;
  std::span<const Ident> into;
  TESSERA_SQL_NODE(FetchCursor, ProgramStatement, name, into)
};

struct CloseCursor : ProgramStatement {
  Ident name;
  TESSERA_SQL_NODE(CloseCursor, ProgramStatement, name)
};

// SIGNAL SQLSTATE '45000' SET message_text = ...; RESIGNAL may do without a condition.
struct Signal : ProgramStatement {
  bool resignal = false;
  const HandlerCondition* condition = nullptr;
  std::span<const Ident> item_names;
  List<Expr> item_values;
  TESSERA_SQL_NODE(Signal, ProgramStatement, resignal, condition, item_names, item_values)
};

enum class DiagnosticsArea : uint8_t { kDefault, kCurrent, kStacked };

// target = name
struct DiagnosticsItem : Node {
  const Expr* target = nullptr;  // Variable or ColumnRef
  std::string_view name;         // lower case: "number", "message_text"
  TESSERA_SQL_NODE(DiagnosticsItem, Node, target, name)
};

// GET DIAGNOSTICS items, or GET DIAGNOSTICS CONDITION condition items.
struct GetDiagnostics : ProgramStatement {
  DiagnosticsArea area = DiagnosticsArea::kDefault;
  const Expr* condition = nullptr;
  List<DiagnosticsItem> items;
  TESSERA_SQL_NODE(GetDiagnostics, ProgramStatement, area, condition, items)
};

}  // namespace tessera::sqlparser
