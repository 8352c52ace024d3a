// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/internal/program_words.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {

// (columns, indexes, constraints) options partitions
const TableSpec* Parser::ParseTableSpec(bool parenthesised) {
  TableSpec* node = New<TableSpec>();
  if (parenthesised) {
    TableElements elements;
    ParseTableElements(&elements);
    node->columns = arena_.CopySpan<const ColumnDef*>(elements.columns);
    node->indexes = arena_.CopySpan<const IndexDef*>(elements.indexes);
    node->constraints = arena_.CopySpan<const ConstraintDef*>(elements.constraints);
    node->periods = arena_.CopySpan<const PeriodDef*>(elements.periods);
  }
  node->options = ParseTableOptions();
  if (At(Kw::kPartition)) node->partition = ParsePartitionOption();
  return node;
}

void Parser::ParseTableElements(TableElements* out) {
  Expect(Tok::kLeftParen);
  do {
    if (At(Kw::kConstraint)) {
      Advance();
      Ident name;
      if (AtName()) name = Name();
      if (At(Kw::kPrimary) || At(Kw::kUnique)) {
        out->indexes.push_back(ParseIndexDef(name, true));
      } else {
        out->constraints.push_back(ParseConstraintDef(name));
      }
    } else if (At(Kw::kCheck) || At(Kw::kForeign)) {
      out->constraints.push_back(ParseConstraintDef({}));
    } else if (At(Kw::kPeriod) && PeekIs(Kw::kFor)) {
      Advance();
      out->periods.push_back(ParsePeriodDef());
    } else if (AtIndexDef()) {
      out->indexes.push_back(ParseIndexDef({}, false));
    } else {
      out->columns.push_back(ParseColumnDef(&out->constraints));
    }
  } while (Accept(Tok::kComma));
  Expect(Tok::kRightParen);
}

// FOR name (start, end), PERIOD taken.
PeriodDef* Parser::ParsePeriodDef() {
  PeriodDef* node = New<PeriodDef>();
  node->if_not_exists = ParseIfNotExists();
  Expect(Kw::kFor);
  node->name = Name();
  Expect(Tok::kLeftParen);
  node->start = Name();
  Expect(Tok::kComma);
  node->end = Name();
  Expect(Tok::kRightParen);
  return node;
}

// A column where it is defined: the table's name may stand in front.
Ident Parser::ParseFieldName() {
  if (At(Tok::kDot)) {
    Advance();
    return AnyName();
  }
  Ident name = Name();
  for (int dots = 0; dots < 2 && Accept(Tok::kDot); ++dots) name = AnyName();
  return name;
}

const ColumnDef* Parser::ParseColumnDef(std::vector<const ConstraintDef*>* constraints) {
  ColumnDef* node = New<ColumnDef>();
  node->name = ParseFieldName();
  DataType* type = ParseDataType();
  node->type = type;
  node->options = ParseColumnOptions(type, constraints);
  return node;
}

const ColumnOptions* Parser::ParseColumnOptions(DataType* type,
                                                std::vector<const ConstraintDef*>* constraints) {
  ColumnOptions* options = New<ColumnOptions>();
  if (At(Kw::kCollate)) ParseColumnOption(options, constraints);
  const bool generated = At(Kw::kGenerated) || At(Kw::kAs);
  std::vector<const TableOption*> attributes;
  if (generated) ParseGenerated(options);
  while (At(Tok::kWord) || At(Tok::kQuotedName)) {
    if (ParseColumnOption(options, constraints)) continue;
    if (generated) break;
    if (ParseStoredColumnOption(type, options)) continue;
    const TableOption* attribute = ParseEngineAttribute();
    if (attribute == nullptr) break;
    attributes.push_back(attribute);
  }
  options->attributes = arena_.CopySpan<const TableOption*>(attributes);
  ParseColumnReference(options);
  return options;
}

// [GENERATED ALWAYS] AS (expr) [VIRTUAL | STORED], AS ROW START, AS ROW END
void Parser::ParseGenerated(ColumnOptions* options) {
  if (Accept(Kw::kGenerated)) Expect(Kw::kAlways);
  Expect(Kw::kAs);
  if (Accept(Kw::kRow)) {
    options->row_bound = At(Kw::kStart) ? RowBound::kStart : RowBound::kEnd;
    if (!Accept(Kw::kStart)) Expect(Kw::kEnd);
    return;
  }
  bool is_expression = false;
  if (!At(Tok::kLeftParen)) Fail();
  options->generated_as = ParseDefaultValue(&is_expression);
  options->storage = GeneratedStorage::kVirtual;
  if (Accept(Kw::kStored)) {
    options->storage = GeneratedStorage::kStored;
  } else if (Accept(Kw::kPersistent)) {
    options->storage = GeneratedStorage::kPersistent;
  } else {
    Accept(Kw::kVirtual);
  }
}

