// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sqlparser/internal/precedence.h"
#include "sqlparser/internal/print_impl.h"

namespace tessera::sqlparser {
namespace {

void FormatLockClause(Printer& p, LockMode mode, uint32_t wait,
                      std::span<const std::string_view> of) {
  // MariaDB has no FOR SHARE and locks the rows of all tables.
  const std::string_view share = p.server() ? " lock in share mode" : " for share";
  const bool nowait = mode == LockMode::kForUpdateNowait || mode == LockMode::kForShareNowait ||
                      mode == LockMode::kLockInShareModeNowait;
  const bool skip = mode == LockMode::kForUpdateSkipLocked ||
                    mode == LockMode::kForShareSkipLocked ||
                    mode == LockMode::kLockInShareModeSkipLocked;
  bool has_of = true;
  switch (mode) {
    case LockMode::kNone:
      return;
    case LockMode::kForUpdate:
    case LockMode::kForUpdateNowait:
    case LockMode::kForUpdateSkipLocked:
    case LockMode::kForUpdateWait:
      p.Text(" for update");
      break;
    case LockMode::kForShare:
    case LockMode::kForShareNowait:
    case LockMode::kForShareSkipLocked:
      p.Text(share);
      break;
    case LockMode::kLockInShareMode:
    case LockMode::kLockInShareModeNowait:
    case LockMode::kLockInShareModeSkipLocked:
    case LockMode::kLockInShareModeWait:
      p.Text(" lock in share mode");
      has_of = false;
  }
  if (has_of && !of.empty() && !p.server()) {
    p.Text(" of ");
    bool first = true;
    for (const std::string_view name : of) {
      if (!first) p.Raw(", ");
      first = false;
      p.Id(name);
    }
  }
  if (nowait) p.Text(" nowait");
  if (skip) p.Text(" skip locked");
  if (mode == LockMode::kForUpdateWait || mode == LockMode::kLockInShareModeWait) {
    p.Text(fmt::format(" wait {}", wait));
  }
}

// What stands behind any query.
template <class Query>
void FormatTail(Printer& p, const Query& n) {
  FormatOrderBy(p, n.order_by);
  p.Print(n.limit);
  FormatClause(p, " procedure ", n.procedure);
  FormatLockClause(p, n.lock, n.lock_wait_seconds, n.lock_of);
  if (!p.server()) {  // MariaDB takes one
    for (const LockClause* clause : n.more_locks) p.Print(clause);
  }
  p.Print(n.into);
}

template <class Query>
bool HasOwnTail(const Query& n) {
  return n.with != nullptr || !n.order_by.empty() || n.limit != nullptr ||
         n.lock != LockMode::kNone || n.into != nullptr || n.procedure != nullptr;
}

// An operand of UNION and its like: in parentheses when its own tail would be taken for the
// whole's.
void FormatOperandQuery(Printer& p, const QueryExpr* query, bool right, SetOp op) {
  bool parens = false;
  if (const auto* select = query->As<Select>()) {
    parens = HasOwnTail(*select);
  } else if (const auto* set = query->As<SetOperation>()) {
    // a UNION b INTERSECT c: the right side binds tighter by itself.
    const bool tighter = op != SetOp::kIntersect && set->op == SetOp::kIntersect;
    const bool left = !right && (op != SetOp::kIntersect || set->op == SetOp::kIntersect);
    parens = HasOwnTail(*set) || !(left || tighter);
  } else if (const auto* values = query->As<ValuesStatement>()) {
    parens = HasOwnTail(*values);
  }
  if (parens) p.Raw("(");
  p.Print(query);
  if (parens) p.Raw(")");
}

// The name the server would give the item is not the one its source text gives it.
bool NeedsColumnName(Printer& p, const SelectItem& n, size_t begin) {
  if (!p.options().name_columns || p.select_depth != 1 || !n.alias.empty() || n.text.empty()) {
    return false;
  }
  switch (n.expr->kind) {
    case Kind::kColumnRef:
    case Kind::kLiteral:
    case Kind::kNullLiteral:
    case Kind::kBoolLiteral:
      return false;
    default:
      return std::string_view(p.out()).substr(begin) != n.text;
  }
}

}  // namespace

void FormatOrderBy(Printer& p, List<OrderItem> order_by) {
  if (order_by.empty()) return;
  p.Text(" order by ");
  FormatList(p, order_by);
}

void FormatWith(Printer& p, const With* with) {
  if (with != nullptr) p.Print(with);
}

void FormatWhere(Printer& p, std::string_view keyword, const Expr* expr) {
  FormatClause(p, keyword, expr);
}

void FormatReturning(Printer& p, List<Node> items) {
  if (items.empty()) return;
  p.Text(" returning ");
  FormatList(p, items);
}

void Format(Printer& p, const TableName& n) {
  if (!n.database.empty() && p.options().qualify_tables) p.Id(n.database).Raw(".");
  p.Id(n.name);
}

void Format(Printer& p, const SelectItem& n) {
  const size_t begin = p.out().size();
  p.Print(n.expr);
  if (!n.alias.empty()) {
    p.Text(" as ").Id(n.alias);
  } else if (NeedsColumnName(p, n, begin)) {
    std::string scratch;
    p.Text(" as `");
    for (const char c : ColumnName(n, scratch)) {
      if (c == '`') p.Raw("`");
      p.out().push_back(c);
    }
    p.Raw("`");
  }
}

void Format(Printer& p, const StarExpr& n) { p.Qualifier(n.database, n.table).Raw("*"); }

void Format(Printer& p, const NextValue& n) {
  p.Text("next ");
  p.Print(n.count);
  p.Text(" values");
}

void Format(Printer& p, const IndexHint& n) {
  static constexpr std::string_view kTypes[] = {" use index ", " ignore index ", " force index ",
                                                " use vindex ", " ignore vindex "};
  static constexpr std::string_view kScopes[] = {"", "for join ", "for group by ", "for order by "};
  p.Text(kTypes[static_cast<size_t>(n.type)]).Text(kScopes[static_cast<size_t>(n.scope)]);
  p.Raw("(");
  FormatNames(p, n.indexes);
  p.Raw(")");
}

void Format(Printer& p, const AliasedTable& n) {
  p.Print(n.table);
  if (!n.partitions.empty()) {
    p.Text(" partition (");
    FormatNames(p, n.partitions);
    p.Raw(")");
  }
  FormatClause(p, " ", n.system_time);
  if (!n.alias.empty()) p.Text(" as ").Id(n.alias);
  for (const IndexHint* hint : n.hints) {
    // Hints on vindexes are the gate's own.
    const bool vindex =
        hint->type == IndexHintType::kUseVindex || hint->type == IndexHintType::kIgnoreVindex;
    if (!(vindex && p.server())) p.Print(hint);
  }
}

void FormatHistoryPoint(Printer& p, HistoryUnit unit, const Expr* point) {
  if (unit == HistoryUnit::kTimestamp) p.Text("timestamp ");
  if (unit == HistoryUnit::kTransaction) p.Text("transaction ");
  FormatOperand(p, point, kBitOr);
}

void Format(Printer& p, const SystemTime& n) {
  p.Text("for system_time ");
  switch (n.type) {
    case SystemTimeType::kAll:
      p.Text("all");
      return;
    case SystemTimeType::kAsOf:
      p.Text("as of ");
      break;
    case SystemTimeType::kBetween:
      p.Text("between ");
      break;
    case SystemTimeType::kFromTo:
      p.Text("from ");
  }
  FormatHistoryPoint(p, n.from_unit, n.from);
  if (n.to == nullptr) return;
  p.Text(n.type == SystemTimeType::kBetween ? " and " : " to ");
  FormatHistoryPoint(p, n.to_unit, n.to);
}

void Format(Printer& p, const LockClause& n) { FormatLockClause(p, n.mode, n.wait_seconds, n.of); }

void Format(Printer& p, const DerivedTable& n) {
  if (n.lateral) p.Text("lateral ");
  p.Raw("(");
  p.Print(n.query);
  p.Raw(")");
  FormatClause(p, " ", n.system_time);
  if (!n.alias.empty()) p.Text(" as ").Id(n.alias);
  if (!n.columns.empty()) {
    p.Raw("(");
    FormatNames(p, n.columns);
    p.Raw(")");
  }
}

void Format(Printer& p, const JoinTable& n) {
  static constexpr std::string_view kJoins[] = {
      " join ",         " straight_join ",     " left join ",          " right join ",
      " natural join ", " natural left join ", " natural right join ", " natural straight_join "};
  p.Print(n.left);
  p.Text(kJoins[static_cast<size_t>(n.type)]);
  p.Print(n.right);
  FormatClause(p, " on ", n.on);
  if (!n.using_columns.empty()) {
    p.Text(" using (");
    FormatNames(p, n.using_columns);
    p.Raw(")");
  }
}

void Format(Printer& p, const ParenTables& n) {
  p.Raw("(");
  FormatList(p, n.tables);
  p.Raw(")");
}

void Format(Printer& p, const JsonTableColumn& n) {
  switch (n.type) {
    case JsonColumnType::kOrdinality:
      p.Id(n.name).Text(" for ordinality");
      return;
    case JsonColumnType::kNested:
      p.Text("nested path ");
      p.Print(n.path);
      p.Text(" columns(\n");
      for (size_t i = 0; i < n.nested.size(); ++i) {
        p.Raw("\t");
        p.Print(n.nested[i]);
        p.Raw(i + 1 < n.nested.size() ? ",\n" : "\n");
      }
      p.Raw(")");
      return;
    default:
      break;
  }
  p.Id(n.name).Raw(" ");
  p.Print(n.data_type);
  if (n.type == JsonColumnType::kExists) p.Text(" exists");
  p.Text(" path ");
  p.Print(n.path);
  FormatJsonOn(p, n.on_empty, n.empty_default, n.on_error, n.error_default);
  p.Raw(" ");
}

void Format(Printer& p, const JsonTable& n) {
  p.Text("json_table(");
  p.Print(n.document);
  p.Raw(", ");
  p.Print(n.path);
  p.Text(" columns(\n");
  for (size_t i = 0; i < n.columns.size(); ++i) {
    p.Raw("\t");
    p.Print(n.columns[i]);
    p.Raw(i + 1 < n.columns.size() ? ",\n" : "\n");
  }
  p.Raw("\t)\n)");
  if (!n.alias.empty()) p.Text(" as ").Id(n.alias);
}

void Format(Printer& p, const CommonTableExpr& n) {
  p.Id(n.name);
  if (!n.columns.empty()) {
    p.Raw("(");
    FormatNames(p, n.columns);
    p.Raw(")");
  }
  p.Text(" as (");
  p.Print(n.query);
  p.Raw(")");
  if (n.cycle.empty()) return;
  p.Text(" cycle ");
  FormatNames(p, n.cycle);
  p.Text(" restrict");
}

void Format(Printer& p, const With& n) {
  p.Text(n.recursive ? "with recursive " : "with ");
  FormatList(p, n.tables, p.server() ? ", " : " , ");  // Vitess's blank
  p.Raw(" ");
}

void Format(Printer& p, const GroupBy& n) {
  p.Text(" group by ");
  const bool directed = n.directions.size() == n.items.size();
  for (size_t i = 0; i < n.items.size(); ++i) {
    if (i > 0) p.Raw(", ");
    p.Print(n.items[i]);
    if (directed) p.Text(n.directions[i]);
  }
  if (n.with_rollup) p.Text(" with rollup");
}

void Format(Printer& p, const OrderItem& n) {
  p.Print(n.expr);
  // ORDER BY NULL and RAND() have no direction in the canonical text.
  const bool bare = n.expr->Is<NullLiteral>() ||
                    (n.expr->Is<FuncCall>() && n.expr->Get<FuncCall>().name == "rand");
  if (bare && !(n.descending && p.server())) return;
  p.Text(n.descending ? " desc" : " asc");
}

void Format(Printer& p, const Limit& n) {
  if (n.with_ties) {
    if (n.offset != nullptr) {
      p.Text(" offset ");
      p.Print(n.offset);
      p.Text(" rows");
    }
    p.Text(" fetch first ");
    p.Print(n.count);
    p.Text(" rows with ties");
    return;
  }
  p.Text(" limit ");
  if (n.count != nullptr) {
    // Question marks keep their order.
    const bool behind =
        p.options().question_marks && n.offset != nullptr && n.offset->position > n.count->position;
    if (n.offset != nullptr && !behind) {
      p.Print(n.offset);
      p.Raw(", ");
    }
    p.Print(n.count);
    if (behind) FormatClause(p, " offset ", n.offset);
  }
  if (n.rows_examined != nullptr) {
    p.Text(n.count != nullptr ? " rows examined " : "rows examined ");
    p.Print(n.rows_examined);
  }
}

void Format(Printer& p, const NamedWindow& n) {
  p.Id(n.name).Raw(" AS ");
  p.Print(n.spec);
}

void Format(Printer& p, const SelectInto& n) {
  if (n.type == IntoType::kVariables) {
    p.Text(" into ");
    FormatList(p, n.variables);
    return;
  }
  p.Text(n.type == IntoType::kDumpfile    ? " into dumpfile "
         : n.type == IntoType::kOutfileS3 ? " into outfile s3 "
                                          : " into outfile ");
  p.Raw(n.file);
  if (!n.charset.empty()) p.Text(" character set ").Raw(n.charset);
  p.Raw(n.export_options).Raw(n.manifest).Raw(n.overwrite);
}

void Format(Printer& p, const Select& n) {
  ++p.select_depth;
  FormatWith(p, n.with);
  p.Text("select ");
  FormatComments(p, n.comments);
  if (n.options.distinct) p.Text("distinct ");
  if (n.options.high_priority) p.Text("high_priority ");
  if (n.options.sql_cache) p.Text("sql_cache ");
  if (n.options.sql_no_cache) p.Text("sql_no_cache ");
  if (n.options.straight_join) p.Text("straight_join ");
  if (n.options.sql_calc_found_rows) p.Text("sql_calc_found_rows ");
  if (n.options.sql_small_result) p.Text("sql_small_result ");
  if (n.options.sql_big_result) p.Text("sql_big_result ");
  if (n.options.sql_buffer_result) p.Text("sql_buffer_result ");
  FormatList(p, n.items);
  p.Text(" from ");
  if (n.from.empty()) {
    p.Raw("dual");
  } else {
    FormatList(p, n.from);
  }
  FormatWhere(p, " where ", n.where);
  p.Print(n.group_by);
  FormatWhere(p, " having ", n.having);
  for (size_t i = 0; i < n.windows.size(); ++i) {
    p.Text(i == 0 ? " window "
                  : (n.windows[i]->repeats_keyword && !p.server() ? ", window " : ", "));
    p.Print(n.windows[i]);
  }
  FormatTail(p, n);
  --p.select_depth;
}

void Format(Printer& p, const SetOperation& n) {
  static constexpr std::string_view kOps[] = {" union ", " intersect ", " except "};
  FormatWith(p, n.with);
  FormatOperandQuery(p, n.left, false, n.op);
  p.Text(kOps[static_cast<size_t>(n.op)]);
  if (n.all) p.Text("all ");
  FormatOperandQuery(p, n.right, true, n.op);
  FormatTail(p, n);
}

void Format(Printer& p, const RowValues& n) {
  p.Raw("(");
  FormatList(p, n.items);
  p.Raw(")");
}

void Format(Printer& p, const ValuesStatement& n) {
  FormatWith(p, n.with);
  p.Text("values ");
  FormatComments(p, n.comments);
  if (n.list_bind != nullptr) {
    p.Print(n.list_bind);
  } else {
    bool first = true;
    for (const RowValues* row : n.rows) {
      if (!first) p.Raw(", ");
      first = false;
      if (n.row_keyword && !p.server()) p.Text("row");
      p.Print(row);
    }
  }
  FormatTail(p, n);
}

}  // namespace tessera::sqlparser
