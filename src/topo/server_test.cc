// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/server.h"

#include <filesystem>
#include <functional>

#include <gmock/gmock.h>

#include "base/waiter.h"
#include "runtime/loop_pool.h"
#include "topo/errors.h"
#include "topo/memory_conn.h"
#include "topo/paths.h"
#include "topo/testing/faulty_topo.h"

namespace tessera::topo {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Two cells on servers of their own, keyspace "ks" of -80 and 80- with a tablet of each shard in
// each cell.
struct World {
  MemoryTopo memory;
  testing::Faults faults;
  testing::FaultyTopo topo{memory, faults};
  std::unique_ptr<Server> server;
  std::vector<std::string> all_cells;
};

using Body = Task<Result<>> (*)(const Context&, World&);

Task<Result<>> AddCell(const Context& ctx, Server& server, std::string name) {
  CellInfo info;
  info.server_address = "at-" + name;
  info.root = "/" + name;
  co_return co_await server.CreateCell(ctx, name, info);
}

Task<Result<>> AddTablet(const Context& ctx, Server& server, std::string cell, uint32_t uid,
                         std::string shard) {
  Tablet tablet;
  tablet.alias.cell = cell;
  tablet.alias.uid = uid;
  tablet.keyspace = "ks";
  tablet.shard = shard;
  tablet.type = keys::TabletType::kReplica;
  co_return co_await server.PublishTablet(ctx, tablet);
}

Task<Result<>> Prepare(const Context& ctx, World& world) {
  ServerOptions options;
  options.implementation = "test";
  options.global_address = "global";
  options.cell_check_interval = milliseconds(0);
  options.retire_after = milliseconds(1);
  Server::Factories factories;
  factories["test"] = &world.topo;
  CO_TRY(world.server, co_await Server::Open(ctx, options, factories));
  Server& server = *world.server;
  CO_TRY_OK(co_await AddCell(ctx, server, "zone1"));
  CO_TRY_OK(co_await AddCell(ctx, server, "zone2"));
  CO_TRY_OK(co_await server.EnsureShard(ctx, "ks", "-80"));
  CO_TRY_OK(co_await server.EnsureShard(ctx, "ks", "80-"));
  CO_TRY_OK(co_await server.RebuildKeyspace(ctx, "ks", world.all_cells));
  CO_TRY_OK(co_await AddTablet(ctx, server, "zone1", 100, "-80"));
  CO_TRY_OK(co_await AddTablet(ctx, server, "zone1", 101, "80-"));
  CO_TRY_OK(co_await AddTablet(ctx, server, "zone2", 200, "-80"));
  CO_TRY_OK(co_await AddTablet(ctx, server, "zone2", 201, "80-"));
  co_return Ok{};
}

Task<int> RunBody(const Context& ctx, Body body) {
  World world;
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(30));
  Result<> done = co_await Prepare(bounded, world);
  if (done.ok()) {
    done = co_await body(bounded, world);
  }
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  if (world.server) {
    co_await world.server->Close();
  }
  co_return 0;
}

void RunWorld(Body body) {
  runtime::RunLoop([body](const Context& ctx) { return RunBody(ctx, body); });
}

// Awaits the call, which must fail with an error that says `text`.
template <class T>
Task<> ExpectRefused(Task<Result<T>> call, std::string_view text) {
  const Result<T> result = co_await call;
  EXPECT_FALSE(result.ok()) << "expected a refusal with: " << text;
  if (result.ok()) co_return;
  EXPECT_THAT(result.error().ToString(), HasSubstr(std::string(text)));
}

