// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/schema_route.h"
#include "planner/internal/planning.h"
#include "sqlparser/rewrite.h"

// Queries of information_schema that say which schema they mean.
namespace tessera::planner {

using sqlparser::CompareOp;
using sqlparser::ComparisonExpr;
using sqlparser::Expr;
using sqlparser::Node;

namespace {

// Columns of information_schema that hold a database's name, in MySQL's and MariaDB's.
bool IsSchemaColumn(const Expr& expr) {
  static constexpr std::string_view kNames[] = {"table_schema",
                                                "schema_name",
                                                "constraint_schema",
                                                "unique_constraint_schema",
                                                "trigger_schema",
                                                "routine_schema",
                                                "referenced_table_schema",
                                                "event_object_schema",
                                                "event_schema",
                                                "specific_schema",
                                                "index_schema",
                                                "sequence_schema"};
  const auto* column = expr.As<sqlparser::ColumnRef>();
  return column != nullptr && std::any_of(std::begin(kNames), std::end(kNames), [&](auto name) {
           return sqlparser::Ident::EqualNoCase(column->name.text, name);
         });
}

// schema = value with the variable in the value's place.
const Node* Equal(Arena& arena, const ComparisonExpr& compare,
                  std::vector<engine::PlanValue>& names) {
  const bool turned = IsSchemaColumn(*compare.right);
  const Expr* column = turned ? compare.right : compare.left;
  std::optional<engine::PlanValue> value = ConstantOf(turned ? *compare.left : *compare.right);
  if (!IsSchemaColumn(*column) || !value) return &compare;
  names.push_back(*std::move(value));
  return sqlparser::MakeComparison(arena, CompareOp::kEqual, column,
                                   sqlparser::MakeBindVar(arena, engine::kSchemaNameVar));
}

// schema in (list), or the variable: the list names a keyspace, the server its database.
const Node* In(Arena& arena, const ComparisonExpr& compare, std::vector<engine::PlanValue>& names) {
  std::optional<engine::PlanValue> list = ConstantListOf(*compare.right);
  if (!IsSchemaColumn(*compare.left) || !list) return &compare;
  names.push_back(*std::move(list));
  auto* either = sqlparser::NewNode<sqlparser::OrExpr>(arena);
  either->left = &compare;
  either->right = sqlparser::MakeComparison(arena, CompareOp::kEqual, compare.left,
                                            sqlparser::MakeBindVar(arena, engine::kSchemaNameVar));
  return either;
}

}  // namespace

engine::PrimitivePtr PlanBySchema(const Planning& planning, const Node& query,
                                  const engine::Routing& routing) {
  Arena& arena = planning.arena;
  std::vector<engine::PlanValue> names;
  const Node* rewritten = sqlparser::Rewrite(arena, &query, [&](const Node* n) -> const Node* {
    const auto* compare = n->As<ComparisonExpr>();
    if (compare == nullptr || compare->quantifier != sqlparser::Quantifier::kNone) return n;
    if (compare->op == CompareOp::kEqual) return Equal(arena, *compare, names);
    return compare->op == CompareOp::kIn ? In(arena, *compare, names) : n;
  });
  if (names.empty()) return nullptr;
  return std::make_unique<engine::SchemaRoute>(planning.vschema(), routing.keyspace,
                                               routing.sharded, ShardSql(*rewritten, true),
                                               std::move(names));
}

}  // namespace tessera::planner
