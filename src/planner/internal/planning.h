// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "engine/route.h"
#include "planner/planner.h"
#include "sqlparser/ast_dml.h"
#include "sqlparser/ast_expr.h"
#include "sqlparser/ast_query.h"
#include "vschema/vschema.h"

namespace tessera::planner {

// What one planning shares.
struct Planning {
  Arena& arena;
  const PlanInput& input;

  const vschema::VSchema& vschema() const { return *input.vschema; }
  // The table a name means here, after routing rules.
  Result<const vschema::Table*> FindTable(const sqlparser::TableName& name) const;
};

struct Block;

// A table, or a derived one, in some FROM of the statement.
struct BoundTable {
  std::string_view name;  // what columns call it
  std::string_view database;
  const vschema::Table* table = nullptr;  // null: derived
  Block* derived = nullptr;
  const sqlparser::AliasedTable* node = nullptr;  // where it stands; null: derived
  bool nullable = false;  // an outer join may put NULLs in place of its rows
  int component = 0;      // union-find parent
};

// A part of WHERE or ON that is joined to the rest by AND.
struct Conjunct {
  const sqlparser::Expr* expr = nullptr;
  bool restricts = true;  // false inside what an outer join may leave out
};

// An outer join, to be looked at when the inner ones are done.
struct OuterJoin {
  std::vector<int> left;
  std::vector<int> right;
  std::vector<int> nullable;  // the side whose rows may be missing
  std::vector<const sqlparser::Expr*> on;
};

// One SELECT (or the FROM and WHERE of a change) and what is in it.
struct Block {
  const sqlparser::Select* select = nullptr;
  Block* parent = nullptr;
  bool is_derived = false;
  bool restricts = true;  // rows it leaves out are missing from the outermost result too
  std::vector<int> tables;
  std::vector<Conjunct> conjuncts;
  std::vector<OuterJoin> outer_joins;
  std::vector<Block*> derived;
  std::vector<Block*> subqueries;
};

// A column of a real table.
struct ResolvedColumn {
  int table = 0;
  std::string_view name;
};

// Which tables a statement reads, and whether one shard can do a whole part of it.
class Analysis {
 public:
  explicit Analysis(const Planning& planning) : planning_(planning) {}

  // Registers everything below; the tables must exist.
  Result<> AddQuery(const sqlparser::QueryExpr& query);
  // The same for the tables and condition of UPDATE and DELETE, and subqueries in `others`.
  Result<> AddChange(sqlparser::List<sqlparser::TableExpr> tables, const sqlparser::Expr* where,
                     const sqlparser::Node& statement);

  // Where the whole statement can go in one piece. Nothing when it needs several shards' rows to be
  // brought together first (a UNION of different routes); VT12001 when tables cannot be joined.
  Result<engine::Routing> Route();

  // The outermost block; null for UNION.
  Block* root() const { return roots_.size() == 1 ? roots_.front() : nullptr; }
  const std::vector<BoundTable>& tables() const { return tables_; }
  // All blocks: outer ones stand before those they hold.
  const std::deque<Block>& blocks() const { return blocks_; }
  const std::vector<std::string_view>& cte_names() const { return cte_names_; }
  // All tables are in information_schema and the like.
  bool only_system_tables() const;
  // The list of the IN condition that a kIn routing splits.
  const sqlparser::Expr* in_list() const { return in_list_; }
  std::string TableNames() const;

  std::optional<ResolvedColumn> Resolve(const sqlparser::ColumnRef& column,
                                        const Block& block) const;
  // A unique vindex's only column: rows with equal values are in one shard.
  bool IsShardKey(const sqlparser::Expr& expr, const Block& block) const;
  // What a star stands for in a block's select list; empty when that is not known.
  std::vector<const sqlparser::Node*> StarColumns(const sqlparser::StarExpr& star,
                                                  const Block& block) const;
  // The column's type, when the VSchema tells.
  std::optional<sqltypes::Type> TypeOf(const sqlparser::Expr& expr, const Block& block) const;

