// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo_etcd/internal/etcd_follow.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "topo/errors.h"
#include "topo/tree_diff.h"

namespace tessera::topo_etcd {

using topo::KeyedNode;
using topo::Node;
using topo::TreeChange;
using topo::Version;

Follower::Follower(std::shared_ptr<Shared> shared, std::string key, bool prefix, int64_t revision)
    : shared_(std::move(shared)),
      life_(shared_->life.WithCancel()),
      key_(std::move(key)),
      prefix_(prefix),
      next_revision_(revision) {}

Follower::~Follower() {
  stream_.reset();
  life_.Cancel();
}

Task<Result<WatchAnswer::Event>> Follower::Next(const Context& ctx) {
  while (pending_.empty()) {
    CO_TRY_OK(ctx.Check());
    CO_TRY_OK(shared_->life.Check());
    Result<> more = co_await Fill(ctx);
    if (more.ok()) continue;
    // Who only gave up waiting goes on later with the same stream.
    if (!ctx.cancelled()) stream_.reset();
    co_return std::move(more).error();
  }
  WatchAnswer::Event event = std::move(pending_.front());
  pending_.pop_front();
  co_return event;
}

void Follower::RestartAt(int64_t revision) {
  stream_.reset();
  pending_.clear();
  next_revision_ = revision;
}

Task<Result<>> Follower::Fill(const Context& ctx) {
  if (!stream_) {
    CO_TRY(stream_, co_await shared_->client.Watch(life_, key_, prefix_, next_revision_));
  }
  CO_TRY(const std::optional<std::string> bytes, co_await stream_->Next(ctx));
  if (!bytes) co_return Error(Code::kUnavailable, "etcd ended a watch");
  CO_TRY(WatchAnswer answer, DecodeWatch(*bytes));
  if (answer.canceled) {
    shared_->client.ForgetToken();
    if (answer.compact_revision > 0)
      co_return Error(Code::kUnavailable, "etcd has compacted the watched revision");
    co_return Errorf(Code::kUnavailable, "etcd cancelled a watch: {}", answer.cancel_reason);
  }
  // A store that lost its data counts from one again: our revision would never come.
  if (answer.revision + 1 < next_revision_) {
    co_return Errorf(Code::kUnavailable, "etcd is at revision {}, behind {}: it lost its data",
                     answer.revision, next_revision_ - 1);
  }
  for (WatchAnswer::Event& event : answer.events) {
    next_revision_ = std::max(next_revision_, event.entry.mod_revision + 1);
    pending_.push_back(std::move(event));
  }
  co_return Ok{};
}

namespace {

class EtcdWatcher final : public topo::Watcher {
 public:
  EtcdWatcher(std::shared_ptr<Shared> shared, std::string key, std::string path, Node first,
              int64_t revision)
      : Watcher(first),
        shared_(shared),
        follower_(std::move(shared), key, false, revision + 1),
        key_(std::move(key)),
        path_(std::move(path)),
        seen_(first.version) {}

  Task<Result<Node>> Next(const Context& ctx) override {
    for (;;) {
      Result<WatchAnswer::Event> event = co_await follower_.Next(ctx);
      if (event.ok()) {
        patience_.Reset();
        if (event->deleted) co_return topo::NoNode(path_);
        seen_ = event->entry.mod_revision;
        co_return Node{std::move(event->entry.value), seen_};
      }
      if (follower_.Ended(ctx)) co_return std::move(event).error();
      CO_TRY_OK(co_await patience_.Pause(ctx, event.error()));
      CO_TRY(std::optional<Node> now, co_await ReadAgain(ctx));
      if (now) co_return std::move(*now);
    }
  }

 private:
  // How the record stands, if not as it was last told.
  Task<Result<std::optional<Node>>> ReadAgain(const Context& ctx) {
    RangeQuery query;
    query.key = key_;
    CO_TRY(RangeAnswer now, co_await shared_->client.RangePatiently(ctx, query, patience_));
    if (now.entries.empty()) co_return topo::NoNode(path_);
    follower_.RestartAt(now.revision + 1);
    if (now.entries[0].mod_revision == seen_) co_return std::optional<Node>();
    seen_ = now.entries[0].mod_revision;
    co_return std::optional<Node>(Node{std::move(now.entries[0].value), seen_});
  }

