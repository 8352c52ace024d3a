// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/internal/precedence.h"

namespace tessera::sqlparser {
namespace {

constexpr uint32_t kMaxChain = 4000;  // walkers recurse down the left side

struct Operator {
  Precedence level = kAny;  // kAny: no binary operator
  BinaryOp binary = BinaryOp::kPlus;
  CompareOp compare = CompareOp::kEqual;
};

Operator PunctuationOperator(const Token& token, const SqlMode& mode) {
  switch (token.type) {
    case Tok::kPipePipe:
      return mode.pipes_as_concat ? Operator{kConcat, BinaryOp::kConcat, {}}
                                  : Operator{kOr, {}, {}};
    case Tok::kAndAnd:
      return {kAnd, {}, {}};
    case Tok::kEqual:
      return {kCompare, {}, CompareOp::kEqual};
    case Tok::kLess:
      return {kCompare, {}, CompareOp::kLess};
    case Tok::kGreater:
      return {kCompare, {}, CompareOp::kGreater};
    case Tok::kLessEqual:
      return {kCompare, {}, CompareOp::kLessEqual};
    case Tok::kGreaterEqual:
      return {kCompare, {}, CompareOp::kGreaterEqual};
    case Tok::kNotEqual:
      return {kCompare, {}, CompareOp::kNotEqual};
    case Tok::kNullSafeEqual:
      return {kCompare, {}, CompareOp::kNullSafeEqual};
    case Tok::kPipe:
      return {kBitOr, BinaryOp::kBitOr, {}};
    case Tok::kAmp:
      return {kBitAnd, BinaryOp::kBitAnd, {}};
    case Tok::kShiftLeft:
      return {kShift, BinaryOp::kShiftLeft, {}};
    case Tok::kShiftRight:
      return {kShift, BinaryOp::kShiftRight, {}};
    case Tok::kPlus:
      return {kAdd, BinaryOp::kPlus, {}};
    case Tok::kMinus:
      return {kAdd, BinaryOp::kMinus, {}};
    case Tok::kStar:
      return {kMultiply, BinaryOp::kMult, {}};
    case Tok::kSlash:
      return {kMultiply, BinaryOp::kDiv, {}};
    case Tok::kPercent:
      return {kMultiply, BinaryOp::kMod, {}};
    case Tok::kCaret:
      return {kBitXor, BinaryOp::kBitXor, {}};
    default:
      return {};
  }
}

Precedence WordLevel(Kw word) {
  switch (word) {
    case Kw::kOr:
      return kOr;
    case Kw::kXor:
      return kXor;
    case Kw::kAnd:
      return kAnd;
    case Kw::kIs:
      return kCompare;
    case Kw::kNot:
    case Kw::kIn:
    case Kw::kBetween:
    case Kw::kLike:
    case Kw::kRegexp:
    case Kw::kRlike:
    case Kw::kSounds:
    case Kw::kMember:
      return kPredicate;
    case Kw::kDiv:
    case Kw::kMod:
      return kMultiply;
    default:
      return kAny;
  }
}

}  // namespace

const Expr* Parser::ParseBinary(int min_level) {
  const Depth depth(*this);
  const Expr* left = nullptr;
  if (At(Kw::kNot)) {
    NotExpr* node = New<NotExpr>();
    Advance();
    if (min_level > kNot) Fail();
    node->operand = ParseBinary(options_.mode.high_not_precedence ? kUnary : kNot);
    left = node;
  } else {
    left = ParseUnary();
  }
  return ParseBinaryTail(left, min_level);
}

// The operators behind left that bind at least as tight as min_level.
const Expr* Parser::ParseBinaryTail(const Expr* left, int min_level) {
  uint32_t chain = 0;
  while (true) {
    const Token& token = Cur();
    if (++chain > kMaxChain) FailTooDeep();
    if (token.type == Tok::kWord) {
      const Precedence level = WordLevel(token.word);
      if (level == kAny || level < min_level) return left;
      switch (token.word) {
        case Kw::kOr:
        case Kw::kXor:
        case Kw::kAnd:
          break;
        case Kw::kIs:
          left = ParseIsTail(left);
          continue;
        case Kw::kDiv:
        case Kw::kMod: {
          BinaryExpr* node = NewAt<BinaryExpr>(left->position);
          node->op = token.word == Kw::kDiv ? BinaryOp::kIntDiv : BinaryOp::kMod;
          Advance();
          node->left = left;
          node->right = ParseBinary(kMultiply + 1);
          left = node;
          continue;
        }
        case Kw::kNot: {
          const Kw next = Peek().word;
          if (next != Kw::kIn && next != Kw::kBetween && next != Kw::kLike && next != Kw::kRegexp &&
              next != Kw::kRlike) {
            return left;
          }
          Advance();
          left = ParsePredicateTail(left, true);
          continue;
        }
        case Kw::kSounds:
          if (!PeekIs(Kw::kLike)) return left;
          left = ParsePredicateTail(left, false);
          continue;
        case Kw::kMember:
          if (!PeekIs(Kw::kOf) && Peek().type != Tok::kLeftParen) return left;
          left = ParsePredicateTail(left, false);
          continue;
        default:
          left = ParsePredicateTail(left, false);
          continue;
      }
    }
    Operator op = PunctuationOperator(token, options_.mode);
    if (token.word == Kw::kOr) op.level = kOr;
    if (token.word == Kw::kXor) op.level = kXor;
    if (token.word == Kw::kAnd) op.level = kAnd;
    if (op.level == kAny || op.level < min_level) return left;
    const uint32_t position = left->position;
    Advance();
    if (op.level <= kAnd) {
      const Expr* right = ParseBinary(op.level + 1);
      if (op.level == kOr) {
        OrExpr* node = NewAt<OrExpr>(position);
        node->left = left;
        node->right = right;
        left = node;
      } else if (op.level == kXor) {
        XorExpr* node = NewAt<XorExpr>(position);
        node->left = left;
        node->right = right;
        left = node;
      } else {
        AndExpr* node = NewAt<AndExpr>(position);
        node->left = left;
        node->right = right;
        left = node;
      }
    } else if (op.level == kCompare) {
      ComparisonExpr* node = NewAt<ComparisonExpr>(position);
      node->op = op.compare;
      node->left = left;
      if ((At(Kw::kAny) || At(Kw::kSome) || At(Kw::kAll)) && Peek().type == Tok::kLeftParen &&
          Peek().is_query) {
        node->quantifier = At(Kw::kAll) ? Quantifier::kAll : Quantifier::kAny;
        Advance();
        if (op.compare == CompareOp::kNullSafeEqual) FailAt(Peek());
        node->right = ParseSubquery();
      } else {
        node->right = ParseBinary(kCompare + 1);
      }
      left = node;
    } else if ((op.binary == BinaryOp::kPlus || op.binary == BinaryOp::kMinus) &&
               At(Kw::kInterval)) {
      const Interval interval = ParseInterval();
      if (interval.unit.empty()) {
        BinaryExpr* sum = NewAt<BinaryExpr>(position);
        sum->op = op.binary;
        sum->left = left;
        sum->right = ParseBinaryTail(ParsePostfix(interval.value), op.level + 1);
        left = sum;
      } else {
        DateArithExpr* node = NewAt<DateArithExpr>(position);
        node->op = op.binary == BinaryOp::kPlus ? DateArithOp::kPlus : DateArithOp::kMinus;
        node->date = left;
        node->value = interval.value;
        node->unit = interval.unit;
        left = node;
      }
    } else {
      BinaryExpr* node = NewAt<BinaryExpr>(position);
      node->op = op.binary;
      node->left = left;
      node->right = ParseBinary(op.level + 1);
      left = node;
    }
  }
}

// At IN, BETWEEN, LIKE, REGEXP, SOUNDS LIKE or MEMBER OF; NOT has been taken.
const Expr* Parser::ParsePredicateTail(const Expr* left, bool negated) {
  const Kw word = Cur().word;
  Advance();
  if (word == Kw::kBetween) {
    BetweenExpr* node = NewAt<BetweenExpr>(left->position);
    node->negated = negated;
    node->operand = left;
    node->from = ParseBinary(kBitOr);
    Expect(Kw::kAnd);
    node->to = ParseBinary(kPredicate);
    return node;
  }
  if (word == Kw::kMember) {
    MemberOfExpr* node = NewAt<MemberOfExpr>(left->position);
    Accept(Kw::kOf);
    node->value = left;
    Expect(Tok::kLeftParen);
    node->array = ParseExpr();
    Expect(Tok::kRightParen);
    return node;
  }
  ComparisonExpr* node = NewAt<ComparisonExpr>(left->position);
  node->left = left;
  switch (word) {
    case Kw::kIn:
      node->op = negated ? CompareOp::kNotIn : CompareOp::kIn;
      node->right = ParseInList();
      break;
    case Kw::kLike:
      node->op = negated ? CompareOp::kNotLike : CompareOp::kLike;
      node->right = ParseBinary(kBitOr);
      if (Accept(Kw::kEscape)) node->escape = ParseBinary(kUnary);
      break;
    case Kw::kSounds:
      Expect(Kw::kLike);
      node->op = CompareOp::kSoundsLike;
      node->right = ParseBinary(kBitOr);
      break;
    default:
      node->op = negated ? CompareOp::kNotRegexp : CompareOp::kRegexp;
      node->right = ParseBinary(kBitOr);
  }
  return node;
}

const Expr* Parser::ParseInList() {
  if (At(Tok::kListBind)) return ParseBindToken();
  if (!At(Tok::kLeftParen)) {
    Fail();
    return New<TupleExpr>();
  }
  if (AtSubquery()) return ParseSubquery();
  TupleExpr* tuple = New<TupleExpr>();
  tuple->items = ParenList<Expr>(&Parser::ParseExpr);
  return tuple;
}

const Expr* Parser::ParseIsTail(const Expr* left) {
  IsExpr* node = NewAt<IsExpr>(left->position);
  Advance();
  node->operand = left;
  const bool negated = Accept(Kw::kNot);
  switch (Cur().word) {
    case Kw::kNull:
    case Kw::kUnknown:
      node->op = negated ? IsOp::kNotNull : IsOp::kNull;
      break;
    case Kw::kTrue:
      node->op = negated ? IsOp::kNotTrue : IsOp::kTrue;
      break;
    case Kw::kFalse:
      node->op = negated ? IsOp::kNotFalse : IsOp::kFalse;
      break;
    default:
      Fail();
  }
  Advance();
  return node;
}

const Expr* Parser::ParseUnary() {
  const Token token = Cur();
  const auto unary = [&](UnaryOp op) -> const Expr* {
    const Depth depth(*this);
    UnaryExpr* node = New<UnaryExpr>();
    Advance();
    node->op = op;
    node->operand = ParseUnary();
    return node;
  };
  switch (token.type) {
    case Tok::kPlus: {  // means nothing
      const Depth depth(*this);
      Advance();
      return ParseUnary();
    }
    case Tok::kMinus:
      return unary(UnaryOp::kMinus);
    case Tok::kTilde:
      return unary(UnaryOp::kTilde);
    case Tok::kBang:
      return unary(UnaryOp::kBang);
    default:
      break;
  }
  if (token.word == Kw::kBinary) {  // BINARY x: a cast
    const Depth depth(*this);
    CastExpr* node = New<CastExpr>();
    DataType* type = New<DataType>();
    Advance();
    type->name = TokenText(token);
    node->is_convert = true;
    node->type = type;
    node->operand = ParseUnary();
    return node;
  }
  return ParsePostfix(ParsePrimary());
}

// COLLATE x, -> 'path', ->> 'path'
const Expr* Parser::ParsePostfix(const Expr* expr) {
  while (true) {
    if (At(Kw::kCollate)) {
      CollateExpr* node = NewAt<CollateExpr>(expr->position);
      Advance();
      node->operand = expr;
      node->collation = ParseCollationName();
      expr = node;
    } else if ((At(Tok::kArrow) || At(Tok::kDoubleArrow)) && expr->Is<ColumnRef>()) {
      // a -> 'path' of a column is json_extract(a, 'path'); ->> also unquotes it.
      const bool unquote = At(Tok::kDoubleArrow);
      Advance();
      FuncCall* extract = NewAt<FuncCall>(expr->position);
      extract->name = "json_extract";
      ListOf<Expr> args(*this);
      args.Add(expr);
      args.Add(ParsePrimary());
      extract->args = args.Take();
      expr = extract;
      if (unquote) {
        FuncCall* call = NewAt<FuncCall>(expr->position);
        call->name = "json_unquote";
        ListOf<Expr> inner(*this);
        inner.Add(extract);
        call->args = inner.Take();
        expr = call;
      }
    } else {
      return expr;
    }
  }
}

const Expr* Parser::ParsePrimary() {
  switch (Cur().type) {
    case Tok::kWord:
      return ParseWordPrimary();
    case Tok::kQuotedName:
      if (Peek().type == Tok::kLeftParen) return ParseFunction();
      return ParseColumn();
    case Tok::kString:
    case Tok::kNational:
      return ParseStringLiteral();
    case Tok::kInteger:
      return ParseLiteralToken(LiteralType::kInteger);
    case Tok::kDecimal:
      return ParseLiteralToken(LiteralType::kDecimal);
    case Tok::kFloat:
      return ParseLiteralToken(LiteralType::kFloat);
    case Tok::kHexNumber:
      return ParseLiteralToken(LiteralType::kHexNumber);
    case Tok::kHexString:
      return ParseLiteralToken(LiteralType::kHexString);
    case Tok::kBitNumber:
    case Tok::kBitString:
      return ParseLiteralToken(LiteralType::kBit);
    case Tok::kBindVar:
    case Tok::kQuestion:
      return ParseBindToken();
    case Tok::kListBind:
      return ParseBindToken();
    case Tok::kUserVariable:
    case Tok::kSystemVariable: {
      const uint32_t position = Cur().begin;
      const Variable* variable = ParseVariable();
      if (variable->scope != VariableScope::kUser || !At(Tok::kAssign)) return variable;
      Advance();
      AssignmentExpr* node = NewAt<AssignmentExpr>(position);
      node->target = variable;
      node->value = ParseExpr();
      return node;
    }
    case Tok::kLeftParen:
      return ParseParenthesised();
    case Tok::kLeftBrace:
      return ParseOdbc();
    case Tok::kDot:  // .table.column
      return ParseColumnRef();
    default:
      Fail();
      return New<NullLiteral>();
  }
}

const Expr* Parser::ParseParenthesised() {
  const Depth depth(*this);
  if (AtSubquery()) return ParseSubquery();
  const uint32_t position = Cur().begin;
  Advance();
  const Expr* first = ParseExpr();
  if (Accept(Tok::kRightParen)) return first;
  ListOf<Expr> items(*this);
  items.Add(first);
  while (Accept(Tok::kComma)) items.Add(ParseExpr());
  Expect(Tok::kRightParen);
  TupleExpr* tuple = NewAt<TupleExpr>(position);
  tuple->items = items.Take();
  return tuple;
}

// A query in parentheses. In ON DUPLICATE KEY UPDATE, (VALUES(a)) is an expression.
bool Parser::AtSubquery() const {
  if (!Cur().is_query) return false;
  if (!in_on_duplicate_) return true;
  size_t i = at_;
  while (tokens_[i].type == Tok::kLeftParen || tokens_[i].type == Tok::kComment) ++i;
  return tokens_[i].word != Kw::kValues;
}

const Expr* Parser::ParseWordPrimary() {
  const Token token = Cur();
  const Token& next = Peek();
  switch (token.word) {
    case Kw::kNull: {
      NullLiteral* node = New<NullLiteral>();
      Advance();
      return node;
    }
    case Kw::kTrue:
    case Kw::kFalse: {
      BoolLiteral* node = New<BoolLiteral>();
      node->value = token.word == Kw::kTrue;
      Advance();
      return node;
    }
    case Kw::kCase:
      return ParseCase();
    case Kw::kExists:
      if (next.type == Tok::kLeftParen) {
        ExistsExpr* node = New<ExistsExpr>();
        Advance();
        node->subquery = ParseSubquery();
        return node;
      }
      break;
    case Kw::kInterval:
      return ParseIntervalStart();
    case Kw::kRow:
      if (next.type == Tok::kLeftParen) {
        TupleExpr* tuple = New<TupleExpr>();
        Advance();
        tuple->items = ParenList<Expr>(&Parser::ParseExpr);
        if (tuple->items.size() < 2) FailAt(tokens_[at_ > 0 ? at_ - 1 : 0]);
        return tuple;
      }
      break;
    case Kw::kDefault: {  // DEFAULT(column); DEFAULT alone: see ParseStoredValue
      DefaultExpr* node = New<DefaultExpr>();
      Advance();
      Expect(Tok::kLeftParen);
      const ColumnRef* column = ParseColumnRef();
      if (column->name.empty()) Fail();
      node->database = column->database;
      node->table = column->table;
      node->column = column->name;
      Expect(Tok::kRightParen);
      return node;
    }
    case Kw::kMatch:
      Advance();
      return ParseMatch();
    case Kw::kDate:
    case Kw::kTime:
    case Kw::kTimestamp:
      if (next.type == Tok::kString) {
        Literal* node = New<Literal>();
        Advance();
        node->type = token.word == Kw::kDate   ? LiteralType::kDate
                     : token.word == Kw::kTime ? LiteralType::kTime
                                               : LiteralType::kTimestamp;
        node->text = OneString();
        return node;
      }
      break;
    case Kw::kNext:
    case Kw::kPrevious:
      if (next.word == Kw::kValue && PeekIs(Kw::kFor, 2)) {
        SequenceValueExpr* node = New<SequenceValueExpr>();
        node->previous = token.word == Kw::kPrevious;
        Advance();
        Advance();
        Advance();
        node->sequence = ParseTableName();
        return node;
      }
      break;
    case Kw::kCurrentTimestamp:
    case Kw::kCurrentDate:
    case Kw::kCurrentTime:
    case Kw::kLocaltime:
    case Kw::kLocaltimestamp:
    case Kw::kUtcDate:
    case Kw::kUtcTime:
    case Kw::kUtcTimestamp:
      Advance();
      return ParseCurrentTime(KeywordText(token.word), false, token.begin);
    case Kw::kCurrentUser:
    case Kw::kCurrentRole: {
      FuncCall* node = New<FuncCall>();
      Advance();
      node->name = KeywordText(token.word);
      if (Accept(Tok::kLeftParen)) Expect(Tok::kRightParen);
      return node;
    }
    case Kw::kValue:
      if (in_on_duplicate_ && next.type == Tok::kLeftParen) {
        Advance();
        return ParseValuesFunc(true, token.begin);
      }
      break;
    default:
      break;
  }
  if (TokenText(token).front() == '_' &&
      (next.type == Tok::kString || next.type == Tok::kHexString || next.type == Tok::kHexNumber ||
       next.type == Tok::kBitString || next.type == Tok::kBitNumber || next.type == Tok::kBindVar ||
       next.type == Tok::kQuestion)) {
    const std::string_view charset = IntroducerCharset(TokenText(token));
    if (!charset.empty()) {
      IntroducerExpr* node = New<IntroducerExpr>();
      Advance();
      node->charset = charset == "utf8" ? "utf8mb3" : charset;
      node->operand = ParsePrimary();
      return node;
    }
  }
  // A word that introduces a string stands for nothing else.
  if (!IntroducerCharset(TokenText(token)).empty()) FailAt(next);
  if (next.type == Tok::kLeftParen) return ParseFunction();
  // The names of functions that are reserved words.
  if (IsFunctionWord(token.word) && IsReserved(token.word)) FailAt(next);
  return ParseColumn();
}

const Expr* Parser::ParseColumn() {
  const Token first = Cur();
  ColumnRef* node = New<ColumnRef>();
  const std::string_view a = Name();
  if (!Accept(Tok::kDot)) {
    node->name = a;
    return node;
  }
  const std::string_view b = Name();
  if (At(Tok::kLeftParen)) return ParseQualifiedCall(a, b, first.begin);
  if (!Accept(Tok::kDot)) {
    node->table = a;
    node->name = b;
    return node;
  }
  node->database = a;
  node->table = b;
  node->name = Name();
  if (!At(Tok::kLeftParen)) return node;
  // database.package.function(): MariaDB
  FuncCall* call =
      arena_.New<FuncCall>(*ParsePlainCall(b, node->name.text, first.begin, 0, -1)->As<FuncCall>());
  call->database = a;
  return call;
}

const Expr* Parser::ParseCase() {
  CaseExpr* node = New<CaseExpr>();
  Advance();
  if (!At(Kw::kWhen)) node->operand = ParseExpr();
  ListOf<WhenClause> whens(*this);
  do {
    WhenClause* when = New<WhenClause>();
    Expect(Kw::kWhen);
    when->condition = ParseExpr();
    Expect(Kw::kThen);
    when->value = ParseExpr();
    whens.Add(when);
  } while (At(Kw::kWhen));
  node->whens = whens.Take();
  if (Accept(Kw::kElse)) node->else_value = ParseExpr();
  Expect(Kw::kEnd);
  return node;
}

// INTERVAL value unit; without a unit, INTERVAL(a, b, ...), the function.
Parser::Interval Parser::ParseInterval() {
  const Depth depth(*this);
  const uint32_t position = Cur().begin;
  Advance();
  const Expr* value = nullptr;
  if (At(Tok::kLeftParen) && !AtSubquery()) {
    FuncCall* call = NewAt<FuncCall>(position);
    call->name = "interval";
    call->args = ParenList<Expr>(&Parser::ParseExpr);
    if (call->args.size() > 1) return {call, {}};
    value = ParseBinaryTail(ParsePostfix(call->args[0]), 0);
  } else {
    value = ParseExpr();
    if (!failed_ && value->Is<TupleExpr>()) Fail();  // ROW(1, 2) reads as the function's (1, 2)
  }
  return {value, ParseIntervalUnit()};
}

// INTERVAL(a, b, ...) the function, or INTERVAL value unit + date.
const Expr* Parser::ParseIntervalStart() {
  const uint32_t position = Cur().begin;
  const Interval interval = ParseInterval();
  if (interval.unit.empty()) return interval.value;
  Expect(Tok::kPlus);
  DateArithExpr* node = NewAt<DateArithExpr>(position);
  node->op = DateArithOp::kPlusLeft;
  node->value = interval.value;
  node->unit = interval.unit;
  node->date = ParseBinary(kMultiply);
  return node;
}

std::string_view Parser::ParseIntervalUnit() {
  switch (Cur().word) {
    case Kw::kMicrosecond:
    case Kw::kSecond:
    case Kw::kMinute:
    case Kw::kHour:
    case Kw::kDay:
    case Kw::kWeek:
    case Kw::kMonth:
    case Kw::kQuarter:
    case Kw::kYear:
    case Kw::kSecondMicrosecond:
    case Kw::kMinuteMicrosecond:
    case Kw::kMinuteSecond:
    case Kw::kHourMicrosecond:
    case Kw::kHourSecond:
    case Kw::kHourMinute:
    case Kw::kDayMicrosecond:
    case Kw::kDaySecond:
    case Kw::kDayMinute:
    case Kw::kDayHour:
    case Kw::kYearMonth:
      break;
    default: {
      const std::string_view text = Lower(TokenText(Cur()));
      if (text.starts_with("sql_tsi_") && At(Tok::kWord)) {
        Advance();
        return text.substr(8);
      }
      Fail();
      return {};
    }
  }
  const std::string_view unit = KeywordText(Cur().word);
  Advance();
  return unit;
}

const Subquery* Parser::ParseSubquery() {
  const Depth depth(*this);
  Subquery* node = New<Subquery>();
  if (!At(Tok::kLeftParen) || !AtSubquery()) {
    if (At(Tok::kLeftParen)) Advance();
    Fail();
  }
  Expect(Tok::kLeftParen);
  node->query = ParseQuery();
  Expect(Tok::kRightParen);
  return node;
}

}  // namespace tessera::sqlparser
