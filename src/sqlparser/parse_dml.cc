// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/internal/precedence.h"

namespace tessera::sqlparser {

// LOW_PRIORITY, and for rows that are new DELAYED and HIGH_PRIORITY (not of REPLACE).
namespace {

// DELETE t FROM a AS t is DELETE FROM a AS t.
bool IsOnlyTarget(const Delete& n) {
  if (n.targets.size() != 1 || n.tables.size() != 1) return false;
  const auto* table = n.tables[0]->As<AliasedTable>();
  return table != nullptr && !table->alias.empty() && table->hints.empty() &&
         table->system_time == nullptr && n.targets[0]->database.empty() &&
         n.targets[0]->name == table->alias;
}

}  // namespace

WritePriority Parser::ParsePriority(bool delayed, bool high) {
  if (Accept(Kw::kLowPriority)) return WritePriority::kLow;
  if (delayed && Accept(Kw::kDelayed)) return WritePriority::kDelayed;
  if (high && Accept(Kw::kHighPriority)) return WritePriority::kHigh;
  return WritePriority::kNone;
}

const ColumnRef* Parser::ParseColumnRef() {
  ColumnRef* node = New<ColumnRef>();
  const bool dot = Accept(Tok::kDot);  // .table.column
  node->name = Name();
  if (dot && !At(Tok::kDot)) Fail();
  if (!Accept(Tok::kDot)) return node;
  node->table = node->name.text;
  node->name = Name();
  if (!Accept(Tok::kDot)) return node;
  node->database = node->table;
  node->table = node->name.text;
  node->name = Name();
  return node;
}

const Assignment* Parser::ParseAssignment() {
  Assignment* node = New<Assignment>();
  node->column = ParseColumnRef();
  if (!Accept(Tok::kAssign)) Expect(Tok::kEqual);
  node->value = ParseStoredValue();
  return node;
}

const Statement* Parser::ParseInsert(bool is_replace) {
  Insert* node = New<Insert>();
  Advance();
  node->comments = TakeComments();
  node->is_replace = is_replace;
  node->priority = ParsePriority(true, !is_replace);
  node->ignore = Accept(Kw::kIgnore);
  Accept(Kw::kInto);
  AliasedTable* table = New<AliasedTable>();
  table->table = ParseTableName();
  if (Accept(Kw::kPartition)) table->partitions = ParenNameList();
  node->table = table;
  ParseInsertSource(node);
  if (!is_replace && Accept(Kw::kOn)) {
    Expect(Kw::kDuplicate);
    Expect(Kw::kKey);
    Expect(Kw::kUpdate);
    in_on_duplicate_ = true;
    node->on_duplicate = CommaList<Assignment>(&Parser::ParseAssignment);
    in_on_duplicate_ = false;
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
      values.Add(ParseStoredValue());
    } while (Accept(Tok::kComma));
    row->items = values.Take();
    insert->has_columns = true;
    insert->columns = arena_.CopySpan<Ident>(std::span<const Ident>(names));
    ValuesStatement* source = New<ValuesStatement>();
    source->row_keyword = false;
    source->rows = One<RowValues>(row);
    insert->source = source;
    ParseRowAlias(insert);
    return;
  }
  if (At(Tok::kLeftParen) && !Cur().is_query) {
    Advance();
    insert->has_columns = true;
    std::vector<Ident> names;
    if (!At(Tok::kRightParen)) {
      do {
        names.push_back(ParseColumnRef()->name);
      } while (Accept(Tok::kComma));
    }
    insert->columns = arena_.CopySpan<Ident>(std::span<const Ident>(names));
    Expect(Tok::kRightParen);
  }
  if (At(Kw::kValue)) tokens_[at_].word = Kw::kValues;
  const bool values = At(Kw::kValues);
  insert->source = ParseQuery();
  if (values) ParseRowAlias(insert);
}

// MySQL: AS new (a, b)
void Parser::ParseRowAlias(Insert* insert) {
  if (!Accept(Kw::kAs)) return;
  insert->row_alias = Name();
  if (At(Tok::kLeftParen)) insert->row_columns = ParenNameList();
}

const Statement* Parser::ParseUpdate(const With* with) {
  Update* node = New<Update>();
  Advance();
  node->with = with;
  node->comments = TakeComments();
  node->priority = ParsePriority(false, false);
  node->ignore = Accept(Kw::kIgnore);
  node->tables = ParseTables();
  if (node->tables.size() == 1) ParseUpdatePortion(node);
  Expect(Kw::kSet);
  node->assignments = CommaList<Assignment>(&Parser::ParseAssignment);
  node->where = ParseWhere();
  node->order_by = ParseOrderBy();
  node->limit = ParseCountLimit();
  return node;
}

