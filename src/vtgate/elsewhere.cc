// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "engine/schema_route.h"
#include "sqlparser/ast_expr.h"
#include "sqlparser/ast_program.h"
#include "sqlparser/ast_query.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/split.h"
#include "sqlparser/visitor.h"
#include "vtgate/executor.h"
#include "vtgate/internal/session_state.h"
#include "vtgate/internal/statement_values.h"

// Statements of attached sessions about other keyspaces: the server that such a session is at knows
// nothing of them, so the gate runs them as it would for a session without a connection of its own,
// in the same transaction, with the same settings and variables.
namespace tessera::vtgate {

using sqlparser::Statement;
using sqlparser::StatementKind;
using sqlparser::TableName;
using sqlparser::VariableScope;
using sqlparser::Visit;
using sqltypes::ResultSet;
using sqltypes::Value;

bool internal::Mentions(std::string_view text, std::string_view word) {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

namespace {

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

// Whether the text may be about another keyspace than `own`: a keyspace's name stands before a dot
// or a quote in it, or anywhere in a SHOW. Most texts are told apart from such by this alone.
bool MayNameOther(const vschema::VSchema& vschema, std::string_view own, std::string_view sql) {
  const bool anywhere = sqlparser::Preview(sql) == StatementKind::kShow;
  const bool quoted = internal::Mentions(sql, "information_schema");
  size_t at = 0;
  while (at < sql.size()) {
    size_t end = at;
    while (end < sql.size() && IsNameByte(sql[end])) ++end;
    const std::string_view word = sql.substr(at, end - at);
    at = end + 1;
    if (word.empty() || word == own) continue;
    const size_t after = sql.find_first_not_of(' ', end);
    const char next = after == std::string_view::npos ? '\0' : sql[after];
    const bool may =
        anywhere || next == '.' || next == '`' || (quoted && (next == '\'' || next == '"'));
    if (!may) continue;
    if (vschema.keyspaces().contains(word)) return true;
  }
  return false;
}

// What a statement names.
struct Named {
  bool other = false;   // tables of other keyspaces
  bool own = false;     // what can only be at the session's own server
  bool system = false;  // tables of system databases
};

class Names {
 public:
  Names(const vschema::VSchema& vschema, std::string_view own) : vschema_(vschema), own_(own) {}

  Named Of(const Statement& statement) {
    sqlparser::Walk(&statement, [&](const sqlparser::Node& n) {
      if (const auto* with = n.As<sqlparser::CommonTableExpr>()) local_.insert(with->name);
      return Visit::kContinue;
    });
    const auto* show = statement.As<sqlparser::Show>();
    if (show != nullptr) return OfShow(*show);
    sqlparser::Walk(&statement, [&](const sqlparser::Node& n) {
      if (const auto* table = n.As<TableName>()) Note(*table);
      return Visit::kContinue;
    });
    return named_;
  }

 private:
  void NoteDatabase(std::string_view name) {
    if (vschema::IsSystemDatabase(name)) {
      named_.system = true;
    } else if (name != own_ && vschema_.keyspaces().contains(name)) {
      named_.other = true;
    } else {
      named_.own = true;
    }
  }

  void Note(const TableName& table) {
    if (!table.database.empty()) return NoteDatabase(table.database);
    const bool nothing =
        local_.contains(table.name) || sqlparser::Ident::EqualNoCase(table.name, "dual");
    if (!nothing) named_.own = true;
  }

  Named OfShow(const sqlparser::Show& show) {
    if (show.type == sqlparser::ShowType::kCreateDatabase && show.table != nullptr) {
      NoteDatabase(show.table->name);
    } else if (!show.database.empty()) {
      NoteDatabase(show.database);
    } else if (show.table != nullptr) {
      Note(*show.table);
    } else if (const auto* condition = internal::DatabaseCondition(show)) {
      NoteDatabase(condition->right->Get<sqlparser::Literal>().text);
    }
    return named_;
  }

  const vschema::VSchema& vschema_;
  std::string_view own_;
  std::set<std::string_view> local_;  // names that WITH gives
  Named named_;
};

bool JoinsAny(const Session& session) {
  return std::any_of(session.shards.begin(), session.shards.end(),
                     [](const ShardSession& shard) { return shard.transaction_id != 0; });
}

bool ShowsDatabases(std::string_view sql) {
  if (!internal::Mentions(sql, "databases") && !internal::Mentions(sql, "schemas")) return false;
  Arena arena;
  const Result<const Statement*> statement = sqlparser::Parse(arena, sql);
  const auto* show = statement.ok() ? (*statement)->As<sqlparser::Show>() : nullptr;
  return show != nullptr && show->type == sqlparser::ShowType::kDatabases;
}

bool SetsAutocommit(std::string_view sql) {
  if (!internal::Mentions(sql, "autocommit")) return false;
  Arena arena;
  const Result<const Statement*> statement = sqlparser::Parse(arena, sql);
  const auto* set = statement.ok() ? (*statement)->As<sqlparser::SetStatement>() : nullptr;
  return set != nullptr && set->items.size() == 1 &&
         set->items[0]->variable->scope != VariableScope::kUser &&
         sqlparser::Ident::EqualNoCase(set->items[0]->variable->name.text, "autocommit");
}

// SHOW WARNINGS and its like, and queries of nothing but what the statement before has found or
// changed.
bool AsksOfLast(std::string_view sql) {
  const StatementKind kind = sqlparser::Preview(sql);
  const bool may = kind == StatementKind::kShow
                       ? internal::Mentions(sql, "warnings") || internal::Mentions(sql, "errors")
                       : kind == StatementKind::kSelect && (internal::Mentions(sql, "row_count") ||
                                                            internal::Mentions(sql, "found_rows") ||
                                                            internal::Mentions(sql, "_count"));
  if (!may) return false;
  Arena arena;
  const Result<const Statement*> statement = sqlparser::Parse(arena, sql);
  if (!statement.ok()) return false;
  if (const auto* show = (*statement)->As<sqlparser::Show>())
    return show->type == sqlparser::ShowType::kWarnings ||
           show->type == sqlparser::ShowType::kErrors;
  bool plain = (*statement)->Is<sqlparser::Select>();
  sqlparser::Walk(*statement, [&](const sqlparser::Node& n) {
    const auto* table = n.As<TableName>();
    const auto* variable = n.As<sqlparser::Variable>();
    if (table != nullptr && !sqlparser::Ident::EqualNoCase(table->name, "dual")) plain = false;
    if (variable != nullptr && variable->scope == VariableScope::kUser) plain = false;
    return plain ? Visit::kContinue : Visit::kStop;
  });
  return plain;
}

}  // namespace

// Databases are keyspaces, but for those that the server of the only keyspace may have besides.
bool Executor::DatabaseIsOfServer(std::string_view database_ddl) const {
  Session none;
  return serving_.vschema()->SingleKeyspace() != nullptr &&
         !AnswerDatabaseDdl(none, database_ddl).has_value();
}

bool Executor::RunsByGate(const Session& session, std::string_view sql) const {
  if (session.must_rollback) return true;
  const StatementKind kind = sqlparser::Preview(sql);
  if (internal::IsTransactionStatement(kind)) return JoinsAny(session);
  switch (kind) {
    case StatementKind::kDdl:
      return internal::ChangesDatabases(sql) && !DatabaseIsOfServer(sql);
    case StatementKind::kSet:
      return JoinsAny(session) && SetsAutocommit(sql);
    case StatementKind::kShow:
      if (serving_.vschema()->SingleKeyspace() == nullptr && ShowsDatabases(sql)) return true;
      return session.attached->apart().last && AsksOfLast(sql);
    default:
      return session.attached->apart().last && AsksOfLast(sql);
  }
}

bool Executor::NamesElsewhere(const Session& session, std::string_view sql) {
  if (session.attached == nullptr || session.target.destination) return false;
  const std::shared_ptr<const vschema::VSchema> vschema = serving_.vschema();
  const std::string& own = session.attached->target().keyspace;
  if (vschema->keyspaces().size() < 2 || !MayNameOther(*vschema, own, sql)) return false;
  const StatementKind kind = sqlparser::Preview(sql);
  if (kind == StatementKind::kSet) return false;
  Arena arena;
  const Result<const Statement*> statement = sqlparser::Parse(arena, sql);
  // What a stored program names is looked for when it runs, at its own server.
  if (!statement.ok() || (*statement)->Is<sqlparser::ProgramStatement>()) return false;
  const Named named = Names(*vschema, own).Of(**statement);
  if (named.own) return false;
  if (named.other) return true;
  return named.system && internal::IsPlanned(kind) && ComparesElsewhere(session, sql);
}

// Whether a query of information_schema is about another keyspace.
bool Executor::ComparesElsewhere(const Session& session, std::string_view sql) {
  const ScanLoan loan(scans_);
  if (!loan->fingerprint.Scan(sql, {}, &shapes_).ok()) return false;
  const auto plan = FindPlan(session, loan->fingerprint.text);
  if (!plan.ok()) return false;
  const auto* by_schema = dynamic_cast<const engine::SchemaRoute*>((*plan)->root.get());
  if (by_schema == nullptr) return false;
  Arena arena;
  sqltypes::BindVars vars = internal::VarsOf(loan->fingerprint, loan->list_items);
  return AddSessionVars(session, **plan, arena, vars).ok() &&
         !by_schema->StaysIn(session.attached->target().keyspace, vars);
}

namespace {

// Settings that are the gate's own matter, or a new value each time.
constexpr std::string_view kNotRead[] = {"autocommit",     "timestamp",  "insert_id",
                                         "last_insert_id", "rand_seed1", "rand_seed2"};

// What the gate keeps as more than a text.
bool IsOfTransactions(const sqlparser::SetItem& item) {
  const std::string name = AsciiLower(item.variable->name.text);
  return name == "transaction_isolation" || name == "tx_isolation" ||
         name == "transaction_read_only" || name == "tx_read_only";
}

void NoteSet(const sqlparser::SetStatement& set, std::set<std::string>& settings) {
  for (const sqlparser::SetItem* item : set.items) {
    const VariableScope scope = item->variable->scope;
    const bool of_session = scope == VariableScope::kNone || scope == VariableScope::kSession;
    if (!of_session || IsOfTransactions(*item)) continue;
    std::string name = AsciiLower(item->variable->name.text);
    if (std::find(std::begin(kNotRead), std::end(kNotRead), name) != std::end(kNotRead)) continue;
    if (name == "names" || name == "charset") {
      settings.insert({"character_set_client", "character_set_results", "collation_connection"});
    } else {
      // One thing by two names; the collation tells both.
      if (name == "character_set_connection") name = "collation_connection";
      settings.insert(std::move(name));
    }
  }
}

std::set<std::string> UserVariablesIn(std::string_view sql) {
  std::set<std::string> out;
  if (sql.find('@') == std::string_view::npos) return out;
  Arena arena;
  const Result<const Statement*> statement = sqlparser::Parse(arena, sql);
  if (!statement.ok()) return out;
  sqlparser::Walk(*statement, [&](const sqlparser::Node& n) {
    const auto* variable = n.As<sqlparser::Variable>();
    if (variable != nullptr && variable->scope == VariableScope::kUser)
      out.insert(AsciiLower(variable->name.text));
    return Visit::kContinue;
  });
  return out;
}

// A setting as the server has it, for the session.
Result<> TakeSetting(const std::string& name, const Value& value, Session& session) {
  if (name == "sql_mode") {
    TRY_OK(internal::CheckSqlMode(value.raw()));
  }
  if (name == "collation_connection") session.system_variables.erase("character_set_connection");
  std::string text;
  sqltypes::AppendSql(value, text);
  session.system_variables[name] = std::move(text);
  return Ok{};
}

}  // namespace

Task<Result<>> Executor::FollowAttached(const Context& ctx, Session& session,
                                        std::string_view sql) {
  const std::set<std::string> settings = session.attached->apart().settings;
  const std::set<std::string> variables = UserVariablesIn(sql);
  if (settings.empty() && variables.empty()) co_return Ok{};
  std::string ask;
  for (const std::string& name : settings)
    ask += (ask.empty() ? "select @@session." : ", @@session.") + name;
  for (const std::string& name : variables) {
    ask += ask.empty() ? "select @" : ", @";
    sqlparser::AppendIdentifier(ask, name);
  }
  CO_TRY(ResultSet rows, co_await session.attached->Execute(ctx, ask));
  CO_TRY_OK(rows.Decode());
  if (rows.row_count() != 1 || rows.fields.size() != settings.size() + variables.size())
    co_return Error(Code::kInternal, "the server did not tell the session's settings");
  const std::span<const Value> row = std::as_const(rows).row(0);
  size_t at = 0;
  for (const std::string& name : settings) {
    CO_TRY_OK(TakeSetting(name, row[at++], session));
  }
  for (const std::string& name : variables) {
    StoredValue& stored = session.user_variables[name];
    const Value& value = row[at++];
    stored = StoredValue();
    if (value.is_null()) continue;
    stored.type = value.type();
    stored.bytes = value.raw();
  }
  session.attached->apart().settings.clear();
  co_return Ok{};
}

void Executor::NoteByGate(Session& session, const Result<ResultSet>& result) {
  if (session.attached == nullptr) return;
  Attached::Apart& apart = session.attached->apart();
  apart.last = true;
  if (result.ok() && result->insert_id != 0) apart.insert_id = true;
}

Task<Result<>> Executor::BeforeRelay(const Context& ctx, Session& session, std::string_view sql) {
  CO_TRY_OK(co_await AwaitAttached(ctx, session));
  // DDL ends the transaction, and what has joined it elsewhere with it.
  const bool ends = sqlparser::Preview(sql) == StatementKind::kDdl && JoinsAny(session) &&
                    !internal::Mentions(sql, "temporary");
  if (ends) {
    CO_TRY_OK(co_await scatter_.Commit(ctx, session));
  }
  const bool asks = session.attached->apart().insert_id &&
                    (sql.empty() || internal::Mentions(sql, "last_insert_id") ||
                     internal::Mentions(sql, "identity"));
  if (asks) {
    const std::string set = fmt::format("set last_insert_id = {}", session.last_insert_id);
    CO_TRY_OK(co_await session.attached->Execute(ctx, set));
    session.attached->apart().insert_id = false;
  }
  co_return Ok{};
}

// What the session's own server was set to, by any statement of the text.
Task<Result<>> Executor::NoteSettings(const Context& ctx, Session& session,
                                      std::string_view texts) {
  std::string_view rest = texts;
  while (!rest.empty()) {
    const auto pieces = sqlparser::SplitFirst(rest);
    if (!pieces.ok()) break;
    const std::string_view text = pieces->first;
    rest = pieces->second;
    if (sqlparser::Preview(text) != StatementKind::kSet) continue;
    Arena arena;
    const Result<const Statement*> parsed = sqlparser::Parse(arena, text);
    const auto* set = parsed.ok() ? (*parsed)->As<sqlparser::SetStatement>() : nullptr;
    if (set == nullptr) continue;
    NoteSet(*set, session.attached->apart().settings);
    for (const sqlparser::SetItem* item : set->items) {
      const bool global = item->variable->scope == VariableScope::kGlobal;
      const bool next = item->variable->scope == VariableScope::kNextTx;
      if (global || next || !IsOfTransactions(*item)) continue;
      CO_TRY_OK(co_await SetOne(ctx, session, *item));
    }
  }
  co_return Ok{};
}

namespace {

// The gate lets a silent client go; its server alone would end the session's connection, and the
// client hear of it with its next statement.
Task<> FollowWaitTimeout(const Context& ctx, Session& session) {
  Result<sqltypes::ResultSet> rows =
      co_await session.attached->Execute(ctx, "select @@wait_timeout");
  if (!rows.ok() || !rows->Decode().ok() || rows->row_count() != 1) co_return;
  const Result<int64_t> seconds = std::as_const(*rows).row(0)[0].ToInt64();
  if (seconds.ok()) session.wait_timeout = std::chrono::seconds(*seconds);
}

}  // namespace

Task<Result<>> Executor::AfterRelay(const Context& ctx, Session& session, std::string_view sql,
                                    bool was_in_transaction, const RelayedEnd& end) {
  constexpr uint16_t kDeadlock = 1213;
  Attached::Apart& apart = session.attached->apart();
  apart.last = false;
  if (end.error_number == kDeadlock && JoinsAny(session)) {
    // The server has rolled back its part.
    co_await scatter_.Rollback(ctx, session);
  }
  if (!end.known) co_return Ok{};
  if (end.insert_id != 0) apart.insert_id = false;
  const StatementKind kind = sqlparser::Preview(sql);
  const bool saves = kind == StatementKind::kSavepoint ||
                     kind == StatementKind::kRollbackToSavepoint ||
                     kind == StatementKind::kReleaseSavepoint;
  const bool own = session.attached->in_transaction();
  if (saves && own) {
    // Shards that join later get those that hold.
    Arena arena;
    const Result<const Statement*> statement = sqlparser::Parse(arena, sql);
    if (statement.ok()) internal::NoteSavepoint(session, **statement);
  }
  if (!own && (was_in_transaction || !JoinsAny(session)) &&
      (!session.shards.empty() || !session.savepoints.empty())) {
    CO_TRY_OK(co_await scatter_.Commit(ctx, session));
  }
  session.in_transaction = own || JoinsAny(session);
  const bool matters = serving_.vschema()->keyspaces().size() > 1;
  // A SET may stand behind other statements of the text.
  const bool may_set = kind == StatementKind::kSet || sql.find(';') != std::string_view::npos;
  if (matters && may_set && internal::Mentions(sql, "set")) {
    CO_TRY_OK(co_await NoteSettings(ctx, session, sql));
  }
  if (may_set && internal::Mentions(sql, "wait_timeout")) co_await FollowWaitTimeout(ctx, session);
  co_return Ok{};
}

}  // namespace tessera::vtgate
