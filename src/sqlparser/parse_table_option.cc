// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {

List<TableOption> Parser::ParseTableOptions() {
  std::vector<const TableOption*> options;
  while (const TableOption* option = ParseTableOption()) {
    options.push_back(option);
    if (!Accept(Tok::kComma)) continue;
    if (!At(Tok::kWord)) Fail();
  }
  return arena_.CopySpan<const TableOption*>(options);
}

// name [=] value; null when none starts here.
const TableOption* Parser::ParseTableOption() {
  TableOption* node = New<TableOption>();
  if (At(Kw::kDefault) && (PeekIs(Kw::kCharset) || PeekIs(Kw::kCharacter) || PeekIs(Kw::kChar) ||
                           PeekIs(Kw::kCollate))) {
    Advance();
  }
  const Token first = Cur();
  node->name = first.type == Tok::kWord ? TokenText(first) : std::string_view();
  switch (first.word) {
    case Kw::kCharacter:
    case Kw::kChar:
      if (!PeekIs(Kw::kSet)) return nullptr;
      Advance();
      Advance();
      node->name = "charset";
      Accept(Tok::kEqual);
      node->text = ParseCharsetName();
      return node;
    case Kw::kCharset:
      Advance();
      Accept(Tok::kEqual);
      node->text = Accept(Kw::kDefault) ? std::string_view("default") : ParseCharsetName();
      return node;
    case Kw::kCollate:
      Advance();
      Accept(Tok::kEqual);
      node->text = ParseCollationName();
      return node;
    case Kw::kEngine:
    case Kw::kTablespace:
      Advance();
      Accept(Tok::kEqual);
      node->case_sensitive = true;
      node->text = NameOrString();
      return node;
    case Kw::kStorage:
      if (!PeekIs(Kw::kDisk) && !PeekIs(Kw::kMemory)) return nullptr;
      Advance();
      node->text = AnyName();
      return node;
    case Kw::kUnion:
      Advance();
      Accept(Tok::kEqual);
      node->tables = ParenList<TableName>(&Parser::ParseTableName);
      return node;
    case Kw::kData:
    case Kw::kIndex:
      if (!PeekIs(Kw::kDirectory)) return nullptr;
      Advance();
      Advance();
      node->name = Source(first.begin, LastEnd());
      Accept(Tok::kEqual);
      node->value = ParseStringLiteral();
      return node;
    case Kw::kWith:  // MariaDB: WITH SYSTEM VERSIONING
      if (!PeekIs(Kw::kSystem)) return nullptr;
      Advance();
      Advance();
      Expect(Kw::kVersioning);
      node->name = Source(first.begin, LastEnd());
      return node;
    case Kw::kPeriod: {  // PERIOD FOR name (a, b) stands in the list in MariaDB, not here
      return nullptr;
    }
    default:
      break;
  }
  if (first.type != Tok::kWord && first.type != Tok::kQuotedName) return nullptr;
  if (first.type == Tok::kWord && IsReserved(first.word)) return nullptr;
  // Anything else that looks like name = value, or a known name with a value behind it.
  const Token& next = Peek();
  const bool bare = next.type == Tok::kInteger || next.type == Tok::kString ||
                    first.word == Kw::kRowFormat || first.word == Kw::kInsertMethod ||
                    first.word == Kw::kPackKeys || first.word == Kw::kStatsPersistent ||
                    first.word == Kw::kStatsAutoRecalc;
  if (next.type != Tok::kEqual && !bare) return nullptr;
  if (first.word == Kw::kNone && next.type != Tok::kEqual) return nullptr;
  Advance();
  Accept(Tok::kEqual);
  if (At(Tok::kString)) {
    node->value = ParseStringLiteral();
  } else if (At(Tok::kInteger) || At(Tok::kDecimal) || At(Tok::kHexNumber)) {
    node->value = ParseLiteralToken(LiteralType::kInteger);
  } else {
    if (!At(Tok::kWord)) Fail();
    node->text = TokenText(Cur());
    Advance();
    if (At(Tok::kInteger) && node->text.size() > 1) {  // AUTOEXTEND_SIZE = 4 M and the like
      Fail();
    }
  }
  return node;
}

const PartitionOption* Parser::ParsePartitionOption() {
  PartitionOption* node = New<PartitionOption>();
  Expect(Kw::kPartition);
  Expect(Kw::kBy);
  node->linear = Accept(Kw::kLinear);
  if (Accept(Kw::kHash)) {
    node->type = PartitionType::kHash;
    Expect(Tok::kLeftParen);
    node->expr = ParseExpr();
    Expect(Tok::kRightParen);
  } else if (Accept(Kw::kKey)) {
    node->type = PartitionType::kKey;
    if (Accept(Kw::kAlgorithm)) {
      Expect(Tok::kEqual);
      node->key_algorithm = static_cast<int>(SmallInteger());
    }
    Expect(Tok::kLeftParen);
    if (!At(Tok::kRightParen)) node->columns = NameList();
    Expect(Tok::kRightParen);
  } else {
    if (Accept(Kw::kRange)) {
      node->type = PartitionType::kRange;
    } else {
      Expect(Kw::kList);
      node->type = PartitionType::kList;
    }
    if (Accept(Kw::kColumns)) {
      node->by_columns = true;
      node->columns = ParenNameList();
    } else {
      Expect(Tok::kLeftParen);
      node->expr = ParseExpr();
      Expect(Tok::kRightParen);
    }
  }
  if (Accept(Kw::kPartitions)) node->count = static_cast<int>(SmallInteger());
  if (At(Kw::kSubpartition)) node->sub_partition = ParseSubPartition();
  if (At(Tok::kLeftParen)) {
    node->definitions = ParenList<PartitionDef>(&Parser::ParsePartitionDef);
  }
  return node;
}

