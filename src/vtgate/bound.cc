// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "sqlparser/ast_expr.h"
#include "sqlparser/ast_query.h"
#include "sqlparser/ast_session.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/rewrite.h"
#include "sqlparser/visitor.h"
#include "vtgate/executor.h"
#include "vtgate/internal/session_exec.h"
#include "vtgate/internal/session_state.h"
#include "vtgate/side_connection.h"

// Statements whose effects a server keeps for a connection, from sessions that have none: over
// several shards there is no one connection. What the effects are, the gate sees from the answer
// and keeps itself; what only a server can compute without tables goes to a connection beside.
namespace tessera::vtgate {

using sqlparser::AssignmentExpr;
using sqlparser::Expr;
using sqlparser::FuncCall;
using sqlparser::Node;
using sqlparser::QueryExpr;
using sqlparser::Select;
using sqlparser::SelectInto;
using sqlparser::SelectItem;
using sqlparser::Statement;
using sqlparser::Variable;
using sqlparser::VariableScope;
using sqlparser::Visit;
using sqltypes::ResultSet;
using sqltypes::Value;

namespace {

const SelectInto* IntoOf(const QueryExpr& query) {
  if (const auto* select = query.As<Select>()) return select->into;
  const auto* set = query.As<sqlparser::SetOperation>();
  return set == nullptr ? nullptr : set->into;
}

const QueryExpr* WithoutInto(Arena& arena, const QueryExpr& query) {
  if (const auto* select = query.As<Select>()) {
    auto* copy = sqlparser::CopyNode(arena, select);
    copy->into = nullptr;
    return copy;
  }
  auto* copy = sqlparser::CopyNode(arena, &query.Get<sqlparser::SetOperation>());
  copy->into = nullptr;
  return copy;
}

// The name of a user variable; empty for other expressions.
std::string UserVariable(const Expr* expr) {
  const auto* variable = expr->As<Variable>();
  const bool is_user = variable != nullptr && variable->scope == VariableScope::kUser;
  return is_user ? AsciiLower(variable->name.text) : std::string();
}

bool SetsInsertId(const Node& node) {
  const auto* call = node.As<FuncCall>();
  return call != nullptr && call->qualifier.empty() && call->args.size() == 1 &&
         call->name == "last_insert_id";
}

StoredValue Stored(const Value& cell) {
  StoredValue out;
  if (cell.is_null()) return out;
  out.type = cell.type();
  out.bytes = cell.raw();
  return out;
}

bool ReadsNoTables(const Statement& statement) {
  bool none = true;
  sqlparser::Walk(&statement, [&](const Node& n) {
    const auto* table = n.As<sqlparser::TableName>();
    const bool dual = table != nullptr && table->database.empty() &&
                      sqlparser::Ident::EqualNoCase(table->name, "dual");
    none = none && (table == nullptr || dual);
    return none ? Visit::kContinue : Visit::kStop;
  });
  return none;
}

// What a column of the answer is to be, besides shown: the new value of a user variable, or of
// LAST_INSERT_ID().
struct Effect {
  std::string variable;  // empty: the insert id
  size_t column = 0;
  bool from_end = false;  // columns are counted from the last one: a star stands before it
};

// A query without the effects that its columns had.
struct Bare {
  const Select* select = nullptr;
  std::vector<Effect> effects;
};

// Whether anything of the query still depends on the order in which a server assigns.
bool IsPlain(const Select& select, const std::vector<Effect>& effects) {
  bool plain = true;
  sqlparser::Walk(&select, [&](const Node& n) {
    if (n.Is<AssignmentExpr>() || SetsInsertId(n)) plain = false;
    const auto* variable = n.As<Variable>();
    if (variable == nullptr || variable->scope != VariableScope::kUser) return Visit::kContinue;
    const std::string name = AsciiLower(variable->name.text);
    for (const Effect& effect : effects) plain = plain && effect.variable != name;
    return Visit::kContinue;
  });
  return plain;
}

// Takes `@x := value` and LAST_INSERT_ID(value) off columns that are nothing else. Nothing when
// there are none, or when an order of evaluation would show.
std::optional<Bare> TakeEffects(Arena& arena, const Select& select) {
  Bare out;
  std::vector<const Node*> items;
  const auto is_star = [](const Node* item) { return item->Is<sqlparser::StarExpr>(); };
  for (size_t i = 0; i < select.items.size(); ++i) {
    const Node* node = select.items[i];
    items.push_back(node);
    const auto* item = node->As<SelectItem>();
    if (item == nullptr) continue;
    Effect effect;
    const Expr* value = nullptr;
    if (const auto* assignment = item->expr->As<AssignmentExpr>()) {
      effect.variable = UserVariable(assignment->target);
      value = assignment->value;
      if (effect.variable.empty()) return std::nullopt;
    } else if (SetsInsertId(*item->expr)) {
      value = item->expr->Get<FuncCall>().args[0];
    } else {
      continue;
    }
    const auto begin = select.items.begin();
    const auto here = begin + static_cast<std::ptrdiff_t>(i);
    effect.from_end = std::any_of(begin, here, is_star);
    if (effect.from_end && std::any_of(here, select.items.end(), is_star)) return std::nullopt;
    effect.column = effect.from_end ? select.items.size() - i : i;
    std::string scratch;
    const std::string_view name = arena.Copy(sqlparser::ColumnName(*item, scratch));
    items.back() = sqlparser::MakeSelectItem(arena, value, name);
    out.effects.push_back(std::move(effect));
  }
  if (out.effects.empty()) return std::nullopt;
  auto* copy = sqlparser::CopyNode(arena, &select);
  copy->items = sqlparser::MakeList<Node>(arena, items);
  out.select = copy;
  if (!IsPlain(*out.select, out.effects)) return std::nullopt;
  return out;
}

// The last row is what a server would have assigned last.
Result<> KeepEffects(Session& session, const std::vector<Effect>& effects, ResultSet& rows) {
  TRY_OK(rows.Decode());
  if (rows.row_count() == 0) return Ok{};
  const std::span<const Value> last = std::as_const(rows).row(rows.row_count() - 1);
  for (const Effect& effect : effects) {
    const size_t at = effect.from_end ? last.size() - effect.column : effect.column;
    if (at >= last.size()) return Error(Code::kInternal, "a column of the answer is missing");
    if (!effect.variable.empty()) {
      session.user_variables[effect.variable] = Stored(last[at]);
      continue;
    }
    const Result<uint64_t> id = last[at].ToUint64();
    session.last_insert_id = id.ok() ? *id : 0;
  }
  return Ok{};
}

// Takes a stream's rows, of which only the number matters.
class DiscardSink final : public sqltypes::RowSink {
 public:
  Task<Result<>> OnFields(const Context&, std::vector<sqltypes::Field>) override { co_return Ok{}; }
  Task<Result<>> OnRows(const Context&, std::string_view, size_t) override { co_return Ok{}; }
};

// One row for each row of the tables: then count(*) in the place of the columns counts them.
bool CountsAsTables(const Select& select) {
  if (select.group_by != nullptr || select.having != nullptr || select.with != nullptr ||
      select.options.distinct || select.procedure != nullptr)
    return false;
  return std::all_of(select.items.begin(), select.items.end(), [](const Node* node) {
    if (node->Is<sqlparser::StarExpr>()) return true;
    const auto* item = node->As<SelectItem>();
    return item != nullptr &&
           (item->expr->Is<sqlparser::ColumnRef>() || item->expr->Is<sqlparser::Literal>());
  });
}

}  // namespace

bool Executor::MayRunBound(const Session& session, const Error& error) const {
  if (error.code() != Code::kUnimplemented || session.reached_shards) return false;
  return !session.may_attach || !HasOneServer(session);
}

Task<Result<ResultSet>> Executor::RunLess(const Context& ctx, Session& session, std::string sql) {
  Result<ResultSet> result = co_await ExecutePlanned(ctx, session, sql);
  if (result.ok() || !MayRunBound(session, result.error())) co_return result;
  co_return co_await RunBound(ctx, session, sql, std::move(result).error());
}

Task<Result<ResultSet>> Executor::RunBound(const Context& ctx, Session& session,
                                           std::string_view sql, Error refusal) {
  Arena arena;
  CO_TRY(const Statement* statement, sqlparser::Parse(arena, sql));
  if (const auto* deallocate = statement->As<sqlparser::Deallocate>()) {
    // DROP PREPARE, which looks like DDL.
    CO_TRY_OK(DeallocateNamed(session, *deallocate));
    co_return ResultSet();
  }
  const auto* query = statement->As<QueryExpr>();
  if (query == nullptr || planner::BoundToConnection(*statement).empty()) co_return refusal;
  if (const SelectInto* into = IntoOf(*query)) {
    if (into->type != sqlparser::IntoType::kVariables) co_return refusal;
    co_return co_await RunInto(ctx, session, *query, *into);
  }
  const auto* select = statement->As<Select>();
  if (select != nullptr && select->options.sql_calc_found_rows) {
    co_return co_await RunCounted(ctx, session, *select);
  }
  std::optional<Bare> bare;
  if (select != nullptr) bare = TakeEffects(arena, *select);
  if (bare) {
    std::string text = sqlparser::ToString(bare->select);
    CO_TRY(ResultSet rows, co_await RunLess(ctx, session, std::move(text)));
    CO_TRY_OK(KeepEffects(session, bare->effects, rows));
    co_return rows;
  }
  if (!session.may_attach || !ReadsNoTables(*statement)) co_return refusal;
  Result<ResultSet> answer = co_await RunOnSide(ctx, session, *statement);
  // Tablets of another make have no such connections.
  const bool unknown = !answer.ok() && answer.error().code() == Code::kUnimplemented &&
                       answer.error().mysql_errno() == 0;
  if (unknown) co_return refusal;
  co_return answer;
}

Task<Result<ResultSet>> Executor::RunInto(const Context& ctx, Session& session,
                                          const QueryExpr& query, const SelectInto& into) {
  Arena arena;
  std::vector<std::string> names;
  for (const Expr* variable : into.variables) names.push_back(UserVariable(variable));
  const bool all_known = std::none_of(names.begin(), names.end(),
                                      [](const std::string& name) { return name.empty(); });
  if (!all_known)
    co_return Error(Code::kInvalidArgument, "SELECT INTO takes user variables: @name")
        .WithMysql(1327, "42000");
  std::string text = sqlparser::ToString(WithoutInto(arena, query));
  CO_TRY(ResultSet rows, co_await RunLess(ctx, session, std::move(text)));
  CO_TRY_OK(rows.Decode());
  if (rows.fields.size() != names.size())
    co_return Error(Code::kInvalidArgument,
                    "The used SELECT statements have a different number of columns")
        .WithMysql(1222, "21000");
  const size_t count = rows.row_count();
  ResultSet done;
  if (count == 0) {
    sqltypes::Warning& warning = session.warnings.emplace_back();
    warning.code = 1329;
    warning.message = "No data - zero rows fetched, selected, or processed";
  } else {
    const std::span<const Value> row = std::as_const(rows).row(0);
    for (size_t i = 0; i < names.size(); ++i) session.user_variables[names[i]] = Stored(row[i]);
    done.affected_rows = 1;
  }
  session.row_count = static_cast<int64_t>(done.affected_rows);
  if (count > 1)
    co_return Error(Code::kInvalidArgument, "Result consisted of more than one row")
        .WithMysql(1172, "42000");
  co_return done;
}

// The rows as far as LIMIT lets them come, then their number without it.
Task<Result<ResultSet>> Executor::RunCounted(const Context& ctx, Session& session,
                                             const Select& select) {
  Arena arena;
  auto* plain = sqlparser::CopyNode(arena, &select);
  plain->options.sql_calc_found_rows = false;
  std::string text = sqlparser::ToString(plain);
  CO_TRY(ResultSet rows, co_await RunLess(ctx, session, std::move(text)));
  if (select.limit == nullptr) co_return rows;
  const int64_t row_count = session.row_count;
  const uint64_t insert_id = session.last_insert_id;
  auto* counted = sqlparser::CopyNode(arena, plain);
  counted->limit = nullptr;
  counted->order_by = {};
  counted->lock = sqlparser::LockMode::kNone;
  counted->more_locks = {};
  if (std::optional<Bare> bare = TakeEffects(arena, *counted))
    counted = sqlparser::CopyNode(arena, bare->select);
  if (CountsAsTables(*counted)) {
    CO_TRY(const Expr* count, sqlparser::ParseExpr(arena, "count(*)"));
    counted->items = sqlparser::MakeList<Node>(
        arena, std::vector<const Node*>(1, sqlparser::MakeSelectItem(arena, count)));
    text = sqlparser::ToString(counted);
    CO_TRY(ResultSet number, co_await ExecutePlanned(ctx, session, text));
    CO_TRY_OK(number.Decode());
    if (number.row_count() != 1) co_return Error(Code::kInternal, "count(*) gave no row");
    CO_TRY(session.found_rows, std::as_const(number).row(0)[0].ToUint64());
  } else {
    DiscardSink sink;
    text = sqlparser::ToString(counted);
    CO_TRY_OK(co_await ExecutePlanned(ctx, session, text, &sink));
  }
  session.row_count = row_count;
  session.last_insert_id = insert_id;
  co_return rows;
}

// Named locks exclude each other only where all sessions take them at one server: the first
// keyspace's, by name, that has the smallest keyspace id.
Task<Result<keys::Target>> Executor::SideTarget(const Context& ctx) {
  CO_TRY(const std::string keyspace, KeyspaceFor(Session(), std::string()));
  keys::TargetSelection selection;
  selection.keyspace = keyspace;
  selection.tablet_type = keys::TabletType::kPrimary;
  selection.destination = keys::Destination::OfId(std::string(1, '\0'));
  co_return co_await OneShard(ctx, selection);
}

Task<Result<>> Executor::OpenSide(const Context& ctx, Session& session) {
  const std::vector<std::string> state = internal::StateStatements(session);
  if (session.side != nullptr) {
    for (const std::string& statement : state) {
      CO_TRY_OK(co_await session.side->connection->Execute(ctx, statement));
    }
    co_return Ok{};
  }
  CO_TRY(const keys::Target target, co_await SideTarget(ctx));
  queryservice::Request request;
  request.target = &target;
  request.caller = &session.caller;
  request.options = &session.options;
  request.pre_queries = state;
  CO_TRY(auto tablet, co_await gateway_.Attach(ctx, request, keys::TabletAlias()));
  session.side = std::make_unique<SideConnection>();
  session.side->connection = std::make_unique<Attached>(target, std::move(tablet));
  co_return Ok{};
}

// The statement for the connection beside: what only the session knows is put in.
Result<std::string> Executor::SideText(const Session& session, const Statement& statement) const {
  Arena arena;
  const auto text_of = [&](const FuncCall& call) -> std::string {
    if (!call.qualifier.empty() || !call.args.empty()) return {};
    std::string out;
    if (call.name == "database" || call.name == "schema") {
      if (session.target.keyspace.empty()) return "null";
      sqltypes::AppendSql(Value(sqltypes::Type::kVarChar, session.target.keyspace), out);
    } else if (call.name == "version") {
      sqltypes::AppendSql(Value(sqltypes::Type::kVarChar, Version()), out);
    } else if (call.name == "connection_id") {
      out = fmt::format("cast({} as unsigned)", session.connection_id);
    } else if (call.name == "found_rows") {
      out = std::to_string(session.found_rows);
    } else if (call.name == "row_count") {
      out = std::to_string(session.row_count);
    }
    return out;
  };
  Result<> read = Ok{};
  const Node* ready = sqlparser::Rewrite(arena, &statement, [&](const Node* n) -> const Node* {
    const auto* call = n->As<FuncCall>();
    const std::string text = call == nullptr ? std::string() : text_of(*call);
    if (text.empty()) return n;
    Result<const Expr*> value = sqlparser::ParseExpr(arena, arena.Copy(text));
    if (value.ok()) return *value;
    read = std::move(value).error();
    return n;
  });
  TRY_OK(read);
  sqlparser::PrintOptions options;
  options.dialect = sqlparser::Dialect::kServer;
  options.name_columns = true;
  return sqlparser::ToString(ready, options);
}

namespace {

// Remembers the locks that the statement may take, and tells whether it is about locks at all.
bool NoteLocks(const Statement& statement, SideConnection& side) {
  bool any = false;
  sqlparser::Walk(&statement, [&](const Node& n) {
    const auto* call = n.As<FuncCall>();
    if (call == nullptr || !call->qualifier.empty()) return Visit::kContinue;
    if (call->name == "release_all_locks") {
      any = true;
      side.unknown_locks = false;
    }
    if (call->name == "release_lock") any = true;
    if (!(call->name == "get_lock") || call->args.size() != 2) return Visit::kContinue;
    any = true;
    const auto* name = call->args[0]->As<sqlparser::Literal>();
    if (name != nullptr && name->type == sqlparser::LiteralType::kString)
      side.locks.insert(std::string(name->text));
    else
      side.unknown_locks = true;
    return Visit::kContinue;
  });
  return any;
}

}  // namespace

// Forgets the locks that the connection does not hold.
Task<Result<>> Executor::NoteReleased(const Context& ctx, Session& session) {
  SideConnection& side = *session.side;
  if (side.locks.empty()) co_return Ok{};
  std::string sql;
  for (const std::string& name : side.locks) {
    sql += sql.empty() ? "select is_used_lock(" : ", is_used_lock(";
    sqltypes::AppendSql(Value(sqltypes::Type::kVarChar, name), sql);
    sql += ") <=> connection_id()";
  }
  CO_TRY(ResultSet held, co_await side.connection->Execute(ctx, sql));
  CO_TRY_OK(held.Decode());
  if (held.row_count() != 1 || held.fields.size() != side.locks.size())
    co_return Error(Code::kInternal, "the server did not tell which locks are held");
  size_t at = 0;
  std::erase_if(side.locks,
                [&](const std::string&) { return std::as_const(held).row(0)[at++].raw() != "1"; });
  co_return Ok{};
}

Task<Result<>> Executor::ReadSideVariables(const Context& ctx, Session& session,
                                           const Statement& statement) {
  std::set<std::string> names;
  bool insert_id = false;
  sqlparser::Walk(&statement, [&](const Node& n) {
    if (const auto* assignment = n.As<AssignmentExpr>())
      names.insert(UserVariable(assignment->target));
    insert_id = insert_id || SetsInsertId(n);
    return Visit::kContinue;
  });
  names.erase(std::string());
  if (names.empty() && !insert_id) co_return Ok{};
  std::string sql = "select last_insert_id()";
  for (const std::string& name : names) {
    sql += ", @";
    sqlparser::AppendIdentifier(sql, name);
  }
  CO_TRY(ResultSet values, co_await session.side->connection->Execute(ctx, sql));
  CO_TRY_OK(values.Decode());
  if (values.row_count() != 1 || values.fields.size() != names.size() + 1)
    co_return Error(Code::kInternal, "the server did not tell the user variables");
  const std::span<const Value> row = std::as_const(values).row(0);
  if (insert_id) {
    CO_TRY(session.last_insert_id, row[0].ToUint64());
  }
  size_t at = 1;
  for (const std::string& name : names) session.user_variables[name] = Stored(row[at++]);
  co_return Ok{};
}

Task<Result<ResultSet>> Executor::RunOnSide(const Context& ctx, Session& session,
                                            const Statement& statement) {
  CO_TRY(const std::string sql, SideText(session, statement));
  session.reached_shards = true;
  Result<> ready = co_await OpenSide(ctx, session);
  Result<ResultSet> answer = ResultSet();
  if (ready.ok()) {
    const bool about_locks = NoteLocks(statement, *session.side);
    answer = co_await session.side->connection->Execute(ctx, sql);
    if (answer.ok()) ready = co_await ReadSideVariables(ctx, session, statement);
    const bool asks = ready.ok() && about_locks && !session.side->connection->lost();
    if (asks) ready = co_await NoteReleased(ctx, session);
  }
  if (!ready.ok()) answer = std::move(ready).error();
  const bool keep =
      session.side != nullptr && !session.side->connection->lost() && session.side->holds_locks();
  if (!keep) session.side.reset();
  if (!answer.ok()) co_return answer;
  session.TakeWarnings(*answer);
  session.row_count = answer->fields.empty() ? 0 : -1;
  if (!answer->fields.empty()) session.found_rows = answer->row_count();
  co_return answer;
}

}  // namespace tessera::vtgate
