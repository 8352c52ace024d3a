// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sqlparser/ast.h"

// Expressions. Parentheses are not kept: the printer puts back those that precedence needs.
namespace tessera::sqlparser {

struct TableName;
struct WindowSpec;
struct OrderItem;
struct Limit;

enum class LiteralType : uint8_t {
  kString,     // text is the value, escapes undone
  kNational,   // N'...'
  kInteger,    // text as written, no sign
  kDecimal,    // 1.5
  kFloat,      // 1e5
  kHexNumber,  // 0x1f, text with the 0x
  kHexString,  // X'1f', text without X and quotes
  kBit,        // b'01' or 0b01, text as 0b01
  kDate,       // DATE '...': text without the word
  kTime,
  kTimestamp,
};

struct Literal : Expr {
  LiteralType type = LiteralType::kString;
  std::string_view text;
  TESSERA_SQL_NODE(Literal, Expr, type, text)
};

struct NullLiteral : Expr {
  TESSERA_SQL_NODE(NullLiteral, Expr)
};

struct BoolLiteral : Expr {
  bool value = false;
  TESSERA_SQL_NODE(BoolLiteral, Expr, value)
};

// :name, or ::name for a list. `?` becomes :v1, :v2, ...
struct BindVar : Expr {
  std::string_view name;
  bool is_list = false;
  TESSERA_SQL_NODE(BindVar, Expr, name, is_list)
};

// name, table.name or database.table.name
struct ColumnRef : Expr {
  std::string_view database;
  std::string_view table;
  Ident name;
  TESSERA_SQL_NODE(ColumnRef, Expr, database, table, name)
};

// DEFAULT, or DEFAULT(database.table.column) when column is not empty.
struct DefaultExpr : Expr {
  std::string_view database;
  std::string_view table;
  Ident column;
  TESSERA_SQL_NODE(DefaultExpr, Expr, database, table, column)
};

// IGNORE in the place of a value to store (MariaDB): the column's default, or what it has.
struct IgnoreValue : Expr {
  TESSERA_SQL_NODE(IgnoreValue, Expr)
};

enum class VariableScope : uint8_t {
  kNone,     // SET a = ...: a bare name
  kUser,     // @a
  kNextTx,   // @@a in SET TRANSACTION: the next transaction only
  kSession,  // @@a, @@session.a, @@local.a
  kGlobal,
  kPersist,
  kPersistOnly,
  kVitessMetadata,
};

struct Variable : Expr {
  VariableScope scope = VariableScope::kNone;
  Ident name;  // may hold a dot: @@hotcache.key_buffer_size
  TESSERA_SQL_NODE(Variable, Expr, scope, name)
};

enum class UnaryOp : uint8_t { kPlus, kMinus, kTilde, kBang };

struct UnaryExpr : Expr {
  UnaryOp op = UnaryOp::kMinus;
  const Expr* operand = nullptr;
  TESSERA_SQL_NODE(UnaryExpr, Expr, op, operand)
};

enum class BinaryOp : uint8_t {
  kBitOr,
  kBitAnd,
  kShiftLeft,
  kShiftRight,
  kPlus,
  kMinus,
  kMult,
  kDiv,
  kIntDiv,
  kMod,
  kBitXor,
  kConcat,  // || under PIPES_AS_CONCAT
};

struct BinaryExpr : Expr {
  BinaryOp op = BinaryOp::kPlus;
  const Expr* left = nullptr;
  const Expr* right = nullptr;
  TESSERA_SQL_NODE(BinaryExpr, Expr, op, left, right)
};

enum class CompareOp : uint8_t {
  kEqual,
  kLess,
  kGreater,
  kLessEqual,
  kGreaterEqual,
  kNotEqual,
  kNullSafeEqual,
  kIn,
  kNotIn,
  kLike,
  kNotLike,
  kRegexp,
  kNotRegexp,
  kSoundsLike,
};
enum class Quantifier : uint8_t { kNone, kAny, kAll };

// IN has a TupleExpr, a Subquery or a list BindVar on its right.
struct ComparisonExpr : Expr {
  CompareOp op = CompareOp::kEqual;
  Quantifier quantifier = Quantifier::kNone;  // = ANY (subquery)
  const Expr* left = nullptr;
  const Expr* right = nullptr;
  const Expr* escape = nullptr;  // LIKE ... ESCAPE
  TESSERA_SQL_NODE(ComparisonExpr, Expr, op, quantifier, left, right, escape)
};

struct AndExpr : Expr {
  const Expr* left = nullptr;
  const Expr* right = nullptr;
  TESSERA_SQL_NODE(AndExpr, Expr, left, right)
};

struct OrExpr : Expr {
  const Expr* left = nullptr;
  const Expr* right = nullptr;
  TESSERA_SQL_NODE(OrExpr, Expr, left, right)
};

struct XorExpr : Expr {
  const Expr* left = nullptr;
  const Expr* right = nullptr;
  TESSERA_SQL_NODE(XorExpr, Expr, left, right)
};

struct NotExpr : Expr {
  const Expr* operand = nullptr;
  TESSERA_SQL_NODE(NotExpr, Expr, operand)
};

enum class IsOp : uint8_t { kNull, kNotNull, kTrue, kNotTrue, kFalse, kNotFalse };

struct IsExpr : Expr {
  IsOp op = IsOp::kNull;
  const Expr* operand = nullptr;
  TESSERA_SQL_NODE(IsExpr, Expr, op, operand)
};

struct BetweenExpr : Expr {
  bool negated = false;
  const Expr* operand = nullptr;
  const Expr* from = nullptr;
  const Expr* to = nullptr;
  TESSERA_SQL_NODE(BetweenExpr, Expr, negated, operand, from, to)
};

struct CollateExpr : Expr {
  const Expr* operand = nullptr;
  Ident collation;
  TESSERA_SQL_NODE(CollateExpr, Expr, operand, collation)
};

// _utf8mb4 'text'; charset holds the underscore, lower case.
struct IntroducerExpr : Expr {
  std::string_view charset;
  const Expr* operand = nullptr;
  TESSERA_SQL_NODE(IntroducerExpr, Expr, charset, operand)
};

// (1, 2, 3): a row, or the list of IN.
struct TupleExpr : Expr {
  List<Expr> items;
  TESSERA_SQL_NODE(TupleExpr, Expr, items)
};

struct Subquery : Expr {
  const QueryExpr* query = nullptr;
  TESSERA_SQL_NODE(Subquery, Expr, query)
};

struct ExistsExpr : Expr {
  const Subquery* subquery = nullptr;
  TESSERA_SQL_NODE(ExistsExpr, Expr, subquery)
};

struct WhenClause : Expr {
  const Expr* condition = nullptr;
  const Expr* value = nullptr;
  TESSERA_SQL_NODE(WhenClause, Expr, condition, value)
};

struct CaseExpr : Expr {
  const Expr* operand = nullptr;  // may be absent
  List<WhenClause> whens;
  const Expr* else_value = nullptr;  // may be absent
  TESSERA_SQL_NODE(CaseExpr, Expr, operand, whens, else_value)
};

// A function called with plain arguments. Names of functions the grammar knows are lower case,
// others stay as written; Ident compares them without case either way.
struct FuncCall : Expr {
  std::string_view database;  // of qualifier, a package then (MariaDB)
  Ident qualifier;
  Ident name;
  List<Expr> args;
  bool quoted = false;  // `match`(a): without the quotes the name would be read otherwise
  TESSERA_SQL_NODE(FuncCall, Expr, database, qualifier, name, args, quoted)
};

// f(value AS name): how loadable functions are told the names of their arguments.
struct NamedArgument : Expr {
  const Expr* value = nullptr;
  Ident name;
  TESSERA_SQL_NODE(NamedArgument, Expr, value, name)
};

enum class AggregateOp : uint8_t {
  kCountStar,
  kCount,
  kSum,
  kMin,
  kMax,
  kAvg,
  kBitAnd,
  kBitOr,
  kBitXor,
  kStd,
  kStddev,
  kStddevPop,
  kStddevSamp,
  kVarPop,
  kVarSamp,
  kVariance,
  kGroupConcat,
  kAnyValue,
  kJsonArrayAgg,
  kJsonObjectAgg,
  kStCollect,
};

struct Aggregate : Expr {
  AggregateOp op = AggregateOp::kCount;
  bool distinct = false;
  List<Expr> args;             // empty for COUNT(*)
  List<OrderItem> order_by;    // GROUP_CONCAT
  bool has_separator = false;  // GROUP_CONCAT
  std::string_view separator;
  const Limit* limit = nullptr;
  const WindowSpec* over = nullptr;  // a window function then
  TESSERA_SQL_NODE(Aggregate, Expr, op, distinct, args, order_by, has_separator, separator, limit,
                   over)
};

enum class WindowOp : uint8_t {
  kCumeDist,
  kDenseRank,
  kPercentRank,
  kRank,
  kRowNumber,
  kFirstValue,
  kLastValue,
  kNtile,
  kNthValue,
  kLag,
  kLead,
  kMedian,
  kPercentileCont,
  kPercentileDisc,
};
enum class NullTreatment : uint8_t { kNone, kRespect, kIgnore };

struct WindowFunc : Expr {
  WindowOp op = WindowOp::kRank;
  List<Expr> args;
  bool from_last = false;  // NTH_VALUE ... FROM LAST
  NullTreatment nulls = NullTreatment::kNone;
  const OrderItem* within = nullptr;  // PERCENTILE_CONT(p) WITHIN GROUP (ORDER BY x)
  const WindowSpec* over = nullptr;
  TESSERA_SQL_NODE(WindowFunc, Expr, op, args, from_last, nulls, within, over)
};

enum class FrameUnit : uint8_t { kRows, kRange, kGroups };
enum class FrameBoundType : uint8_t {
  kCurrentRow,
  kUnboundedPreceding,
  kUnboundedFollowing,
  kPreceding,
  kFollowing,
};

struct FrameBound : Expr {
  FrameBoundType type = FrameBoundType::kCurrentRow;
  const Expr* value = nullptr;  // kPreceding, kFollowing; may be an IntervalExpr
  TESSERA_SQL_NODE(FrameBound, Expr, type, value)
};

enum class FrameExclude : uint8_t { kNone, kCurrentRow, kGroup, kTies, kNoOthers };

struct FrameClause : Expr {
  FrameUnit unit = FrameUnit::kRows;
  const FrameBound* start = nullptr;
  const FrameBound* end = nullptr;  // absent without BETWEEN
  FrameExclude exclude = FrameExclude::kNone;
  TESSERA_SQL_NODE(FrameClause, Expr, unit, start, end, exclude)
};

// OVER name, or OVER (name PARTITION BY ... ORDER BY ... frame).
struct WindowSpec : Expr {
  bool by_name = false;  // OVER name, no parentheses
  Ident name;
  List<Expr> partition_by;
  List<OrderItem> order_by;
  const FrameClause* frame = nullptr;
  TESSERA_SQL_NODE(WindowSpec, Expr, by_name, name, partition_by, order_by, frame)
};

// A type as CAST, CONVERT and column definitions name it.
struct DataType : Expr {
  std::string_view name;  // as written: "varchar", "DECIMAL", "unsigned"
  const Literal* length = nullptr;
  const Literal* scale = nullptr;
  std::string_view charset;
  bool binary = false;  // CHAR(10) BINARY
  bool is_unsigned = false;
  bool zerofill = false;
  std::span<const std::string_view> enum_values;  // printed form, with quotes
  std::string_view collate;
  bool array = false;            // MySQL's CAST(... AS x ARRAY)
  std::string_view compression;  // MariaDB: "", "compressed", "compressed=zlib"
  TESSERA_SQL_NODE(DataType, Expr, name, length, scale, charset, binary, is_unsigned, zerofill,
                   enum_values, collate, array, compression)
};

// CAST(operand AS type), or CONVERT(operand, type) when is_convert.
struct CastExpr : Expr {
  bool is_convert = false;
  const Expr* operand = nullptr;
  std::string_view time_zone;  // MySQL: AT TIME ZONE '+00:00'
  const DataType* type = nullptr;
  TESSERA_SQL_NODE(CastExpr, Expr, is_convert, operand, time_zone, type)
};

struct ConvertUsing : Expr {
  const Expr* operand = nullptr;
  Ident charset;
  TESSERA_SQL_NODE(ConvertUsing, Expr, operand, charset)
};

struct CharFunc : Expr {
  List<Expr> args;
  Ident charset;  // may be empty
  TESSERA_SQL_NODE(CharFunc, Expr, args, charset)
};

struct WeightStringFunc : Expr {
  const Expr* operand = nullptr;
  const DataType* as = nullptr;  // may be absent
  std::string_view levels;       // MariaDB: " level 1 desc, 2", " level 1-3"
  TESSERA_SQL_NODE(WeightStringFunc, Expr, operand, as, levels)
};

// name, value AS type: what COLUMN_CREATE and COLUMN_ADD are called with (MariaDB).
struct DynamicColumn : Expr {
  const Expr* name = nullptr;
  const Expr* value = nullptr;
  const DataType* type = nullptr;  // may be absent
  TESSERA_SQL_NODE(DynamicColumn, Expr, name, value, type)
};

// COLUMN_GET(columns, name AS type)
struct DynamicColumnGet : Expr {
  const Expr* columns = nullptr;
  const Expr* name = nullptr;
  const DataType* type = nullptr;
  TESSERA_SQL_NODE(DynamicColumnGet, Expr, columns, name, type)
};

// now(), current_timestamp(3), utc_date(), sysdate(), ...
struct CurrentTimeFunc : Expr {
  Ident name;
  int fsp = -1;  // -1: none given; 0 is not kept
  TESSERA_SQL_NODE(CurrentTimeFunc, Expr, name, fsp)
};

// VALUES(column) in ON DUPLICATE KEY UPDATE.
struct ValuesFunc : Expr {
  bool value_keyword = false;  // VALUE(column), MariaDB
  const ColumnRef* column = nullptr;
  TESSERA_SQL_NODE(ValuesFunc, Expr, value_keyword, column)
};

enum class TrimSide : uint8_t { kNone, kLeading, kTrailing, kBoth };

struct TrimFunc : Expr {
  Ident qualifier;  // MariaDB: oracle_schema
  TrimSide side = TrimSide::kNone;
  const Expr* remove = nullptr;  // may be absent
  const Expr* from = nullptr;
  TESSERA_SQL_NODE(TrimFunc, Expr, qualifier, side, remove, from)
};

// unit is lower case: "day", "year_month".
struct ExtractExpr : Expr {
  std::string_view unit;
  const Expr* operand = nullptr;
  TESSERA_SQL_NODE(ExtractExpr, Expr, unit, operand)
};

// INTERVAL value unit where it stands by itself: frame bounds, event schedules.
struct IntervalExpr : Expr {
  const Expr* value = nullptr;
  std::string_view unit;
  TESSERA_SQL_NODE(IntervalExpr, Expr, value, unit)
};

enum class DateArithOp : uint8_t {
  kDateAdd,
  kDateSub,
  kAddDate,
  kSubDate,  // as functions
  kPlus,
  kMinus,     // date + INTERVAL ...
  kPlusLeft,  // INTERVAL ... + date
};

struct DateArithExpr : Expr {
  DateArithOp op = DateArithOp::kPlus;
  const Expr* date = nullptr;
  const Expr* value = nullptr;
  std::string_view unit;  // empty: ADDDATE(date, days)
  TESSERA_SQL_NODE(DateArithExpr, Expr, op, date, value, unit)
};

// TIMESTAMPADD(unit, a, b), TIMESTAMPDIFF(unit, a, b)
struct TimestampFunc : Expr {
  bool is_diff = false;
  std::string_view unit;
  const Expr* first = nullptr;
  const Expr* second = nullptr;
  TESSERA_SQL_NODE(TimestampFunc, Expr, is_diff, unit, first, second)
};

enum class MatchMode : uint8_t {
  kNone,
  kBoolean,
  kNatural,
  kNaturalExpansion,
  kExpansion,
};

struct MatchExpr : Expr {
  List<ColumnRef> columns;
  const Expr* against = nullptr;
  MatchMode mode = MatchMode::kNone;
  TESSERA_SQL_NODE(MatchExpr, Expr, columns, against, mode)
};

struct MemberOfExpr : Expr {
  const Expr* value = nullptr;
  const Expr* array = nullptr;
  TESSERA_SQL_NODE(MemberOfExpr, Expr, value, array)
};

enum class JsonOnAction : uint8_t { kNone, kNull, kError, kDefault };

struct JsonValueExpr : Expr {
  const Expr* document = nullptr;
  const Expr* path = nullptr;
  const DataType* returning = nullptr;
  JsonOnAction on_empty = JsonOnAction::kNone;
  const Expr* empty_default = nullptr;
  JsonOnAction on_error = JsonOnAction::kNone;
  const Expr* error_default = nullptr;
  TESSERA_SQL_NODE(JsonValueExpr, Expr, document, path, returning, on_empty, empty_default,
                   on_error, error_default)
};

// @a := value
struct AssignmentExpr : Expr {
  const Expr* target = nullptr;
  const Expr* value = nullptr;
  TESSERA_SQL_NODE(AssignmentExpr, Expr, target, value)
};

// MariaDB's NEXT VALUE FOR seq, PREVIOUS VALUE FOR seq; as calls NEXTVAL(seq), LASTVAL(seq) and,
// with set, SETVAL(seq, value, is_used, round).
struct SequenceValueExpr : Expr {
  bool previous = false;
  bool call = false;
  const TableName* sequence = nullptr;
  List<Expr> set;
  TESSERA_SQL_NODE(SequenceValueExpr, Expr, previous, call, sequence, set)
};

}  // namespace tessera::sqlparser
