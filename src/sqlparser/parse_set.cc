// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
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

// SET item, item, ... Forms that set accounts (PASSWORD, ROLE, ...) are known by their words only.
const Statement* Parser::ParseSet() {
  const uint32_t position = Cur().begin;
  const Kw next = Peek().word;
  const bool named = Peek(2).type == Tok::kEqual || Peek(2).type == Tok::kAssign;
  if (!named && (next == Kw::kPassword || next == Kw::kRole || next == Kw::kResource ||
                 next == Kw::kStatement || (next == Kw::kDefault && PeekIs(Kw::kRole, 2)))) {
    return ParseOther(next == Kw::kStatement ? OtherClass::kAdmin : OtherClass::kAccount, 2);
  }
  if (next == Kw::kPassword && named) return ParseOther(OtherClass::kAccount, 2);
  Advance();
  SetStatement* node = NewAt<SetStatement>(position);
  node->comments = TakeComments();
  ListOf<SetItem> items(*this);
  do {
    ParseSetItem(items);
  } while (Accept(Tok::kComma));
  node->items = items.Take();
  return node;
}

void Parser::ParseSetItem(ListOf<SetItem>& items) {
  VariableScope scope = VariableScope::kNone;
  const bool names_value = Peek().type == Tok::kEqual || Peek().type == Tok::kAssign;
  if (At(Tok::kUserVariable) || At(Tok::kSystemVariable)) {
    const Variable* variable = ParseVariable();
    if (!Accept(Tok::kAssign)) Expect(Tok::kEqual);
    SetItem* item = New<SetItem>();
    item->variable = variable;
    item->value = variable->scope == VariableScope::kUser ? ParseExpr() : ParseSetValue();
    items.Add(item);
    return;
  }
  if (!names_value) {
    if (At(Kw::kNames)) {
      Advance();
      const uint32_t position = Cur().begin;
      const Expr* value = nullptr;
      if (Accept(Kw::kDefault)) {
        value = NewAt<DefaultExpr>(position);
      } else {
        Literal* charset = New<Literal>();
        charset->text = ParseCharsetName();
        value = charset;
      }
      const SetItem* made = MakeSetItem(VariableScope::kNone, "names", value);
      if (Accept(Kw::kCollate)) {
        SetItem* item = arena_.New<SetItem>(*made);
        if (!Accept(Kw::kDefault)) item->collate = ParseCollationName();
        made = item;
      }
      items.Add(made);
      return;
    }
    const bool character = (At(Kw::kCharacter) || At(Kw::kChar)) && PeekIs(Kw::kSet);
    if (At(Kw::kCharset) || character) {
      Advance();
      if (character) Advance();
      const uint32_t position = Cur().begin;
      if (Accept(Kw::kDefault)) {
        items.Add(MakeSetItem(VariableScope::kNone, "charset", NewAt<DefaultExpr>(position)));
        return;
      }
      Literal* value = New<Literal>();
      value->text = ParseCharsetName();
      items.Add(MakeSetItem(VariableScope::kNone, "charset", value));
      return;
    }
    if (At(Kw::kGlobal) || At(Kw::kSession) || At(Kw::kLocal) || At(Kw::kPersist) ||
        At(Kw::kPersistOnly) || At(Kw::kVitessMetadata)) {
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
        default:
          scope = VariableScope::kSession;
      }
      Advance();
    }
    if (At(Kw::kTransaction) && Peek().type == Tok::kWord) {
      Advance();
      ParseSetTransaction(scope == VariableScope::kNone ? VariableScope::kNextTx : scope, items);
      return;
    }
  }
  Variable* variable = New<Variable>();
  variable->scope = scope;
  std::string name(Name());
  if (Accept(Tok::kDot)) {  // keycache.key_buffer_size
    name += '.';
    name += AnyName();
  }
  variable->name = Store(name);
  if (!Accept(Tok::kAssign)) Expect(Tok::kEqual);
  SetItem* item = New<SetItem>();
  item->variable = variable;
  item->value = ParseSetValue();
  items.Add(item);
}

// SET TRANSACTION READ ONLY, ISOLATION LEVEL SERIALIZABLE
void Parser::ParseSetTransaction(VariableScope scope, ListOf<SetItem>& items) {
  do {
    Literal* value = New<Literal>();
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
  const bool alone =
      next.type == Tok::kComma || next.type == Tok::kEnd || next.type == Tok::kSemicolon;
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
