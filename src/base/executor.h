// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>

namespace tessera {

// Monotonic time of the executor: real on a real loop, virtual in the simulator. Zero is arbitrary.
using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

// A timer that lives in its owner. OnTimer runs once on the executor's thread, unless the timer was
// cancelled or destroyed first. Re-arming an armed timer moves it.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer() { Cancel(); }

  bool armed() const { return slot_ != kIdle; }
  void Cancel();

 protected:
  virtual void OnTimer() = 0;

 private:
  friend class TimerHeap;
  friend class Executor;
  static constexpr size_t kIdle = ~size_t{0};
  size_t slot_ = kIdle;
  class Executor* executor_ = nullptr;
};

// A callback at the end of the executor's present turn, when everything ready has run: the place to
// flush what was collected. Lives in its owner; an enqueued hook must not be destroyed.
class TurnHook {
 public:
  virtual void OnTurnEnd() = 0;

 protected:
  ~TurnHook() = default;

 private:
  friend class Executor;
  TurnHook* next_ = nullptr;
  bool queued_ = false;
};

// What base needs of an event loop: a ready queue, time, timers, randomness. One per thread; not
// thread-safe.
class Executor {
 public:
  virtual ~Executor() = default;

  // The executor that runs this thread. CHECKs that there is one.
  static Executor& Current();
  static bool HasCurrent();

  // Resumes the coroutine later in this turn or in the next, after those already ready.
  virtual void Ready(std::coroutine_handle<> coroutine) = 0;

  virtual Instant Now() const = 0;
  // Nanoseconds since 1970.
  virtual int64_t WallNanos() const = 0;
  // From a seed in the simulator, from the system otherwise.
  virtual uint64_t Random() = 0;

  virtual void Arm(Timer& timer, Instant when) = 0;
  virtual void Disarm(Timer& timer) = 0;

  // Runs the hook once when this turn's ready queue is empty. A hook that is already queued stays
  // queued once.
  void AtTurnEnd(TurnHook& hook);

 protected:
  // Makes `executor` (or none) this thread's current one.
  static void SetCurrent(Executor* executor);
  void BindTimer(Timer& timer) { timer.executor_ = this; }
  // True when some hook ran.
  bool RunTurnHooks();

 private:
  TurnHook* turn_hooks_ = nullptr;
};

}  // namespace tessera
