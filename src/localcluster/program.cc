// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "localcluster/program.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "localcluster/folder.h"
#include "localcluster/internal/commands.h"
#include "runtime/signals.h"

namespace tessera::localcluster {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kHelp =
    "tessera: A whole cluster on one machine: topology, MariaDB servers, tablets and gates.\n"
    "\n"
    "Usage: tessera COMMAND [flags]\n"
    "\n"
    "Commands:\n"
    "  up        start a cluster, new or from its folder\n"
    "  status    show its processes\n"
    "  connect   open a MySQL client on it\n"
    "  vschema   print or change how a keyspace is sharded\n"
    "  down      stop it; its data stays\n"
    "  demo      start one with a shop's data, and show how queries travel\n"
    "\n"
    "tessera COMMAND --help tells more. A first cluster of two shards:\n"
    "\n"
    "  tessera up --keyspace app --shards 2 --replicas 1\n"
    "  tessera connect app\n";

int Dispatch(const std::string& command, const Arguments& rest,
             const topo::Server::Factories& topologies) {
  if (command == "up") return RunUp(rest, topologies);
  if (command == "supervise") return RunSupervise(rest, topologies);
  if (command == "status") return RunStatus(rest);
  if (command == "down") return RunDown(rest);
  if (command == "connect") return RunConnect(rest);
  if (command == "vschema") return RunVSchema(rest, topologies);
  if (command == "demo") return RunDemo(rest, topologies);
  std::fprintf(stderr, "tessera: there is no command '%s'; tessera --help lists them\n",
               command.c_str());
  return 2;
}

}  // namespace

std::string DataFlag::Folder() const {
  const char* const home = std::getenv("HOME");
  const fs::path path =
      data->empty() ? fs::path(home != nullptr ? home : ".") / ".tessera" : fs::path(*data);
  return fs::absolute(path).lexically_normal().string();
}

Parsed ParseWords(flags::FlagSet& set, const Arguments& arguments, size_t most_rest) {
  Parsed out;
  Result<std::vector<std::string>> rest = set.Parse(arguments);
  if (set.help_asked()) {
    std::fputs(set.Help().c_str(), stdout);
    return out;
  }
  if (rest.ok() && rest->size() > most_rest)
    rest = Errorf(Code::kInvalidArgument, "unknown argument '{}'", (*rest)[most_rest]);
  if (!rest.ok()) {
    std::fprintf(stderr, "%s\n", rest.error().ToString().c_str());
    out.status = 2;
    return out;
  }
  out.go_on = true;
  out.rest = std::move(rest).value();
  return out;
}

int Fail(const std::string& command, const Error& error) {
  std::fprintf(stderr, "tessera %s: %s\n", command.c_str(), error.ToString().c_str());
  return 1;
}

Result<Layout> FindCluster(const std::string& dir) {
  TRY(std::optional<ClusterSpec> spec, ReadFolder(dir));
  if (!spec)
    return Errorf(Code::kNotFound, "there is no cluster in {}", dir)
        .WithHint("tessera up makes one; --data names another folder");
  return MakeLayout(dir, std::move(*spec));
}

std::string ProgramFolder() {
  std::error_code failed;
  return fs::read_symlink("/proc/self/exe", failed).parent_path().string();
}

std::string ConnectLine(const Layout& layout) {
  return fmt::format("mariadb -h 127.0.0.1 -P {}", layout.gates.front().mysql_port);
}

int RunTessera(int argc, const char* const* argv, topo::Server::Factories topologies) {
  const Arguments words(argv + 1, argv + argc);
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    std::fputs(std::string(kHelp).c_str(), words.empty() ? stderr : stdout);
    return words.empty() ? 2 : 0;
  }
  return Dispatch(words[0], Arguments(words.begin() + 1, words.end()), topologies);
}

}  // namespace tessera::localcluster
