// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/route.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace tessera::engine {

using keys::Destination;
using sqltypes::BindVars;
using sqltypes::ResultSet;
using sqltypes::Value;

std::string_view OpcodeName(Opcode opcode) {
  switch (opcode) {
    case Opcode::kUnsharded:
      return "Unsharded";
    case Opcode::kEqualUnique:
      return "EqualUnique";
    case Opcode::kEqual:
      return "Equal";
    case Opcode::kIn:
      return "IN";
    case Opcode::kScatter:
      return "Scatter";
    case Opcode::kReference:
      return "Reference";
    case Opcode::kNext:
      return "Next";
    case Opcode::kByDestination:
      return "ByDestination";
  }
  return "Unknown";
}

bool Routing::IsSingleShard() const {
  switch (opcode) {
    case Opcode::kUnsharded:
    case Opcode::kEqualUnique:
    case Opcode::kReference:
    case Opcode::kNext:
      return true;
    case Opcode::kByDestination:
      return destination.IsUnique();
    default:
      return false;
  }
}

void Routing::DescribeTo(PlanDescription& out) const {
  out.SetKeyspace(keyspace, sharded);
  if (!destination.is_none()) out.Add("TargetDestination", destination.ToString());
  std::vector<std::string> texts;
  for (const PlanValue& value : values) texts.push_back(value.ToString());
  out.Add("Values", texts);
  if (vindex != nullptr) out.Add("Vindex", vindex->name());
}

namespace {

// The shards of one destination; none stays empty.
Task<Result<std::vector<std::string>>> ResolveOne(const Context& ctx, Exec& exec,
                                                  const Routing& routing, Destination destination) {
  if (destination.is_none()) co_return std::vector<std::string>();
  co_return co_await exec.Resolve(ctx, routing.keyspace, destination);
}

Result<Destination> MapRow(const Routing& routing, const BindVars& vars) {
  std::vector<Value> row;
  row.reserve(routing.values.size());
  for (const PlanValue& value : routing.values) {
    TRY(const Value column, value.Get(vars));
    // Nothing equals NULL.
    if (column.is_null()) return Destination::None();
    row.push_back(column);
  }
  return routing.vindex->Map(row);
}

// Splits the list over the shards its values live on.
Task<Result<RoutedShards>> RouteList(const Context& ctx, Exec& exec, const Routing& routing,
                                     const BindVars& vars) {
  CO_TRY(const std::vector<Value> list, routing.values.front().GetList(vars));
  RoutedShards out;
  for (const Value& value : list) {
    if (value.is_null()) continue;
    CO_TRY(Destination destination, routing.vindex->Map(value));
    CO_TRY(std::vector<std::string> shards,
           co_await ResolveOne(ctx, exec, routing, std::move(destination)));
    for (std::string& shard : shards) {
      auto at = std::find_if(out.shards.begin(), out.shards.end(),
                             [&](const RoutedShard& s) { return s.shard == shard; });
      if (at == out.shards.end())
        at = out.shards.insert(out.shards.end(), RoutedShard{std::move(shard), {}});
      at->list.push_back(value);
    }
  }
  std::sort(out.shards.begin(), out.shards.end(),
            [](const RoutedShard& a, const RoutedShard& b) { return a.shard < b.shard; });
  co_return out;
}

Result<Destination> DestinationOf(const Routing& routing, const BindVars& vars) {
  switch (routing.opcode) {
    case Opcode::kEqualUnique:
    case Opcode::kEqual:
      return MapRow(routing, vars);
    case Opcode::kByDestination:
      return routing.destination;
    case Opcode::kReference:
      return Destination::AnyShard();
    case Opcode::kUnsharded:
    case Opcode::kNext:
      if (!routing.destination.is_none()) return routing.destination;
      return Destination::AllShards();
    default:
      return Destination::AllShards();
  }
}

}  // namespace

Task<Result<RoutedShards>> RouteTo(const Context& ctx, Exec& exec, const Routing& routing,
                                   const BindVars& vars) {
  RoutedShards out;
  if (routing.opcode == Opcode::kIn) {
    CO_TRY(out, co_await RouteList(ctx, exec, routing, vars));
  } else {
    CO_TRY(Destination destination, DestinationOf(routing, vars));
    CO_TRY(std::vector<std::string> shards,
           co_await ResolveOne(ctx, exec, routing, std::move(destination)));
    out.shards.reserve(shards.size());
    for (std::string& shard : shards) out.shards.push_back(RoutedShard{std::move(shard), {}});
  }
  const bool one = routing.opcode == Opcode::kUnsharded || routing.opcode == Opcode::kNext;
  if (one && out.shards.size() != 1) {
    co_return Errorf(Code::kFailedPrecondition,
                     "keyspace {} is declared unsharded but serves {} shards; set sharded in its "
                     "VSchema",
                     routing.keyspace, out.shards.size());
  }
  if (out.shards.empty()) {
    const Destination any = Destination::AnyShard();
    CO_TRY(std::vector<std::string> shards, co_await exec.Resolve(ctx, routing.keyspace, any));
    out.nowhere = true;
    for (std::string& shard : shards) out.shards.push_back(RoutedShard{std::move(shard), {}});
  }
  co_return out;
}

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "Records: 2  Warnings: 0" and "Records: 3  Warnings: 1" make "Records: 5  Warnings: 1". Texts
// that differ in more than numbers leave the first as it is.
void AddInfo(std::string& info, std::string_view more) {
  std::string out;
  std::string_view left = info;
  while (!left.empty() && !more.empty()) {
    uint64_t one = 0;
    uint64_t two = 0;
    const auto [left_end, left_error] =
        std::from_chars(left.data(), left.data() + left.size(), one);
    const auto [more_end, more_error] =
        std::from_chars(more.data(), more.data() + more.size(), two);
    if (IsDigit(left.front()) && IsDigit(more.front())) {
      if (left_error != std::errc() || more_error != std::errc()) return;
      out += std::to_string(one + two);
      left.remove_prefix(static_cast<size_t>(left_end - left.data()));
      more.remove_prefix(static_cast<size_t>(more_end - more.data()));
    } else {
      if (left.front() != more.front()) return;
      out.push_back(left.front());
      left.remove_prefix(1);
      more.remove_prefix(1);
    }
  }
  if (left.empty() && more.empty()) info = std::move(out);
}

}  // namespace

