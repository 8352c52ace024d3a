// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "planner/internal/planning.h"
#include "sqlparser/rewrite.h"
#include "sqlparser/visitor.h"

// Registers the tables of a statement, block by block.
namespace tessera::planner {

using sqlparser::AliasedTable;
using sqlparser::DerivedTable;
using sqlparser::Expr;
using sqlparser::JoinTable;
using sqlparser::JoinType;
using sqlparser::Kind;
using sqlparser::Node;
using sqlparser::ParenTables;
using sqlparser::QueryExpr;
using sqlparser::Select;
using sqlparser::SetOperation;
using sqlparser::Subquery;
using sqlparser::TableExpr;
using sqlparser::TableName;
using sqlparser::Visit;

Result<const vschema::Table*> Planning::FindTable(const TableName& name) const {
  const std::string_view keyspace = name.database.empty() ? input.target.keyspace : name.database;
  return vschema().FindTable(keyspace, name.name, input.target.tablet_type);
}

Result<> Analysis::AddQuery(const QueryExpr& query) {
  // The branches of a UNION stand side by side: each is an outermost block.
  if (const auto* set = query.As<SetOperation>()) {
    if (set->with != nullptr) {
      for (const auto* cte : set->with->tables) cte_names_.push_back(cte->name);
      for (const auto* cte : set->with->tables) {
        TRY(Block * block, AddBlock(*cte->query, nullptr, false));
        roots_.push_back(block);
      }
    }
    TRY_OK(AddQuery(*set->left));
    return AddQuery(*set->right);
  }
  TRY(Block * block, AddBlock(query, nullptr, false));
  roots_.push_back(block);
  return Ok{};
}

Result<> Analysis::AddChange(sqlparser::List<TableExpr> tables, const Expr* where,
                             const Node& statement) {
  Block* block = &blocks_.emplace_back();
  roots_.push_back(block);
  TRY_OK(AddFrom(tables, block));
  std::vector<const Expr*> conjuncts;
  sqlparser::SplitAnd(where, conjuncts);
  for (const Expr* expr : conjuncts) block->conjuncts.push_back({expr, true});
  return AddSubqueries(&statement, block);
}

Result<Block*> Analysis::AddBlock(const QueryExpr& query, Block* parent, bool is_derived) {
  Block* block = &blocks_.emplace_back();
  block->parent = parent;
  block->is_derived = is_derived;
  if (const auto* select = query.As<Select>()) {
    TRY_OK(AddSelect(*select, block));
  } else if (const auto* set = query.As<SetOperation>()) {
    nested_union_ = true;
    TRY(Block * left, AddBlock(*set->left, parent, false));
    TRY(Block * right, AddBlock(*set->right, parent, false));
    block->subqueries.push_back(left);
    block->subqueries.push_back(right);
  } else {
    TRY_OK(AddSubqueries(&query, block));
  }
  return block;
}

Result<> Analysis::AddSelect(const Select& select, Block* block) {
  block->select = &select;
  if (select.with != nullptr) {
    for (const auto* cte : select.with->tables) cte_names_.push_back(cte->name);
    for (const auto* cte : select.with->tables) {
      TRY(Block * child, AddBlock(*cte->query, block, false));
      block->subqueries.push_back(child);
    }
  }
  TRY_OK(AddFrom(select.from, block));
  std::vector<const Expr*> conjuncts;
  sqlparser::SplitAnd(select.where, conjuncts);
  for (const Expr* expr : conjuncts) block->conjuncts.push_back({expr, true});
  for (const Node* item : select.items) TRY_OK(AddSubqueries(item, block));
  TRY_OK(AddSubqueries(select.where, block));
  TRY_OK(AddSubqueries(select.having, block));
  TRY_OK(AddSubqueries(select.group_by, block));
  for (const Node* item : select.order_by) TRY_OK(AddSubqueries(item, block));
  return Ok{};
}

Result<> Analysis::AddFrom(sqlparser::List<TableExpr> from, Block* block) {
  for (const TableExpr* table : from) {
    TRY(const std::vector<int> added, AddTableExpr(*table, block, true));
    block->tables.insert(block->tables.end(), added.begin(), added.end());
  }
  return Ok{};
}

Result<std::vector<int>> Analysis::AddTableExpr(const TableExpr& expr, Block* block,
                                                bool restricts) {
  if (const auto* table = expr.As<AliasedTable>()) return AddTable(*table, block);
  if (const auto* join = expr.As<JoinTable>()) return AddJoin(*join, block, restricts);
  if (const auto* paren = expr.As<ParenTables>()) {
    std::vector<int> out;
    for (const TableExpr* table : paren->tables) {
      TRY(const std::vector<int> added, AddTableExpr(*table, block, restricts));
      out.insert(out.end(), added.begin(), added.end());
    }
    return out;
  }
  if (const auto* derived = expr.As<DerivedTable>()) {
    TRY(Block * child, AddBlock(*derived->query, block, true));
    child->restricts = restricts && block->restricts;
    block->derived.push_back(child);
    BoundTable bound;
    bound.name = derived->alias;
    bound.derived = child;
    bound.component = static_cast<int>(tables_.size());
    tables_.push_back(bound);
    return std::vector<int>{bound.component};
  }
  return std::vector<int>();  // JSON_TABLE reads no table
}

Result<std::vector<int>> Analysis::AddTable(const AliasedTable& aliased, Block* block) {
  static_cast<void>(block);
  const TableName& name = *aliased.table;
  if (vschema::IsSystemDatabase(name.database)) {
    ++system_tables_;
    return std::vector<int>();
  }
  const bool unqualified = name.database.empty();
  if (unqualified && sqlparser::Ident::EqualNoCase(name.name, "dual")) return std::vector<int>();
  const auto cte = std::find(cte_names_.begin(), cte_names_.end(), name.name);
  if (unqualified && cte != cte_names_.end()) return std::vector<int>();
  TRY(const vschema::Table* table, planning_.FindTable(name));
  if (table->view) return Unsupported("change by a view of a sharded keyspace");
  BoundTable bound;
  bound.name = aliased.alias.empty() ? name.name : aliased.alias;
  bound.database = name.database;
  bound.table = table;
  bound.node = &aliased;
  bound.component = static_cast<int>(tables_.size());
  tables_.push_back(bound);
  return std::vector<int>{bound.component};
}

Result<std::vector<int>> Analysis::AddJoin(const JoinTable& join, Block* block, bool restricts) {
  const bool left_outer = join.type == JoinType::kLeft || join.type == JoinType::kNaturalLeft;
  const bool right_outer = join.type == JoinType::kRight || join.type == JoinType::kNaturalRight;
  if (join.type == JoinType::kNatural || join.type == JoinType::kNaturalLeft ||
      join.type == JoinType::kNaturalRight || join.type == JoinType::kNaturalStraight)
    natural_join_ = true;
  TRY(std::vector<int> left, AddTableExpr(*join.left, block, restricts && !right_outer));
  TRY(std::vector<int> right, AddTableExpr(*join.right, block, restricts && !left_outer));
  for (const int table : left) tables_[static_cast<size_t>(table)].nullable |= right_outer;
  for (const int table : right) tables_[static_cast<size_t>(table)].nullable |= left_outer;
  std::vector<const Expr*> on;
  sqlparser::SplitAnd(join.on, on);
  if (left_outer || right_outer) {
    const std::vector<int>& kept = left_outer ? left : right;
    const std::vector<int>& added = left_outer ? right : left;
    copies_kept_ = copies_kept_ || (!ReadsShards(kept) && ReadsShards(added));
    block->outer_joins.push_back({left, right, left_outer ? right : left, on});
  } else {
    for (const Expr* expr : on) block->conjuncts.push_back({expr, restricts});
  }
  // The columns of USING exist on both sides, whatever the join's form is.
  AddUsing(join, left, right);
  TRY_OK(AddSubqueries(join.on, block));
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

bool Analysis::ReadsShards(const std::vector<int>& tables) const {
  return std::any_of(tables.begin(), tables.end(), [this](int at) {
    const BoundTable& bound = tables_[static_cast<size_t>(at)];
    if (bound.derived != nullptr) return ReadsShards(bound.derived->tables);
    return bound.table != nullptr && bound.table->keyspace->sharded &&
           bound.table->type != vschema::TableType::kReference;
  });
}

void Analysis::AddUsing(const JoinTable& join, const std::vector<int>& left,
                        const std::vector<int>& right) {
  for (const sqlparser::Ident& column : join.using_columns) {
    for (const int l : left) {
      for (const int r : right) {
        const vschema::Table* a = tables_[static_cast<size_t>(l)].table;
        const vschema::Table* b = tables_[static_cast<size_t>(r)].table;
        if (a == nullptr || b == nullptr) continue;
        for (const auto& left_vindex : a->column_vindexes) {
          for (const auto& right_vindex : b->column_vindexes) {
            const bool same = left_vindex.vindex == right_vindex.vindex && left_vindex.is_unique &&
                              left_vindex.columns.size() == 1 &&
                              left_vindex.functional() != nullptr &&
                              column == sqlparser::Ident(left_vindex.columns[0]) &&
                              column == sqlparser::Ident(right_vindex.columns[0]);
            if (same) tables_[static_cast<size_t>(Component(r))].component = Component(l);
          }
        }
      }
    }
  }
}

Result<> Analysis::AddSubqueries(const Node* node, Block* block) {
  if (node == nullptr) return Ok{};
  std::vector<const Subquery*> found;
  sqlparser::Walk(node, [&](const Node& n) {
    if (const auto* subquery = n.As<Subquery>()) {
      found.push_back(subquery);
      return Visit::kSkip;
    }
    return n.Is<DerivedTable>() ? Visit::kSkip : Visit::kContinue;
  });
  for (const Subquery* subquery : found) {
    TRY(Block * child, AddBlock(*subquery->query, block, false));
    child->restricts = false;
    block->subqueries.push_back(child);
  }
  return Ok{};
}

std::string Analysis::TableNames() const {
  std::vector<std::string> names;
  for (const BoundTable& bound : tables_) {
    if (bound.table == nullptr) continue;
    std::string name(bound.table->name);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace tessera::planner
