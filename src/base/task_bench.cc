// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What awaiting a child costs when it ends without waiting: its frame, its start, its value. The
// aim is 20 ns for one made, awaited and returned.
#include <cstdint>

#include <benchmark/benchmark.h>

#include "base/result.h"
#include "base/task.h"

namespace tessera {
namespace {

[[gnu::noinline]] Task<int64_t> Child(int64_t value) { co_return value + 1; }

Task<> AwaitMany(benchmark::State* state, int64_t* sum) {
  for (auto _ : *state) {
    const int64_t value = co_await Child(*sum);
    *sum = value;
  }
}

void ChildTask(benchmark::State& state) {
  int64_t sum = 0;
  const Task<> root = AwaitMany(&state, &sum);
  root.operator co_await().child.resume();
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(ChildTask);

[[gnu::noinline]] Task<Result<int64_t>> FallibleChild(int64_t value) { co_return value + 1; }

Task<Result<>> AwaitManyResults(benchmark::State* state, int64_t* sum) {
  for (auto _ : *state) {
    CO_TRY(*sum, co_await FallibleChild(*sum));
  }
  co_return Ok{};
}

// The same with a Result, as nearly everything has.
void ChildTaskWithResult(benchmark::State& state) {
  int64_t sum = 0;
  const Task<Result<>> root = AwaitManyResults(&state, &sum);
  root.operator co_await().child.resume();
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(ChildTaskWithResult);

}  // namespace
}  // namespace tessera
