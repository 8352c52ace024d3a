// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "flags/flag_set.h"
#include "topo/conn.h"

namespace tessera::topo_etcd {

// Names are Vitess's, but for the auth file, which Vitess has for ZooKeeper only.
struct EtcdFlags {
  flags::Flag<int> lease_ttl{"topo-etcd-lease-ttl", 30,
                             "Seconds a lock outlives a holder that died."};
  flags::Flag<std::string> tls_cert{"topo-etcd-tls-cert", "",
                                    "Certificate to show to etcd; with its key, turns TLS on."};
  flags::Flag<std::string> tls_key{"topo-etcd-tls-key", "", "Its key."};
  flags::Flag<std::string> tls_ca{"topo-etcd-tls-ca", "",
                                  "Authority of etcd's certificates; turns TLS on."};
  flags::Flag<std::string> auth_file{"topo-etcd-auth-file", "",
                                     "File that holds user:password for etcd."};

  void Register(flags::FlagSet& set) { set.Add(lease_ttl, tls_cert, tls_key, tls_ca, auth_file); }
};

struct EtcdOptions {
  std::chrono::seconds lease_ttl{30};  // how long a dead holder's lock lasts
  std::chrono::seconds named_lease_ttl = std::chrono::hours(24);  // the same of a named lock
  Duration request_timeout = std::chrono::seconds(15);            // --remote-operation-timeout
  std::string tls_cert;
  std::string tls_key;
  std::string tls_ca;
  std::string auth_file;
};

// The topology in etcd, version 3 API ("etcd2" is its historic name in flags). The server address
// is a list of host:port, separated by commas; when one does not answer the next is tried. An
// endpoint may begin with http:// (clear text) or https:// (TLS, by the system's authorities when
// no file is given); others speak TLS when its flags are set.
class EtcdTopo final : public topo::Factory {
 public:
  // The flags' defaults unless a program registers and parses them.
  EtcdTopo() = default;
  // Fixed options, whatever flags say.
  explicit EtcdTopo(EtcdOptions options) : options_(std::move(options)), fixed_(true) {}
  void RegisterFlags(flags::FlagSet& set) override { flags_.Register(set); }
  // kInvalidArgument names the file or address that is wrong. Reads files on the blocking pool.
  Task<Result<std::unique_ptr<topo::Conn>>> Connect(const Context& ctx, std::string address,
                                                    std::string root) override;

 private:
  EtcdOptions Options() const;

  EtcdFlags flags_;
  EtcdOptions options_;
  bool fixed_ = false;
};

}  // namespace tessera::topo_etcd
