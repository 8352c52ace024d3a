// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "runtime/loop.h"

namespace tessera::http {

// Serves connections, on whatever loop they were placed.
class ConnectionHandler {
 public:
  // Serves one connection to its end. `draining` ends when no new work should be taken; `ctx` when
  // all must stop.
  virtual Task<> Serve(const Context& ctx, const Context& draining,
                       std::unique_ptr<runtime::Stream> stream) = 0;

 protected:
  ~ConnectionHandler() = default;
};

// Listening sockets whose connections are spread over several loops, each to the one with the
// fewest.
class Acceptor {
 public:
  Acceptor();
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // On the current loop, which must be the one Serve runs on. Gives the address with the port the
  // system chose.
  Result<runtime::Address> Listen(const runtime::Address& address,
                                  const runtime::ListenOptions& options = {});
  // Where connections go; the serving loop alone by default.
  void UseLoops(std::vector<runtime::Loop*> loops);

  // Accepts until ctx ends; then lets connections drain for `drain_timeout`, cancels the rest, and
  // returns when every connection on every loop has ended.
  Task<Result<>> Serve(const Context& ctx, ConnectionHandler& handler, Duration drain_timeout);

  // Connections open now. From any thread.
  size_t connections() const { return connections_.load(std::memory_order_relaxed); }

 private:
  struct Worker;
  Task<Result<>> AcceptFrom(const Context& ctx, runtime::Listener& listener);
  void Place(std::unique_ptr<runtime::Socket> socket);
  Task<Result<>> DrainAll(Duration timeout);

  std::vector<std::unique_ptr<runtime::Listener>> listeners_;
  std::vector<runtime::Loop*> loops_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<size_t> connections_ = 0;
};

}  // namespace tessera::http
