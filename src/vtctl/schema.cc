// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// MySQL's own schema on the tablets.
#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "base/arena.h"
#include "proto/tabletmanagerdata.pb.h"
#include "proto/vtctldata.pb.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "sqlparser/ast_ddl.h"
#include "sqlparser/ast_table.h"
#include "sqlparser/fingerprint.h"
#include "sqlparser/parser.h"
#include "sqlparser/split.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

namespace {

namespace tm = tabletmanagerdata;
using vtctldata::ApplySchemaRequest;
using vtctldata::ApplySchemaResponse;

constexpr int kConcurrency = 10;
constexpr uint64_t kSchemaRows = 10;

Task<Result<vtctldata::GetSchemaResponse>> GetSchema(const Context& ctx, Control& control,
                                                     const vtctldata::GetSchemaRequest& request) {
  if (request.table_names_only() && request.table_sizes_only())
    co_return Error(Code::kInvalidArgument, "only names and only sizes were asked for at once");
  tm::GetSchemaRequest ask;
  *ask.mutable_tables() = request.tables();
  *ask.mutable_exclude_tables() = request.exclude_tables();
  ask.set_include_views(request.include_views());
  ask.set_table_schema_only(request.table_schema_only());
  CO_TRY(tm::GetSchemaResponse answer,
         co_await AskAlias<tm::GetSchemaResponse>(ctx, control, request.tablet_alias(), ask));
  vtctldata::GetSchemaResponse response;
  tm::SchemaDefinition& schema = *response.mutable_schema();
  schema.Swap(answer.mutable_schema_definition());
  if (!request.table_names_only() && !request.table_sizes_only()) co_return response;
  schema.clear_database_schema();
  for (tm::TableDefinition& table : *schema.mutable_table_definitions()) {
    tm::TableDefinition only;
    only.set_name(table.name());
    if (request.table_sizes_only()) {
      only.set_type(table.type());
      only.set_row_count(table.row_count());
      only.set_data_length(table.data_length());
    }
    table.Swap(&only);
  }
  co_return response;
}

Task<Result<vtctldata::ReloadSchemaResponse>> ReloadSchema(
    const Context& ctx, Control& control, const vtctldata::ReloadSchemaRequest& request) {
  const tm::ReloadSchemaRequest reload;
  CO_TRY_OK(
      co_await AskAlias<tm::ReloadSchemaResponse>(ctx, control, request.tablet_alias(), reload));
  co_return vtctldata::ReloadSchemaResponse();
}

using Events = google::protobuf::RepeatedPtrField<logutil::Event>;

void Tell(logutil::Level level, std::string text, Events& events) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now);
  logutil::Event& event = *events.Add();
  event.set_level(level);
  event.set_value(std::move(text));
  event.mutable_time()->set_seconds(seconds.count());
  event.mutable_time()->set_nanoseconds(static_cast<int32_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now - seconds).count()));
}

// How the tablets of shards are told to read their schema again.
struct Reload {
  std::string wait_position;
  bool include_primary = false;
  runtime::Semaphore at_once{kConcurrency};
  Events events;
};

Task<> ReloadOne(const Context& ctx, Control& control, const topo::Tablet& tablet, Reload& reload) {
  const Result<> turn = co_await reload.at_once.Acquire(ctx);
  if (!turn.ok()) co_return;
  tm::ReloadSchemaRequest request;
  request.set_wait_position(reload.wait_position);
  const Result<tm::ReloadSchemaResponse> done =
      co_await Ask<tm::ReloadSchemaResponse>(ctx, control, tablet, request);
  reload.at_once.Release();
  if (!done.ok()) Tell(logutil::WARNING, done.error().message(), reload.events);
}

