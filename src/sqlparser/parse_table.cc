// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/internal/precedence.h"

namespace tessera::sqlparser {

List<TableExpr> Parser::ParseTables() { return CommaList<TableExpr>(&Parser::ParseTableReference); }

const TableExpr* Parser::ParseTableReference() {
  const Depth depth(*this);
  return ParseJoins(ParseTableFactor());
}

// Which join starts here, and how many words it has.
bool Parser::AtJoin(JoinType* type, int* words) const {
  const auto outer = [&](size_t n) { return PeekIs(Kw::kOuter, n) ? 1 : 0; };
  switch (Cur().word) {
    case Kw::kJoin:
      *type = JoinType::kInner;
      *words = 1;
      return true;
    case Kw::kInner:
    case Kw::kCross:
      *type = JoinType::kInner;
      *words = 2;
      return PeekIs(Kw::kJoin);
    case Kw::kStraightJoin:
      *type = JoinType::kStraight;
      *words = 1;
      return true;
    case Kw::kLeft:
      *type = JoinType::kLeft;
      *words = 2 + outer(1);
      return true;
    case Kw::kRight:
      *type = JoinType::kRight;
      *words = 2 + outer(1);
      return true;
    case Kw::kNatural:
      if (PeekIs(Kw::kLeft)) {
        *type = JoinType::kNaturalLeft;
        *words = 3 + outer(2);
      } else if (PeekIs(Kw::kRight)) {
        *type = JoinType::kNaturalRight;
        *words = 3 + outer(2);
      } else {
        *type = JoinType::kNatural;
        if (PeekIs(Kw::kStraightJoin)) *type = JoinType::kNaturalStraight;
        *words = PeekIs(Kw::kInner) ? 3 : 2;
      }
      return true;
    default:
      return false;
  }
}

bool Parser::ParseJoinCondition(JoinTable* join) {
  if (Accept(Kw::kOn)) {
    join->on = ParseExpr();
    return true;
  }
  if (At(Kw::kUsing) && join->type != JoinType::kStraight) {
    Advance();
    join->using_columns = ParenNameList();
    return true;
  }
  return false;
}

const TableExpr* Parser::ParseJoins(const TableExpr* left) {
  JoinType type = JoinType::kInner;
  int words = 0;
  uint32_t chain = 0;
  while (true) {
    if (AtJoin(&type, &words)) {
      if (++chain > options_.max_depth) FailTooDeep();
      JoinTable* join = NewAt<JoinTable>(left->position);
      for (int i = 1; i < words; ++i) Advance();
      const bool straight = type == JoinType::kStraight || type == JoinType::kNaturalStraight;
      Expect(straight ? Kw::kStraightJoin : Kw::kJoin);
      join->type = type;
      join->left = left;
      join->right = ParseTableFactor();
      const bool outer = type == JoinType::kLeft || type == JoinType::kRight;
      const bool natural = type == JoinType::kNatural || type == JoinType::kNaturalLeft ||
                           type == JoinType::kNaturalRight || type == JoinType::kNaturalStraight;
      if (outer && !At(Kw::kOn) && !At(Kw::kUsing)) join->right = ParseJoins(join->right);
      if (!natural && !ParseJoinCondition(join) && outer) Fail();
      left = join;
      continue;
    }
    // a JOIN b JOIN c ON x ON y: the second condition is that of the join a JOIN (b JOIN c).
    const auto* top = left->As<JoinTable>();
    if ((!At(Kw::kOn) && !At(Kw::kUsing)) || top == nullptr || PeekIs(Kw::kDuplicate)) return left;
    const auto* inner = top->left->As<JoinTable>();
    if (inner == nullptr || inner->on != nullptr || !inner->using_columns.empty() ||
        (inner->type != JoinType::kInner && inner->type != JoinType::kStraight)) {
      return left;
    }
    JoinTable* right = arena_.New<JoinTable>(*top);
    right->left = inner->right;
    JoinTable* outer_join = arena_.New<JoinTable>(*inner);
    outer_join->right = right;
    ParseJoinCondition(outer_join);
    left = outer_join;
  }
}

const TableExpr* Parser::ParseTableFactor() {
  const Depth depth(*this);
  if (At(Tok::kLeftParen)) {
    const bool values = Peek().word == Kw::kValues;
    if (Cur().is_query || values) return ParseDerived(false);
    ParenTables* node = New<ParenTables>();
    Advance();
    node->tables = ParseTables();
    Expect(Tok::kRightParen);
    return node;
  }
  if (At(Tok::kLeftBrace)) {  // { OJ a LEFT JOIN b ON ... }
    Advance();
    if (Ident("oj") == Ident(TokenText(Cur()))) Advance();
    const TableExpr* table = ParseTableReference();
    Expect(Tok::kRightBrace);
    return table;
  }
  if (At(Kw::kLateral) && Peek().type == Tok::kLeftParen) {
    Advance();
    return ParseDerived(true);
  }
  if (At(Kw::kJsonTable) && Peek().type == Tok::kLeftParen) return ParseJsonTable();
  return ParseAliasedTable();
}

const TableExpr* Parser::ParseDerived(bool lateral) {
  DerivedTable* node = New<DerivedTable>();
  node->lateral = lateral;
  Expect(Tok::kLeftParen);
  node->query = ParseQuery();
  Expect(Tok::kRightParen);
  node->system_time = ParseSystemTime();
  node->alias = ParseTableAlias();
  if (At(Tok::kLeftParen)) node->columns = ParenNameList();
  return node;
}

std::string_view Parser::ParseTableAlias() {
  if (Accept(Kw::kAs)) {
    if (At(Kw::kWindow)) Fail();
    return NameOrString();
  }
  if (Accept(Tok::kEqual)) return Name();  // FROM t = alias: MariaDB
  if (!AtAlias() || At(Kw::kWindow)) return {};
  return NameOrString();
}

const TableName* Parser::ParseTableName() {
  TableName* node = New<TableName>();
  const bool bare = Accept(Tok::kDot);  // ODBC's name without a database
  node->name = Name();
  if (!bare && Accept(Tok::kDot)) {
    node->database = node->name;
    node->name = AnyName();
  }
  return node;
}

const TableExpr* Parser::ParseAliasedTable() {
  AliasedTable* node = New<AliasedTable>();
  if (At(Kw::kDual)) {
    TableName* dual = New<TableName>();
    dual->name = "dual";
    Advance();
    node->table = dual;
    return node;
  }
  node->table = ParseTableName();
  if (At(Kw::kPartition)) {
    Advance();
    node->partitions = ParenNameList();
  }
  node->system_time = ParseSystemTime();
  node->alias = ParseTableAlias();
  ListOf<IndexHint> hints(*this);
  while (At(Kw::kUse) || At(Kw::kIgnore) || At(Kw::kForce)) {
    hints.Add(ParseIndexHint());
  }
  node->hints = hints.Take();
  return node;
}

// FOR SYSTEM_TIME AS OF x, BETWEEN a AND b, FROM a TO b, ALL
const SystemTime* Parser::ParseSystemTime() {
  if (!At(Kw::kFor) || !PeekIs(Kw::kSystemTime)) return nullptr;
  SystemTime* node = New<SystemTime>();
  Advance();
  Advance();
  if (Accept(Kw::kAll)) return node;
  if (Accept(Kw::kAs)) {
    Expect(Kw::kOf);
    node->type = SystemTimeType::kAsOf;
    node->from = ParseHistoryPoint(&node->from_unit);
    return node;
  }
  const bool between = Accept(Kw::kBetween);
  if (!between) Expect(Kw::kFrom);
  node->type = between ? SystemTimeType::kBetween : SystemTimeType::kFromTo;
  node->from = ParseHistoryPoint(&node->from_unit);
  Expect(between ? Kw::kAnd : Kw::kTo);
  node->to = ParseHistoryPoint(&node->to_unit);
  return node;
}

// [TIMESTAMP | TRANSACTION] x
const Expr* Parser::ParseHistoryPoint(HistoryUnit* unit) {
  const Token& next = Peek();
  const bool literal = At(Kw::kTimestamp) && next.type == Tok::kString;
  const bool call = next.type == Tok::kLeftParen && At(Kw::kTimestamp);
  if (At(Kw::kTimestamp) && !literal && !call) {
    *unit = HistoryUnit::kTimestamp;
    Advance();
  } else if (At(Kw::kTransaction) && next.type != Tok::kDot && next.type != Tok::kComma) {
    *unit = HistoryUnit::kTransaction;
    Advance();
  }
  return ParseBinary(kBitOr);
}

const IndexHint* Parser::ParseIndexHint() {
  IndexHint* node = New<IndexHint>();
  const Kw word = Cur().word;
  Advance();
  node->type = word == Kw::kUse      ? IndexHintType::kUse
               : word == Kw::kIgnore ? IndexHintType::kIgnore
                                     : IndexHintType::kForce;
  if (At(Kw::kVindex)) {
    Advance();
    node->type = word == Kw::kUse ? IndexHintType::kUseVindex : IndexHintType::kIgnoreVindex;
    if (word == Kw::kForce) Fail();
  } else if (!Accept(Kw::kIndex)) {
    Expect(Kw::kKey);
  }
  if (Accept(Kw::kFor)) {
    if (Accept(Kw::kJoin)) {
      node->scope = IndexHintFor::kJoin;
    } else if (Accept(Kw::kOrder)) {
      Expect(Kw::kBy);
      node->scope = IndexHintFor::kOrderBy;
    } else {
      Expect(Kw::kGroup);
      Expect(Kw::kBy);
      node->scope = IndexHintFor::kGroupBy;
    }
  }
  Expect(Tok::kLeftParen);
  std::vector<Ident> names;
  if (!At(Tok::kRightParen) || word != Kw::kUse) {
    do {
      names.emplace_back(At(Kw::kPrimary) ? AnyName() : Name());
    } while (Accept(Tok::kComma));
  }
  node->indexes = arena_.CopySpan<Ident>(std::span<const Ident>(names));
  Expect(Tok::kRightParen);
  return node;
}

const TableExpr* Parser::ParseJsonTable() {
  JsonTable* node = New<JsonTable>();
  Advance();
  Expect(Tok::kLeftParen);
  node->document = ParseExpr();
  Expect(Tok::kComma);
  node->path = ParsePathLiteral();
  Expect(Kw::kColumns);
  node->columns = ParenList<JsonTableColumn>(&Parser::ParseJsonColumn);
  Expect(Tok::kRightParen);
  node->alias = ParseTableAlias();
  return node;
}

const Expr* Parser::ParsePathLiteral() {
  if (At(Tok::kBindVar) || At(Tok::kQuestion)) return ParseBindToken();
  const bool introduced = At(Tok::kWord) && Peek().type == Tok::kString;
  if (!At(Tok::kString) && !At(Tok::kNational) && !introduced) Fail();
  return ParsePrimary();
}

const JsonTableColumn* Parser::ParseJsonColumn() {
  const Depth depth(*this);
  JsonTableColumn* node = New<JsonTableColumn>();
  if (At(Kw::kNested) && (PeekIs(Kw::kPath) || Peek().type == Tok::kString)) {
    Advance();
    Accept(Kw::kPath);
    node->type = JsonColumnType::kNested;
    node->path = ParsePathLiteral();
    Expect(Kw::kColumns);
    node->nested = ParenList<JsonTableColumn>(&Parser::ParseJsonColumn);
    return node;
  }
  node->name = Name();
  if (Accept(Kw::kFor)) {
    Expect(Kw::kOrdinality);
    node->type = JsonColumnType::kOrdinality;
    return node;
  }
  DataType* type = ParseDataType();
  if (Accept(Kw::kCollate)) type->collate = ParseCollationOrDefault();
  node->data_type = type;
  node->type = Accept(Kw::kExists) ? JsonColumnType::kExists : JsonColumnType::kPath;
  Expect(Kw::kPath);
  node->path = ParsePathLiteral();
  ParseJsonOn(&node->on_empty, &node->empty_default, &node->on_error, &node->error_default);
  return node;
}

}  // namespace tessera::sqlparser
