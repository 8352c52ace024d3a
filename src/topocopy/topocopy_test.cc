// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "runtime/loop_pool.h"
#include "topo/memory_conn.h"
#include "topo/paths.h"
#include "topo/server.h"
#include "topocopy/copy.h"

namespace tessera::topocopy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using topo::Server;

constexpr Selection kAll{true, true, true, true, true};

struct World {
  topo::MemoryTopo memory;
  std::unique_ptr<Server> from;
  std::unique_ptr<Server> to;
  std::vector<std::string> said;
  Say say = [this](const std::string& line) { said.push_back(line); };
};

using Body = Task<Result<>> (*)(const Context&, World&);

Task<Result<std::unique_ptr<Server>>> OpenAt(const Context& ctx, World& world,
                                             std::string address) {
  topo::ServerOptions options;
  options.implementation = "test";
  options.global_address = address;
  Server::Factories factories;
  factories["test"] = &world.memory;
  CO_TRY(auto server, co_await Server::Open(ctx, options, factories));
  topo::CellInfo cell;
  cell.server_address = address;
  cell.root = "/zone1";
  CO_TRY_OK(co_await server->CreateCell(ctx, "zone1", cell));
  co_return server;
}

Task<Result<>> Prepare(const Context& ctx, World& world) {
  CO_TRY(world.from, co_await OpenAt(ctx, world, "from"));
  CO_TRY(world.to, co_await OpenAt(ctx, world, "to"));
  CO_TRY_OK(co_await world.from->EnsureShard(ctx, "ks", "0"));
  topo::Tablet tablet;
  tablet.alias.cell = "zone1";
  tablet.alias.uid = 100;
  tablet.keyspace = "ks";
  tablet.shard = "0";
  tablet.hostname = "one";
  CO_TRY_OK(co_await world.from->PublishTablet(ctx, tablet));
  const std::string rules("\x0a\x03\x0a\x01t", 5);
  co_return co_await world.from->SaveRules(ctx, topo::RulesKind::kRouting, rules);
}

Task<int> RunBody(const Context& ctx, Body body) {
  World world;
  Result<> done = co_await Prepare(ctx, world);
  if (done.ok()) {
    done = co_await body(ctx, world);
  }
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  co_await world.from->Close();
  co_await world.to->Close();
  co_return 0;
}

void RunWorld(Body body) {
  runtime::RunLoop([body](const Context& ctx) { return RunBody(ctx, body); });
}

Task<Result<>> CopiesAll(const Context& ctx, World& world) {
  CO_TRY(const CopyCounts counts, co_await Copy(ctx, *world.from, *world.to, kAll, world.say));
  EXPECT_EQ(counts.created, 6u);
  EXPECT_THAT(world.said,
              ElementsAre("created: global:RoutingRules", "created: global:keyspaces/ks/Keyspace",
                          "created: global:keyspaces/ks/VSchema",
                          "created: global:keyspaces/ks/shards/0/Shard",
                          "created: zone1:keyspaces/ks/shards/0/ShardReplication",
                          "created: zone1:tablets/zone1-0000000100/Tablet"));
  CO_TRY(const CopyCounts again, co_await Copy(ctx, *world.from, *world.to, kAll, world.say));
  EXPECT_EQ(again.equal, 6u);
  CO_TRY(const size_t differences, co_await Compare(ctx, *world.from, *world.to, kAll, world.say));
  EXPECT_EQ(differences, 0u);
  co_return Ok{};
}

TEST(Copy, MakesTheTargetEqual) { RunWorld(CopiesAll); }

Task<Result<>> TellsDifferences(const Context& ctx, World& world) {
  CO_TRY_OK(co_await Copy(ctx, *world.from, *world.to, kAll, world.say));
  const keys::TabletAlias alias = {"zone1", 100};
  const Server::TabletChange rename = [](topo::Tablet& tablet) -> Result<bool> {
    tablet.hostname = "two";
    return true;
  };
  CO_TRY_OK(co_await world.to->UpdateTablet(ctx, alias, rename));
  CO_TRY_OK(co_await world.to->SaveRules(ctx, topo::RulesKind::kRouting, ""));
  CO_TRY_OK(co_await world.to->EnsureShard(ctx, "other", "0"));
  world.said.clear();
  CO_TRY(const size_t differences, co_await Compare(ctx, *world.from, *world.to, kAll, world.say));
  EXPECT_EQ(differences, 5u);
  EXPECT_THAT(world.said, Contains("only in the source: global:RoutingRules"));
  EXPECT_THAT(world.said, Contains("only in the target: global:keyspaces/other/Keyspace"));
  EXPECT_THAT(world.said, Contains("differs: zone1:tablets/zone1-0000000100/Tablet"));
  EXPECT_THAT(world.said, Contains("  -hostname: \"one\""));
  EXPECT_THAT(world.said, Contains("  +hostname: \"two\""));
  Selection tablets;
  tablets.tablets = true;
  CO_TRY(const size_t of_tablets,
         co_await Compare(ctx, *world.from, *world.to, tablets, world.say));
  EXPECT_EQ(of_tablets, 1u);
  CO_TRY(const CopyCounts counts, co_await Copy(ctx, *world.from, *world.to, tablets, world.say));
  EXPECT_EQ(counts.replaced, 1u);
  co_return Ok{};
}

TEST(Copy, TellsWhatDiffersRecordByRecord) { RunWorld(TellsDifferences); }

Task<Result<>> BadDays(const Context& ctx, World& world) {
  CO_TRY_OK(
      co_await world.from->global().Update(ctx, topo::KeyspacePath("ks"), "\xff", std::nullopt));
  CO_TRY(const CopyCounts counts, co_await Copy(ctx, *world.from, *world.to, kAll, world.say));
  EXPECT_EQ(counts.refused, 1u);
  EXPECT_THAT(world.said, Contains(HasSubstr("not copied: global:keyspaces/ks/Keyspace: ")));
  // A cell the target does not know.
  topo::CellInfo cell;
  cell.server_address = "from";
  cell.root = "/zone2";
  CO_TRY_OK(co_await world.from->CreateCell(ctx, "zone2", cell));
  CO_TRY(topo::Conn* const zone2, co_await world.from->Cell(ctx, "zone2"));
  CO_TRY_OK(co_await zone2->Create(ctx, "tablets/zone2-0000000001/Tablet", ""));
  const auto missing = co_await Copy(ctx, *world.from, *world.to, kAll, world.say);
  EXPECT_THAT(missing.error().ToString(), HasSubstr("cell zone2 is not in the topology"));
  EXPECT_THAT(missing.error().ToString(), HasSubstr("target, zone2:tablets/zone2-0000000001"));
  world.memory.SetDown(Error(Code::kUnavailable, "it is down"));
  const auto down = co_await Compare(ctx, *world.from, *world.to, kAll, world.say);
  EXPECT_THAT(down.error().ToString(), HasSubstr("source: "));
  co_return Ok{};
}

TEST(Copy, NamesWhatItCannotCopy) { RunWorld(BadDays); }

}  // namespace
}  // namespace tessera::topocopy
