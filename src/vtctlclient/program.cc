// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctlclient/program.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "flags/command_set.h"
#include "rpc/tls_files.h"
#include "runtime/loop_pool.h"
#include "tmclient/flags.h"
#include "topo/topo_flags.h"
#include "vtctl/effects.h"
#include "vtctlclient/internal/command.h"
#include "vtctlclient/internal/completion.h"
#include "vtctlclient/internal/services.h"

namespace tessera::vtctlclient {

using flags::Flag;

namespace {

constexpr std::string_view kInternal = "internal";

// What every command takes.
struct GlobalFlags {
  explicit GlobalFlags(std::string_view default_server)
      : server("server", std::string(default_server),
               "The vtctld to ask, as host:port; internal does it in this process.") {}

  Flag<std::string> server;
  Flag<std::chrono::nanoseconds> timeout{"action-timeout", std::chrono::hours(1),
                                         "Longest wait for the whole command."};
  Flag<bool> compact{"compact", false, "Leave empty fields out of JSON."};
  topo::TopoFlags topo;
  Flag<std::string> cert{"vtctld-grpc-cert", "", "Certificate to show to vtctld."};
  Flag<std::string> key{"vtctld-grpc-key", "", "Its key."};
  Flag<std::string> ca{"vtctld-grpc-ca", "",
                       "Authority of vtctld's certificate; turns TLS to it on."};
  Flag<std::string> crl{"vtctld-grpc-crl", "", "Revoked certificates of vtctlds."};
  Flag<std::string> name{"vtctld-grpc-server-name", "",
                         "Name vtctld's certificate is for, if not its host."};
  tmclient::Flags tablets;

  void Register(flags::FlagSet& set, const topo::Server::Factories& topologies) {
    set.Add(server, timeout, compact);
    topo.Register(set, topologies);
    set.Add(cert, key, ca, crl, name);
    tablets.Register(set);
  }
  Result<rpc::ChannelOptions> ToVtctld() const {
    rpc::ChannelOptions options;
    TRY(options.tls, rpc::LoadClientTls({*cert, *key, *ca, *crl, *name}));
    return options;
  }
};

struct Program {
  std::string_view name;
  std::string_view default_server;
  topo::Server::Factories topologies;
};

std::vector<Command> AllCommands() {
  std::vector<Command> all;
  for (const auto& commands :
       {&CellCommands, &RuleCommands, &ReplicationGraphCommands, &KeyspaceCommands, &ShardCommands,
        &TabletCommands, &ReplicationCommands, &SchemaCommands, &VSchemaCommands, &ServingCommands,
        &QueryCommands, &TopologyCommands, &ValidateCommands, &RecordCommands}) {
    for (Command& command : commands()) all.push_back(std::move(command));
  }
  std::sort(all.begin(), all.end(),
            [](const Command& a, const Command& b) { return a.name < b.name; });
  return all;
}

// Commands print what they have done, which a dry run has not. A process runs one command.
bool silent = false;

// What a run says beside its answer, and, of a dry run, all that is said.
struct Talk {
  Hearing ToHearing(bool dry_run) {
    Hearing hearing;
    hearing.progress = [](std::string_view line) {
      std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
    };
    if (dry_run) hearing.step = [this](std::string step) { steps.push_back(std::move(step)); };
    return hearing;
  }

  // An error tells by itself that nothing was changed, unless steps come before it.
  void PrintSteps(std::string_view command, const Result<>& done) const {
    if (!done.ok() && steps.empty()) return;
    std::string text = fmt::format("=== DRY RUN ===\n{}, really run, would ", command);
    text += steps.empty() ? "change nothing" : done.ok() ? "do this:" : "do this, and then fail:";
    for (const std::string& step : steps) text.append("\n").append(step);
    std::printf("%s\n", text.c_str());
  }

