// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flags/flag_set.h"

namespace tessera::flags {

inline constexpr std::string_view kCommandLine = "command line";

// Where a program looks for its configuration file. Names and defaults are Vitess's.
struct ConfigFlags {
  Flag<std::string> file{"config-file", "",
                         "Configuration file. Given, the other --config- flags but the type and "
                         "the handling say nothing."};
  Flag<std::vector<std::string>> path{
      "config-path", {"."}, "Folders in which a configuration file is looked for."};
  Flag<std::string> name{"config-name", "vtconfig",
                         "Its name there, without .yaml, .yml, .json or .toml."};
  Flag<std::string> type{"config-type", "",
                         "yaml, json or toml, where the file's name does not tell."};
  Flag<std::string> not_found{"config-file-not-found-handling", "warn",
                              "When there is no such file: ignore, warn (if a --config- flag asked "
                              "for one), error or exit; the last two end the program."};
};

enum class ConfigType : uint8_t { kYaml, kJson, kToml };

// "yaml", "yml", "json" or "toml".
std::optional<ConfigType> ParseConfigType(std::string_view name);

// One line of a configuration: a flag's name and its value, or the words of a list.
struct ConfigEntry {
  std::string key;
  std::vector<std::string> values;
  bool list = false;
  size_t line = 0;  // from 1; 0 when the format did not tell
};

// The entries of a configuration, in their order. A configuration is one map from names of flags to
// scalars and lists of scalars. The error's message begins with "LINE: " as far as a line is known.
Result<std::vector<ConfigEntry>> ReadConfig(std::string_view text, ConfigType type);

// The text of a configuration file. kInvalidArgument names it: it cannot be read, or is too long.
Result<std::string> ReadConfigFile(const std::string& path);

}  // namespace tessera::flags
