// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/task_group.h"
#include "topo/conn.h"
#include "topo_etcd/etcd_topo.h"
#include "topo_etcd/internal/etcd_client.h"

namespace tessera::topo_etcd {

// What connection, watches and locks share. Outlives them all: each holds it.
struct Shared {
  Shared(std::vector<Endpoint> endpoints, Login login, EtcdOptions settings)
      : servers(NamesOf(endpoints)),
        options(std::move(settings)),
        client(std::move(endpoints), std::move(login), options.request_timeout),
        life(Context::Background().WithCancel()),
        background(life) {}

  static std::set<std::string> NamesOf(const std::vector<Endpoint>& endpoints) {
    std::set<std::string> names;
    for (const Endpoint& endpoint : endpoints) names.insert(endpoint.address.ToString());
    return names;
  }

  std::set<std::string> servers;  // host:port
  EtcdOptions options;
  EtcdClient client;
  Context life;                   // ends when the connection is closed
  runtime::TaskGroup background;  // keeps leases alive
};

// Follows one key, or all that begin with it, from a revision on.
class Follower {
 public:
  Follower(std::shared_ptr<Shared> shared, std::string key, bool prefix, int64_t revision);
  ~Follower();

  // The next change. After any error events may be missing: look how things stand, then RestartAt.
  Task<Result<WatchAnswer::Event>> Next(const Context& ctx);
  void RestartAt(int64_t revision);
  // True when an error of Next is final: the caller's context or the connection has ended.
  bool Ended(const Context& ctx) const { return ctx.cancelled() || shared_->life.cancelled(); }

 private:
  // Reads one answer of the stream into pending_.
  Task<Result<>> Fill(const Context& ctx);

  std::shared_ptr<Shared> shared_;
  Context life_;
  std::string key_;
  bool prefix_;
  int64_t next_revision_;
  std::unique_ptr<rpc::ClientStream> stream_;
  std::deque<WatchAnswer::Event> pending_;
};

// The record `path`, whose key is `key`, as read at `revision`. A watch outlives breaks of its
// stream, restarts of etcd and an etcd that came back without its data: it reads the record and
// goes on from there, for about ten seconds of trying.
std::unique_ptr<topo::Watcher> MakeWatcher(std::shared_ptr<Shared> shared, std::string key,
                                           std::string path, topo::Node first, int64_t revision);

// The same of all records whose keys begin with `prefix`; `skip` bytes of a key are the root.
std::unique_ptr<topo::TreeWatcher> MakeTreeWatcher(std::shared_ptr<Shared> shared,
                                                   std::string prefix, size_t skip,
                                                   std::vector<topo::KeyedNode> first,
                                                   int64_t revision);

// The records of an answer; places in lock queues, which have leases, are none.
std::vector<topo::KeyedNode> ToNodes(RangeAnswer answer, size_t skip);

}  // namespace tessera::topo_etcd
