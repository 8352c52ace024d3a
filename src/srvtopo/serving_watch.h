// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/task_group.h"
#include "topo/server.h"
#include "vschema/records.h"

namespace tessera::srvtopo {

struct ServingWatchOptions {
  Duration cache_ttl =
      std::chrono::seconds(1);  // --srv-topo-cache-ttl: how long a list of names is fresh
  Duration cache_refresh =
      std::chrono::seconds(1);  // --srv-topo-cache-refresh: pause before a lost watch is renewed
};

// One cell's serving graph as a gate sees it: each record asked for is watched from then on, and
// the last value known is served while the topology is down. Belongs to one loop; the server
// outlives it. Await Close before destroying it.
class ServingWatch {
 public:
  ServingWatch(topo::Server& server, std::string cell, ServingWatchOptions options = {});
  ~ServingWatch();
  Task<> Close();

  // The keyspace's graph. Waits only for the first answer; kNotFound for a keyspace that is not in
  // this cell.
  Task<Result<std::shared_ptr<const topo::SrvKeyspace>>> GetSrvKeyspace(const Context& ctx,
                                                                        std::string_view keyspace);

  // All VSchemas and rules. A record that was deleted or cannot be read is replaced by the last
  // good one.
  Task<Result<std::shared_ptr<const vschema::SrvVSchemaRecord>>> GetSrvVSchema(const Context& ctx);

  // Keyspaces of the cell, sorted; a list at most cache_ttl old, or the last one while the topology
  // is down.
  Task<Result<std::vector<std::string>>> GetKeyspaces(const Context& ctx);

  // Called on this loop with every new value, the first included. Set it before the first Get.
  void OnSrvVSchema(std::function<void(std::shared_ptr<const vschema::SrvVSchemaRecord>)> changed);
  void OnSrvKeyspace(
      std::function<void(const std::string& keyspace, std::shared_ptr<const topo::SrvKeyspace>)>
          changed);

 private:
  struct Watched;
  Watched& Start(std::string path, bool keep_when_deleted,
                 std::function<Result<>(std::string_view)> accept);
  Task<Result<>> Follow(const Context& ctx, Watched* record);
  Task<Result<>> FollowOnce(const Context& ctx, Watched* record);
  Error Explain(Error error, std::string_view keyspace) const;
  Task<Result<>> Exists(const Context& ctx, std::string_view keyspace);
  Task<Result<>> WaitFirst(const Context& ctx, Watched* record);

  topo::Server& server_;
  std::string cell_;
  ServingWatchOptions options_;
  Context root_;
  runtime::TaskGroup group_;
  std::map<std::string, std::unique_ptr<Watched>, std::less<>> records_;  // by path
  std::map<std::string, std::shared_ptr<const topo::SrvKeyspace>, std::less<>> keyspaces_;
  std::shared_ptr<const vschema::SrvVSchemaRecord> vschema_;
  std::function<void(std::shared_ptr<const vschema::SrvVSchemaRecord>)> vschema_changed_;
  std::function<void(const std::string&, std::shared_ptr<const topo::SrvKeyspace>)>
      keyspace_changed_;
  std::vector<std::string> names_;
  Instant names_until_{};
  bool names_known_ = false;
};

}  // namespace tessera::srvtopo
