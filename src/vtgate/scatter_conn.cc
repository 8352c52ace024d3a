// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/scatter_conn.h"

#include <algorithm>
#include <chrono>

#include "log/log.h"
#include "queryservice/query_service.h"
#include "runtime/task_group.h"
#include "vtgate/attached.h"
#include "vtgate/internal/read_after_write.h"
#include "vtgate/internal/scatter_call.h"
#include "vtgate/side_connection.h"

namespace tessera::vtgate {

using discovery::TabletGateway;
using discovery::TabletHealth;
using engine::ShardOptions;
using engine::ShardQuery;
using queryservice::QueryService;
using queryservice::Request;
using queryservice::StatefulResult;
using sqltypes::BindVars;
using sqltypes::ResultSet;
using sqltypes::SqlTemplate;

namespace {

// How much a code tells, of several shards' errors; query-rpc facts, "Combining errors".
int Rank(Code code) {
  static constexpr Code kOrder[] = {Code::kOk,
                                    Code::kCancelled,
                                    Code::kAlreadyExists,
                                    Code::kOutOfRange,
                                    Code::kUnavailable,
                                    Code::kDeadlineExceeded,
                                    Code::kAborted,
                                    Code::kFailedPrecondition,
                                    Code::kClusterEvent,
                                    Code::kResourceExhausted,
                                    Code::kUnknown,
                                    Code::kUnauthenticated,
                                    Code::kPermissionDenied,
                                    Code::kInvalidArgument,
                                    Code::kNotFound,
                                    Code::kUnimplemented,
                                    Code::kInternal,
                                    Code::kDataLoss};
  const auto* at = std::find(std::begin(kOrder), std::end(kOrder), code);
  return at == std::end(kOrder) ? -1 : static_cast<int>(at - std::begin(kOrder));
}

constexpr size_t kMostShardsInWarning = 16;
constexpr uint16_t kWarnNonAtomicCommit = 301;

}  // namespace

Error CombineErrors(std::vector<Error> errors) {
  CHECK(!errors.empty());
  if (errors.size() == 1) return std::move(errors.front());
  std::vector<std::string> texts;
  size_t worst = 0;
  for (size_t i = 0; i < errors.size(); ++i) {
    texts.push_back(errors[i].message());
    if (Rank(errors[i].code()) > Rank(errors[worst].code())) worst = i;
  }
  std::sort(texts.begin(), texts.end());
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : "\n") + text;
  const Error& told = errors[worst];
  Error out(told.code(), std::move(all));
  if (told.mysql_errno() != 0) out = std::move(out).WithMysql(told.mysql_errno(), told.sqlstate());
  return out;
}

namespace internal {

ShardSession* FindShard(Session& session, const keys::Target& target) {
  for (ShardSession& shard : session.shards)
    if (shard.target == target) return &shard;
  return nullptr;
}

void NoteOpened(Session& session, const keys::Target& target, const queryservice::State& opened) {
  if (opened.transaction_id == 0 && opened.reserved_id == 0) return;
  ShardSession* shard = FindShard(session, target);
  const bool other = shard != nullptr && shard->transaction_id != 0 && opened.transaction_id != 0 &&
                     shard->transaction_id != opened.transaction_id;
  if (shard == nullptr || other) {
    shard = &session.shards.emplace_back();
    shard->target = target;
    shard->alias = opened.alias;
  }
  if (opened.transaction_id != 0) shard->transaction_id = opened.transaction_id;
  if (opened.reserved_id != 0) shard->reserved_id = opened.reserved_id;
}

void NoteSettings(Session& session, const keys::Target& target, const std::string& settings) {
  if (ShardSession* shard = FindShard(session, target); shard != nullptr)
    shard->settings = settings;
}

Request RequestFor(const Session& session, const keys::Target& target, const ShardQuery& query) {
  Request request;
  request.target = &target;
  request.caller = &session.caller;
  request.options = &session.options;
  request.sql = query.sql;
  request.leading_comments = session.leading_comments;
  request.trailing_comments = session.trailing_comments;
  request.vars = query.vars;
  request.complete = query.complete;
  return request;
}

}  // namespace internal

