// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/waiter.h"
#include "runtime/task_group.h"
#include "topo/conn.h"
#include "topo/errors.h"

// What every back end must do; included by tests only. `a` and `b` are two connections to one empty
// root.
namespace tessera::topo::conformance {

inline Task<Result<>> Records(const Context& ctx, Conn& a, Conn& b) {
  const Result<Node> none = co_await a.Get(ctx, "dir/sub/one");
  EXPECT_TRUE(!none.ok() && IsNoNode(none.error()));
  CO_TRY(const Version first, co_await a.Create(ctx, "dir/sub/one", "1"));
  const Result<Version> again = co_await b.Create(ctx, "dir/sub/one", "x");
  EXPECT_TRUE(!again.ok() && IsNodeExists(again.error()));
  CO_TRY(const Node read, co_await b.Get(ctx, "dir/sub/one"));
  EXPECT_EQ(read.contents, "1");
  EXPECT_EQ(read.version, first);

  CO_TRY(const Version second, co_await b.Update(ctx, "dir/sub/one", "2", first));
  EXPECT_NE(second, first);
  const Result<Version> stale = co_await a.Update(ctx, "dir/sub/one", "x", first);
  EXPECT_TRUE(!stale.ok() && IsBadVersion(stale.error()));
  const Result<Version> gone = co_await a.Update(ctx, "dir/none", "x", first);
  EXPECT_FALSE(gone.ok());
  CO_TRY(const Version third, co_await a.Update(ctx, "dir/sub/one", "3", std::nullopt));
  CO_TRY_OK(co_await a.Update(ctx, "dir/new", "", std::nullopt));
  CO_TRY(const Node empty, co_await b.Get(ctx, "dir/new"));
  EXPECT_EQ(empty.contents, "");

  const Result<> stale_delete = co_await a.Delete(ctx, "dir/sub/one", first);
  EXPECT_TRUE(!stale_delete.ok() && IsBadVersion(stale_delete.error()));
  CO_TRY_OK(co_await b.Delete(ctx, "dir/sub/one", third));
  const Result<> twice = co_await b.Delete(ctx, "dir/sub/one", std::nullopt);
  EXPECT_TRUE(!twice.ok() && IsNoNode(twice.error()));
  const Result<std::vector<DirEntry>> left = co_await a.ListDir(ctx, "dir/sub");
  EXPECT_TRUE(!left.ok() && IsNoNode(left.error()));
  CO_TRY(const Version remade, co_await a.Create(ctx, "dir/sub/one", "1"));
  EXPECT_NE(remade, third);

  const std::string bytes("\0\xff\n/\x01", 5);
  CO_TRY_OK(co_await a.Update(ctx, "dir/bytes", bytes, std::nullopt));
  CO_TRY(const Node binary, co_await b.Get(ctx, "dir/bytes"));
  EXPECT_EQ(binary.contents, bytes);
  co_return Ok{};
}

inline Task<Result<>> Lists(const Context& ctx, Conn& a, Conn& b) {
  CO_TRY_OK(co_await a.Create(ctx, "list/b/Shard", "1"));
  CO_TRY_OK(co_await a.Create(ctx, "list/b-c/Shard", "2"));
  CO_TRY_OK(co_await a.Create(ctx, "list/a", "3"));
  CO_TRY_OK(co_await a.Create(ctx, "listed", "4"));
  CO_TRY(const std::vector<DirEntry> entries, co_await b.ListDir(ctx, "list"));
  EXPECT_EQ(entries.size(), 3u);
  if (entries.size() == 3) {
    EXPECT_EQ(entries[0].name + entries[1].name + entries[2].name, "abb-c");
    EXPECT_FALSE(entries[0].is_directory);
    EXPECT_TRUE(entries[1].is_directory);
  }
  CO_TRY(const std::vector<DirEntry> root, co_await b.ListDir(ctx, ""));
  EXPECT_GE(root.size(), 2u);
  CO_TRY(const std::vector<KeyedNode> all, co_await b.List(ctx, "list/"));
  EXPECT_EQ(all.size(), 3u);
  for (size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].path, all[i].path);
  CO_TRY(const std::vector<KeyedNode> some, co_await b.List(ctx, "list/b"));
  EXPECT_EQ(some.size(), 2u);
  for (const KeyedNode& node : some) {
    EXPECT_TRUE(node.path.starts_with("list/b")) << node.path;
    EXPECT_FALSE(node.contents.empty());
  }
  const Result<std::vector<KeyedNode>> none = co_await b.List(ctx, "nothing");
  EXPECT_TRUE(!none.ok() && IsNoNode(none.error()));
  for (const std::string_view bad : {"../x", "a//b", ".hidden", "a/./b"}) {
    const Result<Node> refused = co_await a.Get(ctx, bad);
    EXPECT_TRUE(!refused.ok() && refused.error().code() == Code::kInvalidArgument) << bad;
  }
  co_return Ok{};
}

