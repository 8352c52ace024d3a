// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "rpc/metadata.h"
#include "runtime/loop.h"
#include "runtime/tls.h"

namespace tessera::http {
class Router;
}

namespace tessera::rpc {

// A call as its handler sees it. Lives until the handler's task has ended.
class ServerCall {
 public:
  // "/package.Service/Method".
  virtual std::string_view path() const = 0;
  // What the client sent, without the protocol's own headers.
  virtual const Metadata& metadata() const = 0;
  // "127.0.0.1:4711".
  virtual std::string_view peer() const = 0;
  // What TLS knows of the client; nullptr in clear text.
  virtual const runtime::TlsSession* tls() const = 0;
  // Goes out before the first message; without effect after it.
  virtual void AddHeader(std::string_view name, std::string_view value) = 0;
  // Goes out with the status.
  virtual void AddTrailer(std::string_view name, std::string_view value) = 0;

 protected:
  ~ServerCall() = default;
};

// The messages a client streams. One coroutine reads at a time.
class ServerReader {
 public:
  // The next message, or nothing after the client's last one. An error ends the stream.
  virtual Task<Result<std::optional<std::string>>> Next(const Context& ctx) = 0;

 protected:
  ~ServerReader() = default;
};

// The messages a handler streams. One coroutine writes at a time.
class ServerWriter {
 public:
  // Returns when the message is queued: waits only while the client takes messages slower than they
  // come.
  virtual Task<Result<>> Write(const Context& ctx, std::string message) = 0;

 protected:
  ~ServerWriter() = default;
};

// Handlers. Their context ends with the call's deadline, with the client's cancellation and with
// the connection. Bytes of a request stay valid until the task has ended. The error's code and
// message are what the client gets. On a server of several loops a handler runs on any of their
// threads.
using UnaryHandler =
    std::function<Task<Result<std::string>>(const Context&, ServerCall&, std::string_view request)>;
using ServerStreamHandler = std::function<Task<Result<>>(const Context&, ServerCall&,
                                                         std::string_view request, ServerWriter&)>;
using ClientStreamHandler =
    std::function<Task<Result<std::string>>(const Context&, ServerCall&, ServerReader&)>;
using BidiHandler =
    std::function<Task<Result<>>(const Context&, ServerCall&, ServerReader&, ServerWriter&)>;

struct ServerOptions {
  size_t max_receive_bytes = size_t{16} << 20;  // per message, as is the next
  size_t max_send_bytes = size_t{16} << 20;
  size_t max_metadata_bytes = size_t{64} << 10;
  uint32_t max_streams = 10'000;           // calls at once per connection
  uint32_t stream_window = 1u << 20;       // bytes a client may send ahead on one call
  uint32_t connection_window = 16u << 20;  // and on all calls of a connection
  Duration keepalive_time = {};            // ping a client silent for this long; zero never does
  Duration keepalive_timeout = std::chrono::seconds(10);
  Duration drain_timeout =
      std::chrono::seconds(10);  // what calls under way get when Serve is told to end
  // Runs before every call (health checks excepted); an error is the call's answer.
  std::function<Result<>(const ServerCall&)> authorize;
  // Pages for HTTP/1.1 clients of the same ports; outlives the server.
  const http::Router* pages = nullptr;
  // With it, calls come over TLS (LoadServerTls). Pages are also shown in clear text.
  std::shared_ptr<const runtime::TlsContext> tls;
  bool tls_optional = false;  // calls are taken in clear text, too
  // Hears why connections were refused for their TLS, for the log. On any loop's thread.
  std::function<void(const Error&)> on_refused;
};

// A gRPC server. Register everything, then Listen, then Serve; nothing can be registered
// afterwards. A connection and its calls live on the loop that was least loaded when it came.
// grpc.health.v1 is built in.
class Server {
 public:
  // The server belongs to the loop it listens and serves on.
  explicit Server(ServerOptions options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // `path` is "/package.Service/Method"; CHECKs that it is new.
  void Unary(std::string path, UnaryHandler handler);
  void ServerStream(std::string path, ServerStreamHandler handler);
  void ClientStream(std::string path, ClientStreamHandler handler);
  void Bidi(std::string path, BidiHandler handler);

  // Opens a port or a Unix socket; may be called several times. Gives the address with the port the
  // system chose.
  Result<runtime::Address> Listen(const runtime::Address& address,
                                  const runtime::ListenOptions& options = {});

  // Where connections are placed; without a call, on the current loop alone. They outlive Serve.
  void UseLoops(std::vector<runtime::Loop*> loops);

  // Serves until ctx ends, then takes no more calls (GOAWAY), lets those under way finish for
  // drain_timeout, cancels the rest and returns when all handlers have ended.
  Task<Result<>> Serve(const Context& ctx);

  // What the health service says of a service ("" is the whole server). Registered services are
  // serving unless told otherwise. From any thread.
  void SetServing(std::string_view service, bool serving);

  // Connections open now. From any thread.
  size_t connections() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tessera::rpc
