// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Several processes change one topology at the same time over a slow network, and die in the middle
// of what they do. One seed, one run.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/waiter.h"
#include "runtime/sim.h"
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
using testing::Faults;
using testing::FaultyTopo;

constexpr int kProcesses = 4;
constexpr int kLives = 3;
constexpr int kRounds = 6;
constexpr char kKeyspace[] = "ks";

enum class Locking {
  kRight,
  kPlantedBug,  // the counter is changed without the lock
  kLost,        // locks are lost now and then, and processes pause before they write
  kLostUntied,  // the same, and the planted bug: locks are only asked before a write
};

class Cluster {
 public:
  Cluster(uint64_t seed, Locking locking) : world_(seed), locking_(locking) {}

  void Run() {
    SimMachine& machine = world_.AddMachine("all");
    machine.Start([this](const Context& ctx) { return Main(ctx); });
    world_.Run(seconds(600));
    EXPECT_EQ(machine.finished(), 1u);
  }

  // Writes that were acknowledged, those that were tried, and what the records say.
  int acknowledged = 0;
  int tried = 0;
  int counted = 0;
  int64_t cas_acknowledged = 0;
  int64_t cas_counted = 0;
  int crashes = 0;
  int graphs_seen = 0;
  int double_holders = 0;
  int refused = 0;  // writes, because their lock was lost
  std::string bad_graph;

 private:
  struct Process {
    Faults faults;
    Context life = Context::Background();
  };

  // A server of the process; the caller closes it.
  Task<Result<std::unique_ptr<Server>>> Open(const Context& ctx, FaultyTopo& topo) {
    ServerOptions options;
    options.implementation = "sim";
    options.global_address = "m";
    Server::Factories factories;
    factories["sim"] = &topo;
    co_return co_await Server::Open(ctx, options, factories);
  }

  Task<Result<>> Prepare(const Context& ctx) {
    const Faults none;
    FaultyTopo topo(memory_, none);
    CO_TRY(const auto server, co_await Open(ctx, topo));
    const std::vector<std::string> all_cells;
    CellInfo cell;
    cell.server_address = "m";
    cell.root = "/zone1";
    CO_TRY_OK(co_await server->CreateCell(ctx, "zone1", cell));
    CO_TRY_OK(co_await server->EnsureShard(ctx, kKeyspace, "-"));
    CO_TRY_OK(co_await server->EnsureShard(ctx, kKeyspace, "-80"));
    CO_TRY_OK(co_await server->EnsureShard(ctx, kKeyspace, "80-"));
    CO_TRY_OK(co_await server->SetMetadata(ctx, "counter", "0"));
    CO_TRY_OK(co_await server->RebuildKeyspace(ctx, kKeyspace, all_cells));
    co_await server->Close();
    co_return Ok{};
  }

  Task<> Main(const Context& ctx) {
    const Result<> prepared = co_await Prepare(ctx);
    EXPECT_TRUE(prepared.ok()) << prepared.error().ToString();
    runtime::TaskGroup group(ctx);
    for (int i = 0; i < kProcesses; ++i) group.Start(RunProcess(group.context()));
    runtime::TaskGroup readers(ctx);
    readers.Start(ReadGraphs(readers.context()));
    if (LocksAreLost()) readers.Start(LoseLocks(readers.context()));
    const Result<> done = co_await group.Join();
    EXPECT_TRUE(done.ok());
    const Result<> read = co_await readers.CancelAndJoin();
    EXPECT_TRUE(read.ok()) << read.error().ToString();
    const Result<> summed = co_await Sum(ctx);
    EXPECT_TRUE(summed.ok()) << summed.error().ToString();
  }

  Task<Result<>> RunProcess(const Context& ctx) {
    for (int life = 0; life < kLives; ++life) {
      Process process;
      process.faults.most_delay = milliseconds(4);
      if (LocksAreLost()) process.faults.write_delay = milliseconds(10);
      process.faults.no_guards = locking_ == Locking::kLostUntied;
      process.life = ctx.WithCancel();
      runtime::TaskGroup reaper(ctx);
      reaper.Start(Reap(reaper.context(), process));
      const Result<> worked = co_await Work(process.life, process);
      EXPECT_TRUE(worked.ok() || process.faults.crashed) << worked.error().ToString();
      const Result<> reaped = co_await reaper.CancelAndJoin();
      (void)reaped;
    }
    co_return Ok{};
  }

  Task<> Reap(const Context& ctx, Process& process) {
    const Duration wait = milliseconds(Executor::Current().Random() % 400);
    const Result<> slept = co_await Sleep(ctx, wait);
    if (!slept.ok()) co_return;
    ++crashes;
    process.faults.crashed = true;
    process.life.Cancel();
  }

