// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "topo/conn.h"
#include "topo/server.h"

namespace tessera::topo {

// A write that was not made.
struct PlannedWrite {
  std::string cell;
  std::string path;
  std::optional<std::string> before;  // nothing: the record is new
  std::optional<std::string> after;   // nothing: it is deleted
};

// What would be written to a topology. Who works on server() finds there what is in the real one
// and what was written before, and refusals are those of the real one; but nothing is written to
// it, and locks are not taken. Of the real server's loop, which outlives it; needs no Close.
class DryRun {
 public:
  // `hear` hears of every write as it comes.
  using Hear = std::function<void(const PlannedWrite& write)>;
  DryRun(Server& real, Hear hear);
  DryRun(const DryRun&) = delete;
  DryRun& operator=(const DryRun&) = delete;

  Server& server() { return *server_; }

 private:
  friend class DryConn;

  Hear hear_;
  // By cell and path; without a node where the record is deleted.
  std::map<std::pair<std::string, std::string>, std::optional<Node>> records_;
  Version next_version_;
  std::unique_ptr<Server> server_;
};

}  // namespace tessera::topo