using internal::FindShard;
using internal::NoteOpened;
using internal::NoteSettings;

namespace {

// The statement with its values in place.
Result<std::string> TextOf(const ShardQuery& query) {
  std::string text(query.sql);
  if (query.complete) return text;
  const BindVars none;
  const SqlTemplate sql(std::exchange(text, std::string()));
  TRY_OK(sql.Render(query.vars ? *query.vars : none, text));
  return text;
}

Result<> Note(const keys::Target& target, const ShardQuery& query, std::vector<SentQuery>& sent) {
  SentQuery note{target.keyspace, target.shard, ""};
  TRY(note.sql, TextOf(query));
  sent.push_back(std::move(note));
  return Ok{};
}

}  // namespace

bool IsTooLarge(const Error& error) {
  const auto has = [&](std::string_view part) {
    return error.message().find(part) != std::string::npos;
  };
  return (error.code() == Code::kAborted && has("(more come in a stream)")) ||
         (error.code() == Code::kResourceExhausted && has("message larger than max"));
}

namespace {

// After these the tablet has lost, or will lose, the transaction.
bool LosesTransaction(const Error& error) {
  return error.code() == Code::kResourceExhausted || error.code() == Code::kAborted;
}

bool TabletChanged(const Error& error) {
  const std::string& text = error.message();
  const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  return (error.code() == Code::kUnavailable && !has("(errno ")) ||
         (error.code() == Code::kFailedPrecondition && has("wrong tablet type")) ||
         (error.code() == Code::kClusterEvent && has("operation not allowed in state"));
}

}  // namespace

Task<Result<ResultSet>> ScatterConn::RunOnShard(const Context& ctx, Session& session,
                                                const Call& call) {
  if (session.sent != nullptr) [[unlikely]] {
    CO_TRY_OK(Note(call.target, call.query, *session.sent));
  }
  if (OnAttached(session, call)) {
    co_return co_await RunAttached(ctx, session, call);
  }
  const Request request = internal::RequestFor(session, call.target, call.query);
  const ShardSession* shard = FindShard(session, call.target);
  const bool pinned = shard != nullptr && (call.begin || shard->reserved_id != 0);
  if (pinned) {
    co_return co_await RunPinned(ctx, session, call, request);
  }
  if (call.begin || !session.system_variables.empty()) {
    co_return co_await RunOpening(ctx, session, call, request);
  }
  const TabletGateway::First first = FirstFor(ctx, session, call.target);
  co_return co_await gateway_.Execute(ctx, request, first ? &first : nullptr);
}

TabletGateway::First ScatterConn::FirstFor(const Context& ctx, const Session& session,
                                           const keys::Target& target) {
  if (internal::PositionFor(session, target).empty()) return {};
  return [&](TabletHealth& tablet) {
    return internal::AwaitPosition(ctx, session, target, tablet.service());
  };
}

bool ScatterConn::OnAttached(const Session& session, const Call& call) {
  return session.attached != nullptr && session.attached->target() == call.target && !call.outside;
}

// On the connection that the session has to itself.
Task<Result<ResultSet>> ScatterConn::RunAttached(const Context& ctx, Session& session,
                                                 const Call& call) {
  CO_TRY(const std::string text, TextOf(call.query));
  Result<ResultSet> result = co_await session.attached->Execute(ctx, text);
  if (session.attached->lost()) session.attached.reset();
  co_return result;
}

// Brings a reserved connection to the session's settings.
Task<Result<>> ScatterConn::SetReserved(const Context& ctx, Session& session,
                                        const std::shared_ptr<TabletHealth>& tablet,
                                        const Request& statement, const std::string& settings) {
  Request request = statement;
  request.sql = settings;
  request.vars = nullptr;
  request.complete = true;
  Result<ResultSet> set = co_await tablet->service().Execute(ctx, request);
  if (!set.ok()) co_return TabletGateway::WrapTarget(std::move(set).error(), *request.target);
  NoteSettings(session, *request.target, settings);
  co_return Ok{};
}

