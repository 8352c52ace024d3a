// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/internal/precedence.h"

// Aggregates and window functions.
namespace tessera::sqlparser {

const Expr* Parser::ParseAggregate(AggregateOp op, bool allow_distinct) {
  const Depth depth(*this);
  Aggregate* node = New<Aggregate>();
  node->op = op;
  Expect(Tok::kLeftParen);
  if (op == AggregateOp::kCount && At(Tok::kStar)) {
    Advance();
    node->op = AggregateOp::kCountStar;
  } else {
    ParseAggregateArgs(node, allow_distinct);
  }
  Expect(Tok::kRightParen);
  node->over = ParseOver();
  return node;
}

void Parser::ParseAggregateArgs(Aggregate* node, bool allow_distinct) {
  const bool concat = node->op == AggregateOp::kGroupConcat;
  const bool pairs = node->op == AggregateOp::kJsonObjectAgg;
  if (At(Kw::kDistinct) || At(Kw::kDistinctrow)) {
    if (!allow_distinct) Fail();
    Advance();
    node->distinct = true;
  } else if (At(Kw::kAll) && !concat && !pairs) {
    Advance();
  }
  const bool many = concat || pairs || (node->op == AggregateOp::kCount && node->distinct);
  ListOf<Expr> args(*this);
  do {
    args.Add(ParseExpr());
    if (pairs && args.size() == 2) break;
  } while (many && Accept(Tok::kComma));
  if (pairs && args.size() != 2) Fail();
  node->args = args.Take();
  if (!concat && node->op != AggregateOp::kJsonArrayAgg) return;
  node->order_by = ParseOrderBy();
  if (concat && Accept(Kw::kSeparator)) {
    node->has_separator = true;
    node->separator = TextString();
  }
  if (At(Kw::kLimit)) node->limit = ParseLimit();
}

// A string, also written as X'..' or B'..'.
std::string_view Parser::TextString() {
  const Token token = Cur();
  std::string_view digits = TokenText(token);
  int bits = 4;
  switch (token.type) {
    case Tok::kString:
      return OneString();
    case Tok::kHexNumber:
      digits.remove_prefix(2);
      break;
    case Tok::kHexString:
      digits = digits.substr(2, digits.size() - 3);
      break;
    case Tok::kBitNumber:
      bits = 1;
      digits.remove_prefix(2);
      break;
    case Tok::kBitString:
      bits = 1;
      digits = digits.substr(2, digits.size() - 3);
      break;
    default:
      Fail();
      return {};
  }
  Advance();
  // Digits fill bytes from the right.
  std::string value;
  size_t missing = digits.size() * static_cast<size_t>(bits) % 8 / static_cast<size_t>(bits);
  uint32_t byte = 0;
  for (const char c : digits) {
    const uint32_t digit = static_cast<uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    byte = (byte << bits) | digit;
    if (missing == 0) missing = 8 / static_cast<size_t>(bits);
    if (--missing == 0) {
      value.push_back(static_cast<char>(byte));
      byte = 0;
    }
  }
  return Store(value);
}

// The arguments of a window function; how many it may have.
List<Expr> Parser::ParseWindowArgs(WindowOp op) {
  size_t least = 0;
  size_t most = 0;
  switch (op) {
    case WindowOp::kFirstValue:
    case WindowOp::kLastValue:
    case WindowOp::kNtile:
    case WindowOp::kMedian:
    case WindowOp::kPercentileCont:
    case WindowOp::kPercentileDisc:
      least = most = 1;
      break;
    case WindowOp::kNthValue:
      least = most = 2;
      break;
    case WindowOp::kLag:
    case WindowOp::kLead:
      least = 1;
      most = 3;
      break;
    default:
      break;
  }
  Expect(Tok::kLeftParen);
  ListOf<Expr> args(*this);
  while (args.size() < most && !At(Tok::kRightParen)) {
    // NTILE(n) and the second argument of NTH_VALUE are counts.
    const bool count = op == WindowOp::kNtile || (op == WindowOp::kNthValue && !args.empty());
    if (count && (At(Tok::kMinus) || At(Tok::kString))) Fail();
    args.Add(ParseExpr());
    if (args.size() == most || !Accept(Tok::kComma)) break;
    if (At(Tok::kRightParen)) Fail();
  }
  if (args.size() < least) Fail();
  Expect(Tok::kRightParen);
  return args.Take();
}

const Expr* Parser::ParseWindowFunc(WindowOp op) {
  const Depth depth(*this);
  WindowFunc* node = New<WindowFunc>();
  node->op = op;
  node->args = ParseWindowArgs(op);
  ParseWindowTail(node);
  return node;
}

void Parser::ParseWindowTail(WindowFunc* node) {
  if (node->op == WindowOp::kPercentileCont || node->op == WindowOp::kPercentileDisc) {
    Expect(Kw::kWithin);
    Expect(Kw::kGroup);
    Expect(Tok::kLeftParen);
    Expect(Kw::kOrder);
    Expect(Kw::kBy);
    node->within = ParseOrderItem();
    Expect(Tok::kRightParen);
  }
  if (Accept(Kw::kFrom, Kw::kFirst)) {
    node->nulls = NullTreatment::kRespect;
  } else if (Accept(Kw::kFrom, Kw::kLast)) {
    node->from_last = true;
  }
  if (Accept(Kw::kRespect, Kw::kNulls)) {
    node->nulls = NullTreatment::kRespect;
  } else if (Accept(Kw::kIgnore, Kw::kNulls)) {
    node->nulls = NullTreatment::kIgnore;
  }
  if (!At(Kw::kOver)) Fail();
  node->over = ParseOver();
}

// LAST_VALUE(a) OVER (...); without OVER it is MariaDB's function that gives its last argument.
const Expr* Parser::ParseLastValue(uint32_t position) {
  const Expr* call = ParsePlainCall({}, "last_value", position, 1, -1);
  const List<Expr> args = call->Get<FuncCall>().args;
  if (!At(Kw::kOver) && !At(Kw::kRespect) && !At(Kw::kIgnore)) return call;
  if (At(Kw::kIgnore) && !PeekIs(Kw::kNulls)) return call;
  if (args.size() != 1) Fail();
  WindowFunc* node = NewAt<WindowFunc>(position);
  node->op = WindowOp::kLastValue;
  node->args = args;
  ParseWindowTail(node);
  return node;
}

const WindowSpec* Parser::ParseOver() {
  if (!Accept(Kw::kOver)) return nullptr;
  if (At(Tok::kLeftParen)) return ParseWindowSpec();
  WindowSpec* node = New<WindowSpec>();
  node->by_name = true;
  node->name = Name();
  return node;
}

bool Parser::AtFrame() const {
  if (At(Kw::kRows) || At(Kw::kRange)) return true;
  const Token& next = Peek();
  return At(Kw::kGroups) && next.type != Tok::kRightParen && next.word != Kw::kPartition &&
         next.word != Kw::kOrder && next.word != Kw::kRows && next.word != Kw::kRange;
}

const WindowSpec* Parser::ParseWindowSpec() {
  WindowSpec* node = New<WindowSpec>();
  Expect(Tok::kLeftParen);
  if (AtName() && !AtFrame()) node->name = Name();
  if (Accept(Kw::kPartition)) {
    Expect(Kw::kBy);
    node->partition_by = CommaList<Expr>(&Parser::ParseExpr);
  }
  node->order_by = ParseOrderBy();
  if (AtFrame()) node->frame = ParseFrame();
  Expect(Tok::kRightParen);
  return node;
}

// ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES
const FrameClause* Parser::ParseFrame() {
  FrameClause* frame = New<FrameClause>();
  frame->unit = At(Kw::kRows)    ? FrameUnit::kRows
                : At(Kw::kRange) ? FrameUnit::kRange
                                 : FrameUnit::kGroups;
  Advance();
  if (Accept(Kw::kBetween)) {
    frame->start = ParseFrameBound();
    Expect(Kw::kAnd);
    frame->end = ParseFrameBound();
  } else {
    frame->start = ParseFrameBound();
  }
  if (!Accept(Kw::kExclude)) return frame;
  if (Accept(Kw::kCurrent, Kw::kRow)) {
    frame->exclude = FrameExclude::kCurrentRow;
  } else if (Accept(Kw::kGroup)) {
    frame->exclude = FrameExclude::kGroup;
  } else if (Accept(Kw::kTies)) {
    frame->exclude = FrameExclude::kTies;
  } else {
    if (!Accept(Kw::kNo, Kw::kOthers)) Fail();
    frame->exclude = FrameExclude::kNoOthers;
  }
  return frame;
}

const FrameBound* Parser::ParseFrameBound() {
  FrameBound* node = New<FrameBound>();
  if (Accept(Kw::kCurrent)) {
    Expect(Kw::kRow);
    return node;
  }
  const bool unbounded = Accept(Kw::kUnbounded);
  if (!unbounded) {
    if (At(Kw::kInterval)) {
      IntervalExpr* interval = New<IntervalExpr>();
      const Interval parts = ParseInterval();
      if (parts.unit.empty()) Fail();
      interval->value = parts.value;
      interval->unit = parts.unit;
      node->value = interval;
    } else {
      const bool number = At(Tok::kInteger) || At(Tok::kDecimal) || At(Tok::kFloat) ||
                          At(Tok::kBindVar) || At(Tok::kQuestion) || At(Tok::kHexNumber) ||
                          At(Tok::kString);
      if (!number) Fail();
      node->value = ParsePrimary();
    }
  }
  if (Accept(Kw::kPreceding)) {
    node->type = unbounded ? FrameBoundType::kUnboundedPreceding : FrameBoundType::kPreceding;
  } else {
    Expect(Kw::kFollowing);
    node->type = unbounded ? FrameBoundType::kUnboundedFollowing : FrameBoundType::kFollowing;
  }
  return node;
}

}  // namespace tessera::sqlparser
