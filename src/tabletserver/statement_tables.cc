// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/statement_tables.h"

#include <algorithm>

#include "base/arena.h"
#include "sqlparser/ast_nodes.h"
#include "sqlparser/parser.h"
#include "sqlparser/visitor.h"

namespace tessera::tabletserver {

using sqlparser::Kind;
using sqlparser::Node;
using sqlparser::Statement;

namespace {

bool IsUpkeep(const Node& node) {
  return node.Is<sqlparser::Analyze>() || node.Is<sqlparser::MaintainTables>();
}

std::string_view PlanOfSelect(const sqlparser::Select& select) {
  const bool next = select.items.size() == 1 && select.items[0]->Is<sqlparser::NextValue>();
  return next ? "Nextval" : "Select";
}

// Vitess's name of the plan type of a statement.
std::string_view PlanOf(const Statement& statement) {
  if (const auto* select = statement.As<sqlparser::Select>()) return PlanOfSelect(*select);
  if (statement.Is<sqlparser::QueryExpr>()) return "Select";
  if (statement.Is<sqlparser::DdlStatement>()) return "DDL";
  if (IsUpkeep(statement)) return "OtherAdmin";
  switch (statement.kind) {
    case Kind::kInsert:
      return "Insert";
    case Kind::kUpdate:
      return "Update";
    case Kind::kDelete:
    case Kind::kDeleteHistory:
      return "Delete";
    case Kind::kLoad:
      return "Load";
    case Kind::kSetStatement:
    case Kind::kSetForStatement:
      return "Set";
    case Kind::kShow:
      return "Show";
    case Kind::kSavepoint:
      return "Savepoint";
    case Kind::kReleaseSavepoint:
      return "Release";
    case Kind::kRollbackToSavepoint:
      return "RollbackSavepoint";
    case Kind::kFlush:
      return "Flush";
    case Kind::kLockTables:
      return "LockTables";
    case Kind::kUnlockTables:
      return "UnlockTables";
    case Kind::kCall:
      return "CallProcedure";
    default:
      return statement.Is<sqlparser::AdminStatement>() ? "OtherAdmin" : "OtherRead";
  }
}

// Walks a statement and notes tables with the role each is used in.
class Collector {
 public:
  Collector(const std::vector<std::string>& own_names, StatementTables& out)
      : own_names_(own_names), out_(out) {}

  void VisitStatement(const Statement& statement) { Visit(statement, RoleOf(statement)); }

 private:
  // `role` is what names right here mean; statements below have roles of their own.
  void Visit(const Node& node, TableRole role) {
    if (const auto* name = node.As<sqlparser::TableName>()) {
      Note(*name, role);
      return;
    }
    if (!CanBeRead(node)) out_.complete = false;
    if (IsInnerStatement(node)) role = RoleOf(node.Get<Statement>());
    if (const auto* locked = node.As<sqlparser::LockedTable>()) role = RoleOf(*locked);
    if (node.Is<sqlparser::ForeignKeyDef>()) role = TableRole::kReader;
    const size_t scope = names_.size();
    sqlparser::ForEachChild(node, [&](const Node& child) { VisitChild(node, child, role); });
    names_.resize(scope);
  }

  // Statement's own range of kinds holds the small nodes of statements as well.
  static bool IsInnerStatement(const Node& node) {
    return node.Is<sqlparser::QueryExpr>() || node.Is<sqlparser::DdlStatement>() ||
           node.kind == Kind::kInsert || node.kind == Kind::kUpdate || node.kind == Kind::kDelete ||
           node.kind == Kind::kDeleteHistory || node.kind == Kind::kLoad;
  }

