// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// The client and its pool against a real MariaDB server, started once for all of these tests on a
// Unix socket.
#include "mysqlconn/connection.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/waiter.h"
#include "mysqlconn/pool.h"
#include "runtime/loop_pool.h"
#include "runtime/task_group.h"
#include "sqltypes/row_codec.h"

namespace tessera::mysqlconn {
namespace {

using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

#define CO_ASSERT(condition)     \
  if (!(condition)) {            \
    ADD_FAILURE() << #condition; \
    co_return;                   \
  }

pid_t Spawn(const std::vector<std::string>& arguments, const std::string& log) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0 ? pid : -1;
}

// A MariaDB server in a temporary folder.
class MariaDb {
 public:
  MariaDb() {
    char folder[] = "/tmp/tessera_mariadb_XXXXXX";
    CHECK(mkdtemp(folder) != nullptr);
    folder_ = folder;
    const std::string data = folder_ + "/data";
    const pid_t install =
        Spawn({"mariadb-install-db", "--no-defaults", "--datadir=" + data, "--user=root",
               "--auth-root-authentication-method=normal", "--skip-test-db"},
              folder_ + "/log");
    int status = 0;
    CHECK(install > 0 && waitpid(install, &status, 0) == install && status == 0);
    pid_ = Spawn({"mariadbd", "--no-defaults", "--user=root", "--datadir=" + data,
                  "--socket=" + socket(), "--skip-networking", "--innodb-buffer-pool-size=16M",
                  "--max-allowed-packet=64M", "--innodb-flush-log-at-trx-commit=0"},
                 folder_ + "/log");
    CHECK(pid_ > 0);
  }
  ~MariaDb() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }
  std::string socket() const { return folder_ + "/socket"; }
  ConnectOptions Login(std::string user = "root", std::string password = "") const {
    ConnectOptions options;
    options.address = runtime::Address::Unix(socket());
    options.user = std::move(user);
    options.password = std::move(password);
    return options;
  }

 private:
  std::string folder_;
  pid_t pid_ = -1;
};

MariaDb& TheServer() {
  static MariaDb server;
  return server;
}

// The server needs a moment until it listens.
Task<Result<std::unique_ptr<Connection>>> ConnectPatiently(const Context& ctx,
                                                           const ConnectOptions& options) {
  for (;;) {
    auto connected = co_await Connection::Connect(ctx, options);
    if (connected.ok() || connected.error().code() != Code::kUnavailable) co_return connected;
    CO_TRY_OK(co_await Sleep(ctx, std::chrono::milliseconds(50)));
  }
}

using Body = Task<> (*)(const Context&, Connection&);

Task<int> Root(const Context& ctx, Body body) {
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(200));
  const ConnectOptions options = TheServer().Login();
  auto connected = co_await ConnectPatiently(bounded, options);
  EXPECT_TRUE(connected.ok()) << connected.error().message();
  if (connected.ok()) co_await body(bounded, **connected);
  co_return 0;
}

void RunOnLoop(Body body) {
  runtime::RunLoop([body](const Context& ctx) { return Root(ctx, body); });
}

// Runs statements that must succeed.
Task<> Do(const Context& ctx, Connection& connection, std::string sql) {
  const auto result = co_await connection.Query(ctx, sql);
  EXPECT_TRUE(result.ok()) << sql << ": " << result.error().message();
}

Task<> TypesBody(const Context& ctx, Connection& connection) {
  EXPECT_TRUE(connection.is_mariadb());
  auto result = co_await connection.Query(
      ctx,
      "select cast(-5 as signed) a, cast(7 as unsigned) b, 1.50 c, 2e3 d, cast('x' as char(3)) e, "
      "date '2026-01-02' f,"
      " timestamp '2026-01-02 03:04:05' g, null h, '' i, cast('z' as binary) j");
  CO_ASSERT(result.ok() && result->encoded() && result->Decode().ok());
  const std::vector<std::pair<Type, std::string>> expected = {
      {Type::kInt32, "-5"},
      {Type::kUint32, "7"},
      {Type::kDecimal, "1.50"},
      {Type::kFloat64, "2000"},
      {Type::kVarChar, "x"},
      {Type::kDate, "2026-01-02"},
      {Type::kDatetime, "2026-01-02 03:04:05"},
      {Type::kNull, ""},
      {Type::kVarChar, ""},
      {Type::kVarBinary, "z"}};
  CO_ASSERT(result->fields.size() == expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    if (i > 1) {
      EXPECT_EQ(result->fields[i].type, expected[i].first) << i;
    }
    EXPECT_TRUE(sqltypes::IsIntegral(result->fields[0].type));
    EXPECT_EQ(result->row(0)[i].raw(), expected[i].second) << i;
  }
  EXPECT_TRUE(result->row(0)[7].is_null());
  EXPECT_FALSE(result->row(0)[8].is_null());
  EXPECT_EQ(result->fields[0].name, "a");
}
TEST(Connection, TypesAndValues) { RunOnLoop(TypesBody); }

