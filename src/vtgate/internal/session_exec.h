// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/primitive.h"
#include "vtgate/executor.h"

namespace tessera::vtgate {

// A session as the plans of an executor see it. With a streaming statement (`streams`) tablets are
// asked for streams also where the rows are gathered: a stream has no limit on its rows.
class SessionExec final : public engine::Exec {
 public:
  SessionExec(Executor& executor, Session& session, bool streams = false)
      : executor_(executor), session_(session), streams_(streams) {}

  // The plan sends one statement to one shard, and what it sends is this, the client's own text.
  void SendAsWritten(std::string_view sql) { written_ = sql; }

  Task<Result<std::vector<std::string>>> Resolve(const Context& ctx, std::string_view keyspace,
                                                 const keys::Destination& destination) override;
  Task<Result<std::vector<sqltypes::ResultSet>>> ExecuteShards(
      const Context& ctx, std::string_view keyspace, std::span<const engine::ShardQuery> queries,
      engine::ShardOptions options) override;
  Task<Result<>> StreamShards(const Context& ctx, std::string_view keyspace,
                              std::span<const engine::ShardQuery> queries,
                              engine::ShardOptions options, sqltypes::RowSink& sink) override;
  Task<Result<sqltypes::ResultSet>> ExecutePrepared(const Context& ctx, std::string_view keyspace,
                                                    const engine::ShardQuery& query,
                                                    std::span<const std::string> prepare) override;

 private:
  Executor& executor_;
  Session& session_;
  // The queries, or the text in the place of the only one. `only` keeps that.
  std::span<const engine::ShardQuery> AsWritten(std::span<const engine::ShardQuery> queries,
                                                engine::ShardQuery& only) const;

  // Their positions are to be told once the changes hold.
  void NoteWritten(std::string_view keyspace, std::span<const engine::ShardQuery> queries);

  bool streams_;
  std::string_view written_;
};

}  // namespace tessera::vtgate
