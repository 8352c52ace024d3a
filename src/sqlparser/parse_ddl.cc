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
      if (!PeekIs(Kw::kTable)) break;
      Advance();
      Advance();
      return ParseCreateTable(comments, or_replace, true);
    case Kw::kDatabase:
    case Kw::kSchema:
      Advance();
      return ParseCreateDatabase(comments, or_replace);
    case Kw::kIndex:
      Advance();
      return ParseCreateIndex(comments, IndexType::kDefault);
    case Kw::kUnique:
      Advance();
      Expect(Kw::kIndex);
      return ParseCreateIndex(comments, IndexType::kUnique);
    case Kw::kFulltext:
      Advance();
      Expect(Kw::kIndex);
      return ParseCreateIndex(comments, IndexType::kFulltext);
    case Kw::kSpatial:
      if (AtPhrase("spatial reference"))
        return ParseSpatialReference(or_replace ? "create or replace" : "create");
      Advance();
      Expect(Kw::kIndex);
      return ParseCreateIndex(comments, IndexType::kSpatial);
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
    case Kw::kSequence:
    case Kw::kPackage:
    case Kw::kOnline:
    case Kw::kOffline:
      break;
    default:
      Fail();
      return New<CommentOnly>();
  }
  Restore(mark);
  return ParseOther(OtherClass::kDdl, 2);
}

