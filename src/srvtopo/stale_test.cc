// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// The serving graph over a topology that is down, slow, or comes back without its data; in virtual
// time.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/waiter.h"
#include "runtime/sim.h"
#include "srvtopo/serving_watch.h"
#include "topo/memory_conn.h"
#include "topo/paths.h"
#include "topo/testing/faulty_topo.h"

namespace tessera::srvtopo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A watch for each record; one of all; one of all where there is no such thing.
enum class How { kEach, kAll, kNoTrees };

class StaleTest : public ::testing::TestWithParam<How> {
 protected:
  using Body = std::function<Task<Result<>>(const Context&)>;

  void Run(Body body) {
    runtime::SimWorld world(1);
    runtime::SimMachine& machine = world.AddMachine("gate");
    machine.Start([&](const Context& ctx) { return Main(ctx, body); });
    world.Run(seconds(3600));
    EXPECT_EQ(machine.finished(), 1u);
  }

  Task<> Main(const Context& ctx, const Body& body) {
    const Result<> done = co_await RunBody(ctx, body);
    EXPECT_TRUE(done.ok()) << done.error().ToString();
  }

  Task<Result<>> RunBody(const Context& ctx, const Body& body) {
    topo::testing::FaultyTopo faulty(memory_, faults_);
    topo::Server::Factories honest;
    honest["memory"] = &memory_;
    topo::Server::Factories far;
    far["memory"] = &faulty;
    topo::ServerOptions where;
    where.implementation = "memory";
    CO_TRY(admin_, co_await topo::Server::Open(ctx, where, honest));
    topo::CellInfo cell;
    cell.root = "/zone1";
    CO_TRY_OK(co_await admin_->CreateCell(ctx, "zone1", cell));
    CO_TRY_OK(co_await Make(ctx, "one"));
    CO_TRY_OK(co_await Make(ctx, "two"));
    CO_TRY(const auto server, co_await topo::Server::Open(ctx, where, far));
    ServingWatchOptions options;
    watch_ = std::make_unique<ServingWatch>(*server, "zone1", options);
    CO_TRY_OK(co_await watch_->GetSrvVSchema(ctx));
    faults_.no_trees = GetParam() == How::kNoTrees;
    if (GetParam() != How::kEach) {
      const Result<> all = co_await watch_->WatchAll(ctx);
      EXPECT_EQ(all.ok(), GetParam() == How::kAll);
    }
    CO_TRY_OK(co_await watch_->GetSrvKeyspace(ctx, "one"));
    CO_TRY_OK(co_await watch_->GetSrvKeyspace(ctx, "two"));
    const Result<> done = co_await body(ctx);
    co_await watch_->Close();
    co_await server->Close();
    co_await admin_->Close();
    co_return done;
  }

  // A keyspace of one shard, in the serving graph.
  Task<Result<>> Make(const Context& ctx, std::string keyspace) {
    const std::vector<std::string> all;
    CO_TRY_OK(co_await admin_->EnsureShard(ctx, keyspace, "0"));
    CO_TRY_OK(co_await admin_->RebuildKeyspace(ctx, keyspace, all));
    co_return co_await admin_->RebuildSrvVSchema(ctx, all);
  }

  Task<Result<>> Delete(const Context& ctx, std::string path) {
    CO_TRY(topo::Conn* const conn, co_await admin_->Cell(ctx, "zone1"));
    co_return co_await conn->Delete(ctx, path, std::nullopt);
  }

  Task<bool> Has(const Context& ctx, std::string keyspace) {
    const auto graph = co_await watch_->GetSrvKeyspace(ctx, keyspace);
    co_return graph.ok();
  }
  Task<size_t> Keyspaces(const Context& ctx) {
    const auto vschema = co_await watch_->GetSrvVSchema(ctx);
    co_return vschema.ok() ? (*vschema)->keyspaces.size() : 0;
  }

  topo::MemoryTopo memory_;
  topo::testing::Faults faults_;
  std::unique_ptr<topo::Server> admin_;
  std::unique_ptr<ServingWatch> watch_;
};

