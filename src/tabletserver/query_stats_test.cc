// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/query_stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tessera::tabletserver {
namespace {

using std::chrono::milliseconds;

TEST(FirstTable, IsWhatTheStatementIsAbout) {
  EXPECT_EQ(FirstTable("select a from t where id = 1"), "t");
  EXPECT_EQ(FirstTable("SELECT 'from x', \"from y\" /* from z */ FROM `my table` AS m"),
            "my table");
  EXPECT_EQ(FirstTable("select * from db.t join u"), "t");
  EXPECT_EQ(FirstTable("select * from `d b`.`t 1`"), "t 1");
  EXPECT_EQ(FirstTable("select * from (select 1 from inner_t) as x"), "inner_t");
  EXPECT_EQ(FirstTable("insert ignore into t(a) values ('from u')"), "t");
  EXPECT_EQ(FirstTable("update low_priority t set a = 'it''s'"), "t");
  EXPECT_EQ(FirstTable("delete from t where a = 1"), "t");
  EXPECT_EQ(FirstTable("create table if not exists t (id int)"), "t");
  EXPECT_EQ(FirstTable("insert into t select * from u"), "t");
  EXPECT_EQ(FirstTable("select 1"), "");
  EXPECT_EQ(FirstTable(""), "");
  EXPECT_EQ(FirstTable("select * from `"), "");
  EXPECT_EQ(FirstTable("select 'from"), "");
  EXPECT_EQ(FirstTable("update"), "");
}

TEST(PlanType, IsVitess) {
  const auto name = [](std::string_view sql) { return PlanTypeName(Plan(sql).type); };
  EXPECT_EQ(name("select 1"), "Select");
  EXPECT_EQ(name("select next value from s"), "Nextval");
  EXPECT_EQ(name("replace into t values (1)"), "Insert");
  EXPECT_EQ(name("update t set a = 1"), "Update");
  EXPECT_EQ(name("delete from t"), "Delete");
  EXPECT_EQ(name("alter table t add b int"), "DDL");
  EXPECT_EQ(name("show tables"), "OtherRead");
}

QueryOutcome Outcome(Code code, uint64_t returned) {
  QueryOutcome outcome;
  outcome.took = milliseconds(2);
  outcome.code = code;
  outcome.rows_returned = returned;
  return outcome;
}

TEST(QueryStats, CountsByPlanAndTable) {
  QueryStats stats;
  const Plan kept("select a from t");
  const Plan fresh("select b from t", Plan::Complete());
  stats.Note(kept, "select a from t", Outcome(Code::kOk, 3));
  stats.Note(kept, "select a from t", Outcome(Code::kOk, 4));
  stats.Note(fresh, "select b from t", Outcome(Code::kNotFound, 0));
  EXPECT_EQ(kept.use.queries, 2);
  EXPECT_EQ(kept.use.rows_returned, 7);
  const auto vars = nlohmann::json::parse(stats::ToVars(stats.Families()));
  EXPECT_EQ(vars["Queries"]["Histograms"]["Select"]["Count"], 3);
  EXPECT_EQ(vars["QueryCounts"]["t.Select"], 3);
  EXPECT_EQ(vars["QueryTimesNs"]["t.Select"], 6'000'000);
  EXPECT_EQ(vars["QueryRowsReturned"]["t.Select"], 7);
  EXPECT_EQ(vars["QueryErrorCounts"]["t.Select"], 1);
  EXPECT_EQ(vars["Errors"]["NOT_FOUND"], 1);
}

TEST(QueryStats, MadeUpTablesDoNotFillTheMemory) {
  QueryStats stats;
  for (int i = 0; i < 5000; ++i) {
    const std::string sql = fmt::format("select 1 from t{}", i);
    stats.Note(Plan(sql, Plan::Complete()), sql, Outcome(Code::kOk, 1));
  }
  const auto vars = nlohmann::json::parse(stats::ToVars(stats.Families()));
  EXPECT_LE(vars["QueryCounts"].size(), 2001);
  EXPECT_EQ(vars["QueryCounts"]["(others).Select"], 3000);
  EXPECT_EQ(vars["Queries"]["TotalCount"], 5000);
}

TEST(QueryStats, KeepsTheLastErrorsAndStates) {
  QueryStats stats;
  for (int i = 0; i < 50; ++i)
    stats.NoteError(fmt::format("select {}", i), Error(Code::kInternal, "why"));
  ASSERT_EQ(stats.recent_errors().size(), 20);
  EXPECT_EQ(stats.recent_errors().back().sql, "select 49");
  stats.NoteState(keys::TabletType::kReplica, true, "");
  stats.NoteState(keys::TabletType::kReplica, true, "");
  stats.NoteState(keys::TabletType::kReplica, false, "MySQL was lost");
  ASSERT_EQ(stats.states().size(), 2);
  EXPECT_EQ(stats.states().back().why, "MySQL was lost");
}

}  // namespace
}  // namespace tessera::tabletserver
