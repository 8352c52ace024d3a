// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "base/context.h"
#include "base/task.h"
#include "base/waiter.h"

namespace tessera::runtime {

// Waiters in order of arrival. A waiter whose context ends leaves by itself.
class WaitQueue {
 public:
  WaitQueue() = default;
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;
  ~WaitQueue() { CHECK(head_ == nullptr); }

  // Waits until woken.
  Task<Result<>> Wait(const Context& ctx);
  // False when nobody waits.
  bool WakeOne(Result<> outcome = Ok{});
  void WakeAll(const Result<>& outcome = Ok{});
  bool empty() const { return head_ == nullptr; }
  size_t size() const { return size_; }

 private:
  struct Node;
  void Unlink(Node& node);
  Node* head_ = nullptr;
  Node* tail_ = nullptr;
  size_t size_ = 0;
};

// Permits that are taken and given back, first come first served.
class Semaphore {
 public:
  explicit Semaphore(size_t permits) : free_(permits) {}
  // Waits for a permit; the error is the context's.
  Task<Result<>> Acquire(const Context& ctx);
  bool TryAcquire();
  void Release();
  size_t free() const { return free_; }
  size_t waiting() const { return waiters_.size(); }

 private:
  size_t free_;
  WaitQueue waiters_;
};

// A mutex that coroutines of one loop hold across co_await. Lock gives a guard that frees it.
class AsyncMutex {
 public:
  class Guard {
   public:
    explicit Guard(AsyncMutex* mutex) : mutex_(mutex) {}
    Guard(Guard&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
    Guard& operator=(Guard&& other) noexcept {
      std::swap(mutex_, other.mutex_);
      return *this;
    }
    ~Guard() {
      if (mutex_ != nullptr) mutex_->permits_.Release();
    }

   private:
    AsyncMutex* mutex_;
  };
  Task<Result<Guard>> Lock(const Context& ctx);

 private:
  Semaphore permits_{1};
};

// A bounded queue between coroutines of one loop.
template <class T>
class Channel {
 public:
  explicit Channel(size_t capacity) : capacity_(capacity) {}

  // Waits for room. kFailedPrecondition once closed.
  Task<Result<>> Push(const Context& ctx, T item) {
    while (!closed_ && items_.size() >= capacity_) {
      CO_TRY_OK(co_await room_.Wait(ctx));
    }
    if (closed_) co_return Error(Code::kFailedPrecondition, "channel is closed");
    items_.push_back(std::move(item));
    filled_.WakeOne();
    co_return Ok{};
  }
  // False when full or closed.
  bool TryPush(T item) {
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(item));
    filled_.WakeOne();
    return true;
  }
  // Waits for an item; nothing once closed and empty.
  Task<Result<std::optional<T>>> Pop(const Context& ctx) {
    while (items_.empty() && !closed_) {
      CO_TRY_OK(co_await filled_.Wait(ctx));
    }
    if (items_.empty()) co_return std::optional<T>();
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    room_.WakeOne();
    co_return item;
  }
  void Close() {
    closed_ = true;
    filled_.WakeAll();
    room_.WakeAll();
  }
  size_t size() const { return items_.size(); }

 private:
  size_t capacity_;
  bool closed_ = false;
  std::deque<T> items_;
  WaitQueue filled_;
  WaitQueue room_;
};

}  // namespace tessera::runtime
