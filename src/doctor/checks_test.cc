// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "doctor/checks.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "doctor/internal/ask_pages.h"
#include "doctor/internal/read_topology.h"
#include "doctor/replication_errors.h"

namespace tessera::doctor {
namespace {

using keys::TabletType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kDay = 24 * 3600;

TabletFacts MakeTablet(uint32_t uid, const std::string& shard, TabletType type) {
  TabletFacts out;
  out.record.alias = {"zone1", uid};
  out.record.hostname = "host" + std::to_string(uid);
  out.record.port_map = {{"grpc", 16000}, {"vt", 15000}};
  out.record.keyspace = "app";
  out.record.shard = shard;
  out.record.type = type;
  out.record.mysql_hostname = out.record.hostname;
  out.record.mysql_port = 3306;
  out.process.name = "tablet " + out.record.alias.ToString();
  out.asked = true;
  queryservice::Health health;
  health.alias = out.record.alias;
  health.target.tablet_type = type;
  health.serving = true;
  out.health = health;
  ServerFacts server;
  server.version = "10.11.6";
  server.read_only = type != TabletType::kPrimary;
  out.server = server;
  out.tables = std::vector<TableFacts>{{"users", {"id", "name"}}};
  return out;
}

void Follow(TabletFacts& replica, const TabletFacts& primary) {
  ReplicationFacts replication;
  replication.source_host = primary.record.mysql_hostname;
  replication.source_port = primary.record.mysql_port;
  replication.io = replication.sql = ThreadState::kRunning;
  replication.lag_seconds = 0;
  (*replica.server)->replication = replication;
}

// Two shards of a primary and a replica each, a gate, all well.
Facts Well() {
  Facts facts;
  facts.now_unix = 1'800'000'000;
  CellFacts cell;
  cell.name = "zone1";
  cell.has_srv_vschema = true;
  facts.cells.push_back(cell);
  KeyspaceFacts keyspace;
  keyspace.name = "app";
  keyspace.vschema.emplace();
  keyspace.vschema->sharded = true;
  vschema::ColumnVindexRecord vindex;
  vindex.column = "ID";
  keyspace.vschema->tables["users"].column_vindexes.push_back(vindex);
  GateFacts gate;
  gate.process.name = "gate g:15001";
  gate.process.vars = Vars();
  GateView view;
  view.cell = "zone1";
  view.keyspaces = {"app"};
  uint32_t uid = 100;
  for (const std::string shard : {"-80", "80-"}) {
    keyspace.shards[shard].primary_alias = {"zone1", uid};
    facts.tablets.push_back(MakeTablet(uid, shard, TabletType::kPrimary));
    facts.tablets.push_back(MakeTablet(uid + 1, shard, TabletType::kReplica));
    Follow(facts.tablets.back(), facts.tablets[facts.tablets.size() - 2]);
    uid += 100;
  }
  for (const TabletFacts& tablet : facts.tablets)
    view.tablets.push_back({tablet.record.alias.ToString(), true, ""});
  facts.keyspaces.push_back(keyspace);
  gate.view = view;
  facts.gates.push_back(gate);
  return facts;
}

// What is not well, as "verdict area/check subject: sentence -> fix".
std::vector<std::string> Ills(const Facts& facts) {
  std::vector<std::string> out;
  for (const Finding& finding : CheckAll(facts))
    if (finding.verdict != Verdict::kOk)
      out.push_back(fmt::format("{} {}/{} {}: {} -> {}", VerdictName(finding.verdict), finding.area,
                                finding.check, finding.subject, finding.sentence, finding.fix));
  return out;
}

TEST(Doctor, AHealthyFleetHasNoIlls) { EXPECT_THAT(Ills(Well()), IsEmpty()); }

TEST(Topology, ThatIsAwayIsTold) {
  Facts facts;
  facts.topology = "etcd2 at 127.0.0.1:2379";
  facts.topology_error = Error(Code::kUnavailable, "connection refused");
  EXPECT_THAT(Ills(facts),
              ElementsAre(HasSubstr("fault topology/topology server global cell: etcd2 at "
                                    "127.0.0.1:2379 cannot be read: connection refused")));
}

TEST(Topology, SlowAndBrokenCells) {
  Facts facts = Well();
  facts.cells[0].latency = std::chrono::milliseconds(250);
  facts.cells.emplace_back().name = "zone2";
  facts.cells[1].error = Error(Code::kUnavailable, "refused");
  EXPECT_THAT(Ills(facts), ElementsAre(HasSubstr("warn topology/topology server cell zone1: a read "
                                                 "takes 250.0 ms"),
                                       HasSubstr("fault topology/topology server cell zone2")));
}

TEST(Topology, StaleTabletRecords) {
  Facts facts = Well();
  facts.tablets.push_back(MakeTablet(900, "c0-", TabletType::kReplica));
  facts.tablets.back().record.tablet_shutdown_time = 1;
  facts.tablets.back().health.reset();
  facts.tablets.back().server.reset();
  facts.tablets[1].record.tablet_shutdown_time = 5;
  const std::vector<std::string> ills = Ills(facts);
  EXPECT_THAT(ills, ElementsAre(HasSubstr("warn topology/tablet record tablet zone1-0000000101: "
                                          "it was shut down"),
                                HasSubstr("fault topology/tablet record tablet zone1-0000000900: "
                                          "its record is of app/c0-, which is not there")));
}

TEST(Topology, TwoRecordsOfOneAddress) {
  Facts facts = Well();
  facts.tablets[1].record.hostname = facts.tablets[0].record.hostname;
  (*facts.tablets[1].health)->alias = facts.tablets[0].record.alias;
  EXPECT_THAT(Ills(facts),
              ElementsAre(HasSubstr("topology/one address"),
                          HasSubstr("points to host100:16000, where tablet zone1-0000000100")));
}

TEST(Ports, ADeadTabletIsOneFault) {
  Facts facts = Well();
  TabletFacts& tablet = facts.tablets[1];
  tablet.grpc.failed = reach::Step::kConnect;
  tablet.grpc.error = "connection refused";
  tablet.health.reset();
  tablet.server.reset();
  tablet.tables.reset();
  View view;
  view.from = "gate g:15001";
  view.to = tablet.process.name;
  view.port = "gRPC";
  view.seen = tablet.grpc;
  facts.views.push_back(view);
  EXPECT_THAT(Ills(facts), ElementsAre(HasSubstr("fault ports/tablet port")));
}

TEST(Ports, WhatThereWasNoTimeForIsNotWell) {
  Facts facts = Well();
  facts.tablets[1].asked = false;
  facts.gates[0].process.vars.reset();
  facts.ports.emplace_back().name = "vtctld v:15999";
  EXPECT_THAT(Ills(facts),
              ElementsAre(HasSubstr("unknown ports/tablet port tablet zone1-0000000101"),
                          HasSubstr("unknown ports/status pages gate g:15001"),
                          HasSubstr("unknown ports/vtctld port vtctld v:15999")));
}

TEST(Ports, AMysqlServerThatLetsNobodyIn) {
  Facts facts = Well();
  View view;
  view.from = facts.tablets[1].process.name;
  view.to = facts.tablets[0].process.name;
  view.port = "MySQL";
  view.seen->failed = reach::Step::kMysql;
  view.seen->error = "Host '10.0.0.7' is blocked because of many connection errors";
  facts.views.push_back(view);
  EXPECT_THAT(Ills(facts), ElementsAre(HasSubstr("-> FLUSH HOSTS on the primary")));
}

TEST(Ports, WhatOnlyOthersDoNotReach) {
  Facts facts = Well();
  View view;
  view.from = facts.tablets[1].process.name;
  view.to = facts.tablets[0].process.name;
  view.port = "MySQL";
  view.address = "host100:3306";
  view.seen->failed = reach::Step::kResolve;
  view.seen->error = "cannot resolve host 'host100'";
  facts.views.push_back(view);
  view.port = "topology";
  view.to = "cell zone1";
  view.seen = reach::Sight();
  view.seen->failed = reach::Step::kConnect;
  facts.views.push_back(view);
  view.from = "gate g:15001";
  view.seen = Error(Code::kPermissionDenied, "/debug/reach gives 403");
  facts.views.push_back(view);
  EXPECT_THAT(Ills(facts),
              ElementsAre(HasSubstr("fault ports/view from a process tablet zone1-0000000101: it "
                                    "does not reach tablet zone1-0000000100's MySQL port"),
                          HasSubstr("start the topology server"),
                          HasSubstr("unknown ports/view from a process gate g:15001: cannot be "
                                    "asked")));
}

TEST(Tls, DatesAndNames) {
  Facts facts = Well();
  const int64_t now = facts.now_unix;
  facts.tablets[0].grpc.chain = {{"/CN=a", "/CN=ca", 0, now - 1}};
  facts.tablets[0].grpc.failed = reach::Step::kTls;
  facts.tablets[1].grpc.chain = {{"/CN=b", "/CN=ca", 0, now + 13 * kDay}};
  facts.tablets[2].grpc.chain = {{"/CN=c", "/CN=ca", 0, now + 15 * kDay}};
  facts.tablets[3].grpc.chain = {{"/CN=d", "/CN=ca", now + 60, now + 15 * kDay}};
  Findings found;
  CheckTls(facts, found);
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].verdict, Verdict::kFault);
  EXPECT_THAT(found[0].sentence, HasSubstr("/CN=a expired on 2027-01-1"));
  EXPECT_EQ(found[1].verdict, Verdict::kWarn);
  EXPECT_THAT(found[1].sentence, HasSubstr("expires in 13 days"));
  EXPECT_EQ(found[2].verdict, Verdict::kOk);
  EXPECT_EQ(found[3].verdict, Verdict::kFault);
}