// The shard has a transaction or a reserved connection: the same tablet goes on with it.
Task<Result<ResultSet>> ScatterConn::RunPinned(const Context& ctx, Session& session,
                                               const Call& call, Request request) {
  const ShardSession* shard = FindShard(session, call.target);
  request.transaction_id = shard->transaction_id;
  request.reserved_id = shard->reserved_id;
  CO_TRY(const std::shared_ptr<TabletHealth> tablet, gateway_.Pinned(call.target, shard->alias));
  CO_TRY_OK(co_await internal::AwaitPosition(ctx, session, call.target, tablet->service()));
  shard = FindShard(session, call.target);  // other shards may have joined meanwhile
  const bool joins = call.begin && shard->transaction_id == 0;
  const std::vector<std::string> settings(1, session.SettingsSql());
  const bool sets = shard->settings != settings.front() && !settings.front().empty();
  if (sets && shard->reserved_id != 0) {
    CO_TRY_OK(co_await SetReserved(ctx, session, tablet, request, settings.front()));
  }
  if (!joins && (!sets || shard->reserved_id != 0)) {
    Result<ResultSet> result = co_await tablet->service().Execute(ctx, request);
    if (!result.ok()) co_return TabletGateway::WrapTarget(std::move(result).error(), call.target);
    co_return result;
  }
  TabletGateway::StatefulCall method = &QueryService::ReserveExecute;
  if (joins) method = &QueryService::BeginExecute;
  request.pre_queries = joins ? std::span<const std::string>(session.savepoints)
                              : std::span<const std::string>(settings);
  Result<StatefulResult> answer = co_await (tablet->service().*method)(ctx, request);
  if (!answer.ok()) co_return TabletGateway::WrapTarget(std::move(answer).error(), call.target);
  StatefulResult& opened = answer.value();
  NoteOpened(session, call.target, opened.state);
  if (sets && !joins) NoteSettings(session, call.target, settings.front());
  if (opened.state.error)
    co_return TabletGateway::WrapTarget(*std::move(opened.state.error), call.target);
  co_return std::move(opened.result);
}

Task<Result<ResultSet>> ScatterConn::RunOpening(const Context& ctx, Session& session,
                                                const Call& call, Request request) {
  const std::vector<std::string> settings(1, session.SettingsSql());
  const bool sets = !settings.front().empty();
  TabletGateway::StatefulCall method = &QueryService::BeginExecute;
  if (sets) {
    request.pre_queries = settings;
    method = &QueryService::ReserveExecute;
    if (call.begin) {
      request.post_begin_queries = session.savepoints;
      method = &QueryService::ReserveBeginExecute;
    }
  } else {
    request.pre_queries = session.savepoints;
  }
  const TabletGateway::First first = FirstFor(ctx, session, call.target);
  CO_TRY(StatefulResult opened,
         co_await gateway_.Open(ctx, request, method, first ? &first : nullptr));
  NoteOpened(session, call.target, opened.state);
  if (sets) NoteSettings(session, call.target, settings.front());
  if (opened.state.error) co_return *std::move(opened.state.error);
  co_return std::move(opened.result);
}

Task<> ScatterConn::RunOne(const Context& ctx, Session& session, const Call& call,
                           Result<ResultSet>& out) {
  Result<ResultSet> result = co_await RunOnShard(ctx, session, call);
  out = std::move(result);
}

Task<Result<std::vector<ResultSet>>> ScatterConn::RunAll(const Context& ctx, Session& session,
                                                         std::span<const Call> calls) {
  std::vector<ResultSet> results;
  results.reserve(calls.size());
  if (calls.size() == 1) {
    CO_TRY(ResultSet only, co_await RunOnShard(ctx, session, calls[0]));
    results.push_back(std::move(only));
    co_return results;
  }
  std::vector<Result<ResultSet>> outcomes;
  outcomes.reserve(calls.size());
  for (size_t i = 0; i < calls.size(); ++i) outcomes.emplace_back(ResultSet());
  runtime::TaskGroup group(ctx);
  for (size_t i = 0; i < calls.size(); ++i)
    group.Start(RunOne(group.context(), session, calls[i], outcomes[i]));
  const auto quiet1 = co_await group.Join();
  static_cast<void>(quiet1.ok());
  std::vector<Error> errors;
  for (Result<ResultSet>& outcome : outcomes) {
    if (outcome.ok())
      results.push_back(*std::move(outcome));
    else
      errors.push_back(std::move(outcome).error());
  }
  if (!errors.empty()) co_return CombineErrors(std::move(errors));
  co_return results;
}