const Statement* Parser::ParseCreateTable(Comments comments, bool or_replace, bool temporary) {
  CreateTable* node = NewAt<CreateTable>(0);
  node->comments = comments;
  node->source = RestOfText(0);
  node->or_replace = or_replace;
  node->temporary = temporary;
  node->if_not_exists = ParseIfNotExists();
  node->table = ParseTableName();
  if (failed_) return node;
  const CreateTable head = *node;
  const Mark mark = Save();
  if (Accept(Kw::kLike)) {
    node->like = ParseTableName();
  } else if (At(Tok::kLeftParen) && PeekIs(Kw::kLike)) {
    Advance();
    Advance();
    node->like = ParseTableName();
    node->like_in_parens = true;
    Expect(Tok::kRightParen);
  } else if (!AtEnd()) {
    const bool parens = At(Tok::kLeftParen) && !Cur().is_query;
    if (!At(Kw::kSelect) && !At(Kw::kAs) && !At(Tok::kLeftParen)) {
      node->spec = ParseTableSpec(false);
    } else if (parens) {
      node->spec = ParseTableSpec(true);
    }
    if (At(Kw::kReplace)) {
      Advance();
      node->select_replace = true;
    } else if (Accept(Kw::kIgnore)) {
      node->select_ignore = true;
    }
    const bool as = Accept(Kw::kAs);
    if (as || At(Kw::kSelect) || At(Kw::kWith) || At(Tok::kLeftParen)) node->select = ParseQuery();
  }
  if (!failed_ && !AtEnd() && !in_procedure_) Fail();
  if (!failed_ || !options_.allow_partial_ddl || in_procedure_) return node;
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

const Statement* Parser::ParseCreateDatabase(Comments comments, bool or_replace) {
  CreateDatabase* node = NewAt<CreateDatabase>(0);
  node->source = RestOfText(0);
  if (comments.empty()) node->comments = TakeComments();
  if (!comments.empty()) node->comments = comments;
  node->or_replace = or_replace;
  node->if_not_exists = ParseIfNotExists();
  node->name = Name();
  if (failed_) return node;
  const Mark mark = Save();
  ListOf<DatabaseOption> options(*this);
  while (!AtEnd()) {
    const DatabaseOption* option = ParseDatabaseOption();
    if (option == nullptr) {
      Fail();
      break;
    }
    options.Add(option);
  }
  if (failed_ && options_.allow_partial_ddl) {
    Restore(mark);
    node->fully_parsed = false;
    while (!AtEnd()) Advance();
    return node;
  }
  node->options = options.Take();
  return node;
}

// [DEFAULT] CHARACTER SET x | COLLATE x | ENCRYPTION 'x' | COMMENT 'x'; null for anything else.
const DatabaseOption* Parser::ParseDatabaseOption() {
  DatabaseOption* node = New<DatabaseOption>();
  node->is_default = Accept(Kw::kDefault);
  switch (Cur().word) {
    case Kw::kCharset:
      Advance();
      break;
    case Kw::kChar:
    case Kw::kCharacter:
      Advance();
      Expect(Kw::kSet);
      break;
    case Kw::kCollate:
      Advance();
      node->type = DatabaseOptionType::kCollate;
      break;
    case Kw::kEncryption:
      Advance();
      node->type = DatabaseOptionType::kEncryption;
      break;
    case Kw::kComment:
      Advance();
      node->type = DatabaseOptionType::kComment;
      break;
    default:
      return nullptr;
  }
  Accept(Tok::kEqual);
  const size_t begin = Cur().begin;
  if (At(Tok::kString)) {
    Advance();
    node->value = Source(begin, LastEnd());
  } else {
    node->value = At(Kw::kBinary) || At(Kw::kDefault) ? AnyName() : Name();
  }
  return node;
}

// CREATE INDEX i ON t (...) is ALTER TABLE t ADD INDEX i (...).
const Statement* Parser::ParseCreateIndex(Comments comments, IndexType type) {
  AlterTable* node = NewAt<AlterTable>(0);
  node->source = RestOfText(0);
  node->comments = comments;
  IndexDef* index = New<IndexDef>();
  index->type = type;
  index->if_not_exists = ParseIfNotExists();
  index->name = Name();
  std::vector<const IndexOption*> options;
  while (At(Kw::kUsing)) options.push_back(ParseIndexOption());
  Expect(Kw::kOn);
  node->table = ParseTableName();
  ParseIndexTail(index, options);
  AlterOption* add = New<AlterOption>();
  add->action = AlterKind::kAddIndex;
  add->index = index;
  std::vector<const AlterOption*> alters{add};
  ParseAlgorithmAndLock(alters);
  node->options = arena_.CopySpan<const AlterOption*>(alters);
  return node;
}

const Statement* Parser::ParseDropIndex(Comments comments) {
  AlterTable* node = NewAt<AlterTable>(0);
  node->source = RestOfText(0);
  node->comments = comments;
  AlterOption* drop = New<AlterOption>();
  drop->if_exists = ParseIfExists();
  if (At(Kw::kPrimary) || (At(Tok::kQuotedName) && Ident(NameOf(Cur())) == Ident("primary"))) {
    AnyName();
    drop->action = AlterKind::kDropPrimaryKey;
  } else {
    drop->action = AlterKind::kDropKey;
    drop->name = Name();
  }
  Expect(Kw::kOn);
  node->table = ParseTableName();
  std::vector<const AlterOption*> alters{drop};
  ParseAlgorithmAndLock(alters);
  node->options = arena_.CopySpan<const AlterOption*>(alters);
  return node;
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

Parser::ViewHead Parser::ParseViewHead() {
  ViewHead head;
  if (Accept(Kw::kAlgorithm)) {
    Expect(Tok::kEqual);
    head.algorithm = Lower(AnyName());
  }
  if (At(Kw::kDefiner)) head.definer = ParseDefiner();
  if (Accept(Kw::kSql)) {
    Expect(Kw::kSecurity);
    head.security = Lower(AnyName());
  }
  Expect(Kw::kView);
  return head;
}

std::string_view Parser::ParseCheckOption() {
  if (!Accept(Kw::kWith)) return {};
  std::string_view option = "cascaded";
  if (Accept(Kw::kLocal)) {
    option = "local";
  } else {
    Accept(Kw::kCascaded);
  }
  Expect(Kw::kCheck);
  Expect(Kw::kOption);
  return option;
}

const Statement* Parser::ParseCreateView(Comments comments, bool or_replace) {
  CreateView* node = NewAt<CreateView>(0);
  node->source = RestOfText(0);
  node->comments = comments;
  node->or_replace = or_replace;
  const ViewHead head = ParseViewHead();
  node->algorithm = head.algorithm;
  node->definer = head.definer;
  node->security = head.security;
  node->if_not_exists = ParseIfNotExists();
  node->view = ParseTableName();
  if (At(Tok::kLeftParen) && !Cur().is_query) node->columns = ParenNameList();
  Expect(Kw::kAs);
  node->select = ParseQuery();
  node->check_option = ParseCheckOption();
  return node;
}

const Statement* Parser::ParseAlter() {
  const Mark mark = Save();
  Advance();
  const Comments comments = TakeComments();
  switch (Cur().word) {
    case Kw::kTable:
      Advance();
      return ParseAlterTable(comments);
    case Kw::kOnline:
    case Kw::kIgnore:
      if (!PeekIs(Kw::kTable)) break;
      Advance();
      Advance();
      return ParseAlterTable(comments);
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
      AlterView* node = NewAt<AlterView>(0);
      node->source = RestOfText(0);
      node->comments = comments;
      const ViewHead view = ParseViewHead();
      node->algorithm = view.algorithm;
      node->definer = view.definer;
      node->security = view.security;
      ParseIfExists();
      node->view = ParseTableName();
      if (At(Tok::kLeftParen) && !Cur().is_query) node->columns = ParenNameList();
      Expect(Kw::kAs);
      node->select = ParseQuery();
      node->check_option = ParseCheckOption();
      return node;
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
    case Kw::kSequence:
      break;
    default:
      Fail();
      return New<CommentOnly>();
  }
  Restore(mark);
  return ParseOther(OtherClass::kDdl, 2);
}

const Statement* Parser::ParseAlterDatabase() {
  AlterDatabase* node = NewAt<AlterDatabase>(0);
  node->source = RestOfText(0);
  const bool option_first = (At(Kw::kDefault) || At(Kw::kCharacter) || At(Kw::kCollate) ||
                             At(Kw::kEncryption) || (At(Kw::kCharset) && !PeekIs(Kw::kCharset))) &&
                            Peek().type != Tok::kEnd;
  if (!option_first) node->name = Name();
  if (Accept(Kw::kUpgrade)) {
    Expect(Kw::kData);
    Expect(Kw::kDirectory);
    Expect(Kw::kName);
    node->upgrade_data_directory = true;
    return node;
  }
  ListOf<DatabaseOption> options(*this);
  while (!AtEnd()) {
    const DatabaseOption* option = ParseDatabaseOption();
    if (option == nullptr) {
      Fail();
      break;
    }
    options.Add(option);
  }
  node->options = options.Take();
  return node;
}

const VindexSpec* Parser::ParseVindexSpec(std::string_view name) {
  VindexSpec* node = New<VindexSpec>();
  node->name = name;
  if (Accept(Kw::kUsing)) node->type = Name();
  if (Accept(Kw::kWith)) {
    ListOf<VindexParam> params(*this);
    do {
      VindexParam* param = New<VindexParam>();
      param->name = At(Tok::kWord) ? AnyName() : Name();
      Expect(Tok::kEqual);
      const size_t begin = Cur().begin;
      if (At(Tok::kString)) {
        Advance();
        param->value = Source(begin, LastEnd());
      } else if (At(Tok::kInteger) || At(Tok::kWord)) {
        // Values may hold dots and dashes: to=ks.table
        size_t stop = Cur().begin;
        while (!AtEnd() && !At(Tok::kComma) && Cur().begin == stop) {
          stop = Cur().end;
          Advance();
        }
        param->value = Source(begin, stop);
      } else {
        param->value = Name();
      }
      params.Add(param);
    } while (Accept(Tok::kComma));
    node->params = params.Take();
  }
  return node;
}

const Statement* Parser::ParseAlterVschema() {
  AlterVschema* node = NewAt<AlterVschema>(0);
  const auto columns = [&] { node->columns = ParenNameList(); };
  if (Accept(Kw::kCreate)) {
    Expect(Kw::kVindex);
    node->action = VschemaAction::kCreateVindex;
    node->table = ParseTableName();
    node->vindex = ParseVindexSpec(node->table->name);
    return node;
  }
  if (Accept(Kw::kDrop)) {
    node->action = At(Kw::kVindex)     ? VschemaAction::kDropVindex
                   : At(Kw::kSequence) ? VschemaAction::kDropSequence
                                       : VschemaAction::kDropTable;
    if (!Accept(Kw::kVindex) && !Accept(Kw::kSequence)) Expect(Kw::kTable);
    node->table = ParseTableName();
    return node;
  }
  if (Accept(Kw::kAdd)) {
    node->action = At(Kw::kSequence) ? VschemaAction::kAddSequence : VschemaAction::kAddTable;
    if (!Accept(Kw::kSequence)) Expect(Kw::kTable);
    node->table = ParseTableName();
    return node;
  }
  Expect(Kw::kOn);
  node->table = ParseTableName();
  if (Accept(Kw::kAdd)) {
    if (Accept(Kw::kVindex)) {
      node->action = VschemaAction::kAddVindex;
      const std::string_view name = AnyName();
      columns();
      node->vindex = ParseVindexSpec(name);
    } else {
      Expect(Kw::kAutoIncrement);
      node->action = VschemaAction::kAddAutoIncrement;
      node->auto_increment_column = Name();
      Expect(Kw::kUsing);
      node->sequence = ParseTableName();
    }
    return node;
  }
  Expect(Kw::kDrop);
  if (Accept(Kw::kAutoIncrement)) {
    node->action = VschemaAction::kDropAutoIncrement;
    return node;
  }
  Expect(Kw::kVindex);
  node->action = VschemaAction::kDropTableVindex;
  VindexSpec* vindex = New<VindexSpec>();
  vindex->name = AnyName();
  node->vindex = vindex;
  return node;
}

// ['uuid'] retry | cleanup | launch | ... [all]
const Statement* Parser::ParseAlterMigration() {
  AlterMigration* node = NewAt<AlterMigration>(0);
  if (At(Tok::kString)) node->uuid = StringValue();
  std::string action(At(Tok::kWord) ? Lower(TokenText(Cur())) : std::string_view());
  static constexpr std::string_view kActions[] = {
      "retry",         "cleanup",           "launch",   "complete",  "postpone", "cancel",
      "force_cutover", "cutover_threshold", "throttle", "unthrottle"};
  bool known = false;
  for (const std::string_view name : kActions) known |= name == action;
  if (!known) Fail();
  Advance();
  if (action == "postpone") {
    Expect(Kw::kComplete);
    action = "postpone complete";
  }
  if (action == "cutover_threshold") node->threshold = StringValue();
  if (node->uuid.empty()) {
    Expect(Kw::kAll);
  } else if (Accept(Kw::kVitessShards)) {
    node->shards = StringValue();
  }
  if (Accept(Kw::kExpire)) node->expire = StringValue();
  if (Accept(Kw::kRatio)) {
    if (!At(Tok::kDecimal) && !At(Tok::kInteger)) Fail();
    node->ratio =
        ParseLiteralToken(At(Tok::kDecimal) ? LiteralType::kDecimal : LiteralType::kInteger);
  }
  node->action = Store(action);
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
      DropTable* node = NewAt<DropTable>(0);
      node->source = RestOfText(0);
      node->comments = comments;
      node->temporary = Accept(Kw::kTemporary);
      if (node->temporary && At(Kw::kSequence)) break;
      if (!Accept(Kw::kTables)) Expect(Kw::kTable);
      node->if_exists = ParseIfExists();
      node->tables = CommaList<TableName>(&Parser::ParseTableName);
      if (!Accept(Kw::kRestrict)) Accept(Kw::kCascade);
      if (At(Kw::kWait) || At(Kw::kNowait)) break;
      return node;
    }
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
    case Kw::kSequence:
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

const Statement* Parser::ParseTruncate() {
  TruncateTable* node = New<TruncateTable>();
  node->source = RestOfText(0);
  Advance();
  Accept(Kw::kTable);
  node->table = ParseTableName();
  if (At(Kw::kWait) || At(Kw::kNowait)) return ParseOther(OtherClass::kDdl, 0);
  return node;
}

const RenamePair* Parser::ParseRenamePair() {
  RenamePair* node = New<RenamePair>();
  node->from = ParseTableName();
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
  if (ParseIfExists()) Fail();
  node->pairs = CommaList<RenamePair>(&Parser::ParseRenamePair);
  return node;
}

}  // namespace tessera::sqlparser
