// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "base/context.h"
#include "base/executor.h"
#include "base/result.h"

namespace tessera {

// One coroutine's wait that a context can cut short, the base of every primitive that waits. Lives
// in the waiting coroutine's frame; whoever holds a pointer to it may Wake it once. `co_await
// waiter` gives Wake's result or the context's error, whichever came first; the owner of a queue
// takes the waiter out on error (OnStop).
class Waiter : CancelHook {
 public:
  explicit Waiter(const Context& ctx) : ctx_(ctx) {}

  // False when the wait is over already.
  bool Wake(Result<> outcome = Ok{}) {
    if (outcome_) return false;
    outcome_.emplace(std::move(outcome));
    CancelHook::Remove();
    if (coroutine_) Executor::Current().Ready(std::exchange(coroutine_, nullptr));
    return true;
  }
  bool done() const { return outcome_.has_value(); }

  bool await_ready() {
    if (!outcome_) ctx_.OnCancel(*this);
    return outcome_.has_value();
  }
  void await_suspend(std::coroutine_handle<> coroutine) { coroutine_ = coroutine; }
  Result<> await_resume() { return std::move(*outcome_); }

 protected:
  // The context ended the wait: leave the queue that would wake us.
  virtual void OnStop() {}

 private:
  void OnCancel(const Error& error) final {
    if (Wake(error)) OnStop();
  }

  const Context& ctx_;
  std::optional<Result<>> outcome_;
  std::coroutine_handle<> coroutine_;
};

// Waits for the time to pass, or less when ctx ends.
class Sleep : Timer {
 public:
  Sleep(const Context& ctx, Duration time) : waiter_(ctx), time_(time) {}
  bool await_ready() { return waiter_.await_ready(); }
  void await_suspend(std::coroutine_handle<> coroutine) {
    waiter_.await_suspend(coroutine);
    Executor& executor = Executor::Current();
    executor.Arm(*this, executor.Now() + time_);
  }
  Result<> await_resume() {
    Timer::Cancel();
    return waiter_.await_resume();
  }

 private:
  void OnTimer() override { waiter_.Wake(); }
  Waiter waiter_;
  Duration time_;
};

// Lets everything else that is ready run first.
struct Yield {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) const {
    Executor::Current().Ready(coroutine);
  }
  void await_resume() const noexcept {}
};

}  // namespace tessera
