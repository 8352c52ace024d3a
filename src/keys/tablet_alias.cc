// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "keys/tablet_alias.h"

#include <charconv>

#include <fmt/core.h>

namespace tessera::keys {

std::string TabletAlias::ToString() const { return fmt::format("{}-{:010}", cell, uid); }

Result<TabletAlias> ParseTabletAlias(std::string_view text) {
  const auto bad = [text] {
    return Errorf(Code::kInvalidArgument, "invalid tablet alias: '{}'", text)
        .WithHint("an alias is cell-uid, as in zone1-0000000100");
  };
  const size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || dash == 0 || dash + 1 == text.size()) return bad();
  const std::string_view cell = text.substr(0, dash);
  for (const char c : cell) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '-' && c != '_' && c != '.') return bad();
  }
  TabletAlias alias;
  alias.cell = cell;
  const char* end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data() + dash + 1, end, alias.uid);
  if (status != std::errc() || stop != end) return bad();
  return alias;
}

}  // namespace tessera::keys