// [CONSTRAINT [name]] REFERENCES ...: the last thing of a column.
void Parser::ParseColumnReference(ColumnOptions* options) {
  if (Accept(Kw::kConstraint)) {
    if (AtName()) options->reference_name = Name();
    if (!At(Kw::kReferences)) Fail();
  }
  if (At(Kw::kReferences)) options->reference = ParseReferences();
}

// One attribute that generated columns may have too; false when the next word is none.
bool Parser::ParseColumnOption(ColumnOptions* options,
                               std::vector<const ConstraintDef*>* constraints) {
  switch (Cur().word) {
    case Kw::kNull:
      Advance();
      options->nullable = Tristate::kYes;
      return true;
    case Kw::kNot:
      Advance();
      Expect(Kw::kNull);
      options->nullable = Tristate::kNo;
      return true;
    case Kw::kComment:
      Advance();
      options->comment = ParseOneString();
      return true;
    case Kw::kCollate: {
      Advance();
      const size_t begin = Cur().begin;
      const bool string = At(Tok::kString);
      const bool quoted = string || At(Tok::kQuotedName);
      const std::string_view name = ParseCollationOrDefault();
      const bool as_written = string || (quoted && !ReadsPlain(name));
      options->collate = as_written ? Source(begin, LastEnd()) : name;
      return true;
    }
    case Kw::kPrimary:
    case Kw::kUnique:
    case Kw::kKey:
      ParseColumnKey(options);
      return true;
    case Kw::kConstraint:
    case Kw::kCheck:
      return ParseColumnCheck(constraints);
    case Kw::kVisible:
      Advance();
      options->visible = Tristate::kYes;
      return true;
    case Kw::kInvisible:
      Advance();
      options->visible = Tristate::kNo;
      return true;
    case Kw::kSrid:
      Advance();
      options->srid = ParseIntegerLiteral();
      return true;
    case Kw::kColumnFormat:
      Advance();
      if (!At(Kw::kFixed) && !At(Kw::kDynamic) && !At(Kw::kDefault)) Fail();
      options->column_format = Lower(AnyName());
      return true;
    case Kw::kStorage:
      Advance();
      if (!At(Kw::kDisk) && !At(Kw::kMemory) && !At(Kw::kDefault)) Fail();
      options->column_storage = Lower(AnyName());
      return true;
    case Kw::kEngineAttribute:
      Advance();
      Accept(Tok::kEqual);
      options->engine_attribute = ParseOneString();
      return true;
    case Kw::kSecondaryEngineAttribute:
      Advance();
      Accept(Tok::kEqual);
      options->secondary_engine_attribute = ParseOneString();
      return true;
    default:
      return false;
  }
}

// PRIMARY KEY, KEY, UNIQUE [KEY]: one of the first two may stand beside the last.
void Parser::ParseColumnKey(ColumnOptions* options) {
  ColumnKey key = ColumnKey::kKey;
  if (Accept(Kw::kUnique)) {
    key = Accept(Kw::kKey) ? ColumnKey::kUniqueKey : ColumnKey::kUnique;
  } else {
    if (Accept(Kw::kPrimary)) key = ColumnKey::kPrimary;
    Expect(Kw::kKey);
  }
  const auto unique = [](ColumnKey k) {
    return k == ColumnKey::kUnique || k == ColumnKey::kUniqueKey;
  };
  if (options->key != ColumnKey::kNone && unique(options->key) != unique(key)) {
    options->also_unique = true;
    if (unique(key)) return;
  }
  options->key = key;
}

// [CONSTRAINT [name]] CHECK (...), kept with the table's constraints; false when it is no check.
bool Parser::ParseColumnCheck(std::vector<const ConstraintDef*>* constraints) {
  if (At(Kw::kConstraint) && !PeekIs(Kw::kCheck) && !PeekIs(Kw::kCheck, 2)) return false;
  ConstraintDef* constraint = New<ConstraintDef>();
  if (Accept(Kw::kConstraint) && AtName()) constraint->name = Name();
  constraint->details = ParseCheck();
  constraints->push_back(constraint);
  return true;
}

// One attribute that only stored columns have; false when the next word is none.
bool Parser::ParseStoredColumnOption(DataType* type, ColumnOptions* options) {
  switch (Cur().word) {
    case Kw::kDefault:
      Advance();
      options->default_value = ParseDefaultValue(&options->default_is_expression);
      return true;
    case Kw::kOn:
      Advance();
      Expect(Kw::kUpdate);
      if (!At(Kw::kNow) && !At(Kw::kCurrentTimestamp) && !At(Kw::kLocaltime) &&
          !At(Kw::kLocaltimestamp)) {
        Fail();
      }
      options->on_update = ParsePrimary();
      return true;
    case Kw::kAutoIncrement:
      Advance();
      options->auto_increment = true;
      return true;
    case Kw::kSerial:  // SERIAL DEFAULT VALUE is these three
      Advance();
      Expect(Kw::kDefault);
      Expect(Kw::kValue);
      options->nullable = Tristate::kNo;
      options->auto_increment = true;
      options->key = ColumnKey::kUnique;
      return true;
    case Kw::kWith:
    case Kw::kWithout:
      if (!PeekIs(Kw::kSystem)) return false;
      options->versioned = At(Kw::kWith) ? Tristate::kYes : Tristate::kNo;
      Advance();
      Advance();
      Expect(Kw::kVersioning);
      return true;
    case Kw::kRefSystemId:
      Advance();
      Expect(Tok::kEqual);
      options->ref_system_id = ParseIntegerLiteral();
      return true;
    case Kw::kCompressed:
      if (!type->compression.empty() || !TypeCompresses(*type)) Fail();
      ParseCompression(type);
      return true;
    default:
      return false;
  }
}

