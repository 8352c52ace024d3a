// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo_zk/internal/zk_tree.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "topo/errors.h"
#include "topo/paths.h"

namespace tessera::topo_zk {

using topo::KeyedNode;
using topo::Node;
using topo::TreeChange;

namespace {

// Nodes read at one time: others have requests for the same session, too.
constexpr size_t kMostAtOnce = 16;

std::string Under(const std::string& dir, const std::string& path) {
  if (dir.empty() || path.empty()) return dir + path;
  return topo::JoinPath(dir, path);
}

// What there is to know of one node, and its two watches.
struct Watched {
  Watched(const std::shared_ptr<ZkClient>& client, runtime::WaitQueue& news)
      : contents(client, &news), children(client, &news) {}

  ZkSignal contents;
  ZkSignal children;
  bool contents_known = false;  // read since its watch fired
  bool children_known = false;
  int64_t written = 0;  // transaction of the contents that were told or judged last
  std::set<std::string> names;
  bool told = false;  // as a record

  bool Stale() const {
    return !contents_known || !children_known || contents.fired() || children.fired();
  }
};

// A write that is to be told; the transaction gives the order.
struct Write {
  int64_t transaction = 0;
  TreeChange change;
};

// Every node below one, as it was read last.
class NodeTree {
 public:
  NodeTree(std::shared_ptr<ZkClient> client, std::string node, std::string dir)
      : client_(std::move(client)), top_(std::move(node)), dir_(std::move(dir)) {
    Add("");
  }

  // Reads all there is, which Next then need not tell.
  Task<Result<std::vector<KeyedNode>>> Begin(const Context& ctx) {
    while (AnyStale()) {
      CO_TRY_OK(co_await Refresh(ctx));
    }
    std::map<std::string, Node> records;
    for (TreeChange& change : std::exchange(pending_, {})) {
      if (change.node)
        records[change.path] = std::move(*change.node);
      else
        records.erase(change.path);
    }
    std::vector<KeyedNode> out;
    for (auto& [path, record] : records)
      out.push_back({path, std::move(record.contents), record.version});
    co_return out;
  }

  Task<Result<TreeChange>> Next(const Context& ctx) {
    while (pending_.empty()) {
      if (AnyStale()) {
        CO_TRY_OK(co_await Refresh(ctx));
      } else {
        CO_TRY_OK(co_await news_.Wait(ctx));
      }
    }
    TreeChange change = std::move(pending_.front());
    pending_.pop_front();
    co_return change;
  }

 private:
  void Add(const std::string& path) {
    nodes_.emplace(path, std::make_shared<Watched>(client_, news_));
  }
  bool Knows(const std::string& path) const { return nodes_.contains(path); }

  std::string NodeOf(const std::string& path) const {
    if (path.empty()) return top_;
    return (top_ == "/" ? "" : top_) + "/" + path;
  }
  std::string PathOf(const std::string& path) const { return Under(dir_, path); }

  bool AnyStale() const {
    return std::any_of(nodes_.begin(), nodes_.end(),
                       [](const auto& entry) { return entry.second->Stale(); });
  }

  // Until nothing that is known to have changed is unread. What could be read is told, whatever
  // happens to the rest, which stays stale: the next call meets it again.
  Task<Result<>> Refresh(const Context& ctx) {
    Result<> outcome = Ok{};
    while (outcome.ok() && AnyStale()) outcome = co_await ReadStale(ctx);
    std::sort(writes_.begin(), writes_.end(),
              [](const Write& a, const Write& b) { return a.transaction < b.transaction; });
    for (Write& write : writes_) pending_.push_back(std::move(write.change));
    writes_.clear();
    co_return outcome;
  }

  Task<Result<>> ReadStale(const Context& ctx) {
    std::deque<std::string> todo;
    for (const auto& [path, watched] : nodes_) {
      if (watched->Stale()) todo.push_back(path);
    }
    runtime::TaskGroup group(ctx);
    for (size_t i = std::min(kMostAtOnce, todo.size()); i > 0; --i)
      group.Start(ReadSome(group.context(), todo));
    co_return co_await group.Join();
  }

  Task<Result<>> ReadSome(const Context& ctx, std::deque<std::string>& todo) {
    while (!todo.empty()) {
      std::string path = std::move(todo.front());
      todo.pop_front();
      CO_TRY_OK(co_await ReadOne(ctx, std::move(path)));
    }
    co_return Ok{};
  }

  // At any wait, others may find that the node is gone, and forget it.
  Task<Result<>> ReadOne(const Context& ctx, std::string path) {
    const auto found = nodes_.find(path);
    if (found == nodes_.end()) co_return Ok{};
    const std::shared_ptr<Watched> watched = found->second;
    // The top has come: nothing of it was read so far.
    if (path.empty() && std::exchange(absent_, false)) watched->children_known = false;
    if (!watched->children_known || watched->children.fired()) {
      CO_TRY_OK(co_await ReadChildren(ctx, path, *watched));
    }
    if (!Knows(path) || absent_) co_return Ok{};
    if (!watched->contents_known || watched->contents.fired()) {
      CO_TRY_OK(co_await ReadContents(ctx, path, *watched));
    }
    co_return Ok{};
  }