Task<Result<>> Cells(const Context& ctx, World& world) {
  Server& server = *world.server;
  const CellInfo nowhere;
  co_await ExpectRefused(server.CreateCell(ctx, "global", nowhere), "'global' is taken");
  co_await ExpectRefused(server.CreateCell(ctx, "a/b", nowhere), "no name for a cell");
  co_await ExpectRefused(server.DeleteCell(ctx, "zone2", false), "1 serving keyspaces, ks first");
  CO_TRY_OK(co_await server.DeleteSrvKeyspace(ctx, "zone2", "ks"));
  co_await ExpectRefused(server.DeleteCell(ctx, "zone2", false), "zone2-0000000200 first");
  world.faults.down.insert("at-zone2");
  co_await ExpectRefused(server.DeleteCell(ctx, "zone2", false), "at-zone2 is down");
  CO_TRY_OK(co_await server.DeleteCell(ctx, "zone2", true));
  co_await ExpectRefused(server.Cell(ctx, "zone2"), "cell zone2 is not in the topology");
  CO_TRY(const auto cells, co_await server.GetCells(ctx));
  EXPECT_THAT(cells, ElementsAre("zone1"));
  co_return Ok{};
}

TEST(Server, CellsAreDeletedWhenNothingHangsOnThem) { RunWorld(Cells); }

Task<Result<>> Aliases(const Context& ctx, World& world) {
  Server& server = *world.server;
  const std::vector<std::string> both = {"zone1", "zone2"};
  const std::vector<std::string> one(1, "zone1");
  const std::vector<std::string> unknown(1, "zone9");
  const std::vector<std::string> names = {"region", "zone1"};
  CO_TRY_OK(co_await server.CreateCellsAlias(ctx, "region", both));
  co_await ExpectRefused(server.CreateCellsAlias(ctx, "other", one), "in the alias region already");
  co_await ExpectRefused(server.UpdateCellsAlias(ctx, "region", unknown), "zone9 is not in");
  co_await ExpectRefused(server.DeleteCell(ctx, "zone1", false), "in the alias region");
  CO_TRY(const auto cells, co_await server.ExpandCells(ctx, names));
  EXPECT_THAT(cells, ElementsAre("zone1", "zone2"));
  CO_TRY_OK(co_await server.UpdateCellsAlias(ctx, "region", one));
  CO_TRY(const auto aliases, co_await server.GetCellsAliases(ctx));
  EXPECT_THAT(aliases.at("region").cells, ElementsAre("zone1"));
  CO_TRY_OK(co_await server.DeleteCellsAlias(ctx, "region"));
  CO_TRY_OK(co_await server.CreateCellsAlias(ctx, "other", one));
  co_return Ok{};
}

TEST(Server, ACellIsInOneAliasOnly) { RunWorld(Aliases); }

Task<Result<>> Moves(const Context& ctx, World& world) {
  Server& server = *world.server;
  CO_TRY(Conn* const before, co_await server.Cell(ctx, "zone1"));
  CO_TRY(Conn* const same, co_await server.Cell(ctx, "zone1"));
  EXPECT_EQ(before, same);
  const Server::Change<CellInfo> move = [](CellInfo& info) -> Result<bool> {
    info.root = "/elsewhere";
    return true;
  };
  CO_TRY_OK(co_await server.UpdateCell(ctx, "zone1", move));
  CO_TRY(const auto tablets, co_await server.GetTablets(ctx, "zone1"));
  EXPECT_TRUE(tablets.empty());
  CO_TRY_OK(co_await AddTablet(ctx, server, "zone1", 100, "-80"));
  // A global cell that is away changes nothing about cells that are there.
  world.faults.down.insert("global");
  CO_TRY(const auto still, co_await server.GetTablets(ctx, "zone1"));
  EXPECT_EQ(still.size(), 1u);
  co_return Ok{};
}

TEST(Server, FollowsACellThatMoves) { RunWorld(Moves); }

