// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/check.h"
#include "base/waiter.h"
#include "rpc/tls_files.h"
#include "runtime/loop.h"
#include "runtime/task_group.h"
#include "topo/errors.h"
#include "topo/paths.h"
#include "topo_etcd/etcd_topo.h"
#include "topo_etcd/internal/etcd_client.h"
#include "topo_etcd/internal/etcd_follow.h"

namespace tessera::topo_etcd {
namespace {

using topo::DirEntry;
using topo::Guard;
using topo::Guards;
using topo::KeyedNode;
using topo::LockHandle;
using topo::Node;
using topo::TreeWatcher;
using topo::Version;
using topo::Watcher;

// Keeps a lease until `life` ends. What is wrong with the lease shows in Check of its lock.
Task<> KeepAlive(Context life, std::shared_ptr<Shared> shared, int64_t lease, Duration pause) {
  for (;;) {
    const Result<> slept = co_await Sleep(life, pause);
    if (!slept.ok()) co_return;
    const Result<> kept = co_await shared->client.KeepLeaseAlive(life, lease);
    if (!kept.ok() && kept.error().code() == Code::kNotFound) co_return;
  }
}

// Our place in the queue of a lock, and where it is.
struct EtcdGuard final : Guard {
  EtcdGuard(KeyAt where, std::set<std::string> of)
      : Guard(where.key), at(std::move(where)), servers(std::move(of)) {}

  KeyAt at;
  std::set<std::string> servers;
};

std::vector<KeyAt> PlacesOf(const Guards& guards) {
  std::vector<KeyAt> places;
  for (const auto& guard : guards) {
    const auto* ours = dynamic_cast<const EtcdGuard*>(guard.get());
    CHECK(ours != nullptr);
    places.push_back(ours->at);
  }
  return places;
}

// A write that did not succeed, as an error about the first lock of it that is lost; else nothing.
Result<> CheckGuards(const std::vector<KeyAt>& guards, const GuardedAnswer& answer) {
  for (size_t i = 0; i < guards.size() && i < answer.guards_at.size(); ++i) {
    if (answer.guards_at[i] != guards[i].mod_revision) return topo::LockLost(guards[i].key);
  }
  return Ok{};
}

class EtcdLock final : public LockHandle {
 public:
  // `key` is our place in the queue.
  EtcdLock(std::shared_ptr<Shared> shared, std::string key, int64_t lease, std::chrono::seconds ttl)
      : shared_(std::move(shared)),
        life_(shared_->life.WithCancel()),
        key_(std::move(key)),
        lease_(lease) {
    shared_->background.Start(KeepAlive(life_, shared_, lease_, ttl / 3));
  }
  ~EtcdLock() override { life_.Cancel(); }

  Task<Result<>> Check(const Context& ctx) override {
    const Result<> kept = co_await shared_->client.KeepLeaseAlive(ctx, lease_);
    if (!kept.ok()) co_return Error(kept.error()).Wrap("the lock is lost");
    // An operator may have deleted the lock of somebody whose lease is well.
    RangeQuery query;
    query.key = key_;
    query.keys_only = true;
    CO_TRY(const RangeAnswer place, co_await shared_->client.Range(ctx, std::move(query)));
    if (place.entries.empty())
      co_return Errorf(Code::kNotFound, "the lock is lost: {} is gone", key_);
    co_return Ok{};
  }

  Task<Result<>> Unlock(const Context& ctx) override {
    life_.Cancel();
    co_return co_await shared_->client.RevokeLease(ctx, lease_);
  }
  std::shared_ptr<const Guard> guard() const override {
    return std::make_shared<EtcdGuard>(KeyAt{key_, revision_}, shared_->servers);
  }

  // The revision at which our place was written.
  void StandsSince(int64_t revision) { revision_ = revision; }

 private:
  std::shared_ptr<Shared> shared_;
  Context life_;
  std::string key_;
  int64_t lease_;
  int64_t revision_ = 0;
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
    CO_TRY(const RangeAnswer answer, co_await shared_->client.RangeAll(ctx, std::move(query)));
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
    CO_TRY(RangeAnswer answer, co_await shared_->client.RangeAll(ctx, std::move(query)));
    std::vector<KeyedNode> nodes = ToNodes(std::move(answer), root_.size() + 1);
    if (nodes.empty()) co_return topo::NoNode(path_prefix);
    co_return nodes;
  }

  Task<Result<Version>> Create(const Context& ctx, std::string_view path, std::string_view contents,
                               const Guards& guards) override {
    GuardedWrite write;
    CO_TRY(write.key, Key(path));
    write.value = contents;
    write.guards = PlacesOf(guards);
    CO_TRY(const GuardedAnswer answer, co_await Write(ctx, std::move(write)));
    if (!answer.succeeded) co_return topo::NodeExists(path);
    co_return answer.revision;
  }

