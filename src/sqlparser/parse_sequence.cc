// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {

// At the word SEQUENCE.
const Statement* Parser::ParseCreateSequence(Comments comments, bool or_replace, bool temporary) {
  CreateSequence* node = NewAt<CreateSequence>(0);
  node->source = RestOfText(0);
  node->comments = comments;
  node->or_replace = or_replace;
  node->temporary = temporary;
  Advance();
  node->if_not_exists = ParseIfNotExists();
  node->name = ParseTableName();
  node->options = ParseSequenceOptions(false);
  node->table_options = ParseTableOptions();
  return node;
}

const Statement* Parser::ParseAlterSequence(Comments comments) {
  AlterSequence* node = NewAt<AlterSequence>(0);
  node->source = RestOfText(0);
  node->comments = comments;
  Advance();
  node->if_exists = ParseIfExists();
  node->name = ParseTableName();
  node->options = ParseSequenceOptions(true);
  if (node->options.empty()) Fail();
  return node;
}

const Statement* Parser::ParseDropSequence(Comments comments, bool temporary) {
  DropSequence* node = NewAt<DropSequence>(0);
  node->source = RestOfText(0);
  node->comments = comments;
  node->temporary = temporary;
  Advance();
  node->if_exists = ParseIfExists();
  node->names = CommaList<TableName>(&Parser::ParseTableName);
  return node;
}

List<SequenceOption> Parser::ParseSequenceOptions(bool may_restart) {
  ListOf<SequenceOption> options(*this);
  while (const SequenceOption* option = ParseSequenceOption(may_restart)) options.Add(option);
  return options.Take();
}

// Null when none starts here.
const SequenceOption* Parser::ParseSequenceOption(bool may_restart) {
  SequenceOption* node = New<SequenceOption>();
  switch (Cur().word) {
    case Kw::kStart:
      node->type = SequenceOptionType::kStart;
      Advance();
      if (!Accept(Kw::kWith)) Accept(Tok::kEqual);
      break;
    case Kw::kRestart:
      if (!may_restart) return nullptr;
      node->type = SequenceOptionType::kRestart;
      Advance();
      if (!Accept(Kw::kWith) && !Accept(Tok::kEqual) && !At(Tok::kInteger) && !At(Tok::kMinus) &&
          !At(Tok::kPlus)) {
        return node;
      }
      break;
    case Kw::kIncrement:
      node->type = SequenceOptionType::kIncrement;
      Advance();
      if (!Accept(Kw::kBy)) Accept(Tok::kEqual);
      break;
    case Kw::kMinvalue:
    case Kw::kMaxvalue:
    case Kw::kCache:
      node->type = At(Kw::kMinvalue)   ? SequenceOptionType::kMinvalue
                   : At(Kw::kMaxvalue) ? SequenceOptionType::kMaxvalue
                                       : SequenceOptionType::kCache;
      Advance();
      Accept(Tok::kEqual);
      break;
    case Kw::kNo:
      Advance();
      node->type =
          At(Kw::kMinvalue) ? SequenceOptionType::kNoMinvalue : SequenceOptionType::kNoMaxvalue;
      if (!Accept(Kw::kMinvalue)) Expect(Kw::kMaxvalue);
      return node;
    case Kw::kNominvalue:
      Advance();
      node->type = SequenceOptionType::kNoMinvalue;
      return node;
    case Kw::kNomaxvalue:
      Advance();
      node->type = SequenceOptionType::kNoMaxvalue;
      return node;
    case Kw::kNocache:
      Advance();
      node->type = SequenceOptionType::kNocache;
      return node;
    case Kw::kCycle:
      Advance();
      node->type = SequenceOptionType::kCycle;
      return node;
    case Kw::kNocycle:
      Advance();
      node->type = SequenceOptionType::kNocycle;
      return node;
    default:
      return nullptr;
  }
  node->negative = Accept(Tok::kMinus);
  if (!node->negative) Accept(Tok::kPlus);
  constexpr size_t kMostDigits = 20;  // of an unsigned BIGINT
  if (At(Tok::kInteger) && TokenText(Cur()).size() > kMostDigits) Fail();
  node->value = ParseIntegerLiteral();
  return node;
}

}  // namespace tessera::sqlparser