  static TableRole RoleOf(const Statement& statement) {
    if (statement.Is<sqlparser::DdlStatement>()) return TableRole::kAdmin;
    switch (statement.kind) {
      case Kind::kInsert:
      case Kind::kUpdate:
      case Kind::kDelete:
      case Kind::kLoad:
        return TableRole::kWriter;
      case Kind::kDeleteHistory:
      case Kind::kFlush:
        return TableRole::kAdmin;
      case Kind::kHandlerStatement:
        return TableRole::kReader;
      default:
        return statement.Is<sqlparser::AdminStatement>() ? TableRole::kAdmin : TableRole::kReader;
    }
  }

  static TableRole RoleOf(const sqlparser::LockedTable& locked) {
    const bool reads = locked.lock == sqlparser::TableLock::kRead ||
                       locked.lock == sqlparser::TableLock::kReadLocal;
    return reads ? TableRole::kReader : TableRole::kWriter;
  }

  // Whether all tables of the node itself are in the tree.
  static bool CanBeRead(const Node& node) {
    if (const auto* ddl = node.As<sqlparser::DdlStatement>()) return ddl->fully_parsed;
    return node.kind != Kind::kOtherStatement && node.kind != Kind::kPrepare &&
           node.kind != Kind::kExecute && node.kind != Kind::kBinlogEvent;
  }

  void VisitChild(const Node& parent, const Node& child, TableRole role) {
    if (const auto* with = child.As<sqlparser::With>()) {
      VisitWith(*with);
      return;
    }
    // These name what a row of FROM is called, or show a table without its rows.
    if (const auto* remove = parent.As<sqlparser::Delete>()) {
      for (const sqlparser::TableName* target : remove->targets)
        if (target == &child) return;
    }
    if (const auto* show = parent.As<sqlparser::Show>(); show != nullptr && show->table == &child)
      return;
    if (parent.Is<sqlparser::ExplainTable>()) return;
    if (const auto* create = parent.As<sqlparser::CreateTable>();
        create != nullptr && create->like == &child)
      role = TableRole::kReader;
    Visit(child, role);
  }

  // A name of WITH stands for a table from its own query on (RECURSIVE), or behind it. Where
  // servers differ, and where upper and lower case do, it is taken for a table: more rights are
  // asked for, not fewer.
  void VisitWith(const sqlparser::With& with) {
    for (const sqlparser::CommonTableExpr* table : with.tables) {
      if (with.recursive) names_.push_back(table->name);
      if (table->query != nullptr) Visit(*table->query, TableRole::kReader);
      if (!with.recursive) names_.push_back(table->name);
    }
  }

  void Note(const sqlparser::TableName& name, TableRole role) {
    TableUse use;
    use.role = role;
    const bool ours = name.database.empty() || std::find(own_names_.begin(), own_names_.end(),
                                                         name.database) != own_names_.end();
    if (name.database.empty()) {
      if (name.name == "dual") return;
      if (role == TableRole::kReader &&
          std::find(names_.begin(), names_.end(), name.name) != names_.end())
        return;
    }
    if (!ours) use.table.append(name.database).push_back('.');
    use.table.append(name.name);
    if (std::find(out_.uses.begin(), out_.uses.end(), use) == out_.uses.end())
      out_.uses.push_back(std::move(use));
  }

  const std::vector<std::string>& own_names_;
  StatementTables& out_;
  std::vector<std::string_view> names_;  // of WITH, as far as they are seen here
};

// Comments whose text some servers run and others do not.
bool HasVersionComment(std::string_view sql) {
  return sql.find("/*!") != std::string_view::npos || sql.find("/*M!") != std::string_view::npos;
}

}  // namespace

StatementTables FindStatementTables(std::string_view sql,
                                    const std::vector<std::string>& own_names) {
  StatementTables out;
  out.complete = !HasVersionComment(sql);
  Arena arena;
  const Result<const Statement*> parsed = sqlparser::Parse(arena, sql);
  if (!parsed.ok()) {
    out.complete = false;
    return out;
  }
  out.plan = PlanOf(**parsed);
  Collector collector(own_names, out);
  collector.VisitStatement(**parsed);
  return out;
}

}  // namespace tessera::tabletserver
