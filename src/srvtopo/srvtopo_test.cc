// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/waiter.h"
#include "keys/shard.h"
#include "runtime/loop_pool.h"
#include "srvtopo/resolve.h"
#include "srvtopo/serving_watch.h"
#include "topo/memory_conn.h"
#include "topo/paths.h"

namespace tessera::srvtopo {
namespace {

using keys::Destination;
using keys::TabletType;
using ::testing::ElementsAre;

std::vector<topo::ShardReference> Shards(std::initializer_list<std::string_view> names) {
  std::vector<topo::ShardReference> shards;
  for (const std::string_view name : names) {
    shards.push_back({std::string(name), keys::ParseShardName(name).value().key_range});
  }
  return shards;
}

TEST(Resolve, FindsTheShardOfAnId) {
  const auto shards = Shards({"-40", "40-80", "80-"});
  EXPECT_EQ(ShardOfId(shards, "\x3f").value()->name, "-40");
  EXPECT_EQ(ShardOfId(shards, "\x40").value()->name, "40-80");
  EXPECT_EQ(ShardOfId(shards, "").value()->name, "-40");
  EXPECT_EQ(ShardOfId(shards, "\xff\xff").value()->name, "80-");
  EXPECT_EQ(ShardOfId(Shards({"-40", "80-"}), "\x40").error().code(), Code::kInvalidArgument);
  EXPECT_EQ(ShardOfId({}, "\x40").error().code(), Code::kUnavailable);
  EXPECT_EQ(ShardOfId(Shards({"0"}), "anything").value()->name, "0");
  EXPECT_EQ(ShardOfId(Shards({"80-", "-80"}), "\x10").value()->name, "-80");  // out of order
}

TEST(Resolve, EveryKindOfDestination) {
  const auto shards = Shards({"-40", "40-80", "80-"});
  const auto names = [&shards](const Destination& to) {
    return ResolveDestination(shards, to).value();
  };
  const auto range = [](std::string_view text) { return keys::ParseKeyRange(text).value(); };
  EXPECT_THAT(names(Destination::None()), ElementsAre());
  EXPECT_THAT(names(Destination::OfId("\x50")), ElementsAre("40-80"));
  EXPECT_THAT(names(Destination::OfIds({"\x90", "\x10", "\xa0"})), ElementsAre("80-", "-40"));
  EXPECT_THAT(names(Destination::OfRange(range("30-50"))), ElementsAre("-40", "40-80"));
  EXPECT_THAT(names(Destination::OfExactRange(range("-80"))), ElementsAre("-40", "40-80"));
  EXPECT_THAT(names(Destination::OfExactRange(range("-"))), ElementsAre("-40", "40-80", "80-"));
  EXPECT_THAT(names(Destination::OfShard("80-")), ElementsAre("80-"));
  EXPECT_THAT(names(Destination::OfShards({"80-", "-40"})), ElementsAre("80-", "-40"));
  EXPECT_THAT(names(Destination::AllShards()), ElementsAre("-40", "40-80", "80-"));
  EXPECT_EQ(names(Destination::AnyShard()).size(), 1u);
  EXPECT_EQ(ResolveDestination(shards, Destination::OfShard("c0-")).error().code(),
            Code::kInvalidArgument);
  EXPECT_EQ(ResolveDestination(shards, Destination::OfExactRange(range("-50"))).error().code(),
            Code::kInvalidArgument);
}

TEST(Resolve, GroupsByShard) {
  const auto shards = Shards({"-80", "80-"});
  const std::vector<Destination> to{Destination::OfId("\x90"), Destination::OfId("\x10"),
                                    Destination::None(), Destination::OfId("\xa0"),
                                    Destination::AllShards()};
  const auto groups = ResolveDestinations(shards, to).value();
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].shard, "80-");
  EXPECT_THAT(groups[0].indexes, ElementsAre(0, 3, 4));
  EXPECT_THAT(groups[1].indexes, ElementsAre(1, 4));
}

TEST(Resolve, AsksForServedTypes) {
  topo::SrvKeyspace graph;
  graph.partitions.push_back({TabletType::kPrimary, Shards({"0"}), {}});
  EXPECT_EQ(ServingShards(graph, "ks", TabletType::kPrimary).value().size(), 1u);
  EXPECT_EQ(ServingShards(graph, "ks", TabletType::kReplica).error().code(), Code::kUnavailable);
}

