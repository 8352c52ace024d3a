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
    // Known by their first words only.
    case Kw::kGrant:
    case Kw::kRevoke:
      return ParseOther(OtherClass::kAccount, 1);
    case Kw::kXa:
      return ParseOther(OtherClass::kTransaction, 1);
    case Kw::kHandler:
    case Kw::kHelp:
      return ParseOther(OtherClass::kRead, 1);
    case Kw::kRepair:
    case Kw::kOptimize:
    case Kw::kCheck:
    case Kw::kChecksum:
    case Kw::kInstall:
    case Kw::kUninstall:
    case Kw::kBackup:
    case Kw::kShutdown:
    case Kw::kRestart:
    case Kw::kClone:
    case Kw::kImport:
    case Kw::kCache:
    case Kw::kBinlog:
      return ParseOther(OtherClass::kAdmin, 1);
    case Kw::kChange:
    case Kw::kReset:
    case Kw::kStop:
      return ParseOther(OtherClass::kReplication, 2);
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
  if (!PeekIs(Kw::kTransaction)) return ParseOther(OtherClass::kReplication, 2);
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
      while (!AtEnd() && Cur().begin == stop) {
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
  if (!PeekIs(Kw::kTables) && !PeekIs(Kw::kTable)) return ParseOther(OtherClass::kAdmin, 2);
  LockTables* node = New<LockTables>();
  Advance();
  Advance();
  node->tables = CommaList<LockedTable>(&Parser::ParseLockedTable);
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
    Accept(Kw::kConcurrent);
    node->lock = TableLock::kWrite;
  }
  return node;
}

const Statement* Parser::ParseUnlock() {
  if (!PeekIs(Kw::kTables) && !PeekIs(Kw::kTable)) return ParseOther(OtherClass::kAdmin, 2);
  UnlockTables* node = New<UnlockTables>();
  Advance();
  Advance();
  return node;
}

const Statement* Parser::ParseFlush() {
  Flush* node = New<Flush>();
  Advance();
  node->local = Accept(Kw::kLocal) || Accept(Kw::kNoWriteToBinlog);
  if (Accept(Kw::kTables) || Accept(Kw::kTable)) {
    node->is_tables = true;
    if (AtName()) node->tables = CommaList<TableName>(&Parser::ParseTableName);
    if (Accept(Kw::kWith)) {
      Expect(Kw::kRead);
      Expect(Kw::kLock);
      node->with_read_lock = true;
    } else if (Accept(Kw::kFor)) {
      Expect(Kw::kExport);
      node->for_export = true;
    }
    return node;
  }
  std::vector<std::string_view> options;
  do {
    std::string text;
    while (At(Tok::kWord) || At(Tok::kQuotedName) || At(Tok::kString)) {
      if (!text.empty()) text += ' ';
      text += Cur().word != Kw::kNone ? KeywordText(Cur().word) : TokenText(Cur());
      Advance();
    }
    if (text.empty()) Fail();
    options.push_back(Store(text));
  } while (Accept(Tok::kComma));
  node->options = arena_.CopySpan<std::string_view>(std::span<const std::string_view>(options));
  return node;
}

const Statement* Parser::ParseKill() {
  Kill* node = New<Kill>();
  Advance();
  if (At(Kw::kHard) || At(Kw::kSoft)) Advance();
  if (Accept(Kw::kQuery)) {
    node->type = KillType::kQuery;
    if (At(Kw::kId)) Advance();
  } else {
    Accept(Kw::kConnection);
  }
  if (At(Kw::kUser)) return ParseOther(OtherClass::kAdmin, 0);
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
  if (Accept(Kw::kTable) || Accept(Kw::kTables)) {
    Analyze* node = NewAt<Analyze>(position);
    node->local = local;
    node->tables = CommaList<TableName>(&Parser::ParseTableName);
    if (!AtEnd()) return ParseOther(OtherClass::kAdmin, 0);
    return node;
  }
  return ParseAnalyzeStatement(position);
}

const Statement* Parser::ParsePurge() {
  PurgeBinaryLogs* node = New<PurgeBinaryLogs>();
  Advance();
  if (!Accept(Kw::kBinary)) Expect(Kw::kMaster);
  Expect(Kw::kLogs);
  const bool before = At(Kw::kBefore);
  if (!before && !At(Kw::kTo)) Fail();
  Advance();
  const size_t begin = Cur().begin;
  ParseExpr();
  (before ? node->before : node->to) = Source(begin, LastEnd());
  return node;
}

const Statement* Parser::ParseLoad() {
  if (!PeekIs(Kw::kData) && !PeekIs(Kw::kXml)) return ParseOther(OtherClass::kAdmin, 2);
  Load* node = New<Load>();
  const size_t begin = Cur().begin;
  Advance();
  SkipStatement();
  node->source = Source(begin, LastEnd());
  return node;
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
