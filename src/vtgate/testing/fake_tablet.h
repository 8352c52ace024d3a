// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "queryservice/query_service.h"
#include "sqltypes/row_codec.h"

namespace tessera::vtgate::testing {

// A tablet that answers every statement with rows (shard, n) for n below `rows`, and a statement
// with "duplicate" in it with MySQL's error. Writes down what it was asked.
class FakeTablet final : public queryservice::QueryService {
 public:
  FakeTablet(std::string shard, uint32_t uid) : shard_(std::move(shard)), uid_(uid) {}

  size_t rows = 1;
  std::vector<std::string> log;     // "execute 7: select 1", "commit 7"
  std::set<int64_t> open;           // transactions
  std::optional<Error> stream_end;  // how streams end after their rows
  std::string caller;               // the immediate caller of the last statement

  Task<Result<sqltypes::ResultSet>> Execute(const Context&,
                                            const queryservice::Request& request) override {
    Note("execute", request);
    co_return Answer(request);
  }
  Task<Result<>> StreamExecute(const Context& ctx, const queryservice::Request& request,
                               queryservice::ResultSink& sink) override {
    Note("stream", request);
    CO_TRY(sqltypes::ResultSet result, Answer(request));
    constexpr size_t kRunBytes = 64;
    CO_TRY_OK(co_await sqltypes::DeliverResult(ctx, std::move(result), sink, kRunBytes));
    if (stream_end) co_return *stream_end;
    co_return Ok{};
  }
  Task<Result<queryservice::State>> Begin(const Context&, const queryservice::Request&) override {
    co_return Open();
  }
  Task<Result<queryservice::State>> Commit(const Context&, const keys::Target&,
                                           int64_t id) override {
    co_return End("commit", id);
  }
  Task<Result<queryservice::State>> Rollback(const Context&, const keys::Target&,
                                             int64_t id) override {
    co_return End("rollback", id);
  }
  Task<Result<queryservice::StatefulResult>> BeginExecute(
      const Context&, const queryservice::Request& request) override {
    queryservice::StatefulResult out;
    out.state = Open();
    queryservice::Request inner = request;
    inner.transaction_id = out.state.transaction_id;
    Note("begin", inner);
    Result<sqltypes::ResultSet> result = Answer(request);
    if (result.ok())
      out.result = *std::move(result);
    else
      out.state.error = std::move(result).error();
    co_return out;
  }
  Task<Result<queryservice::State>> BeginStreamExecute(const Context& ctx,
                                                       const queryservice::Request& request,
                                                       queryservice::ResultSink& sink) override {
    queryservice::State state = Open();
    queryservice::Request inner = request;
    inner.transaction_id = state.transaction_id;
    Result<> done = co_await StreamExecute(ctx, inner, sink);
    if (!done.ok()) state.error = std::move(done).error();
    co_return state;
  }
  Task<Result<queryservice::StatefulResult>> ReserveExecute(
      const Context&, const queryservice::Request& request) override {
    queryservice::StatefulResult out;
    Note("reserve " + Settings(request), request);
    CO_TRY(out.result, Answer(request));
    out.state.alias = alias();
    co_return out;
  }
  Task<Result<queryservice::State>> ReserveStreamExecute(const Context& ctx,
                                                         const queryservice::Request& request,
                                                         queryservice::ResultSink& sink) override {
    queryservice::State state;
    state.alias = alias();
    log.push_back(Settings(request));
    CO_TRY_OK(co_await StreamExecute(ctx, request, sink));
    co_return state;
  }
  Task<Result<queryservice::StatefulResult>> ReserveBeginExecute(
      const Context& ctx, const queryservice::Request& request) override {
    return BeginExecute(ctx, request);
  }
  Task<Result<queryservice::State>> ReserveBeginStreamExecute(
      const Context& ctx, const queryservice::Request& request,
      queryservice::ResultSink& sink) override {
    return BeginStreamExecute(ctx, request, sink);
  }
  Task<Result<>> Release(const Context&, const keys::Target&, int64_t id, int64_t) override {
    static_cast<void>(End("release", id));
    co_return Ok{};
  }
  Task<Result<>> StreamHealth(const Context& ctx, queryservice::HealthSink& sink) override {
    queryservice::Health health;
    health.target = keys::Target{"ks", shard_, keys::TabletType::kPrimary};
    health.alias = alias();
    health.serving = true;
    health.primary_term_start = 1;
    CO_TRY_OK(co_await sink.OnHealth(ctx, health));
    while (true) {
      CO_TRY_OK(co_await Sleep(ctx, std::chrono::hours(1)));
    }
  }
  Task<Result<>> GetSchema(const Context&, const keys::Target&, queryservice::SchemaTables,
                           std::span<const std::string>, queryservice::SchemaSink&) override {
    co_return Ok{};
  }

 private:
  keys::TabletAlias alias() const { return keys::TabletAlias{"zone1", uid_}; }

  static std::string Settings(const queryservice::Request& request) {
    std::string out;
    for (const std::string& setting : request.pre_queries) out += setting + "; ";
    return out;
  }

  void Note(std::string_view what, const queryservice::Request& request) {
    std::string sql;
    if (request.vars != nullptr) {
      const sqltypes::SqlTemplate text{std::string(request.sql)};
      static_cast<void>(text.Render(*request.vars, sql).ok());
    } else {
      sql = request.sql;
    }
    log.push_back(fmt::format("{} {}: {}", what, request.transaction_id, sql));
    if (request.caller != nullptr) caller = request.caller->username;
  }

  Result<sqltypes::ResultSet> Answer(const queryservice::Request& request) {
    if (request.transaction_id != 0 && !open.contains(request.transaction_id))
      return Errorf(Code::kAborted, "transaction {}: not found", request.transaction_id);
    if (log.back().find("duplicate") != std::string::npos) {
      return Error(Code::kAlreadyExists,
                   "Duplicate entry '1' for key 'PRIMARY' (errno 1062) (sqlstate 23000)");
    }
    sqltypes::ResultSet result;
    if (!request.sql.starts_with("select")) {
      result.affected_rows = 1;
      return result;
    }
    sqltypes::Field shard;
    shard.name = "shard";
    shard.type = sqltypes::Type::kVarChar;
    sqltypes::Field n;
    n.name = "n";
    n.type = sqltypes::Type::kInt64;
    result.fields = {shard, n};
    for (size_t i = 0; i < rows; ++i) {
      const std::string_view number = result.arena().Copy(std::to_string(i));
      const sqltypes::Value cells[] = {sqltypes::Value(sqltypes::Type::kVarChar, shard_),
                                       sqltypes::Value(sqltypes::Type::kInt64, number)};
      result.AppendRow(cells);
    }
    return result;
  }

  queryservice::State Open() {
    queryservice::State state;
    state.transaction_id = 100 * uid_ + ++opened_;
    state.alias = alias();
    open.insert(state.transaction_id);
    return state;
  }
  Result<queryservice::State> End(std::string_view how, int64_t id) {
    log.push_back(fmt::format("{} {}", how, id));
    if (open.erase(id) == 0) return Errorf(Code::kAborted, "transaction {}: not found", id);
    return queryservice::State();
  }

  std::string shard_;
  uint32_t uid_;
  int64_t opened_ = 0;
};

}  // namespace tessera::vtgate::testing
