// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topo/conn.h"

namespace tessera::topo {

// The topology as a directory of files: for clusters of one machine. The server address is the
// directory. Several processes may use it at the same time; writes are atomic and durable, and
// locks die with the process that holds them. Changes are noticed within a fifth of a second.
class FileTopo final : public Factory {
 public:
  Task<Result<std::unique_ptr<Conn>>> Connect(const Context& ctx, std::string address,
                                              std::string root) override;
};

}  // namespace tessera::topo
