// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "mysqlctl/mysqld.h"
#include "runtime/loop_pool.h"

namespace tessera::mysqlctl::testing {

// One MariaDB server for all tests of a binary, with these databases. Register with
// AddGlobalTestEnvironment.
class TestServer final : public ::testing::Environment {
 public:
  explicit TestServer(std::vector<std::string> databases) : databases_(std::move(databases)) {}

  static const MyCnf& cnf() { return Config(); }
  // The administrator's login.
  static mysqlconn::ConnectOptions Dba() { return Mysqld(Config()).DbaOptions(); }

  void SetUp() override {
    const int status = runtime::RunLoop([this](const Context& ctx) { return Begin(ctx, this); });
    ASSERT_EQ(status, 0);
  }
  void TearDown() override {
    runtime::RunLoop([](const Context& ctx) { return End(ctx); });
  }

 private:
  static MyCnf& Config() {
    static MyCnf cnf;
    return cnf;
  }

  static Task<Result<>> Make(const Context& ctx, const std::vector<std::string>& databases) {
    CO_TRY(std::unique_ptr<runtime::Listener> listener,
           runtime::Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", 0)));
    MyCnf& cnf = Config();
    cnf.port = listener->address().port;
    listener.reset();
    cnf.dir = fmt::format("/tmp/tessera-test-{}", getpid());
    cnf.uid = 1;
    cnf.server_id = 1;
    cnf.buffer_pool = "16M";
    cnf.durable = false;
    InitOptions options;
    // Kept between runs: making system tables is by far the longest part.
    options.template_dir = fmt::format("/tmp/tessera-test-template-{}", getuid());
    CO_TRY_OK(co_await MakeTemplate(ctx, options.template_dir, std::string()));
    Mysqld mysqld(cnf);
    CO_TRY_OK(co_await mysqld.Init(ctx, options));
    CO_TRY_OK(co_await mysqld.Start(ctx));
    const mysqlconn::ConnectOptions dba = mysqld.DbaOptions();
    CO_TRY(const std::unique_ptr<mysqlconn::Connection> connection,
           co_await mysqlconn::Connection::Connect(ctx, dba));
    CO_TRY_OK(co_await connection->Query(ctx, "set global read_only = off"));
    for (const std::string& database : databases) {
      const std::string sql = "create database " + database;
      CO_TRY_OK(co_await connection->Query(ctx, sql));
    }
    co_return Ok{};
  }
  static Task<int> Begin(const Context& ctx, TestServer* self) {
    const Result<> made = co_await Make(ctx, self->databases_);
    EXPECT_TRUE(made.ok()) << made.error().ToString();
    co_return made.ok() ? 0 : 1;
  }
  static Task<int> End(const Context& ctx) {
    Mysqld mysqld(Config());
    const Result<> gone = co_await mysqld.Teardown(ctx, true);
    EXPECT_TRUE(gone.ok()) << gone.error().ToString();
    EXPECT_FALSE(std::filesystem::exists(Config().dir));
    co_return 0;
  }

  std::vector<std::string> databases_;
};

}  // namespace tessera::mysqlctl::testing
