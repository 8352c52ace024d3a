// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "topo/conn.h"

namespace tessera::topo {

// Another connection with something different about it: what is not overridden is the other's own
// doing. Borrows the other, and leaves it open when it is closed.
class ConnOver : public Conn {
 public:
  explicit ConnOver(Conn& inner) : inner_(inner) {}

  Task<Result<Node>> Get(const Context& ctx, std::string_view path) override {
    return inner_.Get(ctx, path);
  }
  Task<Result<std::vector<DirEntry>>> ListDir(const Context& ctx, std::string_view path) override {
    return inner_.ListDir(ctx, path);
  }
  Task<Result<std::vector<KeyedNode>>> List(const Context& ctx,
                                            std::string_view path_prefix) override {
    return inner_.List(ctx, path_prefix);
  }
  Task<Result<Version>> Create(const Context& ctx, std::string_view path, std::string_view contents,
                               const Guards& guards) override {
    return inner_.Create(ctx, path, contents, guards);
  }
  Task<Result<Version>> Update(const Context& ctx, std::string_view path, std::string_view contents,
                               std::optional<Version> version, const Guards& guards) override {
    return inner_.Update(ctx, path, contents, version, guards);
  }
  Task<Result<>> Delete(const Context& ctx, std::string_view path, std::optional<Version> version,
                        const Guards& guards) override {
    return inner_.Delete(ctx, path, version, guards);
  }
  bool CanGuard(const Guard& guard) const override { return inner_.CanGuard(guard); }
  Task<Result<std::unique_ptr<LockHandle>>> Lock(const Context& ctx, std::string_view dir,
                                                 std::string_view contents) override {
    return inner_.Lock(ctx, dir, contents);
  }
  Task<Result<std::unique_ptr<LockHandle>>> TryLock(const Context& ctx, std::string_view dir,
                                                    std::string_view contents) override {
    return inner_.TryLock(ctx, dir, contents);
  }
  Task<Result<std::unique_ptr<Watcher>>> Watch(const Context& ctx, std::string_view path) override {
    return inner_.Watch(ctx, path);
  }
  Task<Result<std::unique_ptr<TreeWatcher>>> WatchTree(const Context& ctx,
                                                       std::string_view dir) override {
    return inner_.WatchTree(ctx, dir);
  }
  Task<Result<std::unique_ptr<LockHandle>>> LockName(const Context& ctx, std::string_view name,
                                                     std::string_view contents) override {
    return inner_.LockName(ctx, name, contents);
  }
  Task<Result<std::unique_ptr<LockHandle>>> Lead(const Context& ctx, std::string_view election,
                                                 std::string_view id) override {
    return inner_.Lead(ctx, election, id);
  }
  Task<Result<std::string>> Leader(const Context& ctx, std::string_view election) override {
    return inner_.Leader(ctx, election);
  }
  Task<> Close() override { co_return; }

 protected:
  Conn& inner() { return inner_; }

 private:
  Conn& inner_;
};

}  // namespace tessera::topo
