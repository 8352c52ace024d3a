// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/server.h"

#include <optional>
#include <utility>

#include "base/check.h"
#include "http/acceptor.h"
#include "http/http1.h"
#include "http/router.h"
#include "rpc/internal/health.h"
#include "rpc/internal/server_call.h"

namespace tessera::rpc {

namespace {

constexpr Duration kFirstBytesTimeout = std::chrono::seconds(30);

// Ends a context when another one ends.
class CancelOther final : public CancelHook {
 public:
  explicit CancelOther(const Context& other) : other_(other) {}

 private:
  void OnCancel(const Error& error) override { other_.Cancel(error); }
  const Context& other_;
};

// What a connection is, once it has said enough to tell.
struct Opened {
  std::unique_ptr<runtime::Stream> stream;
  std::optional<runtime::TlsSession> tls;
  http::Sniffed first;
};

}  // namespace

struct Server::State final : http::ConnectionHandler {
  explicit State(ServerOptions server_options) : options(std::move(server_options)) {}

  Task<> Serve(const Context& ctx, const Context& draining,
               std::unique_ptr<runtime::Stream> stream) override;
  // Makes the connection secret when it is to be.
  Task<Result<>> Secure(const Context& ctx, Opened& opened);
  void Register(std::string path, MethodEntry method);

  const ServerOptions options;
  const http::Router no_pages;
  MethodTable methods;
  Health health;
  http::Acceptor acceptor;
};

Task<Result<>> Server::State::Secure(const Context& ctx, Opened& opened) {
  if (options.tls == nullptr) {
    if (!opened.first.tls) co_return Ok{};
    co_return Errorf(Code::kUnavailable, "{} speaks TLS: this server has no certificate for that",
                     opened.stream->peer());
  }
  if (opened.first.tls) {
    CO_TRY(runtime::TlsConnection secret,
           co_await runtime::TlsAccept(ctx, std::move(opened.stream), options.tls,
                                       std::move(opened.first.received)));
    opened.stream = std::move(secret.stream);
    opened.tls = std::move(secret.session);
    CO_TRY(opened.first, co_await http::SniffProtocol(ctx, *opened.stream));
  } else if (opened.first.http2 && !options.tls_optional) {
    co_return Errorf(Code::kUnauthenticated, "{} made calls in clear text: this server wants TLS",
                     opened.stream->peer());
  }
  co_return Ok{};
}

Task<> Server::State::Serve(const Context& ctx, const Context& draining,
                            std::unique_ptr<runtime::Stream> stream) {
  // Until a call is under way, being told to drain is a reason to end.
  const Context early = ctx.WithCancel();
  CancelOther stop(early);
  draining.OnCancel(stop);
  const Context first = early.WithTimeout(kFirstBytesTimeout);
  Result<http::Sniffed> sniffed = co_await http::SniffProtocol(first, *stream);
  if (!sniffed.ok()) co_return;
  Opened opened;
  opened.stream = std::move(stream);
  opened.first = std::move(*sniffed);
  const Result<> secured = co_await Secure(first, opened);
  if (!secured.ok()) {
    if (options.on_refused && !early.cancelled()) options.on_refused(secured.error());
    co_return;
  }
  if (opened.first.http2) {
    stop.Remove();
    ServerConnection connection(options, methods);
    if (opened.tls) connection.SetTls(std::move(*opened.tls));
    co_await connection.Run(ctx, draining, std::move(opened.stream), opened.first.received);
    co_return;
  }
  const http::Http1Limits limits;
  const http::Router& pages = options.pages != nullptr ? *options.pages : no_pages;
  [[maybe_unused]] const Result<> ended =
      co_await http::ServeHttp1(early, *opened.stream, std::move(opened.first.received), pages,
                                limits, opened.tls.has_value());
}

void Server::State::Register(std::string path, MethodEntry method) {
  const size_t slash = path.rfind('/');
  CHECK(path.size() > 2 && path.front() == '/' && slash > 0);
  health.Set(std::string_view(path).substr(1, slash - 1), Health::Status::kServing);
  CHECK(methods.emplace(std::move(path), std::move(method)).second);
}

Server::Server(ServerOptions options) : state_(std::make_unique<State>(std::move(options))) {
  Health& health = state_->health;
  health.Set("", Health::Status::kServing);
  MethodEntry check;
  check.handler = UnaryHandler([&health](const Context&, ServerCall&, std::string_view request) {
    return health.Check(request);
  });
  check.authorized = false;
  state_->Register("/grpc.health.v1.Health/Check", std::move(check));
  MethodEntry watch;
  watch.handler = ServerStreamHandler(
      [&health](const Context& ctx, ServerCall&, std::string_view request, ServerWriter& writer) {
        return health.Watch(ctx, request, writer);
      });
  watch.authorized = false;
  state_->Register("/grpc.health.v1.Health/Watch", std::move(watch));
}

Server::~Server() = default;

void Server::Unary(std::string path, UnaryHandler handler) {
  MethodEntry method;
  method.handler = std::move(handler);
  state_->Register(std::move(path), std::move(method));
}

void Server::ServerStream(std::string path, ServerStreamHandler handler) {
  MethodEntry method;
  method.handler = std::move(handler);
  state_->Register(std::move(path), std::move(method));
}

void Server::ClientStream(std::string path, ClientStreamHandler handler) {
  MethodEntry method;
  method.handler = std::move(handler);
  state_->Register(std::move(path), std::move(method));
}

void Server::Bidi(std::string path, BidiHandler handler) {
  MethodEntry method;
  method.handler = std::move(handler);
  state_->Register(std::move(path), std::move(method));
}

Result<runtime::Address> Server::Listen(const runtime::Address& address,
                                        const runtime::ListenOptions& options) {
  return state_->acceptor.Listen(address, options);
}

void Server::UseLoops(std::vector<runtime::Loop*> loops) {
  state_->acceptor.UseLoops(std::move(loops));
}

Task<Result<>> Server::Serve(const Context& ctx) {
  co_return co_await state_->acceptor.Serve(ctx, *state_, state_->options.drain_timeout);
}

void Server::SetServing(std::string_view service, bool serving) {
  state_->health.Set(service, serving ? Health::Status::kServing : Health::Status::kNotServing);
}

size_t Server::connections() const { return state_->acceptor.connections(); }

}  // namespace tessera::rpc
