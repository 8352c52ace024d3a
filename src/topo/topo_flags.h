// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "flags/flag_set.h"
#include "topo/server.h"

namespace tessera::topo {

// The flags of every program that opens the topology. Names are Vitess's; `file` is our default.
struct TopoFlags {
  flags::Flag<std::string> implementation{"topo-implementation", "file", "file, etcd2 or zk2."};
  flags::Flag<std::string> global_address{"topo-global-server-address", "",
                                          "Where the topology is: a directory, or host:port."};
  flags::Flag<std::string> global_root{"topo-global-root", "/global",
                                       "Path of the global cell there."};

  // With the flags of the kinds of topology servers the program was built with.
  void Register(flags::FlagSet& set, const Server::Factories& factories) {
    set.Add(implementation, global_address, global_root);
    RegisterFactories(set, factories);
  }
  // Those alone.
  static void RegisterFactories(flags::FlagSet& set, const Server::Factories& factories) {
    for (const auto& [name, factory] : factories) factory->RegisterFlags(set);
  }
  ServerOptions ToOptions() const {
    ServerOptions options;
    options.implementation = *implementation;
    options.global_address = *global_address;
    options.global_root = *global_root;
    return options;
  }
};

}  // namespace tessera::topo
