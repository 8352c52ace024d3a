// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "srvtopo/serving_watch.h"

#include "base/waiter.h"
#include "runtime/sync.h"
#include "topo/errors.h"
#include "topo/paths.h"

namespace tessera::srvtopo {

// A record under watch. `error` tells why there is no value, or why the value may be old.
struct ServingWatch::Watched {
  std::string path;
  std::string keyspace;  // empty for the VSchema
  bool keep_when_deleted = false;
  std::function<Result<>(std::string_view)> accept;
  bool has_value = false;
  std::optional<Error> error;
  runtime::WaitQueue first;

  void Settle(const Result<>& outcome) {
    if (outcome.ok()) {
      has_value = true;
      error.reset();
    } else {
      error = outcome.error();
    }
    first.WakeAll();
  }
};

ServingWatch::ServingWatch(topo::Server& server, std::string cell, ServingWatchOptions options)
    : server_(server),
      cell_(std::move(cell)),
      options_(options),
      root_(Context::Background().WithCancel()),
      group_(root_) {}

ServingWatch::~ServingWatch() = default;

Task<> ServingWatch::Close() {
  const Result<> ended = co_await group_.CancelAndJoin();
  (void)ended;  // followers end with the cancellation we asked for
}

void ServingWatch::OnSrvVSchema(
    std::function<void(std::shared_ptr<const vschema::SrvVSchemaRecord>)> changed) {
  vschema_changed_ = std::move(changed);
}

void ServingWatch::OnSrvKeyspace(
    std::function<void(const std::string&, std::shared_ptr<const topo::SrvKeyspace>)> changed) {
  keyspace_changed_ = std::move(changed);
}

ServingWatch::Watched& ServingWatch::Start(std::string path, bool keep_when_deleted,
                                           std::function<Result<>(std::string_view)> accept) {
  std::unique_ptr<Watched>& record = records_[path];
  record = std::make_unique<Watched>();
  record->path = std::move(path);
  record->keep_when_deleted = keep_when_deleted;
  record->accept = std::move(accept);
  group_.Start(Follow(group_.context(), record.get()));
  return *record;
}

// Watches until the context ends; a watch that broke is renewed after a pause.
Task<Result<>> ServingWatch::Follow(const Context& ctx, Watched* record) {
  for (;;) {
    const Result<> ended = co_await FollowOnce(ctx, record);
    if (ctx.cancelled()) co_return Ok{};
    if (!ended.ok()) {
      const bool deleted = topo::IsNoNode(ended.error());
      if (deleted && !record->keep_when_deleted) {
        record->has_value = false;
        keyspaces_.erase(record->keyspace);
      }
      record->Settle(ended);
    }
    const Result<> slept = co_await Sleep(ctx, options_.cache_refresh);
    if (!slept.ok()) co_return Ok{};
  }
}

Task<Result<>> ServingWatch::FollowOnce(const Context& ctx, Watched* record) {
  CO_TRY(topo::Conn* const conn, co_await server_.Cell(ctx, cell_));
  CO_TRY(const auto watcher, co_await conn->Watch(ctx, record->path));
  record->Settle(record->accept(watcher->first().contents));
  for (;;) {
    CO_TRY(const topo::Node node, co_await watcher->Next(ctx));
    record->Settle(record->accept(node.contents));
  }
}

Task<Result<>> ServingWatch::WaitFirst(const Context& ctx, Watched* record) {
  if (!record->has_value && !record->error) {
    CO_TRY_OK(co_await record->first.Wait(ctx));
  }
  if (!record->has_value) co_return *record->error;
  co_return Ok{};
}

Error ServingWatch::Explain(Error error, std::string_view keyspace) const {
  return std::move(error)
      .Wrap("keyspace " + std::string(keyspace) + " in cell " + cell_)
      .WithHint("check the keyspace's name; RebuildKeyspaceGraph makes its serving graph");
}

Task<Result<>> ServingWatch::Exists(const Context& ctx, std::string_view keyspace) {
  CO_TRY(topo::Conn* const conn, co_await server_.Cell(ctx, cell_));
  const Result<topo::Node> node = co_await conn->Get(ctx, topo::SrvKeyspacePath(keyspace));
  if (!node.ok()) co_return Explain(node.error(), keyspace);
  co_return Ok{};
}

Task<Result<std::shared_ptr<const topo::SrvKeyspace>>> ServingWatch::GetSrvKeyspace(
    const Context& ctx, std::string_view keyspace) {
  const auto ready = keyspaces_.find(keyspace);
  if (ready != keyspaces_.end()) co_return ready->second;
  std::string path = topo::SrvKeyspacePath(keyspace);
  const auto known = records_.find(path);
  Watched* record = known == records_.end() ? nullptr : known->second.get();
  if (record == nullptr) {
    // Only what exists is watched, so that clients cannot fill us with names they made up.
    CO_TRY_OK(co_await Exists(ctx, keyspace));
    const auto meanwhile = records_.find(path);
    record = meanwhile == records_.end() ? nullptr : meanwhile->second.get();
  }
  if (record == nullptr) {
    const auto accept = [this, name = std::string(keyspace)](std::string_view bytes) -> Result<> {
      TRY(topo::SrvKeyspace graph, topo::DecodeSrvKeyspace(bytes));
      keyspaces_[name] = std::make_shared<const topo::SrvKeyspace>(std::move(graph));
      if (keyspace_changed_) keyspace_changed_(name, keyspaces_[name]);
      return Ok{};
    };
    record = &Start(std::move(path), false, accept);
    record->keyspace = keyspace;
  }
  const Result<> first = co_await WaitFirst(ctx, record);
  if (!first.ok()) co_return Explain(first.error(), keyspace);
  co_return keyspaces_.find(keyspace)->second;
}

Task<Result<std::shared_ptr<const vschema::SrvVSchemaRecord>>> ServingWatch::GetSrvVSchema(
    const Context& ctx) {
  const auto known = records_.find(topo::kSrvVSchemaPath);
  Watched* record = known == records_.end() ? nullptr : known->second.get();
  if (record == nullptr) {
    const auto accept = [this](std::string_view bytes) -> Result<> {
      TRY(vschema::SrvVSchemaRecord decoded, vschema::DecodeSrvVSchema(bytes));
      vschema_ = std::make_shared<const vschema::SrvVSchemaRecord>(std::move(decoded));
      if (vschema_changed_) vschema_changed_(vschema_);
      return Ok{};
    };
    record = &Start(std::string(topo::kSrvVSchemaPath), true, accept);
  }
  CO_TRY_OK(co_await WaitFirst(ctx, record));
  co_return vschema_;
}

Task<Result<std::vector<std::string>>> ServingWatch::GetKeyspaces(const Context& ctx) {
  const Instant now = Executor::Current().Now();
  if (names_known_ && now < names_until_) co_return names_;
  Result<topo::Conn*> conn = co_await server_.Cell(ctx, cell_);
  Result<std::vector<topo::DirEntry>> entries(std::vector<topo::DirEntry>{});
  if (conn.ok()) {
    entries = co_await (*conn)->ListDir(ctx, topo::kKeyspacesDir);
  } else {
    entries = std::move(conn).error();
  }
  if (!entries.ok() && !topo::IsNoNode(entries.error())) {
    if (!names_known_) co_return std::move(entries).error();
    co_return names_;
  }
  names_.clear();
  if (entries.ok()) {
    for (topo::DirEntry& entry : *entries) names_.push_back(std::move(entry.name));
  }
  names_known_ = true;
  names_until_ = now + options_.cache_ttl;
  co_return names_;
}

}  // namespace tessera::srvtopo
