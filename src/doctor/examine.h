// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/task.h"
#include "flags/flag_set.h"
#include "runtime/stream.h"
#include "topo/server.h"

namespace tessera::doctor {

// What an examination is told on the command line, beside where the topology is.
struct ExamineFlags {
  template <class T>
  using Flag = flags::Flag<T>;

  Flag<std::vector<std::string>> only{"only",
                                      {},
                                      "Areas to tell about, of topology, ports, tls, processes, "
                                      "replication, serving, schema; all if empty."};
  Flag<bool> json{"json", false, "Print JSON for programs."};
  Flag<bool> verbose{"verbose", false, "A line for everything that is well, too."};
  Flag<std::chrono::nanoseconds> patience{"patience", std::chrono::seconds(3),
                                          "How long one process has for one answer."};
  Flag<std::chrono::nanoseconds> wait{
      "wait", std::chrono::minutes(1),
      "Longest examination; what was not asked by then is unknown."};
  Flag<std::string> tablet_cert{"tablet-grpc-cert", "", "Certificate to show to tablets."};
  Flag<std::string> tablet_key{"tablet-grpc-key", "", "Its key."};
  Flag<std::string> tablet_ca{"tablet-grpc-ca", "",
                              "Authority of tablets' certificates; turns TLS to tablets on."};
  Flag<std::string> tablet_crl{"tablet-grpc-crl", "", "Revoked certificates of tablets."};
  Flag<std::string> tablet_server_name{"tablet-grpc-server-name", "",
                                       "Name tablets' certificates are for, if not their host."};

  void Register(flags::FlagSet& set) {
    set.Add(only, json, verbose, patience, wait, tablet_cert, tablet_key, tablet_ca, tablet_crl,
            tablet_server_name);
  }
};

// A fleet by its addresses.
struct Place {
  topo::ServerOptions topology;
  std::vector<runtime::Address> gates;    // status pages
  std::vector<runtime::Address> vtctlds;  // gRPC
};

// Examines the fleet and prints the report; progress goes to standard error when it takes longer
// than a second. The exit status: 0 without faults, 1 with, 2 when the flags make no sense.
Task<int> Examine(const Context& ctx, const ExamineFlags& flags, Place place,
                  topo::Server::Factories topologies);

}  // namespace tessera::doctor
