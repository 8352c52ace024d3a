// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>

#include "runtime/sync.h"
#include "sqlparser/fingerprint.h"
#include "srvtopo/resolve.h"
#include "vtgate/internal/session_exec.h"

// Statements whose rows are passed on while they come, and the session as plans see it.
namespace tessera::vtgate {

using engine::ShardOptions;
using engine::ShardQuery;
using sqltypes::ResultSet;
using sqltypes::RowSink;

namespace {

// Brings the streams of several shards together: one row after the other, fields once.
class MergeSink final : public RowSink {
 public:
  explicit MergeSink(RowSink& sink) : sink_(sink) {}

  Task<Result<>> OnFields(const Context& ctx, std::vector<sqltypes::Field> fields) override {
    CO_TRY(const runtime::AsyncMutex::Guard guard, co_await mutex_.Lock(ctx));
    if (columns_ == 0) {
      columns_ = fields.size();
      co_return co_await sink_.OnFields(ctx, std::move(fields));
    }
    if (columns_ == fields.size()) co_return Ok{};
    co_return Errorf(Code::kFailedPrecondition,
                     "shards answered with {} and {} columns: their tables differ", columns_,
                     fields.size());
  }
  Task<Result<>> OnRows(const Context& ctx, std::string_view run, size_t row_count) override {
    CO_TRY(const runtime::AsyncMutex::Guard guard, co_await mutex_.Lock(ctx));
    co_return co_await sink_.OnRows(ctx, run, row_count);
  }

 private:
  RowSink& sink_;
  runtime::AsyncMutex mutex_;
  size_t columns_ = 0;
};

// Keeps a stream's rows, as long as all streams together have no more than `room`.
class GatherSink final : public RowSink {
 public:
  GatherSink(size_t most, size_t& room) : most_(most), room_(room) {}

  Task<Result<>> OnFields(const Context&, std::vector<sqltypes::Field> fields) override {
    rows_.fields = std::move(fields);
    co_return Ok{};
  }
  Task<Result<>> OnRows(const Context&, std::string_view run, size_t row_count) override {
    if (row_count > room_) {
      co_return Errorf(Code::kResourceExhausted, "in-memory row count exceeded allowed limit of {}",
                       most_);
    }
    room_ -= row_count;
    count_ += row_count;
    run_.append(run);
    co_return Ok{};
  }
  ResultSet Take() {
    rows_.SetEncodedRows(std::move(run_), count_);
    return std::move(rows_);
  }

 private:
  size_t most_;
  size_t& room_;
  ResultSet rows_;
  std::string run_;
  size_t count_ = 0;
};

// Counts what goes by.
class CountingSink final : public RowSink {
 public:
  explicit CountingSink(RowSink& sink) : sink_(sink) {}
  Task<Result<>> OnFields(const Context& ctx, std::vector<sqltypes::Field> fields) override {
    return sink_.OnFields(ctx, std::move(fields));
  }
  Task<Result<>> OnRows(const Context& ctx, std::string_view run, size_t row_count) override {
    rows += row_count;
    return sink_.OnRows(ctx, run, row_count);
  }
  uint64_t rows = 0;

