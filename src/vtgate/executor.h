// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "discovery/serving_graph.h"
#include "discovery/tablet_gateway.h"
#include "keys/target.h"
#include "mysqlconn/clients.h"
#include "mysqlconn/handler.h"
#include "mysqlwire/binary_rows.h"
#include "querylog/query_log.h"
#include "sqlparser/ast_session.h"
#include "sqlparser/shape_cache.h"
#include "sqltypes/result_set.h"
#include "sqltypes/row_sink.h"
#include "vschema/records.h"
#include "vtgate/attached.h"
#include "vtgate/descriptions.h"
#include "vtgate/executor_stats.h"
#include "vtgate/plan_cache.h"
#include "vtgate/prepared.h"
#include "vtgate/scan_pool.h"
#include "vtgate/scatter_conn.h"
#include "vtgate/session.h"
#include "vtgate/variable_readers.h"
#include "vtgate/vschema_change.h"

namespace tessera::topo {
class Server;
}  // namespace tessera::topo

namespace tessera::mysqlconn {
struct ServerShared;
}  // namespace tessera::mysqlconn

namespace tessera::vtgate {

struct ExecutorOptions {
  // The MySQL front of the process: the version clients are shown, and who they are. Outlives the
  // executor; null where there is none.
  mysqlconn::ServerShared* front = nullptr;
  std::string version_comment = "Tessera";
  keys::TargetSelection first_target;  // of new sessions; its type is that of targets without one
  // Most rows that are gathered for a streamed answer whose first row depends on all others.
  size_t max_memory_rows = 300'000;
  // Called, and awaited, when a DDL statement has changed tables of a keyspace: what follows it
  // must plan with them.
  std::function<Task<>(std::string keyspace)> tables_changed;
  // ALTER VSCHEMA: what changes a keyspace's record, after which every loop plans with it, and who
  // may (by the name of the immediate caller; "%" is everybody). There is none without the first.
  std::function<Task<Result<>>(std::string keyspace, VschemaEdit edit)> change_vschema;
  std::vector<std::string> vschema_ddl_users;
  // The tablets that UsableTablets of every loop's executor names. Not needed with one loop.
  std::function<Task<std::set<keys::TabletAlias>>()> usable_everywhere;
  // Hears of every statement; may be null. Outlives the executor.
  querylog::QueryLog* query_log = nullptr;
};

class FileSource;
class LoadBatches;

// Answers statements of sessions. Belongs to one loop, as all it is made of.
class Executor {
 public:
  Executor(ExecutorOptions options, discovery::ServingGraph& serving,
           discovery::TabletGateway& gateway)
      : options_(std::move(options)), serving_(serving), gateway_(gateway), scatter_(gateway) {}

  // One statement. The session shows what it changed, also after an error.
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Session& session,
                                            std::string_view sql);

  // The same; the rows of a query go to the sink while they come. What is returned then has neither
  // fields nor rows. Other statements answer as Execute does, without the sink.
  Task<Result<sqltypes::ResultSet>> Stream(const Context& ctx, Session& session,
                                           std::string_view sql, sqltypes::RowSink& sink);

  // "ks", "ks:-80", "ks@replica", "ks:-80@replica", "@replica". The keyspace must exist.
  Result<> UseTarget(Session& session, std::string_view target);

  // Rolls back and forgets reserved connections.
  Task<> CloseSession(const Context& ctx, Session& session);

  // attach.cc: sessions with a connection of their own (docs/decisions/0007).
  // Whether the session's statements go to its own connection as they are: it has one, at the shard
  // its target names, and the statement is not one that only the gate can answer.
  bool PassesOn(const Session& session, std::string_view sql);
  // Whether a statement that failed here, without having reached a shard, can be answered by the
  // server of the one shard that the session's target names.
  bool CanAttach(const Session& session, const Error& error, std::string_view sql);
  // Whether the session's target is one shard's server.
  bool HasOneServer(const Session& session) const { return AttachSelection(session).ok(); }
  // Gives the session a connection of its own, with all that the session holds so far.
  Task<Result<>> Attach(const Context& ctx, Session& session, const mysqlconn::Session& client);
  // Passes a command on. An error has cost the session its connection.
  Task<Result<RelayedEnd>> Relay(const Context& ctx, Session& session,
                                 const mysqlconn::Session& client, std::string_view packet,
                                 bool more, mysqlconn::ResultWriter& writer);

