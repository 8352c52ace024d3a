// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// The real grpc++ as a peer: a client that blocks its thread, and a server with the echo service of
// testing/. Hides grpc++ so that no other file pays for its headers.
namespace tessera::rpc::interop {

struct GrpcStatus {
  int code = 0;
  std::string message;
};

// Files of one side; it speaks TLS when `ca` is there, and shows a certificate when there is one. A
// server then demands one, too.
struct GrpcTls {
  std::string ca;
  std::string certificate;
  std::string key;
};

struct GrpcClientOptions {
  int deadline_millis = 30'000;
  std::vector<std::pair<std::string, std::string>> metadata;
};

// A call of the grpc++ client, open both ways.
class GrpcCall {
 public:
  virtual ~GrpcCall() = default;
  // False when the call has ended.
  virtual bool Write(const std::string& message) = 0;
  virtual void CloseWrites() = 0;
  // Nothing at the end.
  virtual std::optional<std::string> Read() = 0;
  virtual void Cancel() = 0;
  virtual GrpcStatus Finish() = 0;
  virtual std::vector<std::pair<std::string, std::string>> headers() = 0;
  virtual std::vector<std::pair<std::string, std::string>> trailers() = 0;
};

class GrpcClient {
 public:
  // `small_windows`: flow control windows of 64 KiB and no probing for more.
  GrpcClient(const std::string& target, bool small_windows, const GrpcTls& tls = {});
  ~GrpcClient();
  std::unique_ptr<GrpcCall> Open(const std::string& path, const GrpcClientOptions& options = {});
  GrpcStatus Unary(const std::string& path, const std::string& request, std::string* response,
                   const GrpcClientOptions& options = {});
  // `count` calls of `path` kept in flight together by the callback API; the number that were
  // answered with their own request.
  size_t ManyUnary(const std::string& path, size_t count, size_t in_flight, size_t request_size);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The echo service of testing/echo_service.h on the callback API. Unary calls are served by
// `response_size` bytes when that is not zero.
class GrpcServer {
 public:
  explicit GrpcServer(bool small_windows, size_t response_size = 0, const GrpcTls& tls = {});
  ~GrpcServer();
  int port() const;
  // Ends the server; calls under way get `grace_millis`.
  void Shutdown(int grace_millis);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tessera::rpc::interop
