// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {
namespace {

struct ShowWord {
  Kw word;
  ShowType type;
};

// SHOW word [FROM database] [LIKE ... | WHERE ...]
constexpr ShowWord kSimple[] = {
    {Kw::kDatabases, ShowType::kDatabases},
    {Kw::kSchemas, ShowType::kDatabases},
    {Kw::kCharset, ShowType::kCharset},
    {Kw::kCollation, ShowType::kCollation},
    {Kw::kTables, ShowType::kTables},
    {Kw::kTriggers, ShowType::kTriggers},
    {Kw::kEvents, ShowType::kEvents},
    {Kw::kEngines, ShowType::kEngines},
    {Kw::kPlugins, ShowType::kPlugins},
    {Kw::kPrivileges, ShowType::kPrivileges},
    {Kw::kVariables, ShowType::kSessionVariables},
    {Kw::kStatus, ShowType::kSessionStatus},
    {Kw::kKeyspaces, ShowType::kKeyspaces},
    {Kw::kVitessKeyspaces, ShowType::kKeyspaces},
    {Kw::kVitessShards, ShowType::kVitessShards},
    {Kw::kVitessTablets, ShowType::kVitessTablets},
    {Kw::kVitessTarget, ShowType::kVitessTarget},
    {Kw::kVitessReplicationStatus, ShowType::kVitessReplicationStatus},
    {Kw::kVitessMigrations, ShowType::kVitessMigrations},
    {Kw::kProfiles, ShowType::kProfiles},
};

}  // namespace

const Statement* Parser::ParseShow() {
  Show* show = New<Show>();
  Advance();
  const Comments comments = TakeComments();
  show->extended = At(Kw::kExtended) && Peek().type == Tok::kWord && (Advance(), true);
  show->full = At(Kw::kFull) && Peek().type == Tok::kWord && (Advance(), true);
  const Kw word = Cur().word;
  const Kw next = Peek().word;
  for (const ShowWord& entry : kSimple) {
    if (entry.word != word) continue;
    Advance();
    show->type = entry.type;
    ParseShowFrom(show);
    ParseShowFilter(show);
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
      ParseShowFrom(show);
      ParseShowFilter(show);
      return show;
    }
    case Kw::kTable:
    case Kw::kOpen:
      if (next != Kw::kStatus && next != Kw::kTables) break;
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
      ParseShowFilter(show);
      return show;
    case Kw::kCount:
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
      ParseShowFilter(show);
      show->limit = ParseLimit();
      return show;
    case Kw::kProcesslist:
      show->type = ShowType::kProcesslist;
      Advance();
      ParseShowFilter(show);
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
    case Kw::kGrants:
      show->type = ShowType::kGrants;
      Advance();
      if (Accept(Kw::kFor)) {
        if (Accept(Kw::kCurrentUser)) {
          if (Accept(Tok::kLeftParen)) Expect(Tok::kRightParen);
        } else {
          show->text = ParseUser();
        }
      }
      return show;
    default:
      break;
  }
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
    show->like = StringValue();
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
      } else if (!AtEnd()) {
        show->text = ParseUser();
      } else {
        show->text = "current_user";
      }
      return show;
    default:
      if (word == Kw::kPackage) {
        show->name = "create package";
        show->text = CanonicalWords();
        return show;
      }
      Fail();
  }
  show->table = ParseTableName();
  return show;
}

// Any other SHOW, word for word.
void Parser::ParseShowRest(Show* show) {
  if (!At(Tok::kWord)) Fail();
  switch (Cur().word) {
    case Kw::kProfile:
      show->type = ShowType::kProfile;
      break;
    case Kw::kBinlog:
      show->type = ShowType::kBinlogEvents;
      break;
    case Kw::kRelaylog:
      show->type = ShowType::kRelaylogEvents;
      break;
    case Kw::kEngine:
      show->type = ShowType::kEngineStatus;
      break;
    case Kw::kBinary:
      show->type = PeekIs(Kw::kLogs) ? ShowType::kBinaryLogs : ShowType::kBinaryLogStatus;
      break;
    case Kw::kMaster:
      show->type = PeekIs(Kw::kLogs) ? ShowType::kBinaryLogs : ShowType::kBinaryLogStatus;
      break;
    case Kw::kReplica:
    case Kw::kSlave:
    case Kw::kAll:
      show->type = PeekIs(Kw::kHosts) ? ShowType::kReplicas : ShowType::kReplicaStatus;
      break;
    case Kw::kReplicas:
      show->type = ShowType::kReplicas;
      break;
    default:
      if (!options_.allow_other) Fail();
  }
  show->name = CanonicalWords();
  if (show->full) show->name = Store("full " + std::string(show->name));
  show->full = false;
}

// The tokens up to the statement's end: keywords in lower case, strings in our quoting.
std::string_view Parser::CanonicalWords() {
  std::string text;
  while (!AtEnd()) {
    const Token token = Cur();
    if (token.type == Tok::kError) Fail();
    const bool tight = token.type == Tok::kComma || token.type == Tok::kDot ||
                       token.type == Tok::kRightParen || text.ends_with('.') || text.ends_with('(');
    if (!text.empty() && !tight) text += ' ';
    if (token.type == Tok::kString) {
      AppendQuoted(text, NameOf(token));
    } else if (token.type == Tok::kQuotedName) {
      AppendIdentifier(text, NameOf(token));
    } else if (token.type == Tok::kWord && token.word == Kw::kNone) {
      text += text == "engine " ? Lower(TokenText(token)) : TokenText(token);
    } else {
      text += token.type == Tok::kWord ? KeywordText(token.word) : TokenText(token);
    }
    Advance();
  }
  return text.empty() ? std::string_view() : Store(text);
}

}  // namespace tessera::sqlparser
