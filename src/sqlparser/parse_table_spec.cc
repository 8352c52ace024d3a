// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {

// (columns, indexes, constraints) options partitions
const TableSpec* Parser::ParseTableSpec(bool parenthesised) {
  TableSpec* node = New<TableSpec>();
  std::vector<const ColumnDef*> columns;
  std::vector<const IndexDef*> indexes;
  std::vector<const ConstraintDef*> constraints;
  if (parenthesised) {
    Expect(Tok::kLeftParen);
    do {
      if (At(Kw::kConstraint)) {
        Advance();
        Ident name;
        if (AtName() && !At(Kw::kCheck)) name = Name();
        if (At(Kw::kPrimary) || At(Kw::kUnique)) {
          indexes.push_back(ParseIndexDef(name, true));
        } else {
          constraints.push_back(ParseConstraintDef(name));
        }
      } else if (At(Kw::kCheck) || At(Kw::kForeign)) {
        constraints.push_back(ParseConstraintDef({}));
      } else if (AtIndexDef()) {
        indexes.push_back(ParseIndexDef({}, false));
      } else {
        columns.push_back(ParseColumnDef(&constraints));
      }
    } while (Accept(Tok::kComma));
    Expect(Tok::kRightParen);
  }
  node->columns = arena_.CopySpan<const ColumnDef*>(columns);
  node->indexes = arena_.CopySpan<const IndexDef*>(indexes);
  node->constraints = arena_.CopySpan<const ConstraintDef*>(constraints);
  node->options = ParseTableOptions();
  if (At(Kw::kPartition)) node->partition = ParsePartitionOption();
  return node;
}

const ColumnDef* Parser::ParseColumnDef(std::vector<const ConstraintDef*>* constraints) {
  ColumnDef* node = New<ColumnDef>();
  node->name = Name();
  node->type = ParseDataType();
  node->options = ParseColumnOptions(constraints);
  return node;
}

const DataType* Parser::ParseDataType() {
  DataType* node = New<DataType>();
  if (!At(Tok::kWord)) Fail();
  const Kw word = Cur().word;
  node->name = TokenText(Cur());
  if (word == Kw::kNone && IsReserved(word)) Fail();
  Advance();
  switch (word) {
    case Kw::kDouble:
      Accept(Kw::kPrecision);
      break;
    case Kw::kNational:
      if (Accept(Kw::kVarchar)) {
        node->name = "nvarchar";
      } else if (Accept(Kw::kChar) || Accept(Kw::kCharacter)) {
        node->name = Accept(Kw::kVarying) ? "nvarchar" : "nchar";
      } else {
        Fail();
      }
      break;
    case Kw::kChar:
    case Kw::kCharacter:
      if (Accept(Kw::kVarying)) node->name = "varchar";
      break;
    case Kw::kNchar:
      if (Accept(Kw::kVarchar) || Accept(Kw::kVarying)) node->name = "nvarchar";
      break;
    case Kw::kLong:
      node->name = "mediumtext";
      if (Accept(Kw::kVarbinary)) {
        node->name = "mediumblob";
      } else if (!Accept(Kw::kVarchar) && (Accept(Kw::kChar) || Accept(Kw::kCharacter))) {
        Expect(Kw::kVarying);
      }
      break;
    case Kw::kEnum:
    case Kw::kSet: {
      Expect(Tok::kLeftParen);
      std::vector<std::string_view> values;
      do {
        std::string quoted;
        AppendQuoted(quoted, StringValue());
        values.push_back(Store(quoted));
      } while (Accept(Tok::kComma));
      Expect(Tok::kRightParen);
      node->enum_values =
          arena_.CopySpan<std::string_view>(std::span<const std::string_view>(values));
      break;
    }
    default:
      break;
  }
  if (Accept(Tok::kLeftParen)) {
    if (!At(Tok::kRightParen)) {
      if (At(Kw::kMax) || At(Tok::kStar)) Fail();
      node->length = ParseIntegerLiteral();
      if (Accept(Tok::kComma)) node->scale = ParseIntegerLiteral();
    }
    Expect(Tok::kRightParen);
  }
  ParseTypeAttributes(node);
  return node;
}

void Parser::ParseTypeAttributes(DataType* type) {
  while (At(Tok::kWord)) {
    if (Accept(Kw::kUnsigned)) {
      type->is_unsigned = true;
    } else if (Accept(Kw::kZerofill)) {
      type->zerofill = true;
    } else if (Accept(Kw::kSigned)) {
    } else if (At(Kw::kBinary)) {
      Advance();
      type->binary = true;
    } else if ((At(Kw::kCharacter) || At(Kw::kChar)) && PeekIs(Kw::kSet)) {
      Advance();
      Advance();
      type->charset = ParseCharsetName();
    } else if (At(Kw::kCharset)) {
      Advance();
      type->charset = ParseCharsetName();
    } else if (At(Kw::kAscii) || At(Kw::kUnicode) || At(Kw::kByte)) {
      type->charset = At(Kw::kAscii) ? "latin1" : At(Kw::kUnicode) ? "ucs2" : "binary";
      Advance();
    } else {
      return;
    }
  }
}

