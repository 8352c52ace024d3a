// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {

const Statement* Parser::ParseStatement() {
  const Depth depth(*this);
  if (At(Tok::kLeftParen)) return ParseQueryStatement();
  if (!At(Tok::kWord)) {
    Fail();
    return New<CommentOnly>();
  }
  return ParseStatementByWord(Cur().word);
}

const Statement* Parser::ParseStatementByWord(Kw word) {
  switch (word) {
    case Kw::kSelect:
    case Kw::kValues:
    case Kw::kTable:
      return ParseQueryStatement();
    case Kw::kWith:
      return ParseWithStatement();
    case Kw::kInsert:
      return ParseInsert(false);
    case Kw::kReplace:
      return ParseInsert(true);
    case Kw::kUpdate:
      return ParseUpdate(nullptr);
    case Kw::kDelete:
      return ParseDelete(nullptr);
    case Kw::kSet:
      return ParseSet();
    case Kw::kShow:
      return ParseShow();
    case Kw::kBegin:
      return ParseBegin();
    case Kw::kStart:
      return ParseStart();
    case Kw::kCommit:
      return ParseCommit();
    case Kw::kRollback:
      return ParseRollback();
    case Kw::kSavepoint: {
      Savepoint* node = New<Savepoint>();
      Advance();
      node->name = Name();
      return node;
    }
    case Kw::kRelease:
      return ParseRelease();
    case Kw::kUse:
      return ParseUse();
    case Kw::kCreate:
      return ParseCreate();
    case Kw::kAlter:
      return ParseAlter();
    case Kw::kDrop:
      return ParseDrop();
    case Kw::kTruncate:
      return ParseTruncate();
    case Kw::kRename:
      return ParseRename();
    case Kw::kExplain:
    case Kw::kDescribe:
    case Kw::kDesc:
      return ParseExplain();
    case Kw::kVexplain:
      return ParseVexplain();
    case Kw::kCall:
      return ParseCall();
    case Kw::kPrepare:
      return ParsePrepare();
    case Kw::kExecute:
      return ParseExecute();
    case Kw::kDeallocate:
      return ParseDeallocate();
    case Kw::kLock:
      return ParseLock();
    case Kw::kUnlock:
      return ParseUnlock();
    case Kw::kFlush:
      return ParseFlush();
    case Kw::kKill:
      return ParseKill();
    case Kw::kStream:
      return ParseStream(false);
    case Kw::kVstream:
      return ParseStream(true);
    case Kw::kAnalyze:
      return ParseAnalyze();
    case Kw::kPurge:
      return ParsePurge();
    case Kw::kLoad:
      return ParseLoad();
    case Kw::kDo:
      return ParseDo();
    case Kw::kRevert:
      return ParseRevert();
    case Kw::kSignal:
    case Kw::kResignal:
      return ParseSignal();
    case Kw::kGet:
      return ParseGetDiagnostics();
    case Kw::kIf:
    case Kw::kCase:
    case Kw::kLoop:
    case Kw::kWhile:
    case Kw::kRepeat:
    case Kw::kFor:
      return ParseProgramBody();
    case Kw::kGrant:
      return ParseGrant(false);
    case Kw::kRevoke:
      return ParseGrant(true);
    case Kw::kXa:
      return ParseXa();
    case Kw::kHandler:
      return ParseHandlerStatement();
    case Kw::kHelp:
      return ParseHelp();
    case Kw::kCheck:
      return ParseMaintainTables(TableUpkeep::kCheck);
    case Kw::kChecksum:
      return ParseMaintainTables(TableUpkeep::kChecksum);
    case Kw::kRepair:
      return ParseMaintainTables(TableUpkeep::kRepair);
    case Kw::kOptimize:
      return ParseMaintainTables(TableUpkeep::kOptimize);
    case Kw::kCache:
      return ParseKeyCache(false);
    case Kw::kInstall:
      return ParseInstall(false);
    case Kw::kUninstall:
      return ParseInstall(true);
    case Kw::kBackup:
      return ParseBackup();
    case Kw::kShutdown:
    case Kw::kRestart:
      return ParseShutdown();
    case Kw::kClone:
      return ParseClone();
    case Kw::kImport:
      return ParseImport();
    case Kw::kBinlog:
      return ParseBinlog();
    case Kw::kChange:
      return ParseChange();
    case Kw::kReset:
      return ParseReset();
    case Kw::kStop:
      return ParseReplicaCommand(true);
    default:
      Fail();
      return New<CommentOnly>();
  }
}

