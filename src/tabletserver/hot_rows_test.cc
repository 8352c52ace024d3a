// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/hot_rows.h"

#include <chrono>
#include <functional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/waiter.h"
#include "runtime/loop_pool.h"
#include "runtime/task_group.h"

namespace tessera::tabletserver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const HotRowKey kOne{"t", "t where id = 1"};
const HotRowKey kTwo{"t", "t where id = 2"};

HotRowOptions OptionsOf(size_t concurrent, size_t queue = 20, size_t global = 1000) {
  HotRowOptions options;
  options.on = true;
  options.concurrent = concurrent;
  options.queue = queue;
  options.global = global;
  return options;
}

std::string KeyText(std::string_view sql, const sqltypes::BindVars* vars = nullptr) {
  const std::optional<HotRowKey> key = HotRowKeyOf(sql, vars);
  return key ? key->table + ": " + key->text : "none";
}

TEST(HotRowKey, IsTheTableAndTheCondition) {
  EXPECT_EQ(KeyText("update t set a = a + 1 where id = 1"), "t: t where id = 1");
  // However the statement is written, and whatever it sets.
  EXPECT_EQ(KeyText("/* c */ UPDATE `t` SET b=2 WHERE  id=1 limit 5"), "t: t where id = 1");
  EXPECT_EQ(KeyText("delete from t where id = 1"), "t: t where id = 1");
  EXPECT_EQ(KeyText("update ks.t set a = 1 where id = 1"), "t: ks.t where id = 1");
  for (const std::string_view sql :
       {"insert into t values (1)", "select a from t where id = 1 for update", "update t set a = 1",
        "update t, s set t.a = 1 where t.id = s.id", "update t set"})
    EXPECT_EQ(KeyText(sql), "none") << sql;
  EXPECT_EQ(KeyText("delete from t where a = '" + std::string(5000, 'x') + "'"), "none");
}

TEST(HotRowKey, HasTheValuesOfItsVariables) {
  sqltypes::BindVars vars;
  vars.Set({"id", {sqltypes::Type::kInt64, "7"}, {}});
  EXPECT_EQ(KeyText("update t set a = 1 where id = :id", &vars), "t: t where id = 7");
  EXPECT_EQ(KeyText("update t set a = 1 where id = :other", &vars), "none");
}

// Enters, notes its name, and leaves when it is told to.
Task<> Pass(const Context& ctx, HotRows& rows, HotRowKey key, std::string name,
            std::vector<std::string>& log, runtime::WaitQueue& go) {
  Result<HotRows::Place> place = co_await rows.Enter(ctx, key);
  if (!place.ok()) {
    log.push_back(name + ": " + place.error().message());
    co_return;
  }
  log.push_back(name);
  const Result<> told = co_await go.Wait(ctx);
  static_cast<void>(told.ok());
}

Task<int> InLine(const Context& ctx) {
  HotRows rows(OptionsOf(1));
  std::vector<std::string> log;
  runtime::WaitQueue go;
  runtime::TaskGroup group(ctx);
  for (const char* const name : {"a", "b", "c"})
    group.Start(Pass(group.context(), rows, kOne, name, log, go));
  group.Start(Pass(group.context(), rows, kTwo, "other row", log, go));
  const Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(1));
  EXPECT_TRUE(slept.ok());
  EXPECT_THAT(log, ElementsAre("a", "other row"));
  EXPECT_EQ(rows.size(), 4u);
  EXPECT_THAT(rows.stats().waits, UnorderedElementsAre(Pair("t", 2u)));
  EXPECT_THAT(rows.seen(), UnorderedElementsAre(Pair(kOne.text, 3u)));
  for (size_t passed = 2; passed < 4; ++passed) {
    go.WakeAll();
    const Result<> more = co_await Sleep(ctx, std::chrono::milliseconds(1));
    EXPECT_TRUE(more.ok());
    EXPECT_EQ(log.size(), passed + 1);
  }
  EXPECT_THAT(log, ElementsAre("a", "other row", "b", "c"));
  go.WakeAll();
  const Result<> ended = co_await group.Join();
  EXPECT_TRUE(ended.ok());
  EXPECT_EQ(rows.size(), 0u);
  co_return 0;
}
TEST(HotRows, OneAfterTheOtherInOrderOfArrival) { runtime::RunLoop(&InLine); }