  Task<Result<>> Work(const Context& ctx, Process& process) {
    FaultyTopo topo(memory_, process.faults);
    CO_TRY(const auto server, co_await Open(ctx, topo));
    Result<> done = Ok{};
    for (int round = 0; round < kRounds && done.ok(); ++round) {
      done = co_await OneThing(ctx, *server);
    }
    co_await server->Close();
    co_return done;
  }

  Task<Result<>> OneThing(const Context& ctx, Server& server) {
    if (LocksAreLost()) {
      co_return co_await CountFenced(ctx, server);
    }
    const uint64_t choice = Executor::Current().Random() % 4;
    if (choice == 0) {
      co_return co_await Count(ctx, server);
    }
    if (choice == 1) {
      co_return co_await CompareAndSet(ctx, server);
    }
    if (choice == 2) {
      co_return co_await Swap(ctx, server);
    }
    co_return co_await Rebuild(ctx, server);
  }

  // Knows when two hold the lock at the same time. Goes before the lock does.
  class Holder {
   public:
    explicit Holder(Cluster& cluster) : cluster_(cluster) {
      if (++cluster_.holders_ > 1) ++cluster_.double_holders;
    }
    ~Holder() { --cluster_.holders_; }

   private:
    Cluster& cluster_;
  };

  Task<Result<>> Increment(const Context& ctx, Server& server) {
    ++tried;
    CO_TRY(const std::string value, co_await server.GetMetadata(ctx, "counter"));
    const std::string next = std::to_string(std::stoi(value) + 1);
    CO_TRY_OK(co_await server.SetMetadata(ctx, "counter", next));
    ++acknowledged;
    co_return Ok{};
  }

  Task<Result<>> Count(const Context& ctx, Server& server) {
    if (locking_ == Locking::kPlantedBug) {
      co_return co_await Increment(ctx, server);
    }
    CO_TRY(const auto lock, co_await server.LockKeyspace(ctx, kKeyspace, "Count"));
    Result<> done = Ok{};
    {
      const Holder holder(*this);
      done = co_await Increment(ctx, server);
    }
    const Result<> unlocked = co_await lock->Unlock(ctx);
    if (!done.ok()) co_return done;
    co_return unlocked;
  }

  bool LocksAreLost() const {
    return locking_ == Locking::kLost || locking_ == Locking::kLostUntied;
  }

  Task<Result<>> LoseLocks(const Context& ctx) {
    for (;;) {
      const Result<> slept = co_await Sleep(ctx, milliseconds(Executor::Current().Random() % 50));
      if (!slept.ok()) co_return Ok{};
      memory_.LoseLocks();
    }
  }

  // Who has lost its lock hears of it when it writes, or when it gives the lock back.
  Task<Result<>> CountFenced(const Context& ctx, Server& server) {
    Server::LockedWork work = [this, &ctx](Server& locked) { return Increment(ctx, locked); };
    const Result<> done =
        co_await server.UnderKeyspaceLock(ctx, kKeyspace, "Count", std::move(work));
    if (done.ok()) co_return Ok{};
    if (done.error().code() == Code::kAborted) ++refused;
    if (done.error().code() == Code::kAborted || IsNoNode(done.error())) co_return Ok{};
    co_return done;
  }

  Task<Result<>> CompareAndSet(const Context& ctx, Server& server) {
    const Server::ShardChange change = [](Shard& shard) -> Result<bool> {
      ++shard.primary_term_start;
      return true;
    };
    CO_TRY_OK(co_await server.UpdateShard(ctx, kKeyspace, "-", change));
    ++cas_acknowledged;
    co_return Ok{};
  }

  Task<Result<>> SetServing(const Context& ctx, Server& server, std::string shard, bool serving) {
    const Server::ShardChange change = [serving](Shard& record) -> Result<bool> {
      record.is_primary_serving = serving;
      return true;
    };
    CO_TRY_OK(co_await server.UpdateShard(ctx, kKeyspace, shard, change));
    co_return Ok{};
  }

  Task<Result<>> SwapLocked(const Context& ctx, Server& server) {
    const Holder holder(*this);
    CO_TRY(const auto whole, co_await server.GetShard(ctx, kKeyspace, "-"));
    const bool split = whole.record.is_primary_serving;
    CO_TRY_OK(co_await SetServing(ctx, server, "-", !split));
    CO_TRY_OK(co_await SetServing(ctx, server, "-80", split));
    co_return co_await SetServing(ctx, server, "80-", split);
  }