inline Task<Result<>> TakeLock(const Context& ctx, Conn& conn, bool& taken) {
  CO_TRY(const auto lock, co_await conn.Lock(ctx, "locked", "second"));
  taken = true;
  co_return co_await lock->Unlock(ctx);
}

inline Task<Result<>> Locks(const Context& ctx, Conn& a, Conn& b) {
  const auto nothing = co_await a.Lock(ctx, "locked", "first");
  EXPECT_TRUE(!nothing.ok() && IsNoNode(nothing.error()));
  CO_TRY_OK(co_await a.Create(ctx, "locked/Keyspace", "k"));
  CO_TRY(auto lock, co_await a.Lock(ctx, "locked", "first"));
  CO_TRY_OK(co_await lock->Check(ctx));
  const auto busy = co_await b.TryLock(ctx, "locked", "second");
  EXPECT_TRUE(!busy.ok() && IsNodeExists(busy.error()));

  const Context brief = ctx.WithTimeout(std::chrono::milliseconds(50));
  const auto late = co_await b.Lock(brief, "locked", "second");
  EXPECT_FALSE(late.ok());

  bool taken = false;
  runtime::TaskGroup group(ctx);
  group.Start(TakeLock(group.context(), b, taken));
  // The lock's own record is no obstacle to reading and writing.
  const Result<Version> written = co_await a.Update(ctx, "locked/Keyspace", "k2", std::nullopt);
  EXPECT_TRUE(written.ok());
  EXPECT_FALSE(taken);
  const Result<> freed = co_await lock->Unlock(ctx);
  EXPECT_TRUE(freed.ok());
  const Result<> second = co_await group.Join();
  EXPECT_TRUE(taken);
  CO_TRY_OK(second);

  CO_TRY(const auto third, co_await b.TryLock(ctx, "locked", "third"));
  CO_TRY_OK(co_await third->Unlock(ctx));
  co_return Ok{};
}

inline Task<Result<>> Watches(const Context& ctx, Conn& a, Conn& b) {
  const auto none = co_await a.Watch(ctx, "watched");
  EXPECT_TRUE(!none.ok() && IsNoNode(none.error()));
  CO_TRY_OK(co_await a.Create(ctx, "watched", "1"));
  CO_TRY(const auto watcher, co_await b.Watch(ctx, "watched"));
  EXPECT_EQ(watcher->first().contents, "1");
  CO_TRY_OK(co_await a.Update(ctx, "watched", "2", std::nullopt));
  CO_TRY(const Node second, co_await watcher->Next(ctx));
  EXPECT_EQ(second.contents, "2");
  CO_TRY_OK(co_await a.Update(ctx, "watched", "3", std::nullopt));
  CO_TRY_OK(co_await a.Update(ctx, "watched", "4", std::nullopt));
  Node last = second;
  while (last.contents != "4") {
    CO_TRY(last, co_await watcher->Next(ctx));
  }
  const Context brief = ctx.WithTimeout(std::chrono::milliseconds(20));
  const Result<Node> quiet = co_await watcher->Next(brief);
  EXPECT_TRUE(!quiet.ok() && quiet.error().code() == Code::kDeadlineExceeded);

  CO_TRY(const auto other, co_await b.Watch(ctx, "watched"));
  CO_TRY_OK(co_await a.Delete(ctx, "watched", std::nullopt));
  const Result<Node> deleted = co_await other->Next(ctx);
  EXPECT_TRUE(!deleted.ok() && IsNoNode(deleted.error()));
  co_return Ok{};
}

// Many quick writes: the watch may leave some out, never the last, and never goes back.
inline Task<Result<>> WriteQuickly(const Context& ctx, Conn& conn, int count) {
  for (int i = 1; i <= count; ++i) {
    CO_TRY_OK(co_await conn.Update(ctx, "quick/Record", std::to_string(i), std::nullopt));
  }
  co_return Ok{};
}