  Task<Result<>> ReadChildren(const Context& ctx, const std::string& path, Watched& watched) {
    watched.children_known = false;
    const Result<std::vector<std::string>> names =
        co_await client_->Children(ctx, NodeOf(path), &watched.children);
    if (!names.ok() && topo::IsNoNode(names.error())) {
      co_return co_await NoteGone(ctx, path, watched);
    }
    if (!names.ok()) co_return names.error();
    if (!Knows(path)) co_return Ok{};
    watched.children_known = true;
    const std::set<std::string> now(names->begin(), names->end());
    for (const std::string& name : watched.names) {
      if (!now.contains(name)) Forget(Under(path, name));
    }
    for (const std::string& name : now) {
      if (!watched.names.contains(name)) Add(Under(path, name));
    }
    // Whether a node without contents is a record depends on them.
    if (now.empty() != watched.names.empty()) watched.contents_known = false;
    watched.names = now;
    co_return Ok{};
  }

  Task<Result<>> ReadContents(const Context& ctx, const std::string& path, Watched& watched) {
    watched.contents_known = false;
    const std::string node = NodeOf(path);
    Result<ZkNode> read = co_await client_->Get(ctx, node, &watched.contents);
    if (!read.ok() && topo::IsNoNode(read.error())) {
      co_return co_await NoteGone(ctx, path, watched);
    }
    if (!read.ok()) co_return std::move(read).error();
    bool record = !path.empty() && read->stat.ephemeral_owner == 0 &&
                  (!read->contents.empty() || watched.names.empty());
    if (record && read->contents.empty()) {
      const Result<bool> bare = co_await IsBareDirectory(ctx, client_, node);
      // Gone again: its watch says so, too.
      if (!bare.ok() && !topo::IsNoNode(bare.error())) co_return bare.error();
      record = bare.ok() && !*bare;
    }
    if (!Knows(path)) co_return Ok{};
    watched.contents_known = true;
    if (!record) {
      TellGone(path, watched);
    } else if (!watched.told || watched.written != read->stat.mzxid) {
      watched.told = true;
      watched.written = read->stat.mzxid;
      Node now{std::move(read->contents), read->stat.version};
      writes_.push_back({watched.written, {PathOf(path), std::move(now)}});
    }
    co_return Ok{};
  }

  // The parent is asked again, because the node may have been made anew meanwhile. The top has no
  // parent here: it is watched for coming.
  Task<Result<>> NoteGone(const Context& ctx, const std::string& path, Watched& watched) {
    if (!Knows(path)) co_return Ok{};
    if (!path.empty()) {
      const size_t slash = path.rfind('/');
      Watched& parent = *nodes_.at(slash == std::string::npos ? "" : path.substr(0, slash));
      parent.children_known = false;
      parent.names.erase(slash == std::string::npos ? path : path.substr(slash + 1));
      Forget(path);
      co_return Ok{};
    }
    for (const std::string& name : std::exchange(watched.names, {})) Forget(name);
    watched.contents_known = watched.children_known = false;
    CO_TRY(const std::optional<ZkStat> stat,
           co_await client_->Exists(ctx, top_, &watched.contents));
    absent_ = !stat;
    watched.contents_known = watched.children_known = absent_;
    co_return Ok{};
  }

  void TellGone(const std::string& path, Watched& watched) {
    if (!std::exchange(watched.told, false)) return;
    // A write that is still to be told comes before.
    const std::string full = PathOf(path);
    const auto write = std::find_if(writes_.begin(), writes_.end(),
                                    [&](const Write& one) { return one.change.path == full; });
    if (write != writes_.end()) {
      pending_.push_back(std::move(write->change));
      writes_.erase(write);
    }
    pending_.push_back({full, std::nullopt});
  }

  // With all below.
  void Forget(const std::string& path) {
    const auto found = nodes_.find(path);
    if (found == nodes_.end()) return;
    const std::shared_ptr<Watched> watched = found->second;
    for (const std::string& name : watched->names) Forget(Under(path, name));
    TellGone(path, *watched);
    nodes_.erase(path);
  }

  std::shared_ptr<ZkClient> client_;
  std::string top_;  // absolute
  std::string dir_;  // the same below the connection's root
  runtime::WaitQueue news_;
  std::map<std::string, std::shared_ptr<Watched>> nodes_;  // by path below the top, which is ""
  bool absent_ = false;                                    // the top is not there
  std::vector<Write> writes_;
  std::deque<TreeChange> pending_;
};

class ZkTreeWatcher final : public topo::TreeWatcher {
 public:
  ZkTreeWatcher(std::unique_ptr<NodeTree> tree, std::vector<KeyedNode> first)
      : TreeWatcher(std::move(first)), tree_(std::move(tree)) {}
  Task<Result<TreeChange>> Next(const Context& ctx) override {
    co_return co_await tree_->Next(ctx);
  }

 private:
  std::unique_ptr<NodeTree> tree_;
};

}  // namespace

Task<Result<std::unique_ptr<topo::TreeWatcher>>> WatchNodes(const Context& ctx,
                                                            std::shared_ptr<ZkClient> client,
                                                            std::string node, std::string dir) {
  auto tree = std::make_unique<NodeTree>(std::move(client), std::move(node), std::move(dir));
  CO_TRY(std::vector<KeyedNode> first, co_await tree->Begin(ctx));
  co_return std::unique_ptr<topo::TreeWatcher>(
      std::make_unique<ZkTreeWatcher>(std::move(tree), std::move(first)));
}

Task<Result<bool>> IsBareDirectory(const Context& ctx, std::shared_ptr<ZkClient> client,
                                   std::string node) {
  CO_TRY(const std::vector<ZkAcl> acl, co_await client->GetAcl(ctx, std::move(node)));
  co_return std::any_of(acl.begin(), acl.end(), [](const ZkAcl& entry) {
    return (entry.permissions & ZkPermission::kCreate) != 0;
  });
}

}  // namespace tessera::topo_zk
