// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "base/executor.h"
#include "runtime/stream.h"

namespace tessera::runtime {

// What a descriptor is waited for, or what it has become.
struct FdEvents {
  bool readable = false;
  bool writable = false;
};

// One thread's event loop: the only door to network, time and randomness. The epoll loop and the
// simulator's loop are its two forms; code above runtime/ cannot tell them apart. Everything but
// Post is for the loop's own thread.
class Loop : public Executor {
 public:
  static Loop& Current() { return static_cast<Loop&>(Executor::Current()); }

  // Names are resolved on the blocking pool. kUnavailable with the address when nobody answers.
  virtual Task<Result<std::unique_ptr<Stream>>> Connect(const Context& ctx,
                                                        const Address& address) = 0;

  // kAlreadyExists when the port or path is in use, with its owner when the system tells. A Unix
  // socket file nobody listens on is replaced.
  virtual Result<std::unique_ptr<Listener>> ListenWith(const Address& address,
                                                       const ListenOptions& options) = 0;
  Result<std::unique_ptr<Listener>> Listen(const Address& address) {
    return ListenWith(address, ListenOptions());
  }

  virtual std::unique_ptr<Stream> Open(std::unique_ptr<Socket> socket) = 0;

  // Waits until a descriptor that another library owns can be read or written as wanted; one that
  // is broken or hung up can be both. It must stay open, and nobody else wait for it here, until
  // this returns. kInvalidArgument when the kernel cannot wait for it, kUnimplemented in the
  // simulator.
  virtual Task<Result<FdEvents>> WaitForFd(const Context& ctx, int fd, FdEvents wanted) = 0;

  // Runs `work` on this loop's thread, soon. From any thread.
  virtual void Post(std::function<void()> work) = 0;

  // Runs `work` on a thread of the blocking pool; it must not touch the loop. See RunBlocking.
  virtual void PostBlocking(std::function<void()> work) = 0;

  // Streams open on this loop, for placing new ones.
  virtual size_t stream_count() const = 0;
};

// Runs a function that may block (files, fork, name look-ups) on the blocking pool and gives its
// value. The function is not interrupted when ctx ends: it is waited for, because it may point into
// the caller's frame.
template <class F>
Task<std::invoke_result_t<F&>> RunBlocking(F work);

}  // namespace tessera::runtime

#include "runtime/internal/run_blocking.h"
