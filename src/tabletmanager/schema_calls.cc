// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Calls about tables, users and counters of the tablet's server.
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "log/log.h"
#include "proto/tabletmanagerdata.pb.h"
#include "sqltypes/value.h"
#include "tabletmanager/internal/calls.h"
#include "tabletmanager/internal/schema_reader.h"
#include "tabletmanager/permissions.h"

namespace tessera::tabletmanager::internal {

namespace tmd = ::tabletmanagerdata;
using mysqlconn::Connection;
using sqltypes::ResultSet;
using sqltypes::Value;

namespace {

constexpr std::string_view kPreflightDatabase = "_vt_preflight";

Task<Result<tmd::GetSchemaResponse>> GetSchema(const Context& ctx, ManagerService& service,
                                               const tmd::GetSchemaRequest& request) {
  const std::vector<std::string> tables(request.tables().begin(), request.tables().end());
  const std::vector<std::string> excluded(request.exclude_tables().begin(),
                                          request.exclude_tables().end());
  CO_TRY(const TableFilter filter, TableFilter::Make(tables, excluded));
  SchemaQuestion question;
  question.database = service.manager().tablet().db_name();
  question.include_views = request.include_views();
  question.statements_only = request.table_schema_only();
  CO_TRY(const std::unique_ptr<Connection> owned, co_await service.manager().ConnectDba(ctx));
  Connection& connection = *owned;
  tmd::GetSchemaResponse response;
  tmd::SchemaDefinition& schema = *response.mutable_schema_definition();
  CO_TRY_OK(co_await ReadSchema(ctx, connection, std::move(question), filter, schema));
  co_return response;
}

// Everything that may be told: passwords are told apart by their checksum only.
bool IsSecret(std::string_view column) {
  return column == "Password" || column == "authentication_string";
}

template <class Permission>
void ReadPermission(const ResultSet& rows, size_t index, Permission& out) {
  const std::span<const Value> row = rows.row(index);
  std::string_view password;
  for (size_t i = 0; i < rows.fields.size(); ++i) {
    const std::string& column = rows.fields[i].name;
    const std::string_view text = row[i].is_null() ? std::string_view() : row[i].raw();
    if (column == "Host") {
      out.set_host(std::string(text));
    } else if (column == "User") {
      out.set_user(std::string(text));
    } else if (IsSecret(column)) {
      if (password.empty()) password = text;
    } else if (column == "Db") {
      if constexpr (requires { out.set_db(std::string()); }) out.set_db(std::string(text));
    } else if (column != "password_last_changed") {
      (*out.mutable_privileges())[column] = std::string(text);
    }
  }
  if constexpr (requires { out.set_password_checksum(0); }) {
    out.set_password_checksum(Crc64Iso(password));
  }
}

Task<Result<tmd::GetPermissionsResponse>> GetPermissions(const Context& ctx,
                                                         ManagerService& service,
                                                         const tmd::GetPermissionsRequest&) {
  CO_TRY(const std::unique_ptr<Connection> connection, co_await service.manager().ConnectDba(ctx));
  CO_TRY(ResultSet users,
         co_await connection->Query(ctx, "select * from mysql.user order by host, user"));
  CO_TRY_OK(users.Decode());
  CO_TRY(ResultSet databases,
         co_await connection->Query(ctx, "select * from mysql.db order by host, db, user"));
  CO_TRY_OK(databases.Decode());
  tmd::GetPermissionsResponse response;
  tmd::Permissions& permissions = *response.mutable_permissions();
  for (size_t i = 0; i < users.row_count(); ++i)
    ReadPermission(users, i, *permissions.add_user_permissions());
  for (size_t i = 0; i < databases.row_count(); ++i)
    ReadPermission(databases, i, *permissions.add_db_permissions());
  co_return response;
}

Task<Result<tmd::GetGlobalStatusVarsResponse>> GetGlobalStatusVars(
    const Context& ctx, ManagerService& service, const tmd::GetGlobalStatusVarsRequest& request) {
  const std::vector<std::string> names(request.variables().begin(), request.variables().end());
  CO_TRY(const std::unique_ptr<Connection> owned, co_await service.manager().ConnectDba(ctx));
  Connection& connection = *owned;
  CO_TRY(const mysqlctl::Settings values,
         co_await mysqlctl::ReadStatusValues(ctx, connection, names));
  tmd::GetGlobalStatusVarsResponse response;
  for (const auto& [name, value] : values) (*response.mutable_status_values())[name] = value;
  co_return response;
}

// Runs a text of several statements; the error tells which one failed.
Task<Result<>> RunScript(const Context& ctx, Connection& connection, std::string_view sql) {
  int number = 1;
  Result<ResultSet> result = co_await connection.Query(ctx, sql);
  while (true) {
    if (!result.ok()) co_return std::move(result).error().Wrap(fmt::format("statement {}", number));
    if (!connection.more_results()) co_return Ok{};
    ++number;
    result = co_await connection.NextResult(ctx);
  }
}

Task<Result<std::unique_ptr<Connection>>> ConnectForScripts(const Context& ctx,
                                                            ManagerService& service) {
  mysqlconn::ConnectOptions user = service.manager().dba();
  user.multi_statements = true;
  co_return co_await Connection::Connect(ctx, user);
}

bool SameSchema(const tmd::SchemaDefinition& a, const tmd::SchemaDefinition& b) {
  if (a.table_definitions_size() != b.table_definitions_size()) return false;
  for (int i = 0; i < a.table_definitions_size(); ++i) {
    const tmd::TableDefinition& left = a.table_definitions(i);
    const tmd::TableDefinition& right = b.table_definitions(i);
    if (left.name() != right.name() || left.type() != right.type() ||
        left.schema() != right.schema())
      return false;
  }
  return true;
}

Task<Result<>> ReadWholeSchema(const Context& ctx, Connection& connection, std::string database,
                               tmd::SchemaDefinition& out) {
  CO_TRY(const TableFilter filter,
         TableFilter::Make(std::span<const std::string>(), std::span<const std::string>()));
  SchemaQuestion question;
  question.database = std::move(database);
  question.include_views = true;
  co_return co_await ReadSchema(ctx, connection, std::move(question), filter, out);
}

Task<Result<>> PrepareSession(const Context& ctx, Connection& connection,
                              const tmd::ApplySchemaRequest& request) {
  if (!request.allow_replication()) {
    CO_TRY_OK(co_await connection.Query(ctx, "set sql_log_bin = off"));
  }
  if (request.disable_foreign_key_checks()) {
    CO_TRY_OK(co_await connection.Query(ctx, "set foreign_key_checks = off"));
  }
  if (!request.sql_mode().empty()) {
    std::string sql = "set sql_mode = ";
    sqltypes::AppendSql(Value(sqltypes::Type::kVarChar, request.sql_mode()), sql);
    CO_TRY_OK(co_await connection.Query(ctx, sql));
  }
  co_return Ok{};
}

Task<Result<tmd::ApplySchemaResponse>> ApplySchema(const Context& ctx, ManagerService& service,
                                                   const tmd::ApplySchemaRequest& request) {
  TabletManager& manager = service.manager();
  const std::string database = manager.tablet().db_name();
  CO_TRY(const TabletManager::Action action, co_await manager.Begin(ctx, "ApplySchema"));
  CO_TRY(const std::unique_ptr<Connection> owned, co_await ConnectForScripts(ctx, service));
  Connection& connection = *owned;
  // Views are shown otherwise where their database is the chosen one: what reads chooses none.
  CO_TRY(const std::unique_ptr<Connection> reading, co_await manager.ConnectDba(ctx));
  Connection& reader = *reading;
  tmd::ApplySchemaResponse response;
  tmd::SchemaDefinition& before = *response.mutable_before_schema();
  tmd::SchemaDefinition& after = *response.mutable_after_schema();
  CO_TRY_OK(co_await ReadWholeSchema(ctx, reader, database, before));
  if (request.has_before_schema() && !SameSchema(before, request.before_schema())) {
    if (request.has_after_schema() && SameSchema(before, request.after_schema())) {
      after = before;
      co_return response;  // somebody has applied it already
    }
    if (!request.force())
      co_return Error(Code::kFailedPrecondition, "the schema is not the one it is to be before");
  }
  CO_TRY_OK(co_await PrepareSession(ctx, connection, request));
  CO_TRY_OK(co_await connection.ChangeDatabase(ctx, database));
  CO_TRY_OK(co_await RunScript(ctx, connection, request.sql()));
  CO_TRY_OK(co_await ReadWholeSchema(ctx, reader, database, after));
  CO_TRY_OK(co_await service.server().ReloadSchema(ctx));
  if (request.has_after_schema() && !request.force() && !SameSchema(after, request.after_schema()))
    co_return Error(Code::kFailedPrecondition, "the schema is not the one it is to be afterwards");
  co_return response;
}

// Makes the tables of `schema` in the database that is chosen; views behind the tables they read.
Task<Result<>> CopyTables(const Context& ctx, Connection& connection,
                          const tmd::SchemaDefinition& schema) {
  for (const std::string_view type : {"BASE TABLE", "VIEW"}) {
    for (const tmd::TableDefinition& table : schema.table_definitions()) {
      if (table.type() != type) continue;
      const std::string sql = ReplaceAll(table.schema(), "{{.DatabaseName}}", kPreflightDatabase);
      CO_TRY_OK(co_await connection.Query(ctx, sql));
    }
  }
  co_return Ok{};
}

Task<Result<tmd::PreflightSchemaResponse>> TryChanges(const Context& ctx, Connection& connection,
                                                      Connection& reader,
                                                      const std::string& database,
                                                      const tmd::PreflightSchemaRequest& request) {
  tmd::SchemaDefinition schema;
  CO_TRY_OK(co_await ReadWholeSchema(ctx, reader, database, schema));
  const std::vector<std::string> start = {
      "set sql_log_bin = off", "set foreign_key_checks = off",
      fmt::format("drop database if exists {}", kPreflightDatabase),
      fmt::format("create database {}", kPreflightDatabase),
      fmt::format("use {}", kPreflightDatabase)};
  CO_TRY_OK(co_await mysqlctl::RunAll(ctx, connection, start));
  CO_TRY_OK(co_await CopyTables(ctx, connection, schema));
  tmd::PreflightSchemaResponse response;
  for (const std::string& change : request.changes()) {
    tmd::SchemaChangeResult& result = *response.add_change_results();
    tmd::SchemaDefinition& before = *result.mutable_before_schema();
    tmd::SchemaDefinition& after = *result.mutable_after_schema();
    const std::string copy(kPreflightDatabase);
    CO_TRY_OK(co_await ReadWholeSchema(ctx, reader, copy, before));
    CO_TRY_OK(co_await RunScript(ctx, connection, change));
    CO_TRY_OK(co_await ReadWholeSchema(ctx, reader, copy, after));
  }
  co_return response;
}

// What changes would do, found out on an empty copy of the schema that replicas do not get.
Task<Result<tmd::PreflightSchemaResponse>> PreflightSchema(
    const Context& ctx, ManagerService& service, const tmd::PreflightSchemaRequest& request) {
  TabletManager& manager = service.manager();
  const std::string database = manager.tablet().db_name();
  CO_TRY(const TabletManager::Action action, co_await manager.Begin(ctx, "PreflightSchema"));
  CO_TRY(const std::unique_ptr<Connection> owned, co_await ConnectForScripts(ctx, service));
  Connection& connection = *owned;
  CO_TRY(const std::unique_ptr<Connection> reading, co_await manager.ConnectDba(ctx));
  Connection& reader = *reading;
  Result<tmd::PreflightSchemaResponse> response =
      co_await TryChanges(ctx, connection, reader, database, request);
  const std::string drop = fmt::format("drop database if exists {}", kPreflightDatabase);
  const Result<ResultSet> dropped = co_await connection.Query(ctx, drop);
  if (!dropped.ok())
    LOG(kWarn, "the database {} stays: {}", kPreflightDatabase, dropped.error().ToString());
  co_return response;
}

}  // namespace

void AddSchemaCalls(rpc::Server& rpc, ManagerService& service) {
  AddCall(rpc, service, &GetSchema);
  AddCall(rpc, service, &GetPermissions);
  AddCall(rpc, service, &GetGlobalStatusVars);
  AddCall(rpc, service, &ApplySchema);
  AddCall(rpc, service, &PreflightSchema);
}

}  // namespace tessera::tabletmanager::internal
