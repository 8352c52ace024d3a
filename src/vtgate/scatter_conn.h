// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "discovery/tablet_gateway.h"
#include "engine/primitive.h"
#include "sqltypes/row_sink.h"
#include "vtgate/session.h"

namespace tessera::vtgate {

// Runs statements on many shards at once within a session's transaction, and ends transactions.
// Belongs to one loop.
class ScatterConn {
 public:
  explicit ScatterConn(discovery::TabletGateway& gateway) : gateway_(gateway) {}

  // All at the same time; results in the order of the queries. Opens the session's transaction on
  // shards that are not in it yet. Changes of several shards without a transaction get one of their
  // own, committed at the end.
  Task<Result<std::vector<sqltypes::ResultSet>>> Execute(
      const Context& ctx, Session& session, std::string_view keyspace,
      std::span<const engine::ShardQuery> queries, engine::ShardOptions options);

  // Reads whose rows go to the sink of the same place while they come. Opens the transaction as
  // Execute does. The first error ends all.
  Task<Result<>> Stream(const Context& ctx, Session& session, std::string_view keyspace,
                        std::span<const engine::ShardQuery> queries, engine::ShardOptions options,
                        std::span<sqltypes::RowSink* const> sinks);
  // One query on a connection of its own, outside the session's transaction but with its settings,
  // after `prepare`.
  Task<Result<sqltypes::ResultSet>> ExecutePrepared(const Context& ctx, Session& session,
                                                    std::string_view keyspace,
                                                    const engine::ShardQuery& query,
                                                    std::span<const std::string> prepare);

  using Warnings = std::vector<sqltypes::Warning>;
  // Ends the transaction on every shard, one after the other, the session's own connection first;
  // after a failure the rest is rolled back. What the servers warned of goes to `warnings`, if it
  // is given.
  Task<Result<>> Commit(const Context& ctx, Session& session, Warnings* warnings = nullptr);
  // Never fails: what cannot be reached rolls back by itself.
  Task<> Rollback(const Context& ctx, Session& session, Warnings* warnings = nullptr);
  // Rolls back and gives up reserved connections.
  Task<> Release(const Context& ctx, Session& session);
  // A savepoint statement on every shard that is in the transaction. The session gets its warnings.
  Task<Result<>> OnOpenShards(const Context& ctx, Session& session, std::string_view sql);

 private:
  struct Call;
  Task<> RunOne(const Context& ctx, Session& session, const Call& call,
                Result<sqltypes::ResultSet>& out);
  Task<Result<sqltypes::ResultSet>> RunOnShard(const Context& ctx, Session& session,
                                               const Call& call);
  // What a tablet of the target must do before a statement of the session runs there, while `ctx`,
  // the session and the target live; nothing when it need not.
  static discovery::TabletGateway::First FirstFor(const Context& ctx, const Session& session,
                                                  const keys::Target& target);
  static bool OnAttached(const Session& session, const Call& call);
  static Task<Result<>> EndAttached(const Context& ctx, Session& session, std::string_view sql,
                                    Warnings* warnings);
  Task<Result<sqltypes::ResultSet>> RunAttached(const Context& ctx, Session& session,
                                                const Call& call);
  Task<Result<>> SetReserved(const Context& ctx, Session& session,
                             const std::shared_ptr<discovery::TabletHealth>& tablet,
                             const queryservice::Request& statement, const std::string& settings);
  Task<Result<sqltypes::ResultSet>> RunPinned(const Context& ctx, Session& session,
                                              const Call& call, queryservice::Request request);
  Task<Result<sqltypes::ResultSet>> RunOpening(const Context& ctx, Session& session,
                                               const Call& call, queryservice::Request request);
  Task<> GiveBack(const keys::Target& target, const queryservice::State& reserved);
  Task<Result<std::vector<sqltypes::ResultSet>>> RunAll(const Context& ctx, Session& session,
                                                        std::span<const Call> calls);
  std::vector<Call> MakeCalls(const Session& session, std::string_view keyspace,
                              std::span<const engine::ShardQuery> queries,
                              engine::ShardOptions options, bool begin) const;
  // Fails, and rolls back, when the transaction mode forbids one more shard.
  Task<Result<>> CheckSingle(const Context& ctx, Session& session, std::span<const Call> calls);
  // What a failed statement does to the transaction it ran in. Gives the error for the client.
  Task<Error> Failed(const Context& ctx, Session& session, Error error, bool partial);

  // scatter_stream.cc
  Task<Result<>> StreamOnShard(const Context& ctx, Session& session, const Call& call,
                               sqltypes::RowSink& sink);
  Task<Result<>> StreamPinned(const Context& ctx, Session& session, const Call& call,
                              queryservice::Request request, sqltypes::RowSink& sink);
  Task<Result<>> StreamOpening(const Context& ctx, Session& session, const Call& call,
                               queryservice::Request request, sqltypes::RowSink& sink);

  discovery::TabletGateway& gateway_;
};

// The answer, or the statement, is longer than what one call takes.
bool IsTooLarge(const Error& error);

// One error of several: the most telling code, all texts.
Error CombineErrors(std::vector<Error> errors);

}  // namespace tessera::vtgate
