// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "doctor/gather.h"

#include <chrono>
#include <map>
#include <utility>

#include <fmt/core.h>

#include "doctor/internal/ask_pages.h"
#include "doctor/internal/read_topology.h"
#include "doctor/tablet_codec.h"
#include "queryservice/grpc_client.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "tmclient/client.h"

namespace tessera::doctor {

namespace {

constexpr size_t kProcessesAtOnce = 32;
constexpr size_t kViewsAtOnce = 64;
constexpr size_t kViewsOfOne = 8;  // fewer than a process answers at once

// What the questions share. Of one loop.
struct Asking {
  const Fleet& fleet;
  tmclient::Client tablets;
  runtime::Semaphore processes{kProcessesAtOnce};
  runtime::Semaphore views{kViewsAtOnce};

  explicit Asking(const Fleet& asked) : fleet(asked), tablets(asked.to_tablets) {}
  Context Bounded(const Context& ctx) const { return ctx.WithTimeout(fleet.patience); }
};

runtime::Address PortOf(const topo::Tablet& tablet, const std::string& name) {
  return runtime::Address::Tcp(tablet.hostname, static_cast<uint16_t>(tablet.port(name)));
}

// Keeps the first message and ends the stream.
class FirstHealth final : public queryservice::HealthSink {
 public:
  Task<Result<>> OnHealth(const Context&, const queryservice::Health& health) override {
    first_ = health;
    co_return Error(Code::kCancelled, "one message is enough");
  }
  const std::optional<queryservice::Health>& first() const { return first_; }

 private:
  std::optional<queryservice::Health> first_;
};

Task<Result<queryservice::Health>> AskHealth(const Context& ctx, const Fleet& fleet,
                                             const topo::Tablet& tablet) {
  rpc::Channel channel(PortOf(tablet, "grpc"), fleet.to_tablets);
  Result<> streamed = Ok{};
  FirstHealth sink;
  {
    queryservice::GrpcClient client(channel);
    streamed = co_await client.StreamHealth(ctx, sink);
  }
  co_await channel.Close();
  if (sink.first()) co_return *sink.first();
  if (!streamed.ok()) co_return streamed.error();
  co_return Error(Code::kUnavailable, "the tablet ended its health stream without a word");
}

Task<> AskProcess(const Context& ctx, Asking& asking, ProcessFacts& process) {
  if (process.pages.port == 0) co_return;
  const Context bounded = asking.Bounded(ctx);
  process.vars = co_await AskVars(bounded, process.pages);
  const bool nobody = !process.vars->ok() && process.vars->error().code() != Code::kNotFound;
  if (nobody) co_return;
  const Context again = asking.Bounded(ctx);
  process.clock = co_await AskClock(again, process.pages);
}

Task<> AskTabletGrpc(const Context& ctx, Asking& asking, TabletFacts& tablet) {
  const Context looking = asking.Bounded(ctx);
  reach::Question question;
  question.address = PortOf(tablet.record, "grpc");
  question.how = reach::How::kGrpc;
  question.tls = asking.fleet.to_tablets.tls;
  tablet.grpc = co_await reach::Look(looking, question);
  tablet.asked = !ctx.cancelled();
  if (!tablet.grpc.ok()) co_return;
  const Context for_health = asking.Bounded(ctx);
  tablet.health = co_await AskHealth(for_health, asking.fleet, tablet.record);
  const Context for_server = asking.Bounded(ctx);
  tablet.server = co_await AskServer(for_server, asking.tablets, tablet.record);
  const Context for_tables = asking.Bounded(ctx);
  tablet.tables = co_await AskTables(for_tables, asking.tablets, tablet.record);
}

// Runs the work while it has one of the permits; not at all when ctx ends first.
Task<> WithPermit(const Context& ctx, runtime::Semaphore& permits, Task<> work) {
  const Result<> permitted = co_await permits.Acquire(ctx);
  if (!permitted.ok()) co_return;
  co_await work;
  permits.Release();
}

Task<> AskTablet(const Context& ctx, Asking& asking, TabletFacts& tablet) {
  runtime::TaskGroup group(ctx);
  group.Start(AskProcess(group.context(), asking, tablet.process));
  group.Start(AskTabletGrpc(group.context(), asking, tablet));
  const Result<> joined = co_await group.Join();
  static_cast<void>(joined.ok());
}

Task<> AskGate(const Context& ctx, Asking& asking, GateFacts& gate) {
  co_await AskProcess(ctx, asking, gate.process);
  if (!IsTold(gate.process.vars)) co_return;
  const Context bounded = asking.Bounded(ctx);
  gate.view = co_await AskGateView(bounded, gate.process.pages);
}

Task<> AskPort(const Context& ctx, Asking& asking, PortFacts& port) {
  const Context bounded = asking.Bounded(ctx);
  reach::Question question;
  question.address = port.address;
  port.seen = co_await reach::Look(bounded, question);
  port.asked = !ctx.cancelled();
}

bool IsDown(const topo::Tablet& record) {
  return record.hostname.empty() || record.tablet_shutdown_time != 0;
}

Task<> AskAll(const Context& ctx, Asking& asking, Facts& facts) {
  runtime::TaskGroup group(ctx);
  const Context& within = group.context();
  for (TabletFacts& tablet : facts.tablets)
    if (!IsDown(tablet.record))
      group.Start(WithPermit(within, asking.processes, AskTablet(within, asking, tablet)));
  for (GateFacts& gate : facts.gates)
    group.Start(WithPermit(within, asking.processes, AskGate(within, asking, gate)));
  for (PortFacts& port : facts.ports)
    group.Start(WithPermit(within, asking.processes, AskPort(within, asking, port)));
  const Result<> joined = co_await group.Join();
  static_cast<void>(joined.ok());
}

// A process that tells its clock on /debug/reach looks at others for us.
struct Eyes {
  const ProcessFacts* process;
  std::vector<View>& views;

