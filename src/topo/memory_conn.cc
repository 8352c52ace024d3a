// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/memory_conn.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "topo/errors.h"
#include "topo/paths.h"

namespace tessera::topo {

MemoryTopo::MemoryTopo() = default;
MemoryTopo::~MemoryTopo() = default;

void MemoryTopo::SetDown(std::optional<Error> error) {
  down_ = std::move(error);
  Changed();
}

void MemoryTopo::LoseLocks() {
  locks_.clear();
  Changed();
}

Result<> MemoryTopo::Check() const {
  if (down_) return *down_;
  return Ok{};
}

bool MemoryTopo::HasChildren(const std::string& dir) const {
  const std::string prefix = dir + "/";
  const auto first = records_.lower_bound(prefix);
  return first != records_.end() && first->first.starts_with(prefix);
}

bool MemoryTopo::Holds(const std::string& dir, uint64_t number) const {
  const auto held = locks_.find(dir);
  return held != locks_.end() && held->second.number == number;
}

struct MemoryGuard final : Guard {
  MemoryGuard(const MemoryTopo* where, std::string dir, uint64_t holding)
      : Guard(std::move(dir)), topo(where), number(holding) {}

  const MemoryTopo* topo;
  uint64_t number;
};

class MemoryLock final : public LockHandle {
 public:
  MemoryLock(MemoryTopo& topo, std::string dir, uint64_t number)
      : topo_(topo), dir_(std::move(dir)), number_(number) {}
  ~MemoryLock() override { Free(); }

  Task<Result<>> Check(const Context&) override {
    if (!held_) co_return Error(Code::kFailedPrecondition, "the lock was given back already");
    if (Lost()) co_return Errorf(Code::kNotFound, "the lock of {} has run out", dir_);
    co_return topo_.Check();
  }
  Task<Result<>> Unlock(const Context&) override {
    const bool lost = held_ && Lost();
    Free();
    if (lost) co_return Errorf(Code::kNotFound, "the lock of {} had run out", dir_);
    co_return Ok{};
  }
  std::shared_ptr<const Guard> guard() const override {
    return std::make_shared<MemoryGuard>(&topo_, dir_, number_);
  }

 private:
  void Free() {
    if (!held_) return;
    held_ = false;
    // Lost, it may be somebody else's by now.
    if (Lost()) return;
    topo_.locks_.erase(dir_);
    topo_.Changed();
  }
  bool Lost() const { return !topo_.Holds(dir_, number_); }

  MemoryTopo& topo_;
  std::string dir_;
  uint64_t number_;
  bool held_ = true;
};

// Set when the connection is closed; its watches share it.
using Closed = std::shared_ptr<bool>;

class MemoryWatcher final : public Watcher {
 public:
  MemoryWatcher(MemoryTopo& topo, Closed closed, std::string path, Node first)
      : Watcher(first),
        topo_(topo),
        closed_(std::move(closed)),
        path_(std::move(path)),
        seen_(first.version) {}

  Task<Result<Node>> Next(const Context& ctx) override {
    for (;;) {
      CO_TRY_OK(ctx.Check());
      CO_TRY_OK(topo_.Check());
      if (*closed_) co_return ConnectionClosed();
      const auto found = topo_.records_.find(path_);
      if (found == topo_.records_.end()) co_return NoNode(path_);
      if (found->second.version != seen_) {
        seen_ = found->second.version;
        co_return found->second;
      }
      CO_TRY_OK(co_await topo_.changed_.Wait(ctx));
    }
  }

 private:
  MemoryTopo& topo_;
  Closed closed_;
  std::string path_;
  Version seen_;
};

class MemoryTreeWatcher final : public TreeWatcher {
 public:
  // `prefix` is the directory's full path with a slash, of which `skip` bytes are the root.
  MemoryTreeWatcher(MemoryTopo& topo, Closed closed, std::string prefix, size_t skip,
                    std::vector<KeyedNode> first)
      : TreeWatcher(std::move(first)),
        topo_(topo),
        closed_(std::move(closed)),
        prefix_(std::move(prefix)),
        skip_(skip) {
    topo_.trees_.insert(this);
  }
  ~MemoryTreeWatcher() override { topo_.trees_.erase(this); }

  void Add(const std::string& path, const std::optional<Node>& node) {
    if (path.starts_with(prefix_)) pending_.push_back({path.substr(skip_), node});
  }

  Task<Result<TreeChange>> Next(const Context& ctx) override {
    while (pending_.empty()) {
      CO_TRY_OK(ctx.Check());
      CO_TRY_OK(topo_.Check());
      if (*closed_) co_return ConnectionClosed();
      CO_TRY_OK(co_await topo_.changed_.Wait(ctx));
    }
    TreeChange change = std::move(pending_.front());
    pending_.pop_front();
    co_return change;
  }