Task<Result<ResultSet>> ScatterConn::ExecutePrepared(const Context& ctx, Session& session,
                                                     std::string_view keyspace,
                                                     const ShardQuery& query,
                                                     std::span<const std::string> prepare) {
  keys::Target target;
  target.keyspace = keyspace;
  target.shard = query.shard;
  target.tablet_type = session.target.tablet_type;
  if (session.sent != nullptr) {
    CO_TRY_OK(Note(target, query, *session.sent));
  }
  std::vector<std::string> before;
  if (!session.system_variables.empty()) before.push_back(session.SettingsSql());
  before.insert(before.end(), prepare.begin(), prepare.end());
  // Tables that only this connection may see: the tablet must not lend it to others.
  queryservice::ExecuteOptions options = session.options;
  options.has_created_temp_tables = true;
  Request request = internal::RequestFor(session, target, query);
  request.options = &options;
  request.pre_queries = before;
  CO_TRY(StatefulResult answer,
         co_await gateway_.Open(ctx, request, &QueryService::ReserveExecute));
  if (answer.state.reserved_id != 0) co_await GiveBack(target, answer.state);
  if (answer.state.error) co_return *std::move(answer.state.error);
  co_return std::move(answer.result);
}

// Also when the caller has gone meanwhile. A tablet that cannot be reached ends it by itself.
Task<> ScatterConn::GiveBack(const keys::Target& target, const queryservice::State& reserved) {
  const Result<std::shared_ptr<TabletHealth>> tablet = gateway_.Pinned(target, reserved.alias);
  if (!tablet.ok()) co_return;
  const std::shared_ptr<TabletHealth> chosen = *tablet;
  const Context bounded = Context::Background().WithTimeout(std::chrono::seconds(10));
  const Result<> released =
      co_await chosen->service().Release(bounded, target, 0, reserved.reserved_id);
  if (!released.ok())
    LOG(kWarn, "{}: connection {} stays reserved until its time is over: {}", target.ToString(),
        reserved.reserved_id, released.error().message());
}

std::vector<ScatterConn::Call> ScatterConn::MakeCalls(const Session& session,
                                                      std::string_view keyspace,
                                                      std::span<const ShardQuery> queries,
                                                      ShardOptions options, bool begin) const {
  std::vector<Call> calls;
  calls.reserve(queries.size());
  for (const ShardQuery& query : queries) {
    Call call;
    call.target.keyspace = keyspace;
    call.target.shard = query.shard;
    call.target.tablet_type = session.target.tablet_type;
    // Sequences and DDL are the primary's.
    if (options.outside_transaction) call.target.tablet_type = keys::TabletType::kPrimary;
    call.query = query;
    call.begin = begin;
    call.outside = options.outside_transaction;
    calls.push_back(std::move(call));
  }
  return calls;
}

Task<Result<>> ScatterConn::CheckSingle(const Context& ctx, Session& session,
                                        std::span<const Call> calls) {
  if (session.transaction_mode != TransactionMode::kSingle) co_return Ok{};
  size_t shards = session.shards.size();
  for (const Call& call : calls) shards += FindShard(session, call.target) == nullptr ? 1 : 0;
  if (shards <= 1) co_return Ok{};
  const std::string where = calls.back().target.ToString();
  co_await Rollback(ctx, session);
  co_return Errorf(Code::kAborted,
                   "multi-db transaction attempted: the transaction mode is single and {} is "
                   "one more shard; the transaction was rolled back",
                   where);
}