void AddInsertId(ResultSet& out, const ResultSet& next) {
  const bool tells = next.insert_id != 0 && !out.insert_id_changed;
  if (!next.insert_id_changed && !tells) return;
  out.insert_id = next.insert_id;
  out.insert_id_changed = next.insert_id_changed;
}

Result<ResultSet> JoinResults(std::vector<ResultSet> results) {
  if (results.empty()) return Error(Code::kInternal, "a query went to no shard");
  ResultSet out = std::move(results.front());
  for (size_t i = 1; i < results.size(); ++i) {
    ResultSet& next = results[i];
    out.affected_rows += next.affected_rows;
    AddInfo(out.info, next.info);
    std::move(next.warnings.begin(), next.warnings.end(), std::back_inserter(out.warnings));
    AddInsertId(out, next);
    if (next.fields.size() != out.fields.size())
      return Errorf(Code::kFailedPrecondition,
                    "shards answered with {} and {} columns: their tables differ",
                    out.fields.size(), next.fields.size());
    TRY_OK(out.AppendRows(std::move(next)));
  }
  return out;
}

// What one run sends: a query a shard, and the variables that differ between them.
struct Route::Run {
  RoutedShards routed;
  std::vector<BindVars> own_vars;
  std::vector<Value> whole;
  std::vector<ShardQuery> queries;
};

Result<> Route::MakeQueries(const BindVars& vars, Run& run) const {
  run.queries.reserve(run.routed.shards.size());
  if (routing_.opcode != Opcode::kIn) {
    for (const RoutedShard& shard : run.routed.shards)
      run.queries.push_back(ShardQuery{shard.shard, sql_, &vars});
    return Ok{};
  }
  if (run.routed.nowhere) {
    TRY(run.whole, routing_.values.front().GetList(vars));
  }
  run.own_vars.reserve(run.routed.shards.size());
  for (const RoutedShard& shard : run.routed.shards) {
    run.own_vars.push_back(vars);
    run.own_vars.back().AddList(kListVar, run.routed.nowhere ? run.whole : shard.list);
    run.queries.push_back(ShardQuery{shard.shard, sql_, &run.own_vars.back()});
  }
  return Ok{};
}

ShardOptions Route::Options() const {
  ShardOptions options;
  options.writes = writes_;
  options.outside_transaction = routing_.opcode == Opcode::kNext;
  return options;
}

Task<Result<ResultSet>> Route::Execute(const Context& ctx, Exec& exec, const BindVars& vars) const {
  Run run;
  CO_TRY(run.routed, co_await RouteTo(ctx, exec, routing_, vars));
  CO_TRY_OK(MakeQueries(vars, run));
  CO_TRY(std::vector<ResultSet> results,
         co_await exec.ExecuteShards(ctx, routing_.keyspace, run.queries, Options()));
  if (routing_.copies) results.resize(1);
  co_return JoinResults(std::move(results));
}

Task<Result<>> Route::Stream(const Context& ctx, Exec& exec, const BindVars& vars,
                             sqltypes::RowSink& sink) const {
  if (writes_) {
    co_return co_await Primitive::Stream(ctx, exec, vars, sink);
  }
  Run run;
  CO_TRY(run.routed, co_await RouteTo(ctx, exec, routing_, vars));
  CO_TRY_OK(MakeQueries(vars, run));
  co_return co_await exec.StreamShards(ctx, routing_.keyspace, run.queries, Options(), sink);
}

PlanDescription Route::Describe() const {
  PlanDescription out(operator_, std::string(OpcodeName(routing_.opcode)));
  routing_.DescribeTo(out);
  out.Add("Query", sql_);
  out.Add("Table", tables_);
  return out;
}

Task<Result<ResultSet>> SendToAll::Execute(const Context& ctx, Exec& exec,
                                           const BindVars& vars) const {
  CO_TRY(const std::vector<std::string> shards,
         co_await exec.Resolve(ctx, keyspace_, destination_));
  std::vector<ShardQuery> queries;
  for (const std::string& shard : shards) queries.push_back(ShardQuery{shard, sql_, &vars});
  ShardOptions options;
  options.outside_transaction = true;
  CO_TRY(std::vector<ResultSet> results,
         co_await exec.ExecuteShards(ctx, keyspace_, queries, options));
  if (results.empty())
    co_return Errorf(Code::kFailedPrecondition, "keyspace {} has no serving shard", keyspace_);
  co_return std::move(results.front());
}

PlanDescription SendToAll::Describe() const {
  PlanDescription out("DDL");
  out.SetKeyspace(keyspace_, sharded_);
  out.Add("TargetDestination", destination_.ToString());
  out.Add("Query", sql_);
  return out;
}

}  // namespace tessera::engine
