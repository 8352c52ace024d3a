// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/check.h"
#include "base/waiter.h"

namespace tessera::rpc {

// The one coroutine that may wait for something of a call. `place` points to it while it waits.
class SlotWaiter final : public Waiter {
 public:
  SlotWaiter(const Context& ctx, SlotWaiter*& place) : Waiter(ctx), place_(place) {
    CHECK(place_ == nullptr);
    place_ = this;
  }
  ~SlotWaiter() override { place_ = nullptr; }

  static void WakeAt(SlotWaiter* place) {
    if (place != nullptr) place->Wake();
  }

 private:
  SlotWaiter*& place_;
};

}  // namespace tessera::rpc
