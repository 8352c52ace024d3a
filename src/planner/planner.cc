// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "planner/planner.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "base/ascii.h"
#include "engine/merge.h"
#include "engine/schema_route.h"
#include "planner/internal/planning.h"
#include "sqlparser/ast_ddl.h"
#include "sqlparser/ast_session.h"
#include "sqlparser/ast_table.h"
#include "sqlparser/printer.h"
#include "sqlparser/rewrite.h"
#include "sqlparser/visitor.h"

namespace tessera::planner {

using engine::Opcode;
using engine::PrimitivePtr;
using engine::Routing;
using sqlparser::AliasedTable;
using sqlparser::Expr;
using sqlparser::Ident;
using sqlparser::Node;
using sqlparser::QueryExpr;
using sqlparser::Select;
using sqlparser::SetOperation;
using sqlparser::Statement;
using sqlparser::TableName;
using sqlparser::Visit;

Error Unsupported(std::string_view shape) {
  return Errorf(Code::kUnimplemented, "VT12001: unsupported: {}", shape).WithMysql(1235, "42000");
}

std::string ShardSql(const Node& statement, bool keep_databases) {
  sqlparser::PrintOptions options;
  options.dialect = sqlparser::Dialect::kServer;
  options.qualify_tables = keep_databases;
  options.name_columns = true;
  return sqlparser::ToString(&statement, options);
}

std::string ServerText(const Node& statement) {
  Arena arena;
  const Node* bare = sqlparser::Rewrite(arena, &statement, [&](const Node* n) -> const Node* {
    if (const auto* table = n->As<TableName>()) {
      if (table->database.empty() || vschema::IsSystemDatabase(table->database)) return n;
      auto* copy = sqlparser::CopyNode(arena, table);
      copy->database = {};
      return copy;
    }
    const auto* column = n->As<sqlparser::ColumnRef>();
    if (column == nullptr || column->database.empty() ||
        vschema::IsSystemDatabase(column->database))
      return n;
    auto* copy = sqlparser::CopyNode(arena, column);
    copy->database = {};
    return copy;
  });
  return ShardSql(*bare, true);
}

const Node* ForShards(const Planning& planning, const Node* statement, const Analysis* analysis) {
  const Expr* list = analysis == nullptr ? nullptr : analysis->in_list();
  return sqlparser::Rewrite(planning.arena, statement, [&](const Node* n) -> const Node* {
    if (list != nullptr && n == list)
      return sqlparser::MakeBindVar(planning.arena, engine::kListVar, true);
    const auto* aliased = n->As<AliasedTable>();
    if (aliased == nullptr) return n;
    Result<const vschema::Table*> table = planning.FindTable(*aliased->table);
    if (!table.ok() || (*table)->name == aliased->table->name) return n;
    auto* name = sqlparser::NewNode<TableName>(planning.arena);
    name->name = (*table)->name;
    auto* copy = sqlparser::CopyNode(planning.arena, aliased);
    copy->table = name;
    if (copy->alias.empty()) copy->alias = aliased->table->name;
    return copy;
  });
}

namespace {

PrimitivePtr WholeRoute(const Planning& planning, const Analysis& analysis, Routing routing,
                        const Node* statement) {
  const Node* rewritten = ForShards(planning, statement, &analysis);
  return std::make_unique<engine::Route>(std::move(routing),
                                         ShardSql(*rewritten, analysis.only_system_tables()),
                                         "Route", analysis.TableNames());
}

const sqlparser::NextValue* NextValueOf(const QueryExpr& query) {
  const auto* select = query.As<Select>();
  if (select == nullptr || select->items.size() != 1) return nullptr;
  return select->items[0]->As<sqlparser::NextValue>();
}

Result<PrimitivePtr> PlanUnion(const Planning& planning, const SetOperation& set) {
  if (!set.all) {
    // Rows of one part may equal rows of the other: a server can tell for every type.
    Result<PrimitivePtr> gathered = PlanGather(planning, set);
    if (gathered.ok()) return gathered;
  }
  if (set.op != sqlparser::SetOp::kUnion)
    return Unsupported("INTERSECT or EXCEPT over several shards");
  if (set.with != nullptr) return Unsupported("common table expression over several shards");
  if (set.into != nullptr) return Unsupported("SELECT INTO over several shards");
  std::vector<PrimitivePtr> inputs;
  TRY(PrimitivePtr left, PlanQuery(planning, *set.left));
  inputs.push_back(std::move(left));
  TRY(PrimitivePtr right, PlanQuery(planning, *set.right));
  inputs.push_back(std::move(right));
  PrimitivePtr plan = std::make_unique<engine::Concatenate>(std::move(inputs));
  if (!set.all)
    plan = std::make_unique<engine::Distinct>(std::move(plan), std::vector<engine::ColumnAt>());
  if (!set.order_by.empty()) {
    const QueryExpr* first = set.left;
    while (first->Is<SetOperation>()) first = first->Get<SetOperation>().left;
    const auto* select = first->As<Select>();
    std::vector<engine::SortKey> keys;
    for (const sqlparser::OrderItem* item : set.order_by) {
      int at = -1;
      if (const auto* number = item->expr->As<sqlparser::Literal>()) {
        at = std::atoi(std::string(number->text).c_str()) - 1;
      } else if (const auto* column = item->expr->As<sqlparser::ColumnRef>();
                 column != nullptr && select != nullptr) {
        for (size_t i = 0; i < select->items.size(); ++i) {
          std::string scratch;
          if (!select->items[i]->Is<sqlparser::SelectItem>()) break;
          if (Ident(sqlparser::ColumnName(*select->items[i], scratch)) == column->name)
            at = static_cast<int>(i);
        }
      }
      if (at < 0) return Unsupported("UNION over several shards ordered by an expression");
      engine::SortKey key;
      key.column.index = at;
      key.descending = item->descending;
      keys.push_back(key);
    }
    plan = std::make_unique<engine::Sort>(std::move(plan), std::move(keys));
  }
  if (set.limit != nullptr) {
    std::optional<engine::PlanValue> count = ConstantOf(*set.limit->count);
    std::optional<engine::PlanValue> offset = engine::PlanValue();
    if (set.limit->offset != nullptr) offset = ConstantOf(*set.limit->offset);
    if (!count || !offset) return Unsupported("LIMIT with an expression over several shards");
    plan = std::make_unique<engine::Limit>(std::move(plan), *std::move(count), *std::move(offset));
  }
  return plan;
}

// Where MariaDB's sequences are that a query without tables asks for values; null when it names
// none of a keyspace.
Result<const vschema::Keyspace*> KeyspaceOfSequences(const Planning& planning, const Node& query) {
  std::string_view name;
  bool several = false;
  sqlparser::Walk(&query, [&](const Node& n) {
    const auto* value = n.As<sqlparser::SequenceValueExpr>();
    if (value == nullptr || value->sequence->database.empty()) return Visit::kContinue;
    several = several || (!name.empty() && name != value->sequence->database);
    name = value->sequence->database;
    return Visit::kContinue;
  });
  if (several) return Unsupported("sequences of several keyspaces");
  if (name.empty()) return nullptr;
  return planning.vschema().FindKeyspace(name, planning.input.target.tablet_type);
}

}  // namespace

Result<PrimitivePtr> PlanByShards(const Planning& planning, const QueryExpr& query) {
  Analysis analysis(planning);
  TRY_OK(analysis.AddQuery(query));
  Result<Routing> routed = analysis.Route();
  if (!routed.ok()) {
    // The parts of a UNION may each have a plan where the whole has none.
    const auto* set = query.As<SetOperation>();
    if (set != nullptr) return PlanUnion(planning, *set);
    return std::move(routed).error();
  }
  Routing routing = *std::move(routed);
  if (NextValueOf(query) != nullptr) {
    if (analysis.tables().size() != 1 || analysis.tables()[0].table == nullptr ||
        analysis.tables()[0].table->type != vschema::TableType::kSequence) {
      return Error(Code::kInvalidArgument, "NEXT VALUE wants a table of type sequence: " +
                                               analysis.TableNames() + " is none");
    }
    if (!routing.sharded) routing.opcode = Opcode::kNext;
    return WholeRoute(planning, analysis, std::move(routing), &query);
  }
  if (analysis.tables().empty()) {
    TRY(const vschema::Keyspace* named, KeyspaceOfSequences(planning, query));
    if (named != nullptr) {
      routing.keyspace = named->name;
      routing.sharded = named->sharded;
    }
  }
  if (analysis.only_system_tables()) {
    PrimitivePtr by_schema = PlanBySchema(planning, query, routing);
    if (by_schema != nullptr) return by_schema;
  }
  if (routing.IsSingleShard()) return WholeRoute(planning, analysis, std::move(routing), &query);
  if (const auto* set = query.As<SetOperation>()) return PlanUnion(planning, *set);
  const auto* select = query.As<Select>();
  if (select == nullptr || analysis.root() == nullptr)
    return Unsupported("VALUES over several shards");
  const Node* rewritten = ForShards(planning, select, &analysis);
  return PlanMerge(planning, analysis, rewritten->Get<Select>(), std::move(routing));
}

Result<PrimitivePtr> PlanQuery(const Planning& planning, const QueryExpr& query) {
  Result<PrimitivePtr> plan = PlanByShards(planning, query);
  if (plan.ok() || plan.error().code() != Code::kUnimplemented) return plan;
  Result<PrimitivePtr> gathered = PlanGather(planning, query);
  // What stands in the way of both is better told by the first.
  return gathered.ok() ? std::move(gathered) : std::move(plan);
}

namespace {

bool IsNoArgCall(const Node& node, std::string_view name) {
  const auto* call = node.As<sqlparser::FuncCall>();
  return call != nullptr && call->qualifier.empty() && call->args.empty() && call->name == name;
}

std::string InHex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return out;
}

// Replaces what only the session knows by bind variables, and lists those.
const Node* TakeSessionValues(const Planning& planning, const Node* statement, Plan& plan) {
  const auto var = [&](std::string name) -> const Node* {
    const auto known = std::find(plan.session_vars.begin(), plan.session_vars.end(), name);
    if (known == plan.session_vars.end()) plan.session_vars.push_back(name);
    return sqlparser::MakeBindVar(planning.arena, planning.arena.Copy(name));
  };
  return sqlparser::Rewrite(planning.arena, statement, [&](const Node* n) -> const Node* {
    const bool asks_database = IsNoArgCall(*n, "database") || IsNoArgCall(*n, "schema");
    if (asks_database && planning.input.database_is_keyspace) return n;
    if (asks_database) return var(std::string(kDatabaseVar));
    // Clients are shown the gate's version, wherever they look.
    if (IsNoArgCall(*n, "version")) return var(std::string(kSystemVariablePrefix) + "version");
    if (IsNoArgCall(*n, "last_insert_id")) return var(std::string(kLastInsertIdVar));
    if (IsNoArgCall(*n, "found_rows")) return var(std::string(kFoundRowsVar));
    if (IsNoArgCall(*n, "connection_id")) return var(std::string(kConnectionIdVar));
    if (IsNoArgCall(*n, "row_count")) return var(std::string(kRowCountVar));
    if (const Expr* name = AskedAttribute(*n)) {
      const auto* by = name->As<sqlparser::BindVar>();
      return var(by != nullptr ? std::string(kAttributeNamedByPrefix) + std::string(by->name)
                               : AttributeVar(name->As<sqlparser::Literal>()->text));
    }
    const auto* variable = n->As<sqlparser::Variable>();
    if (variable == nullptr) return n;
    const std::string name = AsciiLower(variable->name.text);
    if (variable->scope == sqlparser::VariableScope::kUser) return var(UserVariableVar(name));
    // The version is the gate's in any scope; other values of servers are theirs.
    const bool of_session =
        variable->scope != sqlparser::VariableScope::kGlobal || name.starts_with("version");
    const bool ours = of_session && planning.input.is_session_variable != nullptr &&
                      planning.input.is_session_variable(name);
    return ours ? var(std::string(kSystemVariablePrefix) + name) : n;
  });
}

// A function whose effect, or answer, is bound to the connection it runs on: the next statement may
// run on another one.
bool CallsConnection(const sqlparser::FuncCall& call, bool is_query) {
  static constexpr std::string_view kNames[] = {"get_lock", "release_lock", "release_all_locks",
                                                "is_used_lock", "is_free_lock"};
  if (!call.qualifier.empty()) return false;
  if (call.name == "last_insert_id") return is_query && !call.args.empty();
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view name) { return call.name == name; });
}

}  // namespace

