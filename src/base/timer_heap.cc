// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/timer_heap.h"

namespace tessera {

void TimerHeap::Place(size_t slot, const Entry& entry) {
  heap_[slot] = entry;
  entry.timer->slot_ = slot;
}

void TimerHeap::SiftUp(size_t slot) {
  const Entry entry = heap_[slot];
  while (slot > 0 && entry.Before(heap_[(slot - 1) / 2])) {
    Place(slot, heap_[(slot - 1) / 2]);
    slot = (slot - 1) / 2;
  }
  Place(slot, entry);
}

void TimerHeap::SiftDown(size_t slot) {
  const Entry entry = heap_[slot];
  for (;;) {
    size_t child = 2 * slot + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].Before(heap_[child])) ++child;
    if (!heap_[child].Before(entry)) break;
    Place(slot, heap_[child]);
    slot = child;
  }
  Place(slot, entry);
}

void TimerHeap::Arm(Timer& timer, Instant when) {
  if (timer.armed()) Disarm(timer);
  heap_.push_back({when, next_order_++, &timer});
  SiftUp(heap_.size() - 1);
}

void TimerHeap::Disarm(Timer& timer) {
  const size_t slot = timer.slot_;
  timer.slot_ = Timer::kIdle;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (slot == heap_.size()) return;
  Place(slot, last);
  SiftUp(slot);
  SiftDown(last.timer->slot_);
}

bool TimerHeap::RunOne(Instant now) {
  if (heap_.empty() || heap_.front().when > now) return false;
  Timer* timer = heap_.front().timer;
  Disarm(*timer);
  timer->OnTimer();
  return true;
}

}  // namespace tessera