  void LookAt(const std::string& to, std::string port, const runtime::Address& address) {
    if (address.host.empty() || address.port == 0) return;
    View view;
    view.from = process->name;
    view.to = to;
    view.port = std::move(port);
    view.address = address.ToString();
    views.push_back(std::move(view));
  }
};

void PlanCells(const Facts& facts, Eyes eyes) {
  for (const CellFacts& cell : facts.cells) {
    const Result<runtime::Address> server = runtime::Address::Parse(cell.server);
    if (server.ok() && !server->is_unix()) eyes.LookAt("cell " + cell.name, "topology", *server);
  }
}

// Gates to all tablets; tablets to the others of their shard, any of which may become its primary.
void PlanViews(Facts& facts) {
  for (const GateFacts& gate : facts.gates) {
    Eyes eyes{&gate.process, facts.views};
    if (!IsTold(gate.process.clock)) continue;
    PlanCells(facts, eyes);
    for (const TabletFacts& tablet : facts.tablets)
      if (!IsDown(tablet.record))
        eyes.LookAt(tablet.process.name, "gRPC", PortOf(tablet.record, "grpc"));
  }
  for (const TabletFacts& from : facts.tablets) {
    Eyes eyes{&from.process, facts.views};
    if (!IsTold(from.process.clock)) continue;
    PlanCells(facts, eyes);
    for (const TabletFacts& to : facts.tablets) {
      const bool together =
          from.record.keyspace == to.record.keyspace && from.record.shard == to.record.shard;
      if (!together || &from == &to || IsDown(to.record)) continue;
      eyes.LookAt(to.process.name, "gRPC", PortOf(to.record, "grpc"));
      eyes.LookAt(to.process.name, "MySQL",
                  runtime::Address::Tcp(to.record.mysql_hostname,
                                        static_cast<uint16_t>(to.record.mysql_port)));
    }
  }
}

// A process that is asked for its views.
struct Viewer {
  Viewer(runtime::Address where, bool gate) : pages(std::move(where)), is_gate(gate) {}
  const runtime::Address pages;
  const bool is_gate;
  runtime::Semaphore permits{kViewsOfOne};
};

Task<> AskView(const Context& ctx, Asking& asking, const Viewer& viewer, View& view) {
  // Of tablets only gates know what to speak TLS with.
  const reach::How how = view.port == "MySQL"                    ? reach::How::kMysql
                         : viewer.is_gate && view.port == "gRPC" ? reach::How::kGrpc
                                                                 : reach::How::kTcp;
  // The process gives its look three seconds by itself.
  const Context bounded = ctx.WithTimeout(asking.fleet.patience + std::chrono::seconds(3));
  view.seen = co_await AskSight(bounded, viewer.pages, view.address, how);
}

Task<> AskViews(const Context& ctx, Asking& asking, Facts& facts) {
  PlanViews(facts);
  std::map<std::string, Viewer> viewers;
  for (const GateFacts& gate : facts.gates)
    viewers.try_emplace(gate.process.name, gate.process.pages, true);
  for (const TabletFacts& tablet : facts.tablets)
    viewers.try_emplace(tablet.process.name, tablet.process.pages, false);
  // Told so when its turn does not come.
  const Error late(Code::kDeadlineExceeded, "there was no time left to ask");
  runtime::TaskGroup group(ctx);
  const Context& within = group.context();
  for (View& view : facts.views) {
    Viewer& viewer = viewers.at(view.from);
    view.seen = late;
    Task<> asked = WithPermit(within, asking.views, AskView(within, asking, viewer, view));
    group.Start(WithPermit(within, viewer.permits, std::move(asked)));
  }
  const Result<> joined = co_await group.Join();
  static_cast<void>(joined.ok());
}

void NameProcesses(const Fleet& fleet, Facts& facts) {
  for (TabletFacts& tablet : facts.tablets) {
    tablet.process.name = "tablet " + tablet.record.alias.ToString();
    tablet.process.pages = PortOf(tablet.record, "vt");
  }
  for (const runtime::Address& address : fleet.gates) {
    GateFacts& gate = facts.gates.emplace_back();
    gate.process.name = "gate " + address.ToString();
    gate.process.pages = address;
  }
  for (const runtime::Address& address : fleet.vtctlds) {
    PortFacts& port = facts.ports.emplace_back();
    port.name = "vtctld " + address.ToString();
    port.address = address;
  }
}

}  // namespace

Task<Facts> Gather(const Context& ctx, const Fleet& fleet) {
  Facts facts;
  facts.topology = fleet.topology;
  facts.now_unix = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  fleet.on_step("reading the topology");
  co_await ReadTopology(ctx, fleet, facts);
  NameProcesses(fleet, facts);
  fleet.on_step(
      fmt::format("asking {} tablets and {} gates", facts.tablets.size(), facts.gates.size()));
  Asking asking(fleet);
  co_await AskAll(ctx, asking, facts);
  fleet.on_step("having them look at each other");
  co_await AskViews(ctx, asking, facts);
  co_await asking.tablets.Close();
  co_return facts;
}

}  // namespace tessera::doctor
