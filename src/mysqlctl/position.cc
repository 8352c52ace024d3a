// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlctl/position.h"

#include <charconv>

namespace tessera::mysqlctl {

namespace {

// Takes a number and the mark behind it off the front of the text.
template <class T>
bool TakeNumber(std::string_view& text, char mark, T& out) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  if (parsed.ec != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(parsed.ptr - text.data()));
  if (mark == '\0') return text.empty();
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(1);
  return true;
}

std::string_view WithoutBlanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

Result<PositionText> SplitPosition(std::string_view text) {
  PositionText out;
  if (text.empty()) return out;
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0) {
    return Errorf(Code::kInvalidArgument, "'{}' is no replication position", text.substr(0, 200))
        .WithHint("It begins with the server's flavor: MariaDB/0-1-5");
  }
  out.flavor = text.substr(0, slash);
  out.gtids = text.substr(slash + 1);
  return out;
}

Result<MariaDbPosition> ParseMariaDbPosition(std::string_view gtids) {
  MariaDbPosition position;
  std::string_view rest = WithoutBlanks(gtids);
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    const std::string_view word = WithoutBlanks(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    std::string_view left = word;
    uint32_t domain = 0;
    MariaDbGtid gtid;
    if (!TakeNumber(left, '-', domain) || !TakeNumber(left, '-', gtid.server) ||
        !TakeNumber(left, '\0', gtid.sequence)) {
      return Errorf(Code::kInvalidArgument, "'{}' is no MariaDB GTID", word.substr(0, 100))
          .WithHint("It has the form domain-server-sequence: 0-1-5");
    }
    MariaDbGtid& known = position[domain];
    if (gtid.sequence >= known.sequence) known = gtid;
  }
  return position;
}

bool AtLeast(const MariaDbPosition& reached, const MariaDbPosition& wanted) {
  for (const auto& [domain, gtid] : wanted) {
    const auto known = reached.find(domain);
    if (known == reached.end() || known->second.sequence < gtid.sequence) return false;
  }
  return true;
}

}  // namespace tessera::mysqlctl
