// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/dry_run.h"

#include <limits>
#include <set>
#include <string_view>
#include <vector>

#include "topo/errors.h"
#include "topo/internal/conn_over.h"
#include "topo/paths.h"

namespace tessera::topo {
namespace {

// Versions of what was only said to be written are none that a server gives.
constexpr Version kFirstVersion = std::numeric_limits<Version>::max() / 2;

class NoLock final : public LockHandle {
 public:
  Task<Result<>> Check(const Context&) override { co_return Ok{}; }
  Task<Result<>> Unlock(const Context&) override { co_return Ok{}; }
  std::shared_ptr<const Guard> guard() const override { return nullptr; }
};

std::string Below(std::string_view dir) { return dir.empty() ? "" : std::string(dir) + "/"; }

}  // namespace

class DryConn final : public ConnOver {
 public:
  DryConn(DryRun& run, std::string_view cell, Conn& inner)
      : ConnOver(inner), run_(run), cell_(cell) {}

  Task<Result<Node>> Get(const Context& ctx, std::string_view path) override {
    const auto known = run_.records_.find({cell_, std::string(path)});
    if (known == run_.records_.end()) {
      co_return co_await inner().Get(ctx, path);
    }
    if (!known->second) co_return NoNode(path);
    co_return *known->second;
  }

  Task<Result<std::vector<KeyedNode>>> List(const Context& ctx,
                                            std::string_view path_prefix) override {
    Result<std::vector<KeyedNode>> real = co_await inner().List(ctx, path_prefix);
    if (!real.ok() && !IsNoNode(real.error())) co_return std::move(real).error();
    std::map<std::string, KeyedNode> nodes;
    if (real.ok())
      for (KeyedNode& node : *real) nodes[node.path] = std::move(node);
    for (const auto& [path, node] : Changed(path_prefix)) {
      if (node)
        nodes[path] = {path, node->contents, node->version};
      else
        nodes.erase(path);
    }
    if (nodes.empty()) co_return NoNode(path_prefix);
    std::vector<KeyedNode> out;
    for (auto& [path, node] : nodes) out.push_back(std::move(node));
    co_return out;
  }

  Task<Result<std::vector<DirEntry>>> ListDir(const Context& ctx, std::string_view path) override {
    Result<std::vector<DirEntry>> real = co_await inner().ListDir(ctx, path);
    if (!real.ok() && !IsNoNode(real.error())) co_return std::move(real).error();
    std::map<std::string, DirEntry> entries;
    if (real.ok())
      for (DirEntry& entry : *real) entries[entry.name] = std::move(entry);
    const std::string prefix = Below(path);
    std::set<std::string> touched;
    for (const auto& [record, node] : Changed(prefix)) {
      const std::string_view rest = std::string_view(record).substr(prefix.size());
      const std::string name(rest.substr(0, rest.find('/')));
      const bool directory = name.size() < rest.size();
      if (node)
        entries[name] = {name, directory, false};
      else if (directory)
        touched.insert(name);
      else
        entries.erase(name);
    }
    // A directory lasts as long as a record is in it.
    for (const std::string& name : touched) {
      const Result<std::vector<KeyedNode>> left = co_await List(ctx, prefix + name + "/");
      if (!left.ok() && !IsNoNode(left.error())) co_return left.error();
      if (!left.ok()) entries.erase(name);
    }
    if (entries.empty()) co_return NoNode(path);
    std::vector<DirEntry> out;
    for (auto& [name, entry] : entries) out.push_back(std::move(entry));
    co_return out;
  }

  Task<Result<Version>> Create(const Context& ctx, std::string_view path, std::string_view contents,
                               const Guards&) override {
    CO_TRY_OK(SplitPath(path));
    CO_TRY(const std::optional<Node> old, co_await Find(ctx, path));
    if (old) co_return NodeExists(path);
    co_return Note(path, old, std::string(contents));
  }

  Task<Result<Version>> Update(const Context& ctx, std::string_view path, std::string_view contents,
                               std::optional<Version> version, const Guards&) override {
    CO_TRY_OK(SplitPath(path));
    CO_TRY(const std::optional<Node> old, co_await Find(ctx, path));
    if (version && !old) co_return NoNode(path);
    if (version && *version != old->version) co_return BadVersion(path);
    co_return Note(path, old, std::string(contents));
  }

  Task<Result<>> Delete(const Context& ctx, std::string_view path, std::optional<Version> version,
                        const Guards&) override {
    CO_TRY(const std::optional<Node> old, co_await Find(ctx, path));
    if (!old) co_return NoNode(path);
    if (version && *version != old->version) co_return BadVersion(path);
    Note(path, old, std::nullopt);
    co_return Ok{};
  }

  Task<Result<std::unique_ptr<LockHandle>>> Lock(const Context& ctx, std::string_view dir,
                                                 std::string_view) override {
    CO_TRY_OK(co_await ListDir(ctx, dir));
    co_return std::unique_ptr<LockHandle>(std::make_unique<NoLock>());
  }
  Task<Result<std::unique_ptr<LockHandle>>> TryLock(const Context& ctx, std::string_view dir,
                                                    std::string_view contents) override {
    return Lock(ctx, dir, contents);
  }
  Task<Result<std::unique_ptr<LockHandle>>> LockName(const Context&, std::string_view,
                                                     std::string_view) override {
    co_return std::unique_ptr<LockHandle>(std::make_unique<NoLock>());
  }
  Task<Result<std::unique_ptr<LockHandle>>> Lead(const Context&, std::string_view,
                                                 std::string_view) override {
    co_return std::unique_ptr<LockHandle>(std::make_unique<NoLock>());
  }

 private:
  // What was said to be written to paths that begin so.
  std::map<std::string, std::optional<Node>> Changed(std::string_view prefix) const {
    std::map<std::string, std::optional<Node>> changed;
    for (auto it = run_.records_.lower_bound({cell_, std::string(prefix)});
         it != run_.records_.end() && it->first.first == cell_ &&
         it->first.second.starts_with(prefix);
         ++it) {
      changed[it->first.second] = it->second;
    }
    return changed;
  }

  Task<Result<std::optional<Node>>> Find(const Context& ctx, std::string_view path) {
    Result<Node> node = co_await Get(ctx, path);
    if (node.ok()) co_return std::optional<Node>(std::move(*node));
    if (IsNoNode(node.error())) co_return std::optional<Node>();
    co_return std::move(node).error();
  }

  Version Note(std::string_view path, const std::optional<Node>& old,
               std::optional<std::string> contents) {
    const Version version = run_.next_version_++;
    PlannedWrite write{cell_, std::string(path), std::nullopt, std::move(contents)};
    if (old) write.before = old->contents;
    std::optional<Node>& node = run_.records_[{cell_, write.path}];
    node = write.after ? std::optional<Node>(Node{*write.after, version}) : std::nullopt;
    run_.hear_(write);
    return version;
  }

  DryRun& run_;
  std::string cell_;
};

DryRun::DryRun(Server& real, Hear hear) : hear_(std::move(hear)), next_version_(kFirstVersion) {
  server_ = real.View([this](std::string_view cell, Conn& inner) -> std::unique_ptr<Conn> {
    return std::make_unique<DryConn>(*this, cell, inner);
  });
}

}  // namespace tessera::topo