  std::vector<std::string> steps;
};

Task<Result<>> RunRemote(const Context& ctx, const GlobalFlags& global, Action& action,
                         const Words& words, Hearing hearing, bool own_dry_run) {
  if (global.server->empty()) {
    co_return Error(Code::kInvalidArgument, "no vtctld is named")
        .WithHint("--server host:port, or --server internal and the topology's flags");
  }
  CO_TRY(const runtime::Address address, runtime::Address::Parse(*global.server));
  CO_TRY(const rpc::ChannelOptions options, global.ToVtctld());
  RemoteService service(address, options, std::move(hearing));
  const vtctl::JsonStyle style{*global.compact};
  Call call{&service, words, style, nullptr, own_dry_run};
  Result<> done = co_await action.Run(ctx, call);
  co_await service.Close();
  co_return done;
}

Task<Result<>> RunInternal(const Context& ctx, const GlobalFlags& global,
                           const topo::Server::Factories& topologies, Action& action,
                           const Words& words, Hearing hearing, bool own_dry_run) {
  CO_TRY(const rpc::ChannelOptions options, global.tablets.ToOptions());
  CO_TRY(const std::unique_ptr<LocalService> service,
         co_await LocalService::Open(ctx, global.topo.ToOptions(), topologies, options,
                                     std::move(hearing)));
  const vtctl::JsonStyle style{*global.compact};
  Call call{service.get(), words, style, &service->topology(), own_dry_run};
  Result<> done = co_await action.Run(ctx, call);
  co_await service->Close();
  co_return done;
}

Task<Result<>> RunAlone(const Context& ctx, Action& action, const Words& words) {
  Call call{nullptr, words, {}, nullptr, false};
  co_return co_await action.Run(ctx, call);
}

Task<int> Main(const Context& parent, const Program& program, const GlobalFlags& global,
               const Command& command, Action& action, const Words& words, bool dry_run) {
  const bool own = dry_run && command.own_dry_run;
  const bool watched = dry_run && !own;
  silent = watched;
  Talk talk;
  Hearing hearing = talk.ToHearing(watched);
  const Context ctx = parent.WithTimeout(*global.timeout);
  Result<> done = Ok{};
  if (command.asks_nobody) {
    done = co_await RunAlone(ctx, action, words);
  } else if (*global.server == kInternal) {
    done = co_await RunInternal(ctx, global, program.topologies, action, words, std::move(hearing),
                                own);
  } else {
    done = co_await RunRemote(ctx, global, action, words, std::move(hearing), own);
  }
  if (watched) talk.PrintSteps(command.name, done);
  std::fflush(stdout);
  if (done.ok()) co_return 0;
  std::fprintf(
      stderr, "%s\n",
      fmt::format("{} {}: {}", program.name, command.name, done.error().ToString()).c_str());
  co_return 1;
}

int Refuse(const Program& program, const Command& command, const Error& error) {
  std::fprintf(stderr, "%s\n",
               fmt::format("{} {}: {}", program.name, command.name, error.ToString()).c_str());
  return 2;
}

Result<> CheckCount(const Command& command, size_t count) {
  if (count >= command.least && count <= command.most) return Ok{};
  Error error = count < command.least ? Errorf(Code::kInvalidArgument, "too few arguments")
                                      : Errorf(Code::kInvalidArgument, "too many arguments");
  return std::move(error).WithHint(fmt::format("{} {}", command.name, command.arguments));
}

int RunCommand(const Program& program, const Command& command, const Words& arguments) {
  GlobalFlags global(program.default_server);
  const std::unique_ptr<Action> action = command.make();
  flags::FlagSet set(fmt::format("{} {}", program.name, command.name), std::string(command.summary),
                     fmt::format("[flags] {}", command.arguments));
  action->Register(set);
  Flag<bool> dry_run{"dry-run", false, "Show what would be done, and change nothing."};
  if (TakesDryRun(command)) set.Add(dry_run);
  global.Register(set, program.topologies);
  set.AddConfigFlags();
  const Result<Words> words = set.Parse(arguments);
  if (set.help_asked()) {
    std::printf("%s\nExample:\n  %s\n", set.Help().c_str(),
                fmt::format("{} {}", program.name, command.example).c_str());
    return 0;
  }
  if (!words.ok()) return Refuse(program, command, words.error());
  const Result<> counted = CheckCount(command, words->size());
  if (!counted.ok()) return Refuse(program, command, counted.error());
  return runtime::RunLoop([&](const Context& ctx) {
    return Main(ctx, program, global, command, *action, *words, *dry_run);
  });
}

// Flags may stand before the command's name: it is put first, and they after it.
Words CommandFirst(const Program& program, Words words) {
  GlobalFlags global(program.default_server);
  flags::FlagSet set{std::string(program.name), ""};
  global.Register(set, program.topologies);
  set.AddConfigFlags();
  for (size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (!word.starts_with('-')) {
      std::rotate(words.begin(), words.begin() + static_cast<ptrdiff_t>(i),
                  words.begin() + static_cast<ptrdiff_t>(i) + 1);
      break;
    }
    word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
    const flags::FlagBase* const flag = set.Find(word.substr(0, word.find('=')));
    if (flag != nullptr && !flag->is_bool() && word.find('=') == std::string_view::npos) ++i;
  }
  return words;
}

int Run(const Program& program, int argc, const char* const* argv) {
  const std::vector<Command> commands = AllCommands();
  flags::CommandSet set;
  set.program = program.name;
  set.summary = "Shows and changes a cluster: cells, keyspaces, shards, tablets, schemas.";
  const std::string example = fmt::format(
      "For example:\n\n  {0} --server localhost:15999 GetTablets\n"
      "  source <({0} completion bash)\n",
      program.name);
  set.example = example;
  for (const Command& command : commands) {
    set.commands.push_back({command.name, command.summary, [&program, &command](const Words& rest) {
                              return RunCommand(program, command, rest);
                            }});
  }
  set.commands.push_back(
      {"completion", "print what a shell needs to complete commands",
       [&](const Words& rest) { return PrintCompletion(program.name, commands, rest); }});
  const Words ordered = CommandFirst(program, {argv + 1, argv + argc});
  std::vector<const char*> line{argv[0]};
  for (const std::string& word : ordered) line.push_back(word.c_str());
  return set.Run(static_cast<int>(line.size()), line.data());
}

}  // namespace

bool TakesDryRun(const Command& command) {
  return !command.asks_nobody && !vtctl::ChangesNothing(command.name);
}

void Print(std::string_view text) {
  if (silent) return;
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

int RunVtctldclient(int argc, const char* const* argv, topo::Server::Factories topologies) {
  return Run({"vtctldclient", "", std::move(topologies)}, argc, argv);
}

int RunVtctl(int argc, const char* const* argv, topo::Server::Factories topologies) {
  return Run({"vtctl", kInternal, std::move(topologies)}, argc, argv);
}

}  // namespace tessera::vtctlclient
