// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/insert.h"
#include "engine/merge.h"
#include "planner/internal/planning.h"
#include "sqlparser/printer.h"
#include "sqlparser/rewrite.h"
#include "sqlparser/visitor.h"
#include "vindex/lookup.h"

// Plans for statements that change rows.
namespace tessera::planner {

using engine::InsertRow;
using engine::InsertVindex;
using engine::Opcode;
using engine::PlanValue;
using engine::PrimitivePtr;
using engine::Routing;
using sqlparser::AliasedTable;
using sqlparser::Delete;
using sqlparser::Expr;
using sqlparser::Ident;
using sqlparser::Insert;
using sqlparser::Node;
using sqlparser::QueryExpr;
using sqlparser::RowValues;
using sqlparser::Update;
using sqlparser::ValuesStatement;
using sqlparser::Visit;
using vschema::ColumnVindex;
using vschema::Table;

namespace {

Routing RoutingOf(const Table& table) {
  Routing out;
  out.keyspace = table.keyspace->name;
  out.sharded = table.keyspace->sharded;
  out.opcode = table.keyspace->sharded ? Opcode::kScatter : Opcode::kUnsharded;
  if (table.pinned) {
    out.opcode = Opcode::kByDestination;
    out.destination = keys::Destination::OfId(*table.pinned);
  }
  return out;
}

std::vector<std::string> VarsIn(const Node* node) {
  std::vector<std::string> out;
  sqlparser::Walk(node, [&](const Node& n) {
    if (const auto* var = n.As<sqlparser::BindVar>()) out.emplace_back(var->name);
    return Visit::kContinue;
  });
  return out;
}

Error WrongCount(size_t row) {
  return Errorf(Code::kInvalidArgument, "Column count doesn't match value count at row {}", row)
      .WithMysql(1136, "21S01");
}

// Builds the plan of one INSERT ... VALUES into a sharded table, or one with a sequence.
class Inserting {
 public:
  Inserting(const Planning& planning, const Insert& insert, const Table& table)
      : planning_(planning), arena_(planning.arena), insert_(insert), table_(table) {}
  Result<PrimitivePtr> Plan(const ValuesStatement& values);
  // INSERT ... SELECT.
  Result<PrimitivePtr> PlanSelect(const QueryExpr& query);
  // The rows of a plan, such as VALUES that only a server can compute.
  Result<PrimitivePtr> PlanFrom(PrimitivePtr rows);

 private:
  Result<> Prepare();
  PrimitivePtr Selecting(PrimitivePtr rows);
  Result<> CheckShape() const;
  void AddSuffix(std::string& suffix, std::vector<std::string>& vars) const;
  Result<> NameColumns();
  int IndexOf(std::string_view column) const;
  Result<InsertRow> MakeRow(const RowValues& row, size_t number);
  Result<> CheckDuplicates() const;
  std::string Prefix() const;

  Result<const QueryExpr*> WithExactFloats(const QueryExpr& query);
  bool TakesNumber(size_t column) const;

