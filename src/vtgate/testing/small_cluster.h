// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rpc/server.h"
#include "runtime/task_group.h"
#include "topo/memory_conn.h"
#include "vschema/records.h"
#include "vtgate/executor.h"
#include "vtgate/grpc_service.h"

namespace tessera::vtgate::testing {

// The executor that the gate's gRPC service of this thread uses.
inline Executor*& ThreadExecutor() {
  thread_local Executor* executor = nullptr;
  return executor;
}

// A gate of one loop: keyspace "ks", sharded by column id of table t, a primary for each part. A
// part is a query service of this process, or the port of one that is reached over gRPC.
class SmallCluster {
 public:
  struct Part {
    std::string shard;
    queryservice::QueryService* service = nullptr;
    int32_t port = 1;
  };

  explicit SmallCluster(std::vector<Part> parts) : parts_(std::move(parts)) {}

  Task<Result<>> Start(const Context& ctx) {
    topo::ServerOptions options;
    options.implementation = "memory";
    topo::Server::Factories factories;
    factories["memory"] = &memory_;
    CO_TRY(topology_, co_await topo::Server::Open(ctx, options, factories));
    CO_TRY_OK(co_await WriteTopology(ctx));
    serving_ = std::make_unique<discovery::ServingGraph>(ctx, *topology_, "zone1");
    CO_TRY_OK(co_await serving_->Start(ctx));
    discovery::HealthCheckOptions health;
    health.cells = {"zone1"};
    health.dial = [this](const topo::Tablet& tablet) { return Dial(tablet); };
    health_ = std::make_unique<discovery::HealthCheck>(ctx, *topology_, std::move(health));
    health_->Start();
    std::vector<keys::Target> targets;
    for (const Part& part : parts_)
      targets.push_back(keys::Target{"ks", part.shard, keys::TabletType::kPrimary});
    CO_TRY_OK(co_await health_->WaitFor(ctx, targets));
    gateway_ = std::make_unique<discovery::TabletGateway>(*health_);
    executor_ = std::make_unique<Executor>(ExecutorOptions(), *serving_, *gateway_);
    ThreadExecutor() = executor_.get();
    co_return Ok{};
  }

  Task<> Stop() {
    ThreadExecutor() = nullptr;
    if (health_ != nullptr) co_await health_->Stop();
    if (serving_ != nullptr) co_await serving_->Stop();
    if (topology_ != nullptr) co_await topology_->Close();
  }

  Executor& executor() { return *executor_; }

  static void Register(rpc::Server& server) {
    const GrpcServiceOptions options;
    RegisterGateService(
        server, [] { return ThreadExecutor(); }, options);
  }

 private:
  class Connection final : public discovery::TabletConnection {
   public:
    explicit Connection(queryservice::QueryService& service) : service_(service) {}
    queryservice::QueryService& service() override { return service_; }
    Task<> Close() override { co_return; }

   private:
    queryservice::QueryService& service_;
  };

  std::unique_ptr<discovery::TabletConnection> Dial(const topo::Tablet& tablet) {
    const Part& part = parts_[tablet.alias.uid - 1];
    if (part.service == nullptr) return discovery::DialTablet(tablet);
    return std::make_unique<Connection>(*part.service);
  }

  static std::string VSchema() {
    vschema::KeyspaceRecord record;
    record.sharded = true;
    record.vindexes["by_hash"].type = "xxhash";
    vschema::ColumnVindexRecord vindex;
    vindex.column = "id";
    vindex.name = "by_hash";
    record.tables["t"].column_vindexes.push_back(vindex);
    vschema::ColumnRecord id;
    id.name = "id";
    id.type = sqltypes::Type::kInt64;
    record.tables["t"].columns.push_back(id);
    return vschema::EncodeKeyspace(record);
  }

  Task<Result<>> WriteTopology(const Context& ctx) {
    topo::CellInfo cell;
    cell.root = "/zone1";
    CO_TRY_OK(co_await topology_->CreateCell(ctx, "zone1", cell));
    const std::vector<std::string> all;
    for (size_t i = 0; i < parts_.size(); ++i) {
      CO_TRY_OK(co_await topology_->EnsureShard(ctx, "ks", parts_[i].shard));
      topo::Tablet tablet;
      tablet.alias = keys::TabletAlias{"zone1", static_cast<uint32_t>(i + 1)};
      tablet.hostname = "127.0.0.1";
      tablet.port_map["grpc"] = parts_[i].port;
      tablet.keyspace = "ks";
      tablet.shard = parts_[i].shard;
      tablet.type = keys::TabletType::kPrimary;
      CO_TRY_OK(co_await topology_->PublishTablet(ctx, tablet));
    }
    const std::string vschema = VSchema();
    CO_TRY_OK(co_await topology_->SaveVSchema(ctx, "ks", vschema, std::nullopt));
    CO_TRY_OK(co_await topology_->RebuildSrvVSchema(ctx, all));
    co_return co_await topology_->RebuildKeyspace(ctx, "ks", all);
  }

  std::vector<Part> parts_;
  topo::MemoryTopo memory_;
  std::unique_ptr<topo::Server> topology_;
  std::unique_ptr<discovery::ServingGraph> serving_;
  std::unique_ptr<discovery::HealthCheck> health_;
  std::unique_ptr<discovery::TabletGateway> gateway_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace tessera::vtgate::testing
