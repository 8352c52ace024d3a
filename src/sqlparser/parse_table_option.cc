// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <string_view>
#include <vector>

#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {
namespace {

// What stands behind an option's name.
enum class OptionValue : uint8_t {
  kNone,
  kNumber,
  kNumberOrDefault,
  kSwitch,  // 0, 1, DEFAULT
  kString,
  kSize,      // 4, 4M
  kAnything,  // MySQL's options that MariaDB takes for an engine's attributes
  kRowFormat,
  kInsertMethod,
};

OptionValue KnownOption(Kw word) {
  switch (word) {
    case Kw::kAutoIncrement:
    case Kw::kAvgRowLength:
    case Kw::kChecksum:
    case Kw::kTableChecksum:
    case Kw::kDelayKeyWrite:
    case Kw::kKeyBlockSize:
    case Kw::kMaxRows:
    case Kw::kMinRows:
    case Kw::kSequence:
      return OptionValue::kNumber;
    case Kw::kPageChecksum:
    case Kw::kTransactional:
    case Kw::kStatsSamplePages:
      return OptionValue::kNumberOrDefault;
    case Kw::kPackKeys:
    case Kw::kStatsAutoRecalc:
    case Kw::kStatsPersistent:
      return OptionValue::kSwitch;
    case Kw::kComment:
    case Kw::kConnection:
    case Kw::kPassword:
      return OptionValue::kString;
    case Kw::kAutoextendSize:
      return OptionValue::kSize;
    case Kw::kCompression:
    case Kw::kEncryption:
    case Kw::kEngineAttribute:
    case Kw::kSecondaryEngineAttribute:
      return OptionValue::kAnything;
    case Kw::kRowFormat:
      return OptionValue::kRowFormat;
    case Kw::kInsertMethod:
      return OptionValue::kInsertMethod;
    default:
      return OptionValue::kNone;
  }
}

bool IsRowFormat(Kw word) {
  return word == Kw::kDefault || word == Kw::kDynamic || word == Kw::kFixed ||
         word == Kw::kCompressed || word == Kw::kRedundant || word == Kw::kCompact ||
         word == Kw::kPage;
}

}  // namespace

List<TableOption> Parser::ParseTableOptions() {
  std::vector<const TableOption*> options;
  const TableOption* option = ParseTableOption();
  while (option != nullptr) {
    options.push_back(option);
    const bool more = Accept(Tok::kComma);
    option = ParseTableOption();
    if (more && option == nullptr) Fail();
  }
  return arena_.CopySpan<const TableOption*>(options);
}

// name [=] value; null when none starts here.
const TableOption* Parser::ParseTableOption() {
  TableOption* node = New<TableOption>();
  if (At(Kw::kDefault)) {
    if (!PeekIs(Kw::kCharset) && !PeekIs(Kw::kCharacter) && !PeekIs(Kw::kChar) &&
        !PeekIs(Kw::kCollate)) {
      return nullptr;
    }
    Advance();
  }
  const Token first = Cur();
  node->name = TokenText(first);
  switch (first.word) {
    case Kw::kCharacter:
    case Kw::kChar:
      if (!PeekIs(Kw::kSet)) return nullptr;
      Advance();
      node->name = "charset";
      [[fallthrough]];
    case Kw::kCharset:
      Advance();
      Accept(Tok::kEqual);
      if (At(Kw::kDefault)) {
        node->word = AnyName();
      } else {
        node->identifier = ParseCharsetName();
      }
      return node;
    case Kw::kCollate:
      Advance();
      Accept(Tok::kEqual);
      if (At(Kw::kDefault)) {
        node->word = AnyName();
      } else {
        node->identifier = ParseCollationName();
      }
      return node;
    case Kw::kEngine:
      Advance();
      Accept(Tok::kEqual);
      node->identifier = NonEmptyNameOrString();
      return node;
    case Kw::kTablespace:
      Advance();
      Accept(Tok::kEqual);
      node->identifier = Name();
      if (node->identifier.empty()) Fail();
      return node;
    case Kw::kStorage:
      if (!PeekIs(Kw::kDisk) && !PeekIs(Kw::kMemory)) return nullptr;
      Advance();
      node->word = AnyName();
      return node;
    case Kw::kUnion:
      return ParseUnionOption(node);
    case Kw::kData:
    case Kw::kIndex:
      if (!PeekIs(Kw::kDirectory)) return nullptr;
      Advance();
      Advance();
      node->name = first.word == Kw::kData ? "data directory" : "index directory";
      Accept(Tok::kEqual);
      node->value = ParseOneString();
      return node;
    case Kw::kStart:  // MySQL's, for binary logs
      if (!Accept(Kw::kStart, Kw::kTransaction)) return ParseEngineAttribute();
      node->name = "start transaction";
      return node;
    case Kw::kSecondaryEngine:  // what MySQL has without the sign MariaDB takes with it
      Advance();
      Accept(Tok::kEqual);
      node->is_attribute = true;
      if (At(Kw::kNull)) {
        node->word = AnyName();
      } else {
        ParseAttributeValue(node);
      }
      return node;
    case Kw::kWith:  // MariaDB
      if (!PeekIs(Kw::kSystem)) return nullptr;
      Advance();
      Advance();
      Expect(Kw::kVersioning);
      node->name = "with system versioning";
      return node;
    default:
      return ParseKnownOption(node);
  }
}

