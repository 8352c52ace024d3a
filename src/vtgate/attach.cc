// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <optional>

#include "mysqlwire/protocol.h"
#include "sqlparser/ast_ddl.h"
#include "sqlparser/ast_session.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/rewrite.h"
#include "vtgate/executor.h"
#include "vtgate/internal/scatter_call.h"
#include "vtgate/internal/session_exec.h"
#include "vtgate/internal/session_state.h"
#include "vtgate/internal/statement_values.h"

// Sessions with a connection of their own.
namespace tessera::vtgate {

using sqlparser::StatementKind;

namespace {

constexpr uint16_t kParseError = 1064;
constexpr size_t kLongText =
    8 << 20;  // a message's limit is 16 MB, whatever stands around the text
constexpr uint16_t kUnknownDatabase = 1049;

// Settings that are the gate's own, whatever server answers.
constexpr std::string_view kGateSettings[] = {"workload",
                                              "transaction_mode",
                                              "query_timeout",
                                              "client_found_rows",
                                              "session_track_gtids",
                                              "resultset_metadata",
                                              "read_after_write_gtid",
                                              "read_after_write_timeout",
                                              "ddl_strategy",
                                              "migration_context",
                                              "transaction_timeout",
                                              "enable_system_settings",
                                              "skip_query_plan_cache"};

bool SetsGate(const sqlparser::SetStatement& set) {
  return std::any_of(set.items.begin(), set.items.end(), [](const sqlparser::SetItem* item) {
    const auto same = [&](std::string_view name) {
      return sqlparser::Ident::EqualNoCase(item->variable->name.text, name);
    };
    return item->variable->scope == sqlparser::VariableScope::kVitessMetadata ||
           std::any_of(std::begin(kGateSettings), std::end(kGateSettings), same);
  });
}

bool ShowsGate(const sqlparser::Show& show) {
  switch (show.type) {
    case sqlparser::ShowType::kKeyspaces:
    case sqlparser::ShowType::kVschemaKeyspaces:
    case sqlparser::ShowType::kVschemaTables:
    case sqlparser::ShowType::kVschemaVindexes:
    case sqlparser::ShowType::kVitessTarget:
    case sqlparser::ShowType::kVitessTablets:
    case sqlparser::ShowType::kVitessShards:
    case sqlparser::ShowType::kProcesslist:
      return true;
    default:
      return false;
  }
}

// What only the gate can answer. Texts that it cannot read are the server's.
bool IsForGate(std::string_view sql) {
  const StatementKind kind = sqlparser::Preview(sql);
  if (kind == StatementKind::kVexplain || kind == StatementKind::kRevert ||
      kind == StatementKind::kUse || kind == StatementKind::kKill)
    return true;
  if (kind == StatementKind::kDdl) return internal::AltersVschema(sql);
  if (kind != StatementKind::kSet && kind != StatementKind::kShow) return false;
  Arena arena;
  const Result<const sqlparser::Statement*> statement = sqlparser::Parse(arena, sql);
  if (!statement.ok()) return false;
  if (const auto* set = (*statement)->As<sqlparser::SetStatement>()) return SetsGate(*set);
  const auto* show = (*statement)->As<sqlparser::Show>();
  return show != nullptr && ShowsGate(*show);
}

}  // namespace

bool internal::IsTransactionStatement(StatementKind kind) {
  switch (kind) {
    case StatementKind::kBegin:
    case StatementKind::kCommit:
    case StatementKind::kRollback:
    case StatementKind::kSavepoint:
    case StatementKind::kRollbackToSavepoint:
    case StatementKind::kReleaseSavepoint:
      return true;
    default:
      return false;
  }
}

bool Executor::IsForSession(std::string_view sql) {
  return internal::IsTransactionStatement(sqlparser::Preview(sql)) || IsForGate(sql);
}

namespace {

std::string_view IsolationText(queryservice::Isolation isolation) {
  switch (isolation) {
    case queryservice::Isolation::kRepeatableRead:
      return "repeatable read";
    case queryservice::Isolation::kReadCommitted:
      return "read committed";
    case queryservice::Isolation::kReadUncommitted:
      return "read uncommitted";
    case queryservice::Isolation::kSerializable:
      return "serializable";
    default:
      return "";
  }
}

}  // namespace

queryservice::Isolation internal::LastingIsolation(const Session& session) {
  return session.isolation_after.value_or(session.options.isolation);
}

bool internal::LastingReadOnly(const Session& session) {
  return session.read_only_after.value_or(session.read_only);
}

std::vector<std::string> internal::StateStatements(const Session& session) {
  std::vector<std::string> out;
  if (std::string settings = session.SettingsSql(); !settings.empty())
    out.push_back(std::move(settings));
  if (const std::string_view level = IsolationText(LastingIsolation(session)); !level.empty())
    out.push_back(fmt::format("set session transaction isolation level {}", level));
  for (const auto& [name, value] : session.user_variables) {
    std::string set = "set @";
    sqlparser::AppendIdentifier(set, name);
    set += " = ";
    sqltypes::AppendSql(value.view(), set);
    out.push_back(std::move(set));
  }
  if (session.tracked_settings) {
    std::string set = "set session_track_system_variables = ";
    sqltypes::AppendSql(sqltypes::Value(sqltypes::Type::kVarChar, session.tracked_settings->text),
                        set);
    out.push_back(std::move(set));
  }
  if (session.last_insert_id != 0)
    out.push_back(fmt::format("set last_insert_id = {}", session.last_insert_id));
  if (LastingReadOnly(session)) out.push_back("set session transaction read only");
  if (!session.autocommit) out.push_back("set autocommit = 0");
  // A transaction that has begun has what was chosen for it.
  if (!session.shards.empty()) return out;
  const std::string_view next = IsolationText(session.options.isolation);
  if (session.isolation_after && !next.empty())
    out.push_back(fmt::format("set transaction isolation level {}", next));
  if (session.read_only_after)
    out.push_back(session.read_only ? "set transaction read only" : "set transaction read write");
  return out;
}

bool Executor::PassesOn(const Session& session, std::string_view sql) {
  return IsAttachedHere(session) && !IsForGate(sql) && !RunsByGate(session, sql) &&
         !NamesElsewhere(session, sql);
}

namespace {

bool NamesShard(const keys::Destination& destination, std::string_view shard) {
  return destination.kind() == keys::Destination::Kind::kShard && destination.shard() == shard;
}

}  // namespace

bool Executor::IsAttachedHere(const Session& session) const {
  if (session.attached == nullptr) return false;
  const Result<keys::TargetSelection> selection = AttachSelection(session);
  if (!selection.ok()) return false;
  const keys::Target& own = session.attached->target();
  return selection->keyspace == own.keyspace && selection->tablet_type == own.tablet_type &&
         (!selection->destination || NamesShard(*selection->destination, own.shard));
}

// A keyspace of one shard, or the shard that the client chose.
Result<keys::TargetSelection> Executor::AttachSelection(const Session& session) const {
  keys::TargetSelection out = session.target;
  const std::shared_ptr<const vschema::VSchema> vschema = serving_.vschema();
  if (out.keyspace.empty() || vschema::IsSystemDatabase(out.keyspace)) {
    const vschema::Keyspace* only = vschema->SingleKeyspace();
    if (only == nullptr) return Error(Code::kFailedPrecondition, "no keyspace is in use");
    out.keyspace = only->name;
  }
  TRY(const vschema::Keyspace* keyspace, vschema->FindKeyspace(out.keyspace, out.tablet_type));
  if (keyspace->sharded && !out.destination)
    return Errorf(Code::kUnimplemented, "keyspace {} has several shards", out.keyspace);
  return out;
}

bool Executor::CanAttach(const Session& session, const Error& error, std::string_view sql) {
  if (!session.may_attach || session.must_rollback || NamesElsewhere(session, sql)) return false;
  // A query whose answer is too long for one call has changed nothing, and a statement that is too
  // long was not sent: an attached session takes both.
  const bool may_repeat = IsTooLarge(error) && (sqlparser::Preview(sql) == StatementKind::kSelect ||
                                                sql.size() > kLongText);
  if (session.reached_shards && !may_repeat) return false;
  if (session.attached != nullptr && !IsAttachedHere(session)) return false;
  if (!AttachSelection(session).ok()) return false;
  const StatementKind kind = sqlparser::Preview(sql);
  const bool alone = serving_.vschema()->SingleKeyspace() != nullptr;
  if (kind == StatementKind::kVexplain || kind == StatementKind::kRevert) return false;
  if (may_repeat) return true;
  if (error.code() == Code::kUnimplemented) return alone || !internal::ChangesDatabases(sql);
  if (error.mysql_errno() == kParseError) return true;
  // Where there is one keyspace, names that it does not know may be databases of its server.
  return alone && (error.code() == Code::kNotFound || error.mysql_errno() == kUnknownDatabase);
}

Task<Result<keys::Target>> Executor::OneShard(const Context& ctx,
                                              const keys::TargetSelection& selection) {
  Session none;
  none.target = selection;
  SessionExec exec(*this, none);
  const keys::Destination destination =
      selection.destination.value_or(keys::Destination::AnyShard());
  CO_TRY(const std::vector<std::string> shards,
         co_await exec.Resolve(ctx, selection.keyspace, destination));
  if (shards.size() != 1)
    co_return Errorf(Code::kFailedPrecondition, "{} names {} shards: a session of its own has one",
                     selection.ToString(), shards.size());
  keys::Target target;
  target.keyspace = selection.keyspace;
  target.shard = shards.front();
  target.tablet_type = selection.tablet_type;
  co_return target;
}

Task<Result<>> Executor::Attach(const Context& ctx, Session& session,
                                const mysqlconn::Session& client) {
  CO_TRY(const keys::TargetSelection selection, AttachSelection(session));
  CO_TRY(const keys::Target target, co_await OneShard(ctx, selection));
  std::vector<std::string> state = internal::StateStatements(session);
  queryservice::Request request;
  request.target = &target;
  request.caller = &session.caller;
  request.options = &session.options;
  keys::TabletAlias alias;
  if (const ShardSession* shard = internal::FindShard(session, target)) {
    // Its transaction goes on there.
    request.transaction_id = shard->transaction_id;
    request.reserved_id = shard->reserved_id;
    alias = shard->alias;
  } else if (session.in_transaction) {
    state.push_back("begin");
    state.insert(state.end(), session.savepoints.begin(), session.savepoints.end());
  }
  request.pre_queries = state;
  CO_TRY(auto tablet, co_await gateway_.Attach(ctx, request, alias));
  std::erase_if(session.shards, [&](const ShardSession& s) { return s.target == target; });
  session.attached = std::make_unique<Attached>(target, std::move(tablet));
  const Result<> ready = co_await MakeReady(ctx, session, client);
  if (ready.ok()) co_return ready;
  // The transaction, if one was open, has gone over to the connection and ends with it.
  session.must_rollback = session.in_transaction;
  session.attached.reset();
  co_return ready;
}

// What is left to do on a connection that is the session's own now.
Task<Result<>> Executor::MakeReady(const Context& ctx, Session& session,
                                   const mysqlconn::Session& client) {
  if (client.multi_statements) {
    CO_TRY_OK(co_await session.attached->AllowSeveralStatements(ctx, true));
  }
  if (!vschema::IsSystemDatabase(session.target.keyspace)) co_return Ok{};
  const std::string use = "use " + session.target.keyspace;
  CO_TRY_OK(co_await session.attached->Execute(ctx, use));
  co_return Ok{};
}

namespace {

// What an attached session's statements may name that is called otherwise at its server.
struct OwnNames {
  const std::string& keyspace;
  const std::string& database;
  uint32_t connection_id = 0;
  std::span<const mysqlwire::QueryAttribute> attributes;
};

bool NamesDatabase(std::string_view sql, const OwnNames& own) {
  return own.keyspace != own.database &&
         (internal::Mentions(sql, own.keyspace) || internal::Mentions(sql, "database") ||
          internal::Mentions(sql, "schema"));
}

// What is stored at the server asks for the id of whoever runs it.
bool AsksConnectionId(std::string_view sql) {
  return internal::Mentions(sql, "connection_id") && sqlparser::Preview(sql) != StatementKind::kDdl;
}

bool AsksAttribute(std::string_view sql) {
  return internal::Mentions(sql, "mysql_query_attribute_string");
}

// As SQL that reads the same in every sql_mode.
std::string AttributeSql(const OwnNames& own, std::string_view name) {
  for (const mysqlwire::QueryAttribute& attribute : own.attributes) {
    if (attribute.name != name || attribute.value.is_null()) continue;
    std::string out = "_utf8mb4 x'";
    for (const char byte : attribute.value.raw())
      out += fmt::format("{:02x}", static_cast<uint8_t>(byte));
    return out + "'";
  }
  return "null";
}

bool IsNoArgCall(const sqlparser::FuncCall* call, std::string_view name) {
  return call != nullptr && call->qualifier.empty() && call->args.empty() && call->name == name;
}

// The statement as the server must read it, where the keyspace's database or the connection has
// another name there. Nothing when it names neither: then it stays as it is, byte by byte.
std::optional<std::string> ForServer(std::string_view sql, const OwnNames& own) {
  const bool renames = NamesDatabase(sql, own);
  const bool asks_id = AsksConnectionId(sql);
  const bool asks_attribute = AsksAttribute(sql);
  if (!renames && !asks_id && !asks_attribute) return std::nullopt;
  Arena arena;
  const Result<const sqlparser::Statement*> statement = sqlparser::Parse(arena, sql);
  if (!statement.ok()) return std::nullopt;
  bool changed = false;
  const sqlparser::Node* rewritten = sqlparser::Rewrite(
      arena, *statement, [&](const sqlparser::Node* n) -> const sqlparser::Node* {
        const auto* table = n->As<sqlparser::TableName>();
        if (renames && table != nullptr && table->database == own.keyspace) {
          auto* copy = sqlparser::CopyNode(arena, table);
          copy->database = own.database;
          changed = true;
          return copy;
        }
        const auto* call = n->As<sqlparser::FuncCall>();
        std::string text;
        // Other databases keep their names, and NULL stays where none is in use.
        if (renames && (IsNoArgCall(call, "database") || IsNoArgCall(call, "schema")))
          text =
              fmt::format("if(database() = '{0}', '{1}', database())", own.database, own.keyspace);
        if (asks_id && IsNoArgCall(call, "connection_id"))
          text = fmt::format("cast({} as unsigned)", own.connection_id);
        const sqlparser::Expr* attribute = planner::AskedAttribute(*n);
        const auto* name = attribute != nullptr ? attribute->As<sqlparser::Literal>() : nullptr;
        if (name != nullptr) text = AttributeSql(own, name->text);
        if (text.empty()) return n;
        const Result<const sqlparser::Expr*> named = sqlparser::ParseExpr(arena, arena.Copy(text));
        if (!named.ok()) return n;
        changed = true;
        return *named;
      });
  if (!changed) return std::nullopt;
  sqlparser::PrintOptions options;
  options.dialect = sqlparser::Dialect::kServer;
  options.name_columns = true;
  options.question_marks = true;
  return sqlparser::ToString(rewritten, options);
}

}  // namespace

Task<Result<RelayedEnd>> Executor::Relay(const Context& ctx, Session& session,
                                         const mysqlconn::Session& client, std::string_view packet,
                                         bool more, mysqlconn::ResultWriter& writer) {
  StatementRun run;
  run.began = tessera::Executor::Current().Now();
  // Commands that are no text have bytes that nobody should see in a log.
  run.sql = packet.front() == static_cast<char>(mysqlwire::Command::kQuery)
                ? packet.substr(1)
                : std::string_view("(command of a prepared statement)");
  run.relayed = true;
  session.plan.reset();
  session.ForgetWarnings();
  const bool is_text = packet.front() == static_cast<char>(mysqlwire::Command::kQuery);
  const bool prepares = packet.front() == static_cast<char>(mysqlwire::Command::kStmtPrepare);
  std::optional<std::string> rewritten;
  if (is_text || prepares) {
    const Attached& own = *session.attached;
    const OwnNames names{own.target().keyspace, own.about().database, session.connection_id,
                         session.query_attributes};
    rewritten = ForServer(packet.substr(1), names);
  }
  if (rewritten) {
    rewritten->insert(0, 1, packet.front());
    packet = *rewritten;
  }
  const std::string_view text = is_text ? packet.substr(1) : std::string_view();
  const StatementKind kind = is_text ? sqlparser::Preview(text) : StatementKind::kOther;
  const bool was_in_transaction = session.attached->in_transaction();
  Result<RelayedEnd> end = co_await session.attached->Relay(ctx, client, packet, more, writer);
  if (!end.ok()) {
    NoteRun(session, run, end.error());
    session.attached.reset();
    co_return end;
  }
  run.kind = kind;
  if (end->error_number == 0) {
    NoteRun(session, run, sqltypes::ResultSet());
  } else {
    NoteRun(session, run, Errorf(Code::kUnknown, "errno {}", end->error_number));
  }
  if (end->known) {
    if (end->insert_id != 0) session.last_insert_id = end->insert_id;
    session.autocommit = (end->status_flags & mysqlwire::kStatusAutocommit) != 0;
  }
  const RelayedEnd& told = *end;
  CO_TRY_OK(co_await AfterRelay(ctx, session, text, was_in_transaction, told));
  if (!end->known) co_return end;
  if (kind == StatementKind::kDdl) {
    const std::string keyspace = session.attached->target().keyspace;
    co_await TablesChanged(keyspace);
  }
  co_return end;
}

}  // namespace tessera::vtgate
