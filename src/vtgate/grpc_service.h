// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rpc/server.h"
#include "vtgate/executor.h"

namespace tessera::vtgate {

struct GrpcServiceOptions {
  // Statements run in the name of the principal a client gives itself
  // (grpc-use-effective-callerid).
  bool use_effective_caller = false;
};

// Gives the executor of the calling thread's loop, null when it has none any more.
using ExecutorPicker = Executor* (*)();

// vtgateservice.Vitess: clients keep their session and send it with each call. Errors of statements
// stand in the answers, beside the session; errors of streams are the call's status.
void RegisterGateService(rpc::Server& server, ExecutorPicker pick, GrpcServiceOptions options);

}  // namespace tessera::vtgate
