// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "rpc/metadata.h"
#include "runtime/loop.h"
#include "runtime/tls.h"

namespace tessera::rpc {

struct ChannelOptions {
  size_t max_receive_bytes = size_t{16} << 20;  // per message, as is the next
  size_t max_send_bytes = size_t{16} << 20;
  size_t max_metadata_bytes = size_t{64} << 10;
  uint32_t stream_window = 1u << 20;       // bytes a server may send ahead on one call
  uint32_t connection_window = 16u << 20;  // and on all calls
  Duration connect_timeout = std::chrono::seconds(20);
  Duration backoff_first =
      std::chrono::milliseconds(100);  // after a failed connect; grows by 1.6, with jitter
  Duration backoff_most = std::chrono::seconds(10);
  // Pings a silent server while calls are under way; never more often than every 10 s, which peers
  // punish. Zero never.
  Duration keepalive_time = {};
  Duration keepalive_timeout = std::chrono::seconds(10);
  std::string authority;  // what servers see as :authority; the target by default
  // Speaks TLS with it (LoadClientTls), within connect_timeout; clear text without.
  std::shared_ptr<const runtime::TlsContext> tls;
};

// What one call sends beside its message, and where it leaves what came beside the answer.
struct CallOptions {
  Metadata metadata;
  // Waits through failed connects until ctx ends, instead of failing at once.
  bool wait_for_ready = false;
  Metadata* received_headers = nullptr;
  Metadata* received_trailers = nullptr;
};

// A streaming call of a client, in any of the three forms. One coroutine may read while another
// writes. Dropping it before its end cancels it; that must happen before its channel is closed.
class ClientStream {
 public:
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;
  virtual ~ClientStream() = default;

  // Returns when the message is queued: waits only while the server takes messages slower than they
  // come. Fails once the call has ended; Next then has the reason.
  virtual Task<Result<>> Write(const Context& ctx, std::string message) = 0;
  // No more messages from us.
  virtual void CloseWrites() = 0;
  // The next message; nothing at the end of a call that succeeded; the call's error otherwise.
  virtual Task<Result<std::optional<std::string>>> Next(const Context& ctx) = 0;
  // What the server sent before its first message (complete once Next has given something) and with
  // its status.
  virtual const Metadata& headers() const = 0;
  virtual const Metadata& trailers() const = 0;

 protected:
  ClientStream() = default;
};

// A connection to one server, made when a call needs it and made anew when it broke or the server
// sent it away. Lives on one loop. Errors of calls carry the server's code and message as they
// came; kUnavailable with "connection error:
// ..." when there is no connection, at once while reconnecting is backed off. kCancelled and
// kDeadlineExceeded of the caller's context are its own error.
class Channel {
 public:
  explicit Channel(runtime::Address target, ChannelOptions options = {});
  // CHECKs that it was closed, or never used.
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  const runtime::Address& target() const;

  // One request, one answer. `path` is "/package.Service/Method".
  Task<Result<std::string>> Call(const Context& ctx, std::string_view path, std::string request,
                                 const CallOptions* options = nullptr);

  // A streaming call; it lives as long as `ctx` lets it. Nothing of `options` is kept (received_*
  // are not used).
  Task<Result<std::unique_ptr<ClientStream>>> Open(const Context& ctx, std::string_view path,
                                                   const CallOptions* options = nullptr);

  // A call with one request and a stream of answers.
  Task<Result<std::unique_ptr<ClientStream>>> ServerStream(const Context& ctx,
                                                           std::string_view path,
                                                           std::string request,
                                                           const CallOptions* options = nullptr);

  // Connects now unless connected; the error says why not. Ignores the back-off.
  Task<Result<>> Connect(const Context& ctx);
  bool connected() const;

  // Ends the connection and every call on it, and waits until nothing is left. Calls afterwards
  // fail.
  Task<> Close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tessera::rpc
