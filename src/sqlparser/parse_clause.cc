// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {

bool Parser::AtPhrase(std::string_view phrase) const {
  for (size_t n = 0; !phrase.empty(); ++n) {
    const size_t blank = phrase.find(' ');
    const Token& token = Peek(n);
    if (token.type != Tok::kWord || !Ident::EqualNoCase(TokenText(token), phrase.substr(0, blank)))
      return false;
    if (blank == std::string_view::npos) return true;
    phrase.remove_prefix(blank + 1);
  }
  return true;
}

bool Parser::AcceptPhrase(std::string_view phrase) {
  if (!AtPhrase(phrase)) return false;
  Advance();
  for (const char c : phrase) {
    if (c == ' ') Advance();
  }
  return true;
}

bool Parser::Clause::Accept(std::string_view phrase) {
  if (!parser_.AcceptPhrase(phrase)) return false;
  Add(phrase);
  return true;
}

void Parser::Clause::Expect(std::string_view phrase) {
  if (!Accept(phrase)) parser_.Fail();
}

bool Parser::Clause::AcceptOne(std::initializer_list<std::string_view> phrases) {
  for (const std::string_view phrase : phrases) {
    if (Accept(phrase)) return true;
  }
  return false;
}

void Parser::Clause::ExpectOne(std::initializer_list<std::string_view> phrases) {
  if (!AcceptOne(phrases)) parser_.Fail();
}

bool Parser::Clause::Comma() {
  if (!parser_.Accept(Tok::kComma)) return false;
  Append(",");
  return true;
}

void Parser::Clause::Equal(bool optional) {
  const bool found = parser_.Accept(Tok::kEqual);
  if (!found && !optional) parser_.Fail();
  Add("=");
}

void Parser::Clause::Name() {
  Add({});
  AppendIdentifier(text_, parser_.Name());
}

void Parser::Clause::NameOrString() {
  if (parser_.At(Tok::kString)) return String();
  Name();
}

void Parser::Clause::String() {
  Add({});
  AppendQuoted(text_, parser_.OneString());
}

void Parser::Clause::Integer() {
  if (!parser_.At(Tok::kInteger) && !parser_.At(Tok::kHexNumber)) parser_.Fail();
  Add(parser_.TokenText(parser_.Cur()));
  parser_.Advance();
}

void Parser::Clause::Number() {
  if (parser_.Accept(Tok::kMinus)) {
    Add("-");
  } else {
    parser_.Accept(Tok::kPlus);
    Add({});
  }
  const Tok type = parser_.Cur().type;
  if (type != Tok::kInteger && type != Tok::kHexNumber && type != Tok::kDecimal &&
      type != Tok::kFloat) {
    parser_.Fail();
  }
  Append(parser_.TokenText(parser_.Cur()));
  parser_.Advance();
}

// (1, 2) or ()
void Parser::Clause::IntegerList() {
  parser_.Expect(Tok::kLeftParen);
  Add("(");
  if (!parser_.At(Tok::kRightParen)) {
    do {
      Integer();
    } while (Comma());
  }
  parser_.Expect(Tok::kRightParen);
  Append(")");
}

void Parser::Clause::SizeNumber() {
  const std::string_view text = parser_.TokenText(parser_.Cur());
  const bool digit = !text.empty() && text.front() >= '0' && text.front() <= '9';
  if (parser_.At(Tok::kString)) return String();
  if (!digit) parser_.Fail();
  Add(text);  // 10m is a word to the lexer
  parser_.Advance();
}

void Parser::Clause::QualifiedName() {
  Name();
  if (!parser_.Accept(Tok::kDot)) return;
  Append(".");
  AppendName(parser_.AnyName());
}

void Parser::Clause::AppendName(std::string_view name) { AppendIdentifier(text_, name); }

void Parser::Clause::User() { Add(parser_.ParseUser()); }

void Parser::Clause::Users() {
  do {
    User();
  } while (Comma());
}

void Parser::Clause::Add(std::string_view text) {
  if (!text_.empty() && !text_.ends_with('(')) text_.push_back(' ');
  text_.append(text);
}

std::string_view Parser::ParseForChannel() {
  if (!AcceptPhrase("for channel")) return {};
  Clause channel(*this);
  channel.String();
  return channel.Take();
}

}  // namespace tessera::sqlparser
