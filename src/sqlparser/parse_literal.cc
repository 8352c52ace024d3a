// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"

// Expressions of few tokens: literals, parameters, variables; names of character sets.
namespace tessera::sqlparser {

const Literal* Parser::ParseLiteralToken(LiteralType type) {
  Literal* node = New<Literal>();
  node->type = type;
  std::string_view text = TokenText(Cur());
  if (type == LiteralType::kHexString) text = text.substr(2, text.size() - 3);
  if (type == LiteralType::kBit && Cur().type == Tok::kBitString) {
    text = Store("0b" + std::string(text.substr(2, text.size() - 3)));
  }
  node->text = text;
  Advance();
  return node;
}

const Literal* Parser::ParseStringLiteral() {
  Literal* node = New<Literal>();
  node->type = At(Tok::kNational) ? LiteralType::kNational : LiteralType::kString;
  node->text = StringValue();
  return node;
}

const Literal* Parser::ParseIntegerLiteral() {
  if (!At(Tok::kInteger)) Fail();
  return ParseLiteralToken(LiteralType::kInteger);
}

const Expr* Parser::ParseBindToken() {
  BindVar* node = New<BindVar>();
  const std::string_view text = TokenText(Cur());
  if (At(Tok::kQuestion)) {
    node->name = Store("v" + std::to_string(++question_marks_));
  } else {
    node->is_list = At(Tok::kListBind);
    node->name = text.substr(node->is_list ? 2 : 1);
  }
  Advance();
  return node;
}

// {d '2020-01-01'}, {t ...}, {ts ...}: ODBC's way to write them. {fn f(x)} is f(x).
const Expr* Parser::ParseOdbc() {
  Literal* node = New<Literal>();
  Advance();
  const std::string_view word = Lower(TokenText(Cur()));
  if (!At(Tok::kWord)) Fail();
  Advance();
  if (Peek(0).type != Tok::kString) {
    const Expr* expr = ParseExpr();
    Expect(Tok::kRightBrace);
    return expr;
  }
  node->text = StringValue();
  if (word == "d") {
    node->type = LiteralType::kDate;
  } else if (word == "t") {
    node->type = LiteralType::kTime;
  } else if (word == "ts") {
    node->type = LiteralType::kTimestamp;
  }
  Expect(Tok::kRightBrace);
  return node;
}

const Variable* Parser::ParseVariable() {
  Variable* node = New<Variable>();
  const Token token = Cur();
  std::string_view text = NameOf(token);
  Advance();
  if (token.type == Tok::kUserVariable) {
    node->scope = VariableScope::kUser;
    node->name = text;
    if (text.empty()) FailAt(token);
    return node;
  }
  if (text.empty()) FailAt(token);
  const std::string_view written = text;
  node->scope = VariableScope::kSession;
  const size_t dot = text.find('.');
  if (dot != std::string_view::npos) {
    const std::string_view scope = Lower(text.substr(0, dot));
    bool known = true;
    if (scope == "global") {
      node->scope = VariableScope::kGlobal;
    } else if (scope == "persist") {
      node->scope = VariableScope::kPersist;
    } else if (scope == "persist_only") {
      node->scope = VariableScope::kPersistOnly;
    } else if (scope == "vitess_metadata") {
      node->scope = VariableScope::kVitessMetadata;
    } else {
      known = scope == "session" || scope == "local";
    }
    if (known) text = text.substr(dot + 1);
  }
  if (text.empty() || text.front() == '.' || text.back() == '.') FailAt(token);
  CheckKeyCache(text, text.size() < written.size(), token);
  // SET @@transaction_isolation without a scope is about the next transaction.
  if (text.size() == written.size() && (Ident(text) == Ident("transaction_isolation") ||
                                        Ident(text) == Ident("transaction_read_only"))) {
    node->scope = VariableScope::kNextTx;
  }
  node->name = text;
  return node;
}

// @@global.session.x: words of scopes name no key cache; DEFAULT does behind a scope.
void Parser::CheckKeyCache(std::string_view name, bool scoped, const Token& token) {
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos) return;
  const Ident cache(name.substr(0, dot));
  if (TokenText(token).find('`') != std::string_view::npos) return;
  const bool bare_default = cache == "default" && !scoped;
  if (bare_default || cache == "global" || cache == "session" || cache == "local") FailAt(token);
}

std::string_view Parser::ParseCharsetName() {
  if (At(Kw::kBinary)) {
    Advance();
    return "binary";
  }
  if (At(Kw::kAscii)) {
    Advance();
    return "ascii";
  }
  const std::string_view name = NonEmptyNameOrString();
  return Ident::EqualNoCase(name, "binary") ? "binary" : name;
}

std::string_view Parser::ParseCollationName() {
  if (At(Kw::kBinary)) {
    Advance();
    return "binary";
  }
  return NonEmptyNameOrString();
}

}  // namespace tessera::sqlparser
