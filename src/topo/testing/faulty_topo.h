// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/waiter.h"
#include "topo/conn.h"

// A topology as one process sees it whose network is slow, whose servers go away, and which dies.
namespace tessera::topo::testing {

struct Faults {
  // From now on nothing is carried out, and answers on their way are lost.
  bool crashed = false;
  std::set<std::string> down;  // server addresses
  Duration most_delay{};       // on the way there, and on the way back
  Duration write_delay{};      // writes are on their way for this long besides
  bool no_guards = false;      // a kind of server that cannot tie writes to locks
  bool no_trees = false;       // a kind of server that cannot watch trees
  bool trees_refused = false;  // one that lets them be read and ends each watch at once
  mutable int trees_read = 0;  // as watches of them began
};

inline Result<> Standing(const Faults& faults, const std::string& address) {
  if (faults.crashed) return Error(Code::kCancelled, "the process is dead");
  if (faults.down.contains(address))
    return Errorf(Code::kUnavailable, "topology server {} is down", address);
  return Ok{};
}

inline Task<Result<>> Travel(const Context& ctx, const Faults& faults, const std::string& address) {
  CO_TRY_OK(Standing(faults, address));
  const auto most = static_cast<uint64_t>(faults.most_delay.count());
  if (most == 0) co_return Ok{};
  const Duration delay(static_cast<int64_t>(Executor::Current().Random() % most));
  CO_TRY_OK(co_await Sleep(ctx, delay));
  co_return Standing(faults, address);
}

class FaultyLock final : public LockHandle {
 public:
  FaultyLock(std::unique_ptr<LockHandle> inner, const Faults& faults, std::string address)
      : inner_(std::move(inner)), faults_(faults), address_(std::move(address)) {}

  Task<Result<>> Check(const Context& ctx) override {
    CO_TRY_OK(co_await Travel(ctx, faults_, address_));
    co_return co_await inner_->Check(ctx);
  }
  Task<Result<>> Unlock(const Context& ctx) override {
    CO_TRY_OK(co_await Travel(ctx, faults_, address_));
    co_return co_await inner_->Unlock(ctx);
  }
  std::shared_ptr<const Guard> guard() const override { return inner_->guard(); }

 private:
  std::unique_ptr<LockHandle> inner_;
  const Faults& faults_;
  std::string address_;
};

// Of a server that lets the records be read but not watched.
class RefusedTree final : public TreeWatcher {
 public:
  explicit RefusedTree(std::vector<KeyedNode> first) : TreeWatcher(std::move(first)) {}
  Task<Result<TreeChange>> Next(const Context&) override {
    co_return Error(Code::kUnavailable, "the watch was refused");
  }
};

class FaultyConn final : public Conn {
 public:
  FaultyConn(std::unique_ptr<Conn> inner, const Faults& faults, std::string address)
      : inner_(std::move(inner)), faults_(faults), address_(std::move(address)) {}

  Task<Result<Node>> Get(const Context& ctx, std::string_view path) override {
    return Do(ctx, inner_->Get(ctx, path));
  }
  Task<Result<std::vector<DirEntry>>> ListDir(const Context& ctx, std::string_view path) override {
    return Do(ctx, inner_->ListDir(ctx, path));
  }
  Task<Result<std::vector<KeyedNode>>> List(const Context& ctx, std::string_view prefix) override {
    return Do(ctx, inner_->List(ctx, prefix));
  }
  Task<Result<Version>> Create(const Context& ctx, std::string_view path, std::string_view contents,
                               const Guards& guards) override {
    return Write(ctx, inner_->Create(ctx, path, contents, guards));
  }
  Task<Result<Version>> Update(const Context& ctx, std::string_view path, std::string_view contents,
                               std::optional<Version> version, const Guards& guards) override {
    return Write(ctx, inner_->Update(ctx, path, contents, version, guards));
  }
  Task<Result<>> Delete(const Context& ctx, std::string_view path, std::optional<Version> version,
                        const Guards& guards) override {
    return Write(ctx, inner_->Delete(ctx, path, version, guards));
  }
  bool CanGuard(const Guard& guard) const override {
    return !faults_.no_guards && inner_->CanGuard(guard);
  }
  Task<Result<std::unique_ptr<LockHandle>>> Lock(const Context& ctx, std::string_view dir,
                                                 std::string_view contents) override {
    return Take(ctx, inner_->Lock(ctx, dir, contents));
  }
  Task<Result<std::unique_ptr<LockHandle>>> TryLock(const Context& ctx, std::string_view dir,
                                                    std::string_view contents) override {
    return Take(ctx, inner_->TryLock(ctx, dir, contents));
  }
  Task<Result<std::unique_ptr<Watcher>>> Watch(const Context& ctx, std::string_view path) override {
    return Do(ctx, inner_->Watch(ctx, path));
  }
  Task<Result<std::unique_ptr<TreeWatcher>>> WatchTree(const Context& ctx,
                                                       std::string_view dir) override {
    if (faults_.no_trees) return Conn::WatchTree(ctx, dir);
    return ReadTree(ctx, Do(ctx, inner_->WatchTree(ctx, dir)));
  }
  Task<> Close() override { return inner_->Close(); }

 private:
  Task<Result<std::unique_ptr<TreeWatcher>>> ReadTree(
      const Context&, Task<Result<std::unique_ptr<TreeWatcher>>> call) {
    Result<std::unique_ptr<TreeWatcher>> read = co_await call;
    if (!read.ok()) co_return read;
    ++faults_.trees_read;
    if (!faults_.trees_refused) co_return read;
    co_return std::unique_ptr<TreeWatcher>(std::make_unique<RefusedTree>((*read)->TakeFirst()));
  }

  template <class T>
  Task<Result<T>> Write(const Context& ctx, Task<Result<T>> call) {
    CO_TRY_OK(co_await Sleep(ctx, faults_.write_delay));
    co_return co_await Do(ctx, std::move(call));
  }

  template <class T>
  Task<Result<T>> Do(const Context& ctx, Task<Result<T>> call) {
    CO_TRY_OK(co_await Travel(ctx, faults_, address_));
    Result<T> answer = co_await call;
    CO_TRY_OK(co_await Travel(ctx, faults_, address_));
    co_return answer;
  }

  Task<Result<std::unique_ptr<LockHandle>>> Take(const Context& ctx,
                                                 Task<Result<std::unique_ptr<LockHandle>>> call) {
    CO_TRY(std::unique_ptr<LockHandle> lock, co_await Do(ctx, std::move(call)));
    co_return std::unique_ptr<LockHandle>(
        std::make_unique<FaultyLock>(std::move(lock), faults_, address_));
  }

  std::unique_ptr<Conn> inner_;
  const Faults& faults_;
  std::string address_;
};

class FaultyTopo final : public Factory {
 public:
  FaultyTopo(Factory& inner, const Faults& faults) : inner_(inner), faults_(faults) {}

  Task<Result<std::unique_ptr<Conn>>> Connect(const Context& ctx, std::string address,
                                              std::string root) override {
    CO_TRY(std::unique_ptr<Conn> conn, co_await inner_.Connect(ctx, address, std::move(root)));
    co_return std::unique_ptr<Conn>(
        std::make_unique<FaultyConn>(std::move(conn), faults_, std::move(address)));
  }

 private:
  Factory& inner_;
  const Faults& faults_;
};

}  // namespace tessera::topo::testing
