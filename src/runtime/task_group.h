// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"

namespace tessera::runtime {

// Children that run at the same time on this loop and never outlive the group: whoever made the
// group joins it before it goes out of scope (the destructor CHECKs). The first child that fails
// cancels the group's context, and its error is what Join gives.
class TaskGroup {
 public:
  explicit TaskGroup(const Context& parent) : ctx_(parent.WithCancel()) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup() { CHECK(running_ == 0); }

  // Cancelled when a child fails, on CancelAndJoin, and with the parent. Pass it to the children.
  const Context& context() const { return ctx_; }

  // Starts the child at once, up to its first wait.
  void Start(Task<Result<>> child);
  // A child that handles its own errors.
  void Start(Task<> child);

  size_t running() const { return running_; }

  // Waits for all children, those started meanwhile too. Not cut short by anything: cancel for
  // that.
  Task<Result<>> Join();
  Task<Result<>> CancelAndJoin();

 private:
  struct Root;
  static Root Run(TaskGroup* group, Task<Result<>> child);
  void Finished(Result<> outcome);

  Context ctx_;
  size_t running_ = 0;
  std::optional<Error> first_error_;
  std::coroutine_handle<> joiner_;

  friend struct JoinAwaiter;
};

}  // namespace tessera::runtime
