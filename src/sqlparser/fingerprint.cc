// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/fingerprint.h"

#include "sqlparser/internal/fingerprint_scanner.h"
#include "sqlparser/shape_cache.h"

namespace tessera::sqlparser {

StatementKind KindOf(Kw word) {
  switch (word) {
    case Kw::kSelect:
      return StatementKind::kSelect;
    case Kw::kStream:
      return StatementKind::kStream;
    case Kw::kVstream:
      return StatementKind::kVstream;
    case Kw::kInsert:
      return StatementKind::kInsert;
    case Kw::kReplace:
      return StatementKind::kReplace;
    case Kw::kUpdate:
      return StatementKind::kUpdate;
    case Kw::kDelete:
      return StatementKind::kDelete;
    case Kw::kValues:
      return StatementKind::kValues;
    case Kw::kWith:
      return StatementKind::kWith;
    case Kw::kBegin:
    case Kw::kStart:
      return StatementKind::kBegin;
    case Kw::kCommit:
      return StatementKind::kCommit;
    case Kw::kRollback:
      return StatementKind::kRollback;
    case Kw::kSavepoint:
      return StatementKind::kSavepoint;
    case Kw::kRelease:
      return StatementKind::kReleaseSavepoint;
    case Kw::kSet:
      return StatementKind::kSet;
    case Kw::kShow:
      return StatementKind::kShow;
    case Kw::kUse:
      return StatementKind::kUse;
    case Kw::kCreate:
    case Kw::kAlter:
    case Kw::kDrop:
    case Kw::kTruncate:
    case Kw::kRename:
      return StatementKind::kDdl;
    case Kw::kExplain:
    case Kw::kDescribe:
    case Kw::kDesc:
      return StatementKind::kExplain;
    case Kw::kVexplain:
      return StatementKind::kVexplain;
    case Kw::kCall:
      return StatementKind::kCall;
    case Kw::kPrepare:
      return StatementKind::kPrepare;
    case Kw::kExecute:
      return StatementKind::kExecute;
    case Kw::kDeallocate:
      return StatementKind::kDeallocate;
    case Kw::kLock:
      return StatementKind::kLock;
    case Kw::kUnlock:
      return StatementKind::kUnlock;
    case Kw::kFlush:
      return StatementKind::kFlush;
    case Kw::kKill:
      return StatementKind::kKill;
    case Kw::kAnalyze:
      return StatementKind::kAnalyze;
    case Kw::kLoad:
      return StatementKind::kLoad;
    case Kw::kRevert:
      return StatementKind::kRevert;
    case Kw::kGrant:
    case Kw::kRevoke:
      return StatementKind::kAccount;
    case Kw::kDo:
      return StatementKind::kDo;
    default:
      return StatementKind::kOther;
  }
}

Result<> Fingerprint::Scan(std::string_view sql, const ParseOptions& options, ShapeCache* shapes) {
  if (shapes == nullptr) return FingerprintScanner(*this, sql, options).Run();
  if (shapes->Find(sql, options, *this)) return Ok{};
  FingerprintScanner scanner(*this, sql, options);
  TRY_OK(scanner.Run());
  if (scanner.repeats()) shapes->Insert(sql, options, *this);
  return Ok{};
}

StatementKind Preview(std::string_view sql) {
  const ParseOptions options;
  Lexer lexer(sql, options);
  Token token = lexer.Next();
  bool comment = false;
  while (token.type == Tok::kComment) {
    comment = true;
    token = lexer.Next();
  }
  if (token.type == Tok::kEnd && comment) return StatementKind::kComment;
  if (token.type == Tok::kLeftParen) return StatementKind::kSelect;
  if (token.word != Kw::kRollback) return KindOf(token.word);
  token = lexer.Next();
  if (token.word == Kw::kWork) token = lexer.Next();
  return token.word == Kw::kTo ? StatementKind::kRollbackToSavepoint : StatementKind::kRollback;
}

std::string_view ValueTypeName(ValueType type) {
  switch (type) {
    case ValueType::kNull:
      return "NULL_TYPE";
    case ValueType::kInt64:
      return "INT64";
    case ValueType::kUint64:
      return "UINT64";
    case ValueType::kFloat64:
      return "FLOAT64";
    case ValueType::kDecimal:
      return "DECIMAL";
    case ValueType::kVarChar:
      return "VARCHAR";
    case ValueType::kVarBinary:
      return "VARBINARY";
    case ValueType::kHexNum:
      return "HEXNUM";
    case ValueType::kHexVal:
      return "HEXVAL";
    case ValueType::kBitNum:
      return "BITNUM";
    case ValueType::kTuple:
      return "TUPLE";
  }
  return "NULL_TYPE";
}

std::string_view StatementKindName(StatementKind kind) {
  static constexpr std::string_view kNames[] = {"SELECT",
                                                "STREAM",
                                                "VSTREAM",
                                                "INSERT",
                                                "REPLACE",
                                                "UPDATE",
                                                "DELETE",
                                                "VALUES",
                                                "WITH",
                                                "BEGIN",
                                                "COMMIT",
                                                "ROLLBACK",
                                                "SAVEPOINT",
                                                "SAVEPOINT_ROLLBACK",
                                                "RELEASE",
                                                "SET",
                                                "SHOW",
                                                "USE",
                                                "DDL",
                                                "EXPLAIN",
                                                "VEXPLAIN",
                                                "CALL_PROC",
                                                "PREPARE",
                                                "EXECUTE",
                                                "DEALLOCATE PREPARE",
                                                "LOCK_TABLES",
                                                "UNLOCK_TABLES",
                                                "FLUSH",
                                                "KILL",
                                                "ANALYZE",
                                                "LOAD",
                                                "REVERT",
                                                "PRIV",
                                                "COMMENT_ONLY",
                                                "DO",
                                                "OTHER"};
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace tessera::sqlparser
