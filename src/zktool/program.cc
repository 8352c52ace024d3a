// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "zktool/program.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>

#include <fmt/core.h>
#include <unistd.h>

#include "flags/command_set.h"
#include "flags/flag_set.h"
#include "runtime/loop_pool.h"
#include "topo_zk/zk_tls_flags.h"
#include "zktool/commands.h"
#include "zktool/zk_paths.h"

namespace tessera::zktool {

namespace {

using flags::Flag;

constexpr std::string_view kExamples =
    "Paths begin with a slash; *, ? and [...] stand for names within one part of them. Words\n"
    "that begin otherwise, or with file:, are local files.\n"
    "\n"
    "  zk --server 127.0.0.1:2181 ls -R '/vitess/*'\n"
    "  zk --server 127.0.0.1:2181 cat -p /vitess/zone1/tablets/zone1-0000000100/Tablet\n"
    "  zk --server 127.0.0.1:2181 zip /vitess/global global.zip\n"
    "\n"
    "Without --server, /zk/CELL/... is asked of the servers that the JSON file in "
    "ZK_CLIENT_CONFIG\n"
    "(or /etc/zookeeper/zk_client.json) names for the cell; the cell `local` is the one in\n"
    "ZK_CLIENT_LOCAL_CELL.\n";

// A flag with Vitess's long name and its one letter.
class Switch {
 public:
  Switch(std::string_view name, std::string_view letter, std::string_view help)
      : long_(name, false, help), short_(letter, false, "The same in one letter.") {}
  void Register(flags::FlagSet& set) { set.Add(long_, short_); }
  bool operator*() const { return *long_ || *short_; }

