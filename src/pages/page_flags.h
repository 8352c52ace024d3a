// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "flags/flag_set.h"
#include "pages/policy.h"
#include "runtime/loop.h"

namespace tessera::pages {

// Where the status pages are, and who may see them. Names are Vitess's; its --bind-address is open
// to all hosts when empty, ours to this one.
struct PageFlags {
  explicit PageFlags(int default_port = 0)
      : port("port", default_port, "Port of the status pages; 0 opens none.") {}

  flags::Flag<int> port;
  flags::Flag<std::string> bind{"bind-address", "",
                                "Address of the status pages; empty is 127.0.0.1."};
  flags::Flag<std::string> policy{
      "security-policy", "",
      "Who may see the status pages: empty is everybody who can connect, read-only everybody what "
      "changes nothing, deny-all nobody."};

  void Register(flags::FlagSet& set) { set.Add(port, bind, policy); }
  std::string host() const { return bind->empty() ? "127.0.0.1" : *bind; }
};

}  // namespace tessera::pages