Task<Result<>> Partially(const Context& ctx, World& world) {
  Server& server = *world.server;
  CO_TRY(const auto all, co_await server.GetTabletsOfCells(ctx, world.all_cells));
  EXPECT_EQ(all.found.size(), 4u);
  EXPECT_TRUE(all.errors.empty());
  CO_TRY(const auto of_shard, co_await server.GetShardTablets(ctx, "ks", "80-", world.all_cells));
  EXPECT_EQ(of_shard.found.size(), 2u);
  CO_TRY(Conn* const cell, co_await server.Cell(ctx, "zone1"));
  CO_TRY_OK(co_await cell->Update(ctx, "tablets/zone1-0000000100/Tablet", "\xff", std::nullopt));
  world.faults.down.insert("at-zone2");
  CO_TRY(const auto some, co_await server.GetTabletsOfCells(ctx, world.all_cells));
  EXPECT_EQ(some.found.size(), 1u);
  EXPECT_EQ(some.errors.size(), 2u);
  std::string told;
  for (const Error& error : some.errors) told += error.ToString() + "\n";
  EXPECT_THAT(told, HasSubstr("cell zone1: tablets/zone1-0000000100/Tablet: "));
  EXPECT_THAT(told, HasSubstr("cell zone2: topology server at-zone2 is down"));
  CO_TRY(const auto shard, co_await server.GetShardTablets(ctx, "ks", "80-", world.all_cells));
  EXPECT_EQ(shard.found.size(), 1u);
  EXPECT_EQ(shard.errors.size(), 1u);
  co_return Ok{};
}

TEST(Server, TabletsOfAllCellsComeWithoutThoseOfCellsThatAreDown) { RunWorld(Partially); }

Task<Result<>> Damaged(const Context& ctx, World& world) {
  Server& server = *world.server;
  CO_TRY_OK(co_await server.global().Update(ctx, KeyspacePath("ks"), "\xff", std::nullopt));
  CO_TRY_OK(co_await server.global().Update(ctx, ShardPath("ks", "-80"), "\xff", std::nullopt));
  co_await ExpectRefused(server.GetKeyspace(ctx, "ks"), "keyspaces/ks/Keyspace: ");
  co_await ExpectRefused(server.GetShard(ctx, "ks", "-80"), "keyspaces/ks/shards/-80/Shard: ");
  co_await ExpectRefused(server.FindAllShardsInKeyspace(ctx, "ks"),
                         "keyspaces/ks/shards/-80/Shard");
  co_await ExpectRefused(server.RebuildKeyspace(ctx, "ks", world.all_cells), "ks/Keyspace: ");
  co_return Ok{};
}

TEST(Server, NamesThePathOfARecordThatCannotBeRead) { RunWorld(Damaged); }

Task<Result<>> Deletes(const Context& ctx, World& world) {
  Server& server = *world.server;
  Server::DeleteShardOptions options;
  co_await ExpectRefused(server.DeleteKeyspace(ctx, "ks", false), "has 2 shards, -80 first");
  co_await ExpectRefused(server.DeleteShard(ctx, "ks", "-80", options), "is serving");
  options.even_if_serving = true;
  co_await ExpectRefused(server.DeleteShard(ctx, "ks", "-80", options),
                         "has 2 tablets: zone1-0000000100, zone2-0000000200");
  options.recursive = true;
  world.faults.down.insert("at-zone2");
  co_await ExpectRefused(server.DeleteShard(ctx, "ks", "-80", options), "at-zone2 is down");
  world.faults.down.clear();
  CO_TRY_OK(co_await server.DeleteShard(ctx, "ks", "-80", options));
  co_await ExpectRefused(server.GetShardReplication(ctx, "zone2", "ks", "-80"), "doesn't exist");
  CO_TRY(const auto left, co_await server.GetTabletsOfCells(ctx, world.all_cells));
  EXPECT_EQ(left.found.size(), 2u);
  CO_TRY_OK(co_await server.DeleteKeyspace(ctx, "ks", true));
  co_await ExpectRefused(server.DeleteKeyspace(ctx, "ks", true), "keyspaces/ks/Keyspace");
  CO_TRY(const auto keyspaces, co_await server.GetKeyspaces(ctx));
  EXPECT_TRUE(keyspaces.empty());
  CO_TRY(const auto graphs, co_await server.GetSrvKeyspaceNames(ctx, "zone1"));
  EXPECT_TRUE(graphs.empty());
  const auto vschema = co_await server.GetVSchema(ctx, "ks");
  EXPECT_TRUE(!vschema.ok() && IsNoNode(vschema.error()));
  co_return Ok{};
}

