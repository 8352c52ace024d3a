// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/loop_pool.h"

#include <algorithm>

namespace tessera::runtime {

LoopPool::LoopPool(size_t loops) {
  if (loops == 0) loops = std::max(1u, std::thread::hardware_concurrency());
  for (size_t i = 0; i < loops; ++i) loops_.push_back(std::make_unique<EpollLoop>(blocking_));
}

LoopPool::~LoopPool() = default;

Loop& LoopPool::LeastLoaded() {
  return **std::min_element(loops_.begin(), loops_.end(), [](const auto& a, const auto& b) {
    return a->stream_count() < b->stream_count();
  });
}

namespace {

internal::Detached RunRoot(std::function<Task<int>(const Context&, LoopPool&)>* root,
                           LoopPool* pool, int* status, std::function<void()>* finished) {
  const Context ctx = Context::Background().WithCancel();
  auto task = (*root)(ctx, *pool);
  *status = co_await task;
  (*finished)();
}

}  // namespace

int LoopPool::Run(std::function<Task<int>(const Context&, LoopPool&)> root) {
  int status = 0;
  std::function<void()> finished = [this] {
    for (const auto& loop : loops_) loop->Stop();
  };
  std::vector<std::thread> threads;
  for (size_t i = 1; i < loops_.size(); ++i) threads.emplace_back([this, i] { loops_[i]->Run(); });
  loops_[0]->Post([&] { RunRoot(&root, this, &status, &finished); });
  loops_[0]->Run();
  for (std::thread& thread : threads) thread.join();
  return status;
}

int RunLoop(std::function<Task<int>(const Context&)> root) {
  LoopPool pool(1);
  return pool.Run([&root](const Context& ctx, LoopPool&) { return root(ctx); });
}

}  // namespace tessera::runtime