// The first `words` words name it; the rest is taken as it is.
const Statement* Parser::ParseOther(OtherClass other_class, int words) {
  OtherStatement* node = New<OtherStatement>();
  const size_t begin = Cur().begin;
  node->other_class = other_class;
  for (int i = 0; i < words && At(Tok::kWord); ++i) Advance();
  node->verb = Lower(Source(begin, LastEnd()));
  if (!options_.allow_other) Fail();
  SkipStatement();
  node->source = Source(begin, LastEnd());
  return node;
}

// To the end of the statement: the semicolon in a program's body, else the end of the text.
void Parser::SkipStatement() {
  while (!At(Tok::kEnd) && !(in_procedure_ && At(Tok::kSemicolon))) {
    if (At(Tok::kError)) Fail();
    if (At(Tok::kSemicolon) && Peek().type == Tok::kEnd) return;
    Advance();
  }
}

// WITH ... SELECT, UPDATE or DELETE.
const Statement* Parser::ParseWithStatement() {
  const With* with = ParseWith();
  if (At(Kw::kUpdate)) return ParseUpdate(with);
  if (At(Kw::kDelete)) return ParseDelete(with);
  return ParseQueryBehind(with, true);
}

const Statement* Parser::ParseBegin() {
  if (PeekIs(Kw::kNot)) return ParseProgramBody();
  Begin* node = New<Begin>();
  Advance();
  Accept(Kw::kWork);
  return node;
}

// START TRANSACTION [READ ONLY | READ WRITE] [WITH CONSISTENT SNAPSHOT]; START SLAVE ...
const Statement* Parser::ParseStart() {
  if (!PeekIs(Kw::kTransaction)) return ParseReplicaCommand(false);
  Begin* node = New<Begin>();
  Advance();
  Advance();
  node->start_transaction = true;
  if (AtEnd()) return node;
  node->read_mode_first = At(Kw::kRead);
  do {
    if (Accept(Kw::kRead)) {
      if (Accept(Kw::kOnly)) {
        node->read_only = true;
      } else {
        Expect(Kw::kWrite);
        node->read_write = true;
      }
    } else {
      Expect(Kw::kWith);
      Expect(Kw::kConsistent);
      Expect(Kw::kSnapshot);
      node->consistent_snapshot = true;
    }
  } while (Accept(Tok::kComma));
  if (node->read_only && node->read_write) Fail();
  return node;
}

// [AND [NO] CHAIN] [[NO] RELEASE]
void Parser::ParseCompletion(Completion* chain, Completion* release) {
  if (Accept(Kw::kAnd)) {
    *chain = Accept(Kw::kNo) ? Completion::kNo : Completion::kYes;
    Expect(Kw::kChain);
  }
  if (At(Kw::kRelease) || (At(Kw::kNo) && PeekIs(Kw::kRelease))) {
    *release = Accept(Kw::kNo) ? Completion::kNo : Completion::kYes;
    if (*chain == Completion::kYes && *release == Completion::kYes) Fail();
    Advance();
  }
}

const Statement* Parser::ParseCommit() {
  Commit* node = New<Commit>();
  Advance();
  Accept(Kw::kWork);
  ParseCompletion(&node->chain, &node->release);
  return node;
}

const Statement* Parser::ParseRollback() {
  const uint32_t position = Cur().begin;
  Advance();
  Accept(Kw::kWork);
  if (Accept(Kw::kTo)) {
    RollbackToSavepoint* node = NewAt<RollbackToSavepoint>(position);
    if (At(Kw::kSavepoint) && Peek().type != Tok::kEnd) Advance();
    node->name = Name();
    return node;
  }
  Rollback* node = NewAt<Rollback>(position);
  ParseCompletion(&node->chain, &node->release);
  return node;
}

