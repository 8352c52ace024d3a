// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/task_group.h"

#include <utility>

namespace tessera::runtime {

// A coroutine that starts at once and frees itself at its end.
struct TaskGroup::Root {
  struct promise_type {
    static void* operator new(size_t size) { return tessera::internal::AllocateFrame(size); }
    static void operator delete(void* frame, size_t size) {
      tessera::internal::FreeFrame(frame, size);
    }
    Root get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

namespace {

Error PanicError(const char* what) {
  return Errorf(Code::kInternal, "panic: {}. This is a bug; the query was stopped", what);
}

Task<Result<>> WithoutResult(Task<> child) {
  co_await std::move(child);
  co_return Ok{};
}

}  // namespace

TaskGroup::Root TaskGroup::Run(TaskGroup* group, Task<Result<>> child) {
  Result<> outcome;
  try {
    outcome = co_await child;
  } catch (const std::exception& panic) {
    outcome = PanicError(panic.what());
  } catch (...) {
    outcome = PanicError("unknown exception");
  }
  group->Finished(std::move(outcome));
}

void TaskGroup::Start(Task<Result<>> child) {
  ++running_;
  Run(this, std::move(child));
}

void TaskGroup::Start(Task<> child) { Start(WithoutResult(std::move(child))); }

void TaskGroup::Finished(Result<> outcome) {
  if (!outcome.ok() && !first_error_) {
    first_error_ = std::move(outcome).error();
    ctx_.Cancel();
  }
  if (--running_ == 0 && joiner_) Executor::Current().Ready(std::exchange(joiner_, nullptr));
}

struct JoinAwaiter {
  explicit JoinAwaiter(TaskGroup& joined) : group(joined) {}
  TaskGroup& group;
  bool await_ready() const noexcept { return group.running_ == 0; }
  void await_suspend(std::coroutine_handle<> joiner) const {
    CHECK(!group.joiner_);
    group.joiner_ = joiner;
  }
  void await_resume() const noexcept {}
};

Task<Result<>> TaskGroup::Join() {
  while (running_ > 0) co_await JoinAwaiter(*this);
  if (first_error_) co_return *std::exchange(first_error_, std::nullopt);
  co_return Ok{};
}

Task<Result<>> TaskGroup::CancelAndJoin() {
  ctx_.Cancel();
  co_return co_await Join();
}

}  // namespace tessera::runtime
