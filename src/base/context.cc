// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/context.h"

#include <algorithm>
#include <utility>

namespace tessera {

void CancelHook::Remove() {
  if (link_ == nullptr) return;
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  link_ = nullptr;
  next_ = nullptr;
}

struct Context::State final : Timer, CancelHook, std::enable_shared_from_this<State> {
  std::shared_ptr<State> parent;
  std::optional<Instant> deadline;
  std::optional<Error> error;
  TraceId trace;
  CancelHook* hooks = nullptr;

  // Out of the parent's list while the parent is sure to be there: ours may be its last reference.
  ~State() override { CancelHook::Remove(); }

  void Stop(const Error& why) {
    if (error) return;
    // A hook may drop the last reference to us.
    const std::shared_ptr<State> keep = shared_from_this();
    error = why;
    Timer::Cancel();
    while (hooks != nullptr) {
      CancelHook* hook = hooks;
      hook->Remove();
      Context::Notify(*hook, *error);
    }
  }

  void OnTimer() override { Stop(Error(Code::kDeadlineExceeded, "context deadline exceeded")); }
  void OnCancel(const Error& why) override { Stop(why); }
};

const Context& Context::Background() {
  static const Context background(nullptr);
  return background;
}

void Context::Notify(CancelHook& hook, const Error& why) { hook.OnCancel(why); }

Context Context::Child() const {
  auto child = std::make_shared<State>();
  child->parent = state_;
  if (state_ != nullptr) {
    child->deadline = state_->deadline;
    child->trace = state_->trace;
    OnCancel(*child);
  }
  return Context(std::move(child));
}

Context Context::WithCancel() const { return Child(); }

Context Context::WithTimeout(Duration timeout) const {
  return WithDeadline(Executor::Current().Now() + timeout);
}

Context Context::WithDeadline(Instant deadline) const {
  Context child = Child();
  // The parent's own timer ends us when its deadline is the earlier one.
  if (child.state_->deadline && *child.state_->deadline <= deadline) return child;
  child.state_->deadline = deadline;
  if (!child.cancelled()) Executor::Current().Arm(*child.state_, deadline);
  return child;
}

Context Context::WithTrace(TraceId id) const {
  Context child = Child();
  child.state_->trace = id;
  return child;
}

void Context::Cancel() const { Cancel(Error(Code::kCancelled, "context canceled")); }
void Context::Cancel(Error error) const {
  CHECK(state_ != nullptr);
  state_->Stop(error);
}

bool Context::cancelled() const { return state_ != nullptr && state_->error.has_value(); }

Result<> Context::Check() const {
  if (cancelled()) return *state_->error;
  return Ok{};
}

std::optional<Instant> Context::deadline() const {
  return state_ == nullptr ? std::nullopt : state_->deadline;
}

std::optional<Duration> Context::remaining() const {
  if (!deadline()) return std::nullopt;
  return std::max(Duration(0), *deadline() - Executor::Current().Now());
}

TraceId Context::trace() const { return state_ == nullptr ? TraceId{} : state_->trace; }

void Context::OnCancel(CancelHook& hook) const {
  if (state_ == nullptr) return;
  if (state_->error) return Notify(hook, *state_->error);
  hook.Remove();
  hook.next_ = state_->hooks;
  if (hook.next_ != nullptr) hook.next_->link_ = &hook.next_;
  hook.link_ = &state_->hooks;
  state_->hooks = &hook;
}

}  // namespace tessera
