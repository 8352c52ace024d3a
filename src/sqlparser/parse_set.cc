// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {

const SetItem* Parser::MakeSetItem(VariableScope scope, std::string_view name, const Expr* value) {
  Variable* variable = New<Variable>();
  variable->scope = scope;
  variable->name = name;
  SetItem* item = New<SetItem>();
  item->variable = variable;
  item->value = value;
  return item;
}

// SET item, item, ... Accounts have forms of their own.
const Statement* Parser::ParseSet() {
  const uint32_t position = Cur().begin;
  const Kw next = Peek().word;
  const bool named = Peek(2).type == Tok::kEqual || Peek(2).type == Tok::kAssign;
  if (!named && next == Kw::kResource) return ParseSetResourceGroup();
  if (next == Kw::kStatement && !named) return ParseSetForStatement();
  Advance();
  SetStatement* node = NewAt<SetStatement>(position);
  node->comments = TakeComments();
  ListOf<SetItem> items(*this);
  while (!AtSetAccount()) {
    ParseSetItem(items);
    if (Accept(Tok::kComma)) continue;
    node->items = items.Take();
    return node;
  }
  return ParseSetAccounts(position, items.Take());
}

// SET STATEMENT a = 1, b = 2 FOR statement
const Statement* Parser::ParseSetForStatement() {
  const Depth depth(*this);
  SetForStatement* node = New<SetForStatement>();
  Advance();
  Advance();
  ListOf<SetItem> items(*this);
  do {
    items.Add(ParseSetVariable(VariableScope::kNone));
  } while (Accept(Tok::kComma));
  node->items = items.Take();
  Expect(Kw::kFor);
  node->statement = ParseStatement();
  return node;
}

void Parser::ParseSetItem(ListOf<SetItem>& items) {
  if (At(Tok::kUserVariable) || At(Tok::kSystemVariable)) {
    SetItem* item = New<SetItem>();
    const Variable* variable = ParseSetTarget();
    if (!Accept(Tok::kAssign)) Expect(Tok::kEqual);
    item->variable = variable;
    item->value = variable->scope == VariableScope::kUser ? ParseExpr() : ParseSetValue();
    items.Add(item);
    return;
  }
  VariableScope scope = VariableScope::kNone;
  const Tok next = Peek().type;
  if (next != Tok::kEqual && next != Tok::kAssign && next != Tok::kDot) {
    if (ParseSetNames(items)) return;
    scope = ParseSetScope();
    if (At(Kw::kTransaction) && Peek().type == Tok::kWord) {
      Advance();
      ParseSetTransaction(scope == VariableScope::kNone ? VariableScope::kNextTx : scope, items);
      return;
    }
  } else if (At(Kw::kNames) && !in_procedure_) {
    Fail();
  }
  items.Add(ParseSetVariable(scope));
}

// @a or @@a. Unlike elsewhere, @@default.x is the default key cache's.
const Variable* Parser::ParseSetTarget() {
  constexpr std::string_view kDefaultCache = "@@default.";
  const std::string_view text = TokenText(Cur());
  if (!Ident::EqualNoCase(text.substr(0, kDefaultCache.size()), kDefaultCache)) {
    return ParseVariable();
  }
  Variable* variable = New<Variable>();
  variable->scope = VariableScope::kSession;
  variable->name = NameOf(Cur());
  Advance();
  return variable;
}

// NAMES x COLLATE y, CHARACTER SET x
bool Parser::ParseSetNames(ListOf<SetItem>& items) {
  const bool character = (At(Kw::kCharacter) || At(Kw::kChar)) && PeekIs(Kw::kSet);
  const bool names = At(Kw::kNames);
  if (!names && !character && !At(Kw::kCharset)) return false;
  const std::string_view word = character ? "charset" : TokenText(Cur());
  Advance();
  if (character) Advance();
  const uint32_t position = Cur().begin;
  const Expr* value = nullptr;
  if (Accept(Kw::kDefault)) {
    value = NewAt<DefaultExpr>(position);
  } else {
    Literal* charset = New<Literal>();
    charset->text = ParseCharsetName();
    value = charset;
  }
  const SetItem* made = MakeSetItem(VariableScope::kNone, word, value);
  if (names && Accept(Kw::kCollate)) {
    SetItem* item = arena_.New<SetItem>(*made);
    if (!Accept(Kw::kDefault)) item->collate = ParseCollationName();
    made = item;
  }
  items.Add(made);
  return true;
}