  Task<Result<Version>> Update(const Context& ctx, std::string_view path, std::string_view contents,
                               std::optional<Version> version, const Guards& guards) override {
    GuardedWrite write;
    CO_TRY(write.key, Key(path));
    if (!version && guards.empty()) {
      co_return co_await shared_->client.Put(ctx, write.key, contents);
    }
    write.value = contents;
    write.expected_revision = version;
    write.guards = PlacesOf(guards);
    CO_TRY(const GuardedAnswer answer, co_await Write(ctx, std::move(write)));
    if (answer.succeeded) co_return answer.revision;
    if (answer.exists) co_return topo::BadVersion(path);
    co_return topo::NoNode(path);
  }

  Task<Result<>> Delete(const Context& ctx, std::string_view path, std::optional<Version> version,
                        const Guards& guards) override {
    GuardedWrite write;
    CO_TRY(write.key, Key(path));
    if (!version && guards.empty()) {
      CO_TRY(const int64_t deleted, co_await shared_->client.Delete(ctx, write.key));
      if (deleted == 0) co_return topo::NoNode(path);
      co_return Ok{};
    }
    write.remove = true;
    write.expected_revision = version;
    write.guards = PlacesOf(guards);
    CO_TRY(const GuardedAnswer answer, co_await Write(ctx, std::move(write)));
    if (answer.succeeded && answer.deleted > 0) co_return Ok{};
    if (answer.exists) co_return topo::BadVersion(path);
    co_return topo::NoNode(path);
  }

  bool CanGuard(const Guard& guard) const override {
    const auto* ours = dynamic_cast<const EtcdGuard*>(&guard);
    if (ours == nullptr) return false;
    // Servers of one cluster: addresses may name others of it besides.
    return std::any_of(ours->servers.begin(), ours->servers.end(),
                       [this](const auto& server) { return shared_->servers.contains(server); });
  }

  Task<Result<std::unique_ptr<LockHandle>>> Lock(const Context& ctx, std::string_view dir,
                                                 std::string_view contents) override {
    CO_TRY_OK(co_await NeedsChildren(ctx, dir));
    LockWish wish{std::string(dir), std::string(contents), shared_->options.lease_ttl, true};
    co_return co_await TakeLock(ctx, std::move(wish));
  }

  Task<Result<std::unique_ptr<LockHandle>>> TryLock(const Context& ctx, std::string_view dir,
                                                    std::string_view contents) override {
    CO_TRY_OK(co_await NeedsChildren(ctx, dir));
    LockWish wish{std::string(dir), std::string(contents), shared_->options.lease_ttl, false};
    co_return co_await TakeLock(ctx, std::move(wish));
  }

  Task<Result<std::unique_ptr<LockHandle>>> LockName(const Context& ctx, std::string_view name,
                                                     std::string_view contents) override {
    LockWish wish{topo::NamedLockDir(name), std::string(contents), shared_->options.named_lease_ttl,
                  true};
    co_return co_await TakeLock(ctx, std::move(wish));
  }

  Task<Result<std::unique_ptr<LockHandle>>> Lead(const Context& ctx, std::string_view election,
                                                 std::string_view id) override {
    LockWish wish{topo::ElectionDir(election), std::string(id), shared_->options.lease_ttl, true};
    co_return co_await TakeLock(ctx, std::move(wish));
  }

  Task<Result<std::string>> Leader(const Context& ctx, std::string_view election) override {
    RangeQuery query;
    CO_TRY(query.key, Key(topo::ElectionDir(election)));
    query.key += "/";
    query.prefix = true;
    query.limit = 1;
    query.oldest_first = true;
    CO_TRY(RangeAnswer answer, co_await shared_->client.Range(ctx, std::move(query)));
    if (answer.entries.empty()) co_return std::string();
    co_return std::move(answer.entries[0].value);
  }

  Task<Result<std::unique_ptr<Watcher>>> Watch(const Context& ctx, std::string_view path) override {
    CO_TRY(RangeAnswer answer, co_await GetKey(ctx, path));
    KeyValue& entry = answer.entries[0];
    Node first{std::move(entry.value), entry.mod_revision};
    co_return MakeWatcher(shared_, std::move(entry.key), std::string(path), std::move(first),
                          answer.revision);
  }

