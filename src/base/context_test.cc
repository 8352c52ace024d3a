// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/context.h"

#include <memory>

#include <gtest/gtest.h>

#include "base/timer_heap.h"

namespace tessera {
namespace {

// Time that moves when told to.
class HandClock final : public Executor {
 public:
  HandClock() { SetCurrent(this); }
  ~HandClock() override { SetCurrent(nullptr); }
  void Ready(std::coroutine_handle<> coroutine) override { coroutine.resume(); }
  Instant Now() const override { return now_; }
  int64_t WallNanos() const override { return now_.time_since_epoch().count(); }
  uint64_t Random() override { return 4; }
  void Arm(Timer& timer, Instant when) override {
    BindTimer(timer);
    timers_.Arm(timer, when);
  }
  void Disarm(Timer& timer) override { timers_.Disarm(timer); }
  void Advance(Duration by) {
    now_ += by;
    while (timers_.RunOne(now_)) {
    }
  }
  bool idle() const { return timers_.empty(); }

 private:
  TimerHeap timers_;
  Instant now_{std::chrono::seconds(100)};
};

// Notes what it was told.
class Listener final : public CancelHook {
 public:
  ~Listener() override { Remove(); }
  int calls = 0;
  Code code = Code::kOk;

 private:
  void OnCancel(const Error& error) override {
    ++calls;
    code = error.code();
  }
};

using std::chrono::milliseconds;

TEST(Context, AChildThatHoldsItsParentsLastReferenceLeavesItInOrder) {
  const auto child = [] {
    const Context parent = Context::Background().WithCancel();
    return std::make_unique<Context>(parent.WithCancel());
  };
  std::unique_ptr<Context> last = child();
  EXPECT_FALSE(last->cancelled());
  last.reset();  // AddressSanitizer tells when the parent goes first
}

TEST(Context, ChildrenEndWithTheirParentAndNotTheOtherWayRound) {
  const Context parent = Context::Background().WithCancel();
  const Context child = parent.WithCancel();
  const Context sibling = parent.WithCancel();
  child.Cancel();
  EXPECT_TRUE(child.cancelled());
  EXPECT_FALSE(parent.cancelled());
  EXPECT_FALSE(sibling.cancelled());
  parent.Cancel(Error(Code::kDeadlineExceeded, "late"));
  EXPECT_EQ(sibling.Check().error().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(child.Check().error().code(), Code::kCancelled);
}

TEST(Context, TheBackgroundNeverEnds) {
  const Context& background = Context::Background();
  EXPECT_FALSE(background.cancelled());
  EXPECT_TRUE(background.Check().ok());
  EXPECT_FALSE(background.deadline().has_value());
  EXPECT_FALSE(background.remaining().has_value());
}

TEST(Context, AChildsDeadlineNeverOutlastsItsParents) {
  HandClock clock;
  const Context parent = Context::Background().WithTimeout(milliseconds(100));
  const Context longer = parent.WithTimeout(milliseconds(500));
  const Context shorter = parent.WithTimeout(milliseconds(20));
  EXPECT_EQ(longer.deadline(), parent.deadline());
  EXPECT_EQ(shorter.remaining(), milliseconds(20));
  clock.Advance(milliseconds(20));
  EXPECT_EQ(shorter.Check().error().code(), Code::kDeadlineExceeded);
  EXPECT_TRUE(parent.Check().ok() && longer.Check().ok());
  EXPECT_EQ(longer.remaining(), milliseconds(80));
  clock.Advance(milliseconds(80));
  EXPECT_EQ(parent.Check().error().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(longer.Check().error().code(), Code::kDeadlineExceeded);
  clock.Advance(milliseconds(80));
  EXPECT_EQ(longer.remaining(), milliseconds(0));  // never negative
}

TEST(Context, ADeadlineThatPassedEndsAtTheNextLookOfTheClock) {
  HandClock clock;
  const Context late = Context::Background().WithTimeout(milliseconds(-5));
  clock.Advance(milliseconds(0));
  EXPECT_EQ(late.Check().error().code(), Code::kDeadlineExceeded);
}

TEST(Context, CancellingTakesTheTimerAway) {
  HandClock clock;
  const Context context = Context::Background().WithTimeout(milliseconds(100));
  EXPECT_FALSE(clock.idle());
  context.Cancel();
  EXPECT_TRUE(clock.idle());
  clock.Advance(milliseconds(200));
  EXPECT_EQ(context.Check().error().code(), Code::kCancelled);
}

TEST(Context, HooksAreCalledOnceAndNotAfterTheyLeft) {
  const Context context = Context::Background().WithCancel();
  Listener stays;
  Listener leaves;
  Listener late;
  context.OnCancel(stays);
  context.OnCancel(leaves);
  {
    Listener dies;
    context.OnCancel(dies);
  }
  leaves.Remove();
  context.Cancel(Error(Code::kUnavailable, "shutting down"));
  context.Cancel();
  EXPECT_EQ(stays.calls, 1);
  EXPECT_EQ(stays.code, Code::kUnavailable);
  EXPECT_EQ(leaves.calls, 0);
  context.OnCancel(late);
  EXPECT_EQ(late.calls, 1);
  EXPECT_EQ(late.code, Code::kUnavailable);
}

TEST(Context, AChildOfAnEndedParentIsBornEnded) {
  HandClock clock;
  const Context parent = Context::Background().WithCancel();
  parent.Cancel();
  EXPECT_TRUE(parent.WithCancel().cancelled());
  EXPECT_TRUE(parent.WithTimeout(milliseconds(5)).cancelled());
  EXPECT_TRUE(clock.idle());
}

TEST(Context, ChildrenKeepTheTrace) {
  const Context traced = Context::Background().WithTrace({7, 9});
  EXPECT_EQ(traced.WithCancel().trace().high, 7u);
  EXPECT_EQ(traced.WithCancel().trace().low, 9u);
  EXPECT_EQ(Context::Background().trace().low, 0u);
}

}  // namespace
}  // namespace tessera