const Expr* AskedAttribute(const Node& node) {
  const auto* call = node.As<sqlparser::FuncCall>();
  if (call == nullptr || !call->qualifier.empty() || call->args.size() != 1 ||
      call->name != "mysql_query_attribute_string")
    return nullptr;
  const Expr* name = call->args[0];
  const auto* by = name->As<sqlparser::BindVar>();
  const auto* literal = name->As<sqlparser::Literal>();
  const bool known = by != nullptr
                         ? !by->is_list
                         : literal != nullptr && literal->type == sqlparser::LiteralType::kString;
  return known ? name : nullptr;
}

std::string AttributeVar(std::string_view attribute) {
  return std::string(kAttributePrefix) + InHex(attribute);
}

std::string UserVariableVar(std::string_view variable) {
  const bool is_word = std::all_of(variable.begin(), variable.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (is_word) return std::string(kUserVariablePrefix) + std::string(variable);
  return std::string(kQuotedUserVariablePrefix) + InHex(variable);
}

bool SetsInsertId(const Node& tree) {
  return !sqlparser::Walk(&tree, [](const Node& n) {
    const auto* call = n.As<sqlparser::FuncCall>();
    const bool sets = call != nullptr && call->qualifier.empty() && !call->args.empty() &&
                      call->name == "last_insert_id";
    return sets ? Visit::kStop : Visit::kContinue;
  });
}

std::string_view BoundToConnection(const Statement& statement) {
  const bool is_query = statement.Is<QueryExpr>();
  std::string_view found;
  sqlparser::Walk(&statement, [&](const Node& n) {
    const auto* call = n.As<sqlparser::FuncCall>();
    if (call != nullptr && CallsConnection(*call, is_query))
      found = "function bound to a connection (locks, LAST_INSERT_ID with a value)";
    if (n.Is<sqlparser::AssignmentExpr>()) found = "assignment to a user variable";
    if (n.Is<sqlparser::SelectInto>()) found = "SELECT INTO";
    const auto* select = n.As<Select>();
    if (select != nullptr && select->options.sql_calc_found_rows) found = "SQL_CALC_FOUND_ROWS";
    return found.empty() ? Visit::kContinue : Visit::kStop;
  });
  const auto* create = statement.As<sqlparser::CreateTable>();
  const auto* drop = statement.As<sqlparser::DropTable>();
  if ((create != nullptr && create->temporary) || (drop != nullptr && drop->temporary))
    found = "temporary table";
  return found;
}

namespace {

Result<PrimitivePtr> PlanByDestination(const Planning& planning, const Statement& statement,
                                       std::string_view operator_type) {
  const keys::TargetSelection& target = planning.input.target;
  TRY(const vschema::Keyspace* keyspace,
      planning.vschema().FindKeyspace(target.keyspace, target.tablet_type));
  Routing routing;
  routing.opcode = Opcode::kByDestination;
  routing.keyspace = keyspace->name;
  routing.sharded = keyspace->sharded;
  routing.destination = *target.destination;
  return std::make_unique<engine::Route>(std::move(routing), ServerText(statement),
                                         std::string(operator_type));
}

// The keyspace a DDL statement is about: that of its first table's qualifier, or the session's.
std::string DdlKeyspace(const Planning& planning, const Statement& statement) {
  std::string out = planning.input.target.keyspace;
  bool found = false;
  sqlparser::Walk(&statement, [&](const Node& n) {
    const auto* name = n.As<TableName>();
    if (name == nullptr || found) return Visit::kContinue;
    found = true;
    if (!name->database.empty()) out = name->database;
    return Visit::kStop;
  });
  return out;
}

// The servers of a keyspace have no other keyspace's tables, and know their own without its name.
Result<> CheckTablesAreOf(const Planning& planning, const Statement& statement,
                          const vschema::Keyspace& keyspace) {
  std::string_view other;
  sqlparser::Walk(&statement, [&](const Node& n) {
    const auto* name = n.As<TableName>();
    if (name == nullptr || name->database.empty() || name->database == keyspace.name ||
        vschema::IsSystemDatabase(name->database))
      return Visit::kContinue;
    other = name->database;
    return Visit::kStop;
  });
  if (other.empty()) return Ok{};
  TRY_OK(planning.vschema().FindKeyspace(std::string(other)));
  return Unsupported(
      fmt::format("tables of keyspace {} in the definition of those of {}", other, keyspace.name));
}

Result<PrimitivePtr> PlanDdl(const Planning& planning, const Statement& statement, Plan& plan) {
  if (statement.Is<sqlparser::CreateDatabase>() || statement.Is<sqlparser::DropDatabase>() ||
      statement.Is<sqlparser::AlterDatabase>())
    return Unsupported("CREATE, ALTER and DROP DATABASE: keyspaces are made in the topology");
  std::string name = DdlKeyspace(planning, statement);
  if (name.empty()) {
    const vschema::Keyspace* only = planning.vschema().SingleKeyspace();
    if (only == nullptr)
      return Error(Code::kFailedPrecondition,
                   "VT09005: no database selected: use keyspace<:shard> "
                   "or qualify the table")
          .WithMysql(1046, "3D000");
    name = only->name;
  }
  TRY(const vschema::Keyspace* keyspace, planning.vschema().FindKeyspace(name));
  TRY_OK(CheckTablesAreOf(planning, statement, *keyspace));
  plan.ddl_keyspace = keyspace->name;
  keys::Destination destination = keys::Destination::AllShards();
  const keys::TargetSelection& target = planning.input.target;
  if (target.destination && target.keyspace == keyspace->name) destination = *target.destination;
  return std::make_unique<engine::SendToAll>(keyspace->name, keyspace->sharded,
                                             std::move(destination), ServerText(statement));
}

// DDL goes to servers as it is, on connections that know nothing of the session.
bool AsksSession(const QueryExpr& query) {
  bool found = false;
  sqlparser::Walk(&query, [&](const Node& n) {
    const auto* variable = n.As<sqlparser::Variable>();
    found = found || (variable != nullptr && variable->scope == sqlparser::VariableScope::kUser) ||
            IsNoArgCall(n, "last_insert_id") || IsNoArgCall(n, "found_rows") ||
            IsNoArgCall(n, "row_count") || AskedAttribute(n) != nullptr;
    return found ? Visit::kStop : Visit::kContinue;
  });
  return found;
}

// `database` is the system database in use, if one is.
Result<> Dispatch(const Planning& planning, const Statement& statement, std::string_view database,
                  Plan& plan) {
  const bool targeted = planning.input.target.destination.has_value();
  if (const std::string_view what = BoundToConnection(statement); !what.empty())
    return Unsupported(what);
  if (const auto* query = statement.As<QueryExpr>()) {
    plan.plan_class = PlanClass::kSelect;
    if (targeted) {
      TRY(plan.root, PlanByDestination(planning, *query, "Route"));
    } else {
      TRY(query, ExpandViews(planning, *query, database));
      TRY(plan.root, PlanQuery(planning, *query));
    }
    return Ok{};
  }
  if (const auto* insert = statement.As<sqlparser::Insert>()) {
    plan.plan_class = PlanClass::kInsert;
    if (targeted) {
      TRY(plan.root, PlanByDestination(planning, *insert, "Insert"));
    } else {
      auto* expanded = sqlparser::CopyNode(planning.arena, insert);
      TRY(expanded->source, ExpandViews(planning, *insert->source));
      TRY(plan.root, PlanInsert(planning, *expanded));
    }
    return Ok{};
  }
  if (const auto* update = statement.As<sqlparser::Update>()) {
    plan.plan_class = PlanClass::kUpdate;
    if (targeted) {
      TRY(plan.root, PlanByDestination(planning, *update, "Update"));
    } else {
      TRY(plan.root, PlanUpdate(planning, *update));
    }
    return Ok{};
  }
  if (const auto* del = statement.As<sqlparser::Delete>()) {
    plan.plan_class = PlanClass::kDelete;
    if (targeted) {
      TRY(plan.root, PlanByDestination(planning, *del, "Delete"));
    } else {
      TRY(plan.root, PlanDelete(planning, *del));
    }
    return Ok{};
  }
  if (statement.Is<sqlparser::DdlStatement>()) {
    plan.plan_class = PlanClass::kDdl;
    const auto* create = statement.As<sqlparser::CreateTable>();
    if (create != nullptr && create->select != nullptr && AsksSession(*create->select))
      return Unsupported("CREATE TABLE ... SELECT of what only the session knows");
    TRY(plan.root, PlanDdl(planning, statement, plan));
    return Ok{};
  }
  return Unsupported(std::string("statement ") + std::string(sqlparser::KindName(statement.kind)));
}

}  // namespace

bool IsForOneServer(const PlanInput& input, const Statement& statement) {
  Arena arena(64);
  const Planning planning{arena, input};
  const keys::TargetSelection& target = planning.input.target;
  const Result<const vschema::Keyspace*> keyspace =
      planning.vschema().FindKeyspace(target.keyspace, target.tablet_type);
  if (target.keyspace.empty() || !keyspace.ok()) return false;
  const bool one_shard =
      target.destination ? target.destination->IsUnique() : !(*keyspace)->sharded;
  if (!one_shard) return false;
  // The keyspace's own name, where its servers' databases are called the same.
  const auto same_there = [&](std::string_view database) {
    return database.empty() || vschema::IsSystemDatabase(database) ||
           (input.database_is_keyspace && database == (*keyspace)->name);
  };
  // A column of no keyspace's is the server's to refuse.
  const auto nowhere = [&](std::string_view database) {
    return !planning.vschema().FindKeyspace(std::string(database)).ok();
  };
  bool same = true;
  sqlparser::Walk(&statement, [&](const Node& n) {
    if (const auto* name = n.As<TableName>()) {
      const bool system = vschema::IsSystemDatabase(name->database);
      const Result<const vschema::Table*> table = planning.FindTable(*name);
      const bool elsewhere = table.ok() && ((*table)->name != name->name ||
                                            (*table)->keyspace->name != (*keyspace)->name);
      same = same && (system || (same_there(name->database) && !elsewhere));
    }
    if (const auto* column = n.As<sqlparser::ColumnRef>())
      same = same && (same_there(column->database) || nowhere(column->database));
    if (n.Is<sqlparser::NextValue>()) same = false;
    return same ? Visit::kContinue : Visit::kStop;
  });
  return same;
}

namespace {

// The plan is one statement to one shard, with nothing of the gate's own around it.
bool IsOneStatement(const PlanInput& input, const engine::Primitive& root) {
  // What schemas are compared with has another name at servers whose databases do.
  const bool by_schema = dynamic_cast<const engine::SchemaRoute*>(&root) != nullptr;
  if (by_schema) return input.database_is_keyspace;
  const auto* route = dynamic_cast<const engine::Route*>(&root);
  if (route != nullptr) return route->routing().IsSingleShard();
  return dynamic_cast<const engine::SendToAll*>(&root) != nullptr;
}

}  // namespace

Result<std::shared_ptr<const Plan>> BuildPlan(const PlanInput& input, std::string_view sql) {
  Arena arena(8192);
  TRY(const Statement* parsed, sqlparser::Parse(arena, sql, input.parse));
  PlanInput within = input;
  std::string database;
  if (parsed->Is<QueryExpr>() && vschema::IsSystemDatabase(input.target.keyspace))
    std::swap(within.target.keyspace, database);
  const Planning planning{arena, within};
  auto plan = std::make_shared<Plan>();
  plan->vschema = input.vschema;
  const Node* ready = parsed;
  if (!parsed->Is<sqlparser::DdlStatement>()) ready = TakeSessionValues(planning, parsed, *plan);
  TRY_OK(Dispatch(planning, ready->Get<Statement>(), database, *plan));
  const bool writes = plan->plan_class == PlanClass::kInsert ||
                      plan->plan_class == PlanClass::kUpdate ||
                      plan->plan_class == PlanClass::kDelete;
  plan->sets_insert_id = writes && SetsInsertId(*parsed);
  plan->as_written = database.empty() && plan->session_vars.empty() &&
                     IsOneStatement(within, *plan->root) && IsForOneServer(within, *parsed);
  return std::shared_ptr<const Plan>(std::move(plan));
}

}  // namespace tessera::planner
