// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {

bool Parser::ParseIfExists() {
  if (!At(Kw::kIf) || !PeekIs(Kw::kExists)) return false;
  Advance();
  Advance();
  return true;
}

bool Parser::ParseIfNotExists() {
  if (!At(Kw::kIf) || !PeekIs(Kw::kNot)) return false;
  Advance();
  Advance();
  Expect(Kw::kExists);
  return true;
}

const Statement* Parser::ParseCreate() {
  const Mark mark = Save();
  Advance();
  const Comments comments = TakeComments();
  const bool or_replace = Accept(Kw::kOr, Kw::kReplace);
  switch (Cur().word) {
    case Kw::kTable:
      Advance();
      return ParseCreateTable(comments, or_replace, false);
    case Kw::kTemporary:
      Advance();
      if (At(Kw::kSequence)) return ParseCreateSequence(comments, or_replace, true);
      Expect(Kw::kTable);
      return ParseCreateTable(comments, or_replace, true);
    case Kw::kDatabase:
    case Kw::kSchema:
      Advance();
      return ParseCreateDatabase(comments, or_replace);
    case Kw::kIndex:
    case Kw::kUnique:
    case Kw::kFulltext:
    case Kw::kSpatial:
      if (AtPhrase("spatial reference"))
        return ParseSpatialReference(or_replace ? "create or replace" : "create");
      return ParseCreateIndex(comments, or_replace);
    case Kw::kSequence:
      return ParseCreateSequence(comments, or_replace, false);
    case Kw::kView:
    case Kw::kAlgorithm:
    case Kw::kDefiner:
    case Kw::kSql: {
      const Mark head = Save();
      if (At(Kw::kDefiner)) {
        const std::string_view definer = ParseDefiner();
        if (failed_) return New<CommentOnly>();
        if (!At(Kw::kView) && !At(Kw::kSql)) {
          return ParseCreateProgram({comments, or_replace, definer});
        }
        Restore(head);
      }
      return ParseCreateView(comments, or_replace);
    }
    case Kw::kUser:
      return ParseCreateUser(false, or_replace);
    case Kw::kRole:
      return ParseCreateRole(or_replace);
    case Kw::kServer:
      return ParseServer("create", or_replace);
    case Kw::kUndo:
    case Kw::kTablespace:
      return ParseTablespace("create");
    case Kw::kLogfile:
      return ParseLogfileGroup("create");
    case Kw::kResource:
      return ParseResourceGroup("create");
    case Kw::kProcedure:
    case Kw::kFunction:
    case Kw::kAggregate:
    case Kw::kTrigger:
    case Kw::kEvent:
      return ParseCreateProgram({comments, or_replace, {}});
    case Kw::kPackage:
      break;
    default:
      Fail();
      return New<CommentOnly>();
  }
  Restore(mark);
  return ParseOther(OtherClass::kDdl, 2);
}

// Behind a definition that may be kept in part: whether its tail begins with a word that no server
// we know has, as in what a later one may add. A known word in a wrong place is a syntax error.
bool Parser::EndsUnknown() {
  if (!options_.allow_partial_ddl || in_procedure_) return false;
  if (!failed_ && !AtEnd()) Fail();
  return failed_ && error_token_.type == Tok::kWord && error_token_.word == Kw::kNone &&
         error_message_ == kSyntaxError;
}

const Statement* Parser::ParseCreateTable(Comments comments, bool or_replace, bool temporary) {
  CreateTable* node = NewAt<CreateTable>(0);
  node->comments = comments;
  node->source = RestOfText(0);
  node->or_replace = or_replace;
  node->temporary = temporary;
  node->if_not_exists = ParseIfNotExists();
  node->table = ParseNewTableName();
  if (failed_) return node;
  const CreateTable head = *node;
  const Mark mark = Save();
  ParseCreateTableBody(node);
  if (!EndsUnknown()) return node;
  Restore(mark);
  *node = head;
  node->fully_parsed = false;
  // What follows a semicolon is a statement of its own.
  while (!AtEnd()) Advance();
  if (At(Tok::kSemicolon) && Peek().type != Tok::kEnd) {
    FailAt(Peek(), "extra characters encountered after end of DDL:");
  }
  return node;
}

