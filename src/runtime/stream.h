// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"

namespace tessera::runtime {

// Where to connect or listen: a host and port, or the path of a Unix socket.
struct Address {
  std::string host;  // name or literal; empty with unix_path
  uint16_t port = 0;
  std::string unix_path;

  bool is_unix() const { return !unix_path.empty(); }
  // "host:port", "[v6]:port", "unix:/path" or a path that begins with "/".
  static Result<Address> Parse(std::string_view text);
  static Address Tcp(std::string host, uint16_t port);
  static Address Unix(std::string path);
  std::string ToString() const;
};

// Of a TCP port that is listened on.
struct ListenOptions {
  // Other processes may listen on the same port; the kernel spreads clients over them.
  bool reuse_port = false;
  // A connection silent for so long is asked whether it still lives, and so long apart again until
  // it is given up. 0 leaves it to the system.
  Duration keepalive{0};
};

// A connected byte stream of one loop. One coroutine reads and one writes at a time. Closing (or
// destroying) it while a coroutine waits in it is not allowed: cancel the context first, or
// Shutdown and let both end.
class Stream {
 public:
  virtual ~Stream() = default;

  // At least one byte, or 0 at the peer's orderly end. kUnavailable when the connection broke.
  virtual Task<Result<size_t>> Read(const Context& ctx, std::span<char> into) = 0;

  // All bytes of all parts, in order, with as few system calls as the kernel allows.
  virtual Task<Result<>> Write(const Context& ctx, std::span<const std::string_view> parts) = 0;

  // Writes what the kernel takes at once, without waiting; the number of bytes (0 when full).
  virtual Result<size_t> TryWrite(std::span<const std::string_view> parts) = 0;

  // No more bytes either way: wakes a waiting reader and writer with an error. Safe to repeat.
  virtual void Shutdown() = 0;

  // "127.0.0.1:4711", or the socket's path.
  virtual std::string peer() const = 0;

  Task<Result<>> WriteAll(const Context& ctx, std::string_view bytes);
};

// A connection that belongs to no loop yet; Loop::Open makes it a Stream. Dropping it closes it.
class Socket {
 public:
  virtual ~Socket() = default;
};

// A listening socket of one loop.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual Task<Result<std::unique_ptr<Socket>>> Accept(const Context& ctx) = 0;
  // With the port the system chose when 0 was asked for.
  virtual const Address& address() const = 0;
};

}  // namespace tessera::runtime
