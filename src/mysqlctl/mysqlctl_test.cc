// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "mysqlctl/data_folder.h"
#include "mysqlctl/mysqld.h"
#include "runtime/loop_pool.h"

namespace tessera::mysqlctl {
namespace {

namespace fs = std::filesystem;

MyCnf TestCnf(std::string_view name) {
  MyCnf cnf;
  cnf.dir = fmt::format("/tmp/tessera-mc-{}-{}", getpid(), name);
  cnf.uid = 7;
  cnf.server_id = 7;
  cnf.port = 3306;
  cnf.buffer_pool = "16M";
  cnf.durable = false;
  return cnf;
}

TEST(MyCnf, WhatIsWrittenCanBeRead) {
  MyCnf cnf = TestCnf("x");
  cnf.port = 15306;
  const Result<MyCnf> back = ParseMyCnf(MariaDb().Config(cnf), cnf.dir);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->port, 15306);
  EXPECT_EQ(back->server_id, 7u);
  EXPECT_EQ(back->socket(), cnf.socket());
  EXPECT_EQ(back->buffer_pool, "16M");
  EXPECT_FALSE(back->durable);
  EXPECT_FALSE(ParseMyCnf("port = x\n", "/d").ok());
  EXPECT_FALSE(ParseMyCnf("port = 70000\n", "/d").ok());
  EXPECT_FALSE(ParseMyCnf("", "/d").ok());
}

TEST(MyCnf, AnOperatorsLinesComeLast) {
  const std::string file = fmt::format("/tmp/tessera-extra-{}.cnf", getpid());
  ASSERT_TRUE(WriteFile(file, "[mysqld]\nmax-connections = 77").ok());
  const Result<std::string> lines = ReadExtraConfig(":" + file + ":" + file);
  fs::remove(file);
  ASSERT_TRUE(lines.ok());
  EXPECT_EQ(*lines, fmt::format("\n# From {0}\n[mysqld]\nmax-connections = 77\n"
                                "\n# From {0}\n[mysqld]\nmax-connections = 77\n",
                                file));
  EXPECT_EQ(ReadExtraConfig("").value(), "");
  const Result<std::string> none = ReadExtraConfig("/nowhere/extra.cnf");
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().message().find("EXTRA_MY_CNF"), std::string::npos);
}

TEST(MyCnf, ImpossiblePlacesAreRefused) {
  MyCnf cnf = TestCnf("x");
  EXPECT_TRUE(CheckMyCnf(cnf).ok());
  cnf.dir = "relative";
  EXPECT_FALSE(CheckMyCnf(cnf).ok());
  cnf.dir = "/" + std::string(120, 'd');
  EXPECT_FALSE(CheckMyCnf(cnf).ok());
  EXPECT_EQ(InstanceFolder(100), "vt_0000000100");
}

Task<Result<uint16_t>> FreePort() {
  CO_TRY(std::unique_ptr<runtime::Listener> listener,
         runtime::Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", 0)));
  co_return listener->address().port;
}

// Folders of others stay as they are, whatever is asked.
Task<Result<>> Foreign(const Context& ctx) {
  MyCnf cnf = TestCnf("foreign");
  fs::create_directories(cnf.dir);
  std::ofstream(cnf.dir + "/precious") << "data";
  CO_TRY(cnf.port, co_await FreePort());
  Mysqld mysqld(cnf);
  const Result<> made = co_await mysqld.Init(ctx, InitOptions());
  EXPECT_FALSE(made.ok());
  if (!made.ok()) {
    EXPECT_EQ(made.error().code(), Code::kAlreadyExists);
  }
  const Result<> gone = co_await mysqld.Teardown(ctx, true);
  EXPECT_FALSE(gone.ok());
  const Result<> started = co_await mysqld.Start(ctx);
  EXPECT_FALSE(started.ok());
  const Result<Mysqld> opened = co_await Mysqld::Open(cnf.dir);
  EXPECT_FALSE(opened.ok());
  EXPECT_TRUE(fs::exists(cnf.dir + "/precious"));
  fs::remove_all(cnf.dir);
  co_return Ok{};
}

// The whole life of a server.
Task<Result<>> Life(const Context& ctx) {
  MyCnf cnf = TestCnf("life");
  CO_TRY(cnf.port, co_await FreePort());
  InitOptions options;
  options.template_dir = fmt::format("/tmp/tessera-test-template-{}", getuid());
  CO_TRY_OK(co_await MakeTemplate(ctx, options.template_dir, std::string()));
  Mysqld mysqld(cnf);
  CO_TRY_OK(co_await mysqld.Init(ctx, options));
  const Result<> again = co_await mysqld.Init(ctx, options);
  EXPECT_FALSE(again.ok());
  CO_TRY_OK(co_await mysqld.Start(ctx));
  const Result<> twice = co_await mysqld.Start(ctx);
  EXPECT_FALSE(twice.ok());
  CO_TRY(const std::string position, co_await mysqld.Position(ctx));
  EXPECT_TRUE(position.starts_with("MariaDB/")) << position;
  CO_TRY(const Mysqld other, co_await Mysqld::Open(cnf.dir));
  EXPECT_EQ(other.pid(), mysqld.pid());
  const Result<> refused = co_await mysqld.Teardown(ctx, false);
  EXPECT_FALSE(refused.ok());
  CO_TRY_OK(co_await mysqld.Shutdown(ctx));
  EXPECT_EQ(mysqld.pid(), 0);
  CO_TRY_OK(co_await mysqld.Shutdown(ctx));

  // Its port is taken by somebody else now.
  CO_TRY(std::unique_ptr<runtime::Listener> thief,
         runtime::Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", cnf.port)));
  const Result<> blocked = co_await mysqld.Start(ctx);
  EXPECT_FALSE(blocked.ok());
  thief.reset();
  CO_TRY_OK(co_await mysqld.Teardown(ctx, false));
  EXPECT_FALSE(fs::exists(cnf.dir));
  co_return Ok{};
}

using Body = Task<Result<>> (*)(const Context&);
Task<int> RunBody(const Context& ctx, Body body) {
  const Context bounded = ctx.WithTimeout(std::chrono::minutes(8));
  const Result<> outcome = co_await body(bounded);
  EXPECT_TRUE(outcome.ok()) << outcome.error().ToString();
  co_return outcome.ok() ? 0 : 1;
}

TEST(Mysqld, LeavesForeignFoldersAlone) {
  EXPECT_EQ(runtime::RunLoop([](const Context& ctx) { return RunBody(ctx, &Foreign); }), 0);
}
TEST(Mysqld, LivesFromInitToTeardown) {
  EXPECT_EQ(runtime::RunLoop([](const Context& ctx) { return RunBody(ctx, &Life); }), 0);
}

}  // namespace
}  // namespace tessera::mysqlctl