// LIKE t, or what the table is made of, a SELECT that fills it last.
void Parser::ParseCreateTableBody(CreateTable* table) {
  const bool parens = At(Tok::kLeftParen);
  if (At(Kw::kLike) || (parens && PeekIs(Kw::kLike))) {
    if (parens) Advance();
    Advance();
    table->like = ParseTableName();
    if (parens) Expect(Tok::kRightParen);
    return;
  }
  size_t inner = at_;  // behind all the parentheses
  while (tokens_[inner].type == Tok::kLeftParen) ++inner;
  const bool query = parens && (Cur().is_query || tokens_[inner].word == Kw::kValues);
  if (!AtEnd() && !query) {
    const TableSpec* spec = ParseTableSpec(parens);
    if (parens || !spec->options.empty() || spec->partition != nullptr) table->spec = spec;
  }
  if (Accept(Kw::kReplace)) {
    table->select_replace = true;
  } else if (Accept(Kw::kIgnore)) {
    table->select_ignore = true;
  }
  const bool announced = Accept(Kw::kAs) || table->select_replace || table->select_ignore;
  if (announced || At(Kw::kSelect) || At(Kw::kWith) || At(Kw::kValues) || At(Kw::kTable) ||
      At(Tok::kLeftParen)) {
    table->select = ParseQuery();
    if (Accept(Kw::kWith)) {
      Expect(Kw::kSystem);
      Expect(Kw::kVersioning);
      table->with_system_versioning = true;
    }
  }
}

const Statement* Parser::ParseCreateDatabase(Comments comments, bool or_replace) {
  CreateDatabase* node = NewAt<CreateDatabase>(0);
  node->source = RestOfText(0);
  node->comments = comments.empty() ? TakeComments() : comments;
  node->or_replace = or_replace;
  node->if_not_exists = ParseIfNotExists();
  node->name = Name();
  if (failed_) return node;
  const Mark mark = Save();
  node->options = ParseDatabaseOptions();
  if (!options_.allow_partial_ddl || in_procedure_) return node;
  if (!failed_ && !AtEnd()) Fail();
  if (!failed_) return node;
  Restore(mark);
  node->options = {};
  node->fully_parsed = false;
  while (!AtEnd()) Advance();
  return node;
}

List<DatabaseOption> Parser::ParseDatabaseOptions() {
  ListOf<DatabaseOption> options(*this);
  while (const DatabaseOption* option = ParseDatabaseOption()) options.Add(option);
  return options.Take();
}

// [DEFAULT] CHARACTER SET x | [DEFAULT] COLLATE x | [DEFAULT] ENCRYPTION 'x' | COMMENT 'x' |
// READ ONLY n; null for anything else.
const DatabaseOption* Parser::ParseDatabaseOption() {
  DatabaseOption* node = New<DatabaseOption>();
  node->is_default = Accept(Kw::kDefault);
  switch (Cur().word) {
    case Kw::kChar:
    case Kw::kCharacter:
      Advance();
      if (!At(Kw::kSet)) Fail();
      break;
    case Kw::kCharset:
      break;
    case Kw::kCollate:
      node->type = DatabaseOptionType::kCollate;
      break;
    case Kw::kEncryption:
      node->type = DatabaseOptionType::kEncryption;
      break;
    case Kw::kComment:
      node->type = DatabaseOptionType::kComment;
      if (node->is_default) Fail();
      break;
    case Kw::kRead:
      Advance();
      if (!At(Kw::kOnly) || node->is_default) Fail();
      node->type = DatabaseOptionType::kReadOnly;
      break;
    default:
      if (node->is_default) Fail();
      return nullptr;
  }
  Advance();
  Accept(Tok::kEqual);
  ParseDatabaseOptionValue(node);
  return node;
}

void Parser::ParseDatabaseOptionValue(DatabaseOption* option) {
  const size_t begin = Cur().begin;
  const bool text = option->type == DatabaseOptionType::kComment ||
                    option->type == DatabaseOptionType::kEncryption;
  if (option->type == DatabaseOptionType::kReadOnly) {
    if (!Accept(Kw::kDefault) && SmallInteger() > 1) Fail();
    option->value = Source(begin, LastEnd());
  } else if (text || At(Tok::kString)) {
    ParseOneString();
    option->value = Source(begin, LastEnd());
  } else {
    option->value = At(Kw::kBinary) || At(Kw::kDefault) ? AnyName() : NameAsWritten();
  }
}