 private:
  Flag<bool> long_;
  Flag<bool> short_;
};

// What every command has.
struct Connection {
  Flag<std::string> server{"server", "", "host:port of ZooKeeper; several between commas."};
  Flag<std::string> auth{"auth", "", "scheme:auth to show to it, as digest:user:password."};
  Flag<std::chrono::nanoseconds> timeout{"timeout", std::chrono::seconds(15),
                                         "Longest wait for one answer."};
  topo_zk::ZkTlsFlags tls;
  void Register(flags::FlagSet& set) {
    set.Add(server, auth, timeout);
    tls.Register(set);
  }
};

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

// The servers to ask: the flag's, or those the first path leads to.
Result<std::string> Servers(const Connection& connection, const Words& words) {
  if (!connection.server->empty()) return *connection.server;
  const auto path = std::find_if(words.begin(), words.end(),
                                 [](const std::string& word) { return word.starts_with('/'); });
  std::string file = Environment("ZK_CLIENT_CONFIG");
  if (file.empty()) file = "/etc/zookeeper/zk_client.json";
  std::ifstream config(file);
  if (path == words.end() || !config) {
    return Error(Code::kInvalidArgument, "no ZooKeeper server is given")
        .WithHint("give --server host:port, or a file of cells in ZK_CLIENT_CONFIG");
  }
  const std::string text((std::istreambuf_iterator<char>(config)),
                         std::istreambuf_iterator<char>());
  return ServersOfPath(*path, text, Environment("ZK_CLIENT_LOCAL_CELL"));
}

using Work = std::function<Task<Result<>>(const Context&, Client, Words)>;

Task<Result<>> Connected(const Context& ctx, const Connection& connection, const Work& work,
                         Words words) {
  topo_zk::ZkOptions options;
  options.request_timeout = *connection.timeout;
  if (!connection.auth->empty()) {
    const size_t colon = connection.auth->find(':');
    if (colon == std::string::npos)
      co_return Error(Code::kInvalidArgument, "--auth takes scheme:auth, as digest:user:password");
    options.auth_scheme = connection.auth->substr(0, colon);
    options.auth = connection.auth->substr(colon + 1);
  }
  CO_TRY(options.tls, co_await connection.tls.ToConfig());
  CO_TRY(const std::string servers, Servers(connection, words));
  CO_TRY(const Client client, topo_zk::ZkClient::Make(servers, std::move(options)));
  const Result<> done = co_await work(ctx, client, std::move(words));
  co_await client->Close();
  co_return done;
}

Task<int> Report(const Context& ctx, std::string_view command, const Connection& connection,
                 const Work& work, Words words) {
  const Result<> done = co_await Connected(ctx, connection, work, std::move(words));
  if (done.ok()) co_return 0;
  std::fprintf(stderr, "%s\n", fmt::format("zk {}: {}", command, done.error().ToString()).c_str());
  co_return 1;
}

// "-lR" as "-l" and "-R", where all are letters the command knows.
Words Spread(const flags::FlagSet& set, const Words& words) {
  Words out;
  for (const std::string& word : words) {
    const bool many = word.size() > 2 && word[0] == '-' &&
                      std::all_of(word.begin() + 1, word.end(), [&](char letter) {
                        return set.Find(std::string_view(&letter, 1)) != nullptr;
                      });
    if (!many) out.push_back(word);
    for (size_t i = 1; many && i < word.size(); ++i) out.push_back(std::string("-") + word[i]);
  }
  return out;
}

// One command: its own flags are registered with `set` already, and `work` reads them.
int RunCommand(std::string_view command, flags::FlagSet& set, const Words& words, size_t least,
               size_t most, const Work& work) {
  Connection connection;
  connection.Register(set);
  const Result<Words> rest = set.Parse(Spread(set, words));
  if (set.help_asked()) {
    std::printf("%s", set.Help().c_str());
    return 0;
  }
  if (!rest.ok() || rest->size() < least || rest->size() > most) {
    const std::string what = rest.ok()
                                 ? fmt::format("{} words are too few or too many", rest->size())
                                 : rest.error().ToString();
    std::fprintf(stderr, "%s\n",
                 fmt::format("zk {0}: {1}; zk {0} --help tells more", command, what).c_str());
    return 2;
  }
  return runtime::RunLoop(
      [&](const Context& ctx) { return Report(ctx, command, connection, work, *rest); });
}

constexpr size_t kMany = 10000;

int RunLs(const Words& words) {
  flags::FlagSet set("zk ls", "Lists what is under nodes.", "[flags] PATH...");
  Switch details("longlisting", "l", "Kind, version, size, children and time before each.");
  Switch directories("directorylisting", "d", "The nodes themselves, not what is under them.");
  Switch recursive("recursivelisting", "R", "All that is below.");
  Switch force("force", "f", "Nodes that are not there are no error.");
  for (Switch* each : {&details, &directories, &recursive, &force}) each->Register(set);
  return RunCommand("ls", set, words, 1, kMany, [&](const Context& ctx, Client client, Words rest) {
    ListOptions options;
    options.details = *details;
    options.directories = *directories;
    options.recursive = *recursive;
    options.force = *force;
    return List(ctx, std::move(client), std::move(rest), options);
  });
}

int RunCat(const Words& words) {
  flags::FlagSet set("zk cat", "Prints what nodes hold.", "[flags] PATH...");
  Switch names("longListing", "l", "Each node's path before its contents.");
  Switch decode("decodeProto", "p", "Records of the topology as text.");
  Switch force("force", "f", "Nodes that are not there are no error.");
  for (Switch* each : {&names, &decode, &force}) each->Register(set);
  return RunCommand("cat", set, words, 1, kMany,
                    [&](const Context& ctx, Client client, Words rest) {
                      CatOptions options;
                      options.names = *names;
                      options.decode = *decode;
                      options.force = *force;
                      return Cat(ctx, std::move(client), std::move(rest), options);
                    });
}

int RunStat(const Words& words) {
  flags::FlagSet set("zk stat", "Shows all that is known of nodes, and their ACLs.",
                     "[flags] PATH...");
  Switch force("force", "f", "Nodes that are not there are no error.");
  force.Register(set);
  return RunCommand("stat", set, words, 1, kMany,
                    [&](const Context& ctx, Client client, Words rest) {
                      return Stat(ctx, std::move(client), std::move(rest), *force);
                    });
}

int RunWait(const Words& words) {
  flags::FlagSet set("zk wait",
                     "Waits until a node changes, appears or goes; its children, with a slash at "
                     "the path's end.",
                     "[flags] PATH");
  Switch exit("exit", "e", "Do not wait when the node is there.");
  exit.Register(set);
  return RunCommand("wait", set, words, 1, 1, [&](const Context& ctx, Client client, Words rest) {
    return Wait(ctx, std::move(client), std::move(rest[0]), *exit);
  });
}

int RunWatch(const Words& words) {
  flags::FlagSet set("zk watch", "Prints each change of nodes, for ever.", "PATH...");
  return RunCommand("watch", set, words, 1, kMany,
                    [](const Context& ctx, Client client, Words rest) {
                      return Watch(ctx, std::move(client), std::move(rest));
                    });
}

int RunCp(const Words& words) {
  flags::FlagSet set("zk cp",
                     "Copies between nodes and local files (file:NAME, or without a slash in "
                     "front). A target that ends with a slash takes several.",
                     "FROM... TO");
  return RunCommand("cp", set, words, 2, kMany, [](const Context& ctx, Client client, Words rest) {
    return Copy(ctx, std::move(client), std::move(rest));
  });
}

int RunEdit(const Words& words) {
  flags::FlagSet set("zk edit", "Opens a node in $EDITOR and writes it back.", "[flags] PATH");
  Switch force("force", "f", "A node that is not there is no error.");
  force.Register(set);
  return RunCommand("edit", set, words, 1, 1, [&](const Context& ctx, Client client, Words rest) {
    return Edit(ctx, std::move(client), std::move(rest[0]), *force);
  });
}

int RunTouch(const Words& words) {
  flags::FlagSet set("zk touch", "Sets the time of nodes, and makes those that are missing.",
                     "[flags] PATH...");
  Switch parents("createparent", "p", "Make the nodes above, too.");
  Switch no_create("touchonly", "c", "Make nothing.");
  for (Switch* each : {&parents, &no_create}) each->Register(set);
  return RunCommand("touch", set, words, 1, kMany,
                    [&](const Context& ctx, Client client, Words rest) {
                      TouchOptions options;
                      options.parents = *parents;
                      options.no_create = *no_create;
                      return Touch(ctx, std::move(client), std::move(rest), options);
                    });
}

int RunRm(const Words& words) {
  flags::FlagSet set("zk rm", "Deletes nodes.", "[flags] PATH...");
  Switch recursive("recursivedelete", "r", "With all that is below.");
  Switch force("force", "f", "Nodes that are not there are no error.");
  for (Switch* each : {&recursive, &force}) each->Register(set);
  return RunCommand("rm", set, words, 1, kMany, [&](const Context& ctx, Client client, Words rest) {
    RemoveOptions options;
    options.recursive = *recursive;
    options.force = *force;
    return Remove(ctx, std::move(client), std::move(rest), options);
  });
}

int RunChmod(const Words& words) {
  flags::FlagSet set("zk chmod",
                     "Changes what the ACLs of nodes allow: n+rw, n-d, n=rwcda (read, write, "
                     "create and delete children, admin).",
                     "MODE PATH...");
  return RunCommand("chmod", set, words, 2, kMany,
                    [](const Context& ctx, Client client, Words rest) {
                      std::string mode = std::move(rest.front());
                      rest.erase(rest.begin());
                      return ChangeMode(ctx, std::move(client), std::move(mode), std::move(rest));
                    });
}

int RunAddAuth(const Words& words) {
  flags::FlagSet set("zk addAuth",
                     "Shows a name and password to the server, to see that it takes them; other "
                     "commands take --auth.",
                     "SCHEME USER:PASSWORD");
  return RunCommand("addAuth", set, words, 2, 2, [](const Context& ctx, Client client, Words rest) {
    return AddAuth(ctx, std::move(client), std::move(rest[0]), std::move(rest[1]));
  });
}

int RunZip(const Words& words) {
  flags::FlagSet set("zk zip", "Writes nodes and what is below them into a zip archive.",
                     "PATH... ARCHIVE");
  return RunCommand("zip", set, words, 2, kMany, [](const Context& ctx, Client client, Words rest) {
    std::string archive = std::move(rest.back());
    rest.pop_back();
    return Zip(ctx, std::move(client), std::move(rest), std::move(archive));
  });
}

int RunUnzip(const Words& words) {
  flags::FlagSet set("zk unzip", "Makes or overwrites the nodes of an archive below a path.",
                     "ARCHIVE PATH");
  return RunCommand("unzip", set, words, 2, 2, [](const Context& ctx, Client client, Words rest) {
    return Unzip(ctx, std::move(client), std::move(rest[0]), std::move(rest[1]));
  });
}

// Flags before the command's name belong to it like those behind.
Words CommandFirst(int argc, const char* const* argv) {
  Words before;
  int i = 1;
  for (; i < argc && argv[i][0] == '-'; ++i) {
    const std::string word = argv[i];
    before.push_back(word);
    if (word == "-h" || word == "--help") break;
    if (word.find('=') == std::string::npos && i + 1 < argc) before.emplace_back(argv[++i]);
  }
  Words out(argv + i, argv + argc);
  if (!out.empty()) out.insert(out.begin() + 1, before.begin(), before.end());
  return out;
}

}  // namespace

int RunZk(int argc, const char* const* argv) {
  flags::CommandSet set;
  set.program = "zk";
  set.summary = "Looks into ZooKeeper and changes what is there.";
  set.example = kExamples;
  set.commands = {
      {"addAuth", "see whether the server takes a name and password", RunAddAuth},
      {"cat", "print what nodes hold, records decoded with -p", RunCat},
      {"chmod", "change what ACLs allow", RunChmod},
      {"cp", "copy between nodes and local files", RunCp},
      {"edit", "open a node in $EDITOR", RunEdit},
      {"ls", "list nodes", RunLs},
      {"rm", "delete nodes", RunRm},
      {"stat", "show all that is known of nodes", RunStat},
      {"touch", "set the time of nodes, or make them", RunTouch},
      {"unzip", "make the nodes of an archive", RunUnzip},
      {"wait", "wait until a node changes", RunWait},
      {"watch", "print each change of nodes", RunWatch},
      {"zip", "write nodes into an archive", RunZip},
  };
  const Words words = CommandFirst(argc, argv);
  std::vector<const char*> raw(1, argv[0]);
  for (const std::string& word : words) raw.push_back(word.c_str());
  return set.Run(static_cast<int>(raw.size()), raw.data());
}

}  // namespace tessera::zktool
