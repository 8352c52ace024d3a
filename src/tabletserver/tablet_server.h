// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "mysqlconn/pool.h"
#include "queryservice/query_service.h"
#include "runtime/task_group.h"
#include "tabletserver/config.h"
#include "tabletserver/consolidator.h"
#include "tabletserver/health_streamer.h"
#include "tabletserver/plan.h"
#include "tabletserver/query_stats.h"
#include "tabletserver/schema_engine.h"
#include "tabletserver/sequences.h"
#include "tabletserver/stateful_connections.h"

namespace tessera::tabletserver {

struct TabletServerStats {
  uint64_t queries = 0;
  uint64_t errors = 0;
  uint64_t transactions = 0;
  uint64_t killed_transactions = 0;
  GuardStats guard;
};

// The query service of one tablet in front of one MySQL or MariaDB server. Belongs to one loop.
// Made, Start, serving on and off by SetServing, Stop; destroyed after Stop.
class TabletServer final : public queryservice::QueryService {
 public:
  explicit TabletServer(Config config);
  ~TabletServer() override;

  // Begins to watch the server and to tell health; not serving yet. Does not need MySQL to be up.
  void Start();
  // What this tablet is to be. Serving begins once MySQL answers and, on replicas that track lag,
  // replication is healthy; it stops at once when `serving` is false, `reason` telling why.
  // primary_term_start: seconds since 1970, 0 for replicas.
  void SetServing(keys::TabletType type, bool serving, int64_t primary_term_start,
                  std::string reason = {});
  // From here on the limits of statements and transactions, how errors are told, consolidation and
  // the lag that is too much are those of `now`; its other fields say nothing.
  void TakeSettings(const Config& now);
  // From here on these rules and this table ACL hold; statements that wait for rules look again.
  void SetProtection(Protection protection);
  // Tables that the topology takes away (QueryRules::DenyTables), or null; stays over
  // SetProtection.
  void SetDenied(std::shared_ptr<const QueryRules> denied);
  // Behind SetServing(false): lets statements that run finish for the grace period, and rolls open
  // transactions back.
  Task<> EndWork();
  // Asks MySQL how it is now, and tells health whatever came of it.
  Task<Result<>> CheckHealth(const Context& ctx);
  // The next ids of these sequence tables are read anew.
  void ResetSequences(std::span<const std::string> tables);
  // Tells everybody that this tablet leaves, and refuses new work. Open transactions go on.
  void StartShutdown();
  // StartShutdown if that is still to come; lets what runs finish for the grace period, rolls open
  // transactions back and closes all connections.
  Task<> Stop();

  const queryservice::Health& health() const { return health_.current(); }
  const SchemaEngine& schema() const { return schema_; }
  const TabletServerStats& stats() const { return stats_; }
  const Config& config() const { return config_; }
  const QueryStats& query_stats() const { return query_stats_; }
  const Consolidator& consolidator() const { return consolidator_; }
  const HotRows& hot_rows() const { return hot_rows_; }
  uint64_t consolidated() const { return consolidator_.joined; }
  const StatefulConnections& stateful() const { return stateful_; }
  const PlanCache& plans() const { return plans_; }
  // For status pages, in the order in which they are told.
  std::array<const mysqlconn::Pool*, 7> pools() const {
    return {&oltp_, &olap_, &transactions_, &found_rows_, &settings_, &settings_found_rows_, &dba_};
  }
  // Reads the schema anew and tells what changed.
  Task<Result<>> ReloadSchema(const Context& ctx);

  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx,
                                            const queryservice::Request& request) override;
  Task<Result<>> StreamExecute(const Context& ctx, const queryservice::Request& request,
                               queryservice::ResultSink& sink) override;
  Task<Result<queryservice::State>> Begin(const Context& ctx,
                                          const queryservice::Request& request) override;
  Task<Result<queryservice::State>> Commit(const Context& ctx, const keys::Target& target,
                                           int64_t transaction_id) override;
  Task<Result<queryservice::State>> Rollback(const Context& ctx, const keys::Target& target,
                                             int64_t transaction_id) override;
  Task<Result<queryservice::StatefulResult>> BeginExecute(
      const Context& ctx, const queryservice::Request& request) override;
  Task<Result<queryservice::State>> BeginStreamExecute(const Context& ctx,
                                                       const queryservice::Request& request,
                                                       queryservice::ResultSink& sink) override;
  Task<Result<queryservice::StatefulResult>> ReserveExecute(
      const Context& ctx, const queryservice::Request& request) override;
  Task<Result<queryservice::State>> ReserveStreamExecute(const Context& ctx,
                                                         const queryservice::Request& request,
                                                         queryservice::ResultSink& sink) override;
  Task<Result<queryservice::StatefulResult>> ReserveBeginExecute(
      const Context& ctx, const queryservice::Request& request) override;
  Task<Result<queryservice::State>> ReserveBeginStreamExecute(
      const Context& ctx, const queryservice::Request& request,
      queryservice::ResultSink& sink) override;
  Task<Result<>> Release(const Context& ctx, const keys::Target& target, int64_t transaction_id,
                         int64_t reserved_id) override;
  Task<Result<std::unique_ptr<queryservice::Attachment>>> Attach(
      const Context& ctx, const queryservice::Request& request) override;
  Task<Result<sqltypes::ResultSet>> DescribeStatement(
      const Context& ctx, const queryservice::Request& request) override;
  Task<Result<>> StreamHealth(const Context& ctx, queryservice::HealthSink& sink) override;
  Task<Result<>> GetSchema(const Context& ctx, const keys::Target& target,
                           queryservice::SchemaTables kind, std::span<const std::string> tables,
                           queryservice::SchemaSink& sink) override;

