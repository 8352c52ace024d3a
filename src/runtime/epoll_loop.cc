// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/epoll_loop.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/check.h"
#include "base/waiter.h"

namespace tessera::runtime {

namespace {

constexpr int kEventsPerPoll = 128;

int64_t ClockNanos(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

EpollLoop::EpollLoop(BlockingPool& pool)
    : pool_(pool),
      epoll_fd_(epoll_create1(EPOLL_CLOEXEC)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(epoll_fd_ >= 0 && wake_fd_ >= 0);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;
  CHECK(epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_fd_, &event) == 0);
  if (getrandom(&random_state_, sizeof random_state_, 0) != sizeof random_state_)
    random_state_ = static_cast<uint64_t>(ClockNanos(CLOCK_REALTIME));
}

EpollLoop::~EpollLoop() {
  close(wake_fd_);
  close(epoll_fd_);
}

Instant EpollLoop::Now() const { return Instant(Duration(ClockNanos(CLOCK_MONOTONIC))); }
int64_t EpollLoop::WallNanos() const { return ClockNanos(CLOCK_REALTIME); }

// SplitMix64 (Steele, Lea, Flood 2014): for jitter and sampling, not for secrets.
uint64_t EpollLoop::Random() {
  uint64_t z = random_state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

void EpollLoop::Arm(Timer& timer, Instant when) {
  BindTimer(timer);
  timers_.Arm(timer, when);
}

void EpollLoop::Run() {
  SetCurrent(this);
  while (!stop_.load(std::memory_order_relaxed)) {
    RunReady();
    if (RunTurnHooks()) continue;  // hooks may have made coroutines ready
    Poll();
    if (!timers_.empty()) {
      const Instant now = Now();
      while (timers_.RunOne(now)) {
      }
    }
    if (posted_any_.load(std::memory_order_acquire)) RunPosted();
  }
  SetCurrent(nullptr);
}

void EpollLoop::RunReady() {
  // A bounded number of rounds, so that coroutines that keep each other ready cannot starve the
  // network.
  for (int round = 0; round < 16 && !ready_.empty(); ++round) {
    std::swap(ready_, running_);
    for (const std::coroutine_handle<> coroutine : running_) coroutine.resume();
    running_.clear();
  }
}

int EpollLoop::PollTimeoutMillis() const {
  if (!ready_.empty() || posted_any_.load(std::memory_order_acquire)) return 0;
  if (timers_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(timers_.next() - Now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 60'000));
}

void EpollLoop::Poll() {
  epoll_event events[kEventsPerPoll];
  const int count = epoll_wait(epoll_fd_, events, kEventsPerPoll, PollTimeoutMillis());
  if (count <= 0) return;
  pending_.clear();
  for (int i = 0; i < count; ++i) pending_.push_back(static_cast<Watcher*>(events[i].data.ptr));
  for (pending_next_ = 0; pending_next_ < pending_.size(); ++pending_next_) {
    if (Watcher* watcher = pending_[pending_next_]) watcher->OnEvents(events[pending_next_].events);
  }
  pending_.clear();
}

void EpollLoop::Watch(int fd, uint32_t events, Watcher& watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  CHECK(epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0);
}

void EpollLoop::Unwatch(int fd, Watcher& watcher) {
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
  std::replace(pending_.begin(), pending_.end(), &watcher, static_cast<Watcher*>(nullptr));
}

namespace {

// One wait for a foreign descriptor.
class FdWait final : public EpollLoop::Watcher {
 public:
  explicit FdWait(const Context& ctx) : waiter(ctx) {}
  void OnEvents(uint32_t events) override {
    seen |= events;
    waiter.Wake();
  }

  Waiter waiter;
  uint32_t seen = 0;
};

}  // namespace

// Level-triggered and for one wait only: its owner may close the descriptor between two waits, and
// need not have read it empty.
Task<Result<FdEvents>> EpollLoop::WaitForFd(const Context& ctx, int fd, FdEvents wanted) {
  FdWait wait(ctx);
  epoll_event event{};
  if (wanted.readable) event.events |= EPOLLIN;
  if (wanted.writable) event.events |= EPOLLOUT;
  event.data.ptr = static_cast<Watcher*>(&wait);
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) != 0) {
    co_return Errorf(Code::kInvalidArgument, "cannot wait for descriptor {}: {}", fd,
                     std::strerror(errno));
  }
  const Result<> ready = co_await wait.waiter;
  Unwatch(fd, wait);
  if (!ready.ok()) co_return ready.error();
  const bool broken = (wait.seen & (EPOLLERR | EPOLLHUP)) != 0;
  FdEvents seen;
  seen.readable = broken || (wait.seen & EPOLLIN) != 0;
  seen.writable = broken || (wait.seen & EPOLLOUT) != 0;
  co_return seen;
}

void EpollLoop::Post(std::function<void()> work) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(work));
  }
  if (posted_any_.exchange(true, std::memory_order_acq_rel)) return;
  // The loop itself looks before it waits.
  if (HasCurrent() && &Executor::Current() == this) return;
  const uint64_t one = 1;
  CHECK(write(wake_fd_, &one, sizeof one) == sizeof one || errno == EAGAIN);
}

// The wake descriptor is never read: each write to it is an edge, whatever it has counted before.
void EpollLoop::RunPosted() {
  posted_any_.store(false, std::memory_order_release);
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(posted_mutex_);
    work.swap(posted_);
  }
  for (const std::function<void()>& item : work) item();
}

void EpollLoop::Stop() {
  Post([this] { stop_.store(true, std::memory_order_relaxed); });
}

}  // namespace tessera::runtime
