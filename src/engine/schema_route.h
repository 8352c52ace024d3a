// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/plan_value.h"
#include "engine/primitive.h"
#include "vschema/vschema.h"

namespace tessera::engine {

// The variable that a schema's name is compared with, and the one that asks tablets to give it the
// name of their own database. Source: Vitess's vttablet, which replaces the same two.
inline constexpr std::string_view kSchemaNameVar = "__vtschemaname";
inline constexpr std::string_view kReplaceSchemaVar = "__replacevtschemaname";

// A query of information_schema that compares schemas with names: where a name is a keyspace's, it
// goes to a shard of that keyspace, else to the one given. Its text has kSchemaNameVar for names.
class SchemaRoute final : public Primitive {
 public:
  // `names` are what schemas are compared with, lists among them; `vschema` outlives the plan.
  SchemaRoute(const vschema::VSchema& vschema, std::string keyspace, bool sharded, std::string sql,
              std::vector<PlanValue> names)
      : vschema_(vschema),
        keyspace_(std::move(keyspace)),
        sharded_(sharded),
        sql_(std::move(sql)),
        names_(std::move(names)) {}

  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                            const sqltypes::BindVars& vars) const override;
  PlanDescription Describe() const override;

  // Whether no name is another keyspace's.
  bool StaysIn(std::string_view keyspace, const sqltypes::BindVars& vars) const;

 private:
  // The names that single values and lists have in a run.
  struct Names {
    std::vector<std::string_view> single;
    std::vector<std::string_view> listed;
  };
  Result<Names> NamesOf(const sqltypes::BindVars& vars) const;
  bool IsKeyspace(std::string_view name) const;

  const vschema::VSchema& vschema_;
  std::string keyspace_;
  bool sharded_;
  std::string sql_;
  std::vector<PlanValue> names_;
};

}  // namespace tessera::engine
