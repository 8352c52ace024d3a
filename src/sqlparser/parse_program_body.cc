// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {

// One statement, in which semicolons end the statements of compound ones.
const Statement* Parser::ParseProgramBody() {
  const bool outer = in_procedure_;
  const bool partial = options_.allow_partial_ddl;
  in_procedure_ = true;
  options_.allow_partial_ddl = false;
  const Statement* body = ParseBodyStatement();
  in_procedure_ = outer;
  options_.allow_partial_ddl = partial;
  return body;
}

namespace {

// The words that a label may stand before.
bool IsLabelled(Kw word) {
  return word == Kw::kBegin || word == Kw::kLoop || word == Kw::kWhile || word == Kw::kRepeat ||
         word == Kw::kFor;
}

}  // namespace

// name: ... The lexer takes "name:begin" for a name and a bind variable.
bool Parser::AtLabel() const {
  if (!At(Tok::kWord) && !At(Tok::kQuotedName)) return false;
  const Token& next = Peek();
  if (next.type == Tok::kColon) return true;
  return next.type == Tok::kBindVar && IsLabelled(LookupKeyword(TokenText(next).substr(1)));
}

void Parser::AcceptLabelColon() {
  if (Accept(Tok::kColon)) return;
  Token& token = tokens_[at_];
  if (token.type != Tok::kBindVar) {
    Fail();
    return;
  }
  ++token.begin;
  token.type = Tok::kWord;
  token.word = LookupKeyword(TokenText(token));
}

// One statement of a body, its semicolon not taken.
const Statement* Parser::ParseBodyStatement() {
  const Depth depth(*this);
  if (AtLabel()) {
    const Ident label = LabelName();
    AcceptLabelColon();
    if (!IsLabelled(Cur().word) || (At(Kw::kBegin) && PeekIs(Kw::kNot))) Fail();
    return ParseLabelled(label);
  }
  switch (Cur().word) {
    case Kw::kIf:
      return ParseCompoundIf();
    case Kw::kCase:
      return ParseCompoundCase();
    case Kw::kReturn:
      return ParseReturn();
    case Kw::kLeave:
    case Kw::kIterate:
      return ParseLoopJump();
    case Kw::kOpen:
      return ParseOpenCursor();
    case Kw::kFetch:
      return ParseFetchCursor();
    case Kw::kClose:
      return ParseCloseCursor();
    default:
      return IsLabelled(Cur().word) ? ParseLabelled({}) : ParseStatement();
  }
}

const Statement* Parser::ParseLabelled(Ident label) {
  switch (Cur().word) {
    case Kw::kBegin:
      return ParseBlock(label);
    case Kw::kFor:
      return ParseCompoundFor(label);
    default:
      return ParseCompoundLoop(label);
  }
}

// Only what has a label may repeat it behind its END.
Ident Parser::ParseEndLabel(Ident label) {
  if (label.empty() || (!At(Tok::kWord) && !At(Tok::kQuotedName))) return {};
  return LabelName();
}

// BEGIN [NOT ATOMIC] declarations statements END
const Statement* Parser::ParseBlock(Ident label) {
  CompoundStatement* node = New<CompoundStatement>();
  Advance();
  node->label = label;
  if (Accept(Kw::kNot)) {
    Expect(Kw::kAtomic);
    node->not_atomic = true;
  }
  ListOf<Statement> statements(*this);
  while (At(Kw::kDeclare)) {
    statements.Add(ParseDeclare());
    Expect(Tok::kSemicolon);
  }
  while (!At(Kw::kEnd) && !At(Tok::kEnd)) {
    statements.Add(ParseBodyStatement());
    Expect(Tok::kSemicolon);
  }
  node->statements = statements.Take();
  Expect(Kw::kEnd);
  node->end_label = ParseEndLabel(label);
  return node;
}

// One statement or more with their semicolons, up to a word that ends or divides a block.
const CompoundStatement* Parser::ParseStatements() {
  CompoundStatement* node = New<CompoundStatement>();
  node->bare = true;
  ListOf<Statement> statements(*this);
  do {
    statements.Add(ParseBodyStatement());
    Expect(Tok::kSemicolon);
  } while (!At(Kw::kEnd) && !At(Kw::kElse) && !At(Kw::kElseif) && !At(Kw::kWhen) &&
           !At(Kw::kUntil) && !At(Tok::kEnd));
  node->statements = statements.Take();
  return node;
}