  // load_data.cc: LOAD DATA LOCAL into a table of several shards.
  // Whether the statement is one that LoadLocal runs.
  bool Loads(const Session& session, std::string_view sql) const;
  // The file's name, for the client to be asked for it; errors that can be told before.
  Result<std::string> FileToLoad(const Session& session, std::string_view sql) const;
  // Reads the file to its end, also when an error is found before. All rows of it are changed, or
  // none.
  Task<Result<sqltypes::ResultSet>> LoadLocal(const Context& ctx, Session& session,
                                              std::string_view sql, FileSource& file);

  // elsewhere.cc: what an attached session's own server cannot answer.
  // Whether all tables that the statement names are of other keyspaces: the gate runs it.
  bool NamesElsewhere(const Session& session, std::string_view sql);
  // Before the gate runs a statement of an attached session: takes the settings, and the user
  // variables that the statement names, from the session's server.
  static Task<Result<>> FollowAttached(const Context& ctx, Session& session, std::string_view sql);
  // The gate has run a statement of a session that may be attached.
  static void NoteByGate(Session& session, const Result<sqltypes::ResultSet>& result);
  // Before a text, or (empty) a prepared statement, is passed on: waits for what the session's
  // reads are to see, and brings the server to where the session is. A failure leaves the session
  // as it was, but for a transaction that the statement would have ended.
  Task<Result<>> BeforeRelay(const Context& ctx, Session& session, std::string_view sql);

  // prepared.cc: takes a statement apart, plans it, and asks a server for its answer's columns.
  Task<Result<std::unique_ptr<PreparedStatement>>> Prepare(const Context& ctx, Session& session,
                                                           std::string_view sql);
  Task<Result<sqltypes::ResultSet>> ExecutePrepared(const Context& ctx, Session& session,
                                                    const PreparedStatement& statement,
                                                    std::span<const sqltypes::Value> parameters);

  // bulk.cc
  // The statement once for every row of parameters, as MariaDB does it: an INSERT or REPLACE is one
  // statement of many rows, which are stored all or not at all; an UPDATE or DELETE is one
  // statement a row, and those before an error have been done. Affected rows are counted together.
  // Errno 1295 for other statements, 4032 for DEFAULT or IGNORE where no column is given a value.
  Task<Result<sqltypes::ResultSet>> ExecuteBulk(const Context& ctx, Session& session,
                                                const PreparedStatement& statement,
                                                mysqlwire::BulkReader& rows);

  // Asks a server which version it is. Empty when none can tell now.
  Task<std::string> AskVersion(const Context& ctx);

  // What this loop can send statements to: it knows the tablet serves, and its shard is published.
  Task<std::set<keys::TabletAlias>> UsableTablets(const Context& ctx);

  // What targets are without a type from now on; sessions that chose none follow (FollowType).
  void SetFirstType(keys::TabletType type) { options_.first_target.tablet_type = type; }
  void FollowType(Session& session) const {
    if (!session.type_chosen && !session.in_transaction)
      session.target.tablet_type = options_.first_target.tablet_type;
  }
  // Who may ALTER VSCHEMA from now on (ExecutorOptions).
  void SetVschemaUsers(std::vector<std::string> users) {
    options_.vschema_ddl_users = std::move(users);
  }
  const keys::TargetSelection& first_target() const { return options_.first_target; }
  const PlanCache& plans() const { return plans_; }
  const ExecutorStats& stats() const { return stats_; }
  discovery::HealthCheck& health() const { return gateway_.health(); }
  discovery::ServingGraph& serving() const { return serving_; }

 private:
  friend class SessionExec;

