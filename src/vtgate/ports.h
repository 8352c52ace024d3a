// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "pages/pages.h"
#include "rpc/server.h"
#include "vtgate/grpc_service.h"
#include "vtgate/status_pages.h"

namespace tessera::vtgate {

struct PortsOptions {
  int grpc_port = 0;  // 0 opens none
  std::string grpc_host = "127.0.0.1";
  int page_port = 0;  // 0 opens none
  std::string page_host = "127.0.0.1";
  bool reuse_port = false;
  rpc::ServerOptions grpc;
  bool serve_gate = true;  // vtgateservice; health checks are answered in any case
  GrpcServiceOptions service;
};

// The gate's ports beside the MySQL ones: gRPC, whose connections are spread over all loops, and
// status pages. Belongs to the loop it is made on; `sources` outlives it.
class Ports {
 public:
  Ports(PortsOptions options, StatusSources& sources);

  Result<> Listen();
  // Until ctx ends; then calls under way get the drain time.
  Task<Result<>> Serve(const Context& ctx);

 private:
  PortsOptions options_;
  std::unique_ptr<pages::Pages> pages_;
  rpc::Server grpc_;
  rpc::Server web_;
};

}  // namespace tessera::vtgate
