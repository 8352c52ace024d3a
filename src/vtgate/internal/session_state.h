// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sqlparser/ast_session.h"
#include "vtgate/session.h"

namespace tessera::vtgate::internal {

// Statements that bring a fresh connection of a server to where the session is.
std::vector<std::string> StateStatements(const Session& session);

// As servers call it: REPEATABLE-READ. Empty for theirs, whatever it is.
std::string_view IsolationName(queryservice::Isolation isolation);

// What the session's transactions begin with, but for one that SET TRANSACTION alone was for: what
// @@tx_isolation and @@tx_read_only tell.
queryservice::Isolation LastingIsolation(const Session& session);
bool LastingReadOnly(const Session& session);

// SAVEPOINT, ROLLBACK TO or RELEASE: the session's savepoints are those that hold behind it.
// Whether there was the one that it names.
bool NoteSavepoint(Session& session, const sqlparser::Statement& statement);

// Refuses (VT12001) a sql_mode with which servers would read SQL otherwise than the gate does.
Result<> CheckSqlMode(std::string_view value);

// Whether the text has the word in it, in whatever case. `word` is in lower case.
bool Mentions(std::string_view text, std::string_view word);
// BEGIN, COMMIT, ROLLBACK and what savepoints have.
bool IsTransactionStatement(sqlparser::StatementKind kind);

// Whether the text is CREATE, ALTER or DROP DATABASE.
bool ChangesDatabases(std::string_view sql);

// `db = 'name'` in the condition of SHOW FUNCTION STATUS and the like; null when there is none.
const sqlparser::ComparisonExpr* DatabaseCondition(const sqlparser::Show& show);

}  // namespace tessera::vtgate::internal
