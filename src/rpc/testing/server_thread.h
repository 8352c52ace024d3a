// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <future>
#include <optional>
#include <string>
#include <thread>

#include "rpc/server.h"
#include "rpc/testing/echo_service.h"
#include "runtime/loop_pool.h"

namespace tessera::rpc::testing {

// The echo server on a thread and loop of its own, for peers that block theirs.
class ServerThread {
 public:
  // `more` may register further methods.
  explicit ServerThread(ServerOptions options = {}, void (*more)(Server&) = nullptr)
      : options_(std::move(options)), more_(more) {
    std::future<int> port = port_.get_future();
    thread_ = std::thread(
        [this] { runtime::RunLoop([this](const Context& ctx) { return Main(ctx, this); }); });
    port_number_ = port.get();
  }
  ~ServerThread() { Stop(); }

  int port() const { return port_number_; }
  std::string target() const { return "127.0.0.1:" + std::to_string(port_number_); }

  // What the probe has seen, read on the server's thread.
  EchoProbe Probe() {
    std::promise<EchoProbe> seen;
    loop_->Post([this, &seen] { seen.set_value(probe_); });
    return seen.get_future().get();
  }

  void Stop() {
    if (!thread_.joinable()) return;
    loop_->Post([this] { serving_->Cancel(); });
    thread_.join();
  }

 private:
  static Task<int> Main(const Context& ctx, ServerThread* self) {
    Server server(self->options_);
    RegisterEcho(server, self->probe_);
    if (self->more_ != nullptr) self->more_(server);
    const Result<runtime::Address> address = server.Listen(runtime::Address::Tcp("127.0.0.1", 0));
    self->serving_.emplace(ctx.WithCancel());
    self->loop_ = &runtime::Loop::Current();
    self->port_.set_value(address.ok() ? address->port : 0);
    const Result<> served = co_await server.Serve(*self->serving_);
    self->serving_.reset();
    co_return served.ok() ? 0 : 1;
  }

  const ServerOptions options_;
  void (*const more_)(Server&);
  EchoProbe probe_;
  std::promise<int> port_;
  int port_number_ = 0;
  runtime::Loop* loop_ = nullptr;
  std::optional<Context> serving_;
  std::thread thread_;
};

}  // namespace tessera::rpc::testing
