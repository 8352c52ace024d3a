// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/plan_value.h"
#include "engine/primitive.h"
#include "vindex/vindex.h"

namespace tessera::engine {

enum class Opcode : uint8_t {
  kUnsharded,      // the one shard of an unsharded keyspace
  kEqualUnique,    // one value of a unique vindex
  kEqual,          // one value of a vindex that may give several shards
  kIn,             // a list of values; each shard gets its own part of the list
  kScatter,        // all shards
  kReference,      // any shard: the table is the same on each, or there is no table
  kNext,           // ids of a sequence
  kByDestination,  // what the client selected with USE
};
std::string_view OpcodeName(Opcode opcode);

// The name of the list that a kIn query has in place of its own.
inline constexpr std::string_view kListVar = "__vals";

// Where a query goes. The vindex belongs to the VSchema that the plan keeps.
struct Routing {
  Opcode opcode = Opcode::kScatter;
  std::string keyspace;
  bool sharded = false;
  const vindex::FunctionalVindex* vindex = nullptr;
  std::vector<PlanValue> values;  // one for each column of the vindex
  keys::Destination destination;  // kByDestination, and kUnsharded with a pinned table
  bool copies = false;            // every shard changes the same rows: what one says holds for all

  // At most one shard, whatever the values are.
  bool IsSingleShard() const;
  // Adds keyspace, vindex and values.
  void DescribeTo(PlanDescription& out) const;
};

// A shard, and for kIn its part of the list.
struct RoutedShard {
  std::string shard;
  std::vector<sqltypes::Value> list;
};

// The shards of one run, in the order of their key ranges. Values that live nowhere give
// one shard, any: there the query as it stands finds nothing, and answers with its columns.
struct RoutedShards {
  std::vector<RoutedShard> shards;
  bool nowhere = false;
};
Task<Result<RoutedShards>> RouteTo(const Context& ctx, Exec& exec, const Routing& routing,
                                   const sqltypes::BindVars& vars);

// Sends one query, or changes, to the shards its routing names, and puts the results together:
// rows behind each other, affected rows added. With one shard the result stays as it came.
class Route final : public Primitive {
 public:
  // `operator_type` names the node in descriptions: Route, Update, Delete, Insert.
  Route(Routing routing, std::string sql, std::string operator_type = "Route",
        std::string tables = {})
      : routing_(std::move(routing)),
        sql_(std::move(sql)),
        operator_(std::move(operator_type)),
        tables_(std::move(tables)),
        writes_(operator_ != "Route") {}

  const Routing& routing() const { return routing_; }
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                            const sqltypes::BindVars& vars) const override;
  Task<Result<>> Stream(const Context& ctx, Exec& exec, const sqltypes::BindVars& vars,
                        sqltypes::RowSink& sink) const override;
  PlanDescription Describe() const override;

 private:
  struct Run;
  Result<> MakeQueries(const sqltypes::BindVars& vars, Run& run) const;
  ShardOptions Options() const;

  Routing routing_;
  std::string sql_;
  std::string operator_;
  std::string tables_;
  bool writes_;
};

// The statement on every shard of a keyspace, for DDL. Rows are those of the first shard.
class SendToAll final : public Primitive {
 public:
  SendToAll(std::string keyspace, bool sharded, keys::Destination destination, std::string sql)
      : keyspace_(std::move(keyspace)),
        sharded_(sharded),
        destination_(std::move(destination)),
        sql_(std::move(sql)) {}
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                            const sqltypes::BindVars& vars) const override;
  PlanDescription Describe() const override;

 private:
  std::string keyspace_;
  bool sharded_;
  keys::Destination destination_;
  std::string sql_;
};

// What `next`, a later part of the same answer, says of LAST_INSERT_ID().
void AddInsertId(sqltypes::ResultSet& out, const sqltypes::ResultSet& next);

// Rows behind each other, affected rows added; fields of the first.
Result<sqltypes::ResultSet> JoinResults(std::vector<sqltypes::ResultSet> results);

}  // namespace tessera::engine