TEST(Server, DeletesKeyspacesAndShardsWithWhatHangsOnThem) { RunWorld(Deletes); }

Task<Result<>> RemovesCells(const Context& ctx, World& world) {
  Server& server = *world.server;
  const Server::ShardChange lead = [](Shard& shard) -> Result<bool> {
    shard.primary_alias.cell = "zone1";
    shard.primary_alias.uid = 100;
    return true;
  };
  CO_TRY_OK(co_await server.UpdateShard(ctx, "ks", "-80", lead));
  co_await ExpectRefused(server.RemoveShardCell(ctx, "ks", "-80", "zone1", false, true),
                         "zone1-0000000100, is in cell zone1");
  co_await ExpectRefused(server.RemoveKeyspaceCell(ctx, "ks", "zone2", false, false),
                         "has tablets in cell zone2");
  CO_TRY_OK(co_await server.RemoveKeyspaceCell(ctx, "ks", "zone2", false, true));
  CO_TRY(const auto left, co_await server.GetTabletsOfCells(ctx, world.all_cells));
  EXPECT_EQ(left.found.size(), 2u);
  CO_TRY(const auto graphs, co_await server.GetSrvKeyspaceNames(ctx, "zone2"));
  EXPECT_TRUE(graphs.empty());
  CO_TRY_OK(co_await server.DeleteCell(ctx, "zone2", false));
  co_return Ok{};
}

TEST(Server, RemovesAKeyspaceFromACell) { RunWorld(RemovesCells); }

Task<Result<>> Replication(const Context& ctx, World& world) {
  Server& server = *world.server;
  keys::TabletAlias ghost;
  ghost.cell = "zone1";
  ghost.uid = 999;
  keys::TabletAlias stranger;
  stranger.cell = "zone1";
  stranger.uid = 101;  // of 80-
  CO_TRY_OK(co_await server.AddToShardReplication(ctx, "ks", "-80", ghost));
  CO_TRY_OK(co_await server.AddToShardReplication(ctx, "ks", "-80", stranger));
  CO_TRY(const auto tablets, co_await server.GetShardTablets(ctx, "ks", "-80", world.all_cells));
  EXPECT_EQ(tablets.found.size(), 2u);
  CO_TRY(const auto problems, co_await server.FixShardReplication(ctx, "zone1", "ks", "-80"));
  EXPECT_EQ(problems.size(), 2u);
  if (problems.size() == 2) {
    EXPECT_EQ(problems[0].kind, ReplicationProblem::Kind::kNotFound);
    EXPECT_EQ(problems[1].kind, ReplicationProblem::Kind::kTopologyMismatch);
  }
  CO_TRY(const auto fixed, co_await server.GetShardReplication(ctx, "zone1", "ks", "-80"));
  EXPECT_EQ(fixed.record.nodes.size(), 1u);
  CO_TRY(const auto none, co_await server.FixShardReplication(ctx, "zone1", "ks", "-80"));
  EXPECT_TRUE(none.empty());
  co_return Ok{};
}

TEST(Server, FixesReplicationRecords) { RunWorld(Replication); }

