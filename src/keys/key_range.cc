// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "keys/key_range.h"

namespace tessera::keys {
namespace {

std::string_view Trim(std::string_view id) {
  while (!id.empty() && id.back() == '\0') id.remove_suffix(1);
  return id;
}

// Compares range ends, where empty is past every id.
int CompareEnds(std::string_view a, std::string_view b) {
  a = Trim(a);
  b = Trim(b);
  if (a.empty() || b.empty()) return static_cast<int>(a.empty()) - static_cast<int>(b.empty());
  return a.compare(b);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

int CompareKeyspaceIds(std::string_view a, std::string_view b) { return Trim(a).compare(Trim(b)); }

bool KeyRange::IsComplete() const { return Trim(start).empty() && Trim(end).empty(); }

bool KeyRange::Contains(std::string_view keyspace_id) const {
  const std::string_view id = Trim(keyspace_id);
  const std::string_view last = Trim(end);
  return id >= Trim(start) && (last.empty() || id < last);
}

bool KeyRange::Intersects(const KeyRange& other) const {
  if (IsComplete() || other.IsComplete()) return true;
  const std::string_view my_end = Trim(end);
  const std::string_view its_end = Trim(other.end);
  return (my_end.empty() || Trim(other.start) < my_end) &&
         (its_end.empty() || Trim(start) < its_end);
}

bool KeyRange::ContainsRange(const KeyRange& other) const {
  if (IsComplete()) return true;
  if (other.IsComplete()) return false;
  return Trim(other.start) >= Trim(start) && CompareEnds(other.end, end) <= 0;
}

bool KeyRange::IsFollowedBy(const KeyRange& next) const {
  if (IsComplete() || next.IsComplete()) return false;
  return Trim(end) == Trim(next.start);
}

std::string KeyRange::ToString() const {
  if (IsComplete()) return "-";
  return HexEncode(start) + "-" + HexEncode(end);
}

bool operator==(const KeyRange& a, const KeyRange& b) { return CompareKeyRanges(a, b) == 0; }

int CompareKeyRanges(const KeyRange& a, const KeyRange& b) {
  const int starts = CompareKeyspaceIds(a.start, b.start);
  return starts != 0 ? starts : CompareEnds(a.end, b.end);
}

std::string HexEncode(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    hex.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    hex.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
  return hex;
}

Result<std::string> HexDecode(std::string_view hex) {
  if (hex.size() % 2 != 0) {
    return Errorf(Code::kInvalidArgument, "'{}' is not hex: it has an odd number of digits", hex);
  }
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexDigit(hex[i]);
    const int low = HexDigit(hex[i + 1]);
    if (high < 0 || low < 0) return Errorf(Code::kInvalidArgument, "'{}' is not hex", hex);
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  return bytes;
}

Result<KeyRange> ParseKeyRange(std::string_view text) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos || text.find('-', dash + 1) != std::string_view::npos) {
    return Errorf(Code::kInvalidArgument, "malformed key range '{}'", text)
        .WithHint("a key range is start-end in hex, as in 40-80 or 80-");
  }
  KeyRange range;
  TRY(range.start, HexDecode(text.substr(0, dash)).Wrap("malformed key range"));
  TRY(range.end, HexDecode(text.substr(dash + 1)).Wrap("malformed key range"));
  if (!range.end.empty() && range.start >= range.end) {
    return Errorf(Code::kInvalidArgument, "malformed key range '{}': start is not before end",
                  text);
  }
  return range;
}

KeyRange PrefixRange(std::string_view prefix) {
  KeyRange range{std::string(prefix), std::string(prefix)};
  // Add one as to a big-endian number; past ff..ff the range is open.
  for (size_t i = range.end.size(); i-- > 0;) {
    range.end[i] = static_cast<char>(range.end[i] + 1);
    if (range.end[i] != 0) return range;
  }
  range.end.clear();
  return range;
}

}  // namespace tessera::keys
