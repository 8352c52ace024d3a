// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/plan_description.h"
#include "keys/destination.h"
#include "sqltypes/bind_vars.h"
#include "sqltypes/result_set.h"
#include "sqltypes/row_sink.h"

namespace tessera::engine {

// One statement for one shard. Views: the caller keeps everything until the task ends.
struct ShardQuery {
  ShardQuery() = default;
  ShardQuery(std::string_view shard_name, std::string_view text, const sqltypes::BindVars* values)
      : shard(shard_name), sql(text), vars(values) {}
  std::string_view shard;
  std::string_view sql;
  const sqltypes::BindVars* vars = nullptr;
  bool complete = false;  // the text has no variables: a colon is a colon
};

// What the session must know to choose between a transaction and autocommit.
struct ShardOptions {
  bool writes = false;
  // Every shard gets its statement outside any transaction (sequences).
  bool outside_transaction = false;
};

// What a plan needs of the session that runs it. One per statement; belongs to the session's loop.
class Exec {
 public:
  virtual ~Exec() = default;

  // The shards of the keyspace, as the session's tablet type is served, that the destination means.
  // Their order is the order of their key ranges.
  virtual Task<Result<std::vector<std::string>>> Resolve(const Context& ctx,
                                                         std::string_view keyspace,
                                                         const keys::Destination& destination) = 0;

  // Runs all queries at the same time, in the session's transaction where one is open or needed,
  // and gives the results in the same order. Any failure fails the whole.
  virtual Task<Result<std::vector<sqltypes::ResultSet>>> ExecuteShards(
      const Context& ctx, std::string_view keyspace, std::span<const ShardQuery> queries,
      ShardOptions options) = 0;

  // The rows of all queries, as they come and in no order, to one sink. Without a streaming path
  // of its own an Exec gathers them first.
  virtual Task<Result<>> StreamShards(const Context& ctx, std::string_view keyspace,
                                      std::span<const ShardQuery> queries, ShardOptions options,
                                      sqltypes::RowSink& sink);

  // One query on a connection of its own, which runs `prepare` before it (temporary tables) and
  // keeps nothing of it for others. It stands outside the session's transaction: it must read only
  // what `prepare` has put there.
  virtual Task<Result<sqltypes::ResultSet>> ExecutePrepared(
      const Context& ctx, std::string_view keyspace, const ShardQuery& query,
      std::span<const std::string> prepare) = 0;
};

// One node of a plan. Plans are cached and used by many statements, so a node never changes after
// planning: all methods are const, what a run needs lives in its frame.
class Primitive {
 public:
  virtual ~Primitive() = default;
  virtual Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                                    const sqltypes::BindVars& vars) const = 0;
  // The same rows to a sink. Nodes that need all rows before they can give the first one gather.
  virtual Task<Result<>> Stream(const Context& ctx, Exec& exec, const sqltypes::BindVars& vars,
                                sqltypes::RowSink& sink) const;
  virtual PlanDescription Describe() const = 0;
};

using PrimitivePtr = std::unique_ptr<const Primitive>;

}  // namespace tessera::engine
