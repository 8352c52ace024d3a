// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "sqlparser/ast_ddl.h"
#include "sqlparser/fingerprint.h"
#include "sqlparser/parser.h"
#include "topo/errors.h"
#include "topo/server.h"
#include "vschema/ddl.h"
#include "vschema/records.h"
#include "vtgate/executor.h"
#include "vtgate/internal/session_state.h"
#include "vtgate/internal/statement_values.h"
#include "vtgate/vschema_change.h"

// ALTER VSCHEMA through the gate, and statements about whole databases.
namespace tessera::vtgate {

using sqltypes::ResultSet;

namespace {

constexpr std::string_view kEverybody = "%";
constexpr uint16_t kDatabaseExists = 1007;
constexpr uint16_t kNoSuchDatabase = 1008;

// A keyspace's record and the version it was read at; without one it is not stored yet.
struct StoredVSchema {
  vschema::KeyspaceRecord record;
  std::optional<topo::Version> version;
};

Task<Result<StoredVSchema>> ReadVSchema(const Context& ctx, topo::Server& topology,
                                        const std::string& keyspace) {
  const auto known = co_await topology.GetKeyspace(ctx, keyspace);
  if (!known.ok() && topo::IsNoNode(known.error())) {
    co_return Errorf(Code::kNotFound, "VT05003: unknown database '{}' in vschema", keyspace)
        .WithMysql(1049, "42000");
  }
  CO_TRY_OK(known);
  StoredVSchema stored;
  const Result<topo::Node> node = co_await topology.GetVSchema(ctx, keyspace);
  if (!node.ok() && topo::IsNoNode(node.error())) co_return stored;
  CO_TRY_OK(node);
  CO_TRY(stored.record, vschema::DecodeKeyspace(node->contents));
  stored.version = node->version;
  co_return stored;
}

Error Saving(const std::string& keyspace, Error error) {
  if (!topo::IsBadVersion(error)) return error;
  return std::move(error)
      .Wrap(fmt::format("the VSchema of {} was changed by somebody else meanwhile", keyspace))
      .WithHint("look at it with SHOW VSCHEMA TABLES, and try again");
}

}  // namespace

bool internal::AltersVschema(std::string_view sql) {
  constexpr std::string_view kWord = "vschema";
  const auto same = [](char a, char b) { return (a | 0x20) == b; };
  const bool named =
      std::search(sql.begin(), sql.end(), kWord.begin(), kWord.end(), same) != sql.end();
  if (!named || sqlparser::Preview(sql) != sqlparser::StatementKind::kDdl) return false;
  Arena arena;
  const Result<const sqlparser::Statement*> statement = sqlparser::Parse(arena, sql);
  return statement.ok() && (*statement)->Is<sqlparser::AlterVschema>();
}

bool internal::ChangesDatabases(std::string_view sql) {
  const bool named = Mentions(sql, "database") || Mentions(sql, "schema");
  if (!named || sqlparser::Preview(sql) != sqlparser::StatementKind::kDdl) return false;
  Arena arena;
  const Result<const sqlparser::Statement*> statement = sqlparser::Parse(arena, sql);
  return statement.ok() && ((*statement)->Is<sqlparser::CreateDatabase>() ||
                            (*statement)->Is<sqlparser::DropDatabase>() ||
                            (*statement)->Is<sqlparser::AlterDatabase>());
}

namespace {

// With IF [NOT] EXISTS a note, else an error.
std::optional<Result<ResultSet>> AlreadySo(Session& session, bool only_note, uint16_t number,
                                           std::string message) {
  if (!only_note)
    return Result<ResultSet>(
        Error(Code::kAlreadyExists, std::move(message)).WithMysql(number, "HY000"));
  sqltypes::Warning& note = session.warnings.emplace_back();
  note.level = "Note";
  note.code = number;
  note.message = std::move(message);
  session.warning_count = session.warnings.size();
  return Result<ResultSet>(ResultSet());
}

}  // namespace

std::optional<Result<ResultSet>> Executor::AnswerDatabaseDdl(Session& session,
                                                             std::string_view sql) const {
  if (!internal::ChangesDatabases(sql)) return std::nullopt;
  Arena arena;
  const Result<const sqlparser::Statement*> statement = sqlparser::Parse(arena, sql);
  if (!statement.ok()) return std::nullopt;
  const std::shared_ptr<const vschema::VSchema> vschema = serving_.vschema();
  const auto* create = (*statement)->As<sqlparser::CreateDatabase>();
  const auto* drop = (*statement)->As<sqlparser::DropDatabase>();
  if (create != nullptr && !create->or_replace && vschema->keyspaces().contains(create->name))
    return AlreadySo(session, create->if_not_exists, kDatabaseExists,
                     fmt::format("Can't create database '{}'; database exists", create->name));
  // Where there is one keyspace, its server may have other databases.
  if (drop != nullptr && vschema->SingleKeyspace() == nullptr &&
      !vschema::IsSystemDatabase(drop->name) && !vschema->keyspaces().contains(drop->name))
    return AlreadySo(session, drop->if_exists, kNoSuchDatabase,
                     fmt::format("Can't drop database '{}'; database doesn't exist", drop->name));
  return std::nullopt;
}

Result<> Executor::MayAlterVschema(const Session& session) const {
  if (!options_.change_vschema)
    return Error(Code::kUnimplemented, "there is no VSchema here: this server has no topology");
  const std::vector<std::string>& users = options_.vschema_ddl_users;
  const std::string& user = session.caller.username;
  const bool allowed = std::any_of(users.begin(), users.end(), [&](const std::string& each) {
    return each == kEverybody || each == user;
  });
  if (allowed) return Ok{};
  return Errorf(Code::kPermissionDenied,
                "User '{}' is not authorized to perform vschema operations", user)
      .WithHint("vtgate --vschema-ddl-authorized-users names who is");
}

Task<Result<ResultSet>> Executor::AlterVschema(const Context& ctx, Session& session,
                                               std::string_view sql) {
  CO_TRY_OK(MayAlterVschema(session));
  Arena arena;
  CO_TRY(const sqlparser::Statement* const statement, sqlparser::Parse(arena, sql));
  const auto& ddl = *statement->As<sqlparser::AlterVschema>();
  CO_TRY(const std::string keyspace, vschema::KeyspaceOfDdl(ddl, session.target.keyspace));
  // Runs on another loop maybe, while this one waits: the statement outlives it.
  const VschemaEdit edit = [&ddl, &keyspace](const vschema::KeyspaceRecord& record) {
    return vschema::ApplyDdl(ddl, keyspace, record);
  };
  CO_TRY_OK(co_await options_.change_vschema(keyspace, edit));
  co_return ResultSet();
}

Task<Result<>> ChangeVschema(const Context& ctx, topo::Server& topology,
                             discovery::ServingGraph& serving, std::string keyspace,
                             VschemaEdit edit) {
  CO_TRY(const StoredVSchema stored, co_await ReadVSchema(ctx, topology, keyspace));
  CO_TRY(vschema::KeyspaceRecord changed, edit(stored.record));
  const std::string bytes = vschema::EncodeKeyspace(changed);
  const Result<> saved = co_await topology.SaveVSchema(ctx, keyspace, bytes, stored.version);
  if (!saved.ok()) co_return Saving(keyspace, saved.error());
  serving.Adopt(keyspace, std::move(changed));
  std::vector<std::string> all_cells;
  const Result<> told = co_await topology.RebuildSrvVSchema(ctx, std::move(all_cells));
  if (!told.ok()) {
    Error error = told.error();
    co_return std::move(error).Wrap(
        fmt::format("the VSchema of {} is saved, but gates of other cells may not know", keyspace));
  }
  co_return Ok{};
}

}  // namespace tessera::vtgate
