// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tessera::runtime {

// A few threads for what would block a loop. Threads are started when work waits and none is idle,
// up to the limit. Destruction finishes the work that was posted.
class BlockingPool {
 public:
  explicit BlockingPool(size_t max_threads = 8) : max_threads_(max_threads) {}
  ~BlockingPool();
  void Post(std::function<void()> work);

 private:
  void RunThread();

  const size_t max_threads_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::function<void()>> queue_;
  size_t idle_ = 0;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tessera::runtime
