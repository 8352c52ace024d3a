// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/waiter.h"
#include "discovery/serving_graph.h"
#include "runtime/loop_pool.h"
#include "topo/memory_conn.h"

namespace tessera::discovery {
namespace {

using Body = Task<Result<>> (*)(const Context& ctx, topo::MemoryTopo& memory, topo::Server& server,
                                ServingGraph& graph);

Task<Result<>> RunOn(const Context& ctx, topo::MemoryTopo& memory, Body body) {
  topo::ServerOptions options;
  options.implementation = "memory";
  topo::Server::Factories factories;
  factories["memory"] = &memory;
  CO_TRY(const auto server, co_await topo::Server::Open(ctx, options, factories));
  topo::CellInfo cell;
  cell.root = "/zone1";
  const std::vector<std::string> all_cells;
  CO_TRY_OK(co_await server->CreateCell(ctx, "zone1", cell));
  CO_TRY_OK(co_await server->EnsureShard(ctx, "ks", "0"));
  CO_TRY_OK(co_await server->RebuildKeyspace(ctx, "ks", all_cells));
  CO_TRY_OK(co_await server->RebuildSrvVSchema(ctx, all_cells));
  ServingGraph graph(ctx, *server, "zone1");
  const Result<> started = co_await graph.Start(ctx);
  EXPECT_TRUE(started.ok());
  const Result<> done = co_await body(ctx, memory, *server, graph);
  co_await graph.Stop();  // may have been stopped already
  co_await server->Close();
  co_return done;
}

Task<int> Main(const Context& ctx, topo::MemoryTopo& memory, Body body) {
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(20));
  const Result<> done = co_await RunOn(bounded, memory, body);
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  co_return 0;
}

void RunGraph(Body body) {
  topo::MemoryTopo memory;
  runtime::RunLoop([&](const Context& ctx) { return Main(ctx, memory, body); });
}

// Nobody asked for the keyspace before.
Task<Result<>> Down(const Context& ctx, topo::MemoryTopo& memory, topo::Server&,
                    ServingGraph& graph) {
  memory.SetDown(Error(Code::kUnavailable, "topology is down"));
  CO_TRY(const ServingShards serving, co_await graph.Shards(ctx, "ks", keys::TabletType::kPrimary));
  EXPECT_EQ(serving.shards.size(), 1u);
  EXPECT_NE(graph.vschema()->keyspaces().find("ks"), graph.vschema()->keyspaces().end());
  memory.SetDown(std::nullopt);
  co_return Ok{};
}
TEST(ServingGraph, KnowsEveryKeyspaceOfTheVSchemaWhenTheTopologyGoesDown) { RunGraph(Down); }

Task<Result<>> Later(const Context& ctx, topo::MemoryTopo& memory, topo::Server& server,
                     ServingGraph& graph) {
  const auto missing = co_await graph.Shards(ctx, "later", keys::TabletType::kPrimary);
  CHECK(!missing.ok());
  EXPECT_EQ(missing.error().mysql_errno(), 1049);
  const std::vector<std::string> all_cells;
  CO_TRY_OK(co_await server.EnsureShard(ctx, "later", "0"));
  CO_TRY_OK(co_await server.RebuildSrvVSchema(ctx, all_cells));
  while (!graph.vschema()->keyspaces().contains("later")) {
    CO_TRY_OK(co_await Sleep(ctx, std::chrono::milliseconds(1)));
  }
  CO_TRY_OK(co_await server.RebuildKeyspace(ctx, "later", all_cells));
  while (true) {
    const auto serving = co_await graph.Shards(ctx, "later", keys::TabletType::kPrimary);
    if (serving.ok()) break;
    CO_TRY_OK(co_await Sleep(ctx, std::chrono::milliseconds(1)));
  }
  memory.SetDown(Error(Code::kUnavailable, "topology is down"));
  CO_TRY_OK(co_await graph.Shards(ctx, "later", keys::TabletType::kPrimary));
  memory.SetDown(std::nullopt);
  co_return Ok{};
}
// A keyspace that is not watched is not there.
Task<Result<>> Some(const Context& ctx, topo::MemoryTopo&, topo::Server& server, ServingGraph&) {
  const std::vector<std::string> all_cells;
  CO_TRY_OK(co_await server.EnsureShard(ctx, "other", "0"));
  CO_TRY_OK(co_await server.RebuildKeyspace(ctx, "other", all_cells));
  CO_TRY_OK(co_await server.RebuildSrvVSchema(ctx, all_cells));
  ServingGraphOptions options;
  options.keyspaces = {"other"};
  ServingGraph some(ctx, server, "zone1", options);
  const Result<> started = co_await some.Start(ctx);
  EXPECT_TRUE(started.ok());
  EXPECT_TRUE(some.vschema()->keyspaces().contains("other"));
  EXPECT_FALSE(some.vschema()->keyspaces().contains("ks"));
  const auto other = co_await some.Shards(ctx, "other", keys::TabletType::kPrimary);
  EXPECT_TRUE(other.ok());
  const auto missing = co_await some.Shards(ctx, "ks", keys::TabletType::kPrimary);
  CHECK(!missing.ok());
  EXPECT_EQ(missing.error().mysql_errno(), 1049);
  co_await some.Stop();
  co_return Ok{};
}
TEST(ServingGraph, KnowsOnlyTheKeyspacesItIsToWatch) { RunGraph(Some); }

// What tablets tell of their tables comes before the watch does, as a rule.
Task<Result<>> Adopts(const Context&, topo::MemoryTopo&, topo::Server&, ServingGraph& graph) {
  vschema::KeyspaceRecord record;
  record.tables["fresh"];
  graph.Adopt("ks", record);
  const auto has_fresh = [&graph] {
    return graph.vschema()->keyspaces().find("ks")->second->tables.contains("fresh");
  };
  EXPECT_TRUE(has_fresh());
  vschema::TrackedSchema tracked;
  vschema::TrackedTable other;
  other.name = "other";
  tracked["ks"] = std::make_shared<const std::vector<vschema::TrackedTable>>(1, other);
  graph.SetTracked(tracked);
  EXPECT_TRUE(has_fresh());
  co_return Ok{};
}
TEST(ServingGraph, AnAdoptedRecordStaysWhenTablesChange) { RunGraph(Adopts); }

Task<Result<>> Mirrored(const Context& ctx, topo::MemoryTopo& memory, topo::Server& server,
                        ServingGraph& graph) {
  ServingGraph mirror(ctx, "zone1");
  co_await mirror.MirrorOf(runtime::Loop::Current(), graph);
  EXPECT_EQ(mirror.vschema(), graph.vschema());  // one for all
  memory.SetDown(Error(Code::kUnavailable, "topology is down"));
  const auto known = co_await mirror.Shards(ctx, "ks", keys::TabletType::kPrimary);
  EXPECT_TRUE(known.ok());
  memory.SetDown(std::nullopt);
  const auto missing = co_await mirror.Shards(ctx, "later", keys::TabletType::kPrimary);
  CHECK(!missing.ok());
  EXPECT_EQ(missing.error().mysql_errno(), 1049);
  const std::vector<std::string> all_cells;
  CO_TRY_OK(co_await server.EnsureShard(ctx, "later", "0"));
  CO_TRY_OK(co_await server.RebuildKeyspace(ctx, "later", all_cells));
  // At once, although nothing has told of it yet.
  const auto later = co_await mirror.Shards(ctx, "later", keys::TabletType::kPrimary);
  EXPECT_TRUE(later.ok());
  CO_TRY_OK(co_await server.RebuildSrvVSchema(ctx, all_cells));
  while (!mirror.vschema()->keyspaces().contains("later")) {
    CO_TRY_OK(co_await Sleep(ctx, std::chrono::milliseconds(1)));
  }
  CO_TRY_OK(co_await server.DeleteSrvKeyspace(ctx, "zone1", "later"));
  while (true) {
    const auto gone = co_await mirror.Shards(ctx, "later", keys::TabletType::kPrimary);
    if (!gone.ok()) break;
    CO_TRY_OK(co_await Sleep(ctx, std::chrono::milliseconds(1)));
  }
  vschema::TrackedSchema tracked;
  vschema::TrackedTable table;
  table.name = "t";
  tracked["ks"] = std::make_shared<const std::vector<vschema::TrackedTable>>(1, table);
  graph.SetTracked(tracked);
  while (!mirror.vschema()->FindTable("ks", "t").ok()) {
    CO_TRY_OK(co_await Sleep(ctx, std::chrono::milliseconds(1)));
  }
  co_await graph.Stop();
  const auto still = co_await mirror.Shards(ctx, "ks", keys::TabletType::kPrimary);
  EXPECT_TRUE(still.ok());
  const auto unknown = co_await mirror.Shards(ctx, "unknown", keys::TabletType::kPrimary);
  EXPECT_EQ(unknown.error().code(), Code::kUnavailable);
  co_await mirror.Stop();
  co_return Ok{};
}
TEST(ServingGraph, AMirrorKnowsWhatItsSourceDoes) { RunGraph(Mirrored); }

TEST(ServingGraph, FollowsKeyspacesThatComeLater) { RunGraph(Later); }

}  // namespace
}  // namespace tessera::discovery
