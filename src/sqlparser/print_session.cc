// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/print_impl.h"

namespace tessera::sqlparser {
namespace {

void FormatCompletion(Printer& p, Completion chain, Completion release) {
  if (chain == Completion::kYes) p.Text(" and chain");
  if (chain == Completion::kNo) p.Text(" and no chain");
  if (release == Completion::kYes) p.Text(" release");
  if (release == Completion::kNo) p.Text(" no release");
}

std::string_view ShowText(ShowType type) {
  switch (type) {
    case ShowType::kCharset:
      return "charset";
    case ShowType::kCollation:
      return "collation";
    case ShowType::kColumns:
      return "columns";
    case ShowType::kDatabases:
      return "databases";
    case ShowType::kEvents:
      return "events";
    case ShowType::kFunctionCode:
      return "function code";
    case ShowType::kFunctionStatus:
      return "function status";
    case ShowType::kGlobalGtidExecuted:
      return "global gtid_executed";
    case ShowType::kGlobalStatus:
      return "global status";
    case ShowType::kGlobalVgtidExecuted:
      return "global vgtid_executed";
    case ShowType::kGlobalVariables:
      return "global variables";
    case ShowType::kIndexes:
      return "indexes";
    case ShowType::kKeyspaces:
      return "keyspaces";
    case ShowType::kOpenTables:
      return "open tables";
    case ShowType::kPlugins:
      return "plugins";
    case ShowType::kPrivileges:
      return "privileges";
    case ShowType::kProcedureCode:
      return "procedure code";
    case ShowType::kProcedureStatus:
      return "procedure status";
    case ShowType::kSessionStatus:
      return "status";
    case ShowType::kSessionVariables:
      return "variables";
    case ShowType::kTables:
      return "tables";
    case ShowType::kTableStatus:
      return "table status";
    case ShowType::kTriggers:
      return "triggers";
    case ShowType::kVitessMetadataVariables:
      return "vitess_metadata variables";
    case ShowType::kVitessMigrations:
      return "vitess_migrations";
    case ShowType::kVitessReplicationStatus:
      return "vitess_replication_status";
    case ShowType::kVitessShards:
      return "vitess_shards";
    case ShowType::kVitessTablets:
      return "vitess_tablets";
    case ShowType::kVitessTarget:
      return "vitess_target";
    case ShowType::kVitessVariables:
      return "vitess_variables";
    case ShowType::kVschemaKeyspaces:
      return "vschema keyspaces";
    case ShowType::kVschemaTables:
      return "vschema tables";
    case ShowType::kVschemaVindexes:
      return "vschema vindexes";
    case ShowType::kWarnings:
      return "warnings";
    case ShowType::kErrors:
      return "errors";
    case ShowType::kEngines:
      return "engines";
    case ShowType::kCreateDatabase:
      return "create database";
    case ShowType::kCreateEvent:
      return "create event";
    case ShowType::kCreateFunction:
      return "create function";
    case ShowType::kCreateProcedure:
      return "create procedure";
    case ShowType::kCreateTable:
      return "create table";
    case ShowType::kCreateTrigger:
      return "create trigger";
    case ShowType::kCreateUser:
      return "create user";
    case ShowType::kCreateView:
      return "create view";
    case ShowType::kCreateSequence:
      return "create sequence";
    case ShowType::kTransactionStatus:
      return "transaction status";
    case ShowType::kUnresolvedTransactions:
      return "unresolved transactions";
    case ShowType::kGrants:
      return "grants";
    case ShowType::kProcesslist:
      return "processlist";
    case ShowType::kProfiles:
      return "profiles";
    default:
      return {};
  }
}

}  // namespace

void Format(Printer& p, const SetItem& n) {
  const Ident& name = n.variable->name;
  const bool bare = n.variable->scope == VariableScope::kNone;
  if (bare && (name == "names" || name == "charset")) {
    p.Raw(name.text).Raw(" ");
    p.Print(n.value);
    if (!n.collate.empty() && p.server()) p.Text(" collate ").Quoted(n.collate);
    return;
  }
  p.Print(n.variable);
  p.Raw(" = ");
  p.Print(n.value);
}

void Format(Printer& p, const SetStatement& n) {
  p.Text("set ");
  FormatComments(p, n.comments);
  FormatList(p, n.items);
}

void Format(Printer& p, const SetForStatement& n) {
  p.Text("set statement ");
  FormatList(p, n.items);
  FormatClause(p, " for ", n.statement);
}

void Format(Printer& p, const Show& n) {
  p.Text("show ");
  if (!n.name.empty()) {
    if (n.full) p.Text("full ");
    p.Raw(n.name);
    if (!n.text.empty()) p.Raw(" ").Raw(n.text);
    FormatClause(p, " ", n.table);
    if (n.has_like) p.Text(" like ").Quoted(n.like);
    FormatWhere(p, " where ", n.where);
    p.Print(n.limit);
    if (!n.channel.empty()) p.Text(" for channel ").Raw(n.channel);
    return;
  }
  if (n.full) p.Text("full ");
  if (n.count) p.Text("count(*) ");
  p.Text(ShowText(n.type));
  if (n.type == ShowType::kTransactionStatus) p.Text(" for ").Quoted(n.text);
  if (n.type == ShowType::kGrants && !n.text.empty()) p.Text(" for ").Raw(n.text);
  if (!n.roles.empty()) p.Text(" using ");
  FormatTexts(p, n.roles, ", ");
  if (n.type == ShowType::kCreateUser) p.Raw(" ").Raw(n.text);
  if (n.type == ShowType::kUnresolvedTransactions && !n.database.empty()) {
    p.Text(" for ").Id(n.database);
    return;
  }
  if (n.table != nullptr) {
    const bool from = n.type == ShowType::kColumns || n.type == ShowType::kIndexes;
    p.Text(n.type == ShowType::kVschemaVindexes ? " from " : from ? " from " : " ");
    p.Print(n.table);
  }
  if (!n.database.empty()) p.Text(" from ").Id(n.database);
  if (n.has_like) p.Text(" like ").Quoted(n.like);
  FormatWhere(p, " where ", n.where);
  p.Print(n.limit);
}

void Format(Printer& p, const ShowParseTree& n) {
  FormatClause(p, "show parse_tree ", n.statement);
}

void Format(Printer& p, const ShowExplain& n) {
  p.Text(n.analyze ? "show analyze " : "show explain ");
  if (!n.format.empty()) p.Text("format = ").Text(n.format).Raw(" ");
  FormatClause(p, "for ", n.id);
}

void Format(Printer& p, const Use& n) {
  p.Text("use");
  if (!n.target.empty()) p.Raw(" ").Id(n.target);
}

void Format(Printer& p, const Begin& n) {
  if (!n.start_transaction) {
    p.Text("begin");
    return;
  }
  p.Text("start transaction");
  const std::string_view mode = n.read_only ? " read only" : n.read_write ? " read write" : "";
  if (n.read_mode_first) p.Text(mode);
  if (n.consistent_snapshot) {
    p.Text(n.read_mode_first && !mode.empty() ? ", with consistent snapshot"
                                              : " with consistent snapshot");
  }
  if (!n.read_mode_first && !mode.empty()) p.Raw(",").Text(mode);
}

void Format(Printer& p, const Commit& n) {
  p.Text("commit");
  FormatCompletion(p, n.chain, n.release);
}

void Format(Printer& p, const Rollback& n) {
  p.Text("rollback");
  FormatCompletion(p, n.chain, n.release);
}

void Format(Printer& p, const Savepoint& n) { p.Text("savepoint ").Id(n.name); }
void Format(Printer& p, const RollbackToSavepoint& n) { p.Text("rollback to ").Id(n.name); }
void Format(Printer& p, const ReleaseSavepoint& n) { p.Text("release savepoint ").Id(n.name); }

void Format(Printer& p, const ExplainTable& n) {
  FormatClause(p, "explain ", n.table);
  if (n.wild.empty() && !n.wild_is_column) return;
  p.Raw(" ");
  if (n.wild_is_column) {
    p.Id(n.wild);
  } else {
    p.Raw(n.wild);
  }
}

void Format(Printer& p, const Explain& n) {
  const auto format = [&] {
    if (n.format.empty() && n.type != ExplainType::kFormat) return;
    p.Text("format = ");
    // A name no server knows is the server's to refuse.
    ReadsPlain(n.format) ? p.Text(n.format) : p.Quoted(n.format);
    p.Raw(" ");
  };
  switch (n.type) {
    case ExplainType::kAnalyzeStatement:
    case ExplainType::kAnalyzeJsonStatement:
      p.Text("analyze "), format();
      break;
    default:
      p.Text("explain ");
  }
  FormatComments(p, n.comments);
  switch (n.type) {
    case ExplainType::kAnalyzeStatement:
    case ExplainType::kAnalyzeJsonStatement:
    case ExplainType::kDefault:
      break;
    case ExplainType::kAnalyze:
      p.Text("analyze "), format();
      break;
    case ExplainType::kExtended:
      p.Text("extended ");
      break;
    case ExplainType::kPartitions:
      p.Text("partitions ");
      break;
    case ExplainType::kForConnection:
      format(), p.Text("for connection ");
      break;
    default:
      format();
  }
  if (n.into != nullptr) {
    FormatClause(p, "into ", n.into);
    p.Raw(" ");
  }
  if (!n.schema.empty()) p.Text("for schema ").Id(n.schema).Raw(" ");
  p.Print(n.statement);
  p.Print(n.connection);
}

void Format(Printer& p, const Vexplain& n) {
  static constexpr std::string_view kTypes[] = {"plan ", "queries ", "all ", "trace ", "keys "};
  p.Text("vexplain ");
  FormatComments(p, n.comments);
  p.Text(kTypes[static_cast<size_t>(n.type)]);
  p.Print(n.statement);
}

void Format(Printer& p, const Call& n) {
  FormatClause(p, "call ", n.procedure);
  if (!n.routine.empty()) p.Raw(".").Id(n.routine);
  p.Raw("(");
  FormatList(p, n.args);
  p.Raw(")");
}

void Format(Printer& p, const Prepare& n) {
  p.Text("prepare ");
  FormatComments(p, n.comments);
  p.Id(n.name);
  FormatClause(p, " from ", n.source);
}

void Format(Printer& p, const Execute& n) {
  p.Text("execute ");
  FormatComments(p, n.comments);
  if (n.immediate != nullptr) {
    FormatClause(p, "immediate ", n.immediate);
  } else {
    p.Id(n.name);
  }
  if (n.args.empty()) return;
  p.Text(" using ");
  FormatList(p, n.args);
}

void Format(Printer& p, const Deallocate& n) {
  p.Text("deallocate ");
  FormatComments(p, n.comments);
  p.Text("prepare ").Id(n.name);
}

void Format(Printer& p, const LockedTable& n) {
  static constexpr std::string_view kLocks[] = {" read", " read local", " write",
                                                " low_priority write", " write concurrent"};
  p.Print(n.table);
  p.Text(kLocks[static_cast<size_t>(n.lock)]);
}

void Format(Printer& p, const LockTables& n) {
  p.Text("lock tables ");
  FormatList(p, n.tables);
  if (!n.wait.empty()) p.Raw(" ").Raw(n.wait);
}

void Format(Printer& p, const UnlockTables&) { p.Text("unlock tables"); }

void Format(Printer& p, const Flush& n) {
  p.Text(n.local ? "flush local" : "flush");
  if (n.is_tables) {
    p.Text(" tables");
    if (!n.tables.empty()) {
      p.Raw(" ");
      FormatList(p, n.tables);
    }
    if (n.with_read_lock) p.Text(" with read lock");
    if (n.disable_checkpoint) p.Text(" and disable checkpoint");
    if (n.for_export) p.Text(" for export");
    return;
  }
  bool first = true;
  for (const std::string_view option : n.options) {
    p.Raw(first ? " " : ", ").Raw(option);
    first = false;
  }
}

void Format(Printer& p, const Kill& n) {
  p.Text("kill ");
  if (!n.force.empty()) p.Text(n.force).Raw(" ");
  p.Text(n.type == KillType::kQuery ? "query " : "connection ");
  if (n.query_id) p.Text("id ");
  if (!n.user.empty()) p.Text("user ").Raw(n.user);
  p.Print(n.id);
}

void Format(Printer& p, const Stream& n) {
  p.Text("stream ");
  FormatComments(p, n.comments);
  p.Print(n.item);
  FormatClause(p, " from ", n.table);
}

void Format(Printer& p, const Vstream& n) {
  p.Text("vstream ");
  FormatComments(p, n.comments);
  p.Print(n.item);
  FormatClause(p, " from ", n.table);
  FormatWhere(p, " where ", n.where);
  p.Print(n.limit);
}

void Format(Printer& p, const DoStatement& n) {
  if (!p.server()) {
    p.Text("otheradmin");
    return;
  }
  p.Text("do ");
  FormatList(p, n.exprs);
}

void Format(Printer& p, const CommentOnly& n) {
  for (const std::string_view comment : n.comments) p.Raw(comment);
}

void Format(Printer& p, const OtherStatement& n) { p.Raw(n.source); }

// Vitess's own.

void Format(Printer& p, const VindexParam& n) { p.Raw(n.name).Raw("=").Raw(n.value); }

void Format(Printer& p, const VindexSpec& n) {
  if (!n.type.empty()) p.Text(" using ").Id(n.type);
  if (n.params.empty()) return;
  p.Text(" with ");
  FormatList(p, n.params);
}

void Format(Printer& p, const AlterVschema& n) {
  p.Text("alter vschema ");
  switch (n.action) {
    case VschemaAction::kCreateVindex:
      FormatClause(p, "create vindex ", n.table);
      p.Print(n.vindex);
      return;
    case VschemaAction::kDropVindex:
      FormatClause(p, "drop vindex ", n.table);
      return;
    case VschemaAction::kAddTable:
      FormatClause(p, "add table ", n.table);
      return;
    case VschemaAction::kDropTable:
      FormatClause(p, "drop table ", n.table);
      return;
    case VschemaAction::kAddSequence:
      FormatClause(p, "add sequence ", n.table);
      return;
    case VschemaAction::kDropSequence:
      FormatClause(p, "drop sequence ", n.table);
      return;
    case VschemaAction::kAddVindex:
      FormatClause(p, "on ", n.table);
      p.Text(" add vindex ").Id(n.vindex->name).Raw(" (");
      FormatNames(p, n.columns);
      p.Raw(")");
      p.Print(n.vindex);
      return;
    case VschemaAction::kDropTableVindex:
      FormatClause(p, "on ", n.table);
      p.Text(" drop vindex ").Id(n.vindex->name);
      return;
    case VschemaAction::kAddAutoIncrement:
      FormatClause(p, "on ", n.table);
      p.Text(" add auto_increment ").Id(n.auto_increment_column).Text(" using ");
      p.Print(n.sequence);
      return;
    case VschemaAction::kDropAutoIncrement:
      FormatClause(p, "on ", n.table);
      p.Text(" drop auto_increment");
      return;
  }
}

void Format(Printer& p, const AlterMigration& n) {
  p.Text("alter vitess_migration ");
  if (!n.uuid.empty()) p.Quoted(n.uuid).Raw(" ");
  p.Raw(n.action);  // in small letters whatever the mode, as in Vitess
  if (n.uuid.empty()) p.Raw(" all");
  if (!n.threshold.empty()) p.Raw(" ").Quoted(n.threshold);
  if (!n.shards.empty()) p.Text(" vitess_shards ").Quoted(n.shards);
  if (!n.expire.empty()) p.Text(" expire ").Quoted(n.expire);
  FormatClause(p, " ratio ", n.ratio);
}

void Format(Printer& p, const RevertMigration& n) {
  p.Text("revert ");
  FormatComments(p, n.comments);
  p.Text("vitess_migration ").Quoted(n.uuid);
}

void Format(Printer& p, const ShowMigrationLogs& n) {
  p.Text("show ");
  FormatComments(p, n.comments);
  p.Text("vitess_migration ").Quoted(n.uuid).Text(" logs");
}

void Format(Printer& p, const ShowThrottledApps& n) {
  p.Text("show ");
  FormatComments(p, n.comments);
  p.Text("vitess_throttled_apps");
}

void Format(Printer& p, const ShowThrottlerStatus& n) {
  p.Text("show ");
  FormatComments(p, n.comments);
  p.Text("vitess_throttler status");
}

}  // namespace tessera::sqlparser