Task<> StatementsBody(const Context& ctx, Connection& connection) {
  co_await Do(ctx, connection, "create or replace database shop");
  const Result<> used = co_await connection.ChangeDatabase(ctx, "shop");
  EXPECT_TRUE(used.ok());
  co_await Do(ctx, connection,
              "create table t (id int auto_increment primary key, name varchar(5)) engine=innodb");
  auto inserted = co_await connection.Query(ctx, "insert into t (name) values ('a'), ('b'), ('c')");
  CO_ASSERT(inserted.ok());
  EXPECT_EQ(inserted->affected_rows, 3u);
  EXPECT_EQ(inserted->insert_id, 1u);
  EXPECT_NE(inserted->info.find("Records: 3"), std::string::npos) << inserted->info;
  co_await Do(ctx, connection, "begin");
  EXPECT_TRUE(connection.status().in_transaction());
  auto same = co_await connection.Query(ctx, "update t set name = 'a' where id = 1");
  CO_ASSERT(same.ok());
  EXPECT_EQ(same->affected_rows, 0u);
  co_await Do(ctx, connection, "rollback");
  EXPECT_FALSE(connection.status().in_transaction());
  EXPECT_TRUE(connection.status().autocommit());
  co_await Do(ctx, connection, "set sql_mode = ''");
  co_await Do(ctx, connection, "insert into t (name) values ('too long for it')");
  EXPECT_EQ(connection.status().warnings, 1);
  auto duplicate = co_await connection.Query(ctx, "insert into t values (1, 'x')");
  CO_ASSERT(!duplicate.ok());
  EXPECT_EQ(duplicate.error().mysql_errno(), 1062);
  EXPECT_EQ(duplicate.error().sqlstate(), "23000");
  EXPECT_EQ(duplicate.error().code(), Code::kAlreadyExists);
  EXPECT_EQ(duplicate.error().message(), "Duplicate entry '1' for key 'PRIMARY'");
  ConnectOptions options = TheServer().Login();
  options.database = "shop";
  options.found_rows = true;
  options.multi_statements = true;
  auto other = co_await Connection::Connect(ctx, options);
  CO_ASSERT(other.ok());
  auto matched = co_await (*other)->Query(ctx, "update t set name = 'a' where id = 1; select 5");
  CO_ASSERT(matched.ok());
  EXPECT_EQ(matched->affected_rows, 1u);
  CO_ASSERT((*other)->more_results());
  auto five = co_await (*other)->NextResult(ctx);
  CO_ASSERT(five.ok() && five->Decode().ok());
  EXPECT_EQ(five->row(0)[0].raw(), "5");
}
TEST(Connection, StatementsAndErrors) { RunOnLoop(StatementsBody); }

Task<> LoginBody(const Context& ctx, Connection& connection) {
  co_await Do(ctx, connection,
              "create or replace user app@localhost identified via mysql_native_password using "
              "password('secret')");
  const ConnectOptions good = TheServer().Login("app", "secret");
  auto in = co_await Connection::Connect(ctx, good);
  EXPECT_TRUE(in.ok());
  const ConnectOptions bad = TheServer().Login("app", "wrong");
  auto refused = co_await Connection::Connect(ctx, bad);
  CO_ASSERT(!refused.ok());
  EXPECT_EQ(refused.error().mysql_errno(), 1045);
  EXPECT_EQ(refused.error().code(), Code::kPermissionDenied);
  ConnectOptions nobody = good;
  nobody.address = runtime::Address::Unix("/tmp/tessera-nobody-listens");
  auto none = co_await Connection::Connect(ctx, nobody);
  CO_ASSERT(!none.ok());
  EXPECT_EQ(none.error().mysql_errno(), 2002);
  EXPECT_EQ(none.error().code(), Code::kUnavailable);
}
TEST(Connection, Logins) { RunOnLoop(LoginBody); }

