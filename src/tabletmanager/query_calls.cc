// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Statements of operators, as this or that user of the tablet's server.
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "log/log.h"
#include "proto/tabletmanagerdata.pb.h"
#include "queryservice/codec.h"
#include "tabletmanager/internal/calls.h"

namespace tessera::tabletmanager::internal {

namespace tmd = ::tabletmanagerdata;
using mysqlconn::Connection;
using sqltypes::ResultSet;

namespace {

struct Fetch {
  std::string_view sql;
  std::string_view database;
  uint64_t max_rows = 0;  // more are an error; 0 has no limit
  bool disable_binlogs = false;
  bool disable_foreign_keys = false;
  bool reload_schema = false;
};

Result<> FillResult(const ResultSet& result, ::query::QueryResult& out) {
  std::string bytes;
  queryservice::AppendQueryResult(result, bytes);
  if (out.ParseFromString(bytes)) return Ok{};
  return Error(Code::kInternal, "a result does not read as query.QueryResult");
}

// A connection of its own: what the statement does to the session ends with it.
Task<Result<std::unique_ptr<Connection>>> OpenFetch(const Context& ctx,
                                                    mysqlconn::ConnectOptions options,
                                                    const Fetch& fetch) {
  CO_TRY(std::unique_ptr<Connection> connection, co_await Connection::Connect(ctx, options));
  if (fetch.disable_binlogs) {
    CO_TRY_OK(co_await connection->Query(ctx, "set sql_log_bin = off"));
  }
  if (fetch.disable_foreign_keys) {
    CO_TRY_OK(co_await connection->Query(ctx, "set foreign_key_checks = off"));
  }
  if (!fetch.database.empty()) {
    // The statement may be the one that makes the database.
    const Result<> chosen = co_await connection->ChangeDatabase(ctx, fetch.database);
    if (!chosen.ok() && !connection->usable()) co_return chosen.error();
  }
  co_return connection;
}

Task<> ReloadAfterFetch(const Context& ctx, ManagerService& service, const Fetch& fetch) {
  if (!fetch.reload_schema) co_return;
  const Result<> reloaded = co_await service.server().ReloadSchema(ctx);
  if (!reloaded.ok())
    LOG(kWarn, "tablet {}: reading the schema after a statement: {}",
        service.manager().options().alias.ToString(), reloaded.error().ToString());
}

mysqlconn::QueryOptions LimitOf(const Fetch& fetch) {
  mysqlconn::QueryOptions options;
  options.max_rows = fetch.max_rows;
  return options;
}

Task<Result<>> FetchOne(const Context& ctx, ManagerService& service,
                        const mysqlconn::ConnectOptions& user, const Fetch& fetch,
                        ::query::QueryResult& out) {
  CO_TRY(const std::unique_ptr<Connection> connection, co_await OpenFetch(ctx, user, fetch));
  const mysqlconn::QueryOptions limit = LimitOf(fetch);
  CO_TRY(const ResultSet result, co_await connection->Query(ctx, fetch.sql, limit));
  co_await ReloadAfterFetch(ctx, service, fetch);
  co_return FillResult(result, out);
}

Task<Result<tmd::ExecuteFetchAsDbaResponse>> FetchAsDba(
    const Context& ctx, ManagerService& service, const tmd::ExecuteFetchAsDbaRequest& request) {
  Fetch fetch;
  fetch.sql = request.query();
  fetch.database = request.db_name();
  fetch.max_rows = request.max_rows();
  fetch.disable_binlogs = request.disable_binlogs();
  fetch.disable_foreign_keys = request.disable_foreign_key_checks();
  fetch.reload_schema = request.reload_schema();
  tmd::ExecuteFetchAsDbaResponse response;
  const mysqlconn::ConnectOptions& user = service.manager().dba();
  ::query::QueryResult& result = *response.mutable_result();
  CO_TRY_OK(co_await FetchOne(ctx, service, user, fetch, result));
  co_return response;
}

Task<Result<tmd::ExecuteMultiFetchAsDbaResponse>> MultiFetchAsDba(
    const Context& ctx, ManagerService& service,
    const tmd::ExecuteMultiFetchAsDbaRequest& request) {
  Fetch fetch;
  fetch.sql = request.sql();
  fetch.database = request.db_name();
  fetch.max_rows = request.max_rows();
  fetch.disable_binlogs = request.disable_binlogs();
  fetch.disable_foreign_keys = request.disable_foreign_key_checks();
  fetch.reload_schema = request.reload_schema();
  mysqlconn::ConnectOptions user = service.manager().dba();
  user.multi_statements = true;
  CO_TRY(const std::unique_ptr<Connection> connection,
         co_await OpenFetch(ctx, std::move(user), fetch));
  const mysqlconn::QueryOptions limit = LimitOf(fetch);
  tmd::ExecuteMultiFetchAsDbaResponse response;
  Result<ResultSet> result = co_await connection->Query(ctx, fetch.sql, limit);
  while (true) {
    if (!result.ok()) {
      co_return std::move(result).error().Wrap(
          fmt::format("statement {}", response.results_size() + 1));
    }
    CO_TRY_OK(FillResult(*result, *response.add_results()));
    if (!connection->more_results()) break;
    result = co_await connection->NextResult(ctx);
  }
  co_await ReloadAfterFetch(ctx, service, fetch);
  co_return response;
}

Task<Result<tmd::ExecuteFetchAsAllPrivsResponse>> FetchAsAllPrivs(
    const Context& ctx, ManagerService& service,
    const tmd::ExecuteFetchAsAllPrivsRequest& request) {
  Fetch fetch;
  fetch.sql = request.query();
  fetch.database = request.db_name();
  fetch.max_rows = request.max_rows();
  fetch.reload_schema = request.reload_schema();
  tmd::ExecuteFetchAsAllPrivsResponse response;
  const mysqlconn::ConnectOptions& user = service.options().all_privs;
  ::query::QueryResult& result = *response.mutable_result();
  CO_TRY_OK(co_await FetchOne(ctx, service, user, fetch, result));
  co_return response;
}

Task<Result<tmd::ExecuteFetchAsAppResponse>> FetchAsApp(
    const Context& ctx, ManagerService& service, const tmd::ExecuteFetchAsAppRequest& request) {
  Fetch fetch;
  fetch.sql = request.query();
  fetch.max_rows = request.max_rows();
  tmd::ExecuteFetchAsAppResponse response;
  const mysqlconn::ConnectOptions& user = service.options().app;
  ::query::QueryResult& result = *response.mutable_result();
  CO_TRY_OK(co_await FetchOne(ctx, service, user, fetch, result));
  co_return response;
}

// Through the query service, with its rules and limits.
Task<Result<tmd::ExecuteQueryResponse>> ExecuteQuery(const Context& ctx, ManagerService& service,
                                                     const tmd::ExecuteQueryRequest& request) {
  const topo::Tablet& tablet = service.manager().tablet();
  const keys::Target target = {tablet.keyspace, tablet.shard, tablet.type};
  queryservice::Caller caller;
  caller.username = request.caller_id().principal();
  caller.groups.assign(request.caller_id().groups().begin(), request.caller_id().groups().end());
  caller.principal = request.caller_id().principal();
  caller.component = request.caller_id().component();
  queryservice::Request statement;
  statement.target = &target;
  statement.caller = &caller;
  statement.sql = request.query();
  CO_TRY(const ResultSet result, co_await service.server().Execute(ctx, statement));
  if (request.max_rows() != 0 && result.row_count() > request.max_rows())
    co_return Errorf(Code::kAborted, "row count exceeded {}", request.max_rows());
  tmd::ExecuteQueryResponse response;
  CO_TRY_OK(FillResult(result, *response.mutable_result()));
  co_return response;
}

}  // namespace

void AddQueryCalls(rpc::Server& rpc, ManagerService& service) {
  AddCall(rpc, service, &FetchAsDba);
  AddCall(rpc, service, &MultiFetchAsDba);
  AddCall(rpc, service, &FetchAsAllPrivs);
  AddCall(rpc, service, &FetchAsApp);
  AddCall(rpc, service, &ExecuteQuery);
}

}  // namespace tessera::tabletmanager::internal
