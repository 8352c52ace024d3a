// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {
namespace {

struct ShowWord {
  Kw word;
  ShowType type;
  bool from;    // [FROM database]
  bool filter;  // [LIKE ... | WHERE ...]
};

constexpr ShowWord kSimple[] = {
    {Kw::kDatabases, ShowType::kDatabases, false, true},
    {Kw::kSchemas, ShowType::kDatabases, false, true},
    {Kw::kCharset, ShowType::kCharset, false, true},
    {Kw::kCollation, ShowType::kCollation, false, true},
    {Kw::kTables, ShowType::kTables, true, true},
    {Kw::kTriggers, ShowType::kTriggers, true, true},
    {Kw::kEvents, ShowType::kEvents, true, true},
    {Kw::kEngines, ShowType::kEngines, false, false},
    {Kw::kPlugins, ShowType::kPlugins, false, false},
    {Kw::kPrivileges, ShowType::kPrivileges, false, false},
    {Kw::kVariables, ShowType::kSessionVariables, false, true},
    {Kw::kStatus, ShowType::kSessionStatus, false, true},
    {Kw::kKeyspaces, ShowType::kKeyspaces, true, true},
    {Kw::kVitessKeyspaces, ShowType::kKeyspaces, true, true},
    {Kw::kVitessShards, ShowType::kVitessShards, true, true},
    {Kw::kVitessTablets, ShowType::kVitessTablets, true, true},
    {Kw::kVitessTarget, ShowType::kVitessTarget, true, true},
    {Kw::kVitessReplicationStatus, ShowType::kVitessReplicationStatus, true, true},
    {Kw::kVitessMigrations, ShowType::kVitessMigrations, true, true},
    {Kw::kProfiles, ShowType::kProfiles, false, false},
};

}  // namespace

