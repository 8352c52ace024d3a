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

struct Endpoint {
  runtime::Address address;
  std::shared_ptr<const runtime::TlsContext> tls;  // clear text without
};

struct Login {
  std::string user;  // empty: nobody logs in
  std::string password;
};

// How often something that etcd's absence broke is tried again, and how long between. About ten
// seconds in all.
class Patience {
 public:
  // Waits; gives `why` when it was tried often enough, and ctx's own error.
  Task<Result<>> Pause(const Context& ctx, Error why);
  // It worked: the next time begins anew.
  void Reset() { failures_ = 0; }

 private:
  int failures_ = 0;
};

// Calls to an etcd cluster: to one of its servers for as long as that one answers, then to the
// next. Errors name the server. Belongs to one loop; await Close before destroying it.
class EtcdClient {
 public:
  EtcdClient(std::vector<Endpoint> endpoints, Login login, Duration request_timeout);
  Task<> Close();

  Task<Result<RangeAnswer>> Range(const Context& ctx, RangeQuery query);
  // Everything the query finds, however much, in pages of one revision.
  Task<Result<RangeAnswer>> RangeAll(const Context& ctx, RangeQuery query);
  // The same two, waiting for an etcd that is down as long as `patience` lasts.
  Task<Result<RangeAnswer>> RangePatiently(const Context& ctx, RangeQuery query,
                                           Patience& patience);
  Task<Result<int64_t>> Put(const Context& ctx, std::string_view key, std::string_view value);
  Task<Result<int64_t>> Delete(const Context& ctx, std::string_view key);
  Task<Result<GuardedAnswer>> Write(const Context& ctx, GuardedWrite write);
  Task<Result<int64_t>> GrantLease(const Context& ctx, int64_t ttl_seconds);
  Task<Result<>> RevokeLease(const Context& ctx, int64_t lease);
  // kNotFound when the lease is gone.
  Task<Result<>> KeepLeaseAlive(const Context& ctx, int64_t lease);
  // Events of one key, or of all that begin with it, from a revision on, for as long as ctx lasts.
  Task<Result<std::unique_ptr<rpc::ClientStream>>> Watch(const Context& ctx, std::string_view key,
                                                         bool prefix, int64_t start_revision);
  // A watch was refused: perhaps because of its token.
  void ForgetToken() { token_.clear(); }

 private:
  Task<Result<std::string>> Call(const Context& ctx, std::string_view method, std::string request);
  // Must only be used for requests that may be repeated, or whose first attempt was not sent.
  Task<Result<std::string>> Send(const Context& ctx, std::string_view method, std::string request);
  Task<Result<std::unique_ptr<rpc::ClientStream>>> OpenStream(const Context& ctx,
                                                              std::string_view method,
                                                              std::string request);
  Task<Result<>> LogIn(const Context& ctx);
  Error Explain(Error error, const rpc::Channel& channel) const;
  rpc::Channel& current() { return *channels_[current_]; }

  std::vector<std::unique_ptr<rpc::Channel>> channels_;
  size_t current_ = 0;
  Login login_;
  std::string token_;
  Duration request_timeout_;
};

}  // namespace tessera::topo_etcd