inline Task<Result<>> QuickWrites(const Context& ctx, Conn& a, Conn& b) {
  constexpr int kCount = 200;
  CO_TRY_OK(co_await a.Create(ctx, "quick/Record", "0"));
  CO_TRY(const auto watcher, co_await b.Watch(ctx, "quick/Record"));
  runtime::TaskGroup group(ctx);
  group.Start(WriteQuickly(group.context(), a, kCount));
  int last = 0;
  Result<> seen = Ok{};
  while (last < kCount && seen.ok()) {
    const Result<Node> next = co_await watcher->Next(ctx);
    if (!next.ok()) {
      seen = next.error();
    } else {
      const int number = std::stoi(next->contents);
      EXPECT_GT(number, last);
      last = number;
    }
  }
  CO_TRY_OK(co_await group.Join());
  co_return seen;
}

inline Task<Result<>> FollowTree(const Context& ctx, TreeWatcher& watcher,
                                 std::map<std::string, std::string>& seen,
                                 const std::map<std::string, std::string>& wanted) {
  while (seen != wanted) {
    CO_TRY(const TreeChange change, co_await watcher.Next(ctx));
    if (change.node) {
      seen[change.path] = change.node->contents;
    } else {
      EXPECT_EQ(seen.erase(change.path), 1u) << change.path;
    }
  }
  co_return Ok{};
}

inline Task<Result<>> Trees(const Context& ctx, Conn& a, Conn& b) {
  CO_TRY_OK(co_await a.Create(ctx, "tree/one", "1"));
  CO_TRY_OK(co_await a.Create(ctx, "trees/other", "x"));
  CO_TRY(const auto empty, co_await b.WatchTree(ctx, "tree2"));
  EXPECT_TRUE(empty->first().empty());
  CO_TRY(const auto watcher, co_await b.WatchTree(ctx, "tree"));
  std::map<std::string, std::string> seen;
  for (const KeyedNode& node : watcher->first()) seen[node.path] = node.contents;
  EXPECT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen["tree/one"], "1");
  CO_TRY_OK(co_await a.Create(ctx, "tree/deep/er/two", "2"));
  CO_TRY_OK(co_await a.Update(ctx, "tree/one", "1b", std::nullopt));
  CO_TRY_OK(co_await a.Create(ctx, "trees/third", "y"));
  std::map<std::string, std::string> wanted;
  wanted["tree/one"] = "1b";
  wanted["tree/deep/er/two"] = "2";
  CO_TRY_OK(co_await FollowTree(ctx, *watcher, seen, wanted));
  // Locks are no records.
  CO_TRY(const auto lock, co_await a.Lock(ctx, "tree", "holder"));
  CO_TRY_OK(co_await a.Delete(ctx, "tree/one", std::nullopt));
  CO_TRY_OK(co_await lock->Unlock(ctx));
  CO_TRY_OK(co_await a.Update(ctx, "tree/deep/er/two", "2b", std::nullopt));
  wanted.erase("tree/one");
  wanted["tree/deep/er/two"] = "2b";
  CO_TRY_OK(co_await FollowTree(ctx, *watcher, seen, wanted));
  const Context brief = ctx.WithTimeout(std::chrono::milliseconds(20));
  const Result<TreeChange> quiet = co_await watcher->Next(brief);
  EXPECT_TRUE(!quiet.ok() && quiet.error().code() == Code::kDeadlineExceeded);
  CO_TRY_OK(co_await a.Create(ctx, "tree2/late", "z"));
  CO_TRY(const TreeChange late, co_await empty->Next(ctx));
  EXPECT_EQ(late.path, "tree2/late");
  co_return Ok{};
}

inline Task<Result<>> TakeName(const Context& ctx, Conn& conn, bool& taken) {
  CO_TRY(const auto lock, co_await conn.LockName(ctx, "backup of ks", "second"));
  taken = true;
  co_return co_await lock->Unlock(ctx);
}

inline Task<Result<>> NamedLocks(const Context& ctx, Conn& a, Conn& b) {
  CO_TRY(const auto lock, co_await a.LockName(ctx, "backup of ks", "first"));
  CO_TRY(const auto other, co_await b.LockName(ctx, "another", "second"));
  const Context brief = ctx.WithTimeout(std::chrono::milliseconds(50));
  const auto late = co_await b.LockName(brief, "backup of ks", "second");
  EXPECT_TRUE(!late.ok() && IsTimeout(late.error()));
  bool taken = false;
  runtime::TaskGroup group(ctx);
  group.Start(TakeName(group.context(), b, taken));
  const Result<> held = co_await lock->Check(ctx);
  EXPECT_TRUE(held.ok());
  EXPECT_FALSE(taken);
  const Result<> freed = co_await lock->Unlock(ctx);
  EXPECT_TRUE(freed.ok());
  CO_TRY_OK(co_await group.Join());
  EXPECT_TRUE(taken);
  CO_TRY_OK(co_await other->Unlock(ctx));
  const Result<> gone = co_await other->Check(ctx);
  EXPECT_FALSE(gone.ok());
  co_return Ok{};
}

