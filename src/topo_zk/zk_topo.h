// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "flags/flag_set.h"
#include "topo/conn.h"
#include "topo_zk/zk_client.h"
#include "topo_zk/zk_tls_flags.h"

namespace tessera::topo_zk {

// Names and defaults are Vitess's.
struct ZkFlags {
  flags::Flag<std::string> auth_file{"topo-zk-auth-file", "",
                                     "File with scheme:auth to show to ZooKeeper, as "
                                     "digest:user:password."};
  flags::Flag<std::chrono::nanoseconds> base_timeout{
      "topo-zk-base-timeout", std::chrono::seconds(30),
      "How long ZooKeeper keeps our session, and so our locks, without hearing from us."};
  flags::Flag<int> max_concurrency{"topo-zk-max-concurrency", 64,
                                   "Requests to ZooKeeper under way at one time."};
  ZkTlsFlags tls;

  void Register(flags::FlagSet& set) {
    set.Add(auth_file, base_timeout, max_concurrency);
    tls.Register(set);
  }
  // kInvalidArgument when the auth file or one of TLS cannot be read, or is not what it should be.
  Task<Result<ZkOptions>> ToOptions() const;
};

// The topology in ZooKeeper ("zk2" in flags). The server address is a list of host:port, separated
// by commas; what stands behind a `|` (observers) is not used. Records and the nodes above them are
// Vitess's, open to the world.
class ZkTopo final : public topo::Factory {
 public:
  ZkTopo() = default;
  void RegisterFlags(flags::FlagSet& set) override { flags_.Register(set); }
  ZkFlags& flags() { return flags_; }
  Task<Result<std::unique_ptr<topo::Conn>>> Connect(const Context& ctx, std::string address,
                                                    std::string root) override;

 private:
  ZkFlags flags_;
};

}  // namespace tessera::topo_zk
