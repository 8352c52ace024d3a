// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "base/check.h"

namespace tessera {

namespace internal {

// Coroutine frames come from and go back to per-thread free lists by size class, so a call in
// steady state costs no malloc. Frames over the largest class go to operator new.
void* AllocateFrame(size_t size);
void FreeFrame(void* frame, size_t size);

struct PromiseBase {
  std::coroutine_handle<> continuation;
  bool done = false;
  std::exception_ptr panic;  // a third-party throw on its way to the task root

  static void* operator new(size_t size) { return AllocateFrame(size); }
  static void operator delete(void* frame, size_t size) { FreeFrame(frame, size); }

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> self) noexcept {
      self.promise().done = true;
      // Resuming may destroy our frame: nothing of it is touched afterwards.
      if (const std::coroutine_handle<> next = self.promise().continuation) next.resume();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { panic = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  std::coroutine_handle<Promise> get_return_object() {
    return std::coroutine_handle<Promise>::from_promise(*this);
  }
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T Take() {
    if (panic) std::rethrow_exception(panic);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  std::coroutine_handle<Promise> get_return_object() {
    return std::coroutine_handle<Promise>::from_promise(*this);
  }
  void return_void() const noexcept {}
  void Take() const {
    if (panic) std::rethrow_exception(panic);
  }
};

}  // namespace internal

// A lazy coroutine: runs when awaited, by whoever awaits it, on that loop, and is awaited once.
// Move-only. A task that was never awaited is simply freed; one that is suspended in the middle
// must never be destroyed (cancel its Context and await it). Nothing of it is atomic: a task never
// leaves the loop it started on.
template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task(Handle handle) : handle_(handle) {}  // NOLINT: made by the promise
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  struct Awaiter {
    Handle child;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> parent) noexcept {
      child.resume();                          // run until it waits or ends
      if (child.promise().done) return false;  // ended: go straight on, the stack does not grow
      child.promise().continuation = parent;   // waits: its end resumes us
      return true;
    }
    T await_resume() { return child.promise().Take(); }
  };
  Awaiter operator co_await() const& noexcept { return Awaiter{handle_}; }
  Awaiter operator co_await() && noexcept { return Awaiter{handle_}; }

 private:
  Handle handle_;
};

}  // namespace tessera
