// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/channel.h"
#include "topo_etcd/internal/etcd_codec.h"

namespace tessera::topo_etcd {

// Calls to an etcd cluster: to one of its servers for as long as that one answers, then to the
// next. Errors name the server. Belongs to one loop; await Close before destroying it, when no
// watch is open any more.
class EtcdClient {
 public:
  EtcdClient(std::vector<runtime::Address> endpoints, Duration request_timeout);
  Task<> Close();

  Task<Result<RangeAnswer>> Range(const Context& ctx, RangeQuery query);
  Task<Result<int64_t>> Put(const Context& ctx, std::string_view key, std::string_view value);
  Task<Result<int64_t>> Delete(const Context& ctx, std::string_view key);
  Task<Result<GuardedAnswer>> Write(const Context& ctx, GuardedWrite write);
  Task<Result<int64_t>> GrantLease(const Context& ctx, int64_t ttl_seconds);
  Task<Result<>> RevokeLease(const Context& ctx, int64_t lease);
  // kNotFound when the lease is gone.
  Task<Result<>> KeepLeaseAlive(const Context& ctx, int64_t lease);
  // Events of one key from a revision on, for as long as ctx lasts.
  Task<Result<std::unique_ptr<rpc::ClientStream>>> Watch(const Context& ctx, std::string_view key,
                                                         int64_t start_revision);

 private:
  // Must only be used for requests that may be repeated, or whose first attempt was not sent.
  Task<Result<std::string>> Call(const Context& ctx, std::string_view method, std::string request);
  Task<Result<std::unique_ptr<rpc::ClientStream>>> OpenStream(const Context& ctx,
                                                              std::string_view method,
                                                              std::string request);
  Error Explain(Error error, const rpc::Channel& channel) const;
  rpc::Channel& current() { return *channels_[current_]; }

  std::vector<std::unique_ptr<rpc::Channel>> channels_;
  size_t current_ = 0;
  Duration request_timeout_;
};

}  // namespace tessera::topo_etcd
