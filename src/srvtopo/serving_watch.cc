// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "srvtopo/serving_watch.h"

#include <optional>
#include <utility>

#include "base/waiter.h"
#include "log/log.h"
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
  bool in_trouble = false;
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
  if (all_ != nullptr) co_await all_->Stop();
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
      const bool deleted = co_await WasDeleted(ctx, ended.error());
      if (deleted && !record->keep_when_deleted) {
        record->has_value = false;
        if (std::exchange(record->in_trouble, false)) --troubled_;
        Forget(record->keyspace);
      } else {
        NoteTrouble(*record, ended.error());
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
  Take(*record, watcher->first().contents);
  for (;;) {
    CO_TRY(const topo::Node node, co_await watcher->Next(ctx));
    Take(*record, node.contents);
  }
}

void ServingWatch::Take(Watched& record, std::string_view contents) {
  const Result<> accepted = record.accept(contents);
  if (!accepted.ok()) {
    NoteTrouble(record, accepted.error());
  } else if (std::exchange(record.in_trouble, false) && --troubled_ == 0) {
    LOG(kInfo, "the serving graph of cell {} is read again", cell_);
  }
  record.Settle(accepted);
}

// Somebody deleted the record, and the cell has its data otherwise. A topology that came back empty
// has no serving VSchema either, or does not even know the cell.
Task<bool> ServingWatch::WasDeleted(const Context& ctx, const Error& error) {
  if (!topo::IsNoNode(error)) co_return false;
  const Context bounded = ctx.WithTimeout(options_.timeout);
  const Result<topo::Conn*> conn = co_await server_.Cell(bounded, cell_);
  if (!conn.ok()) co_return false;
  const Result<topo::Node> vschema = co_await (*conn)->Get(bounded, topo::kSrvVSchemaPath);
  co_return vschema.ok();
}

// The first record in trouble speaks for all.
void ServingWatch::NoteTrouble(Watched& record, const Error& error) {
  if (!record.has_value || std::exchange(record.in_trouble, true)) return;
  if (troubled_++ > 0) return;
  LOG(kWarn, "the serving graph of cell {} cannot be read, serving goes on with the last: {}: {}",
      cell_, record.path, error.message());
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

Task<Result<topo::Node>> ServingWatch::Read(const Context& ctx, std::string_view keyspace) {
  CO_TRY(topo::Conn* const conn, co_await server_.Cell(ctx, cell_));
  Result<topo::Node> node = co_await conn->Get(ctx, topo::SrvKeyspacePath(keyspace));
  if (!node.ok()) co_return Explain(std::move(node).error(), keyspace);
  co_return node;
}

Result<> ServingWatch::Accept(const std::string& keyspace, std::string_view bytes) {
  TRY(topo::SrvKeyspace graph, topo::DecodeSrvKeyspace(bytes));
  auto& known = keyspaces_[keyspace];
  known = std::make_shared<const topo::SrvKeyspace>(std::move(graph));
  if (keyspace_changed_) keyspace_changed_(keyspace, known);
  return Ok{};
}

void ServingWatch::Forget(const std::string& keyspace) {
  if (keyspaces_.erase(keyspace) > 0 && keyspace_changed_) keyspace_changed_(keyspace, nullptr);
}

ServingWatch::Watched& ServingWatch::StartKeyspace(std::string path, std::string_view keyspace) {
  const auto accept = [this, name = std::string(keyspace)](std::string_view bytes) {
    return Accept(name, bytes);
  };
  Watched& record = Start(std::move(path), false, accept);
  record.keyspace = keyspace;
  return record;
}

Task<Result<std::shared_ptr<const topo::SrvKeyspace>>> ServingWatch::GetSrvKeyspace(
    const Context& ctx, std::string_view keyspace) {
  const auto ready = keyspaces_.find(keyspace);
  if (ready != keyspaces_.end()) co_return ready->second;
  const Context bounded = ctx.WithTimeout(options_.timeout);
  std::string path = topo::SrvKeyspacePath(keyspace);
  const auto known = records_.find(path);
  Watched* record = known == records_.end() ? nullptr : known->second.get();
  if (record == nullptr) {
    // Only what exists is watched, so that clients cannot fill us with names they made up.
    CO_TRY(const topo::Node node, co_await Read(bounded, keyspace));
    const auto meanwhile = records_.find(path);
    record = meanwhile == records_.end() ? nullptr : meanwhile->second.get();
    if (record == nullptr && all_ != nullptr && !all_->unwatchable()) {
      // The watch of all tells soon; who asks now need not wait for it.
      const std::string name(keyspace);
      if (!keyspaces_.contains(name)) {
        CO_TRY_OK(Accept(name, node.contents));
      }
      co_return keyspaces_.find(name)->second;
    }
  }
  if (record == nullptr) record = &StartKeyspace(std::move(path), keyspace);
  const Result<> first = co_await WaitFirst(bounded, record);
  if (!first.ok()) co_return Explain(first.error(), keyspace);
  co_return keyspaces_.find(keyspace)->second;
}

TreeListener ServingWatch::AllListener() {
  TreeListener listener;
  // keyspaces/NAME/SrvKeyspace
  const auto name_of = [](const std::string& path) {
    const size_t start = topo::kKeyspacesDir.size() + 1;
    return path.substr(start, path.rfind('/') - start);
  };
  listener.on_record = [this, name_of](const std::string& path, const std::string& contents) {
    const Result<> accepted = Accept(name_of(path), contents);
    if (!accepted.ok())
      LOG(kWarn, "{} in cell {} cannot be read, the last holds on: {}", path, cell_,
          accepted.error().message());
  };
  listener.on_gone = [this, name_of](const std::string& path, bool lost) {
    if (!lost) Forget(name_of(path));
  };
  listener.on_read = [this] {
    all_read_ = true;
    all_first_.WakeAll();
  };
  return listener;
}

Task<Result<>> ServingWatch::WatchAll(const Context& ctx) {
  if (all_ == nullptr) {
    TreePlace place;
    place.cell = cell_;
    place.dir = topo::kKeyspacesDir;
    place.suffix = "/SrvKeyspace";
    place.what = "serving graphs";
    all_ = std::make_unique<TreeFollow>(group_.context(), server_, std::move(place), AllListener());
    all_->Start();
  }
  const Context bounded = ctx.WithTimeout(options_.timeout);
  if (!all_read_) {
    CO_TRY_OK(co_await all_first_.Wait(bounded));
  }
  if (all_->unwatchable())
    co_return Error(Code::kUnimplemented, "this topology cannot watch trees of records");
  co_return Ok{};
}

Result<> ServingWatch::AcceptVSchema(std::string_view bytes) {
  TRY(vschema::SrvVSchemaRecord decoded, vschema_decoder_.Decode(bytes));
  if (vschema_ != nullptr && decoded.keyspaces.empty() && !vschema_->keyspaces.empty())
    return Errorf(Code::kDataLoss, "the serving VSchema of cell {} names no keyspace any more",
                  cell_);
  vschema_ = std::make_shared<const vschema::SrvVSchemaRecord>(std::move(decoded));
  if (vschema_changed_) vschema_changed_(vschema_);
  return Ok{};
}

Task<Result<std::shared_ptr<const vschema::SrvVSchemaRecord>>> ServingWatch::GetSrvVSchema(
    const Context& ctx) {
  const auto known = records_.find(topo::kSrvVSchemaPath);
  Watched* record = known == records_.end() ? nullptr : known->second.get();
  if (record == nullptr) {
    const auto accept = [this](std::string_view bytes) { return AcceptVSchema(bytes); };
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
