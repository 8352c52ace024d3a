// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "planner/internal/planning.h"
#include "sqlparser/rewrite.h"
#include "sqlparser/visitor.h"

// Decides which tables of a statement meet on one shard, and which shards the statement needs.
namespace tessera::planner {

using engine::Opcode;
using engine::PlanValue;
using engine::Routing;
using sqlparser::ColumnRef;
using sqlparser::CompareOp;
using sqlparser::ComparisonExpr;
using sqlparser::Expr;
using sqlparser::Ident;
using sqlparser::Node;
using sqlparser::SelectItem;
using sqlparser::StarExpr;
using sqlparser::TableExpr;
using sqltypes::Type;
using vschema::ColumnVindex;

namespace {

constexpr std::string_view kCrossShardJoin = "join of tables that do not meet on one shard";

std::optional<PlanValue> NumberOf(const sqlparser::Literal& literal, bool negative) {
  const std::string sign = negative ? "-" : "";
  switch (literal.type) {
    case sqlparser::LiteralType::kInteger:
      return PlanValue::Constant(Type::kInt64, sign + std::string(literal.text));
    case sqlparser::LiteralType::kDecimal:
      return PlanValue::Constant(Type::kDecimal, sign + std::string(literal.text));
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<PlanValue> ConstantOf(const Expr& expr) {
  if (const auto* var = expr.As<sqlparser::BindVar>()) {
    if (var->is_list) return std::nullopt;
    return PlanValue::Var(std::string(var->name));
  }
  if (expr.Is<sqlparser::NullLiteral>()) return PlanValue();
  if (const auto* flag = expr.As<sqlparser::BoolLiteral>())
    return PlanValue::Constant(Type::kInt64, flag->value ? "1" : "0");
  if (const auto* literal = expr.As<sqlparser::Literal>()) {
    if (literal->type == sqlparser::LiteralType::kString)
      return PlanValue::Constant(Type::kVarChar, std::string(literal->text));
    return NumberOf(*literal, false);
  }
  if (const auto* unary = expr.As<sqlparser::UnaryExpr>()) {
    const auto* literal = unary->operand->As<sqlparser::Literal>();
    const bool minus = unary->op == sqlparser::UnaryOp::kMinus;
    if (minus && literal != nullptr) return NumberOf(*literal, true);
  }
  return std::nullopt;
}

std::optional<PlanValue> ConstantListOf(const Expr& expr) {
  if (const auto* var = expr.As<sqlparser::BindVar>()) {
    if (!var->is_list) return std::nullopt;
    return PlanValue::ListVar(std::string(var->name));
  }
  const auto* tuple = expr.As<sqlparser::TupleExpr>();
  if (tuple == nullptr) return std::nullopt;
  std::vector<PlanValue> items;
  for (const Expr* item : tuple->items) {
    std::optional<PlanValue> value = ConstantOf(*item);
    if (!value) return std::nullopt;
    items.push_back(*std::move(value));
  }
  return PlanValue::List(std::move(items));
}

std::optional<ResolvedColumn> Analysis::Resolve(const ColumnRef& column, const Block& block) const {
  std::optional<int> known;
  std::optional<int> possible;
  int known_count = 0;
  int possible_count = 0;
  for (const int index : block.tables) {
    const BoundTable& bound = tables_[static_cast<size_t>(index)];
    if (!column.table.empty() && column.table != bound.name) continue;
    if (!column.database.empty() && !bound.database.empty() && column.database != bound.database)
      continue;
    bool has = !column.table.empty();
    bool may = has;
    if (bound.table != nullptr && !has) {
      has = bound.table->FindColumn(column.name.text) != nullptr;
      for (const ColumnVindex& vindex : bound.table->column_vindexes)
        for (const std::string& name : vindex.columns) has = has || Ident(name) == column.name;
      may = has || !bound.table->columns_authoritative;
    } else if (bound.derived != nullptr) {
      may = true;
    }
    if (has) known = index, ++known_count;
    if (may) possible = index, ++possible_count;
  }
  std::optional<int> at;
  if (known_count == 1)
    at = known;
  else if (known_count == 0 && possible_count == 1)
    at = possible;
  if (!at) {
    const bool elsewhere = possible_count == 0 && block.parent != nullptr && !block.is_derived;
    return elsewhere ? Resolve(column, *block.parent) : std::nullopt;
  }
  const BoundTable& bound = tables_[static_cast<size_t>(*at)];
  if (bound.derived == nullptr) return ResolvedColumn{*at, column.name.text};
  // A derived table passes a column on under the name its select list gives.
  const sqlparser::Select* select = bound.derived->select;
  if (select == nullptr) return std::nullopt;
  for (const sqlparser::Node* item : select->items) {
    if (const auto* entry = item->As<SelectItem>()) {
      const auto* inner = entry->expr->As<ColumnRef>();
      if (inner == nullptr) continue;
      const Ident name = entry->alias.empty() ? inner->name : entry->alias;
      if (name == column.name) return Resolve(*inner, *bound.derived);
    } else if (item->Is<StarExpr>()) {
      ColumnRef inner;
      inner.name = column.name;
      inner.table = item->Get<StarExpr>().table;
      return Resolve(inner, *bound.derived);
    }
  }
  return std::nullopt;
}

std::vector<const Node*> Analysis::StarColumns(const sqlparser::StarExpr& star,
                                               const Block& block) const {
  std::vector<const Node*> out;
  if (!block.derived.empty()) return out;
  // USING shows its columns once; the back end knows best.
  for (const TableExpr* table : block.select->from) {
    const auto* join = table->As<sqlparser::JoinTable>();
    if (join != nullptr && !join->using_columns.empty()) return out;
  }
  for (const int index : block.tables) {
    const BoundTable& bound = tables_[static_cast<size_t>(index)];
    if (bound.table == nullptr || !bound.table->columns_authoritative)
      return std::vector<const Node*>();
    if (!star.table.empty() && star.table != bound.name) continue;
    for (const vschema::Column& column : bound.table->columns) {
      if (column.invisible) continue;
      const ColumnRef* ref = sqlparser::MakeColumn(planning_.arena, bound.name, column.name);
      out.push_back(sqlparser::MakeSelectItem(planning_.arena, ref));
    }
  }
  return out;
}

const Expr* ExactFloat(Arena& arena, const Expr* column) {
  auto* zero = sqlparser::NewNode<sqlparser::Literal>(arena);
  zero->type = sqlparser::LiteralType::kFloat;
  zero->text = "0e0";
  auto* sum = sqlparser::NewNode<sqlparser::BinaryExpr>(arena);
  sum->op = sqlparser::BinaryOp::kPlus;
  sum->left = column;
  sum->right = zero;
  return sum;
}

std::optional<Type> Analysis::TypeOf(const Expr& expr, const Block& block) const {
  const auto* column = expr.As<ColumnRef>();
  if (column == nullptr) return std::nullopt;
  const std::optional<ResolvedColumn> resolved = Resolve(*column, block);
  if (!resolved) return std::nullopt;
  const vschema::Table* table = tables_[static_cast<size_t>(resolved->table)].table;
  const vschema::Column* known = table->FindColumn(resolved->name);
  if (known == nullptr || known->type == Type::kNull) return std::nullopt;
  return known->type;
}

namespace {

// The functional vindex whose only column this is.
const ColumnVindex* VindexOf(const vschema::Table& table, std::string_view column) {
  for (const ColumnVindex& vindex : table.column_vindexes) {
    const bool single = vindex.columns.size() == 1 && !vindex.partial;
    if (single && vindex.functional() != nullptr && Ident(vindex.columns[0]) == Ident(column))
      return &vindex;
  }
  return nullptr;
}

}  // namespace

bool Analysis::IsShardKey(const Expr& expr, const Block& block) const {
  const auto* column = expr.As<ColumnRef>();
  if (column == nullptr) return false;
  const std::optional<ResolvedColumn> resolved = Resolve(*column, block);
  if (!resolved) return false;
  const vschema::Table& table = *tables_[static_cast<size_t>(resolved->table)].table;
  const ColumnVindex* vindex = VindexOf(table, resolved->name);
  return vindex != nullptr && vindex->is_unique;
}

int Analysis::Component(int table) {
  while (tables_[static_cast<size_t>(table)].component != table)
    table = tables_[static_cast<size_t>(table)].component;
  return table;
}

// Reference tables are on every shard: they meet everything.
bool Analysis::Mergeable(int table) {
  const BoundTable& bound = tables_[static_cast<size_t>(table)];
  if (bound.derived != nullptr) return FirstSharded(*bound.derived) < 0;
  return bound.table->type == vschema::TableType::kReference;
}

int Analysis::FirstSharded(const Block& block) {
  for (const int table : block.tables) {
    if (Mergeable(table)) continue;
    const BoundTable& bound = tables_[static_cast<size_t>(table)];
    return bound.derived != nullptr ? FirstSharded(*bound.derived) : table;
  }
  return -1;
}

bool Analysis::OneComponent(const std::vector<int>& tables) {
  int first = -1;
  for (const int table : tables) {
    if (Mergeable(table)) continue;
    const int component = Component(table);
    if (first >= 0 && component != first) return false;
    first = component;
  }
  return true;
}

void Analysis::MergeOnEqual(const Expr& expr, const Block& block) {
  const auto* equal = expr.As<ComparisonExpr>();
  if (equal == nullptr || equal->op != CompareOp::kEqual) return;
  const auto* left = equal->left->As<ColumnRef>();
  const auto* right = equal->right->As<ColumnRef>();
  if (left == nullptr || right == nullptr) return;
  const std::optional<ResolvedColumn> a = Resolve(*left, block);
  const std::optional<ResolvedColumn> b = Resolve(*right, block);
  if (!a || !b) return;
  const ColumnVindex* va = VindexOf(*tables_[static_cast<size_t>(a->table)].table, a->name);
  const ColumnVindex* vb = VindexOf(*tables_[static_cast<size_t>(b->table)].table, b->name);
  if (va == nullptr || vb == nullptr || va->vindex != vb->vindex || !va->is_unique) return;
  const int from = Component(a->table);
  const int to = Component(b->table);
  tables_[static_cast<size_t>(from)].component = to;
}

// The best way found so far to name the shards of a block's rows.
struct Analysis::Choice {
  Opcode opcode = Opcode::kScatter;
  const ColumnVindex* vindex = nullptr;
  std::vector<PlanValue> values;
  const Expr* in_list = nullptr;

  int Rank() const {
    switch (opcode) {
      case Opcode::kEqualUnique:
        return 0;
      case Opcode::kEqual:
        return 1;
      case Opcode::kIn:
        return 2;
      default:
        return 3;
    }
  }
};

void Analysis::Consider(const Block& block, Choice& best) const {
  struct Known {
    ResolvedColumn column;
    PlanValue value;
    const Expr* list;  // of IN; null for =
  };
  std::vector<Known> known;
  for (const Conjunct& conjunct : block.conjuncts) {
    const auto* compare = conjunct.expr->As<ComparisonExpr>();
    if (compare == nullptr || !conjunct.restricts) continue;
    if (compare->quantifier != sqlparser::Quantifier::kNone) continue;
    const bool is_in = compare->op == CompareOp::kIn;
    if (!is_in && compare->op != CompareOp::kEqual) continue;
    const Expr* side = compare->left;
    const Expr* other = compare->right;
    if (!is_in && !side->Is<ColumnRef>()) std::swap(side, other);
    const auto* column = side->As<ColumnRef>();
    if (column == nullptr) continue;
    std::optional<PlanValue> value = is_in ? ConstantListOf(*other) : ConstantOf(*other);
    const std::optional<ResolvedColumn> resolved = Resolve(*column, block);
    if (!value || !resolved) continue;
    known.push_back({*resolved, *std::move(value), is_in ? other : nullptr});
  }
  const auto find = [&](int table, std::string_view name, bool list) -> const Known* {
    for (const Known& k : known) {
      const bool same = k.column.table == table && Ident(k.column.name) == Ident(name);
      if (same && (k.list != nullptr) == list) return &k;
    }
    return nullptr;
  };
  for (int index = 0; index < static_cast<int>(tables_.size()); ++index) {
    const vschema::Table* table = tables_[static_cast<size_t>(index)].table;
    if (table == nullptr || table->type == vschema::TableType::kReference) continue;
    for (const ColumnVindex& vindex : table->ordered_vindexes) {
      if (vindex.functional() == nullptr) continue;
      Choice choice;
      choice.vindex = &vindex;
      for (const std::string& column : vindex.columns) {
        if (const Known* equal = find(index, column, false)) choice.values.push_back(equal->value);
      }
      if (choice.values.size() == vindex.columns.size()) {
        const bool unique = vindex.is_unique && !vindex.partial;
        choice.opcode = unique ? Opcode::kEqualUnique : Opcode::kEqual;
      } else if (const Known* in = find(index, vindex.columns[0], true);
                 in != nullptr && vindex.columns.size() == 1 && !vindex.partial) {
        choice.opcode = Opcode::kIn;
        choice.values.assign(1, in->value);
        choice.in_list = in->list;
      } else {
        continue;
      }
      if (choice.Rank() < best.Rank()) best = std::move(choice);
    }
  }
}

// Tables that a constant ties to one shard meet there when constant and vindex are the same.
void Analysis::MergeOnConstants(const Block& block, const Block& outer) {
  Choice mine;
  Choice theirs;
  Consider(block, mine);
  Consider(outer, theirs);
  const bool same = mine.opcode == Opcode::kEqualUnique && theirs.opcode == Opcode::kEqualUnique &&
                    mine.vindex->vindex == theirs.vindex->vindex && mine.values == theirs.values;
  const int from = FirstSharded(block);
  const int to = FirstSharded(outer);
  if (same && from >= 0 && to >= 0)
    tables_[static_cast<size_t>(Component(from))].component = Component(to);
}

namespace {

bool BringsRowsTogether(const sqlparser::Select& select) {
  if (select.group_by != nullptr || select.options.distinct || select.limit != nullptr) return true;
  for (const sqlparser::Node* item : select.items)
    if (HasAggregate(item)) return true;
  return false;
}

}  // namespace

// A derived table of several shards is the sum of its parts only where no row of one shard depends
// on those of another.
Result<> Analysis::CheckDerived(const Block& block) const {
  for (const Block* child : block.derived) {
    TRY_OK(CheckDerived(*child));
    if (child->select == nullptr || !BringsRowsTogether(*child->select)) continue;
    bool by_key = false;
    if (child->select->group_by != nullptr) {
      for (const Expr* item : child->select->group_by->items)
        by_key = by_key || IsShardKey(*item, *child);
    }
    if (by_key && child->select->limit == nullptr) continue;
    return Unsupported("derived table with GROUP BY, DISTINCT or LIMIT over several shards");
  }
  return Ok{};
}

Result<> Analysis::MergeBlock(Block& block) {
  for (Block* child : block.derived) {
    TRY_OK(MergeBlock(*child));
    // The derived table stands for its rows' shards.
    const int inner = FirstSharded(*child);
    if (inner < 0) continue;
    for (const int table : block.tables) {
      if (tables_[static_cast<size_t>(table)].derived == child)
        tables_[static_cast<size_t>(Component(table))].component = Component(inner);
    }
  }
  for (const Conjunct& conjunct : block.conjuncts) MergeOnEqual(*conjunct.expr, block);
  for (const OuterJoin& join : block.outer_joins) {
    // A row without a match must know that no shard has one: each side must be whole before ON
    // brings them together.
    if (!OneComponent(join.left) || !OneComponent(join.right)) return Unsupported(kCrossShardJoin);
    for (const Expr* on : join.on) MergeOnEqual(*on, block);
  }
  // Tables that are tied to the same shard by the same value meet there as well.
  if (!OneComponent(block.tables)) {
    std::vector<std::pair<int, Choice>> tied;
    for (const int table : block.tables) {
      Block alone;
      alone.tables.push_back(table);
      alone.conjuncts = block.conjuncts;
      alone.is_derived = true;
      Choice choice;
      Consider(alone, choice);
      if (choice.opcode == Opcode::kEqualUnique) tied.emplace_back(table, std::move(choice));
    }
    for (size_t i = 1; i < tied.size(); ++i) {
      const Choice& a = tied[0].second;
      const Choice& b = tied[i].second;
      if (a.vindex->vindex == b.vindex->vindex && a.values == b.values)
        tables_[static_cast<size_t>(Component(tied[i].first))].component = Component(tied[0].first);
    }
  }
  if (!OneComponent(block.tables)) return Unsupported(kCrossShardJoin);
  for (Block* child : block.subqueries) {
    TRY_OK(MergeBlock(*child));
    const int inner = FirstSharded(*child);
    const int outer = FirstSharded(block);
    if (inner < 0) continue;
    if (outer < 0 || Component(inner) != Component(outer)) MergeOnConstants(*child, block);
    if (outer < 0 || Component(inner) != Component(outer))
      return Unsupported("subquery on other shards than the query around it");
  }
  return Ok{};
}

Result<Routing> Analysis::RouteSharded(const vschema::Keyspace& keyspace) {
  if (nested_union_) return Unsupported("UNION in a subquery over several shards");
  if (natural_join_) return Unsupported("NATURAL JOIN of sharded tables");
  if (!cte_names_.empty()) return Unsupported("common table expression on sharded tables");
  Routing out;
  bool first = true;
  for (Block* root : roots_) {
    TRY_OK(MergeBlock(*root));
    Choice choice;
    Consider(*root, choice);
    const std::vector<Block*> derived = root->derived;
    for (const Block* child : derived)
      if (child->restricts) Consider(*child, choice);
    Routing routing;
    routing.keyspace = keyspace.name;
    routing.sharded = true;
    const int table = FirstSharded(*root);
    if (table >= 0 && tables_[static_cast<size_t>(table)].table->pinned) {
      routing.opcode = Opcode::kByDestination;
      routing.destination =
          keys::Destination::OfId(*tables_[static_cast<size_t>(table)].table->pinned);
    } else if (table < 0) {
      routing.opcode = Opcode::kReference;
    } else {
      routing.opcode = choice.opcode;
      routing.values = choice.values;
      if (choice.vindex != nullptr) routing.vindex = choice.vindex->functional();
      in_list_ = choice.in_list;
    }
    if (!routing.IsSingleShard()) {
      TRY_OK(CheckDerived(*root));
      if (copies_kept_) return Unsupported("outer join of a reference table to a sharded one");
    }
    if (first) {
      out = std::move(routing);
      first = false;
      continue;
    }
    const bool same = out.IsSingleShard() && routing.opcode == out.opcode &&
                      routing.vindex == out.vindex && routing.values == out.values;
    if (!same) return Error(Code::kNotFound, "no one route");
  }
  return out;
}

bool Analysis::only_system_tables() const {
  const auto is_derived = [](const BoundTable& bound) { return bound.table == nullptr; };
  return system_tables_ > 0 && std::all_of(tables_.begin(), tables_.end(), is_derived);
}

Result<Routing> Analysis::Route() {
  const vschema::Keyspace* unsharded = nullptr;
  const vschema::Keyspace* sharded = nullptr;
  const vschema::Keyspace* reference = nullptr;
  for (BoundTable& bound : tables_) {
    if (bound.table == nullptr) continue;
    const vschema::Keyspace* keyspace = bound.table->keyspace;
    const bool is_reference = bound.table->type == vschema::TableType::kReference;
    const vschema::Keyspace*& seen =
        is_reference ? reference : (keyspace->sharded ? sharded : unsharded);
    if (seen != nullptr && seen != keyspace) return Unsupported("tables of several keyspaces");
    seen = keyspace;
  }
  // A copy of a reference table stands in for one elsewhere.
  const vschema::Keyspace* home = sharded != nullptr ? sharded : unsharded;
  if (home != nullptr && sharded != nullptr && unsharded != nullptr)
    return Unsupported("tables of a sharded and an unsharded keyspace in one query");
  for (BoundTable& bound : tables_) {
    if (bound.table == nullptr || home == nullptr || bound.table->keyspace == home) continue;
    const vschema::Table* source =
        bound.table->source != nullptr ? bound.table->source : bound.table;
    const auto copy = source->referenced_by.find(home->name);
    if (source->keyspace == home)
      bound.table = source;
    else if (copy != source->referenced_by.end())
      bound.table = copy->second;
    else
      return Unsupported("tables of several keyspaces");
  }
  if (system_tables_ > 0 && !only_system_tables())
    return Unsupported("system tables together with others");
  if (sharded != nullptr) return RouteSharded(*sharded);
  Routing out;
  const vschema::Keyspace* keyspace = unsharded != nullptr ? unsharded : reference;
  if (keyspace != nullptr) {
    out.opcode = keyspace->sharded ? Opcode::kReference : Opcode::kUnsharded;
    out.keyspace = keyspace->name;
    out.sharded = keyspace->sharded;
    return out;
  }
  // No table at all: anybody can answer.
  out.opcode = Opcode::kReference;
  out.keyspace = planning_.input.target.keyspace;
  if (out.keyspace.empty()) {
    const auto& keyspaces = planning_.vschema().keyspaces();
    if (keyspaces.empty()) {
      return Error(Code::kNotFound, "no keyspace exists yet that could answer")
          .WithMysql(1046, "3D000")
          .WithHint("create a keyspace and start a tablet for it");
    }
    out.keyspace = keyspaces.begin()->first;
  }
  TRY(const vschema::Keyspace* any, planning_.vschema().FindKeyspace(out.keyspace));
  out.sharded = any->sharded;
  return out;
}

}  // namespace tessera::planner