const Statement* Parser::ParseRelease() {
  ReleaseSavepoint* node = New<ReleaseSavepoint>();
  Advance();
  Expect(Kw::kSavepoint);
  node->name = Name();
  return node;
}

// USE db, USE db@type, USE `ks:shard`, USE @type, USE
namespace {

// What "ks:80-c0@replica" is made of when it has no quotes.
bool IsTargetPart(Tok type) {
  switch (type) {
    case Tok::kWord:
    case Tok::kInteger:
    case Tok::kFloat:
    case Tok::kMinus:
    case Tok::kColon:
    case Tok::kBindVar:
    case Tok::kUserVariable:
      return true;
    default:
      return false;
  }
}

}  // namespace

const Statement* Parser::ParseUse() {
  Use* node = New<Use>();
  Advance();
  if (AtEnd()) return node;
  std::string target;
  if (At(Tok::kUserVariable)) {
    target = TokenText(Cur());
    Advance();
  } else {
    target = Name();
    const size_t end = LastEnd();
    if (At(Tok::kUserVariable) && Cur().begin == end) {
      target += TokenText(Cur());
      Advance();
    } else if (At(Tok::kColon) || At(Tok::kBindVar)) {  // ks:shard without quotes
      size_t stop = end;
      while (IsTargetPart(Cur().type) && ExtendsBareText(stop)) {
        stop = Cur().end;
        Advance();
      }
      target += Source(end, stop);
    }
  }
  node->target = Store(target);
  return node;
}

const Statement* Parser::ParseCall() {
  Call* node = New<Call>();
  Advance();
  node->procedure = ParseProgramName();
  if (!node->procedure->database.empty() && Accept(Tok::kDot)) node->routine = AnyName();
  if (Accept(Tok::kLeftParen)) {
    if (!At(Tok::kRightParen)) node->args = CommaList<Expr>(&Parser::ParseExpr);
    Expect(Tok::kRightParen);
  }
  return node;
}

const Statement* Parser::ParseLock() {
  if (PeekIs(Kw::kInstance)) return ParseInstanceLock(false);
  LockTables* node = New<LockTables>();
  Advance();
  if (!Accept(Kw::kTables)) Expect(Kw::kTable);
  node->tables = CommaList<LockedTable>(&Parser::ParseLockedTable);
  node->wait = ParseLockWait();
  return node;
}

const LockedTable* Parser::ParseLockedTable() {
  LockedTable* node = New<LockedTable>();
  AliasedTable* table = New<AliasedTable>();
  table->table = ParseTableName();
  if (!At(Kw::kRead) && !At(Kw::kWrite) && !At(Kw::kLowPriority)) {
    table->alias = ParseTableAlias();
  }
  node->table = table;
  if (Accept(Kw::kRead)) {
    node->lock = Accept(Kw::kLocal) ? TableLock::kReadLocal : TableLock::kRead;
  } else if (Accept(Kw::kLowPriority)) {
    Expect(Kw::kWrite);
    node->lock = TableLock::kLowPriorityWrite;
  } else {
    Expect(Kw::kWrite);
    node->lock = Accept(Kw::kConcurrent) ? TableLock::kConcurrentWrite : TableLock::kWrite;
  }
  return node;
}

const Statement* Parser::ParseUnlock() {
  if (PeekIs(Kw::kInstance)) return ParseInstanceLock(true);
  UnlockTables* node = New<UnlockTables>();
  Advance();
  if (!Accept(Kw::kTables)) Expect(Kw::kTable);
  return node;
}

const Statement* Parser::ParseFlush() {
  Flush* node = New<Flush>();
  Advance();
  node->local = Accept(Kw::kLocal) || Accept(Kw::kNoWriteToBinlog);
  if (Accept(Kw::kTables) || Accept(Kw::kTable)) {
    node->is_tables = true;
    if (AtName()) node->tables = CommaList<TableName>(&Parser::ParseTableName);
    if (AcceptPhrase("with read lock")) {
      node->with_read_lock = true;
      node->disable_checkpoint = AcceptPhrase("and disable checkpoint");
    } else if (!node->tables.empty() && AcceptPhrase("for export")) {
      node->for_export = true;
    }
    return node;
  }
  std::vector<std::string_view> options;
  do {
    options.push_back(ParseFlushOption());
  } while (Accept(Tok::kComma));
  node->options = StoreTexts(options);
  return node;
}

