// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "pages/pages.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/waiter.h"
#include "pages/follow_config.h"
#include "pages/policy.h"
#include "runtime/loop_pool.h"
#include "runtime/task_group.h"

namespace tessera::pages {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Policy, NamesAndRolesAreVitess) {
  EXPECT_TRUE(Allows(*ParsePolicy(""), Role::kAdmin).ok());
  const Policy read_only = *ParsePolicy("read-only");
  EXPECT_TRUE(Allows(read_only, Role::kMonitoring).ok());
  EXPECT_TRUE(Allows(read_only, Role::kDebugging).ok());
  EXPECT_FALSE(Allows(read_only, Role::kAdmin).ok());
  const Policy none = *ParsePolicy("deny-all");
  for (const Role role : {Role::kMonitoring, Role::kDebugging, Role::kAdmin})
    EXPECT_FALSE(Allows(none, role).ok());
  EXPECT_FALSE(ParsePolicy("deny-al").ok());
}

TEST(Html, NothingGetsOut) {
  Html html;
  html.Heading("<b>").Table({"a<"}, {{"<script>\"'&"}}).Facts({{"x", "<y>"}}).Code("</pre>");
  EXPECT_THAT(html.text(), Not(HasSubstr("<script>")));
  EXPECT_THAT(html.text(), Not(HasSubstr("<y>")));
  EXPECT_THAT(html.text(), HasSubstr("&lt;/pre&gt;"));
  EXPECT_THAT(html.text(), HasSubstr("&lt;script&gt;&quot;&#39;&amp;"));
}

TEST(Html, NumbersAlign) {
  Html html;
  html.Table({"a", "b"}, {{"12.5", "-80"}, {"-", "x1"}});
  EXPECT_THAT(html.text(), HasSubstr("<td class=\"n\">12.5</td>"));
  EXPECT_THAT(html.text(), HasSubstr("<td>-</td>"));
}

Task<std::string> Well() { co_return std::string(); }
Task<std::string> Ill() { co_return std::string("no tablets"); }
Task<stats::Families> SomeFamilies() {
  co_return stats::Families(1, stats::Counter("QueryPlanCacheHits", "Hits.", 3));
}
Task<Html> SomeStatus() {
  Html html;
  html.Heading("Tablets");
  co_return html;
}

Subject SubjectOf(const flags::FlagSet& set) {
  Subject subject;
  subject.program = "vtgate";
  subject.title = "vtgate of cell <c>";
  subject.version = "v";
  subject.started = Executor::Current().Now();
  subject.flags = &set;
  subject.trouble = [] { return Well(); };
  subject.families = [] { return SomeFamilies(); };
  subject.status = [] { return SomeStatus(); };
  return subject;
}

Task<http::Response> Get(const Pages& pages, std::string path, std::string query = {}) {
  http::Request request;
  request.method = "GET";
  request.path = path;
  request.query = query;
  const http::Handler* const handler = pages.router().Find(path);
  CHECK(handler != nullptr);
  co_return co_await (*handler)(Context::Background(), request);
}

Task<> Count(int* calls) {
  ++*calls;
  co_return;
}

Task<int> AllPages(const Context&) {
  flags::Flag<std::string> password("db-password", "", "Secret.", flags::Secrecy::kSecret);
  flags::Flag<int> size("pool-size", 16, "Size.");
  flags::FlagSet set("vtgate", "Tests.");
  set.Add(password, size);
  CHECK(set.Parse({"--db-password=hunter2", "--pool-size=5"}).ok());
  const Pages pages(SubjectOf(set));
  const http::Response index = co_await Get(pages, "/");
  EXPECT_THAT(index.body, HasSubstr("href=\"/debug/vars\""));
  EXPECT_THAT(index.body, HasSubstr("cell &lt;c&gt;"));
  const http::Response lost = co_await Get(pages, "/nowhere");
  EXPECT_EQ(lost.status, 404);
  const http::Response health = co_await Get(pages, "/debug/health");
  EXPECT_EQ(health.body, "ok");
  const http::Response status = co_await Get(pages, "/debug/status");
  EXPECT_THAT(status.body, HasSubstr("Tablets"));
  const http::Response vars = co_await Get(pages, "/debug/vars");
  EXPECT_EQ(nlohmann::json::parse(vars.body)["QueryPlanCacheHits"], 3);
  const http::Response metrics = co_await Get(pages, "/metrics");
  EXPECT_THAT(metrics.body, HasSubstr("\nvtgate_query_plan_cache_hits 3\n"));
  EXPECT_THAT(metrics.body, HasSubstr("\nprocess_cpu_seconds_total "));
  const http::Response json = co_await Get(pages, "/debug/config", "format=json");
  const auto config = nlohmann::json::parse(json.body);
  EXPECT_EQ(config["pool-size"]["value"], "5");
  EXPECT_EQ(config["pool-size"]["origin"], "command line");
  EXPECT_EQ(config["pool-size"]["default"], "16");
  EXPECT_EQ(config["pool-size"]["dynamic"], false);
  EXPECT_FALSE(config["pool-size"].contains("after_restart"));
  const http::Response table = co_await Get(pages, "/debug/config");
  const http::Response lines = co_await Get(pages, "/debug/flags");
  EXPECT_THAT(lines.body, HasSubstr("--pool-size=5\n"));
  for (const std::string& body : {json.body, table.body, lines.body, status.body})
    EXPECT_THAT(body, Not(HasSubstr("hunter2")));
  co_return 0;
}

