// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/tablet_manager.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/waiter.h"
#include "log/log.h"
#include "queryservice/grpc_client.h"
#include "rpc/channel.h"
#include "runtime/loop.h"
#include "topo/errors.h"
#include "topo/paths.h"

namespace tessera::tabletmanager {

namespace {

// Before the record is watched again, and looked at again when it is gone.
constexpr Duration kRecordRetry = std::chrono::seconds(1);

// Takes the first health message and ends the stream.
class FirstHealth final : public queryservice::HealthSink {
 public:
  Task<Result<>> OnHealth(const Context&, const queryservice::Health& health) override {
    alias = health.alias;
    co_return Error(Code::kCancelled, "enough");
  }
  keys::TabletAlias alias;
};

// The alias of the tablet that answers there; empty when nobody does.
Task<keys::TabletAlias> WhoAnswers(const Context& ctx, runtime::Address address) {
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(2));
  rpc::ChannelOptions options;
  options.connect_timeout = std::chrono::seconds(1);
  rpc::Channel channel(std::move(address), options);
  queryservice::GrpcClient client(channel);
  FirstHealth first;
  const Result<> ended = co_await client.StreamHealth(bounded, first);
  static_cast<void>(ended.ok());
  co_await channel.Close();
  co_return std::move(first.alias);
}

}  // namespace

std::string Backquoted(std::string_view name) {
  std::string out = "`";
  for (const char c : name) {
    if (c == '`') out.push_back('`');
    out.push_back(c);
  }
  out.push_back('`');
  return out;
}

TabletManager::TabletManager(topo::Server& topo, TabletOptions options,
                             mysqlconn::ConnectOptions dba, const mysqlctl::Flavor& flavor)
    : topo_(topo), options_(std::move(options)), dba_(std::move(dba)), flavor_(flavor) {
  tablet_.alias = options_.alias;
  tablet_.hostname = options_.hostname;
  tablet_.port_map["grpc"] = options_.grpc_port;
  if (options_.http_port != 0) tablet_.port_map["vt"] = options_.http_port;
  tablet_.keyspace = options_.keyspace;
  tablet_.shard = options_.shard;
  tablet_.type = options_.type;
  tablet_.db_name_override = options_.db_name_override;
  tablet_.tags = options_.tags;
  tablet_.mysql_hostname = options_.mysql_hostname;
  tablet_.mysql_port = options_.mysql_port;
  tablet_.default_conn_collation = dba_.collation;
}

bool TabletManager::Owns(const topo::Tablet& record) const {
  return record.hostname == tablet_.hostname && record.port_map == tablet_.port_map;
}

Task<Result<>> TabletManager::RefuseTwin(const Context& ctx) {
  const Result<topo::Versioned<topo::Tablet>> known = co_await topo_.GetTablet(ctx, options_.alias);
  if (!known.ok()) {
    if (topo::IsNoNode(known.error())) co_return Ok{};
    co_return known.error();
  }
  const topo::Tablet& record = known->record;
  const int32_t port = record.port("grpc");
  if (record.hostname.empty() || port == 0) co_return Ok{};
  runtime::Address address = runtime::Address::Tcp(record.hostname, static_cast<uint16_t>(port));
  const keys::TabletAlias alias = co_await WhoAnswers(ctx, std::move(address));
  if (alias != options_.alias) co_return Ok{};
  co_return Errorf(Code::kAlreadyExists, "tablet {} runs already, at {}:{}",
                   options_.alias.ToString(), record.hostname, port)
      .WithHint("Stop it, or give this one another --tablet-path");
}

Task<Result<>> TabletManager::Join(const Context& ctx) {
  CO_TRY_OK(co_await topo_.EnsureShard(ctx, options_.keyspace, options_.shard));
  CO_TRY(const topo::Versioned<topo::Keyspace> keyspace,
         co_await topo_.GetKeyspace(ctx, options_.keyspace));
  if (!keyspace.record.sidecar_db_name.empty()) sidecar_db_ = keyspace.record.sidecar_db_name;
  const int64_t now = Executor::Current().WallNanos();
  int64_t term = 0;
  const Result<topo::Versioned<topo::Tablet>> known = co_await topo_.GetTablet(ctx, options_.alias);
  if (known.ok()) {
    tablet_.base = known->record.base;
    if (known->record.type == keys::TabletType::kPrimary) term = known->record.primary_term_start;
  } else if (!topo::IsNoNode(known.error())) {
    co_return known.error();
  }
  const bool wanted = options_.type == keys::TabletType::kPrimary;
  const keys::TabletAlias& me = options_.alias;
  const topo::Server::ShardChange take = [&me, wanted, now](topo::Shard& shard) -> Result<bool> {
    if (!wanted || !shard.primary_alias.empty()) return false;
    shard.primary_alias = me;
    shard.primary_term_start = now;
    return true;
  };
  CO_TRY(const topo::Shard shard,
         co_await topo_.UpdateShard(ctx, options_.keyspace, options_.shard, take));
  tablet_.key_range = shard.key_range;
  tablet_.tablet_start_time = now;
  tablet_.tablet_shutdown_time = 0;
  // A promotion that the shard's record does not know yet counts.
  if (shard.primary_alias == me || term > shard.primary_term_start) {
    tablet_.type = keys::TabletType::kPrimary;
    tablet_.primary_term_start = std::max(term, shard.primary_term_start);
    if (tablet_.primary_term_start == 0) tablet_.primary_term_start = now;
    co_return Ok{};
  }
  if (wanted) {
    LOG(kWarn, "tablet {} becomes a replica: the primary of {}/{} is {}", me.ToString(),
        options_.keyspace, options_.shard, shard.primary_alias.ToString());
    tablet_.type = keys::TabletType::kReplica;
  }
  tablet_.primary_term_start = 0;
  co_return Ok{};
}

