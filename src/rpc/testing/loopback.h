// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include "rpc/channel.h"
#include "rpc/testing/echo_service.h"
#include "runtime/loop_pool.h"
#include "runtime/task_group.h"

namespace tessera::rpc::testing {

// In a test's coroutine: a failure with the error, and its end.
#define CO_ASSERT_OK(result)                      \
  if (!(result).ok()) {                           \
    ADD_FAILURE() << (result).error().ToString(); \
    co_return Ok{};                               \
  }

// What a test's coroutine works with: an echo server on a free port of loopback, and a channel to
// it.
struct Loopback {
  const Context& ctx;
  Server& server;
  Channel& channel;
  EchoProbe& probe;
  runtime::Address address;
  // Ends Serve.
  const Context& serving;
};

using LoopbackTest = Task<Result<>> (*)(Loopback& loopback);

inline Task<int> RunLoopbackTask(const Context& ctx, LoopbackTest test,
                                 const ServerOptions* server_options,
                                 const ChannelOptions* channel_options) {
  EchoProbe probe;
  Server server(*server_options);
  RegisterEcho(server, probe);
  const Result<runtime::Address> address = server.Listen(runtime::Address::Tcp("127.0.0.1", 0));
  if (!address.ok()) {
    ADD_FAILURE() << address.error().ToString();
    co_return 1;
  }
  const Context serving = ctx.WithCancel();
  runtime::TaskGroup group(ctx);
  group.Start(server.Serve(serving));
  Channel channel(*address, *channel_options);
  Loopback loopback{ctx, server, channel, probe, *address, serving};
  const Result<> outcome = co_await test(loopback);
  if (!outcome.ok()) ADD_FAILURE() << outcome.error().ToString();
  co_await channel.Close();
  serving.Cancel();
  const Result<> served = co_await group.Join();
  if (!served.ok()) ADD_FAILURE() << served.error().ToString();
  EXPECT_EQ(server.connections(), 0u);
  co_return 0;
}

inline void RunLoopback(LoopbackTest test, const ServerOptions& server_options = {},
                        const ChannelOptions& channel_options = {}) {
  runtime::RunLoop([&](const Context& ctx) {
    return RunLoopbackTask(ctx, test, &server_options, &channel_options);
  });
}

}  // namespace tessera::rpc::testing