Task<Result<>> Graphs(const Context& ctx, World& world) {
  Server& server = *world.server;
  const std::vector<std::string> shards(1, "-80");
  const std::vector<std::string> zone1(1, "zone1");
  const auto replica = keys::TabletType::kReplica;
  CO_TRY_OK(co_await server.UpdateDisableQueryService(ctx, "ks", shards, replica, zone1, true));
  CO_TRY(const SrvKeyspace graph, co_await server.GetSrvKeyspace(ctx, "zone1", "ks"));
  EXPECT_TRUE(graph.Find(replica)->shard_tablet_controls.at(0).query_service_disabled);
  EXPECT_TRUE(graph.Find(keys::TabletType::kPrimary)->shard_tablet_controls.empty());
  co_await ExpectRefused(server.RebuildKeyspace(ctx, "ks", world.all_cells), "is switched off");
  CO_TRY_OK(co_await server.UpdateDisableQueryService(ctx, "ks", shards, replica, zone1, false));
  CO_TRY(const auto well, co_await server.ValidateSrvKeyspace(ctx, "ks", world.all_cells));
  EXPECT_THAT(well, ElementsAre());
  CO_TRY_OK(co_await server.SetShardIsPrimaryServing(ctx, "ks", "-80", false));
  co_await ExpectRefused(server.RebuildKeyspace(ctx, "ks", world.all_cells), "the first id");
  CO_TRY_OK(co_await server.EnsureShard(ctx, "ks", "-40"));
  CO_TRY_OK(co_await server.EnsureShard(ctx, "ks", "40-80"));
  CO_TRY_OK(co_await server.SetShardIsPrimaryServing(ctx, "ks", "-40", true));
  CO_TRY_OK(co_await server.SetShardIsPrimaryServing(ctx, "ks", "40-80", true));
  CO_TRY(const auto stale, co_await server.ValidateSrvKeyspace(ctx, "ks", zone1));
  EXPECT_EQ(stale.size(), 6u);  // two shards, three types
  EXPECT_THAT(stale.at(0), HasSubstr("cell zone1: primary: serving shard -40 is missing"));
  CO_TRY_OK(co_await server.RebuildKeyspace(ctx, "ks", world.all_cells));
  CO_TRY(const auto again, co_await server.ValidateSrvKeyspace(ctx, "ks", world.all_cells));
  EXPECT_THAT(again, ElementsAre());
  CO_TRY_OK(co_await server.RebuildSrvVSchema(ctx, world.all_cells));
  CO_TRY_OK(co_await server.GetSrvVSchema(ctx, "zone2"));
  CO_TRY_OK(co_await server.DeleteSrvVSchema(ctx, "zone2"));
  co_await ExpectRefused(server.GetSrvVSchema(ctx, "zone2"), "doesn't exist");
  co_return Ok{};
}

TEST(Server, ControlsAndValidatesServingGraphs) { RunWorld(Graphs); }

Task<Result<>> Darkness(const Context& ctx, World& world) {
  Server& server = *world.server;
  CO_TRY_OK(co_await server.SetShardIsPrimaryServing(ctx, "ks", "-80", false));
  CO_TRY_OK(co_await server.SetShardIsPrimaryServing(ctx, "ks", "80-", false));
  co_await ExpectRefused(server.RebuildKeyspace(ctx, "ks", world.all_cells),
                         "none of its shards serves");
  CO_TRY(const SrvKeyspace graph, co_await server.GetSrvKeyspace(ctx, "zone1", "ks"));
  EXPECT_EQ(graph.partitions.size(), 3u);
  // A keyspace that never served may have a graph that says so.
  CO_TRY_OK(co_await server.DeleteSrvKeyspace(ctx, "zone1", "ks"));
  CO_TRY_OK(co_await server.DeleteSrvKeyspace(ctx, "zone2", "ks"));
  CO_TRY_OK(co_await server.RebuildKeyspace(ctx, "ks", world.all_cells));
  co_return Ok{};
}

TEST(Server, AGraphThatServesIsNotReplacedByNothing) { RunWorld(Darkness); }