// UNION [=] (a, b), the list perhaps empty
const TableOption* Parser::ParseUnionOption(TableOption* node) {
  if (Peek().type != Tok::kEqual && Peek().type != Tok::kLeftParen) return nullptr;
  Advance();
  Accept(Tok::kEqual);
  Expect(Tok::kLeftParen);
  if (!At(Tok::kRightParen)) node->tables = CommaList<TableName>(&Parser::ParseTableName);
  Expect(Tok::kRightParen);
  return node;
}

const TableOption* Parser::ParseKnownOption(TableOption* node) {
  const OptionValue kind = KnownOption(Cur().word);
  if (kind == OptionValue::kNone) return ParseEngineAttribute();
  const Kw word = Cur().word;
  Advance();
  const bool equal = Accept(Tok::kEqual);
  const bool may_default = kind == OptionValue::kNumberOrDefault || kind == OptionValue::kSwitch;
  switch (kind) {
    case OptionValue::kString:
      node->value = ParseOneString();
      return node;
    case OptionValue::kAnything:
      if (!equal && !At(Tok::kString)) Fail();
      ParseAttributeValue(node);
      return node;
    case OptionValue::kRowFormat:
      if (!IsRowFormat(Cur().word)) Fail();
      node->word = AnyName();
      return node;
    case OptionValue::kInsertMethod:
      if (!At(Kw::kNo) && !At(Kw::kFirst) && !At(Kw::kLast)) Fail();
      node->word = AnyName();
      return node;
    default:
      break;
  }
  if ((may_default && At(Kw::kDefault)) || (kind == OptionValue::kSize && At(Tok::kWord))) {
    node->word = AnyName();
    return node;
  }
  const Token token = Cur();
  node->value = ParseIntegerLiteral();
  if (kind == OptionValue::kSwitch && node->value->text != "0" && node->value->text != "1") {
    FailAt(token);
  }
  // The server keeps this one in sixteen bits.
  if (word == Kw::kStatsSamplePages &&
      (node->value->text == "0" || node->value->text.size() > 5 ||
       (node->value->text.size() == 5 && node->value->text > "65535"))) {
    FailAt(token);
  }
  return node;
}

// MariaDB: name = value, whatever a storage engine knows. Null when none starts here.
const TableOption* Parser::ParseEngineAttribute() {
  if (!AtName() || Peek().type != Tok::kEqual) return nullptr;
  // What follows an index in CREATE INDEX, and what ENGINE was called once.
  if (At(Kw::kAlgorithm) || At(Kw::kLock) || At(Kw::kType)) return nullptr;
  TableOption* node = New<TableOption>();
  node->name = Name();
  node->is_attribute = true;
  Advance();
  ParseAttributeValue(node);
  return node;
}

// 'text', 5, 0x1f, a word
void Parser::ParseAttributeValue(TableOption* option) {
  switch (Cur().type) {
    case Tok::kString:
      option->value = ParseOneString();
      return;
    case Tok::kInteger:
      option->value = ParseIntegerLiteral();
      return;
    case Tok::kHexNumber:
      option->value = ParseLiteralToken(LiteralType::kHexNumber);
      return;
    default:
      if (At(Kw::kDefault)) {
        option->word = AnyName();
      } else {
        option->identifier = NonEmptyNameOrString();
      }
      return;
  }
}

// A string literal of one piece.
const Literal* Parser::ParseOneString() {
  if (!At(Tok::kString) || Peek().type == Tok::kString) Fail();
  return ParseStringLiteral();
}

std::string_view Parser::ParseCharsetOrDefault() {
  if (Accept(Kw::kDefault)) return "default";
  return ParseCharsetName();
}

std::string_view Parser::ParseCollationOrDefault() {
  if (Accept(Kw::kDefault)) return "default";
  return ParseCollationName();
}

}  // namespace tessera::sqlparser