  Task<Result<std::unique_ptr<TreeWatcher>>> WatchTree(const Context& ctx,
                                                       std::string_view dir) override {
    RangeQuery query;
    CO_TRY(query.key, Key(dir));
    query.key += "/";
    query.prefix = true;
    const std::string prefix = query.key;
    CO_TRY(RangeAnswer answer, co_await shared_->client.RangeAll(ctx, std::move(query)));
    const int64_t revision = answer.revision;
    const size_t skip = root_.size() + 1;
    co_return MakeTreeWatcher(shared_, prefix, skip, ToNodes(std::move(answer), skip), revision);
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

  // LockLost when a guard is not as it was; what else is wrong is in the answer.
  Task<Result<GuardedAnswer>> Write(const Context& ctx, GuardedWrite write) {
    const std::vector<KeyAt> guards = write.guards;
    CO_TRY(GuardedAnswer answer, co_await shared_->client.Write(ctx, std::move(write)));
    if (!answer.succeeded) {
      CO_TRY_OK(CheckGuards(guards, answer));
    }
    co_return answer;
  }

  Task<Result<RangeAnswer>> GetKey(const Context& ctx, std::string_view path) {
    RangeQuery query;
    CO_TRY(query.key, Key(path));
    CO_TRY(RangeAnswer answer, co_await shared_->client.Range(ctx, std::move(query)));
    if (answer.entries.empty()) co_return topo::NoNode(path);
    co_return answer;
  }

  struct LockWish {
    std::string dir;
    std::string contents;
    std::chrono::seconds ttl;
    bool wait = true;
  };

  Task<Result<>> NeedsChildren(const Context& ctx, std::string_view dir) {
    RangeQuery any;
    CO_TRY(any.key, Key(dir));
    any.key += "/";
    any.prefix = true;
    any.keys_only = true;
    any.limit = 1;
    CO_TRY(const RangeAnswer children, co_await shared_->client.Range(ctx, std::move(any)));
    if (children.entries.empty()) co_return topo::NoNode(dir);
    co_return Ok{};
  }

  // Queues behind the locks there are: whoever has the smallest revision under dir/locks/ holds the
  // lock.
  Task<Result<std::unique_ptr<LockHandle>>> TakeLock(const Context& ctx, LockWish wish) {
    CO_TRY(const std::string key, Key(wish.dir));
    CO_TRY(const int64_t lease, co_await shared_->client.GrantLease(ctx, wish.ttl.count()));
    const std::string place = key + "/locks/" + std::to_string(lease);
    auto lock = std::make_unique<EtcdLock>(shared_, place, lease, wish.ttl);
    const Result<int64_t> taken = co_await Queue(ctx, key + "/locks/", lease, wish);
    if (taken.ok()) {
      lock->StandsSince(*taken);
      co_return std::unique_ptr<LockHandle>(std::move(lock));
    }
    // ctx may be what ended the wait, and our place in the queue must not outlive it.
    const Context parting = shared_->life.WithTimeout(shared_->options.request_timeout);
    const Result<> left = co_await lock->Unlock(parting);
    (void)left;  // else the lease runs out by itself
    if (taken.error().code() == Code::kAlreadyExists)
      co_return topo::NodeExists(topo::JoinPath(wish.dir, "locks"));
    if (taken.error().code() == Code::kDeadlineExceeded)
      co_return topo::Timeout("lock of " + wish.dir).WithHint("somebody else holds it");
    co_return taken.error();
  }

  // Gives the revision of our place once nobody stands before it.
  Task<Result<int64_t>> Queue(const Context& ctx, std::string locks, int64_t lease,
                              const LockWish& wish) {
    GuardedWrite place;
    place.key = locks + std::to_string(lease);
    place.value = wish.contents;
    place.lease = lease;
    const std::string own = place.key;
    CO_TRY(const GuardedAnswer placed, co_await shared_->client.Write(ctx, std::move(place)));
    if (!placed.succeeded) co_return Error(Code::kInternal, "etcd gave the same lease twice");
    Patience patience;
    for (bool waited = false;; waited = true) {
      RangeQuery before;
      before.key = locks;
      before.prefix = true;
      before.keys_only = true;
      before.limit = 1;
      before.max_mod_revision = placed.revision - 1;
      before.newest_first = true;
      CO_TRY(const RangeAnswer ahead,
             co_await shared_->client.RangePatiently(ctx, before, patience));
      if (ahead.entries.empty()) {
        if (waited) {
          CO_TRY_OK(co_await StillQueued(ctx, own, placed.revision, patience));
        }
        co_return placed.revision;
      }
      if (!wish.wait) co_return Error(Code::kAlreadyExists, "the lock is held");
      CO_TRY_OK(co_await WaitUntilDeleted(ctx, ahead.entries[0].key, ahead.revision + 1, patience));
    }
  }

  // Nobody is ahead of us, but while we waited our lease may have run out, or etcd may have come
  // back empty.
  Task<Result<>> StillQueued(const Context& ctx, std::string own, int64_t revision,
                             Patience& patience) {
    RangeQuery query;
    query.key = own;
    query.keys_only = true;
    CO_TRY(const RangeAnswer place, co_await shared_->client.RangePatiently(ctx, query, patience));
    if (!place.entries.empty() && place.entries[0].mod_revision == revision) co_return Ok{};
    co_return Errorf(Code::kAborted, "etcd has lost our place in the queue {}", own)
        .WithHint("try again: etcd was away for longer than --topo-etcd-lease-ttl, or lost data");
  }

  // An error of the watch is none of the caller's: it looks again at who is ahead.
  Task<Result<>> WaitUntilDeleted(const Context& ctx, std::string key, int64_t revision,
                                  Patience& patience) {
    Follower follower(shared_, std::move(key), false, revision);
    for (;;) {
      const Result<WatchAnswer::Event> event = co_await follower.Next(ctx);
      if (event.ok() && event->deleted) co_return Ok{};
      if (event.ok()) continue;
      if (follower.Ended(ctx)) co_return event.error();
      co_return co_await patience.Pause(ctx, event.error());
    }
  }

  std::shared_ptr<Shared> shared_;
  std::string root_;
};

// TLS as the flags ask for it, and as an https:// endpoint does.
struct Tls {
  std::shared_ptr<const runtime::TlsContext> of_flags;
  std::shared_ptr<const runtime::TlsContext> of_https;
};

Result<Tls> LoadTls(const EtcdOptions& options, bool https) {
  Tls tls;
  rpc::ClientTlsFiles files;
  files.certificate = options.tls_cert;
  files.key = options.tls_key;
  files.ca = options.tls_ca;
  TRY(tls.of_flags, rpc::LoadClientTls(files));
  tls.of_https = tls.of_flags;
  if (https && tls.of_https == nullptr) {
    runtime::TlsConfig config;  // trusts the system's authorities
    config.alpn = {"h2"};
    TRY(tls.of_https, runtime::TlsContext::ForClient(std::move(config)));
  }
  return tls;
}

Result<Login> LoadLogin(const std::string& file) {
  Login login;
  if (file.empty()) return login;
  std::ifstream in(file);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  const size_t colon = text.find(':');
  if (!in || colon == std::string::npos || colon == 0) {
    return Errorf(Code::kInvalidArgument, "etcd: {} cannot be read, or does not hold user:password",
                  file)
        .WithHint("correct the file, or --topo-etcd-auth-file");
  }
  login.user = text.substr(0, colon);
  login.password = text.substr(colon + 1);
  return login;
}

Result<std::vector<Endpoint>> ParseEndpoints(std::string_view text, const Tls& tls) {
  std::vector<Endpoint> endpoints;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    Endpoint endpoint;
    endpoint.tls = tls.of_flags;
    if (item.starts_with("https://")) {
      endpoint.tls = tls.of_https;
      item.remove_prefix(8);
    } else if (item.starts_with("http://")) {
      endpoint.tls = nullptr;
      item.remove_prefix(7);
    }
    TRY(endpoint.address, runtime::Address::Parse(item).Wrap("etcd endpoint"));
    endpoints.push_back(std::move(endpoint));
  }
  if (endpoints.empty()) {
    return Error(Code::kInvalidArgument, "etcd: no server address is given")
        .WithHint(
            "set --topo-global-server-address to host:port of etcd, several separated by commas");
  }
  return endpoints;
}

}  // namespace