 private:
  RowSink& sink_;
};

}  // namespace

Task<Result<std::vector<std::string>>> SessionExec::Resolve(const Context& ctx,
                                                            std::string_view keyspace,
                                                            const keys::Destination& destination) {
  // A shard that serves nobody yet can be asked for by name.
  if (destination.kind() == keys::Destination::Kind::kShard)
    co_return std::vector<std::string>(1, std::string(destination.shard()));
  CO_TRY(const discovery::ServingShards serving,
         co_await executor_.serving_.Shards(ctx, keyspace, session_.target.tablet_type));
  CO_TRY(const std::vector<std::string_view> names,
         srvtopo::ResolveDestination(serving.shards, destination));
  co_return std::vector<std::string>(names.begin(), names.end());
}

std::span<const ShardQuery> SessionExec::AsWritten(std::span<const ShardQuery> queries,
                                                   ShardQuery& only) const {
  if (written_.empty() || queries.size() != 1) return queries;
  only = ShardQuery(queries.front().shard, written_, nullptr);
  only.complete = true;
  return std::span<const ShardQuery>(&only, 1);
}

void SessionExec::NoteWritten(std::string_view keyspace, std::span<const ShardQuery> queries) {
  for (const ShardQuery& query : queries) {
    keys::Target target;
    target.keyspace = keyspace;
    target.shard = query.shard;
    target.tablet_type = keys::TabletType::kPrimary;
    std::vector<keys::Target>& all = session_.written;
    if (std::find(all.begin(), all.end(), target) == all.end()) all.push_back(std::move(target));
  }
}

Task<Result<std::vector<ResultSet>>> SessionExec::ExecuteShards(const Context& ctx,
                                                                std::string_view keyspace,
                                                                std::span<const ShardQuery> planned,
                                                                ShardOptions options) {
  session_.reached_shards = true;
  ShardQuery only;
  const std::span<const ShardQuery> queries = AsWritten(planned, only);
  if (!streams_ || options.writes || options.outside_transaction) {
    if (options.writes && session_.read_after_write.track) NoteWritten(keyspace, queries);
    co_return co_await executor_.scatter_.Execute(ctx, session_, keyspace, queries, options);
  }
  const size_t most = executor_.options_.max_memory_rows;
  size_t room = most;
  std::deque<GatherSink> gathered;
  std::vector<RowSink*> sinks;
  for (size_t i = 0; i < queries.size(); ++i) sinks.push_back(&gathered.emplace_back(most, room));
  CO_TRY_OK(co_await executor_.scatter_.Stream(ctx, session_, keyspace, queries, options, sinks));
  std::vector<ResultSet> out;
  out.reserve(gathered.size());
  for (GatherSink& sink : gathered) out.push_back(sink.Take());
  co_return out;
}

Task<Result<ResultSet>> SessionExec::ExecutePrepared(const Context& ctx, std::string_view keyspace,
                                                     const ShardQuery& query,
                                                     std::span<const std::string> prepare) {
  session_.reached_shards = true;
  co_return co_await executor_.scatter_.ExecutePrepared(ctx, session_, keyspace, query, prepare);
}

Task<Result<>> SessionExec::StreamShards(const Context& ctx, std::string_view keyspace,
                                         std::span<const ShardQuery> planned, ShardOptions options,
                                         RowSink& sink) {
  session_.reached_shards = true;
  ShardQuery only;
  const std::span<const ShardQuery> queries = AsWritten(planned, only);
  if (options.writes || options.outside_transaction) {
    co_return co_await engine::Exec::StreamShards(ctx, keyspace, queries, options, sink);
  }
  MergeSink merged(sink);
  const std::vector<RowSink*> sinks(queries.size(), &merged);
  co_return co_await executor_.scatter_.Stream(ctx, session_, keyspace, queries, options, sinks);
}

Task<Result<ResultSet>> Executor::StreamPlan(const Context& ctx, Session& session,
                                             const planner::Plan& plan,
                                             const sqltypes::BindVars& vars,
                                             std::string_view written, RowSink& sink) {
  SessionExec exec(*this, session, true);
  exec.SendAsWritten(written);
  CountingSink counted(sink);
  Result<> streamed = co_await plan.root->Stream(ctx, exec, vars, counted);
  if (!written.empty() && !streamed.ok() && TakesPlansOnly(session, streamed.error())) {
    exec.SendAsWritten(std::string_view());
    streamed = co_await plan.root->Stream(ctx, exec, vars, counted);
  }
  CO_TRY_OK(streamed);
  session.found_rows = counted.rows;
  ResultSet done;
  co_return done;
}

Task<Result<ResultSet>> Executor::Stream(const Context& ctx, Session& session, std::string_view sql,
                                         RowSink& sink) {
  return Run(ctx, session, sql, &sink);
}

}  // namespace tessera::vtgate
