// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "proto/tabletmanagerdata.pb.h"
#include "rpc/server.h"
#include "runtime/loop_pool.h"
#include "runtime/task_group.h"
#include "tmclient/client.h"

namespace tessera::tmclient {
namespace {

using tabletmanagerdata::PingRequest;
using tabletmanagerdata::PingResponse;

Task<Result<PingResponse>> AnswerPing(const Context&, rpc::ServerCall&,
                                      const PingRequest& request) {
  PingResponse response;
  if (request.payload() == "fail") co_return Error(Code::kFailedPrecondition, "not now");
  response.set_payload(request.payload());
  co_return response;
}

topo::Tablet TabletAt(int port) {
  topo::Tablet tablet;
  tablet.alias = {"zone1", 100};
  tablet.hostname = "127.0.0.1";
  tablet.port_map["grpc"] = port;
  return tablet;
}

Task<Result<std::string>> Ping(Client& client, const Context& ctx, const topo::Tablet& tablet,
                               std::string payload) {
  PingRequest request;
  request.set_payload(std::move(payload));
  CO_TRY(const PingResponse response, co_await client.Call<PingResponse>(ctx, tablet, request));
  co_return response.payload();
}

Task<Result<>> CallTablets(const Context& ctx) {
  rpc::Server server;
  server.Unary("/tabletmanagerservice.TabletManager/Ping",
               rpc::ProtoUnary<PingRequest>(&AnswerPing));
  CO_TRY(const runtime::Address address, server.Listen(runtime::Address::Tcp("127.0.0.1", 0)));
  runtime::TaskGroup group(ctx);
  group.Start(server.Serve(group.context()));
  Client client;
  const topo::Tablet tablet = TabletAt(address.port);

  const Result<std::string> answer = co_await Ping(client, ctx, tablet, "hello");
  EXPECT_TRUE(answer.ok() && *answer == "hello");
  const Result<std::string> refused = co_await Ping(client, ctx, tablet, "fail");
  EXPECT_FALSE(refused.ok());
  if (!refused.ok()) {
    EXPECT_EQ(refused.error().code(), Code::kFailedPrecondition);
    EXPECT_NE(refused.error().message().find("zone1-0000000100"), std::string::npos);
  }

  topo::Tablet gone = tablet;
  gone.tablet_shutdown_time = 1;
  const Result<std::string> shut = co_await Ping(client, ctx, gone, "x");
  EXPECT_TRUE(!shut.ok() && shut.error().code() == Code::kUnavailable);
  const topo::Tablet nowhere = TabletAt(0);
  const Result<std::string> portless = co_await Ping(client, ctx, nowhere, "x");
  EXPECT_TRUE(!portless.ok() && portless.error().code() == Code::kUnavailable);

  co_await client.Close();
  const Result<> ended = co_await group.CancelAndJoin();
  static_cast<void>(ended.ok());
  const Result<std::string> late = co_await Ping(client, ctx, tablet, "x");
  EXPECT_TRUE(!late.ok() && late.error().code() == Code::kUnavailable);
  co_await client.Close();
  co_return Ok{};
}

Task<int> RunCalls(const Context& ctx) {
  const Result<> called = co_await CallTablets(ctx);
  EXPECT_TRUE(called.ok()) << (called.ok() ? "" : called.error().ToString());
  co_return 0;
}

TEST(Client, CallsTheTabletOfARecord) { runtime::RunLoop(&RunCalls); }

}  // namespace
}  // namespace tessera::tmclient
