// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/internal/program_words.h"

namespace tessera::sqlparser {

// A name of a program, parameter, variable, condition or cursor.
std::string_view Parser::ProgramWord() {
  const bool bare = At(Tok::kWord);
  if (bare && IsReservedByServer(TokenText(Cur()), IsReserved(Cur().word))) Fail();
  return AnyName();
}

std::string_view Parser::LabelName() {
  if (At(Tok::kWord) && IsNoLabel(TokenText(Cur()))) Fail();
  return ProgramWord();
}

// name, database.name
const TableName* Parser::ParseProgramName() {
  TableName* node = New<TableName>();
  const Token first = Cur();
  node->name = ProgramWord();
  if (Accept(Tok::kDot)) {
    node->database = node->name;
    node->name = AnyName();
  } else if (At(Tok::kLeftParen) && first.type == Tok::kWord && Cur().begin == first.end &&
             IsCalledWithoutBlank(TokenText(first))) {
    FailAt(first);
  }
  return node;
}

// What follows CREATE [OR REPLACE] [DEFINER = user].
const Statement* Parser::ParseCreateProgram(const ProgramHead& head) {
  switch (Cur().word) {
    case Kw::kProcedure:
      return ParseCreateProcedure(head);
    case Kw::kAggregate:
    case Kw::kFunction:
      return ParseCreateFunction(head);
    case Kw::kTrigger:
      return ParseCreateTrigger(head);
    default:
      return ParseCreateEvent(head);
  }
}

// CREATE PROCEDURE name (parameters) characteristics body
const Statement* Parser::ParseCreateProcedure(const ProgramHead& head) {
  CreateProcedure* node = NewAt<CreateProcedure>(0);
  node->source = RestOfText(0);
  Advance();
  node->comments = head.comments;
  node->or_replace = head.or_replace;
  node->definer = head.definer;
  node->if_not_exists = ParseIfNotExists();
  node->name = ParseProgramName();
  Expect(Tok::kLeftParen);
  if (!At(Tok::kRightParen)) {
    node->params = CommaList<ProcedureParam>(&Parser::ParseProcedureParam);
  }
  Expect(Tok::kRightParen);
  node->options = ParseRoutineOptions(true);
  node->body = ParseProgramBody();
  return node;
}

const ProcedureParam* Parser::ParseProcedureParam() {
  const uint32_t position = Cur().begin;
  const bool bare = !At(Kw::kIn) && !At(Kw::kOut) && !At(Kw::kInout);
  ProcedureParam* node = arena_.New<ProcedureParam>(*ParseFunctionParam());
  node->position = position;
  if (bare) node->mode = "in";
  return node;
}

// [IN | OUT | INOUT] name type
const ProcedureParam* Parser::ParseFunctionParam() {
  ProcedureParam* node = New<ProcedureParam>();
  if (At(Kw::kIn) || At(Kw::kOut) || At(Kw::kInout)) {
    node->mode = KeywordText(Cur().word);
    Advance();
  }
  node->name = ProgramWord();
  node->type = ParseVariableType(true);
  return node;
}

const ProcedureParam* Parser::ParseRowField() {
  ProcedureParam* node = New<ProcedureParam>();
  node->name = ProgramWord();
  node->type = ParseVariableType(false);
  return node;
}

// A data type with COLLATE; TYPE OF, ROW TYPE OF; ROW (...) where rows may stand.
const Node* Parser::ParseVariableType(bool row_allowed) {
  const bool row = At(Kw::kRow) && row_allowed;
  if (row && Peek().type == Tok::kLeftParen) {
    RowType* node = New<RowType>();
    Advance();
    node->fields = ParenList<ProcedureParam>(&Parser::ParseRowField);
    return node;
  }
  if (row ? PeekIs(Kw::kType) && PeekIs(Kw::kOf, 2) : At(Kw::kType) && PeekIs(Kw::kOf)) {
    AnchoredType* node = New<AnchoredType>();
    if (row) Advance();
    Advance();
    Advance();
    if (row) {
      node->row_of = ParseTableName();
    } else {
      node->column = ParseColumnRef();
    }
    return node;
  }
  return ParseProgramType();
}

const DataType* Parser::ParseProgramType() {
  const Token first = Cur();
  const DataType* type = ParseDataType();
  // SERIAL stands for a column's options.
  if (first.type == Tok::kWord && Ident::EqualNoCase(TokenText(first), "serial")) FailAt(first);
  if (!Accept(Kw::kCollate)) return type;
  DataType* node = arena_.New<DataType>(*type);
  node->collate = ParseCollationName();
  return node;
}

// Null when there is none. DETERMINISTIC belongs to the definition: ALTER cannot change it.
const RoutineOptions* Parser::ParseRoutineOptions(bool is_create) {
  const size_t begin = at_;
  RoutineOptions* node = New<RoutineOptions>();
  while (ParseRoutineOption(node, is_create)) {
  }
  return at_ == begin ? nullptr : node;
}

bool Parser::ParseRoutineOption(RoutineOptions* options, bool is_create) {
  switch (Cur().word) {
    case Kw::kLanguage:
      Advance();
      Expect(Kw::kSql);
      options->language_sql = true;
      return true;
    case Kw::kNot:
    case Kw::kDeterministic:
      if (!is_create) return false;
      options->deterministic = Accept(Kw::kNot) ? Tristate::kNo : Tristate::kYes;
      Expect(Kw::kDeterministic);
      return true;
    case Kw::kContains:
      Advance();
      Expect(Kw::kSql);
      options->access = RoutineAccess::kContainsSql;
      return true;
    case Kw::kNo:
      Advance();
      Expect(Kw::kSql);
      options->access = RoutineAccess::kNoSql;
      return true;
    case Kw::kReads:
    case Kw::kModifies:
      options->access =
          At(Kw::kReads) ? RoutineAccess::kReadsSqlData : RoutineAccess::kModifiesSqlData;
      Advance();
      Expect(Kw::kSql);
      Expect(Kw::kData);
      return true;
    case Kw::kSql:
      Advance();
      Expect(Kw::kSecurity);
      options->security = At(Kw::kDefiner) ? SqlSecurity::kDefiner : SqlSecurity::kInvoker;
      if (!Accept(Kw::kDefiner)) Expect(Kw::kInvoker);
      return true;
    case Kw::kComment:
      Advance();
      options->comment = ParseOneString();
      return true;
    default:
      return false;
  }
}

// CREATE [AGGREGATE] FUNCTION name (parameters) RETURNS type characteristics body, or
// name RETURNS type SONAME 'library'.
const Statement* Parser::ParseCreateFunction(const ProgramHead& head) {
  CreateFunction* node = NewAt<CreateFunction>(0);
  node->source = RestOfText(0);
  node->comments = head.comments;
  node->or_replace = head.or_replace;
  node->definer = head.definer;
  node->aggregate = Accept(Kw::kAggregate);
  Expect(Kw::kFunction);
  node->if_not_exists = ParseIfNotExists();
  node->name = ParseProgramName();
  if (At(Kw::kReturns) && head.definer.empty()) return ParseLoadableFunction(*node);
  Expect(Tok::kLeftParen);
  if (!At(Tok::kRightParen)) {
    node->params = CommaList<ProcedureParam>(&Parser::ParseFunctionParam);
  }
  Expect(Tok::kRightParen);
  Expect(Kw::kReturns);
  node->returns = ParseProgramType();
  node->options = ParseRoutineOptions(true);
  if (!AtFunctionBody()) Fail();
  node->body = ParseProgramBody();
  return node;
}

const Statement* Parser::ParseLoadableFunction(const CreateFunction& head) {
  CreateLoadableFunction* node = NewAt<CreateLoadableFunction>(0);
  node->source = head.source;
  node->comments = head.comments;
  node->or_replace = head.or_replace;
  node->aggregate = head.aggregate;
  node->if_not_exists = head.if_not_exists;
  node->name = head.name;
  if (!node->name->database.empty()) Fail();
  Expect(Kw::kReturns);
  static constexpr std::string_view kTypes[] = {"string", "integer", "int", "int4",
                                                "real",   "decimal", "dec"};
  node->returns = At(Tok::kWord) ? Lower(TokenText(Cur())) : std::string_view();
  bool known = false;
  for (const std::string_view type : kTypes) known |= type == node->returns;
  if (!known) Fail();
  Advance();
  Expect(Kw::kSoname);
  node->soname = ParseOneString();
  return node;
}

// A function's value must come from somewhere: other statements than these cannot be its body.
bool Parser::AtFunctionBody() const {
  switch (Cur().word) {
    case Kw::kReturn:
    case Kw::kBegin:
    case Kw::kIf:
    case Kw::kCase:
    case Kw::kLoop:
    case Kw::kWhile:
    case Kw::kRepeat:
    case Kw::kFor:
      return true;
    default:
      return AtLabel();
  }
}

// CREATE TRIGGER name time event ON table FOR EACH ROW [FOLLOWS | PRECEDES other] body
const Statement* Parser::ParseCreateTrigger(const ProgramHead& head) {
  CreateTrigger* node = NewAt<CreateTrigger>(0);
  node->source = RestOfText(0);
  Advance();
  node->comments = head.comments;
  node->or_replace = head.or_replace;
  node->definer = head.definer;
  node->if_not_exists = ParseIfNotExists();
  node->name = ParseProgramName();
  node->after = At(Kw::kAfter);
  if (!Accept(Kw::kAfter)) Expect(Kw::kBefore);
  if (Accept(Kw::kUpdate)) {
    node->event = TriggerEvent::kUpdate;
  } else if (Accept(Kw::kDelete)) {
    node->event = TriggerEvent::kDelete;
  } else {
    Expect(Kw::kInsert);
  }
  Expect(Kw::kOn);
  node->table = ParseTableName();
  Expect(Kw::kFor);
  Expect(Kw::kEach);
  Expect(Kw::kRow);
  if (At(Kw::kFollows) || At(Kw::kPrecedes)) {
    node->order = At(Kw::kFollows) ? TriggerOrder::kFollows : TriggerOrder::kPrecedes;
    Advance();
    node->other = ProgramWord();
  }
  node->body = ParseProgramBody();
  return node;
}

// CREATE EVENT name ON SCHEDULE ... [ON COMPLETION ...] [ENABLE ...] [COMMENT ...] DO body
const Statement* Parser::ParseCreateEvent(const ProgramHead& head) {
  CreateEvent* node = NewAt<CreateEvent>(0);
  node->source = RestOfText(0);
  Expect(Kw::kEvent);
  node->comments = head.comments;
  node->or_replace = head.or_replace;
  node->definer = head.definer;
  node->if_not_exists = ParseIfNotExists();
  node->name = ParseProgramName();
  Expect(Kw::kOn);
  Expect(Kw::kSchedule);
  node->schedule = ParseEventSchedule();
  node->preserve = ParseEventCompletion();
  node->status = ParseEventStatus();
  if (Accept(Kw::kComment)) node->comment = ParseOneString();
  Expect(Kw::kDo);
  node->body = ParseProgramBody();
  return node;
}

// AT time; EVERY value unit [STARTS time] [ENDS time]
const EventSchedule* Parser::ParseEventSchedule() {
  EventSchedule* node = New<EventSchedule>();
  if (Accept(Kw::kAt)) {
    node->at = ParseExpr();
    return node;
  }
  Expect(Kw::kEvery);
  node->every = ParseExpr();
  node->unit = ParseIntervalUnit();
  if (Accept(Kw::kStarts)) node->starts = ParseExpr();
  if (Accept(Kw::kEnds)) node->ends = ParseExpr();
  return node;
}

Tristate Parser::ParseEventCompletion() {
  if (!Accept(Kw::kOn, Kw::kCompletion)) return Tristate::kUnset;
  const bool no = Accept(Kw::kNot);
  Expect(Kw::kPreserve);
  return no ? Tristate::kNo : Tristate::kYes;
}

std::string_view Parser::ParseEventStatus() {
  if (Accept(Kw::kEnable)) return "enable";
  if (!Accept(Kw::kDisable)) return {};
  if (!Accept(Kw::kOn)) return "disable";
  if (Accept(Kw::kReplica)) return "disable on replica";
  Expect(Kw::kSlave);
  return "disable on slave";
}

// ALTER [DEFINER = user] EVENT name, with at least one change in this order.
const Statement* Parser::ParseAlterEvent(Comments comments, std::string_view definer) {
  AlterEvent* node = NewAt<AlterEvent>(0);
  node->source = RestOfText(0);
  Advance();
  node->comments = comments;
  node->definer = definer;
  node->name = ParseProgramName();
  const size_t begin = at_;
  if (Accept(Kw::kOn, Kw::kSchedule)) node->schedule = ParseEventSchedule();
  node->preserve = ParseEventCompletion();
  if (Accept(Kw::kRename)) {
    Expect(Kw::kTo);
    node->rename_to = ParseProgramName();
  }
  node->status = ParseEventStatus();
  if (Accept(Kw::kComment)) node->comment = ParseOneString();
  if (Accept(Kw::kDo)) node->body = ParseProgramBody();
  if (at_ == begin) Fail();
  return node;
}

// ALTER PROCEDURE, ALTER FUNCTION
const Statement* Parser::ParseAlterRoutine(Comments comments) {
  AlterRoutine* node = NewAt<AlterRoutine>(0);
  node->source = RestOfText(0);
  node->comments = comments;
  node->type = At(Kw::kFunction) ? ProgramType::kFunction : ProgramType::kProcedure;
  Advance();
  node->name = ParseProgramName();
  node->options = ParseRoutineOptions(false);
  return node;
}

// DROP PROCEDURE, FUNCTION, TRIGGER, EVENT
const Statement* Parser::ParseDropProgram(Comments comments) {
  DropProgram* node = NewAt<DropProgram>(0);
  node->source = RestOfText(0);
  node->comments = comments;
  node->type = At(Kw::kProcedure)  ? ProgramType::kProcedure
               : At(Kw::kFunction) ? ProgramType::kFunction
               : At(Kw::kTrigger)  ? ProgramType::kTrigger
                                   : ProgramType::kEvent;
  Advance();
  node->if_exists = ParseIfExists();
  node->name = ParseProgramName();
  return node;
}

}  // namespace tessera::sqlparser