// A literal, a function, a column, or any expression in parentheses.
const Expr* Parser::ParseDefaultValue(bool* is_expression) {
  *is_expression = At(Tok::kLeftParen) && !Cur().is_query;
  if (*is_expression) {
    Advance();
    const Expr* value = ParseExpr();
    Expect(Tok::kRightParen);
    return value;
  }
  if (At(Tok::kMinus) || At(Tok::kPlus)) {
    const Tok next = Peek().type;
    if (next != Tok::kInteger && next != Tok::kDecimal && next != Tok::kFloat) Fail();
    return ParseUnary();
  }
  if (At(Kw::kNot) || At(Kw::kBinary) || At(Kw::kInterval)) Fail();
  const Expr* value = ParsePrimary();
  *is_expression = value->Is<TupleExpr>();  // ROW(1, 2) is printed as (1, 2)
  return value;
}

// FOREIGN KEY ... or CHECK (...), CONSTRAINT name taken.
ConstraintDef* Parser::ParseConstraintDef(Ident name) {
  ConstraintDef* node = New<ConstraintDef>();
  node->name = name;
  if (At(Kw::kCheck)) {
    node->details = ParseCheck();
    return node;
  }
  const uint32_t position = Cur().begin;
  Expect(Kw::kForeign);
  Expect(Kw::kKey);
  const bool if_not_exists = ParseIfNotExists();
  Ident index_name;
  if (AtName()) index_name = Name();
  const List<IndexColumn> columns = ParenList<IndexColumn>(&Parser::ParseIndexColumn);
  ForeignKeyDef* key = ParseReferences();
  key->position = position;
  key->if_not_exists = if_not_exists;
  key->index_name = index_name;
  key->columns = columns;
  node->details = key;
  return node;
}

const CheckDef* Parser::ParseCheck() {
  CheckDef* node = New<CheckDef>();
  Expect(Kw::kCheck);
  Expect(Tok::kLeftParen);
  node->expr = ParseExpr();
  Expect(Tok::kRightParen);
  if (At(Kw::kNot) && PeekIs(Kw::kEnforced)) {
    Advance();
    Advance();
    node->enforced = false;
  } else {
    Accept(Kw::kEnforced);
  }
  return node;
}

ForeignKeyDef* Parser::ParseReferences() {
  ForeignKeyDef* node = New<ForeignKeyDef>();
  Expect(Kw::kReferences);
  node->table = ParseNewTableName();
  if (At(Tok::kLeftParen)) node->referenced_columns = ParenNameList();
  if (Accept(Kw::kMatch)) {
    if (Accept(Kw::kFull)) {
      node->match = MatchAction::kFull;
    } else if (Accept(Kw::kPartial)) {
      node->match = MatchAction::kPartial;
    } else {
      Expect(Kw::kSimple);
      node->match = MatchAction::kSimple;
    }
  }
  while (At(Kw::kOn)) {
    const bool on_delete = PeekIs(Kw::kDelete);
    ReferenceAction& action = on_delete ? node->on_delete : node->on_update;
    if ((!on_delete && !PeekIs(Kw::kUpdate)) || action != ReferenceAction::kNone) break;
    Advance();
    Advance();
    action = ParseReferenceAction();
  }
  return node;
}

ReferenceAction Parser::ParseReferenceAction() {
  if (Accept(Kw::kRestrict)) return ReferenceAction::kRestrict;
  if (Accept(Kw::kCascade)) return ReferenceAction::kCascade;
  if (Accept(Kw::kNo)) {
    Expect(Kw::kAction);
    return ReferenceAction::kNoAction;
  }
  Expect(Kw::kSet);
  if (Accept(Kw::kNull)) return ReferenceAction::kSetNull;
  Expect(Kw::kDefault);
  return ReferenceAction::kSetDefault;
}

namespace {

// Whether '(' right behind the word makes it a function's: in columns' attributes two windows too.
bool IsCallName(std::string_view name) {
  return IsCalledWithoutBlank(name) || Ident::EqualNoCase(name, "last_value") ||
         Ident::EqualNoCase(name, "row_number");
}

}  // namespace

// A table's name where a '(' may follow: count(a) is a call even there.
const TableName* Parser::ParseNewTableName() {
  const Token& next = Peek();
  if (At(Tok::kWord) && next.type == Tok::kLeftParen && next.begin == Cur().end &&
      IsCallName(TokenText(Cur()))) {
    Fail();
  }
  return ParseTableName();
}

}  // namespace tessera::sqlparser
