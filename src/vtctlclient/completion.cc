// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctlclient/internal/completion.h"

#include <cstdio>

#include <fmt/format.h>

namespace tessera::vtctlclient {

namespace {

std::string FlagsOf(const Command& command) {
  const std::unique_ptr<Action> action = command.make();
  flags::FlagSet set{std::string(command.name), ""};
  action->Register(set);
  std::string text;
  for (const flags::FlagBase* flag : set.flags())
    text += fmt::format("{}--{}", text.empty() ? "" : " ", flag->name());
  if (TakesDryRun(command)) text += text.empty() ? "--dry-run" : " --dry-run";
  return text;
}

// bash, and zsh by its bashcompinit.
std::string Bash(std::string_view program, const std::vector<Command>& commands) {
  std::string names;
  std::string cases;
  for (const Command& command : commands) {
    names += fmt::format("{}{}", names.empty() ? "" : " ", command.name);
    const std::string flags = FlagsOf(command);
    if (!flags.empty()) cases += fmt::format("    {}) words=\"{}\" ;;\n", command.name, flags);
  }
  return fmt::format(
      "_{0}() {{\n"
      "  local word=\"${{COMP_WORDS[COMP_CWORD]}}\" each command= words=\n"
      "  for each in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    case \" {1} \" in *\" $each \"*) command=$each; break ;; esac\n"
      "  done\n"
      "  case \"$command\" in\n"
      "    '') words=\"{1}\" ;;\n"
      "{2}"
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "}}\n"
      "complete -F _{0} {0}\n",
      program, names, cases);
}

std::string Fish(std::string_view program, const std::vector<Command>& commands) {
  std::string text;
  for (const Command& command : commands) {
    text +=
        fmt::format("complete -c {} -f -n __fish_use_subcommand -a {}\n", program, command.name);
  }
  return text;
}

}  // namespace

int PrintCompletion(std::string_view program, const std::vector<Command>& commands,
                    const Words& shell) {
  std::string text;
  if (shell.size() == 1 && shell[0] == "bash") text = Bash(program, commands);
  if (shell.size() == 1 && shell[0] == "zsh")
    text = "autoload -U +X bashcompinit && bashcompinit\n" + Bash(program, commands);
  if (shell.size() == 1 && shell[0] == "fish") text = Fish(program, commands);
  if (text.empty()) {
    std::fprintf(stderr, "%s\n",
                 fmt::format("{} completion: name a shell: bash, zsh or fish", program).c_str());
    return 2;
  }
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace tessera::vtctlclient
