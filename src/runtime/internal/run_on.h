// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/completion.h"
#include "base/task.h"
#include "runtime/loop.h"

namespace tessera::runtime {

namespace internal {

// A coroutine that starts at once, frees itself, and has nobody above it to hear an exception.
struct Detached {
  struct promise_type {
    static void* operator new(size_t size) { return tessera::internal::AllocateFrame(size); }
    static void operator delete(void* frame, size_t size) {
      tessera::internal::FreeFrame(frame, size);
    }
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

template <class Make, class T>
Detached RunThere(Make* make, Loop* home, Completion<T>* done) {
  auto task = (*make)();
  T result = co_await task;
  auto value = std::make_shared<T>(std::move(result));
  home->Post([done, value] { done->Set(std::move(*value)); });
}

}  // namespace internal

template <class Make>
auto RunOn(Loop& loop, Make make) -> std::invoke_result_t<Make&> {
  using T =
      decltype(std::declval<std::invoke_result_t<Make&>>().operator co_await().await_resume());
  Completion<T> done;
  Loop& home = Loop::Current();
  loop.Post([&make, &home, &done] { internal::RunThere(&make, &home, &done); });
  T value = co_await done;
  co_return value;
}

}  // namespace tessera::runtime
