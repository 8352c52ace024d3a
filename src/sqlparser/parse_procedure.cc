// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {

// CREATE PROCEDURE name (parameters) body
const Statement* Parser::ParseCreateProcedure(Comments comments, std::string_view definer) {
  CreateProcedure* node = NewAt<CreateProcedure>(0);
  node->source = RestOfText(0);
  Expect(Kw::kProcedure);
  node->comments = comments;
  node->definer = definer;
  node->if_not_exists = ParseIfNotExists();
  node->name = ParseTableName();
  Expect(Tok::kLeftParen);
  if (!At(Tok::kRightParen)) {
    node->params = CommaList<ProcedureParam>(&Parser::ParseProcedureParam);
  }
  Expect(Tok::kRightParen);
  in_procedure_ = true;
  node->body = ParseBodyStatement();
  in_procedure_ = false;
  return node;
}

const ProcedureParam* Parser::ParseProcedureParam() {
  ProcedureParam* node = New<ProcedureParam>();
  node->mode = "in";
  if (At(Kw::kOut) || At(Kw::kInout)) {
    node->mode = KeywordText(Cur().word);
    Advance();
  } else {
    Accept(Kw::kIn);
  }
  node->name = Name();
  node->type = ParseDataType();
  return node;
}

// One statement of a body, its semicolon not taken.
const Statement* Parser::ParseBodyStatement() {
  const Depth depth(*this);
  switch (Cur().word) {
    case Kw::kBegin: {
      Advance();
      const CompoundStatement* block = ParseBlock(false);
      Expect(Kw::kEnd);
      return block;
    }
    case Kw::kIf:
      return ParseCompoundIf();
    case Kw::kDeclare:
      return ParseDeclare();
    case Kw::kSignal:
      return ParseSignal();
    case Kw::kWhile:
    case Kw::kLoop:
    case Kw::kRepeat:
    case Kw::kCase:
      Fail();
      return New<CommentOnly>();
    default:
      return ParseStatement();
  }
}

// Statements with their semicolons, up to a word that ends or divides a block.
const CompoundStatement* Parser::ParseBlock(bool bare) {
  CompoundStatement* node = New<CompoundStatement>();
  node->bare = bare;
  ListOf<Statement> statements(*this);
  while (!At(Kw::kEnd) && !At(Kw::kElse) && !At(Kw::kElseif) && !At(Tok::kEnd)) {
    statements.Add(ParseBodyStatement());
    Expect(Tok::kSemicolon);
  }
  node->statements = statements.Take();
  return node;
}

const Statement* Parser::ParseCompoundIf() {
  CompoundIf* node = New<CompoundIf>();
  ListOf<CompoundBranch> branches(*this);
  do {
    Advance();
    CompoundBranch* branch = New<CompoundBranch>();
    branch->condition = ParseExpr();
    Expect(Kw::kThen);
    branch->body = ParseBlock(true);
    branches.Add(branch);
  } while (At(Kw::kElseif));
  node->branches = branches.Take();
  if (Accept(Kw::kElse)) node->else_body = ParseBlock(true);
  Expect(Kw::kEnd);
  Expect(Kw::kIf);
  return node;
}

const Statement* Parser::ParseDeclare() {
  const uint32_t position = Cur().begin;
  Advance();
  if ((At(Kw::kContinue) || At(Kw::kExit) || At(Kw::kUndo)) && PeekIs(Kw::kHandler)) {
    DeclareHandler* node = NewAt<DeclareHandler>(position);
    node->action = KeywordText(Cur().word);
    Advance();
    Advance();
    Expect(Kw::kFor);
    node->conditions = CommaList<HandlerCondition>(&Parser::ParseHandlerCondition);
    node->body = ParseBodyStatement();
    return node;
  }
  std::vector<Ident> names;
  do {
    names.emplace_back(Name());
  } while (Accept(Tok::kComma));
  if (Accept(Kw::kCondition)) {
    DeclareCondition* node = NewAt<DeclareCondition>(position);
    node->name = names.front();
    Expect(Kw::kFor);
    node->condition = ParseHandlerCondition();
    return node;
  }
  DeclareVariable* node = NewAt<DeclareVariable>(position);
  node->names = arena_.CopySpan<Ident>(std::span<const Ident>(names));
  node->type = ParseDataType();
  if (Accept(Kw::kDefault)) node->default_value = ParseExpr();
  return node;
}

const HandlerCondition* Parser::ParseHandlerCondition() {
  HandlerCondition* node = New<HandlerCondition>();
  if (At(Tok::kInteger)) {
    node->type = HandlerConditionType::kErrorCode;
    node->code = ParseIntegerLiteral();
  } else if (Accept(Kw::kSqlstate)) {
    if (At(Kw::kValue)) Advance();
    node->type = HandlerConditionType::kSqlState;
    if (!At(Tok::kString)) Fail();
    node->code = ParseStringLiteral();
  } else if (Accept(Kw::kSqlwarning)) {
    node->type = HandlerConditionType::kSqlWarning;
  } else if (Accept(Kw::kSqlexception)) {
    node->type = HandlerConditionType::kSqlException;
  } else if (Accept(Kw::kNot)) {
    Expect(Kw::kFound);
    node->type = HandlerConditionType::kNotFound;
  } else {
    node->name = Name();
  }
  return node;
}

const Statement* Parser::ParseSignal() {
  Signal* node = New<Signal>();
  Advance();
  node->condition = ParseHandlerCondition();
  if (!Accept(Kw::kSet)) return node;
  std::vector<Ident> names;
  ListOf<Expr> values(*this);
  do {
    names.emplace_back(Name());
    Expect(Tok::kEqual);
    values.Add(ParseExpr());
  } while (Accept(Tok::kComma));
  node->item_names = arena_.CopySpan<Ident>(std::span<const Ident>(names));
  node->item_values = values.Take();
  return node;
}

}  // namespace tessera::sqlparser