const Statement* Parser::ParseShow() {
  Show* show = New<Show>();
  Advance();
  const Comments comments = TakeComments();
  // EXTENDED is taken but not kept: Vitess does not pass it on.
  const bool extended = At(Kw::kExtended) && Peek().type == Tok::kWord && (Advance(), true);
  show->full = At(Kw::kFull) && Peek().type == Tok::kWord && (Advance(), true);
  const Kw word = Cur().word;
  const Kw next = Peek().word;
  const bool columns = word == Kw::kColumns || word == Kw::kFields;
  const bool tables = word == Kw::kTables;
  if (show->full && !columns && !tables && word != Kw::kProcesslist && word != Kw::kTriggers) {
    Fail();
  }
  const bool index = word == Kw::kIndex || word == Kw::kIndexes || word == Kw::kKeys;
  if (extended && !columns && !tables && !index) Fail();
  for (const ShowWord& entry : kSimple) {
    if (entry.word != word) continue;
    Advance();
    if (word == Kw::kPlugins && AcceptPhrase("soname")) {
      show->name = "plugins soname";
      show->text = ParseConnectionName();
    }
    show->type = entry.type;
    if (entry.from) ParseShowFrom(show);
    const bool library_unnamed = !show->name.empty() && show->text.empty();
    if (entry.filter || library_unnamed) ParseShowFilter(show);
    return show;
  }
  switch (word) {
    case Kw::kCharacter:
      Advance();
      Expect(Kw::kSet);
      show->type = ShowType::kCharset;
      ParseShowFilter(show);
      return show;
    case Kw::kGlobal:
    case Kw::kSession:
    case Kw::kLocal: {
      const bool global = word == Kw::kGlobal;
      if (next == Kw::kVariables) {
        show->type = global ? ShowType::kGlobalVariables : ShowType::kSessionVariables;
      } else if (next == Kw::kStatus) {
        show->type = global ? ShowType::kGlobalStatus : ShowType::kSessionStatus;
      } else if (next == Kw::kVgtidExecuted) {
        show->type = ShowType::kGlobalVgtidExecuted;
      } else if (next == Kw::kGtidExecuted) {
        show->type = ShowType::kGlobalGtidExecuted;
      } else {
        Advance();
        Fail();
      }
      Advance();
      Advance();
      ParseShowFilter(show);
      return show;
    }
    case Kw::kTable:
    case Kw::kOpen:
      if (next != (word == Kw::kTable ? Kw::kStatus : Kw::kTables)) break;
      show->type = word == Kw::kTable ? ShowType::kTableStatus : ShowType::kOpenTables;
      Advance();
      Advance();
      ParseShowFrom(show);
      ParseShowFilter(show);
      return show;
    case Kw::kFunction:
    case Kw::kProcedure: {
      const bool function = word == Kw::kFunction;
      Advance();
      if (Accept(Kw::kCode)) {
        show->type = function ? ShowType::kFunctionCode : ShowType::kProcedureCode;
        show->table = ParseTableName();
        return show;
      }
      Expect(Kw::kStatus);
      show->type = function ? ShowType::kFunctionStatus : ShowType::kProcedureStatus;
      ParseShowFilter(show);
      return show;
    }
    case Kw::kColumns:
    case Kw::kFields:
      show->type = ShowType::kColumns;
      Advance();
      if (!Accept(Kw::kFrom)) Expect(Kw::kIn);
      show->table = ParseTableName();
      ParseShowFrom(show);
      ParseShowFilter(show);
      return show;
    case Kw::kIndex:
    case Kw::kIndexes:
    case Kw::kKeys:
      show->type = ShowType::kIndexes;
      Advance();
      if (!Accept(Kw::kFrom)) Expect(Kw::kIn);
      show->table = ParseTableName();
      ParseShowFrom(show);
      show->where = ParseWhere();
      return show;
    case Kw::kCount:
      if (Peek().begin != Cur().end) Fail();  // no function then
      Advance();
      Expect(Tok::kLeftParen);
      Expect(Tok::kStar);
      Expect(Tok::kRightParen);
      show->count = true;
      show->type = At(Kw::kErrors) ? ShowType::kErrors : ShowType::kWarnings;
      if (!Accept(Kw::kErrors)) Expect(Kw::kWarnings);
      return show;
    case Kw::kWarnings:
    case Kw::kErrors:
      show->type = word == Kw::kErrors ? ShowType::kErrors : ShowType::kWarnings;
      Advance();
      show->limit = ParseLimit();
      return show;
    case Kw::kProcesslist:
      show->type = ShowType::kProcesslist;
      Advance();
      return show;
    case Kw::kCreate:
      Advance();
      return ParseShowCreate(show);
    case Kw::kTransaction:
      Advance();
      Expect(Kw::kStatus);
      Accept(Kw::kFor);
      show->type = ShowType::kTransactionStatus;
      show->text = StringValue();
      return show;
    case Kw::kUnresolved:
      Advance();
      Expect(Kw::kTransactions);
      show->type = ShowType::kUnresolvedTransactions;
      if (Accept(Kw::kFor)) show->database = Name();
      return show;
    case Kw::kVitessMetadata:
      Advance();
      Expect(Kw::kVariables);
      show->type = ShowType::kVitessMetadataVariables;
      ParseShowFilter(show);
      return show;
    case Kw::kVitessMigration: {
      ShowMigrationLogs* node = New<ShowMigrationLogs>();
      Advance();
      node->comments = comments;
      node->uuid = StringValue();
      Expect(Kw::kLogs);
      return node;
    }
    case Kw::kVitessThrottledApps: {
      ShowThrottledApps* node = New<ShowThrottledApps>();
      Advance();
      node->comments = comments;
      return node;
    }
    case Kw::kVitessThrottler: {
      ShowThrottlerStatus* node = New<ShowThrottlerStatus>();
      Advance();
      Expect(Kw::kStatus);
      node->comments = comments;
      return node;
    }
    case Kw::kVschema:
      Advance();
      show->type = At(Kw::kTables)      ? ShowType::kVschemaTables
                   : At(Kw::kKeyspaces) ? ShowType::kVschemaKeyspaces
                                        : ShowType::kVschemaVindexes;
      if (!Accept(Kw::kTables) && !Accept(Kw::kKeyspaces)) Expect(Kw::kVindexes);
      if (show->type == ShowType::kVschemaVindexes && (Accept(Kw::kFrom) || Accept(Kw::kOn))) {
        show->table = ParseTableName();
      }
      ParseShowFrom(show);
      ParseShowFilter(show);
      return show;
    case Kw::kExplain:
    case Kw::kAnalyze:
      return ParseShowExplain();
    case Kw::kStorage:
      Advance();
      Expect(Kw::kEngines);
      show->type = ShowType::kEngines;
      return show;
    case Kw::kGrants:
      show->type = ShowType::kGrants;
      Advance();
      if (Accept(Kw::kFor)) {
        if (Accept(Kw::kCurrentUser)) {
          if (Accept(Tok::kLeftParen)) Expect(Tok::kRightParen);
        } else {
          show->text = ParseUser();
        }
        if (Accept(Kw::kUsing)) {
          if (show->text.empty()) show->text = "current_user()";
          show->roles = ParseUserList();
        }
      }
      return show;
    default:
      break;
  }
  if (AtPhrase("parse_tree")) return ParseShowParseTree();
  ParseShowRest(show);
  return show;
}