TEST(Tls, ARefusedName) {
  Facts facts = Well();
  facts.tablets[0].grpc.chain = {{"/CN=a", "/CN=ca", 0, facts.now_unix + 90 * kDay}};
  facts.tablets[0].grpc.failed = reach::Step::kTls;
  facts.tablets[0].grpc.names = {"other"};
  Findings found;
  CheckTls(facts, found);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].sentence, HasSubstr("for the names [other]"));
}

TEST(Processes, HealthAndTypes) {
  Facts facts = Well();
  (*facts.tablets[0].health)->serving = false;
  (*facts.tablets[0].health)->health_error = "MySQL was lost";
  (*facts.tablets[1].health)->target.tablet_type = TabletType::kPrimary;
  EXPECT_THAT(Ills(facts), ElementsAre(HasSubstr("it does not serve: MySQL was lost"),
                                       HasSubstr("its record says replica, it says primary")));
}

TEST(Processes, VersionsClocksPools) {
  Facts facts = Well();
  (*facts.tablets[3].server)->version = "10.11.8";
  for (TabletFacts& tablet : facts.tablets) tablet.process.clock = Clock();
  facts.tablets[0].process.clock = Clock{std::chrono::seconds(-2), std::chrono::milliseconds(3)};
  facts.tablets[1].process.clock = Clock{std::chrono::hours(1), Duration(0)};
  Vars vars;
  vars.numbers = {{"ConnPoolCapacity", 16}, {"ConnPoolInUse", 16}, {"ConnPoolWaiting", 3}};
  facts.tablets[2].process.vars = vars;
  vars.numbers = {{"ConnPoolCapacity", 16}, {"ConnPoolInUse", 2}, {"ConnPoolWaitTimeouts", 5}};
  facts.tablets[3].process.vars = vars;
  EXPECT_THAT(Ills(facts),
              ElementsAre(HasSubstr("MySQL server 10.11.8, most others have 10.11.6"),
                          HasSubstr("warn processes/clock tablet zone1-0000000100: its clock is "
                                    "2.000 s behind"),
                          HasSubstr("fault processes/clock tablet zone1-0000000101"),
                          HasSubstr("fault processes/pool tablet zone1-0000000200: its ConnPool is "
                                    "exhausted"),
                          HasSubstr("warn processes/pool tablet zone1-0000000201: 5 statements "
                                    "waited in vain")));
}