 private:
  Result<Block*> AddBlock(const sqlparser::QueryExpr& query, Block* parent, bool is_derived);
  Result<> AddSelect(const sqlparser::Select& select, Block* block);
  Result<> AddFrom(sqlparser::List<sqlparser::TableExpr> from, Block* block);
  Result<std::vector<int>> AddTableExpr(const sqlparser::TableExpr& expr, Block* block,
                                        bool restricts);
  Result<std::vector<int>> AddJoin(const sqlparser::JoinTable& join, Block* block, bool restricts);
  Result<std::vector<int>> AddTable(const sqlparser::AliasedTable& table, Block* block);
  // Whether one of the tables has different rows on each shard.
  bool ReadsShards(const std::vector<int>& tables) const;
  void AddUsing(const sqlparser::JoinTable& join, const std::vector<int>& left,
                const std::vector<int>& right);
  Result<> AddSubqueries(const sqlparser::Node* node, Block* block);

  Result<engine::Routing> RouteSharded(const vschema::Keyspace& keyspace);
  Result<> MergeBlock(Block& block);
  Result<> CheckDerived(const Block& block) const;
  void MergeOnEqual(const sqlparser::Expr& expr, const Block& block);
  void MergeOnConstants(const Block& block, const Block& outer);
  bool OneComponent(const std::vector<int>& tables);
  int Component(int table);
  bool Mergeable(int table);
  int FirstSharded(const Block& block);

  struct Choice;
  void Consider(const Block& block, Choice& best) const;

  const Planning& planning_;
  std::deque<Block> blocks_;
  std::vector<Block*> roots_;
  std::vector<BoundTable> tables_;
  std::vector<std::string_view> cte_names_;
  const sqlparser::Expr* in_list_ = nullptr;
  int system_tables_ = 0;
  // An outer join keeps all rows of tables that every shard has: each shard would keep them.
  bool copies_kept_ = false;
  bool nested_union_ = false;
  bool natural_join_ = false;
};

// The value of an expression that is one before any row is read; nothing for others.
std::optional<engine::PlanValue> ConstantOf(const sqlparser::Expr& expr);
// The same for the right side of IN.
std::optional<engine::PlanValue> ConstantListOf(const sqlparser::Expr& expr);

// The statement as text for tablets: no keyspace names, columns keep the names they would have.
std::string ShardSql(const sqlparser::Node& statement, bool keep_databases = false);

// The statement with table names that routing rules changed, and the list of a kIn routing as
// ::__vals.
const sqlparser::Node* ForShards(const Planning& planning, const sqlparser::Node* statement,
                                 const Analysis* analysis);

// The query with views of sharded keyspaces as derived tables, and tables that name no database put
// into `database`, unless that is empty.
Result<const sqlparser::QueryExpr*> ExpandViews(const Planning& planning,
                                                const sqlparser::QueryExpr& query,
                                                std::string_view database = {});

// A FLOAT column as the double it is: a server's text of a FLOAT has six digits only.
const sqlparser::Expr* ExactFloat(Arena& arena, const sqlparser::Expr* column);

bool HasAggregate(const sqlparser::Node* node);

// The plan of a query of system tables that compares schemas with names, where `routing` is for
// those that are no keyspaces. Null for other queries.
engine::PrimitivePtr PlanBySchema(const Planning& planning, const sqlparser::Node& query,
                                  const engine::Routing& routing);

// A query that one piece cannot answer: what each shard gets and how the answers are merged.
Result<engine::PrimitivePtr> PlanMerge(const Planning& planning, const Analysis& analysis,
                                       const sqlparser::Select& select, engine::Routing routing);
// In one piece where one shard can answer, merged from what shards answer, or gathered.
Result<engine::PrimitivePtr> PlanQuery(const Planning& planning, const sqlparser::QueryExpr& query);
// The first two of these only.
Result<engine::PrimitivePtr> PlanByShards(const Planning& planning,
                                          const sqlparser::QueryExpr& query);
// A query of any shape over tables that do not meet: their rows are brought to one shard.
Result<engine::PrimitivePtr> PlanGather(const Planning& planning,
                                        const sqlparser::QueryExpr& query);
Result<engine::PrimitivePtr> PlanInsert(const Planning& planning, const sqlparser::Insert& insert);
Result<engine::PrimitivePtr> PlanUpdate(const Planning& planning, const sqlparser::Update& update);
Result<engine::PrimitivePtr> PlanDelete(const Planning& planning,
                                        const sqlparser::Delete& statement);

}  // namespace tessera::planner