void Parser::ParseShowFrom(Show* show) {
  if (!At(Kw::kFrom) && !At(Kw::kIn)) return;
  Advance();
  show->database = Name();
}

void Parser::ParseShowFilter(Show* show) {
  if (Accept(Kw::kLike)) {
    show->has_like = true;
    show->like = OneString();
  } else if (At(Kw::kWhere)) {
    show->where = ParseWhere();
  }
}

const Statement* Parser::ParseShowCreate(Show* show) {
  const Kw word = Cur().word;
  Advance();
  switch (word) {
    case Kw::kDatabase:
    case Kw::kSchema: {
      show->type = ShowType::kCreateDatabase;
      ParseIfNotExists();
      TableName* name = New<TableName>();
      name->name = Name();
      show->table = name;
      return show;
    }
    case Kw::kEvent:
      show->type = ShowType::kCreateEvent;
      break;
    case Kw::kFunction:
      show->type = ShowType::kCreateFunction;
      break;
    case Kw::kProcedure:
      show->type = ShowType::kCreateProcedure;
      break;
    case Kw::kTable:
      show->type = ShowType::kCreateTable;
      break;
    case Kw::kTrigger:
      show->type = ShowType::kCreateTrigger;
      break;
    case Kw::kView:
      show->type = ShowType::kCreateView;
      break;
    case Kw::kSequence:
      show->type = ShowType::kCreateSequence;
      break;
    case Kw::kUser:
      show->type = ShowType::kCreateUser;
      if (Accept(Kw::kCurrentUser)) {
        if (Accept(Tok::kLeftParen)) Expect(Tok::kRightParen);
        show->text = "current_user";
      } else if (AtName() && Peek().type != Tok::kUserVariable) {
        std::string name;  // Vitess quotes it
        AppendQuoted(name, Name());
        show->text = Store(name);
      } else if (!AtEnd() && !At(Kw::kCurrentRole)) {
        show->text = ParseUser();
      } else {
        show->text = "current_user";
      }
      return show;
    default:
      if (word == Kw::kPackage) {
        const bool body = At(Kw::kBody) && Peek().type == Tok::kWord;
        if (body) Advance();
        show->name = body ? "create package body" : "create package";
        show->table = ParseTableName();
        return show;
      }
      Fail();
  }
  show->table = ParseTableName();
  return show;
}

}  // namespace tessera::sqlparser
