// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "topo/conn.h"
#include "topo/errors.h"

// What every back end must do about writes that are tied to locks; included by tests only.
namespace tessera::topo::conformance {

// Deletes the places in a lock's queue, for back ends that keep them as records.
inline Task<Result<>> DeletePlaces(const Context& ctx, Conn& conn, std::string locks) {
  CO_TRY(const std::vector<DirEntry> places, co_await conn.ListDir(ctx, locks));
  EXPECT_FALSE(places.empty());
  for (const DirEntry& place : places) {
    const std::string path = locks + "/" + place.name;
    CO_TRY_OK(co_await conn.Delete(ctx, path, std::nullopt));
  }
  co_return Ok{};
}

// All three writes, each refused because of a lock.
inline Task<Result<>> RefusedWrites(const Context& ctx, Conn& conn, const Guards& guards,
                                    std::string_view place) {
  const Result<Version> created = co_await conn.Create(ctx, "guarded/deep/New", "x", guards);
  EXPECT_TRUE(!created.ok() && IsLockLost(created.error(), place));
  const Result<Version> made = co_await conn.Update(ctx, "guarded/New", "x", std::nullopt, guards);
  EXPECT_TRUE(!made.ok() && IsLockLost(made.error(), place));
  const Result<Version> set = co_await conn.Update(ctx, "guarded/One", "x", std::nullopt, guards);
  EXPECT_TRUE(!set.ok() && IsLockLost(set.error(), place));
  const Result<> deleted = co_await conn.Delete(ctx, "guarded/One", std::nullopt, guards);
  EXPECT_TRUE(!deleted.ok() && IsLockLost(deleted.error(), place));
  CO_TRY(const Node one, co_await conn.Get(ctx, "guarded/One"));
  EXPECT_EQ(one.contents, "1");
  const Result<Version> same = co_await conn.Update(ctx, "guarded/One", "x", one.version, guards);
  EXPECT_TRUE(!same.ok() && IsLockLost(same.error(), place));
  const Result<> gone = co_await conn.Delete(ctx, "guarded/One", one.version, guards);
  EXPECT_TRUE(!gone.ok() && IsLockLost(gone.error(), place));
  for (const std::string_view path : {"guarded/deep/New", "guarded/New"}) {
    const Result<Node> none = co_await conn.Get(ctx, path);
    EXPECT_TRUE(!none.ok() && IsNoNode(none.error())) << path;
  }
  CO_TRY(const Node untouched, co_await conn.Get(ctx, "guarded/One"));
  EXPECT_EQ(untouched.contents, "1");
  EXPECT_EQ(untouched.version, one.version);
  co_return Ok{};
}

// Under a lock that is held, guarded writes are as others.
inline Task<Result<>> AllowedWrites(const Context& ctx, Conn& conn, const Guards& guards) {
  const Result<Version> again = co_await conn.Create(ctx, "guarded/One", "x", guards);
  EXPECT_TRUE(!again.ok() && IsNodeExists(again.error()));
  CO_TRY(const Version first, co_await conn.Create(ctx, "guarded/deep/er/Two", "2", guards));
  CO_TRY(const Version second,
         co_await conn.Update(ctx, "guarded/deep/er/Two", "3", first, guards));
  const Result<Version> stale =
      co_await conn.Update(ctx, "guarded/deep/er/Two", "4", first, guards);
  EXPECT_TRUE(!stale.ok() && IsBadVersion(stale.error()));
  const Result<> stale_delete = co_await conn.Delete(ctx, "guarded/deep/er/Two", first, guards);
  EXPECT_TRUE(!stale_delete.ok() && IsBadVersion(stale_delete.error()));
  CO_TRY(const Node read, co_await conn.Get(ctx, "guarded/deep/er/Two"));
  EXPECT_EQ(read.contents, "3");
  EXPECT_EQ(read.version, second);
  CO_TRY_OK(co_await conn.Delete(ctx, "guarded/deep/er/Two", second, guards));
  const Result<std::vector<DirEntry>> left = co_await conn.ListDir(ctx, "guarded/deep");
  EXPECT_TRUE(!left.ok() && IsNoNode(left.error()));
  const Result<> twice = co_await conn.Delete(ctx, "guarded/deep/er/Two", std::nullopt, guards);
  EXPECT_TRUE(!twice.ok() && IsNoNode(twice.error()));
  const Result<Version> none = co_await conn.Update(ctx, "guarded/None", "x", second, guards);
  EXPECT_FALSE(none.ok());
  CO_TRY_OK(co_await conn.Update(ctx, "guarded/Three", "3", std::nullopt, guards));
  CO_TRY_OK(co_await conn.Delete(ctx, "guarded/Three", std::nullopt, guards));
  co_return Ok{};
}

// Takes the lock of guarded/ from its holder behind its back.
using Thief = std::function<Task<Result<>>(const Context& ctx, Conn& conn)>;

// A write with the guard of a lost lock is refused with its own error and changes nothing: whether
// nobody or somebody else holds the lock by then.
inline Task<Result<>> GuardedWrites(const Context& ctx, Conn& a, Conn& b, Thief steal) {
  CO_TRY_OK(co_await a.Create(ctx, "guarded/One", "1"));
  CO_TRY_OK(co_await a.Create(ctx, "steady/One", "1"));
  CO_TRY(const auto steady, co_await a.Lock(ctx, "steady", "a"));
  CO_TRY(const auto back, co_await a.Lock(ctx, "guarded", "a"));
  const Guards given_back = {steady->guard(), back->guard()};
  EXPECT_TRUE(b.CanGuard(*given_back[1]));
  CO_TRY_OK(co_await AllowedWrites(ctx, a, given_back));
  CO_TRY_OK(co_await AllowedWrites(ctx, b, given_back));
  CO_TRY_OK(co_await back->Unlock(ctx));
  const std::string_view first = given_back[1]->place();
  CO_TRY_OK(co_await RefusedWrites(ctx, a, given_back, first));

  CO_TRY(const auto lost, co_await a.Lock(ctx, "guarded", "a"));
  const Guards stolen = {lost->guard()};
  CO_TRY_OK(co_await steal(ctx, b));
  const std::string_view second = stolen[0]->place();
  CO_TRY_OK(co_await RefusedWrites(ctx, a, stolen, second));
  CO_TRY(const auto next, co_await b.Lock(ctx, "guarded", "b"));
  CO_TRY_OK(co_await RefusedWrites(ctx, a, stolen, second));
  CO_TRY_OK(co_await RefusedWrites(ctx, b, stolen, second));
  const Guards oldest = {given_back[1]};
  CO_TRY_OK(co_await RefusedWrites(ctx, a, oldest, first));
  const Result<> known = co_await lost->Check(ctx);
  EXPECT_FALSE(known.ok());
  const Guards held = {next->guard()};
  CO_TRY_OK(co_await AllowedWrites(ctx, b, held));
  CO_TRY_OK(co_await next->Unlock(ctx));
  const Result<> freed = co_await steady->Unlock(ctx);
  (void)freed;  // the thief may have taken this one too
  co_return Ok{};
}

}  // namespace tessera::topo::conformance
