// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mysqlctl/testing/test_server.h"
#include "runtime/loop_pool.h"
#include "tabletserver/tablet_server.h"

// A tablet server over the binary's MariaDB server (mysqlctl/testing/test_server.h, database
// vt_ks).
namespace tessera::tabletserver::testing {

using namespace std::chrono_literals;
using mysqlctl::testing::TestServer;
using queryservice::Request;
using queryservice::State;
using sqltypes::ResultSet;
using sqltypes::Value;

inline std::string Say(const Error& error) { return error.ToString(); }

inline Config TestConfig() {
  Config config;
  config.keyspace = "ks";
  config.shard = "-80";
  config.alias = {"zone1", 1};
  config.db_name = "vt_ks";
  config.app.address = runtime::Address::Unix(TestServer::cnf().socket());
  config.app.user = "vt_app";
  config.app.database = "vt_ks";
  config.dba = config.app;
  config.dba.user = "vt_dba";
  config.dba.database = "";
  config.shutdown_grace = 50ms;
  return config;
}

inline const keys::Target kTarget{"ks", "-80", keys::TabletType::kPrimary};

// A serving primary, and short ways to use it.
class Tablet {
 public:
  explicit Tablet(Config config) : server(std::move(config)) {}
  TabletServer server;

  Task<> Serve(const Context& ctx) {
    server.Start();
    server.SetServing(keys::TabletType::kPrimary, true, 1);
    while (!server.health().serving || !server.schema().loaded()) {
      const Result<> slept = co_await Sleep(ctx, 10ms);
      CHECK(slept.ok());
    }
  }
  // The cells of all rows with '|' between, or the error's text.
  Task<std::string> Run(const Context& ctx, std::string sql, int64_t id = 0) {
    Request request;
    request.target = &kTarget;
    request.sql = sql;
    request.transaction_id = id;
    Result<ResultSet> result = co_await server.Execute(ctx, request);
    co_return Text(std::move(result));
  }
  Task<> Expect(const Context& ctx, std::string sql, std::string expected, int64_t id = 0) {
    const std::string got = co_await Run(ctx, sql, id);
    EXPECT_EQ(got, expected) << sql;
  }
  static std::string Text(Result<ResultSet> result) {
    if (!result.ok()) return result.error().message();
    if (result->fields.empty()) return fmt::format("affected {}", result->affected_rows);
    EXPECT_TRUE(result->Decode().ok());
    std::string text;
    for (size_t i = 0; i < result->row_count(); ++i) {
      for (const Value& cell : std::as_const(*result).row(i))
        text += (cell.is_null() ? "NULL" : std::string(cell.raw())) + "|";
    }
    return text;
  }
  Task<int64_t> Begin(const Context& ctx) {
    Request request;
    request.target = &kTarget;
    const Result<State> state = co_await server.Begin(ctx, request);
    EXPECT_TRUE(state.ok()) << Say(state.error());
    co_return state.ok() ? state->transaction_id : 0;
  }
  // Waits until the text of `sql`, asked past the tablet, is `expected`.
  static Task<> Await(const Context& ctx, std::string sql, std::string expected) {
    std::string seen;
    while (seen != expected && !ctx.cancelled()) {
      seen = co_await Direct(ctx, sql);
      const Result<> slept = co_await Sleep(ctx, 10ms);
      static_cast<void>(slept.ok());
    }
    EXPECT_EQ(seen, expected) << sql;
  }
  // A statement past the tablet, by an administrator.
  static Task<std::string> Direct(const Context& ctx, std::string sql) {
    mysqlconn::ConnectOptions options = TestServer::Dba();
    options.database = "vt_ks";
    Result<std::unique_ptr<mysqlconn::Connection>> connection =
        co_await mysqlconn::Connection::Connect(ctx, options);
    if (!connection.ok()) co_return connection.error().message();
    Result<ResultSet> result = co_await (*connection)->Query(ctx, sql);
    co_return Text(std::move(result));
  }
};

// A statement that runs beside others; its text goes to `out`.
inline Task<Result<>> RunBeside(const Context& ctx, Tablet& tablet, std::string sql, int64_t id,
                                std::string& out) {
  std::string text = co_await tablet.Run(ctx, std::move(sql), id);
  out = std::move(text);
  co_return Ok{};
}

using Body = Task<> (*)(const Context&, Tablet&);

inline Task<int> RunBody(const Context& ctx, Config config, Body body) {
  Tablet tablet(std::move(config));
  const Context bounded = ctx.WithTimeout(60s);
  co_await tablet.Serve(bounded);
  co_await body(bounded, tablet);
  co_await tablet.server.Stop();
  co_return 0;
}

inline void WithTablet(Body body, Config config = TestConfig()) {
  runtime::RunLoop([&](const Context& ctx) { return RunBody(ctx, std::move(config), body); });
}

}  // namespace tessera::tabletserver::testing
