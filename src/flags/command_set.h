// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::flags {

// One word of a program that has several: `tessera up`.
struct Command {
  std::string_view name;
  std::string_view summary;  // half a sentence for the list; empty keeps it out of the list
  // Takes the words after the name, gives the exit status.
  std::function<int(const std::vector<std::string>&)> run;
};

// A program made of commands. Without a word, or with help, it lists them.
struct CommandSet {
  std::string_view program;
  std::string_view summary;  // one sentence
  std::string_view example;  // shown under the list
  std::vector<Command> commands;

  // Runs the command named first on the line. Status 2 and the nearest name when there is none.
  int Run(int argc, const char* const* argv) const;
  std::string Help() const;

 private:
  int Unknown(std::string_view word) const;
};

}  // namespace tessera::flags