TEST(Processes, OurOwnClockMayBeTheWrongOne) {
  Facts facts = Well();
  for (TabletFacts& tablet : facts.tablets)
    tablet.process.clock = Clock{std::chrono::seconds(5), Duration(0)};
  EXPECT_THAT(Ills(facts), ElementsAre(HasSubstr("warn processes/clock this machine")));
}

TEST(Replication, Primaries) {
  Facts facts = Well();
  facts.keyspaces[0].shards["-80"].primary_alias = {};
  facts.tablets[3].record.type = TabletType::kPrimary;
  (*facts.tablets[3].health)->target.tablet_type = TabletType::kPrimary;
  (*facts.tablets[3].server)->read_only = false;
  EXPECT_THAT(Ills(facts), ElementsAre(HasSubstr("shard app/-80: it has no primary"),
                                       HasSubstr("two tablets say they are its primary")));
}

TEST(Replication, ThreadsInWords) {
  Facts facts = Well();
  ReplicationFacts& broken = *(*facts.tablets[1].server)->replication;
  broken.io = ThreadState::kConnecting;
  broken.io_error =
      "error connecting to master 'vt_repl@127.0.0.1:2003' - retry-time: 10  message: Access "
      "denied for user 'vt_repl'@'127.0.0.1' (using password: YES)";
  ReplicationFacts& stopped = *(*facts.tablets[3].server)->replication;
  stopped.io = stopped.sql = ThreadState::kStopped;
  stopped.sql_error = "Could not execute Write_rows event; Error_code: 1062; handler error";
  EXPECT_THAT(
      Ills(facts),
      ElementsAre(HasSubstr("its IO thread is connecting: the primary refuses the replication user "
                            "or its password (1045)"),
                  HasSubstr("its IO thread is stopped -> StartReplication zone1-0000000201"),
                  HasSubstr("its SQL thread is stopped: a row that the primary inserts is there "
                            "already (1062)")));
}

