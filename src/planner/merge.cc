// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/merge.h"

#include <algorithm>

#include "engine/aggregate.h"
#include "engine/eval_on_shard.h"
#include "planner/internal/planning.h"
#include "sqlparser/printer.h"
#include "sqlparser/rewrite.h"
#include "sqlparser/visitor.h"

// Plans for queries whose rows lie on several shards.
namespace tessera::planner {

using engine::ColumnAt;
using engine::MergedColumn;
using engine::MergeOp;
using engine::PlanValue;
using engine::PrimitivePtr;
using sqlparser::AggregateOp;
using sqlparser::ColumnRef;
using sqlparser::Expr;
using sqlparser::Ident;
using sqlparser::List;
using sqlparser::Node;
using sqlparser::OrderItem;
using sqlparser::Select;
using sqlparser::SelectItem;
using sqlparser::StarExpr;
using sqlparser::Visit;

bool HasAggregate(const Node* node) {
  if (node == nullptr) return false;
  bool found = false;
  sqlparser::Walk(node, [&](const Node& n) {
    if (n.Is<sqlparser::Subquery>()) return Visit::kSkip;
    const auto* aggregate = n.As<sqlparser::Aggregate>();
    if (aggregate != nullptr && aggregate->over == nullptr) found = true;
    return found ? Visit::kStop : Visit::kContinue;
  });
  return found;
}

namespace {

bool IsConstant(const Expr& expr) {
  if (const auto* unary = expr.As<sqlparser::UnaryExpr>()) return IsConstant(*unary->operand);
  return ConstantOf(expr).has_value() || expr.Is<sqlparser::Literal>();
}

bool HasWindow(const Node* node) {
  bool found = false;
  sqlparser::Walk(node, [&](const Node& n) {
    const auto* aggregate = n.As<sqlparser::Aggregate>();
    if (n.Is<sqlparser::WindowFunc>() || (aggregate != nullptr && aggregate->over != nullptr))
      found = true;
    return found ? Visit::kStop : Visit::kContinue;
  });
  return found;
}

// Builds one plan; used once.
class Merge {
 public:
  Merge(const Planning& planning, const Analysis& analysis, const Select& select,
        engine::Routing routing)
      : arena_(planning.arena),
        analysis_(analysis),
        block_(*analysis.root()),
        select_(select),
        routing_(std::move(routing)) {}

  Result<PrimitivePtr> Plan();

 private:
  Result<> CheckShape() const;
  void ExpandStars();
  const List<OrderItem>& order() const { return select_.order_by; }
  Result<PrimitivePtr> PlanRows();
  Result<PrimitivePtr> PlanGroups();

  // Where ORDER BY points: one of the client's columns, or -1.
  Result<int> OrderTarget(const Expr& expr) const;
  const Expr* Dealias(const Expr* expr) const;
  bool NeedsWeight(const Expr& expr) const;
  // ENUM and SET sort by their position, which only their server knows.
  Result<> CheckSortable(const Expr& expr) const;
  const Expr* WeightOf(const Expr* expr);
  // An ordinal of the select list as its number in rows.
  Result<int> Number(int ordinal, size_t total) const;
  PrimitivePtr MakeRoute(const Select& shard_select);
  Result<PrimitivePtr> AddLimit(PrimitivePtr input) const;
  std::string NameOf(const SelectItem& item) const;

  // Grouping.
  int ShardItem(const Expr* expr);
  int Output(MergedColumn column);
  Result<int> OutputOf(const Expr& expr, const std::string& name);
  Result<int> OutputOfAggregate(const sqlparser::Aggregate& aggregate, const std::string& name);
  Result<std::string> OverOutputs(const Expr* expr);
  Result<> AddGroupKeys();
  Result<> AddGroupOutputs();
  Result<> AddGroupOrder();
  const Select* GroupShardSelect(const Expr* shard_having);

  struct Final {
    int output = -1;  // of the aggregation; negative: computed
    std::string sql;
    std::string name;
  };

  Arena& arena_;
  const Analysis& analysis_;
  const Block& block_;
  const Select& select_;
  engine::Routing routing_;

  std::vector<const Node*> items_;  // the client's, stars written out where columns are known
  int first_star_ = -1;
  int last_star_ = -1;

