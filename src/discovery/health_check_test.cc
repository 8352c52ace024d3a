// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "discovery/health_check.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/waiter.h"
#include "discovery/testing/health_tablet.h"
#include "runtime/sim.h"
#include "topo/memory_conn.h"
#include "topo/paths.h"
#include "topo/testing/faulty_topo.h"

namespace tessera::discovery {
namespace {

using keys::TabletType;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using testing::HealthTablet;
using ::testing::IsEmpty;

// A topology, tablets by host name, and a health check over them, in virtual time.
class HealthCheckTest : public ::testing::Test {
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
    topo::ServerOptions where;
    where.implementation = "memory";
    topo::testing::FaultyTopo faulty(memory_, faults_);
    topo::Server::Factories factories;
    factories["memory"] = &faulty;
    CO_TRY(topology_, co_await topo::Server::Open(ctx, where, factories));
    topo::CellInfo cell;
    cell.root = "/zone1";
    CO_TRY_OK(co_await topology_->CreateCell(ctx, "zone1", cell));
    CO_TRY_OK(co_await topology_->EnsureShard(ctx, "ks", "0"));
    const std::vector<std::string> all;
    CO_TRY_OK(co_await topology_->RebuildSrvVSchema(ctx, all));
    options_.cells.insert(options_.cells.begin(), "zone1");
    options_.dial = [this](const topo::Tablet& tablet) {
      ++dials_;
      return std::make_unique<testing::HealthTabletConnection>(hosts_[tablet.hostname]);
    };
    check_ = std::make_unique<HealthCheck>(ctx, *topology_, options_);
    check_->Start();
    const Result<> done = co_await body(ctx);
    co_await check_->Stop();
    co_await topology_->Close();
    co_return done;
  }

  topo::Tablet Record(uint32_t uid, std::string host, TabletType type) {
    topo::Tablet tablet;
    tablet.alias = keys::TabletAlias{"zone1", uid};
    tablet.hostname = std::move(host);
    tablet.port_map["grpc"] = 1;
    tablet.keyspace = "ks";
    tablet.shard = "0";
    tablet.type = type;
    return tablet;
  }

  // A tablet that serves, and its record.
  Task<Result<>> Publish(const Context& ctx, uint32_t uid, std::string host,
                         TabletType type = TabletType::kReplica) {
    queryservice::Health& health = hosts_[host].health;
    health.alias = keys::TabletAlias{"zone1", uid};
    health.target = keys::Target{"ks", "0", type};
    health.serving = true;
    topo::Tablet record = Record(uid, std::move(host), type);
    co_return co_await topology_->PublishTablet(ctx, std::move(record));
  }

  Task<Result<>> Delete(const Context& ctx, std::string path) {
    CO_TRY(topo::Conn* const conn, co_await topology_->Cell(ctx, "zone1"));
    co_return co_await conn->Delete(ctx, path, std::nullopt);
  }

  // The uids of replicas that can be asked.
  std::vector<uint32_t> Usable() const { return UsableIn(*check_); }
  static std::vector<uint32_t> UsableIn(const HealthCheck& check) {
    std::vector<uint32_t> uids;
    for (const auto& entry : check.Find(keys::Target{"ks", "0", TabletType::kReplica}))
      uids.push_back(entry->tablet.alias.uid);
    std::sort(uids.begin(), uids.end());
    return uids;
  }
  size_t Known() const { return check_->All().size(); }

