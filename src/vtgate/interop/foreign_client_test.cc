// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// The gate's gRPC service as a client of the real grpc++ sees it, over two tablets with a MariaDB
// server behind them.
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mysqlctl/testing/test_server.h"
#include "proto/vtgate.pb.h"
#include "queryservice/grpc_server.h"
#include "rpc/interop/grpc_peer.h"
#include "runtime/loop_pool.h"
#include "tabletserver/tablet_server.h"
#include "vtgate/testing/small_cluster.h"

namespace tessera::vtgate {
namespace {

using mysqlctl::testing::TestServer;
using rpc::interop::GrpcCall;
using rpc::interop::GrpcClient;
using rpc::interop::GrpcStatus;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using testing::SmallCluster;

::testing::Environment* const kServer =
    ::testing::AddGlobalTestEnvironment(new TestServer({"vt_low", "vt_high"}));

tabletserver::Config TabletConfig(uint32_t uid, std::string shard, std::string database) {
  tabletserver::Config config;
  config.keyspace = "ks";
  config.shard = std::move(shard);
  config.alias = keys::TabletAlias{"zone1", uid};
  config.db_name = database;
  config.app.address = runtime::Address::Unix(TestServer::cnf().socket());
  config.app.user = "vt_app";
  config.app.database = std::move(database);
  config.dba = config.app;
  config.dba.user = "vt_dba";
  config.dba.database = "";
  config.shutdown_grace = std::chrono::milliseconds(50);
  return config;
}

// A tablet behind its own gRPC port.
class Tablet {
 public:
  explicit Tablet(tabletserver::Config config) : server(std::move(config)) {}

  Result<> Listen() {
    queryservice::RegisterQueryService(rpc_,
                                       [this]() -> queryservice::QueryService& { return server; });
    TRY(const runtime::Address address, rpc_.Listen(runtime::Address::Tcp("127.0.0.1", 0)));
    port = address.port;
    return Ok{};
  }
  void Serve(runtime::TaskGroup& group) {
    server.Start();
    server.SetServing(keys::TabletType::kPrimary, true, 1);
    group.Start(rpc_.Serve(group.context()));
  }

  tabletserver::TabletServer server;
  int32_t port = 0;

