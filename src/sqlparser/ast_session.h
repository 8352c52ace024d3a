// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sqlparser/ast_query.h"

// SET, SHOW, USE, transactions, prepared statements, locks, EXPLAIN and the other statements that
// concern a session or a server rather than rows.
namespace tessera::sqlparser {

// One variable = value. SET NAMES x is the variable "names" with a string; SET CHARSET x is
// "charset"; both have a DefaultExpr for DEFAULT. SET TRANSACTION becomes transaction_isolation and
// transaction_read_only.
struct SetItem : Node {
  const Variable* variable = nullptr;
  const Expr* value = nullptr;
  std::string_view collate;  // SET NAMES x COLLATE y; not in Vitess's canonical text
  TESSERA_SQL_NODE(SetItem, Node, variable, value, collate)
};

struct SetStatement : Statement {
  Comments comments;
  List<SetItem> items;
  TESSERA_SQL_NODE(SetStatement, Statement, comments, items)
};

// SET STATEMENT a = 1 FOR statement (MariaDB)
struct SetForStatement : Statement {
  List<SetItem> items;
  const Statement* statement = nullptr;
  TESSERA_SQL_NODE(SetForStatement, Statement, items, statement)
};

enum class ShowType : uint8_t {
  // With a filter (LIKE or WHERE), in alphabetical order.
  kCharset,
  kCollation,
  kColumns,
  kDatabases,
  kEvents,
  kFunctionCode,
  kFunctionStatus,
  kGlobalGtidExecuted,
  kGlobalStatus,
  kGlobalVgtidExecuted,
  kGlobalVariables,
  kIndexes,
  kKeyspaces,
  kOpenTables,
  kPlugins,
  kPrivileges,
  kProcedureCode,
  kProcedureStatus,
  kSessionStatus,
  kSessionVariables,
  kTables,
  kTableStatus,
  kTriggers,
  kVitessMetadataVariables,
  kVitessMigrations,
  kVitessReplicationStatus,
  kVitessShards,
  kVitessTablets,
  kVitessTarget,
  kVitessVariables,
  kVschemaKeyspaces,
  kVschemaTables,
  kVschemaVindexes,
  kWarnings,
  kErrors,
  kEngines,
  kEngineStatus,
  // SHOW CREATE x.
  kCreateDatabase,
  kCreateEvent,
  kCreateFunction,
  kCreateProcedure,
  kCreateTable,
  kCreateTrigger,
  kCreateUser,
  kCreateView,
  kCreateSequence,
  kTransactionStatus,
  kUnresolvedTransactions,
  kGrants,
  kProcesslist,
  kProfile,
  kProfiles,
  kBinaryLogs,
  kBinlogEvents,
  kRelaylogEvents,
  kBinaryLogStatus,
  kReplicas,
  kReplicaStatus,
  kOther,  // another SHOW; name and text say which
};

struct Show : Statement {
  ShowType type = ShowType::kOther;
  bool full = false;
  const TableName* table = nullptr;  // COLUMNS FROM t, INDEX FROM t, CREATE TABLE t, ...
  std::string_view database;         // FROM db; keyspace for VITESS_*
  bool has_like = false;
  std::string_view like;
  const Expr* where = nullptr;
  const Limit* limit = nullptr;
  bool count = false;  // SHOW COUNT(*) WARNINGS
  // The rest, in canonical words: what SHOW shows ("slave status"), and what follows.
  std::string_view name;
  std::string_view text;
  std::span<const std::string_view> roles;  // GRANTS FOR user USING role, ...
  std::string_view channel;                 // FOR CHANNEL 'x', printed form
  TESSERA_SQL_NODE(Show, Statement, type, full, table, database, has_like, like, where, limit,
                   count, name, text, roles, channel)
};

// MySQL's SHOW PARSE_TREE statement
struct ShowParseTree : Statement {
  const Statement* statement = nullptr;
  TESSERA_SQL_NODE(ShowParseTree, Statement, statement)
};

// MariaDB's SHOW EXPLAIN FOR id and SHOW ANALYZE FOR id.
struct ShowExplain : Statement {
  bool analyze = false;
  std::string_view format;  // "json", "traditional"
  const Expr* id = nullptr;
  TESSERA_SQL_NODE(ShowExplain, Statement, analyze, format, id)
};

// USE db; USE db@replica, `ks:-80`: target is the whole name. Empty: USE without a name.
struct Use : Statement {
  std::string_view target;
  TESSERA_SQL_NODE(Use, Statement, target)
};

struct Begin : Statement {
  bool start_transaction = false;  // written START TRANSACTION
  bool read_only = false;
  bool read_write = false;
  bool consistent_snapshot = false;
  bool read_mode_first = true;  // order of the characteristics as written
  TESSERA_SQL_NODE(Begin, Statement, start_transaction, read_only, read_write, consistent_snapshot,
                   read_mode_first)
};

enum class Completion : uint8_t { kDefault, kNo, kYes };  // AND [NO] CHAIN, [NO] RELEASE

struct Commit : Statement {
  Completion chain = Completion::kDefault;
  Completion release = Completion::kDefault;
  TESSERA_SQL_NODE(Commit, Statement, chain, release)
};

struct Rollback : Statement {
  Completion chain = Completion::kDefault;
  Completion release = Completion::kDefault;
  TESSERA_SQL_NODE(Rollback, Statement, chain, release)
};

struct Savepoint : Statement {
  Ident name;
  TESSERA_SQL_NODE(Savepoint, Statement, name)
};

struct RollbackToSavepoint : Statement {
  Ident name;
  TESSERA_SQL_NODE(RollbackToSavepoint, Statement, name)
};

struct ReleaseSavepoint : Statement {
  Ident name;
  TESSERA_SQL_NODE(ReleaseSavepoint, Statement, name)
};

// EXPLAIN table [wild]
struct ExplainTable : Statement {
  const TableName* table = nullptr;
  std::string_view wild;  // 'pattern' as written, or a column
  bool wild_is_column = false;
  TESSERA_SQL_NODE(ExplainTable, Statement, table, wild, wild_is_column)
};

// EXPLAIN [format] statement; MariaDB's ANALYZE statement has kAnalyzeStatement.
enum class ExplainType : uint8_t {
  kDefault,
  kTraditional,
  kTree,
  kJson,
  kAnalyze,
  kVitess,
  kVtExplain,
  kExtended,
  kPartitions,
  kAnalyzeStatement,
  kAnalyzeJsonStatement,
  kForConnection,
  kFormat,  // any other format
};

struct Explain : Statement {
  Comments comments;
  ExplainType type = ExplainType::kDefault;
  std::string_view format;         // lower case; empty when not written
  const Variable* into = nullptr;  // MySQL: INTO @a
  std::string_view schema;         // MySQL: FOR SCHEMA a
  const Statement* statement = nullptr;
  const Expr* connection = nullptr;  // FOR CONNECTION id
  TESSERA_SQL_NODE(Explain, Statement, comments, type, format, into, schema, statement, connection)
};

enum class VexplainType : uint8_t { kPlan, kQueries, kAll, kTrace, kKeys };

struct Vexplain : Statement {
  Comments comments;
  VexplainType type = VexplainType::kPlan;
  const Statement* statement = nullptr;
  TESSERA_SQL_NODE(Vexplain, Statement, comments, type, statement)
};

struct Call : Statement {
  const TableName* procedure = nullptr;  // or, with routine, MariaDB's package
  Ident routine;
  List<Expr> args;
  TESSERA_SQL_NODE(Call, Statement, procedure, routine, args)
};

struct Prepare : Statement {
  Comments comments;
  Ident name;
  const Expr* source = nullptr;  // a string Literal or a user Variable; MariaDB: anything
  TESSERA_SQL_NODE(Prepare, Statement, comments, name, source)
};

struct Execute : Statement {
  Comments comments;
  Ident name;
  const Expr* immediate = nullptr;  // MariaDB: EXECUTE IMMEDIATE expr
  List<Expr> args;
  TESSERA_SQL_NODE(Execute, Statement, comments, name, immediate, args)
};

struct Deallocate : Statement {
  Comments comments;
  Ident name;
  TESSERA_SQL_NODE(Deallocate, Statement, comments, name)
};

enum class TableLock : uint8_t {
  kRead,
  kReadLocal,
  kWrite,
  kLowPriorityWrite,
  kConcurrentWrite,
};

struct LockedTable : Node {
  const TableExpr* table = nullptr;
  TableLock lock = TableLock::kRead;
  TESSERA_SQL_NODE(LockedTable, Node, table, lock)
};

struct LockTables : Statement {
  List<LockedTable> tables;
  std::string_view wait;  // MariaDB: "wait 5", "nowait"
  TESSERA_SQL_NODE(LockTables, Statement, tables, wait)
};

struct UnlockTables : Statement {
  TESSERA_SQL_NODE(UnlockTables, Statement)
};

struct Flush : Statement {
  bool local = false;
  bool is_tables = false;
  std::span<const std::string_view> options;  // canonical words: "slow logs"
  List<TableName> tables;
  bool with_read_lock = false;
  bool disable_checkpoint = false;  // MariaDB: WITH READ LOCK AND DISABLE CHECKPOINT
  bool for_export = false;
  TESSERA_SQL_NODE(Flush, Statement, local, is_tables, options, tables, with_read_lock,
                   disable_checkpoint, for_export)
};

enum class KillType : uint8_t { kConnection, kQuery };

struct Kill : Statement {
  std::string_view force;  // MariaDB: "hard" or "soft"
  KillType type = KillType::kConnection;
  bool query_id = false;     // MariaDB: KILL QUERY ID n
  const Expr* id = nullptr;  // null when a user's are killed
  std::string_view user;     // MariaDB: KILL USER name, printed form
  TESSERA_SQL_NODE(Kill, Statement, force, type, query_id, id, user)
};

// STREAM * FROM table (Vitess's messages).
struct Stream : Statement {
  Comments comments;
  const Node* item = nullptr;  // StarExpr or SelectItem
  const TableName* table = nullptr;
  TESSERA_SQL_NODE(Stream, Statement, comments, item, table)
};

struct Vstream : Statement {
  Comments comments;
  const Node* item = nullptr;
  const TableName* table = nullptr;
  const Expr* where = nullptr;
  const Limit* limit = nullptr;
  TESSERA_SQL_NODE(Vstream, Statement, comments, item, table, where, limit)
};

struct PurgeBinaryLogs : Statement {
  const Expr* to = nullptr;
  const Expr* before = nullptr;
  TESSERA_SQL_NODE(PurgeBinaryLogs, Statement, to, before)
};

struct DoStatement : Statement {
  List<Expr> exprs;
  TESSERA_SQL_NODE(DoStatement, Statement, exprs)
};

// Nothing but comments.
struct CommentOnly : Statement {
  Comments comments;
  TESSERA_SQL_NODE(CommentOnly, Statement, comments)
};

// What the grammar only places by its first words.
// Enough to pass the text on to an unsharded keyspace.
enum class OtherClass : uint8_t { kRead, kAdmin, kDdl, kAccount, kTransaction, kReplication };

struct OtherStatement : Statement {
  OtherClass other_class = OtherClass::kAdmin;
  std::string_view verb;    // lower case: "grant", "create trigger"
  std::string_view source;  // the statement as written, without the semicolon
  TESSERA_SQL_NODE(OtherStatement, Statement, other_class, verb, source)
};

}  // namespace tessera::sqlparser