 private:
  MemoryTopo& topo_;
  Closed closed_;
  std::string prefix_;
  size_t skip_;
  std::deque<TreeChange> pending_;
};

void MemoryTopo::Told(const std::string& path, std::optional<Node> node) {
  for (MemoryTreeWatcher* tree : trees_) tree->Add(path, node);
  Changed();
}

class MemoryConn final : public Conn {
 public:
  MemoryConn(MemoryTopo& topo, std::string root) : topo_(topo), root_(std::move(root)) {}

  Task<Result<Node>> Get(const Context& ctx, std::string_view path) override {
    CO_TRY(const std::string full, Full(ctx, path));
    const auto found = topo_.records_.find(full);
    if (found == topo_.records_.end()) co_return NoNode(path);
    co_return found->second;
  }

  Task<Result<std::vector<DirEntry>>> ListDir(const Context& ctx, std::string_view path) override {
    CO_TRY(const std::string full, Full(ctx, path));
    const std::string prefix = full + "/";
    std::vector<DirEntry> entries;
    for (auto it = topo_.records_.lower_bound(prefix);
         it != topo_.records_.end() && it->first.starts_with(prefix); ++it) {
      const std::string_view rest = std::string_view(it->first).substr(prefix.size());
      const size_t slash = rest.find('/');
      const std::string_view name = rest.substr(0, slash);
      // Records sort by path, so that a directory's children follow each other, but "a-b" sorts
      // before "a/b".
      bool known = false;
      for (const DirEntry& entry : entries) known = known || entry.name == name;
      if (!known) entries.push_back({std::string(name), slash != std::string_view::npos, false});
    }
    if (entries.empty()) co_return NoNode(path);
    std::sort(entries.begin(), entries.end(),
              [](const DirEntry& a, const DirEntry& b) { return a.name < b.name; });
    co_return entries;
  }

  Task<Result<std::vector<KeyedNode>>> List(const Context& ctx,
                                            std::string_view path_prefix) override {
    CO_TRY(std::string full, Full(ctx, ""));
    CO_TRY_OK(CheckPrefix(path_prefix));
    full.append("/").append(path_prefix);
    std::vector<KeyedNode> nodes = Below(full);
    if (nodes.empty()) co_return NoNode(path_prefix);
    co_return nodes;
  }

  Task<Result<Version>> Create(const Context& ctx, std::string_view path, std::string_view contents,
                               const Guards& guards) override {
    CO_TRY(const std::string full, Full(ctx, path));
    CO_TRY_OK(CheckHeld(guards));
    if (topo_.records_.contains(full)) co_return NodeExists(path);
    co_return Put(full, contents);
  }

  Task<Result<Version>> Update(const Context& ctx, std::string_view path, std::string_view contents,
                               std::optional<Version> version, const Guards& guards) override {
    CO_TRY(const std::string full, Full(ctx, path));
    CO_TRY_OK(CheckHeld(guards));
    CO_TRY_OK(CheckVersion(path, full, version));
    co_return Put(full, contents);
  }

  Task<Result<>> Delete(const Context& ctx, std::string_view path, std::optional<Version> version,
                        const Guards& guards) override {
    CO_TRY(const std::string full, Full(ctx, path));
    CO_TRY_OK(CheckHeld(guards));
    CO_TRY_OK(CheckVersion(path, full, version));
    if (topo_.records_.erase(full) == 0) co_return NoNode(path);
    topo_.Told(full, std::nullopt);
    co_return Ok{};
  }

  bool CanGuard(const Guard& guard) const override {
    const auto* ours = dynamic_cast<const MemoryGuard*>(&guard);
    return ours != nullptr && ours->topo == &topo_;
  }

  Task<Result<std::unique_ptr<LockHandle>>> Lock(const Context& ctx, std::string_view dir,
                                                 std::string_view contents) override {
    CO_TRY(const std::string full, Full(ctx, dir));
    if (!topo_.HasChildren(full)) co_return NoNode(dir);
    co_return co_await WaitForLock(ctx, full, std::string(contents));
  }

  Task<Result<std::unique_ptr<LockHandle>>> TryLock(const Context& ctx, std::string_view dir,
                                                    std::string_view contents) override {
    CO_TRY(const std::string full, Full(ctx, dir));
    if (!topo_.HasChildren(full)) co_return NoNode(dir);
    std::unique_ptr<LockHandle> lock = TakeIfFree(full, contents);
    if (lock == nullptr) co_return NodeExists(JoinPath(dir, "locks"));
    co_return lock;
  }

  Task<Result<std::unique_ptr<LockHandle>>> LockName(const Context& ctx, std::string_view name,
                                                     std::string_view contents) override {
    CO_TRY(const std::string full, Full(ctx, NamedLockDir(name)));
    co_return co_await WaitForLock(ctx, full, std::string(contents));
  }