  // executor.cc: what is planned.
  Result<std::shared_ptr<const planner::Plan>> FindPlan(const Session& session,
                                                        std::string_view sql);
  Task<Result<sqltypes::ResultSet>> ExecutePlanned(const Context& ctx, Session& session,
                                                   std::string_view sql,
                                                   sqltypes::RowSink* sink = nullptr);
  Task<Result<sqltypes::ResultSet>> RunPlan(const Context& ctx, Session& session,
                                            const planner::Plan& plan, sqltypes::BindVars vars,
                                            std::string_view written, sqltypes::RowSink* sink);
  // The same within the statement's own time, if it has one. `written` is the client's text; empty
  // when there is none that a server could read (a prepared statement's).
  Task<Result<sqltypes::ResultSet>> RunPlanInTime(const Context& ctx, Session& session,
                                                  const planner::Plan& plan,
                                                  sqltypes::BindVars vars, std::string_view written,
                                                  std::string_view directives,
                                                  sqltypes::RowSink* sink);
  Task<Result<sqltypes::ResultSet>> Run(const Context& ctx, Session& session, std::string_view sql,
                                        sqltypes::RowSink* sink);
  bool DatabaseIsKeyspace(const Session& session) const;
  Result<> AddSessionVars(const Session& session, const planner::Plan& plan, Arena& arena,
                          sqltypes::BindVars& vars) const;
  // The statement's text on any shard, or on the one the client chose.
  Task<Result<sqltypes::ResultSet>> PassOn(const Context& ctx, Session& session,
                                           std::string keyspace, std::string sql);

  // Whether the statement is about what the gate keeps of a session.
  static bool IsForSession(std::string_view sql);
  Task<Result<sqltypes::ResultSet>> Describe(const Context& ctx, Session& session,
                                             std::string_view sql);
  // The same out of what is known already, when it is.
  Task<Result<std::shared_ptr<const Descriptions::Columns>>> ColumnsOf(const Context& ctx,
                                                                       Session& session,
                                                                       std::string_view sql);
  std::string Version() const;  // @@version
  // The keyspace that a statement about servers, or about `keyspace`, is sent to.
  Result<std::string> KeyspaceFor(const Session& session, std::string keyspace) const;
  static Error MustRollback();
  // Counts a statement that has ended, and tells the log of it.
  void NoteRun(Session& session, const StatementRun& run,
               const Result<sqltypes::ResultSet>& result);
  bool TakesPlansOnly(const Session& session, const Error& error);
  void NoteError(Session& session, const Error& error);
  Task<> TablesChanged(std::string keyspace);
  Task<bool> ReadsVariables(const Context& ctx, const Session& session, std::string_view sql);
  bool IsAttachedHere(const Session& session) const;
  Task<Result<>> MakeReady(const Context& ctx, Session& session, const mysqlconn::Session& client);
  Result<keys::TargetSelection> AttachSelection(const Session& session) const;
  Task<Result<keys::Target>> OneShard(const Context& ctx, const keys::TargetSelection& selection);

  // executor_stream.cc
  Task<Result<sqltypes::ResultSet>> StreamPlan(const Context& ctx, Session& session,
                                               const planner::Plan& plan,
                                               const sqltypes::BindVars& vars,
                                               std::string_view written, sqltypes::RowSink& sink);

  // bulk.cc
  Task<Result<>> EndOrBegin(const Context& ctx, Session& session, std::string sql);
  Task<Result<sqltypes::ResultSet>> RunAllOrNone(const Context& ctx, Session& session,
                                                 std::span<const std::string> texts);

  // session_statements.cc; set_statement.cc from Set on
  Task<Result<sqltypes::ResultSet>> ExecuteOther(const Context& ctx, Session& session,
                                                 std::string_view sql);
  Result<std::string> KeyspaceOfTables(const Session& session,
                                       const sqlparser::Statement& statement) const;
  bool IsForOneServer(const Session& session, const sqlparser::Statement& statement) const;
  Task<Result<sqltypes::ResultSet>> PassOnStatement(const Context& ctx, Session& session,
                                                    const sqlparser::Statement& statement,
                                                    std::string_view sql);
  Task<Result<>> Begin(const Context& ctx, Session& session, const sqlparser::Begin& begin);
  Task<Result<>> Savepoint(const Context& ctx, Session& session,
                           const sqlparser::Statement& statement);
  Task<Result<>> Set(const Context& ctx, Session& session, const sqlparser::SetStatement& set);
  Task<Result<>> SetOne(const Context& ctx, Session& session, const sqlparser::SetItem& item);
  Task<> TellSettings(const Context& ctx, Session& session, const sqlparser::SetStatement& set);
  // The value of a SET as SQL that any server takes.
  Task<Result<std::string>> SettingText(const Context& ctx, Session& session,
                                        const sqlparser::Expr& value);
  Task<Result<>> TrySettings(const Context& ctx, Session& session,
                             std::map<std::string, std::string> settings);
  Task<> WarnOfSetting(const Context& ctx, Session& session, std::string setting);
  Task<Result<sqltypes::ResultSet>> AskBehind(const Context& ctx, Session& session,
                                              std::string_view first, std::string_view sql);
  Task<Result<>> SetNames(const Context& ctx, Session& session, const sqlparser::SetItem& item);
  Task<Result<>> SetSystem(const Context& ctx, Session& session, std::string name,
                           const sqlparser::Expr& value);
  Task<Result<StoredValue>> Evaluate(const Context& ctx, Session& session,
                                     const sqlparser::Expr& value);