// condition THEN statements
const CompoundBranch* Parser::ParseBranch() {
  CompoundBranch* branch = New<CompoundBranch>();
  Advance();
  branch->condition = ParseExpr();
  Expect(Kw::kThen);
  branch->body = ParseStatements();
  return branch;
}

const Statement* Parser::ParseCompoundIf() {
  CompoundIf* node = New<CompoundIf>();
  ListOf<CompoundBranch> branches(*this);
  do {
    branches.Add(ParseBranch());
  } while (At(Kw::kElseif));
  node->branches = branches.Take();
  if (Accept(Kw::kElse)) node->else_body = ParseStatements();
  Expect(Kw::kEnd);
  Expect(Kw::kIf);
  return node;
}

const Statement* Parser::ParseCompoundCase() {
  CompoundCase* node = New<CompoundCase>();
  Advance();
  if (!At(Kw::kWhen)) node->operand = ParseExpr();
  ListOf<CompoundBranch> branches(*this);
  do {
    if (!At(Kw::kWhen)) Fail();
    branches.Add(ParseBranch());
  } while (At(Kw::kWhen));
  node->branches = branches.Take();
  if (Accept(Kw::kElse)) node->else_body = ParseStatements();
  Expect(Kw::kEnd);
  Expect(Kw::kCase);
  return node;
}

// LOOP ... END LOOP, WHILE c DO ... END WHILE, REPEAT ... UNTIL c END REPEAT
const Statement* Parser::ParseCompoundLoop(Ident label) {
  CompoundLoop* node = New<CompoundLoop>();
  const Kw word = Cur().word;
  Advance();
  node->label = label;
  if (word == Kw::kWhile) {
    node->type = LoopType::kWhile;
    node->condition = ParseExpr();
    Expect(Kw::kDo);
  }
  node->body = ParseStatements();
  if (word == Kw::kRepeat) {
    node->type = LoopType::kRepeat;
    Expect(Kw::kUntil);
    node->condition = ParseExpr();
  }
  Expect(Kw::kEnd);
  Expect(word);
  node->end_label = ParseEndLabel(label);
  return node;
}

// FOR variable IN [REVERSE] a .. b | cursor[(arguments)] | (query) DO ... END FOR
const Statement* Parser::ParseCompoundFor(Ident label) {
  CompoundFor* node = New<CompoundFor>();
  Advance();
  node->label = label;
  node->variable = ProgramWord();
  Expect(Kw::kIn);
  node->reverse = Accept(Kw::kReverse);
  if (At(Tok::kLeftParen)) {
    Advance();
    node->query = ParseQuery();
    Expect(Tok::kRightParen);
  } else if (AtCursorOfFor()) {
    node->cursor = ProgramWord();
    if (At(Tok::kLeftParen)) node->args = ParenList<Expr>(&Parser::ParseExpr);
  } else {
    node->from = ParseExpr();
    Expect(Tok::kDotDot);
    node->to = ParseExpr();
  }
  Expect(Kw::kDo);
  node->body = ParseStatements();
  Expect(Kw::kEnd);
  Expect(Kw::kFor);
  node->end_label = ParseEndLabel(label);
  return node;
}

// A name, perhaps with arguments, and then DO.
bool Parser::AtCursorOfFor() const {
  if (!At(Tok::kWord) && !At(Tok::kQuotedName)) return false;
  const Token& next = Peek();
  if (next.type != Tok::kLeftParen) return next.word == Kw::kDo;
  if (next.match == 0) return false;
  size_t after = next.match + 1;
  while (tokens_[after].type == Tok::kComment) ++after;
  return tokens_[after].word == Kw::kDo;
}

