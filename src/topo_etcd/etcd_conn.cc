// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "base/waiter.h"
#include "runtime/task_group.h"
#include "topo/errors.h"
#include "topo/paths.h"
#include "topo_etcd/etcd_topo.h"
#include "topo_etcd/internal/etcd_client.h"

namespace tessera::topo_etcd {
namespace {

using topo::DirEntry;
using topo::KeyedNode;
using topo::LockHandle;
using topo::Node;
using topo::Version;
using topo::Watcher;

// What connection, watches and locks share. Outlives them all: each holds it.
struct Shared {
  Shared(std::vector<runtime::Address> endpoints, EtcdOptions settings)
      : options(settings),
        client(std::move(endpoints), settings.request_timeout),
        life(Context::Background().WithCancel()),
        background(life) {}

  EtcdOptions options;
  EtcdClient client;
  Context life;
  runtime::TaskGroup background;  // keeps leases alive
};

// Follows one key from a revision on. A stream that breaks is opened again where the last one
// ended.
class KeyFollower {
 public:
  KeyFollower(std::shared_ptr<Shared> shared, std::string key, int64_t revision)
      : shared_(std::move(shared)),
        life_(shared_->life.WithCancel()),
        key_(std::move(key)),
        next_revision_(revision) {}
  ~KeyFollower() {
    stream_.reset();
    life_.Cancel();
  }

  // The next change of the key. kOutOfRange when etcd has forgotten the revision we are at.
  Task<Result<WatchAnswer::Event>> Next(const Context& ctx) {
    int reopened = 0;
    for (;;) {
      if (!pending_.empty()) {
        WatchAnswer::Event event = std::move(pending_.front());
        pending_.erase(pending_.begin());
        co_return event;
      }
      CO_TRY_OK(ctx.Check());
      const Result<> more = co_await Fill(ctx);
      if (more.ok()) continue;
      CO_TRY_OK(ctx.Check());
      if (more.error().code() == Code::kOutOfRange || ++reopened > kMostReopened)
        co_return more.error();
    }
  }

  void SkipTo(int64_t revision) {
    stream_.reset();
    next_revision_ = revision;
  }

 private:
  static constexpr int kMostReopened = 2;

  // Reads one answer of the stream into pending_.
  Task<Result<>> Fill(const Context& ctx) {
    if (!stream_) {
      CO_TRY(stream_, co_await shared_->client.Watch(life_, key_, next_revision_));
    }
    Result<std::optional<std::string>> bytes = co_await stream_->Next(ctx);
    const bool waiting = !bytes.ok() && ctx.cancelled();
    if (waiting) co_return std::move(bytes).error();
    if (!bytes.ok() || !*bytes) {
      stream_.reset();
      if (bytes.ok()) co_return Error(Code::kUnavailable, "etcd ended a watch");
      co_return std::move(bytes).error();
    }
    CO_TRY(WatchAnswer answer, DecodeWatch(**bytes));
    if (answer.canceled) {
      stream_.reset();
      if (answer.compact_revision > 0)
        co_return Error(Code::kOutOfRange, "etcd has compacted the watched revision");
      co_return Errorf(Code::kUnavailable, "etcd cancelled a watch: {}", answer.cancel_reason);
    }
    for (WatchAnswer::Event& event : answer.events) {
      next_revision_ = std::max(next_revision_, event.entry.mod_revision + 1);
      pending_.push_back(std::move(event));
    }
    co_return Ok{};
  }

  std::shared_ptr<Shared> shared_;
  Context life_;
  std::string key_;
  int64_t next_revision_;
  std::unique_ptr<rpc::ClientStream> stream_;
  std::vector<WatchAnswer::Event> pending_;
};

class EtcdWatcher final : public Watcher {
 public:
  EtcdWatcher(std::shared_ptr<Shared> shared, std::string key, std::string path, Node first,
              int64_t revision)
      : Watcher(first),
        shared_(shared),
        follower_(std::move(shared), key, revision + 1),
        key_(std::move(key)),
        path_(std::move(path)),
        seen_(first.version) {}

