// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <string_view>

#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {
namespace {

// What may stand behind a type's name.
enum TypeTail : uint16_t {
  kTailNone = 0,
  kTailLength = 1,        // (5), or nothing
  kTailMustLength = 2,    // (5)
  kTailScale = 4,         // (5, 2) too
  kTailPair = 8,          // (5, 2), or nothing
  kTailNumber = 16,       // UNSIGNED, ZEROFILL
  kTailBinary = 32,       // BINARY: the character set's binary collation
  kTailCharset = 64,      // CHARACTER SET x, ASCII, UNICODE, BYTE
  kTailCompressed = 128,  // MariaDB's COMPRESSED
  kTailValues = 256,      // ('a', 'b')
  kTailText = kTailBinary | kTailCharset,
};

struct TypeForm {
  std::string_view name;
  uint16_t tail;
};

constexpr TypeForm kTypeForms[] = {
    {"int", kTailLength | kTailNumber},
    {"integer", kTailLength | kTailNumber},
    {"bigint", kTailLength | kTailNumber},
    {"varchar", kTailLength | kTailText | kTailCompressed},
    {"char", kTailLength | kTailText},
    {"character", kTailLength | kTailText},
    {"varcharacter", kTailMustLength | kTailText | kTailCompressed},
    {"text", kTailLength | kTailText | kTailCompressed},
    {"datetime", kTailLength},
    {"timestamp", kTailLength},
    {"date", kTailNone},
    {"time", kTailLength},
    {"year", kTailLength | kTailNumber},
    {"tinyint", kTailLength | kTailNumber},
    {"smallint", kTailLength | kTailNumber},
    {"mediumint", kTailLength | kTailNumber},
    {"middleint", kTailLength | kTailNumber},
    {"int1", kTailLength | kTailNumber},
    {"int2", kTailLength | kTailNumber},
    {"int3", kTailLength | kTailNumber},
    {"int4", kTailLength | kTailNumber},
    {"int8", kTailLength | kTailNumber},
    {"bit", kTailLength},
    {"bool", kTailNone},
    {"boolean", kTailNone},
    {"decimal", kTailLength | kTailScale | kTailNumber},
    {"dec", kTailLength | kTailScale | kTailNumber},
    {"numeric", kTailLength | kTailScale | kTailNumber},
    {"fixed", kTailLength | kTailScale | kTailNumber},
    {"float", kTailLength | kTailScale | kTailNumber},
    {"float4", kTailLength | kTailScale | kTailNumber},
    {"float8", kTailPair | kTailNumber},
    {"double", kTailPair | kTailNumber},
    {"real", kTailPair | kTailNumber},
    {"nchar", kTailLength | kTailBinary},
    {"nvarchar", kTailMustLength | kTailBinary | kTailCompressed},
    {"binary", kTailLength},
    {"varbinary", kTailLength | kTailCompressed},
    {"blob", kTailLength | kTailCompressed},
    {"tinyblob", kTailCompressed},
    {"mediumblob", kTailCompressed},
    {"longblob", kTailCompressed},
    {"tinytext", kTailText | kTailCompressed},
    {"mediumtext", kTailText | kTailCompressed},
    {"longtext", kTailText | kTailCompressed},
    {"json", kTailCompressed},
    {"enum", kTailValues | kTailText},
    {"set", kTailValues | kTailText},
    {"serial", kTailNone},
    {"geometry", kTailLength},
    {"point", kTailLength},
    {"linestring", kTailLength},
    {"polygon", kTailLength},
    {"multipoint", kTailLength},
    {"multilinestring", kTailLength},
    {"multipolygon", kTailLength},
    {"geometrycollection", kTailLength},
    {"geomcollection", kTailLength},
    {"inet4", kTailLength | kTailScale},
    {"inet6", kTailLength | kTailScale},
    {"uuid", kTailLength | kTailScale},
    {"vector", kTailLength},
};

const TypeForm* FindType(std::string_view name) {
  for (const TypeForm& form : kTypeForms) {
    if (Ident::EqualNoCase(form.name, name)) return &form;
  }
  return nullptr;
}

// MariaDB: whose idea of a type is meant.
bool IsTypeSchema(std::string_view name) {
  return Ident::EqualNoCase(name, "mariadb_schema") || Ident::EqualNoCase(name, "oracle_schema") ||
         Ident::EqualNoCase(name, "maxdb_schema");
}

}  // namespace

// The type's name, in one of the few words that Vitess has for it.
std::string_view Parser::ParseTypeName() {
  const std::string_view first = TokenText(Cur());
  const Kw word = Cur().word;
  if (!At(Tok::kWord)) Fail();
  Advance();
  switch (word) {
    case Kw::kDouble:
      Accept(Kw::kPrecision);
      return first;
    case Kw::kNational:
      if (Accept(Kw::kVarchar)) return "nvarchar";
      if (!Accept(Kw::kChar)) Expect(Kw::kCharacter);
      return Accept(Kw::kVarying) ? "nvarchar" : "nchar";
    case Kw::kChar:
    case Kw::kCharacter:
      return Accept(Kw::kVarying) ? "varchar" : first;
    case Kw::kNchar:
      return Accept(Kw::kVarchar) || Accept(Kw::kVarying) ? "nvarchar" : first;
    case Kw::kLong:
      if (Accept(Kw::kVarbinary)) return "mediumblob";
      if (!Accept(Kw::kVarchar) && (Accept(Kw::kChar) || Accept(Kw::kCharacter))) {
        Expect(Kw::kVarying);
      }
      return "mediumtext";
    default:
      return first;
  }
}

