// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tessera::keys {

// Where a row lives: bytes compared from the left, trailing zero bytes left out. Usually eight of
// them, so that the string keeps them in place and copying costs no allocation.
using KeyspaceId = std::string;

// Keyspace ids from start up to but without end. An empty start is the smallest id, an empty end
// lies past the largest. A default range is the whole keyspace.
struct KeyRange {
  std::string start;
  std::string end;

  // True when every id is inside. Bounds of zero bytes only count as empty.
  bool IsComplete() const;
  bool Contains(std::string_view keyspace_id) const;
  bool ContainsRange(const KeyRange& other) const;
  bool Intersects(const KeyRange& other) const;
  // True when next begins where this one ends.
  bool IsFollowedBy(const KeyRange& next) const;

  // "80-c0" in lower-case hex; "-" for the complete range.
  std::string ToString() const;

  friend bool operator==(const KeyRange& a, const KeyRange& b);
};

// Orders by start, then by end. Negative, zero or positive.
int CompareKeyRanges(const KeyRange& a, const KeyRange& b);
int CompareKeyspaceIds(std::string_view a, std::string_view b);

// Reads "start-end" in hex; either side may be empty. start must lie before a non-empty end.
Result<KeyRange> ParseKeyRange(std::string_view text);

std::string HexEncode(std::string_view bytes);
Result<std::string> HexDecode(std::string_view hex);

// The range of all ids that begin with prefix: [prefix, prefix + 1). An empty prefix gives the
// complete range.
KeyRange PrefixRange(std::string_view prefix);

}  // namespace tessera::keys