// FOR PORTION OF stands between the one table and its alias.
void Parser::ParseUpdatePortion(Update* node) {
  const auto* table = node->tables[0]->As<AliasedTable>();
  if (table == nullptr || !table->alias.empty()) return;
  node->portion = ParsePortion();
  if (node->portion == nullptr) return;
  AliasedTable* named = arena_.New<AliasedTable>(*table);
  named->alias = ParseTableAlias();
  node->tables = One<TableExpr>(named);
}

// FOR PORTION OF period FROM a TO b
const Portion* Parser::ParsePortion() {
  if (!At(Kw::kFor) || !PeekIs(Kw::kPortion)) return nullptr;
  Portion* node = New<Portion>();
  Advance();
  Advance();
  Expect(Kw::kOf);
  if (At(Kw::kSystemTime)) Fail();
  node->period = Name();
  Expect(Kw::kFrom);
  node->from = ParseBinary(kBitOr);
  Expect(Kw::kTo);
  node->to = ParseBinary(kBitOr);
  return node;
}

// table, table.*, database.table.*
const TableName* Parser::ParseDeleteTarget() {
  TableName* node = New<TableName>();
  node->name = Name();
  if (Accept(Tok::kDot) && !Accept(Tok::kStar)) {
    node->database = node->name;
    node->name = Name();
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
    if (At(Kw::kQuick) && (Peek().type == Tok::kComma || Peek().type == Tok::kDot)) break;
    if (At(Kw::kLowPriority)) node->priority = WritePriority::kLow;
    if (At(Kw::kQuick)) node->quick = true;
    if (At(Kw::kIgnore)) node->ignore = true;
    Advance();
  }
  if (At(Kw::kHistory) && PeekIs(Kw::kFrom)) return ParseDeleteHistory(node->comments);
  if (!At(Kw::kFrom)) {  // DELETE a, b FROM tables
    node->targets = CommaList<TableName>(&Parser::ParseDeleteTarget);
    Expect(Kw::kFrom);
    ParseDeleteTables(node);
    return node;
  }
  Advance();
  // DELETE FROM a, b USING tables: the names are targets when USING follows.
  const Mark mark = Save();
  List<TableName> targets = CommaList<TableName>(&Parser::ParseDeleteTarget);
  if (!failed_ && At(Kw::kUsing)) {
    Advance();
    node->targets = targets;
    ParseDeleteTables(node);
    return node;
  }
  Restore(mark);
  AliasedTable* table = New<AliasedTable>();
  table->table = ParseTableName();
  if (Accept(Kw::kPartition)) node->partitions = ParenNameList();
  node->portion = ParsePortion();
  table->alias = ParseTableAlias();
  // MySQL's alias stands in front of PARTITION.
  if (node->partitions.empty() && Accept(Kw::kPartition)) node->partitions = ParenNameList();
  node->tables = One<TableExpr>(table);
  node->where = ParseWhere();
  node->order_by = ParseOrderBy();
  node->limit = ParseCountLimit();
  node->returning = ParseReturning();
  return node;
}

void Parser::ParseDeleteTables(Delete* node) {
  node->tables = ParseTables();
  node->where = ParseWhere();
  if (failed_ || !IsOnlyTarget(*node)) return;
  AliasedTable* table = arena_.New<AliasedTable>(node->tables[0]->Get<AliasedTable>());
  node->targets = {};
  node->partitions = std::exchange(table->partitions, {});
  node->tables = One<TableExpr>(table);
}

// UPDATE and DELETE take LIMIT count and no more.
const Limit* Parser::ParseCountLimit() {
  if (!At(Kw::kLimit)) return nullptr;
  Limit* node = New<Limit>();
  Advance();
  node->count = ParseCount();
  return node;
}

const Statement* Parser::ParseDeleteHistory(Comments comments) {
  DeleteHistory* node = New<DeleteHistory>();
  node->comments = comments;
  Advance();
  Expect(Kw::kFrom);
  node->table = ParseTableName();
  if (Accept(Kw::kPartition)) node->partitions = ParenNameList();
  if (!Accept(Kw::kBefore)) return node;
  Expect(Kw::kSystemTime);
  node->before = ParseHistoryPoint(&node->unit);
  return node;
}

}  // namespace tessera::sqlparser
