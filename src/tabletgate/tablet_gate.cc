// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletgate/tablet_gate.h"

#include <chrono>
#include <utility>

#include "discovery/health_check.h"
#include "discovery/serving_graph.h"
#include "discovery/tablet_gateway.h"
#include "keys/tablet_alias.h"
#include "log/log.h"
#include "runtime/task_group.h"
#include "topo/paths.h"
#include "topo/records.h"
#include "vtgate/learn_version.h"
#include "vtgate/mysql_handler.h"

namespace tessera::tabletgate {

using tabletserver::TabletServer;

namespace {

// The tablet server as its gate's connection to it.
class DirectConnection final : public discovery::TabletConnection {
 public:
  explicit DirectConnection(TabletServer& tablet) : tablet_(tablet) {}
  queryservice::QueryService& service() override { return tablet_; }
  Task<> Close() override { co_return; }

 private:
  TabletServer& tablet_;
};

Task<> AcceptOne(const Context& ctx, std::string program, runtime::Listener& listener,
                 const std::vector<mysqlconn::ServerPlace>& places) {
  LOG(kInfo, "{} listens for MySQL clients on {}", program, listener.address().ToString());
  const Result<> ended = co_await mysqlconn::AcceptFor(ctx, listener, places);
  if (!ended.ok() && !ctx.cancelled())
    LOG(kError, "{}: {} accepts no clients any more: {}", program, listener.address().ToString(),
        ended.error().ToString());
}

}  // namespace

TabletGate::TabletGate(TabletServer& tablet, keys::TabletType type, mysqlconn::ServerShared& shared)
    : tablet_(tablet), type_(type), shared_(shared) {}

TabletGate::~TabletGate() = default;

Task<> TabletGate::WaitUntilServing(const Context& ctx) {
  keys::Target target;
  target.keyspace = tablet_.config().keyspace;
  target.shard = tablet_.config().shard;
  target.tablet_type = type_;
  const std::vector<keys::Target> targets(1, target);
  const Result<> serves = co_await health_->WaitFor(ctx, targets);
  // Clients are told why, as long as it does not.
  static_cast<void>(serves.ok());
  co_await vtgate::LearnVersionNow(ctx, *executor_, shared_.version);
}

Task<Result<>> TabletGate::WriteTopology(const Context& ctx) {
  const std::string& keyspace = tablet_.config().keyspace;
  const std::string& shard = tablet_.config().shard;
  const std::string& cell = tablet_.config().alias.cell;
  topo::CellInfo info;
  info.root = "/" + cell;
  CO_TRY_OK(co_await topology_->CreateCell(ctx, cell, info));
  CO_TRY_OK(co_await topology_->EnsureShard(ctx, keyspace, shard));
  topo::Tablet tablet;
  tablet.alias = tablet_.config().alias;
  tablet.hostname = "localhost";
  // Nobody dials it; records without a port are passed over.
  tablet.port_map["grpc"] = 1;
  tablet.keyspace = keyspace;
  tablet.db_name_override = tablet_.config().db_name;
  tablet.shard = shard;
  tablet.type = type_;
  CO_TRY_OK(co_await topology_->PublishTablet(ctx, tablet));
  const std::vector<std::string> cells(1, cell);
  CO_TRY_OK(co_await topology_->RebuildSrvVSchema(ctx, cells));
  co_return co_await WriteGraph(ctx);
}

// One shard is the whole keyspace here, also when its name says that there are others.
Task<Result<>> TabletGate::WriteGraph(const Context& ctx) {
  const std::string& cell = tablet_.config().alias.cell;
  topo::KeyspacePartition partition;
  partition.served_type = type_;
  topo::ShardReference only;
  only.name = tablet_.config().shard;
  partition.shard_references.push_back(only);
  topo::SrvKeyspace graph;
  graph.partitions.push_back(partition);
  CO_TRY(topo::Conn* const conn, co_await topology_->Cell(ctx, cell));
  CO_TRY_OK(co_await conn->Update(ctx, topo::SrvKeyspacePath(tablet_.config().keyspace),
                                  topo::Encode(graph), std::nullopt));
  co_return Ok{};
}

Task<Result<>> TabletGate::Start() {
  const Context& ctx = Context::Background();
  const std::string& cell = tablet_.config().alias.cell;
  topo::ServerOptions options;
  options.implementation = "memory";
  topo::Server::Factories factories;
  factories["memory"] = &records_;
  CO_TRY(topology_, co_await topo::Server::Open(ctx, options, factories));
  CO_TRY_OK(co_await WriteTopology(ctx));
  serving_ = std::make_unique<discovery::ServingGraph>(ctx, *topology_, cell);
  CO_TRY_OK(co_await serving_->Start(ctx));
  discovery::HealthCheckOptions health;
  health.cells = {cell};
  health.dial = [this](const topo::Tablet&) { return std::make_unique<DirectConnection>(tablet_); };
  // Health comes by itself, and a server that has lost MySQL is the only one all the same.
  health.health_timeout = 3 * tablet_.config().health_interval;
  health_ = std::make_unique<discovery::HealthCheck>(ctx, *topology_, std::move(health));
  health_->Start();
  gateway_ = std::make_unique<discovery::TabletGateway>(*health_);
  vtgate::ExecutorOptions executor;
  executor.front = &shared_;
  executor.first_target.tablet_type = type_;
  executor_ = std::make_unique<vtgate::Executor>(std::move(executor), *serving_, *gateway_);
  vtgate::MysqlHandler::SetExecutor(executor_.get());
  mysql_ = std::make_unique<mysqlconn::Server>(ctx, shared_);
  learning_ = std::make_unique<runtime::TaskGroup>(ctx);
  learning_->Start(FollowType(learning_->context()));
  learning_->Start(vtgate::LearnVersion(learning_->context(), *executor_, shared_.version));
  co_return Ok{};
}

// Hears of every change of what the tablet is.
class TabletGate::TypeSink final : public queryservice::HealthSink {
 public:
  explicit TypeSink(TabletGate& gate) : gate_(gate) {}
  Task<Result<>> OnHealth(const Context& ctx, const queryservice::Health& health) override {
    const keys::TabletType type = health.target.tablet_type;
    if (type == gate_.type_ || type == keys::TabletType::kUnknown) co_return Ok{};
    co_return co_await gate_.TakeType(ctx, type);
  }