TEST(Replication, SourceLagAndReadOnly) {
  Facts facts = Well();
  (*facts.tablets[1].server)->replication->source_host = "elsewhere";
  (*facts.tablets[3].server)->replication->lag_seconds = 300;
  (*facts.tablets[0].server)->read_only = true;
  (*facts.tablets[1].server)->read_only = false;
  EXPECT_THAT(Ills(facts),
              ::testing::UnorderedElementsAre(
                  HasSubstr("it follows elsewhere:3306, but the primary is zone1-0000000100"),
                  HasSubstr("it lags 300 s"), HasSubstr("its MySQL server is read-only"),
                  HasSubstr("it is no primary, and its MySQL server takes writes")));
}

TEST(Replication, AReplicaThatFollowsNobody) {
  Facts facts = Well();
  (*facts.tablets[1].server)->replication.reset();
  EXPECT_THAT(Ills(facts), ElementsAre(HasSubstr("it does not replicate from anybody")));
}

TEST(Replication, SemiSyncAgainstThePolicy) {
  Facts facts = Well();
  facts.keyspaces[0].record.durability_policy = "semi_sync";
  (*facts.tablets[0].server)->semi_sync_primary = true;  // waits, and nobody acknowledges
  (*facts.tablets[3].server)->semi_sync_replica = true;  // acknowledges, and nobody waits
  EXPECT_THAT(
      Ills(facts),
      ElementsAre(
          HasSubstr("tablet zone1-0000000101: it does not acknowledge commits"),
          HasSubstr("fault replication/semi-sync tablet zone1-0000000100: its commits wait"),
          HasSubstr("tablet zone1-0000000200: it does not wait for acknowledgements")));
}

TEST(Replication, ATabletThatCannotBeAskedIsNoFault) {
  Facts facts = Well();
  facts.tablets[1].server = Error(Code::kUnimplemented, "unknown method FullStatus");
  EXPECT_THAT(Ills(facts),
              ElementsAre(HasSubstr("unknown replication/replica tablet zone1-0000000101: cannot "
                                    "be asked for its replication (UNIMPLEMENTED)")));
}

TEST(Serving, GraphsAndVSchemas) {
  Facts facts = Well();
  facts.keyspaces[0].graph_problems = {"cell zone1: shard 80- is not listed"};
  facts.cells[0].stale = {"app"};
  EXPECT_THAT(Ills(facts), ElementsAre(HasSubstr("shard 80- is not listed -> RebuildKeyspaceGraph"),
                                       HasSubstr("its SrvVSchema is not what the VSchemas say (of "
                                                 "app)")));
}

