// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/gather.h"

#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "planner/internal/planning.h"
#include "sqlparser/printer.h"
#include "sqlparser/rewrite.h"
#include "sqlparser/visitor.h"

// Plans for queries whose tables do not meet on one shard, and whose answers cannot be merged from
// shards' answers: the rows come together, and a server answers the query over them. From each
// table come only the columns the query names, and only rows that its own conditions let pass and
// that equal columns of tables read before leave over.
namespace tessera::planner {

using engine::GatherKey;
using engine::GatherTable;
using engine::PrimitivePtr;
using sqlparser::AliasedTable;
using sqlparser::ColumnRef;
using sqlparser::CompareOp;
using sqlparser::ComparisonExpr;
using sqlparser::Expr;
using sqlparser::Ident;
using sqlparser::Node;
using sqlparser::QueryExpr;
using sqlparser::Select;
using sqlparser::SelectItem;
using sqlparser::StarExpr;
using sqlparser::TableExpr;
using sqlparser::Visit;
using sqltypes::Type;

namespace {

// Runs once for each row, or for each statement, in ways that a client would notice.
bool MayMove(const Expr& expr) {
  static constexpr std::string_view kStay[] = {
      "rand",         "uuid",    "uuid_short", "sleep",      "get_lock",
      "release_lock", "nextval", "row_count",  "found_rows", "last_insert_id"};
  bool moves = true;
  sqlparser::Walk(&expr, [&](const Node& n) {
    if (n.Is<sqlparser::Subquery>()) moves = false;
    if (const auto* call = n.As<sqlparser::FuncCall>()) {
      for (const std::string_view name : kStay) moves = moves && !(call->name == Ident(name));
    }
    return moves ? Visit::kContinue : Visit::kStop;
  });
  return moves;
}

class Gathering {
 public:
  Gathering(const Planning& planning, const QueryExpr& query)
      : planning_(planning), arena_(planning.arena), query_(query), analysis_(planning) {}
  Result<PrimitivePtr> Plan();

 private:
  // Equal columns: rows of `table` that join none of `from`'s are not needed.
  struct Equality {
    int table;
    std::string_view column;
    int from;
    std::string_view from_column;
  };

  Result<> CheckShape();
  void FindColumns();
  void FindConditions();
  void AddConjunct(const Expr& expr, const Block& block, const std::vector<int>& may_filter);
  void AddEquality(const ColumnRef& one, const ColumnRef& other, const Block& block,
                   const std::vector<int>& may_filter);
  std::vector<int> Order() const;
  Result<GatherTable> MakeTable(int index, const std::vector<int>& order);
  const SelectItem* Exact(int index, const SelectItem& item) const;
  const Select* Reading(int index, const Expr* where) const;
  std::string CopyName(int index) const { return "gathered" + std::to_string(index); }
  const BoundTable& bound(int index) const {
    return analysis_.tables()[static_cast<size_t>(index)];
  }
  Result<const Node*> OverCopies();