Task<int> GivingUp(const Context& ctx) {
  HotRows rows(OptionsOf(1));
  std::vector<std::string> log;
  runtime::WaitQueue go;
  runtime::TaskGroup group(ctx);
  group.Start(Pass(group.context(), rows, kOne, "a", log, go));
  const Context hurried = ctx.WithTimeout(std::chrono::milliseconds(5));
  const Result<HotRows::Place> late = co_await rows.Enter(hurried, kOne);
  EXPECT_EQ(late.error().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(rows.size(), 1u);
  go.WakeAll();
  const Result<> ended = co_await group.Join();
  EXPECT_TRUE(ended.ok());
  // Nobody holds the slot for one that has gone.
  const Result<HotRows::Place> next = co_await rows.Enter(ctx, kOne);
  EXPECT_TRUE(next.ok());
  EXPECT_EQ(rows.size(), 1u);
  co_return 0;
}
TEST(HotRows, WhoGivesUpLeavesTheLine) { runtime::RunLoop(&GivingUp); }

Task<int> Limits(const Context& ctx) {
  HotRows rows(OptionsOf(5, 2, 3));
  const Result<HotRows::Place> a = co_await rows.Enter(ctx, kOne);
  const Result<HotRows::Place> b = co_await rows.Enter(ctx, kOne);
  EXPECT_TRUE(a.ok() && b.ok());
  const Result<HotRows::Place> c = co_await rows.Enter(ctx, kOne);
  EXPECT_EQ(c.error().code(), Code::kResourceExhausted);
  EXPECT_THAT(c.error().message(), HasSubstr("(2 >= 2) for the same row"));
  EXPECT_THAT(c.error().message(), HasSubstr(kOne.text));
  const Result<HotRows::Place> d = co_await rows.Enter(ctx, kTwo);
  EXPECT_TRUE(d.ok());
  const Result<HotRows::Place> e = co_await rows.Enter(ctx, kTwo);
  EXPECT_THAT(e.error().message(), HasSubstr("too many queued transactions (3 >= 3)"));
  EXPECT_EQ(rows.stats().global_exceeded, 1u);
  EXPECT_THAT(rows.stats().exceeded, UnorderedElementsAre(Pair("t", 1u)));
  EXPECT_THAT(rows.stats().waits, IsEmpty());
  co_return 0;
}
TEST(HotRows, TooManyAreRefused) { runtime::RunLoop(&Limits); }

Task<int> DryRun(const Context& ctx) {
  HotRowOptions options = OptionsOf(1, 2);
  options.on = false;
  options.dry_run = true;
  HotRows rows(options);
  EXPECT_TRUE(rows.on());
  std::vector<HotRows::Place> places;
  for (int i = 0; i < 3; ++i) {
    Result<HotRows::Place> place = co_await rows.Enter(ctx, kOne);
    EXPECT_TRUE(place.ok());
    places.push_back(*std::move(place));
  }
  EXPECT_THAT(rows.stats().waits, IsEmpty());
  EXPECT_THAT(rows.stats().waits_dry_run, UnorderedElementsAre(Pair("t", 2u)));
  EXPECT_THAT(rows.stats().exceeded_dry_run, UnorderedElementsAre(Pair("t", 1u)));
  places.clear();
  EXPECT_EQ(rows.size(), 0u);
  co_return 0;
}
TEST(HotRows, ADryRunCountsAndLetsPass) { runtime::RunLoop(&DryRun); }

}  // namespace
}  // namespace tessera::tabletserver
