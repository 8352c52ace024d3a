// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sqlparser/internal/precedence.h"
#include "sqlparser/internal/print_impl.h"

namespace tessera::sqlparser {
namespace {

int BinaryLevel(BinaryOp op) {
  switch (op) {
    case BinaryOp::kBitOr:
      return kBitOr;
    case BinaryOp::kBitAnd:
      return kBitAnd;
    case BinaryOp::kShiftLeft:
    case BinaryOp::kShiftRight:
      return kShift;
    case BinaryOp::kPlus:
    case BinaryOp::kMinus:
      return kAdd;
    case BinaryOp::kMult:
    case BinaryOp::kDiv:
    case BinaryOp::kIntDiv:
    case BinaryOp::kMod:
      return kMultiply;
    case BinaryOp::kBitXor:
      return kBitXor;
    case BinaryOp::kConcat:
      return kConcat;
  }
  return kPrimary;
}

bool IsPredicate(CompareOp op) { return op >= CompareOp::kIn; }

int LevelOf(const Expr& expr) {
  switch (expr.kind) {
    case Kind::kAssignmentExpr:
      return kAny;
    case Kind::kOrExpr:
      return kOr;
    case Kind::kXorExpr:
      return kXor;
    case Kind::kAndExpr:
      return kAnd;
    case Kind::kNotExpr:
      return kNot;
    case Kind::kIsExpr:
      return kCompare;
    case Kind::kComparisonExpr:
      return IsPredicate(expr.Get<ComparisonExpr>().op) ? kPredicate : kCompare;
    case Kind::kBetweenExpr:
    case Kind::kMemberOfExpr:
      return kPredicate;
    case Kind::kBinaryExpr:
      return BinaryLevel(expr.Get<BinaryExpr>().op);
    case Kind::kDateArithExpr:
      return expr.Get<DateArithExpr>().op >= DateArithOp::kPlus ? kAdd : kPrimary;
    case Kind::kUnaryExpr:
      return kUnary;
    case Kind::kCollateExpr:
      return kCollate;
    case Kind::kIntervalExpr:
      return kAny;
    case Kind::kLiteral: {
      const std::string_view text = expr.Get<Literal>().text;
      const bool number = expr.Get<Literal>().type >= LiteralType::kInteger &&
                          expr.Get<Literal>().type <= LiteralType::kFloat;
      return number && !text.empty() && text.front() == '-' ? kUnary : kPrimary;
    }
    default:
      return kPrimary;
  }
}

std::string_view BinaryText(BinaryOp op) {
  switch (op) {
    case BinaryOp::kBitOr:
      return " | ";
    case BinaryOp::kBitAnd:
      return " & ";
    case BinaryOp::kShiftLeft:
      return " << ";
    case BinaryOp::kShiftRight:
      return " >> ";
    case BinaryOp::kPlus:
      return " + ";
    case BinaryOp::kMinus:
      return " - ";
    case BinaryOp::kMult:
      return " * ";
    case BinaryOp::kDiv:
      return " / ";
    case BinaryOp::kIntDiv:
      return " div ";
    case BinaryOp::kMod:
      return " % ";
    case BinaryOp::kBitXor:
      return " ^ ";
    case BinaryOp::kConcat:
      return " || ";
  }
  return {};
}

bool IsTransactionVariable(const Ident& name) {
  return name == "transaction_isolation" || name == "transaction_read_only";
}

// What a variable's name begins with that would be read as a scope, or refused for looking like
// one: `global`.x is of a key cache of that name. Empty when it does not.
std::string_view ScopeOfName(std::string_view name) {
  const std::string_view first = name.substr(0, std::min(name.find('.'), name.size()));
  if (first.size() == name.size()) return {};
  for (const char* const word :
       {"global", "session", "local", "persist", "persist_only", "vitess_metadata"}) {
    if (Ident::EqualNoCase(first, word)) return first;
  }
  return {};
}

// Functions whose names Vitess writes as keywords.
bool IsKeywordFunction(std::string_view name) {
  for (const std::string_view prefix : {"regexp_", "st_", "json_", "gtid_", "multi"}) {
    if (name.starts_with(prefix)) return true;
  }
  return name == "point" || name == "linestring" || name == "polygon";
}

std::string_view CompareText(CompareOp op) {
  static constexpr std::string_view kTexts[] = {
      " = ",  " < ",      " > ",    " <= ",       " >= ",     " != ",         " <=> ",
      " in ", " not in ", " like ", " not like ", " regexp ", " not regexp ", " sounds like "};
  return kTexts[static_cast<size_t>(op)];
}

}  // namespace

void FormatOperand(Printer& p, const Expr* expr, int level) {
  if (expr == nullptr) return;
  if (LevelOf(*expr) >= level) {
    p.Print(expr);
    return;
  }
  p.Raw("(");
  p.Print(expr);
  p.Raw(")");
}

std::string_view AggregateName(AggregateOp op) {
  static constexpr std::string_view kNames[] = {
      "count",         "count",          "sum",       "min",      "max",          "avg",
      "bit_and",       "bit_or",         "bit_xor",   "std",      "stddev",       "stddev_pop",
      "stddev_samp",   "var_pop",        "var_samp",  "variance", "group_concat", "any_value",
      "json_arrayagg", "json_objectagg", "st_collect"};
  return kNames[static_cast<size_t>(op)];
}

void Format(Printer& p, const Literal& n) {
  switch (n.type) {
    case LiteralType::kString:
      p.Quoted(n.text);
      break;
    case LiteralType::kNational:
      p.Raw("N").Quoted(n.text);
      break;
    case LiteralType::kBit:
      p.Raw(n.text == "0b" ? "b''" : n.text);
      break;
    case LiteralType::kHexString:
      p.Raw("X'").Raw(n.text).Raw("'");
      break;
    case LiteralType::kDate:
      p.Text("date").Quoted(n.text);
      break;
    case LiteralType::kTime:
      p.Text("time").Quoted(n.text);
      break;
    case LiteralType::kTimestamp:
      p.Text("timestamp").Quoted(n.text);
      break;
    default:
      // A bit string without bits has no other form.
      p.Raw(n.type == LiteralType::kBit && n.text == "0b" ? "b''" : n.text);
  }
}

void Format(Printer& p, const NullLiteral&) { p.Text("null"); }
void Format(Printer& p, const BoolLiteral& n) { p.Raw(n.value ? "true" : "false"); }
void Format(Printer& p, const BindVar& n) { p.Bind(n.name, n.is_list); }

void Format(Printer& p, const ColumnRef& n) { p.Qualifier(n.database, n.table).Id(n.name); }

void Format(Printer& p, const DefaultExpr& n) {
  p.Text("default");
  if (n.column.empty()) return;
  p.Raw("(").Qualifier(n.database, n.table).Id(n.column).Raw(")");
}

void Format(Printer& p, const Variable& n) {
  switch (n.scope) {
    case VariableScope::kNone:
      break;
    case VariableScope::kUser:
      p.Raw("@");
      break;
    case VariableScope::kSession:
      // Without a scope these two are the next transaction's.
      p.Raw(IsTransactionVariable(n.name) || !ScopeOfName(n.name.text).empty() ? "@@session."
                                                                               : "@@");
      break;
    case VariableScope::kNextTx:
      p.Raw("@@");
      break;
    case VariableScope::kGlobal:
      p.Raw("@@global.");
      break;
    case VariableScope::kPersist:
      p.Raw("@@persist.");
      break;
    case VariableScope::kPersistOnly:
      p.Raw("@@persist_only.");
      break;
    case VariableScope::kVitessMetadata:
      p.Raw("@@vitess_metadata.");
      break;
  }
  const std::string_view name = n.name.text;
  const size_t dot = name.find('.');
  const bool in_cache = n.scope == VariableScope::kNone || p.server();
  if (n.scope != VariableScope::kUser && in_cache && dot != std::string_view::npos) {
    if (ScopeOfName(name).empty()) {
      p.Id(name.substr(0, dot));
    } else {
      p.Raw("`").Raw(name.substr(0, dot)).Raw("`");
    }
    p.Raw(".").Id(name.substr(dot + 1));
  } else {
    p.Id(name);
  }
}

void Format(Printer& p, const UnaryExpr& n) {
  static constexpr std::string_view kTexts[] = {"+", "-", "~", "!"};
  p.Raw(kTexts[static_cast<size_t>(n.op)]);
  // "--" would begin a comment.
  const bool sign = n.operand != nullptr && LevelOf(*n.operand) == kUnary &&
                    (n.operand->Is<UnaryExpr>() || n.operand->Is<Literal>()) &&
                    n.op <= UnaryOp::kMinus;
  if (sign) p.Raw(" ");
  FormatOperand(p, n.operand, kUnary);
}

void Format(Printer& p, const BinaryExpr& n) {
  const int level = BinaryLevel(n.op);
  if (n.op == BinaryOp::kConcat && p.server()) {  // || depends on sql_mode; concat() does not
    p.Raw("concat(");
    p.Print(n.left);
    p.Raw(", ");
    p.Print(n.right);
    p.Raw(")");
    return;
  }
  FormatOperand(p, n.left, level);
  p.Text(BinaryText(n.op));
  FormatOperand(p, n.right, level + 1);
}

void Format(Printer& p, const ComparisonExpr& n) {
  const bool predicate = IsPredicate(n.op);
  FormatOperand(p, n.left, predicate ? kBitOr : kCompare);
  p.Text(CompareText(n.op));
  if (n.quantifier == Quantifier::kAny) p.Text("any ");
  if (n.quantifier == Quantifier::kAll) p.Text("all ");
  const bool like = n.op == CompareOp::kLike || n.op == CompareOp::kNotLike;
  const bool in = n.op == CompareOp::kIn || n.op == CompareOp::kNotIn;
  if (in) {
    p.Print(n.right);
  } else {
    FormatOperand(p, n.right, like && p.server() ? kUnary : predicate ? kBitOr : kPredicate);
  }
  if (n.escape != nullptr) {
    p.Text(" escape ");
    FormatOperand(p, n.escape, kUnary);
  }
}

void Format(Printer& p, const AndExpr& n) {
  FormatOperand(p, n.left, kAnd);
  p.Text(" and ");
  FormatOperand(p, n.right, kAnd + 1);
}

void Format(Printer& p, const OrExpr& n) {
  FormatOperand(p, n.left, kOr);
  p.Text(" or ");
  FormatOperand(p, n.right, kOr + 1);
}

void Format(Printer& p, const XorExpr& n) {
  FormatOperand(p, n.left, kXor);
  p.Text(" xor ");
  FormatOperand(p, n.right, kXor + 1);
}

void Format(Printer& p, const NotExpr& n) {
  p.Text("not ");
  FormatOperand(p, n.operand, kNot);
}

void Format(Printer& p, const IsExpr& n) {
  static constexpr std::string_view kTexts[] = {" is null",     " is not null", " is true",
                                                " is not true", " is false",    " is not false"};
  FormatOperand(p, n.operand, n.operand->Is<IsExpr>() ? kCompare + 1 : kCompare);
  p.Text(kTexts[static_cast<size_t>(n.op)]);
}

void Format(Printer& p, const BetweenExpr& n) {
  FormatOperand(p, n.operand, kBitOr);
  p.Text(n.negated ? " not between " : " between ");
  FormatOperand(p, n.from, kBitOr);
  p.Text(" and ");
  // A predicate could stand here bare; Vitess puts it in parentheses, and people read it better.
  FormatOperand(p, n.to, kBitOr);
}

void Format(Printer& p, const CollateExpr& n) {
  FormatOperand(p, n.operand, kCollate);
  p.Text(" collate ").Id(n.collation);
}

void Format(Printer& p, const IntroducerExpr& n) {
  p.Raw("_").Raw(n.charset).Raw(" ");
  p.Print(n.operand);
}

void Format(Printer& p, const TupleExpr& n) {
  // A row of one is only a row when it says so; IN's list is printed by the same node.
  p.Raw("(");
  FormatList(p, n.items);
  p.Raw(")");
}

void Format(Printer& p, const Subquery& n) {
  p.Raw("(");
  p.Print(n.query);
  p.Raw(")");
}

void Format(Printer& p, const ExistsExpr& n) {
  p.Text("exists ");
  p.Print(n.subquery);
}

void Format(Printer& p, const WhenClause& n) {
  p.Text("when ");
  p.Print(n.condition);
  p.Text(" then ");
  p.Print(n.value);
}

void Format(Printer& p, const CaseExpr& n) {
  p.Text("case ");
  if (n.operand != nullptr) {
    p.Print(n.operand);
    p.Raw(" ");
  }
  for (const WhenClause* when : n.whens) {
    p.Print(when);
    p.Raw(" ");
  }
  if (n.else_value != nullptr) {
    p.Text("else ");
    p.Print(n.else_value);
    p.Raw(" ");
  }
  p.Text("end");
}

void Format(Printer& p, const FuncCall& n) {
  if (!n.database.empty()) {
    p.Id(n.database).Raw(".").Id(n.qualifier).Raw(".");
  } else if (!n.qualifier.empty()) {
    p.Id(n.qualifier).Raw(".");
  }
  // A function's name is never quoted for being a keyword, unless it was.
  bool plain = !n.name.empty() && (n.name.text[0] < '0' || n.name.text[0] > '9');
  for (const char c : n.name.text) {
    plain &= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '$' || static_cast<uint8_t>(c) >= 0x80;
  }
  if (n.quoted) {
    p.Raw("`").Raw(n.name.text).Raw("`");
  } else if (plain) {
    IsKeywordFunction(n.name.text) ? p.Text(n.name.text) : p.Raw(n.name.text);
  } else {
    p.Id(n.name);
  }
  if (n.args.empty() && (n.name == "current_user" || n.name == "current_role")) {
    p.Raw("()");
    return;
  }
  p.Raw("(");
  if (n.name == "get_format" && n.args.size() == 2 && n.args[0]->Is<ColumnRef>() && p.server()) {
    p.Raw(n.args[0]->Get<ColumnRef>().name.text).Raw(", ");
    p.Print(n.args[1]);
  } else {
    FormatList(p, n.args);
  }
  p.Raw(")");
}

void Format(Printer& p, const NamedArgument& n) {
  p.Print(n.value);
  p.Text(" as ").Id(n.name);
}

void Format(Printer& p, const Aggregate& n) {
  p.Text(AggregateName(n.op)).Raw("(");
  if (n.op == AggregateOp::kCountStar) p.Raw("*");
  if (n.distinct) p.Text("distinct ");
  FormatList(p, n.args);
  FormatOrderBy(p, n.order_by);
  if (n.has_separator) p.Text(" separator ").Quoted(n.separator);
  p.Print(n.limit);
  p.Raw(")");
  FormatClause(p, " over ", n.over);
}

void Format(Printer& p, const WindowFunc& n) {
  static constexpr std::string_view kNames[] = {
      "cume_dist",   "dense_rank", "percent_rank",    "rank",           "row_number",
      "first_value", "last_value", "ntile",           "nth_value",      "lag",
      "lead",        "median",     "percentile_cont", "percentile_disc"};
  p.Text(kNames[static_cast<size_t>(n.op)]).Raw("(");
  FormatList(p, n.args);
  p.Raw(")");
  if (n.within != nullptr) {
    p.Text(" within group (order by ");
    p.Print(n.within);
    p.Raw(")");
  }
  if (n.from_last) p.Text(" from last");
  if (n.nulls == NullTreatment::kRespect) p.Text(" respect nulls");
  if (n.nulls == NullTreatment::kIgnore) p.Text(" ignore nulls");
  FormatClause(p, " over ", n.over);
}

void Format(Printer& p, const WindowSpec& n) {
  if (n.by_name) {
    p.Id(n.name);
    return;
  }
  p.Raw("(");
  const size_t begin = p.out().size();
  const auto gap = [&] {
    if (p.out().size() != begin) p.Raw(" ");
  };
  if (!n.name.empty()) p.Id(n.name);
  if (!n.partition_by.empty()) {
    gap();
    p.Text("partition by ");
    FormatList(p, n.partition_by);
  }
  if (!n.order_by.empty()) {
    gap();
    p.Text("order by ");
    FormatList(p, n.order_by);
  }
  if (n.frame != nullptr) {
    gap();
    p.Print(n.frame);
  }
  p.Raw(")");
}

void Format(Printer& p, const FrameClause& n) {
  static constexpr std::string_view kUnits[] = {"rows ", "range ", "groups "};
  static constexpr std::string_view kExcludes[] = {"", " exclude current row", " exclude group",
                                                   " exclude ties", " exclude no others"};
  p.Text(kUnits[static_cast<size_t>(n.unit)]);
  if (n.end != nullptr) p.Text("between ");
  p.Print(n.start);
  FormatClause(p, " and ", n.end);
  p.Text(kExcludes[static_cast<size_t>(n.exclude)]);
}

void Format(Printer& p, const FrameBound& n) {
  switch (n.type) {
    case FrameBoundType::kCurrentRow:
      p.Text("current row");
      return;
    case FrameBoundType::kUnboundedPreceding:
      p.Text("unbounded preceding");
      return;
    case FrameBoundType::kUnboundedFollowing:
      p.Text("unbounded following");
      return;
    case FrameBoundType::kPreceding:
    case FrameBoundType::kFollowing:
      break;
  }
  p.Print(n.value);
  p.Text(n.type == FrameBoundType::kPreceding ? " preceding" : " following");
}

namespace {

// `comma`: between length and scale. Vitess puts a blank behind it in CAST, and none in columns.
void FormatType(Printer& p, const DataType& n, std::string_view comma) {
  p.Raw(n.name);
  if (!n.enum_values.empty()) {
    p.Raw("(");
    bool first = true;
    for (const std::string_view value : n.enum_values) {
      if (!first) p.Raw(", ");
      first = false;
      p.Raw(value);
    }
    p.Raw(")");
  }
  if (n.length != nullptr) {
    p.Raw("(");
    p.Print(n.length);
    FormatClause(p, comma, n.scale);
    p.Raw(")");
  }
  if (!n.compression.empty()) p.Raw(" ").Raw(n.compression);
  // Vitess writes what belongs to a type in small letters whatever the mode.
  if (n.is_unsigned) p.Raw(" unsigned");
  if (n.zerofill) p.Raw(" zerofill");
  if (!n.charset.empty()) FormatCharset(p.Text(" character set "), n.charset);
  if (n.binary) p.Text(" binary");
  if (!n.collate.empty()) FormatCharset(p.Text(" collate "), n.collate);
  if (n.array) p.Raw(" array");
}

}  // namespace

void Format(Printer& p, const DataType& n) { FormatType(p, n, ","); }

void Format(Printer& p, const CastExpr& n) {
  p.Text(n.is_convert ? "convert(" : "cast(");
  p.Print(n.operand);
  if (!n.time_zone.empty()) p.Text(" at time zone ").Quoted(n.time_zone);
  p.Text(n.is_convert ? ", " : " as ");
  FormatType(p, *n.type, ", ");
  p.Raw(")");
}

void Format(Printer& p, const ConvertUsing& n) {
  p.Text("convert(");
  p.Print(n.operand);
  FormatCharset(p.Text(" using "), n.charset.text);
  p.Raw(")");
}

void Format(Printer& p, const CharFunc& n) {
  p.Text("char(");
  FormatList(p, n.args);
  if (!n.charset.empty()) FormatCharset(p.Text(" using "), n.charset.text);
  p.Raw(")");
}

void Format(Printer& p, const WeightStringFunc& n) {
  p.Text("weight_string(");
  p.Print(n.operand);
  FormatClause(p, " as ", n.as);
  p.Text(n.levels).Raw(")");
}

void Format(Printer& p, const DynamicColumn& n) {
  p.Print(n.name);
  FormatClause(p, ", ", n.value);
  FormatClause(p, " as ", n.type);
  if (n.type != nullptr && Ident(n.type->name) == "unsigned") p.Text(" int");  // not optional here
}

void Format(Printer& p, const DynamicColumnGet& n) {
  p.Text("column_get(");
  p.Print(n.columns);
  FormatClause(p, ", ", n.name);
  FormatClause(p, " as ", n.type);
  p.Raw(")");
}

void Format(Printer& p, const IgnoreValue&) { p.Text("ignore"); }

void Format(Printer& p, const CurrentTimeFunc& n) {
  p.Text(n.name.text);
  if (n.fsp > 0) {
    p.Raw(fmt::format("({})", n.fsp));
  } else {
    p.Raw("()");
  }
}

void Format(Printer& p, const ValuesFunc& n) {
  p.Text(n.value_keyword ? "value(" : "values(");
  p.Print(n.column);
  p.Raw(")");
}

void Format(Printer& p, const TrimFunc& n) {
  static constexpr std::string_view kSides[] = {"", "leading ", "trailing ", "both "};
  if (!n.qualifier.empty()) p.Id(n.qualifier).Raw(".");
  p.Text("trim(").Text(kSides[static_cast<size_t>(n.side)]);
  if (n.remove != nullptr) {
    p.Print(n.remove);
    p.Raw(" ");
  }
  if (n.remove != nullptr || n.side != TrimSide::kNone) p.Text("from ");
  p.Print(n.from);
  p.Raw(")");
}

void Format(Printer& p, const ExtractExpr& n) {
  p.Text("extract(").Text(n.unit).Text(" from ");
  p.Print(n.operand);
  p.Raw(")");
}

void Format(Printer& p, const IntervalExpr& n) {
  p.Text("interval ");
  p.Print(n.value);
  p.Raw(" ").Text(n.unit);
}

void Format(Printer& p, const DateArithExpr& n) {
  switch (n.op) {
    case DateArithOp::kPlus:
    case DateArithOp::kMinus:
      FormatOperand(p, n.date, kAdd);
      p.Text(n.op == DateArithOp::kPlus ? " + interval " : " - interval ");
      p.Print(n.value);
      p.Raw(" ").Text(n.unit);
      return;
    case DateArithOp::kPlusLeft:
      p.Text("interval ");
      p.Print(n.value);
      p.Raw(" ").Text(n.unit).Raw(" + ");
      FormatOperand(p, n.date, kMultiply);
      return;
    case DateArithOp::kDateAdd:
      p.Text("date_add(");
      break;
    case DateArithOp::kDateSub:
      p.Text("date_sub(");
      break;
    case DateArithOp::kAddDate:
      p.Text("adddate(");
      break;
    case DateArithOp::kSubDate:
      p.Text("subdate(");
      break;
  }
  p.Print(n.date);
  p.Raw(", ");
  if (!n.unit.empty()) p.Text("interval ");
  p.Print(n.value);
  if (!n.unit.empty()) p.Raw(" ").Text(n.unit);
  p.Raw(")");
}

void Format(Printer& p, const TimestampFunc& n) {
  p.Text(n.is_diff ? "timestampdiff(" : "timestampadd(").Text(n.unit).Raw(", ");
  p.Print(n.first);
  p.Raw(", ");
  p.Print(n.second);
  p.Raw(")");
}

void Format(Printer& p, const MatchExpr& n) {
  static constexpr std::string_view kModes[] = {"", " in boolean mode", " in natural language mode",
                                                " in natural language mode with query expansion",
                                                " with query expansion"};
  p.Text("match(");
  FormatList(p, n.columns);
  p.Text(") against (");
  p.Print(n.against);
  p.Text(kModes[static_cast<size_t>(n.mode)]);
  p.Raw(")");
}

void Format(Printer& p, const MemberOfExpr& n) {
  FormatOperand(p, n.value, kBitOr);
  p.Text(" member of (");
  p.Print(n.array);
  p.Raw(")");
}

void FormatJsonOn(Printer& p, JsonOnAction on_empty, const Expr* empty_default,
                  JsonOnAction on_error, const Expr* error_default) {
  const auto one = [&](JsonOnAction action, const Expr* value, std::string_view event) {
    switch (action) {
      case JsonOnAction::kNone:
        return;
      case JsonOnAction::kNull:
        p.Text(" null");
        break;
      case JsonOnAction::kError:
        p.Text(" error");
        break;
      case JsonOnAction::kDefault:
        p.Text(" default ");
        p.Print(value);
        break;
    }
    p.Text(event);
  };
  one(on_empty, empty_default, " on empty");
  one(on_error, error_default, " on error");
}

void Format(Printer& p, const JsonValueExpr& n) {
  p.Text("json_value(");
  p.Print(n.document);
  p.Raw(", ");
  p.Print(n.path);
  if (n.returning != nullptr) {
    p.Text(" returning ");
    FormatType(p, *n.returning, ", ");
  }
  FormatJsonOn(p, n.on_empty, n.empty_default, n.on_error, n.error_default);
  p.Raw(")");
}

void Format(Printer& p, const AssignmentExpr& n) {
  p.Print(n.target);
  p.Raw(" := ");
  p.Print(n.value);
}

void Format(Printer& p, const SequenceValueExpr& n) {
  if (n.call) {
    p.Text(!n.set.empty() ? "setval(" : n.previous ? "lastval(" : "nextval(");
    p.Print(n.sequence);
    if (!n.set.empty()) p.Raw(", ");
    FormatList(p, n.set);
    p.Raw(")");
    return;
  }
  p.Text(n.previous ? "previous value for " : "next value for ");
  p.Print(n.sequence);
}

}  // namespace tessera::sqlparser