  Task<Result<Node>> Next(const Context& ctx) override {
    for (;;) {
      Result<WatchAnswer::Event> event = co_await follower_.Next(ctx);
      if (event.ok() && event->deleted) co_return topo::NoNode(path_);
      if (event.ok()) {
        seen_ = event->entry.mod_revision;
        co_return Node{std::move(event->entry.value), seen_};
      }
      if (event.error().code() != Code::kOutOfRange) co_return std::move(event).error();
      // History is gone: what matters is how the record stands now.
      CO_TRY(RangeAnswer now, co_await shared_->client.Range(ctx, Exactly(key_)));
      if (now.entries.empty()) co_return topo::NoNode(path_);
      follower_.SkipTo(now.revision + 1);
      if (now.entries[0].mod_revision != seen_) {
        seen_ = now.entries[0].mod_revision;
        co_return Node{std::move(now.entries[0].value), seen_};
      }
    }
  }

 private:
  static RangeQuery Exactly(const std::string& key) {
    RangeQuery query;
    query.key = key;
    return query;
  }

  std::shared_ptr<Shared> shared_;
  KeyFollower follower_;
  std::string key_;
  std::string path_;
  Version seen_;
};

// Keeps a lease until `life` ends. What is wrong with the lease shows in Check of its lock.
Task<> KeepAlive(Context life, std::shared_ptr<Shared> shared, int64_t lease) {
  const Duration pause = shared->options.lease_ttl / 3;
  for (;;) {
    const Result<> slept = co_await Sleep(life, pause);
    if (!slept.ok()) co_return;
    const Result<> kept = co_await shared->client.KeepLeaseAlive(life, lease);
    if (!kept.ok() && kept.error().code() == Code::kNotFound) co_return;
  }
}

class EtcdLock final : public LockHandle {
 public:
  EtcdLock(std::shared_ptr<Shared> shared, int64_t lease)
      : shared_(std::move(shared)), life_(shared_->life.WithCancel()), lease_(lease) {
    shared_->background.Start(KeepAlive(life_, shared_, lease_));
  }
  ~EtcdLock() override { life_.Cancel(); }

  Task<Result<>> Check(const Context& ctx) override {
    const Result<> kept = co_await shared_->client.KeepLeaseAlive(ctx, lease_);
    if (!kept.ok()) co_return Error(kept.error()).Wrap("the lock is lost");
    co_return Ok{};
  }

  Task<Result<>> Unlock(const Context& ctx) override {
    life_.Cancel();
    co_return co_await shared_->client.RevokeLease(ctx, lease_);
  }

 private:
  std::shared_ptr<Shared> shared_;
  Context life_;
  int64_t lease_;
};

class EtcdConn final : public topo::Conn {
 public:
  EtcdConn(std::shared_ptr<Shared> shared, std::string root)
      : shared_(std::move(shared)), root_(std::move(root)) {}

  Task<Result<Node>> Get(const Context& ctx, std::string_view path) override {
    CO_TRY(RangeAnswer answer, co_await GetKey(ctx, path));
    co_return Node{std::move(answer.entries[0].value), answer.entries[0].mod_revision};
  }

  Task<Result<std::vector<DirEntry>>> ListDir(const Context& ctx, std::string_view path) override {
    RangeQuery query;
    CO_TRY(query.key, Key(path));
    query.key += "/";
    query.prefix = true;
    query.keys_only = true;
    const size_t skip = query.key.size();
    CO_TRY(const RangeAnswer answer, co_await shared_->client.Range(ctx, std::move(query)));
    std::vector<DirEntry> entries;
    for (const KeyValue& entry : answer.entries) {
      const std::string_view rest =
          std::string_view(entry.key).substr(std::min(skip, entry.key.size()));
      const size_t slash = rest.find('/');
      DirEntry child;
      child.name = rest.substr(0, slash);
      child.is_directory = slash != std::string_view::npos;
      child.is_ephemeral = entry.lease != 0;
      entries.push_back(std::move(child));
    }
    if (entries.empty()) co_return topo::NoNode(path);
    // Keys sort by byte, so that "a-b/x" comes between "a" and "a/x": sort by name before dropping
    // doubles.
    std::sort(entries.begin(), entries.end(),
              [](const DirEntry& a, const DirEntry& b) { return a.name < b.name; });
    const auto end =
        std::unique(entries.begin(), entries.end(),
                    [](const DirEntry& a, const DirEntry& b) { return a.name == b.name; });
    entries.erase(end, entries.end());
    co_return entries;
  }