Task<Result<std::unique_ptr<topo::Server>>> Open(const Context& ctx, topo::MemoryTopo& memory) {
  const std::vector<std::string> all_cells;
  topo::ServerOptions options;
  options.implementation = "memory";
  topo::Server::Factories factories;
  factories["memory"] = &memory;
  CO_TRY(auto server, co_await topo::Server::Open(ctx, options, factories));
  topo::CellInfo cell;
  cell.root = "/zone1";
  CO_TRY_OK(co_await server->CreateCell(ctx, "zone1", cell));
  CO_TRY_OK(co_await server->EnsureShard(ctx, "ks", "0"));
  CO_TRY_OK(co_await server->RebuildKeyspace(ctx, "ks", all_cells));
  CO_TRY_OK(co_await server->RebuildSrvVSchema(ctx, all_cells));
  co_return server;
}

Task<Result<>> ServeWhileDown(const Context& ctx, topo::MemoryTopo& memory) {
  const std::vector<std::string> all_cells;
  CO_TRY(const auto server, co_await Open(ctx, memory));
  ServingWatchOptions options;
  options.cache_refresh = std::chrono::milliseconds(1);
  options.cache_ttl = Duration(0);
  ServingWatch watch(*server, "zone1", options);
  int changes = 0;
  watch.OnSrvVSchema([&changes](const auto&) { ++changes; });
  const auto missing = co_await watch.GetSrvKeyspace(ctx, "nowhere");
  EXPECT_TRUE(!missing.ok() && missing.error().code() == Code::kNotFound);
  const auto graph = co_await watch.GetSrvKeyspace(ctx, "ks");
  EXPECT_TRUE(graph.ok() && (*graph)->Find(TabletType::kPrimary) != nullptr);
  const auto vschema = co_await watch.GetSrvVSchema(ctx);
  EXPECT_TRUE(vschema.ok() && (*vschema)->keyspaces.contains("ks"));
  EXPECT_EQ(changes, 1);
  const auto names = co_await watch.GetKeyspaces(ctx);
  EXPECT_TRUE(names.ok() && names->size() == 1);

  memory.SetDown(Error(Code::kUnavailable, "topology is down"));
  const Result<> turn = co_await Sleep(ctx, std::chrono::milliseconds(5));
  EXPECT_TRUE(turn.ok());
  const auto stale = co_await watch.GetSrvKeyspace(ctx, "ks");
  EXPECT_TRUE(stale.ok());
  const auto stale_vschema = co_await watch.GetSrvVSchema(ctx);
  EXPECT_TRUE(stale_vschema.ok());
  const auto stale_names = co_await watch.GetKeyspaces(ctx);
  EXPECT_TRUE(stale_names.ok());
  const auto unknown = co_await watch.GetSrvKeyspace(ctx, "other");
  EXPECT_TRUE(!unknown.ok() && unknown.error().code() == Code::kUnavailable);

  memory.SetDown(std::nullopt);
  const Result<> added = co_await server->EnsureShard(ctx, "other", "0");
  EXPECT_TRUE(added.ok());
  const Result<> rebuilt = co_await server->RebuildSrvVSchema(ctx, all_cells);
  EXPECT_TRUE(rebuilt.ok());
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(10));
  bool seen = false;
  while (!seen && !bounded.cancelled()) {
    const auto now = co_await watch.GetSrvVSchema(bounded);
    seen = now.ok() && (*now)->keyspaces.contains("other");
    const Result<> pause = co_await Sleep(bounded, std::chrono::milliseconds(1));
    if (!pause.ok()) break;
  }
  EXPECT_TRUE(seen);
  EXPECT_GE(changes, 2);
  co_await watch.Close();
  co_await server->Close();
  co_return Ok{};
}

Task<int> RunServeWhileDown(const Context& ctx, topo::MemoryTopo& memory) {
  const Result<> done = co_await ServeWhileDown(ctx, memory);
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  co_return 0;
}

TEST(ServingWatch, ServesTheLastValueWhileTheTopologyIsDown) {
  topo::MemoryTopo memory;
  runtime::RunLoop([&memory](const Context& ctx) { return RunServeWhileDown(ctx, memory); });
}

}  // namespace
}  // namespace tessera::srvtopo
