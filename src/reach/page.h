// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "flags/flag_set.h"
#include "pages/pages.h"
#include "runtime/tls.h"
#include "topo/server.h"

namespace tessera::reach {

// Who may have a process look at others.
struct ReachFlags {
  flags::Flag<std::vector<std::string>> from{
      "debug-reach-from",
      {},
      "Addresses besides this host's own that may ask /debug/reach; * is all."};

  void Register(flags::FlagSet& set) { set.Add(from); }
};

// Whose eyes the page looks with.
struct PageOptions {
  std::string process;                             // "vttablet zone1-0000000100"
  topo::Server* topo = nullptr;                    // of the loop that serves the pages; outlives it
  std::vector<std::string> also;                   // addresses that are in no record, "host:port"
  std::shared_ptr<const runtime::TlsContext> tls;  // to tablets' gRPC ports
  std::vector<std::string> from;                   // see ReachFlags
};

// Adds /debug/reach: the process's clock and, with ?address=host:port and how=tcp, tls, grpc or
// mysql, what the process sees there within three seconds. 403 for clients that may not ask and for
// addresses the topology does not hold, 503 when 16 questions are under way.
void AddPage(pages::Pages& pages, PageOptions options);

// Whether a client ("127.0.0.1:4711") may ask.
bool MayAsk(std::string_view peer, const std::vector<std::string>& from);

}  // namespace tessera::reach