namespace {

// The last ones are tables of plugins.
const std::initializer_list<std::string_view> kFlushed = {"binary logs",
                                                          "des_key_file",
                                                          "engine logs",
                                                          "error logs",
                                                          "general logs",
                                                          "hosts",
                                                          "logs",
                                                          "master",
                                                          "optimizer_costs",
                                                          "privileges",
                                                          "query cache",
                                                          "slow logs",
                                                          "ssl",
                                                          "status",
                                                          "threads",
                                                          "user_resources",
                                                          "client_statistics",
                                                          "index_statistics",
                                                          "query_response_time",
                                                          "table_statistics",
                                                          "user_statistics",
                                                          "thread_statistics",
                                                          "query_response_time_read",
                                                          "query_response_time_write",
                                                          "query_response_time_read_write",
                                                          "user_variables",
                                                          "thread_pool_stats",
                                                          "thread_pool_waits"};

}  // namespace

std::string_view Parser::ParseFlushOption() {
  Clause option(*this);
  if (option.Accept("relay logs")) {
    option.AddSome(ParseConnectionName());
    if (option.Accept("for channel")) option.NameOrString();
  } else if (option.AcceptOne({"slave", "replica"})) {
    option.AddSome(ParseConnectionName());
  } else if (option.Accept("binary logs")) {
    if (option.Accept("delete_domain_id")) {
      option.Equal(false);
      option.IntegerList();
    }
  } else {
    option.ExpectOne(kFlushed);
  }
  return option.Take();
}

const Statement* Parser::ParseKill() {
  Kill* node = New<Kill>();
  Advance();
  if (At(Kw::kHard) || At(Kw::kSoft)) {
    node->force = KeywordText(Cur().word);
    Advance();
  }
  if (Accept(Kw::kQuery)) {
    node->type = KillType::kQuery;
    node->query_id = Accept(Kw::kId);
  } else {
    Accept(Kw::kConnection);
  }
  const Tok next = Peek().type;
  const bool user = next == Tok::kWord || next == Tok::kQuotedName || next == Tok::kString;
  if (user && At(Kw::kUser) && !node->query_id) {
    Advance();
    node->user = ParseUser();
    return node;
  }
  node->id = ParseExpr();
  return node;
}

const Statement* Parser::ParseStream(bool vstream) {
  const uint32_t position = Cur().begin;
  Advance();
  const Comments comments = TakeComments();
  const Node* item = ParseSelectItem();
  Expect(Kw::kFrom);
  const TableName* table = ParseTableName();
  if (!vstream) {
    Stream* node = NewAt<Stream>(position);
    node->comments = comments;
    node->item = item;
    node->table = table;
    return node;
  }
  Vstream* node = NewAt<Vstream>(position);
  node->comments = comments;
  node->item = item;
  node->table = table;
  node->where = ParseWhere();
  node->limit = ParseLimit();
  return node;
}

// ANALYZE TABLE t; MariaDB's ANALYZE [FORMAT=JSON] statement.
const Statement* Parser::ParseAnalyze() {
  const uint32_t position = Cur().begin;
  Advance();
  const bool local = Accept(Kw::kLocal) || Accept(Kw::kNoWriteToBinlog);
  if (At(Kw::kTable) || At(Kw::kTables)) return ParseAnalyzeTables(position, local);
  if (local) Fail();
  return ParseAnalyzeStatement(position);
}

const Statement* Parser::ParseDo() {
  DoStatement* node = New<DoStatement>();
  Advance();
  node->exprs = CommaList<Expr>(&Parser::ParseExpr);
  return node;
}

const Statement* Parser::ParseRevert() {
  RevertMigration* node = New<RevertMigration>();
  Advance();
  node->comments = TakeComments();
  Expect(Kw::kVitessMigration);
  node->uuid = StringValue();
  return node;
}

}  // namespace tessera::sqlparser