DataType* Parser::ParseDataType() {
  DataType* node = New<DataType>();
  std::string_view schema;
  if (IsTypeSchema(TokenText(Cur())) && Peek().type == Tok::kDot) {
    schema = TokenText(Cur());
    Advance();
    Advance();
  }
  const Token start = Cur();
  node->name = ParseTypeName();
  const TypeForm* form = FindType(node->name);
  if (form == nullptr || (start.word == Kw::kSet && !At(Tok::kLeftParen))) {
    FailAt(start);
    return node;
  }
  if (!schema.empty()) node->name = Store(std::string(schema) + "." + std::string(node->name));
  if ((form->tail & kTailValues) != 0) ParseTypeValues(node);
  constexpr int kSizes = kTailLength | kTailMustLength | kTailPair;
  const bool must = (form->tail & kTailMustLength) != 0;
  if ((form->tail & kSizes) != 0 && (must || At(Tok::kLeftParen))) {
    ParseTypeSize(node, (form->tail & (kTailScale | kTailPair)) != 0,
                  (form->tail & kTailPair) != 0);
  }
  if ((form->tail & kTailNumber) != 0) ParseNumberAttributes(node);
  const bool compressed = (form->tail & kTailCompressed) != 0;
  if (compressed) ParseCompression(node);
  if ((form->tail & kTailBinary) != 0) {
    ParseTextAttributes(node, (form->tail & kTailCharset) != 0);
    if (compressed && node->compression.empty()) ParseCompression(node);
  }
  return node;
}

// ('a', 0x62)
void Parser::ParseTypeValues(DataType* type) {
  Expect(Tok::kLeftParen);
  std::vector<std::string_view> values;
  do {
    const Token token = Cur();
    if (Accept(Tok::kString)) {
      std::string quoted;
      AppendQuoted(quoted, NameOf(token));
      values.push_back(Store(quoted));
    } else if (Accept(Tok::kHexNumber) || Accept(Tok::kHexString) || Accept(Tok::kBitNumber) ||
               Accept(Tok::kBitString)) {
      values.push_back(TokenText(token));
    } else {
      Fail();
    }
  } while (Accept(Tok::kComma));
  Expect(Tok::kRightParen);
  type->enum_values = arena_.CopySpan<std::string_view>(std::span<const std::string_view>(values));
}

// (length), or (length, scale)
void Parser::ParseTypeSize(DataType* type, bool scale, bool must_scale) {
  constexpr size_t kMostDigits = 9;  // in both: servers want less than 256
  const auto size = [&] {
    if (scale && At(Tok::kInteger) && TokenText(Cur()).size() > kMostDigits) Fail();
    return ParseIntegerLiteral();
  };
  Expect(Tok::kLeftParen);
  type->length = size();
  if (scale && (must_scale || At(Tok::kComma))) {
    Expect(Tok::kComma);
    type->scale = size();
  }
  Expect(Tok::kRightParen);
}

void Parser::ParseNumberAttributes(DataType* type) {
  while (true) {
    if (Accept(Kw::kUnsigned)) {
      type->is_unsigned = true;
    } else if (Accept(Kw::kZerofill)) {
      type->zerofill = true;
    } else if (!Accept(Kw::kSigned)) {
      return;
    }
  }
}

// Whether COMPRESSED may stand behind the column's other attributes too.
bool Parser::TypeCompresses(const DataType& type) {
  const TypeForm* form = FindType(type.name.substr(type.name.rfind('.') + 1));
  return form != nullptr && (form->tail & kTailCompressed) != 0;
}

// COMPRESSED, COMPRESSED=method
void Parser::ParseCompression(DataType* type) {
  if (!Accept(Kw::kCompressed)) return;
  type->compression = "compressed";
  if (Accept(Tok::kEqual)) {
    type->compression = Store("compressed=" + std::string(Lower(Name())));
  }
}

// BINARY and a character set, in any order, each once.
void Parser::ParseTextAttributes(DataType* type, bool charset) {
  while (At(Tok::kWord)) {
    const bool may_charset = charset && type->charset.empty();
    if (!type->binary && At(Kw::kBinary)) {
      Advance();
      type->binary = true;
    } else if (may_charset && (At(Kw::kCharacter) || At(Kw::kChar)) && PeekIs(Kw::kSet)) {
      Advance();
      Advance();
      type->charset = ParseCharsetName();
    } else if (may_charset && At(Kw::kCharset)) {
      Advance();
      type->charset = ParseCharsetName();
    } else if (may_charset && (At(Kw::kAscii) || At(Kw::kUnicode) || At(Kw::kByte))) {
      type->charset = At(Kw::kAscii) ? "latin1" : At(Kw::kUnicode) ? "ucs2" : "binary";
      Advance();
    } else {
      return;
    }
  }
}

}  // namespace tessera::sqlparser