  const Planning& planning_;
  Arena& arena_;
  const QueryExpr& query_;
  Analysis analysis_;
  const vschema::Keyspace* home_ = nullptr;
  std::vector<int> tables_;                        // that are real, in order of appearance
  std::vector<std::vector<const Node*>> columns_;  // by table; empty: all of them
  std::vector<std::vector<const Expr*>> filters_;  // by table
  std::vector<Equality> equalities_;
};

Result<> Gathering::CheckShape() {
  for (size_t i = 0; i < analysis_.tables().size(); ++i) {
    const BoundTable& table = analysis_.tables()[i];
    if (table.node == nullptr) continue;
    if (table.table->type == vschema::TableType::kSequence)
      return Unsupported("sequence together with other tables");
    if (table.node->system_time != nullptr || !table.node->partitions.empty())
      return Unsupported("PARTITION or FOR SYSTEM_TIME of tables that do not meet on one shard");
    tables_.push_back(static_cast<int>(i));
    if (home_ == nullptr || (!home_->sharded && table.table->keyspace->sharded))
      home_ = table.table->keyspace;
  }
  if (home_ == nullptr) return Unsupported("query without a table");
  // A name that means a table in one place and a common table expression in another.
  for (const std::string_view name : analysis_.cte_names()) {
    sqlparser::TableName table;
    table.name = name;
    Result<const vschema::Table*> found = planning_.FindTable(table);
    if (found.ok() && !(*found)->undeclared)
      return Unsupported("common table expression named like a table");
  }
  bool into = false;
  sqlparser::Walk(&query_, [&](const Node& n) {
    into = into || n.Is<sqlparser::SelectInto>() || n.Is<sqlparser::NextValue>();
    const auto* select = n.As<Select>();
    into = into || (select != nullptr && select->options.sql_calc_found_rows);
    return Visit::kContinue;
  });
  if (into) return Unsupported("INTO or SQL_CALC_FOUND_ROWS over tables that do not meet");
  return Ok{};
}

// Which columns the query may read, by name: too many do no harm.
void Gathering::FindColumns() {
  std::set<std::string> names;
  bool all = false;
  sqlparser::Walk(&query_, [&](const Node& n) {
    if (const auto* column = n.As<ColumnRef>()) names.insert(AsciiLower(column->name.text));
    all = all || n.Is<StarExpr>();
    if (const auto* join = n.As<sqlparser::JoinTable>()) {
      all = all || join->type == sqlparser::JoinType::kNatural ||
            join->type == sqlparser::JoinType::kNaturalLeft ||
            join->type == sqlparser::JoinType::kNaturalRight ||
            join->type == sqlparser::JoinType::kNaturalStraight;
      for (const Ident& column : join->using_columns) names.insert(AsciiLower(column.text));
    }
    return Visit::kContinue;
  });
  columns_.resize(analysis_.tables().size());
  for (const int index : tables_) {
    const vschema::Table& table = *bound(index).table;
    if (!table.columns_authoritative || table.columns.empty()) continue;
    std::vector<const Node*>& columns = columns_[static_cast<size_t>(index)];
    const auto add = [&](const vschema::Column& column) {
      const ColumnRef* ref = sqlparser::MakeColumn(arena_, {}, arena_.Copy(column.name));
      columns.push_back(sqlparser::MakeSelectItem(arena_, ref));
    };
    for (const vschema::Column& column : table.columns)
      if (names.contains(AsciiLower(column.name)) || (all && !column.invisible)) add(column);
    if (columns.empty()) add(table.columns.front());
  }
}

void Gathering::AddEquality(const ColumnRef& one, const ColumnRef& other, const Block& block,
                            const std::vector<int>& may_filter) {
  const std::optional<ResolvedColumn> a = analysis_.Resolve(one, block);
  const std::optional<ResolvedColumn> b = analysis_.Resolve(other, block);
  if (!a || !b || a->table == b->table) return;
  const auto type = [&](const ResolvedColumn& column) {
    const vschema::Column* known = bound(column.table).table->FindColumn(column.name);
    return known == nullptr ? Type::kNull : known->type;
  };
  // A list of literals compares as the column does only within one family of types.
  const bool numbers = sqltypes::IsIntegral(type(*a)) && sqltypes::IsIntegral(type(*b));
  const bool texts = sqltypes::IsText(type(*a)) && sqltypes::IsText(type(*b));
  if (!numbers && !texts) return;
  const auto filters = [&](int table) {
    return std::find(may_filter.begin(), may_filter.end(), table) != may_filter.end();
  };
  if (filters(a->table)) equalities_.push_back({a->table, a->name, b->table, b->name});
  if (filters(b->table)) equalities_.push_back({b->table, b->name, a->table, a->name});
}

// `may_filter`: tables whose rows are needed only where the condition holds.
void Gathering::AddConjunct(const Expr& expr, const Block& block,
                            const std::vector<int>& may_filter) {
  const auto* compare = expr.As<ComparisonExpr>();
  if (compare != nullptr && compare->op == CompareOp::kEqual &&
      compare->quantifier == sqlparser::Quantifier::kNone) {
    const auto* left = compare->left->As<ColumnRef>();
    const auto* right = compare->right->As<ColumnRef>();
    if (left != nullptr && right != nullptr) AddEquality(*left, *right, block, may_filter);
  }
  if (!MayMove(expr)) return;
  int only = -1;
  bool one = true;
  sqlparser::Walk(&expr, [&](const Node& n) {
    const auto* column = n.As<ColumnRef>();
    if (column == nullptr) return Visit::kContinue;
    const std::optional<ResolvedColumn> resolved = analysis_.Resolve(*column, block);
    one = one && resolved && (only < 0 || only == resolved->table);
    if (resolved) only = resolved->table;
    return one ? Visit::kContinue : Visit::kStop;
  });
  const bool here = std::find(may_filter.begin(), may_filter.end(), only) != may_filter.end();
  if (one && only >= 0 && here) filters_[static_cast<size_t>(only)].push_back(&expr);
}

void Gathering::FindConditions() {
  filters_.resize(analysis_.tables().size());
  for (const Block& block : analysis_.blocks()) {
    std::vector<int> kept;  // rows without which an outer join would make others up
    for (const int table : block.tables)
      if (bound(table).node != nullptr && !bound(table).nullable) kept.push_back(table);
    std::vector<int> all;
    for (const int table : block.tables)
      if (bound(table).node != nullptr) all.push_back(table);
    for (const Conjunct& conjunct : block.conjuncts) {
      // Equality holds for no NULL: it may thin out nullable tables as well.
      const auto* compare = conjunct.expr->As<ComparisonExpr>();
      const bool equality = compare != nullptr && compare->op == CompareOp::kEqual &&
                            compare->left->Is<ColumnRef>() && compare->right->Is<ColumnRef>();
      AddConjunct(*conjunct.expr, block, equality ? all : kept);
    }
    for (const OuterJoin& join : block.outer_joins) {
      std::vector<int> inner;
      for (const int table : join.nullable)
        if (bound(table).node != nullptr) inner.push_back(table);
      for (const Expr* on : join.on) AddConjunct(*on, block, inner);
    }
  }
}

// Tables with conditions first, then those that depend on the ones before.
std::vector<int> Gathering::Order() const {
  std::vector<int> order;
  std::vector<int> left = tables_;
  while (!left.empty()) {
    const auto rank = [&](int table) {
      const bool keyed =
          std::any_of(equalities_.begin(), equalities_.end(), [&](const Equality& e) {
            return e.table == table && std::find(order.begin(), order.end(), e.from) != order.end();
          });
      if (keyed) return 0;
      return filters_[static_cast<size_t>(table)].empty() ? 2 : 1;
    };
    const auto next =
        std::min_element(left.begin(), left.end(), [&](int a, int b) { return rank(a) < rank(b); });
    order.push_back(*next);
    left.erase(next);
  }
  return order;
}

// The column of a table, with all its digits.
const SelectItem* Gathering::Exact(int index, const SelectItem& item) const {
  const std::string_view name = item.expr->Get<ColumnRef>().name.text;
  const vschema::Column* column = bound(index).table->FindColumn(name);
  if (column == nullptr || column->type != sqltypes::Type::kFloat32) return &item;
  return sqlparser::MakeSelectItem(arena_, ExactFloat(arena_, item.expr), name);
}

const Select* Gathering::Reading(int index, const Expr* where) const {
  auto* select = sqlparser::NewNode<Select>(arena_);
  const std::vector<const Node*>& columns = columns_[static_cast<size_t>(index)];
  if (columns.empty()) {
    select->items = sqlparser::MakeList<Node>(arena_, {sqlparser::NewNode<StarExpr>(arena_)});
  } else {
    std::vector<const Node*> items;
    for (const Node* column : columns) items.push_back(Exact(index, column->Get<SelectItem>()));
    select->items = sqlparser::MakeList<Node>(arena_, items);
  }
  auto* table = sqlparser::CopyNode(arena_, bound(index).node);
  table->hints = {};
  select->from = sqlparser::MakeList<TableExpr>(arena_, {table});
  select->where = where;
  if (const auto* outermost = query_.As<Select>()) select->lock = outermost->lock;
  return select;
}

Result<GatherTable> Gathering::MakeTable(int index, const std::vector<int>& order) {
  const vschema::Table& table = *bound(index).table;
  GatherTable out;
  out.name = CopyName(index);
  out.original = table.name;
  const Expr* where = sqlparser::MakeAnd(arena_, filters_[static_cast<size_t>(index)]);
  TRY(out.input, PlanByShards(planning_, *Reading(index, where)));
  const std::string_view shown = bound(index).name;
  for (const Equality& equality : equalities_) {
    const auto at = std::find(order.begin(), order.end(), equality.from);
    const auto here = std::find(order.begin(), order.end(), index);
    if (equality.table != index || at >= here) continue;
    GatherKey key;
    key.var = "__joined" + std::to_string(out.keys.size());
    key.table = static_cast<size_t>(at - order.begin());
    key.column = equality.from_column;
    const Expr* list = sqlparser::MakeBindVar(arena_, arena_.Copy(key.var), true);
    const Expr* column = sqlparser::MakeColumn(arena_, shown, arena_.Copy(equality.column));
    where = sqlparser::MakeAnd(arena_, where,
                               sqlparser::MakeComparison(arena_, CompareOp::kIn, column, list));
    out.keys.push_back(std::move(key));
  }
  if (!out.keys.empty()) {
    TRY(out.keyed, PlanByShards(planning_, *Reading(index, where)));
  }
  if (table.keyspace == home_) {
    out.create = "create temporary table " + out.name + " as select ";
    const std::vector<const Node*>& columns = columns_[static_cast<size_t>(index)];
    for (size_t i = 0; i < columns.size(); ++i)
      out.create += (i == 0 ? "" : ", ") + ShardSql(*columns[i]);
    if (columns.empty()) out.create += "*";
    out.create += " from ";
    sqlparser::AppendIdentifier(out.create, table.name);
    out.create += " where false";
    return out;
  }
  engine::Routing there;
  there.keyspace = table.keyspace->name;
  there.sharded = table.keyspace->sharded;
  there.opcode = engine::Opcode::kReference;
  std::string sql =
      "select column_name, column_type, collation_name from information_schema.columns where "
      "table_schema = database() and table_name = ";
  sqlparser::AppendQuoted(sql, table.name);
  out.definition = std::make_unique<engine::Route>(std::move(there), std::move(sql));
  return out;
}

// The query with the copies in the tables' places.
Result<const Node*> Gathering::OverCopies() {
  bool stray = false;
  const Node* out = sqlparser::Rewrite(arena_, &query_, [&](const Node* n) -> const Node* {
    const auto* table = n->As<AliasedTable>();
    if (table == nullptr) return n;
    for (const int index : tables_) {
      if (bound(index).node != table) continue;
      auto* name = sqlparser::NewNode<sqlparser::TableName>(arena_);
      name->name = arena_.Copy(CopyName(index));
      auto* copy = sqlparser::CopyNode(arena_, table);
      copy->table = name;
      copy->hints = {};
      if (copy->alias.empty()) copy->alias = table->table->name;
      return copy;
    }
    const auto& ctes = analysis_.cte_names();
    const bool is_cte = std::find(ctes.begin(), ctes.end(), table->table->name) != ctes.end();
    const bool dual = Ident::EqualNoCase(table->table->name, "dual");
    stray = stray || !(table->table->database.empty() && (is_cte || dual));
    return n;
  });
  if (stray) return Unsupported("system tables together with others");
  return out;
}

Result<PrimitivePtr> Gathering::Plan() {
  TRY_OK(analysis_.AddQuery(query_));
  TRY_OK(CheckShape());
  FindColumns();
  FindConditions();
  const std::vector<int> order = Order();
  std::vector<GatherTable> tables;
  for (const int index : order) {
    TRY(GatherTable table, MakeTable(index, order));
    tables.push_back(std::move(table));
  }
  TRY(const Node* statement, OverCopies());
  return std::make_unique<engine::Gather>(home_->name, home_->sharded, ShardSql(*statement),
                                          std::move(tables));
}

}  // namespace

Result<PrimitivePtr> PlanGather(const Planning& planning, const QueryExpr& query) {
  return Gathering(planning, query).Plan();
}

}  // namespace tessera::planner
