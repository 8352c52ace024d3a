// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topo/conn.h"

namespace tessera::topo_etcd {

struct EtcdOptions {
  std::chrono::seconds lease_ttl{30};  // --topo-etcd-lease-ttl: how long a dead holder's lock lasts
  Duration request_timeout = std::chrono::seconds(15);  // --remote-operation-timeout
};

// The topology in etcd, version 3 API ("etcd2" is its historic name in flags). The server address
// is a list of host:port, separated by commas; when one does not answer the next is tried.
class EtcdTopo final : public topo::Factory {
 public:
  explicit EtcdTopo(EtcdOptions options = {}) : options_(options) {}
  Task<Result<std::unique_ptr<topo::Conn>>> Connect(const Context& ctx, std::string address,
                                                    std::string root) override;

 private:
  EtcdOptions options_;
};

}  // namespace tessera::topo_etcd
