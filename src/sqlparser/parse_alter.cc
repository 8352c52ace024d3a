// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {

// At the word behind ALTER: [ONLINE] [IGNORE] TABLE.
const Statement* Parser::ParseAlterTable(Comments comments) {
  AlterTable* node = NewAt<AlterTable>(0);
  node->comments = comments;
  node->source = RestOfText(0);
  while (At(Kw::kOnline) || At(Kw::kIgnore)) {
    (At(Kw::kOnline) ? node->online : node->ignore) = true;
    Advance();
  }
  Expect(Kw::kTable);
  node->if_exists = ParseIfExists();
  node->table = ParseTableName();
  if (failed_) return node;
  const AlterTable head = *node;
  const Mark mark = Save();
  node->wait = ParseLockWait();
  ParseAlterTableBody(node);
  if (!EndsUnknown()) return node;
  Restore(mark);
  *node = head;
  node->fully_parsed = false;
  while (!AtEnd()) Advance();
  return node;
}

// [WAIT n | NOWAIT]: canonical text.
std::string_view Parser::ParseLockWait() {
  if (Accept(Kw::kNowait)) return "nowait";
  if (!Accept(Kw::kWait)) return {};
  if (!At(Tok::kInteger) && !At(Tok::kDecimal) && !At(Tok::kFloat)) Fail();
  const std::string text = "wait " + std::string(TokenText(Cur()));
  Advance();
  return Store(text);
}

namespace {

// What may stand in front of an action that is one for itself.
bool IsAlterModifier(const AlterOption& option) {
  return option.action == AlterKind::kAlgorithm || option.action == AlterKind::kLock ||
         option.action == AlterKind::kValidation;
}

}  // namespace

void Parser::ParseAlterTableBody(AlterTable* alter) {
  if (AtEnd()) return;
  std::vector<const AlterOption*> options;
  bool modifiers = true;  // nothing but them so far
  if (!At(Kw::kPartition)) {
    do {
      const PartitionSpec* spec = modifiers || At(Kw::kAdd) ? ParsePartitionSpec() : nullptr;
      if (spec != nullptr) {
        alter->options = arena_.CopySpan<const AlterOption*>(options);
        alter->partition_spec = spec;
        return;
      }
      const AlterOption* option = ParseAlterOption();
      options.push_back(option);
      modifiers = modifiers && IsAlterModifier(*option);
    } while (Accept(Tok::kComma));
  }
  alter->options = arena_.CopySpan<const AlterOption*>(options);
  if (At(Kw::kPartition)) {
    alter->partition_option = ParsePartitionOption();
  } else if (At(Kw::kRemove)) {
    alter->partition_spec = ParsePartitionSpec();
  }
}

const AlterOption* Parser::ParseAlterOption() {
  AlterOption* node = New<AlterOption>();
  switch (Cur().word) {
    case Kw::kAdd:
      Advance();
      return ParseAlterAdd(node);
    case Kw::kDrop:
      Advance();
      return ParseAlterDrop(node);
    case Kw::kAlter:
      Advance();
      return ParseAlterColumn(node);
    case Kw::kRename:
      Advance();
      return ParseAlterRename(node);
    case Kw::kModify:
    case Kw::kChange:
      return ParseAlterChange(node);
    case Kw::kAlgorithm:
    case Kw::kLock:
      node->action = At(Kw::kAlgorithm) ? AlterKind::kAlgorithm : AlterKind::kLock;
      Advance();
      Accept(Tok::kEqual);
      node->word = At(Kw::kDefault) ? AnyName() : ParseBareName();
      if (node->action == AlterKind::kLock) node->word = Lower(node->word.text);
      return node;
    case Kw::kForce:
      Advance();
      node->action = AlterKind::kForce;
      return node;
    case Kw::kEnable:
    case Kw::kDisable:
      node->action = AlterKind::kKeysState;
      node->flag = At(Kw::kEnable);
      Advance();
      Expect(Kw::kKeys);
      return node;
    case Kw::kDiscard:
    case Kw::kImport:
      node->action = AlterKind::kTablespace;
      node->flag = At(Kw::kDiscard);
      Advance();
      Expect(Kw::kTablespace);
      return node;
    case Kw::kSecondaryLoad:
    case Kw::kSecondaryUnload:
      if (Peek().type == Tok::kEqual) break;
      node->action =
          At(Kw::kSecondaryLoad) ? AlterKind::kSecondaryLoad : AlterKind::kSecondaryUnload;
      Advance();
      if (Accept(Kw::kPartition)) node->partitions = ParenNameList();
      return node;
    case Kw::kWith:
    case Kw::kWithout:
      if (!PeekIs(Kw::kValidation)) break;
      node->action = AlterKind::kValidation;
      node->flag = At(Kw::kWith);
      Advance();
      Advance();
      return node;
    case Kw::kConvert:
      return ParseAlterConvert(node);
    case Kw::kOrder:
      Advance();
      Expect(Kw::kBy);
      node->action = AlterKind::kOrderBy;
      node->order_by = CommaList<OrderItem>(&Parser::ParseAlterOrderItem);
      return node;
    default:
      break;
  }
  node->action = AlterKind::kTableOptions;
  std::vector<const TableOption*> options;
  while (const TableOption* option = ParseTableOption()) options.push_back(option);
  if (options.empty()) Fail();
  node->options = arena_.CopySpan<const TableOption*>(options);
  return node;
}

