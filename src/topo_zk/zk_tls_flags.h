// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "flags/flag_set.h"
#include "runtime/tls.h"

namespace tessera::topo_zk {

// TLS to ZooKeeper. Names are Vitess's, but for that of the server.
struct ZkTlsFlags {
  flags::Flag<std::string> cert{"topo-zk-tls-cert", "",
                                "Certificate to show to ZooKeeper; with its key, turns TLS on."};
  flags::Flag<std::string> key{"topo-zk-tls-key", "", "Its key."};
  flags::Flag<std::string> ca{"topo-zk-tls-ca", "",
                              "Authority of ZooKeeper's certificates; turns TLS on."};
  flags::Flag<std::string> server_name{
      "topo-zk-tls-server-name", "",
      "Name that ZooKeeper's certificates are for, instead of the host in its address."};

  void Register(flags::FlagSet& set) { set.Add(cert, key, ca, server_name); }

  // Nothing when TLS is not asked for. kInvalidArgument names the file that is missing or wrong.
  // Reads files on the blocking pool.
  Task<Result<std::optional<runtime::TlsConfig>>> ToConfig() const;
};

}  // namespace tessera::topo_zk
