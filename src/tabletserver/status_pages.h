// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/executor.h"
#include "flags/flag_set.h"
#include "pages/pages.h"
#include "querylog/query_log.h"
#include "runtime/loop.h"
#include "tabletserver/tablet_server.h"

namespace tessera::tabletserver {

// A tablet server and the loop it is asked on. It outlives the pages' being served.
struct TabletPlace {
  runtime::Loop* loop = nullptr;
  const TabletServer* server = nullptr;
};

// What the pages of a tablet ask.
struct TabletSources {
  std::string program;  // "vttablet": the prefix of metrics
  std::string version;
  Instant started;
  const flags::FlagSet* flags = nullptr;
  pages::Policy policy = pages::Policy::kAllowAll;
  querylog::QueryLog* query_log = nullptr;
  std::vector<TabletPlace> places;  // servers of one database, shown as one; at least one
};

// The pages of a tablet (docs/status-pages.md): those of every process, the log of statements,
// /debug/queryz, /debug/query_plans, /debug/consolidations, /debug/hotrows and /debug/schemaz.
std::unique_ptr<pages::Pages> MakeStatusPages(const TabletSources& sources);

// The statement without its values.
std::string RedactSql(std::string_view sql);

}  // namespace tessera::tabletserver