  const Planning& planning_;
  Arena& arena_;
  const Insert& insert_;
  const Table& table_;
  std::vector<Ident> columns_;
  std::vector<InsertVindex> vindexes_;
  std::vector<int>
      value_columns_;  // of the vindexes, in the order of InsertRow::values; -1: absent
  std::optional<engine::Sequence> sequence_;
  int auto_column_ = -1;
  bool sets_insert_id_ = false;  // a row that is there already does
};

int Inserting::IndexOf(std::string_view column) const {
  for (size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i] == Ident(column)) return static_cast<int>(i);
  return -1;
}

Result<> Inserting::NameColumns() {
  columns_.assign(insert_.columns.begin(), insert_.columns.end());
  if (columns_.empty() && !insert_.has_columns) {
    if (!table_.columns_authoritative)
      return Unsupported("INSERT without a column list into a table whose columns are not known");
    for (const vschema::Column& column : table_.columns)
      if (!column.invisible) columns_.emplace_back(arena_.Copy(column.name));
  }
  for (const ColumnVindex& vindex : table_.column_vindexes) {
    if (vindex.functional() == nullptr) {
      // An owned lookup must be written too.
      if (vindex.owned) return vindex::LookupUnsupported(*vindex.vindex);
      continue;
    }
    InsertVindex out;
    out.vindex = vindex.functional();
    for (const std::string& column : vindex.columns) {
      out.columns.push_back(value_columns_.size());
      value_columns_.push_back(IndexOf(column));
    }
    vindexes_.push_back(std::move(out));
  }
  if (table_.auto_increment) {
    const Table& sequence = *table_.auto_increment->sequence;
    sequence_.emplace();
    sequence_->routing = RoutingOf(sequence);
    if (!sequence.pinned) sequence_->routing.opcode = Opcode::kNext;
    sequence_->sql = "select next :n values from ";
    sqlparser::AppendIdentifier(sequence_->sql, sequence.name);
    auto_column_ = IndexOf(table_.auto_increment->column);
    if (auto_column_ < 0) {
      auto_column_ = static_cast<int>(columns_.size());
      columns_.emplace_back(std::string_view(table_.auto_increment->column));
      size_t at = 0;
      for (const ColumnVindex& vindex : table_.column_vindexes) {
        if (vindex.functional() == nullptr) continue;
        for (const std::string& column : vindex.columns) value_columns_[at++] = IndexOf(column);
      }
    }
  }
  return Ok{};
}

Result<InsertRow> Inserting::MakeRow(const RowValues& row, size_t number) {
  const bool appended = auto_column_ >= 0 &&
                        static_cast<size_t>(auto_column_) == row.items.size() &&
                        columns_.size() == row.items.size() + 1;
  if (row.items.size() + (appended ? 1 : 0) != columns_.size()) return WrongCount(number + 1);
  InsertRow out;
  std::vector<PlanValue> constants(columns_.size());
  for (size_t c = 0; c < columns_.size(); ++c) {
    const bool is_auto = auto_column_ == static_cast<int>(c);
    const bool routes = std::find(value_columns_.begin(), value_columns_.end(),
                                  static_cast<int>(c)) != value_columns_.end();
    if ((!is_auto && !routes) || c >= row.items.size()) continue;
    if (row.items[c]->Is<sqlparser::DefaultExpr>()) {
      if (!is_auto) return Unsupported("DEFAULT for a column that decides the row's shard");
      continue;
    }
    std::optional<PlanValue> value = ConstantOf(*row.items[c]);
    if (!value) return Unsupported("INSERT with an expression for a column that decides the shard");
    constants[c] = *std::move(value);
  }
  if (auto_column_ >= 0) {
    out.auto_increment = constants[static_cast<size_t>(auto_column_)];
    constants[static_cast<size_t>(auto_column_)] =
        PlanValue::Var(engine::Insert::SequenceVar(number));
  }
  for (const int column : value_columns_)
    out.values.push_back(column < 0 ? PlanValue() : constants[static_cast<size_t>(column)]);
  out.sql = "(";
  for (size_t c = 0; c < columns_.size(); ++c) {
    if (c > 0) out.sql += ", ";
    if (static_cast<int>(c) == auto_column_) {
      out.sql += ":" + engine::Insert::SequenceVar(number);
      out.vars.push_back(engine::Insert::SequenceVar(number));
      continue;
    }
    out.sql += ShardSql(*row.items[c]);
    for (std::string& name : VarsIn(row.items[c])) out.vars.push_back(std::move(name));
  }
  out.sql += ")";
  out.sets_insert_id = SetsInsertId(row) || sets_insert_id_;
  return out;
}

Result<> Inserting::CheckDuplicates() const {
  for (const sqlparser::Assignment* assignment : insert_.on_duplicate) {
    for (const ColumnVindex& vindex : table_.column_vindexes) {
      for (const std::string& column : vindex.columns) {
        if (assignment->column->name == Ident(column))
          return Unsupported("ON DUPLICATE KEY UPDATE of a column that decides the row's shard");
      }
    }
  }
  return Ok{};
}

// Everything before the rows: the statement printed with no rows would not parse, so it is put
// together here.
std::string Inserting::Prefix() const {
  std::string out = insert_.is_replace ? "replace " : "insert ";
  for (const std::string_view comment : insert_.comments) out += std::string(comment) + " ";
  if (insert_.ignore) out += "ignore ";
  out += "into ";
  sqlparser::AppendIdentifier(out, table_.name);
  if (!columns_.empty() || insert_.has_columns) {
    out += "(";
    for (size_t c = 0; c < columns_.size(); ++c) {
      if (c > 0) out += ", ";
      sqlparser::AppendIdentifier(out, columns_[c].text);
    }
    out += ")";
  }
  return out + " values ";
}

Result<> Inserting::CheckShape() const {
  if (!insert_.returning.empty()) return Unsupported("INSERT ... RETURNING on several shards");
  if (!insert_.row_alias.empty()) return Unsupported("INSERT ... VALUES ... AS alias");
  if (!insert_.table->partitions.empty()) return Unsupported("INSERT ... PARTITION");
  return Ok{};
}

void Inserting::AddSuffix(std::string& suffix, std::vector<std::string>& vars) const {
  for (const sqlparser::Assignment* assignment : insert_.on_duplicate) {
    suffix += suffix.empty() ? " on duplicate key update " : ", ";
    suffix += ShardSql(*assignment);
    for (std::string& name : VarsIn(assignment)) vars.push_back(std::move(name));
  }
}

Result<> Inserting::Prepare() {
  TRY_OK(CheckShape());
  for (const sqlparser::Assignment* assignment : insert_.on_duplicate)
    sets_insert_id_ = sets_insert_id_ || SetsInsertId(*assignment);
  TRY_OK(NameColumns());
  return CheckDuplicates();
}

Result<PrimitivePtr> Inserting::Plan(const ValuesStatement& values) {
  if (values.list_bind != nullptr) return Unsupported("INSERT of a list variable");
  TRY_OK(Prepare());
  std::vector<InsertRow> rows;
  for (size_t i = 0; i < values.rows.size(); ++i) {
    TRY(InsertRow row, MakeRow(*values.rows[i], i));
    rows.push_back(std::move(row));
  }
  std::string suffix;
  std::vector<std::string> suffix_vars;
  AddSuffix(suffix, suffix_vars);
  return std::make_unique<engine::Insert>(RoutingOf(table_), table_.name, Prefix(),
                                          std::move(suffix), std::move(rows), std::move(vindexes_),
                                          std::move(suffix_vars), std::move(sequence_));
}

bool Inserting::TakesNumber(size_t column) const {
  if (column >= columns_.size()) return false;
  const vschema::Column* known = table_.FindColumn(columns_[column].text);
  return known != nullptr && sqltypes::IsNumber(known->type);
}

// The query with doubles where it reads FLOAT columns into columns of numbers: those take the same
// value of them. Text columns would show more digits.
Result<const QueryExpr*> Inserting::WithExactFloats(const QueryExpr& query) {
  Analysis analysis(planning_);
  TRY_OK(analysis.AddQuery(query));
  const auto* select = query.As<sqlparser::Select>();
  if (select == nullptr || analysis.root() == nullptr) return &query;
  std::vector<const Node*> items;
  for (const Node* item : select->items) {
    const auto* star = item->As<sqlparser::StarExpr>();
    if (star == nullptr) {
      items.push_back(item);
      continue;
    }
    const std::vector<const Node*> columns = analysis.StarColumns(*star, *analysis.root());
    if (columns.empty()) return &query;
    items.insert(items.end(), columns.begin(), columns.end());
  }
  bool changed = false;
  for (size_t i = 0; i < items.size(); ++i) {
    const auto* item = items[i]->As<sqlparser::SelectItem>();
    if (item == nullptr || !TakesNumber(i)) continue;
    if (analysis.TypeOf(*item->expr, *analysis.root()) != sqltypes::Type::kFloat32) continue;
    std::string scratch;
    const std::string_view name = arena_.Copy(sqlparser::ColumnName(*item, scratch));
    items[i] = sqlparser::MakeSelectItem(arena_, ExactFloat(arena_, item->expr), name);
    changed = true;
  }
  if (!changed) return &query;
  auto* copy = sqlparser::CopyNode(arena_, select);
  copy->items = sqlparser::MakeList<Node>(arena_, items);
  return copy;
}

Result<PrimitivePtr> Inserting::PlanSelect(const QueryExpr& query) {
  TRY_OK(Prepare());
  TRY(const QueryExpr* exact, WithExactFloats(query));
  TRY(PrimitivePtr rows, PlanQuery(planning_, *exact));
  return Selecting(std::move(rows));
}

Result<PrimitivePtr> Inserting::PlanFrom(PrimitivePtr rows) {
  TRY_OK(Prepare());
  return Selecting(std::move(rows));
}

PrimitivePtr Inserting::Selecting(PrimitivePtr rows) {
  engine::InsertSelect::Shape shape;
  shape.routing = RoutingOf(table_);
  shape.table = table_.name;
  shape.prefix = Prefix();
  AddSuffix(shape.suffix, shape.suffix_vars);
  shape.vindexes = std::move(vindexes_);
  shape.sequence = std::move(sequence_);
  shape.columns = columns_.size();
  shape.sets_insert_id = sets_insert_id_;
  shape.auto_column = auto_column_;
  shape.value_columns = std::move(value_columns_);
  return std::make_unique<engine::InsertSelect>(std::move(rows), std::move(shape));
}

// Rows that a server computes, one query each: a UNION would give them common types.
Result<PrimitivePtr> PlanComputedRows(const Planning& planning, const ValuesStatement& values) {
  std::vector<PrimitivePtr> rows;
  for (const RowValues* row : values.rows) {
    auto* select = sqlparser::NewNode<sqlparser::Select>(planning.arena);
    std::vector<const Node*> items;
    for (const Expr* item : row->items) {
      if (item->Is<sqlparser::DefaultExpr>())
        return Unsupported("DEFAULT beside an expression for a column that decides the shard");
      items.push_back(sqlparser::MakeSelectItem(planning.arena, item));
    }
    select->items = sqlparser::MakeList<Node>(planning.arena, items);
    TRY(PrimitivePtr computed, PlanQuery(planning, *select));
    rows.push_back(std::move(computed));
  }
  return std::make_unique<engine::Concatenate>(std::move(rows));
}

// Where the one table of a change is written; for a reference table its source.
Result<const Table*> WrittenTable(const Planning& planning, const sqlparser::TableName& name) {
  TRY(const Table* table, planning.FindTable(name));
  if (table->type == vschema::TableType::kReference && table->source != nullptr)
    return table->source;
  return table;
}

}  // namespace

