// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "localcluster/supervisor.h"

#include <algorithm>
#include <chrono>

#include <unistd.h>

#include "base/waiter.h"
#include "log/log.h"
#include "mysqlconn/connection.h"
#include "mysqlctl/data_folder.h"
#include "mysqlctl/mysqld.h"
#include "runtime/loop.h"
#include "runtime/task_group.h"
#include "topo/errors.h"
#include "topo/exit_status.h"
#include "vschema/records.h"

namespace tessera::localcluster {

using mysqlconn::Connection;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr milliseconds kLook(200);        // how often a process is looked at
constexpr milliseconds kFirstPause(200);  // before a process is started again
constexpr seconds kLongestPause(5);       // the pause doubles up to this
constexpr seconds kSteady(10);            // after so long a life the pause is the first again

// The last lines of a log, set off from the sentence before them.
std::string Said(const Service& service) {
  const std::string lines = LastLines(service.log_file(), 1200);
  return lines.empty() ? std::string(" and said nothing") : ":\n" + lines;
}

}  // namespace

Supervisor::Supervisor(Layout layout, std::string program_dir, topo::Server::Factories topologies,
                       OnStep on_step)
    : layout_(std::move(layout)),
      program_dir_(std::move(program_dir)),
      topologies_(std::move(topologies)),
      on_step_(std::move(on_step)),
      fleet_(layout_, program_dir_) {
  status_.supervisor = static_cast<int>(getpid());
  status_.mysql_port = layout_.gates.front().mysql_port;
}

Task<> Supervisor::Tell(std::string phase, std::string step, std::string error) {
  status_.phase = std::move(phase);
  status_.step = std::move(step);
  status_.error = std::move(error);
  status_.services = StatusOf(fleet_);
  const std::string text = StatusToJson(status_);
  const auto write = [this, &text] { return mysqlctl::WriteFile(layout_.status_file(), text); };
  const Result<runtime::AsyncMutex::Guard> turn = co_await telling_.Lock(Context::Background());
  static_cast<void>(turn.ok());
  const Result<> written = co_await runtime::RunBlocking(write);
  if (!written.ok()) LOG(kWarn, "others do not see the status: {}", written.error().ToString());
}

Task<> Supervisor::Report(std::string_view step) {
  LOG(kInfo, "{}", step);
  if (on_step_) on_step_(step);
  co_await Tell("starting", std::string(step), "");
}

Task<Result<>> Supervisor::Claim(const Context& ctx) {
  const auto lock = [this]() -> Result<std::unique_ptr<FolderLock>> {
    TRY_OK(MakeFolders(layout_));
    return FolderLock::Take(layout_.lock_file());
  };
  // Not ours while another supervisor runs: nothing of it may be touched, its status least of all.
  CO_TRY(lock_, co_await runtime::RunBlocking(lock));
  CO_TRY_OK(co_await EndFormerLife(ctx));
  const auto write = [this] { return WriteSpec(layout_); };
  co_return co_await runtime::RunBlocking(write);
}

// Processes of another spec have other ports and names: nobody would find them any more.
Task<Result<>> Supervisor::EndFormerLife(const Context& ctx) {
  CO_TRY_OK(ctx.Check());
  const auto read = [this] { return ReadSpec(layout_.dir); };
  CO_TRY(const std::optional<ClusterSpec> former, co_await runtime::RunBlocking(read));
  if (!former || *former == layout_.spec) co_return Ok{};
  Fleet fleet(MakeLayout(layout_.dir, *former), program_dir_);
  for (const Fleet::Kind kind : Fleet::kKinds) co_await fleet.Stop(kind);
  const size_t left = co_await fleet.Look();
  if (left == 0) co_return Ok{};
  co_return Errorf(Code::kFailedPrecondition,
                   "the cluster in {} is to be changed, and {} of its processes do not end",
                   layout_.dir, left)
      .WithHint("tessera status names them");
}

Task<Result<>> Supervisor::Up(const Context& ctx) {
  if (lock_ == nullptr) {
    CO_TRY_OK(co_await Claim(ctx));
  }
  const Result<> raised = co_await RaiseAll(ctx);
  if (raised.ok()) {
    co_await Tell("ready", "serving", "");
    co_return Ok{};
  }
  co_await Tell("stopping", "stopping what was started", "");
  co_await Down();
  co_await Tell("failed", "", raised.error().ToString());
  co_return raised;
}

