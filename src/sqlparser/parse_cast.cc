// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/internal/precedence.h"

// Functions whose arguments name types: CAST, CONVERT, JSON_VALUE, WEIGHT_STRING, dynamic columns.
namespace tessera::sqlparser {
namespace {

// Types of columns that no server casts to. Other names may be types of plugins.
bool IsColumnTypeOnly(Kw word) {
  switch (word) {
    case Kw::kTimestamp:
    case Kw::kFixed:
    case Kw::kNumber:
    case Kw::kText:
    case Kw::kEnum:
    case Kw::kBool:
    case Kw::kBoolean:
    case Kw::kBit:
    case Kw::kNational:
    case Kw::kNvarchar:
    case Kw::kSerial:
    case Kw::kClob:
    case Kw::kRaw:
      return true;
    case Kw::kBinary:
    case Kw::kChar:
    case Kw::kCharacter:
    case Kw::kVarchar:
    case Kw::kUnsigned:
    case Kw::kInt:
    case Kw::kInteger:
    case Kw::kDecimal:
    case Kw::kDec:
    case Kw::kFloat:
    case Kw::kDouble:
    case Kw::kReal:
    case Kw::kInterval:
      return false;
    default:
      return IsReserved(word);
  }
}

}  // namespace

const Expr* Parser::ParseCast(bool is_convert) {
  const Depth depth(*this);
  const uint32_t position = Cur().begin;
  Expect(Tok::kLeftParen);
  const Expr* operand = ParseExpr();
  if (is_convert && Accept(Kw::kUsing)) {
    ConvertUsing* node = NewAt<ConvertUsing>(position);
    node->operand = operand;
    node->charset = ParseCharsetName();
    Expect(Tok::kRightParen);
    return node;
  }
  CastExpr* node = NewAt<CastExpr>(position);
  node->is_convert = is_convert;
  node->operand = operand;
  if (is_convert) {
    Expect(Tok::kComma);
  } else {
    if (Accept(Kw::kAt)) node->time_zone = ParseTimeZone();
    Expect(Kw::kAs);
  }
  node->type = ParseCastType();
  Expect(Tok::kRightParen);
  return node;
}

// AT TIME ZONE [INTERVAL] '+00:00', behind AT (MySQL).
std::string_view Parser::ParseTimeZone() {
  Expect(Kw::kTime);
  if (Ident(TokenText(Cur())) != Ident("zone")) Fail();
  Advance();
  Accept(Kw::kInterval);
  return StringValue();
}

const DataType* Parser::ParseCastType() {
  DataType* node = New<DataType>();
  const Kw word = Cur().word;
  if ((!At(Tok::kWord) && !At(Tok::kQuotedName)) || IsColumnTypeOnly(word)) Fail();
  node->name = TokenText(Cur());
  Advance();
  if (word == Kw::kInterval) {  // INTERVAL DAY_SECOND(6)
    Expect(Kw::kDaySecond);
    node->name = "interval day_second";
    if (!At(Tok::kLeftParen)) Fail();
  }
  if (word == Kw::kDouble) Accept(Kw::kPrecision);
  if (word == Kw::kSigned || word == Kw::kUnsigned) {
    if (!Accept(Kw::kInteger)) Accept(Kw::kInt);
  }
  if (word == Kw::kVarchar && !At(Tok::kLeftParen)) Fail();
  if (At(Tok::kLeftParen)) {
    Advance();
    node->length = ParseLengthLiteral();
    if (Accept(Tok::kComma)) node->scale = ParseLengthLiteral();
    Expect(Tok::kRightParen);
  }
  ParseCastCharset(node);
  if (Accept(Kw::kArray)) node->array = true;
  return node;
}

// MariaDB takes DECIMAL(5.2), for 5.
const Literal* Parser::ParseLengthLiteral() {
  constexpr size_t kMostDigits = 20;  // more are no integer
  if (Cur().end - Cur().begin > kMostDigits) Fail();
  if (At(Tok::kDecimal)) return ParseLiteralToken(LiteralType::kDecimal);
  return ParseIntegerLiteral();
}

// CHARACTER SET x, ASCII, UNICODE, BYTE with BINARY before or behind, then COLLATE
void Parser::ParseCastCharset(DataType* node) {
  if (Accept(Kw::kBinary)) node->binary = true;
  if (Accept(Kw::kCharacter) || Accept(Kw::kChar)) {
    Expect(Kw::kSet);
    node->charset = ParseCharsetName();
  } else if (Accept(Kw::kCharset)) {
    node->charset = ParseCharsetName();
  } else if (At(Kw::kAscii) || At(Kw::kUnicode)) {
    node->charset = At(Kw::kAscii) ? "latin1" : "ucs2";
    Advance();
  } else if (Accept(Kw::kByte)) {
    node->charset = "binary";
  }
  if (Accept(Kw::kBinary)) node->binary = true;
  if (!Accept(Kw::kCollate)) return;
  if (Accept(Kw::kDefault)) return;  // the character set's own
  node->collate = ParseCollationName();
}

// NULL ON EMPTY ERROR ON ERROR, DEFAULT x ON EMPTY ...
void Parser::ParseJsonOn(JsonOnAction* on_empty, const Expr** empty_default, JsonOnAction* on_error,
                         const Expr** error_default) {
  // Each at most once; MariaDB takes them in either order.
  while (At(Kw::kNull) || At(Kw::kError) || At(Kw::kDefault)) {
    const Expr* value = nullptr;
    JsonOnAction action = JsonOnAction::kNull;
    if (Accept(Kw::kDefault)) {
      action = JsonOnAction::kDefault;
      value = ParseUnary();
    } else {
      if (At(Kw::kError)) action = JsonOnAction::kError;
      Advance();
    }
    Expect(Kw::kOn);
    const bool empty = Accept(Kw::kEmpty);
    if (!empty) Expect(Kw::kError);
    if (*(empty ? on_empty : on_error) != JsonOnAction::kNone) FailAt(tokens_[at_ - 1]);
    *(empty ? on_empty : on_error) = action;
    *(empty ? empty_default : error_default) = value;
  }
}

const Expr* Parser::ParseJsonValue() {
  const Depth depth(*this);
  JsonValueExpr* node = New<JsonValueExpr>();
  Expect(Tok::kLeftParen);
  node->document = ParseExpr();
  Expect(Tok::kComma);
  node->path = ParseExpr();
  if (Accept(Kw::kReturning)) node->returning = ParseCastType();
  ParseJsonOn(&node->on_empty, &node->empty_default, &node->on_error, &node->error_default);
  Expect(Tok::kRightParen);
  return node;
}

// WEIGHT_STRING(s AS CHAR(3) LEVEL 1 DESC, 2), WEIGHT_STRING(s, 1, 2, 3)
const Expr* Parser::ParseWeightString() {
  const Depth depth(*this);
  WeightStringFunc* node = New<WeightStringFunc>();
  const uint32_t position = Cur().begin;
  Expect(Tok::kLeftParen);
  node->operand = ParseExpr();
  if (At(Tok::kComma)) return ParseWeightNumbers(node->operand, position);
  if (Accept(Kw::kAs)) {
    const bool text = At(Kw::kChar) || At(Kw::kCharacter) || At(Kw::kBinary);
    if (!text || Peek().type != Tok::kLeftParen) Fail();
    DataType* type = New<DataType>();
    type->name = TokenText(Cur());
    Advance();
    Advance();
    const bool hex = At(Tok::kHexNumber);
    type->length = hex ? ParseLiteralToken(LiteralType::kHexNumber) : ParseIntegerLiteral();
    Expect(Tok::kRightParen);
    node->as = type;
  }
  if (Accept(Kw::kLevel)) node->levels = ParseWeightLevels();
  Expect(Tok::kRightParen);
  return node;
}

const Expr* Parser::ParseWeightNumbers(const Expr* operand, uint32_t position) {
  FuncCall* node = NewAt<FuncCall>(position);
  node->name = "weight_string";
  ListOf<Expr> args(*this);
  args.Add(operand);
  for (int i = 0; i < 3; ++i) {
    Expect(Tok::kComma);
    const bool number = At(Tok::kInteger) || At(Tok::kHexNumber) || At(Tok::kBindVar);
    if (!number) Fail();
    args.Add(ParseExpr());
  }
  Expect(Tok::kRightParen);
  node->args = args.Take();
  return node;
}

// 1 DESC, 2 REVERSE, or 1-3: as canonical text.
std::string_view Parser::ParseWeightLevels() {
  std::string text = " level ";
  const auto number = [&] {
    if (!At(Tok::kInteger)) Fail();
    text += TokenText(Cur());
    Advance();
  };
  number();
  if (Accept(Tok::kMinus)) {
    text += "-";
    number();
    return Store(text);
  }
  while (true) {
    if (Accept(Kw::kDesc)) {
      text += " desc";
    } else {
      Accept(Kw::kAsc);
    }
    if (Accept(Kw::kReverse)) text += " reverse";
    if (!Accept(Tok::kComma)) return Store(text);
    text += ", ";
    number();
  }
}

// COLUMN_CREATE(name, value AS type, ...), COLUMN_ADD(columns, name, value AS type, ...)
const Expr* Parser::ParseColumnCreate(bool add, std::string_view name, uint32_t position) {
  const Depth depth(*this);
  FuncCall* node = NewAt<FuncCall>(position);
  node->name = name;
  Expect(Tok::kLeftParen);
  ListOf<Expr> args(*this);
  if (add) {
    args.Add(ParseExpr());
    Expect(Tok::kComma);
  }
  do {
    DynamicColumn* column = New<DynamicColumn>();
    column->name = ParseExpr();
    Expect(Tok::kComma);
    column->value = ParseExpr();
    if (Accept(Kw::kAs)) column->type = ParseDynamicType();
    args.Add(column);
  } while (Accept(Tok::kComma));
  node->args = args.Take();
  Expect(Tok::kRightParen);
  return node;
}

// A cast's type without the lengths of numbers and strings.
const DataType* Parser::ParseDynamicType() {
  const Kw word = Cur().word;
  if (word == Kw::kUnsigned && !PeekIs(Kw::kInt) && !PeekIs(Kw::kInteger)) Fail();
  const DataType* type = ParseCastType();
  const bool bare = word == Kw::kChar || word == Kw::kCharacter || word == Kw::kDouble;
  if (word == Kw::kBinary || word == Kw::kSigned || word == Kw::kVarchar ||
      (bare && type->length != nullptr)) {
    FailAt(tokens_[at_ > 0 ? at_ - 1 : 0]);
  }
  return type;
}

const Expr* Parser::ParseColumnGet(uint32_t position) {
  const Depth depth(*this);
  DynamicColumnGet* node = NewAt<DynamicColumnGet>(position);
  Expect(Tok::kLeftParen);
  node->columns = ParseExpr();
  Expect(Tok::kComma);
  node->name = ParseExpr();
  Expect(Kw::kAs);
  node->type = ParseCastType();
  Expect(Tok::kRightParen);
  return node;
}

}  // namespace tessera::sqlparser
