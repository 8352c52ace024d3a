// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/router.h"
#include "mysqlconn/server.h"
#include "runtime/loop.h"
#include "vtgate/executor.h"

namespace tessera::vtgate {

// What the pages ask. Everything outlives the server that shows them.
struct StatusSources {
  std::string cell;
  std::string version;
  std::vector<runtime::Loop*> loops;  // each with an executor
  Executor* (*executor)() = nullptr;  // of the calling thread's loop
  const mysqlconn::ServerStats* mysql = nullptr;
  std::function<size_t()> grpc_connections;
  Instant started;
};

// The pages of a gate, for people and monitors:
//   /healthz       "ok" while the process answers
//   /debug/health  "ok", or 500 and why it cannot serve
//   /debug/status  the gate and the tablets it knows, as text
//   /debug/vars    counters as JSON, under Vitess's names
//   /metrics       the same for Prometheus
void AddStatusPages(http::Router& pages, const StatusSources& sources);

}  // namespace tessera::vtgate