// Rows are put in the order of columns only.
const OrderItem* Parser::ParseAlterOrderItem() {
  OrderItem* node = New<OrderItem>();
  node->expr = ParseColumnRef();
  node->descending = Accept(Kw::kDesc);
  if (!node->descending) Accept(Kw::kAsc);
  return node;
}

// MODIFY c ..., CHANGE old c ...
const AlterOption* Parser::ParseAlterChange(AlterOption* node) {
  const bool change = At(Kw::kChange);
  Advance();
  Accept(Kw::kColumn);
  node->if_exists = ParseIfExists();
  node->action = change ? AlterKind::kChangeColumn : AlterKind::kModifyColumn;
  if (change) node->name = ParseFieldName();
  std::vector<const ConstraintDef*> checks;
  node->columns =
      arena_.CopySpan<const ColumnDef*>(std::vector<const ColumnDef*>{ParseColumnDef(&checks)});
  node->constraints = arena_.CopySpan<const ConstraintDef*>(checks);
  if (node->columns[0]->options->reference != nullptr) Fail();
  ParseColumnPlace(node);
  return node;
}

// CONVERT TO CHARACTER SET x [COLLATE y]
const AlterOption* Parser::ParseAlterConvert(AlterOption* node) {
  Advance();
  Expect(Kw::kTo);
  if (!Accept(Kw::kCharset)) {
    if (!Accept(Kw::kChar)) Expect(Kw::kCharacter);
    Expect(Kw::kSet);
  }
  node->action = AlterKind::kCharset;
  node->charset = ParseCharsetOrDefault();
  if (Accept(Kw::kCollate)) node->collate = ParseCollationOrDefault();
  return node;
}

const AlterOption* Parser::ParseAlterAdd(AlterOption* node) {
  if (Accept(Kw::kSystem, Kw::kVersioning)) {
    node->action = AlterKind::kAddSystemVersioning;
    return node;
  }
  if (At(Kw::kPeriod) && (PeekIs(Kw::kFor) || PeekIs(Kw::kIf))) {
    Advance();
    node->action = AlterKind::kAddPeriod;
    node->periods =
        arena_.CopySpan<const PeriodDef*>(std::vector<const PeriodDef*>{ParsePeriodDef()});
    return node;
  }
  const bool constraint = At(Kw::kConstraint);
  if (constraint || At(Kw::kCheck) || At(Kw::kForeign) || AtIndexDef()) {
    ParseAlterAddConstraint(node);
    return node;
  }
  node->action = AlterKind::kAddColumns;
  Accept(Kw::kColumn);
  node->if_exists = ParseIfNotExists();
  TableElements elements;
  if (At(Tok::kLeftParen)) {
    ParseTableElements(&elements);
    // One column needs no parentheses, and Vitess writes none.
    node->flag = elements.columns.size() != 1 || !elements.indexes.empty() ||
                 !elements.constraints.empty() || !elements.periods.empty();
  } else {
    elements.columns.push_back(ParseColumnDef(&elements.constraints));
    ParseColumnPlace(node);
  }
  node->columns = arena_.CopySpan<const ColumnDef*>(elements.columns);
  node->indexes = arena_.CopySpan<const IndexDef*>(elements.indexes);
  node->constraints = arena_.CopySpan<const ConstraintDef*>(elements.constraints);
  node->periods = arena_.CopySpan<const PeriodDef*>(elements.periods);
  return node;
}

// [CONSTRAINT [IF NOT EXISTS] [name]] and what it is.
void Parser::ParseAlterAddConstraint(AlterOption* node) {
  Ident name;
  const bool constraint = Accept(Kw::kConstraint);
  const bool if_not_exists = constraint && ParseIfNotExists();
  if (constraint && AtName()) name = Name();
  if (At(Kw::kCheck) || (At(Kw::kForeign) && !if_not_exists)) {
    ConstraintDef* added = ParseConstraintDef(name);
    added->if_not_exists = if_not_exists;
    node->action = AlterKind::kAddConstraint;
    node->constraints =
        arena_.CopySpan<const ConstraintDef*>(std::vector<const ConstraintDef*>{added});
    return;
  }
  if (if_not_exists || (constraint && !At(Kw::kPrimary) && !At(Kw::kUnique))) Fail();
  node->action = AlterKind::kAddIndex;
  node->indexes = arena_.CopySpan<const IndexDef*>(
      std::vector<const IndexDef*>{ParseIndexDef(name, constraint)});
}

