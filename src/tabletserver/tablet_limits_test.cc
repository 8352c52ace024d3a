// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a tablet does when something takes too long, is too much, or changes behind its back.
#include <gmock/gmock.h>

#include "tabletserver/testing/tablet.h"

namespace tessera::tabletserver {
namespace {

using namespace std::chrono_literals;
using queryservice::ExecuteOptions;
using queryservice::Request;
using queryservice::State;
using queryservice::StatefulResult;
using runtime::TaskGroup;
using sqltypes::ResultSet;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kTarget;
using testing::RunBeside;
using testing::Say;
using testing::Tablet;
using testing::TestConfig;
using testing::WithTablet;

// Statements of the tablet's client user that still run at the server.
constexpr const char* kSleeping =
    "select count(*) from information_schema.processlist where user = 'vt_app' and info like "
    "'%sleep(%'";
constexpr const char* kConnections =
    "select count(*) from information_schema.processlist where user = 'vt_app'";

class Counted final : public queryservice::ResultSink {
 public:
  Task<Result<>> OnFields(const Context&, std::vector<sqltypes::Field> got) override {
    EXPECT_TRUE(fields.empty());
    fields = std::move(got);
    co_return Ok{};
  }
  Task<Result<>> OnRows(const Context&, std::string_view, size_t row_count) override {
    EXPECT_FALSE(fields.empty());
    rows += row_count;
    co_return Ok{};
  }
  std::vector<sqltypes::Field> fields;
  size_t rows = 0;
};

Task<> PoolsAreFull(const Context& ctx, Tablet& tablet) {
  TaskGroup group(ctx);
  std::string slow;
  group.Start(RunBeside(group.context(), tablet, "select sleep(1), 'slow'", 0, slow));
  const std::string refused = co_await tablet.Run(ctx, "select 'quick'");
  EXPECT_THAT(refused, HasSubstr("connection pool oltp"));
  const Result<> joined = co_await group.Join();
  EXPECT_TRUE(joined.ok());
  EXPECT_EQ(slow, "0|slow|");
  co_await tablet.Expect(ctx, "select 'quick'", "quick|");

  const int64_t first = co_await tablet.Begin(ctx);
  Request request;
  request.target = &kTarget;
  const Result<State> second = co_await tablet.server.Begin(ctx, request);
  EXPECT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Code::kResourceExhausted);
  EXPECT_THAT(second.error().message(), HasSubstr("transaction pool connection limit exceeded"));
  const Result<queryservice::State> ended = co_await tablet.server.Rollback(ctx, kTarget, first);
  EXPECT_TRUE(ended.ok());
  const int64_t third = co_await tablet.Begin(ctx);
  EXPECT_NE(third, 0);
  const Result<queryservice::State> over = co_await tablet.server.Commit(ctx, kTarget, third);
  EXPECT_TRUE(over.ok());
}
TEST(TabletLimits, FullPoolsRefuseAfterTheirWait) {
  Config config = TestConfig();
  config.oltp_pool_size = 1;
  config.oltp_pool_timeout = 100ms;
  config.transaction_pool_size = 1;
  config.transaction_pool_timeout = 100ms;
  WithTablet(&PoolsAreFull, config);
}

Task<> IdleConnections(const Context& ctx, Tablet& tablet) {
  co_await tablet.Expect(ctx, "select 1", "1|");
  const std::string open = co_await Tablet::Direct(ctx, kConnections);
  EXPECT_EQ(open, "1|");
  co_await Tablet::Await(ctx.WithTimeout(10s), kConnections, "0|");
  co_await tablet.Expect(ctx, "select 1", "1|");
}
TEST(TabletLimits, IdleConnectionsAreClosed) {
  Config config = TestConfig();
  config.idle_timeout = 300ms;
  WithTablet(&IdleConnections, config);
}

Task<> OldConnections(const Context& ctx, Tablet& tablet) {
  const std::string first = co_await tablet.Run(ctx, "select connection_id()");
  std::string now = first;
  const Context bounded = ctx.WithTimeout(10s);
  // In use again and again, so idleness is not what ends it.
  while (now == first && !bounded.cancelled()) {
    now = co_await tablet.Run(ctx, "select connection_id()");
    const Result<> slept = co_await Sleep(ctx, 5ms);
    static_cast<void>(slept.ok());
  }
  EXPECT_NE(now, first);
}
TEST(TabletLimits, OldConnectionsAreReplaced) {
  Config config = TestConfig();
  config.connection_lifetime = 200ms;
  WithTablet(&OldConnections, config);
}

Task<> QueryTime(const Context& ctx, Tablet& tablet) {
  Request request;
  request.target = &kTarget;
  request.sql = "select sleep(30)";
  const Result<ResultSet> slow = co_await tablet.server.Execute(ctx, request);
  EXPECT_FALSE(slow.ok());
  EXPECT_EQ(slow.error().code(), Code::kDeadlineExceeded) << Say(slow.error());
  co_await Tablet::Await(ctx.WithTimeout(10s), kSleeping, "0|");

  // A caller's own limit stands in place of the tablet's.
  ExecuteOptions options;
  options.authoritative_timeout_ms = 10'000;
  request.options = &options;
  request.sql = "select sleep(0.6), 'done'";
  Result<ResultSet> longer = co_await tablet.server.Execute(ctx, request);
  EXPECT_EQ(Tablet::Text(std::move(longer)), "0|done|");
  ExecuteOptions dba;
  dba.workload = queryservice::Workload::kDba;
  request.options = &dba;
  Result<ResultSet> unlimited = co_await tablet.server.Execute(ctx, request);
  EXPECT_EQ(Tablet::Text(std::move(unlimited)), "0|done|");
}
TEST(TabletLimits, SlowQueriesAreKilledAtTheServer) {
  Config config = TestConfig();
  config.query_timeout = 300ms;
  WithTablet(&QueryTime, config);
}

Task<> TransactionTime(const Context& ctx, Tablet& tablet) {
  co_await tablet.Run(ctx, "create table tt (id int primary key)");
  const int64_t id = co_await tablet.Begin(ctx);
  co_await tablet.Expect(ctx, "insert into tt values (1)", "affected 1", id);
  const std::string cut = co_await tablet.Run(ctx, "select sleep(30)", id);
  EXPECT_EQ(cut.find("30|"), std::string::npos) << cut;
  const std::string next = co_await tablet.Run(ctx, "select 1", id);
  EXPECT_THAT(next, HasSubstr(fmt::format("transaction {}: ended at ", id)));
  EXPECT_THAT(next, HasSubstr("(exceeded timeout: 500ms)"));
  const Result<queryservice::State> commit = co_await tablet.server.Commit(ctx, kTarget, id);
  EXPECT_FALSE(commit.ok());
  EXPECT_EQ(commit.error().code(), Code::kAborted);
  co_await Tablet::Await(ctx.WithTimeout(10s), kSleeping, "0|");
  co_await tablet.Expect(ctx, "select count(*) from tt", "0|");

  // A client may want less, never more.
  ExecuteOptions options;
  options.transaction_timeout_ms = 60'000;
  Request request;
  request.target = &kTarget;
  request.options = &options;
  const Result<State> long_one = co_await tablet.server.Begin(ctx, request);
  EXPECT_TRUE(long_one.ok());
  while (tablet.server.stateful().size() > 0) {
    const Result<> slept = co_await Sleep(ctx, 10ms);
    CHECK(slept.ok());
  }
  EXPECT_EQ(tablet.server.stats().killed_transactions, 2u);
  co_await tablet.Run(ctx, "drop table tt");
}
TEST(TabletLimits, TransactionsOverTheirTimeAreRolledBack) {
  Config config = TestConfig();
  config.transaction_timeout = 500ms;
  WithTablet(&TransactionTime, config);
}

Task<> TransactionSeconds(const Context& ctx, Tablet& tablet) {
  const int64_t id = co_await tablet.Begin(ctx);
  while (tablet.server.stateful().size() > 0) {
    const Result<> slept = co_await Sleep(ctx, 10ms);
    CHECK(slept.ok());
  }
  const std::string next = co_await tablet.Run(ctx, "select 1", id);
  EXPECT_THAT(next, HasSubstr("(exceeded timeout: 1.5s)"));
}
TEST(TabletLimits, TimesAreToldAsVitessWritesThem) {
  Config config = TestConfig();
  config.transaction_timeout = 1500ms;
  WithTablet(&TransactionSeconds, config);
}

Task<> CallerGone(const Context& ctx, Tablet& tablet) {
  Request request;
  request.target = &kTarget;
  request.sql = "select sleep(30)";
  const Context leaving = ctx.WithTimeout(200ms);
  const Result<StatefulResult> lost = co_await tablet.server.BeginExecute(leaving, request);
  static_cast<void>(lost.ok());
  EXPECT_EQ(tablet.server.stateful().size(), 0u);
  const std::vector<std::string> settings = {"set sql_select_limit = 1"};
  request.pre_queries = settings;
  request.sql = "select get_lock('gone', 30), sleep(30)";
  const Context going = ctx.WithTimeout(200ms);
  const Result<StatefulResult> locked = co_await tablet.server.ReserveExecute(going, request);
  static_cast<void>(locked.ok());
  EXPECT_EQ(tablet.server.stateful().size(), 0u);
  co_await Tablet::Await(ctx.WithTimeout(10s), kSleeping, "0|");
}
TEST(TabletLimits, WhatACallerOpenedAndCannotLearnOfIsEnded) { WithTablet(&CallerGone); }

Task<> RowLimit(const Context& ctx, Tablet& tablet) {
  co_await tablet.Expect(ctx, "select seq from seq_1_to_3", "1|2|3|");
  Request request;
  request.target = &kTarget;
  request.sql = "select seq from seq_1_to_4";
  queryservice::Caller caller;
  caller.username = "someone";
  request.caller = &caller;
  const Result<ResultSet> over = co_await tablet.server.Execute(ctx, request);
  EXPECT_FALSE(over.ok());
  EXPECT_EQ(over.error().code(), Code::kAborted);
  EXPECT_EQ(over.error().message(), "caller id: someone: row count exceeded 3 (CallerID: someone)");
  ExecuteOptions dba;
  dba.workload = queryservice::Workload::kDba;
  request.options = &dba;
  const Result<ResultSet> all = co_await tablet.server.Execute(ctx, request);
  EXPECT_TRUE(all.ok());
  // The connection that was cut short is as good as before.
  co_await tablet.Expect(ctx, "select seq from seq_1_to_3", "1|2|3|");
}
TEST(TabletLimits, AnswersHaveALimitOfRows) {
  Config config = TestConfig();
  config.max_result_rows = 3;
  config.oltp_pool_size = 1;
  WithTablet(&RowLimit, config);
}

Task<> Consolidation(const Context& ctx, Tablet& tablet) {
  const int64_t one = co_await tablet.Begin(ctx);
  const int64_t two = co_await tablet.Begin(ctx);
  std::string first;
  std::string second;
  TaskGroup group(ctx);
  group.Start(RunBeside(group.context(), tablet, "select sleep(0.2), connection_id()", one, first));
  group.Start(
      RunBeside(group.context(), tablet, "select sleep(0.2), connection_id()", two, second));
  const Result<> joined = co_await group.Join();
  EXPECT_TRUE(joined.ok());
  // Each transaction sees its own rows.
  EXPECT_NE(first, second);
  EXPECT_EQ(tablet.server.consolidated(), 0u);
  for (const int64_t id : {one, two}) {
    const Result<queryservice::State> ended = co_await tablet.server.Rollback(ctx, kTarget, id);
    EXPECT_TRUE(ended.ok());
  }
  // A leader that is cancelled takes nobody with it.
  std::string follower;
  const Context leaving = ctx.WithTimeout(100ms);
  TaskGroup both(ctx);
  both.Start(RunBeside(leaving, tablet, "select sleep(0.4), 'same'", 0, first));
  both.Start(RunBeside(both.context(), tablet, "select sleep(0.4), 'same'", 0, follower));
  const Result<> ended = co_await both.Join();
  EXPECT_TRUE(ended.ok());
  EXPECT_EQ(follower, "0|same|");
}
TEST(TabletLimits, OnlyFreeReadsShareARun) { WithTablet(&Consolidation); }

Task<> Plans(const Context& ctx, Tablet& tablet) {
  const size_t before = tablet.server.plans().size();
  co_await tablet.Run(ctx, "select 'a'");
  co_await tablet.Run(ctx, "select 'a'");
  EXPECT_EQ(tablet.server.plans().size(), before + 1);
  EXPECT_EQ(tablet.server.plans().hits(), 1u);
  ExecuteOptions options;
  options.skip_query_plan_cache = true;
  Request request;
  request.target = &kTarget;
  request.options = &options;
  request.sql = "select 'not kept'";
  const Result<ResultSet> skipped = co_await tablet.server.Execute(ctx, request);
  EXPECT_TRUE(skipped.ok());
  EXPECT_EQ(tablet.server.plans().size(), before + 1);
  co_await tablet.Run(ctx, "create table plans (id int primary key)");
  EXPECT_EQ(tablet.server.plans().size(), 0u);
  co_await tablet.Run(ctx, "drop table plans");
}
TEST(TabletLimits, PlansAreKeptUntilTheSchemaChanges) { WithTablet(&Plans); }

// What gates are told of tables.
class Told final : public queryservice::HealthSink {
 public:
  Task<Result<>> OnHealth(const Context&, const queryservice::Health& health) override {
    for (const std::string& table : health.table_schema_changed) tables.push_back(table);
    for (const std::string& view : health.view_schema_changed) views.push_back(view);
    co_return Ok{};
  }
  Task<> Await(const Context& ctx, size_t count) {
    const Context bounded = ctx.WithTimeout(10s);
    while (tables.size() + views.size() < count && !bounded.cancelled()) {
      const Result<> slept = co_await Sleep(bounded, 10ms);
      static_cast<void>(slept.ok());
    }
  }
  std::vector<std::string> tables;
  std::vector<std::string> views;
};

Task<> Reload(const Context& ctx, Tablet& tablet, const char* sql) {
  const std::string done = co_await Tablet::Direct(ctx, sql);
  EXPECT_THAT(done, HasSubstr("affected")) << sql;
  const Result<> reloaded = co_await tablet.server.ReloadSchema(ctx);
  EXPECT_TRUE(reloaded.ok());
}

Task<> BehindItsBack(const Context& ctx, Tablet& tablet) {
  Told told;
  TaskGroup group(ctx);
  group.Start(tablet.server.StreamHealth(group.context(), told));
  co_await Reload(ctx, tablet, "create table bb (id int primary key, v int)");
  co_await told.Await(ctx, 1);
  EXPECT_THAT(told.tables, ElementsAre("bb"));
  co_await Reload(ctx, tablet, "alter table bb modify v bigint");
  co_await told.Await(ctx, 2);
  co_await Reload(ctx, tablet, "alter table bb add key by_v (v)");
  co_await told.Await(ctx, 3);
  EXPECT_THAT(told.tables, ElementsAre("bb", "bb", "bb"));
  co_await Reload(ctx, tablet, "create view bv as select id from bb where v = 1");
  co_await told.Await(ctx, 4);
  co_await Reload(ctx, tablet, "create or replace view bv as select id from bb where v = 2");
  co_await told.Await(ctx, 5);
  EXPECT_THAT(told.views, ElementsAre("bv", "bv"));
  co_await Reload(ctx, tablet, "drop view bv");
  co_await Reload(ctx, tablet, "drop table bb");
  co_await told.Await(ctx, 7);
  EXPECT_EQ(told.tables.size() + told.views.size(), 7u);
  EXPECT_FALSE(tablet.server.schema().schema().contains("bb"));
  // Nothing changed, so nothing is told.
  co_await Reload(ctx, tablet, "do 1");
  const Result<> slept = co_await Sleep(ctx, 50ms);
  EXPECT_TRUE(slept.ok());
  EXPECT_EQ(told.tables.size() + told.views.size(), 7u);
  const Result<> ended = co_await group.CancelAndJoin();
  EXPECT_FALSE(ended.ok());
}
TEST(TabletLimits, ReloadsNoticeWhatWasDoneBehindTheTablet) { WithTablet(&BehindItsBack); }

Task<> ByItself(const Context& ctx, Tablet& tablet) {
  Told told;
  TaskGroup group(ctx);
  group.Start(tablet.server.StreamHealth(group.context(), told));
  const std::string made = co_await Tablet::Direct(ctx, "create table bi (id int primary key)");
  EXPECT_THAT(made, HasSubstr("affected"));
  co_await told.Await(ctx, 1);
  EXPECT_THAT(told.tables, ElementsAre("bi"));
  const std::string gone = co_await Tablet::Direct(ctx, "drop table bi");
  EXPECT_THAT(gone, HasSubstr("affected"));
  co_await told.Await(ctx, 2);
  EXPECT_THAT(told.tables, ElementsAre("bi", "bi"));
  const Result<> ended = co_await group.CancelAndJoin();
  EXPECT_FALSE(ended.ok());
}
TEST(TabletLimits, TheSchemaIsReadAgainFromTimeToTime) {
  Config config = TestConfig();
  config.schema_interval = 100ms;
  WithTablet(&ByItself, config);
}

// Kills every connection of the client user at the server.
Task<> KillAll(const Context& ctx) {
  const std::string killed = co_await Tablet::Direct(ctx, "kill user vt_app");
  EXPECT_THAT(killed, HasSubstr("affected"));
  co_await Tablet::Await(ctx.WithTimeout(10s), kConnections, "0|");
}

Task<> Killed(const Context& ctx, Tablet& tablet) {
  const std::vector<std::string> settings = {"set sql_select_limit = 1"};
  Request request;
  request.target = &kTarget;
  request.pre_queries = settings;
  request.sql = "select seq from seq_1_to_2";
  for (int round = 0; round < 3; ++round) {
    Result<StatefulResult> with = co_await tablet.server.ReserveExecute(ctx, request);
    EXPECT_TRUE(with.ok()) << Say(with.error());
    if (with.ok()) {
      EXPECT_EQ(with->result.row_count(), 1u);
      EXPECT_EQ(with->state.reserved_id, 0);
    }
    Counted rows;
    const Result<State> streamed = co_await tablet.server.ReserveStreamExecute(ctx, request, rows);
    EXPECT_TRUE(streamed.ok()) << Say(streamed.error());
    EXPECT_EQ(rows.rows, 1u);
    co_await tablet.Expect(ctx, "select 'plain'", "plain|");
    const int64_t id = co_await tablet.Begin(ctx);
    const Result<queryservice::State> ended = co_await tablet.server.Commit(ctx, kTarget, id);
    EXPECT_TRUE(ended.ok()) << Say(ended.error());
    co_await KillAll(ctx);
  }
}
TEST(TabletLimits, ConnectionsLostWhileIdleAreReplaced) { WithTablet(&Killed); }

Task<> LostTransaction(const Context& ctx, Tablet& tablet) {
  const int64_t id = co_await tablet.Begin(ctx);
  co_await KillAll(ctx);
  const std::string lost = co_await tablet.Run(ctx, "select 1", id);
  EXPECT_THAT(lost, HasSubstr("(errno 20"));
  const std::string next = co_await tablet.Run(ctx, "select 1", id);
  EXPECT_THAT(next, HasSubstr("ended at"));
}
TEST(TabletLimits, ATransactionLostWithItsConnectionSaysSo) { WithTablet(&LostTransaction); }

Task<> Streams(const Context& ctx, Tablet& tablet) {
  co_await tablet.Run(ctx, "create table st (id int primary key)");
  ExecuteOptions options;
  options.included_fields = queryservice::IncludedFields::kAll;
  Request request;
  request.target = &kTarget;
  request.options = &options;
  request.sql = "select id from st";
  Counted none;
  const Result<> empty = co_await tablet.server.StreamExecute(ctx, request, none);
  EXPECT_TRUE(empty.ok());
  EXPECT_EQ(none.rows, 0u);
  // Clients know the keyspace, not the database behind it.
  EXPECT_EQ(none.fields.size(), 1u);
  if (none.fields.size() == 1) {
    EXPECT_EQ(none.fields[0].database, "ks");
    EXPECT_EQ(none.fields[0].org_table, "st");
  }
  const Result<ResultSet> whole = co_await tablet.server.Execute(ctx, request);
  EXPECT_TRUE(whole.ok());
  if (whole.ok()) {
    EXPECT_EQ(whole->fields.at(0).database, "ks");
  }
  request.sql = "select table_name from information_schema.tables limit 1";
  const Result<ResultSet> other = co_await tablet.server.Execute(ctx, request);
  EXPECT_TRUE(other.ok());
  if (other.ok()) {
    EXPECT_EQ(other->fields.at(0).database, "information_schema");
  }
  const std::vector<std::string> settings = {"set sql_select_limit = 1"};
  request.pre_queries = settings;
  request.sql = "show tables like 'st'";
  Counted shown;
  const Result<State> show = co_await tablet.server.ReserveStreamExecute(ctx, request, shown);
  EXPECT_TRUE(show.ok());
  if (show.ok()) {
    EXPECT_EQ(show->reserved_id, 0);
  }
  EXPECT_EQ(shown.rows, 1u);
  request.sql = "insert into st values (1)";
  Counted inserted;
  const Result<State> insert = co_await tablet.server.ReserveStreamExecute(ctx, request, inserted);
  EXPECT_TRUE(insert.ok());
  co_await tablet.Expect(ctx, "select id from st", "1|");
  EXPECT_EQ(tablet.server.stateful().size(), 0u);
  co_await tablet.Run(ctx, "drop table st");
}
TEST(TabletLimits, StreamsTellTheirFieldsOnceAndFirst) { WithTablet(&Streams); }

Task<> TempTables(const Context& ctx, Tablet& tablet) {
  ExecuteOptions options;
  options.has_created_temp_tables = true;
  const std::vector<std::string> before = {"create temporary table own (id int)",
                                           "insert into own values (7)"};
  Request request;
  request.target = &kTarget;
  request.options = &options;
  request.pre_queries = before;
  request.sql = "select id from own";
  const Result<StatefulResult> answer = co_await tablet.server.ReserveExecute(ctx, request);
  CHECK(answer.ok());
  EXPECT_FALSE(answer->state.error.has_value());
  EXPECT_NE(answer->state.reserved_id, 0);
  EXPECT_EQ(tablet.server.stateful().size(), 1u);
  // The same statements without the table: nobody is lent a connection that has it.
  const std::vector<std::string> none = {before[1]};
  request.options = nullptr;
  request.pre_queries = none;
  const Result<StatefulResult> other = co_await tablet.server.ReserveExecute(ctx, request);
  EXPECT_FALSE(other.ok());
  const int64_t id = answer->state.reserved_id;
  const Result<> released = co_await tablet.server.Release(ctx, kTarget, 0, id);
  EXPECT_TRUE(released.ok());
  EXPECT_EQ(tablet.server.stateful().size(), 0u);
  const std::string gone = co_await tablet.Run(ctx, "select id from own");
  EXPECT_THAT(gone, HasSubstr("(errno 1146)"));
}
TEST(TabletLimits, TemporaryTablesStayOnTheirOwnConnection) { WithTablet(&TempTables); }

Task<> Leaving(const Context& ctx, Tablet& tablet) {
  co_await tablet.Run(ctx, "create table lv (id int primary key)");
  const int64_t id = co_await tablet.Begin(ctx);
  co_await tablet.Expect(ctx, "insert into lv values (1)", "affected 1", id);
  tablet.server.StartShutdown();
  Request request;
  request.target = &kTarget;
  request.sql = "select 1";
  const std::string refused = "operation not allowed in state SHUTTING_DOWN";
  co_await tablet.Expect(ctx, "select 1", refused);
  const Result<State> begun = co_await tablet.server.Begin(ctx, request);
  EXPECT_EQ(begun.error().message(), refused);
  EXPECT_EQ(begun.error().code(), Code::kClusterEvent);
  const Result<StatefulResult> reserved = co_await tablet.server.ReserveExecute(ctx, request);
  EXPECT_EQ(reserved.error().message(), refused);
  // Who is in the middle of something may end it.
  co_await tablet.Expect(ctx, "select id from lv", "1|", id);
  const std::vector<std::string> settings = {"set sql_select_limit = 7"};
  request.pre_queries = settings;
  request.transaction_id = id;
  const Result<StatefulResult> set = co_await tablet.server.ReserveExecute(ctx, request);
  EXPECT_TRUE(set.ok()) << Say(set.error());
  const Result<queryservice::State> ended = co_await tablet.server.Commit(ctx, kTarget, id);
  EXPECT_TRUE(ended.ok());
  const std::string kept = co_await Tablet::Direct(ctx, "select id from lv");
  EXPECT_EQ(kept, "1|");
  if (ended.ok() && ended->reserved_id != 0) {
    const Result<> released = co_await tablet.server.Release(ctx, kTarget, 0, ended->reserved_id);
    EXPECT_TRUE(released.ok());
  }
  const std::string dropped = co_await Tablet::Direct(ctx, "drop table lv");
  EXPECT_THAT(dropped, HasSubstr("affected"));
}
TEST(TabletLimits, ALeavingTabletLetsTransactionsEnd) { WithTablet(&Leaving); }

}  // namespace
}  // namespace tessera::tabletserver
