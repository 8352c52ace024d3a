// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/executor.h"

#include <utility>

#include "base/check.h"

namespace tessera {

namespace {
thread_local Executor* current = nullptr;
}  // namespace

Executor& Executor::Current() {
  CHECK(current != nullptr);
  return *current;
}
bool Executor::HasCurrent() { return current != nullptr; }
void Executor::SetCurrent(Executor* executor) { current = executor; }

void Timer::Cancel() {
  if (armed()) executor_->Disarm(*this);
}

void Executor::AtTurnEnd(TurnHook& hook) {
  if (hook.queued_) return;
  hook.queued_ = true;
  hook.next_ = turn_hooks_;
  turn_hooks_ = &hook;
}

bool Executor::RunTurnHooks() {
  TurnHook* hook = std::exchange(turn_hooks_, nullptr);
  const bool any = hook != nullptr;
  while (hook != nullptr) {
    TurnHook* next = hook->next_;
    hook->queued_ = false;
    hook->OnTurnEnd();
    hook = next;
  }
  return any;
}

}  // namespace tessera
