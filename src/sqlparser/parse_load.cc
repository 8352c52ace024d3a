// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {

const Statement* Parser::ParseLoad() {
  if (PeekIs(Kw::kIndex)) return ParseKeyCache(true);
  Load* node = New<Load>();
  Advance();
  node->xml = Accept(Kw::kXml);
  if (!node->xml) Expect(Kw::kData);
  ParseLoadSource(node);
  if (AcceptPhrase("replace")) {
    node->duplicates = "replace";
  } else if (AcceptPhrase("ignore")) {
    node->duplicates = "ignore";
  }
  if (node->from_s3 && AtEnd()) return node;
  ExpectPhrase("into table");
  node->table = ParseLoadTable();
  if (Accept(Kw::kPartition)) node->partitions = ParenNameList();
  if (At(Kw::kCharset) || (At(Kw::kCharacter) && PeekIs(Kw::kSet))) {
    Advance();
    Accept(Kw::kSet);
    node->charset = Accept(Kw::kDefault) ? "default" : ParseCharsetName();
  }
  node->format = ParseLoadFormat();
  Clause skip(*this);
  if (skip.Accept("ignore")) {
    if (At(Tok::kHexNumber)) Fail();
    skip.Integer();
    if (!AcceptPhrase("rows")) ExpectPhrase("lines");
    skip.Add("lines");
  }
  node->skip = skip.Take();
  if (At(Tok::kLeftParen)) {
    Advance();
    node->has_targets = true;
    if (!At(Tok::kRightParen)) node->targets = CommaList<Expr>(&Parser::ParseLoadTarget);
    Expect(Tok::kRightParen);
  }
  if (Accept(Kw::kSet)) node->set = CommaList<Assignment>(&Parser::ParseAssignment);
  node->options = ParseBulkOptions();
  return node;
}

// [LOW_PRIORITY | CONCURRENT] [LOCAL] INFILE 'x' | FROM {INFILE | URL | S3 [FILE ...]} 'x'
void Parser::ParseLoadSource(Load* node) {
  Clause head(*this);
  head.AcceptOne({"low_priority", "concurrent"});
  if (head.Accept("from")) {
    head.ExpectOne({"infile", "url", "s3"});
    if (head.Accept("file") || head.Accept("prefix") || head.Accept("manifest")) {
      node->from_s3 = true;
    }
  } else {
    head.Accept("local");
    head.Accept("from");
    head.Expect("infile");
  }
  node->head = head.Take();
  node->source = OneString();
  Clause bulk(*this);
  if (bulk.Accept("count")) bulk.Integer();
  bulk.Accept("in primary key order");
  node->bulk = bulk.Take();
}

// Vitess takes a string for the table.
const TableName* Parser::ParseLoadTable() {
  if (!At(Tok::kString)) return ParseTableName();
  TableName* name = New<TableName>();
  name->name = StringValue();
  return name;
}

// 'text', 0x.., b'..': what divides fields may be unprintable.
void Parser::ParseSeparator(Clause& text) {
  switch (Cur().type) {
    case Tok::kHexNumber:
    case Tok::kHexString:
    case Tok::kBitNumber:
    case Tok::kBitString:
      text.Add(TokenText(Cur()));
      Advance();
      return;
    default:
      text.String();
  }
}

// [ROWS IDENTIFIED BY '<r>'] [{FIELDS | COLUMNS} ...] [LINES ...]
std::string_view Parser::ParseLoadFormat() {
  Clause text(*this);
  if (text.Accept("compression")) {
    text.Equal(true);
    text.String();
  }
  if (text.Accept("rows identified by")) ParseSeparator(text);
  if (AcceptPhrase("fields") || AcceptPhrase("columns")) {
    text.Add("fields");
    bool any = false;
    while (
        text.AcceptOne({"terminated by", "optionally enclosed by", "enclosed by", "escaped by"})) {
      ParseSeparator(text);
      any = true;
    }
    if (!any) Fail();
  }
  if (text.Accept("lines")) {
    bool any = false;
    while (text.AcceptOne({"terminated by", "starting by"})) {
      ParseSeparator(text);
      any = true;
    }
    if (!any) Fail();
  }
  return text.Take();
}

const Expr* Parser::ParseLoadTarget() {
  if (At(Tok::kUserVariable)) return ParseVariable();
  return ParseColumnRef();
}

// MySQL's bulk load: PARALLEL = 4 MEMORY = 1G ALGORITHM = BULK
std::string_view Parser::ParseBulkOptions() {
  Clause text(*this);
  if (text.Accept("parallel")) {
    text.Equal(true);
    text.Integer();
  }
  if (text.Accept("memory")) {
    text.Equal(true);
    text.SizeNumber();
  }
  if (text.Accept("algorithm")) {
    text.Equal(true);
    text.Expect("bulk");
  }
  return text.Take();
}

}  // namespace tessera::sqlparser