Task<Result<>> Supervisor::RaiseAll(const Context& ctx) {
  CO_TRY_OK(co_await CheckPorts(ctx));
  if (fleet_.topology() != nullptr) {
    CO_TRY_OK(co_await StartTopology(ctx));
  }
  CO_TRY_OK(co_await PrepareTopology(ctx));
  co_await Report(
      fmt::format("starting {} MariaDB servers and their tablets", fleet_.mysqls().size()));
  CO_TRY_OK(co_await mysqlctl::MakeTemplate(ctx, layout_.template_dir(), ""));
  runtime::TaskGroup group(ctx);
  for (size_t i = 0; i < fleet_.tablets().size(); ++i) group.Start(StartTablet(group.context(), i));
  group.Start(StartGates(group.context()));
  CO_TRY_OK(co_await group.Join());
  co_await Report("waiting until every shard serves");
  co_return co_await WaitUntilServing(ctx);
}

// Every port before anything is started, so that nothing has to be taken back.
Task<Result<>> Supervisor::CheckPorts(const Context& ctx) {
  co_await Report("checking ports");
  CO_TRY_OK(ctx.Check());
  const size_t running = co_await fleet_.Look();
  if (running != 0) LOG(kInfo, "{} processes run already: taken over", running);
  for (const Member* member : fleet_.all()) {
    if (member->pid != 0) continue;
    for (const uint16_t port : member->service->ports()) {
      Result<std::unique_ptr<runtime::Listener>> listener =
          runtime::Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", port));
      if (listener.ok()) continue;
      co_return std::move(listener)
          .error()
          .Wrap(fmt::format("port {}, which {} needs", port, member->service->name()))
          .WithHint(
              "Stop what uses it, or count the cluster's ports from elsewhere with "
              "--base-port");
    }
  }
  co_return Ok{};
}

// A gate that asks for passwords cannot be asked by us whether all serve: it waits for the
// primaries of all keyspaces that it knows, so it must know them when it starts.
Task<Result<>> Supervisor::StartGates(const Context& ctx) {
  if (!layout_.spec.auth_file.empty()) {
    CO_TRY_OK(co_await WaitUntilPublished(ctx));
  }
  for (const std::unique_ptr<Member>& gate : fleet_.gates()) {
    CO_TRY_OK(co_await StartIfDown(ctx, *gate));
  }
  CO_TRY_OK(co_await StartIfDown(ctx, fleet_.vtctld()));
  co_return Ok{};
}

Task<Result<>> Supervisor::WaitUntilPublished(const Context& ctx) {
  CO_TRY(const std::unique_ptr<topo::Server> topo,
         co_await topo::Server::Open(ctx, TopoOptions(), topologies_));
  Result<> done = Ok{};
  for (const KeyspaceSpec& keyspace : layout_.spec.keyspaces) {
    while (done.ok()) {
      const Result<topo::SrvKeyspace> known =
          co_await topo->GetSrvKeyspace(ctx, layout_.spec.cell, keyspace.name);
      if (known.ok()) break;
      Result<> slept = co_await Sleep(ctx, milliseconds(20));
      done = std::move(slept);
    }
  }
  co_await topo->Close();
  co_return done;
}

topo::ServerOptions Supervisor::TopoOptions() const {
  topo::ServerOptions options;
  options.implementation = layout_.topo_implementation();
  options.global_address = layout_.topo_address();
  options.global_root = layout_.global_root();
  return options;
}

Task<Result<>> Supervisor::StartIfDown(const Context& ctx, Member& member) {
  if (member.pid != 0) co_return Ok{};
  CO_TRY_OK(co_await member.service->Start(ctx));
  member.pid = co_await member.service->Pid();
  co_return Ok{};
}

