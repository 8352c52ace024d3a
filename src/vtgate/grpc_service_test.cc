// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/grpc_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/vtgate.pb.h"
#include "rpc/protobuf.h"
#include "runtime/loop_pool.h"
#include "vtgate/testing/fake_tablet.h"
#include "vtgate/testing/small_cluster.h"

namespace tessera::vtgate {
namespace {

using ::testing::ElementsAre;
using testing::FakeTablet;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SmallCluster;

constexpr std::string_view kExecute = "/vtgateservice.Vitess/Execute";
constexpr std::string_view kStream = "/vtgateservice.Vitess/StreamExecute";

// A gate over two fake tablets behind its gRPC service, and a client of it.
struct Bench {
  const Context& ctx;
  rpc::Channel& channel;
  FakeTablet& low;   // -80
  FakeTablet& high;  // 80-
  Executor& executor;

  Task<::vtgate::ExecuteResponse> Execute(std::string sql, ::vtgate::Session session) {
    ::vtgate::ExecuteRequest request;
    *request.mutable_session() = std::move(session);
    request.mutable_query()->set_sql(sql);
    auto response = co_await Call<::vtgate::ExecuteResponse>(kExecute, request);
    co_return response;
  }
  template <class Response, class Request>
  Task<Response> Call(std::string_view path, const Request& request) {
    Result<Response> response = co_await rpc::CallProto<Response>(channel, ctx, path, request);
    EXPECT_TRUE(response.ok()) << response.error().ToString();
    if (!response.ok()) co_return Response();
    co_return *std::move(response);
  }
};

::vtgate::Session InKeyspace() {
  ::vtgate::Session session;
  session.set_autocommit(true);
  session.set_target_string("ks");
  return session;
}

using Body = Task<> (*)(Bench& bench);

Task<Result<>> WithGate(const Context& ctx, Body body) {
  FakeTablet low("-80", 1);
  FakeTablet high("80-", 2);
  std::vector<SmallCluster::Part> parts(2);
  parts[0] = {"-80", &low};
  parts[1] = {"80-", &high};
  SmallCluster cluster(std::move(parts));
  const Result<> started = co_await cluster.Start(ctx);
  EXPECT_TRUE(started.ok()) << started.error().ToString();
  if (started.ok()) {
    rpc::Server server;
    SmallCluster::Register(server);
    CO_TRY(const runtime::Address address, server.Listen(runtime::Address::Tcp("127.0.0.1", 0)));
    const Context serving = ctx.WithCancel();
    runtime::TaskGroup group(ctx);
    group.Start(server.Serve(serving));
    rpc::Channel channel(address);
    Bench bench{ctx, channel, low, high, cluster.executor()};
    co_await body(bench);
    co_await channel.Close();
    serving.Cancel();
    const Result<> served = co_await group.Join();
    EXPECT_TRUE(served.ok());
  }
  co_await cluster.Stop();
  co_return Ok{};
}

Task<int> RunBody(const Context& ctx, Body body) {
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(30));
  const Result<> ran = co_await WithGate(bounded, body);
  EXPECT_TRUE(ran.ok()) << ran.error().ToString();
  co_return 0;
}

void RunOnGate(Body body) {
  runtime::RunLoop([body](const Context& ctx) { return RunBody(ctx, body); });
}

std::vector<std::string> Cells(const ::query::QueryResult& result) {
  std::vector<std::string> out;
  for (const ::query::Row& row : result.rows()) out.push_back(row.values());
  std::sort(out.begin(), out.end());
  return out;
}

Task<> Scatter(Bench& bench) {
  const ::vtgate::ExecuteResponse response =
      co_await bench.Execute("select * from t", InKeyspace());
  EXPECT_FALSE(response.has_error()) << response.error().message();
  EXPECT_THAT(Cells(response.result()), ElementsAre("-800", "80-0"));
  EXPECT_EQ(response.result().fields(1).name(), "n");
  EXPECT_EQ(response.session().target_string(), "ks");
  EXPECT_EQ(bench.low.caller, "unsecure_grpc_client");
}
TEST(GateService, ExecuteGoesToAllShards) { RunOnGate(&Scatter); }

Task<> NoSession(Bench& bench) {
  ::vtgate::ExecuteRequest request;
  request.mutable_query()->set_sql("select * from ks.t where id = 1");
  const auto response = co_await bench.Call<::vtgate::ExecuteResponse>(kExecute, request);
  EXPECT_FALSE(response.has_error()) << response.error().message();
  EXPECT_TRUE(response.session().autocommit());
  EXPECT_EQ(response.result().rows_size(), 1);
}
TEST(GateService, AClientWithoutASessionGetsOne) { RunOnGate(&NoSession); }

Task<> Variables(Bench& bench) {
  ::vtgate::ExecuteRequest request;
  *request.mutable_session() = InKeyspace();
  request.mutable_query()->set_sql("insert into t(id, v, b, n) values (:id, :v, :b, :n)");
  auto& vars = *request.mutable_query()->mutable_bind_variables();
  vars["id"].set_type(::query::INT64);
  vars["id"].set_value("1");
  vars["v"].set_type(::query::VARCHAR);
  vars["v"].set_value("it's");
  vars["b"].set_type(::query::VARBINARY);
  vars["b"].set_value(std::string("\0\xff", 2));
  vars["n"].set_type(::query::NULL_TYPE);
  const auto response = co_await bench.Call<::vtgate::ExecuteResponse>(kExecute, request);
  EXPECT_FALSE(response.has_error()) << response.error().message();
  EXPECT_EQ(response.result().rows_affected(), 1u);
  const std::string& sent = bench.low.log.empty() ? bench.high.log.back() : bench.low.log.back();
  EXPECT_THAT(sent, HasSubstr("(1, 'it\\'s', x'00ff', null)"));

  vars["id"].set_value("1 or 1=1");
  const auto refused = co_await bench.Call<::vtgate::ExecuteResponse>(kExecute, request);
  EXPECT_EQ(refused.error().code(), ::vtrpc::INVALID_ARGUMENT);
  EXPECT_EQ(refused.session().target_string(), "ks");
}
TEST(GateService, BindVariablesAreValuesAndNothingElse) { RunOnGate(&Variables); }

Task<> Transaction(Bench& bench) {
  ::vtgate::ExecuteResponse step = co_await bench.Execute("begin", InKeyspace());
  EXPECT_TRUE(step.session().in_transaction());
  step = co_await bench.Execute("insert into t(id) values (1)", step.session());
  EXPECT_FALSE(step.has_error()) << step.error().message();
  EXPECT_EQ(step.session().shard_sessions_size(), 1);
  step = co_await bench.Execute("insert into t(id) values (1)", step.session());
  EXPECT_FALSE(step.has_error()) << step.error().message();
  FakeTablet& used = bench.low.log.empty() ? bench.high : bench.low;
  const int64_t id = step.session().shard_sessions(0).transaction_id();
  EXPECT_EQ(used.open, std::set<int64_t>{id});
  step = co_await bench.Execute("commit", step.session());
  EXPECT_FALSE(step.has_error()) << step.error().message();
  EXPECT_FALSE(step.session().in_transaction());
  EXPECT_EQ(step.session().shard_sessions_size(), 0);
  EXPECT_THAT(used.log, ElementsAre(fmt::format("begin {}: insert into t(id) values (1)", id),
                                    fmt::format("execute {}: insert into t(id) values (1)", id),
                                    fmt::format("commit {}", id)));
}
TEST(GateService, ATransactionSpansCalls) { RunOnGate(&Transaction); }

Task<> Errors(Bench& bench) {
  ::vtgate::ExecuteResponse step = co_await bench.Execute("begin", InKeyspace());
  step = co_await bench.Execute("insert into t(id, v) values (1, 'duplicate')", step.session());
  EXPECT_EQ(step.error().code(), ::vtrpc::ALREADY_EXISTS);
  EXPECT_THAT(step.error().message(), HasSubstr("target: ks."));
  EXPECT_THAT(step.error().message(), HasSubstr("(errno 1062) (sqlstate 23000)"));
  EXPECT_TRUE(step.session().in_transaction());
  EXPECT_EQ(step.session().shard_sessions_size(), 1);

  ::vtgate::CloseSessionRequest close;
  *close.mutable_session() = step.session();
  const auto closed = co_await bench.Call<::vtgate::CloseSessionResponse>(
      "/vtgateservice.Vitess/CloseSession", close);
  EXPECT_FALSE(closed.has_error());
  EXPECT_THAT(bench.low.open, IsEmpty());
  EXPECT_THAT(bench.high.open, IsEmpty());

  step = co_await bench.Execute("select 1 from nowhere.t", InKeyspace());
  EXPECT_THAT(step.error().message(), HasSubstr("(errno "));
  ::vtgate::Session broken;
  broken.set_target_string("ks@nonsense");
  step = co_await bench.Execute("select 1", broken);
  EXPECT_EQ(step.error().code(), ::vtrpc::INVALID_ARGUMENT);
  EXPECT_EQ(step.session().target_string(), "ks@nonsense");
}
TEST(GateService, ErrorsStandBesideTheSession) { RunOnGate(&Errors); }

Task<> Batch(Bench& bench) {
  ::vtgate::ExecuteBatchRequest request;
  *request.mutable_session() = InKeyspace();
  for (const char* sql :
       {"use `ks:-80`", "select 1 from t where v = 'duplicate'", "select 1 from t"})
    request.add_queries()->set_sql(sql);
  const auto response = co_await bench.Call<::vtgate::ExecuteBatchResponse>(
      "/vtgateservice.Vitess/ExecuteBatch", request);
  EXPECT_EQ(response.results_size(), 3);
  EXPECT_EQ(response.results(1).error().code(), ::vtrpc::ALREADY_EXISTS);
  EXPECT_FALSE(response.results(2).has_error());
  EXPECT_THAT(Cells(response.results(2).result()), ElementsAre("-800"));
  EXPECT_EQ(response.session().target_string(), "ks:-80@primary");

  ::vtgate::ExecuteMultiRequest multi;
  *multi.mutable_session() = InKeyspace();
  multi.set_sql("select 1 from t; select 2 from t where v = 'duplicate'; select 3 from t");
  const auto some = co_await bench.Call<::vtgate::ExecuteMultiResponse>(
      "/vtgateservice.Vitess/ExecuteMulti", multi);
  EXPECT_EQ(some.results_size(), 1);
  EXPECT_EQ(some.error().code(), ::vtrpc::ALREADY_EXISTS);
}
TEST(GateService, BatchesRunToTheirEndAndMultisToTheFirstError) { RunOnGate(&Batch); }

// What a stream brought: rows, the session, and its end.
struct Streamed {
  std::vector<std::string> cells;
  size_t messages = 0;
  int fields = 0;
  bool fields_first = false;
  ::vtgate::Session session;
  Result<> end = Ok{};
};

Task<Streamed> ReadStream(Bench& bench, std::string sql, ::vtgate::Session session) {
  ::vtgate::StreamExecuteRequest request;
  *request.mutable_session() = std::move(session);
  request.mutable_query()->set_sql(sql);
  Streamed out;
  auto stream = co_await rpc::ServerStreamProto<::vtgate::StreamExecuteResponse>(
      bench.channel, bench.ctx, kStream, request);
  CHECK(stream.ok());
  while (true) {
    auto message = co_await stream->Next(bench.ctx);
    if (!message.ok()) out.end = message.error();
    if (!message.ok() || !message->has_value()) break;
    const ::vtgate::StreamExecuteResponse& part = **message;
    if (out.messages++ == 0) out.fields_first = part.result().fields_size() > 0;
    out.fields += part.result().fields_size();
    for (const ::query::Row& row : part.result().rows()) out.cells.push_back(row.values());
    if (part.has_session()) out.session = part.session();
  }
  std::sort(out.cells.begin(), out.cells.end());
  co_return out;
}

Task<> Streams(Bench& bench) {
  bench.low.rows = 50;
  bench.high.rows = 50;
  const Streamed all = co_await ReadStream(bench, "select * from t", InKeyspace());
  EXPECT_TRUE(all.end.ok()) << all.end.error().ToString();
  EXPECT_EQ(all.cells.size(), 100u);
  EXPECT_EQ(std::set<std::string>(all.cells.begin(), all.cells.end()).size(), 100u);
  EXPECT_TRUE(all.fields_first);
  EXPECT_EQ(all.fields, 2);
  EXPECT_GT(all.messages, 20u);
  EXPECT_EQ(all.session.target_string(), "ks");
  EXPECT_EQ(all.session.found_rows(), 100u);
  EXPECT_THAT(bench.low.log, ElementsAre(HasSubstr("stream 0: select")));

  const Streamed some =
      co_await ReadStream(bench, "select * from t limit 30 offset 60", InKeyspace());
  EXPECT_EQ(some.cells.size(), 30u);
  const Streamed sorted =
      co_await ReadStream(bench, "select v, id from t order by id", InKeyspace());
  EXPECT_TRUE(sorted.end.ok()) << sorted.end.error().ToString();
  EXPECT_EQ(sorted.cells.size(), 100u);
  EXPECT_THAT(bench.low.log.back(), HasSubstr("stream 0: select"));
}
TEST(GateService, StreamsBringAllShardsTogether) { RunOnGate(&Streams); }

Task<> StreamInTransaction(Bench& bench) {
  const auto begun = co_await bench.Execute("begin", InKeyspace());
  const Streamed first = co_await ReadStream(bench, "select * from t", begun.session());
  EXPECT_TRUE(first.end.ok()) << first.end.error().ToString();
  EXPECT_EQ(first.session.shard_sessions_size(), 2);
  const Streamed again = co_await ReadStream(bench, "select * from t", first.session);
  EXPECT_EQ(again.session.shard_sessions_size(), 2);
  EXPECT_EQ(bench.low.open.size(), 1u);
  const Streamed ended = co_await ReadStream(bench, "rollback", again.session);
  EXPECT_TRUE(ended.end.ok());
  EXPECT_EQ(ended.messages, 2u);
  EXPECT_THAT(bench.low.open, IsEmpty());
  EXPECT_THAT(bench.high.open, IsEmpty());
}
TEST(GateService, StreamsJoinTheTransaction) { RunOnGate(&StreamInTransaction); }

Task<> StreamErrors(Bench& bench) {
  bench.low.rows = 10;
  bench.low.stream_end = Error(Code::kUnavailable, "connection lost (errno 2013) (sqlstate HY000)");
  bench.high.rows = 0;
  const Streamed cut = co_await ReadStream(bench, "select * from t", InKeyspace());
  EXPECT_FALSE(cut.end.ok());
  EXPECT_EQ(cut.end.error().code(), Code::kUnavailable);
  EXPECT_THAT(cut.end.error().message(), HasSubstr("(errno 2013)"));
  EXPECT_EQ(cut.session.target_string(), "ks");
  const Streamed refused = co_await ReadStream(bench, "selec", InKeyspace());
  EXPECT_EQ(refused.end.error().code(), Code::kInvalidArgument);
  EXPECT_THAT(refused.end.error().message(), HasSubstr("(errno 1064)"));
}
TEST(GateService, AStreamEndsWithTheErrorOfItsStatement) { RunOnGate(&StreamErrors); }

Task<> StreamMulti(Bench& bench) {
  ::vtgate::StreamExecuteMultiRequest request;
  *request.mutable_session() = InKeyspace();
  request.set_sql(
      "select 1 from t where id = 1; set @a = 1; select 2 from t where v = 'duplicate'; select 3");
  auto stream = co_await rpc::ServerStreamProto<::vtgate::StreamExecuteMultiResponse>(
      bench.channel, bench.ctx, "/vtgateservice.Vitess/StreamExecuteMulti", request);
  CHECK(stream.ok());
  std::string marks;
  ::vtgate::Session last;
  while (true) {
    auto message = co_await stream->Next(bench.ctx);
    EXPECT_TRUE(message.ok()) << message.error().ToString();
    if (!message.ok() || !message->has_value()) break;
    const ::vtgate::StreamExecuteMultiResponse& part = **message;
    if (part.has_session()) last = part.session();
    if (part.has_session()) continue;
    marks += part.new_result() ? "N" : ".";
    marks += part.more_results() ? "+" : "-";
    if (part.result().has_error()) marks += "!";
  }
  EXPECT_EQ(marks, "N+.+N+N+!");
  EXPECT_EQ(last.user_defined_variables().count("a"), 1u);
}
TEST(GateService, StreamsOfSeveralStatementsTellWhereEachBegins) { RunOnGate(&StreamMulti); }

Task<> Settings(Bench& bench) {
  auto step = co_await bench.Execute("set sql_mode = 'STRICT_ALL_TABLES'", InKeyspace());
  EXPECT_FALSE(step.has_error()) << step.error().message();
  EXPECT_TRUE(step.session().in_reserved_conn());
  EXPECT_EQ(step.session().system_variables().at("sql_mode"), "'STRICT_ALL_TABLES'");
  step = co_await bench.Execute("select 1 from t where id = 1", step.session());
  const std::string& sent = bench.low.log.size() > 1 || bench.high.log.empty()
                                ? bench.low.log.back()
                                : bench.high.log.back();
  EXPECT_THAT(sent, HasSubstr("reserve set sql_mode = 'STRICT_ALL_TABLES'"));
  step = co_await bench.Execute("set workload = olap", step.session());
  EXPECT_EQ(step.session().options().workload(), ::query::ExecuteOptions::OLAP);
}
TEST(GateService, SettingsTravelWithTheSession) { RunOnGate(&Settings); }

}  // namespace
}  // namespace tessera::vtgate
