// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "planner/internal/planning.h"
#include "sqlparser/parser.h"
#include "sqlparser/rewrite.h"
#include "sqlparser/visitor.h"

// Puts the SELECTs of views of sharded keyspaces in their places: each shard's own view would only
// see its own rows. In an unsharded keyspace the server's view does.
namespace tessera::planner {

using sqlparser::AliasedTable;
using sqlparser::CommonTableExpr;
using sqlparser::DerivedTable;
using sqlparser::Ident;
using sqlparser::Node;
using sqlparser::QueryExpr;
using sqlparser::TableName;
using sqlparser::Visit;

namespace {

constexpr int kMostNested = 32;  // views upon views

class Expander {
 public:
  explicit Expander(const Planning& planning) : planning_(planning) {}

  // Names without a database are of `keyspace`, or of the session's where that is empty.
  Result<const QueryExpr*> Expand(const QueryExpr& query, std::string_view keyspace, int nested) {
    std::vector<std::string_view> own;  // names that the query gives itself
    sqlparser::Walk(&query, [&own](const Node& n) {
      if (const auto* cte = n.As<CommonTableExpr>()) own.push_back(cte->name);
      return Visit::kContinue;
    });
    Result<> outcome = Ok{};
    const auto replace = [&](const Node* n) -> const Node* {
      const auto* place = n->As<AliasedTable>();
      if (place == nullptr || !outcome.ok()) return n;
      const bool unqualified = place->table->database.empty();
      if (unqualified && std::find(own.begin(), own.end(), place->table->name) != own.end())
        return n;
      if (unqualified) place = Qualified(*place, keyspace);
      const Result<const vschema::Table*> table = planning_.FindTable(*place->table);
      if (!table.ok() || !(*table)->view) return place;
      Result<const Node*> derived = Replace(*place, **table, nested);
      if (derived.ok()) return *derived;
      outcome = std::move(derived).error();
      return n;
    };
    const QueryExpr* done = sqlparser::RewriteAs(planning_.arena, &query, replace);
    TRY_OK(std::move(outcome));
    return done;
  }

 private:
  const AliasedTable* Qualified(const AliasedTable& place, std::string_view keyspace) {
    if (keyspace.empty() || Ident::EqualNoCase(place.table->name, "dual")) return &place;
    auto* name = sqlparser::CopyNode(planning_.arena, place.table);
    name->database = keyspace;
    auto* copy = sqlparser::CopyNode(planning_.arena, &place);
    copy->table = name;
    return copy;
  }

  Result<const Node*> Replace(const AliasedTable& place, const vschema::Table& table, int nested) {
    if (nested == kMostNested)
      return Errorf(Code::kInvalidArgument, "view {}: more than {} views upon views",
                    table.QualifiedName(), kMostNested);
    Arena& arena = planning_.arena;
    TRY(const sqlparser::Statement* parsed, sqlparser::Parse(arena, table.view->select));
    const auto* select = parsed->As<QueryExpr>();
    if (select == nullptr)
      return Errorf(Code::kInternal, "view {} is no query", table.QualifiedName());
    auto* derived = sqlparser::NewNode<DerivedTable>(arena);
    TRY(derived->query, Expand(*select, table.keyspace->name, nested + 1));
    derived->alias = place.alias.empty() ? std::string_view(table.name) : place.alias;
    std::vector<Ident> columns;
    for (const std::string& column : table.view->columns) columns.emplace_back(column);
    derived->columns = arena.CopySpan(std::span<const Ident>(columns));
    return derived;
  }

  const Planning& planning_;
};

}  // namespace

Result<const QueryExpr*> ExpandViews(const Planning& planning, const QueryExpr& query,
                                     std::string_view database) {
  return Expander(planning).Expand(query, database, 0);
}

}  // namespace tessera::planner