  std::shared_ptr<Shared> shared_;
  Follower follower_;
  std::string key_;
  std::string path_;
  Version seen_;
  Patience patience_;
};

class EtcdTreeWatcher final : public topo::TreeWatcher {
 public:
  EtcdTreeWatcher(std::shared_ptr<Shared> shared, std::string prefix, size_t skip,
                  std::vector<KeyedNode> first, int64_t revision)
      : TreeWatcher(first),
        shared_(shared),
        follower_(std::move(shared), prefix, true, revision + 1),
        prefix_(std::move(prefix)),
        skip_(skip),
        known_(topo::VersionsOf(first)) {}

  Task<Result<TreeChange>> Next(const Context& ctx) override {
    while (pending_.empty()) {
      Result<WatchAnswer::Event> event = co_await follower_.Next(ctx);
      if (event.ok()) {
        patience_.Reset();
        Add(std::move(*event));
        continue;
      }
      if (follower_.Ended(ctx)) co_return std::move(event).error();
      CO_TRY_OK(co_await patience_.Pause(ctx, event.error()));
      CO_TRY_OK(co_await ListAgain(ctx));
    }
    TreeChange change = std::move(pending_.front());
    pending_.pop_front();
    co_return change;
  }

 private:
  void Add(WatchAnswer::Event event) {
    std::string path = event.entry.key.substr(std::min(skip_, event.entry.key.size()));
    if (event.deleted) {
      // Places in lock queues were never told of.
      if (known_.erase(path) > 0) pending_.push_back({std::move(path), std::nullopt});
      return;
    }
    if (event.entry.lease != 0) return;
    known_[path] = event.entry.mod_revision;
    pending_.push_back(
        {std::move(path), Node{std::move(event.entry.value), event.entry.mod_revision}});
  }

  Task<Result<>> ListAgain(const Context& ctx) {
    RangeQuery query;
    query.key = prefix_;
    query.prefix = true;
    CO_TRY(RangeAnswer now, co_await shared_->client.RangePatiently(ctx, query, patience_));
    follower_.RestartAt(now.revision + 1);
    for (TreeChange& change : topo::DiffTree(known_, ToNodes(std::move(now), skip_)))
      pending_.push_back(std::move(change));
    co_return Ok{};
  }

  std::shared_ptr<Shared> shared_;
  Follower follower_;
  std::string prefix_;
  size_t skip_;
  topo::TreeVersions known_;
  std::deque<TreeChange> pending_;
  Patience patience_;
};

}  // namespace

std::unique_ptr<topo::Watcher> MakeWatcher(std::shared_ptr<Shared> shared, std::string key,
                                           std::string path, Node first, int64_t revision) {
  return std::make_unique<EtcdWatcher>(std::move(shared), std::move(key), std::move(path),
                                       std::move(first), revision);
}

std::unique_ptr<topo::TreeWatcher> MakeTreeWatcher(std::shared_ptr<Shared> shared,
                                                   std::string prefix, size_t skip,
                                                   std::vector<KeyedNode> first, int64_t revision) {
  return std::make_unique<EtcdTreeWatcher>(std::move(shared), std::move(prefix), skip,
                                           std::move(first), revision);
}

std::vector<KeyedNode> ToNodes(RangeAnswer answer, size_t skip) {
  std::vector<KeyedNode> nodes;
  nodes.reserve(answer.entries.size());
  for (KeyValue& entry : answer.entries) {
    if (entry.lease != 0) continue;
    nodes.push_back({entry.key.substr(std::min(skip, entry.key.size())), std::move(entry.value),
                     entry.mod_revision});
  }
  return nodes;
}

}  // namespace tessera::topo_etcd