  // load_data.cc
  Task<Result<sqltypes::ResultSet>> RunLoad(const Context& ctx, Session& session,
                                            std::string_view sql, FileSource& file);
  Task<Result<>> LoadRows(const Context& ctx, Session& session, LoadBatches& batches,
                          FileSource& file);
  Task<Result<>> FlushLoad(const Context& ctx, Session& session, LoadBatches& batches);
  Task<Result<>> RunSavepoint(const Context& ctx, Session& session, std::string_view sql);

  // elsewhere.cc
  bool DatabaseIsOfServer(std::string_view database_ddl) const;
  bool RunsByGate(const Session& session, std::string_view sql) const;
  bool ComparesElsewhere(const Session& session, std::string_view sql);
  Task<Result<>> NoteSettings(const Context& ctx, Session& session, std::string_view texts);
  // `sql`: the text that was passed on, empty for other commands.
  Task<Result<>> AfterRelay(const Context& ctx, Session& session, std::string_view sql,
                            bool was_in_transaction, const RelayedEnd& end);

  // read_after_write.cc
  static Task<Result<>> AwaitAttached(const Context& ctx, Session& session);
  static Result<> SetReadAfterWrite(Session& session, std::string_view text);
  // Fails when the session's position cannot be one of the shards it reads.
  Result<> CheckReadAfterWrite(const Session& session) const;
  Task<Result<std::string>> PositionOf(const Context& ctx, const Session& session,
                                       const keys::Target& target);
  // When writes have come to hold: how far a replica must be to see them.
  Task<> NotePositions(const Context& ctx, Session& session, Result<sqltypes::ResultSet>& result);

  // bound.cc: what is bound to a connection, of sessions whose statements have none of their own.
  // Whether `error` is the planner's refusal of something that the gate may do itself.
  bool MayRunBound(const Session& session, const Error& error) const;
  // Runs what the planner refused, or gives the refusal back.
  Task<Result<sqltypes::ResultSet>> RunBound(const Context& ctx, Session& session,
                                             std::string_view sql, Error refusal);
  // A query that is left when something bound was taken from it; it may hold other such things.
  Task<Result<sqltypes::ResultSet>> RunLess(const Context& ctx, Session& session, std::string sql);
  Task<Result<sqltypes::ResultSet>> RunInto(const Context& ctx, Session& session,
                                            const sqlparser::QueryExpr& query,
                                            const sqlparser::SelectInto& into);
  Task<Result<sqltypes::ResultSet>> RunCounted(const Context& ctx, Session& session,
                                               const sqlparser::Select& select);
  Task<Result<sqltypes::ResultSet>> RunOnSide(const Context& ctx, Session& session,
                                              const sqlparser::Statement& statement);
  Task<Result<>> OpenSide(const Context& ctx, Session& session);
  Task<Result<keys::Target>> SideTarget(const Context& ctx);
  Result<std::string> SideText(const Session& session, const sqlparser::Statement& statement) const;
  static Task<Result<>> ReadSideVariables(const Context& ctx, Session& session,
                                          const sqlparser::Statement& statement);
  static Task<Result<>> NoteReleased(const Context& ctx, Session& session);

