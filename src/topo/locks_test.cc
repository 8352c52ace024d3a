// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// What locks are good for: two who make aliases at once, and one whose lock is lost while it works.
// In virtual time, over a slow network.
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/waiter.h"
#include "runtime/sim.h"
#include "runtime/task_group.h"
#include "topo/errors.h"
#include "topo/memory_conn.h"
#include "topo/paths.h"
#include "topo/server.h"
#include "topo/testing/faulty_topo.h"

namespace tessera::topo {
namespace {

using runtime::SimMachine;
using runtime::SimWorld;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using testing::Faults;
using testing::FaultyTopo;
using ::testing::HasSubstr;

// Three cells and the keyspace ks of one shard, seen by two processes.
struct World {
  MemoryTopo memory;
  Faults faults;
  FaultyTopo topo{memory, faults};
  std::unique_ptr<Server> one;
  std::unique_ptr<Server> other;
};

Task<Result<std::unique_ptr<Server>>> Open(const Context& ctx, FaultyTopo& topo) {
  ServerOptions options;
  options.implementation = "sim";
  options.global_address = "m";
  Server::Factories factories;
  factories["sim"] = &topo;
  co_return co_await Server::Open(ctx, std::move(options), std::move(factories));
}

Task<Result<>> Prepare(const Context& ctx, World& world) {
  CO_TRY(world.one, co_await Open(ctx, world.topo));
  CO_TRY(world.other, co_await Open(ctx, world.topo));
  for (const std::string name : {"zone1", "zone2", "zone3"}) {
    CellInfo cell;
    cell.server_address = "m";
    cell.root = "/" + name;
    CO_TRY_OK(co_await world.one->CreateCell(ctx, name, cell));
  }
  CO_TRY_OK(co_await world.one->EnsureShard(ctx, "ks", "-"));
  world.faults.most_delay = milliseconds(4);
  co_return Ok{};
}

using Body = Task<Result<>> (*)(const Context&, World&);

Task<> Main(const Context& ctx, Body body) {
  World world;
  Result<> done = co_await Prepare(ctx, world);
  if (done.ok()) {
    done = co_await body(ctx, world);
  }
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  co_await world.one->Close();
  co_await world.other->Close();
}

void RunWorld(uint64_t seed, Body body) {
  SimWorld sim(seed);
  SimMachine& machine = sim.AddMachine("all");
  machine.Start([body](const Context& ctx) { return Main(ctx, body); });
  sim.Run(seconds(600));
  EXPECT_EQ(machine.finished(), 1u);
}

Task<> AddAlias(const Context& ctx, Server& server, std::string alias, int& made) {
  const std::vector<std::string> cells = {"zone1", "zone2"};
  const Result<> done = co_await server.CreateCellsAlias(ctx, alias, cells);
  if (done.ok()) ++made;
  if (!done.ok()) EXPECT_THAT(done.error().message(), HasSubstr("already"));
}

Task<> ChangeAlias(const Context& ctx, Server& server, std::string alias, int& made) {
  const std::vector<std::string> cells = {"zone2", "zone3"};
  const Result<> done = co_await server.UpdateCellsAlias(ctx, alias, cells);
  if (done.ok()) ++made;
  if (!done.ok()) EXPECT_THAT(done.error().message(), HasSubstr("already"));
}

Task<Result<>> TwoAliases(const Context& ctx, World& world) {
  int made = 0;
  runtime::TaskGroup group(ctx);
  group.Start(AddAlias(group.context(), *world.one, "east", made));
  group.Start(AddAlias(group.context(), *world.other, "west", made));
  group.Start(ChangeAlias(group.context(), *world.one, "south", made));
  CO_TRY_OK(co_await group.Join());
  CO_TRY(const auto aliases, co_await world.one->GetCellsAliases(ctx));
  EXPECT_EQ(aliases.size(), 1u) << "zone2 is in several";
  EXPECT_EQ(made, 1);
  co_return Ok{};
}

TEST(Locks, ACellIsInOneAliasAlsoWhenTwoMakeOneAtOnce) {
  for (uint64_t seed = 1; seed <= 50; ++seed) RunWorld(seed, TwoAliases);
}

Task<> AddAliasOf(const Context& ctx, Server& server, Result<>& done) {
  const std::vector<std::string> cells = {"zone1", "zone2"};
  done = co_await server.CreateCellsAlias(ctx, "east", cells);
}

Task<> DeleteCellOf(const Context& ctx, Server& server, bool force, Result<>& done) {
  done = co_await server.DeleteCell(ctx, "zone1", force);
}

Task<Result<>> DeleteWhileAdded(const Context& ctx, World& world) {
  Result<> added = Ok{};
  Result<> deleted = Ok{};
  runtime::TaskGroup group(ctx);
  group.Start(AddAliasOf(group.context(), *world.one, added));
  group.Start(DeleteCellOf(group.context(), *world.other, false, deleted));
  CO_TRY_OK(co_await group.Join());
  EXPECT_NE(added.ok(), deleted.ok());
  if (!added.ok()) EXPECT_EQ(added.error().code(), Code::kNotFound) << added.error().ToString();
  if (!deleted.ok()) EXPECT_THAT(deleted.error().message(), HasSubstr("is in the alias east"));
  CO_TRY(const auto aliases, co_await world.one->GetCellsAliases(ctx));
  CO_TRY(const auto cells, co_await world.one->GetCells(ctx));
  EXPECT_EQ(aliases.size(), added.ok() ? 1u : 0u);
  EXPECT_EQ(cells.size(), deleted.ok() ? 2u : 3u);
  co_return Ok{};
}

TEST(Locks, ACellIsNotDeletedWhileAnAliasOfItIsMade) {
  for (uint64_t seed = 1; seed <= 50; ++seed) RunWorld(seed, DeleteWhileAdded);
}

// Whoever makes aliases hangs, and holds their lock.
Task<Result<>> ForceCell(const Context& ctx, World& world) {
  CO_TRY_OK(co_await world.one->global().Create(ctx, "internal/cells_aliases/Lockable", ""));
  CO_TRY(const auto held,
         co_await world.one->global().Lock(ctx, "internal/cells_aliases", "Hangs"));
  Result<> deleted = Ok{};
  co_await DeleteCellOf(ctx, *world.other, false, deleted);
  EXPECT_TRUE(!deleted.ok() && IsTimeout(deleted.error()));
  co_await DeleteCellOf(ctx, *world.other, true, deleted);
  CO_TRY_OK(deleted);
  CO_TRY_OK(co_await held->Unlock(ctx));
  const Result<Versioned<CellInfo>> gone = co_await world.one->GetCellInfo(ctx, "zone1");
  EXPECT_TRUE(!gone.ok() && IsNoNode(gone.error()));
  co_return Ok{};
}

TEST(Locks, ACellIsForcedWithoutOne) { RunWorld(1, ForceCell); }

// Loses all locks as soon as the record of zone1 changes.
Task<Result<>> LoseAtFirstWrite(const Context& ctx, World& world) {
  CO_TRY(const auto conn, co_await world.memory.Connect(ctx, "m", "/zone1"));
  CO_TRY(const auto watch, co_await conn->WatchTree(ctx, ""));
  CO_TRY_OK(co_await watch->Next(ctx));
  world.memory.LoseLocks();
  co_return Ok{};
}

Task<Result<>> Rebuild(const Context& ctx, World& world) {
  const std::vector<std::string> all_cells;
  runtime::TaskGroup group(ctx);
  group.Start(LoseAtFirstWrite(group.context(), world));
  const Result<> rebuilt = co_await world.one->RebuildKeyspace(ctx, "ks", all_cells);
  CO_TRY_OK(co_await group.Join());
  EXPECT_FALSE(rebuilt.ok());
  if (rebuilt.ok()) co_return Ok{};
  EXPECT_EQ(rebuilt.error().code(), Code::kAborted);
  EXPECT_THAT(rebuilt.error().message(),
              AllOf(HasSubstr("RebuildKeyspace of keyspace ks: the lock is lost"),
                    HasSubstr("written were zone1:keyspaces/ks/SrvKeyspace;"),
                    HasSubstr("not done: zone2:keyspaces/ks/SrvKeyspace")));
  const Result<SrvKeyspace> second = co_await world.one->GetSrvKeyspace(ctx, "zone2", "ks");
  EXPECT_FALSE(second.ok()) << "written without the lock";
  co_return Ok{};
}

TEST(Locks, WhoLosesItWritesNothingMore) {
  for (uint64_t seed = 1; seed <= 50; ++seed) RunWorld(seed, Rebuild);
}

Task<Result<>> CountUp(const Context& ctx, Server& server) {
  CO_TRY(const std::string value, co_await server.GetMetadata(ctx, "counter"));
  const std::string next = std::to_string(std::stoi(value) + 1);
  co_return co_await server.SetMetadata(ctx, "counter", next);
}

Task<> CountUpUnderLock(const Context& ctx, Server& server, Result<>& done) {
  Server::LockedWork work = [&ctx](Server& locked) { return CountUp(ctx, locked); };
  done = co_await server.UnderKeyspaceLock(ctx, "ks", "Count", std::move(work));
}

// Two count under the lock. The first is stopped between looking whether it holds the lock and
// writing, until the other has had the lock and done its work.
Task<Result<>> Pause(const Context& ctx, World& world) {
  CO_TRY_OK(co_await world.one->SetMetadata(ctx, "counter", "0"));
  Faults paused;
  paused.write_delay = seconds(60);
  FaultyTopo stopped(world.memory, paused);
  CO_TRY(const auto sleeper, co_await Open(ctx, stopped));
  Result<> slept = Ok{};
  Result<> awake = Ok{};
  runtime::TaskGroup group(ctx);
  group.Start(CountUpUnderLock(group.context(), *sleeper, slept));
  CO_TRY_OK(co_await Sleep(ctx, seconds(30)));
  world.memory.LoseLocks();
  co_await CountUpUnderLock(ctx, *world.other, awake);
  EXPECT_TRUE(awake.ok()) << awake.error().ToString();
  co_await CountUpUnderLock(ctx, *world.other, awake);
  EXPECT_TRUE(awake.ok()) << awake.error().ToString();
  CO_TRY_OK(co_await group.Join());
  EXPECT_FALSE(slept.ok());
  if (!slept.ok()) {
    EXPECT_EQ(slept.error().code(), Code::kAborted);
    EXPECT_THAT(slept.error().message(),
                AllOf(HasSubstr("Count of keyspace ks: the lock is lost"),
                      HasSubstr("nothing was written; not done: global:metadata/counter")));
  }
  CO_TRY(const std::string counted, co_await world.one->GetMetadata(ctx, "counter"));
  EXPECT_EQ(counted, "2");
  co_await sleeper->Close();
  co_return Ok{};
}

TEST(Locks, AWriteThatIsOnItsWayWhenTheLockIsLostIsNotMade) { RunWorld(1, Pause); }

// Work under two locks minds both: the keyspace's is lost while a shard of it is deleted.
Task<Result<>> Delete(const Context& ctx, World& world) {
  const std::vector<std::string> first(1, "zone1");
  Tablet tablet;
  tablet.alias.cell = "zone1";
  tablet.alias.uid = 100;
  tablet.keyspace = "ks";
  tablet.shard = "-";
  CO_TRY_OK(co_await world.one->PublishTablet(ctx, tablet));
  CO_TRY_OK(co_await world.one->RebuildKeyspace(ctx, "ks", first));
  runtime::TaskGroup group(ctx);
  group.Start(LoseAtFirstWrite(group.context(), world));
  const Result<> deleted = co_await world.one->DeleteKeyspace(ctx, "ks", true);
  CO_TRY_OK(co_await group.Join());
  EXPECT_FALSE(deleted.ok());
  if (deleted.ok()) co_return Ok{};
  EXPECT_THAT(deleted.error().message(), HasSubstr("not done: "));
  CO_TRY_OK(co_await world.one->GetShard(ctx, "ks", "-"));
  co_return Ok{};
}

TEST(Locks, LocksWithinLocksCountToo) {
  for (uint64_t seed = 1; seed <= 20; ++seed) RunWorld(seed, Delete);
}

Task<Result<>> CheckTwice(const Context& ctx, World& world, Server& locked) {
  CO_TRY_OK(co_await locked.CheckLock(ctx, "the first"));
  world.memory.LoseLocks();
  co_return co_await locked.CheckLock(ctx, "the second");
}

Task<Result<>> Beside(const Context& ctx, World& world) {
  Server::LockedWork work = [&](Server& locked) { return CheckTwice(ctx, world, locked); };
  const Result<> done = co_await world.one->UnderKeyspaceLock(ctx, "ks", "Work", std::move(work));
  EXPECT_FALSE(done.ok());
  if (!done.ok())
    EXPECT_THAT(done.error().message(), HasSubstr("nothing was written; not done: the second"));
  CO_TRY_OK(co_await world.one->CheckLock(ctx, "what needs none"));
  co_return Ok{};
}

// Somebody holds the keyspace's lock and never lets go.
Task<Result<>> Force(const Context& ctx, World& world) {
  world.faults.most_delay = Duration{};
  CO_TRY(const auto held, co_await world.other->LockKeyspace(ctx, "ks", "Hanging"));
  const Result<> refused = co_await world.one->DeleteKeyspace(ctx, "ks", true);
  EXPECT_TRUE(!refused.ok() && IsTimeout(refused.error()));
  if (!refused.ok()) EXPECT_THAT(refused.error().ToString(), HasSubstr("Hanging"));
  CO_TRY_OK(co_await world.one->GetShard(ctx, "ks", "-"));
  std::vector<std::string> heard;
  Server::WithoutLock hear = [&heard](const Error& why) { heard.push_back(why.message()); };
  const Result<> shards = co_await world.one->DeleteKeyspace(ctx, "ks", false, true, hear);
  EXPECT_EQ(shards.error().code(), Code::kFailedPrecondition) << "it has a shard";
  CO_TRY_OK(co_await world.one->DeleteKeyspace(ctx, "ks", true, true, hear));
  EXPECT_EQ(heard.size(), 2u);
  for (const std::string& text : heard)
    EXPECT_THAT(text, HasSubstr("DeleteKeyspace of keyspace ks goes on without the lock"));
  const Result<Versioned<Keyspace>> gone = co_await world.one->GetKeyspace(ctx, "ks");
  EXPECT_TRUE(!gone.ok() && IsNoNode(gone.error()));
  CO_TRY_OK(co_await held->Unlock(ctx));
  co_return Ok{};
}

TEST(Locks, WhatIsForcedGoesOnWithoutOne) { RunWorld(1, Force); }

// The same of a shard.
Task<Result<>> ForceShard(const Context& ctx, World& world) {
  CO_TRY(const auto held, co_await world.other->LockShard(ctx, "ks", "-", "Hanging"));
  Server::DeleteShardOptions options;
  options.even_if_serving = true;
  const Result<> refused = co_await world.one->DeleteShard(ctx, "ks", "-", options);
  EXPECT_TRUE(!refused.ok() && IsTimeout(refused.error()));
  options.force = true;
  CO_TRY_OK(co_await world.one->DeleteShard(ctx, "ks", "-", options));
  CO_TRY_OK(co_await held->Unlock(ctx));
  co_return Ok{};
}

TEST(Locks, AShardIsForcedWithoutOne) { RunWorld(1, ForceShard); }

TEST(Locks, AreAskedBeforeWhatIsNoWrite) { RunWorld(1, Beside); }

}  // namespace
}  // namespace tessera::topo
