// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/executor.h"
#include "base/task.h"
#include "discovery/tablet_gateway.h"
#include "queryservice/query_service.h"

namespace tessera::vtgate {

// Which tables have triggers that read user variables. The variables are the session's, and pooled
// connections have not got them.
class VariableReaders {
 public:
  explicit VariableReaders(discovery::TabletGateway& gateway) : gateway_(gateway) {}

  // Whether a table that the statement names has, as the server of the target (of `request`) told
  // some seconds ago or tells now. No, when it cannot be asked.
  Task<bool> Has(const Context& ctx, const queryservice::Request& request, std::string_view sql);
  // Tables have changed.
  void Clear() { known_.clear(); }

 private:
  struct Known {
    bool reads = false;
    Instant asked;
  };
  Task<bool> Ask(const Context& ctx, queryservice::Request request, std::string table);

  discovery::TabletGateway& gateway_;
  std::map<std::string, Known> known_;  // by keyspace, NUL and table
};

}  // namespace tessera::vtgate