Result<PrimitivePtr> PlanInsert(const Planning& planning, const Insert& insert) {
  TRY(const Table* table, WrittenTable(planning, *insert.table->table));
  if (table->view) return Unsupported("change by a view of a sharded keyspace");
  const auto* values = insert.source->As<ValuesStatement>();
  const bool plain = !table->keyspace->sharded || table->pinned.has_value();
  if (table->type == vschema::TableType::kReference && table->keyspace->sharded) {
    Routing all = RoutingOf(*table);
    all.copies = true;
    const Node* statement = ForShards(planning, &insert, nullptr);
    return std::make_unique<engine::Route>(all, ShardSql(*statement), "Insert", table->name);
  }
  if (plain && !table->auto_increment) {
    if (values == nullptr) {
      Analysis analysis(planning);
      TRY_OK(analysis.AddQuery(*insert.source));
      const Result<Routing> from = analysis.Route();
      const bool here = from.ok() && from->keyspace == table->keyspace->name &&
                        from->IsSingleShard() && !table->pinned;
      if (!here && !analysis.tables().empty()) {
        return Inserting(planning, insert, *table).PlanSelect(*insert.source);
      }
    }
    const Node* statement = ForShards(planning, &insert, nullptr);
    return std::make_unique<engine::Route>(RoutingOf(*table), ShardSql(*statement), "Insert",
                                           table->name);
  }
  if (!plain && table->primary_vindex() == nullptr)
    return Errorf(Code::kFailedPrecondition, "table {} has no primary vindex: it cannot be written",
                  table->QualifiedName());
  if (!plain && table->primary_vindex()->functional() == nullptr)
    return vindex::LookupUnsupported(*table->primary_vindex()->vindex);
  if (values == nullptr) return Inserting(planning, insert, *table).PlanSelect(*insert.source);
  Result<PrimitivePtr> plan = Inserting(planning, insert, *table).Plan(*values);
  if (plan.ok() || plan.error().code() != Code::kUnimplemented) return plan;
  Result<PrimitivePtr> rows = PlanComputedRows(planning, *values);
  if (!rows.ok()) return plan;
  Result<PrimitivePtr> computed = Inserting(planning, insert, *table).PlanFrom(*std::move(rows));
  return computed.ok() ? std::move(computed) : std::move(plan);
}

