// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "base/timer_heap.h"
#include "runtime/blocking_pool.h"
#include "runtime/loop.h"

namespace tessera::runtime {

// The real loop: one epoll set, edge-triggered, readiness first (a read is tried before it is
// waited for). Run is called on the thread that is to be the loop's.
class EpollLoop final : public Loop {
 public:
  // `pool` outlives the loop.
  explicit EpollLoop(BlockingPool& pool);
  ~EpollLoop() override;

  // Runs until Stop. Makes this loop the thread's current executor.
  void Run();
  // From any thread. Pending work is left where it is.
  void Stop();

  void Ready(std::coroutine_handle<> coroutine) override { ready_.push_back(coroutine); }
  Instant Now() const override;
  int64_t WallNanos() const override;
  uint64_t Random() override;
  void Arm(Timer& timer, Instant when) override;
  void Disarm(Timer& timer) override { timers_.Disarm(timer); }

  Task<Result<std::unique_ptr<Stream>>> Connect(const Context& ctx,
                                                const Address& address) override;
  Result<std::unique_ptr<Listener>> ListenWith(const Address& address,
                                               const ListenOptions& options) override;
  std::unique_ptr<Stream> Open(std::unique_ptr<Socket> socket) override;
  Task<Result<FdEvents>> WaitForFd(const Context& ctx, int fd, FdEvents wanted) override;
  void Post(std::function<void()> work) override;
  void PostBlocking(std::function<void()> work) override { pool_.Post(std::move(work)); }
  size_t stream_count() const override { return stream_count_.load(std::memory_order_relaxed); }

  // What epoll reports to. Used by the streams of this library only.
  class Watcher {
   public:
    virtual void OnEvents(uint32_t events) = 0;

   protected:
    ~Watcher() = default;
  };
  void Watch(int fd, uint32_t events, Watcher& watcher);
  void Unwatch(int fd, Watcher& watcher);
  void CountStream(int change) { stream_count_.fetch_add(change, std::memory_order_relaxed); }

 private:
  void RunReady();
  void RunPosted();
  void Poll();
  int PollTimeoutMillis() const;

  BlockingPool& pool_;
  int epoll_fd_;
  int wake_fd_;
  std::vector<std::coroutine_handle<>> ready_;
  std::vector<std::coroutine_handle<>> running_;
  TimerHeap timers_;
  std::vector<Watcher*>
      pending_;  // watchers of the batch of events under way, nulled when they leave
  size_t pending_next_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> posted_any_ = false;
  std::atomic<size_t> stream_count_ = 0;
  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
  uint64_t random_state_;
};

}  // namespace tessera::runtime