  // sql_prepared.cc: PREPARE, EXECUTE and DEALLOCATE as SQL.
  Task<Result<std::string>> PreparedText(const Context& ctx, Session& session,
                                         const sqlparser::Expr& source);
  Task<Result<>> PrepareNamed(const Context& ctx, Session& session,
                              const sqlparser::Prepare& prepare);
  Task<Result<sqltypes::ResultSet>> ExecuteNamed(const Context& ctx, Session& session,
                                                 const sqlparser::Execute& execute);
  static Result<> DeallocateNamed(Session& session, const sqlparser::Deallocate& deallocate);

  // vschema_ddl.cc
  Task<Result<sqltypes::ResultSet>> AlterVschema(const Context& ctx, Session& session,
                                                 std::string_view sql);
  // What can be told of CREATE and DROP DATABASE without doing them.
  std::optional<Result<sqltypes::ResultSet>> AnswerDatabaseDdl(Session& session,
                                                               std::string_view sql) const;
  Result<> MayAlterVschema(const Session& session) const;

  // processes.cc
  Task<Result<sqltypes::ResultSet>> ShowProcesslist(const Session& session,
                                                    const sqlparser::Show& show);
  Task<Result<>> Kill(const Context& ctx, Session& session, const sqlparser::Kill& kill);
  Task<Result<>> KillUser(Session& session, const sqlparser::Kill& kill, mysqlconn::KillWhat what);

  // show.cc
  Task<Result<sqltypes::ResultSet>> Show(const Context& ctx, Session& session,
                                         const sqlparser::Show& show, std::string_view sql);
  Result<sqltypes::ResultSet> ShowVindexes(const Session& session,
                                           const sqlparser::Show& show) const;
  static sqltypes::ResultSet ShowWarnings(const Session& session, const sqlparser::Show& show);
  Task<Result<sqltypes::ResultSet>> ShowShards(const Context& ctx, const sqlparser::Show& show);
  Task<Result<sqltypes::ResultSet>> ShowTablets(const Context& ctx, const sqlparser::Show& show);
  std::string DatabaseOf(const std::string& keyspace) const;
  Task<std::vector<std::vector<std::string>>> DatabasesOfServer(const Context& ctx,
                                                                Session& session);
  Task<Result<sqltypes::ResultSet>> ShowCreateDatabase(const Context& ctx, Session& session,
                                                       const sqlparser::Show& show,
                                                       std::string_view sql);
  // `condition`: the one that names the keyspace.
  Task<Result<sqltypes::ResultSet>> ShowOfDatabase(const Context& ctx, Session& session,
                                                   const sqlparser::Show& show,
                                                   const sqlparser::ComparisonExpr* condition);
  Task<Result<sqltypes::ResultSet>> ShowFromShard(const Context& ctx, Session& session,
                                                  const sqlparser::Show& show,
                                                  std::string_view sql);
  Result<sqltypes::ResultSet> VexplainPlan(const Session& session,
                                           const sqlparser::Vexplain& vexplain);
  // Runs the statement and tells what each shard was sent.
  Task<Result<sqltypes::ResultSet>> VexplainQueries(const Context& ctx, Session& session,
                                                    const sqlparser::Vexplain& vexplain);

  ExecutorOptions options_;
  discovery::ServingGraph& serving_;
  discovery::TabletGateway& gateway_;
  ScatterConn scatter_;
  PlanCache plans_;
  Descriptions descriptions_;
  VariableReaders readers_{gateway_};
  sqlparser::ShapeCache shapes_;  // of this loop's clients' statements
  ExecutorStats stats_;
  ScanPool scans_;
  std::set<std::string, std::less<>>
      plans_only_;  // keyspaces whose tablets want planned statements
  std::map<std::string, std::vector<sqltypes::Warning>> setting_warnings_;  // by text of a SET
  std::string key_;  // of the look-up under way; no wait lies between its making and its use
};

// Rows of text made by the gate itself.
sqltypes::ResultSet TextRows(const std::vector<std::string>& columns,
                             const std::vector<std::vector<std::string>>& rows);

// The words of the server in an error of a tablet, without what gates and tablets put around them;
// other texts as they are.
std::string ServerMessage(const std::string& text);

// MySQL's LIKE over ASCII text, without case.
bool MatchesLike(std::string_view text, std::string_view pattern);

}  // namespace tessera::vtgate