namespace {

// The owned lookups of a table would have to be changed with its rows.
Result<> RefuseOwnedLookups(const Analysis& analysis) {
  for (const BoundTable& bound : analysis.tables()) {
    if (bound.table == nullptr) continue;
    for (const ColumnVindex& vindex : bound.table->column_vindexes)
      if (vindex.owned) return vindex::LookupUnsupported(*vindex.vindex);
  }
  return Ok{};
}

// A change whose tables live in one keyspace, on one or several shards.
Result<PrimitivePtr> PlanChange(const Planning& planning, const Analysis& analysis, Routing routing,
                                const Node* statement, bool limited, std::string_view name) {
  bool reference = false;
  for (const BoundTable& bound : analysis.tables()) {
    if (bound.table == nullptr) continue;
    reference = reference || bound.table->type == vschema::TableType::kReference;
  }
  if (routing.opcode == Opcode::kReference && !analysis.tables().empty()) {
    if (!reference || !routing.sharded) return Unsupported("change without a table");
    const Table* table = analysis.tables().front().table;
    if (table->source != nullptr) return Unsupported("change of a reference table by its copy");
    routing.opcode = Opcode::kScatter;
    routing.copies = true;
  }
  if (limited && !routing.IsSingleShard())
    return Unsupported(std::string(name) + " with LIMIT over several shards");
  const Node* shard_statement = ForShards(planning, statement, &analysis);
  return std::make_unique<engine::Route>(std::move(routing), ShardSql(*shard_statement),
                                         std::string(name), analysis.TableNames());
}

}  // namespace

