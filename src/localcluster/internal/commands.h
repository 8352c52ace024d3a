// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "flags/flag_set.h"
#include "localcluster/layout.h"
#include "topo/server.h"

// The commands of the program tessera. Each takes the words after its name and gives an exit
// status.
namespace tessera::localcluster {

using Arguments = std::vector<std::string>;

int RunUp(const Arguments& arguments, const topo::Server::Factories& topologies);
int RunSupervise(const Arguments& arguments, const topo::Server::Factories& topologies);
int RunStatus(const Arguments& arguments);
int RunDown(const Arguments& arguments);
int RunConnect(const Arguments& arguments);
int RunVSchema(const Arguments& arguments, const topo::Server::Factories& topologies);
int RunDoctor(const Arguments& arguments, const topo::Server::Factories& topologies);
int RunDemo(const Arguments& arguments, const topo::Server::Factories& topologies);

// --data, and what follows from it.
struct DataFlag {
  flags::Flag<std::string> data{"data", "", "Folder of the cluster; empty is .tessera at home."};
  // Absolute.
  std::string Folder() const;
};

// Reads a command's words: nothing when the command has done its work (it was asked for help, or
// the words were wrong and the error is printed); `status` is then the exit status.
struct Parsed {
  bool go_on = false;
  int status = 0;
  std::vector<std::string> rest;
};
Parsed ParseWords(flags::FlagSet& set, const Arguments& arguments, size_t most_rest);

// Prints "tessera COMMAND: ..." and gives 1.
int Fail(const std::string& command, const Error& error);

// The layout of the cluster that lives in the folder; kNotFound when none does.
Result<Layout> FindCluster(const std::string& dir);

// The folder of this program, where vttablet and vtgate are too.
std::string ProgramFolder();

// "mariadb -h 127.0.0.1 -P 15306"
std::string ConnectLine(const Layout& layout);

// Lifts a cluster in this process, runs `then` while it is up, and takes it down again.
using Then = std::function<Task<Result<>>(const Context&, const Layout&)>;
Task<Result<>> RunInForeground(const Context& ctx, Layout layout,
                               const topo::Server::Factories& topologies,
                               std::chrono::nanoseconds wait, const Then& then);

}  // namespace tessera::localcluster
