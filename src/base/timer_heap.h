// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/executor.h"

namespace tessera {

// The armed timers of one executor, soonest first; equal times in the order they were armed.
class TimerHeap {
 public:
  void Arm(Timer& timer, Instant when);
  void Disarm(Timer& timer);
  bool empty() const { return heap_.empty(); }
  Instant next() const { return heap_.front().when; }
  // Takes the soonest timer off if it is due and runs it; false when none is due.
  bool RunOne(Instant now);

 private:
  struct Entry {
    Instant when;
    uint64_t order;
    Timer* timer;
    bool Before(const Entry& other) const {
      return when != other.when ? when < other.when : order < other.order;
    }
  };
  void Place(size_t slot, const Entry& entry);
  void SiftUp(size_t slot);
  void SiftDown(size_t slot);

  std::vector<Entry> heap_;
  uint64_t next_order_ = 0;
};

}  // namespace tessera