Task<> LimitsBody(const Context& ctx, Connection& connection) {
  QueryOptions options;
  options.max_rows = 100;
  auto exact = co_await connection.Query(ctx, "select seq from mysql.seq_1_to_100", options);
  EXPECT_TRUE(exact.ok());
  auto many = co_await connection.Query(ctx, "select seq from mysql.seq_1_to_10000000", options);
  CO_ASSERT(!many.ok());
  EXPECT_EQ(many.error().code(), Code::kAborted);
  EXPECT_EQ(many.error().message(), "row count exceeded 100");
  const Context soon = ctx.WithTimeout(std::chrono::milliseconds(300));
  auto late = co_await connection.Query(soon, "select sleep(100)");
  CO_ASSERT(!late.ok());
  EXPECT_EQ(late.error().code(), Code::kDeadlineExceeded);
  // Killed, not hung up: the same connection goes on.
  EXPECT_TRUE(connection.usable());
  for (int i = 0; i < 20; ++i) {
    auto one = co_await connection.Query(ctx, "select 1");
    EXPECT_TRUE(one.ok()) << one.error().message();
  }
}
TEST(Connection, RowLimitAndDeadlineKillTheQuery) { RunOnLoop(LimitsBody); }

Task<> BigBody(const Context& ctx, Connection& connection) {
  const std::string value(size_t{20} << 20, 'x');
  const std::string sql = "select length('" + value + "')";
  auto length = co_await connection.Query(ctx, sql);
  CO_ASSERT(length.ok() && length->Decode().ok());
  EXPECT_EQ(length->row(0)[0].raw(), std::to_string(value.size()));
  auto back = co_await connection.Query(
      ctx, "select repeat('y', 33554427)");  // two full frames with its length
  CO_ASSERT(back.ok() && back->Decode().ok());
  EXPECT_EQ(back->row(0)[0].raw().size(), 33554427u);
}
TEST(Connection, PacketsOver16MegabytesBothWays) { RunOnLoop(BigBody); }

class CountingSink final : public RowSink {
 public:
  Task<Result<>> OnFields(const Context&, std::span<const sqltypes::Field> fields) override {
    columns = fields.size();
    co_return Ok{};
  }
  Task<Result<>> OnRows(const Context&, std::string_view run, size_t row_count) override {
    ++batches;
    rows += row_count;
    smallest = std::min(smallest, run.size());
    sqltypes::RowRunReader reader(run);
    while (!reader.empty()) {
      CO_TRY_OK(reader.Next());
      ++entries;
    }
    if (stop_after != 0 && rows >= stop_after) co_return Error(Code::kCancelled, "enough");
    co_return Ok{};
  }
  size_t columns = 0, batches = 0, rows = 0, entries = 0, stop_after = 0, smallest = ~size_t{0};
};

Task<> StreamBody(const Context& ctx, Connection& connection) {
  CountingSink sink;
  const Result<> all = co_await connection.StreamQuery(
      ctx, "select seq, 'some text' from mysql.seq_1_to_50000", sink, 32768);
  CO_ASSERT(all.ok());
  EXPECT_EQ(sink.columns, 2u);
  EXPECT_EQ(sink.rows, 50000u);
  EXPECT_EQ(sink.entries, 50000u);
  EXPECT_GT(sink.batches, 10u);
  CountingSink few;
  few.stop_after = 1000;
  const Result<> cut =
      co_await connection.StreamQuery(ctx, "select seq from mysql.seq_1_to_50000000", few, 1024);
  CO_ASSERT(!cut.ok());
  EXPECT_EQ(cut.error().message(), "enough");
  auto after = co_await connection.Query(ctx, "select 1");
  EXPECT_TRUE(after.ok());
}
TEST(Connection, StreamsAndStopsStreaming) { RunOnLoop(StreamBody); }

Task<> LostBody(const Context& ctx, Connection& connection) {
  const ConnectOptions options = TheServer().Login();
  auto victim = co_await Connection::Connect(ctx, options);
  CO_ASSERT(victim.ok());
  const std::string kill = "kill " + std::to_string((*victim)->thread_id());
  co_await Do(ctx, connection, kill);
  auto lost = co_await (*victim)->Query(ctx, "select 1");
  CO_ASSERT(!lost.ok());
  const uint16_t number = lost.error().mysql_errno();
  EXPECT_TRUE(number == 2013 || number == 2006 || number == 1927)
      << number << lost.error().message();
  auto gone = co_await (*victim)->Query(ctx, "select 1");
  CO_ASSERT(!gone.ok());
  EXPECT_EQ(gone.error().mysql_errno(), 2006);
  EXPECT_FALSE((*victim)->usable());
}
TEST(Connection, LostConnections) { RunOnLoop(LostBody); }

