// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "srvtopo/tree_follow.h"
#include "topo/server.h"
#include "vschema/records.h"

namespace tessera::srvtopo {

struct ServingWatchOptions {
  // --srv-topo-cache-ttl: how long a list of names is fresh.
  Duration cache_ttl = std::chrono::seconds(1);
  // --srv-topo-cache-refresh: pause before a lost watch is renewed.
  Duration cache_refresh = std::chrono::seconds(1);
  // --srv-topo-timeout: longest wait for a record that was never read before.
  Duration timeout = std::chrono::seconds(5);
};

// One cell's serving graph as a gate sees it: each record asked for is watched from then on, or all
// of them are. The last value known is served while the topology is down, however long that is, and
// when it has come back without its data; both are logged once. Belongs to one loop; the server
// outlives it. Await Close before destroying it.
class ServingWatch {
 public:
  ServingWatch(topo::Server& server, std::string cell, ServingWatchOptions options = {});
  ~ServingWatch();
  Task<> Close();

  // Follows the graphs of all keyspaces from now on, with one watch. Waits for them; an error, as
  // while the topology is down, does not end it. kUnimplemented where trees of records cannot be
  // watched.
  Task<Result<>> WatchAll(const Context& ctx);

  // The keyspace's graph. Waits only for the first answer; kNotFound for a keyspace that is not in
  // this cell.
  Task<Result<std::shared_ptr<const topo::SrvKeyspace>>> GetSrvKeyspace(const Context& ctx,
                                                                        std::string_view keyspace);

  // All VSchemas and rules. A record that was deleted, cannot be read or has lost all its keyspaces
  // is replaced by the last good one.
  Task<Result<std::shared_ptr<const vschema::SrvVSchemaRecord>>> GetSrvVSchema(const Context& ctx);

  // Keyspaces of the cell, sorted; a list at most cache_ttl old, or the last one while the topology
  // is down.
  Task<Result<std::vector<std::string>>> GetKeyspaces(const Context& ctx);

  // The graphs read so far, by keyspace.
  using Graphs = std::map<std::string, std::shared_ptr<const topo::SrvKeyspace>, std::less<>>;
  const Graphs& graphs() const { return keyspaces_; }

  // Called on this loop with every new value, the first included; with null when a keyspace was
  // deleted. Set it before the first Get.
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
  void Take(Watched& record, std::string_view contents);
  Task<bool> WasDeleted(const Context& ctx, const Error& error);
  void NoteTrouble(Watched& record, const Error& error);
  Error Explain(Error error, std::string_view keyspace) const;
  Task<Result<topo::Node>> Read(const Context& ctx, std::string_view keyspace);
  Result<> Accept(const std::string& keyspace, std::string_view bytes);
  void Forget(const std::string& keyspace);
  Result<> AcceptVSchema(std::string_view bytes);
  Watched& StartKeyspace(std::string path, std::string_view keyspace);
  Task<Result<>> WaitFirst(const Context& ctx, Watched* record);
  TreeListener AllListener();

  topo::Server& server_;
  std::string cell_;
  ServingWatchOptions options_;
  Context root_;
  runtime::TaskGroup group_;
  std::map<std::string, std::unique_ptr<Watched>, std::less<>> records_;  // by path
  Graphs keyspaces_;
  std::shared_ptr<const vschema::SrvVSchemaRecord> vschema_;
  vschema::SrvVSchemaDecoder vschema_decoder_;
  std::function<void(std::shared_ptr<const vschema::SrvVSchemaRecord>)> vschema_changed_;
  std::function<void(const std::string&, std::shared_ptr<const topo::SrvKeyspace>)>
      keyspace_changed_;
  std::unique_ptr<TreeFollow> all_;
  bool all_read_ = false;
  runtime::WaitQueue all_first_;
  size_t troubled_ = 0;  // records whose watch is broken
  std::vector<std::string> names_;
  Instant names_until_{};
  bool names_known_ = false;
};

}  // namespace tessera::srvtopo