  std::vector<const Expr*> shard_items_;
  std::vector<const Expr*> group_exprs_;
  bool distinct_at_shards_ = false;          // an aggregate with DISTINCT of a sharding column
  std::vector<const Expr*> distinct_exprs_;  // grouped by at the shards, for COUNT(DISTINCT)
  std::vector<ColumnAt> keys_;
  std::vector<MergedColumn> outputs_;
  std::vector<Final> finals_;
  std::vector<engine::SortKey> sort_keys_;
  std::vector<ColumnAt> distinct_columns_;
};

std::string Merge::NameOf(const SelectItem& item) const {
  std::string scratch;
  return std::string(sqlparser::ColumnName(item, scratch));
}

Result<> Merge::CheckShape() const {
  if (select_.into != nullptr) return Unsupported("SELECT INTO over several shards");
  if (select_.options.sql_calc_found_rows)
    return Unsupported("SQL_CALC_FOUND_ROWS over several shards");
  if (select_.group_by != nullptr && select_.group_by->with_rollup)
    return Unsupported("GROUP BY WITH ROLLUP over several shards");
  for (const Node* item : select_.items)
    if (HasWindow(item)) return Unsupported("window function over several shards");
  if (select_.limit != nullptr && select_.limit->rows_examined != nullptr)
    return Unsupported("LIMIT ROWS EXAMINED over several shards");
  if (select_.limit != nullptr && select_.limit->with_ties)
    return Unsupported("FETCH ... WITH TIES over several shards");
  if (select_.procedure != nullptr) return Unsupported("PROCEDURE over several shards");
  return Ok{};
}

void Merge::ExpandStars() {
  for (const Node* item : select_.items) {
    const auto* star = item->As<StarExpr>();
    if (star == nullptr) {
      items_.push_back(item);
      continue;
    }
    const std::vector<const Node*> columns = analysis_.StarColumns(*star, block_);
    if (!columns.empty()) {
      items_.insert(items_.end(), columns.begin(), columns.end());
      continue;
    }
    if (first_star_ < 0) first_star_ = static_cast<int>(items_.size());
    last_star_ = static_cast<int>(items_.size());
    items_.push_back(item);
  }
}

Result<int> Merge::Number(int ordinal, size_t total) const {
  if (first_star_ < 0 || ordinal < first_star_) return ordinal;
  if (ordinal > last_star_) return ordinal - static_cast<int>(total);
  return Unsupported("column number behind * over several shards");
}

bool Merge::NeedsWeight(const Expr& expr) const {
  if (const auto* aggregate = expr.As<sqlparser::Aggregate>()) {
    const bool keeps = aggregate->op == AggregateOp::kMin || aggregate->op == AggregateOp::kMax;
    return keeps && aggregate->args.size() == 1 && NeedsWeight(*aggregate->args[0]);
  }
  if (expr.Is<sqlparser::NullLiteral>() || expr.Is<sqlparser::BoolLiteral>()) return false;
  if (const auto* literal = expr.As<sqlparser::Literal>())
    return literal->type == sqlparser::LiteralType::kString;
  if (expr.Is<sqlparser::ExtractExpr>() || expr.Is<sqlparser::TimestampFunc>()) return false;
  const std::optional<sqltypes::Type> type = analysis_.TypeOf(expr, block_);
  if (!type) return true;
  return sqltypes::IsText(*type) || *type == sqltypes::Type::kEnum ||
         *type == sqltypes::Type::kSet || *type == sqltypes::Type::kJson;
}

Result<> Merge::CheckSortable(const Expr& expr) const {
  const auto* aggregate = expr.As<sqlparser::Aggregate>();
  const Expr& sorted =
      aggregate != nullptr && aggregate->args.size() == 1 ? *aggregate->args[0] : expr;
  const std::optional<sqltypes::Type> type = analysis_.TypeOf(sorted, block_);
  if (type == sqltypes::Type::kEnum || type == sqltypes::Type::kSet)
    return Unsupported("ordering an ENUM or SET column over several shards");
  return Ok{};
}

const Expr* Merge::WeightOf(const Expr* expr) {
  auto* weight = sqlparser::NewNode<sqlparser::WeightStringFunc>(arena_);
  weight->operand = expr;
  return weight;
}

// ORDER BY and GROUP BY may name a select item by its alias or number.
const Expr* Merge::Dealias(const Expr* expr) const {
  Result<int> target = OrderTarget(*expr);
  if (!target.ok() || *target < 0) return expr;
  const auto* item = items_[static_cast<size_t>(*target)]->As<SelectItem>();
  return item == nullptr ? expr : item->expr;
}

Result<int> Merge::OrderTarget(const Expr& expr) const {
  if (const auto* literal = expr.As<sqlparser::Literal>();
      literal != nullptr && literal->type == sqlparser::LiteralType::kInteger) {
    const sqltypes::Value number(sqltypes::Type::kInt64, literal->text);
    Result<int64_t> at = number.ToInt64();
    if (!at.ok() || *at < 1 || (first_star_ < 0 && *at > static_cast<int64_t>(items_.size()))) {
      return Errorf(Code::kInvalidArgument, "Unknown column '{}' in 'order clause'", literal->text)
          .WithMysql(1054, "42S22");
    }
    if (first_star_ >= 0 && *at > first_star_)
      return Unsupported("column number behind * over several shards");
    return static_cast<int>(*at) - 1;
  }
  const auto* column = expr.As<ColumnRef>();
  for (size_t i = 0; i < items_.size(); ++i) {
    const auto* item = items_[i]->As<SelectItem>();
    if (item == nullptr) continue;
    const bool named = column != nullptr && column->table.empty() && !item->alias.empty();
    if (named && item->alias == column->name) return static_cast<int>(i);
  }
  for (size_t i = 0; i < items_.size(); ++i) {
    const auto* item = items_[i]->As<SelectItem>();
    if (item == nullptr) continue;
    if (sqlparser::Equal(item->expr, &expr)) return static_cast<int>(i);
    const auto* shown = item->expr->As<ColumnRef>();
    if (column == nullptr || shown == nullptr || !(shown->name == column->name)) continue;
    // a, t.a and db.t.a are the same where only one table has it.
    const auto one = analysis_.Resolve(*shown, block_);
    const auto two = analysis_.Resolve(*column, block_);
    if (one && two && one->table == two->table) return static_cast<int>(i);
  }
  return -1;
}

PrimitivePtr Merge::MakeRoute(const Select& shard_select) {
  return std::make_unique<engine::Route>(routing_, ShardSql(shard_select), "Route",
                                         analysis_.TableNames());
}

Result<PrimitivePtr> Merge::AddLimit(PrimitivePtr input) const {
  if (select_.limit == nullptr) return input;
  std::optional<PlanValue> count = ConstantOf(*select_.limit->count);
  std::optional<PlanValue> offset = PlanValue();
  if (select_.limit->offset != nullptr) offset = ConstantOf(*select_.limit->offset);
  if (!count || !offset) return Unsupported("LIMIT with an expression over several shards");
  return std::make_unique<engine::Limit>(std::move(input), *std::move(count), *std::move(offset));
}

Result<PrimitivePtr> Merge::Plan() {
  TRY_OK(CheckShape());
  ExpandStars();
  bool grouped = select_.group_by != nullptr || HasAggregate(select_.having);
  for (const Node* item : items_) grouped = grouped || HasAggregate(item);
  for (const OrderItem* item : order()) grouped = grouped || HasAggregate(item);
  if (grouped && select_.group_by != nullptr) {
    // Rows of one group are on one shard: each shard's groups are final.
    for (const Expr* item : select_.group_by->items) {
      if (analysis_.IsShardKey(*Dealias(item), block_)) grouped = false;
    }
  }
  return grouped ? PlanGroups() : PlanRows();
}

Result<PrimitivePtr> Merge::PlanRows() {
  std::vector<const Node*> items = items_;
  struct Key {
    int ordinal;
    int weight;
    bool descending;
  };
  std::vector<Key> keys;
  const bool distinct = select_.options.distinct;
  for (const OrderItem* entry : order()) {
    TRY(int ordinal, OrderTarget(*entry->expr));
    const Expr* expr = entry->expr;
    if (ordinal >= 0) {
      const auto* item = items[static_cast<size_t>(ordinal)]->As<SelectItem>();
      if (item != nullptr) expr = item->expr;
    } else {
      if (distinct) return Unsupported("SELECT DISTINCT ordered by what it does not select");
      ordinal = static_cast<int>(items.size());
      items.push_back(sqlparser::MakeSelectItem(arena_, expr));
    }
    TRY_OK(CheckSortable(*expr));
    int weight = -1;
    if (NeedsWeight(*expr)) {
      weight = static_cast<int>(items.size());
      items.push_back(sqlparser::MakeSelectItem(arena_, WeightOf(expr)));
    }
    keys.push_back({ordinal, weight, entry->descending});
  }
  std::vector<std::pair<int, int>> distinct_on;
  if (distinct && first_star_ < 0) {
    for (size_t i = 0; i < items_.size(); ++i) {
      const Expr* expr = items_[i]->Get<SelectItem>().expr;
      int weight = -1;
      if (NeedsWeight(*expr)) {
        weight = static_cast<int>(items.size());
        items.push_back(sqlparser::MakeSelectItem(arena_, WeightOf(expr)));
      }
      distinct_on.emplace_back(static_cast<int>(i), weight);
    }
  }
  Select* shard = sqlparser::CopyNode(arena_, &select_);
  shard->items = sqlparser::MakeList<Node>(arena_, items);
  if (select_.limit != nullptr) {
    auto* limit = sqlparser::NewNode<sqlparser::Limit>(arena_);
    limit->count = sqlparser::MakeBindVar(arena_, engine::kUpperLimit);
    shard->limit = limit;
  }
  PrimitivePtr plan = MakeRoute(*shard);
  const auto at = [&](int ordinal, int weight) -> Result<ColumnAt> {
    ColumnAt out;
    TRY(out.index, Number(ordinal, items.size()));
    if (weight >= 0) {
      TRY(out.weight, Number(weight, items.size()));
    }
    return out;
  };
  if (distinct) {
    std::vector<ColumnAt> columns;
    for (const auto& [ordinal, weight] : distinct_on) {
      TRY(const ColumnAt column, at(ordinal, weight));
      columns.push_back(column);
    }
    plan = std::make_unique<engine::Distinct>(std::move(plan), std::move(columns));
  }
  if (!keys.empty()) {
    std::vector<engine::SortKey> sort;
    for (const Key& key : keys) {
      TRY(const ColumnAt column, at(key.ordinal, key.weight));
      sort.push_back({column, key.descending});
    }
    plan = std::make_unique<engine::Sort>(std::move(plan), std::move(sort));
  }
  TRY(plan, AddLimit(std::move(plan)));
  if (items.size() > items_.size()) {
    plan = std::make_unique<engine::DropColumns>(std::move(plan), items.size() - items_.size());
  }
  return plan;
}

int Merge::ShardItem(const Expr* expr) {
  for (size_t i = 0; i < shard_items_.size(); ++i)
    if (sqlparser::Equal(shard_items_[i], expr)) return static_cast<int>(i);
  shard_items_.push_back(expr);
  return static_cast<int>(shard_items_.size()) - 1;
}

int Merge::Output(MergedColumn column) {
  outputs_.push_back(std::move(column));
  return static_cast<int>(outputs_.size()) - 1;
}

Result<int> Merge::OutputOfAggregate(const sqlparser::Aggregate& aggregate,
                                     const std::string& name) {
  MergedColumn out;
  out.name = name;
  const Expr* arg = aggregate.args.empty() ? nullptr : aggregate.args[0];
  const bool one = aggregate.args.size() == 1;
  const bool is_min_max = aggregate.op == AggregateOp::kMin || aggregate.op == AggregateOp::kMax;
  if (aggregate.distinct && !is_min_max) {
    const bool counts = aggregate.op == AggregateOp::kCount;
    if (!one || (!counts && aggregate.op != AggregateOp::kSum))
      return Unsupported("aggregate with DISTINCT other than COUNT or SUM of one column");
    if (!counts && NeedsWeight(*arg))
      return Unsupported("SUM(DISTINCT) of text over several shards: equal numbers differ as text");
    const bool at_shards = analysis_.IsShardKey(*arg, block_);
    if (at_shards) {
      distinct_at_shards_ = true;
    } else {
      out.op = counts ? MergeOp::kCountDistinct : MergeOp::kSumDistinct;
      out.from.index = ShardItem(arg);
      if (NeedsWeight(*arg)) out.from.weight = ShardItem(WeightOf(arg));
      distinct_exprs_.push_back(arg);
    }
    // Grouping by the one cuts the other's groups, and a value may lie in several parts.
    if (distinct_at_shards_ && !distinct_exprs_.empty())
      return Unsupported("several aggregates with DISTINCT, of a sharding column among others");
    if (!at_shards) return Output(std::move(out));
  }
  switch (aggregate.op) {
    case AggregateOp::kCountStar:
    case AggregateOp::kCount:
      out.op = MergeOp::kCount;
      break;
    case AggregateOp::kSum:
      out.op = MergeOp::kSum;
      break;
    case AggregateOp::kMin:
      out.op = MergeOp::kMin;
      break;
    case AggregateOp::kMax:
      out.op = MergeOp::kMax;
      break;
    case AggregateOp::kAvg: {
      auto* sum = sqlparser::CopyNode(arena_, &aggregate);
      sum->op = AggregateOp::kSum;
      auto* count = sqlparser::CopyNode(arena_, &aggregate);
      count->op = AggregateOp::kCount;
      out.op = MergeOp::kAvg;
      out.from.index = ShardItem(sum);
      out.divisor = ShardItem(count);
      return Output(std::move(out));
    }
    default:
      return Unsupported("aggregate function other than COUNT, SUM, MIN, MAX and AVG");
  }
  if (is_min_max) TRY_OK(CheckSortable(aggregate));
  out.from.index = ShardItem(&aggregate);
  if (NeedsWeight(aggregate)) out.from.weight = ShardItem(WeightOf(&aggregate));
  return Output(std::move(out));
}

Result<int> Merge::OutputOf(const Expr& expr, const std::string& name) {
  if (const auto* aggregate = expr.As<sqlparser::Aggregate>())
    return OutputOfAggregate(*aggregate, name);
  MergedColumn out;
  out.from.index = ShardItem(&expr);
  out.name = name;
  return Output(std::move(out));
}

// The expression with aggregates and columns replaced by what the aggregation puts out.
Result<std::string> Merge::OverOutputs(const Expr* expr) {
  std::optional<Error> failed;
  std::vector<const Node*> made;
  const auto stand_in = [&](const Expr& what) -> const Node* {
    Result<int> output = OutputOf(what, {});
    if (!output.ok()) {
      failed = std::move(output).error();
      return &what;
    }
    const std::string_view name = arena_.Copy("c" + std::to_string(*output));
    made.push_back(sqlparser::MakeColumn(arena_, {}, name));
    return made.back();
  };
  const Expr* with_aggregates = sqlparser::RewriteAs(arena_, expr, [&](const Node* n) {
    return n->Is<sqlparser::Aggregate>() ? stand_in(n->Get<Expr>()) : n;
  });
  const Expr* all = sqlparser::RewriteAs(arena_, with_aggregates, [&](const Node* n) {
    if (!n->Is<ColumnRef>() || std::find(made.begin(), made.end(), n) != made.end()) return n;
    // HAVING may name a select item by its alias.
    const Expr* meant = Dealias(&n->Get<Expr>());
    if (meant->Is<sqlparser::Aggregate>() || !HasAggregate(meant)) return stand_in(*meant);
    failed = Unsupported("HAVING or ORDER BY on an alias of an expression with aggregates");
    return n;
  });
  if (failed) return *std::move(failed);
  sqlparser::PrintOptions options;
  options.dialect = sqlparser::Dialect::kServer;
  return sqlparser::ToString(all, options);
}

Result<> Merge::AddGroupKeys() {
  if (select_.group_by == nullptr) return Ok{};
  for (const Expr* item : select_.group_by->items) {
    const Expr* expr = Dealias(item);
    if (HasAggregate(expr))
      return Error(Code::kInvalidArgument, "Can't group on an aggregate").WithMysql(1056, "42000");
    group_exprs_.push_back(expr);
    ColumnAt key;
    key.index = ShardItem(expr);
    if (NeedsWeight(*expr)) key.weight = ShardItem(WeightOf(expr));
    keys_.push_back(key);
  }
  return Ok{};
}

Result<> Merge::AddGroupOutputs() {
  for (const Node* node : items_) {
    const auto* item = node->As<SelectItem>();
    if (item == nullptr) return Unsupported("SELECT * with aggregation over several shards");
    Final final;
    final.name = NameOf(*item);
    if (item->expr->Is<sqlparser::Aggregate>() || !HasAggregate(item->expr)) {
      TRY(final.output, OutputOf(*item->expr, final.name));
    } else {
      TRY(final.sql, OverOutputs(item->expr));
    }
    finals_.push_back(std::move(final));
  }
  return Ok{};
}

Result<> Merge::AddGroupOrder() {
  const auto weight_final = [&](const Expr* expr) -> int {
    Final weight;
    MergedColumn column;
    column.from.index = ShardItem(WeightOf(expr));
    // The weight of the smallest is the smallest weight.
    if (const auto* aggregate = expr->As<sqlparser::Aggregate>())
      column.op = aggregate->op == AggregateOp::kMin ? MergeOp::kMin : MergeOp::kMax;
    weight.output = Output(column);
    finals_.push_back(weight);
    return static_cast<int>(finals_.size()) - 1;
  };
  for (const OrderItem* entry : order()) {
    TRY(int ordinal, OrderTarget(*entry->expr));
    const Expr* expr = entry->expr;
    if (ordinal >= 0) {
      expr = items_[static_cast<size_t>(ordinal)]->Get<SelectItem>().expr;
    } else {
      Final helper;
      if (expr->Is<sqlparser::Aggregate>() || !HasAggregate(expr)) {
        TRY(helper.output, OutputOf(*expr, {}));
      } else {
        TRY(helper.sql, OverOutputs(expr));
        helper.name = "ordered" + std::to_string(finals_.size());
      }
      ordinal = static_cast<int>(finals_.size());
      finals_.push_back(std::move(helper));
    }
    engine::SortKey key;
    key.column.index = ordinal;
    key.descending = entry->descending;
    const bool computed = !expr->Is<sqlparser::Aggregate>() && HasAggregate(expr);
    if (!computed) TRY_OK(CheckSortable(*expr));
    if (!computed && NeedsWeight(*expr)) key.column.weight = weight_final(expr);
    sort_keys_.push_back(key);
  }
  if (!select_.options.distinct) return Ok{};
  for (size_t i = 0; i < items_.size(); ++i) {
    const Expr* expr = items_[i]->Get<SelectItem>().expr;
    ColumnAt column;
    column.index = static_cast<int>(i);
    const bool computed = !expr->Is<sqlparser::Aggregate>() && HasAggregate(expr);
    if (!computed && NeedsWeight(*expr)) column.weight = weight_final(expr);
    distinct_columns_.push_back(column);
  }
  return Ok{};
}

const Select* Merge::GroupShardSelect(const Expr* shard_having) {
  Select* shard = sqlparser::CopyNode(arena_, &select_);
  std::vector<const Node*> items;
  for (const Expr* expr : shard_items_) items.push_back(sqlparser::MakeSelectItem(arena_, expr));
  shard->items = sqlparser::MakeList<Node>(arena_, items);
  shard->options.distinct = false;
  shard->order_by = {};
  shard->limit = nullptr;
  shard->having = shard_having;
  std::vector<const Expr*> group = group_exprs_;
  group.insert(group.end(), distinct_exprs_.begin(), distinct_exprs_.end());
  shard->group_by = nullptr;
  if (!group.empty()) {
    // As text a constant would be the number of a column.
    for (const Expr*& expr : group)
      if (IsConstant(*expr)) expr = sqlparser::NewNode<sqlparser::NullLiteral>(arena_);
    auto* group_by = sqlparser::NewNode<sqlparser::GroupBy>(arena_);
    group_by->items = sqlparser::MakeList<Expr>(arena_, group);
    shard->group_by = group_by;
  }
  return shard;
}

Result<PrimitivePtr> Merge::PlanGroups() {
  TRY_OK(AddGroupKeys());
  TRY_OK(AddGroupOutputs());
  TRY_OK(AddGroupOrder());
  std::string filter;
  if (select_.having != nullptr) {
    TRY(filter, OverOutputs(select_.having));
  }
  bool computes = !filter.empty();
  for (const Final& final : finals_) computes = computes || final.output < 0;

  PrimitivePtr plan = MakeRoute(*GroupShardSelect(nullptr));
  if (!computes) {
    std::vector<MergedColumn> arranged;
    for (const Final& final : finals_)
      arranged.push_back(outputs_[static_cast<size_t>(final.output)]);
    plan = std::make_unique<engine::Aggregate>(std::move(plan), keys_, std::move(arranged));
  } else {
    plan = std::make_unique<engine::Aggregate>(std::move(plan), keys_, outputs_);
    std::vector<engine::EvalColumn> columns;
    for (const Final& final : finals_)
      columns.push_back(engine::EvalColumn{final.output, final.sql, final.name});
    plan = std::make_unique<engine::EvalOnShard>(std::move(plan), routing_.keyspace,
                                                 routing_.sharded, std::move(columns), filter);
  }
  if (select_.options.distinct)
    plan = std::make_unique<engine::Distinct>(std::move(plan), distinct_columns_);
  if (!sort_keys_.empty()) plan = std::make_unique<engine::Sort>(std::move(plan), sort_keys_);
  TRY(plan, AddLimit(std::move(plan)));
  if (finals_.size() > items_.size())
    plan = std::make_unique<engine::DropColumns>(std::move(plan), finals_.size() - items_.size());
  return plan;
}

}  // namespace

Result<PrimitivePtr> PlanMerge(const Planning& planning, const Analysis& analysis,
                               const Select& select, engine::Routing routing) {
  return Merge(planning, analysis, select, std::move(routing)).Plan();
}

}  // namespace tessera::planner