  topo::MemoryTopo memory_;
  topo::testing::Faults faults_;
  std::unique_ptr<topo::Server> topology_;
  std::map<std::string, HealthTablet> hosts_;
  HealthCheckOptions options_;
  std::unique_ptr<HealthCheck> check_;
  int dials_ = 0;
};

TEST_F(HealthCheckTest, FollowsRecordsAsTheyComeAndGo) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Publish(ctx, 2, "b"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_THAT(Usable(), ElementsAre(1, 2));
    const keys::TabletAlias alias{"zone1", 1};
    CO_TRY_OK(co_await topology_->DeleteTablet(ctx, alias));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_THAT(Usable(), ElementsAre(2));
    EXPECT_EQ(Known(), 1u);
    EXPECT_EQ(hosts_["a"].streams, 0);
    EXPECT_EQ(hosts_["a"].closed, 1);
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, EverythingDeletedIsDeleted) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_EQ(Known(), 1u);
    const keys::TabletAlias alias{"zone1", 1};
    CO_TRY_OK(co_await topology_->DeleteTablet(ctx, alias));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_EQ(Known(), 0u);
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, RecordsAreListedWhereTheirTreeCannotBeWatched) {
  faults_.no_trees = true;
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Publish(ctx, 2, "b"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(2)));
    EXPECT_THAT(Usable(), ElementsAre(1, 2));
    // Now that all is well they are read once a minute, or when somebody asks.
    const keys::TabletAlias alias{"zone1", 1};
    CO_TRY_OK(co_await topology_->DeleteTablet(ctx, alias));
    CO_TRY_OK(co_await Sleep(ctx, seconds(10)));
    EXPECT_EQ(Known(), 2u);
    check_->Kick();
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_THAT(Usable(), ElementsAre(2));
    CO_TRY_OK(co_await Publish(ctx, 3, "c"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(62)));
    EXPECT_THAT(Usable(), ElementsAre(2, 3));
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, ATabletThatMovedIsFollowedToItsNewAddress) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    CO_TRY_OK(co_await Publish(ctx, 1, "b"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_THAT(Usable(), ElementsAre(1));
    EXPECT_EQ(hosts_["a"].closed, 1);
    EXPECT_EQ(hosts_["a"].streams, 0);
    EXPECT_EQ(hosts_["b"].streams, 1);
    // Written again as it was: nothing to do.
    CO_TRY_OK(co_await Publish(ctx, 1, "b"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_EQ(hosts_["b"].closed, 0);
    co_return Ok{};
  });
}

// Read a few times, not every second, while watches are refused; followed at once afterwards.
TEST_F(HealthCheckTest, RecordsAreListedNowAndThenWhileWatchesAreRefused) {
  faults_.trees_refused = true;
  options_.refresh_interval = seconds(100);
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a", TabletType::kReplica));
    CO_TRY_OK(co_await Sleep(ctx, seconds(200)));
    EXPECT_THAT(Usable(), ElementsAre(1));
    const int before = faults_.trees_read;
    EXPECT_LT(before, 12);
    CO_TRY_OK(co_await Publish(ctx, 1, "b", TabletType::kReplica));
    CO_TRY_OK(co_await Sleep(ctx, seconds(101)));
    EXPECT_EQ(hosts_["b"].streams, 1);
    EXPECT_EQ(hosts_["a"].streams, 0);
    CO_TRY_OK(co_await Sleep(ctx, seconds(1000)));
    EXPECT_THAT(faults_.trees_read - before, ::testing::AllOf(::testing::Ge(9), ::testing::Le(12)));
    faults_.trees_refused = false;
    check_->Kick();
    CO_TRY_OK(co_await Sleep(ctx, seconds(2)));
    CO_TRY_OK(co_await Publish(ctx, 1, "c", TabletType::kReplica));
    CO_TRY_OK(co_await Sleep(ctx, milliseconds(100)));
    EXPECT_EQ(hosts_["c"].streams, 1);
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, AChangeIsFollowedAtOnceHoweverSeldomRecordsAreListed) {
  options_.refresh_interval = seconds(3600);
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Publish(ctx, 2, "b"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    const auto moves_within = milliseconds(150);  // deletions are told together
    CO_TRY_OK(co_await Publish(ctx, 1, "c"));
    CO_TRY_OK(co_await Sleep(ctx, moves_within));
    EXPECT_EQ(hosts_["c"].streams, 1);
    topo::Tablet elsewhere = Record(2, "b", TabletType::kReplica);
    CO_TRY_OK(co_await topology_->DeleteTablet(ctx, elsewhere.alias));
    elsewhere.shard = "1";
    CO_TRY_OK(co_await topology_->EnsureShard(ctx, "ks", "1"));
    CO_TRY_OK(co_await topology_->PublishTablet(ctx, elsewhere));
    CO_TRY_OK(co_await Sleep(ctx, moves_within));
    EXPECT_EQ(check_->FindByAlias(elsewhere.alias)->tablet.shard, "1");
    EXPECT_THAT(Usable(), ElementsAre(1));
    CO_TRY_OK(co_await topology_->DeleteTablet(ctx, elsewhere.alias));
    CO_TRY_OK(co_await Sleep(ctx, moves_within));
    EXPECT_EQ(Known(), 1u);
    EXPECT_EQ(faults_.trees_read, 1);
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, ATabletThatIsAwayForLongIsLookedForSeldomUntilItsRecordIsWritten) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    HealthTablet& tablet = hosts_["a"];
    tablet.down = Error(Code::kUnavailable, "connection refused");
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1200)));
    tablet.asked.clear();
    CO_TRY_OK(co_await Sleep(ctx, seconds(600)));
    EXPECT_THAT(tablet.asked.size(), ::testing::AllOf(::testing::Ge(8u), ::testing::Le(12u)));
    tablet.down.reset();
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Sleep(ctx, milliseconds(10)));
    EXPECT_THAT(Usable(), ElementsAre(1));
    // From then on its pauses are short again.
    tablet.down = Error(Code::kUnavailable, "connection refused");
    tablet.Tell();
    CO_TRY_OK(co_await Sleep(ctx, seconds(20)));
    tablet.down.reset();
    CO_TRY_OK(co_await Sleep(ctx, seconds(6)));
    EXPECT_THAT(Usable(), ElementsAre(1));
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, TabletsThatComeBackTogetherAreDialedOneAfterTheOther) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    constexpr uint32_t kTablets = 600;
    for (uint32_t uid = 1; uid <= kTablets; ++uid) {
      CO_TRY_OK(co_await Publish(ctx, uid, std::to_string(uid)));
    }
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_EQ(Usable().size(), kTablets);
    const Error cut(Code::kUnavailable, "the network is down");
    for (auto& [host, tablet] : hosts_) {
      tablet.down = cut;
      tablet.Tell();
    }
    CO_TRY_OK(co_await Sleep(ctx, seconds(30)));
    EXPECT_THAT(Usable(), IsEmpty());
    for (auto& [host, tablet] : hosts_) tablet.down.reset();
    CO_TRY_OK(co_await Sleep(ctx, seconds(8)));
    EXPECT_EQ(Usable().size(), kTablets);
    std::map<int64_t, int> dials;  // of each 100 ms
    for (auto& [host, tablet] : hosts_) {
      EXPECT_LT(tablet.asked.size(), 30u);
      tablet.asked.erase(tablet.asked.begin());
      for (const Instant when : tablet.asked) ++dials[when.time_since_epoch() / milliseconds(100)];
    }
    for (const auto& [when, count] : dials) EXPECT_LE(count, 401) << when;
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, AKnownTabletsAddressIsKeptWhenItIsToBe) {
  options_.refresh_known = false;
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    CO_TRY_OK(co_await Publish(ctx, 1, "b"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_EQ(hosts_["a"].streams, 1);
    EXPECT_EQ(hosts_["b"].streams, 0);
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, ATabletThatStoppedIsNotKnown) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    topo::Tablet stopped = Record(1, "", TabletType::kReplica);
    stopped.port_map.clear();
    CO_TRY_OK(co_await topology_->PublishTablet(ctx, stopped));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_EQ(Known(), 0u);
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, HealthDecidesWhoIsUsed) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    HealthTablet& tablet = hosts_["a"];
    tablet.health.serving = false;
    tablet.Tell();
    CO_TRY_OK(co_await Sleep(ctx, milliseconds(1)));
    EXPECT_THAT(Usable(), IsEmpty());
    tablet.health.serving = true;
    tablet.health.health_error = "ill";
    tablet.Tell();
    CO_TRY_OK(co_await Sleep(ctx, milliseconds(1)));
    EXPECT_THAT(Usable(), IsEmpty());
    tablet.health.health_error.clear();
    tablet.Tell();
    CO_TRY_OK(co_await Sleep(ctx, milliseconds(1)));
    EXPECT_THAT(Usable(), ElementsAre(1));
    tablet.down = Error(Code::kUnavailable, "connection refused");
    tablet.Tell();
    CO_TRY_OK(co_await Sleep(ctx, seconds(30)));
    EXPECT_THAT(Usable(), IsEmpty());
    EXPECT_EQ(check_->All().front()->last_error, "connection refused");
    tablet.down.reset();
    CO_TRY_OK(co_await Sleep(ctx, seconds(6)));
    EXPECT_THAT(Usable(), ElementsAre(1));
    EXPECT_EQ(check_->All().front()->last_error, "");
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, ASilentTabletIsNotUsedUntilItSpeaks) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(120)));
    EXPECT_THAT(Usable(), ElementsAre(1));
    hosts_["a"].silent = true;
    CO_TRY_OK(co_await Sleep(ctx, seconds(30)));
    EXPECT_THAT(Usable(), ElementsAre(1));
    CO_TRY_OK(co_await Sleep(ctx, seconds(40)));
    EXPECT_THAT(Usable(), IsEmpty());
    hosts_["a"].silent = false;
    CO_TRY_OK(co_await Sleep(ctx, seconds(61)));
    EXPECT_THAT(Usable(), ElementsAre(1));
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, WhoAnswersForAnotherIsNotUsed) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    hosts_["a"].health.alias.uid = 2;
    hosts_["a"].Tell();
    CO_TRY_OK(co_await Sleep(ctx, seconds(5)));
    EXPECT_THAT(Usable(), IsEmpty());
    EXPECT_THAT(check_->All().front()->last_error, ::testing::HasSubstr("health stats mismatch"));
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, OnlyTabletsThatAreWantedAreFollowed) {
  const std::vector<std::string> none;
  options_.filter = TabletFilter::Parse({"other"}, none).value();
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_EQ(Known(), 0u);
    EXPECT_EQ(dials_, 0);
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, CellsAreFollowedOneWithoutTheOther) {
  options_.cells = {"zone2"};
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(5)));
    EXPECT_THAT(Usable(), ElementsAre(1));
    topo::CellInfo cell;
    cell.root = "/zone2";
    CO_TRY_OK(co_await topology_->CreateCell(ctx, "zone2", cell));
    topo::Tablet far = Record(2, "b", TabletType::kReplica);
    far.alias.cell = "zone2";
    HealthTablet& tablet = hosts_["b"];
    tablet.health = hosts_["a"].health;
    tablet.health.alias = far.alias;
    CO_TRY_OK(co_await topology_->PublishTablet(ctx, far));
    CO_TRY_OK(co_await Sleep(ctx, seconds(5)));
    EXPECT_THAT(Usable(), ElementsAre(1, 2));
    const auto best = check_->Find(keys::Target{"ks", "0", TabletType::kReplica});
    EXPECT_EQ(best.front()->tablet.alias.uid, 1u);  // of our own cell
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, TheLastRecordsHoldOnWhileTheTopologyIsDown) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    memory_.SetDown(Error(Code::kUnavailable, "topology is down"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(300)));
    EXPECT_THAT(Usable(), ElementsAre(1));
    memory_.SetDown(std::nullopt);
    CO_TRY_OK(co_await Publish(ctx, 2, "b"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(3)));
    EXPECT_THAT(Usable(), ElementsAre(1, 2));
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, ATopologyThatLostItsDataTakesNoTabletAway) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Publish(ctx, 2, "b"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    CO_TRY_OK(co_await Delete(ctx, std::string(topo::kSrvVSchemaPath)));
    CO_TRY_OK(co_await Delete(ctx, "tablets/zone1-0000000001/Tablet"));
    CO_TRY_OK(co_await Delete(ctx, "tablets/zone1-0000000002/Tablet"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(300)));
    EXPECT_THAT(Usable(), ElementsAre(1, 2));
    // One is away for a moment, the other for good.
    hosts_["a"].down = Error(Code::kUnavailable, "restarts");
    hosts_["b"].down = Error(Code::kUnavailable, "is gone");
    hosts_["a"].Tell();
    hosts_["b"].Tell();
    CO_TRY_OK(co_await Sleep(ctx, seconds(2)));
    hosts_["a"].down.reset();
    CO_TRY_OK(co_await Sleep(ctx, seconds(30)));
    EXPECT_THAT(Usable(), ElementsAre(1));
    EXPECT_EQ(Known(), 1u);
    // Recorded again it is a tablet as any other.
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_EQ(hosts_["a"].closed, 0);
    EXPECT_FALSE(check_->All().front()->unrecorded);
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, AMirrorKnowsWhatItsSourceDoesAndDialsLate) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    HealthCheck mirror(ctx, options_);
    co_await mirror.MirrorOf(runtime::Loop::Current(), *check_);
    EXPECT_THAT(UsableIn(mirror), ElementsAre(1));
    CO_TRY_OK(co_await Publish(ctx, 2, "b"));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_THAT(UsableIn(mirror), ElementsAre(1, 2));
    EXPECT_EQ(dials_, 2);  // by the source
    mirror.FindByAlias(keys::TabletAlias{"zone1", 1})->service();
    EXPECT_EQ(dials_, 3);
    hosts_["a"].health.serving = false;
    hosts_["a"].Tell();
    CO_TRY_OK(co_await Sleep(ctx, milliseconds(1)));
    EXPECT_THAT(UsableIn(mirror), ElementsAre(2));
    hosts_["a"].health.serving = true;
    hosts_["a"].Tell();
    CO_TRY_OK(co_await Publish(ctx, 1, "c"));  // moves
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_THAT(UsableIn(mirror), ElementsAre(1, 2));
    EXPECT_EQ(mirror.FindByAlias(keys::TabletAlias{"zone1", 1})->tablet.hostname, "c");
    EXPECT_EQ(hosts_["a"].closed, 2);
    const keys::TabletAlias alias{"zone1", 2};
    CO_TRY_OK(co_await topology_->DeleteTablet(ctx, alias));
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_THAT(UsableIn(mirror), ElementsAre(1));
    // The source stops first, and takes nothing with it.
    co_await check_->Stop();
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    EXPECT_THAT(UsableIn(mirror), ElementsAre(1));
    mirror.Kick();  // into the void
    CO_TRY_OK(co_await Sleep(ctx, seconds(1)));
    co_await mirror.Stop();
    co_return Ok{};
  });
}

TEST_F(HealthCheckTest, WaitsUntilEveryTargetIsServed) {
  Run([this](const Context& ctx) -> Task<Result<>> {
    CO_TRY_OK(co_await Publish(ctx, 1, "a"));
    std::vector<keys::Target> targets;
    targets.push_back(keys::Target{"ks", "0", TabletType::kReplica});
    targets.push_back(keys::Target{"ks", "0", TabletType::kPrimary});
    const Context brief = ctx.WithTimeout(seconds(5));
    const Result<> waited = co_await check_->WaitFor(brief, targets);
    EXPECT_THAT(waited.error().message(), ::testing::HasSubstr("ks/0@primary"));
    CO_TRY_OK(co_await Publish(ctx, 2, "b", TabletType::kPrimary));
    const Context longer = ctx.WithTimeout(seconds(5));
    co_return co_await check_->WaitFor(longer, targets);
  });
}

}  // namespace
}  // namespace tessera::discovery