  Task<Result<std::vector<KeyedNode>>> List(const Context& ctx,
                                            std::string_view path_prefix) override {
    CO_TRY_OK(topo::CheckPrefix(path_prefix));
    RangeQuery query;
    query.key = root_ + "/" + std::string(path_prefix);
    query.prefix = true;
    CO_TRY(RangeAnswer answer, co_await shared_->client.Range(ctx, std::move(query)));
    if (answer.entries.empty()) co_return topo::NoNode(path_prefix);
    std::vector<KeyedNode> nodes;
    for (KeyValue& entry : answer.entries) {
      nodes.push_back(
          {entry.key.substr(root_.size() + 1), std::move(entry.value), entry.mod_revision});
    }
    co_return nodes;
  }

  Task<Result<Version>> Create(const Context& ctx, std::string_view path,
                               std::string_view contents) override {
    GuardedWrite write;
    CO_TRY(write.key, Key(path));
    write.value = contents;
    CO_TRY(const GuardedAnswer answer, co_await shared_->client.Write(ctx, std::move(write)));
    if (!answer.succeeded) co_return topo::NodeExists(path);
    co_return answer.revision;
  }

  Task<Result<Version>> Update(const Context& ctx, std::string_view path, std::string_view contents,
                               std::optional<Version> version) override {
    GuardedWrite write;
    CO_TRY(write.key, Key(path));
    if (!version) {
      co_return co_await shared_->client.Put(ctx, write.key, contents);
    }
    write.value = contents;
    write.expected_revision = *version;
    CO_TRY(const GuardedAnswer answer, co_await shared_->client.Write(ctx, std::move(write)));
    if (answer.succeeded) co_return answer.revision;
    if (answer.exists) co_return topo::BadVersion(path);
    co_return topo::NoNode(path);
  }

  Task<Result<>> Delete(const Context& ctx, std::string_view path,
                        std::optional<Version> version) override {
    GuardedWrite write;
    CO_TRY(write.key, Key(path));
    if (!version) {
      CO_TRY(const int64_t deleted, co_await shared_->client.Delete(ctx, write.key));
      if (deleted == 0) co_return topo::NoNode(path);
      co_return Ok{};
    }
    write.remove = true;
    write.expected_revision = *version;
    CO_TRY(const GuardedAnswer answer, co_await shared_->client.Write(ctx, std::move(write)));
    if (answer.succeeded) co_return Ok{};
    if (answer.exists) co_return topo::BadVersion(path);
    co_return topo::NoNode(path);
  }

  Task<Result<std::unique_ptr<LockHandle>>> Lock(const Context& ctx, std::string_view dir,
                                                 std::string_view contents) override {
    co_return co_await TakeLock(ctx, dir, contents, true);
  }

  Task<Result<std::unique_ptr<LockHandle>>> TryLock(const Context& ctx, std::string_view dir,
                                                    std::string_view contents) override {
    co_return co_await TakeLock(ctx, dir, contents, false);
  }

  Task<Result<std::unique_ptr<Watcher>>> Watch(const Context& ctx, std::string_view path) override {
    CO_TRY(RangeAnswer answer, co_await GetKey(ctx, path));
    KeyValue& entry = answer.entries[0];
    Node first{std::move(entry.value), entry.mod_revision};
    co_return std::unique_ptr<Watcher>(std::make_unique<EtcdWatcher>(
        shared_, std::move(entry.key), std::string(path), std::move(first), answer.revision));
  }

  Task<> Close() override {
    shared_->life.Cancel();
    const Result<> ended = co_await shared_->background.CancelAndJoin();
    (void)ended;  // keep-alives report nothing
    co_await shared_->client.Close();
  }

 private:
  Result<std::string> Key(std::string_view path) const {
    TRY_OK(topo::SplitPath(path));
    return topo::JoinPath(root_, path);
  }

  Task<Result<RangeAnswer>> GetKey(const Context& ctx, std::string_view path) {
    RangeQuery query;
    CO_TRY(query.key, Key(path));
    CO_TRY(RangeAnswer answer, co_await shared_->client.Range(ctx, std::move(query)));
    if (answer.entries.empty()) co_return topo::NoNode(path);
    co_return answer;
  }

