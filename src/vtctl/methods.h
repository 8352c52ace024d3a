// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "tmclient/client.h"
#include "topo/server.h"

namespace tessera::vtctl {

// What operations work on. All of one loop; the methods borrow it.
struct Control {
  topo::Server& topo;
  tmclient::Client& tablets;
  Duration tablet_timeout = std::chrono::seconds(15);  // of one question to one tablet
  // Hears, a line each, how far an operation on several shards has come. May be empty.
  std::function<void(std::string_view line)> progress = {};
  // What tablets are told to change is held back (dry_run.h): looking for it afterwards is in vain.
  bool dry_run = false;

  void Tell(std::string_view line) const {
    if (progress) progress(line);
  }
  // The same on another view of the topology.
  Control On(topo::Server& topology) const {
    return {topology, tablets, tablet_timeout, progress, dry_run};
  }
};

// Answers one request of a method of vtctlservice.Vtctld: bytes of its message to bytes of its
// answer. The bytes of the request stay valid until the task has ended.
using Method = std::function<Task<Result<std::string>>(const Context&, std::string_view request)>;

// By name: "GetKeyspace".
using Methods = std::map<std::string, Method, std::less<>>;

// Every operation there is. Errors hold their hints in their message, because that is all gRPC
// carries.
Methods AllMethods(Control& control);

}  // namespace tessera::vtctl