const ColumnOptions* Parser::ParseColumnOptions(std::vector<const ConstraintDef*>* constraints) {
  ColumnOptions* options = New<ColumnOptions>();
  while (At(Tok::kWord) && ParseColumnOption(options, constraints)) {
  }
  return options;
}

// One attribute of a column; false when the next word is none.
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
    case Kw::kDefault:
      Advance();
      ParseDefault(options);
      return true;
    case Kw::kOn:
      Advance();
      Expect(Kw::kUpdate);
      options->on_update = ParsePrimary();
      return true;
    case Kw::kAutoIncrement:
      Advance();
      options->auto_increment = true;
      return true;
    case Kw::kComment:
      Advance();
      options->comment = ParseStringLiteral();
      return true;
    case Kw::kCollate: {
      Advance();
      const size_t begin = Cur().begin;
      const bool string = At(Tok::kString);
      const std::string_view name = ParseCollationName();
      options->collate = string ? Source(begin, LastEnd()) : name;
      return true;
    }
    case Kw::kGenerated:
      Advance();
      Expect(Kw::kAlways);
      if (!At(Kw::kAs)) Fail();
      return true;
    case Kw::kAs:
      Advance();
      if (At(Kw::kRow)) {  // MariaDB: AS ROW START, AS ROW END
        Advance();
        const bool start = At(Kw::kStart);
        if (!Accept(Kw::kStart)) Expect(Kw::kEnd);
        options->more = start ? " generated always as row start" : " generated always as row end";
        return true;
      }
      Expect(Tok::kLeftParen);
      options->generated_as = ParseExpr();
      Expect(Tok::kRightParen);
      options->storage = GeneratedStorage::kVirtual;
      return true;
    case Kw::kVirtual:
      Advance();
      options->storage = GeneratedStorage::kVirtual;
      return true;
    case Kw::kStored:
      Advance();
      options->storage = GeneratedStorage::kStored;
      return true;
    case Kw::kPersistent:
      Advance();
      options->storage = GeneratedStorage::kPersistent;
      return true;
    case Kw::kPrimary:
      Advance();
      Expect(Kw::kKey);
      options->key = ColumnKey::kPrimary;
      return true;
    case Kw::kUnique:
      Advance();
      options->key = Accept(Kw::kKey) ? ColumnKey::kUniqueKey : ColumnKey::kUnique;
      return true;
    case Kw::kKey:
      Advance();
      options->key = ColumnKey::kKey;
      return true;
    case Kw::kReferences:
      options->reference = ParseReferences();
      return true;
    case Kw::kConstraint:
    case Kw::kCheck: {
      Ident name;
      if (Accept(Kw::kConstraint) && AtName()) name = Name();
      ConstraintDef* constraint = New<ConstraintDef>();
      constraint->name = name;
      constraint->details = ParseCheck();
      if (constraints == nullptr) {
        Fail();
      } else {
        constraints->push_back(constraint);
      }
      return true;
    }
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
      options->column_format = Lower(AnyName());
      return true;
    case Kw::kStorage:
      Advance();
      options->column_storage = Lower(AnyName());
      return true;
    case Kw::kEngineAttribute:
      Advance();
      Accept(Tok::kEqual);
      options->engine_attribute = ParseStringLiteral();
      return true;
    case Kw::kSecondaryEngineAttribute:
      Advance();
      Accept(Tok::kEqual);
      options->secondary_engine_attribute = ParseStringLiteral();
      return true;
    default:
      return ParseMariadbColumnOption(options);
  }
}

// COMPRESSED, WITH[OUT] SYSTEM VERSIONING, REF_SYSTEM_ID=n and engine-defined name=value.
bool Parser::ParseMariadbColumnOption(ColumnOptions* options) {
  const size_t begin = Cur().begin;
  if (At(Kw::kCompressed)) {
    Advance();
    if (Accept(Tok::kEqual)) AnyName();
  } else if ((At(Kw::kWith) || At(Kw::kWithout)) && PeekIs(Kw::kSystem)) {
    Advance();
    Advance();
    Expect(Kw::kVersioning);
  } else if (AtName() && Peek().type == Tok::kEqual) {
    Advance();
    Advance();
    if (At(Tok::kLeftParen)) Fail();
    ParseUnary();
  } else {
    return false;
  }
  options->more = Store(std::string(options->more) + " " + std::string(Source(begin, LastEnd())));
  return true;
}

void Parser::ParseDefault(ColumnOptions* options) {
  options->default_value = ParseDefaultValue(&options->default_is_expression);
}

// A literal, CURRENT_TIMESTAMP, or any expression in parentheses.
const Expr* Parser::ParseDefaultValue(bool* is_expression) {
  *is_expression = At(Tok::kLeftParen);
  if (*is_expression) {
    Advance();
    const Expr* value = ParseExpr();
    Expect(Tok::kRightParen);
    return value;
  }
  return ParseBinary(7);
}

bool Parser::AtIndexDef() const {
  switch (Cur().word) {
    case Kw::kPrimary:
    case Kw::kUnique:
    case Kw::kFulltext:
    case Kw::kSpatial:
    case Kw::kIndex:
    case Kw::kKey:
      return true;
    default:
      return false;
  }
}

