// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "flags/command_set.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "flags/flag_set.h"

namespace tessera::flags {

int CommandSet::Run(int argc, const char* const* argv) const {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    std::fputs(Help().c_str(), words.empty() ? stderr : stdout);
    return words.empty() ? 2 : 0;
  }
  const auto command = std::find_if(commands.begin(), commands.end(),
                                    [&](const Command& each) { return each.name == words[0]; });
  if (command == commands.end()) return Unknown(words[0]);
  return command->run({words.begin() + 1, words.end()});
}

std::string CommandSet::Help() const {
  size_t width = 0;
  for (const Command& command : commands) width = std::max(width, command.name.size());
  std::string out =
      fmt::format("{0}: {1}\n\nUsage: {0} COMMAND [flags]\n\nCommands:\n", program, summary);
  for (const Command& command : commands) {
    if (command.summary.empty()) continue;
    out += fmt::format("  {:<{}}  {}\n", command.name, width, command.summary);
  }
  out += fmt::format("\n{} COMMAND --help tells more. {}", program, example);
  return out;
}

int CommandSet::Unknown(std::string_view word) const {
  const Command* nearest = nullptr;
  size_t distance = 3;
  for (const Command& command : commands) {
    const size_t own = EditDistance(word, command.name);
    if (own >= distance || command.summary.empty()) continue;
    distance = own;
    nearest = &command;
  }
  const std::string hint = nearest != nullptr ? fmt::format("did you mean {}?", nearest->name)
                                              : fmt::format("{} --help lists them", program);
  std::fprintf(stderr, "%s\n",
               fmt::format("{}: there is no command '{}'; {}", program, word, hint).c_str());
  return 2;
}

}  // namespace tessera::flags