  // Queues behind the locks there are: whoever has the smallest revision under dir/locks/ holds the
  // lock.
  Task<Result<std::unique_ptr<LockHandle>>> TakeLock(const Context& ctx, std::string_view dir,
                                                     std::string_view contents, bool wait) {
    CO_TRY(const std::string key, Key(dir));
    RangeQuery any;
    any.key = key + "/";
    any.prefix = true;
    any.keys_only = true;
    any.limit = 1;
    CO_TRY(const RangeAnswer children, co_await shared_->client.Range(ctx, std::move(any)));
    if (children.entries.empty()) co_return topo::NoNode(dir);

    CO_TRY(const int64_t lease,
           co_await shared_->client.GrantLease(ctx, shared_->options.lease_ttl.count()));
    auto lock = std::make_unique<EtcdLock>(shared_, lease);
    const Result<> taken = co_await Queue(ctx, key + "/locks/", lease, contents, wait);
    if (taken.ok()) co_return std::unique_ptr<LockHandle>(std::move(lock));
    // ctx may be what ended the wait, and our place in the queue must not outlive it.
    const Context parting = shared_->life.WithTimeout(shared_->options.request_timeout);
    const Result<> left = co_await lock->Unlock(parting);
    (void)left;  // else the lease runs out by itself
    if (taken.error().code() == Code::kAlreadyExists)
      co_return topo::NodeExists(topo::JoinPath(dir, "locks"));
    if (taken.error().code() == Code::kDeadlineExceeded) {
      co_return topo::Timeout("lock of " + std::string(dir)).WithHint("somebody else holds it");
    }
    co_return taken.error();
  }

  Task<Result<>> Queue(const Context& ctx, std::string locks, int64_t lease,
                       std::string_view contents, bool wait) {
    GuardedWrite place;
    place.key = locks + std::to_string(lease);
    place.value = contents;
    place.lease = lease;
    CO_TRY(const GuardedAnswer placed, co_await shared_->client.Write(ctx, std::move(place)));
    if (!placed.succeeded) co_return Error(Code::kInternal, "etcd gave the same lease twice");
    for (;;) {
      RangeQuery before;
      before.key = locks;
      before.prefix = true;
      before.keys_only = true;
      before.limit = 1;
      before.max_mod_revision = placed.revision - 1;
      before.newest_first = true;
      CO_TRY(const RangeAnswer ahead, co_await shared_->client.Range(ctx, std::move(before)));
      if (ahead.entries.empty()) co_return Ok{};
      if (!wait) co_return Error(Code::kAlreadyExists, "the lock is held");
      CO_TRY_OK(co_await WaitUntilDeleted(ctx, ahead.entries[0].key, ahead.revision + 1));
    }
  }

  Task<Result<>> WaitUntilDeleted(const Context& ctx, std::string key, int64_t revision) {
    KeyFollower follower(shared_, std::move(key), revision);
    for (;;) {
      const Result<WatchAnswer::Event> event = co_await follower.Next(ctx);
      // With history gone the caller looks again at who is ahead.
      if (!event.ok() && event.error().code() == Code::kOutOfRange) co_return Ok{};
      if (!event.ok()) co_return event.error();
      if (event->deleted) co_return Ok{};
    }
  }

  std::shared_ptr<Shared> shared_;
  std::string root_;
};

Result<std::vector<runtime::Address>> ParseEndpoints(std::string_view text) {
  std::vector<runtime::Address> endpoints;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (item.starts_with("https://")) {
      return Errorf(Code::kUnimplemented,
                    "etcd: {} asks for TLS, which this connection does not speak", item)
          .WithHint("use an http:// endpoint on a trusted network");
    }
    if (item.starts_with("http://")) item.remove_prefix(7);
    TRY(runtime::Address address, runtime::Address::Parse(item).Wrap("etcd endpoint"));
    endpoints.push_back(std::move(address));
  }
  if (endpoints.empty()) {
    return Error(Code::kInvalidArgument, "etcd: no server address is given")
        .WithHint(
            "set --topo-global-server-address to host:port of etcd, several separated by commas");
  }
  return endpoints;
}

}  // namespace

Task<Result<std::unique_ptr<topo::Conn>>> EtcdTopo::Connect(const Context&, std::string address,
                                                            std::string root) {
  CO_TRY(std::vector<runtime::Address> endpoints, ParseEndpoints(address));
  while (!root.empty() && root.back() == '/') root.pop_back();
  auto shared = std::make_shared<Shared>(std::move(endpoints), options_);
  co_return std::unique_ptr<topo::Conn>(
      std::make_unique<EtcdConn>(std::move(shared), std::move(root)));
}

}  // namespace tessera::topo_etcd