Task<Result<>> Snapshots(const Context& ctx, World& world) {
  Server& server = *world.server;
  Keyspace record;
  record.is_snapshot = true;
  co_await ExpectRefused(server.CreateKeyspace(ctx, "snap", record), "needs a base keyspace");
  record.base_keyspace = "none";
  record.snapshot_time = 1'700'000'000'000'000'000;
  co_await ExpectRefused(server.CreateKeyspace(ctx, "snap", record), "base keyspace none");
  record.base_keyspace = "ks";
  CO_TRY_OK(co_await server.CreateKeyspace(ctx, "snap", record));
  CO_TRY(const auto made, co_await server.GetKeyspace(ctx, "snap"));
  EXPECT_EQ(made.record.snapshot_time, record.snapshot_time);
  CO_TRY(const Node vschema, co_await server.GetVSchema(ctx, "snap"));
  EXPECT_THAT(RecordText(VSchemaPath("snap"), vschema.contents).value(),
              HasSubstr("require_explicit_routing: true"));
  CO_TRY_OK(co_await server.CreateShard(ctx, "snap", "-80"));
  co_await ExpectRefused(server.RebuildKeyspace(ctx, "snap", world.all_cells), "the last id");
  CO_TRY_OK(co_await server.RebuildKeyspace(ctx, "snap", world.all_cells, true));
  CO_TRY_OK(co_await server.GetSrvKeyspace(ctx, "zone1", "snap"));
  co_return Ok{};
}

TEST(Server, SnapshotsMayServeAPart) { RunWorld(Snapshots); }

Task<Result<>> Rules(const Context& ctx, World& world) {
  Server& server = *world.server;
  const RulesKind kinds[] = {RulesKind::kRouting, RulesKind::kShardRouting, RulesKind::kMirror};
  for (const RulesKind kind : kinds) {
    CO_TRY_OK(co_await server.SaveRules(ctx, kind, std::string("\x0a\x03\x0a\x01t", 5)));
    CO_TRY(const std::string kept, co_await server.GetRules(ctx, kind));
    EXPECT_EQ(kept.size(), 5u);
    co_await ExpectRefused(server.SaveRules(ctx, kind, "\xff"), "cannot be read");
    CO_TRY_OK(co_await server.SaveRules(ctx, kind, ""));
    CO_TRY(const std::string none, co_await server.GetRules(ctx, kind));
    EXPECT_EQ(none, "");
  }
  const Result<Node> gone = co_await server.global().Get(ctx, kRoutingRulesPath);
  EXPECT_TRUE(!gone.ok() && IsNoNode(gone.error()));
  // The first record of keyspace rules is made without a lock, later ones change under it.
  const Server::Change<std::string> grow = [](std::string& rules) -> Result<bool> {
    rules += std::string("\x0a\x03\x0a\x01k", 5);
    return true;
  };
  CO_TRY_OK(co_await server.UpdateKeyspaceRoutingRules(ctx, "test", grow));
  CO_TRY_OK(co_await server.UpdateKeyspaceRoutingRules(ctx, "test", grow));
  CO_TRY(const std::string two, co_await server.GetRules(ctx, RulesKind::kKeyspaceRouting));
  EXPECT_EQ(CountRules(RulesKind::kKeyspaceRouting, two).value(), 2u);
  CO_TRY_OK(co_await server.SaveRules(ctx, RulesKind::kKeyspaceRouting, ""));
  CO_TRY_OK(co_await server.global().Get(ctx, kKeyspaceRoutingRulesPath));
  co_return Ok{};
}

TEST(Server, KeepsRules) { RunWorld(Rules); }

