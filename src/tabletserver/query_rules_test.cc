// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/query_rules.h"

#include <gtest/gtest.h>

#include "runtime/task_group.h"
#include "tabletserver/testing/tablet.h"

namespace tessera::tabletserver {
namespace {

using namespace std::chrono_literals;
using sqltypes::Type;
using sqltypes::Value;

std::string Problem(std::string_view json) {
  const Result<std::shared_ptr<const QueryRules>> rules = QueryRules::Parse(json);
  return rules.ok() ? "" : rules.error().message();
}

std::shared_ptr<const QueryRules> Rules(std::string_view json) {
  Result<std::shared_ptr<const QueryRules>> rules = QueryRules::Parse(json);
  EXPECT_TRUE(rules.ok()) << rules.error().message();
  return *std::move(rules);
}

// Whether the one rule concerns the statement.
bool Concerns(std::string_view rule, std::string_view sql, std::string_view plan = "Select",
              std::vector<std::string_view> tables = {}) {
  const CommentedQuery cut = SplitComments(sql);
  RuleStatement statement;
  statement.query = cut.query;
  statement.plan = plan;
  statement.tables = std::move(tables);
  const std::shared_ptr<const QueryRules> rules = Rules(fmt::format("[{}]", rule));
  const std::vector<const QueryRule*> left = rules->Filter(statement);
  RuleCall call;
  call.leading_comments = cut.leading;
  call.trailing_comments = cut.trailing;
  return left.size() == 1 && left.front()->AppliesTo(call);
}

TEST(QueryRules, WhatIsAskedOfStatements) {
  EXPECT_TRUE(Concerns("{}", "select 1"));
  EXPECT_TRUE(Concerns(R"({"Query": "select .* from t"})", "select a from t"));
  EXPECT_FALSE(Concerns(R"({"Query": "select"})", "select a from t"));  // the whole text
  EXPECT_TRUE(Concerns(R"({"Query": "select .*"})", "/* x */ select a from t /* y */"));
  EXPECT_TRUE(Concerns(R"({"LeadingComment": ".*x.*"})", "/* x */ select 1 /* y */"));
  EXPECT_FALSE(Concerns(R"({"TrailingComment": ".*x.*"})", "/* x */ select 1 /* y */"));
  EXPECT_TRUE(Concerns(R"({"TrailingComment": ".*y.*"})", "/* x */ select 1 /* y */"));
  EXPECT_TRUE(Concerns(R"({"Plans": ["Insert", "Select"]})", "select 1"));
  EXPECT_FALSE(Concerns(R"({"Plans": ["Insert"]})", "select 1"));
  EXPECT_TRUE(Concerns(R"({"Plans": ["UpdateLimit"]})", "update t set a = 1", "Update"));
  EXPECT_TRUE(Concerns(R"({"TableNames": ["a", "b"]})", "select 1", "Select", {"c", "b"}));
  EXPECT_FALSE(Concerns(R"({"TableNames": ["a"]})", "select 1", "Select", {"c"}));
  EXPECT_FALSE(Concerns(R"({"Action": "CONTINUE"})", "select 1"));
}

TEST(QueryRules, DeniedTablesAreRefusedForNow) {
  EXPECT_EQ(QueryRules::DenyTables({}, false), nullptr);
  const auto concerned = [](bool allow_reads, std::string_view plan, std::string_view table) {
    RuleStatement statement;
    statement.plan = plan;
    statement.tables = {table};
    const std::shared_ptr<const QueryRules> rules = QueryRules::DenyTables({"a", "b"}, allow_reads);
    const std::vector<const QueryRule*> found = rules->Filter(statement);
    if (found.empty()) return false;
    EXPECT_EQ(RuleError(*found.front()).message(), "disallowed due to rule: enforce denied tables");
    EXPECT_EQ(RuleError(*found.front()).code(), Code::kFailedPrecondition);
    return true;
  };
  EXPECT_TRUE(concerned(false, "Select", "b"));
  EXPECT_TRUE(concerned(false, "Insert", "a"));
  EXPECT_FALSE(concerned(false, "Insert", "c"));
  EXPECT_FALSE(concerned(true, "Select", "b"));
  EXPECT_TRUE(concerned(true, "Insert", "b"));
}

TEST(QueryRules, CommentsAreCutOff) {
  const auto pieces = [](std::string_view sql) {
    const CommentedQuery cut = SplitComments(sql);
    return fmt::format("{}|{}|{}", cut.leading, cut.query, cut.trailing);
  };
  EXPECT_EQ(pieces("select 1"), "|select 1|");
  EXPECT_EQ(pieces(" /* a */ /* b */ select /* c */ 1 /* d */ /* e */ "),
            "/* a */ /* b */|select /* c */ 1|/* d */ /* e */");
  EXPECT_EQ(pieces("/* a */"), "/* a */||");
  EXPECT_EQ(pieces("/*"), "|/*|");
  EXPECT_EQ(pieces("*/"), "|*/|");
  EXPECT_EQ(pieces("/*/"), "|/*/|");
  EXPECT_EQ(pieces(""), "||");
}

bool Holds(std::string_view condition, const sqltypes::BindVars& vars) {
  const auto rules = Rules(fmt::format(
      R"([{{"User": "a.*", "RequestIP": "10\\..*", "BindVarConds": [{}]}}])", condition));
  RuleStatement statement;
  const std::vector<const QueryRule*> found = rules->Filter(statement);
  RuleCall call;
  call.ip = "10.1.2.3";
  call.user = "ada";
  call.vars = &vars;
  const bool applies = found.front()->AppliesTo(call);
  call.user = "bob";
  EXPECT_FALSE(found.front()->AppliesTo(call));
  call.user = "ada";
  call.ip = "11.1.2.3";
  EXPECT_FALSE(found.front()->AppliesTo(call));
  return applies;
}

TEST(QueryRules, WhatIsAskedOfValues) {
  sqltypes::BindVars vars;
  vars.Add("n", Value(Type::kInt64, "-5"));
  vars.Add("big", Value(Type::kUint64, "18446744073709551615"));
  vars.Add("s", Value(Type::kVarChar, "hello"));
  EXPECT_TRUE(Holds(R"({"Name": "x", "OnAbsent": true})", vars));
  EXPECT_FALSE(Holds(R"({"Name": "n", "OnAbsent": true})", vars));
  EXPECT_TRUE(Holds(R"({"Name": "n", "OnAbsent": false})", vars));
  EXPECT_TRUE(Holds(R"({"Name": "n", "Operator": "<", "Value": 0})", vars));
  EXPECT_FALSE(Holds(R"({"Name": "n", "Operator": ">=", "Value": -4})", vars));
  EXPECT_TRUE(Holds(R"({"Name": "n", "Operator": "==", "Value": -5})", vars));
  EXPECT_TRUE(Holds(R"({"Name": "big", "Operator": ">", "Value": 9223372036854775807})", vars));
  EXPECT_FALSE(Holds(R"({"Name": "s", "Operator": "==", "Value": 5})", vars));
  EXPECT_TRUE(Holds(R"({"Name": "s", "Operator": "==", "Value": 5, "OnMismatch": true})", vars));
  EXPECT_TRUE(Holds(R"({"Name": "s", "Operator": "!=", "Value": "hell"})", vars));
  EXPECT_TRUE(Holds(R"({"Name": "s", "Operator": "MATCH", "Value": "h.*o"})", vars));
  EXPECT_FALSE(Holds(R"({"Name": "s", "Operator": "NOMATCH", "Value": "h.*o"})", vars));
}

TEST(QueryRules, BadFilesAreNamed) {
  EXPECT_EQ(Problem("{}"), "query rules: the file: no JSON list");
  EXPECT_EQ(Problem("[1]"), "query rules: rule number 1: no JSON object");
  EXPECT_EQ(Problem(R"([{"Name": "r", "Querry": "x"}])"),
            "query rules: rule r: unknown member Querry");
  EXPECT_NE(Problem(R"([{"Name": "r", "Query": "("}])").find("no regular expression"),
            std::string::npos);
  EXPECT_EQ(Problem(R"([{"Name": "r", "Plans": ["Selekt"]}])"),
            "query rules: rule r: Plans: 'Selekt' is no type of plan");
  EXPECT_EQ(Problem(R"([{"Name": "r", "Action": "STOP"}])"),
            "query rules: rule r: Action 'STOP' is none of FAIL, FAIL_RETRY, BUFFER, CONTINUE");
  EXPECT_EQ(Problem(R"([{"BindVarConds": [{"Name": "a", "Operator": "<"}]}])"),
            "query rules: rule number 1: BindVarConds: Operator and Value of a go together");
  EXPECT_EQ(Problem(R"([{"BindVarConds": [{"Name": "a", "Operator": "<", "Value": 1.5}]}])"),
            "query rules: rule number 1: BindVarConds: the Value of a is neither string nor "
            "integer");
}

Protection ProtectionOf(std::string_view json) {
  Protection protection;
  protection.rules = Rules(json);
  return protection;
}

Task<> Buffered(const Context& ctx, testing::Tablet& tablet, bool& done) {
  co_await tablet.Expect(ctx, "select 2", "2|");
  done = true;
}

Task<> RulesHold(const Context& ctx, testing::Tablet& tablet) {
  co_await tablet.Expect(ctx, "select 1", "1|");
  tablet.server.SetProtection(ProtectionOf(
      R"([{"Description": "no ones", "Query": "select 1", "Action": "FAIL"},
          {"Description": "not now", "Query": "select 2", "Action": "BUFFER"},
          {"Description": "later", "Query": "select 3", "Action": "FAIL_RETRY"}])"));
  co_await tablet.Expect(ctx, "select 1", "disallowed due to rule: no ones");
  co_await tablet.Expect(ctx, "select 3", "disallowed due to rule: later");
  co_await tablet.Expect(ctx, "select 4", "4|");
  bool done = false;
  runtime::TaskGroup group(ctx);
  group.Start(Buffered(group.context(), tablet, done));
  EXPECT_FALSE(done);
  EXPECT_EQ(tablet.server.stats().guard.buffered_by_rules, 1u);
  const Context brief = ctx.WithTimeout(20ms);
  co_await tablet.Expect(brief, "select 2", "disallowed due to rule: not now");
  tablet.server.SetProtection(ProtectionOf("[]"));
  const Result<> joined = co_await group.Join();
  EXPECT_TRUE(joined.ok() && done);
  co_await tablet.Expect(ctx, "select 1", "1|");
}

TEST(TabletServer, RulesHoldUntilTheyChange) { testing::WithTablet(&RulesHold); }

}  // namespace
}  // namespace tessera::tabletserver