VariableScope Parser::ParseSetScope() {
  VariableScope scope = VariableScope::kNone;
  switch (Cur().word) {
    case Kw::kGlobal:
      scope = VariableScope::kGlobal;
      break;
    case Kw::kPersist:
      scope = VariableScope::kPersist;
      break;
    case Kw::kPersistOnly:
      scope = VariableScope::kPersistOnly;
      break;
    case Kw::kVitessMetadata:
      scope = VariableScope::kVitessMetadata;
      break;
    case Kw::kSession:
    case Kw::kLocal:
      scope = VariableScope::kSession;
      break;
    default:
      return scope;
  }
  Advance();
  return scope;
}

std::string_view Parser::ParseVariablePart() {
  const std::string_view name = Name();
  if (HasEmptyPart(name)) Fail();
  return name;
}

// name = value, cache.name = value
const SetItem* Parser::ParseSetVariable(VariableScope scope) {
  SetItem* item = New<SetItem>();
  Variable* variable = New<Variable>();
  variable->scope = scope;
  const bool default_cache = At(Kw::kDefault) && Peek().type == Tok::kDot;
  std::string name(default_cache ? AnyName() : ParseVariablePart());
  if (Accept(Tok::kDot)) {  // keycache.key_buffer_size
    name += '.';
    name += ParseVariablePart();
  }
  variable->name = Store(name);
  if (!Accept(Tok::kAssign)) Expect(Tok::kEqual);
  item->variable = variable;
  item->value = ParseSetValue();
  return item;
}

// SET TRANSACTION READ ONLY, ISOLATION LEVEL SERIALIZABLE
void Parser::ParseSetTransaction(VariableScope scope, ListOf<SetItem>& items) {
  bool has_mode = false;
  bool has_level = false;
  do {
    Literal* value = New<Literal>();
    bool& seen = At(Kw::kRead) ? has_mode : has_level;
    if (std::exchange(seen, true)) Fail();
    if (Accept(Kw::kRead)) {
      value->text = At(Kw::kOnly) ? "on" : "off";
      if (!Accept(Kw::kOnly)) Expect(Kw::kWrite);
      items.Add(MakeSetItem(scope, "transaction_read_only", value));
      continue;
    }
    Expect(Kw::kIsolation);
    Expect(Kw::kLevel);
    if (Accept(Kw::kRepeatable)) {
      Expect(Kw::kRead);
      value->text = "repeatable-read";
    } else if (Accept(Kw::kSerializable)) {
      value->text = "serializable";
    } else {
      Expect(Kw::kRead);
      if (Accept(Kw::kCommitted)) {
        value->text = "read-committed";
      } else {
        Expect(Kw::kUncommitted);
        value->text = "read-uncommitted";
      }
    }
    items.Add(MakeSetItem(scope, "transaction_isolation", value));
  } while (Accept(Tok::kComma));
}

// Words such as ON and BINARY are values too.
const Expr* Parser::ParseSetValue() {
  const Token token = Cur();
  const Token& next = Peek();
  const bool alone = next.type == Tok::kComma || next.type == Tok::kEnd ||
                     next.type == Tok::kSemicolon || next.word == Kw::kFor;
  switch (token.word) {
    case Kw::kOn:
    case Kw::kOff:
    case Kw::kAll:
    case Kw::kBinary:
    case Kw::kRow:
    case Kw::kSystem:
      if (!alone) break;
      {
        Literal* node = New<Literal>();
        node->text = KeywordText(token.word);
        Advance();
        return node;
      }
    case Kw::kDefault:
      if (alone) {
        DefaultExpr* node = New<DefaultExpr>();
        Advance();
        return node;
      }
      break;
    default:
      break;
  }
  return ParseExpr();
}

}  // namespace tessera::sqlparser
