// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sqlparser/ast_dml.h"
#include "sqlparser/ast_session.h"

// Upkeep of tables, plugins, servers, replication: what administers a server. Options nobody looks
// into are strings in printed form.
namespace tessera::sqlparser {

// XA START 'a', 'b', 1 JOIN
struct Xa : Statement {
  std::string_view verb;    // "start", "end", "prepare", "commit", "rollback", "recover"
  std::string_view xid;     // printed form; empty for recover
  std::string_view suffix;  // "join", "suspend for migrate", "one phase", "format = 'sql'"
  TESSERA_SQL_NODE(Xa, Statement, verb, xid, suffix)
};

enum class HandlerVerb : uint8_t { kOpen, kClose, kRead };

// HANDLER t OPEN AS a; HANDLER a READ i >= (1) WHERE ... LIMIT ...; HANDLER a CLOSE
struct HandlerStatement : Statement {
  HandlerVerb verb = HandlerVerb::kOpen;
  const TableName* table = nullptr;
  Ident alias;
  Ident index;            // READ index ...
  std::string_view move;  // "first", "next", "prev", "last", or "=", "<", ...
  List<Expr> keys;        // of an index read by value
  const Expr* where = nullptr;
  const Limit* limit = nullptr;
  TESSERA_SQL_NODE(HandlerStatement, Statement, verb, table, alias, index, move, keys, where, limit)
};

enum class TableUpkeep : uint8_t { kCheck, kChecksum, kRepair, kOptimize };

// CHECK TABLE, CHECKSUM TABLE, REPAIR TABLE, OPTIMIZE TABLE, CHECK VIEW, REPAIR VIEW
struct MaintainTables : Statement {
  TableUpkeep upkeep = TableUpkeep::kCheck;
  bool local = false;
  bool views = false;
  // Vitess takes REPAIR name and OPTIMIZE name too, and prints neither. Not part of equality.
  bool bare = false;
  List<TableName> tables;
  std::string_view options;  // "quick extended", "for upgrade", "wait 5"
  TESSERA_SQL_NODE(MaintainTables, Statement, upkeep, local, views, tables, options)
};

// MariaDB's ANALYZE TABLE t PERSISTENT FOR COLUMNS (a) INDEXES (i).
struct AnalyzedTable : Node {
  const TableName* table = nullptr;
  bool persistent = false;
  bool all_columns = false;  // COLUMNS ALL
  std::span<const Ident> columns;
  bool all_indexes = false;
  std::span<const Ident> indexes;
  TESSERA_SQL_NODE(AnalyzedTable, Node, table, persistent, all_columns, columns, all_indexes,
                   indexes)
};

enum class HistogramAction : uint8_t { kNone, kUpdate, kDrop };

struct Analyze : Statement {
  bool local = false;
  List<AnalyzedTable> tables;
  // MySQL's UPDATE | DROP HISTOGRAM ON columns, of the only table.
  HistogramAction histogram = HistogramAction::kNone;
  std::span<const Ident> histogram_columns;
  std::string_view histogram_options;  // "with 10 buckets auto update", "using data '...'"
  TESSERA_SQL_NODE(Analyze, Statement, local, tables, histogram, histogram_columns,
                   histogram_options)
};

// A table of CACHE INDEX and LOAD INDEX: t PARTITION (p) INDEX (a, b) IGNORE LEAVES
struct CachedTable : Node {
  const TableName* table = nullptr;
  bool all_partitions = false;
  std::span<const Ident> partitions;
  bool has_indexes = false;
  std::span<const Ident> indexes;
  bool ignore_leaves = false;
  TESSERA_SQL_NODE(CachedTable, Node, table, all_partitions, partitions, has_indexes, indexes,
                   ignore_leaves)
};

// CACHE INDEX t, ... IN cache; LOAD INDEX INTO CACHE t, ...
struct KeyCache : Statement {
  bool load = false;
  List<CachedTable> tables;
  bool default_cache = false;
  Ident cache;
  TESSERA_SQL_NODE(KeyCache, Statement, load, tables, default_cache, cache)
};

enum class PluginObject : uint8_t { kPlugin, kSoname, kComponent };

// INSTALL and UNINSTALL of PLUGIN, SONAME, COMPONENT.
struct InstallPlugin : Statement {
  bool uninstall = false;
  PluginObject object = PluginObject::kPlugin;
  bool if_exists = false;  // IF NOT EXISTS of INSTALL
  Ident name;
  std::span<const std::string_view> libraries;  // of a soname and components: texts
  List<SetItem> settings;                       // SetItems: INSTALL COMPONENT ... SET a = 1
  TESSERA_SQL_NODE(InstallPlugin, Statement, uninstall, object, if_exists, name, libraries,
                   settings)
};

enum class AdminVerb : uint8_t {
  kAlterInstance,
  kBackup,
  kChangeReplicationFilter,
  kClone,
  kHelp,
  kImportTable,
  kLockInstance,
  kLogfileGroup,
  kReset,
  kResourceGroup,
  kRestart,
  kShutdown,
  kSpatialReference,
  kTablespace,
  kUnlockInstance,
};

// A command of words, names and values.
struct AdminCommand : Statement {
  AdminVerb verb = AdminVerb::kReset;
  std::string_view text;  // all of it, printed form
  TESSERA_SQL_NODE(AdminCommand, Statement, verb, text)
};

// BINLOG 'events', or MariaDB's BINLOG @a, @b.
struct BinlogEvent : Statement {
  List<Expr> parts;
  TESSERA_SQL_NODE(BinlogEvent, Statement, parts)
};

// CHANGE MASTER 'name' TO ... and CHANGE REPLICATION SOURCE TO ...
struct ChangeMaster : Statement {
  bool replication_source = false;
  std::string_view connection;                // printed form
  std::span<const std::string_view> options;  // "master_host = 'x'"
  std::string_view channel;                   // printed form
  TESSERA_SQL_NODE(ChangeMaster, Statement, replication_source, connection, options, channel)
};

// START and STOP of SLAVE, REPLICA, ALL SLAVES, ALL REPLICAS, GROUP_REPLICATION.
struct ReplicaCommand : Statement {
  bool stop = false;
  std::string_view who;                       // "slave", "all replicas", ...
  std::string_view connection;                // printed form
  std::span<const std::string_view> threads;  // "sql_thread"
  std::span<const std::string_view> until;    // "master_log_pos = 4"
  std::span<const std::string_view> login;    // "user = 'x'"
  std::string_view channel;
  TESSERA_SQL_NODE(ReplicaCommand, Statement, stop, who, connection, threads, until, login, channel)
};

// CREATE, ALTER and DROP SERVER.
struct ServerDefinition : Statement {
  std::string_view verb;  // "create", "alter", "drop"
  bool or_replace = false;
  bool if_exists = false;                     // IF NOT EXISTS of CREATE
  std::string_view name;                      // printed form
  std::string_view wrapper;                   // printed form
  std::span<const std::string_view> options;  // "host 'x'"
  TESSERA_SQL_NODE(ServerDefinition, Statement, verb, or_replace, if_exists, name, wrapper, options)
};

// LOAD DATA and LOAD XML.
struct Load : Statement {
  bool xml = false;
  bool from_s3 = false;     // Aurora's LOAD DATA FROM S3 FILE, which Vitess takes without a table
  std::string_view head;    // "low_priority local infile", "from s3 file": up to the source
  std::string_view source;  // the file or address
  std::string_view bulk;    // MySQL's COUNT n IN PRIMARY KEY ORDER
  std::string_view duplicates;  // "replace", "ignore"
  const TableName* table = nullptr;
  std::span<const Ident> partitions;
  std::string_view charset;
  std::string_view format;  // "rows identified by '<r>'", "fields terminated by ','", "lines ..."
  std::string_view skip;    // "ignore 3 lines"
  bool has_targets = false;
  List<Expr> targets;  // columns and user variables
  List<Assignment> set;
  std::string_view options;  // MySQL's bulk load: "parallel = 4 algorithm = bulk"
  TESSERA_SQL_NODE(Load, Statement, xml, from_s3, head, source, bulk, duplicates, table, partitions,
                   charset, format, skip, has_targets, targets, set, options)
};

}  // namespace tessera::sqlparser