Task<Result<>> TabletManager::PublishServing(const Context& ctx) {
  const std::vector<std::string> cells = {options_.alias.cell};
  const Result<> rebuilt = co_await topo_.RebuildKeyspace(ctx, options_.keyspace, cells);
  if (!rebuilt.ok()) {
    // Shards come one after the other: who completes the keyspace publishes it.
    if (rebuilt.error().code() != Code::kFailedPrecondition) co_return rebuilt;
    LOG(kInfo, "keyspace {} is not complete yet: {}", options_.keyspace,
        rebuilt.error().ToString());
  }
  co_return co_await topo_.RebuildSrvVSchema(ctx, cells);
}

Task<Result<>> TabletManager::WriteRecord(const Context& ctx, const topo::Tablet& next) {
  // At the start the first Publish writes it.
  if (!published_) co_return Ok{};
  const topo::Server::TabletChange change = [this, &next](topo::Tablet& record) -> Result<bool> {
    if (!Owns(record)) {
      return Errorf(Code::kFailedPrecondition, "the record of tablet {} belongs to {}:{} now",
                    options_.alias.ToString(), record.hostname, record.port("grpc"))
          .WithHint("Stop one of the two tablets of this alias");
    }
    record.type = next.type;
    record.primary_term_start = next.primary_term_start;
    record.tags = next.tags;
    return true;
  };
  CO_TRY_OK(co_await topo_.UpdateTablet(ctx, options_.alias, change));
  co_return Ok{};
}

Task<Result<>> TabletManager::ChangeTags(const Context& ctx,
                                         const std::map<std::string, std::string>& tags,
                                         bool replace) {
  topo::Tablet next = tablet_;
  if (replace) next.tags.clear();
  for (const auto& [key, value] : tags) {
    if (value.empty()) {
      next.tags.erase(key);
    } else {
      next.tags[key] = value;
    }
  }
  CO_TRY_OK(co_await WriteRecord(ctx, next));
  tablet_.tags = std::move(next.tags);
  co_return Ok{};
}

Task<Result<>> TabletManager::Publish(const Context& ctx) {
  CO_TRY_OK(co_await topo_.PublishTablet(ctx, tablet_));
  co_return co_await PublishServing(ctx);
}

Task<bool> TabletManager::WaitUntilDeleted(const Context& ctx) {
  while (!ctx.cancelled()) {
    const Result<> slept = co_await Sleep(ctx, kRecordRetry);
    if (!slept.ok()) break;
    if (!published_) continue;
    const Result<> deleted = co_await WatchRecord(ctx);
    if (deleted.ok()) co_return true;
  }
  co_return false;
}

// Ok when the record was there, and is deleted.
Task<Result<>> TabletManager::WatchRecord(const Context& ctx) {
  CO_TRY(topo::Conn* const cell, co_await topo_.Cell(ctx, options_.alias.cell));
  const std::string path = topo::TabletPath(options_.alias);
  CO_TRY(const std::unique_ptr<topo::Watcher> watcher, co_await cell->Watch(ctx, path));
  while (true) {
    const Result<topo::Node> next = co_await watcher->Next(ctx);
    if (next.ok()) continue;
    if (!topo::IsNoNode(next.error())) co_return next.error();
    co_return co_await CheckDeleted(ctx);
  }
}

// A topology that has lost its data, or is being filled again, lacks more than this record.
Task<Result<>> TabletManager::CheckDeleted(const Context& ctx) {
  for (int look = 0; look < 2; ++look) {
    CO_TRY_OK(co_await topo_.GetShard(ctx, options_.keyspace, options_.shard));
    const auto record = co_await topo_.GetTablet(ctx, options_.alias);
    if (record.ok()) co_return Error(Code::kAlreadyExists, "the record is there again");
    if (!topo::IsNoNode(record.error())) co_return record.error();
    CO_TRY_OK(co_await Sleep(ctx, kRecordRetry));
  }
  co_return Ok{};
}

Task<Result<>> TabletManager::Leave(const Context& ctx) {
  const int64_t now = Executor::Current().WallNanos();
  const topo::Server::TabletChange clear = [this, now](topo::Tablet& record) -> Result<bool> {
    if (!Owns(record)) return false;
    record.hostname.clear();
    record.mysql_hostname.clear();
    record.port_map.clear();
    record.tablet_start_time = 0;
    record.tablet_shutdown_time = now;
    return true;
  };
  const Result<topo::Tablet> left = co_await topo_.UpdateTablet(ctx, options_.alias, clear);
  if (!left.ok() && !topo::IsNoNode(left.error())) co_return left.error();
  co_return Ok{};
}

}  // namespace tessera::tabletmanager
