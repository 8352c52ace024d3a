// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {

WritePriority Parser::ParsePriority() {
  WritePriority priority = WritePriority::kNone;
  while (true) {
    if (Accept(Kw::kLowPriority)) {
      priority = WritePriority::kLow;
    } else if (Accept(Kw::kHighPriority)) {
      priority = WritePriority::kHigh;
    } else if (Accept(Kw::kDelayed)) {
      priority = WritePriority::kDelayed;
    } else {
      return priority;
    }
  }
}

const ColumnRef* Parser::ParseColumnRef() {
  ColumnRef* node = New<ColumnRef>();
  node->name = Name();
  if (!Accept(Tok::kDot)) return node;
  node->table = node->name.text;
  node->name = AnyName();
  if (!Accept(Tok::kDot)) return node;
  node->database = node->table;
  node->table = node->name.text;
  node->name = AnyName();
  return node;
}

const Assignment* Parser::ParseAssignment() {
  Assignment* node = New<Assignment>();
  node->column = ParseColumnRef();
  if (!Accept(Tok::kAssign)) Expect(Tok::kEqual);
  node->value = ParseExpr();
  return node;
}

const Statement* Parser::ParseInsert(bool is_replace) {
  Insert* node = New<Insert>();
  Advance();
  node->comments = TakeComments();
  node->is_replace = is_replace;
  node->priority = ParsePriority();
  node->ignore = Accept(Kw::kIgnore);
  Accept(Kw::kInto);
  AliasedTable* table = New<AliasedTable>();
  table->table = ParseTableName();
  if (Accept(Kw::kPartition)) table->partitions = ParenNameList();
  node->table = table;
  ParseInsertSource(node);
  if (Accept(Kw::kOn)) {
    Expect(Kw::kDuplicate);
    Expect(Kw::kKey);
    Expect(Kw::kUpdate);
    node->on_duplicate = CommaList<Assignment>(&Parser::ParseAssignment);
  }
  node->returning = ParseReturning();
  return node;
}

// Columns, then VALUES, SET or a query.
void Parser::ParseInsertSource(Insert* insert) {
  if (At(Kw::kSet)) {
    Advance();
    std::vector<Ident> names;
    RowValues* row = New<RowValues>();
    ListOf<Expr> values(*this);
    do {
      names.push_back(ParseColumnRef()->name);
      if (!Accept(Tok::kAssign)) Expect(Tok::kEqual);
      values.Add(ParseExpr());
    } while (Accept(Tok::kComma));
    row->items = values.Take();
    insert->has_columns = true;
    insert->columns = arena_.CopySpan<Ident>(std::span<const Ident>(names));
    ValuesStatement* source = New<ValuesStatement>();
    source->row_keyword = false;
    source->rows = arena_.CopySpan<const RowValues*>(std::vector<const RowValues*>{row});
    insert->source = source;
    return;
  }
  if (At(Tok::kLeftParen) && !Cur().is_query) {
    Advance();
    insert->has_columns = true;
    std::vector<Ident> names;
    while (!At(Tok::kRightParen) && !At(Tok::kEnd)) {
      names.push_back(ParseColumnRef()->name);
      if (!Accept(Tok::kComma)) break;
    }
    insert->columns = arena_.CopySpan<Ident>(std::span<const Ident>(names));
    Expect(Tok::kRightParen);
  }
  if (At(Kw::kValues) || At(Kw::kValue)) {
    if (At(Kw::kValue)) {
      tokens_[at_].word = Kw::kValues;
    }
    const ValuesStatement* values = ParseValuesCore();
    insert->source = values;
    if (Accept(Kw::kAs)) {
      insert->row_alias = Name();
      if (At(Tok::kLeftParen)) insert->row_columns = ParenNameList();
    }
    return;
  }
  insert->source = ParseQuery();
}

const Statement* Parser::ParseUpdate(const With* with) {
  Update* node = New<Update>();
  Advance();
  node->with = with;
  node->comments = TakeComments();
  node->priority = ParsePriority();
  node->ignore = Accept(Kw::kIgnore);
  node->tables = ParseTables();
  node->portion = ParsePortion();
  Expect(Kw::kSet);
  node->assignments = CommaList<Assignment>(&Parser::ParseAssignment);
  node->where = ParseWhere();
  node->order_by = ParseOrderBy();
  node->limit = ParseLimit();
  return node;
}

// FOR PORTION OF period FROM a TO b
std::string_view Parser::ParsePortion() {
  if (!At(Kw::kFor) || !PeekIs(Kw::kPortion)) return {};
  const size_t begin = Cur().begin;
  Advance();
  Advance();
  Expect(Kw::kOf);
  Name();
  Expect(Kw::kFrom);
  ParseExpr();
  Expect(Kw::kTo);
  ParseExpr();
  return Source(begin, LastEnd());
}

// table, table.*, database.table.*
const TableName* Parser::ParseDeleteTarget() {
  TableName* node = New<TableName>();
  node->name = Name();
  if (Accept(Tok::kDot) && !Accept(Tok::kStar)) {
    node->database = node->name;
    node->name = AnyName();
    if (Accept(Tok::kDot)) Expect(Tok::kStar);
  }
  return node;
}

const Statement* Parser::ParseDelete(const With* with) {
  Delete* node = New<Delete>();
  Advance();
  node->with = with;
  node->comments = TakeComments();
  while (At(Kw::kLowPriority) || At(Kw::kQuick) || At(Kw::kIgnore)) {
    if (At(Kw::kQuick) && (PeekIs(Kw::kFrom) ? false : Peek().type == Tok::kComma)) break;
    if (At(Kw::kLowPriority)) node->priority = WritePriority::kLow;
    if (At(Kw::kQuick)) node->quick = true;
    if (At(Kw::kIgnore)) node->ignore = true;
    Advance();
  }
  if (!At(Kw::kFrom)) {  // DELETE a, b FROM tables
    node->targets = CommaList<TableName>(&Parser::ParseDeleteTarget);
    Expect(Kw::kFrom);
    node->tables = ParseTables();
    node->where = ParseWhere();
    return node;
  }
  Advance();
  // DELETE FROM a, b USING tables: the names are targets when USING follows.
  const Mark mark = Save();
  List<TableName> targets = CommaList<TableName>(&Parser::ParseDeleteTarget);
  if (!failed_ && At(Kw::kUsing)) {
    Advance();
    node->targets = targets;
    node->tables = ParseTables();
    node->where = ParseWhere();
    return node;
  }
  Restore(mark);
  AliasedTable* table = New<AliasedTable>();
  table->table = ParseTableName();
  if (Accept(Kw::kPartition)) node->partitions = ParenNameList();
  node->portion = ParsePortion();
  table->alias = ParseTableAlias();
  node->tables = arena_.CopySpan<const TableExpr*>(std::vector<const TableExpr*>{table});
  node->where = ParseWhere();
  node->order_by = ParseOrderBy();
  node->limit = ParseLimit();
  node->returning = ParseReturning();
  return node;
}

}  // namespace tessera::sqlparser