inline Task<Result<>> StandFor(const Context& ctx, Conn& conn, std::unique_ptr<LockHandle>& won) {
  CO_TRY(won, co_await conn.Lead(ctx, "boss", "second"));
  co_return Ok{};
}

inline Task<Result<>> Elections(const Context& ctx, Conn& a, Conn& b) {
  CO_TRY(const std::string nobody, co_await a.Leader(ctx, "boss"));
  EXPECT_EQ(nobody, "");
  CO_TRY(const auto first, co_await a.Lead(ctx, "boss", "first"));
  std::unique_ptr<LockHandle> second;
  runtime::TaskGroup group(ctx);
  group.Start(StandFor(group.context(), b, second));
  Conn* const both[] = {&a, &b};
  for (Conn* conn : both) {
    const Result<std::string> leader = co_await conn->Leader(ctx, "boss");
    EXPECT_TRUE(leader.ok() && *leader == "first");
  }
  EXPECT_EQ(second, nullptr);
  const Result<> resigned = co_await first->Unlock(ctx);
  EXPECT_TRUE(resigned.ok());
  CO_TRY_OK(co_await group.Join());
  CO_TRY(const std::string leader, co_await a.Leader(ctx, "boss"));
  EXPECT_EQ(leader, "second");
  CO_TRY_OK(co_await second->Unlock(ctx));
  CO_TRY(const std::string again, co_await b.Leader(ctx, "boss"));
  EXPECT_EQ(again, "");
  co_return Ok{};
}

// A holder that goes away without a word frees its locks; ctx must allow for a lease to run out.
// `dying` is closed.
inline Task<Result<>> HolderDies(const Context& ctx, Conn& dying, Conn& living) {
  CO_TRY_OK(co_await living.Create(ctx, "mortal/Keyspace", "k"));
  CO_TRY(auto held, co_await dying.Lock(ctx, "mortal", "dying"));
  CO_TRY(auto leads, co_await dying.Lead(ctx, "mortal", "dying"));
  const auto busy = co_await living.TryLock(ctx, "mortal", "living");
  EXPECT_TRUE(!busy.ok() && IsNodeExists(busy.error()));
  CO_TRY(const auto watcher, co_await dying.Watch(ctx, "mortal/Keyspace"));
  CO_TRY(const auto tree, co_await dying.WatchTree(ctx, "mortal"));
  held.reset();
  leads.reset();
  co_await dying.Close();
  // Watches end with their connection, and it is not as if the record was deleted.
  const Result<Node> next = co_await watcher->Next(ctx);
  EXPECT_TRUE(!next.ok() && !IsNoNode(next.error()));
  const Result<TreeChange> change = co_await tree->Next(ctx);
  EXPECT_FALSE(change.ok());
  CO_TRY(const auto taken, co_await living.Lock(ctx, "mortal", "living"));
  CO_TRY_OK(co_await taken->Check(ctx));
  CO_TRY(const auto won, co_await living.Lead(ctx, "mortal", "living"));
  CO_TRY(const std::string leader, co_await living.Leader(ctx, "mortal"));
  EXPECT_EQ(leader, "living");
  CO_TRY_OK(co_await won->Unlock(ctx));
  CO_TRY_OK(co_await taken->Unlock(ctx));
  co_return Ok{};
}

struct Check {
  const char* name;
  Task<Result<>> (*run)(const Context&, Conn&, Conn&);
};

inline constexpr Check kChecks[] = {
    {"records", Records},
    {"lists", Lists},
    {"locks", Locks},
    {"watches", Watches},
    {"quick writes", QuickWrites},
    {"trees", Trees},
    {"named locks", NamedLocks},
    {"elections", Elections},
};

// Everything but HolderDies, which ends a connection.
inline Task<Result<>> Everything(const Context& ctx, Conn& a, Conn& b) {
  for (const Check& check : kChecks) {
    const Result<> done = co_await check.run(ctx, a, b);
    if (!done.ok()) co_return Error(done.error()).Wrap(check.name);
  }
  co_return Ok{};
}

}  // namespace tessera::topo::conformance