const Statement* Parser::ParseDeclare() {
  const uint32_t position = Cur().begin;
  Advance();
  if ((At(Kw::kContinue) || At(Kw::kExit) || At(Kw::kUndo)) && PeekIs(Kw::kHandler)) {
    return ParseDeclareHandler(position);
  }
  std::vector<Ident> names;
  do {
    names.emplace_back(ProgramWord());
  } while (Accept(Tok::kComma));
  if (names.size() == 1 && Accept(Kw::kCondition)) {
    DeclareCondition* node = NewAt<DeclareCondition>(position);
    node->name = names.front();
    Expect(Kw::kFor);
    if (!At(Tok::kInteger) && !At(Kw::kSqlstate)) Fail();
    node->condition = ParseHandlerCondition();
    return node;
  }
  if (names.size() == 1 && Accept(Kw::kCursor)) {
    DeclareCursor* node = NewAt<DeclareCursor>(position);
    node->name = names.front();
    if (At(Tok::kLeftParen)) node->params = ParenList<ProcedureParam>(&Parser::ParseFunctionParam);
    Expect(Kw::kFor);
    node->query = ParseQuery();
    return node;
  }
  DeclareVariable* node = NewAt<DeclareVariable>(position);
  node->names = arena_.CopySpan<Ident>(std::span<const Ident>(names));
  node->type = ParseVariableType(true);
  if (Accept(Kw::kDefault)) node->default_value = ParseExpr();
  return node;
}

// CONTINUE HANDLER FOR conditions statement
const Statement* Parser::ParseDeclareHandler(uint32_t position) {
  DeclareHandler* node = NewAt<DeclareHandler>(position);
  node->action = KeywordText(Cur().word);
  Advance();
  Advance();
  Expect(Kw::kFor);
  node->conditions = CommaList<HandlerCondition>(&Parser::ParseHandlerCondition);
  node->body = ParseBodyStatement();
  return node;
}

const HandlerCondition* Parser::ParseHandlerCondition() {
  HandlerCondition* node = New<HandlerCondition>();
  if (At(Tok::kInteger)) {
    node->type = HandlerConditionType::kErrorCode;
    node->code = ParseIntegerLiteral();
  } else if (Accept(Kw::kSqlstate)) {
    Accept(Kw::kValue);
    node->type = HandlerConditionType::kSqlState;
    node->code = ParseOneString();
  } else if (Accept(Kw::kSqlwarning)) {
    node->type = HandlerConditionType::kSqlWarning;
  } else if (Accept(Kw::kSqlexception)) {
    node->type = HandlerConditionType::kSqlException;
  } else if (Accept(Kw::kNot)) {
    Expect(Kw::kFound);
    node->type = HandlerConditionType::kNotFound;
  } else {
    node->name = ProgramWord();
  }
  return node;
}

const Statement* Parser::ParseReturn() {
  Return* node = New<Return>();
  Advance();
  node->value = ParseExpr();
  return node;
}

const Statement* Parser::ParseLoopJump() {
  LoopJump* node = New<LoopJump>();
  node->iterate = At(Kw::kIterate);
  Advance();
  node->label = LabelName();
  return node;
}

const Statement* Parser::ParseOpenCursor() {
  OpenCursor* node = New<OpenCursor>();
  Advance();
  node->name = ProgramWord();
  if (At(Tok::kLeftParen)) node->args = ParenList<Expr>(&Parser::ParseExpr);
  return node;
}

// FETCH [[NEXT] FROM] cursor INTO variables; FETCH GROUP NEXT ROW
const Statement* Parser::ParseFetchCursor() {
  FetchCursor* node = New<FetchCursor>();
  Advance();
  if (Accept(Kw::kGroup)) {
    Expect(Kw::kNext);
    Expect(Kw::kRow);
    return node;
  }
  if (!Accept(Kw::kNext, Kw::kFrom)) Accept(Kw::kFrom);
  node->name = ProgramWord();
  Expect(Kw::kInto);
  std::vector<Ident> into;
  do {
    into.emplace_back(ProgramWord());
  } while (Accept(Tok::kComma));
  node->into = arena_.CopySpan<Ident>(std::span<const Ident>(into));
  return node;
}

const Statement* Parser::ParseCloseCursor() {
  CloseCursor* node = New<CloseCursor>();
  Advance();
  node->name = ProgramWord();
  return node;
}

}  // namespace tessera::sqlparser