  // Who serves changes from one shard to its two halves, or back, in three steps.
  Task<Result<>> Swap(const Context& ctx, Server& server) {
    CO_TRY(const auto lock, co_await server.LockKeyspace(ctx, kKeyspace, "Swap"));
    const Result<> swapped = co_await SwapLocked(ctx, server);
    const Result<> unlocked = co_await lock->Unlock(ctx);
    if (!swapped.ok()) co_return swapped;
    CO_TRY_OK(unlocked);
    co_return co_await Rebuild(ctx, server);
  }

  // Refused while the shards that somebody left behind have gaps.
  Task<Result<>> Rebuild(const Context& ctx, Server& server) {
    const std::vector<std::string> all_cells;
    Result<> rebuilt = co_await server.RebuildKeyspace(ctx, kKeyspace, all_cells);
    if (!rebuilt.ok() && rebuilt.error().code() == Code::kFailedPrecondition) co_return Ok{};
    co_return rebuilt;
  }

  Task<Result<>> ReadGraphs(const Context& ctx) {
    Faults faults;
    faults.most_delay = milliseconds(2);
    FaultyTopo topo(memory_, faults);
    CO_TRY(const auto server, co_await Open(ctx, topo));
    for (;;) {
      const Result<SrvKeyspace> graph = co_await server->GetSrvKeyspace(ctx, "zone1", kKeyspace);
      if (ctx.cancelled()) break;
      if (!graph.ok()) {
        bad_graph = graph.error().ToString();
        break;
      }
      Look(*graph);
    }
    co_await server->Close();
    co_return Ok{};
  }

  void Look(const SrvKeyspace& graph) {
    ++graphs_seen;
    if (graph.partitions.size() != 3) bad_graph = "partitions are missing";
    for (const KeyspacePartition& partition : graph.partitions) {
      const Result<> covered = CheckShardsCover(kKeyspace, partition.shard_references);
      if (!covered.ok()) bad_graph = covered.error().message();
      if (partition.shard_references.empty()) bad_graph = "no shards";
    }
  }

  Task<Result<>> Sum(const Context& ctx) {
    const Faults none;
    FaultyTopo topo(memory_, none);
    CO_TRY(const auto server, co_await Open(ctx, topo));
    CO_TRY(const std::string value, co_await server->GetMetadata(ctx, "counter"));
    counted = std::stoi(value);
    CO_TRY(const auto shard, co_await server->GetShard(ctx, kKeyspace, "-"));
    cas_counted = shard.record.primary_term_start;
    // No lock is left behind.
    CO_TRY_OK(co_await server->SetShardIsPrimaryServing(ctx, kKeyspace, "-", true));
    co_await server->Close();
    co_return Ok{};
  }

  SimWorld world_;
  Locking locking_;
  MemoryTopo memory_;
  int holders_ = 0;
};

TEST(TopoSim, ConcurrentChangesUnderLocksLoseNothing) {
  int crashes = 0;
  int graphs = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Cluster cluster(seed, Locking::kRight);
    cluster.Run();
    ASSERT_EQ(cluster.double_holders, 0) << "seed " << seed;
    ASSERT_GE(cluster.counted, cluster.acknowledged) << "seed " << seed;
    ASSERT_LE(cluster.counted, cluster.tried) << "seed " << seed;
    ASSERT_GE(cluster.cas_counted, cluster.cas_acknowledged) << "seed " << seed;
    ASSERT_EQ(cluster.bad_graph, "") << "seed " << seed;
    crashes += cluster.crashes;
    graphs += cluster.graphs_seen;
  }
  EXPECT_GT(crashes, 200);
  EXPECT_GT(graphs, 1000);
}

TEST(TopoSim, WhoPausesBeforeItWritesDoesNotUndoWhatTheNextHolderDid) {
  int refused = 0;
  int acknowledged = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Cluster cluster(seed, Locking::kLost);
    cluster.Run();
    ASSERT_GE(cluster.counted, cluster.acknowledged) << "seed " << seed;
    ASSERT_LE(cluster.counted, cluster.tried) << "seed " << seed;
    refused += cluster.refused;
    acknowledged += cluster.acknowledged;
  }
  EXPECT_GT(refused, 200);
  EXPECT_GT(acknowledged, 200);
}

// Whether some seed shows an update lost that was acknowledged.
bool LosesAnUpdate(Locking locking) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Cluster cluster(seed, locking);
    cluster.Run();
    if (cluster.counted < cluster.acknowledged) return true;
  }
  return false;
}

TEST(TopoSim, ALockThatIsOnlyAskedIsFoundBySeedSearch) {
  EXPECT_TRUE(LosesAnUpdate(Locking::kLostUntied));
}

TEST(TopoSim, AMissingLockIsFoundBySeedSearch) { EXPECT_TRUE(LosesAnUpdate(Locking::kPlantedBug)); }

}  // namespace
}  // namespace tessera::topo
