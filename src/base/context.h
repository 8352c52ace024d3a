// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/executor.h"
#include "base/result.h"

namespace tessera {

// Called once when the context it is registered with is cancelled or runs out of time. Lives in its
// owner (usually an awaiter in a coroutine frame); leaving early is done by Remove or by
// destruction.
class CancelHook {
 public:
  CancelHook() = default;
  CancelHook(const CancelHook&) = delete;
  CancelHook& operator=(const CancelHook&) = delete;
  virtual ~CancelHook() { Remove(); }
  void Remove();

 protected:
  // The context's error. Runs on the loop, inside whoever cancels: only note it and make somebody
  // ready.
  virtual void OnCancel(const Error& error) = 0;

 private:
  friend class Context;
  CancelHook* next_ = nullptr;
  CancelHook** link_ = nullptr;  // what points at us
};

// W3C trace context: zero ids mean "not traced".
struct TraceId {
  uint64_t high = 0;
  uint64_t low = 0;
};

// Deadline, cancellation and trace id of one piece of work, passed as `const Context&` to
// everything that can wait. One pointer wide; copies share. Belongs to the loop it was made on.
// Children see their parent's cancellation, and a child's deadline never outlasts its parent's.
class Context {
 public:
  // Never cancelled, no deadline. Costs nothing.
  static const Context& Background();

  // A child that Cancel can end.
  Context WithCancel() const;
  // A child that ends with kDeadlineExceeded at the earlier of `timeout` from now and our own
  // deadline.
  Context WithTimeout(Duration timeout) const;
  Context WithDeadline(Instant deadline) const;
  Context WithTrace(TraceId id) const;

  // Ends this context and its children with kCancelled, or with the error given. Later calls change
  // nothing.
  void Cancel() const;
  void Cancel(Error error) const;

  bool cancelled() const;
  // Ok, or why we must stop.
  Result<> Check() const;
  std::optional<Instant> deadline() const;
  // Time left, or nothing when there is no deadline. Never negative.
  std::optional<Duration> remaining() const;
  TraceId trace() const;

  // Registers; runs the hook at once if already cancelled. One hook is registered with one context
  // at a time.
  void OnCancel(CancelHook& hook) const;

 private:
  struct State;
  explicit Context(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Context Child() const;
  static void Notify(CancelHook& hook, const Error& why);
  std::shared_ptr<State> state_;
};

}  // namespace tessera