 private:
  using Request = queryservice::Request;
  using ResultSet = sqltypes::ResultSet;
  using State = queryservice::State;
  using StatefulResult = queryservice::StatefulResult;
  using Lease = mysqlconn::Pool::Lease;
  using Use = StatefulConnections::Use;

  // Counts a request as running while it lives.
  class Running {
   public:
    explicit Running(TabletServer& server) : server_(server) { ++server_.running_; }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
      if (--server_.running_ == 0) server_.drained_.WakeAll();
    }

   private:
    TabletServer& server_;
  };
  enum class OnShutdown { kRefuse, kAllow };

  class AttachedSession;  // attach.cc

  // Passes a stream on, and counts its rows.
  class CountingSink final : public queryservice::ResultSink {
   public:
    explicit CountingSink(queryservice::ResultSink& sink) : sink_(sink) {}
    Task<Result<>> OnFields(const Context& ctx, std::vector<sqltypes::Field> fields) override {
      return sink_.OnFields(ctx, std::move(fields));
    }
    Task<Result<>> OnRows(const Context& ctx, std::string_view run, size_t row_count) override {
      rows += row_count;
      return sink_.OnRows(ctx, run, row_count);
    }
    uint64_t rows = 0;

   private:
    queryservice::ResultSink& sink_;
  };

  // tablet_server.cc: life, admission and health.
  Result<> Admit(const keys::Target* target, OnShutdown on_shutdown) const;
  Task<> Watch(const Context& ctx);
  Task<> ProbeMysql(const Context& ctx);
  Task<> WatchSchema(const Context& ctx);
  Task<> SweepConnections(const Context& ctx);
  Task<Result<>> Probe(const Context& ctx);
  Task<Result<>> ProbeAgain(const Context& ctx);
  void NoteProbe(const Result<>& answer);
  void PublishHealth(SchemaChanges changes);
  void UpdateServing();
  Error Describe(const Error& error, const Request& request) const;

  // query_log.cc: what has ended is counted and, when somebody reads the log, told. `method` is a
  // literal.
  void NoteResult(std::string_view method, const Request& request, const Plan& plan, Instant began,
                  const Result<ResultSet>& result);
  void NoteStream(const Request& request, const Plan& plan, Instant began, uint64_t rows,
                  const Result<>& outcome);
  void NoteOutcome(std::string_view method, const Request& request, const Plan& plan,
                   const QueryOutcome& outcome, const Error* error);

  // execute.cc: statements.
  Context BoundQuery(const Context& ctx, const Request& request,
                     const StatefulConnection* stateful) const;
  std::shared_ptr<const Plan> PlanFor(const Request& request, bool keep);
  Result<> TakesText(const Request& request, const Plan& plan) const;
  Result<std::string> Render(const Plan& plan, const Request& request) const;
  // For plans with a guard: the plan to run, once rules and table ACL let the caller through. Waits
  // while a rule buffers, and may then give another plan.
  Task<Result<std::shared_ptr<const Plan>>> PassGuard(const Context& ctx, const Request& request,
                                                      std::shared_ptr<const Plan> plan);
  Task<Result<ResultSet>> ExecutePlan(const Context& ctx, const Request& request, const Plan& plan);
  Task<Result<ResultSet>> ExecuteOn(const Context& ctx, const Request& request, const Plan& plan,
                                    mysqlconn::Connection& connection);
  // The same for a text whose values are in place.
  Task<Result<ResultSet>> ExecuteText(const Context& ctx, const Request& request, const Plan& plan,
                                      std::string_view sql, mysqlconn::Connection& connection);
  Task<Result<ResultSet>> ExecuteStateful(const Context& ctx, const Request& request,
                                          const Plan& plan, int64_t id);
  Task<Result<ResultSet>> ExecuteSelect(const Context& ctx, const Request& request,
                                        const Plan& plan);
  Task<Result<ResultSet>> ExecutePooled(const Context& ctx, const Request& request,
                                        const Plan& plan, std::string_view sql,
                                        mysqlconn::Pool& pool);
  // Whether another connection may do better, and the statement did nothing on this one.
  static bool MayRepeat(const Error& error, const Plan& plan);
  Task<Result<ResultSet>> ExecuteNextValue(const Context& ctx, const Request& request,
                                           const Plan& plan);
  // Reads what LAST_INSERT_ID() is behind a statement that has succeeded. `before`: what it was.
  static Task<> FetchInsertId(const Context& ctx, mysqlconn::Connection& connection,
                              std::optional<uint64_t> before, ResultSet& result);
  Task<std::vector<sqltypes::Warning>> Warnings(const Context& ctx,
                                                mysqlconn::Connection& connection);
  Task<> SchemaChanged();
  Task<Result<ResultSet>> ExecuteDdl(const Context& ctx, const Request& request, const Plan& plan,
                                     mysqlconn::Connection& connection);
  Task<Result<>> StreamPlan(const Context& ctx, const Request& request, const Plan& plan,
                            queryservice::ResultSink& sink);
  Task<Result<>> StreamOn(const Context& ctx, const Request& request, const Plan& plan,
                          mysqlconn::Connection& connection, queryservice::ResultSink& sink);

  // stateful.cc: transactions and reserved connections.
  // A connection of the pool; a full transaction pool is told in the words gates know.
  Task<Result<Lease>> GetFrom(const Context& ctx, mysqlconn::Pool& pool);
  // Waits until the transaction may begin that `request` begins with a change of a hot row.
  Task<Result<HotRows::Place>> WaitForHotRow(const Context& ctx, const Request& request);
  // Ends what a caller that has gone would never hear of.
  void EndUnheard(const Context& ctx, const Request& request, const State& state);
  Task<Result<State>> OpenTransaction(const Context& ctx, const Request& request,
                                      std::span<const std::string> settings, bool reserve);
  // The connection is in a transaction from here on: its time runs.
  void NoteTransaction(const queryservice::ExecuteOptions& options, StatefulConnection& connection);
  Task<Result<>> SendBegin(const Context& ctx, const Request& request, Use& use);
  Task<Result<State>> OpenReserved(const Context& ctx, const Request& request);
  Task<Result<>> RunAll(const Context& ctx, mysqlconn::Connection& connection,
                        std::span<const std::string> statements);
  Task<Result<>> RunInTransaction(const Context& ctx, const Request& request,
                                  std::span<const std::string> statements);
  Task<Result<ResultSet>> ExecuteWithSettings(const Context& ctx, const Request& request,
                                              const Plan& plan);
  Task<Result<queryservice::State>> EndTransaction(const Context& ctx, const keys::Target& target,
                                                   int64_t id, bool commit);
  Task<Result<>> StreamWithSettings(const Context& ctx, const Request& request, const Plan& plan,
                                    queryservice::ResultSink& sink);
  Task<Result<>> ApplySettings(const Context& ctx, mysqlconn::Connection& connection,
                               std::span<const std::string> settings);
  Task<Result<Lease>> LeaseWithSettings(const Context& ctx, const Request& request);
  static bool NeedsOwn(const Request& request, const Plan& plan);
  static const queryservice::ExecuteOptions& OptionsOf(const Request& request);
  // Leaves of each field what the caller asked for; our database has the keyspace's name.
  void ShapeFields(std::vector<sqltypes::Field>& fields, const Request& request) const;
  std::array<mysqlconn::Pool*, 7> AllPools() {
    return {&oltp_, &olap_, &transactions_, &found_rows_, &settings_, &settings_found_rows_, &dba_};
  }
  mysqlconn::Pool& TransactionPool(const Request& request);
  Result<> CheckIds(const Request& request) const;

  Config config_;
  mysqlconn::Pool oltp_;
  mysqlconn::Pool olap_;
  mysqlconn::Pool transactions_;
  mysqlconn::Pool found_rows_;  // transactions of clients that count rows found, not changed
  // Connections with a client's session settings, see session_settings_; the second for clients
  // that count rows found.
  mysqlconn::Pool settings_;
  mysqlconn::Pool settings_found_rows_;
  mysqlconn::Pool dba_;
  std::unordered_map<uint32_t, std::string> session_settings_;  // by connection: what was applied
  StatefulConnections stateful_;
  Protection protection_;
  std::vector<std::string> own_names_;  // that our database goes by
  runtime::WaitQueue protection_changed_;
  PlanCache plans_;
  Consolidator consolidator_;
  HotRows hot_rows_;
  Sequences sequences_;
  SchemaEngine schema_;
  HealthStreamer health_;
  TabletServerStats stats_;
  QueryStats query_stats_;

  keys::TabletType type_ = keys::TabletType::kUnknown;
  bool wanted_serving_ = false;
  bool serving_ = false;
  bool stopping_ = false;
  int64_t primary_term_start_ = 0;
  std::string not_serving_reason_ = "tabletserver uninitialized";
  std::string probe_error_ = "MySQL has not been asked yet";
  uint32_t lag_seconds_ = 0;
  uint64_t counted_queries_ = 0;
  double qps_ = 0;

  size_t running_ = 0;
  runtime::WaitQueue drained_;
  std::optional<runtime::TaskGroup> background_;
};

}  // namespace tessera::tabletserver
