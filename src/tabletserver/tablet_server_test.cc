// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/tablet_server.h"

#include <gtest/gtest.h>

#include "tabletserver/plan.h"
#include "tabletserver/testing/tablet.h"

namespace tessera::tabletserver {
namespace {

using namespace std::chrono_literals;
using mysqlctl::testing::TestServer;
using queryservice::Health;
using queryservice::Request;
using queryservice::State;
using queryservice::StatefulResult;
using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

using testing::kTarget;
using testing::Say;
using testing::Tablet;
using testing::TestConfig;
using testing::WithTablet;

::testing::Environment* const kServer =
    ::testing::AddGlobalTestEnvironment(new TestServer({"vt_ks"}));

TEST(PlanCache, ManyLongStatementsTakeNoMoreMemory) {
  PlanCache cache(5000, nullptr);
  const std::string long_text(PlanCache::kLongestText - 100, '1');
  for (int i = 0; i < 300; ++i) cache.Get("select " + std::to_string(i) + long_text, true);
  EXPECT_EQ(cache.size(), PlanCache::kMostText / PlanCache::kLongestText);
  cache.Get("select " + std::string(PlanCache::kLongestText, '1'), true);
  EXPECT_EQ(cache.size(), PlanCache::kMostText / PlanCache::kLongestText);
  cache.Clear();
  cache.Get("select 1", true);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(Plan, Kinds) {
  EXPECT_EQ(Plan("select 1").kind, PlanKind::kSelect);
  EXPECT_EQ(Plan("/* c */ (select 1) union (select 2)").kind, PlanKind::kSelect);
  EXPECT_EQ(Plan("insert into t values (1)").kind, PlanKind::kDml);
  EXPECT_EQ(Plan("alter table t add x int").kind, PlanKind::kDdl);
  EXPECT_EQ(Plan("rollback to s").kind, PlanKind::kSavepoint);
  EXPECT_EQ(Plan("rollback").kind, PlanKind::kTransaction);
  EXPECT_EQ(Plan("show tables").kind, PlanKind::kOther);
  EXPECT_TRUE(Plan("select GET_LOCK('a', 1)").needs_reserved);
  EXPECT_TRUE(Plan("with c as (select GET_LOCK('a', 1)) select * from c").needs_reserved);
  EXPECT_TRUE(Plan("create temporary table t (id int)").needs_reserved);
  const Plan next("select next :n values from `seq`");
  EXPECT_EQ(next.kind, PlanKind::kNextValue);
  EXPECT_EQ(next.count_var, "n");
  EXPECT_EQ(next.sequence, "`seq`");
  EXPECT_EQ(Plan("select next 5 values from seq").count, 5);
  EXPECT_EQ(Plan("select next from seq").kind, PlanKind::kSelect);
  PlanCache cache(2, nullptr);
  const auto first = cache.Get("select 1", true);
  EXPECT_EQ(cache.Get("select 1", true), first);
  cache.Get("select 2", true);
  cache.Get("select 3", true);
  EXPECT_EQ(cache.size(), 2u);
}

// Reads may share a run, and are repeated: what changes rows must not be taken for one.
TEST(Plan, WithIsWhatStandsBehindIt) {
  for (const char* read :
       {"with c as (select 1) select * from c",
        "WITH RECURSIVE c(n) AS (select 1) (select n from c)",
        "with c as (delete_me()) select 1 for update",
        "with `update` as (select ')') select 'update'",
        "with c as (select 1) -- update\n values row(1)", "with c as (select 1)", "with"})
    EXPECT_EQ(Plan(read).kind, PlanKind::kSelect) << read;
  for (const char* change :
       {"with c as (select 1 as id) update t join c using (id) set v = :v",
        "/* x */ With c as (select '(' from t), d as (select (1)) /* select */ delete from t",
        "with recursive c(n) as (select 1 union all select n + 1 from c) insert into t select 1",
        "with c as (select 1) replace into t select * from c"}) {
    EXPECT_EQ(Plan(change).kind, PlanKind::kDml) << change;
    EXPECT_EQ(KindOf(change), PlanKind::kDml) << change;
  }
}

Task<> Statements(const Context& ctx, Tablet& tablet) {
  co_await tablet.Expect(ctx, "create table t (id int primary key, v varchar(20))", "affected 0");
  co_await tablet.Expect(ctx, "insert into t values (1, 'a'), (2, null)", "affected 2");
  co_await tablet.Expect(ctx, "select id, v from t order by id", "1|a|2|NULL|");
  co_await tablet.Expect(
      ctx, "insert into t values (1, 'x')",
      "Duplicate entry '1' for key 'PRIMARY' (errno 1062) (sqlstate 23000): Sql: \"insert "
      "into t values (1, 'x')\", BindVars: {}");
  co_await tablet.Expect(ctx, "set @a = 1", "set @a = 1 not allowed without reserved connection");

  Request request;
  request.target = &kTarget;
  request.sql = "select v from t where id in ::ids and id > :low";
  const Value ids[] = {Value(Type::kInt64, "1"), Value(Type::kInt64, "2")};
  sqltypes::BindVars vars;
  vars.AddList("ids", ids);
  vars.Add("low", Value(Type::kInt64, "0"));
  request.vars = &vars;
  Result<ResultSet> bound = co_await tablet.server.Execute(ctx, request);
  EXPECT_EQ(Tablet::Text(std::move(bound)), "a|NULL|");

  const keys::Target replica{"ks", "-80", keys::TabletType::kReplica};
  request.target = &replica;
  Result<ResultSet> wrong = co_await tablet.server.Execute(ctx, request);
  EXPECT_EQ(Tablet::Text(std::move(wrong)), "wrong tablet type: REPLICA, want: PRIMARY or []");
  request.target = nullptr;
  Result<ResultSet> none = co_await tablet.server.Execute(ctx, request);
  EXPECT_EQ(Tablet::Text(std::move(none)), "No target");
  co_await tablet.Expect(ctx, "drop table t", "affected 0");
}
TEST(TabletServer, Statements) { WithTablet(&Statements); }

// A statement's id, and whether it is what LAST_INSERT_ID() is now.
Task<std::pair<uint64_t, bool>> InsertIdOf(const Context& ctx, Tablet& tablet, std::string sql,
                                           bool fetch) {
  queryservice::ExecuteOptions options;
  options.fetch_last_insert_id = fetch;
  Request request;
  request.target = &kTarget;
  request.options = &options;
  request.sql = sql;
  const Result<ResultSet> result = co_await tablet.server.Execute(ctx, request);
  EXPECT_TRUE(result.ok()) << sql;
  if (!result.ok()) co_return std::pair(uint64_t{0}, false);
  co_return std::pair(result->insert_id, result->insert_id_changed);
}

Task<> InsertIds(const Context& ctx, Tablet& tablet) {
  co_await tablet.Run(ctx, "create table ids (id int primary key auto_increment, v bigint)");
  const auto is = [&](std::string sql, bool fetch, uint64_t id, bool changed) -> Task<> {
    const std::pair<uint64_t, bool> got = co_await InsertIdOf(ctx, tablet, sql, fetch);
    EXPECT_EQ(got, std::pair(id, changed)) << sql;
  };
  co_await is("insert into ids (v) values (7), (8)", false, 1, true);
  // The server tells the id that a statement gives; LAST_INSERT_ID() is not about it.
  co_await is("insert into ids values (50, 2)", false, 50, false);
  co_await is("insert into ids (v) values (500)", false, 51, true);
  constexpr auto kMinus7 = static_cast<uint64_t>(-7);
  co_await is("insert into ids values (-7, 2)", false, kMinus7, false);
  co_await is("insert into ids select 5 + 6 + 7, v from ids where id = 1", false, 18, false);
  co_await is("insert into ids (v) select v from ids where id = 1", false, 52, true);
  co_await is("update ids set v = last_insert_id(v + 1) where id = 50", true, 3, true);
  co_await is("update ids set v = last_insert_id(0) where id = 50", true, 0, true);
  co_await is("update ids set v = last_insert_id(9) where id = 500", true, 0, false);
  co_await is("delete from ids where id = last_insert_id(77)", true, 77, true);
  co_await is("insert into ids values (60, 1)", true, 60, false);
  co_await tablet.Run(ctx, "drop table ids");
}
TEST(TabletServer, InsertIds) { WithTablet(&InsertIds); }

Task<> Transactions(const Context& ctx, Tablet& tablet) {
  co_await tablet.Run(ctx, "create table tx (id int primary key)");
  const int64_t id = co_await tablet.Begin(ctx);
  co_await tablet.Expect(ctx, "insert into tx values (1)", "affected 1", id);
  co_await tablet.Expect(ctx, "select count(*) from tx", "0|");
  const Result<queryservice::State> rolled = co_await tablet.server.Rollback(ctx, kTarget, id);
  EXPECT_TRUE(rolled.ok());
  const std::string gone = co_await tablet.Run(ctx, "select 1", id);
  EXPECT_TRUE(gone.starts_with(fmt::format("transaction {}: ended at ", id))) << gone;
  co_await tablet.Expect(ctx, "select 1",
                         "transaction 12345: not found (potential transaction timeout)", 12345);

  const int64_t second = co_await tablet.Begin(ctx);
  co_await tablet.Expect(ctx, "insert into tx values (2)", "affected 1", second);
  const Result<queryservice::State> committed = co_await tablet.server.Commit(ctx, kTarget, second);
  EXPECT_TRUE(committed.ok());
  co_await tablet.Expect(ctx, "select id from tx", "2|");

  // A failing statement keeps the transaction it opened, and says so beside its id.
  Request request;
  request.target = &kTarget;
  request.sql = "insert into tx values (2)";
  const Result<StatefulResult> both = co_await tablet.server.BeginExecute(ctx, request);
  EXPECT_TRUE(both.ok());
  if (both.ok()) {
    EXPECT_TRUE(both->state.error.has_value());
    EXPECT_NE(both->state.transaction_id, 0);
    const Result<> released =
        co_await tablet.server.Release(ctx, kTarget, both->state.transaction_id, 0);
    EXPECT_TRUE(released.ok());
  }

  // Nobody comes back for this one.
  const int64_t third = co_await tablet.Begin(ctx);
  while (tablet.server.stats().killed_transactions == 0) {
    const Result<> slept = co_await Sleep(ctx, 20ms);
    CHECK(slept.ok());
  }
  const std::string killed = co_await tablet.Run(ctx, "select 1", third);
  EXPECT_NE(killed.find("exceeded timeout: 3s"), std::string::npos) << killed;
  co_await tablet.Run(ctx, "drop table tx");
}
TEST(TabletServer, Transactions) {
  Config config = TestConfig();
  config.transaction_timeout = 3s;
  WithTablet(&Transactions, config);
}

Task<> Limits(const Context& ctx, Tablet& tablet) {
  co_await tablet.Expect(ctx, "select 1 union select 2 union select 3",
                         "caller id: : row count exceeded 2");
  const Instant start = Executor::Current().Now();
  const std::string slow = co_await tablet.Run(ctx, "select sleep(30)");
  EXPECT_LT(Executor::Current().Now() - start, 15s) << slow;
  EXPECT_EQ(slow.find("30|"), std::string::npos);
  co_await tablet.Expect(ctx, "select 1", "1|");
}
TEST(TabletServer, Limits) {
  Config config = TestConfig();
  config.max_result_rows = 2;
  config.query_timeout = 500ms;
  WithTablet(&Limits, config);
}

Task<> Sequence(const Context& ctx, Tablet& tablet) {
  co_await tablet.Run(ctx, "create table seq (id int primary key, next_id bigint, cache bigint)");
  const std::string empty = co_await tablet.Run(ctx, "select next value from seq");
  EXPECT_NE(empty.find("no row"), std::string::npos) << empty;
  co_await tablet.Run(ctx, "insert into seq values (0, 10, 5)");
  co_await tablet.Expect(ctx, "select next value from seq", "10|");
  co_await tablet.Expect(ctx, "select next 3 values from seq", "11|");
  co_await tablet.Expect(ctx, "select next_id from seq", "15|");
  co_await tablet.Expect(ctx, "select next 7 values from seq", "15|");
  co_await tablet.Expect(ctx, "select next_id from seq", "25|");
  co_await tablet.Run(ctx, "drop table seq");
}
TEST(TabletServer, Sequences) { WithTablet(&Sequence); }

class Rows final : public queryservice::ResultSink {
 public:
  Task<Result<>> OnFields(const Context&, std::vector<sqltypes::Field> fields) override {
    columns = fields.size();
    co_return Ok{};
  }
  Task<Result<>> OnRows(const Context&, std::string_view, size_t row_count) override {
    rows += row_count;
    ++parts;
    co_return Ok{};
  }
  size_t columns = 0;
  size_t rows = 0;
  size_t parts = 0;
};

Task<Result<>> ReadTwice(const Context& ctx, Tablet& tablet, std::vector<std::string>& out) {
  std::string text = co_await tablet.Run(ctx, "select sleep(0.3), 'same'");
  out.push_back(std::move(text));
  co_return Ok{};
}

Task<> StreamsAndSharing(const Context& ctx, Tablet& tablet) {
  Request request;
  request.target = &kTarget;
  request.sql = "select seq, repeat('x', 100) from seq_1_to_5000";
  Rows rows;
  const Result<> streamed = co_await tablet.server.StreamExecute(ctx, request, rows);
  EXPECT_TRUE(streamed.ok()) << Say(streamed.error());
  EXPECT_EQ(rows.columns, 2u);
  EXPECT_EQ(rows.rows, 5000u);
  EXPECT_GT(rows.parts, 5u);

  std::vector<std::string> answers;
  runtime::TaskGroup group(ctx);
  for (int i = 0; i < 4; ++i) group.Start(ReadTwice(group.context(), tablet, answers));
  const Result<> joined = co_await group.Join();
  EXPECT_TRUE(joined.ok());
  EXPECT_EQ(answers, std::vector<std::string>(4, "0|same|"));
  EXPECT_EQ(tablet.server.consolidated(), 3u);
}
TEST(TabletServer, StreamsAndSharing) { WithTablet(&StreamsAndSharing); }

Task<> Reserved(const Context& ctx, Tablet& tablet) {
  const std::vector<std::string> settings = {"set sql_select_limit = 1"};
  Request request;
  request.target = &kTarget;
  request.sql = "select seq from seq_1_to_2";
  request.pre_queries = settings;
  Result<StatefulResult> with = co_await tablet.server.ReserveExecute(ctx, request);
  EXPECT_TRUE(with.ok());
  if (with.ok()) {
    EXPECT_EQ(with->state.reserved_id, 0);
    EXPECT_EQ(with->result.row_count(), 1u);
  }
  co_await tablet.Expect(ctx, "select seq from seq_1_to_2", "1|2|");

  request.sql = "select get_lock('l', 1)";
  Result<StatefulResult> locked = co_await tablet.server.ReserveExecute(ctx, request);
  EXPECT_TRUE(locked.ok());
  if (locked.ok()) {
    EXPECT_NE(locked->state.reserved_id, 0);
    const Result<> released =
        co_await tablet.server.Release(ctx, kTarget, 0, locked->state.reserved_id);
    EXPECT_TRUE(released.ok());
  }
}
TEST(TabletServer, ReservedConnections) { WithTablet(&Reserved); }

class Healths final : public queryservice::HealthSink {
 public:
  Task<Result<>> OnHealth(const Context&, const Health& health) override {
    seen.push_back(health);
    co_return Ok{};
  }
  std::vector<Health> seen;
};
class Tables final : public queryservice::SchemaSink {
 public:
  Task<Result<>> OnTables(const Context&,
                          std::vector<queryservice::TableDefinition> tables) override {
    for (queryservice::TableDefinition& table : tables) seen.push_back(std::move(table));
    co_return Ok{};
  }
  std::vector<queryservice::TableDefinition> seen;
};

Task<> HealthAndSchema(const Context& ctx, Tablet& tablet) {
  Healths healths;
  runtime::TaskGroup group(ctx);
  group.Start(tablet.server.StreamHealth(group.context(), healths));
  co_await tablet.Run(ctx, "create table hs (id int primary key, v int, key by_v (v))");
  co_await Yield();
  const auto told = [&healths] {
    return !healths.seen.empty() && !healths.seen.back().table_schema_changed.empty();
  };
  while (!told()) {
    const Result<> slept = co_await Sleep(ctx, 10ms);
    CHECK(slept.ok());
  }
  EXPECT_TRUE(healths.seen.front().serving);
  EXPECT_EQ(healths.seen.back().table_schema_changed, std::vector<std::string>{"hs"});
  const auto found = tablet.server.schema().schema().find("hs");
  EXPECT_NE(found, tablet.server.schema().schema().end());
  EXPECT_EQ(found->second->primary_key, std::vector<std::string>{"id"});
  EXPECT_EQ(found->second->columns.size(), 2u);
  Tables tables;
  const std::vector<std::string> names = {"hs", "missing"};
  const Result<> got = co_await tablet.server.GetSchema(
      ctx, kTarget, queryservice::SchemaTables::kTables, names, tables);
  EXPECT_TRUE(got.ok()) << Say(got.error());
  EXPECT_EQ(tables.seen.size(), 1u);
  EXPECT_TRUE(tables.seen[0].create_statement.starts_with("CREATE TABLE `hs`"));
  co_await tablet.Run(ctx, "drop table hs");
  tablet.server.SetServing(keys::TabletType::kPrimary, false, 1, "test");
  co_await tablet.Expect(ctx, "select 1", "operation not allowed in state NOT_SERVING");
  const Result<> ended = co_await group.CancelAndJoin();
  EXPECT_FALSE(ended.ok());
}
TEST(TabletServer, HealthAndSchema) { WithTablet(&HealthAndSchema); }

}  // namespace
}  // namespace tessera::tabletserver
