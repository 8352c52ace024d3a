// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctlclient/internal/arguments.h"

#include <cstdio>

#include "flags/flag_set.h"
#include "keys/tablet_type.h"

namespace tessera::vtctlclient {

Result<> SetAlias(std::string_view word, topodata::TabletAlias& alias) {
  TRY(const keys::TabletAlias parsed, keys::ParseTabletAlias(word));
  alias.set_cell(parsed.cell);
  alias.set_uid(parsed.uid);
  return Ok{};
}

Result<topodata::TabletType> ParseType(std::string_view word) {
  TRY(const keys::TabletType type, keys::ParseTabletType(word));
  return static_cast<topodata::TabletType>(type);
}

Result<bool> ParseBool(std::string_view word) {
  bool value = false;
  const Result<> parsed = flags::ParseText(word, value);
  if (!parsed.ok()) return Errorf(Code::kInvalidArgument, "'{}' is neither true nor false", word);
  return value;
}

Result<std::string> ReadText(const std::string& path) {
  std::FILE* const file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (file == nullptr) return Errorf(Code::kNotFound, "cannot read {}", path);
  std::string text;
  char chunk[65536];
  for (size_t got = 0; (got = std::fread(chunk, 1, sizeof(chunk), file)) > 0;)
    text.append(chunk, got);
  const bool failed = std::ferror(file) != 0;
  if (file != stdin) std::fclose(file);
  if (failed) return Errorf(Code::kUnavailable, "cannot read {} to its end", path);
  return text;
}

Result<std::string> TextOrFile(const flags::Flag<std::string>& text,
                               const flags::Flag<std::string>& file) {
  if (text.given() == file.given()) {
    return Errorf(Code::kInvalidArgument, "exactly one of --{} and --{} is needed", text.name(),
                  file.name());
  }
  if (text.given()) return *text;
  return ReadText(*file);
}

}  // namespace tessera::vtctlclient