Result<PrimitivePtr> PlanUpdate(const Planning& planning, const Update& update) {
  Analysis analysis(planning);
  TRY_OK(analysis.AddChange(update.tables, update.where, update));
  TRY(Routing routing, analysis.Route());
  if (routing.sharded) {
    if (update.with != nullptr) return Unsupported("UPDATE with a common table expression");
    for (const sqlparser::Assignment* assignment : update.assignments) {
      for (const BoundTable& bound : analysis.tables()) {
        if (bound.table == nullptr) continue;
        const std::string_view qualifier = assignment->column->table;
        if (!qualifier.empty() && qualifier != bound.name) continue;
        for (const ColumnVindex& vindex : bound.table->column_vindexes) {
          for (const std::string& column : vindex.columns) {
            if (!(assignment->column->name == Ident(column))) continue;
            if (vindex.functional() == nullptr) return vindex::LookupUnsupported(*vindex.vindex);
            return Unsupported("you cannot UPDATE primary vindex columns; vindex " + vindex.name +
                               " of table " + bound.table->name);
          }
        }
      }
    }
  }
  return PlanChange(planning, analysis, std::move(routing), &update, update.limit != nullptr,
                    "Update");
}

Result<PrimitivePtr> PlanDelete(const Planning& planning, const Delete& statement) {
  Analysis analysis(planning);
  TRY_OK(analysis.AddChange(statement.tables, statement.where, statement));
  TRY(Routing routing, analysis.Route());
  if (routing.sharded) {
    TRY_OK(RefuseOwnedLookups(analysis));
    if (!statement.returning.empty() && !routing.IsSingleShard())
      return Unsupported("DELETE ... RETURNING over several shards");
  }
  return PlanChange(planning, analysis, std::move(routing), &statement, statement.limit != nullptr,
                    "Delete");
}

}  // namespace tessera::planner