 private:
  rpc::Server rpc_;
};

// What the foreign client does, on a thread of its own.
using ClientBody = void (*)(GrpcClient& client);

Task<Result<>> ServeGate(const Context& ctx, const std::vector<std::unique_ptr<Tablet>>& tablets,
                         ClientBody body) {
  std::vector<SmallCluster::Part> parts(2);
  parts[0] = {"-80", nullptr, tablets[0]->port};
  parts[1] = {"80-", nullptr, tablets[1]->port};
  SmallCluster cluster(std::move(parts));
  const Result<> started = co_await cluster.Start(ctx);
  if (started.ok()) {
    rpc::Server server;
    SmallCluster::Register(server);
    CO_TRY(const runtime::Address address, server.Listen(runtime::Address::Tcp("127.0.0.1", 0)));
    const Context serving = ctx.WithCancel();
    runtime::Loop& loop = runtime::Loop::Current();
    std::thread client([&] {
      {
        GrpcClient peer("127.0.0.1:" + std::to_string(address.port), false);
        body(peer);
      }
      loop.Post([&serving] { serving.Cancel(); });
    });
    const Result<> served = co_await server.Serve(serving);
    client.join();
    EXPECT_TRUE(served.ok()) << served.error().ToString();
  }
  co_await cluster.Stop();
  co_return started;
}

Task<int> RunClient(const Context& parent, ClientBody body) {
  const Context ctx = parent.WithTimeout(std::chrono::seconds(60));
  std::vector<std::unique_ptr<Tablet>> tablets;
  tablets.push_back(std::make_unique<Tablet>(TabletConfig(1, "-80", "vt_low")));
  tablets.push_back(std::make_unique<Tablet>(TabletConfig(2, "80-", "vt_high")));
  runtime::TaskGroup group(Context::Background());
  for (const std::unique_ptr<Tablet>& tablet : tablets) {
    const Result<> listening = tablet->Listen();
    EXPECT_TRUE(listening.ok());
    tablet->Serve(group);
  }
  const Result<> ran = co_await ServeGate(ctx, tablets, body);
  EXPECT_TRUE(ran.ok()) << ran.error().ToString();
  for (const std::unique_ptr<Tablet>& tablet : tablets) tablet->server.StartShutdown();
  group.context().Cancel();
  for (const std::unique_ptr<Tablet>& tablet : tablets) co_await tablet->server.Stop();
  const Result<> ended = co_await group.CancelAndJoin();
  static_cast<void>(ended.ok());
  co_return 0;
}

void WithClient(ClientBody body) {
  runtime::RunLoop([body](const Context& ctx) { return RunClient(ctx, body); });
}

::vtgate::ExecuteResponse Execute(GrpcClient& client, const std::string& sql,
                                  const ::vtgate::Session& session) {
  ::vtgate::ExecuteRequest request;
  *request.mutable_session() = session;
  request.mutable_query()->set_sql(sql);
  std::string bytes;
  const GrpcStatus status =
      client.Unary("/vtgateservice.Vitess/Execute", request.SerializeAsString(), &bytes);
  EXPECT_EQ(status.code, 0) << status.message;
  ::vtgate::ExecuteResponse response;
  EXPECT_TRUE(response.ParseFromString(bytes));
  return response;
}

::vtgate::Session NewSession() {
  ::vtgate::Session session;
  session.set_autocommit(true);
  session.set_target_string("ks");
  session.mutable_options()->set_included_fields(::query::ExecuteOptions::ALL);
  return session;
}

void Expect(GrpcClient& client, const std::string& sql) {
  const auto response = Execute(client, sql, NewSession());
  EXPECT_FALSE(response.has_error()) << sql << ": " << response.error().message();
}

std::string Count(GrpcClient& client) {
  const auto response = Execute(client, "select count(*) from t", NewSession());
  EXPECT_EQ(response.result().rows_size(), 1) << response.error().message();
  return response.result().rows_size() == 1 ? response.result().rows(0).values() : "";
}

void Transactions(GrpcClient& client) {
  Expect(client, "create table t (id bigint primary key, v varchar(40) not null)");
  auto step = Execute(client, "begin", NewSession());
  for (const char* values : {"(1, 'a')", "(2, 'b')", "(3, 'c')", "(10, 'd')"}) {
    step = Execute(client, std::string("insert into t (id, v) values ") + values, step.session());
    EXPECT_FALSE(step.has_error()) << step.error().message();
  }
  EXPECT_EQ(step.session().shard_sessions_size(), 2);
  EXPECT_EQ(Count(client), "0");
  step = Execute(client, "commit", step.session());
  EXPECT_FALSE(step.has_error()) << step.error().message();
  EXPECT_EQ(Count(client), "4");

  step = Execute(client, "begin", NewSession());
  step = Execute(client, "delete from t", step.session());
  EXPECT_EQ(step.result().rows_affected(), 4u);
  step = Execute(client, "rollback", step.session());
  EXPECT_EQ(Count(client), "4");

  const auto row = Execute(client, "select id, v from t where id = 3", NewSession());
  EXPECT_EQ(row.result().rows_size(), 1);
  EXPECT_EQ(row.result().rows(0).values(), "3c");
  EXPECT_THAT(row.result().rows(0).lengths(), ElementsAre(1, 1));
  EXPECT_EQ(row.result().fields(0).type(), ::query::INT64);
  EXPECT_NE(row.result().fields(0).flags() & ::query::PRI_KEY_FLAG, 0u);
}

void Errors(GrpcClient& client) {
  const std::string twice = "insert into t (id, v) values (1, 'a')";
  const std::string mysql_text =
      "Duplicate entry '1' for key 'PRIMARY' \\(errno 1062\\) \\(sqlstate 23000\\) "
      "\\(CallerID: unsecure_grpc_client\\): Sql: \"insert into .*\", BindVars: .*";
  auto step = Execute(client, twice, NewSession());
  EXPECT_EQ(step.error().code(), ::vtrpc::ALREADY_EXISTS);
  EXPECT_THAT(step.error().message(),
              MatchesRegex("target: ks\\.[-80]*\\.primary: vttablet: rpc error: code = "
                           "AlreadyExists desc = " +
                           mysql_text));
  // With the transaction that it opens, the error stands inside the tablet's answer.
  step = Execute(client, "begin", NewSession());
  step = Execute(client, twice, step.session());
  EXPECT_EQ(step.error().code(), ::vtrpc::ALREADY_EXISTS);
  EXPECT_THAT(step.error().message(),
              MatchesRegex("target: ks\\.[-80]*\\.primary: vttablet: " + mysql_text));
  EXPECT_TRUE(step.session().in_transaction());
  ::vtgate::CloseSessionRequest close;
  *close.mutable_session() = step.session();
  std::string bytes;
  const GrpcStatus closed =
      client.Unary("/vtgateservice.Vitess/CloseSession", close.SerializeAsString(), &bytes);
  EXPECT_EQ(closed.code, 0) << closed.message;
  // The transaction is gone: its id is of no use to anybody.
  step = Execute(client, "select v from t where id = 1", step.session());
  EXPECT_EQ(step.error().code(), ::vtrpc::ABORTED);
  EXPECT_THAT(step.error().message(), HasSubstr("ended at"));

  const auto unknown = Execute(client, "select nosuch from t", NewSession());
  EXPECT_THAT(unknown.error().message(), HasSubstr("(errno 1054) (sqlstate 42S22)"));
}

void Streams(GrpcClient& client) {
  for (int from = 1000; from < 5000; from += 1000) {
    std::string sql = "insert into t (id, v) values ";
    for (int id = from; id < from + 1000; ++id)
      sql += (id == from ? "(" : ", (") + std::to_string(id) + ", repeat('x', 40))";
    Expect(client, sql);
  }
  ::vtgate::StreamExecuteRequest request;
  *request.mutable_session() = NewSession();
  request.mutable_query()->set_sql("select id, v from t where id >= 1000");
  const std::unique_ptr<GrpcCall> call = client.Open("/vtgateservice.Vitess/StreamExecute");
  EXPECT_TRUE(call->Write(request.SerializeAsString()));
  call->CloseWrites();
  int rows = 0;
  int parts = 0;
  bool has_session = false;
  while (const std::optional<std::string> bytes = call->Read()) {
    ::vtgate::StreamExecuteResponse part;
    EXPECT_TRUE(part.ParseFromString(*bytes));
    rows += part.result().rows_size();
    ++parts;
    has_session = part.has_session();
  }
  const GrpcStatus status = call->Finish();
  EXPECT_EQ(status.code, 0) << status.message;
  EXPECT_EQ(rows, 4000);
  EXPECT_GT(parts, 4);
  EXPECT_TRUE(has_session);
}

void AllOfThem(GrpcClient& client) {
  Transactions(client);
  Errors(client);
  Streams(client);
  Expect(client, "drop table t");
}
TEST(ForeignClient, SpeaksToTheGate) { WithClient(&AllOfThem); }

}  // namespace
}  // namespace tessera::vtgate
