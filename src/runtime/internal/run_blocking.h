// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "base/completion.h"
#include "runtime/loop.h"

namespace tessera::runtime {

template <class F>
Task<std::invoke_result_t<F&>> RunBlocking(F work) {
  using T = std::invoke_result_t<F&>;
  static_assert(!std::is_void_v<T>, "return Result<> from blocking work");
  Completion<T> done;
  Loop& loop = Loop::Current();
  const std::function<void()> job = [&loop, &done, &work] {
    // shared: std::function must be copyable even for a move-only result
    auto value = std::make_shared<T>(work());
    loop.Post([&done, value] { done.Set(std::move(*value)); });
  };
  loop.PostBlocking(job);
  T value = co_await done;
  co_return value;
}

}  // namespace tessera::runtime
