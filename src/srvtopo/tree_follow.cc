// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "srvtopo/tree_follow.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "base/waiter.h"
#include "log/log.h"
#include "topo/errors.h"
#include "topo/paths.h"

namespace tessera::srvtopo {

namespace {

// After a watch or a listing failed, and between listings however often they are asked for.
constexpr Duration kRetry = std::chrono::seconds(1);
constexpr Duration kLeastPause = std::chrono::milliseconds(50);
// A watch that told nothing and ended sooner is one that does not hold: a back end may itself try
// for ten seconds to begin it anew.
constexpr Duration kHolds = std::chrono::seconds(15);
constexpr Duration kLongestRetry = std::chrono::minutes(1);
// A store that lost its data tells of the records one by one: they are judged together.
constexpr Duration kGoneTogether = std::chrono::milliseconds(100);
// For the first answer: a topology that is slow must be told from one that is silent.
constexpr Duration kReadTimeout = std::chrono::seconds(30);

}  // namespace

TreeFollow::TreeFollow(const Context& ctx, topo::Server& topology, TreePlace place,
                       TreeListener listener)
    : topology_(topology), place_(std::move(place)), listener_(std::move(listener)), tasks_(ctx) {}

Task<> TreeFollow::Stop() {
  const Result<> ended = co_await tasks_.CancelAndJoin();
  static_cast<void>(ended.ok());  // it ends by our cancelling
}

Task<> TreeFollow::Follow(const Context& ctx) {
  while (!ctx.cancelled()) {
    const Instant began = Executor::Current().Now();
    read_ = told_ = false;
    const Result<> ended = co_await FollowOnce(ctx);
    if (ctx.cancelled() || unwatchable_) break;
    Duration retry = kRetry;
    if (!ended.ok()) retry = RetryAfter(Executor::Current().Now() - began, ended.error());
    const Result<> slept = co_await Sleep(ctx, kRetry);
    if (!slept.ok()) break;
    if (retry > kRetry) co_await Pause(ctx, retry - kRetry);
  }
}

// Where all can be read but watches do not hold, trying again is a listing: it costs what there is,
// not what changed, so it is done ever less often.
Duration TreeFollow::RetryAfter(Duration lasted, const Error& error) {
  constexpr int kDoublings = 10;
  const bool loose = read_ && !told_ && lasted < kHolds;
  if (!loose) {
    NoteTrouble(error);
    if (read_) loose_ = 0;
    return kRetry;
  }
  ++loose_;
  if (loose_ == 1) NoteTrouble(error);
  if (loose_ == 2)
    LOG(kWarn, "{} of cell {} can be read but not watched, they are listed from time to time: {}",
        place_.what, place_.cell, error.message());
  const Duration most = listener_.pause ? listener_.pause() : kLongestRetry;
  return std::clamp(kRetry * (1 << std::min(loose_ - 1, kDoublings)), kRetry,
                    std::max(kRetry, most));
}

// Returns when the records cannot be followed any more: the next one begins with how they are then.
Task<Result<>> TreeFollow::FollowOnce(const Context& ctx) {
  const Context bounded = ctx.WithTimeout(kReadTimeout);
  CO_TRY(topo::Conn* const conn, co_await topology_.Cell(bounded, place_.cell));
  const Result<> watched = co_await Watch(ctx, conn);
  if (watched.ok() || watched.error().code() != Code::kUnimplemented) co_return watched;
  if (listener_.pause) {
    co_return co_await ListAlways(ctx);
  }
  unwatchable_ = true;
  listener_.on_read();
  co_return Ok{};
}

Task<Result<>> TreeFollow::Watch(const Context& ctx, topo::Conn* conn) {
  const Context bounded = ctx.WithTimeout(kReadTimeout);
  CO_TRY(const std::unique_ptr<topo::TreeWatcher> watcher,
         co_await conn->WatchTree(bounded, place_.dir));
  TakeAll(watcher->TakeFirst());
  while (true) {
    // The deletions so far are told when no other has followed for a moment.
    const Context until = gone_.empty() ? ctx : ctx.WithTimeout(kGoneTogether);
    Result<topo::TreeChange> change = co_await watcher->Next(until);
    if (change.ok()) {
      told_ = true;
      if (change->path.ends_with(place_.suffix)) Take(*change);
      continue;
    }
    if (ctx.cancelled()) co_return Ok{};
    if (gone_.empty()) co_return std::move(change).error();
    const bool paused = until.cancelled();
    co_await TellGone(ctx, conn);
    if (!paused) co_return std::move(change).error();
  }
}

Task<Result<>> TreeFollow::ListAlways(const Context& ctx) {
  while (!ctx.cancelled()) {
    // Asked for each time: the cell may have moved.
    CO_TRY(topo::Conn* const conn, co_await topology_.Cell(ctx, place_.cell));
    CO_TRY_OK(co_await List(ctx, conn));
    co_await Pause(ctx, listener_.pause());
  }
  co_return Ok{};
}

Task<Result<>> TreeFollow::List(const Context& ctx, topo::Conn* conn) {
  const Context bounded = ctx.WithTimeout(kReadTimeout);
  const std::string prefix = place_.dir + "/";
  Result<std::vector<topo::KeyedNode>> nodes = co_await conn->List(bounded, prefix);
  if (!nodes.ok() && !topo::IsNoNode(nodes.error())) co_return std::move(nodes).error();
  std::vector<topo::KeyedNode> now;
  if (nodes.ok()) now = *std::move(nodes);
  TakeAll(std::move(now));
  if (!gone_.empty()) co_await TellGone(ctx, conn);
  co_return Ok{};
}

Task<> TreeFollow::Pause(const Context& ctx, Duration most) {
  const Context until = ctx.WithTimeout(most);
  const Result<> kicked = co_await kick_.Wait(until);
  static_cast<void>(kicked.ok());
  const Result<> slept = co_await Sleep(ctx, kLeastPause);
  static_cast<void>(slept.ok());
}

void TreeFollow::TakeAll(std::vector<topo::KeyedNode> nodes) {
  std::erase_if(
      nodes, [this](const topo::KeyedNode& node) { return !node.path.ends_with(place_.suffix); });
  topo::TreeVersions before = known_;
  for (const topo::TreeChange& change : topo::DiffTree(before, std::move(nodes))) Take(change);
  NoteRead();
}

void TreeFollow::Take(const topo::TreeChange& change) {
  if (!change.node) {
    if (known_.erase(change.path) > 0) gone_.insert(change.path);
    return;
  }
  gone_.erase(change.path);
  known_[change.path] = change.node->version;
  listener_.on_record(change.path, change.node->contents);
}

// A topology that began anew without its data has none of the records of before: then nobody has
// deleted them. What every cell in use has is a serving VSchema.
Task<> TreeFollow::TellGone(const Context& ctx, topo::Conn* conn) {
  const Context bounded = ctx.WithTimeout(kReadTimeout);
  const Result<topo::Node> vschema = co_await conn->Get(bounded, topo::kSrvVSchemaPath);
  const bool lost = !vschema.ok();
  if (lost && !ctx.cancelled())
    LOG(kWarn,
        "{} of cell {} are gone with all others ({} of them): the topology has lost its "
        "data, serving goes on with the last",
        place_.what, place_.cell, gone_.size());
  for (const std::string& path : std::exchange(gone_, {})) listener_.on_gone(path, lost);
}

void TreeFollow::NoteTrouble(const Error& error) {
  if (std::exchange(in_trouble_, true)) return;
  LOG(kWarn, "{} of cell {} cannot be read, serving goes on with the last: {}", place_.what,
      place_.cell, error.message());
}

void TreeFollow::NoteRead() {
  read_ = true;
  if (std::exchange(in_trouble_, false))
    LOG(kInfo, "{} of cell {} are read again", place_.what, place_.cell);
  if (listener_.on_read) listener_.on_read();
}

}  // namespace tessera::srvtopo