PoolOptions SmallPool() {
  PoolOptions options;
  options.name = "test";
  options.connect = TheServer().Login();
  options.size = 2;
  options.max_waiters = 1;
  options.wait_timeout = std::chrono::milliseconds(100);
  return options;
}

Task<> GetAndKeep(const Context& ctx, Pool& pool, bool* done) {
  auto lease = co_await pool.Get(ctx);
  EXPECT_TRUE(lease.ok());
  *done = true;
}

Task<> PoolBody(const Context& ctx, Connection&) {
  Pool pool(SmallPool());
  auto first = co_await pool.Get(ctx);
  auto second = co_await pool.Get(ctx);
  CO_ASSERT(first.ok() && second.ok());
  const uint32_t second_id = (*second)->thread_id();
  auto late = co_await pool.Get(ctx);
  CO_ASSERT(!late.ok());
  EXPECT_EQ(late.error().code(), Code::kResourceExhausted);
  EXPECT_NE(late.error().message().find("pool test"), std::string::npos);
  EXPECT_EQ(pool.stats().timeouts, 1u);
  {
    runtime::TaskGroup group(ctx);
    bool done = false;
    group.Start(GetAndKeep(ctx, pool, &done));
    EXPECT_EQ(pool.waiting(), 1u);
    auto refused = co_await pool.Get(ctx);
    EXPECT_FALSE(refused.ok());
    EXPECT_EQ(pool.stats().refused, 1u);
    first->Return();
    const auto joined = co_await group.Join();
    EXPECT_TRUE(done);
  }
  second->Return();
  // Last in, first out.
  auto again = co_await pool.Get(ctx);
  CO_ASSERT(again.ok());
  EXPECT_EQ((*again)->thread_id(), second_id);
  EXPECT_EQ(pool.stats().connects, 2u);
  again->Discard();
  EXPECT_EQ(pool.idle(), 1u);
  auto broken = co_await pool.Get(ctx);
  CO_ASSERT(broken.ok());
  (*broken)->Close();
  broken->Return();
  EXPECT_EQ(pool.idle(), 0u);
  EXPECT_EQ(pool.stats().closed_broken, 1u);
  auto fresh = co_await pool.Get(ctx);
  CO_ASSERT(fresh.ok());
  fresh->Return();
  const Result<> drained = co_await pool.Drain(ctx);
  EXPECT_TRUE(drained.ok());
  auto closed = co_await pool.Get(ctx);
  EXPECT_FALSE(closed.ok());
  EXPECT_EQ(pool.idle() + pool.in_use(), 0u);
}
TEST(Pool, LendsWaitsAndDrains) { RunOnLoop(PoolBody); }

Task<> ResizeBody(const Context& ctx, Connection&) {
  Pool pool(SmallPool());
  auto first = co_await pool.Get(ctx);
  auto second = co_await pool.Get(ctx);
  CO_ASSERT(first.ok() && second.ok());
  pool.Resize(1);
  first->Return();
  EXPECT_EQ(pool.idle(), 0u);
  second->Return();
  EXPECT_EQ(pool.idle(), 1u);
  EXPECT_EQ(pool.in_use(), 0u);
  pool.Resize(0);
  EXPECT_EQ(pool.idle(), 0u);
  PoolOptions old = SmallPool();
  old.max_lifetime = std::chrono::nanoseconds(1);
  Pool mortal(std::move(old));
  auto lease = co_await mortal.Get(ctx);
  CO_ASSERT(lease.ok());
  lease->Return();
  EXPECT_EQ(mortal.idle(), 0u);
  EXPECT_EQ(mortal.stats().closed_lifetime, 1u);
}
TEST(Pool, ResizesAndEndsOldConnections) { RunOnLoop(ResizeBody); }

Task<> RenewBody(const Context& ctx, Connection&) {
  Pool pool(SmallPool());
  auto lent = co_await pool.Get(ctx);
  auto idle = co_await pool.Get(ctx);
  CO_ASSERT(lent.ok() && idle.ok());
  const uint32_t before = (*lent)->thread_id();
  idle->Return();
  pool.Renew();
  EXPECT_EQ(pool.idle(), 0u);
  lent->Return();
  EXPECT_EQ(pool.idle(), 0u);
  auto fresh = co_await pool.Get(ctx);
  CO_ASSERT(fresh.ok());
  EXPECT_NE((*fresh)->thread_id(), before);
  fresh->Return();
  EXPECT_EQ(pool.idle(), 1u);
}
TEST(Pool, RenewsItsConnections) { RunOnLoop(RenewBody); }

}  // namespace
}  // namespace tessera::mysqlconn
