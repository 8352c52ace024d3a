// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "http/http2_session.h"
#include "rpc/internal/message_assembler.h"
#include "rpc/internal/slot_waiter.h"
#include "rpc/server.h"
#include "runtime/task_group.h"

namespace tessera::rpc {

struct MethodEntry {
  std::variant<UnaryHandler, ServerStreamHandler, ClientStreamHandler, BidiHandler> handler;
  bool authorized = true;  // asks ServerOptions::authorize first
  // The client sends one message, which the handler gets as bytes.
  bool takes_one() const { return handler.index() <= 1; }
};

struct PathHash {
  using is_transparent = void;
  size_t operator()(std::string_view path) const { return std::hash<std::string_view>()(path); }
};
using MethodTable = std::unordered_map<std::string, MethodEntry, PathHash, std::equal_to<>>;

class ServerCallImpl;

// The calls of one HTTP/2 connection.
class ServerConnection final : public http::StreamAcceptor {
 public:
  ServerConnection(const ServerOptions& options, const MethodTable& methods)
      : options_(options), methods_(methods) {}

  // Serves to the connection's end and until every handler has ended.
  Task<> Run(const Context& ctx, const Context& draining, std::unique_ptr<runtime::Stream> stream,
             std::string_view received);
  // Before Run: the connection came over TLS.
  void SetTls(runtime::TlsSession session) { tls_ = std::move(session); }

 private:
  friend class ServerCallImpl;
  http::StreamEvents* OnStream(http::Http2Stream& stream) override;
  void OnBatchEnd() override;

  const ServerOptions& options_;
  const MethodTable& methods_;
  std::string peer_;
  std::optional<runtime::TlsSession> tls_;
  runtime::TaskGroup* calls_ = nullptr;
  std::vector<ServerCallImpl*> ready_;  // complete enough for their handlers to start
};

// One call, from its first header to the end of its handler. Owns itself: frees itself when the
// stream ends before the handler was started, or when the handler has ended.
class ServerCallImpl final : public ServerCall,
                             public ServerReader,
                             public ServerWriter,
                             public http::StreamEvents {
 public:
  ServerCallImpl(ServerConnection& connection, http::Http2Stream& stream)
      : connection_(connection),
        stream_(&stream),
        assembler_(connection.options_.max_receive_bytes) {}
  ~ServerCallImpl();
  // One is made and freed by every call: from the lists that tasks' frames come from.
  static void* operator new(size_t size) { return tessera::internal::AllocateFrame(size); }
  static void operator delete(void* call, size_t size) { tessera::internal::FreeFrame(call, size); }

  // Runs the handler and answers. The last thing that happens to the call.
  Task<Result<>> Run(const Context& connection_ctx);

  std::string_view path() const override { return path_; }
  const Metadata& metadata() const override { return metadata_; }
  std::string_view peer() const override { return connection_.peer_; }
  const runtime::TlsSession* tls() const override {
    return connection_.tls_ ? &*connection_.tls_ : nullptr;
  }
  void AddHeader(std::string_view name, std::string_view value) override {
    headers_.Add(name, value);
  }
  void AddTrailer(std::string_view name, std::string_view value) override {
    trailers_.Add(name, value);
  }

  Task<Result<std::optional<std::string>>> Next(const Context& ctx) override;
  Task<Result<>> Write(const Context& ctx, std::string message) override;

 private:
  void OnHeader(std::string_view name, std::string_view value) override;
  void OnHeadersEnd() override;
  void OnData(std::string_view bytes) override;
  void OnEnd() override;
  void OnWritable() override { SlotWaiter::WakeAt(writer_); }
  void OnClose(http::Http2Code code, const Error* connection) override;

  void OnProtocolHeader(std::string_view name, std::string_view value);
  Result<> CheckHead();
  void Schedule();
  Task<Result<>> Dispatch(const Context& ctx);
  // Before the handler has started: answers and frees the call.
  void Refuse(const Error& error);
  void FailInput(Error error);
  void ReturnWindow();

  Result<> QueueMessage(std::string message);
  void SendHeadersOnce();
  void FinishOk();
  void FinishError(const Error& error);

  ServerConnection& connection_;
  http::Http2Stream* stream_;  // nullptr once it ended or was answered
  const MethodEntry* method_ = nullptr;
  std::string path_;
  Metadata metadata_;
  std::optional<Duration> timeout_;
  std::optional<Error> bad_head_;
  TraceId trace_;
  bool is_post_ = false;
  bool is_grpc_ = false;
  bool head_done_ = false;
  bool started_ = false;  // Run was or will be called
  bool running_ = false;
  bool input_ended_ = false;
  bool headers_sent_ = false;
  std::optional<Error> input_error_;
  MessageAssembler assembler_;
  MessageQueue inbox_;
  size_t held_ = 0;  // received bytes whose window was not given back
  Metadata headers_;
  Metadata trailers_;
  Context ctx_ = Context::Background();
  SlotWaiter* reader_ = nullptr;
  SlotWaiter* writer_ = nullptr;
};

}  // namespace tessera::rpc
