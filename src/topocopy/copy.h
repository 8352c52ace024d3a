// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "topo/server.h"

namespace tessera::topocopy {

// Which records.
struct Selection {
  bool keyspaces = false;  // and their VSchemas
  bool shards = false;
  bool shard_replications = false;
  bool tablets = false;
  bool routing_rules = false;  // of tables, shards and keyspaces, and mirror rules

  bool empty() const {
    return !keyspaces && !shards && !shard_replications && !tablets && !routing_rules;
  }
};

struct Record {
  std::string cell;  // "global" for the global one
  std::string path;
  std::string contents;
};

// By "cell:path".
using Records = std::map<std::string, Record>;

// Takes one line for people, without its end.
using Say = std::function<void(const std::string&)>;

// All records of a topology that are selected. The error names the cell that does not answer.
Task<Result<Records>> ReadRecords(const Context& ctx, topo::Server& server, Selection selection);

struct CopyCounts {
  size_t created = 0;
  size_t replaced = 0;  // the target had another record there
  size_t equal = 0;
  size_t refused = 0;  // cannot be read, so it was not copied
};

// Makes the target's selected records those of the source; what only the target has stays. Says
// what it does, record by record. Stops at the first record that cannot be written, and names it.
Task<Result<CopyCounts>> Copy(const Context& ctx, topo::Server& from, topo::Server& to,
                              Selection selection, const Say& say);

// Says how the selected records of the two differ, record by record and field by field, and gives
// the number of records that do.
Task<Result<size_t>> Compare(const Context& ctx, topo::Server& from, topo::Server& to,
                             Selection selection, const Say& say);

}  // namespace tessera::topocopy