  Task<Result<std::unique_ptr<LockHandle>>> Lead(const Context& ctx, std::string_view election,
                                                 std::string_view id) override {
    CO_TRY(const std::string full, Full(ctx, ElectionDir(election)));
    co_return co_await WaitForLock(ctx, full, std::string(id));
  }

  Task<Result<std::string>> Leader(const Context& ctx, std::string_view election) override {
    CO_TRY(const std::string full, Full(ctx, ElectionDir(election)));
    const auto held = topo_.locks_.find(full);
    co_return held == topo_.locks_.end() ? std::string() : held->second.contents;
  }

  Task<Result<std::unique_ptr<TreeWatcher>>> WatchTree(const Context& ctx,
                                                       std::string_view dir) override {
    CO_TRY(const std::string full, Full(ctx, dir));
    const std::string prefix = full + "/";
    co_return std::unique_ptr<TreeWatcher>(std::make_unique<MemoryTreeWatcher>(
        topo_, closed_, prefix, root_.size() + 1, Below(prefix)));
  }

  Task<Result<std::unique_ptr<Watcher>>> Watch(const Context& ctx, std::string_view path) override {
    CO_TRY(const std::string full, Full(ctx, path));
    const auto found = topo_.records_.find(full);
    if (found == topo_.records_.end()) co_return NoNode(path);
    co_return std::unique_ptr<Watcher>(
        std::make_unique<MemoryWatcher>(topo_, closed_, full, found->second));
  }

  Task<> Close() override {
    *closed_ = true;
    topo_.Changed();
    co_return;
  }

 private:
  // The path in the store, once it is known that the store may be used.
  Result<std::string> Full(const Context& ctx, std::string_view path) const {
    TRY_OK(ctx.Check());
    TRY_OK(topo_.Check());
    TRY_OK(SplitPath(path));
    return JoinPath(root_, path);
  }

  Result<> CheckVersion(std::string_view path, const std::string& full,
                        std::optional<Version> version) const {
    if (!version) return Ok{};
    const auto found = topo_.records_.find(full);
    if (found == topo_.records_.end()) return NoNode(path);
    if (found->second.version != *version) return BadVersion(path);
    return Ok{};
  }

  Result<> CheckHeld(const Guards& guards) const {
    for (const auto& guard : guards) {
      const auto* ours = dynamic_cast<const MemoryGuard*>(guard.get());
      CHECK(ours != nullptr);
      if (!topo_.Holds(ours->place(), ours->number)) return LockLost(ours->place());
    }
    return Ok{};
  }

  Version Put(const std::string& full, std::string_view contents) {
    const Version version = ++topo_.last_version_;
    const Node& node = topo_.records_[full] = {std::string(contents), version};
    topo_.Told(full, node);
    return version;
  }

  // The records whose full path begins with the text.
  std::vector<KeyedNode> Below(const std::string& prefix) const {
    std::vector<KeyedNode> nodes;
    for (auto it = topo_.records_.lower_bound(prefix);
         it != topo_.records_.end() && it->first.starts_with(prefix); ++it) {
      nodes.push_back(
          {it->first.substr(root_.size() + 1), it->second.contents, it->second.version});
    }
    return nodes;
  }

  Task<Result<std::unique_ptr<LockHandle>>> WaitForLock(const Context& ctx, std::string full,
                                                        std::string contents) {
    for (;;) {
      CO_TRY_OK(topo_.Check());
      std::unique_ptr<LockHandle> lock = TakeIfFree(full, contents);
      if (lock != nullptr) co_return lock;
      const Result<> woken = co_await topo_.changed_.Wait(ctx);
      if (woken.ok()) continue;
      if (!IsTimeout(woken.error())) co_return woken.error();
      const auto held = topo_.locks_.find(full);
      const std::string holder = held == topo_.locks_.end() ? "" : held->second.contents;
      co_return Timeout("lock of " + full).WithHint("it is held: " + holder);
    }
  }

  std::unique_ptr<LockHandle> TakeIfFree(const std::string& full, std::string_view contents) {
    const uint64_t number = topo_.holdings_ + 1;
    const MemoryTopo::Holding holding{std::string(contents), number};
    if (!topo_.locks_.emplace(full, holding).second) return nullptr;
    ++topo_.holdings_;
    return std::make_unique<MemoryLock>(topo_, full, number);
  }

  MemoryTopo& topo_;
  std::string root_;
  Closed closed_ = std::make_shared<bool>(false);
};

Task<Result<std::unique_ptr<Conn>>> MemoryTopo::Connect(const Context&, std::string address,
                                                        std::string root) {
  co_return std::unique_ptr<Conn>(
      std::make_unique<MemoryConn>(*this, JoinPath(JoinPath("/", address), root)));
}

}  // namespace tessera::topo