Task<Result<>> Small(const Context& ctx, World& world) {
  Server& server = *world.server;
  CO_TRY_OK(co_await server.SetMetadata(ctx, "color", "blue"));
  CO_TRY_OK(co_await server.SetMetadata(ctx, "color", "green"));
  CO_TRY(const std::string color, co_await server.GetMetadata(ctx, "color"));
  EXPECT_EQ(color, "green");
  co_await ExpectRefused(server.SetMetadata(ctx, "a/b", "x"), "'a/b' is no name for metadata");
  CO_TRY(const auto all, co_await server.GetAllMetadata(ctx));
  EXPECT_EQ(all.size(), 1u);
  CO_TRY_OK(co_await server.DeleteMetadata(ctx, "color"));
  co_await ExpectRefused(server.GetMetadata(ctx, "color"), "doesn't exist");

  ExternalCluster cluster;
  cluster.topo_implementation = "etcd2";
  cluster.server_address = "far:2379";
  CO_TRY_OK(co_await server.CreateExternalCluster(ctx, "far", cluster));
  const Server::Change<ExternalCluster> move = [](ExternalCluster& record) -> Result<bool> {
    record.root = "/vitess/global";
    return true;
  };
  CO_TRY_OK(co_await server.UpdateExternalCluster(ctx, "far", move));
  CO_TRY(const auto read, co_await server.GetExternalCluster(ctx, "far"));
  EXPECT_EQ(read.record.server_address + read.record.root, "far:2379/vitess/global");
  CO_TRY(const auto names, co_await server.GetExternalClusters(ctx));
  EXPECT_THAT(names, ElementsAre("far"));
  CO_TRY_OK(co_await server.DeleteExternalCluster(ctx, "far"));
  co_return Ok{};
}

TEST(Server, KeepsMetadataAndOtherClusters) { RunWorld(Small); }

TEST(Validate, TabletControls) {
  const auto replica = keys::TabletType::kReplica;
  Shard shard;
  DeniedTables denied;
  denied.tables = {"t1", "t2"};
  EXPECT_TRUE(DenyTables(shard, denied).value());
  EXPECT_FALSE(DenyTables(shard, denied).value());
  denied.cells = {"zone1"};
  EXPECT_EQ(DenyTables(shard, denied).error().code(), Code::kInvalidArgument);
  denied.tablet_type = replica;
  EXPECT_TRUE(DenyTables(shard, denied).value());
  denied.cells = {"zone2"};
  EXPECT_TRUE(DenyTables(shard, denied).value());
  EXPECT_THAT(shard.tablet_controls.at(1).cells, ElementsAre("zone1", "zone2"));
  denied.tables = {"t3"};
  EXPECT_EQ(DenyTables(shard, denied).error().code(), Code::kFailedPrecondition);
  DeniedTables allowed = denied;
  allowed.tables.clear();
  EXPECT_TRUE(AllowTables(shard, allowed).value());
  EXPECT_THAT(shard.tablet_controls.at(1).cells, ElementsAre("zone1"));
  allowed.cells.clear();
  allowed.tables = {"t1"};
  EXPECT_TRUE(AllowTables(shard, allowed).value());
  EXPECT_THAT(shard.tablet_controls.at(1).denied_tables, ElementsAre("t2"));
  allowed.tables = {"t2"};
  EXPECT_TRUE(AllowTables(shard, allowed).value());
  EXPECT_EQ(shard.tablet_controls.size(), 1u);
  shard.tablet_controls[0].frozen = true;
  denied = DeniedTables();
  denied.tables = {"t4"};
  EXPECT_EQ(DenyTables(shard, denied).error().code(), Code::kFailedPrecondition);
}

TEST(Records, SayWhatTheyHoldAsText) {
  Tablet tablet;
  tablet.port_map = {{"vt", 1}, {"grpc", 2}};
  tablet.hostname = "one";
  EXPECT_THAT(RecordText("tablets/z-1/Tablet", Encode(tablet)).value(), HasSubstr("\"one\""));
  EXPECT_EQ(RecordText("metadata/x", "plain").value(), "plain");
  EXPECT_THAT(RecordText("keyspaces/ks/Keyspace", "\xff").error().ToString(),
              HasSubstr("keyspaces/ks/Keyspace"));
}

}  // namespace
}  // namespace tessera::topo
