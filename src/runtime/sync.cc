// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync.h"

namespace tessera::runtime {

struct WaitQueue::Node final : Waiter {
  Node(const Context& ctx, WaitQueue& queue) : Waiter(ctx), owner(queue) {
    prev = owner.tail_;
    (prev != nullptr ? prev->next : owner.head_) = this;
    owner.tail_ = this;
    ++owner.size_;
  }
  void OnStop() override { owner.Unlink(*this); }

  WaitQueue& owner;
  Node* prev = nullptr;
  Node* next = nullptr;
};

void WaitQueue::Unlink(Node& node) {
  (node.prev != nullptr ? node.prev->next : head_) = node.next;
  (node.next != nullptr ? node.next->prev : tail_) = node.prev;
  --size_;
}

Task<Result<>> WaitQueue::Wait(const Context& ctx) {
  Node node(ctx, *this);
  co_return co_await node;
}

bool WaitQueue::WakeOne(Result<> outcome) {
  if (head_ == nullptr) return false;
  Node& node = *head_;
  Unlink(node);
  node.Wake(std::move(outcome));
  return true;
}

void WaitQueue::WakeAll(const Result<>& outcome) {
  while (WakeOne(outcome)) {
  }
}

Task<Result<>> Semaphore::Acquire(const Context& ctx) {
  if (TryAcquire()) co_return Ok{};
  co_return co_await waiters_.Wait(ctx);  // Release hands its permit to us
}

bool Semaphore::TryAcquire() {
  if (free_ == 0) return false;
  --free_;
  return true;
}

void Semaphore::Release() {
  if (!waiters_.WakeOne()) ++free_;
}

Task<Result<AsyncMutex::Guard>> AsyncMutex::Lock(const Context& ctx) {
  CO_TRY_OK(co_await permits_.Acquire(ctx));
  co_return Guard(this);
}

}  // namespace tessera::runtime
