// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {

// At the table's name. An unknown tail leaves the statement partly parsed.
const Statement* Parser::ParseAlterTable(Comments comments) {
  AlterTable* node = NewAt<AlterTable>(0);
  node->comments = comments;
  node->source = RestOfText(0);
  node->if_exists = ParseIfExists();
  node->table = ParseTableName();
  if (failed_) return node;
  const Mark mark = Save();
  ParseAlterTableBody(node);
  if (!failed_ && !AtEnd()) Fail();
  if (failed_ && options_.allow_partial_ddl) {
    Restore(mark);
    AlterTable* partial = NewAt<AlterTable>(0);
    partial->comments = comments;
    partial->source = node->source;
    partial->if_exists = node->if_exists;
    partial->table = node->table;
    partial->fully_parsed = false;
    while (!AtEnd()) Advance();
    return partial;
  }
  return node;
}

void Parser::ParseAlterTableBody(AlterTable* alter) {
  if (AtEnd()) return;
  if (At(Kw::kWait) || At(Kw::kNowait)) Fail();
  std::vector<const AlterOption*> options;
  do {
    if (At(Kw::kPartition) && PeekIs(Kw::kBy)) break;
    if (const PartitionSpec* spec =
            options.empty() || At(Kw::kAdd) ? ParsePartitionSpec() : nullptr) {
      alter->partition_spec = spec;
      if (!AtEnd()) Fail();
      break;
    }
    options.push_back(ParseAlterOption());
  } while (Accept(Tok::kComma) || (At(Kw::kOrder) && !AtEnd()));
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
    case Kw::kChange: {
      const bool change = At(Kw::kChange);
      Advance();
      Accept(Kw::kColumn);
      node->if_exists = ParseIfExists();
      node->action = change ? AlterKind::kChangeColumn : AlterKind::kModifyColumn;
      if (change) node->name = Name();
      std::vector<const ConstraintDef*> checks;
      node->columns =
          arena_.CopySpan<const ColumnDef*>(std::vector<const ColumnDef*>{ParseColumnDef(&checks)});
      if (!checks.empty()) node->constraint = checks.front();
      ParseColumnPlace(node);
      return node;
    }
    case Kw::kAlgorithm:
      Advance();
      Accept(Tok::kEqual);
      node->action = AlterKind::kAlgorithm;
      node->text = Lower(AnyName());
      return node;
    case Kw::kLock:
      Advance();
      Accept(Tok::kEqual);
      node->action = AlterKind::kLock;
      node->text = Lower(AnyName());
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
    case Kw::kWith:
    case Kw::kWithout:
      if (PeekIs(Kw::kValidation)) {
        node->action = AlterKind::kValidation;
        node->flag = At(Kw::kWith);
        Advance();
        Advance();
        return node;
      }
      break;
    case Kw::kConvert:
      Advance();
      Expect(Kw::kTo);
      if (!Accept(Kw::kCharset)) {
        if (!Accept(Kw::kChar)) Expect(Kw::kCharacter);
        Expect(Kw::kSet);
      }
      node->action = AlterKind::kCharset;
      node->text = Accept(Kw::kDefault) ? std::string_view("default") : ParseCharsetName();
      if (Accept(Kw::kCollate)) {
        Accept(Tok::kEqual);
        node->collate = ParseCollationName();
      }
      return node;
    case Kw::kOrder:
      node->action = AlterKind::kOrderBy;
      node->order_by = ParseOrderBy();
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

const AlterOption* Parser::ParseAlterAdd(AlterOption* node) {
  if (Accept(Kw::kConstraint)) {
    const bool if_not_exists = ParseIfNotExists();
    Ident name;
    if (AtName()) name = Name();
    if (At(Kw::kPrimary) || At(Kw::kUnique)) {
      node->action = AlterKind::kAddIndex;
      node->index = ParseIndexDef(name, true);
    } else {
      node->action = AlterKind::kAddConstraint;
      node->constraint = ParseConstraintDef(name);
    }
    node->if_exists = if_not_exists;
    return node;
  }
  if (At(Kw::kCheck) || At(Kw::kForeign)) {
    node->action = AlterKind::kAddConstraint;
    node->constraint = ParseConstraintDef({});
    return node;
  }
  if (AtIndexDef()) {
    node->action = AlterKind::kAddIndex;
    node->index = ParseIndexDef({}, false);
    return node;
  }
  node->action = AlterKind::kAddColumns;
  Accept(Kw::kColumn);
  node->if_exists = ParseIfNotExists();
  std::vector<const ColumnDef*> columns;
  std::vector<const ConstraintDef*> checks;
  if (Accept(Tok::kLeftParen)) {
    node->flag = true;
    do {
      columns.push_back(ParseColumnDef(&checks));
    } while (Accept(Tok::kComma));
    Expect(Tok::kRightParen);
  } else {
    columns.push_back(ParseColumnDef(&checks));
    ParseColumnPlace(node);
  }
  if (checks.size() == 1) {
    node->constraint = checks.front();
  } else if (checks.size() > 1) {
    Fail();
  }
  node->columns = arena_.CopySpan<const ColumnDef*>(columns);
  return node;
}

void Parser::ParseColumnPlace(AlterOption* option) {
  if (Accept(Kw::kFirst)) {
    option->first = true;
  } else if (Accept(Kw::kAfter)) {
    option->after = ParseColumnRef();
  }
}

const AlterOption* Parser::ParseAlterDrop(AlterOption* node) {
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
      node->action = AlterKind::kDropConstraint;
      break;
    case Kw::kCheck:
      node->action = AlterKind::kDropCheck;
      break;
    case Kw::kColumn:
      node->action = AlterKind::kDropColumn;
      break;
    default:
      node->action = AlterKind::kDropColumn;
      node->if_exists = ParseIfExists();
      node->name = Name();
      if (!Accept(Kw::kRestrict)) Accept(Kw::kCascade);
      return node;
  }
  Advance();
  node->if_exists = ParseIfExists();
  node->name = At(Kw::kPrimary) ? AnyName() : Name();
  if (node->action == AlterKind::kDropColumn && !Accept(Kw::kRestrict)) Accept(Kw::kCascade);
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
  if (At(Kw::kIndex) || At(Kw::kKey)) {
    Advance();
    node->action = AlterKind::kAlterIndex;
    node->name = Name();
    node->flag = At(Kw::kVisible);
    if (!Accept(Kw::kVisible)) Expect(Kw::kInvisible);
    return node;
  }
  Accept(Kw::kColumn);
  node->if_exists = ParseIfExists();
  node->action = AlterKind::kAlterColumn;
  node->name = Name();
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

// ADD PARTITION, DROP PARTITION, ...; null when what starts here is none.
const PartitionSpec* Parser::ParsePartitionSpec() {
  PartitionSpec* node = New<PartitionSpec>();
  const Kw word = Cur().word;
  const Kw next = Peek().word;
  if (next != Kw::kPartition && next != Kw::kPartitioning) return nullptr;
  switch (word) {
    case Kw::kAdd:
      node->action = PartitionAction::kAdd;
      break;
    case Kw::kDrop:
      node->action = PartitionAction::kDrop;
      break;
    case Kw::kReorganize:
      node->action = PartitionAction::kReorganize;
      break;
    case Kw::kDiscard:
      node->action = PartitionAction::kDiscard;
      break;
    case Kw::kImport:
      node->action = PartitionAction::kImport;
      break;
    case Kw::kTruncate:
      node->action = PartitionAction::kTruncate;
      break;
    case Kw::kCoalesce:
      node->action = PartitionAction::kCoalesce;
      break;
    case Kw::kExchange:
      node->action = PartitionAction::kExchange;
      break;
    case Kw::kAnalyze:
      node->action = PartitionAction::kAnalyze;
      break;
    case Kw::kCheck:
      node->action = PartitionAction::kCheck;
      break;
    case Kw::kOptimize:
      node->action = PartitionAction::kOptimize;
      break;
    case Kw::kRebuild:
      node->action = PartitionAction::kRebuild;
      break;
    case Kw::kRepair:
      node->action = PartitionAction::kRepair;
      break;
    case Kw::kRemove:
      node->action = PartitionAction::kRemove;
      break;
    case Kw::kUpgrade:
      node->action = PartitionAction::kUpgrade;
      break;
    default:
      return nullptr;
  }
  Advance();
  Advance();
  switch (node->action) {
    case PartitionAction::kRemove:
    case PartitionAction::kUpgrade:
      return node;
    case PartitionAction::kAdd:
      node->definitions = ParenList<PartitionDef>(&Parser::ParsePartitionDef);
      return node;
    case PartitionAction::kCoalesce:
      node->number = ParseIntegerLiteral();
      return node;
    case PartitionAction::kReorganize:
      node->names = NameList();
      Expect(Kw::kInto);
      node->definitions = ParenList<PartitionDef>(&Parser::ParsePartitionDef);
      return node;
    case PartitionAction::kExchange:
      node->names = NameList();
      Expect(Kw::kWith);
      Expect(Kw::kTable);
      node->table = ParseTableName();
      if (Accept(Kw::kWithout)) {
        Expect(Kw::kValidation);
        node->without_validation = true;
      } else if (Accept(Kw::kWith)) {
        Expect(Kw::kValidation);
      }
      return node;
    default:
      break;
  }
  if (At(Kw::kAll)) {
    Advance();
    node->all = true;
  } else {
    node->names = NameList();
  }
  if (node->action == PartitionAction::kDiscard || node->action == PartitionAction::kImport) {
    Expect(Kw::kTablespace);
  }
  return node;
}

// ALGORITHM = x LOCK = y behind CREATE INDEX and DROP INDEX.
void Parser::ParseAlgorithmAndLock(std::vector<const AlterOption*>& options) {
  while (At(Kw::kAlgorithm) || At(Kw::kLock)) options.push_back(ParseAlterOption());
}

}  // namespace tessera::sqlparser