// A tablet that cannot be told says so in an event: it will see the change at its next look.
Task<Result<>> ReloadShard(const Context& ctx, Control& control, std::string keyspace,
                           std::string shard, Reload& reload) {
  CO_TRY(const topo::Versioned<topo::Shard> record,
         co_await FindShard(ctx, control, keyspace, shard));
  CO_TRY(const std::vector<topo::Tablet> tablets,
         co_await TabletsOfShard(ctx, control, keyspace, shard));
  runtime::TaskGroup group(ctx);
  size_t told = 0;
  for (const topo::Tablet& tablet : tablets) {
    if (!reload.include_primary && tablet.alias == record.record.primary_alias) continue;
    if (!keys::RunsQueryService(tablet.type)) continue;
    group.Start(ReloadOne(group.context(), control, tablet, reload));
    ++told;
  }
  CO_TRY_OK(co_await group.Join());
  control.Tell(
      fmt::format("shard {}/{}: {} tablets told to read their schema", keyspace, shard, told));
  co_return Ok{};
}

Task<Result<vtctldata::ReloadSchemaShardResponse>> ReloadSchemaShard(
    const Context& ctx, Control& control, const vtctldata::ReloadSchemaShardRequest& request) {
  Reload reload;
  reload.wait_position = request.wait_position();
  reload.include_primary = request.include_primary();
  CO_TRY_OK(co_await ReloadShard(ctx, control, request.keyspace(), request.shard(), reload));
  vtctldata::ReloadSchemaShardResponse response;
  response.mutable_events()->Swap(&reload.events);
  co_return response;
}

Task<Result<vtctldata::ReloadSchemaKeyspaceResponse>> ReloadSchemaKeyspace(
    const Context& ctx, Control& control, const vtctldata::ReloadSchemaKeyspaceRequest& request) {
  CO_TRY_OK(co_await FindKeyspace(ctx, control, request.keyspace()));
  CO_TRY(const std::vector<std::string> shards,
         co_await control.topo.GetShards(ctx, request.keyspace()));
  Reload reload;
  reload.wait_position = request.wait_position();
  reload.include_primary = request.include_primary();
  runtime::TaskGroup group(ctx);
  for (const std::string& shard : shards)
    group.Start(ReloadShard(group.context(), control, request.keyspace(), shard, reload));
  CO_TRY_OK(co_await group.Join());
  vtctldata::ReloadSchemaKeyspaceResponse response;
  response.mutable_events()->Swap(&reload.events);
  co_return response;
}

// One shard under ApplySchema.
struct ShardRun {
  std::string keyspace;
  std::string shard;
  topo::Tablet primary;
  uint64_t rows_affected = 0;
  std::optional<Error> error;
};

// Every shard must have a primary before the first statement runs anywhere.
Task<Result<std::vector<ShardRun>>> FindPrimaries(const Context& ctx, Control& control,
                                                  std::string keyspace) {
  CO_TRY_OK(co_await FindKeyspace(ctx, control, keyspace));
  CO_TRY(const std::vector<std::string> shards, co_await control.topo.GetShards(ctx, keyspace));
  std::vector<ShardRun> runs;
  for (const std::string& shard : shards) {
    CO_TRY(const topo::Versioned<topo::Shard> record,
           co_await FindShard(ctx, control, keyspace, shard));
    if (record.record.primary_alias.empty()) {
      co_return Errorf(Code::kFailedPrecondition, "shard {}/{} has no primary; nothing was run",
                       keyspace, shard);
    }
    CO_TRY(topo::Versioned<topo::Tablet> tablet,
           co_await control.topo.GetTablet(ctx, record.record.primary_alias));
    ShardRun& run = runs.emplace_back();
    run.keyspace = keyspace;
    run.shard = shard;
    run.primary = std::move(tablet.record);
  }
  if (runs.empty())
    co_return Errorf(Code::kFailedPrecondition, "keyspace {} has no shards", keyspace);
  co_return runs;
}

Task<> PingOne(const Context& ctx, Control& control, ShardRun& run) {
  tm::PingRequest ping;
  ping.set_payload("ApplySchema");
  const Result<tm::PingResponse> answer =
      co_await Ask<tm::PingResponse>(ctx, control, run.primary, ping);
  if (!answer.ok()) run.error = answer.error();
}