Task<Result<>> Supervisor::StartTopology(const Context& ctx) {
  Member& server = *fleet_.topology();
  co_await Report("starting " + server.service->name());
  const Context bounded = ctx.WithTimeout(seconds(60));
  CO_TRY_OK(co_await StartIfDown(bounded, server));
  const runtime::Address address =
      runtime::Address::Tcp("127.0.0.1", server.service->ports().front());
  while (true) {
    const auto connected = co_await runtime::Loop::Current().Connect(bounded, address);
    if (connected.ok()) co_return Ok{};
    server.pid = co_await server.service->Pid();
    if (server.pid == 0) {
      co_return Errorf(Code::kFailedPrecondition, "{} ended{}", server.service->name(),
                       Said(*server.service));
    }
    CO_TRY_OK(co_await Sleep(bounded, milliseconds(50)));
  }
}

Task<Result<>> Supervisor::PrepareTopology(const Context& ctx) {
  co_await Report(fmt::format("preparing the topology ({})", layout_.spec.topology));
  CO_TRY(const std::unique_ptr<topo::Server> topo,
         co_await topo::Server::Open(ctx, TopoOptions(), topologies_));
  topo::CellInfo cell;
  cell.server_address = layout_.topo_address();
  cell.root = layout_.cell_root();
  const Result<> done = co_await FillTopology(ctx, *topo, std::move(cell));
  co_await topo->Close();
  co_return Result<>(done).Wrap("topology");
}

Task<Result<>> Supervisor::FillTopology(const Context& ctx, topo::Server& topo,
                                        topo::CellInfo cell) {
  const Result<> created = co_await topo.CreateCell(ctx, layout_.spec.cell, std::move(cell));
  if (!created.ok() && !topo::IsNodeExists(created.error())) co_return created;
  for (const KeyspaceSpec& keyspace : layout_.spec.keyspaces) {
    CO_TRY_OK(co_await PrepareKeyspace(ctx, topo, keyspace));
  }
  co_return Ok{};
}

// A keyspace that is there keeps its VSchema: it may have been changed since.
Task<Result<>> Supervisor::PrepareKeyspace(const Context& ctx, topo::Server& topo,
                                           const KeyspaceSpec& keyspace) {
  const Result<topo::Versioned<topo::Keyspace>> known =
      co_await topo.GetKeyspace(ctx, keyspace.name);
  if (known.ok()) co_return Ok{};
  if (!topo::IsNoNode(known.error())) co_return known.error();
  for (const std::string& shard : keyspace.shards) {
    CO_TRY_OK(co_await topo.EnsureShard(ctx, keyspace.name, shard));
  }
  const bool sharded = keyspace.shards.size() > 1;
  vschema::KeyspaceRecord record;
  record.sharded = sharded;
  if (!keyspace.vschema.empty()) {
    CO_TRY(record, vschema::KeyspaceFromJson(keyspace.vschema));
  }
  const std::string encoded = vschema::EncodeKeyspace(record);
  CO_TRY_OK(co_await topo.SaveVSchema(ctx, keyspace.name, encoded, std::nullopt));
  const std::vector<std::string> cells(1, layout_.spec.cell);
  co_return co_await topo.RebuildSrvVSchema(ctx, cells);
}

Task<Result<>> Supervisor::StartTablet(const Context& ctx, size_t index) {
  Member& mysql = *fleet_.mysqls()[index];
  const Result<> started = co_await StartIfDown(ctx, mysql);
  if (!started.ok()) co_return Result<>(started).Wrap(mysql.service->name());
  co_return co_await StartIfDown(ctx, *fleet_.tablets()[index]);
}

// An error when a process that should run has ended.
Task<Result<>> Supervisor::RefuseDead() {
  co_await fleet_.Look();
  for (const Member* member : fleet_.all()) {
    if (member->pid == 0)
      co_return Errorf(Code::kFailedPrecondition, "{} ended at once{}", member->service->name(),
                       Said(*member->service));
  }
  co_return Ok{};
}

// As the gate tells it that knows of the fewest.
Task<Result<size_t>> Supervisor::CountServingPrimaries(const Context& ctx) {
  size_t fewest = SIZE_MAX;
  for (const GatePlace& gate : layout_.gates) {
    CO_TRY(const size_t serving, co_await CountServingPrimaries(ctx, gate));
    fewest = std::min(fewest, serving);
  }
  co_return fewest;
}