void Parser::ParseColumnPlace(AlterOption* option) {
  if (Accept(Kw::kFirst)) {
    option->first = true;
  } else if (Accept(Kw::kAfter)) {
    option->after = ParseColumnRef();
  }
}

const AlterOption* Parser::ParseAlterDrop(AlterOption* node) {
  if (Accept(Kw::kSystem, Kw::kVersioning)) {
    node->action = AlterKind::kDropSystemVersioning;
    return node;
  }
  if (At(Kw::kPeriod) && (PeekIs(Kw::kFor) || PeekIs(Kw::kIf))) {
    Advance();
    node->action = AlterKind::kDropPeriod;
    node->if_exists = ParseIfExists();
    Expect(Kw::kFor);
    node->name = Name();
    return node;
  }
  switch (Cur().word) {
    case Kw::kPrimary:
      Advance();
      Expect(Kw::kKey);
      node->action = AlterKind::kDropPrimaryKey;
      return node;
    case Kw::kIndex:
    case Kw::kKey:
      node->action = AlterKind::kDropKey;
      break;
    case Kw::kForeign:
      Advance();
      if (!At(Kw::kKey)) Fail();
      node->action = AlterKind::kDropForeignKey;
      break;
    case Kw::kConstraint:
      if (PeekIs(Kw::kPrimary)) {  // MariaDB: DROP CONSTRAINT PRIMARY KEY
        Advance();
        Advance();
        Expect(Kw::kKey);
        node->action = AlterKind::kDropPrimaryKey;
        return node;
      }
      node->action = AlterKind::kDropConstraint;
      break;
    case Kw::kCheck:
      node->action = AlterKind::kDropCheck;
      break;
    default:
      node->action = AlterKind::kDropColumn;
      Accept(Kw::kColumn);
      node->if_exists = ParseIfExists();
      node->name = ParseFieldName();
      if (!Accept(Kw::kRestrict)) Accept(Kw::kCascade);
      return node;
  }
  Advance();
  node->if_exists = ParseIfExists();
  node->name = ParseFieldName();
  return node;
}

// ALTER COLUMN, ALTER INDEX, ALTER CHECK; the first ALTER taken.
const AlterOption* Parser::ParseAlterColumn(AlterOption* node) {
  if (At(Kw::kCheck) || At(Kw::kConstraint)) {
    Advance();
    node->action = AlterKind::kAlterCheck;
    node->name = Name();
    node->flag = !Accept(Kw::kNot);
    Expect(Kw::kEnforced);
    return node;
  }
  if (At(Kw::kIndex) || At(Kw::kKey)) return ParseAlterIndex(node);
  Accept(Kw::kColumn);
  node->if_exists = ParseIfExists();
  node->action = AlterKind::kAlterColumn;
  node->name = ParseFieldName();
  if (Accept(Kw::kDrop)) {
    Expect(Kw::kDefault);
    node->drop_default = true;
    return node;
  }
  Expect(Kw::kSet);
  if (Accept(Kw::kVisible)) {
    node->visible = Tristate::kYes;
  } else if (Accept(Kw::kInvisible)) {
    node->visible = Tristate::kNo;
  } else {
    Expect(Kw::kDefault);
    node->default_value = ParseDefaultValue(&node->default_is_expression);
  }
  return node;
}

// ALTER INDEX i VISIBLE | INVISIBLE | [NOT] IGNORED
const AlterOption* Parser::ParseAlterIndex(AlterOption* node) {
  Advance();
  node->action = AlterKind::kAlterIndex;
  node->if_exists = ParseIfExists();
  node->name = Name();
  if (At(Kw::kNot) || At(Kw::kIgnored)) {
    node->ignored = Accept(Kw::kNot) ? Tristate::kNo : Tristate::kYes;
    Expect(Kw::kIgnored);
    return node;
  }
  node->flag = At(Kw::kVisible);
  if (!Accept(Kw::kVisible)) Expect(Kw::kInvisible);
  return node;
}

const AlterOption* Parser::ParseAlterRename(AlterOption* node) {
  if (At(Kw::kColumn) || At(Kw::kIndex) || At(Kw::kKey)) {
    node->action = At(Kw::kColumn) ? AlterKind::kRenameColumn : AlterKind::kRenameIndex;
    Advance();
    node->if_exists = ParseIfExists();
    node->name = Name();
    Expect(Kw::kTo);
    node->new_name = Name();
    return node;
  }
  node->action = AlterKind::kRenameTable;
  if (!Accept(Kw::kTo) && !Accept(Kw::kAs)) Accept(Tok::kEqual);
  node->table = ParseTableName();
  return node;
}

}  // namespace tessera::sqlparser