Task<Error> ScatterConn::Failed(const Context& ctx, Session& session, Error error, bool partial) {
  // The transaction is as it was, and the session may still get the rows (CanAttach).
  if (session.may_attach && IsTooLarge(error) && !partial) co_return error;
  if (TabletChanged(error)) {
    session.must_rollback = true;
    co_return std::move(error).Wrap(
        "VT15001: transaction error, issue ROLLBACK and retry the transaction");
  }
  if (LosesTransaction(error)) {
    co_await Rollback(ctx, session);
  } else if (partial) {
    // Some shards may have done their part of the statement: there is no half of a statement.
    co_await Rollback(ctx, session);
    co_return std::move(error).Wrap(
        "transaction rolled back to reverse changes of partial DML execution");
  }
  co_return error;
}

Task<Result<std::vector<ResultSet>>> ScatterConn::Execute(const Context& ctx, Session& session,
                                                          std::string_view keyspace,
                                                          std::span<const ShardQuery> queries,
                                                          ShardOptions options) {
  const bool in_transaction = session.in_transaction && !options.outside_transaction;
  const bool own = !in_transaction && options.writes && queries.size() > 1;
  const std::vector<Call> calls =
      MakeCalls(session, keyspace, queries, options, in_transaction || own);
  if (in_transaction || own) {
    CO_TRY_OK(co_await CheckSingle(ctx, session, calls));
  }
  Result<std::vector<ResultSet>> results = co_await RunAll(ctx, session, calls);
  if (own) {
    if (!results.ok()) {
      co_await Rollback(ctx, session);
      co_return results;
    }
    CO_TRY_OK(co_await Commit(ctx, session));
    co_return results;
  }
  if (results.ok() || !in_transaction) co_return results;
  const bool partial = options.writes && calls.size() > 1;
  Error error = std::move(results).error();
  co_return co_await Failed(ctx, session, std::move(error), partial);
}

namespace {

// Keeps the shards that still hold a reserved connection, and leaves the transaction.
void LeaveTransaction(Session& session) {
  std::erase_if(session.shards, [](const ShardSession& shard) { return shard.reserved_id == 0; });
  for (ShardSession& shard : session.shards) shard.transaction_id = 0;
  const bool was_open = std::exchange(session.in_transaction, false);
  session.must_rollback = false;
  session.savepoints.clear();
  session.options.access_modes.clear();
  if (session.read_only)
    session.options.access_modes.push_back(queryservice::AccessMode::kReadOnly);
  if (was_open) session.LeaveNextTransaction();
}

// What several shards warn of alike is told once.
void KeepWarnings(ScatterConn::Warnings& from, ScatterConn::Warnings* to) {
  if (to == nullptr) return;
  for (sqltypes::Warning& warning : from) {
    const bool known = std::any_of(to->begin(), to->end(), [&](const sqltypes::Warning& other) {
      return other.code == warning.code && other.message == warning.message;
    });
    if (!known) to->push_back(std::move(warning));
  }
}

}  // namespace

// The part of a transaction that is on the connection that the session has to itself.
Task<Result<>> ScatterConn::EndAttached(const Context& ctx, Session& session,
                                        std::string_view sql, Warnings* warnings) {
  const std::string where = session.attached->target().ToString();
  Result<ResultSet> done = co_await session.attached->Execute(ctx, sql);
  if (session.attached->lost()) session.attached.reset();
  if (!done.ok()) co_return std::move(done).error().Wrap(fmt::format("{} at {}", sql, where));
  KeepWarnings(done->warnings, warnings);
  co_return Ok{};
}