Task<Result<size_t>> Supervisor::CountServingPrimaries(const Context& ctx, const GatePlace& gate) {
  mysqlconn::ConnectOptions options;
  options.address = runtime::Address::Tcp("127.0.0.1", gate.mysql_port);
  options.user = "tessera";
  options.connect_timeout = seconds(1);
  CO_TRY(const std::unique_ptr<Connection> connection, co_await Connection::Connect(ctx, options));
  CO_TRY(sqltypes::ResultSet rows, co_await connection->Query(ctx, "show vitess_tablets"));
  CO_TRY_OK(rows.Decode());
  const sqltypes::ResultSet& table = rows;
  size_t serving = 0;
  for (size_t i = 0; i < table.row_count(); ++i)
    serving += table.row(i)[3].raw() == "PRIMARY" && table.row(i)[4].raw() == "SERVING";
  co_return serving;
}

Task<Result<>> Supervisor::WaitUntilServing(const Context& ctx) {
  size_t shards = 0;
  for (const KeyspaceSpec& keyspace : layout_.spec.keyspaces) shards += keyspace.shards.size();
  const bool guarded = !layout_.spec.auth_file.empty();
  while (true) {
    const Result<size_t> serving = co_await CountServingPrimaries(ctx);
    if (serving.ok() && *serving >= shards) co_return Ok{};
    // We have no user at a gate that asks for one: that it asks must do.
    if (guarded && !serving.ok() && serving.error().mysql_errno() == 1045) co_return Ok{};
    CO_TRY_OK(co_await RefuseDead());
    const Result<> slept = co_await Sleep(ctx, milliseconds(50));
    if (slept.ok()) continue;
    const std::string seen = serving.ok() ? fmt::format("{} of {} shards serve", *serving, shards)
                                          : serving.error().message();
    co_return Errorf(Code::kDeadlineExceeded, "the cluster does not serve yet: {}", seen)
        .WithHint("The logs are in " + layout_.dir + "/log; a longer --wait may do");
  }
}

Task<> Supervisor::Watch(const Context& ctx) {
  runtime::TaskGroup group(ctx);
  for (Member* member : fleet_.all()) group.Start(Keep(group.context(), *member));
  const Result<> ended = co_await group.Join();
  static_cast<void>(ended.ok());
}

Task<> Supervisor::Keep(const Context& ctx, Member& member) {
  Duration pause = kFirstPause;
  Instant since = Executor::Current().Now();
  while (true) {
    const Result<> slept = co_await Sleep(ctx, kLook);
    if (!slept.ok()) co_return;
    const int now = co_await member.service->Pid();
    if (now != 0) {
      member.pid = now;
      continue;
    }
    if (member.service->exit_status() == topo::kRecordDeletedStatus) {
      LOG(kWarn, "{} (pid {}) ended for good: its record was deleted", member.service->name(),
          member.pid);
      member.pid = 0;
      member.trouble = "its record was deleted; tessera down and up make it anew";
      co_await Tell("ready", "serving", "");
      co_return;
    }
    LOG(kWarn, "{} (pid {}) ended; it is started again", member.service->name(), member.pid);
    member.pid = 0;
    member.trouble = "it ended";
    co_await Tell("ready", "serving", "");
    if (Executor::Current().Now() - since > kSteady) pause = kFirstPause;
    const Result<> paused = co_await Sleep(ctx, pause);
    if (!paused.ok()) co_return;
    pause = std::min<Duration>(pause * 2, kLongestPause);
    ++member.restarts;
    since = Executor::Current().Now();
    const Result<> started = co_await member.service->Start(ctx);
    if (!started.ok()) {
      member.trouble = started.error().ToString();
      LOG(kError, "{} cannot be started: {}", member.service->name(), member.trouble);
    } else {
      member.trouble.clear();
    }
    member.pid = co_await member.service->Pid();
    co_await Tell("ready", "serving", "");
  }
}

Task<> Supervisor::Down() {
  co_await Tell("stopping", "stopping gates", "");
  co_await fleet_.Stop(Fleet::Kind::kGates);
  co_await Tell("stopping", "stopping tablets", "");
  co_await fleet_.Stop(Fleet::Kind::kTablets);
  co_await Tell("stopping", "stopping MariaDB", "");
  co_await fleet_.Stop(Fleet::Kind::kMysqls);
  co_await fleet_.Stop(Fleet::Kind::kTopology);
  co_await Tell("stopped", "", "");
}

}  // namespace tessera::localcluster