EtcdOptions EtcdTopo::Options() const {
  if (fixed_) return options_;
  EtcdOptions options;
  options.lease_ttl = std::chrono::seconds(std::max(*flags_.lease_ttl, 1));
  options.tls_cert = *flags_.tls_cert;
  options.tls_key = *flags_.tls_key;
  options.tls_ca = *flags_.tls_ca;
  options.auth_file = *flags_.auth_file;
  return options;
}

Task<Result<std::unique_ptr<topo::Conn>>> EtcdTopo::Connect(const Context&, std::string address,
                                                            std::string root) {
  EtcdOptions options = Options();
  const bool https = address.find("https://") != std::string::npos;
  const auto load_tls = [&options, https] { return LoadTls(options, https); };
  CO_TRY(const Tls tls, co_await runtime::RunBlocking(load_tls));
  const auto load_login = [&options] { return LoadLogin(options.auth_file); };
  CO_TRY(Login login, co_await runtime::RunBlocking(load_login));
  CO_TRY(std::vector<Endpoint> endpoints, ParseEndpoints(address, tls));
  while (!root.empty() && root.back() == '/') root.pop_back();
  auto shared =
      std::make_shared<Shared>(std::move(endpoints), std::move(login), std::move(options));
  co_return std::unique_ptr<topo::Conn>(
      std::make_unique<EtcdConn>(std::move(shared), std::move(root)));
}

}  // namespace tessera::topo_etcd
