// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "sqlparser/ast_account.h"
#include "sqlparser/ast_admin.h"
#include "sqlparser/ast_program.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/visitor.h"
#include "vtgate/executor.h"
#include "vtgate/internal/session_exec.h"
#include "vtgate/internal/session_state.h"

// Statements about the session itself, but for SET: transactions, USE, what one server answers.
namespace tessera::vtgate {

using planner::Unsupported;
using sqlparser::Ident;
using sqlparser::Statement;
using sqltypes::ResultSet;

Task<Result<>> Executor::Begin(const Context& ctx, Session& session,
                               const sqlparser::Begin& begin) {
  CO_TRY_OK(co_await scatter_.Commit(ctx, session));
  session.options.access_modes.clear();
  if (begin.consistent_snapshot)
    session.options.access_modes.push_back(queryservice::AccessMode::kConsistentSnapshot);
  if (begin.read_only) session.options.access_modes.push_back(queryservice::AccessMode::kReadOnly);
  if (begin.read_write)
    session.options.access_modes.push_back(queryservice::AccessMode::kReadWrite);
  if (session.read_only && !begin.read_only && !begin.read_write)
    session.options.access_modes.push_back(queryservice::AccessMode::kReadOnly);
  session.in_transaction = true;
  if (session.attached != nullptr) {
    const std::string sql = sqlparser::ToString(&begin);
    CO_TRY_OK(co_await session.attached->Execute(ctx, sql));
    co_return Ok{};
  }
  // Elsewhere a shard's transaction begins with the first statement that needs it; this one asks
  // for the rows of now.
  if (!begin.consistent_snapshot || !HasOneServer(session)) co_return Ok{};
  const Result<ResultSet> begun =
      co_await PassOn(ctx, session, std::string(), "select 1 from dual");
  if (begun.ok()) co_return Ok{};
  co_await scatter_.Rollback(ctx, session);
  co_return begun.error();
}

namespace {

// The statement that has made the savepoint, among those that hold; the end when none has.
std::vector<std::string>::iterator FindSavepoint(Session& session, const Ident& name) {
  sqlparser::Savepoint made;
  made.name = name;
  const std::string text = sqlparser::ToString(&made);
  return std::find_if(session.savepoints.begin(), session.savepoints.end(),
                      [&](const std::string& each) { return Ident::EqualNoCase(each, text); });
}

Ident SavepointName(const Statement& statement) {
  if (const auto* back = statement.As<sqlparser::RollbackToSavepoint>()) return back->name;
  if (const auto* release = statement.As<sqlparser::ReleaseSavepoint>()) return release->name;
  return statement.Get<sqlparser::Savepoint>().name;
}

}  // namespace

bool internal::NoteSavepoint(Session& session, const Statement& statement) {
  const auto at = FindSavepoint(session, SavepointName(statement));
  const bool known = at != session.savepoints.end();
  if (statement.Is<sqlparser::Savepoint>()) {
    if (known) session.savepoints.erase(at);
    session.savepoints.push_back(sqlparser::ToString(&statement));
    return true;
  }
  if (!known) return false;
  // Those made later are gone; a release takes the savepoint itself as well.
  const bool stays = statement.Is<sqlparser::RollbackToSavepoint>();
  session.savepoints.erase(stays ? at + 1 : at, session.savepoints.end());
  return true;
}

Task<Result<>> Executor::Savepoint(const Context& ctx, Session& session,
                                   const Statement& statement) {
  if (!session.autocommit) session.in_transaction = true;
  const bool makes = statement.Is<sqlparser::Savepoint>();
  if (!session.in_transaction && makes) co_return Ok{};
  const std::string sql = sqlparser::ToString(&statement);
  bool asked = false;  // a server, which knows whether there is such a savepoint
  if (session.in_transaction) {
    asked = session.attached != nullptr || !session.shards.empty();
    if (session.attached != nullptr) {
      CO_TRY_OK(co_await session.attached->Execute(ctx, sql));
    }
    CO_TRY_OK(co_await scatter_.OnOpenShards(ctx, session, sql));
  }
  // Shards that join later get those that hold.
  const bool known = session.in_transaction && internal::NoteSavepoint(session, statement);
  if (known || asked) co_return Ok{};
  co_return Errorf(Code::kNotFound, "SAVEPOINT {} does not exist", SavepointName(statement).text)
      .WithMysql(1305, "42000");
}

namespace {

constexpr uint16_t kNotSupportedYet = 1235;

// Statements of the server alone.
bool IsOfServer(const Statement& statement) {
  return statement.Is<sqlparser::Call>() || statement.Is<sqlparser::ProgramStatement>() ||
         statement.Is<sqlparser::AdminStatement>();
}

bool IsMaintenance(const Statement& statement) {
  return statement.Is<sqlparser::Analyze>() || statement.Is<sqlparser::MaintainTables>() ||
         statement.Is<sqlparser::CreateUser>() || statement.Is<sqlparser::DropUser>() ||
         statement.Is<sqlparser::Grant>();
}

}  // namespace

// The keyspace that all tables of a statement are in, as they are named; empty when none is named
// and none is in use.
Result<std::string> Executor::KeyspaceOfTables(const Session& session,
                                               const Statement& statement) const {
  // What a stored program names is looked for when it runs.
  if (statement.Is<sqlparser::ProgramStatement>()) return session.target.keyspace;
  std::optional<std::string_view> one;
  bool several = false;
  sqlparser::Walk(&statement, [&](const sqlparser::Node& n) {
    const auto* table = n.As<sqlparser::TableName>();
    if (table == nullptr || vschema::IsSystemDatabase(table->database)) {
      return sqlparser::Visit::kContinue;
    }
    const std::string_view name =
        table->database.empty() ? std::string_view(session.target.keyspace) : table->database;
    several = several || (one && *one != name);
    one = name;
    return several ? sqlparser::Visit::kStop : sqlparser::Visit::kContinue;
  });
  if (several) return Unsupported("tables of several keyspaces");
  if (!one || *one == session.target.keyspace) return session.target.keyspace;
  TRY(const vschema::Keyspace* keyspace,
      serving_.vschema()->FindKeyspace(*one, session.target.tablet_type));
  return keyspace->name;
}

// Whether the server that a statement's tables are at is the only one of its keyspace.
bool Executor::IsForOneServer(const Session& session, const Statement& statement) const {
  const Result<std::string> named = KeyspaceOfTables(session, statement);
  if (!named.ok() || *named == session.target.keyspace) return HasOneServer(session);
  const Result<const vschema::Keyspace*> keyspace =
      serving_.vschema()->FindKeyspace(*named, session.target.tablet_type);
  return keyspace.ok() && !(*keyspace)->sharded;
}

// To any shard of the keyspace that its tables are in: as it came where it means the same there.
Task<Result<ResultSet>> Executor::PassOnStatement(const Context& ctx, Session& session,
                                                  const Statement& statement,
                                                  std::string_view sql) {
  planner::PlanInput input;
  input.vschema = serving_.vschema();
  input.target = session.target;
  std::string text(sql);
  if (!planner::IsForOneServer(input, statement)) {
    text = planner::ServerText(statement);
  }
  CO_TRY(const std::string keyspace, KeyspaceOfTables(session, statement));
  co_return co_await PassOn(ctx, session, keyspace, std::move(text));
}

Task<Result<ResultSet>> Executor::ExecuteOther(const Context& ctx, Session& session,
                                               std::string_view sql) {
  Arena arena;
  CO_TRY(const Statement* statement, sqlparser::Parse(arena, sql));
  ResultSet done;
  session.row_count = 0;
  if (const auto* begin = statement->As<sqlparser::Begin>()) {
    CO_TRY_OK(co_await Begin(ctx, session, *begin));
    co_return done;
  }
  if (statement->Is<sqlparser::Commit>()) {
    CO_TRY_OK(co_await scatter_.Commit(ctx, session, &session.warnings));
    co_return done;
  }
  if (statement->Is<sqlparser::Rollback>()) {
    co_await scatter_.Rollback(ctx, session, &session.warnings);
    co_return done;
  }
  if (statement->Is<sqlparser::Savepoint>() || statement->Is<sqlparser::RollbackToSavepoint>() ||
      statement->Is<sqlparser::ReleaseSavepoint>()) {
    CO_TRY_OK(co_await Savepoint(ctx, session, *statement));
    co_return done;
  }
  if (const auto* set = statement->As<sqlparser::SetStatement>()) {
    CO_TRY_OK(co_await Set(ctx, session, *set));
    co_return done;
  }
  if (const auto* use = statement->As<sqlparser::Use>()) {
    // Servers cannot read USE without a name; Vitess's gates take it for none.
    if (use->target.empty() && session.may_attach)
      co_return Error(Code::kInvalidArgument, "You have an error in your SQL syntax near 'use'")
          .WithMysql(1064, "42000");
    CO_TRY_OK(UseTarget(session, use->target));
    co_return done;
  }
  if (const auto* show = statement->As<sqlparser::Show>()) {
    co_return co_await Show(ctx, session, *show, sql);
  }
  if (const auto* kill = statement->As<sqlparser::Kill>()) {
    CO_TRY_OK(co_await Kill(ctx, session, *kill));
    co_return done;
  }
  if (const auto* vexplain = statement->As<sqlparser::Vexplain>()) {
    if (vexplain->type == sqlparser::VexplainType::kPlan)
      co_return VexplainPlan(session, *vexplain);
    if (vexplain->type == sqlparser::VexplainType::kQueries) {
      co_return co_await VexplainQueries(ctx, session, *vexplain);
    }
    co_return planner::Unsupported("VEXPLAIN other than PLAN and QUERIES");
  }
  if (statement->Is<sqlparser::CommentOnly>()) co_return done;
  const bool own_server = session.may_attach && HasOneServer(session);
  const bool locks =
      statement->Is<sqlparser::LockTables>() || statement->Is<sqlparser::UnlockTables>();
  if (locks && !own_server) {
    if (statement->Is<sqlparser::LockTables>()) {
      sqltypes::Warning& warning = session.warnings.emplace_back();
      warning.code = kNotSupportedYet;
      warning.message =
          "LOCK TABLES has locked nothing: the session has no connection that could hold locks";
    }
    co_return done;
  }
  const bool anywhere = statement->Is<sqlparser::Explain>() ||
                        statement->Is<sqlparser::ExplainTable>() ||
                        statement->Is<sqlparser::DoStatement>();
  // A connection of the pool will do, unless what it does should last.
  const bool leaves_nothing = statement->Is<sqlparser::Signal>() || IsMaintenance(*statement);
  if (statement->Is<sqlparser::DoStatement>()) {
    const std::string_view bound = planner::BoundToConnection(*statement);
    // A connection of the pool would keep what the statement does for whoever is next.
    if (!bound.empty() && (HasOneServer(session) || !session.may_attach))
      co_return Unsupported(bound);
    if (!bound.empty()) {
      co_return co_await RunOnSide(ctx, session, *statement);
    }
  }
  if (session.may_attach && !own_server) {
    if (const auto* prepare = statement->As<sqlparser::Prepare>()) {
      CO_TRY_OK(co_await PrepareNamed(ctx, session, *prepare));
      co_return done;
    }
    if (const auto* execute = statement->As<sqlparser::Execute>()) {
      co_return co_await ExecuteNamed(ctx, session, *execute);
    }
    if (const auto* deallocate = statement->As<sqlparser::Deallocate>()) {
      CO_TRY_OK(DeallocateNamed(session, *deallocate));
      co_return done;
    }
  }
  if (anywhere || ((leaves_nothing || !own_server) && IsOfServer(*statement) &&
                   IsForOneServer(session, *statement))) {
    co_return co_await PassOnStatement(ctx, session, *statement, sql);
  }
  co_return Unsupported("statement " + std::string(sqlparser::KindName(statement->kind)));
}

}  // namespace tessera::vtgate
