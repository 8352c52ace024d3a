// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "queryservice/query_service.h"
#include "runtime/task_group.h"
#include "vtgate/internal/read_after_write.h"
#include "vtgate/internal/scatter_call.h"
#include "vtgate/scatter_conn.h"

// Reads whose rows are passed on while they come.
namespace tessera::vtgate {

using queryservice::QueryService;
using queryservice::Request;

Task<Result<>> ScatterConn::StreamPinned(const Context& ctx, Session& session, const Call& call,
                                         Request request, sqltypes::RowSink& sink) {
  const ShardSession* shard = internal::FindShard(session, call.target);
  request.transaction_id = shard->transaction_id;
  request.reserved_id = shard->reserved_id;
  CO_TRY(const std::shared_ptr<discovery::TabletHealth> tablet,
         gateway_.Pinned(call.target, shard->alias));
  CO_TRY_OK(co_await internal::AwaitPosition(ctx, session, call.target, tablet->service()));
  shard = internal::FindShard(session, call.target);  // other shards may have joined meanwhile
  const bool joins = call.begin && shard->transaction_id == 0;
  const std::vector<std::string> settings(1, session.SettingsSql());
  const bool sets = shard->settings != settings.front() && !settings.front().empty();
  if (sets && shard->reserved_id != 0) {
    CO_TRY_OK(co_await SetReserved(ctx, session, tablet, request, settings.front()));
  }
  if (!joins && (!sets || shard->reserved_id != 0)) {
    Result<> done = co_await tablet->service().StreamExecute(ctx, request, sink);
    if (done.ok()) co_return done;
    co_return discovery::TabletGateway::WrapTarget(std::move(done).error(), call.target);
  }
  discovery::TabletGateway::StreamCall method = &QueryService::ReserveStreamExecute;
  if (joins) method = &QueryService::BeginStreamExecute;
  request.pre_queries = joins ? std::span<const std::string>(session.savepoints)
                              : std::span<const std::string>(settings);
  Result<queryservice::State> opened = co_await (tablet->service().*method)(ctx, request, sink);
  if (!opened.ok())
    co_return discovery::TabletGateway::WrapTarget(std::move(opened).error(), call.target);
  internal::NoteOpened(session, call.target, *opened);
  if (sets && !joins) internal::NoteSettings(session, call.target, settings.front());
  if (!opened->error) co_return Ok{};
  co_return discovery::TabletGateway::WrapTarget(*std::move(opened->error), call.target);
}

Task<Result<>> ScatterConn::StreamOpening(const Context& ctx, Session& session, const Call& call,
                                          Request request, sqltypes::RowSink& sink) {
  const std::vector<std::string> settings(1, session.SettingsSql());
  discovery::TabletGateway::StreamCall method = &QueryService::BeginStreamExecute;
  request.pre_queries = session.savepoints;
  if (!settings.front().empty()) {
    request.pre_queries = settings;
    method = &QueryService::ReserveStreamExecute;
    if (call.begin) {
      request.post_begin_queries = session.savepoints;
      method = &QueryService::ReserveBeginStreamExecute;
    }
  }
  const discovery::TabletGateway::First first = FirstFor(ctx, session, call.target);
  CO_TRY(queryservice::State opened,
         co_await gateway_.OpenStream(ctx, request, method, sink, first ? &first : nullptr));
  internal::NoteOpened(session, call.target, opened);
  internal::NoteSettings(session, call.target, settings.front());
  if (opened.error) co_return *std::move(opened.error);
  co_return Ok{};
}

Task<Result<>> ScatterConn::StreamOnShard(const Context& ctx, Session& session, const Call& call,
                                          sqltypes::RowSink& sink) {
  if (OnAttached(session, call)) {
    CO_TRY(sqltypes::ResultSet result, co_await RunAttached(ctx, session, call));
    co_return co_await sqltypes::DeliverResult(ctx, std::move(result), sink);
  }
  const Request request = internal::RequestFor(session, call.target, call.query);
  const ShardSession* shard = internal::FindShard(session, call.target);
  if (shard != nullptr && (call.begin || shard->reserved_id != 0)) {
    co_return co_await StreamPinned(ctx, session, call, request, sink);
  }
  if (call.begin || !session.system_variables.empty()) {
    co_return co_await StreamOpening(ctx, session, call, request, sink);
  }
  const discovery::TabletGateway::First first = FirstFor(ctx, session, call.target);
  co_return co_await gateway_.Stream(ctx, request, sink, first ? &first : nullptr);
}

Task<Result<>> ScatterConn::Stream(const Context& ctx, Session& session, std::string_view keyspace,
                                   std::span<const engine::ShardQuery> queries,
                                   engine::ShardOptions options,
                                   std::span<sqltypes::RowSink* const> sinks) {
  CHECK(sinks.size() == queries.size());
  const bool in_transaction = session.in_transaction && !options.outside_transaction;
  const std::vector<Call> calls = MakeCalls(session, keyspace, queries, options, in_transaction);
  if (in_transaction) {
    CO_TRY_OK(co_await CheckSingle(ctx, session, calls));
  }
  runtime::TaskGroup group(ctx);
  for (size_t i = 0; i < calls.size(); ++i)
    group.Start(StreamOnShard(group.context(), session, calls[i], *sinks[i]));
  Result<> done = co_await group.Join();
  if (done.ok() || !in_transaction) co_return done;
  Error error = std::move(done).error();
  co_return co_await Failed(ctx, session, std::move(error), false);
}

}  // namespace tessera::vtgate
