// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <memory>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "queryservice/query_service.h"
#include "runtime/sync.h"

namespace tessera::tabletserver {

// The present health of a tablet, told to everybody who asked to be told. Of one loop.
class HealthStreamer {
 public:
  explicit HealthStreamer(size_t buffer) : buffer_(buffer) {}

  // What is told from now on, to those there already and to new ones. Names of changed tables are
  // told once, to those there.
  void Publish(const queryservice::Health& health);
  // The last one again: the sign of life of each health interval.
  void Repeat();
  const queryservice::Health& current() const { return current_; }

  // Ends with kResourceExhausted when the sink takes health slower than it changes, and with
  // kUnavailable on Close.
  Task<Result<>> Stream(const Context& ctx, queryservice::HealthSink& sink);
  void Close();

  size_t subscribers() const { return subscribers_.size(); }

 private:
  struct Subscriber {
    explicit Subscriber(size_t buffer) : queue(buffer) {}
    runtime::Channel<std::shared_ptr<const queryservice::Health>> queue;
    bool overflowed = false;
  };
  void Send(const std::shared_ptr<const queryservice::Health>& health);

  size_t buffer_;
  bool closed_ = false;
  queryservice::Health current_;
  std::list<std::shared_ptr<Subscriber>> subscribers_;
};

}  // namespace tessera::tabletserver