// Nor does it run anywhere while one of the primaries is away.
Task<Result<>> PingPrimaries(const Context& ctx, Control& control, std::vector<ShardRun>& runs) {
  runtime::TaskGroup group(ctx);
  for (ShardRun& run : runs) group.Start(PingOne(group.context(), control, run));
  CO_TRY_OK(co_await group.Join());
  for (const ShardRun& run : runs) {
    if (!run.error) continue;
    Error error = *run.error;
    co_return std::move(error).Wrap(fmt::format(
        "the primary of shard {}/{} does not answer; nothing was run", run.keyspace, run.shard));
  }
  co_return Ok{};
}

bool WritesRows(sqlparser::StatementKind kind) {
  using enum sqlparser::StatementKind;
  return kind == kInsert || kind == kReplace || kind == kUpdate || kind == kDelete ||
         kind == kWith || kind == kLoad;
}

// The statements of a request, each by itself. What writes rows may go to one shard only: on
// several it would be another statement on each.
Result<std::vector<std::string>> Statements(const ApplySchemaRequest& request, size_t shards) {
  std::vector<std::string> out;
  for (const std::string& text : request.sql()) {
    TRY(const std::vector<sqlparser::StatementPiece> pieces, sqlparser::SplitStatements(text));
    for (const sqlparser::StatementPiece& piece : pieces)
      out.push_back(text.substr(piece.offset, piece.length));
  }
  if (out.empty())
    return Error(Code::kInvalidArgument, "there is no statement to apply")
        .WithHint("--sql or --sql-file");
  sqlparser::Fingerprint fingerprint;
  for (const std::string& sql : out) {
    TRY_OK(fingerprint.Scan(sql));
    if (shards > 1 && WritesRows(fingerprint.kind)) {
      return Errorf(Code::kInvalidArgument, "not a schema change, and there are {} shards: {}",
                    shards, sql)
          .WithHint("run it through a gate");
    }
  }
  return out;
}

bool MakesTableOrView(const std::string& sql) {
  Arena arena;
  const Result<const sqlparser::Statement*> parsed = sqlparser::Parse(arena, sql);
  if (!parsed.ok()) return false;
  const sqlparser::Statement& statement = **parsed;
  return statement.As<sqlparser::CreateTable>() != nullptr ||
         statement.As<sqlparser::CreateView>() != nullptr;
}

// Statements that go to a tablet in one message, `size` in each. They fail as one, which only
// statements bear that make something new: run again, the ones that were done say so.
Result<std::vector<std::string>> Batches(std::vector<std::string> statements, int64_t size) {
  if (size < 0) return Errorf(Code::kInvalidArgument, "a batch of {} statements", size);
  if (size <= 1) return statements;
  std::vector<std::string> batches;
  int64_t in_last = size;
  for (std::string& sql : statements) {
    if (!MakesTableOrView(sql)) {
      return Errorf(Code::kFailedPrecondition,
                    "only CREATE TABLE and CREATE VIEW can be batched; nothing was run: {}", sql)
          .WithHint("leave out --batch-size, or apply this statement by itself");
    }
    if (in_last == size) {
      batches.push_back(std::move(sql));
      in_last = 1;
    } else {
      batches.back().append(";\n").append(sql);
      ++in_last;
    }
  }
  return batches;
}

Task<> RunOn(const Context& ctx, Control& control, const std::string& sql, ShardRun& run) {
  tm::ExecuteMultiFetchAsDbaRequest request;
  request.set_sql(sql);
  request.set_db_name(run.primary.db_name());
  request.set_max_rows(kSchemaRows);
  // A schema change takes as long as it takes; the caller's deadline bounds it.
  const Result<tm::ExecuteMultiFetchAsDbaResponse> done =
      co_await control.tablets.Call<tm::ExecuteMultiFetchAsDbaResponse>(ctx, run.primary, request);
  if (!done.ok()) {
    run.error = done.error();
    co_return;
  }
  for (const query::QueryResult& result : done->results())
    run.rows_affected += result.rows_affected();
  control.Tell(fmt::format("shard {}/{}: ran {}", run.keyspace, run.shard, sql));
}

