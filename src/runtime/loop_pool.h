// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/context.h"
#include "base/task.h"
#include "runtime/blocking_pool.h"
#include "runtime/epoll_loop.h"

namespace tessera::runtime {

// The loops of a process, one thread each, and their blocking pool. The thread that made the pool
// becomes loop 0's in Run.
class LoopPool {
 public:
  // 0 asks for one loop per core.
  explicit LoopPool(size_t loops = 0);
  ~LoopPool();

  size_t size() const { return loops_.size(); }
  Loop& loop(size_t index) { return *loops_[index]; }
  // The loop with the fewest open streams.
  Loop& LeastLoaded();

  // Runs all loops, and `root` on loop 0; when root has ended, stops them and gives its value. Work
  // that root left behind on other loops must have ended by then.
  int Run(std::function<Task<int>(const Context&, LoopPool&)> root);

 private:
  BlockingPool blocking_;
  std::vector<std::unique_ptr<EpollLoop>> loops_;
};

// Starts make() on `loop` and gives its value here. `make` is called there; both it and the value
// cross threads.
template <class Make>
auto RunOn(Loop& loop, Make make) -> std::invoke_result_t<Make&>;

// Runs a root coroutine on a fresh single loop to its end: for tests, tools and benchmarks.
int RunLoop(std::function<Task<int>(const Context&)> root);

}  // namespace tessera::runtime

#include "runtime/internal/run_on.h"