// user, 'user'@'host', CURRENT_USER(): canonical text.
std::string_view Parser::ParseUser() {
  std::string text;
  if (Accept(Kw::kCurrentUser)) {
    if (Accept(Tok::kLeftParen)) Expect(Tok::kRightParen);
    return "current_user()";
  }
  if (Accept(Kw::kCurrentRole)) {
    if (Accept(Tok::kLeftParen)) Expect(Tok::kRightParen);
    return "current_role()";
  }
  if (At(Kw::kUser) && Peek().type == Tok::kLeftParen) {  // MySQL: ALTER USER USER()
    Advance();
    Advance();
    Expect(Tok::kRightParen);
    return "user()";
  }
  const auto part = [&] {
    if (At(Tok::kString)) {
      AppendQuoted(text, NameOf(Cur()));
      Advance();
    } else if (At(Tok::kQuotedName)) {
      text += TokenText(Cur());
      Advance();
    } else {
      AppendIdentifier(text, Name());
    }
  };
  part();
  if (At(Tok::kUserVariable)) {
    const Token token = Cur();
    const std::string_view host = TokenText(token).substr(1);
    text += '@';
    Advance();
    if (host.empty()) {  // "bob@": the empty host
      text += "''";
    } else if (host.front() == '\'' || host.front() == '"') {
      AppendQuoted(text, NameOf(token));
    } else if (host.front() == '`') {
      text += host;
    } else {
      AppendIdentifier(text, host);
    }
  }
  return Store(text);
}

std::string_view Parser::ParseDefiner() {
  Expect(Kw::kDefiner);
  Expect(Tok::kEqual);
  if (Accept(Kw::kCurrentRole)) {
    if (Accept(Tok::kLeftParen)) Expect(Tok::kRightParen);
    return "current_role";
  }
  return ParseUser();
}

const Statement* Parser::ParseAlter() {
  Advance();
  const Comments comments = TakeComments();
  switch (Cur().word) {
    case Kw::kTable:
    case Kw::kOnline:
    case Kw::kIgnore:
      return ParseAlterTable(comments);
    case Kw::kSequence:
      return ParseAlterSequence(comments);
    case Kw::kDatabase:
    case Kw::kSchema:
      Advance();
      return ParseAlterDatabase();
    case Kw::kVschema:
      Advance();
      return ParseAlterVschema();
    case Kw::kVitessMigration:
      Advance();
      return ParseAlterMigration();
    case Kw::kView:
    case Kw::kAlgorithm:
    case Kw::kDefiner:
    case Kw::kSql: {
      const Mark head = Save();
      if (At(Kw::kDefiner)) {
        const std::string_view definer = ParseDefiner();
        if (failed_) return New<CommentOnly>();
        if (At(Kw::kEvent)) return ParseAlterEvent(comments, definer);
        Restore(head);
      }
      return ParseAlterView(comments);
    }
    case Kw::kUser:
      return ParseCreateUser(true, false);
    case Kw::kServer:
      return ParseServer("alter", false);
    case Kw::kUndo:
    case Kw::kTablespace:
      return ParseTablespace("alter");
    case Kw::kLogfile:
      return ParseLogfileGroup("alter");
    case Kw::kResource:
      return ParseResourceGroup("alter");
    case Kw::kInstance:
      return ParseAlterInstance();
    case Kw::kFunction:
    case Kw::kProcedure:
      return ParseAlterRoutine(comments);
    case Kw::kEvent:
      return ParseAlterEvent(comments, {});
    default:
      Fail();
      return New<CommentOnly>();
  }
}

// ALTER DATABASE [name] options. Some options begin with words that are names too.
const Statement* Parser::ParseAlterDatabase() {
  AlterDatabase* node = NewAt<AlterDatabase>(0);
  node->source = RestOfText(0);
  const Tok next = Peek().type;
  const bool value_next = next == Tok::kString || next == Tok::kEqual;
  const bool option_first = !AtName() || (At(Kw::kCharset) && !PeekIs(Kw::kCharset)) ||
                            ((At(Kw::kComment) || At(Kw::kEncryption)) && value_next);
  if (!option_first) node->name = Name();
  if (Accept(Kw::kUpgrade)) {
    Expect(Kw::kData);
    Expect(Kw::kDirectory);
    Expect(Kw::kName);
    node->upgrade_data_directory = true;
    return node;
  }
  node->options = ParseDatabaseOptions();
  if (node->options.empty()) Fail();
  return node;
}

