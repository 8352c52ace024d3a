// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/task.h"
#include "doctor/facts.h"
#include "rpc/channel.h"
#include "topo/server.h"

namespace tessera::doctor {

// Whom to ask, beside those the topology names.
struct Fleet {
  topo::Server* topo = nullptr;
  std::string topology;                   // for people: "etcd2 at 127.0.0.1:2379"
  std::vector<runtime::Address> gates;    // their status pages
  std::vector<runtime::Address> vtctlds;  // their gRPC
  rpc::ChannelOptions to_tablets;
  Duration patience = std::chrono::seconds(3);  // of one question
  // Called with what is being done.
  std::function<void(std::string_view)> on_step = [](std::string_view) {};
};

// Asks everybody at the same time, within ctx. What gives no answer is part of the facts.
Task<Facts> Gather(const Context& ctx, const Fleet& fleet);

}  // namespace tessera::doctor
