// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/executor.h"

namespace tessera {

// A place where one coroutine waits for one value. Set once, by code on the same loop; the waiter
// is put on the ready queue, never resumed inside Set. Must outlive its waiter.
template <class T>
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;  // the waiter waits here and nowhere else
  Completion& operator=(const Completion&) = delete;

  bool is_set() const { return value_.has_value(); }

  // False when a value was there already (that value stays).
  bool Set(T value) {
    if (value_) return false;
    value_.emplace(std::move(value));
    if (waiter_) Executor::Current().Ready(std::exchange(waiter_, nullptr));
    return true;
  }

  bool await_ready() const noexcept { return value_.has_value(); }
  void await_suspend(std::coroutine_handle<> waiter) {
    DCHECK(!waiter_);
    waiter_ = waiter;
  }
  T await_resume() { return std::move(*value_); }

 private:
  std::optional<T> value_;
  std::coroutine_handle<> waiter_;
};

}  // namespace tessera
