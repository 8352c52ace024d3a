// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/internal/precedence.h"

namespace tessera::sqlparser {
namespace {

// Functions with a syntax or a node of their own.
enum Special : int {
  kPlain = 0,
  kJsonPairs,  // an even number of arguments
  kCast,
  kConvert,
  kTrim,
  kSubstring,
  kDateAdd,
  kDateSub,
  kAddDate,
  kSubDate,
  kTimestampAdd,
  kTimestampDiff,
  kExtract,
  kCurrentTime,
  kMatch,
  kPosition,
  kChar,
  kValues,
  kJsonValue,
  kWeightString,
  kGetFormat,
  kColumnCreate,
  kColumnAdd,
  kColumnGet,
  kSequenceValue,
  kLastValue,
  kStCollect,                   // an aggregate when it says DISTINCT
  kAggregates,                  // kAggregates + AggregateOp
  kWindows = kAggregates + 64,  // kWindows + WindowOp
};

// Aggregates that take no DISTINCT.
constexpr int kNoDistinct = 32;

struct KnownFunction {
  std::string_view name;            // lower case
  std::string_view canonical = {};  // empty: as name
  int special = kPlain;
  int min_args = 0;
  int max_args = -1;
  bool as_written = false;  // the name's case stays
};

constexpr int Agg(AggregateOp op) { return kAggregates + static_cast<int>(op); }
constexpr int AggPlain(AggregateOp op) { return Agg(op) + kNoDistinct; }
constexpr int Win(WindowOp op) { return kWindows + static_cast<int>(op); }

// Sorted by name.
constexpr KnownFunction kFunctions[] = {
    {"adddate", "", kAddDate},
    {"any_value", "", AggPlain(AggregateOp::kAnyValue)},
    {"ascii", "", kPlain, 1, 1, true},
    {"avg", "", Agg(AggregateOp::kAvg)},
    {"bit_and", "", AggPlain(AggregateOp::kBitAnd)},
    {"bit_or", "", AggPlain(AggregateOp::kBitOr)},
    {"bit_xor", "", AggPlain(AggregateOp::kBitXor)},
    {"cast", "", kCast},
    {"char", "", kChar},
    {"charset", "", kPlain, 1, 1, true},
    {"coalesce", "", kPlain, 0, -1, true},
    {"collation", "", kPlain, 1, 1, true},
    {"column_add", "", kColumnAdd, 0, -1, true},
    {"column_create", "", kColumnCreate, 0, -1, true},
    {"column_delete", "", kPlain, 2, -1, true},
    {"column_get", "", kColumnGet},
    {"convert", "", kConvert},
    {"count", "", Agg(AggregateOp::kCount)},
    {"cume_dist", "", Win(WindowOp::kCumeDist)},
    {"curdate", "", kCurrentTime},
    {"current_date", "", kCurrentTime},
    {"current_time", "", kCurrentTime},
    {"current_timestamp", "", kCurrentTime},
    {"curtime", "", kCurrentTime},
    {"database"},
    {"date", "", kPlain, 1, 1, true},
    {"date_add", "", kDateAdd},
    {"date_sub", "", kDateSub},
    {"day", "", kPlain, 1, 1, true},
    {"dense_rank", "", Win(WindowOp::kDenseRank)},
    {"extract", "", kExtract},
    {"extractvalue"},
    {"first_value", "", Win(WindowOp::kFirstValue)},
    {"format", "", kPlain, 2, 3, true},
    {"format_bytes"},
    {"format_pico_time"},
    {"get_format", "", kGetFormat},
    {"get_lock"},
    {"glength", "st_length"},
    {"group_concat", "", Agg(AggregateOp::kGroupConcat)},
    {"gtid_subset"},
    {"gtid_subtract"},
    {"hour", "", kPlain, 1, 1, true},
    {"if"},
    {"insert"},
    {"interval"},
    {"is_free_lock"},
    {"is_used_lock"},
    {"isclosed", "st_isclosed"},
    {"json_array"},
    {"json_array_append", "", kPlain, 3},
    {"json_array_insert", "", kPlain, 3},
    {"json_arrayagg", "", Agg(AggregateOp::kJsonArrayAgg)},
    {"json_contains", "", kPlain, 2},
    {"json_contains_path", "", kPlain, 3},
    {"json_depth", "", kPlain, 1},
    {"json_extract", "", kPlain, 2},
    {"json_insert", "", kPlain, 3},
    {"json_keys", "", kPlain, 1},
    {"json_length", "", kPlain, 1},
    {"json_merge", "", kPlain, 1},
    {"json_merge_patch", "", kPlain, 1},
    {"json_merge_preserve", "", kPlain, 1},
    {"json_object", "", kJsonPairs},
    {"json_objectagg", "", AggPlain(AggregateOp::kJsonObjectAgg)},
    {"json_overlaps", "", kPlain, 2},
    {"json_pretty", "", kPlain, 1},
    {"json_quote", "", kPlain, 1},
    {"json_remove", "", kPlain, 2},
    {"json_replace", "", kPlain, 3},
    {"json_schema_valid", "", kPlain, 2},
    {"json_schema_validation_report", "", kPlain, 2},
    {"json_search", "", kPlain, 3},
    {"json_set", "", kPlain, 3},
    {"json_storage_free", "", kPlain, 1},
    {"json_storage_size", "", kPlain, 1},
    {"json_type", "", kPlain, 1},
    {"json_unquote", "", kPlain, 1},
    {"json_valid", "", kPlain, 1},
    {"json_value", "", kJsonValue},
    {"lag", "", Win(WindowOp::kLag)},
    {"last_insert_id", "", kPlain, 0, -1, true},
    {"last_value", "", kLastValue},
    {"lastval", "", kSequenceValue, 0, -1, true},
    {"lead", "", Win(WindowOp::kLead)},
    {"left"},
    {"linestring"},
    {"localtime", "", kCurrentTime},
    {"localtimestamp", "", kCurrentTime},
    {"locate"},
    {"ltrim"},
    {"match", "", kMatch},
    {"max", "", Agg(AggregateOp::kMax)},
    {"median", "", Win(WindowOp::kMedian)},
    {"microsecond", "", kPlain, 1, 1, true},
    {"mid", "substr", kSubstring},
    {"min", "", Agg(AggregateOp::kMin)},
    {"minute", "", kPlain, 1, 1, true},
    {"mod"},
    {"month", "", kPlain, 1, 1, true},
    {"multilinestring"},
    {"multipoint"},
    {"multipolygon"},
    {"nextval", "", kSequenceValue, 0, -1, true},
    {"now", "", kCurrentTime},
    {"nth_value", "", Win(WindowOp::kNthValue)},
    {"ntile", "", Win(WindowOp::kNtile)},
    {"password", "", kPlain, 1, 1, true},
    {"percent_rank", "", Win(WindowOp::kPercentRank)},
    {"percentile_cont", "", Win(WindowOp::kPercentileCont)},
    {"percentile_disc", "", Win(WindowOp::kPercentileDisc)},
    {"point"},
    {"pointn", "st_pointn"},
    {"polygon"},
    {"position", "", kPosition},
    {"ps_current_thread_id"},
    {"ps_thread_id"},
    {"quarter", "", kPlain, 1, 1, true},
    {"rank", "", Win(WindowOp::kRank)},
    {"regexp_instr"},
    {"regexp_like"},
    {"regexp_replace"},
    {"regexp_substr"},
    {"release_all_locks"},
    {"release_lock"},
    {"repeat", "", kPlain, 0, -1, true},
    {"replace"},
    {"reverse", "", kPlain, 1, 1, true},
    {"right"},
    {"row_number", "", Win(WindowOp::kRowNumber)},
    {"rtrim"},
    {"schema"},
    {"second", "", kPlain, 1, 1, true},
    {"setval", "", kSequenceValue},
    {"st_area"},
    {"st_asbinary"},
    {"st_asgeojson"},
    {"st_astext"},
    {"st_aswkb", "st_asbinary"},
    {"st_aswkt", "st_astext"},
    {"st_centroid"},
    {"st_collect", "", kStCollect},
    {"st_dimension"},
    {"st_endpoint"},
    {"st_envelope"},
    {"st_exteriorring"},
    {"st_geohash"},
    {"st_geomcollfromtext", "st_geometrycollectionfromtext"},
    {"st_geomcollfromtxt", "st_geometrycollectionfromtext"},
    {"st_geomcollfromwkb", "st_geometrycollectionfromwkb"},
    {"st_geometrycollectionfromtext"},
    {"st_geometrycollectionfromwkb"},
    {"st_geometryfromtext"},
    {"st_geometryfromwkb"},
    {"st_geometryn"},
    {"st_geometrytype"},
    {"st_geomfromgeojson"},
    {"st_geomfromtext", "st_geometryfromtext"},
    {"st_geomfromwkb", "st_geometryfromwkb"},
    {"st_interiorringn", "st_interiorringN"},
    {"st_isclosed"},
    {"st_isempty"},
    {"st_issimple"},
    {"st_latfromgeohash"},
    {"st_latitude"},
    {"st_length"},
    {"st_linefromtext", "st_linestringfromtext"},
    {"st_linefromwkb", "st_linestringfromwkb"},
    {"st_linestringfromtext"},
    {"st_linestringfromwkb"},
    {"st_longfromgeohash"},
    {"st_longitude"},
    {"st_mlinefromtext", "st_multilinestringfromtext"},
    {"st_mlinefromwkb", "st_multilinestringfromwkb"},
    {"st_mpointfromtext", "st_multipointfromtext"},
    {"st_mpointfromwkb", "st_multipointfromwkb"},
    {"st_mpolyfromtext", "st_multipolygonfromtext"},
    {"st_mpolyfromwkb", "st_multipolygonfromwkb"},
    {"st_multilinestringfromtext"},
    {"st_multilinestringfromwkb"},
    {"st_multipointfromtext"},
    {"st_multipointfromwkb"},
    {"st_multipolygonfromtext"},
    {"st_multipolygonfromwkb"},
    {"st_numgeometries"},
    {"st_numinteriorring", "st_numinteriorrings"},
    {"st_numinteriorrings"},
    {"st_numpoints"},
    {"st_pointfromgeohash"},
    {"st_pointfromtext"},
    {"st_pointfromwkb"},
    {"st_pointn"},
    {"st_polyfromtext", "st_polygonfromtext"},
    {"st_polyfromwkb", "st_polygonfromwkb"},
    {"st_polygonfromtext"},
    {"st_polygonfromwkb"},
    {"st_startpoint"},
    {"st_x"},
    {"st_y"},
    {"std", "", AggPlain(AggregateOp::kStd)},
    {"stddev", "", AggPlain(AggregateOp::kStddev)},
    {"stddev_pop", "", AggPlain(AggregateOp::kStddevPop)},
    {"stddev_samp", "", AggPlain(AggregateOp::kStddevSamp)},
    {"subdate", "", kSubDate},
    {"substr", "", kSubstring},
    {"substring", "substr", kSubstring},
    {"sum", "", Agg(AggregateOp::kSum)},
    {"sysdate", "", kCurrentTime},
    {"time", "", kPlain, 1, 1, true},
    {"timestamp", "", kPlain, 1, 2, true},
    {"timestampadd", "", kTimestampAdd},
    {"timestampdiff", "", kTimestampDiff},
    {"trim", "", kTrim},
    {"truncate", "", kPlain, 2, 2, true},
    {"updatexml"},
    {"utc_date", "", kCurrentTime},
    {"utc_time", "", kCurrentTime},
    {"utc_timestamp", "", kCurrentTime},
    {"values", "", kValues},
    {"var_pop", "", AggPlain(AggregateOp::kVarPop)},
    {"var_samp", "", AggPlain(AggregateOp::kVarSamp)},
    {"variance", "", AggPlain(AggregateOp::kVariance)},
    {"wait_for_executed_gtid_set"},
    {"wait_until_sql_thread_after_gtids"},
    {"week", "", kPlain, 1, 2, true},
    {"weight_string", "", kWeightString},
    {"year", "", kPlain, 1, 1, true},
};

constexpr bool Sorted() {
  for (size_t i = 1; i < std::size(kFunctions); ++i) {
    if (!(kFunctions[i - 1].name < kFunctions[i].name)) return false;
  }
  return true;
}
static_assert(Sorted());

const KnownFunction* FindFunction(std::string_view name) {
  char lower[40];
  if (name.size() > sizeof(lower)) return nullptr;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  const std::string_view key(lower, name.size());
  const auto* it =
      std::lower_bound(std::begin(kFunctions), std::end(kFunctions), key,
                       [](const KnownFunction& f, std::string_view k) { return f.name < k; });
  return it != std::end(kFunctions) && it->name == key ? it : nullptr;
}

}  // namespace

// Reserved words that are functions when a parenthesis follows.
bool Parser::IsFunctionWord(Kw word) {
  switch (word) {
    case Kw::kIf:
    case Kw::kLeft:
    case Kw::kRight:
    case Kw::kReplace:
    case Kw::kRepeat:
    case Kw::kInsert:
    case Kw::kMod:
    case Kw::kDatabase:
    case Kw::kSchema:
    case Kw::kChar:
    case Kw::kConvert:
    case Kw::kMatch:
    case Kw::kValues:
    case Kw::kInterval:
    case Kw::kCurrentDate:
    case Kw::kCurrentTime:
    case Kw::kCurrentTimestamp:
    case Kw::kLocaltime:
    case Kw::kLocaltimestamp:
    case Kw::kUtcDate:
    case Kw::kUtcTime:
    case Kw::kUtcTimestamp:
      return true;
    default:
      return false;
  }
}

// At a name with a parenthesis behind it.
const Expr* Parser::ParseFunction() {
  const Token token = Cur();
  if (token.type == Tok::kWord && IsReserved(token.word) && !IsFunctionWord(token.word)) {
    Fail();
    return New<NullLiteral>();
  }
  const KnownFunction* known = token.type == Tok::kWord ? FindFunction(TokenText(token)) : nullptr;
  const std::string_view written = AnyName();
  const bool quoted =
      token.type == Tok::kQuotedName && (FindFunction(written) != nullptr || IsQuotedName(written));
  if (known == nullptr) return ParseNamedCall(written, token.begin, quoted);
  const std::string_view name = known->as_written          ? written
                                : known->canonical.empty() ? known->name
                                                           : known->canonical;
  const int special = known->special;
  if (special >= kWindows) return ParseWindowFunc(static_cast<WindowOp>(special - kWindows));
  if (special >= kAggregates) {
    const int op = special - kAggregates;
    const Expr* node =
        ParseAggregate(static_cast<AggregateOp>(op & (kNoDistinct - 1)), op < kNoDistinct);
    return node;
  }
  if (special == kStCollect && !PeekIs(Kw::kDistinct))
    return ParseNamedCall(written, token.begin, false);
  if (special == kPlain || special == kJsonPairs) {
    const Expr* call = ParsePlainCall({}, name, token.begin, known->min_args, known->max_args);
    if (special == kJsonPairs && !failed_ && call->Get<FuncCall>().args.size() % 2 != 0) {
      FailAt(tokens_[at_ - 1]);
    }
    return call;
  }
  return ParseKnownFunction(special, name, token.begin);
}

// VALUES(column); in ON DUPLICATE KEY UPDATE also VALUE(column) (MariaDB).
const Expr* Parser::ParseValuesFunc(bool value_keyword, uint32_t position) {
  ValuesFunc* node = NewAt<ValuesFunc>(position);
  node->value_keyword = value_keyword;
  Expect(Tok::kLeftParen);
  node->column = ParseColumnRef();
  Expect(Tok::kRightParen);
  return node;
}

// NEXTVAL(seq), LASTVAL(seq), SETVAL(seq, value, is_used, round)
const Expr* Parser::ParseSequenceCall(std::string_view name, uint32_t position) {
  SequenceValueExpr* node = NewAt<SequenceValueExpr>(position);
  node->call = true;
  node->previous = name == "lastval";
  Expect(Tok::kLeftParen);
  node->sequence = ParseTableName();
  if (name == "setval") {
    constexpr size_t kMostValues = 3;
    ListOf<Expr> values(*this);
    Expect(Tok::kComma);
    do {
      const bool number = At(Tok::kInteger) || At(Tok::kMinus) || At(Tok::kPlus) ||
                          At(Tok::kBindVar) || At(Tok::kQuestion) || At(Kw::kTrue) ||
                          At(Kw::kFalse);
      if (!number) Fail();
      values.Add(ParseUnary());
    } while (values.size() < kMostValues && Accept(Tok::kComma));
    node->set = values.Take();
  }
  Expect(Tok::kRightParen);
  return node;
}

// At the parenthesis of a function with a syntax of its own.
const Expr* Parser::ParseKnownFunction(int special, std::string_view name, uint32_t position) {
  switch (special) {
    case kCast:
      return ParseCast(false);
    case kConvert:
      return ParseCast(true);
    case kTrim:
      return ParseTrim();
    case kSubstring:
      return ParseSubstring();
    case kDateAdd:
      return ParseDateFunc(DateArithOp::kDateAdd, name);
    case kDateSub:
      return ParseDateFunc(DateArithOp::kDateSub, name);
    case kAddDate:
      return ParseDateFunc(DateArithOp::kAddDate, name);
    case kSubDate:
      return ParseDateFunc(DateArithOp::kSubDate, name);
    case kTimestampAdd:
      return ParseTimestampFunc(false);
    case kTimestampDiff:
      return ParseTimestampFunc(true);
    case kCurrentTime:
      return ParseCurrentTime(name, true, position);
    case kMatch:
      return ParseMatch();
    case kJsonValue:
      return ParseJsonValue();
    case kWeightString:
      return ParseWeightString();
    case kColumnCreate:
      return ParseColumnCreate(false, name, position);
    case kColumnAdd:
      return ParseColumnCreate(true, name, position);
    case kColumnGet:
      return ParseColumnGet(position);
    case kSequenceValue:
      return ParseSequenceCall(name, position);
    case kLastValue:
      return ParseLastValue(position);
    case kStCollect:
      return ParseAggregate(AggregateOp::kStCollect, true);
    case kExtract: {
      ExtractExpr* node = NewAt<ExtractExpr>(position);
      Expect(Tok::kLeftParen);
      node->unit = ParseIntervalUnit();
      Expect(Kw::kFrom);
      node->operand = ParseExpr();
      Expect(Tok::kRightParen);
      return node;
    }
    case kPosition: {  // POSITION(a IN b) is LOCATE(a, b)
      FuncCall* node = NewAt<FuncCall>(position);
      node->name = "locate";
      Expect(Tok::kLeftParen);
      ListOf<Expr> args(*this);
      args.Add(ParseBinary(kBitOr));
      Expect(Kw::kIn);
      args.Add(ParseExpr());
      Expect(Tok::kRightParen);
      node->args = args.Take();
      return node;
    }
    case kChar: {
      CharFunc* node = NewAt<CharFunc>(position);
      Expect(Tok::kLeftParen);
      node->args = CommaList<Expr>(&Parser::ParseExpr);
      if (Accept(Kw::kUsing)) node->charset = ParseCharsetName();
      Expect(Tok::kRightParen);
      return node;
    }
    case kValues:
      return ParseValuesFunc(false, position);
    default: {  // GET_FORMAT(DATE, 'USA'): the first argument is a word
      FuncCall* node = NewAt<FuncCall>(position);
      node->name = name;
      Expect(Tok::kLeftParen);
      ListOf<Expr> args(*this);
      ColumnRef* type = New<ColumnRef>();
      const Ident word(At(Tok::kWord) || At(Tok::kQuotedName) ? NameOf(Cur()) : "");
      if (word != "date" && word != "time" && word != "datetime" && word != "timestamp") Fail();
      type->name = AnyName();
      args.Add(type);
      Expect(Tok::kComma);
      args.Add(ParseExpr());
      Expect(Tok::kRightParen);
      node->args = args.Take();
      return node;
    }
  }
}

// schema.function(...): MariaDB reads the words in TRIM and SUBSTR here too.
const Expr* Parser::ParseQualifiedCall(Ident qualifier, Ident name, uint32_t position) {
  if (name == "trim") {
    TrimFunc* trim = arena_.New<TrimFunc>(ParseTrim()->Get<TrimFunc>());
    trim->qualifier = qualifier;
    return trim;
  }
  if (name == "substr" || name == "substring") {
    FuncCall* call = arena_.New<FuncCall>(ParseSubstring()->Get<FuncCall>());
    call->qualifier = qualifier;
    call->name = name;
    return call;
  }
  return ParsePlainCall(qualifier, name.text, position, 0, -1);
}

// A function that the grammar does not know: its arguments may have names.
const Expr* Parser::ParseNamedCall(std::string_view name, uint32_t position, bool quoted) {
  const Depth depth(*this);
  FuncCall* node = NewAt<FuncCall>(position);
  node->name = name;
  node->quoted = quoted;
  Expect(Tok::kLeftParen);
  ListOf<Expr> args(*this);
  if (!At(Tok::kRightParen)) {
    do {
      const Expr* value = ParseExpr();
      if (Accept(Kw::kAs)) {
        NamedArgument* named = NewAt<NamedArgument>(value->position);
        named->value = value;
        named->name = NameOrString();
        value = named;
      }
      args.Add(value);
    } while (Accept(Tok::kComma));
  }
  node->args = args.Take();
  Expect(Tok::kRightParen);
  return node;
}

const Expr* Parser::ParsePlainCall(Ident qualifier, std::string_view name, uint32_t position,
                                   int min, int max) {
  const Depth depth(*this);
  FuncCall* node = NewAt<FuncCall>(position);
  node->qualifier = qualifier;
  node->name = name;
  Expect(Tok::kLeftParen);
  if (!At(Tok::kRightParen)) {
    ListOf<Expr> args(*this);
    int count = 0;
    do {
      if (max >= 0 && count++ >= max) FailAt(tokens_[at_ - 1]);
      args.Add(ParseExpr());
    } while (Accept(Tok::kComma));
    node->args = args.Take();
  }
  if (!failed_ && static_cast<int>(node->args.size()) < min) Fail();
  Expect(Tok::kRightParen);
  return node;
}

const Expr* Parser::ParseTrim() {
  const Depth depth(*this);
  TrimFunc* node = New<TrimFunc>();
  Expect(Tok::kLeftParen);
  if (Accept(Kw::kLeading)) {
    node->side = TrimSide::kLeading;
  } else if (Accept(Kw::kTrailing)) {
    node->side = TrimSide::kTrailing;
  } else if (Accept(Kw::kBoth)) {
    node->side = TrimSide::kBoth;
  }
  if (node->side != TrimSide::kNone && Accept(Kw::kFrom)) {
    node->from = ParseExpr();
  } else {
    const Expr* first = ParseExpr();
    if (Accept(Kw::kFrom)) {
      node->remove = first;
      node->from = ParseExpr();
    } else {
      if (node->side != TrimSide::kNone) Fail();
      node->from = first;
    }
  }
  Expect(Tok::kRightParen);
  return node;
}

// SUBSTR(s FROM a FOR n) is SUBSTR(s, a, n).
const Expr* Parser::ParseSubstring() {
  const Depth depth(*this);
  FuncCall* node = New<FuncCall>();
  node->name = "substr";
  Expect(Tok::kLeftParen);
  ListOf<Expr> args(*this);
  args.Add(ParseExpr());
  if (Accept(Kw::kFrom)) {
    args.Add(ParseExpr());
    if (Accept(Kw::kFor)) args.Add(ParseExpr());
  } else {
    Expect(Tok::kComma);
    args.Add(ParseExpr());
    if (Accept(Tok::kComma)) args.Add(ParseExpr());
  }
  Expect(Tok::kRightParen);
  node->args = args.Take();
  return node;
}

const Expr* Parser::ParseDateFunc(DateArithOp op, std::string_view) {
  const Depth depth(*this);
  DateArithExpr* node = New<DateArithExpr>();
  node->op = op;
  Expect(Tok::kLeftParen);
  node->date = ParseExpr();
  Expect(Tok::kComma);
  const bool days = op == DateArithOp::kAddDate || op == DateArithOp::kSubDate;
  if (At(Kw::kInterval)) {
    const Interval interval = ParseInterval();
    node->value = interval.value;
    node->unit = interval.unit;
    if (interval.unit.empty()) {  // ADDDATE(d, INTERVAL(a, b))
      if (!days) Fail();
      node->value = ParseBinaryTail(ParsePostfix(interval.value), 0);
    }
  } else {
    if (!days) Fail();
    node->value = ParseExpr();
  }
  Expect(Tok::kRightParen);
  return node;
}

const Expr* Parser::ParseTimestampFunc(bool is_diff) {
  const Depth depth(*this);
  TimestampFunc* node = New<TimestampFunc>();
  node->is_diff = is_diff;
  Expect(Tok::kLeftParen);
  node->unit = ParseIntervalUnit();
  Expect(Tok::kComma);
  node->first = ParseExpr();
  Expect(Tok::kComma);
  node->second = ParseExpr();
  Expect(Tok::kRightParen);
  return node;
}

const Expr* Parser::ParseCurrentTime(std::string_view name, bool parens_required,
                                     uint32_t position) {
  CurrentTimeFunc* node = NewAt<CurrentTimeFunc>(position);
  node->name = name;
  if (!At(Tok::kLeftParen)) {
    if (parens_required) Fail();
    return node;
  }
  Advance();
  if (At(Tok::kInteger)) {
    const uint32_t fsp = SmallInteger();
    if (fsp > 0) node->fsp = static_cast<int>(std::min(fsp, 1000u));
  }
  Expect(Tok::kRightParen);
  return node;
}

const Expr* Parser::ParseMatch() {
  MatchExpr* node = New<MatchExpr>();
  const bool parens = Accept(Tok::kLeftParen);
  node->columns = CommaList<ColumnRef>(&Parser::ParseColumnRef);
  if (parens) Expect(Tok::kRightParen);
  Expect(Kw::kAgainst);
  Expect(Tok::kLeftParen);
  node->against = ParseBinary(7);
  if (Accept(Kw::kIn)) {
    if (Accept(Kw::kBoolean)) {
      Expect(Kw::kMode);
      node->mode = MatchMode::kBoolean;
    } else {
      Expect(Kw::kNatural);
      Expect(Kw::kLanguage);
      Expect(Kw::kMode);
      node->mode = MatchMode::kNatural;
    }
  }
  if (node->mode != MatchMode::kBoolean && Accept(Kw::kWith)) {
    Expect(Kw::kQuery);
    Expect(Kw::kExpansion);
    node->mode =
        node->mode == MatchMode::kNatural ? MatchMode::kNaturalExpansion : MatchMode::kExpansion;
  }
  Expect(Tok::kRightParen);
  return node;
}

}  // namespace tessera::sqlparser