const IndexDef* Parser::ParseIndexDef(Ident constraint, bool has_constraint) {
  IndexDef* node = New<IndexDef>();
  node->constraint = constraint;
  node->has_constraint = has_constraint;
  std::vector<const IndexOption*> options;
  switch (Cur().word) {
    case Kw::kPrimary:
      node->type = IndexType::kPrimary;
      break;
    case Kw::kUnique:
      node->type = IndexType::kUnique;
      break;
    case Kw::kFulltext:
      node->type = IndexType::kFulltext;
      break;
    case Kw::kSpatial:
      node->type = IndexType::kSpatial;
      break;
    default:
      break;
  }
  Advance();
  if (node->type == IndexType::kPrimary) {
    Expect(Kw::kKey);
  } else if (node->type != IndexType::kDefault && !Accept(Kw::kKey)) {
    Accept(Kw::kIndex);
  }
  node->if_not_exists = ParseIfNotExists();
  if (AtName() && !At(Kw::kType)) node->name = Name();
  ParseIndexTail(node, options);
  return node;
}

// [USING type] (columns) options
void Parser::ParseIndexTail(IndexDef* index, std::vector<const IndexOption*>& options) {
  while (At(Kw::kUsing) || At(Kw::kType)) options.push_back(ParseIndexOption());
  index->columns = ParenList<IndexColumn>(&Parser::ParseIndexColumn);
  while (const IndexOption* option = ParseIndexOption()) options.push_back(option);
  index->options = arena_.CopySpan<const IndexOption*>(options);
}

const IndexColumn* Parser::ParseIndexColumn() {
  IndexColumn* node = New<IndexColumn>();
  if (Accept(Tok::kLeftParen)) {
    node->expr = ParseExpr();
    Expect(Tok::kRightParen);
  } else {
    node->column = Name();
    if (Accept(Tok::kLeftParen)) {
      node->length = ParseIntegerLiteral();
      Expect(Tok::kRightParen);
    }
  }
  if (Accept(Kw::kDesc)) {
    node->descending = true;
  } else {
    Accept(Kw::kAsc);
  }
  return node;
}

// Null when no option starts here.
const IndexOption* Parser::ParseIndexOption() {
  IndexOption* node = New<IndexOption>();
  switch (Cur().word) {
    case Kw::kUsing:
    case Kw::kType:
      Advance();
      node->name = "using";
      node->text = AnyName();
      return node;
    case Kw::kKeyBlockSize:
      Advance();
      Accept(Tok::kEqual);
      node->name = "key_block_size";
      node->value = ParseIntegerLiteral();
      return node;
    case Kw::kComment:
      Advance();
      node->name = "comment";
      node->value = ParseStringLiteral();
      return node;
    case Kw::kVisible:
    case Kw::kInvisible:
      node->name = KeywordText(Cur().word);
      Advance();
      return node;
    case Kw::kWith:
      if (!PeekIs(Kw::kParser)) return nullptr;
      Advance();
      Advance();
      node->name = "with parser";
      node->text = Name();
      return node;
    case Kw::kEngineAttribute:
    case Kw::kSecondaryEngineAttribute:
      node->name = KeywordText(Cur().word);
      Advance();
      Accept(Tok::kEqual);
      node->value = ParseStringLiteral();
      return node;
    default:
      break;
  }
  const std::string_view word = At(Tok::kWord) ? Lower(TokenText(Cur())) : std::string_view();
  if (word == "ignored" || (word == "not" && Ident(TokenText(Peek())) == Ident("ignored"))) {
    if (word == "not") Advance();
    Advance();
    node->name = word == "not" ? "not ignored" : "ignored";
    return node;
  }
  return nullptr;
}

// FOREIGN KEY ... or CHECK (...), CONSTRAINT name taken.
const ConstraintDef* Parser::ParseConstraintDef(Ident name) {
  ConstraintDef* node = New<ConstraintDef>();
  node->name = name;
  if (At(Kw::kCheck)) {
    node->details = ParseCheck();
    return node;
  }
  const uint32_t position = Cur().begin;
  Expect(Kw::kForeign);
  Expect(Kw::kKey);
  ParseIfNotExists();
  Ident index_name;
  if (AtName()) index_name = Name();
  std::span<const Ident> columns = ParenNameList();
  ForeignKeyDef* key = arena_.New<ForeignKeyDef>(*ParseReferences());
  key->position = position;
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

const ForeignKeyDef* Parser::ParseReferences() {
  ForeignKeyDef* node = New<ForeignKeyDef>();
  Expect(Kw::kReferences);
  node->table = ParseTableName();
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
  while (At(Kw::kOn) && (PeekIs(Kw::kDelete) ||
                         (PeekIs(Kw::kUpdate) && node->on_update == ReferenceAction::kNone))) {
    Advance();
    const bool on_delete = At(Kw::kDelete);
    Advance();
    (on_delete ? node->on_delete : node->on_update) = ParseReferenceAction();
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

}  // namespace tessera::sqlparser