Task<Result<>> ScatterConn::Commit(const Context& ctx, Session& session, Warnings* warnings) {
  std::optional<Error> failed;
  std::vector<std::string> committed;
  if (session.attached != nullptr && session.attached->in_transaction()) {
    std::string where = session.attached->target().ToString();
    Result<> ended = co_await EndAttached(ctx, session, "commit", warnings);
    if (ended.ok()) committed.push_back(std::move(where));
    if (!ended.ok()) failed = std::move(ended).error();
  }
  for (size_t i = 0; i < session.shards.size(); ++i) {
    const ShardSession shard = session.shards[i];
    if (shard.transaction_id == 0) continue;
    Result<std::shared_ptr<TabletHealth>> tablet = gateway_.Pinned(shard.target, shard.alias);
    if (!tablet.ok()) {
      if (!failed) failed = std::move(tablet).error();
      continue;
    }
    const std::shared_ptr<TabletHealth> chosen = *tablet;
    auto end = &QueryService::Commit;
    if (failed) end = &QueryService::Rollback;
    Result<queryservice::State> ended =
        co_await (chosen->service().*end)(ctx, shard.target, shard.transaction_id);
    session.shards[i].reserved_id = ended.ok() ? ended->reserved_id : 0;
    if (ended.ok()) KeepWarnings(ended->warnings, warnings);
    if (ended.ok() && !failed) committed.push_back(shard.target.ToString());
    if (!ended.ok() && !failed)
      failed = TabletGateway::WrapTarget(std::move(ended).error(), shard.target);
  }
  LeaveTransaction(session);
  if (!failed) co_return Ok{};
  if (!committed.empty()) {
    std::string where;
    for (size_t i = 0; i < std::min(committed.size(), kMostShardsInWarning); ++i)
      where += (i == 0 ? "" : ", ") + committed[i];
    sqltypes::Warning& warning = session.warnings.emplace_back();
    warning.code = kWarnNonAtomicCommit;
    warning.message = "committed only on " + where;
    co_return std::move(*failed).Wrap("the commit is not complete, it took place on " + where);
  }
  co_return *std::move(failed);
}

Task<> ScatterConn::Rollback(const Context&, Session& session, Warnings* warnings) {
  // A client that has gone must not keep its locks: this goes on without its context.
  const Context ctx = Context::Background().WithTimeout(std::chrono::seconds(10));
  if (session.attached != nullptr && session.attached->in_transaction()) {
    const Result<> ended = co_await EndAttached(ctx, session, "rollback", warnings);
    static_cast<void>(ended.ok());
  }
  for (size_t i = 0; i < session.shards.size(); ++i) {
    const ShardSession shard = session.shards[i];
    if (shard.transaction_id == 0) continue;
    session.shards[i].reserved_id = 0;
    Result<std::shared_ptr<TabletHealth>> tablet = gateway_.Pinned(shard.target, shard.alias);
    if (!tablet.ok()) continue;
    const std::shared_ptr<TabletHealth> chosen = *tablet;
    Result<queryservice::State> ended =
        co_await chosen->service().Rollback(ctx, shard.target, shard.transaction_id);
    if (!ended.ok()) continue;
    session.shards[i].reserved_id = ended->reserved_id;
    KeepWarnings(ended->warnings, warnings);
  }
  LeaveTransaction(session);
}

Task<> ScatterConn::Release(const Context& outer, Session& session) {
  session.attached.reset();
  session.side.reset();
  co_await Rollback(outer, session);
  const Context ctx = Context::Background().WithTimeout(std::chrono::seconds(10));
  const std::vector<ShardSession> shards = std::move(session.shards);
  session.shards.clear();
  for (const ShardSession& shard : shards) {
    Result<std::shared_ptr<TabletHealth>> tablet = gateway_.Pinned(shard.target, shard.alias);
    if (!tablet.ok()) continue;
    const std::shared_ptr<TabletHealth> chosen = *tablet;
    const auto quiet2 = co_await chosen->service().Release(ctx, shard.target, 0, shard.reserved_id);
    static_cast<void>(quiet2.ok());
  }
}

Task<Result<>> ScatterConn::OnOpenShards(const Context& ctx, Session& session,
                                         std::string_view sql) {
  std::vector<Call> calls;
  for (const ShardSession& shard : session.shards) {
    if (shard.transaction_id == 0) continue;
    Call call;
    call.target = shard.target;
    call.query.sql = sql;
    call.begin = true;
    calls.push_back(std::move(call));
  }
  if (calls.empty()) co_return Ok{};
  CO_TRY(std::vector<ResultSet> results, co_await RunAll(ctx, session, calls));
  for (ResultSet& result : results) KeepWarnings(result.warnings, &session.warnings);
  co_return Ok{};
}

}  // namespace tessera::vtgate
