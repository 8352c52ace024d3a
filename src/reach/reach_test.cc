// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pages/pages.h"
#include "reach/look.h"
#include "reach/page.h"
#include "reach/page_answer.h"
#include "rpc/server.h"
#include "rpc/tls_files.h"
#include "runtime/loop_pool.h"
#include "runtime/task_group.h"
#include "runtime/testing/certificates.h"
#include "topo/memory_conn.h"
#include "topo/server.h"

namespace tessera::reach {
namespace {

using runtime::testing::CertificateWishes;
using runtime::testing::TestAuthority;
using runtime::testing::TestCertificate;
using ::testing::HasSubstr;
using Tls = std::shared_ptr<const runtime::TlsContext>;

Tls ServerTls(const TestCertificate& certificate) {
  rpc::ServerTlsFiles files;
  files.certificate = certificate.certificate_file;
  files.key = certificate.key_file;
  return rpc::LoadServerTls(files).value();
}

Tls ClientTls(const TestAuthority& authority) {
  rpc::ClientTlsFiles files;
  files.ca = authority.ca_file();
  return rpc::LoadClientTls(files).value();
}

CertificateWishes Local() {
  CertificateWishes wishes;
  wishes.addresses = {"127.0.0.1"};
  return wishes;
}

// What is seen of a gRPC server with `server` for its TLS.
Task<Sight> LookAtServer(const Context& ctx, Tls server, How how, Tls client) {
  rpc::ServerOptions options;
  options.tls = std::move(server);
  rpc::Server rpc(options);
  const Result<runtime::Address> at = rpc.Listen(runtime::Address::Tcp("127.0.0.1", 0));
  EXPECT_TRUE(at.ok());
  runtime::TaskGroup group(ctx);
  group.Start(rpc.Serve(group.context()));
  Question question;
  question.address = *at;
  question.how = how;
  question.tls = std::move(client);
  // A server that waits for us, as we for it, is the case of MySQL.
  const Context bounded = ctx.WithTimeout(how == How::kMysql ? std::chrono::milliseconds(300)
                                                             : std::chrono::seconds(10));
  const Sight sight = co_await Look(bounded, std::move(question));
  const Result<> ended = co_await group.CancelAndJoin();
  static_cast<void>(ended.ok());
  co_return sight;
}

Sight Seen(Tls server, How how, Tls client) {
  Sight out;
  runtime::RunLoop([&](const Context& ctx) -> Task<int> {
    out = co_await LookAtServer(ctx, server, how, client);
    co_return 0;
  });
  return out;
}

Sight SeenAt(const runtime::Address& address, How how) {
  Sight out;
  runtime::RunLoop([&](const Context& ctx) -> Task<int> {
    Question question;
    question.address = address;
    question.how = how;
    const Context bounded = ctx.WithTimeout(std::chrono::seconds(5));
    out = co_await Look(bounded, question);
    co_return 0;
  });
  return out;
}

TEST(Look, ClearText) {
  const Sight grpc = Seen(nullptr, How::kGrpc, nullptr);
  EXPECT_TRUE(grpc.ok()) << grpc.error;
  EXPECT_GE(grpc.total_us, grpc.connect_us);
  EXPECT_TRUE(Seen(nullptr, How::kTcp, nullptr).ok());
  EXPECT_EQ(Seen(nullptr, How::kTls, nullptr).failed, Step::kTls);
}

TEST(Look, TlsShowsItsCertificates) {
  TestAuthority authority("authority");
  const Sight sight = Seen(ServerTls(authority.Issue(Local())), How::kGrpc, ClientTls(authority));
  EXPECT_TRUE(sight.ok()) << sight.error;
  ASSERT_FALSE(sight.chain.empty());
  EXPECT_GT(sight.chain[0].not_after, sight.chain[0].not_before);
  EXPECT_THAT(sight.names, ::testing::Contains("127.0.0.1"));
}

TEST(Look, AnExpiredCertificateIsSeenAndRefused) {
  TestAuthority authority("authority");
  CertificateWishes wishes = Local();
  wishes.valid_from_days = -9;
  wishes.valid_to_days = -2;
  const Sight sight = Seen(ServerTls(authority.Issue(wishes)), How::kGrpc, ClientTls(authority));
  EXPECT_EQ(sight.failed, Step::kTls);
  EXPECT_THAT(sight.error, HasSubstr("expired"));
  ASSERT_FALSE(sight.chain.empty());
}

TEST(Look, AnotherAuthority) {
  TestAuthority authority("authority");
  TestAuthority other("other");
  const Sight sight = Seen(ServerTls(authority.Issue(Local())), How::kGrpc, ClientTls(other));
  EXPECT_EQ(sight.failed, Step::kTls);
}

TEST(Look, ClearTextToATlsServerIsSaid) {
  TestAuthority authority("authority");
  const Sight sight = Seen(ServerTls(authority.Issue(Local())), How::kGrpc, nullptr);
  EXPECT_EQ(sight.failed, Step::kTls);
  EXPECT_THAT(sight.error, HasSubstr("speaks TLS"));
}

TEST(Look, NobodyThereAndNoSuchHost) {
  const Sight closed = SeenAt(runtime::Address::Tcp("127.0.0.1", 1), How::kGrpc);
  EXPECT_EQ(closed.failed, Step::kConnect);
  const Sight unknown = SeenAt(runtime::Address::Tcp("no-such-host.invalid", 1), How::kTcp);
  EXPECT_EQ(unknown.failed, Step::kResolve) << unknown.error;
}

TEST(Look, AMysqlServerIsNotAGrpcServer) {
  EXPECT_EQ(SeenAt(runtime::Address::Tcp("127.0.0.1", 1), How::kMysql).failed, Step::kConnect);
  const Sight grpc = Seen(nullptr, How::kMysql, nullptr);
  EXPECT_EQ(grpc.failed, Step::kMysql) << grpc.error;
}

TEST(PageAnswer, ComesBack) {
  PageAnswer answer;
  answer.process = "vtgate";
  answer.unix_us = 12;
  answer.seen.emplace();
  answer.seen->failed = Step::kTls;
  answer.seen->error = "it expired";
  answer.seen->chain = {{"/CN=a", "/CN=b", 1, 2}};
  answer.seen->names = {"a"};
  const Result<PageAnswer> back = PageAnswerFromJson(ToJson(answer));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->unix_us, 12);
  EXPECT_EQ(back->seen->failed, Step::kTls);
  EXPECT_EQ(back->seen->chain.at(0).not_after, 2);
  EXPECT_FALSE(PageAnswerFromJson("{}").ok());
  EXPECT_FALSE(PageAnswerFromJson("<html>").ok());
}

TEST(MayAsk, ThisHostAndThoseNamed) {
  EXPECT_TRUE(MayAsk("127.0.0.1:4711", {}));
  EXPECT_TRUE(MayAsk("[::1]:4711", {}));
  EXPECT_TRUE(MayAsk("[::ffff:127.0.0.1]:4711", {}));
  EXPECT_FALSE(MayAsk("10.0.0.1:4711", {}));
  EXPECT_TRUE(MayAsk("10.0.0.1:4711", {"10.0.0.1"}));
  EXPECT_FALSE(MayAsk("10.0.0.2:4711", {"10.0.0.1"}));
  EXPECT_TRUE(MayAsk("10.0.0.2:4711", {"*"}));
}

// The page's answer to a query from a client.
Task<http::Response> AskPage(const Context& ctx, topo::Server& topo, std::string query,
                             std::string peer) {
  pages::Pages pages{pages::Subject()};
  PageOptions options;
  options.process = "vttablet x";
  options.topo = &topo;
  options.also = {"127.0.0.1:3"};
  AddPage(pages, std::move(options));
  http::Request request;
  request.path = "/debug/reach";
  request.query = std::move(query);
  request.peer = std::move(peer);
  const http::Handler& handler = *pages.router().Find("/debug/reach");
  co_return co_await handler(ctx, request);
}

Task<int> AskPages(const Context& ctx) {
  topo::MemoryTopo memory;
  const topo::Server::Factories factories = {{"memory", &memory}};
  topo::ServerOptions options;
  options.implementation = "memory";
  const Result<std::unique_ptr<topo::Server>> opened =
      co_await topo::Server::Open(ctx, options, factories);
  topo::Server& topo = **opened;
  topo::CellInfo cell;
  cell.server_address = "127.0.0.1:2,127.0.0.1:4";
  cell.root = "/zone1";
  const Result<> made = co_await topo.CreateCell(ctx, "zone1", cell);
  EXPECT_TRUE(made.ok());
  topo::Tablet tablet;
  tablet.alias = {"zone1", 100};
  tablet.hostname = "127.0.0.1";
  tablet.port_map = {{"grpc", 1}};
  tablet.keyspace = "app";
  tablet.shard = "0";
  const Result<> published = co_await topo.PublishTablet(ctx, tablet);
  EXPECT_TRUE(published.ok());
  const http::Response clock = co_await AskPage(ctx, topo, "", "127.0.0.1:9");
  EXPECT_EQ(clock.status, 200);
  EXPECT_GT(PageAnswerFromJson(clock.body)->unix_us, 1'600'000'000'000'000);
  for (const std::string known : {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4"}) {
    const http::Response seen = co_await AskPage(ctx, topo, "address=" + known, "127.0.0.1:9");
    EXPECT_EQ(seen.status, 200) << seen.body;
    EXPECT_EQ(PageAnswerFromJson(seen.body)->seen->failed, Step::kConnect);
  }
  const http::Response proxy = co_await AskPage(ctx, topo, "address=127.0.0.1:22", "127.0.0.1:9");
  EXPECT_EQ(proxy.status, 403);
  const http::Response file = co_await AskPage(ctx, topo, "address=unix:/tmp/x", "127.0.0.1:9");
  EXPECT_EQ(file.status, 403);
  const http::Response foreign = co_await AskPage(ctx, topo, "", "10.1.2.3:9");
  EXPECT_EQ(foreign.status, 403);
  const http::Response how =
      co_await AskPage(ctx, topo, "address=127.0.0.1:1&how=udp", "127.0.0.1:9");
  EXPECT_EQ(how.status, 400);
  co_await topo.Close();
  co_return 0;
}

TEST(Page, AsksOnlyWhatTheTopologyHolds) { runtime::RunLoop(AskPages); }

}  // namespace
}  // namespace tessera::reach
