// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/dry_run.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "runtime/loop_pool.h"
#include "topo/errors.h"
#include "topo/memory_conn.h"
#include "topo/paths.h"

namespace tessera::topo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The keyspace ks of -80 and 80- in two cells, and somebody who only asks what would be.
struct World {
  MemoryTopo memory;
  std::unique_ptr<Server> server;
  std::vector<std::string> writes;  // "+ zone1:path" new, "- " deleted, "= " changed
};

Task<Result<>> Prepare(const Context& ctx, World& world) {
  ServerOptions options;
  options.implementation = "memory";
  options.global_address = "m";
  Server::Factories factories;
  factories["memory"] = &world.memory;
  CO_TRY(world.server, co_await Server::Open(ctx, std::move(options), std::move(factories)));
  for (const std::string name : {"zone1", "zone2"}) {
    CellInfo cell;
    cell.server_address = "m";
    cell.root = "/" + name;
    CO_TRY_OK(co_await world.server->CreateCell(ctx, name, cell));
  }
  CO_TRY_OK(co_await world.server->EnsureShard(ctx, "ks", "-80"));
  CO_TRY_OK(co_await world.server->EnsureShard(ctx, "ks", "80-"));
  co_return Ok{};
}

using Body = Task<Result<>> (*)(const Context&, World&, Server& dry);

// Everything there is, as bytes.
Task<Result<std::vector<std::string>>> Everything(const Context& ctx, World& world) {
  CO_TRY(const auto conn, co_await world.memory.Connect(ctx, "", ""));
  CO_TRY(const std::vector<KeyedNode> nodes, co_await conn->List(ctx, ""));
  std::vector<std::string> all;
  for (const KeyedNode& node : nodes)
    all.push_back(node.path + " " + std::to_string(node.version) + " " + node.contents);
  co_return all;
}

Task<Result<>> RunDry(const Context& ctx, World& world, Body body) {
  CO_TRY_OK(co_await Prepare(ctx, world));
  CO_TRY(const std::vector<std::string> before, co_await Everything(ctx, world));
  EXPECT_GT(before.size(), 5u);
  DryRun run(*world.server, [&world](const PlannedWrite& write) {
    const char* const kind = !write.before ? "+ " : !write.after ? "- " : "= ";
    world.writes.push_back(kind + write.cell + ":" + write.path);
  });
  CO_TRY_OK(co_await body(ctx, world, run.server()));
  CO_TRY(const std::vector<std::string> after, co_await Everything(ctx, world));
  EXPECT_EQ(before, after);
  // No lock was left either.
  CO_TRY(const auto lock, co_await world.server->LockKeyspace(ctx, "ks", "test"));
  co_return co_await lock->Unlock(ctx);
}

Task<int> Main(const Context& ctx, Body body) {
  World world;
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(30));
  const Result<> done = co_await RunDry(bounded, world, body);
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  co_await world.server->Close();
  co_return 0;
}

void RunOnDry(Body body) {
  runtime::RunLoop([body](const Context& ctx) { return Main(ctx, body); });
}

Task<Result<>> Makes(const Context& ctx, World& world, Server& dry) {
  const std::vector<std::string> all_cells;
  CO_TRY_OK(co_await dry.EnsureShard(ctx, "new", "0"));
  CO_TRY_OK(co_await dry.RebuildKeyspace(ctx, "new", all_cells));
  EXPECT_THAT(
      world.writes,
      ElementsAre("+ global:keyspaces/new/Keyspace", "+ global:keyspaces/new/VSchema",
                  "+ global:keyspaces/new/shards/0/Shard", "+ zone1:keyspaces/new/SrvKeyspace",
                  "+ zone2:keyspaces/new/SrvKeyspace"));
  CO_TRY(const auto names, co_await dry.GetKeyspaces(ctx));
  EXPECT_THAT(names, ElementsAre("ks", "new"));
  CO_TRY(const auto served, co_await dry.GetSrvKeyspaceNames(ctx, "zone2"));
  EXPECT_THAT(served, ElementsAre("new"));
  const Result<> again = co_await dry.CreateShard(ctx, "new", "0");
  EXPECT_TRUE(!again.ok() && IsNodeExists(again.error()));
  co_return Ok{};
}

TEST(DryRun, TellsWhatWouldBeMadeAndSeesIt) { RunOnDry(Makes); }

Task<Result<>> Deletes(const Context& ctx, World& world, Server& dry) {
  Server::DeleteShardOptions options;
  const Result<> serving = co_await dry.DeleteShard(ctx, "ks", "-80", options);
  EXPECT_THAT(serving.error().message(), HasSubstr("is serving"));
  EXPECT_TRUE(world.writes.empty());
  options.even_if_serving = true;
  CO_TRY_OK(co_await dry.DeleteShard(ctx, "ks", "-80", options));
  CO_TRY(const auto shards, co_await dry.GetShards(ctx, "ks"));
  EXPECT_THAT(shards, ElementsAre("80-"));
  CO_TRY_OK(co_await dry.DeleteKeyspace(ctx, "ks", true));
  CO_TRY(const auto keyspaces, co_await dry.GetKeyspaces(ctx));
  EXPECT_THAT(keyspaces, ElementsAre());
  EXPECT_THAT(world.writes,
              ElementsAre("- global:keyspaces/ks/shards/-80/Shard",
                          "- global:keyspaces/ks/shards/80-/Shard", "- global:keyspaces/ks/VSchema",
                          "- global:keyspaces/ks/Keyspace"));
  co_return Ok{};
}

TEST(DryRun, RefusesAndDeletesAsTheRealOneWould) { RunOnDry(Deletes); }

Task<Result<>> Versions(const Context& ctx, World& world, Server& dry) {
  CO_TRY(Versioned<Keyspace> first, co_await dry.GetKeyspace(ctx, "ks"));
  first.record.durability_policy = "semi_sync";
  CO_TRY_OK(co_await dry.UpdateKeyspace(ctx, "ks", first));
  const Result<> stale = co_await dry.UpdateKeyspace(ctx, "ks", first);
  EXPECT_TRUE(!stale.ok() && IsBadVersion(stale.error()));
  CO_TRY(const Versioned<Keyspace> now, co_await dry.GetKeyspace(ctx, "ks"));
  EXPECT_EQ(now.record.durability_policy, "semi_sync");
  CO_TRY(const auto shards, co_await dry.FindAllShardsInKeyspace(ctx, "ks"));
  EXPECT_EQ(shards.size(), 2u);
  EXPECT_THAT(world.writes, ElementsAre("= global:keyspaces/ks/Keyspace"));
  co_return Ok{};
}

TEST(DryRun, MindsVersions) { RunOnDry(Versions); }

}  // namespace
}  // namespace tessera::topo