TEST(Serving, WhatAGateDoesNotKnow) {
  Facts facts = Well();
  GateView& view = **facts.gates[0].view;
  view.keyspaces.clear();
  view.tablets[0].usable = false;
  view.tablets[0].why = "connection refused";
  view.tablets.pop_back();
  EXPECT_THAT(
      Ills(facts),
      ElementsAre(HasSubstr("it does not know the keyspace app"),
                  HasSubstr("it cannot use tablet zone1-0000000100, which serves when asked "
                            "from here: connection refused"),
                  HasSubstr("it does not know tablet zone1-0000000201")));
}

TEST(Serving, OtherCellsMayBeUnwatched) {
  Facts facts = Well();
  facts.tablets[3].record.alias.cell = "zone2";
  (*facts.tablets[3].health)->alias.cell = "zone2";
  (**facts.gates[0].view).tablets.pop_back();
  EXPECT_THAT(Ills(facts), IsEmpty());
}

TEST(Schema, MissingOnOneShardIsAFault) {
  Facts facts = Well();
  facts.tablets[2].tables = std::vector<TableFacts>();
  EXPECT_THAT(Ills(facts), ElementsAre(HasSubstr("fault schema/VSchema shard app/80-: the VSchema "
                                                 "has table users, and MySQL has it on other "
                                                 "shards but not here")));
}

TEST(Schema, MissingEverywhereIsNotMadeYet) {
  Facts facts = Well();
  for (TabletFacts& tablet : facts.tablets) tablet.tables = std::vector<TableFacts>();
  EXPECT_THAT(Ills(facts), ElementsAre(HasSubstr("warn schema/VSchema shard app/-80"),
                                       HasSubstr("warn schema/VSchema shard app/80-")));
}

TEST(Schema, StrayTablesAndColumns) {
  Facts facts = Well();
  facts.tablets[0].tables =
      std::vector<TableFacts>{{"users", {"name"}}, {"stray", {"a"}}, {"_vt_hold_1", {"a"}}};
  EXPECT_THAT(Ills(facts),
              ElementsAre(HasSubstr("table users has other columns on shard 80- than on -80"),
                          HasSubstr("table users has no column ID"),
                          HasSubstr("MySQL has table stray, and the VSchema has not")));
}

TEST(ReplicationErrors, NumbersAreWordsNotPorts) {
  EXPECT_EQ(CureOf("Got fatal error 1236 from master: 'odd'").number, 1236);
  EXPECT_EQ(CureOf("... to 'h:1236' failed").number, 0);
  EXPECT_EQ(CureOf("Can't connect to server on 'h' (111)").number, 2003);
  EXPECT_EQ(CureOf("Duplicate entry '1' for key 'PRIMARY'").number, 1062);
  EXPECT_FALSE(CureOf("").fix.empty());
}

TEST(Pages, VarsAndViewsFromJson) {
  const Result<Vars> vars = VarsFromJson(R"({"A": 1, "B": "x", "C": {"D": 1}})");
  ASSERT_TRUE(vars.ok());
  EXPECT_EQ(vars->numbers.at("A"), 1);
  EXPECT_EQ(vars->texts.at("B"), "x");
  EXPECT_EQ(VarsFromJson("<html>").error().code(), Code::kDataLoss);
  const Result<GateView> view = GateViewFromJson(
      R"({"cell": "c", "keyspaces": ["k"],
          "tablets": [{"alias": "c-1", "usable": false, "why": "w"}]})");
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->tablets.at(0).why, "w");
  EXPECT_EQ(GateViewFromJson("{}").error().code(), Code::kDataLoss);
}

TEST(SrvVSchema, StalePartsAreNamed) {
  vschema::SrvVSchemaRecord wanted;
  wanted.keyspaces["a"].Edit().sharded = true;
  wanted.keyspaces["b"];
  vschema::SrvVSchemaRecord found = wanted;
  EXPECT_THAT(*StaleParts(EncodeSrvVSchema(wanted), EncodeSrvVSchema(found)), IsEmpty());
  found.keyspaces["a"].Edit().sharded = false;
  found.keyspaces.erase("b");
  found.keyspaces["c"];
  found.routing_rules.push_back({"x", {"y"}});
  EXPECT_THAT(*StaleParts(EncodeSrvVSchema(wanted), EncodeSrvVSchema(found)),
              ElementsAre("a", "b", "c", "rules"));
}

}  // namespace
}  // namespace tessera::doctor
