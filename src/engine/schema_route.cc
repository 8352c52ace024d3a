// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/schema_route.h"

#include <algorithm>

namespace tessera::engine {

using sqltypes::BindVars;
using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

bool SchemaRoute::IsKeyspace(std::string_view name) const {
  return !name.empty() && !vschema::IsSystemDatabase(name) && vschema_.FindKeyspace(name).ok();
}

Result<SchemaRoute::Names> SchemaRoute::NamesOf(const BindVars& vars) const {
  Names out;
  for (const PlanValue& name : names_) {
    if (name.is_list()) {
      TRY(const std::vector<Value> list, name.GetList(vars));
      for (const Value& value : list) out.listed.push_back(value.raw());
    } else {
      TRY(const Value value, name.Get(vars));
      out.single.push_back(value.raw());
    }
  }
  return out;
}

bool SchemaRoute::StaysIn(std::string_view keyspace, const BindVars& vars) const {
  const Result<Names> names = NamesOf(vars);
  if (!names.ok()) return false;
  const auto stays = [&](std::string_view name) { return name == keyspace || !IsKeyspace(name); };
  return std::all_of(names->single.begin(), names->single.end(), stays) &&
         std::all_of(names->listed.begin(), names->listed.end(), stays);
}

Task<Result<ResultSet>> SchemaRoute::Execute(const Context& ctx, Exec& exec,
                                             const BindVars& vars) const {
  CO_TRY(const Names names, NamesOf(vars));
  std::string keyspace;
  bool several = false;
  const auto note = [&](std::string_view name) {
    if (!IsKeyspace(name)) return;
    several = several || (!keyspace.empty() && keyspace != name);
    keyspace = name;
  };
  std::for_each(names.single.begin(), names.single.end(), note);
  std::for_each(names.listed.begin(), names.listed.end(), note);
  // Single values share one variable.
  for (const std::string_view name : names.single)
    several = several || name != names.single.front();
  if (!names.single.empty() && !keyspace.empty())
    several = several || names.single.front() != keyspace;
  // The session's own server, if it has one, can answer as long as it is the one that is meant.
  if (several) {
    const Code code = StaysIn(keyspace_, vars) ? Code::kUnimplemented : Code::kFailedPrecondition;
    co_return Error(code,
                    "VT12001: unsupported: query of information_schema about several schemas: ask "
                    "for one at a time")
        .WithMysql(1235, "42000");
  }
  BindVars own = vars;
  if (!keyspace.empty()) {
    own.Set({kReplaceSchemaVar, Value(Type::kInt64, "1"), {}});
  } else if (!names.single.empty()) {
    own.Set({kSchemaNameVar, Value(Type::kVarChar, names.single.front()), {}});
  } else {
    own.Set({kSchemaNameVar, Value(), {}});
  }
  if (keyspace.empty()) keyspace = keyspace_;
  const keys::Destination any = keys::Destination::AnyShard();
  CO_TRY(const std::vector<std::string> shards, co_await exec.Resolve(ctx, keyspace, any));
  if (shards.empty())
    co_return Errorf(Code::kUnavailable, "keyspace {} has no serving shard", keyspace);
  const std::vector<ShardQuery> queries(1, ShardQuery{shards.front(), sql_, &own});
  const ShardOptions options;
  CO_TRY(std::vector<ResultSet> results,
         co_await exec.ExecuteShards(ctx, keyspace, queries, options));
  co_return std::move(results.front());
}

PlanDescription SchemaRoute::Describe() const {
  PlanDescription out("Route", "DBA");
  out.SetKeyspace(keyspace_, sharded_);
  std::vector<std::string> texts;
  for (const PlanValue& name : names_) texts.push_back(name.ToString());
  out.Add("SysTableTableSchema", texts);
  out.Add("Query", sql_);
  return out;
}

}  // namespace tessera::engine