 private:
  TabletGate& gate_;
};

Task<Result<>> TabletGate::TakeType(const Context& ctx, keys::TabletType type) {
  type_ = type;
  CO_TRY_OK(co_await WriteGraph(ctx));
  executor_->SetFirstType(type);
  co_return Ok{};
}

// The stream ends when the tablet stops, or when it has more to tell than we took.
Task<> TabletGate::FollowType(const Context& ctx) {
  TypeSink sink(*this);
  while (!ctx.cancelled()) {
    const Result<> ended = co_await tablet_.StreamHealth(ctx, sink);
    static_cast<void>(ended.ok());
    const Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(100));
    if (!slept.ok()) co_return;
  }
}

Task<> TabletGate::Drain(const Context& ctx) {
  if (mysql_ == nullptr) co_return;
  mysql_->Drain();
  while (mysql_->connection_count() > 0) {
    const Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(20));
    if (!slept.ok()) co_return;
  }
}

Task<> TabletGate::Stop() {
  if (learning_ != nullptr) {
    const Result<> ended = co_await learning_->CancelAndJoin();
    static_cast<void>(ended.ok());
  }
  if (mysql_ != nullptr) co_await mysql_->Stop();
  vtgate::MysqlHandler::SetExecutor(nullptr);
  if (health_ != nullptr) co_await health_->Stop();
  if (serving_ != nullptr) co_await serving_->Stop();
  if (topology_ != nullptr) co_await topology_->Close();
  mysql_.reset();
  executor_.reset();
  gateway_.reset();
  health_.reset();
  serving_.reset();
  topology_.reset();
}

Task<> AcceptClients(const Context& ctx, std::string program,
                     const std::vector<std::unique_ptr<runtime::Listener>>& listeners,
                     const std::vector<mysqlconn::ServerPlace>& places) {
  runtime::TaskGroup group(ctx);
  for (const std::unique_ptr<runtime::Listener>& listener : listeners)
    group.Start(AcceptOne(group.context(), program, *listener, places));
  const Result<> ended = co_await group.Join();
  static_cast<void>(ended.ok());
}

}  // namespace tessera::tabletgate