TEST(Pages, TellWhatTheProcessDoesButNoSecrets) { runtime::RunLoop(&AllPages); }

Task<int> Refusals(const Context&) {
  flags::FlagSet set("vtgate", "Tests.");
  Subject ill = SubjectOf(set);
  ill.trouble = [] { return Ill(); };
  const Pages sick(std::move(ill));
  const http::Response health = co_await Get(sick, "/debug/health");
  EXPECT_EQ(health.status, 500);
  EXPECT_EQ(health.body, "not serving: no tablets\n");
  Subject closed = SubjectOf(set);
  closed.policy = Policy::kDenyAll;
  const Pages denied(std::move(closed));
  for (const auto& [path, handler] : denied.router().handlers()) {
    const http::Response page = co_await Get(denied, path);
    EXPECT_EQ(page.status, 403) << path;
    EXPECT_EQ(page.body, "Access denied: not allowed: deny-all security_policy enforced\n");
  }
  co_return 0;
}

// A file whose text is exchanged while the process runs.
Task<int> ConfigChanges(const Context& ctx) {
  const std::string path = testing::TempDir() + "/pages_" + std::to_string(getpid()) + ".yaml";
  std::ofstream(path) << "limit: 1\ndb-password: hunter2\n";
  flags::Flag<std::string> password("db-password", "", "Secret.", flags::Secrecy::kSecret);
  flags::Flag<int> limit("limit", 16, "Limit.");
  flags::FlagSet set("vtgate", "Tests.");
  set.Add(password, limit);
  set.AddConfigFlags();
  set.MakeDynamic(limit);
  CHECK(set.Parse({"--config-file", path}).ok());
  const Pages pages(SubjectOf(set));
  int applied = 0;
  const std::function<Task<>()> apply = [&applied] { return Count(&applied); };
  runtime::TaskGroup group(ctx);
  group.Start(FollowConfigFile(group.context(), set, apply));
  std::ofstream(path) << "db-password: hunter3\nlimit: 2\n";
  while (applied == 0) {
    const Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(10));
    EXPECT_TRUE(slept.ok());
  }
  EXPECT_EQ(*limit, 2);
  const http::Response json = co_await Get(pages, "/debug/config", "format=json");
  const auto config = nlohmann::json::parse(json.body);
  EXPECT_EQ(config["limit"]["dynamic"], true);
  EXPECT_EQ(config["limit"]["origin"], "file " + path + ":2");
  EXPECT_EQ(config["db-password"]["after_restart"]["value"], "****");
  EXPECT_EQ(config["db-password"]["after_restart"]["origin"], "file " + path + ":1");
  std::ofstream(path) << "limit: two\n";
  while (set.config_trouble().empty()) {
    const Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(10));
    EXPECT_TRUE(slept.ok());
  }
  const http::Response table = co_await Get(pages, "/debug/config");
  EXPECT_THAT(table.body, HasSubstr("Not taken over"));
  EXPECT_THAT(table.body, HasSubstr(path + ":1): &#39;two&#39;"));
  EXPECT_THAT(table.body, HasSubstr("restart pending"));
  EXPECT_EQ(*limit, 2);
  EXPECT_EQ(applied, 1);
  for (const std::string& body : {json.body, table.body})
    EXPECT_THAT(body, Not(HasSubstr("hunter")));
  const Result<> ended = co_await group.CancelAndJoin();
  EXPECT_TRUE(ended.ok());
  std::filesystem::remove(path);
  co_return 0;
}

TEST(Pages, AChangedConfigurationFileIsTakenOver) { runtime::RunLoop(&ConfigChanges); }

TEST(Pages, SickProcessesAndClosedPoliciesSaySo) { runtime::RunLoop(&Refusals); }

Task<stats::Families> Counting(int* looks) {
  ++*looks;
  co_return stats::Families(1, stats::Counter("Queries", "Statements.", 5.0 * *looks));
}

Task<int> RatesGrow(const Context& ctx) {
  flags::FlagSet set("vtgate", "Tests.");
  int looks = 0;
  Subject subject = SubjectOf(set);
  subject.counters = [&looks] { return Counting(&looks); };
  subject.rates = {{"QPS", "Statements a second.", "Queries", ""}};
  subject.rate_interval = std::chrono::milliseconds(10);
  subject.rate_samples = 2;
  Pages pages(std::move(subject));
  runtime::TaskGroup group(ctx);
  group.Start(pages.FollowRates(group.context()));
  while (looks < 4) {
    const Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(1));
    EXPECT_TRUE(slept.ok());
  }
  const http::Response vars = co_await Get(pages, "/debug/vars");
  const std::vector<double> every_time = {500, 500};
  EXPECT_EQ(nlohmann::json::parse(vars.body)["QPS"]["All"], every_time);
  const http::Response metrics = co_await Get(pages, "/metrics");
  EXPECT_THAT(metrics.body, Not(HasSubstr("qps")));
  const Result<> ended = co_await group.CancelAndJoin();
  EXPECT_TRUE(ended.ok());
  co_return 0;
}

TEST(Pages, RatesComeFromCountersNowAndThen) { runtime::RunLoop(&RatesGrow); }

}  // namespace
}  // namespace tessera::pages
