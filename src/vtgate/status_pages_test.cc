// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/status_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "runtime/loop_pool.h"
#include "vtgate/testing/fake_tablet.h"
#include "vtgate/testing/small_cluster.h"

namespace tessera::vtgate {
namespace {

using testing::FakeTablet;
using ::testing::HasSubstr;
using testing::SmallCluster;

Task<http::Response> Get(const Context& ctx, const http::Router& pages, std::string path) {
  http::Request request;
  request.method = "GET";
  request.path = path;
  const http::Handler* const handler = pages.Find(path);
  CHECK(handler != nullptr);
  co_return co_await (*handler)(ctx, request);
}

Task<> Statements(const Context& ctx, Executor& executor) {
  Session session;
  session.target.keyspace = "ks";
  for (int i = 0; i < 3; ++i) {
    const Result<sqltypes::ResultSet> rows =
        co_await executor.Execute(ctx, session, "select * from t where id = 1");
    EXPECT_TRUE(rows.ok());
  }
  const Result<sqltypes::ResultSet> broken = co_await executor.Execute(ctx, session, "selec");
  EXPECT_FALSE(broken.ok());
}

Task<int> Pages(const Context& parent) {
  const Context ctx = parent.WithTimeout(std::chrono::seconds(30));
  FakeTablet low("-80", 1);
  FakeTablet high("80-", 2);
  std::vector<SmallCluster::Part> parts(2);
  parts[0] = {"-80", &low};
  parts[1] = {"80-", &high};
  SmallCluster cluster(std::move(parts));
  const Result<> started = co_await cluster.Start(ctx);
  EXPECT_TRUE(started.ok());
  mysqlconn::ServerStats mysql;
  mysql.accepted = 5;
  mysql.open = 2;
  StatusSources sources;
  sources.cell = "zone1";
  sources.version = "v";
  sources.loops = {&runtime::Loop::Current()};
  sources.executor = [] { return testing::ThreadExecutor(); };
  sources.mysql = &mysql;
  sources.grpc_connections = [] { return size_t{4}; };
  sources.started = tessera::Executor::Current().Now();
  const std::unique_ptr<pages::Pages> made = MakeStatusPages(sources);
  const http::Router& pages = made->router();
  co_await Statements(ctx, cluster.executor());

  const http::Response vars = co_await Get(ctx, pages, "/debug/vars");
  const nlohmann::json json = nlohmann::json::parse(vars.body);
  EXPECT_EQ(json["QueriesProcessed"], 4);
  EXPECT_EQ(json["VtgateApiErrorCounts"]["Execute.ks.primary.INVALID_ARGUMENT"], 1);
  EXPECT_EQ(json["QueryPlanCacheHits"], 2);
  EXPECT_EQ(json["QueryPlanCacheMisses"], 1);
  EXPECT_EQ(json["MysqlServerConnCount"], 2);
  EXPECT_EQ(json["MysqlServerConnAccepted"], 5);
  EXPECT_EQ(json["GrpcServerConnCount"], 4);
  EXPECT_EQ(json["HealthcheckConnections"]["ks.-80.primary"], 1);
  const http::Response status = co_await Get(ctx, pages, "/debug/status");
  EXPECT_THAT(status.body, HasSubstr("vtgate of cell zone1"));
  EXPECT_THAT(status.body, HasSubstr("ks.80-.primary"));
  EXPECT_THAT(status.body, HasSubstr("serving"));
  EXPECT_THAT(status.body, HasSubstr("<td>-80, 80-</td>"));
  EXPECT_EQ(json["VtgateApi"]["Histograms"]["Execute.ks.primary"]["Count"], 4);
  EXPECT_EQ(json["VtgateApi"]["TotalCount"], 4);
  EXPECT_EQ(json["QueryExecutions"]["SELECT.Passthrough.primary"], 3);
  const http::Response queryz = co_await Get(ctx, pages, "/debug/queryz");
  EXPECT_THAT(queryz.body,
              HasSubstr("<td>ks@primary</td><td>Passthrough</td><td class=\"n\">3</td>"));
  const http::Response plans = co_await Get(ctx, pages, "/debug/query_plans");
  EXPECT_THAT(plans.body, HasSubstr("EqualUnique"));
  const http::Response metrics = co_await Get(ctx, pages, "/metrics");
  EXPECT_THAT(metrics.body, HasSubstr("\nvtgate_queries_processed 4\n"));
  EXPECT_THAT(metrics.body,
              HasSubstr("vtgate_api_error_counts{operation=\"Execute\",keyspace=\"ks\","
                        "db_type=\"primary\",code=\"INVALID_ARGUMENT\"} 1\n"));
  EXPECT_THAT(metrics.body, HasSubstr("\nvtgate_api_count{operation=\"Execute\",keyspace=\"ks\","
                                      "db_type=\"primary\"} 4\n"));
  EXPECT_THAT(metrics.body, HasSubstr("vtgate_healthcheck_connections{keyspace=\"ks\","
                                      "shard_name=\"-80\",tablet_type=\"primary\"} 1\n"));
  const http::Response well = co_await Get(ctx, pages, "/debug/health");
  EXPECT_EQ(well.status, 200);
  EXPECT_EQ(well.body, "ok");

  co_await cluster.Stop();
  const http::Response gone = co_await Get(ctx, pages, "/debug/health");
  EXPECT_EQ(gone.status, 500);
  EXPECT_THAT(gone.body, HasSubstr("0 of 1 loops"));
  const http::Response alive = co_await Get(ctx, pages, "/healthz");
  EXPECT_EQ(alive.body, "ok");
  co_return 0;
}

TEST(StatusPages, TellWhatTheGateDoes) { runtime::RunLoop(&Pages); }

}  // namespace
}  // namespace tessera::vtgate