TEST_P(StaleTest, ServesTheLastForAsLongAsTheTopologyIsDownAndThenTheNew) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    memory_.SetDown(Error(Code::kUnavailable, "topology is down"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(600)));
    const bool one = co_await Has(ctx, "one");
    EXPECT_TRUE(one);
    const Instant before = Executor::Current().Now();
    const bool unknown = co_await Has(ctx, "other");
    EXPECT_FALSE(unknown);
    EXPECT_LE(Executor::Current().Now() - before, seconds(5));
    memory_.SetDown(std::nullopt);
    CO_TRY_OK(co_await Make(ctx, "three"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(3)));
    const bool three = co_await Has(ctx, "three");
    EXPECT_TRUE(three);
    const size_t count = co_await Keyspaces(ctx);
    EXPECT_EQ(count, 3u);
    co_return Ok{};
  });
}

TEST_P(StaleTest, ATopologyThatLostItsDataTakesNothingAway) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Delete(ctx, "SrvVSchema"));
    CO_TRY_OK(co_await Delete(ctx, "keyspaces/one/SrvKeyspace"));
    CO_TRY_OK(co_await Delete(ctx, "keyspaces/two/SrvKeyspace"));
    CO_TRY_OK(co_await admin_->DeleteCell(ctx, "zone1", true));
    CO_TRY_OK(co_await Sleep(ctx, seconds(600)));
    const bool one = co_await Has(ctx, "one");
    const bool two = co_await Has(ctx, "two");
    EXPECT_TRUE(one && two);
    const size_t count = co_await Keyspaces(ctx);
    EXPECT_EQ(count, 2u);
    // Somebody restores it, with one keyspace less.
    topo::CellInfo cell;
    cell.root = "/zone1";
    CO_TRY_OK(co_await admin_->CreateCell(ctx, "zone1", cell));
    CO_TRY_OK(co_await admin_->DeleteKeyspace(ctx, "two", true));
    CO_TRY_OK(co_await Make(ctx, "three"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(10)));
    const bool three = co_await Has(ctx, "three");
    EXPECT_TRUE(three);
    co_return Ok{};
  });
}

TEST_P(StaleTest, AServingVSchemaWithoutKeyspacesIsNotBelieved) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY(topo::Conn* const conn, co_await admin_->Cell(ctx, "zone1"));
    CO_TRY_OK(co_await conn->Update(ctx, topo::kSrvVSchemaPath, "", std::nullopt));
    CO_TRY_OK(co_await Sleep(ctx, seconds(5)));
    const size_t kept = co_await Keyspaces(ctx);
    EXPECT_EQ(kept, 2u);
    CO_TRY_OK(co_await Make(ctx, "three"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(5)));
    const size_t count = co_await Keyspaces(ctx);
    EXPECT_EQ(count, 3u);
    co_return Ok{};
  });
}

TEST_P(StaleTest, AKeyspaceThatWasDeletedIsForgotten) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await admin_->DeleteSrvKeyspace(ctx, "zone1", "two"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(3)));
    const bool one = co_await Has(ctx, "one");
    const bool two = co_await Has(ctx, "two");
    EXPECT_TRUE(one);
    EXPECT_FALSE(two);
    const std::vector<std::string> all;
    CO_TRY_OK(co_await admin_->RebuildKeyspace(ctx, "two", all));
    CO_TRY_OK(co_await Sleep(ctx, seconds(3)));
    const bool again = co_await Has(ctx, "two");
    EXPECT_TRUE(again);
    co_return Ok{};
  });
}

TEST_P(StaleTest, ASlowTopologyKeepsNobodyWaitingWhoHasAsked) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    faults_.most_delay = seconds(20);
    const Instant before = Executor::Current().Now();
    for (int i = 0; i < 1000; ++i) {
      const bool one = co_await Has(ctx, "one");
      EXPECT_TRUE(one);
    }
    EXPECT_EQ(Executor::Current().Now(), before);
    faults_.most_delay = Duration(0);
    CO_TRY_OK(co_await Make(ctx, "three"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(60)));
    const size_t count = co_await Keyspaces(ctx);
    EXPECT_EQ(count, 3u);
    co_return Ok{};
  });
}

INSTANTIATE_TEST_SUITE_P(Watch, StaleTest, ::testing::Values(How::kEach, How::kAll, How::kNoTrees),
                         [](const auto& info) {
                           const How how = info.param;
                           if (how == How::kEach) return "OfEach";
                           return how == How::kAll ? "OfAll" : "WithoutTrees";
                         });

}  // namespace
}  // namespace tessera::srvtopo
