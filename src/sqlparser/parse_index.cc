// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <string_view>
#include <vector>

#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {

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
  node->has_constraint = has_constraint && !constraint.empty();
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
  if (AtName()) node->name = Name();
  if (node->type == IndexType::kPrimary) node->name = {};  // it is called PRIMARY all the same
  std::vector<const IndexOption*> options;
  if (node->type != IndexType::kFulltext) ParseIndexTypeOption(*node, options);
  ParseIndexColumns(node);
  ParseIndexOptions(node, options);
  return node;
}

// [USING BTREE] in front of the columns.
void Parser::ParseIndexTypeOption(const IndexDef& index, std::vector<const IndexOption*>& options) {
  if (index.type == IndexType::kSpatial || (!At(Kw::kUsing) && !At(Kw::kType))) return;
  options.push_back(ParseIndexOption(index.type));
}

// (column, ...[, period WITHOUT OVERLAPS])
void Parser::ParseIndexColumns(IndexDef* index) {
  const bool unique = index->type == IndexType::kPrimary || index->type == IndexType::kUnique;
  Expect(Tok::kLeftParen);
  ListOf<IndexColumn> columns(*this);
  do {
    if (unique && !columns.empty() && PeekIs(Kw::kWithout) && PeekIs(Kw::kOverlaps, 2)) {
      index->period = Name();
      Advance();
      Advance();
      break;
    }
    columns.Add(ParseIndexColumn());
  } while (Accept(Tok::kComma));
  index->columns = columns.Take();
  Expect(Tok::kRightParen);
}

void Parser::ParseIndexOptions(IndexDef* index, std::vector<const IndexOption*>& options) {
  while (const IndexOption* option = ParseIndexOption(index->type)) options.push_back(option);
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

// Null when no option of such an index starts here.
const IndexOption* Parser::ParseIndexOption(IndexType type) {
  IndexOption* node = New<IndexOption>();
  const Kw word = Cur().word;
  const std::string_view written = TokenText(Cur());
  switch (word) {
    case Kw::kUsing:
    case Kw::kType:
      if (type == IndexType::kSpatial) return nullptr;  // Vitess takes it for FULLTEXT
      Advance();
      node->name = word == Kw::kUsing ? written : "using";
      node->text = At(Tok::kQuotedName) ? NameAsWritten() : AnyName();
      return node;
    case Kw::kWith:
      if (type != IndexType::kFulltext || !PeekIs(Kw::kParser)) return nullptr;
      Advance();
      node->name = Store(std::string(written) + " " + std::string(TokenText(Cur())));
      Advance();
      node->text = NameAsWritten();
      return node;
    case Kw::kKeyBlockSize:
      Advance();
      Accept(Tok::kEqual);
      node->name = written;
      node->value = ParseIntegerLiteral();
      return node;
    case Kw::kComment:
      Advance();
      node->name = written;
      node->value = ParseOneString();
      return node;
    case Kw::kVisible:
    case Kw::kInvisible:
    case Kw::kIgnored:
      Advance();
      node->name = written;
      return node;
    case Kw::kNot:
      if (!PeekIs(Kw::kIgnored)) return nullptr;
      Advance();
      Advance();
      node->name = "not ignored";
      return node;
    case Kw::kEngineAttribute:
    case Kw::kSecondaryEngineAttribute:
      Advance();
      node->name = written;
      Accept(Tok::kEqual);
      node->value = ParseOneString();
      return node;
    default:
      break;
  }
  node->attribute = ParseEngineAttribute();
  return node->attribute == nullptr ? nullptr : node;
}

// CREATE INDEX i ON t (...) is ALTER TABLE t ADD INDEX i (...). At the word behind CREATE.
const Statement* Parser::ParseCreateIndex(Comments comments, bool or_replace) {
  AlterTable* node = NewAt<AlterTable>(0);
  node->source = RestOfText(0);
  node->comments = comments;
  IndexDef* index = New<IndexDef>();
  if (Accept(Kw::kUnique)) {
    index->type = IndexType::kUnique;
  } else if (Accept(Kw::kFulltext)) {
    index->type = IndexType::kFulltext;
  } else if (Accept(Kw::kSpatial)) {
    index->type = IndexType::kSpatial;
  }
  Expect(Kw::kIndex);
  index->or_replace = or_replace;
  index->if_not_exists = ParseIfNotExists();
  index->name = Name();
  std::vector<const IndexOption*> options;
  ParseIndexTypeOption(*index, options);
  Expect(Kw::kOn);
  node->table = ParseTableName();
  ParseIndexColumns(index);
  node->wait = ParseLockWait();
  ParseIndexOptions(index, options);
  AlterOption* add = New<AlterOption>();
  add->action = AlterKind::kAddIndex;
  add->indexes = arena_.CopySpan<const IndexDef*>(std::vector<const IndexDef*>{index});
  std::vector<const AlterOption*> alters{add};
  ParseAlgorithmAndLock(alters);
  node->options = arena_.CopySpan<const AlterOption*>(alters);
  return node;
}

// At the word behind DROP INDEX.
const Statement* Parser::ParseDropIndex(Comments comments) {
  AlterTable* node = NewAt<AlterTable>(0);
  node->source = RestOfText(0);
  node->comments = comments;
  AlterOption* drop = New<AlterOption>();
  drop->if_exists = ParseIfExists();
  drop->action = AlterKind::kDropKey;
  drop->name = Name();
  if (drop->name == Ident("primary")) {
    drop->action = AlterKind::kDropPrimaryKey;
    drop->name = {};
  }
  Expect(Kw::kOn);
  node->table = ParseTableName();
  node->wait = ParseLockWait();
  std::vector<const AlterOption*> alters{drop};
  ParseAlgorithmAndLock(alters);
  node->options = arena_.CopySpan<const AlterOption*>(alters);
  return node;
}

// ALGORITHM = x and LOCK = y behind CREATE INDEX and DROP INDEX, each once.
void Parser::ParseAlgorithmAndLock(std::vector<const AlterOption*>& options) {
  const Kw first = Cur().word;
  if (first != Kw::kAlgorithm && first != Kw::kLock) return;
  options.push_back(ParseAlterOption());
  if ((At(Kw::kAlgorithm) || At(Kw::kLock)) && !At(first)) options.push_back(ParseAlterOption());
}

}  // namespace tessera::sqlparser