const SubPartition* Parser::ParseSubPartition() {
  SubPartition* node = New<SubPartition>();
  Advance();
  Expect(Kw::kBy);
  node->linear = Accept(Kw::kLinear);
  if (Accept(Kw::kHash)) {
    Expect(Tok::kLeftParen);
    node->expr = ParseExpr();
    Expect(Tok::kRightParen);
  } else {
    Expect(Kw::kKey);
    node->type = PartitionType::kKey;
    if (Accept(Kw::kAlgorithm)) {
      Expect(Tok::kEqual);
      node->key_algorithm = static_cast<int>(SmallInteger());
    }
    node->columns = ParenNameList();
  }
  if (Accept(Kw::kSubpartitions)) node->count = static_cast<int>(SmallInteger());
  return node;
}

const PartitionDef* Parser::ParsePartitionDef() {
  PartitionDef* node = New<PartitionDef>();
  Expect(Kw::kPartition);
  node->name = Name();
  if (Accept(Kw::kValues)) {
    if (Accept(Kw::kIn)) {
      node->values = PartitionValues::kIn;
    } else {
      Expect(Kw::kLess);
      Expect(Kw::kThan);
      node->values = PartitionValues::kLessThan;
    }
    if (node->values == PartitionValues::kLessThan && Accept(Kw::kMaxvalue)) {
      node->values = PartitionValues::kLessThanMaxvalue;
    } else {
      TupleExpr* tuple = New<TupleExpr>();
      Expect(Tok::kLeftParen);
      ListOf<Expr> items(*this);
      do {
        if (At(Kw::kMaxvalue)) {
          ColumnRef* maxvalue = New<ColumnRef>();
          maxvalue->name = "maxvalue";
          Advance();
          items.Add(maxvalue);
        } else {
          items.Add(ParseExpr());
        }
      } while (Accept(Tok::kComma));
      tuple->items = items.Take();
      Expect(Tok::kRightParen);
      node->range = tuple;
    }
  }
  node->options = ParsePartitionDefOptions();
  if (At(Tok::kLeftParen)) {
    node->sub_partitions = ParenList<SubPartitionDef>(&Parser::ParseSubPartitionDef);
  }
  return node;
}

const SubPartitionDef* Parser::ParseSubPartitionDef() {
  SubPartitionDef* node = New<SubPartitionDef>();
  Expect(Kw::kSubpartition);
  node->name = Name();
  node->options = ParsePartitionDefOptions();
  return node;
}

// In the printer's order, whatever the text's.
List<TableOption> Parser::ParsePartitionDefOptions() {
  const TableOption* slots[7] = {};
  while (true) {
    TableOption* node = New<TableOption>();
    int slot = -1;
    if (At(Kw::kStorage) || At(Kw::kEngine)) {
      node->name = At(Kw::kStorage) ? "storage engine" : "engine";
      if (At(Kw::kStorage)) Advance();
      Expect(Kw::kEngine);
      Accept(Tok::kEqual);
      node->text = NameOrString();
      slot = 0;
    } else if (Accept(Kw::kComment)) {
      node->name = "comment";
      Accept(Tok::kEqual);
      node->value = ParseStringLiteral();
      slot = 1;
    } else if (At(Kw::kData) || At(Kw::kIndex)) {
      slot = At(Kw::kData) ? 2 : 3;
      node->name = At(Kw::kData) ? "data directory" : "index directory";
      Advance();
      Expect(Kw::kDirectory);
      Accept(Tok::kEqual);
      node->value = ParseStringLiteral();
    } else if (At(Kw::kMaxRows) || At(Kw::kMinRows)) {
      slot = At(Kw::kMaxRows) ? 4 : 5;
      node->name = KeywordText(Cur().word);
      Advance();
      Accept(Tok::kEqual);
      node->value = ParseIntegerLiteral();
    } else if (Accept(Kw::kTablespace)) {
      slot = 6;
      node->name = "tablespace";
      Accept(Tok::kEqual);
      node->text = Name();
      node->case_sensitive = true;
    } else {
      break;
    }
    slots[slot] = node;
  }
  std::vector<const TableOption*> options;
  for (const TableOption* option : slots) {
    if (option != nullptr) options.push_back(option);
  }
  return arena_.CopySpan<const TableOption*>(options);
}

}  // namespace tessera::sqlparser
