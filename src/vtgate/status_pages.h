// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "flags/flag_set.h"
#include "mysqlconn/server.h"
#include "pages/pages.h"
#include "querylog/query_log.h"
#include "reach/page.h"
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
  const flags::FlagSet* flags = nullptr;
  pages::Policy policy = pages::Policy::kAllowAll;
  querylog::QueryLog* query_log = nullptr;
  // What /debug/reach looks with; without a topology there is no such page.
  reach::PageOptions reach;
};

// The pages of a gate (docs/status-pages.md): those of every process, the log of statements,
// /debug/queryz, /debug/query_plans and /debug/gateway. They serve while as many executors are up
// as there are loops.
std::unique_ptr<pages::Pages> MakeStatusPages(const StatusSources& sources);

// The statement without its values; "[unreadable statement]" when it cannot be taken apart.
std::string RedactSql(std::string_view sql);

}  // namespace tessera::vtgate