const Statement* Parser::ParseDrop() {
  const Mark mark = Save();
  Advance();
  const Comments comments = TakeComments();
  switch (Cur().word) {
    case Kw::kTemporary:
    case Kw::kTable:
    case Kw::kTables: {
      const bool temporary = Accept(Kw::kTemporary);
      if (At(Kw::kSequence)) return ParseDropSequence(comments, temporary);
      return ParseDropTable(comments, temporary);
    }
    case Kw::kSequence:
      return ParseDropSequence(comments, false);
    case Kw::kView: {
      DropView* node = NewAt<DropView>(0);
      node->source = RestOfText(0);
      Advance();
      node->comments = comments;
      node->if_exists = ParseIfExists();
      node->views = CommaList<TableName>(&Parser::ParseTableName);
      if (!Accept(Kw::kRestrict)) Accept(Kw::kCascade);
      return node;
    }
    case Kw::kDatabase:
    case Kw::kSchema: {
      DropDatabase* node = NewAt<DropDatabase>(0);
      node->source = RestOfText(0);
      Advance();
      node->comments = comments;
      node->if_exists = ParseIfExists();
      node->name = Name();
      return node;
    }
    case Kw::kIndex:
      Advance();
      return ParseDropIndex(comments);
    case Kw::kProcedure:
    case Kw::kFunction:
    case Kw::kTrigger:
    case Kw::kEvent:
      return ParseDropProgram(comments);
    case Kw::kPrepare: {
      Deallocate* node = NewAt<Deallocate>(0);
      Advance();
      node->comments = comments;
      node->name = Name();
      return node;
    }
    case Kw::kUser:
    case Kw::kRole:
      return ParseDropUser(At(Kw::kRole));
    case Kw::kServer:
      return ParseServer("drop", false);
    case Kw::kUndo:
    case Kw::kTablespace:
      return ParseTablespace("drop");
    case Kw::kLogfile:
      return ParseLogfileGroup("drop");
    case Kw::kResource:
      return ParseResourceGroup("drop");
    case Kw::kSpatial:
      return ParseSpatialReference("drop");
    case Kw::kPackage:
      break;
    default:
      Fail();
      return New<CommentOnly>();
  }
  if (failed_) return New<CommentOnly>();
  Restore(mark);
  return ParseOther(OtherClass::kDdl, 2);
}

// [TEMPORARY] TABLE[S] a, b [WAIT n] [RESTRICT]
const Statement* Parser::ParseDropTable(Comments comments, bool temporary) {
  DropTable* node = NewAt<DropTable>(0);
  node->source = RestOfText(0);
  node->comments = comments;
  node->temporary = temporary;
  if (!Accept(Kw::kTables)) Expect(Kw::kTable);
  node->if_exists = ParseIfExists();
  node->tables = CommaList<TableName>(&Parser::ParseTableName);
  node->wait = ParseLockWait();
  if (!Accept(Kw::kRestrict)) Accept(Kw::kCascade);
  return node;
}

const Statement* Parser::ParseTruncate() {
  TruncateTable* node = New<TruncateTable>();
  node->source = RestOfText(0);
  Advance();
  Accept(Kw::kTable);
  node->table = ParseTableName();
  node->wait = ParseLockWait();
  return node;
}

const RenamePair* Parser::ParseRenamePair() {
  RenamePair* node = New<RenamePair>();
  node->from = ParseTableName();
  node->wait = ParseLockWait();
  Expect(Kw::kTo);
  node->to = ParseTableName();
  return node;
}

const Statement* Parser::ParseRename() {
  if (PeekIs(Kw::kUser)) return ParseRenameUser();
  RenameTable* node = New<RenameTable>();
  node->source = RestOfText(0);
  Advance();
  if (!Accept(Kw::kTable)) Expect(Kw::kTables);
  node->if_exists = ParseIfExists();
  node->pairs = CommaList<RenamePair>(&Parser::ParseRenamePair);
  return node;
}

}  // namespace tessera::sqlparser
