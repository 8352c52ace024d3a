// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "sqlparser/ast_expr.h"
#include "sqlparser/printer.h"
#include "sqlparser/rewrite.h"
#include "vschema/vschema.h"
#include "vtgate/executor.h"
#include "vtgate/internal/session_state.h"

// SHOW and VEXPLAIN.
namespace tessera::vtgate {

using Rows = std::vector<std::vector<std::string>>;
using sqlparser::ShowType;
using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

namespace {

// Rows whose first column passes SHOW ... LIKE.
ResultSet Filtered(const sqlparser::Show& show, const std::vector<std::string>& columns,
                   const Rows& rows) {
  Rows kept;
  for (const std::vector<std::string>& row : rows)
    if (!show.has_like || MatchesLike(row.front(), show.like)) kept.push_back(row);
  return TextRows(columns, kept);
}

// The column's texts are numbers of a type.
void MakeNumbers(ResultSet& rows, size_t column, Type type) {
  rows.fields[column].type = type;
  rows.fields[column].charset = 63;
  for (size_t i = 0; i < rows.row_count(); ++i) {
    Value& cell = rows.row(i)[column];
    cell = Value(type, cell.raw());
  }
}

std::string_view ForeignKeyText(vschema::ForeignKeyMode mode) {
  if (mode == vschema::ForeignKeyMode::kDisallow) return "disallow";
  return mode == vschema::ForeignKeyMode::kManaged ? "managed" : "unmanaged";
}

// Type, parameters and owner: the last columns of SHOW VSCHEMA VINDEXES.
void AddDefinition(const vschema::VindexRecord& vindex, std::vector<std::string>& row) {
  row.push_back(vindex.type);
  std::string params;
  for (const auto& [name, value] : vindex.params)
    params += (params.empty() ? "" : "; ") + name + "=" + value;
  row.push_back(std::move(params));
  row.push_back(vindex.owner);
}

std::string JoinColumns(const vschema::ColumnVindexRecord& use) {
  std::string text = use.column;
  for (const std::string& column : use.columns) text += (text.empty() ? "" : ", ") + column;
  return text;
}

// A number of a LIMIT, when it is one.
std::optional<size_t> NumberOf(const sqlparser::Expr* part) {
  const auto* literal = part == nullptr ? nullptr : part->As<sqlparser::Literal>();
  if (literal == nullptr) return std::nullopt;
  size_t number = 0;
  const char* const end = literal->text.data() + literal->text.size();
  const auto [at, error] = std::from_chars(literal->text.data(), end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

}  // namespace

Task<Result<ResultSet>> Executor::Show(const Context& ctx, Session& session,
                                       const sqlparser::Show& show, std::string_view sql) {
  session.tells_warnings = show.type == ShowType::kWarnings || show.type == ShowType::kErrors;
  if (!session.tells_warnings) session.ForgetWarnings();
  session.row_count = -1;
  const std::shared_ptr<const vschema::VSchema> vschema = serving_.vschema();
  Rows rows;
  switch (show.type) {
    case ShowType::kDatabases:
    case ShowType::kKeyspaces: {
      if (show.type == ShowType::kDatabases) {
        rows = co_await DatabasesOfServer(ctx, session);
      }
      if (rows.empty()) {
        for (const auto& [name, keyspace] : vschema->keyspaces()) rows.push_back({name});
      }
      std::string column = "Database";
      if (show.has_like) column += " (" + std::string(show.like) + ")";
      co_return Filtered(show, {column}, rows);
    }
    case ShowType::kVschemaKeyspaces:
      for (const auto& [name, keyspace] : vschema->keyspaces()) {
        rows.push_back({name, keyspace->sharded ? "true" : "false",
                        std::string(ForeignKeyText(keyspace->foreign_key_mode)),
                        keyspace->error ? keyspace->error->message() : ""});
      }
      co_return Filtered(show, {"Keyspace", "Sharded", "Foreign Key", "Comment"}, rows);
    case ShowType::kVschemaTables: {
      const std::string& name = session.target.keyspace;
      if (name.empty())
        co_return Error(Code::kFailedPrecondition,
                        "VT09005: no database selected: use keyspace<:shard> first")
            .WithMysql(1046, "3D000");
      CO_TRY(const vschema::Keyspace* keyspace, vschema->FindKeyspace(name));
      for (const auto& [table, record] : keyspace->tables) rows.push_back({table});
      co_return Filtered(show, {"Tables"}, rows);
    }
    case ShowType::kVschemaVindexes:
      co_return ShowVindexes(session, show);
    case ShowType::kVitessTarget:
      rows.push_back({session.target.ToString()});
      co_return Filtered(show, {"Target"}, rows);
    case ShowType::kWarnings:
    case ShowType::kErrors:
      co_return ShowWarnings(session, show);
    default:
      break;
  }
  if (show.type == ShowType::kVitessTablets) {
    co_return co_await ShowTablets(ctx, show);
  }
  if (show.type == ShowType::kProcesslist && options_.front != nullptr &&
      session.connection_id != 0) {
    co_return co_await ShowProcesslist(session, show);
  }
  if (show.type == ShowType::kVitessShards) {
    co_return co_await ShowShards(ctx, show);
  }
  co_return co_await ShowFromShard(ctx, session, show, sql);
}

// Of all keyspaces, or those that one table uses, in its order.
Result<ResultSet> Executor::ShowVindexes(const Session& session,
                                         const sqlparser::Show& show) const {
  const std::shared_ptr<const vschema::VSchema> vschema = serving_.vschema();
  const auto& keyspaces = vschema->record().keyspaces;
  Rows rows;
  if (show.table == nullptr) {
    for (const auto& [name, keyspace] : keyspaces) {
      for (const auto& [vindex, definition] : keyspace->vindexes)
        AddDefinition(definition, rows.emplace_back(std::vector<std::string>{name, vindex}));
    }
    return Filtered(show, {"Keyspace", "Name", "Type", "Params", "Owner"}, rows);
  }
  TRY(const std::string name, KeyspaceFor(session, std::string(show.table->database)));
  const auto found = keyspaces.find(name);
  const vschema::KeyspaceRecord keyspace =
      found == keyspaces.end() ? vschema::KeyspaceRecord() : *found->second;
  const auto table = keyspace.tables.find(show.table->name);
  if (table == keyspace.tables.end()) {
    return Errorf(Code::kNotFound, "VT05005: table '{}' does not exist in keyspace '{}'",
                  show.table->name, name)
        .WithMysql(1146, "42S02");
  }
  for (const vschema::ColumnVindexRecord& use : table->second.column_vindexes) {
    const auto definition = keyspace.vindexes.find(use.name);
    std::vector<std::string>& row = rows.emplace_back();
    row = {JoinColumns(use), use.name};
    AddDefinition(
        definition == keyspace.vindexes.end() ? vschema::VindexRecord() : definition->second, row);
  }
  return Filtered(show, {"Columns", "Name", "Type", "Params", "Owner"}, rows);
}

ResultSet Executor::ShowWarnings(const Session& session, const sqlparser::Show& show) {
  const bool errors_only = show.type == ShowType::kErrors;
  Rows rows;
  for (const sqltypes::Warning& warning : session.warnings)
    if (!errors_only || warning.level == "Error")
      rows.push_back({warning.level, std::to_string(warning.code), warning.message});
  if (show.count) {
    const std::string name = errors_only ? "@@session.error_count" : "@@session.warning_count";
    ResultSet counted = TextRows({name}, {{std::to_string(rows.size())}});
    MakeNumbers(counted, 0, Type::kInt64);
    return counted;
  }
  ResultSet out = TextRows({"Level", "Code", "Message"}, rows);
  MakeNumbers(out, 1, Type::kUint32);
  if (show.limit != nullptr) {
    const size_t most = out.row_count();
    out.KeepRows(NumberOf(show.limit->offset).value_or(0),
                 NumberOf(show.limit->count).value_or(most));
  }
  return out;
}

Task<Result<ResultSet>> Executor::ShowShards(const Context& ctx, const sqlparser::Show& show) {
  Rows rows;
  const std::shared_ptr<const vschema::VSchema> vschema = serving_.vschema();
  for (const auto& [name, keyspace] : vschema->keyspaces()) {
    const Result<discovery::ServingShards> serving =
        co_await serving_.Shards(ctx, name, keys::TabletType::kPrimary);
    if (!serving.ok()) continue;  // made, but not served yet
    for (const topo::ShardReference& shard : serving->shards)
      rows.push_back({name + "/" + shard.name});
  }
  co_return Filtered(show, {"Shards"}, rows);
}

Task<std::set<keys::TabletAlias>> Executor::UsableTablets(const Context& ctx) {
  std::set<keys::TabletAlias> out;
  for (const std::shared_ptr<discovery::TabletHealth>& entry : gateway_.health().All()) {
    if (!entry->usable()) continue;
    const keys::Target target = entry->health.target;
    const Result<discovery::ServingShards> serving =
        co_await serving_.Shards(ctx, target.keyspace, target.tablet_type);
    if (serving.ok()) out.insert(entry->tablet.alias);
  }
  co_return out;
}

// A tablet is shown to serve when it does so for every client, whichever loop the client is on.
Task<Result<ResultSet>> Executor::ShowTablets(const Context& ctx, const sqlparser::Show& show) {
  std::set<keys::TabletAlias> usable;
  if (options_.usable_everywhere) {
    usable = co_await options_.usable_everywhere();
  } else {
    usable = co_await UsableTablets(ctx);
  }
  Rows rows;
  for (const std::shared_ptr<discovery::TabletHealth>& entry : gateway_.health().All()) {
    const queryservice::Health& health = entry->health;
    const bool known = entry->up;
    const keys::TabletType type = known ? health.target.tablet_type : entry->tablet.type;
    rows.push_back({entry->tablet.alias.cell, entry->tablet.keyspace, entry->tablet.shard,
                    std::string(keys::TabletTypeUpperName(type)),
                    usable.contains(entry->tablet.alias) ? "SERVING" : "NOT_SERVING",
                    entry->tablet.alias.ToString(), entry->tablet.hostname,
                    std::to_string(health.primary_term_start)});
  }
  std::sort(rows.begin(), rows.end());
  co_return Filtered(show,
                     {"Cell", "Keyspace", "Shard", "TabletType", "State", "Alias", "Hostname",
                      "PrimaryTermStartTime"},
                     rows);
}

namespace {

// As servers show them.
void AddOwnSettings(const Session& session, std::map<std::string_view, std::string>& own) {
  own["autocommit"] = session.autocommit ? "ON" : "OFF";
  if (internal::LastingReadOnly(session)) own["tx_read_only"] = own["transaction_read_only"] = "ON";
  if (session.tracked_settings)
    own["session_track_system_variables"] = session.tracked_settings->text;
  if (session.wait_timeout) own["wait_timeout"] = std::to_string(session.wait_timeout->count());
  const std::string_view level = internal::IsolationName(internal::LastingIsolation(session));
  if (!level.empty()) own["tx_isolation"] = own["transaction_isolation"] = level;
}

// SHOW VARIABLES tells what the gate keeps of the session, not a pooled connection's.
Result<> ShowOwn(const std::map<std::string_view, std::string>& own, ResultSet& rows) {
  TRY_OK(rows.Decode());
  ResultSet out;
  out.fields = rows.fields;
  const ResultSet& theirs = rows;
  for (size_t i = 0; i < theirs.row_count(); ++i) {
    std::vector<Value> cells(theirs.row(i).begin(), theirs.row(i).end());
    for (Value& cell : cells) cell = cell.CopyTo(out.arena());
    const auto value = own.find(cells.front().raw());
    if (cells.size() == 2 && value != own.end())
      cells[1] = Value(cells[1].type(), out.arena().Copy(value->second));
    out.AppendRow(cells);
  }
  rows = std::move(out);
  return Ok{};
}

}  // namespace

// Where one unsharded keyspace is all there is, what its server has beside it can be used as well:
// its databases. Nothing elsewhere, or when the server does not tell.
Task<std::vector<std::vector<std::string>>> Executor::DatabasesOfServer(const Context& ctx,
                                                                        Session& session) {
  std::vector<std::vector<std::string>> out;
  const vschema::Keyspace* only = serving_.vschema()->SingleKeyspace();
  if (only == nullptr || only->sharded) co_return out;
  const std::string own = DatabaseOf(only->name);
  Result<ResultSet> told = co_await PassOn(ctx, session, only->name, "show databases");
  if (!told.ok() || !told->Decode().ok()) co_return out;
  for (size_t i = 0; i < told->row_count(); ++i) {
    const std::string_view name = std::as_const(*told).row(i)[0].raw();
    // Tablets keep their own records there.
    if (name != "_vt") out.push_back({name == own ? only->name : std::string(name)});
  }
  std::sort(out.begin(), out.end());
  co_return out;
}

// What the databases of a keyspace's servers are called; the keyspace's own name while no tablet
// has told.
std::string Executor::DatabaseOf(const std::string& keyspace) const {
  const auto tablets = gateway_.health().InKeyspace(keyspace);
  return tablets.empty() ? keyspace : (*tablets.begin())->tablet.db_name();
}

// The name of `db = 'name'`, which SHOW FUNCTION STATUS and the like are asked with.
const sqlparser::ComparisonExpr* internal::DatabaseCondition(const sqlparser::Show& show) {
  const sqlparser::ComparisonExpr* found = nullptr;
  std::vector<const sqlparser::Expr*> conjuncts;
  sqlparser::SplitAnd(show.where, conjuncts);
  for (const sqlparser::Expr* expr : conjuncts) {
    const auto* compare = expr->As<sqlparser::ComparisonExpr>();
    if (compare == nullptr || compare->op != sqlparser::CompareOp::kEqual) continue;
    const auto* column = compare->left->As<sqlparser::ColumnRef>();
    const auto* name = compare->right->As<sqlparser::Literal>();
    if (column != nullptr && name != nullptr && name->type == sqlparser::LiteralType::kString &&
        sqlparser::Ident::EqualNoCase(column->name.text, "db"))
      found = compare;
  }
  return found;
}

namespace {

void Rename(std::string_view from, std::string_view to, ResultSet& rows) {
  ResultSet out;
  out.fields = rows.fields;
  const ResultSet& theirs = rows;
  const std::string quoted = fmt::format("`{}`", from);
  for (size_t i = 0; i < theirs.row_count(); ++i) {
    std::vector<Value> cells(theirs.row(i).begin(), theirs.row(i).end());
    for (Value& cell : cells) {
      std::string text(cell.raw());
      const size_t at = text.find(quoted);
      if (text == from) text = to;
      if (at != std::string::npos) text.replace(at + 1, from.size(), to);
      cell = cell.is_null() ? Value() : Value(cell.type(), out.arena().Copy(text));
    }
    out.AppendRow(cells);
  }
  rows = std::move(out);
}

}  // namespace

// SHOW CREATE DATABASE names a keyspace; its servers' databases may be called otherwise.
Task<Result<ResultSet>> Executor::ShowCreateDatabase(const Context& ctx, Session& session,
                                                     const sqlparser::Show& show,
                                                     std::string_view sql) {
  const std::string keyspace(show.table->name);
  const bool system = vschema::IsSystemDatabase(keyspace);
  if (!system) {
    CO_TRY_OK(serving_.vschema()->FindKeyspace(keyspace));
  }
  const std::string database = system ? keyspace : DatabaseOf(keyspace);
  std::string text(sql);
  if (database != keyspace) {
    Arena arena;
    auto* copy = sqlparser::CopyNode(arena, &show);
    auto* name = sqlparser::CopyNode(arena, show.table);
    name->name = database;
    copy->table = name;
    text = planner::ServerText(*copy);
  }
  const std::string to = system ? std::string() : keyspace;
  CO_TRY(ResultSet rows, co_await PassOn(ctx, session, to, std::move(text)));
  if (database != keyspace) {
    CO_TRY_OK(rows.Decode());
    Rename(database, keyspace, rows);
  }
  co_return rows;
}

// SHOW ... WHERE Db = 'keyspace': asked there, of the database that it has there.
Task<Result<ResultSet>> Executor::ShowOfDatabase(const Context& ctx, Session& session,
                                                 const sqlparser::Show& show,
                                                 const sqlparser::ComparisonExpr* condition) {
  const std::string keyspace(condition->right->Get<sqlparser::Literal>().text);
  const std::string database = DatabaseOf(keyspace);
  Arena arena;
  auto* named = sqlparser::CopyNode(arena, &condition->right->Get<sqlparser::Literal>());
  named->text = database;
  const sqlparser::Node* there =
      sqlparser::Rewrite(arena, &show, [&](const sqlparser::Node* n) -> const sqlparser::Node* {
        return n == condition->right ? named : n;
      });
  CO_TRY(ResultSet rows, co_await PassOn(ctx, session, keyspace, planner::ServerText(*there)));
  if (database != keyspace) {
    CO_TRY_OK(rows.Decode());
    Rename(database, keyspace, rows);
  }
  co_return rows;
}

// Anything about tables and servers is asked of one shard: they are alike.
Task<Result<ResultSet>> Executor::ShowFromShard(const Context& ctx, Session& session,
                                                const sqlparser::Show& show, std::string_view sql) {
  if (show.type == ShowType::kCreateDatabase) {
    co_return co_await ShowCreateDatabase(ctx, session, show, sql);
  }
  const sqlparser::ComparisonExpr* condition = internal::DatabaseCondition(show);
  if (condition != nullptr &&
      serving_.vschema()->FindKeyspace(condition->right->Get<sqlparser::Literal>().text).ok()) {
    co_return co_await ShowOfDatabase(ctx, session, show, condition);
  }
  Arena arena;
  std::string keyspace(show.database);
  if (keyspace.empty() && show.table != nullptr) keyspace = show.table->database;
  if (keyspace.empty() && show.table != nullptr && session.target.keyspace.empty()) {
    CO_TRY(const vschema::Table* table, serving_.vschema()->FindTable({}, show.table->name));
    keyspace = table->keyspace->name;
  }
  if (keyspace.empty()) keyspace = session.target.keyspace;
  const bool needs_database = show.type == ShowType::kTables;
  if (keyspace.empty() && needs_database)
    co_return Error(Code::kFailedPrecondition,
                    "VT09005: no database selected: use keyspace<:shard>")
        .WithMysql(1046, "3D000");
  const bool system = vschema::IsSystemDatabase(keyspace);
  if (!keyspace.empty() && !system) {
    CO_TRY_OK(serving_.vschema()->FindKeyspace(keyspace));
  }
  auto* copy = sqlparser::CopyNode(arena, &show);
  // A shard's database is the one in use there; system databases have the same name everywhere.
  copy->database =
      system && (needs_database || !show.database.empty()) ? keyspace : std::string_view();
  sqlparser::PrintOptions options;
  options.dialect = sqlparser::Dialect::kServer;
  // A subquery of its WHERE may read system tables.
  options.qualify_tables = true;
  if (show.table != nullptr) {
    auto* table = sqlparser::CopyNode(arena, show.table);
    table->database = system ? keyspace : std::string_view();
    copy->table = table;
  }
  planner::PlanInput input;
  input.vschema = serving_.vschema();
  input.target = session.target;
  const bool as_written = show.database.empty() && planner::IsForOneServer(input, show);
  std::string text = as_written ? std::string(sql) : sqlparser::ToString(copy, options);
  CO_TRY(ResultSet rows, co_await PassOn(ctx, session, keyspace, std::move(text)));
  if (show.type == ShowType::kTables && !rows.fields.empty()) {
    std::string name = "Tables_in_" + keyspace;
    if (show.has_like) name += " (" + std::string(show.like) + ")";
    rows.fields.front().name = std::move(name);
  }
  const bool of_session = show.type == ShowType::kSessionVariables;
  if (of_session || show.type == ShowType::kGlobalVariables) {
    std::map<std::string_view, std::string> own{{"version", Version()},
                                                {"version_comment", options_.version_comment}};
    if (of_session) AddOwnSettings(session, own);
    CO_TRY_OK(ShowOwn(own, rows));
  }
  co_return rows;
}

Task<Result<ResultSet>> Executor::VexplainQueries(const Context& ctx, Session& session,
                                                  const sqlparser::Vexplain& vexplain) {
  const std::string sql = sqlparser::ToString(vexplain.statement);
  std::vector<SentQuery> sent;
  session.sent = &sent;
  const Result<ResultSet> answer = co_await Execute(ctx, session, sql);
  session.sent = nullptr;
  if (!answer.ok()) co_return answer.error();
  Rows rows;
  for (const SentQuery& query : sent)
    rows.push_back({std::to_string(rows.size()), query.keyspace, query.shard, query.sql});
  co_return TextRows({"#", "keyspace", "shard", "query"}, rows);
}

Result<ResultSet> Executor::VexplainPlan(const Session& session,
                                         const sqlparser::Vexplain& vexplain) {
  const std::string sql = sqlparser::ToString(vexplain.statement);
  sqlparser::Fingerprint fingerprint;
  TRY_OK(fingerprint.Scan(sql));
  TRY(const std::shared_ptr<const planner::Plan> plan, FindPlan(session, fingerprint.text));
  Rows rows;
  rows.push_back({plan->root->Describe().ToJson()});
  return TextRows({"JSON"}, rows);
}

}  // namespace tessera::vtgate
