// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/task.h"

#include <coroutine>
#include <memory>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "base/result.h"

namespace tessera {
namespace {

// Waits until somebody resumes it by hand.
struct Gate {
  std::coroutine_handle<> waiting;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { waiting = handle; }
  void await_resume() const noexcept {}
};

// A coroutine without an owner, as a loop's root is: starts at once and frees itself.
struct Root {
  struct promise_type {
    Root get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

template <class T>
Root RunInto(Task<T> task, std::optional<T>& out) {
  T value = co_await std::move(task);
  out.emplace(std::move(value));
}

Task<int> Number(int number) { co_return number; }

Task<int64_t> SumInALoop(int count) {
  int64_t sum = 0;
  for (int i = 0; i < count; ++i) {
    const int number = co_await Number(i);
    sum += number;
  }
  co_return sum;
}

TEST(Task, AMillionEndedAwaitsDoNotGrowTheStack) {
  std::optional<int64_t> sum;
  RunInto(SumInALoop(1'000'000), sum);
  EXPECT_EQ(sum, int64_t{499'999'500'000});
}

Task<int> Deep(int levels, Gate& gate) {
  if (levels == 0) {
    co_await gate;
    co_return 0;
  }
  const int below = co_await Deep(levels - 1, gate);
  co_return below + 1;
}

TEST(Task, AChainThatWaitedEndsFromTheInsideOut) {
  Gate gate;
  std::optional<int> depth;
  RunInto(Deep(1000, gate), depth);
  EXPECT_FALSE(depth.has_value());
  gate.waiting.resume();
  EXPECT_EQ(depth, 1000);
}

Task<int> WaitInALoop(int count, Gate& gate) {
  int turns = 0;
  for (; turns < count; ++turns) {
    co_await gate;
  }
  co_return turns;
}

TEST(Task, AMillionWaitsAreAMillionResumes) {
  Gate gate;
  std::optional<int> turns;
  RunInto(WaitInALoop(1'000'000, gate), turns);
  int resumed = 0;
  while (!turns.has_value()) {
    gate.waiting.resume();
    ++resumed;
  }
  EXPECT_EQ(resumed, 1'000'000);
}

Task<> Note(std::vector<int>& order, int number) {
  order.push_back(number);
  co_return;
}

Task<int> InOrder(std::vector<int>& order) {
  Task<> second = Note(order, 2);
  Task<> never = Note(order, 99);
  co_await Note(order, 1);
  co_await std::move(second);
  co_return 3;
}

TEST(Task, IsLazyAndFreedWhenNeverAwaited) {
  std::vector<int> order;
  std::optional<int> end;
  RunInto(InOrder(order), end);
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

Task<std::unique_ptr<int>> MoveOnly() { co_return std::make_unique<int>(8); }

TEST(Task, GivesWhatCanOnlyBeMoved) {
  std::optional<std::unique_ptr<int>> out;
  RunInto(MoveOnly(), out);
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ(**out, 8);
}

Task<int> Throws() {
  throw std::runtime_error("from a library");
  co_return 0;
}

Task<int> Passes() {
  const int value = co_await Throws();
  co_return value;
}

Task<int> Catches() {
  try {
    const int value = co_await Passes();
    co_return value;
  } catch (const std::runtime_error&) {
    co_return -1;
  }
}

TEST(Task, AThrowUnwindsThroughItsAwaiters) {
  std::optional<int> out;
  RunInto(Catches(), out);
  EXPECT_EQ(out, -1);
}

Task<Result<int>> Fails() { co_return Error(Code::kAborted, "no"); }

Task<Result<int>> TriesIt(bool& went_on) {
  CO_TRY(const int value, co_await Fails());
  went_on = true;
  co_return value;
}

TEST(Task, CoTryEndsTheCoroutineWithTheError) {
  bool went_on = false;
  std::optional<Result<int>> out;
  RunInto(TriesIt(went_on), out);
  ASSERT_TRUE(out.has_value() && !out->ok());
  EXPECT_EQ(out->error().code(), Code::kAborted);
  EXPECT_FALSE(went_on);
}

}  // namespace
}  // namespace tessera
