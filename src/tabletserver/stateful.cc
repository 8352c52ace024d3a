// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <utility>

#include "keys/tablet_type.h"
#include "sqltypes/row_sink.h"
#include "tabletserver/tablet_server.h"

namespace tessera::tabletserver {

using mysqlconn::Connection;
using mysqlconn::Pool;
using queryservice::AccessMode;
using queryservice::ExecuteOptions;
using queryservice::Isolation;
using queryservice::ResultSink;
using queryservice::Workload;

namespace {

std::string_view IsolationName(Isolation isolation) {
  switch (isolation) {
    case Isolation::kRepeatableRead:
    case Isolation::kConsistentSnapshotReadOnly:
      return "repeatable read";
    case Isolation::kReadCommitted:
      return "read committed";
    case Isolation::kReadUncommitted:
      return "read uncommitted";
    case Isolation::kSerializable:
      return "serializable";
    default:
      return "";
  }
}

// The statement that begins a transaction as the options want it. A tablet that is no primary only
// reads.
Result<std::string> BeginStatement(const ExecuteOptions& options, bool primary) {
  if (options.isolation == Isolation::kConsistentSnapshotReadOnly)
    return std::string("start transaction with consistent snapshot, read only");
  std::string modes;
  bool read_only = false;
  for (const AccessMode mode : options.access_modes) {
    if (!modes.empty()) modes += ", ";
    switch (mode) {
      case AccessMode::kConsistentSnapshot:
        modes += "with consistent snapshot";
        break;
      case AccessMode::kReadWrite:
        if (!primary) {
          return Error(Code::kFailedPrecondition,
                       "cannot start read write transaction on a read only tablet");
        }
        modes += "read write";
        break;
      case AccessMode::kReadOnly:
        read_only = true;
        modes += "read only";
        break;
    }
  }
  if (!primary && !read_only) modes += modes.empty() ? "read only" : ", read only";
  if (modes.empty()) return std::string("begin");
  return "start transaction " + modes;
}

std::string Joined(std::span<const std::string> statements) {
  std::string text;
  for (const std::string& statement : statements) {
    text += statement;
    text += ';';
  }
  return text;
}

}  // namespace

Result<> TabletServer::CheckIds(const Request& request) const {
  if (request.transaction_id != 0 && request.reserved_id != 0 &&
      request.transaction_id != request.reserved_id) {
    return Errorf(Code::kInternal, "transaction id {} and reserved id {} must be the same",
                  request.transaction_id, request.reserved_id);
  }
  return Ok{};
}

Pool& TabletServer::TransactionPool(const Request& request) {
  return OptionsOf(request).client_found_rows ? found_rows_ : transactions_;
}

Task<Result<TabletServer::Lease>> TabletServer::GetFrom(const Context& ctx, Pool& pool) {
  Result<Lease> lease = co_await pool.Get(ctx);
  const bool limited = &pool == &transactions_ || &pool == &found_rows_;
  if (!lease.ok() && limited && lease.error().code() == Code::kResourceExhausted)
    co_return std::move(lease).error().Wrap("transaction pool connection limit exceeded");
  co_return lease;
}

void TabletServer::EndUnheard(const Context& ctx, const Request& request, const State& state) {
  const int64_t id = std::max(state.transaction_id, state.reserved_id);
  const bool known = request.transaction_id != 0 || request.reserved_id != 0;
  if (!ctx.cancelled() || known || id == 0) return;
  Result<Use> use = stateful_.Lock(id);
  // Otherwise its time ran out already.
  if (use.ok()) use->End("the caller is gone", true);
}

Task<Result<>> TabletServer::RunAll(const Context& ctx, Connection& connection,
                                    std::span<const std::string> statements) {
  for (const std::string& statement : statements) {
    CO_TRY_OK(co_await connection.Query(ctx, statement));
  }
  co_return Ok{};
}

void TabletServer::NoteTransaction(const ExecuteOptions& options, StatefulConnection& connection) {
  const Instant now = Executor::Current().Now();
  Duration timeout = options.workload == Workload::kOlap ? config_.olap_transaction_timeout
                                                         : config_.transaction_timeout;
  const Duration asked = std::chrono::milliseconds(options.transaction_timeout_ms);
  if (asked > Duration::zero() && (timeout == Duration::zero() || asked < timeout)) timeout = asked;
  if (options.workload == Workload::kDba) timeout = Duration::zero();
  connection.timeout = timeout;
  connection.expires = timeout == Duration::zero() ? Instant::max() : now + timeout;
  connection.in_transaction = true;
  connection.began = now;
  ++stats_.transactions;
}

Task<Result<>> TabletServer::SendBegin(const Context& ctx, const Request& request, Use& use) {
  const ExecuteOptions& options = OptionsOf(request);
  NoteTransaction(options, *use);
  // The connection is only kept for the client; its statements commit themselves.
  if (options.isolation == Isolation::kAutocommit) co_return Ok{};
  CO_TRY(const std::string begin, BeginStatement(options, type_ == keys::TabletType::kPrimary));
  if (const std::string_view level = IsolationName(options.isolation); !level.empty()) {
    const std::string set = fmt::format("set transaction isolation level {}", level);
    CO_TRY_OK(co_await use.connection().Query(ctx, set));
  }
  CO_TRY_OK(co_await use.connection().Query(ctx, begin));
  use->begun = true;
  co_return Ok{};
}

// A transaction on a fresh connection, or on the reserved one the request names.
Task<Result<TabletServer::State>> TabletServer::OpenTransaction(
    const Context& ctx, const Request& request, std::span<const std::string> settings,
    bool reserve) {
  const Context bounded = BoundQuery(ctx, request, nullptr);
  State state;
  state.alias = config_.alias;
  if (request.reserved_id != 0) {
    CO_TRY(Use use, co_await stateful_.LockSoon(ctx, request.reserved_id));
    if (use->in_transaction) {
      co_return Errorf(Code::kInternal, "transaction {} is open already on the reserved connection",
                       request.reserved_id);
    }
    CO_TRY_OK(co_await SendBegin(bounded, request, use));
    state.transaction_id = use->id;
    state.reserved_id = use->id;
    co_return state;
  }
  // A connection that died while it was idle shows now, when nothing was done yet.
  for (int attempt = 0;; ++attempt) {
    Lease lease;
    // A connection that has the settings already goes back to those that wait with them; one that
    // stays with its client needs its own.
    const bool shared = !settings.empty() && !reserve;
    if (shared) {
      CO_TRY(lease, co_await LeaseWithSettings(bounded, request));
    } else {
      CO_TRY(lease, co_await GetFrom(bounded, TransactionPool(request)));
    }
    Use use = stateful_.Add(std::move(lease));
    Result<> begun = Ok{};
    if (!settings.empty() && !shared) {
      use->tainted = true;
      begun = co_await RunAll(bounded, use.connection(), settings);
    }
    if (begun.ok()) begun = co_await SendBegin(bounded, request, use);
    if (begun.ok()) {
      use->reserved = reserve;
      if (reserve) use->tainted = true;
      state.transaction_id = use->id;
      state.reserved_id = reserve ? use->id : 0;
      co_return state;
    }
    const bool again = begun.error().mysql_errno() == 2006 && attempt < 3;
    use.End("could not begin", true);
    if (!again) co_return std::move(begun).error();
  }
}

// A connection of the client's own with its settings, or its transaction's made so.
Task<Result<TabletServer::State>> TabletServer::OpenReserved(const Context& ctx,
                                                             const Request& request) {
  const Context bounded = BoundQuery(ctx, request, nullptr);
  State state;
  state.alias = config_.alias;
  if (request.transaction_id != 0) {
    CO_TRY(Use use, co_await stateful_.LockSoon(ctx, request.transaction_id));
    CO_TRY_OK(co_await RunAll(bounded, use.connection(), request.pre_queries));
    use->reserved = true;
    use->tainted = true;
    state.transaction_id = use->id;
    state.reserved_id = use->id;
    co_return state;
  }
  CO_TRY(Lease lease, co_await GetFrom(bounded, TransactionPool(request)));
  Use use = stateful_.Add(std::move(lease));
  use->reserved = true;
  use->tainted = true;
  Result<> applied = co_await RunAll(bounded, use.connection(), request.pre_queries);
  if (!applied.ok()) {
    use.End("settings refused", true);
    co_return std::move(applied).error();
  }
  state.reserved_id = use->id;
  co_return state;
}

// Brings a connection's session to these settings and no others.
Task<Result<>> TabletServer::ApplySettings(const Context& ctx, Connection& connection,
                                           std::span<const std::string> settings) {
  CO_TRY_OK(co_await connection.Reset(ctx));
  // A reset gives the server's default character set, not the one of the login.
  CO_TRY_OK(co_await connection.Query(ctx, "set names utf8mb4"));
  // MariaDB then takes the server's collation for the database's, until the database is chosen
  // anew.
  if (!config_.db_name.empty()) {
    CO_TRY_OK(co_await connection.ChangeDatabase(ctx, config_.db_name));
  }
  co_return co_await RunAll(ctx, connection, settings);
}

// A pooled connection whose session has the settings of the request and no others.
Task<Result<TabletServer::Lease>> TabletServer::LeaseWithSettings(const Context& ctx,
                                                                  const Request& request) {
  Pool& pool = OptionsOf(request).client_found_rows ? settings_found_rows_ : settings_;
  const std::span<const std::string> settings = request.pre_queries;
  const std::string wanted = Joined(settings);
  for (int attempt = 0;; ++attempt) {
    CO_TRY(Lease lease, co_await pool.Get(ctx));
    const auto present = session_settings_.find(lease->thread_id());
    if (present != session_settings_.end() && present->second == wanted && !wanted.empty())
      co_return lease;
    const Result<> ready = co_await ApplySettings(ctx, *lease, settings);
    if (ready.ok()) {
      // Ids of closed connections stay behind: forget all when there are many.
      if (session_settings_.size() > 10 * config_.oltp_pool_size + 100) session_settings_.clear();
      session_settings_[lease->thread_id()] = wanted;
      co_return lease;
    }
    session_settings_.erase(lease->thread_id());
    const uint16_t number = ready.error().mysql_errno();
    lease.Discard();
    const bool lost = number == 2006 || number == 2013;
    if (!lost || attempt >= 3 || ctx.cancelled()) co_return ready.error();
  }
}

Task<Result<TabletServer::State>> TabletServer::Begin(const Context& ctx, const Request& request) {
  CO_TRY_OK(Admit(request.target, OnShutdown::kRefuse));
  const Running running(*this);
  const std::span<const std::string> no_settings;
  Result<State> state = co_await OpenTransaction(ctx, request, no_settings, false);
  if (!state.ok()) co_return Describe(state.error(), request);
  co_return state;
}

Task<Result<queryservice::State>> TabletServer::Commit(const Context& ctx,
                                                       const keys::Target& target,
                                                       int64_t transaction_id) {
  return EndTransaction(ctx, target, transaction_id, true);
}

Task<Result<queryservice::State>> TabletServer::Rollback(const Context& ctx,
                                                         const keys::Target& target,
                                                         int64_t transaction_id) {
  return EndTransaction(ctx, target, transaction_id, false);
}

Task<Result<queryservice::State>> TabletServer::EndTransaction(const Context& ctx,
                                                               const keys::Target& target,
                                                               int64_t id, bool commit) {
  CO_TRY_OK(Admit(&target, OnShutdown::kAllow));
  const Running running(*this);
  CO_TRY(Use use, co_await stateful_.LockSoon(ctx, id));
  if (!use->in_transaction) co_return Errorf(Code::kAborted, "transaction {}: not found", id);
  State out;
  const std::string_view what = commit ? "commit" : "rollback";
  if (use->begun) {
    const Result<ResultSet> ended = co_await use.connection().Query(ctx, what);
    if (!ended.ok()) {
      // Nobody knows what the server did: with the connection the transaction is over for sure.
      use.End(fmt::format("{} failed", what), true);
      Request request;
      request.sql = what;
      co_return Describe(ended.error(), request);
    }
    if (use.connection().status().warnings != 0) {
      auto warnings = co_await Warnings(ctx, use.connection());
      out.warnings = std::move(warnings);
    }
  }
  query_stats_.NoteTransaction(commit, Executor::Current().Now() - use->began);
  const std::string_view why = commit ? "transaction committed" : "transaction rolled back";
  if (!use->reserved) {
    use.End(why, false);
    co_return out;
  }
  use->in_transaction = false;
  use->begun = false;
  use->expires = Instant::max();
  use.Renumber(why);
  out.reserved_id = use->id;
  co_return out;
}

Task<Result<HotRows::Place>> TabletServer::WaitForHotRow(const Context& ctx,
                                                         const Request& request) {
  if (!hot_rows_.on()) co_return HotRows::Place();
  const PlanType type = PlanFor(request, true)->type;
  if (type != PlanType::kUpdate && type != PlanType::kDelete) co_return HotRows::Place();
  const std::optional<HotRowKey> key =
      HotRowKeyOf(request.sql, request.complete ? nullptr : request.vars);
  if (!key) co_return HotRows::Place();
  const Context bounded = BoundQuery(ctx, request, nullptr);
  const HotRowKey& row = *key;
  Result<HotRows::Place> place = co_await hot_rows_.Enter(bounded, row);
  if (!place.ok()) co_return Describe(place.error(), request);
  co_return place;
}

Task<Result<TabletServer::StatefulResult>> TabletServer::BeginExecute(const Context& ctx,
                                                                      const Request& request) {
  CO_TRY_OK(Admit(request.target, OnShutdown::kRefuse));
  const Running running(*this);
  // Until the statement is through: the next one then waits at the server.
  CO_TRY(const HotRows::Place in_line, co_await WaitForHotRow(ctx, request));
  const std::span<const std::string> no_settings;
  Result<State> opened = co_await OpenTransaction(ctx, request, no_settings, false);
  if (!opened.ok()) co_return Describe(opened.error(), request);
  StatefulResult out;
  out.state = *std::move(opened);
  Request inner = request;
  inner.transaction_id = out.state.transaction_id;
  inner.reserved_id = 0;
  const Result<> before = co_await RunInTransaction(ctx, inner, request.pre_queries);
  Result<ResultSet> result = ResultSet();
  if (before.ok()) {
    result = co_await Execute(ctx, inner);
  } else {
    result = before.error();
  }
  if (result.ok()) {
    out.result = *std::move(result);
  } else {
    out.state.error = std::move(result).error();
  }
  EndUnheard(ctx, request, out.state);
  co_return out;
}

Task<Result<TabletServer::State>> TabletServer::BeginStreamExecute(const Context& ctx,
                                                                   const Request& request,
                                                                   ResultSink& sink) {
  CO_TRY_OK(Admit(request.target, OnShutdown::kRefuse));
  const Running running(*this);
  // Until the statement is through: the next one then waits at the server.
  CO_TRY(const HotRows::Place in_line, co_await WaitForHotRow(ctx, request));
  const std::span<const std::string> no_settings;
  Result<State> opened = co_await OpenTransaction(ctx, request, no_settings, false);
  if (!opened.ok()) co_return Describe(opened.error(), request);
  State state = *std::move(opened);
  Request inner = request;
  inner.transaction_id = state.transaction_id;
  inner.reserved_id = 0;
  Result<> done = co_await RunInTransaction(ctx, inner, request.pre_queries);
  if (done.ok()) done = co_await StreamExecute(ctx, inner, sink);
  if (!done.ok()) state.error = std::move(done).error();
  EndUnheard(ctx, request, state);
  co_return state;
}

// Savepoints and the like, each as a statement of the transaction.
Task<Result<>> TabletServer::RunInTransaction(const Context& ctx, const Request& request,
                                              std::span<const std::string> statements) {
  for (const std::string& statement : statements) {
    Request step = request;
    step.sql = statement;
    step.vars = nullptr;
    CO_TRY_OK(co_await Execute(ctx, step));
  }
  co_return Ok{};
}

// Whether the client needs this very connection afterwards, or leaves something of its own on it.
bool TabletServer::NeedsOwn(const Request& request, const Plan& plan) {
  return request.transaction_id != 0 || plan.needs_reserved || plan.kind == PlanKind::kSet ||
         OptionsOf(request).has_created_temp_tables;
}

Task<Result<TabletServer::StatefulResult>> TabletServer::ReserveExecute(const Context& ctx,
                                                                        const Request& request) {
  CO_TRY_OK(Admit(request.target,
                  request.transaction_id != 0 ? OnShutdown::kAllow : OnShutdown::kRefuse));
  const Running running(*this);
  std::shared_ptr<const Plan> plan = PlanFor(request, true);
  const bool own = NeedsOwn(request, *plan);
  CO_TRY_OK(TakesText(request, *plan));
  // On a connection of its own the statement passes its guard in Execute.
  if (!own && plan->guard != nullptr) {
    CO_TRY(plan, co_await PassGuard(ctx, request, std::move(plan)));
  }
  StatefulResult out;
  if (!own) {
    // With its settings any connection will do: nothing of the client stays behind on it.
    const Context bounded = BoundQuery(ctx, request, nullptr);
    const Instant began = Executor::Current().Now();
    Result<ResultSet> result = co_await ExecuteWithSettings(bounded, request, *plan);
    NoteResult("Execute", request, *plan, began, result);
    if (!result.ok()) ++stats_.errors;
    if (!result.ok()) co_return Describe(result.error(), request);
    out.state.alias = config_.alias;
    out.result = *std::move(result);
    co_return out;
  }
  Result<State> opened = co_await OpenReserved(ctx, request);
  if (!opened.ok()) co_return Describe(opened.error(), request);
  out.state = *std::move(opened);
  Request inner = request;
  inner.reserved_id = out.state.reserved_id;
  Result<ResultSet> result = co_await Execute(ctx, inner);
  if (result.ok()) {
    out.result = *std::move(result);
  } else {
    out.state.error = std::move(result).error();
  }
  EndUnheard(ctx, request, out.state);
  co_return out;
}

Task<Result<TabletServer::ResultSet>> TabletServer::ExecuteWithSettings(const Context& ctx,
                                                                        const Request& request,
                                                                        const Plan& plan) {
  ++stats_.queries;
  if (plan.kind == PlanKind::kNextValue) {
    co_return co_await ExecuteNextValue(ctx, request, plan);
  }
  Result<ResultSet> result = ResultSet();
  for (int attempt = 0;; ++attempt) {
    CO_TRY(const Lease lease, co_await LeaseWithSettings(ctx, request));
    if (plan.kind == PlanKind::kDdl) {
      result = co_await ExecuteDdl(ctx, request, plan, *lease);
    } else {
      result = co_await ExecuteOn(ctx, request, plan, *lease);
    }
    if (result.ok() || attempt >= 3 || ctx.cancelled()) break;
    if (!MayRepeat(result.error(), plan)) break;
  }
  if (!result.ok()) co_return result;
  ShapeFields(result->fields, request);
  co_return result;
}

// As ExecuteWithSettings; queries give their rows to the sink as they come.
Task<Result<>> TabletServer::StreamWithSettings(const Context& ctx, const Request& request,
                                                const Plan& plan, ResultSink& sink) {
  if (plan.kind == PlanKind::kSelect || plan.kind == PlanKind::kOther) {
    ++stats_.queries;
    for (int attempt = 0;; ++attempt) {
      CO_TRY(const Lease lease, co_await LeaseWithSettings(ctx, request));
      const Result<> done = co_await StreamOn(ctx, request, plan, *lease, sink);
      // The statement never left: nothing came yet.
      const bool unsent = !done.ok() && done.error().mysql_errno() == 2006;
      if (!unsent || attempt >= 3 || ctx.cancelled()) co_return done;
    }
  }
  const Context bounded = BoundQuery(ctx, request, nullptr);
  CO_TRY(ResultSet result, co_await ExecuteWithSettings(bounded, request, plan));
  co_return co_await sqltypes::DeliverResult(ctx, std::move(result), sink);
}

Task<Result<TabletServer::State>> TabletServer::ReserveStreamExecute(const Context& ctx,
                                                                     const Request& request,
                                                                     ResultSink& sink) {
  CO_TRY_OK(Admit(request.target,
                  request.transaction_id != 0 ? OnShutdown::kAllow : OnShutdown::kRefuse));
  const Running running(*this);
  State state;
  state.alias = config_.alias;
  std::shared_ptr<const Plan> plan = PlanFor(request, true);
  const bool own = NeedsOwn(request, *plan);
  CO_TRY_OK(TakesText(request, *plan));
  // On a connection of its own the statement passes its guard in Execute.
  if (!own && plan->guard != nullptr) {
    CO_TRY(plan, co_await PassGuard(ctx, request, std::move(plan)));
  }
  if (!own) {
    const Instant began = Executor::Current().Now();
    CountingSink counted(sink);
    const Result<> done = co_await StreamWithSettings(ctx, request, *plan, counted);
    NoteStream(request, *plan, began, counted.rows, done);
    if (done.ok()) co_return state;
    ++stats_.errors;
    co_return Describe(done.error(), request);
  }
  Result<State> opened = co_await OpenReserved(ctx, request);
  if (!opened.ok()) co_return Describe(opened.error(), request);
  state = *std::move(opened);
  Request inner = request;
  inner.reserved_id = state.reserved_id;
  Result<> done = co_await StreamExecute(ctx, inner, sink);
  if (!done.ok()) state.error = std::move(done).error();
  EndUnheard(ctx, request, state);
  co_return state;
}

Task<Result<TabletServer::StatefulResult>> TabletServer::ReserveBeginExecute(
    const Context& ctx, const Request& request) {
  CO_TRY_OK(Admit(request.target, OnShutdown::kRefuse));
  const Running running(*this);
  const std::shared_ptr<const Plan> plan = PlanFor(request, true);
  const bool reserve = plan->needs_reserved || plan->kind == PlanKind::kSet;
  Result<State> opened = co_await OpenTransaction(ctx, request, request.pre_queries, reserve);
  if (!opened.ok()) co_return Describe(opened.error(), request);
  StatefulResult out;
  out.state = *std::move(opened);
  Request inner = request;
  inner.transaction_id = out.state.transaction_id;
  const Result<> before = co_await RunInTransaction(ctx, inner, request.post_begin_queries);
  Result<ResultSet> result = ResultSet();
  if (before.ok()) {
    result = co_await Execute(ctx, inner);
  } else {
    result = before.error();
  }
  if (result.ok()) {
    out.result = *std::move(result);
  } else {
    out.state.error = std::move(result).error();
  }
  EndUnheard(ctx, request, out.state);
  co_return out;
}

Task<Result<TabletServer::State>> TabletServer::ReserveBeginStreamExecute(const Context& ctx,
                                                                          const Request& request,
                                                                          ResultSink& sink) {
  CO_TRY_OK(Admit(request.target, OnShutdown::kRefuse));
  const Running running(*this);
  const std::shared_ptr<const Plan> plan = PlanFor(request, true);
  Result<State> opened =
      co_await OpenTransaction(ctx, request, request.pre_queries, plan->needs_reserved);
  if (!opened.ok()) co_return Describe(opened.error(), request);
  State state = *std::move(opened);
  Request inner = request;
  inner.transaction_id = state.transaction_id;
  Result<> done = co_await RunInTransaction(ctx, inner, request.post_begin_queries);
  if (done.ok()) done = co_await StreamExecute(ctx, inner, sink);
  if (!done.ok()) state.error = std::move(done).error();
  EndUnheard(ctx, request, state);
  co_return state;
}

Task<Result<>> TabletServer::Release(const Context& ctx, const keys::Target& target,
                                     int64_t transaction_id, int64_t reserved_id) {
  CO_TRY_OK(Admit(&target, OnShutdown::kAllow));
  CO_TRY_OK(ctx.Check());
  if (transaction_id == 0 && reserved_id == 0) {
    co_return Error(Code::kInvalidArgument,
                    "Release needs a transaction id or a reserved id that is not zero");
  }
  const Running running(*this);
  const int64_t id = reserved_id != 0 ? reserved_id : transaction_id;
  CO_TRY(Use use, co_await stateful_.LockSoon(ctx, id));
  // Closing the connection ends whatever is open on it.
  use.End("connection released", true);
  co_return Ok{};
}

}  // namespace tessera::tabletserver