// On all shards at once. The error tells on which shards it ran and on which it did not.
Task<Result<>> RunEverywhere(const Context& ctx, Control& control, const std::string& sql,
                             std::vector<ShardRun>& runs) {
  runtime::TaskGroup group(ctx);
  for (ShardRun& run : runs) group.Start(RunOn(group.context(), control, sql, run));
  CO_TRY_OK(co_await group.Join());
  std::string done;
  std::string failed;
  const Error* first = nullptr;
  for (const ShardRun& run : runs) {
    std::string& list = run.error ? failed : done;
    list += (list.empty() ? "" : ", ") + run.shard;
    if (run.error && first == nullptr) first = &*run.error;
  }
  if (first == nullptr) co_return Ok{};
  Error error = *first;
  co_return std::move(error)
      .Wrap(fmt::format("{}: failed on shards {}; ran on {}", sql, failed,
                        done.empty() ? "none" : done))
      .WithHint("later statements were not run");
}

// After the change has reached a shard's replicas, all its tablets read their schema again.
Task<Result<>> ReloadAfter(const Context& ctx, Control& control, const std::string& keyspace,
                           const ShardRun& run, const Context& waiting) {
  Reload reload;
  reload.include_primary = true;
  const tm::PrimaryPositionRequest ask;
  const Result<tm::PrimaryPositionResponse> position =
      co_await Ask<tm::PrimaryPositionResponse>(ctx, control, run.primary, ask);
  if (position.ok()) reload.wait_position = position->position();
  co_return co_await ReloadShard(waiting, control, keyspace, run.shard, reload);
}

Task<Result<>> ApplyLocked(const Context& ctx, Control& control, const ApplySchemaRequest& request,
                           std::vector<ShardRun>& runs,
                           const std::vector<std::string>& statements) {
  size_t done = 0;
  for (const std::string& sql : statements) {
    Result<> held = co_await control.topo.CheckLock(ctx, sql);
    if (!held.ok()) {
      co_return std::move(held).error().Wrap(
          fmt::format("{} of {} ran on all shards", done, statements.size()));
    }
    CO_TRY_OK(co_await RunEverywhere(ctx, control, sql, runs));
    ++done;
  }
  const int64_t seconds =
      request.has_wait_replicas_timeout() ? request.wait_replicas_timeout().seconds() : int64_t{10};
  const Context waiting = ctx.WithTimeout(std::chrono::seconds(seconds));
  for (const ShardRun& run : runs) {
    const Result<> reloaded = co_await ReloadAfter(ctx, control, request.keyspace(), run, waiting);
    // The schema has changed; a tablet that was slow to hear of it does not undo that.
    static_cast<void>(reloaded.ok());
  }
  co_return Ok{};
}

Task<Result<ApplySchemaResponse>> ApplySchema(const Context& ctx, Control& control,
                                              const ApplySchemaRequest& request) {
  if (!request.ddl_strategy().empty() && request.ddl_strategy() != "direct") {
    co_return Errorf(Code::kUnimplemented, "there is no DDL strategy {}", request.ddl_strategy())
        .WithHint("--ddl-strategy direct");
  }
  CO_TRY(std::vector<ShardRun> runs, co_await FindPrimaries(ctx, control, request.keyspace()));
  CO_TRY(std::vector<std::string> each, Statements(request, runs.size()));
  CO_TRY(const std::vector<std::string> statements, Batches(std::move(each), request.batch_size()));
  CO_TRY_OK(co_await PingPrimaries(ctx, control, runs));
  LockedWork work = [&](Control& locked) {
    return ApplyLocked(ctx, locked, request, runs, statements);
  };
  CO_TRY_OK(co_await UnderKeyspaceLock(ctx, control, request.keyspace(), "ApplySchemaKeyspace",
                                       std::move(work)));
  ApplySchemaResponse response;
  for (const ShardRun& run : runs)
    (*response.mutable_rows_affected_by_shard())[run.shard] = run.rows_affected;
  co_return response;
}

}  // namespace

void AddSchema(Methods& methods, Control& control) {
  Add(methods, control, &GetSchema);
  Add(methods, control, &ReloadSchema);
  Add(methods, control, &ReloadSchemaShard);
  Add(methods, control, &ReloadSchemaKeyspace);
  Add(methods, control, &ApplySchema);
}

}  // namespace tessera::vtctl
