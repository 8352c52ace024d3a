// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "localcluster/layout.h"

namespace tessera::localcluster {

// One process of a cluster. It outlives us: a later supervisor finds it by its pid file.
class Service {
 public:
  Service(std::string name, std::vector<uint16_t> ports)
      : name_(std::move(name)), ports_(std::move(ports)) {}
  virtual ~Service() = default;

  const std::string& name() const { return name_; }
  const std::vector<uint16_t>& ports() const { return ports_; }
  // Where the reason stands when it ends by itself.
  virtual std::string log_file() const = 0;

  // Zero when it does not run.
  virtual Task<int> Pid() = 0;
  // How it ended when it last did, as far as Pid has seen that; a process that another supervisor
  // started cannot be asked.
  virtual std::optional<int> exit_status() const { return std::nullopt; }
  // Starts it; it must not run. MariaDB answers when this returns, other programs have begun.
  virtual Task<Result<>> Start(const Context& ctx) = 0;
  // Ends it in good order, or by force when ctx ends first. Ok when it does not run.
  virtual Task<Result<>> Stop(const Context& ctx) = 0;

 private:
  std::string name_;
  std::vector<uint16_t> ports_;
};

// `program` with its path. The first two arguments tell it apart from others of its kind.
std::unique_ptr<Service> MakeProgram(const Layout& layout, std::string name, std::string program,
                                     std::vector<std::string> arguments,
                                     std::vector<uint16_t> ports);

// The tablet's MariaDB; made from the layout's template at its first start.
std::unique_ptr<Service> MakeMysql(const Layout& layout, const TabletPlace& tablet);

// The cluster's ZooKeeper server; made at its first start.
std::unique_ptr<Service> MakeZookeeper(const Layout& layout);

// The end of a file, from a line's beginning, at most `bytes`.
std::string LastLines(const std::string& path, size_t bytes);

}  // namespace tessera::localcluster
