// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/pool.h"

#include <algorithm>
#include <utility>

namespace tessera::mysqlconn {

Pool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      connection_(std::move(other.connection_)),
      birth_(other.birth_) {}

Pool::Lease& Pool::Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    Return();
    pool_ = std::exchange(other.pool_, nullptr);
    connection_ = std::move(other.connection_);
    birth_ = other.birth_;
  }
  return *this;
}

void Pool::Lease::Return() {
  if (Pool* const pool = std::exchange(pool_, nullptr))
    pool->TakeBack(std::move(connection_), birth_, true);
}

void Pool::Lease::Discard() {
  if (Pool* const pool = std::exchange(pool_, nullptr))
    pool->TakeBack(std::move(connection_), birth_, false);
}

Pool::Pool(PoolOptions options) : options_(std::move(options)) {}

Pool::~Pool() { CHECK(in_use_ == 0); }

Task<Result<Pool::Lease>> Pool::Get(const Context& ctx) {
  CO_TRY_OK(ctx.Check());
  ++stats_.gets;
  if (draining_)
    co_return Errorf(Code::kUnavailable, "connection pool {} is closed", options_.name);
  if (in_use_ >= options_.size || !waiters_.empty()) {
    CO_TRY_OK(co_await WaitForRoom(ctx));  // comes back with a place in in_use_
  } else {
    ++in_use_;
  }
  const Instant now = Executor::Current().Now();
  while (!idle_.empty()) {
    Idle newest = std::move(idle_.back());
    idle_.pop_back();
    if (Expired(newest.birth, now)) {
      ++stats_.closed_lifetime;
      continue;
    }
    Lease lease;
    lease.pool_ = this;
    lease.connection_ = std::move(newest.connection);
    lease.birth_ = newest.birth;
    co_return lease;
  }
  co_return co_await Open(ctx);
}

// Waits until a place is given to us.
Task<Result<>> Pool::WaitForRoom(const Context& ctx) {
  if (options_.max_waiters != 0 && waiters_.size() >= options_.max_waiters) {
    ++stats_.refused;
    co_return Errorf(Code::kResourceExhausted,
                     "connection pool {} has {} connections, all in use, and {} waiting",
                     options_.name, options_.size, waiters_.size())
        .WithHint("Enlarge the pool or lower the load");
  }
  ++stats_.waits;
  const Instant start = Executor::Current().Now();
  Context bounded = ctx;
  if (options_.wait_timeout != Duration::zero()) bounded = ctx.WithTimeout(options_.wait_timeout);
  const Result<> woken = co_await waiters_.Wait(bounded);
  stats_.wait_time += Executor::Current().Now() - start;
  if (woken.ok()) co_return Ok{};
  if (draining_)
    co_return Errorf(Code::kUnavailable, "connection pool {} is closed", options_.name);
  ++stats_.timeouts;
  CO_TRY_OK(ctx.Check());
  co_return Errorf(
      Code::kResourceExhausted, "connection pool {}: no connection came free in {} ms ({} in use)",
      options_.name,
      std::chrono::duration_cast<std::chrono::milliseconds>(options_.wait_timeout).count(), in_use_)
      .WithHint("Enlarge the pool or shorten the transactions that hold its connections");
}

Task<Result<Pool::Lease>> Pool::Open(const Context& ctx) {
  const uint64_t renewals = renewals_;  // one that comes while it is being opened is about it
  Result<std::unique_ptr<Connection>> connection =
      co_await Connection::Connect(ctx, options_.connect);
  if (!connection.ok()) {
    ++stats_.connect_errors;
    TakeBack(nullptr, Birth(), false);
    co_return std::move(connection).error();
  }
  ++stats_.connects;
  Executor& executor = Executor::Current();
  Lease lease;
  lease.pool_ = this;
  lease.connection_ = std::move(connection).value();
  // Opened up to a tenth earlier than in truth, so that connections made together do not all end
  // together.
  const int64_t spread = options_.max_lifetime.count() / 10;
  lease.birth_.renewals = renewals;
  lease.birth_.opened =
      executor.Now() - Duration(spread == 0 ? 0
                                            : static_cast<int64_t>(executor.Random() %
                                                                   static_cast<uint64_t>(spread)));
  co_return lease;
}

void Pool::TakeBack(std::unique_ptr<Connection> connection, Birth birth, bool keep) {
  const Instant now = Executor::Current().Now();
  if (connection != nullptr && keep && !connection->usable()) {
    ++stats_.closed_broken;
    connection.reset();
  } else if (connection != nullptr && Expired(birth, now)) {
    ++stats_.closed_lifetime;
    connection.reset();
  }
  if (connection != nullptr && keep && !draining_ && in_use_ <= options_.size)
    idle_.push_back(Idle{std::move(connection), birth, now});
  connection.reset();
  // The place goes to the one who has waited longest, or is free again.
  if (in_use_ <= options_.size && waiters_.WakeOne()) return;
  --in_use_;
  if (in_use_ == 0) drained_.WakeAll();
}

bool Pool::Expired(Birth birth, Instant now) const {
  return birth.renewals != renewals_ ||
         (options_.max_lifetime != Duration::zero() && now - birth.opened >= options_.max_lifetime);
}

void Pool::Renew() {
  ++renewals_;
  CloseExpired();
}

void Pool::Resize(size_t size) {
  options_.size = size;
  while (in_use_ < size && waiters_.WakeOne()) ++in_use_;
  while (!idle_.empty() && in_use_ + idle_.size() > size) idle_.erase(idle_.begin());
}

void Pool::CloseExpired() {
  const Instant now = Executor::Current().Now();
  const auto leave = [&](const Idle& idle) {
    if (Expired(idle.birth, now)) return ++stats_.closed_lifetime, true;
    if (options_.idle_timeout == Duration::zero() || now - idle.since < options_.idle_timeout)
      return false;
    return ++stats_.closed_idle, true;
  };
  idle_.erase(std::remove_if(idle_.begin(), idle_.end(), leave), idle_.end());
}

Task<Result<>> Pool::Drain(const Context& ctx) {
  draining_ = true;
  idle_.clear();
  waiters_.WakeAll(Errorf(Code::kUnavailable, "connection pool {} is closed", options_.name));
  if (in_use_ != 0) {
    CO_TRY_OK(co_await drained_.Wait(ctx));
  }
  co_return Ok{};
}

}  // namespace tessera::mysqlconn
